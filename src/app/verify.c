/* verify.c: `fpsweep verify`: is a results file sound? */
#include "fpsweep/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "app/command.h"
#include "app/stop.h"
#include "app/terminal.h"

const fps_option fps_options_verify[] = {
    {"replay", '\0', "K", "Run K finished tasks again, drawn at random, and compare every bit."},
    {"seed", '\0', "S", "Of that draw; default: the time."},
    {"format", '\0', NULL, "Compare names, types, dimensions and attributes with the file format's tables, too."},
    {.name = NULL},
};

enum { NAMED = 20 };

typedef struct report {
    int64_t findings;
    double next_s; /* CLOCK_MONOTONIC time of the next progress line */
} report;

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void clear_line(void) {
    if (fps_terminal_is(stderr)) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}

static void print_finding(void *context, const char *sentence) {
    report *r = context;
    clear_line();
    if (r->findings++ < NAMED)
        printf("finding   %s\n", sentence);
}

static void print_note(void *context, const char *sentence) {
    (void)context;
    clear_line();
    printf("note      ");
    fps_text_wrap(stdout, sentence, 10, fps_terminal_width(stdout));
}

static void print_progress(void *context, int64_t done, int64_t all) {
    report *r = context;
    if (!fps_terminal_is(stderr) || now_s() < r->next_s)
        return;
    r->next_s = now_s() + 0.2;
    fprintf(stderr, "\r%" PRId64 " of %" PRId64 "\033[K", done, all);
    fflush(stderr);
}

static void print_replay(const fps_verification *v, uint64_t seed) {
    char number[32];
    printf("replayed  %" PRId64 ": the same bits %" PRId64, v->replayed, v->same);
    if (v->differ)
        printf(", other bits %" PRId64, v->differ);
    if (v->other)
        printf(", by other kernels %" PRId64 " (largest relative difference %s)", v->other,
               fps_text_number(v->largest_difference, number));
    if (v->passed_over)
        printf(", not run %" PRId64 " (their data file is not here)", v->passed_over);
    printf("; drawn with --seed %" PRIu64 "\n", seed);
}

/* What to do about it. */
static void print_advice(const char *path, const fps_verification *v) {
    int width = fps_terminal_width(stdout);
    char text[1024];
    if (v->damaged > 0) {
        snprintf(text, sizeof text, "fpsweep run SWEEP.yaml -o %s --resume --check all runs damaged rows again", path);
        printf("advice    ");
        fps_text_wrap(stdout, text, 10, width);
    }
    if (v->columns > 0) {
        snprintf(text, sizeof text,
                 "columns are not mended: fpsweep run SWEEP.yaml -o NEW.h5 --reuse %s takes the sound rows over into a "
                 "new file",
                 path);
        printf("advice    ");
        fps_text_wrap(stdout, text, 10, width);
    }
    if (v->differ > 0) {
        printf("advice    ");
        fps_text_wrap(stdout,
                      "rows that are not damaged came out with other bits on the same kernels: memory or processor of "
                      "one of the machines may be faulty; please report it if not",
                      10, width);
    }
}

static fps_status verify(const fps_command *command, int64_t *findings) {
    const char *path = command->operand[0];
    int64_t replay, seed;
    report r = {0};
    fps_verification v;
    FPS_TRY(fps_command_integer(command, "replay", 1, 1000000000, 0, &replay));
    FPS_TRY(fps_command_integer(command, "seed", 0, INT64_MAX, (int64_t)time(NULL), &seed));
    if (replay == 0 && fps_command_option(command, "seed"))
        return fps_fail(FPS_ERROR_USAGE, "--seed is of the draw of --replay: add --replay K");
    const fps_verify_options options = {.replay = replay,
                                        .seed = (uint64_t)seed,
                                        .format = fps_command_option(command, "format") != NULL,
                                        .finding = print_finding,
                                        .note = print_note,
                                        .progress = print_progress,
                                        .context = &r,
                                        .stop = fps_stop_flag()};
    fps_status status = fps_verify_file(path, &options, &v);
    clear_line();
    FPS_TRY(status);
    if (r.findings > NAMED)
        printf("          and %" PRId64 " findings more\n", r.findings - NAMED);
    printf("tasks     %" PRId64 ": done %" PRId64 ", diverged %" PRId64 ", failed %" PRId64 ", pending %" PRId64 "\n",
           v.tasks, v.outcome[FPS_DONE], v.outcome[FPS_DIVERGED], v.outcome[FPS_FAILED], v.outcome[FPS_PENDING]);
    if (replay > 0)
        print_replay(&v, (uint64_t)seed);
    if (v.findings == 0)
        printf("sound     %sstructure, columns and all checksums are right\n", options.format ? "format, " : "");
    else
        printf("findings  %" PRId64 "; damaged rows %" PRId64 "\n", v.findings, v.damaged);
    print_advice(path, &v);
    *findings = v.findings;
    return FPS_OK;
}

int fps_verb_verify(const fps_command *command) {
    int64_t findings = 0;
    fps_stop_install();
    fps_status status = verify(command, &findings);
    if (status != FPS_OK)
        return fps_report(status);
    return findings > 0;
}
