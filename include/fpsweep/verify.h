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
    bool format;    /* also check the file against the specification of its format */
    /* Called with one sentence per finding, "task 17 (depth=2 seed=3): its checksum is wrong"; NULL: none. */
    void (*finding)(void *context, const char *sentence);
    void *context;
    volatile const int *stop; /* NULL: none */
} fps_verify_options;

typedef struct fps_verification {
    int64_t tasks, outcome[FPS_OUTCOME_COUNT];
    int64_t wrong;    /* finished rows whose checksum is wrong */
    int64_t findings; /* everything that is wrong: rows, columns, structure */
    int64_t replayed, same, differ;
    bool comparable; /* this program's kernels are those that made the file: replayed rows must be the same */
    int64_t reset;   /* what a resume would run again */
} fps_verification;

/* Check structure, columns against the sweep, coverage, every checksum; replay. FPS_ERROR_INPUT if the file cannot be
 * read at all; FPS_OK otherwise, whatever was found. */
fps_status fps_verify_file(const char *path, const fps_verify_options *options, fps_verification *out);

#endif
