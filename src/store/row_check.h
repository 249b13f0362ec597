/* row_check.h: reading one row back and comparing it with its checksums. */
#ifndef FPSWEEP_STORE_ROW_CHECK_H
#define FPSWEEP_STORE_ROW_CHECK_H

#include "store/identity.h"
#include "store/scalars.h"

/* Everything that handles one row at a time needs. Owned, but plan and variables. */
typedef struct fps_row_check {
    const fps_plan *plan;
    fps_variables *variables;
    fps_scalars scalars; /* row 0: the row looked at last */
    fps_identity *identity;
    fps_row_hash *hash;
    void *buffer; /* the largest row of a result, as stored */
} fps_row_check;

/* For the open variables of a file. fps_row_check_release is safe on zeros and after a failure. */
fps_status fps_row_check_create(fps_variables *variables, const fps_plan *plan, fps_row_check *out);
void fps_row_check_release(fps_row_check *check);

/* Read the scalars of a task into row 0; are they what was committed? A pending row is right. */
fps_status fps_row_check_scalars(fps_row_check *check, const fps_task *task, bool *right);

/* Read scalars (into row 0) and results of a task and compare them with their checksums. A pending row is right. A row
 * that changes meanwhile, because a run resets it, is read again. */
fps_status fps_row_check_all(fps_row_check *check, const fps_task *task, bool *right);

#endif
