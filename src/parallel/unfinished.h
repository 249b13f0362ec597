/* unfinished.h: what earlier runs have left of tasks that are still pending: checkpoints, and crashes. */
#ifndef FPSWEEP_PARALLEL_UNFINISHED_H
#define FPSWEEP_PARALLEL_UNFINISHED_H

#include "agenda.h"
#include "job.h"

/* Pending tasks that have a checkpoint. */
typedef struct fps_unfinished {
    int64_t *ticket; /* [count] */
    double *left;    /* [count] part of their steps that is left, 0 to 1 */
    int64_t count;
    bool *saved;    /* [tickets of the agenda] is it among them? NULL: there are none */
    int64_t others; /* checkpoints of pending tasks that this run does not concern: they must stay */
} fps_unfinished;

/* Not collective; the coordinator alone. Look into the folder of checkpoints (NULL handle: nothing was left). Pending
 * tasks that have crashed twice or more become failed rows, with a note to the user, and are struck off the agenda; if
 * the options say `again`, their crashes are forgiven instead. Checkpoints of tasks that have ended are removed. */
fps_status fps_unfinished_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress, fps_unfinished *out);
void fps_unfinished_release(fps_unfinished *unfinished);

/* Not collective; the coordinator alone, when all tasks of the run have ended. Remove the folder, unless other pending
 * tasks still need it. */
fps_status fps_unfinished_clear(const fps_job *job, const fps_unfinished *unfinished);

#endif
