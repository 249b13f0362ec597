#include "worker.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fpsweep/memory.h"
#include "reporter.h"
#include "saver.h"

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
    fps_reporter reporter;
    int64_t task; /* being run; -1: none */
    fps_remains remains;
    int64_t *queue; /* [queue_capacity] tasks to run, from queue_first to queue_end */
    int64_t queue_first, queue_end, queue_capacity;
    int32_t ask_at;
    asked asked;
    bool exhausted;       /* nothing is left to be handed out */
    bool ended;           /* the coordinator said so */
    fps_status failure;   /* of the message layer: nothing can be told any more */
    fps_message inbox;    /* the message being handled */
    double look_s, dry_s; /* when the hook looks around again; since when there is nothing to run */
};

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
            return fps_reporter_break_down(&w->reporter, status);
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
    const double now_s = fps_clock_now_s();
    if (now_s - w->reporter.sign_s >= fps_watch_every(w->job->watch))
        FPS_TRY(fps_reporter_alive(&w->reporter, w->task, now_s));
    if (!w->coordinator) {
        if (heard)
            fps_watch_heard(w->job->watch, 0, now_s);
        fps_watch_look(w->job->watch, now_s);
    }
    if (fps_job_stops(w->job) && !w->ended)
        FPS_TRY(fps_reporter_stop(&w->reporter));
    return FPS_OK;
}

/* Pass on what the saver has to complain about. */
static fps_status tell_complaint(fps_worker *w) {
    const char *text = w->saver.unsaid;
    w->saver.unsaid = NULL;
    return text ? fps_reporter_note(&w->reporter, text) : FPS_OK;
}

/* Attend, complain, and sync what has waited long enough. */
static fps_status look_around(fps_worker *w, double now_s) {
    FPS_TRY(tell_complaint(w));
    FPS_TRY(attend(w));
    return fps_reporter_is_due(&w->reporter, now_s) ? fps_reporter_rows(&w->reporter) : FPS_OK;
}

/* Called by the running task. */
static bool hook(void *context, int64_t step, int64_t steps) {
    fps_worker *w = context;
    double now_s = fps_clock_now_s();
    fps_saver_look(&w->saver, step, steps, now_s);
    if (now_s >= w->look_s) {
        w->failure = look_around(w, now_s);
        w->look_s = fps_clock_now_s() + (w->coordinator ? COORDINATOR_LOOKS_EVERY_S : LOOK_EVERY_S);
    }
    return w->ended || w->reporter.told || w->failure != FPS_OK;
}

/* ---- working ---------------------------------------------------------------------------------------------------- */

static fps_status note_failed(fps_worker *w, int64_t task) {
    char name[512], text[1024];
    snprintf(text, sizeof text, "%s failed: %s", fps_job_name_task(w->job->plan, task, name, sizeof name),
             w->trajectory.message);
    return fps_reporter_note(&w->reporter, text);
}

/* Train a task from its start, or from where an earlier run has left it. */
static fps_status train(fps_worker *w, const fps_task *task, bool saved) {
    const fps_farm_options *options = w->job->options;
    const fps_record_spec *spec = fps_plan_record(w->job->plan);
    const fps_hook call = {hook, w};
    bool resumes;
    fps_saver_begin(&w->saver, task, saved, fps_clock_now_s(), &resumes);
    if (options->run)
        return options->run(options->run_context, task, spec, &call, &w->trajectory);
    if (resumes) {
        FPS_TRY(fps_reporter_goes_on(&w->reporter, w->saver.head.step, 1));
        fps_status status = fps_trainer_resume(w->trainer, task, spec, &w->saver.earlier, &call, &w->trajectory);
        fps_state_release(&w->saver.earlier);
        if (status != FPS_ERROR_MISMATCH)
            return status;
        FPS_TRY(fps_reporter_goes_on(&w->reporter, w->saver.head.step, -1));
        fps_saver_refuse(&w->saver);
    }
    return fps_trainer_run(w->trainer, task, spec, &call, &w->trajectory);
}

/* The task that ran was broken off; by whom is known, or it was the task itself. */
static fps_status break_off(fps_worker *w) {
    w->remains = fps_saver_keep(&w->saver) ? FPS_REMAINS_SAVED : FPS_REMAINS_LOST;
    FPS_TRY(tell_complaint(w));
    return w->ended ? FPS_OK : fps_reporter_stop(&w->reporter);
}

/* Run, write and remember the task w->task. */
static fps_status run_task(fps_worker *w, bool saved) {
    fps_task task;
    fps_report report;
    const double start_s = fps_clock_now_s();
    if (start_s - w->reporter.sign_s >= SIGN_SHARE * fps_watch_every(w->job->watch))
        FPS_TRY(fps_reporter_alive(&w->reporter, w->task, start_s)); /* should it hang, the coordinator knows where */
    fps_plan_task(w->job->plan, w->task, &task);
    fps_status status = train(w, &task, saved);
    if (w->failure != FPS_OK)
        return w->failure;
    if (status == FPS_STOPPED)
        return break_off(w);
    if (status == FPS_OK && w->trajectory.outcome == FPS_PENDING)
        status = fps_fail(FPS_ERROR_USAGE, "it was run, but has no outcome");
    if (status == FPS_OK)
        status = fps_results_write(w->job->results, &task, &w->trajectory, &report.row);
    if (status != FPS_OK) {
        fps_fail_context(status, "task %lld", (long long)w->task);
        return fps_reporter_break_down(&w->reporter, status);
    }
    FPS_TRY(tell_complaint(w));
    if (w->trajectory.outcome == FPS_FAILED)
        FPS_TRY(note_failed(w, w->task));
    report.row.attempts = w->saver.head.attempts;
    report.row.self_test = (uint32_t)w->job->options->self_test;
    report.checkpoint = fps_saver_checkpoint(&w->saver);
    const double now_s = fps_clock_now_s();
    return fps_reporter_add(&w->reporter, &report, now_s - start_s, now_s);
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
    fps_reporter *r = &w->reporter;
    double now_s = fps_clock_now_s();
    if (w->trains && !w->reporter.told && w->asked < ASKED_DRY) {
        FPS_TRY(fps_reporter_news(&w->reporter, true));
        w->asked = ASKED_DRY;
        w->dry_s = now_s;
        fps_channel_wake(w->job->channel);
        return FPS_OK;
    }
    if (r->rows > 0 && r->syncs && (w->exhausted || now_s - w->dry_s >= IDLE_S || fps_reporter_is_due(r, now_s)))
        return fps_reporter_rows(r);
    fps_channel_rest(w->job->channel, w->coordinator ? COORDINATOR_RESTS_S : REST_S);
    return FPS_OK;
}

static fps_status leave(fps_worker *w) {
    FPS_TRY(fps_reporter_left(&w->reporter, w->remains));
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
        if (waiting == 0 || w->reporter.told) {
            FPS_TRY(wait_for_work(w));
            continue;
        }
        if (w->asked == NOT_ASKED && waiting - 1 <= w->ask_at) {
            FPS_TRY(fps_reporter_news(&w->reporter, true));
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
    w->task = -1;
    FPS_TRY_GOTO(status, fps_reporter_create(&w->reporter, job), failed);
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
    fps_reporter_release(&w->reporter);
    fps_trainer_destroy(&w->trainer);
    fps_trajectory_release(&w->trajectory);
    fps_free(w->queue);
    fps_free(w);
    *worker = NULL;
}
