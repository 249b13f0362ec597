/* ladders.h: what a group of solved tasks (`model: direct`) left behind on the ladder of band limits.
 *
 * A group is everything that differs in decay rate and data set alone (fps_grouping_create_curves).
 * Legend: A decay rates, S data sets, R rungs; arrays [A, S, R] row-major, NAN where no done task has the number.
 */
#ifndef FPSWEEP_LADDERS_H
#define FPSWEEP_LADDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/grouping.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Results that are gathered: X(NAME, result of the task). */
/* clang-format off */
#define FPS_LADDERS_LIST(X)                                                                                            \
    X(ENERGY)                                                                                                          \
    X(ENERGY_DROP)                                                                                                     \
    X(MULTIPLIER_PRODUCT)                                                                                              \
    X(KERNEL_AT_ZERO)                                                                                                  \
    X(NORM)                                                                                                            \
    X(RECIPROCAL_CONDITION)                                                                                            \
    X(RESOLUTION)                                                                                                      \
    X(OFF_DATA_VALUE)                                                                                                  \
    X(SPIKE_WIDTH)
/* clang-format on */

typedef enum fps_ladders_value {
#define X(NAME) FPS_LADDERS_##NAME,
    FPS_LADDERS_LIST(X)
#undef X
        FPS_LADDERS_COUNT
} fps_ladders_value;

/* A plain struct; owned by whoever filled it. */
typedef struct fps_ladders {
    int dimension;
    double frequency_step;
    bool ball; /* the cut-off is a disc */
    int64_t samples;
    int64_t outcome[FPS_OUTCOME_COUNT]; /* number of tasks by outcome */
    int64_t alphas;
    double *alpha; /* alpha[A], increasing */
    int64_t data_sets;
    int rungs;
    int64_t *band_limit; /* band_limit[R], increasing */
    double *value[FPS_LADDERS_COUNT];
} fps_ladders;

/* Make room for A, S, R (taken from *ladders, whose arrays are not yet allocated) and fill all values with NAN. */
fps_status fps_ladders_reserve(fps_ladders *ladders);
void fps_ladders_release(fps_ladders *ladders);

/* Index of (alpha a, data set s, rung k). */
static inline int64_t fps_ladders_at(const fps_ladders *ladders, int64_t a, int64_t s, int k) {
    return (a * ladders->data_sets + s) * ladders->rungs + k;
}

/* Read group g of a grouping made by fps_grouping_create_curves; rows[tasks] as fps_reader_rows gives them. Tasks that
 * are not done are counted and left NAN. */
fps_status fps_ladders_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                            fps_ladders *out);

#ifdef __cplusplus
}
#endif
#endif
