#include "coordinator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agenda.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/schedule.h"

/* Rows that are committed together at most. */
enum { ROW_LIMIT = 65536, NOTE_LIMIT = 10 };
/* A rank 0 that trains must come back to its task. */
static const double SERVE_LIMIT_S = 5e-3;
static const double LIVE_EVERY_S = 1.0;

struct fps_coordinator {
    const fps_job *job;
    fps_agenda agenda;
    fps_schedule *schedule;
    bool trains;
    bool ended;     /* the workers are told */
    bool concluded; /* all have left, all is written */
    bool commits;   /* committing works */
    int absent;     /* ranks that have not left */
    fps_row *row;   /* [ROW_LIMIT] safe on disk, not committed */
    int64_t rows, notes;
    int64_t *batch; /* [FPS_SCHEDULE_BATCH_LIMIT] */
    double start_s, row_since_s, progress_s, live_s;
    int64_t ran; /* tasks that this run has brought to an end */
    fps_progress progress;
    fps_message message; /* the one being handled */
    bool stopped;
    fps_status status; /* the first error of any rank */
    char text[2048];
};

/* ---- how it ends ------------------------------------------------------------------------------------------------ */

/* Tell every worker to report and leave. */
static fps_status end(fps_coordinator *c) {
    const fps_message message = {.kind = FPS_MESSAGE_END};
    if (c->ended)
        return FPS_OK;
    c->ended = true;
    for (int rank = 0; rank < fps_channel_ranks(c->job->channel); rank++)
        FPS_TRY(fps_channel_send(c->job->channel, rank, FPS_SIDE_WORKER, &message));
    return FPS_OK;
}

/* Keep the first error and end the run. */
static fps_status fail(fps_coordinator *c, int rank, fps_status status, const char *text) {
    if (c->status == FPS_OK) {
        c->status = status;
        if (fps_channel_ranks(c->job->channel) > 1)
            snprintf(c->text, sizeof c->text, "rank %d: %s", rank, text);
        else
            snprintf(c->text, sizeof c->text, "%s", text);
    }
    return end(c);
}

bool fps_coordinator_over(const fps_coordinator *coordinator) {
    return coordinator->concluded;
}

fps_status fps_coordinator_verdict(const fps_coordinator *c) {
    if (c->status != FPS_OK)
        return fps_fail(c->status, "%s", c->text);
    int64_t undone = fps_schedule_left(c->schedule) + fps_schedule_running(c->schedule);
    if (c->stopped && undone > 0)
        return fps_fail(FPS_STOPPED, "stopped in good order, %lld tasks are left; --resume continues",
                        (long long)undone);
    return FPS_OK;
}

/* ---- writing down ----------------------------------------------------------------------------------------------- */

static int by_task(const void *a, const void *b) {
    int64_t i = ((const fps_row *)a)->task, k = ((const fps_row *)b)->task;
    return (i > k) - (i < k);
}

/* Commit the rows that have come in, in the order of the file. Only committed tasks count as ended. */
static fps_status commit(fps_coordinator *c) {
    int64_t rows = c->rows;
    c->rows = 0;
    if (rows == 0 || !c->commits)
        return FPS_OK;
    qsort(c->row, (size_t)rows, sizeof *c->row, by_task);
    fps_status status = fps_results_commit(c->job->results, c->row, rows);
    if (status != FPS_OK) {
        c->commits = false; /* what the file says now stays true; more could not be trusted */
        return fail(c, 0, status, fps_error_message());
    }
    for (int64_t i = 0; i < rows; i++) {
        int64_t *counter[FPS_OUTCOME_COUNT] = {NULL, &c->progress.done, &c->progress.diverged, &c->progress.failed};
        fps_schedule_done(c->schedule, c->row[i].rank, fps_agenda_ticket(&c->agenda, c->row[i].task),
                          c->row[i].seconds);
        ++*counter[c->row[i].outcome];
    }
    c->ran += rows;
    return FPS_OK;
}

static void report(fps_coordinator *c, double now_s) {
    fps_progress *p = &c->progress;
    int workers = fps_channel_ranks(c->job->channel) - !c->trains;
    p->running = fps_schedule_busy(c->schedule);
    p->elapsed_s = now_s - c->start_s;
    p->rate = p->elapsed_s > 0.0 ? (double)c->ran / p->elapsed_s : 0.0;
    p->eta_s = c->ran > 0 ? fps_schedule_seconds_left(c->schedule) / workers : (double)NAN;
}

