#include "worker.h"

#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "saver.h"

/* Rows that wait for a sync at most. */
enum { ROW_LIMIT = 4096 };
/* How often the hook of a running task looks at the messages: a coordinator has others to answer. */
static const double LOOK_EVERY_S = 10e-3, COORDINATOR_LOOKS_EVERY_S = 1e-3;
/* Longest rest of a rank without work; out of work for so long, it syncs what it has. */
static const double REST_S = 2e-3, COORDINATOR_RESTS_S = 0.5e-3, IDLE_S = 20e-3;

/* A rank says what it starts if its last sign of life is older than this part of the time between two. */
static const double SIGN_SHARE = 0.2;

typedef enum asked { NOT_ASKED, ASKED_AHEAD, ASKED_DRY } asked;

struct fps_worker {
    const fps_job *job;
    fps_coordinator *coordinator; /* NULL but on rank 0 */
    bool trains;
    fps_trainer *trainer;
    fps_trajectory trajectory;
    fps_saver saver;
    int64_t task; /* being run; -1: none */
    fps_remains remains;
    int64_t *queue; /* [queue_capacity] tasks to run, from queue_first to queue_end */
    int64_t queue_first, queue_end, queue_capacity;
    int32_t ask_at;
    asked asked;
    bool exhausted;     /* nothing is left to be handed out */
    bool ended;         /* the coordinator said so */
    bool told;          /* an error or a stop of this rank is told; it only waits for the end */
    bool syncs;         /* syncing works */
    fps_status failure; /* of the message layer: nothing can be told any more */
    fps_message news;   /* what has been run and not told */
    fps_message inbox;  /* the message being handled */
    fps_report *row;    /* [ROW_LIMIT] written, not synced */
    int64_t rows;
    double row_since_s, look_s, dry_s, sign_s; /* sign_s: when the last sign of life was given */
};

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static fps_status tell(fps_worker *w, const fps_message *message) {
    return fps_channel_send(w->job->channel, 0, FPS_SIDE_COORDINATOR, message);
}

static fps_status tell_text(fps_worker *w, fps_message_kind kind, fps_status status, const char *text) {
    return fps_channel_send_text(w->job->channel, 0, FPS_SIDE_COORDINATOR, kind, (int32_t)status, text);
}

/* Say what this rank is running. */
static fps_status tell_alive(fps_worker *w, double now_s) {
    const fps_message message = {.kind = FPS_MESSAGE_ALIVE, .count = 1, .task = {w->task}};
    w->sign_s = now_s;
    return tell(w, &message);
}

/* Pass on what the saver has to complain about. */
static fps_status tell_complaint(fps_worker *w) {
    const char *text = w->saver.unsaid;
    w->saver.unsaid = NULL;
    return text ? tell_text(w, FPS_MESSAGE_NOTE, FPS_OK, text) : FPS_OK;
}

/* The running task is continued from its checkpoint (1), or after all is not (-1). */
static fps_status tell_goes_on(fps_worker *w, int32_t sign) {
    const fps_message message = {.kind = FPS_MESSAGE_GOES_ON, .count = 1, .detail = sign, .task = {w->saver.head.step}};
    return tell(w, &message);
}

static fps_status tell_news(fps_worker *w, bool more) {
    w->news.detail = more;
    FPS_TRY(tell(w, &w->news));
    w->news.count = 0;
    return FPS_OK;
}

/* This rank cannot go on: its message ends the run. */
static fps_status break_down(fps_worker *w, fps_status status) {
    if (w->told)
        return FPS_OK;
    w->told = true;
    return tell_text(w, FPS_MESSAGE_BROKEN, status, fps_error_message());
}

static fps_status stop(fps_worker *w) {
    const fps_message message = {.kind = FPS_MESSAGE_STOP};
    if (w->told)
        return FPS_OK;
    w->told = true;
    return tell(w, &message);
}

