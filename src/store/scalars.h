/* scalars.h: the numbers per task of a block of rows in memory, and whether they are what was committed.
 *
 * scalars_checksum covers all other scalars of a row, so that a changed byte in these small arrays is found like one in
 * a row. Pending rows are not checked: of a run that was killed in a commit they may hold anything.
 */
#ifndef FPSWEEP_STORE_SCALARS_H
#define FPSWEEP_STORE_SCALARS_H

#include "fpsweep/results.h"
#include "store/variables.h"

/* One array per scalar. Owned. */
typedef struct fps_scalars {
    int64_t rows; /* room */
#define X(NAME, name, ctype, ...) ctype *name;
    FPS_SCALAR_LIST(X)
#undef X
    void *number[FPS_ROW_NUMBERS];              /* results without dimensions, as stored; NULL if not in the file */
    fps_open_variable *source[FPS_ROW_NUMBERS]; /* their variables */
} fps_scalars;

/* Make room for `rows` rows of the open variables. */
fps_status fps_scalars_create(fps_variables *variables, int64_t rows, fps_scalars *out);
void fps_scalars_release(fps_scalars *scalars); /* null-safe in that sense; not the struct */

/* The array of a scalar. */
void *fps_scalars_array(fps_scalars *scalars, fps_scalar scalar);

/* Read rows first .. first + count - 1 of the file to row `at` and following. Outcomes are read first: a row that they
 * call done was complete before. What the file's format does not have is 0. */
fps_status fps_scalars_read(fps_scalars *scalars, fps_variables *variables, int64_t first, int64_t count, int64_t at);

/* The checksum that belongs to row k: low 32 bits of XXH3-64, seeded with the identity, over outcome (int8), checksum
 * (uint32), records (int32), seconds (float64), rank, attempts, version (int32), kernel_class (int8), self_test
 * (uint32), finished (float64), then the file's results without dimensions, little-endian without gaps. */
uint32_t fps_scalars_checksum(const fps_scalars *scalars, int64_t k, uint64_t identity);

/* Is row k of a file of `format` possible and, if it is not pending, what was committed? */
bool fps_scalars_right(const fps_scalars *scalars, int64_t k, int format, uint64_t identity);

/* Call `each` for every damaged row among rows first .. first + count - 1, which are at row `at` and following. The
 * identities are the file's (fast); one that does not match is computed from the plan (NULL: it stays the file's).
 * Stops at the first failure. */
fps_status fps_scalars_check(const fps_scalars *scalars, fps_variables *variables, const fps_plan *plan, int64_t first,
                             int64_t count, int64_t at, fps_status (*each)(void *context, int64_t task), void *context);

/* Is row k pending although its other numbers are there: was a run broken off while it committed, is one doing so now,
 * or is the outcome damaged? */
bool fps_scalars_interrupted(const fps_scalars *scalars, int64_t k);

/* Say so of `count` rows, unless a run is at it (`live`). */
void fps_scalars_tell_interrupted(const char *path, int64_t count, const fps_live *live);

/* Row k to and from fps_row (all but the task's number, its identity and `damaged`). A pending row has no numbers. */
void fps_scalars_get(const fps_scalars *scalars, int64_t k, fps_row *row);
void fps_scalars_set(fps_scalars *scalars, int64_t k, const fps_row *row);

#endif
