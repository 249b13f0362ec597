/* variable.h: what a variable of the results file is: name, element type, named dimensions.
 *
 * The descriptions of task scalars, live scalars and results depend on the plan's count and extent alone, so that the
 * creator, the ranks that open the file for writing, and readers all derive the same ones and compare them with the
 * file.
 */
#ifndef FPSWEEP_STORE_VARIABLE_H
#define FPSWEEP_STORE_VARIABLE_H

#include <stdbool.h>

#include "fpsweep/plan.h"
#include "store/hdf5_tools.h"

enum { FPS_VARIABLE_RANK = 4, FPS_VARIABLE_NAME = 64, FPS_DIMENSION_NAME = 16 };

typedef struct fps_variable {
    char name[FPS_VARIABLE_NAME];
    fps_stored type;
    int rank;
    char dimension[FPS_VARIABLE_RANK][FPS_DIMENSION_NAME]; /* slowest first */
    int64_t size[FPS_VARIABLE_RANK];
    bool fill_zero;               /* a fill value of 0 is declared */
    const char *unit, *long_name; /* borrowed: tables or literals */
} fps_variable;

/* One number per task, written by the coordinator; in the order in which scalars_checksum takes them.
 * X(NAME, name, C type, stored type, format version that brought it, unit, long_name) */
#define FPS_SCALAR_LIST(X)                                                                                             \
    X(OUTCOME, outcome, int8_t, INT8, 1, "1", "how the task ended")                                                    \
    X(CHECKSUM, checksum, uint32_t, UINT32, 1, "1",                                                                    \
      "low 32 bits of XXH3-64, seed identity, over outcome, records, valid results")                                   \
    X(RECORDS, records, int32_t, INT32, 1, "1", "valid records of the row")                                            \
    X(SECONDS, seconds, double, FLOAT64, 1, "s", "wall time of the task")                                              \
    X(RANK, rank, int32_t, INT32, 1, "1", "MPI rank that ran the task")                                                \
    X(ATTEMPTS, attempts, int32_t, INT32, 1, "1", "how often the task was started")                                    \
    X(VERSION, version, int32_t, INT32, 1, "1", "numerics version that made the row")                                  \
    X(KERNEL_CLASS, kernel_class, int8_t, INT8, 2, "1", "kernels that made the row")                                   \
    X(SELF_TEST, self_test, uint32_t, UINT32, 2, "1",                                                                  \
      "low 32 bits of the hash of the self-test of the run that made the row")                                         \
    X(FINISHED, finished, double, FLOAT64, 2, "seconds since 1970-01-01 00:00:00", "when the row was committed")       \
    X(SCALARS_CHECKSUM, scalars_checksum, uint32_t, UINT32, 2, "1",                                                    \
      "low 32 bits of XXH3-64, seed identity, over outcome and the numbers of the row")

typedef enum fps_scalar {
#define X(NAME, ...) FPS_SCALAR_##NAME,
    FPS_SCALAR_LIST(X)
#undef X
        FPS_SCALAR_COUNT
} fps_scalar;

/* Scalars of the whole file, rewritten by the coordinator during a run. */
#define FPS_LIVE_LIST(X)                                                                                               \
    X(HEARTBEAT, heartbeat, FLOAT64, "seconds since 1970-01-01 00:00:00", "last sign of life of the run")              \
    X(RUNNING, running, INT64, "1", "tasks running at the last heartbeat")                                             \
    X(RATE, rate, FLOAT64, "s-1", "tasks ended per second at the last heartbeat")

typedef enum fps_live_scalar {
#define X(NAME, ...) FPS_LIVE_##NAME,
    FPS_LIVE_LIST(X)
#undef X
        FPS_LIVE_COUNT
} fps_live_scalar;

void fps_variable_scalar(int64_t tasks, fps_scalar scalar, fps_variable *variable);
/* Version of the file's format that brought the scalar. */
int fps_scalar_since(fps_scalar scalar);
void fps_variable_live(fps_live_scalar live, fps_variable *variable);
/* False if the file has no such variable: not asked for by `keep`, or empty for every task. */
bool fps_variable_result(const fps_plan *plan, fps_result result, fps_variable *variable);

/* Set name, type, texts; dimensions are added one by one. */
void fps_variable_name(fps_variable *variable, const char *name, fps_stored type, const char *unit,
                       const char *long_name);
void fps_variable_add(fps_variable *variable, const char *dimension, int64_t size);

/* Number of elements, and bytes (as a double: may exceed any integer in absurd sweeps). */
int64_t fps_variable_elements(const fps_variable *variable);
double fps_variable_bytes(const fps_variable *variable);

#endif