/* Sync what is written, then report it: a row that is reported survives a loss of power. */
static fps_status report_rows(fps_worker *w) {
    if (w->rows == 0 || !w->syncs)
        return FPS_OK;
    fps_status status = fps_results_sync(w->job->results);
    if (status != FPS_OK) {
        w->syncs = false; /* a failed sync may have dropped pages: what it covered is never reported */
        return break_down(w, status);
    }
    fps_message message = {.kind = FPS_MESSAGE_ROWS};
    for (int64_t sent = 0; sent < w->rows; sent += message.count) {
        int64_t left = w->rows - sent;
        message.count = left < FPS_MESSAGE_REPORT_LIMIT ? (int32_t)left : FPS_MESSAGE_REPORT_LIMIT;
        memcpy(message.report, w->row + sent, (size_t)message.count * sizeof *w->row);
        FPS_TRY(tell(w, &message));
    }
    w->rows = 0;
    return FPS_OK;
}

/* ---- listening -------------------------------------------------------------------------------------------------- */

static fps_status enqueue(fps_worker *w, const fps_message *message) {
    w->exhausted = message->count == 0;
    if (w->exhausted) {
        w->asked = ASKED_DRY; /* more would come by itself */
        return FPS_OK;
    }
    int64_t waiting = w->queue_end - w->queue_first, needed = waiting + message->count;
    if (w->queue_first > 0) {
        memmove(w->queue, w->queue + w->queue_first, (size_t)waiting * sizeof *w->queue);
        w->queue_first = 0;
        w->queue_end = waiting;
    }
    if (needed > w->queue_capacity) {
        int64_t *queue = fps_realloc(w->queue, (size_t)waiting, (size_t)needed * 2, sizeof *queue);
        if (!queue)
            return FPS_ERROR_MEMORY;
        w->queue = queue;
        w->queue_capacity = 2 * needed;
    }
    memcpy(w->queue + w->queue_end, message->task, (size_t)message->count * sizeof *w->queue);
    w->queue_end = needed;
    w->ask_at = message->detail;
    w->asked = NOT_ASKED;
    return FPS_OK;
}

/* One message of the coordinator. */
static fps_status take_in(fps_worker *w) {
    if (w->inbox.kind == FPS_MESSAGE_END) {
        w->ended = true;
    } else if (w->inbox.kind == FPS_MESSAGE_ALIVE) {
        fps_watch_running(w->job->watch, 0, w->inbox.task[0]);
    } else {
        fps_status status = enqueue(w, &w->inbox);
        if (status != FPS_OK)
            return break_down(w, status);
    }
    return FPS_OK;
}

/* Take in what has come, and let the coordinator do so; see to it that both sides know of each other. */
static fps_status attend(fps_worker *w) {
    bool busy = false, heard = false;
    if (w->coordinator)
        FPS_TRY(fps_coordinator_serve(w->coordinator, &busy));
    for (int from = 0; from >= 0 && !w->ended;) {
        FPS_TRY(fps_channel_receive(w->job->channel, FPS_SIDE_WORKER, &w->inbox, &from));
        if (from < 0)
            break;
        heard = true;
        FPS_TRY(take_in(w));
    }
    if (busy || heard)
        fps_channel_wake(w->job->channel);
    const double now_s = fps_job_now();
    if (now_s - w->sign_s >= fps_watch_every(w->job->watch))
        FPS_TRY(tell_alive(w, now_s));
    if (!w->coordinator) {
        if (heard)
            fps_watch_heard(w->job->watch, 0, now_s);
        fps_watch_look(w->job->watch, now_s);
    }
    if (fps_job_stops(w->job) && !w->ended)
        FPS_TRY(stop(w));
    return FPS_OK;
}

/* Attend, and sync what has waited long enough. */
static fps_status look_around(fps_worker *w, double now_s) {
    FPS_TRY(attend(w));
    return w->rows > 0 && now_s - w->row_since_s >= w->job->sync_every_s ? report_rows(w) : FPS_OK;
}

