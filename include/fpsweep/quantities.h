/* quantities.h: what `analyze` derives from one group of tasks that differ only in their seeds. */
#ifndef FPSWEEP_QUANTITIES_H
#define FPSWEEP_QUANTITIES_H

#include <stdint.h>

#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One frequency along one direction. Only done tasks of the group in which the frequency is learnable count. */
typedef struct fps_frequency_quantities {
    int64_t direction;
    int32_t mode;
    double xi;           /* cycles per unit length */
    double share;        /* mean of |F| / max |F| */
    int64_t n, censored; /* tasks; those that never got below the threshold */
    fps_estimate
        tau; /* steps; mean and 95 % half-width. NAN if any task is censored: a mean of the rest would be biased */
    double tau_median;  /* steps; censored tasks are later than all others. NAN if the median itself is censored */
    fps_estimate error; /* frequency error at the last record */
} fps_frequency_quantities;

/* A pair of frequencies of which the higher one has the smaller median of tau. */
typedef struct fps_violation {
    double earlier, later; /* xi learnt first (the higher one), xi learnt afterwards */
} fps_violation;

/* The order of learning along one direction. */
typedef struct fps_order_quantities {
    fps_estimate tau;       /* Kendall's tau between xi and tau(xi), per task, then mean and 95 % half-width */
    fps_kendall of_medians; /* between xi and the medians of tau(xi), censored ones last */
    int64_t pairs;          /* of frequencies */
    int64_t violations;
    fps_violation *violation; /* violation[violations] */
} fps_order_quantities;

/* What a group of tasks that differ in their seeds alone tells, with uncertainties. */
typedef struct fps_quantities {
    int64_t outcome[FPS_OUTCOME_COUNT]; /* number of tasks by outcome */
    int64_t dimension, directions;
    fps_estimate training_loss, test_loss; /* at the last record */
    int64_t places;
    fps_frequency_quantities *frequency; /* frequency[places]: direction by direction, modes increasing */
    fps_order_quantities *order;         /* order[directions] */
} fps_quantities;

/* Derive the quantities of group g. The caller releases *out. */
fps_status fps_quantities_derive(fps_learning *learning, const fps_grouping *grouping, int64_t g, fps_quantities *out);
void fps_quantities_release(fps_quantities *quantities);

#ifdef __cplusplus
}
#endif
#endif
