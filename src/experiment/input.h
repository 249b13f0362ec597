/* input.h (per precision, internal): from points to the columns that a network reads.
 *
 * Legend: d dimension, D rows = d, or (2M+1)^d Fourier features where the task has a decay_rate.
 */
#ifndef FPSWEEP_EXPERIMENT_INPUT_H
#define FPSWEEP_EXPERIMENT_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/pace.h"
#include "fpsweep/features.h"
#include "fpsweep/precision.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"

#ifndef FPS_INPUT_MAP
#define FPS_INPUT_MAP
/* How a point becomes a column; a plain value, independent of precision. */
typedef struct fps_input_map {
    int dimension;
    bool has_features;
    fps_features features;
    int64_t rows; /* D */
} fps_input_map;
#endif

/* Numbers of features that are made at a time. */
#define FPS_INPUT_FILLED INT64_C(2000000)

#define fps_input_map_of FPS_REAL_NAME(fps_input_map_of)
#define fps_input_same FPS_REAL_NAME(fps_input_same)
#define fps_input_fill_all FPS_REAL_NAME(fps_input_fill_all)
#define fps_input_fill FPS_REAL_NAME(fps_input_fill)

fps_input_map fps_input_map_of(const fps_task *task);
bool fps_input_same(const fps_input_map *a, const fps_input_map *b);

/* Fill out[D, stride] from x[count, d], 1 <= count <= stride; columns count .. stride-1 repeat the last point. */
void fps_input_fill(const fps_input_map *map, const double *x, int64_t count, int64_t stride, real *out);

/* The same of many points: out[D, FPS_PADDED(count)], in blocks so that the hook is heard in between. FPS_STOPPED. */
fps_status fps_input_fill_all(const fps_input_map *map, const double *x, int64_t count, fps_pace *pace, real *out);

#endif
