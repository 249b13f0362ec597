/* trajectory.h: what a task leaves behind, and the table of all result variables.
 *
 * The table drives the trajectory's memory, the results file's variables, checksums, printing and comparing. Adding a
 * result is one line in FPS_RESULT_LIST and the place that fills it.
 */
#ifndef FPSWEEP_TRAJECTORY_H
#define FPSWEEP_TRAJECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"
#include "fpsweep/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a task ended, and the word for it. */
typedef enum fps_outcome { FPS_PENDING, FPS_DONE, FPS_DIVERGED, FPS_FAILED, FPS_OUTCOME_COUNT } fps_outcome;
const char *fps_outcome_name(fps_outcome outcome);

/* Dimensions of result variables, in the results file's words. `direction` exists where some task has dimension > 1. */
typedef enum fps_dimension {
    FPS_RECORD,
    FPS_DIRECTION,
    FPS_FREQUENCY,
    FPS_SAMPLE,
    FPS_AXIS,
    FPS_GRID,
    FPS_WEIGHT,
    FPS_THRESHOLD,
    FPS_DIMENSION_COUNT
} fps_dimension;
const char *fps_dimension_name(fps_dimension dimension);

/* Sizes along the dimensions: of one task, or the largest over a sweep. */
typedef struct fps_extent {
    int64_t size[FPS_DIMENSION_COUNT];
} fps_extent;

/* What `record: {keep: [...]}` asks for. */
typedef enum fps_keep {
    FPS_KEEP_ALWAYS = 0,
    FPS_KEEP_SPECTRUM = 1,
    FPS_KEEP_PARAMETERS = 2,
    FPS_KEEP_FUNCTION = 4,
    FPS_KEEP_FINAL_FUNCTION = 8,
    FPS_KEEP_SPIKE = 16,
    FPS_KEEP_MULTIPLIERS = 32,
    FPS_KEEP_STAGES = 64,
    FPS_KEEP_VARIATION = 128,
    /* Not asked for by name. In a result's `keep`: it belongs to this model alone; in a record's `keep`,
     * FPS_ONLY_DIRECT says that the sweep is of `model: direct`. */
    FPS_ONLY_NETWORK = 256,
    FPS_ONLY_DIRECT = 512,
    FPS_KEEP_UPDATE = 8192,
    FPS_IF_FLOW = 2048,       /* some task of the sweep has optimizer flow */
    FPS_IF_LINEARISED = 4096, /* some task of the sweep is linearised */
    FPS_ALWAYS_DIRECT = 1024  /* in a result's `keep`: model direct has it unasked, networks where it is asked for */
} fps_keep;

/* What splits the loss by frequency (src/numeric/loss_spectrum.h), and so needs the measuring grid and thresholds. */
#define FPS_KEEP_SPLIT (FPS_KEEP_STAGES | FPS_KEEP_VARIATION | FPS_KEEP_UPDATE)

/* Type of a result in the file: float is 32 or 64 bit by the sweep's precision. */
typedef enum fps_result_type { FPS_TYPE_FLOAT, FPS_TYPE_INT64 } fps_result_type;

/* X(NAME, name, type, fill_zero, keep, unit, long_name, dimensions...): fill_zero = a fill value of 0 is declared and
 * an exact 0 is stored as the smallest normal number. Order = order of checksums. `keep` lists alternatives. */
