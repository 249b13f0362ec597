/* summary.c: what `run` prints at its end: counts, and frequency errors by axis value. */
#include "app/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/terminal.h"
#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"
#include "fpsweep/memory.h"

enum { FREQUENCIES = 4, VALUES = 16, MOST_TASKS = 4000 };

/* The last losses and frequency errors of the tasks that were read. */
typedef struct endings {
    const fps_plan *plan;
    int64_t count;
    int64_t *task;
    double *loss;               /* loss[count] */
    double *error[FREQUENCIES]; /* error[f][count] */
    int frequencies;
    double xi[FREQUENCIES];
    double *scratch; /* scratch[count] */
} endings;

static fps_status read_endings(fps_reader *reader, endings *e) {
    fps_learning *learning = NULL;
    int64_t tasks = fps_plan_count(e->plan), stride = tasks > MOST_TASKS ? (tasks + MOST_TASKS - 1) / MOST_TASKS : 1;
    int64_t place[FREQUENCIES], most = (tasks + stride - 1) / stride;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(e->task, most), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(e->loss, most), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(e->scratch, most), done);
    for (int f = 0; f < FREQUENCIES; f++)
        FPS_TRY_GOTO(status, FPS_ALLOC(e->error[f], most), done);
    FPS_TRY_GOTO(status, fps_learning_create(reader, FPS_LEARNING_THRESHOLD, FPS_LEARNING_AMPLITUDE, &learning), done);
    for (int64_t i = 0; i < tasks; i += stride) {
        if (learning->row[i].outcome != FPS_DONE)
            continue;
        FPS_TRY_GOTO(status, fps_learning_read(learning, i), done);
        if (e->count == 0) {
            e->frequencies = fps_learning_choose(learning, 0, FREQUENCIES, place);
            for (int f = 0; f < e->frequencies; f++)
                e->xi[f] = learning->xi[place[f]];
        }
        for (int f = 0; f < e->frequencies; f++) {
            bool same = place[f] < learning->directions * learning->frequencies && learning->xi[place[f]] == e->xi[f];
            e->error[f][e->count] = same ? learning->error[place[f]] : NAN;
        }
        e->loss[e->count] = learning->training_loss;
        e->task[e->count++] = i;
    }
done:
    fps_learning_destroy(&learning);
    return status;
}

static void release_endings(endings *e) {
    fps_free(e->task);
    fps_free(e->loss);
    fps_free(e->scratch);
    for (int f = 0; f < FREQUENCIES; f++)
        fps_free(e->error[f]);
}

/* Median of `value` over the tasks with one coordinate of a factor (factor -1: all); *count = how many. */
static double median_of(endings *e, const double *value, int factor, int64_t coordinate, int64_t *count) {
    int64_t n = 0;
    for (int64_t i = 0; i < e->count; i++)
        if (factor < 0 || fps_plan_coordinate(e->plan, e->task[i], factor) == coordinate)
            e->scratch[n++] = value[i];
    *count = n;
    return fps_analysis_quantile(e->scratch, n, 0.5);
}

/* One line of the table: tasks, median loss and errors. */
static fps_status add_line(fps_table *table, endings *e, const char *label, int factor, int64_t coordinate) {
    char line[512], number[32];
    int64_t n;
    double loss = median_of(e, e->loss, factor, coordinate, &n);
    int used = snprintf(line, sizeof line, "%.80s\t%lld\t%s", label, (long long)n, fps_text_number(loss, number));
    for (int f = 0; f < e->frequencies; f++) {
        double error = median_of(e, e->error[f], factor, coordinate, &n);
        used += snprintf(line + used, sizeof line - (size_t)used, "\t%s", fps_text_number(error, number));
    }
    return fps_table_add(table, "%s", line);
}

/* "depth=2"; for a zip item "samples=64 grid_points=256". */
static void format_value(const fps_plan *plan, const fps_plan_factor *factor, int64_t task, char *buffer, size_t size) {
    fps_task t;
    fps_plan_task(plan, task, &t);
    buffer[0] = '\0';
    for (int i = 0; i < factor->parameters; i++) {
        char value[128];
        size_t used = strlen(buffer);
        const fps_parameter *parameter = &fps_parameters[factor->parameter[i]];
        fps_parameter_format(parameter, &t, value, sizeof value);
        snprintf(buffer + used, size - used, "%s%s=%s", i ? " " : "", parameter->name, value);
    }
}

