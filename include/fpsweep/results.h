/* results.h: the results file, one HDF5 file per sweep, readable as netCDF-4 at any moment of a run.
 *
 * Rank 0 creates the complete file serially under a temporary name and publishes it atomically; during a run there are
 * only independent writes into existing contiguous datasets, so a kill at any moment leaves a file that opens.
 * Order: a worker writes rows, syncs, reports; the coordinator writes the (task) scalars, syncs, then the outcomes.
 */
#ifndef FPSWEEP_RESULTS_H
#define FPSWEEP_RESULTS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/extension.h"
#include "fpsweep/plan.h"
#include "fpsweep/status.h"
#include "fpsweep/trajectory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Facts about the run that go into attributes. Strings are borrowed during the call. */
typedef struct fps_run_facts {
    const char *machine;      /* host and processor */
    const char *kernel_class; /* "avx512" */
    const char *blas_core;    /* "SkylakeX" */
    const char *libraries;    /* "hdf5 1.10.8, openblas 0.3.21, ..." */
    int ranks;
    uint64_t self_test;
    fps_shard shard; /* the file holds this part of the sweep; {0, 0}: all of it */
} fps_run_facts;

/* How many results are one number per task (they have no dimension): ranks never write into these small arrays, the
 * numbers travel in fps_row and the coordinator writes them. */
enum {
#define X(NAME, name, type, fill_zero, keep, unit, long_name, ...) +(1 __VA_OPT__(*0))
    FPS_ROW_NUMBERS = 0 FPS_RESULT_LIST(X)
#undef X
};

/* Everything about a row but its trajectory. */
typedef struct fps_row {
    int64_t task;
    uint64_t identity; /* fps_task_identity(); fps_results_commit takes 0 for the plan's */
    fps_outcome outcome;
    uint32_t checksum;
    int32_t records;
    double seconds;
    int32_t rank, attempts;
    int32_t version;                /* numerics version that made it; fps_results_commit takes 0 for this program's */
    int8_t kernel_class;            /* fps_kernel_class that made it */
    uint32_t self_test;             /* low 32 bits of fps_self_test() of the run that made it */
    double finished;                /* seconds since the epoch when it was committed; fps_results_commit fills in 0 */
    double number[FPS_ROW_NUMBERS]; /* the results without dimensions, in table order; NAN if not kept or missing */
    bool damaged;                   /* only when read: what the file says about the row is not what was committed */
} fps_row;

/* Not collective (rank 0 alone). Create PATH completely and publish it by link(): FPS_ERROR_INPUT if PATH exists or a
 * data file of the sweep was not given to the plan, FPS_ERROR_IO if there is no room (statvfs before starting),
 * FPS_ERROR_LOCKED if another process is creating it. A file system without link() falls back to O_EXCL. Visits all
 * tasks twice; a million tasks take about 10 s. */
fps_status fps_results_create(const char *path, const fps_plan *plan, const fps_run_facts *facts);

/* Opaque; a file opened for writing by all ranks. Borrows the plan. */
typedef struct fps_results fps_results;

/* Collective over comm. Take the lock (flock shared on PATH, exclusive OFD lock of the job on PATH.lock), open with
 * MPI-IO and check that the file belongs to the plan (fps_plan_compare). FPS_ERROR_LOCKED if another run holds it;
 * FPS_ERROR_USAGE, with the advice to use shards, for ranks on several nodes over NFS, whose caches do not agree;
 * FPS_ERROR_INPUT for a file of an older format, with the advice to take its rows over into a new one (--reuse).
 * Damage that can be told at once is mended, with a warning: a truncated file whose structure is whole gets its length
 * back, and rows of which something was cut off, or whose scalars are not what was committed, are pending again. */
fps_status fps_results_open(MPI_Comm comm, const char *path, const fps_plan *plan, fps_results **out);
/* Collective. Closes; removes nothing. */
fps_status fps_results_close(fps_results **results);

/* Not collective. Write one row's trajectory (valid parts only; one pwrite per result where the task's extent fills the
 * row) and fill *row for its commit: task, outcome, checksum, records, seconds, numbers, and as the maker this rank,
 * numerics version and kernel class, attempts 1; self_test and finished are 0. FPS_ERROR_MISMATCH if it does not fit,
 * FPS_ERROR_IO with HDF5's reason. */
fps_status fps_results_write(fps_results *results, const fps_task *task, const fps_trajectory *trajectory,
                             fps_row *row);
/* Not collective. fdatasync what this rank has written. */
fps_status fps_results_sync(fps_results *results);
/* Not collective; the coordinator alone. Write scalars of `count` rows, sync, then their outcomes (the last row counts
 * if a task occurs twice). Cheapest for many rows at once. */
fps_status fps_results_commit(fps_results *results, const fps_row *row, int64_t count);
/* Not collective; the coordinator alone. Set tasks back to pending, so that they are run again: first their outcomes,
 * sync, then the other scalars. The file never calls a row done which is being rewritten. */
fps_status fps_results_reset(fps_results *results, const int64_t *task, int64_t count);
/* Not collective; any rank. Read the row of a task back from the file and compare it, and its scalars, with their
 * checksums. A pending row is right. */
fps_status fps_results_check(fps_results *results, int64_t task, bool *right);
/* Not collective; one rank. Compare all coordinates and parameters with the plan and write again what differs; `each`
 * is told which variable, in how many rows, and the first of them (-1: it has no rows). FPS_ERROR_IO if one cannot be
 * read or written; a million tasks take about 10 s. */