#define FPS_RESULT_LIST(X)                                                                                             \
    X(STEP, step, INT64, false, FPS_ONLY_NETWORK, "1", "updates made before this record", FPS_RECORD)                  \
    X(TRAINING_LOSS, training_loss, FLOAT, true, FPS_ONLY_NETWORK, "1", "loss on the training samples", FPS_RECORD)    \
    X(TEST_LOSS, test_loss, FLOAT, true, FPS_ONLY_NETWORK, "1", "loss on the measuring grid, equal weights",           \
      FPS_RECORD)                                                                                                      \
    X(FREQUENCY_ERROR, frequency_error, FLOAT, true, FPS_ONLY_NETWORK, "1", "|H - F| / |F|, complex difference",       \
      FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)                                                                        \
    X(FREQUENCY_ERROR_AMPLITUDE, frequency_error_amplitude, FLOAT, false, FPS_ONLY_NETWORK, "1",                       \
      "||H| - |F|| / (|F| + 1e-5)", FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)                                          \
    X(RESIDUAL_RELATIVE, residual_relative, FLOAT, true, FPS_ONLY_NETWORK, "1", "|H - F| / max |F|", FPS_RECORD,       \
      FPS_DIRECTION, FPS_FREQUENCY)                                                                                    \
    X(TARGET_RE, target_re, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPECTRUM, "1",                                   \
      "real part of the target's Fourier coefficient", FPS_DIRECTION, FPS_FREQUENCY)                                   \
    X(TARGET_IM, target_im, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPECTRUM, "1",                                   \
      "imaginary part of the target's coefficient", FPS_DIRECTION, FPS_FREQUENCY)                                      \
    X(RESIDUAL_RE, residual_re, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPECTRUM, "1", "real part of H - F",         \
      FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)                                                                        \
    X(RESIDUAL_IM, residual_im, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPECTRUM, "1", "imaginary part of H - F",    \
      FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)                                                                        \
    X(SAMPLE_X, sample_x, FLOAT, false, FPS_KEEP_PARAMETERS | FPS_KEEP_MULTIPLIERS, "1",                               \
      "coordinates of the training samples", FPS_SAMPLE, FPS_AXIS)                                                     \
    X(SAMPLE_Y, sample_y, FLOAT, false, FPS_KEEP_PARAMETERS | FPS_KEEP_MULTIPLIERS, "1",                               \
      "labels of the training samples", FPS_SAMPLE)                                                                    \
    X(WEIGHTS_INITIAL, weights_initial, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_PARAMETERS, "1",                     \
      "all weights before the first update", FPS_WEIGHT)                                                               \
    X(WEIGHTS_FINAL, weights_final, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_PARAMETERS, "1",                         \
      "all weights after the last update", FPS_WEIGHT)                                                                 \
    X(TARGET_ON_GRID, target_on_grid, FLOAT, false, FPS_KEEP_FUNCTION | FPS_KEEP_FINAL_FUNCTION, "1",                  \
      "target on the measuring grid", FPS_GRID)                                                                        \
    X(NETWORK_ON_GRID, network_on_grid, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_FUNCTION, "1",                       \
      "network on the measuring grid at every record", FPS_RECORD, FPS_GRID)                                           \
    X(NETWORK_ON_GRID_FINAL, network_on_grid_final, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_FINAL_FUNCTION, "1",     \
      "network on the measuring grid at the last record", FPS_GRID)                                                    \
    X(LEARNING_RATE_USED, learning_rate_used, FLOAT, false, FPS_ONLY_NETWORK, "1",                                     \
      "learning rate per step, with stable(c) resolved")                                                               \
    X(FLOW_EVALUATIONS, flow_evaluations, INT64, false, FPS_ONLY_NETWORK | FPS_IF_FLOW, "1",                           \
      "gradients evaluated before this record by optimizer flow; -1 with others", FPS_RECORD)                          \
    X(KINK_CROSSINGS, kink_crossings, INT64, false, FPS_ONLY_NETWORK | FPS_IF_FLOW, "1",                               \
      "kinks passed before this record: sign changes of neurons at samples between inner steps of flow; -1 if smooth", \
      FPS_RECORD)                                                                                                      \
    X(TANGENT_EIGENVALUE, tangent_eigenvalue, FLOAT, false, FPS_ONLY_NETWORK | FPS_IF_LINEARISED, "1",                 \
      "eigenvalues of sqrt(w_i w_j) Theta(x_i, x_j), largest first: Theta the tangent kernel of the initial weights, " \
      "w the samples' weights",                                                                                        \
      FPS_SAMPLE)                                                                                                      \
    X(RUNG_BAND_LIMIT, rung_band_limit, INT64, false, FPS_ONLY_DIRECT, "1", "band limit M of this rung", FPS_RECORD)   \
    X(ENERGY, energy, FLOAT, true, FPS_ALWAYS_DIRECT | FPS_KEEP_MULTIPLIERS, "1",                                      \
      "smallest Q of an interpolant: y . lambda; of networks the squared norm of the output layer's weights",          \
      FPS_RECORD)                                                                                                      \
    X(ENERGY_DROP, energy_drop, FLOAT, false, FPS_ONLY_DIRECT, "1",                                                    \
      "energy here minus energy on the next rung, from the shell between them", FPS_RECORD)                            \
    X(MULTIPLIER_PRODUCT, multiplier_product, FLOAT, false, FPS_ONLY_DIRECT, "1",                                      \
      "scalar product of the multipliers here and on the next rung", FPS_RECORD)                                       \
    X(KERNEL_AT_ZERO, kernel_at_zero, FLOAT, false, FPS_ONLY_DIRECT, "1", "K_M(0), the sum of <xi>^-alpha dxi^d",      \
      FPS_RECORD)                                                                                                      \
    X(NORM, norm, FLOAT, false, FPS_ONLY_DIRECT, "1", "L2 norm of the interpolant over one period", FPS_RECORD)        \
    X(RECIPROCAL_CONDITION, reciprocal_condition, FLOAT, false, FPS_ONLY_DIRECT, "1",                                  \
      "reciprocal condition number of the kernel matrix (below 1e-12: do not trust the row)", FPS_RECORD)              \
    X(RESOLUTION, resolution, FLOAT, false, FPS_ONLY_DIRECT, "1",                                                      \
      "2 pi X times the smallest distance between samples (below 40: not resolved)", FPS_RECORD)                       \
    X(OFF_DATA_VALUE, off_data_value, FLOAT, false, FPS_ONLY_DIRECT, "1",                                              \
      "interpolant at the point of the domain farthest from the samples", FPS_RECORD)                                  \
    X(SPIKE_WIDTH, spike_width, FLOAT, false, FPS_ONLY_DIRECT | FPS_KEEP_SPIKE, "length",                              \
      "half-width of the ripple-averaged interpolant at the sample of largest label", FPS_RECORD)                      \
    X(MULTIPLIER, multiplier, FLOAT, false, FPS_KEEP_MULTIPLIERS, "1",                                                 \
      "multipliers lambda of the samples; of networks minus the sum of learning_rate * dL/dh over the updates so far", \
      FPS_RECORD, FPS_SAMPLE)                                                                                          \
    X(INTERPOLANT_RE, interpolant_re, FLOAT, false, FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM, "1",                          \
      "real part of phi at frequency mode * frequency_step along an axis", FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)   \
    X(INTERPOLANT_IM, interpolant_im, FLOAT, false, FPS_ONLY_DIRECT | FPS_KEEP_SPECTRUM, "1", "imaginary part of phi", \
      FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)                                                                        \
    X(INTERPOLANT_ON_GRID, interpolant_on_grid, FLOAT, false, FPS_ONLY_DIRECT | FPS_KEEP_FUNCTION, "1",                \
      "interpolant on the measuring grid on every rung", FPS_RECORD, FPS_GRID)                                         \
    X(GRID_LOSS, grid_loss, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPLIT, "1",                                      \
      "loss on the measuring grid, weighted by the square of the window", FPS_RECORD)                                  \
    X(GRID_LOSS_RATE, grid_loss_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                           \
      "its rate under gradient flow on the training loss", FPS_RECORD)                                                 \
    X(GRADIENT_NORM, gradient_norm, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES | FPS_KEEP_UPDATE, "1",           \
      "norm of the training loss's gradient by the trained weights", FPS_RECORD)                                       \
    X(TRAINING_LOSS_RATE, training_loss_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                   \
      "rate of the training loss under gradient flow, from dh/dt at the samples: minus gradient_norm squared",         \
      FPS_RECORD)                                                                                                      \
    X(RESIDUAL_POWER, residual_power, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES | FPS_KEEP_UPDATE, "1",         \
      "q: squared residual by frequency, both signs; the sum over all is the grid loss of mse", FPS_RECORD,            \
      FPS_DIRECTION, FPS_FREQUENCY)                                                                                    \
    X(RESIDUAL_POWER_RATE, residual_power_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                 \
      "p: rate of residual_power under gradient flow on the training loss", FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)  \
    X(VELOCITY_POWER, velocity_power, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                           \
      "squared dh/dt under gradient flow by frequency, both signs", FPS_RECORD, FPS_DIRECTION, FPS_FREQUENCY)          \
    X(RESIDUAL_POWER_ABOVE, residual_power_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_SPLIT, "1",                \
      "L+: residual_power of all frequencies from eta on", FPS_RECORD, FPS_THRESHOLD)                                  \
    X(RESIDUAL_POWER_RATE_ABOVE, residual_power_rate_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",     \
      "dL+/dt: residual_power_rate of all frequencies from eta on", FPS_RECORD, FPS_THRESHOLD)                         \
    X(VELOCITY_POWER_ABOVE, velocity_power_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",               \
      "V+: velocity_power of all frequencies from eta on", FPS_RECORD, FPS_THRESHOLD)                                  \
    X(LOSS_RATE_ABOVE, loss_rate_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                         \
      "part of grid_loss_rate that comes from frequencies from eta on, for any loss; of mse dL+/dt", FPS_RECORD,       \
      FPS_THRESHOLD)                                                                                                   \
    X(LOSS_SHARE_ABOVE, loss_share_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                       \
      "R: |loss_rate_above| / |grid_loss_rate|", FPS_RECORD, FPS_THRESHOLD)                                            \
    X(LOSS_SHARE_BOUND, loss_share_bound, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_STAGES, "1",                       \
      "R_CS: Cauchy-Schwarz bound of R, for mse 2 sqrt(L+ V+) / |grid_loss_rate|", FPS_RECORD, FPS_THRESHOLD)          \
    X(RESIDUAL_POWER_VARIATION, residual_power_variation, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_VARIATION, "1",    \
      "sum of |change of L+| over all updates so far", FPS_RECORD, FPS_THRESHOLD)                                      \
    X(UPDATE_GRID_LOSS_RATE, update_grid_loss_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_UPDATE, "1",             \
      "rate of grid_loss along the next update divided by the learning rate", FPS_RECORD)                              \
    X(UPDATE_TRAINING_LOSS_RATE, update_training_loss_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_UPDATE, "1",     \
      "rate of the training loss along the next update divided by the learning rate", FPS_RECORD)                      \
    X(UPDATE_RESIDUAL_POWER_RATE, update_residual_power_rate, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_UPDATE, "1",   \
      "rate of residual_power along the next update divided by the learning rate", FPS_RECORD, FPS_DIRECTION,          \
      FPS_FREQUENCY)                                                                                                   \
    X(UPDATE_LOSS_RATE_ABOVE, update_loss_rate_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_UPDATE, "1",           \
      "part of update_grid_loss_rate that comes from frequencies from eta on", FPS_RECORD, FPS_THRESHOLD)              \
    X(UPDATE_VELOCITY_POWER_ABOVE, update_velocity_power_above, FLOAT, false, FPS_ONLY_NETWORK | FPS_KEEP_UPDATE, "1", \
      "V+ along the next update divided by the learning rate", FPS_RECORD, FPS_THRESHOLD)