/* Leave a sign of life in the file. */
static fps_status live(fps_coordinator *c) {
    struct timespec time;
    if (!c->commits)
        return FPS_OK;
    clock_gettime(CLOCK_REALTIME, &time);
    fps_status status = fps_results_live(c->job->results, (double)time.tv_sec + 1e-9 * (double)time.tv_nsec,
                                         c->progress.running, c->progress.rate);
    return status == FPS_OK ? FPS_OK : fail(c, 0, status, fps_error_message());
}

/* Everybody has left. */
static fps_status conclude(fps_coordinator *c) {
    c->concluded = true;
    FPS_TRY(commit(c));
    report(c, fps_job_now());
    c->progress.running = 0;
    FPS_TRY(live(c));
    if (c->job->options->progress)
        c->job->options->progress(c->job->options->progress_context, &c->progress);
    return FPS_OK;
}

/* Do what is due. */
static fps_status keep_house(fps_coordinator *c) {
    const fps_job *job = c->job;
    double now_s = fps_job_now();
    if (c->concluded)
        return FPS_OK;
    if (c->absent == 0)
        return conclude(c);
    if (c->rows > 0 && now_s - c->row_since_s >= job->sync_every_s)
        FPS_TRY(commit(c));
    if (fps_job_stops(job) && !c->ended) {
        c->stopped = true;
        FPS_TRY(end(c));
    }
    if (now_s >= c->live_s) {
        c->live_s = now_s + LIVE_EVERY_S;
        report(c, now_s);
        FPS_TRY(live(c));
    }
    if (now_s >= c->progress_s && job->options->progress) {
        c->progress_s = now_s + job->options->progress_every_s;
        report(c, now_s);
        job->options->progress(job->options->progress_context, &c->progress);
    }
    /* Once all results are safe nothing is left but to write them down. */
    if (!c->ended && fps_schedule_left(c->schedule) == 0 && fps_schedule_running(c->schedule) == c->rows)
        FPS_TRY(end(c));
    return FPS_OK;
}

/* ---- answering -------------------------------------------------------------------------------------------------- */

/* Send a rank what it shall run next, or that nothing is left, so that it reports what it holds back for a sync. */
static fps_status hand_out(fps_coordinator *c, int rank) {
    int64_t count = fps_schedule_next(c->schedule, rank, c->batch, FPS_SCHEDULE_BATCH_LIMIT);
    fps_message message = {.kind = FPS_MESSAGE_TASKS};
    if (count == 0 && fps_schedule_left(c->schedule) > 0) /* it holds enough and asks again when dry */
        return FPS_OK;
    if (count == 0)
        return fps_channel_send(c->job->channel, rank, FPS_SIDE_WORKER, &message);
    message.detail = (int32_t)fps_schedule_ask_at(c->schedule, c->batch, count);
    for (int64_t i = 0; i < count;) {
        message.count = 0;
        while (i < count && message.count < FPS_MESSAGE_TASK_LIMIT)
            message.task[message.count++] = fps_agenda_task(&c->agenda, c->batch[i++]);
        FPS_TRY(fps_channel_send(c->job->channel, rank, FPS_SIDE_WORKER, &message));
    }
    return FPS_OK;
}

static fps_status on_news(fps_coordinator *c, int rank) {
    for (int32_t i = 0; i < c->message.count; i++) {
        const fps_finished *finished = &c->message.finished[i];
        fps_schedule_finished(c->schedule, rank, fps_agenda_ticket(&c->agenda, finished->task), finished->seconds);
    }
    return c->message.detail && !c->ended ? hand_out(c, rank) : FPS_OK;
}

static fps_status on_rows(fps_coordinator *c, int rank) {
    (void)rank;
    if (c->rows + c->message.count > ROW_LIMIT)
        FPS_TRY(commit(c));
    if (c->rows == 0)
        c->row_since_s = fps_job_now();
    memcpy(c->row + c->rows, c->message.row, (size_t)c->message.count * sizeof *c->row);
    c->rows += c->message.count;
    return FPS_OK;
}

static fps_status on_note(fps_coordinator *c, int rank) {
    (void)rank;
    if (++c->notes <= NOTE_LIMIT)
        fps_log(FPS_LOG_WARNING, "%s", c->message.text);
    else if (c->notes == NOTE_LIMIT + 1)
        fps_log(FPS_LOG_WARNING, "more tasks failed; only the first %d are named here", NOTE_LIMIT);
    return FPS_OK;
}

static fps_status on_stop(fps_coordinator *c, int rank) {
    (void)rank;
    c->stopped = true;
    return end(c);
}

