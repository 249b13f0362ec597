/* survey.h: one pass over all tasks of a plan, before a file is created: what varies, and how much room it needs. */
#ifndef FPSWEEP_STORE_SURVEY_H
#define FPSWEEP_STORE_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/plan.h"
#include "store/text.h"

/* How one parameter behaves over the sweep. */
typedef struct fps_parameter_survey {
    bool varies;              /* two tasks differ */
    bool used;                /* by some task */
    int64_t minimum, maximum; /* of integers and widths */
    int text;                 /* longest text in bytes */
} fps_parameter_survey;

typedef struct fps_survey {
    fps_parameter_survey *parameter; /* [fps_parameter_count], owned */
    int layers;                      /* longest text of layers, bytes */
    bool dimension_varies, domain_varies;
    bool layers_vary; /* some network has layers of unequal width, and widths vary */
    char *datasets;   /* owned: "hash dimension samples path\n" per `data` file of the sweep; "" if none */
} fps_survey;

/* FPS_ERROR_INPUT if a task's data file has not been given to the plan. Visits every task once. */
fps_status fps_survey_create(const fps_plan *plan, fps_text_memo *memo, fps_survey *survey);
void fps_survey_release(fps_survey *survey); /* null-safe; not the struct */

/* The line list of the plan's data files as fps_survey.datasets, without visiting all tasks of a sweep without data.
 * The caller owns *text. */
fps_status fps_survey_datasets(const fps_plan *plan, char **text);

#endif
