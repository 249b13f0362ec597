/* create_internal.h: what the steps of creating one results file share. */
#ifndef FPSWEEP_STORE_CREATE_INTERNAL_H
#define FPSWEEP_STORE_CREATE_INTERNAL_H

#include "fpsweep/results.h"
#include "store/layout.h"

enum { FPS_CREATE_DIMENSIONS = 64 };

/* Everything that creating one file needs. */
typedef struct fps_creator {
    const fps_plan *plan;
    const fps_run_facts *facts;
    fps_text_memo *memo;
    fps_survey survey;
    fps_layout *layout;
    hid_t file, properties, bare; /* dataset creation: allocated early; a dimension without variable: never allocated */
    struct {
        char name[FPS_DIMENSION_NAME];
        hid_t scale;
    } dimension[FPS_CREATE_DIMENSIONS];
    int dimensions;
    hid_t number[FPS_RESULT_COUNT]; /* results of one number per task that have no name yet */
} fps_creator;

/* Create the dataset of a variable with its dimensions, units and long_name; the caller closes *dataset. */
fps_status fps_create_variable(fps_creator *creator, const fps_variable *variable, hid_t *dataset);

/* Coordinates and parameters: create and fill them for all tasks. */
fps_status fps_create_columns(fps_creator *creator);
/* Numbers of tasks and signs of life, all zero. */
fps_status fps_create_scalars(fps_creator *creator);
/* Results: created, not filled, but for those that are one number per task. */
fps_status fps_create_results(fps_creator *creator);

#endif