static fps_status add_factor(fps_table *table, endings *e, int factor) {
    fps_plan_factor f = fps_plan_factor_at(e->plan, factor);
    if (f.count < 2 || fps_grouping_is_seed(e->plan, factor))
        return FPS_OK;
    for (int64_t c = 0; c < f.count; c++) {
        if (f.count > VALUES && c >= VALUES - 1) /* the rest is for analyze and plot */
            return fps_table_add(table, "... %lld more values", (long long)(f.count - c));
        int64_t i = 0;
        while (i < e->count && fps_plan_coordinate(e->plan, e->task[i], factor) != c)
            i++;
        if (i == e->count)
            continue;
        char label[256];
        format_value(e->plan, &f, e->task[i], label, sizeof label);
        FPS_TRY(add_line(table, e, label, factor, c));
    }
    return FPS_OK;
}

static fps_status print_endings(endings *e) {
    fps_table table = {0};
    char text[FREQUENCIES][32];
    const char *heading[3 + FREQUENCIES] = {"<", "tasks", "training loss"};
    for (int f = 0; f < e->frequencies; f++) {
        snprintf(text[f], sizeof text[f], "xi=%.3g", e->xi[f]);
        heading[3 + f] = text[f];
    }
    fps_status status = fps_table_begin(&table, 3 + e->frequencies, heading);
    if (status == FPS_OK)
        status = add_line(&table, e, "all done tasks", -1, 0);
    for (int f = 0; status == FPS_OK && f < fps_plan_factors(e->plan); f++)
        status = add_factor(&table, e, f);
    if (status == FPS_OK) {
        const char *sample = fps_plan_count(e->plan) > MOST_TASKS ? " of a sample of tasks" : "";
        printf("\n");
        fps_text_paragraph(
            0, "At the end, medians%s: training loss, and frequency error |H-F|/|F| at xi cycles per unit length",
            sample);
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    }
    fps_table_release(&table);
    return status;
}

fps_status fps_summary_print(const char *path, const fps_progress *final, int ranks) {
    char duration[32], bytes[32], size[48] = "", stopped[64] = "", saved[64] = "";
    struct stat file;
    int64_t left = final->tasks - final->done - final->diverged - final->failed;
    if (left > 0)
        snprintf(stopped, sizeof stopped, ", not run %lld (stopped)", (long long)left);
    if (final->saved > 0)
        snprintf(saved, sizeof saved, ", %lld of them saved half-way", (long long) final->saved);
    fps_text_entry(final->failed ? FPS_BAD : FPS_HEADING, "tasks", "%lld: done %lld, diverged %lld, failed %lld%s",
                   (long long) final->tasks, (long long) final->done, (long long) final->diverged,
                   (long long) final->failed, stopped);
    if (left > 0)
        fps_text_entry(FPS_CAUTION, "left", "%lld%s: the same command with --resume goes on", (long long)left, saved);
    fps_text_entry(FPS_HEADING, "wall time", "%s on %d rank%s", fps_text_duration(final->elapsed_s, duration), ranks,
                   ranks == 1 ? "" : "s");
    if (stat(path, &file) == 0)
        snprintf(size, sizeof size, " (%s)", fps_text_bytes((double)file.st_blocks * 512, bytes));
    fps_text_entry(FPS_HEADING, "file", "%s%s", path, size);

    fps_reader *reader = NULL;
    endings e = {0};
    fps_status status = fps_reader_open(path, &reader);
    if (status == FPS_OK) {
        e.plan = fps_reader_plan(reader);
        status = fps_plan_record(e.plan)->keep & FPS_ONLY_DIRECT ? fps_summary_print_direct(reader)
                                                                 : read_endings(reader, &e);
    }
    if (status == FPS_OK && e.count > 0)
        status = print_endings(&e);
    release_endings(&e);
    fps_reader_close(&reader);
    return status;
}
