/* submit.c: the line that submits a sweep to Slurm. */
#include "app/submit.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/terminal.h"
#include "fpsweep/memory.h"

static const double reserve = 1.2, mib = 1048576;
enum { MEMORY_STEP_MIB = 100, SPARE_S = 300, SHORTEST_S = 600, LONGEST_S = 86400 };

/* Time limits are rounded up to a multiple that people would choose. */
static const struct { int below_s, step_s; } steps[] = {{3600, 300}, {4 * 3600, 900}, {LONGEST_S, 3600}};

/* Where the job script lies, seen from the folder of the program: installed (bin, share); in a build folder, where
 * `jobs` is a link to the source tree's. */
static const char *const places[] = {"../share/fpsweep/jobs/sweep.sbatch", "jobs/sweep.sbatch"};

/* ---- what to ask for ---- */

static int64_t memory_mib(double task_bytes) {
    double wanted = ceil(reserve * (task_bytes + FPS_SUBMIT_PROGRAM_BYTES) / mib / MEMORY_STEP_MIB);
    return MEMORY_STEP_MIB * (int64_t)fmin(wanted, 1e12);
}

static int64_t limit_s(double wall_s) {
    double wanted_s = fmax(reserve * wall_s + SPARE_S, SHORTEST_S);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
        if (wanted_s <= steps[k].below_s)
            return steps[k].step_s * (int64_t)ceil(wanted_s / steps[k].step_s);
    return LONGEST_S;
}

/* ---- where things are ---- */

/* A path from the present folder, if it leads there without "..". */
static const char *seen_from_here(const char *path) {
    char here[PATH_MAX];
    size_t length = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool below = length > 1 && strncmp(path, here, length) == 0 && path[length] == '/';
    return below ? path + length + 1 : path;
}

static fps_status find_script(const char *program, char **script) {
    char path[2 * PATH_MAX], whole[PATH_MAX];
    int folder = (int)(strrchr(program, '/') - program);
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        snprintf(path, sizeof path, "%.*s/%s", folder, program, places[k]);
        if (realpath(path, whole) && access(whole, R_OK) == 0)
            return (*script = fps_strdup(seen_from_here(whole))) ? FPS_OK : FPS_ERROR_MEMORY;
    }
    return FPS_OK;
}

/* Does a shell that is asked for `fpsweep` start this program? */
static bool is_on_path(const char *program) {
    const char *path = getenv("PATH");
    while (path && *path) {
        char candidate[2 * PATH_MAX], whole[PATH_MAX];
        int length = (int)strcspn(path, ":");
        snprintf(candidate, sizeof candidate, "%.*s/fpsweep", length < PATH_MAX ? length : 0, path);
        if (access(candidate, X_OK) == 0) /* the first one is taken */
            return realpath(candidate, whole) && strcmp(whole, program) == 0;
        path += (size_t)length + (path[length] == ':');
    }
    return false;
}

fps_status fps_submit_prepare(const fps_forecast *forecast, const fps_forecast_run *run, fps_submission *out) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    *out = (fps_submission){
        .ranks = run->ranks, .memory_mib = memory_mib(forecast->memory_bytes), .limit_s = limit_s(run->wall_s)};
    out->jobs = fmax(ceil(reserve * run->wall_s / (double)(out->limit_s - SPARE_S)), 1);
    if (length <= 0)
        return FPS_OK; /* without /proc the program cannot tell where it is */
    program[length] = '\0';
    fps_status status = find_script(program, &out->script);
    if (status == FPS_OK && !is_on_path(program) && !(out->program = fps_strdup(program)))
        status = FPS_ERROR_MEMORY;
    if (status != FPS_OK)
        fps_submit_release(out);
    return status;
}

void fps_submit_release(fps_submission *submission) {
    fps_free(submission->program);
    fps_free(submission->script);
    submission->program = submission->script = NULL;
}

/* ---- the command ---- */

/* A command line as it is written, folded by a backslash where it would be wider than `width` (0: never). */
typedef struct line {
    FILE *stream;
    int width, column;
} line;

enum { INDENT = 2 };

/* Append a word, in quotes where a shell wants them; `before` stands before it and is never quoted. */
static void append_word(line *l, const char *before, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    char text[4 * PATH_MAX];
    size_t used = 0;
    bool quoted = !*word || strspn(word, plain) != strlen(word);
    if (quoted)
        text[used++] = '\'';
    for (; *word && used < sizeof text - 8; word++) {
        if (*word == '\'') {
            memcpy(text + used, "'\\''", 4);
            used += 4;
        } else {
            text[used++] = *word;
        }
    }
    if (quoted)
        text[used++] = '\'';
    text[used] = '\0';
    int columns = fps_text_columns(before, (int)strlen(before)) + fps_text_columns(text, (int)used);
    if (l->column > INDENT && l->width && l->column + 1 + columns > l->width - 2) {
        fprintf(l->stream, " \\\n%*s", INDENT, "");
        l->column = INDENT;
    } else if (l->column > INDENT) {
        fputc(' ', l->stream);
        l->column++;
    }
    fprintf(l->stream, "%s%s", before, text);
    l->column += columns;
}

/* "sweeps/deep.yaml" -> "deep.h5" */
static void results_name(const char *sweep, char *buffer, size_t size) {
    const char *slash = strrchr(sweep, '/'), *base = slash ? slash + 1 : sweep, *dot = strrchr(base, '.');
    int length = dot && dot > base ? (int)(dot - base) : (int)strlen(base);
    snprintf(buffer, size, "%.*s.h5", length, base);
}

void fps_submit_write(FILE *stream, const fps_submission *submission, const char *sweep, const char *plugin,
                      int width) {
    line l = {.stream = stream, .width = width, .column = INDENT};
    char results[PATH_MAX], number[32];
    results_name(sweep, results, sizeof results);
    if (submission->program)
        append_word(&l, "FPSWEEP=", submission->program);
    append_word(&l, "", "sbatch");
    snprintf(number, sizeof number, "%d", submission->ranks);
    append_word(&l, "--ntasks=", number);
    snprintf(number, sizeof number, "%lldM", (long long)submission->memory_mib);
    append_word(&l, "--mem-per-cpu=", number);
    snprintf(number, sizeof number, "%02lld:%02lld:00", (long long)submission->limit_s / 3600,
             (long long)submission->limit_s / 60 % 60);
    append_word(&l, "--time=", number);
    append_word(&l, "", submission->script);
    append_word(&l, "", sweep);
    append_word(&l, "", results);
    if (plugin) {
        append_word(&l, "", "--plugin");
        append_word(&l, "", plugin);
    }
}
