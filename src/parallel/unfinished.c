#include "unfinished.h"

#include <math.h>
#include <string.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

/* A task that has taken its rank down so often is not tried again. Of so many the user is told by name. */
enum { CRASH_LIMIT = 2, NAMED = 10 };

/* Is `number` the task of that identity? Folders outlive sweeps: their numbers need not be ours. */
static bool is_ours(const fps_job *job, int64_t number, uint64_t identity) {
    fps_task task;
    if (number < 0 || number >= fps_plan_count(job->plan))
        return false;
    fps_plan_task(job->plan, number, &task);
    return fps_task_identity(&task) == identity;
}

/* ---- crashes ---------------------------------------------------------------------------------------------------- */

/* The row of a task that cannot be run: it has no records. */
static fps_status failed_row(const fps_job *job, const fps_crash *crash, fps_row *row) {
    fps_task task;
    fps_trajectory trajectory = {0};
    fps_plan_task(job->plan, crash->task, &task);
    fps_status status = fps_trajectory_prepare(&trajectory, &task, fps_plan_record(job->plan));
    *row = (fps_row){.task = crash->task,
                     .outcome = FPS_FAILED,
                     .rank = crash->rank,
                     .attempts = crash->crashes,
                     .kernel_class = (int8_t)fps_kernel_class_current(),
                     .self_test = (uint32_t)job->options->self_test};
    for (int i = 0; i < FPS_ROW_NUMBERS; i++)
        row->number[i] = (double)NAN;
    trajectory.outcome = FPS_FAILED;
    if (status == FPS_OK)
        status = fps_results_checksum(job->plan, &task, &trajectory, &row->checksum);
    fps_trajectory_release(&trajectory);
    return status;
}

static void tell(const fps_job *job, const fps_crash *crash, int64_t told) {
    char name[512];
    if (told < NAMED)
        fps_log(FPS_LOG_WARNING,
                "%s has crashed its rank %d times, last with signal %d (%s): it is recorded as failed; "
                "--retry failed runs it again",
                fps_job_name_task(job->plan, crash->task, name, sizeof name), crash->crashes, crash->signal,
                strsignal(crash->signal));
    else if (told == NAMED)
        fps_log(FPS_LOG_WARNING, "more tasks have crashed so often; only the first %d are named here", NAMED);
}

/* Give up the tasks that crash, or forgive them. */
static fps_status settle_crashes(const fps_job *job, fps_agenda *agenda, fps_progress *progress) {
    fps_crash *crash = NULL;
    fps_row *row = NULL;
    int64_t count, rows = 0, ticket;
    fps_status status;
    FPS_TRY_GOTO(status, fps_checkpoints_crashes(job->options->checkpoints, &crash, &count), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, count), done);
    for (int64_t i = 0; i < count; i++) {
        if (!fps_agenda_find(agenda, crash[i].task, &ticket) || !agenda->pending[ticket] || crash[i].crashes == 0 ||
            !is_ours(job, crash[i].task, crash[i].identity))
            continue;
        if (job->options->again) {
            crash[i].signal = 0;
            fps_checkpoints_note_crash(job->options->checkpoints, &crash[i]);
        } else if (crash[i].crashes >= CRASH_LIMIT) {
            FPS_TRY_GOTO(status, failed_row(job, &crash[i], &row[rows]), done);
            tell(job, &crash[i], rows);
            fps_agenda_strike(agenda, ticket, FPS_FAILED);
            rows++;
        }
    }
    if (rows > 0)
        FPS_TRY_GOTO(status, fps_results_commit(job->results, row, rows), done);
    progress->failed += rows;
done:
    fps_free(row);
    fps_free(crash);
    return status;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------ */

static double part_left(const fps_checkpoint_head *head) {
    return head->step > 0 && head->steps > head->step ? 1.0 - (double)head->step / (double)head->steps : 1.0;
}

static fps_status find_checkpoints(const fps_job *job, const fps_agenda *agenda, fps_unfinished *u) {
    fps_checkpoints *checkpoints = job->options->checkpoints;
    fps_checkpoint_head *head = NULL;
    int64_t count, ticket;
    fps_status status;
    FPS_TRY_GOTO(status, fps_checkpoints_list(checkpoints, &head, &count), done);
    if (count == 0)
        goto done;
    FPS_TRY_GOTO(status, FPS_ALLOC(u->ticket, count), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(u->left, count), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(u->saved, agenda->count), done);
    for (int64_t i = 0; i < count; i++) {
        const int64_t task = head[i].task;
        if (!is_ours(job, task, head[i].identity))
            continue;
        if (agenda->outcome[task] != FPS_PENDING) { /* the run ended between committing the row and removing this */
            FPS_TRY_GOTO(status, fps_checkpoints_remove(checkpoints, head[i].identity), done);
        } else if (fps_agenda_find(agenda, task, &ticket)) {
            u->ticket[u->count] = ticket;
            u->left[u->count++] = part_left(&head[i]);
            u->saved[ticket] = true;
        } else {
            u->others++;
        }
    }
done:
    fps_free(head);
    return status;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

fps_status fps_unfinished_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress, fps_unfinished *out) {
    *out = (fps_unfinished){0};
    if (!job->options->checkpoints)
        return FPS_OK;
    fps_status status = settle_crashes(job, agenda, progress);
    if (status == FPS_OK)
        status = find_checkpoints(job, agenda, out);
    if (status != FPS_OK)
        fps_unfinished_release(out);
    return status;
}

void fps_unfinished_release(fps_unfinished *unfinished) {
    fps_free(unfinished->saved);
    fps_free(unfinished->left);
    fps_free(unfinished->ticket);
    *unfinished = (fps_unfinished){0};
}

fps_status fps_unfinished_clear(const fps_job *job, const fps_unfinished *unfinished) {
    if (!job->options->checkpoints || unfinished->others > 0)
        return FPS_OK;
    return fps_checkpoints_clear(job->options->checkpoints);
}
