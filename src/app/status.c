/* status.c: `fpsweep status`: is a run alive, and how far is it? Nothing in the file is believed that makes no sense:
 * it may be damaged, or written at this moment. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "app/terminal.h"
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
    double silent_s; /* since the last heartbeat; INFINITY: never, or nonsense */
    bool nonsense;
    int64_t running;
    double rate; /* tasks per second; 0 unknown */
    char date[64];
} sign;

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static sign sign_of(const fps_live *live, int64_t tasks) {
    sign s = {.silent_s = INFINITY, .date = ""};
    double now = now_s();
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
    printf("state     ");
    if (pending == 0)
        printf("finished%s%s\n", s->date[0] ? " " : "", s->date);
    else if (s->nonsense)
        printf("unknown: the signs of life in the file make no sense\n");
    else if (!isfinite(s->silent_s) && pending < tasks) /* merged, or the sign was lost */
        printf("not running, as far as the file tells: run --resume goes on\n");
    else if (!isfinite(s->silent_s))
        printf("never started\n");
    else if (s->running == 0 && s->silent_s > 5)
        printf("stopped in good order %s, before its end: run --resume goes on\n", s->date);
    else if (s->running == 0)
        printf("starting or stopping: last heartbeat %s ago\n", fps_text_duration(s->silent_s, duration));
    else if (s->silent_s <= silence_limit_s)
        printf("alive: last heartbeat %s ago\n", fps_text_duration(s->silent_s, duration));
    else
        printf("silent since %s (%s): killed, or its machine cannot be reached; run --resume goes on\n", s->date,
               fps_text_duration(s->silent_s, duration));
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
        printf("saved     %" PRId64 " unfinished task%s:", saved, saved == 1 ? "" : "s");
        for (int64_t k = 0; k < saved && k < NAMED; k++)
            printf("%s task %" PRId64 " at %.0f %%", k ? "," : "", head[k].task,
                   head[k].steps > 0 ? 100 * (double)head[k].step / (double)head[k].steps : 0.0);
        printf("%s\n", saved > NAMED ? ", ..." : "");
    }
    if (fps_checkpoints_crashes(checkpoints, &crash, &crashes) == FPS_OK)
        for (int64_t k = 0; k < crashes && k < NAMED; k++)
            printf("crashed   task %" PRId64 ", %d time%s, last on rank %d (signal %d)\n", crash[k].task,
                   crash[k].crashes, crash[k].crashes == 1 ? "" : "s", crash[k].rank, crash[k].signal);
    fps_free(crash);
    fps_free(head);
    fps_checkpoints_close(&checkpoints);
}

static fps_status print_status(const char *path) {
    fps_glance glance;
    char duration[32];
    FPS_TRY(fps_results_glance(path, &glance));
    int64_t tasks = glance.tasks, pending = glance.outcome[FPS_PENDING];
    sign s = sign_of(&glance.live, tasks);
    bool alive = pending > 0 && s.running > 0 && s.silent_s <= silence_limit_s;

    printf("sweep     %s: ", glance.sweep);
    if (glance.shard.count > 0)
        printf("part %d of %d, ", glance.shard.index, glance.shard.count);
    printf("%" PRId64 " tasks\n", tasks);
    print_state(&s, tasks, pending);
    printf("done      %" PRId64, glance.outcome[FPS_DONE]);
    for (int o = FPS_DIVERGED; o < FPS_OUTCOME_COUNT; o++)
        if (glance.outcome[o])
            printf(", %s %" PRId64, fps_outcome_name((fps_outcome)o), glance.outcome[o]);
    printf(" (%.1f %%)\n", tasks ? 100.0 * (double)(tasks - pending) / (double)tasks : 100.0);
    printf("left      %" PRId64, pending);
    if (alive)
        printf(", running now %" PRId64, s.running);
    printf("\n");
    if (glance.damaged > 0)
        printf("damaged   %" PRId64 " rows: fpsweep verify names them, run --resume runs them again\n", glance.damaged);
    if (alive && s.rate > 0)
        printf("rate      %.3g tasks/s; %s left\n", s.rate, fps_text_duration((double)pending / s.rate, duration));
    printf("spent     %s of one core on finished tasks\n", fps_text_duration(glance.spent_s, duration));
    print_checkpoints(path);
    return FPS_OK;
}

int fps_verb_status(const fps_command *command) {
    fps_status status = print_status(command->operand[0]);
    return status == FPS_OK ? 0 : fps_report(status);
}
