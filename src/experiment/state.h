/* state.h (internal): everything that training changes, as bytes.
 *
 * One walk over the same list of arrays counts them, saves them and restores them, so that what is saved is what is
 * restored: a new piece of state is one more fps_state_visit() in the list it belongs to (`visit` in real/run.c, or the
 * trajectory's below). What a task makes anew from its parameters when it is prepared is left out.
 *
 * Layout: fps_state_head, then the arrays of the walk one behind the other, in the machine's byte order.
 */
#ifndef FPSWEEP_EXPERIMENT_STATE_H
#define FPSWEEP_EXPERIMENT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/trainer.h"

/* Raised whenever the walk changes. */
#define FPS_STATE_LAYOUT 1

/* What stands first. Fields of 8 bytes, so that there is no padding between them. */
typedef struct fps_state_head {
    uint64_t magic;
    uint64_t checksum; /* XXH3-64 of everything behind it */
    int64_t layout;
    int64_t size;             /* bytes in all */
    uint64_t identity;        /* fps_task_identity() */
    uint64_t record_identity; /* fps_record_identity() */
    int64_t step;             /* updates made */
    int64_t records;          /* rows of the trajectory that count */
    double learning_rate;     /* with stable(c) resolved */
    double seconds;           /* spent on the task so far */
} fps_state_head;

/* One walk. {0} counts. */
typedef struct fps_state_walk {
    unsigned char *at; /* the next byte of the state; NULL: only count */
    bool restore;      /* copy from the state, instead of into it */
    int64_t bytes;     /* visited so far */
} fps_state_walk;

/* The next `bytes` of the state are those at `data` (which may be NULL if there are none). */
void fps_state_visit(fps_state_walk *walk, void *data, int64_t bytes);

/* The rows that count, and results of the task as a whole but those that preparing it makes anew. */
void fps_state_visit_trajectory(fps_state_walk *walk, fps_trajectory *trajectory);

/* Is this one of the results that the second function visits, if it is kept? */
bool fps_state_holds(fps_result result);

/* Make room for a state with so many bytes behind its head, and set its size. What it held is lost. */
fps_status fps_state_reserve(fps_state *state, int64_t bytes);

/* Write the head in front of the bytes that stand there already. Fills magic, checksum, layout and size. */
void fps_state_seal(fps_state *state, fps_state_head *head);

/* Read the head, whatever the bytes are. FPS_ERROR_MISMATCH unless they are whole, of this layout, and of the task and
 * records with these identities. */
fps_status fps_state_open(const fps_state *state, uint64_t identity, uint64_t record_identity, fps_state_head *head);

#endif
