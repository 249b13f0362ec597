/* stages.h: how small the high-frequency part of training is, stage by stage (arXiv 1906.09235).
 *
 * From records kept with `stages`. The stages of a task are found from its training loss L, which starts at L_0 and
 * ends at L_end:
 *   initial       up to 10 % of L_0 is gone,
 *   intermediate  10 to 50 % is gone,
 *   final         L is within a factor of 10 of L_end, after the intermediate stage, and training has converged: over
 *                 the last tenth of the steps (or since the last record before, in proportion) L fell by no more
 *                 than a tenth, and 10 L_end is not above half of L_0;
 *   late          those records of a task whose training has not converged: what it did last, not how it ends.
 * In each stage, curves over the threshold eta are averaged over the stage's records (geometric mean) and fitted by
 * eta^-exponent. For networks of relu^s, theory expects 2 s + 1 for the residual's power above eta, 2 s - 1 for the
 * velocity's, 2 s for the bound R_CS of the share, of which 2 s - 1 is proved; smooth activations have no power law.
 *
 * What is split is the rate of the loss trained on, whatever it is (the paper's general losses). With u = sqrt(rho)
 * (h - f), v = sqrt(rho) dh/dt along minus the gradient, D the transform of sqrt(rho) l'(h - f) and U, V those of u and
 * v, sums over all frequencies of length >= eta, and dL/dt = Re sum conj(D) V over all:
 *   L+    sum |U|^2                                   the residual's power, for mse the part of the loss
 *   V+    sum |V|^2
 *   R     |Re sum conj(D) V| / |dL/dt|
 *   R_CS  sqrt(sum |D|^2 sum |V|^2) / |dL/dt| >= R    by Cauchy and Schwarz
 * For mse D = 2 U, so that R_CS = 2 sqrt(L+ V+) / |dL/dt|; mae, lp(p), huber(d) and logcosh have l' pointwise, 0 for
 * mae where h = f; sobolev(s) has D = 2 (1 + xi^2)^s U. Where l' is not smooth (mae, huber, lp(p) but for even p) D has
 * high frequencies of its own. L+ stays that of the residual, and TV its variation, which is divided by the fall of the
 * loss trained on. (numeric/loss_spectrum.h in the sources has how they are summed.)
 *
 * Legend: E thresholds kept, S tasks of a group.
 */
#ifndef FPSWEEP_STAGES_H
#define FPSWEEP_STAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the stages of one task ---- */

/* The stages, in the order of time. */
typedef enum fps_stage {
    FPS_STAGE_INITIAL,
    FPS_STAGE_INTERMEDIATE,
    FPS_STAGE_FINAL, /* of a task, either this or FPS_STAGE_LATE has records */
    FPS_STAGE_LATE,
    FPS_STAGE_COUNT
} fps_stage;

/* The records of one stage. */
typedef struct fps_stage_span {
    int64_t first, count; /* records; count 0: the stage has none */
} fps_stage_span;

/* The records of all stages of a task. */
typedef struct fps_stage_spans {
    fps_stage_span span[FPS_STAGE_COUNT];
} fps_stage_spans;

/* Find the stages of loss[records] at step[records]. Records at which L is above what it was at an earlier end of a
 * stage belong to the later stage: a stage, once left, is not entered again. */
void fps_stages_find(const double *loss, const double *step, int64_t records, fps_stage_spans *out);

/* "initial", "intermediate", "final", "late". */
const char *fps_stage_name(fps_stage stage);

/* ---- power laws ---- */

/* What a curve over thresholds is. */
typedef enum fps_law {
    FPS_LAW_UNRESOLVED, /* too few thresholds above rounding to tell */
    FPS_LAW_POWER,
    FPS_LAW_STEEPER, /* no power law: it bends down, or falls into rounding faster than any power of interest */
    FPS_LAW_COUNT
} fps_law;
#define FPS_LAW_POINTS 5  /* a law is told from so many thresholds */
#define FPS_LAW_BEND 2.0  /* a power law's exponent grows by less from the lower to the upper third of log eta */
#define FPS_LAW_FALL 10.0 /* no exponent of a network of relu^s, s <= 4, is above this */

/* "unresolved", "power", "steeper". */
const char *fps_law_name(fps_law law);

