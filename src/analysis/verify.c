/* verify.c: what can be checked of a results file without running anything. */
#include "analysis/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "fpsweep/memory.h"
#include "store/columns.h"
#include "store/format.h"

/* ---- telling ---- */

void fps_verify_find(fps_verifier *v, const char *format, ...) {
    char sentence[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    v->found->findings++;
    if (v->options->finding)
        v->options->finding(v->options->context, sentence);
}

void fps_verify_note(fps_verifier *v, const char *format, ...) {
    char sentence[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (v->options->note)
        v->options->note(v->options->context, sentence);
}

/* ---- format ---- */

static void find_format(void *context, const char *sentence) {
    fps_verifier *v = context;
    v->found->format++;
    fps_verify_find(v, "%s", sentence);
}

/* A file that violates its format may be one that nothing else can be asked of. */
static fps_status open_reader(fps_verifier *v) {
    fps_status status = fps_reader_open(v->path, &v->reader);
    if (status == FPS_ERROR_INPUT && v->found->format > 0) {
        fps_verify_find(v, "nothing else can be checked: %s", fps_error_message());
        return FPS_OK;
    }
    return status;
}

/* ---- columns ---- */

static void find_column(void *context, const char *variable, int64_t task, int64_t rows) {
    fps_verifier *v = context;
    v->found->columns++;
    if (rows == 0)
        fps_verify_find(v, "variable %s is missing, of another shape, or cannot be read", variable);
    else if (task < 0)
        fps_verify_find(v, "variable %s is not what the sweep says", variable);
    else
        fps_verify_find(v, "variable %s is not what the sweep says in %" PRId64 " rows, first of task %" PRId64,
                        variable, rows, task);
}

/* ---- rows ---- */

static void find_row(fps_verifier *v, int64_t i, const char *what) {
    char label[300];
    fps_plan_label(v->plan, i, label, sizeof label);
    v->wrong[i] = true;
    v->found->damaged++;
    fps_verify_find(v, "task %" PRId64 "%s%s%s: %s", i, label[0] ? " (" : "", label, label[0] ? ")" : "", what);
}

static fps_status check_rows(fps_verifier *v) {
    const int64_t tasks = fps_plan_count(v->plan);
    fps_shard shard = fps_reader_shard(v->reader);
    FPS_TRY(fps_reader_rows(v->reader, v->row));
    for (int64_t i = 0; i < tasks; i++) {
        const fps_row *row = &v->row[i];
        bool ours = fps_shard_holds(shard, i), right = true;
        if (v->options->stop && *v->options->stop)
            return FPS_STOPPED;
        if (!row->damaged && row->outcome != FPS_PENDING)
            FPS_TRY(fps_reader_check(v->reader, i, &right));
        if (row->damaged)
            find_row(v, i, "its numbers (outcome, records, seconds, ...) are not what was committed");
        else if (!right)
            find_row(v, i, "its checksum is wrong: its results are not what was committed");
        else if (!ours && row->outcome != FPS_PENDING)
            find_row(v, i, "it has an outcome, but belongs to another part of the sweep");
        if (ours)
            v->found->outcome[v->wrong[i] ? FPS_PENDING : row->outcome]++;
        if (v->options->progress)
            v->options->progress(v->options->context, i + 1, tasks);
    }
    v->found->tasks = fps_shard_tasks(shard, tasks);
    return FPS_OK;
}

/* ---- all of it ---- */

fps_status fps_verify_file(const char *path, const fps_verify_options *options, fps_verification *out) {
    fps_verifier v = {.path = path, .options = options, .found = out};
    fps_status status;
    *out = (fps_verification){0};
    if (options->format)
        FPS_TRY_GOTO(status, fps_format_check(path, find_format, &v), done);
    FPS_TRY_GOTO(status, open_reader(&v), done);
    if (!v.reader)
        goto done;
    v.plan = fps_reader_plan(v.reader);
    FPS_TRY_GOTO(status, FPS_ALLOC(v.row, fps_plan_count(v.plan)), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(v.wrong, fps_plan_count(v.plan)), done);
    FPS_TRY_GOTO(status, fps_columns_check(path, v.plan, find_column, &v), done);
    FPS_TRY_GOTO(status, check_rows(&v), done);
    if (options->replay > 0)
        status = fps_verify_replay(&v);
done:
    fps_free(v.wrong);
    fps_free(v.row);
    fps_reader_close(&v.reader);
    return status;
}
