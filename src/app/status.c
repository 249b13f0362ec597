/* status.c: `fpsweep status`: is a run alive, and how far is it? Nothing in the file is believed that makes no sense:
 * it may be damaged, or written at this moment. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "fpsweep/checkpoint.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"

const fps_option fps_options_status[] = {{.name = NULL}};

/* A coordinator rewrites its heartbeat every few seconds; one that has not for so long is not there any more. */
static const double silence_limit_s = 60;

/* Clocks of two machines may differ by so much. */
static const double clock_limit_s = 300;

enum { NAMED = 4 };

typedef struct sign {
    bool held;       /* a run holds the file, or one that held it did not end in order */
    double silent_s; /* since the last heartbeat; INFINITY: never, or nonsense */
    bool nonsense;
    int64_t running;
    double rate; /* tasks per second; 0 unknown */
    char date[64];
} sign;

static sign sign_of(const fps_glance *glance) {
    const fps_live *live = &glance->live;
    const int64_t tasks = glance->tasks;
    sign s = {.held = glance->held, .silent_s = INFINITY, .date = ""};
    double now = fps_clock_date_s();
    s.nonsense = !(live->heartbeat >= 0 && live->heartbeat <= now + clock_limit_s) || live->running < 0 ||
                 live->running > tasks || !(live->rate >= 0 && live->rate < 1e9);
    if (s.nonsense || live->heartbeat == 0)
        return s;
    time_t beat = (time_t)live->heartbeat;
    struct tm local;
    if (localtime_r(&beat, &local))
        strftime(s.date, sizeof s.date, "%Y-%m-%d %H:%M:%S", &local);
    s.silent_s = fmax(now - live->heartbeat, 0);
    s.running = live->running;
    s.rate = live->rate;
    return s;
}

static void print_state(const sign *s, int64_t tasks, int64_t pending) {
    char duration[32];
    fps_text_duration(s->silent_s, duration);
    if (pending == 0)
        fps_text_entry(FPS_GOOD, "state", "finished%s%s", s->date[0] ? " " : "", s->date);
    else if (s->nonsense)
        fps_text_entry(FPS_BAD, "state", "unknown: the signs of life in the file make no sense");
    else if (!isfinite(s->silent_s) && pending < tasks) /* merged, or the sign was lost */
        fps_text_entry(FPS_CAUTION, "state", "not running, as far as the file tells: run --resume goes on");
    else if (!isfinite(s->silent_s))
        fps_text_entry(FPS_CAUTION, "state", "never started");
    else if (s->running == 0 && !s->held)
        fps_text_entry(FPS_CAUTION, "state", "stopped in good order %s, before its end: run --resume goes on", s->date);
    else if (s->running == 0 && s->silent_s <= silence_limit_s)
        fps_text_entry(FPS_GOOD, "state", "starting or stopping: last heartbeat %s ago", duration);
    else if (s->silent_s <= silence_limit_s)
        fps_text_entry(FPS_GOOD, "state", "alive: last heartbeat %s ago", duration);
    else
        fps_text_entry(FPS_BAD, "state",
                       "silent since %s (%s): killed, or its machine cannot be reached; run --resume goes on", s->date,
                       duration);
}

/* Tasks that are saved half-way, and those that crashed. The folder is none of the results file's promises: what cannot
 * be read of it is left out. */
static void print_checkpoints(const char *path) {
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head *head = NULL;
    fps_crash *crash = NULL;
    int64_t saved = 0, crashes = 0;
    if (fps_checkpoints_open(path, &checkpoints) != FPS_OK)
        return;
    if (fps_checkpoints_list(checkpoints, &head, &saved) == FPS_OK && saved > 0) {
        char tasks[NAMED * 48] = "";
        for (int64_t k = 0; k < saved && k < NAMED; k++) {
            size_t used = strlen(tasks);
            snprintf(tasks + used, sizeof tasks - used, "%s task %" PRId64 " at %.0f %%", k ? "," : "", head[k].task,
                     head[k].steps > 0 ? 100 * (double)head[k].step / (double)head[k].steps : 0.0);
        }
        fps_text_entry(FPS_HEADING, "saved", "%" PRId64 " unfinished task%s:%s%s", saved, saved == 1 ? "" : "s", tasks,
                       saved > NAMED ? ", ..." : "");
    }
    if (fps_checkpoints_crashes(checkpoints, &crash, &crashes) == FPS_OK)
        for (int64_t k = 0; k < crashes && k < NAMED; k++)
            fps_text_entry(FPS_BAD, "crashed", "task %" PRId64 ", %d time%s, last on rank %d (signal %d)",
                           crash[k].task, crash[k].crashes, crash[k].crashes == 1 ? "" : "s", crash[k].rank,
                           crash[k].signal);
    fps_free(crash);
    fps_free(head);
    fps_checkpoints_close(&checkpoints);
}

/* "12, diverged 1 (54.2 %)" */
static void print_done(const fps_glance *glance) {
    char others[96] = "";
    int64_t tasks = glance->tasks, ended = tasks - glance->outcome[FPS_PENDING];
    for (int o = FPS_DIVERGED; o < FPS_OUTCOME_COUNT; o++) {
        size_t used = strlen(others);
        if (glance->outcome[o])
            snprintf(others + used, sizeof others - used, ", %s %" PRId64, fps_outcome_name((fps_outcome)o),
                     glance->outcome[o]);
    }
    fps_text_entry(glance->outcome[FPS_FAILED] ? FPS_BAD : FPS_HEADING, "done", "%" PRId64 "%s (%.1f %%)",
                   glance->outcome[FPS_DONE], others, tasks ? 100.0 * (double)ended / (double)tasks : 100.0);
}

static fps_status print_status(const char *path) {
    fps_glance glance;
    char duration[32], rate[32], part[64] = "", running[64] = "";
    FPS_TRY(fps_results_glance(path, &glance));
    int64_t tasks = glance.tasks, pending = glance.outcome[FPS_PENDING];
    sign s = sign_of(&glance);
    bool alive = pending > 0 && s.running > 0 && s.silent_s <= silence_limit_s;

    if (glance.shard.count > 0)
        snprintf(part, sizeof part, "part %d of %d, ", glance.shard.index, glance.shard.count);
    if (alive)
        snprintf(running, sizeof running, ", running now %" PRId64, s.running);
    fps_text_entry(FPS_HEADING, "sweep", "%s: %s%" PRId64 " task%s", glance.sweep, part, tasks, tasks == 1 ? "" : "s");
    print_state(&s, tasks, pending);
    print_done(&glance);
    fps_text_entry(FPS_HEADING, "left", "%" PRId64 "%s", pending, running);
    if (glance.damaged > 0)
        fps_text_entry(FPS_BAD, "damaged", "%" PRId64 " row%s: fpsweep verify names them, run --resume runs them again",
                       glance.damaged, glance.damaged == 1 ? "" : "s");
    if (alive && s.rate > 0)
        fps_text_entry(FPS_HEADING, "rate", "%s tasks/s on average so far; %s left at that rate",
                       fps_text_number(s.rate, rate), fps_text_duration((double)pending / s.rate, duration));
    fps_text_entry(FPS_HEADING, "spent", "%s of one core on finished tasks",
                   fps_text_duration(glance.spent_s, duration));
    print_checkpoints(path);
    return FPS_OK;
}

int fps_verb_status(const fps_command *command) {
    fps_status status = print_status(command->operand[0]);
    return status == FPS_OK ? 0 : fps_report(status);
}
