/* status.c: `fpsweep status`: is a run alive, and how far is it? */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "app/command.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"

const fps_option fps_options_status[] = {{.name = NULL}};

/* A coordinator rewrites its heartbeat every few seconds; one that has not for so long is not there any more. */
static const double silence_limit_s = 60;

static void print_state(const fps_live *live, int64_t pending, double now) {
    char duration[32], date[64] = "";
    time_t beat = (time_t)live->heartbeat;
    struct tm local;
    if (localtime_r(&beat, &local))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &local);
    double silent_s = now - live->heartbeat;
    if (!(live->heartbeat > 0))
        printf("never started\n");
    else if (pending == 0)
        printf("finished %s\n", date);
    else if (live->running == 0 && silent_s > 5)
        printf("stopped in good order %s, before its end\n", date);
    else if (live->running == 0)
        printf("starting or stopping: last heartbeat %s ago\n", fps_text_duration(fmax(silent_s, 0), duration));
    else if (silent_s <= silence_limit_s)
        printf("alive: last heartbeat %s ago\n", fps_text_duration(fmax(silent_s, 0), duration));
    else
        printf("silent since %s (%s): killed, or its machine cannot be reached\n", date,
               fps_text_duration(silent_s, duration));
}

static fps_status print_status(const char *path) {
    fps_reader *reader = NULL;
    fps_row *row = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, fps_reader_open(path, &reader), done);
    const fps_plan *plan = fps_reader_plan(reader);
    int64_t tasks = fps_plan_count(plan), count[FPS_OUTCOME_COUNT] = {0};
    FPS_TRY_GOTO(status, FPS_ALLOC(row, tasks), done);
    FPS_TRY_GOTO(status, fps_reader_rows(reader, row), done);
    fps_live live;
    FPS_TRY_GOTO(status, fps_reader_live(reader, &live), done);
    double busy_s = 0;
    for (int64_t i = 0; i < tasks; i++)
        if ((unsigned)row[i].outcome < FPS_OUTCOME_COUNT) {
            count[row[i].outcome]++;
            busy_s += row[i].outcome != FPS_PENDING && row[i].seconds > 0 ? row[i].seconds : 0;
        }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t pending = count[FPS_PENDING];
    double now_s = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    bool alive = pending > 0 && live.running > 0 && now_s - live.heartbeat <= silence_limit_s;

    printf("sweep     %s: %lld tasks\nstate     ", fps_plan_name(plan), (long long)tasks);
    print_state(&live, pending, now_s);
    printf("done      %lld", (long long)count[FPS_DONE]);
    for (int o = FPS_DIVERGED; o < FPS_OUTCOME_COUNT; o++)
        if (count[o])
            printf(", %s %lld", fps_outcome_name((fps_outcome)o), (long long)count[o]);
    printf(" (%.1f %%)\n", tasks ? 100.0 * (double)(tasks - pending) / (double)tasks : 100.0);
    printf("left      %lld", (long long)pending);
    if (alive)
        printf(", running now %lld", (long long)live.running);
    printf("\n");
    char duration[32];
    if (alive && live.rate > 0)
        printf("rate      %.3g tasks/s; %s left\n", live.rate,
               fps_text_duration((double)pending / live.rate, duration));
    printf("spent     %s of one core on finished tasks\n", fps_text_duration(busy_s, duration));
done:
    fps_free(row);
    fps_reader_close(&reader);
    return status;
}

int fps_verb_status(const fps_command *command) {
    fps_status status = print_status(command->operand[0]);
    return status == FPS_OK ? 0 : fps_report(status);
}
