/* trainer.h: run one task: pure computation, no I/O, no MPI, no signals. */
#ifndef FPSWEEP_TRAINER_H
#define FPSWEEP_TRAINER_H

#include <stdbool.h>

#include "fpsweep/activation.h"
#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called between steps and grid blocks, and within the updates of large networks, mostly at most about 50 ms apart and
 * never more than about a second (tests/bench/bench_hook.c). Return true to stop: the run then returns FPS_STOPPED with
 * the trajectory so far; an update in progress counts as not made. `step` of `steps` is where the task stands. NULL
 * call: no hook. */
typedef struct fps_hook {
    bool (*call)(void *context, int64_t step, int64_t steps);
    void *context;
} fps_hook;

/* Workspace of one rank; grows to the largest task it has seen, so that the step loop never allocates. Opaque. Creating
 * one sets OpenBLAS to one thread, on which the bits depend. */
typedef struct fps_trainer fps_trainer;

/* Create and release a workspace. */
fps_status fps_trainer_create(fps_trainer **out);
void fps_trainer_destroy(fps_trainer **trainer);

/* Train and measure `task`, filling `trajectory` (prepared here). FPS_OK with outcome done or diverged (a non-finite
 * loss; the records up to it are kept), or FPS_OK with outcome failed and a message (it could not be run);
 * FPS_STOPPED if the hook said so. Bits depend on the task, the kernel class and the libraries alone. */
fps_status fps_trainer_run(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                           const fps_hook *hook, fps_trajectory *trajectory);

/* Everything that a task needs to be continued, as bytes: weights, the optimizer's state, the step, the trajectory so
 * far. Random numbers are counted (random.h), so the step is all of their state. A plain value that owns its bytes. */
typedef struct fps_state {
    unsigned char *bytes;
    size_t size, capacity;
} fps_state;
void fps_state_release(fps_state *state); /* null-safe; frees the bytes, not the struct */

/* Copy out the state of the task being run: from its hook, or after FPS_STOPPED until the next run (the trajectory
 * must still be there). Grows *state. size 0: there is nothing worth continuing yet (the task is still being prepared,
 * or is of `model: direct`, whose tasks start over); a resumed task that is being prepared gives 0 too: keep the state
 * that it came from. Costs a copy of the weights, the optimizer's state and the records so far, and a checksum. */
fps_status fps_trainer_save(const fps_trainer *trainer, fps_state *state);

/* As fps_trainer_run, but continue from a state which that same task, with the same records and kernels, has left: the
 * trajectory ends up with the same bits as if nothing had happened; `seconds` are those of both parts.
 * A state of size 0: from the start. The bytes are checked (checksum, identities, sizes), whatever they are:
 * FPS_ERROR_MISMATCH, before anything is trained, if they are not a state of this task. Borrows *state until it
 * returns. */
fps_status fps_trainer_resume(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                              const fps_state *state, const fps_hook *hook, fps_trajectory *trajectory);

/* XXH3-64 over the bits that a fixed set of small tasks produces (gemm, kernels, libm, FFTW): two ranks with equal
 * hashes give equal rows. Takes about 30 ms. */
fps_status fps_self_test(uint64_t *hash);

/* ---- what a task will cost ---- */

/* Widths at which the speed of a layer is measured. */
#define FPS_CALIBRATION_WIDTHS                                                                                         \
    { 8, 20, 50, 100, 200, 500 }
#define FPS_CALIBRATION_WIDTH_COUNT 6

/* Speed of one core in one precision, s. */
typedef struct fps_speed {
    double gemm[FPS_CALIBRATION_WIDTH_COUNT]; /* per multiply-add of one sample in a further relu layer of each width */
    double element[FPS_ACTIVATION_LIMIT]; /* per neuron and sample of the first layer: activation, slope, gradients */
    double element_far;                   /* added to that where activations leave the near caches */
    double weight;                        /* per weight and update by adam, while all fits into the cache */
    double weight_far;                    /* the same where it does not */
    double transform;                     /* per N^d log2 N^d of a record's transform */
} fps_speed;

/* Speed of lattice sums (lattice.h), s. */
typedef struct fps_lattice_speed {
    double cosine;   /* per cosine with its exact phase */
    double product;  /* per plain term, cosine and weight known */
    double boundary; /* 1-D: per displacement and rung beyond the plain terms */
    double decay;    /* 2-D, 3-D: per node and frequency of an axis */
    double matrix;   /* ... and distinct coordinate */
    double node;     /* 2-D, 3-D: per node, displacement and rung */
} fps_lattice_speed;

/* Speed of this machine, one core, measured in under a second by fps_calibrate. A plain value without pointers. */
typedef struct fps_calibration {
    fps_speed speed[2];   /* by fps_precision */
    double step_overhead; /* s per step, whatever its size */
    double task;          /* s to set up a task, whatever its size */
    double expression;    /* s to evaluate a target once */
    double feature;       /* s for one feature of one point */
    double memory;        /* s for one byte of fresh memory */
    fps_lattice_speed lattice;
} fps_calibration;

/* Measure. Trains small networks for a fraction of a second, in the kernel class in force. */
fps_status fps_calibrate(fps_calibration *calibration);

/* What a task is predicted to cost. */
typedef struct fps_cost {
    double operations; /* floating-point operations in gemms, real samples and points only */
    double seconds;    /* predicted, of a task for itself */
    double shared;     /* of these, what it does not spend if it follows a task that fps_cost_shares() */
    double memory;     /* bytes of the trainer and trajectory for this task */
    double row_bytes;  /* bytes of the task's valid results at 8 bytes per number */
    double state;      /* bytes of its checkpoint at the end; 0 if it has none */
} fps_cost;

/* Predict; arithmetic alone, well below a microsecond. Seconds are those of a task that runs to its end. */
void fps_cost_estimate(const fps_task *task, const fps_record_spec *spec, const fps_calibration *calibration,
                       fps_cost *cost);

/* Why what is predicted of a task may be an upper bound: it can end at its tolerance before it has made all steps; how
 * many gradients optimizer flow takes depends on curvatures that are not known beforehand. */
bool fps_cost_may_end_early(const fps_task *task);
bool fps_cost_bounds_flow(const fps_task *task);

/* Does a task find the tables that it needs made by the other? `model: direct`: all but the decay rate is the same. */
bool fps_cost_shares(const fps_task *a, const fps_task *b);

#ifdef __cplusplus
}
#endif
#endif
