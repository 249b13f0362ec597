/* run_options.c: what the command line of `fpsweep run` asks for. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/run.h"
#include "base/clock.h"

const fps_option fps_options_run[] = {
    {"output", 'o', "FILE.h5", "The results file to write. It is never overwritten: without --resume it must be new."},
    {"resume", '\0', NULL,
     "Go on with FILE.h5: finished tasks are kept, unfinished ones continue from their last checkpoint. A file that "
     "does not exist yet is created."},
    {"check", '\0', "WHICH",
     "Which finished rows --resume compares with their checksums first, to run damaged ones again: recent (the last "
     "minute before the run ended, the default) or all."},
    {"retry", '\0', "OUTCOMES", "With --resume: run the tasks again that diverged, failed, or diverged,failed."},
    {"force", '\0', NULL,
     "With --resume or --reuse: go on although rows were made by other kernels, libraries or another numerics version. "
     "Each row records its own."},
    {"shard", '\0', "I/N", "Run only part I of N, into a file of its own; fpsweep merge joins them."},
    {"task", '\0', "I", "Run only task number I; fpsweep plan --list tells the numbers."},
    {"reuse", '\0', "OLD.h5", "Take over the finished tasks that this sweep shares with an older results file."},
    {"stop-after", '\0', "DURATION",
     "Stop in good order after so long (90s, 15m, 1h30m, 2d), with exit status 75. In a Slurm job the end of the job "
     "is "
     "known and needs no option."},
    {"checkpoint-every", '\0', "DURATION",
     "Save tasks that are running so often, beside FILE.h5; default 60s. 0s: only when the run is stopped."},
    {"patience", '\0', "DURATION", "End the run if a rank is silent for so long; default 10m. 0s: never."},
    FPS_OPTION_PLUGIN,
    {.name = NULL},
};

/* "diverged,failed" as bits. */
static fps_status read_retry(const char *text, unsigned *bits) {
    static const fps_outcome outcomes[] = {FPS_DIVERGED, FPS_FAILED};
    *bits = 0;
    while (text) {
        size_t length = strcspn(text, ",");
        unsigned bit = 0;
        for (size_t k = 0; k < sizeof outcomes / sizeof *outcomes; k++) {
            const char *name = fps_outcome_name(outcomes[k]);
            if (strlen(name) == length && strncmp(name, text, length) == 0)
                bit = 1U << outcomes[k];
        }
        if (!bit)
            return fps_fail(FPS_ERROR_USAGE,
                            "--retry %.*s: there is no such outcome to run again: diverged, failed, or diverged,failed",
                            (int)length, text);
        *bits |= bit;
        text = text[length] ? text + length + 1 : NULL;
    }
    return FPS_OK;
}

/* "2/5". */
static fps_status read_shard(const char *text, fps_shard *shard) {
    char *slash, *end;
    if (!text)
        return FPS_OK;
    errno = 0;
    long index = strtol(text, &slash, 10);
    long count = *slash == '/' ? strtol(slash + 1, &end, 10) : 0;
    bool plain = strspn(text, "0123456789/") == strlen(text);
    if (!plain || slash == text || *slash != '/' || *end || errno || count < 1 || count > 1000000 || index < 1 ||
        index > count)
        return fps_fail(FPS_ERROR_USAGE, "--shard %s: expected I/N with I from 1 to N, as in --shard 2/5", text);
    *shard = (fps_shard){(int32_t)index, (int32_t)count};
    return FPS_OK;
}

static fps_status read_check(const char *text, bool *all) {
    *all = text && strcmp(text, "all") == 0;
    if (text && !*all && strcmp(text, "recent") != 0)
        return fps_fail(FPS_ERROR_USAGE, "--check %s: expected recent or all", text);
    return FPS_OK;
}

/* Options that are about a file which is there already. */
static fps_status check_resume(const fps_command *command) {
    static const char *const names[] = {"check", "retry", "force"};
    bool resume = fps_command_option(command, "resume"), reuse = fps_command_option(command, "reuse");
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (fps_command_option(command, names[k]) && !resume && !(reuse && strcmp(names[k], "force") == 0))
            return fps_fail(FPS_ERROR_USAGE, "--%s is about a file that is continued: add --resume", names[k]);
    return FPS_OK;
}

fps_status fps_run_options_read(const fps_command *command, fps_run_options *out) {
    *out = (fps_run_options){
        .sweep = command->operand[0],
        .output = fps_command_option(command, "output"),
        .reuse = fps_command_option(command, "reuse"),
        .plugin = fps_command_option(command, "plugin"),
        .resume = fps_command_option(command, "resume") != NULL,
        .force = fps_command_option(command, "force") != NULL,
    };
    FPS_TRY(check_resume(command));
    FPS_TRY(read_check(fps_command_option(command, "check"), &out->check_all));
    FPS_TRY(read_retry(fps_command_option(command, "retry"), &out->retry));
    FPS_TRY(read_shard(fps_command_option(command, "shard"), &out->shard));
    FPS_TRY(fps_command_integer(command, "task", 0, FPS_PLAN_LIMIT - 1, -1, &out->task));
    FPS_TRY(fps_command_duration(command, "stop-after", INFINITY, &out->stop_after_s));
    FPS_TRY(fps_command_duration(command, "checkpoint-every", 60, &out->checkpoint_every_s));
    return fps_command_duration(command, "patience", 600, &out->patience_s);
}

/* ---- when to stop ---- */

/* Seconds left to a batch job whose end is known; INFINITY if it is not. Less 30 s, or a tenth where that is less, in
 * which the tasks that run are saved and the file is closed. */
static double batch_left_s(void) {
    const char *text = getenv("SLURM_JOB_END_TIME");
    char *end;
    if (!text || !*text)
        return INFINITY;
    double end_s = strtod(text, &end), left_s = end_s - fps_clock_date_s();
    if (end == text || *end || !(end_s > 1e9) || !isfinite(left_s))
        return INFINITY;
    return left_s <= 0 ? INFINITY : left_s - fmin(30, 0.1 * left_s); /* a time in the past is another job's */
}

double fps_run_stop_at_s(double stop_after_s) {
    double left_s = fmin(stop_after_s, batch_left_s());
    return isfinite(left_s) ? fps_clock_now_s() + left_s : 0;
}
