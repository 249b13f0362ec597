#include "coordinator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agenda.h"
#include "base/clock.h"
#include "estimate.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/schedule.h"
#include "ledger.h"
#include "unfinished.h"

/* Warnings of workers that the user is shown. */
enum { NOTE_LIMIT = 10 };
/* A rank 0 that trains must come back to its task. */
static const double SERVE_LIMIT_S = 5e-3;
static const double LIVE_EVERY_S = 1.0;

struct fps_coordinator {
    const fps_job *job;
    fps_agenda agenda;
    fps_unfinished unfinished;
    fps_schedule *schedule;
    fps_ledger ledger;
    bool trains;
    bool ended;     /* the workers are told */
    bool concluded; /* all have left, all is written */
    bool commits;   /* committing works */
    bool saves;     /* tasks that are broken off can be saved */
    int absent;     /* ranks that have not left */
    int64_t notes;
    int64_t *batch;                                    /* [FPS_SCHEDULE_BATCH_LIMIT] */
    double start_s, end_s, progress_s, live_s, sign_s; /* end_s: when to end; others: when it is due again */
    int64_t ran;                                       /* tasks that this run has brought to an end */
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

/* Tasks of this run that have not ended, as far as the file knows. */
static int64_t undone(const fps_coordinator *c) {
    return fps_schedule_left(c->schedule) + fps_schedule_running(c->schedule);
}

fps_status fps_coordinator_verdict(const fps_coordinator *c) {
    if (c->status != FPS_OK)
        return fps_fail(c->status, "%s", c->text);
    if (c->stopped && undone(c) > 0)
        return fps_fail(FPS_STOPPED, "stopped in good order, %lld tasks are left; --resume continues",
                        (long long)undone(c));
    return FPS_OK;
}

/* ---- writing down ----------------------------------------------------------------------------------------------- */

/* Commit the rows that have come in. Only committed tasks count as ended. */
static fps_status commit(fps_coordinator *c) {
    if (c->ledger.rows > 0 && c->commits) {
        fps_status status = fps_ledger_commit(&c->ledger, c->job);
        c->commits = status == FPS_OK; /* else what the file says now stays true; more could not be trusted */
        if (status != FPS_OK)
            FPS_TRY(fail(c, 0, status, fps_error_message()));
    }
    for (int64_t i = 0; i < c->ledger.rows && c->commits; i++) {
        const fps_row *row = &c->ledger.row[i];
        int64_t *counter[FPS_OUTCOME_COUNT] = {NULL, &c->progress.done, &c->progress.diverged, &c->progress.failed};
        fps_schedule_done(c->schedule, row->rank, fps_agenda_ticket(&c->agenda, row->task), row->seconds);
        ++*counter[row->outcome];
        c->ran++;
    }
    fps_ledger_forget(&c->ledger);
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
    if (!c->commits)
        return FPS_OK;
    fps_status status = fps_results_live(c->job->results, fps_clock_date_s(), c->progress.running, c->progress.rate);
    return status == FPS_OK ? FPS_OK : fail(c, 0, status, fps_error_message());
}

/* Everybody has left. */
static fps_status conclude(fps_coordinator *c) {
    c->concluded = true;
    FPS_TRY(commit(c));
    if (c->status == FPS_OK && undone(c) == 0) {
        fps_status status = fps_unfinished_clear(c->job, &c->unfinished);
        if (status != FPS_OK)
            fps_log(FPS_LOG_WARNING, "checkpoints that are not needed any more stay: %s", fps_error_message());
    }
    report(c, fps_clock_now_s());
    c->progress.running = 0;
    FPS_TRY(live(c));
    if (c->job->options->progress)
        c->job->options->progress(c->job->options->progress_context, &c->progress);
    return FPS_OK;
}

/* Tell all ranks that this one is alive, and what it is running. Once they are told to leave they do not listen. */
static fps_status show_life(fps_coordinator *c) {
    const fps_message message = {.kind = FPS_MESSAGE_ALIVE, .count = 1, .task = {fps_watch_task(c->job->watch, 0)}};
    for (int rank = 1; rank < fps_channel_ranks(c->job->channel) && !c->ended; rank++)
        FPS_TRY(fps_channel_send(c->job->channel, rank, FPS_SIDE_WORKER, &message));
    return FPS_OK;
}

/* Do what is due. */
static fps_status keep_house(fps_coordinator *c) {
    const fps_job *job = c->job;
    double now_s = fps_clock_now_s();
    if (c->concluded)
        return FPS_OK;
    if (c->absent == 0)
        return conclude(c);
    fps_watch_look(job->watch, now_s);
    if (now_s >= c->sign_s) {
        c->sign_s = now_s + fps_watch_every(job->watch);
        FPS_TRY(show_life(c));
    }
    if (fps_ledger_is_due(&c->ledger, job, now_s))
        FPS_TRY(commit(c));
    if ((fps_job_stops(job) || now_s >= c->end_s) && !c->ended) {
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
    /* Once all results are safe nothing is left but to write them down. Tasks set aside would not end in time. */
    if (!c->ended && fps_schedule_waiting(c->schedule) == 0 && fps_schedule_running(c->schedule) == c->ledger.rows) {
        c->stopped = c->stopped || fps_schedule_left(c->schedule) > 0;
        FPS_TRY(end(c));
    }
    return FPS_OK;
}

/* ---- answering -------------------------------------------------------------------------------------------------- */

/* A task as a worker is told of it. */
static int64_t number_of(const fps_coordinator *c, int64_t ticket) {
    const bool saved = c->unfinished.saved && c->unfinished.saved[ticket];
    return fps_agenda_task(&c->agenda, ticket) | (saved ? FPS_TASK_SAVED : 0);
}

/* Send a rank what it shall run next, or that nothing is left, so that it reports what it holds back for a sync. */
static fps_status hand_out(fps_coordinator *c, int rank) {
    if (!c->saves) /* what is not done by then is lost */
        fps_schedule_end_within(c->schedule, c->end_s - fps_clock_now_s());
    int64_t count = fps_schedule_next(c->schedule, rank, c->batch, FPS_SCHEDULE_BATCH_LIMIT);
    fps_message message = {.kind = FPS_MESSAGE_TASKS};
    if (count == 0 && fps_schedule_waiting(c->schedule) > 0) /* it holds enough and asks again when dry */
        return FPS_OK;
    if (count == 0)
        return fps_channel_send(c->job->channel, rank, FPS_SIDE_WORKER, &message);
    message.detail = (int32_t)fps_schedule_ask_at(c->schedule, c->batch, count);
    for (int64_t i = 0; i < count;) {
        message.count = 0;
        while (i < count && message.count < FPS_MESSAGE_TASK_LIMIT)
            message.task[message.count++] = number_of(c, c->batch[i++]);
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
    if (!fps_ledger_enter(&c->ledger, c->message.report, c->message.count, fps_clock_now_s())) {
        FPS_TRY(commit(c));
        fps_ledger_enter(&c->ledger, c->message.report, c->message.count, fps_clock_now_s());
    }
    return FPS_OK;
}

static fps_status on_note(fps_coordinator *c, int rank) {
    (void)rank;
    if (++c->notes <= NOTE_LIMIT)
        fps_log(FPS_LOG_WARNING, "%s", c->message.text);
    else if (c->notes == NOTE_LIMIT + 1)
        fps_log(FPS_LOG_WARNING, "there are more such messages; only the first %d are shown", NOTE_LIMIT);
    return FPS_OK;
}

static fps_status on_goes_on(fps_coordinator *c, int rank) {
    (void)rank;
    c->progress.resumed += c->message.detail;
    c->progress.resumed_steps += c->message.detail * c->message.task[0];
    return FPS_OK;
}

static fps_status on_alive(fps_coordinator *c, int rank) {
    fps_watch_running(c->job->watch, rank, c->message.task[0]);
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
    fps_watch_left(c->job->watch, rank);
    c->progress.saved += c->message.detail == FPS_REMAINS_SAVED;
    c->progress.lost += c->message.detail == FPS_REMAINS_LOST;
    c->absent--;
    return FPS_OK;
}

fps_status fps_coordinator_serve(fps_coordinator *c, bool *busy) {
    static fps_status (*const handle[FPS_MESSAGE_KINDS])(fps_coordinator *, int) = {
        [FPS_MESSAGE_NEWS] = on_news,       [FPS_MESSAGE_ROWS] = on_rows,  [FPS_MESSAGE_NOTE] = on_note,
        [FPS_MESSAGE_GOES_ON] = on_goes_on, [FPS_MESSAGE_STOP] = on_stop,  [FPS_MESSAGE_BROKEN] = on_broken,
        [FPS_MESSAGE_LEFT] = on_left,       [FPS_MESSAGE_ALIVE] = on_alive};
    double now_s = fps_clock_now_s();
    const double until_s = now_s + SERVE_LIMIT_S;
    bool any = false;
    do {
        int from;
        FPS_TRY(fps_channel_receive(c->job->channel, FPS_SIDE_COORDINATOR, &c->message, &from));
        if (from < 0)
            break;
        any = true;
        if (!handle[c->message.kind])
            return fps_fail(FPS_ERROR_MPI, "rank %d sent the coordinator a message for workers", from);
        fps_watch_heard(c->job->watch, from, now_s);
        FPS_TRY(handle[c->message.kind](c, from));
        now_s = fps_clock_now_s();
    } while (now_s < until_s);
    if (busy)
        *busy = any;
    return keep_house(c);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

/* Tasks that were begun come first. */
static fps_status make_schedule(fps_coordinator *c, const fps_estimate *estimate) {
    const int ranks = fps_channel_ranks(c->job->channel);
    c->trains = fps_schedule_coordinator_trains(ranks, c->agenda.to_run, estimate->mean_s);
    const fps_schedule_options options = {.workers = ranks - !c->trains,
                                          .ahead_s = FPS_SCHEDULE_AHEAD_S,
                                          .batch_limit = FPS_SCHEDULE_BATCH_LIMIT,
                                          .first_worker = !c->trains};
    FPS_TRY(fps_schedule_create(&options, c->agenda.count, estimate->predicted_s, c->agenda.pending, &c->schedule));
    return fps_schedule_prefer(c->schedule, c->unfinished.ticket, c->unfinished.count);
}

fps_status fps_coordinator_create(const fps_job *job, const fps_calibration *calibration, fps_coordinator **out) {
    *out = NULL;
    fps_estimate estimate = {0};
    fps_coordinator *c;
    fps_status status;
    FPS_TRY(FPS_ALLOC(c, 1));
    c->job = job;
    c->commits = true;
    c->absent = fps_channel_ranks(job->channel);
    c->start_s = fps_clock_now_s();
    c->sign_s = c->start_s + fps_watch_every(job->watch);
    FPS_TRY_GOTO(status, fps_ledger_create(&c->ledger), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(c->batch, FPS_SCHEDULE_BATCH_LIMIT), failed);
    FPS_TRY_GOTO(status, fps_agenda_create(job, &c->agenda, &c->progress), failed);
    FPS_TRY_GOTO(status, fps_unfinished_create(job, &c->agenda, &c->progress, &c->unfinished), failed);
    FPS_TRY_GOTO(status, fps_estimate_create(job, &c->agenda, &c->unfinished, calibration, &estimate), failed);
    FPS_TRY_GOTO(status, make_schedule(c, &estimate), failed);
    c->saves = estimate.saves;
    c->end_s = fps_estimate_end(&estimate, job, c->start_s);
    fps_estimate_release(&estimate);
    *out = c;
    return FPS_OK;
failed:
    fps_estimate_release(&estimate);
    fps_coordinator_destroy(&c);
    return status;
}

void fps_coordinator_destroy(fps_coordinator **coordinator) {
    fps_coordinator *c = *coordinator;
    if (!c)
        return;
    fps_schedule_destroy(&c->schedule);
    fps_unfinished_release(&c->unfinished);
    fps_agenda_release(&c->agenda);
    fps_ledger_release(&c->ledger);
    fps_free(c->batch);
    fps_free(c);
    *coordinator = NULL;
}

bool fps_coordinator_trains(const fps_coordinator *coordinator) {
    return coordinator->trains;
}

const fps_progress *fps_coordinator_progress(const fps_coordinator *coordinator) {
    return &coordinator->progress;
}