fps_status fps_results_mend_parameters(fps_results *results,
                                       void (*each)(void *context, const char *variable, int64_t task, int64_t rows),
                                       void *context);
/* Not collective; the coordinator alone. rows[count of tasks] as the file has them. */
fps_status fps_results_rows(fps_results *results, fps_row *row);
/* Not collective; the coordinator alone. heartbeat = seconds since the epoch, tasks running, rate in tasks per second.
 */
fps_status fps_results_live(fps_results *results, double heartbeat, int64_t running, double rate);
/* Not collective. outcome[count of tasks] as the file has it. */
fps_status fps_results_outcomes(fps_results *results, int8_t *outcome);

/* Checksum of a trajectory as stored: low 32 bits of XXH3-64 seeded with the identity over outcome (int8), records
 * (int32), then the valid part of each kept result in table order, in the file's types, little-endian. Valid is what
 * lies in the task's own extent, of results with records the first `records`; a row without records has no valid part.
 * Stored means: NaNs are the positive quiet one, and an exact 0 of a fill_zero result is the smallest normal number. */
fps_status fps_results_checksum(const fps_plan *plan, const fps_task *task, const fps_trajectory *trajectory,
                                uint32_t *checksum);

/* ---- reading (no MPI, any process, also while a run writes) ---- */

/* Sign of life of a run. */
typedef struct fps_live {
    double heartbeat; /* seconds since the epoch; 0 if never */
    int64_t running;
    double rate;
} fps_live;

/* What can be told at once, without rebuilding the plan: a million tasks take well under 0.2 s. */
typedef struct fps_glance {
    char sweep[128];                    /* its name */
    fps_shard shard;                    /* {0, 0}: the whole sweep */
    int64_t tasks;                      /* of the shard, if it is one */
    int64_t outcome[FPS_OUTCOME_COUNT]; /* damaged rows are counted as pending: a resume runs them again */
    int64_t damaged; /* rows whose scalars are not what was committed (their numbers were not read) */
    bool truncated;  /* the end of the file is missing: rows counted as done may be incomplete */
    bool held;       /* FILE.h5.lock names a run that writes it, or that did not end in order */
    double spent_s;  /* seconds of one core, finished tasks */
    fps_live live;
    int32_t format_version, numerics_version;
    char kernel_class[32], blas_core[32], libraries[512];
    uint64_t self_test, sweep_hash;
    char extensions[FPS_EXTENSION_LINES]; /* registered words of its sweep, as fps_extension_write() lists them */
} fps_glance;
fps_status fps_results_glance(const char *path, fps_glance *out);

/* Opaque; a file opened read-only, with the plan rebuilt from the sweep text that it carries. */
typedef struct fps_reader fps_reader;

/* FPS_ERROR_INPUT, in one sentence, if PATH is missing, no HDF5 file, not fpsweep's, of a newer format, or damaged. */
fps_status fps_reader_open(const char *path, fps_reader **out);
void fps_reader_close(fps_reader **reader);
const fps_plan *fps_reader_plan(const fps_reader *reader); /* borrowed */

/* The part of the sweep that the file holds; {0, 0}: all of it. */
fps_shard fps_reader_shard(const fps_reader *reader);
/* Read the row of task i and compare it, and its scalars, with their checksums; a pending row is right.
 * fps_reader_trajectory and fps_reader_result do so by themselves, once per row, and fail with FPS_ERROR_INPUT ("task
 * 17: its checksum is wrong: ...fpsweep verify..."): no wrong number is ever handed out. */
fps_status fps_reader_check(fps_reader *reader, int64_t i, bool *right);

/* Text attribute of the file ("" if absent); borrowed until the next call. */
const char *fps_reader_attribute(fps_reader *reader, const char *name);
/* Scalars of all tasks: rows[count of tasks], from the first to the last. A row whose scalars are not what was
 * committed is `damaged` and has no numbers: it is pending, everything else is 0 or NAN; one warning tells how many
 * there are. Format 1 has no checksum over scalars: only impossible numbers are damaged; makers are those that the file
 * names. */
fps_status fps_reader_rows(fps_reader *reader, fps_row *rows);
fps_status fps_reader_live(fps_reader *reader, fps_live *live);
/* Fill `trajectory` (prepared here) with the row of task i, as far as its records go; a pending row has none. */
fps_status fps_reader_trajectory(fps_reader *reader, int64_t i, fps_trajectory *trajectory);
/* One result of one task alone: fills value[elements in the task's extent], NAN where it has none (a pending row).
 * FPS_ERROR_INPUT if it was not kept. */
fps_status fps_reader_result(fps_reader *reader, int64_t i, fps_result result, double *value);
/* xi[direction 0][K] of a task: cycles per unit length. */
fps_status fps_reader_frequencies(fps_reader *reader, int64_t i, double *xi);

/* ---- the user's data files ---- */

/* Read points from a CSV (header x1[,x2,x3],y; `x` alone is x1) or an HDF5 file (datasets of these names).
 * FPS_ERROR_INPUT as path:line: what is wrong. The caller owns the arrays: fps_dataset_release. */
fps_status fps_dataset_read(const char *path, fps_dataset *out);
void fps_dataset_release(fps_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