/* Called by the running task. */
static bool hook(void *context, int64_t step, int64_t steps) {
    fps_worker *w = context;
    double now_s = fps_job_now();
    fps_saver_look(&w->saver, step, steps, now_s);
    if (now_s >= w->look_s) {
        w->failure = w->saver.unsaid ? tell_complaint(w) : FPS_OK;
        if (w->failure == FPS_OK)
            w->failure = look_around(w, now_s);
        w->look_s = fps_job_now() + (w->coordinator ? COORDINATOR_LOOKS_EVERY_S : LOOK_EVERY_S);
    }
    return w->ended || w->told || w->failure != FPS_OK;
}

/* ---- working ---------------------------------------------------------------------------------------------------- */

static fps_status note_failed(fps_worker *w, int64_t task) {
    char name[512], text[1024];
    snprintf(text, sizeof text, "%s failed: %s", fps_job_name_task(w->job->plan, task, name, sizeof name),
             w->trajectory.message);
    return tell_text(w, FPS_MESSAGE_NOTE, FPS_OK, text);
}

/* Train a task from its start, or from where an earlier run has left it. */
static fps_status train(fps_worker *w, const fps_task *task, bool saved) {
    const fps_farm_options *options = w->job->options;
    const fps_record_spec *spec = fps_plan_record(w->job->plan);
    const fps_hook call = {hook, w};
    bool resumes;
    fps_saver_begin(&w->saver, task, saved, fps_job_now(), &resumes);
    if (options->run)
        return options->run(options->run_context, task, spec, &call, &w->trajectory);
    if (resumes) {
        FPS_TRY(tell_goes_on(w, 1));
        fps_status status = fps_trainer_resume(w->trainer, task, spec, &w->saver.earlier, &call, &w->trajectory);
        fps_state_release(&w->saver.earlier);
        if (status != FPS_ERROR_MISMATCH)
            return status;
        FPS_TRY(tell_goes_on(w, -1));
        fps_saver_refuse(&w->saver);
    }
    return fps_trainer_run(w->trainer, task, spec, &call, &w->trajectory);
}

/* The task that ran was broken off; by whom is known, or it was the task itself. */
static fps_status break_off(fps_worker *w) {
    w->remains = fps_saver_keep(&w->saver) ? FPS_REMAINS_SAVED : FPS_REMAINS_LOST;
    FPS_TRY(tell_complaint(w));
    return w->ended ? FPS_OK : stop(w);
}

/* Remember a row that is written, until it is synced. */
static void remember(fps_worker *w, fps_row row, double start_s, double now_s) {
    row.attempts = w->saver.head.attempts;
    row.self_test = (uint32_t)w->job->options->self_test;
    if (w->rows == 0)
        w->row_since_s = now_s;
    w->row[w->rows++] = (fps_report){row, fps_saver_checkpoint(&w->saver)};
    w->news.finished[w->news.count++] = (fps_finished){w->task, now_s - start_s};
}

/* Run, write and remember the task w->task. */
static fps_status run_task(fps_worker *w, bool saved) {
    fps_task task;
    fps_row row;
    const double start_s = fps_job_now();
    if (start_s - w->sign_s >= SIGN_SHARE * fps_watch_every(w->job->watch))
        FPS_TRY(tell_alive(w, start_s)); /* should it hang, the coordinator knows where */
    fps_plan_task(w->job->plan, w->task, &task);
    fps_status status = train(w, &task, saved);
    if (w->failure != FPS_OK)
        return w->failure;
    if (status == FPS_STOPPED)
        return break_off(w);
    if (status == FPS_OK && w->trajectory.outcome == FPS_PENDING)
        status = fps_fail(FPS_ERROR_USAGE, "it was run, but has no outcome");
    if (status == FPS_OK)
        status = fps_results_write(w->job->results, &task, &w->trajectory, &row);
    if (status != FPS_OK) {
        fps_fail_context(status, "task %lld", (long long)w->task);
        return break_down(w, status);
    }
    const double now_s = fps_job_now();
    remember(w, row, start_s, now_s);
    FPS_TRY(tell_complaint(w));
    if (w->trajectory.outcome == FPS_FAILED)
        FPS_TRY(note_failed(w, w->task));
    if (w->news.count == FPS_MESSAGE_FINISHED_LIMIT)
        FPS_TRY(tell_news(w, false));
    if (w->rows == ROW_LIMIT || now_s - w->row_since_s >= w->job->sync_every_s)
        FPS_TRY(report_rows(w));
    return FPS_OK;
}

