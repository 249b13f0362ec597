/* agenda.h: which tasks a run concerns, and the numbers (tickets) that the schedule knows them by.
 *
 * Without a list a ticket is the task's number and `pending` says which are to be run; with a list it is the place in
 * the list, so that tasks of equal prediction are run in the order of the list.
 */
#ifndef FPSWEEP_PARALLEL_AGENDA_H
#define FPSWEEP_PARALLEL_AGENDA_H

#include "job.h"

typedef struct fps_agenda {
    int64_t count;       /* tickets */
    int64_t to_run;      /* of them to be run */
    bool *pending;       /* [count]; NULL: all */
    const int64_t *list; /* [count] task of a ticket; NULL: the same number. Borrowed from the options. */
    int64_t *by_task;    /* [count] tickets by rising task; NULL without a list */
} fps_agenda;

/* Not collective; the coordinator alone. Read the outcomes of the file, and start `progress` with what is there. Tasks
 * of a list are run whatever their outcome: those that have one are first set back to pending, so that the file never
 * calls a row done which is being rewritten. FPS_ERROR_USAGE if the list names a task twice or one that does not exist.
 */
fps_status fps_agenda_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress);
void fps_agenda_release(fps_agenda *agenda);

static inline int64_t fps_agenda_task(const fps_agenda *agenda, int64_t ticket) {
    return agenda->list ? agenda->list[ticket] : ticket;
}

/* Ticket of a task; 0 for one that has none (nothing holds it, so the schedule ignores it). */
int64_t fps_agenda_ticket(const fps_agenda *agenda, int64_t task);

#endif
