/* verify.h: is a results file sound, and would its rows come out the same today? */
#ifndef FPSWEEP_VERIFY_H
#define FPSWEEP_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/results.h"
#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

typedef struct fps_verify_options {
    int64_t replay; /* so many finished tasks, drawn at random, are run again and compared bit by bit */
    uint64_t seed;  /* of the draw */
    bool format;    /* compare names, types, dimensions and attributes with the format's tables (src/store/FORMAT.md) */
    /* Called with one sentence per finding: "task 17 (depth=2 seed=3): its checksum is wrong ...". NULL: none. */
    void (*finding)(void *context, const char *sentence);
    /* Called with what is worth knowing but nothing wrong. NULL: none. */
    void (*note)(void *context, const char *sentence);
    /* Called after every row that was checked or run again; NULL: none. */
    void (*progress)(void *context, int64_t done, int64_t all);
    void *context;
    volatile const int *stop; /* NULL: none */
} fps_verify_options;

typedef struct fps_verification {
    int64_t tasks, outcome[FPS_OUTCOME_COUNT]; /* of the part of the sweep that the file holds */
    int64_t findings;                          /* everything that is wrong: format, columns, rows, replays */
    int64_t damaged;                           /* rows that are not what was committed: a resume can run them again */
    int64_t columns;                           /* variables written at creation that are not as the sweep says */
    int64_t format;                            /* violations of the format */
    int64_t replayed, same, differ;            /* tasks run again; with the same bits; with others (a finding) */
    int64_t other;             /* run again with other kernels than the row's, and with other bits: no finding */
    double largest_difference; /* of those: the largest change of a result, relative to that result's largest */
    int64_t passed_over;       /* drawn for a replay, but their data file is not there */
} fps_verification;

/* Check structure, format if asked for, columns against the sweep, coverage, and every row with its checksums; run
 * tasks again. Call it only where OpenBLAS is in order if tasks are run again. FPS_ERROR_INPUT if the file cannot be
 * read at all (one that can be read as far as its format is a finding); FPS_STOPPED; FPS_OK otherwise, whatever was
 * found. */
fps_status fps_verify_file(const char *path, const fps_verify_options *options, fps_verification *out);

#endif
