/* agenda.h: which tasks a run concerns, and the numbers (tickets) that the schedule knows them by.
 *
 * Without a list a ticket is the task's number; with a list it is the place in the list, so that tasks of equal
 * prediction are run in the order of the list. Pending ones are to be run.
 */
#ifndef FPSWEEP_PARALLEL_AGENDA_H
#define FPSWEEP_PARALLEL_AGENDA_H

#include "job.h"

typedef struct fps_agenda {
    int64_t count;       /* tickets */
    int64_t to_run;      /* of them to be run */
    bool *pending;       /* [count] */
    int8_t *outcome;     /* [tasks of the plan] fps_outcome in the file at the start of the run */
    const int64_t *list; /* [count] task of a ticket; NULL: the same number. Borrowed from the options. */
    int64_t *by_task;    /* [count] tickets by rising task; NULL without a list */
} fps_agenda;

/* Not collective; the coordinator alone. Read the outcomes of the file, and start `progress` with what is there. If the
 * options say `again`, tasks that have ended are first set back to pending in the file. FPS_ERROR_USAGE if the list
 * names a task twice or one that does not exist.
 */
fps_status fps_agenda_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress);
void fps_agenda_release(fps_agenda *agenda);

static inline int64_t fps_agenda_task(const fps_agenda *agenda, int64_t ticket) {
    return agenda->list ? agenda->list[ticket] : ticket;
}

/* Does the run concern a task? *ticket is its number then, else that of another task. */
bool fps_agenda_find(const fps_agenda *agenda, int64_t task, int64_t *ticket);

/* Ticket of a task that was handed out. */
int64_t fps_agenda_ticket(const fps_agenda *agenda, int64_t task);

/* Note that a pending task has ended before the run began. */
void fps_agenda_strike(fps_agenda *agenda, int64_t ticket, fps_outcome outcome);

#endif
