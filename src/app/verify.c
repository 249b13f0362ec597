/* verify.c: `fpsweep verify`: is a results file sound? */
#include "fpsweep/verify.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/command.h"
#include "app/stop.h"
#include "app/terminal.h"
#include "base/clock.h"

const fps_option fps_options_verify[] = {
    {"replay", '\0', "K", "Run K finished tasks again, drawn at random, and compare every bit."},
    {"seed", '\0', "S", "Of that draw; default: the time."},
    FPS_OPTION_PLUGIN,
    {"format", '\0', NULL, "Compare names, types, dimensions and attributes with the file format's tables, too."},
    {.name = NULL},
};

enum { NAMED = 20 };

typedef struct report {
    int64_t findings;
    double next_s; /* fps_clock_now_s() of the next progress line */
} report;

static void clear_line(void) {
    if (fps_terminal_is(stderr)) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}

static void print_finding(void *context, const char *sentence) {
    report *r = context;
    clear_line();
    if (r->findings++ < NAMED) /* one line each, however long: programs read them */
        printf("%sfinding%s   %s\n", fps_emphasis_begin(stdout, FPS_BAD), fps_emphasis_end(stdout, FPS_BAD), sentence);
}

static void print_note(void *context, const char *sentence) {
    (void)context;
    clear_line();
    fps_text_entry(FPS_CAUTION, "note", "%s", sentence);
}

static void print_progress(void *context, int64_t done, int64_t all) {
    report *r = context;
    if (!fps_terminal_is(stderr) || fps_clock_now_s() < r->next_s)
        return;
    r->next_s = fps_clock_now_s() + 0.2;
    fprintf(stderr, "\r%" PRId64 " of %" PRId64 "\033[K", done, all);
    fflush(stderr);
}

static void print_replay(const fps_verification *v, uint64_t seed) {
    char number[32], differ[48] = "", other[48] = "", passed_over[80] = "";
    if (v->differ)
        snprintf(differ, sizeof differ, ", other bits %" PRId64, v->differ);
    if (v->other)
        snprintf(other, sizeof other, ", by other kernels %" PRId64, v->other);
    if (v->passed_over)
        snprintf(passed_over, sizeof passed_over, ", not run %" PRId64 " (their data file is not here)",
                 v->passed_over);
    fps_text_entry(v->differ ? FPS_BAD : FPS_HEADING, "replayed",
                   "%" PRId64 ": the same bits %" PRId64 "%s%s%s; drawn with --seed %" PRIu64, v->replayed, v->same,
                   differ, other, passed_over, seed);
    if (v->other)
        fps_text_entry(FPS_HEADING, "largest", "relative difference between kernels: %s",
                       fps_text_number(v->largest_difference, number));
}

/* What to do about it. */
static void print_advice(const char *path, const fps_verification *v) {
    if (v->damaged > 0)
        fps_text_entry(FPS_CAUTION, "advice",
                       "fpsweep run SWEEP.yaml -o %s --resume --check all runs damaged rows again", path);
    if (v->columns > 0)
        fps_text_entry(FPS_CAUTION, "advice",
                       "columns are not mended: fpsweep run SWEEP.yaml -o NEW.h5 --reuse %s takes the sound rows over "
                       "into a new file",
                       path);
    if (v->differ > 0)
        fps_text_entry(FPS_CAUTION, "advice",
                       "rows that are not damaged came out with other bits on the same kernels: memory or processor of "
                       "one of the machines may be faulty; please report it if not");
}

static fps_status verify(const fps_command *command, int64_t *findings) {
    const char *path = command->operand[0];
    int64_t replay, seed;
    report r = {0};
    fps_verification v;
    char outcomes[128];
    FPS_TRY(fps_command_integer(command, "replay", 1, 1000000000, 0, &replay));
    FPS_TRY(fps_command_integer(command, "seed", 0, INT64_MAX, (int64_t)time(NULL), &seed));
    if (replay == 0 && fps_command_option(command, "seed"))
        return fps_fail(FPS_ERROR_USAGE, "--seed is of the draw of --replay: add --replay K");
    FPS_TRY(fps_command_plugin(command));
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
        fps_text_entry(FPS_PLAIN, "", "and %" PRId64 " findings more", r.findings - NAMED);
    fps_text_entry(FPS_HEADING, "tasks", "%" PRId64 ": %s", v.tasks, fps_text_outcomes(v.outcome, outcomes));
    if (replay > 0)
        print_replay(&v, (uint64_t)seed);
    if (v.findings == 0)
        fps_text_entry(FPS_GOOD, "sound", "%sstructure, columns and all checksums are right",
                       options.format ? "format, " : "");
    else
        fps_text_entry(FPS_BAD, "findings", "%" PRId64 "; damaged rows %" PRId64, v.findings, v.damaged);
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