/* The power law of one curve. */
typedef struct fps_power_law {
    fps_law law;
    double exponent;   /* of eta^-exponent, least squares in logarithms over low .. high; NAN if unresolved */
    double bend;       /* exponent of the upper third of log eta minus that of the lower third; NAN if unresolved */
    double bend_error; /* its standard error, from the scatter about the two lines */
    double low, high;  /* range of eta used */
    int points;        /* thresholds there */
} fps_power_law;

/* Fit y[count] over eta[count] (rising), NAN where y is rounding, in the window from low to high; the fit ends before
 * the first value that is rounding. With FPS_LAW_POINTS thresholds left this is a power law, unless the bend exceeds
 * FPS_LAW_BEND by more than twice its standard error. A curve that is rounding before the window ends is steeper too if
 * over all that is above rounding, from the lowest eta of all, the upper third has an exponent above FPS_LAW_FALL (by
 * twice its standard error): low .. high is then that range. */
fps_power_law fps_power_law_fit(const double *eta, const double *y, int64_t count, double low, double high);

/* ---- a group of tasks that differ only in their seeds ---- */

/* What is fitted. */
typedef enum fps_stage_curve {
    FPS_CURVE_RESIDUAL,  /* L+: residual_power_above */
    FPS_CURVE_VELOCITY,  /* V+: velocity_power_above */
    FPS_CURVE_SHARE,     /* R: loss_share_above */
    FPS_CURVE_BOUND,     /* R_CS: loss_share_bound */
    FPS_CURVE_VARIATION, /* TV: variation of L+ over the stage over the fall of the loss; only with keep: variation */
    FPS_CURVE_COUNT
} fps_stage_curve;
/* "L+", and what it is in words. */
const char *fps_stage_curve_name(fps_stage_curve curve);
const char *fps_stage_curve_sentence(fps_stage_curve curve);
/* Exponent that theory expects of networks of relu^s; NAN if it says nothing (s = 0: smooth; R, TV: only bounded). */
double fps_stage_curve_expected(fps_stage_curve curve, int smoothness);

/* s of relu^s: order of the activation's first discontinuous derivative; 0 for smooth ones and without hidden layers.
 */
int fps_stages_smoothness(const fps_task *task);

/* The power laws of a group of tasks in one stage. */
typedef struct fps_stage_law {
    fps_estimate exponent;              /* over the tasks whose curve is a power law */
    int64_t power, steeper, unresolved; /* tasks by law */
    double bend;                        /* mean over the tasks that are resolved */
    double low, high;                   /* smallest and largest eta that any task used */
    double least;                       /* smallest exponent of a single record of a single task; NAN if none */
    double *curve;                      /* curve[E]: geometric mean over tasks; NAN where a task has no value */
} fps_stage_law;

/* The stages of a group of tasks. */
typedef struct fps_stages {
    int64_t outcome[FPS_OUTCOME_COUNT];
    int smoothness; /* s */
    int64_t thresholds;
    const double *threshold;             /* eta[E]; borrowed from the plan */
    double low, high;                    /* window in which power laws are fitted */
    int64_t present[FPS_STAGE_COUNT];    /* tasks that have the stage */
    fps_estimate steps[FPS_STAGE_COUNT]; /* step of the stage's last record */
    fps_stage_law law[FPS_STAGE_COUNT][FPS_CURVE_COUNT];
    /* The proved bound R <= C eta^-(2s-1): C(eta) = sup over the run of R_CS eta^(2s-1), the largest over the lower and
     * over the upper half of the window in log eta; the bound holds with one C if the second is not above the first. s
     * = 0: NAN. */
    fps_estimate constant_low, constant_high;
    /* Intermediate stage: exponent of T2 - T1 in |L+(T2) - L+(T1)| / (L(T1) - L(T2)), mean over eta; proved: at most
     * 1/2 in the bound. */
    fps_estimate time_exponent;
} fps_stages;

/* Has the sweep kept stages? */
bool fps_stages_has(const fps_plan *plan);

/* The window in which power laws are fitted unless another is asked for: the highest decade of the thresholds. */
void fps_stages_window(const fps_plan *plan, double *low, double *high);

/* Derive from the done tasks of group g, with power laws fitted in the window low <= eta <= high. The caller releases
 * *out. */
fps_status fps_stages_derive(fps_reader *reader, const fps_grouping *grouping, int64_t g, double low, double high,
                             fps_stages *out);
void fps_stages_release(fps_stages *stages);

#ifdef __cplusplus
}
#endif
#endif