/* Codes of the results. */
typedef enum fps_result {
#define X(NAME, ...) FPS_RESULT_##NAME,
    FPS_RESULT_LIST(X)
#undef X
        FPS_RESULT_COUNT
} fps_result;

/* One result variable. */
typedef struct fps_result_field {
    const char *name;
    fps_result_type type;
    bool fill_zero;
    unsigned keep; /* bits of fps_keep: kept if none but FPS_ONLY_* is set, or any is asked for (fps_result_kept) */
    const char *unit, *long_name;
    int dimensions;             /* without `task`; 0: one number per task */
    fps_dimension dimension[3]; /* slowest first */
} fps_result_field;

/* All result variables, by their codes. */
extern const fps_result_field fps_result_fields[FPS_RESULT_COUNT];

/* What is measured and when, for all tasks of a sweep. */
typedef enum fps_spacing { FPS_SPACING_LOG, FPS_SPACING_LINEAR } fps_spacing;
typedef struct fps_record_spec {
    int64_t count; /* at most so many distinct steps, first 0, last `steps` */
    fps_spacing spacing;
    int32_t frequencies; /* K */
    int32_t *mode;       /* mode[K], increasing; owned by the plan */
    unsigned keep;       /* bits of fps_keep */
    int32_t rungs;       /* `model: direct`: records are the rungs of this ladder instead; else 0 */
    int64_t *ladder;     /* ladder[rungs] of band limits, increasing; owned by the plan */
    int32_t thresholds;  /* E: eta_1 < eta_2 < ..., where `keep` has one of FPS_KEEP_SPLIT; else 0 */
    double *threshold;   /* threshold[E], cycles per unit length; owned by the plan */
} fps_record_spec;