static fps_status on_broken(fps_coordinator *c, int rank) {
    return fail(c, rank, (fps_status)c->message.detail, c->message.text);
}

static fps_status on_left(fps_coordinator *c, int rank) {
    (void)rank;
    c->absent--;
    return FPS_OK;
}

fps_status fps_coordinator_serve(fps_coordinator *c, bool *busy) {
    static fps_status (*const handle[FPS_MESSAGE_KINDS])(fps_coordinator *, int) = {
        [FPS_MESSAGE_NEWS] = on_news, [FPS_MESSAGE_ROWS] = on_rows,     [FPS_MESSAGE_NOTE] = on_note,
        [FPS_MESSAGE_STOP] = on_stop, [FPS_MESSAGE_BROKEN] = on_broken, [FPS_MESSAGE_LEFT] = on_left};
    double until_s = fps_job_now() + SERVE_LIMIT_S;
    bool any = false;
    do {
        int from;
        FPS_TRY(fps_channel_receive(c->job->channel, FPS_SIDE_COORDINATOR, &c->message, &from));
        if (from < 0)
            break;
        any = true;
        if (!handle[c->message.kind])
            return fps_fail(FPS_ERROR_MPI, "rank %d sent the coordinator a message for workers", from);
        FPS_TRY(handle[c->message.kind](c, from));
    } while (fps_job_now() < until_s);
    if (busy)
        *busy = any;
    return keep_house(c);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

/* Predict every pending task; *mean_s over them. predicted_s is indexed by ticket. */
static void predict(const fps_job *job, const fps_agenda *agenda, const fps_calibration *calibration,
                    float *predicted_s, double *mean_s) {
    double sum_s = 0.0;
    for (int64_t ticket = 0; ticket < agenda->count; ticket++) {
        fps_task task;
        fps_cost cost;
        if (agenda->pending && !agenda->pending[ticket])
            continue;
        fps_plan_task(job->plan, fps_agenda_task(agenda, ticket), &task);
        fps_cost_estimate(&task, fps_plan_record(job->plan), calibration, &cost);
        predicted_s[ticket] = (float)cost.seconds;
        sum_s += isfinite(cost.seconds) ? cost.seconds : 0.0;
    }
    *mean_s = agenda->to_run > 0 ? sum_s / (double)agenda->to_run : 0.0;
}

fps_status fps_coordinator_create(const fps_job *job, const fps_calibration *calibration, fps_coordinator **out) {
    *out = NULL;
    const int ranks = fps_channel_ranks(job->channel);
    float *predicted_s = NULL;
    double mean_s;
    fps_coordinator *c;
    fps_status status;
    FPS_TRY(FPS_ALLOC(c, 1));
    c->job = job;
    c->commits = true;
    c->absent = ranks;
    FPS_TRY_GOTO(status, FPS_ALLOC(c->row, ROW_LIMIT), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(c->batch, FPS_SCHEDULE_BATCH_LIMIT), failed);
    FPS_TRY_GOTO(status, fps_agenda_create(job, &c->agenda, &c->progress), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(predicted_s, c->agenda.count), failed);
    predict(job, &c->agenda, calibration, predicted_s, &mean_s);
    c->trains = fps_schedule_coordinator_trains(ranks, c->agenda.to_run, mean_s);
    const fps_schedule_options options = {.workers = ranks - !c->trains,
                                          .ahead_s = FPS_SCHEDULE_AHEAD_S,
                                          .batch_limit = FPS_SCHEDULE_BATCH_LIMIT,
                                          .first_worker = !c->trains};
    FPS_TRY_GOTO(status, fps_schedule_create(&options, c->agenda.count, predicted_s, c->agenda.pending, &c->schedule),
                 failed);
    fps_free(predicted_s);
    c->start_s = fps_job_now();
    *out = c;
    return FPS_OK;
failed:
    fps_free(predicted_s);
    fps_coordinator_destroy(&c);
    return status;
}

void fps_coordinator_destroy(fps_coordinator **coordinator) {
    fps_coordinator *c = *coordinator;
    if (!c)
        return;
    fps_schedule_destroy(&c->schedule);
    fps_agenda_release(&c->agenda);
    fps_free(c->batch);
    fps_free(c->row);
    fps_free(c);
    *coordinator = NULL;
}

bool fps_coordinator_trains(const fps_coordinator *coordinator) {
    return coordinator->trains;
}

const fps_progress *fps_coordinator_progress(const fps_coordinator *coordinator) {
    return &coordinator->progress;
}
