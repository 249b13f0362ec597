/* layout.h: all variables of a results file, in the file's order, and how those known beforehand are filled.
 *
 * coordinates  mode(frequency)  xi([task,] [direction,] frequency)  direction_name([task,] direction, text)
 * parameters   one variable each (task [, text]); domain_low, domain_high (task, axis); layers, identity (task, text)
 * task scalars, live scalars, results: variable.h
 */
#ifndef FPSWEEP_STORE_LAYOUT_H
#define FPSWEEP_STORE_LAYOUT_H

#include "fpsweep/plan.h"
#include "store/survey.h"
#include "store/text.h"
#include "store/variable.h"

/* What filling a column may look at. */
typedef struct fps_column_context {
    const fps_record_spec *record;
    const fps_extent *extent; /* largest */
    fps_text_memo *memo;
} fps_column_context;

/* A variable written completely at creation: one row per task, or one row in all if it has no task dimension. */
typedef struct fps_column {
    fps_variable variable;
    bool per_task; /* has the task dimension */
    bool varies;   /* rows differ between tasks */
    int parameter; /* index, or -1 */
    /* Fill one row (zeroed) with the task's value. */
    void (*fill)(const struct fps_column *column, const fps_column_context *context, const fps_task *task, void *row);
} fps_column;

enum { FPS_LAYOUT_COLUMNS = 96, FPS_LAYOUT_COORDINATES = 2048 };

typedef struct fps_layout {
    int columns;
    fps_column column[FPS_LAYOUT_COLUMNS];
    fps_variable scalar[FPS_SCALAR_COUNT], live[FPS_LIVE_COUNT];
    bool has_result[FPS_RESULT_COUNT];
    fps_variable result[FPS_RESULT_COUNT];
    char varying[FPS_LAYOUT_COORDINATES]; /* names of the parameters that vary and are used, each followed by a space */
} fps_layout;

/* FPS_ERROR_INPUT only if the table of parameters outgrew the arrays above. */
fps_status fps_layout_build(const fps_plan *plan, const fps_survey *survey, fps_layout *layout);

/* Elements of one row of a column (its size without the task dimension). */
int64_t fps_column_row(const fps_column *column);

/* Bytes of all data in the file. */
double fps_layout_bytes(const fps_layout *layout);

/* The `coordinates` attribute of a result: the varying parameters, and step, mode, xi, direction_name where they share
 * its dimensions. Empty text if there is none. */
void fps_layout_coordinates(const fps_layout *layout, fps_result result, char *text, size_t size);

/* xi[K] of a task along one direction, cycles per unit length: mode / side of the axis (model direct: mode dxi); in d >
 * 1 the last direction is radial: mode / longest side (spectrum.h). NaN for a direction that the task does not have. */
void fps_layout_frequencies(const fps_task *task, const fps_record_spec *record, int direction, double *xi);

#endif