/* Fill step[count] with the distinct steps to record, increasing, 0 first and `steps` last; return how many. */
int64_t fps_record_steps(const fps_record_spec *spec, int64_t steps, int64_t *step);

/* XXH3-64 over everything in `spec` that decides a row's bits: count, spacing, modes, keep, ladder,
 * thresholds. */
uint64_t fps_record_identity(const fps_record_spec *spec);

/* Sizes of one task's results, cheap (no loop over records): size[FPS_RECORD] = min(count, steps + 1) bounds the
 * records, of which fps_record_steps may give fewer. Directions of a 1-D task: 1. Grid and frequency results of tasks
 * without a grid (target random, data) have size FPS_GRID 0. */
void fps_task_extent(const fps_task *task, const fps_record_spec *spec, fps_extent *extent);

/* Elements of one result in an extent (product over its dimensions). */
int64_t fps_result_elements(const fps_result_field *field, const fps_extent *extent);
/* Is the result kept where a record asks for `keep`? */
bool fps_result_kept(const fps_result_field *field, unsigned keep);

/* All results of one task. value[r] is dense in the task's own extent, with `records` <= extent.size[FPS_RECORD] rows
 * valid; NULL where the result is not kept. Missing numbers are NaN. Integers (step) are held exactly in doubles. */
typedef struct fps_trajectory {
    fps_extent extent;
    double *value[FPS_RESULT_COUNT];
    fps_outcome outcome;
    int64_t records;
    double seconds;    /* wall time of the task */
    char message[400]; /* why it failed; "" otherwise */
    int64_t capacity[FPS_RESULT_COUNT];
} fps_trajectory;

/* Make room for a task (growing, never shrinking), set all values to NaN and the outcome to pending. */
fps_status fps_trajectory_prepare(fps_trajectory *trajectory, const fps_task *task, const fps_record_spec *spec);
void fps_trajectory_release(fps_trajectory *trajectory); /* null-safe; frees the arrays, not the struct */

#ifdef __cplusplus
}
#endif
#endif