/* The next task of the queue; the program is told what it is. */
static fps_status run_next(fps_worker *w) {
    const fps_farm_options *options = w->job->options;
    const int64_t number = w->queue[w->queue_first++];
    w->task = number & ~FPS_TASK_SAVED;
    if (options->running)
        options->running(options->running_context, w->task);
    fps_status status = run_task(w, (number & FPS_TASK_SAVED) != 0);
    if (options->running)
        options->running(options->running_context, -1);
    w->task = -1;
    return status;
}

/* Nothing to run: ask, and when nothing comes use the time to sync. */
static fps_status wait_for_work(fps_worker *w) {
    double now_s = fps_job_now();
    if (w->trains && !w->told && w->asked < ASKED_DRY) {
        FPS_TRY(tell_news(w, true));
        w->asked = ASKED_DRY;
        w->dry_s = now_s;
        fps_channel_wake(w->job->channel);
        return FPS_OK;
    }
    if (w->rows > 0 && w->syncs &&
        (w->exhausted || now_s - w->dry_s >= IDLE_S || now_s - w->row_since_s >= w->job->sync_every_s))
        return report_rows(w);
    fps_channel_rest(w->job->channel, w->coordinator ? COORDINATOR_RESTS_S : REST_S);
    return FPS_OK;
}

static fps_status leave(fps_worker *w) {
    const fps_message left = {.kind = FPS_MESSAGE_LEFT, .detail = (int32_t)w->remains};
    if (w->news.count > 0)
        FPS_TRY(tell_news(w, false));
    FPS_TRY(report_rows(w));
    FPS_TRY(tell(w, &left));
    fps_channel_wake(w->job->channel);
    while (w->coordinator && !fps_coordinator_over(w->coordinator)) {
        bool busy;
        FPS_TRY(fps_coordinator_serve(w->coordinator, &busy));
        if (busy)
            fps_channel_wake(w->job->channel);
        else
            fps_channel_rest(w->job->channel, COORDINATOR_RESTS_S);
    }
    return FPS_OK;
}

fps_status fps_worker_run(fps_worker *w) {
    for (;;) {
        FPS_TRY(attend(w));
        if (w->ended)
            return leave(w);
        int64_t waiting = w->queue_end - w->queue_first;
        if (waiting == 0 || w->told) {
            FPS_TRY(wait_for_work(w));
            continue;
        }
        if (w->asked == NOT_ASKED && waiting - 1 <= w->ask_at) {
            FPS_TRY(tell_news(w, true));
            w->asked = ASKED_AHEAD;
        }
        FPS_TRY(run_next(w));
    }
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

fps_status fps_worker_create(const fps_job *job, fps_coordinator *coordinator, bool trains, fps_worker **out) {
    *out = NULL;
    fps_worker *w;
    fps_status status;
    FPS_TRY(FPS_ALLOC(w, 1));
    w->job = job;
    w->coordinator = coordinator;
    w->trains = trains;
    w->syncs = true;
    w->task = -1;
    w->sign_s = fps_job_now();
    w->news.kind = FPS_MESSAGE_NEWS;
    FPS_TRY_GOTO(status, FPS_ALLOC(w->row, ROW_LIMIT), failed);
    if (trains && !job->options->run)
        FPS_TRY_GOTO(status, fps_trainer_create(&w->trainer), failed);
    fps_saver_create(&w->saver, job, w->trainer);
    *out = w;
    return FPS_OK;
failed:
    fps_worker_destroy(&w);
    return status;
}

void fps_worker_destroy(fps_worker **worker) {
    fps_worker *w = *worker;
    if (!w)
        return;
    fps_saver_release(&w->saver);
    fps_trainer_destroy(&w->trainer);
    fps_trajectory_release(&w->trajectory);
    fps_free(w->row);
    fps_free(w->queue);
    fps_free(w);
    *worker = NULL;
}
