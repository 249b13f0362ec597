/* plan_report.c: what `fpsweep plan` says in words. */
#include "app/plan_report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/memory.h"
#include "app/terminal.h"

/* ---- axes ---- */

enum { SHOWN = 6, VALUE_SIZE = 96 };

/* Names of a factor's parameters: "samples:grid_points". */
static void format_factor(const fps_plan_factor *factor, char *buffer, size_t size) {
    buffer[0] = '\0';
    for (int p = 0; p < factor->parameters; p++) {
        size_t used = strlen(buffer);
        snprintf(buffer + used, size - used, "%s%s", p ? ":" : "", fps_parameters[factor->parameter[p]].name);
    }
}

/* Value k of a factor: "relu", "64:256" for a zip item; numbers with enough digits to recognise them. */
static void format_value(const fps_plan *plan, int f, int64_t k, char *buffer, size_t size) {
    fps_plan_factor factor = fps_plan_factor_at(plan, f);
    buffer[0] = '\0';
    for (int p = 0; p < factor.parameters; p++) {
        char text[VALUE_SIZE], *end;
        size_t used = strlen(buffer);
        fps_plan_factor_value(plan, f, p, k, text, sizeof text);
        double value = strtod(text, &end);
        if (!*end && strlen(text) > 9)
            snprintf(text, sizeof text, "%.5g", value);
        snprintf(buffer + used, size - used, "%s%s", p ? ":" : "", text);
    }
}

/* Print one axis: its name, how many values, the first few and the last. */
static void print_axis(const fps_plan *plan, int f) {
    fps_plan_factor factor = fps_plan_factor_at(plan, f);
    char name[128], value[VALUE_SIZE], line[(SHOWN + 2) * VALUE_SIZE] = "";
    for (int64_t k = 0; k < factor.count; k++) {
        if (k == SHOWN && factor.count > SHOWN + 1)
            k = factor.count - 1;
        size_t used = strlen(line);
        format_value(plan, f, k, value, sizeof value);
        snprintf(line + used, sizeof line - used, "%s%s", k == 0 ? "" : k > SHOWN ? ", ..., " : ", ", value);
    }
    format_factor(&factor, name, sizeof name);
    int column = printf("  %-18s %6lld  ", name, (long long)factor.count);
    fps_text_wrap(stdout, line, column, fps_terminal_width(stdout));
}

static void print_tasks(const fps_plan_report *report) {
    const fps_plan *plan = report->plan;
    const fps_record_spec *record = fps_plan_record(plan);
    char where[64] = "", same[64] = "";
    if (fps_plan_dropped_where(plan))
        snprintf(where, sizeof where, "; dropped by where: %lld", (long long)fps_plan_dropped_where(plan));
    if (fps_plan_dropped_same(plan))
        snprintf(same, sizeof same, "; the same task as another: %lld", (long long)fps_plan_dropped_same(plan));
    fps_text_entry(FPS_HEADING, "sweep", "%s", fps_plan_name(plan));
    if (fps_plan_about(plan)[0])
        fps_text_entry(FPS_HEADING, "about", "%s", fps_plan_about(plan));
    fps_text_entry(FPS_HEADING, "tasks", "%lld of %lld combinations%s%s", (long long)fps_plan_count(plan),
                   (long long)fps_plan_combinations(plan), where, same);
    if (report->where)
        fps_text_entry(FPS_HEADING, "selected", "%lld by --where; all that follows is about them",
                       (long long)report->selected);
    fps_text_entry(FPS_HEADING, "axes", "(name, number of values, values)");
    for (int f = 0; f < fps_plan_factors(plan); f++)
        print_axis(plan, f);
    if (record->rungs)
        fps_text_entry(FPS_HEADING, "records", "%d rungs of a ladder per task", record->rungs);
    else
        fps_text_entry(FPS_HEADING, "records", "up to %lld per task, %d frequencies", (long long)record->count,
                       record->frequencies);
}

/* ---- cost ---- */

static void print_cost_line(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print_cost_line(const char *label, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int column = printf("  %-15s ", label);
    fps_text_wrap(stdout, text, column, fps_terminal_width(stdout));
}

/* Is what is predicted more than what may be needed? */
static bool is_bound(const fps_forecast *f) {
    return f->early + f->flow > 0;
}

static void print_cost(const fps_plan *plan, const fps_forecast *f, int ranks) {
    char a[32], b[32], c[32];
    const char *bound = is_bound(f) ? "at most " : "";
    if (f->sampled < f->tasks)
        fps_text_entry(FPS_HEADING, "cost", "(predicted from an even sample of %lld tasks)", (long long)f->sampled);
    else
        fps_text_entry(FPS_HEADING, "cost", "(predicted from a calibration of this machine)");
    print_cost_line("per task", "%s%.3g operations, %s to %s, median %s", bound, f->operations / (double)f->tasks,
                    fps_text_duration(f->shortest_s, a), fps_text_duration(f->longest_s, b),
                    fps_text_duration(f->median_s, c));
    print_cost_line("all tasks", "%s%.3g operations, %s of one core", bound, f->operations,
                    fps_text_duration(f->total_s, a));
    print_cost_line("memory", "%s per rank for the largest task, and %s of program", fps_text_bytes(f->memory_bytes, a),
                    fps_text_bytes(FPS_SUBMIT_PROGRAM_BYTES, b));
    print_cost_line("results file", "%s", fps_text_bytes(fps_plan_file_bytes(plan), a));
    if (f->checkpoint_bytes > 0)
        print_cost_line("checkpoints", "up to %s on disk for %d rank%s, while it runs",
                        fps_text_bytes(2 * f->checkpoint_bytes * ranks, a), ranks, ranks == 1 ? "" : "s");
}

static fps_status print_runs(const fps_plan_report *report) {
    const char *const heading[] = {"ranks", is_bound(&report->forecast) ? "wall time <=" : "wall time", "idle tail",
                                   "useful", "<"};
    fps_table table = {0};
    fps_status status;
    FPS_TRY_GOTO(status, fps_table_begin(&table, 5, heading), done);
    for (int k = 0; k < report->runs; k++) {
        const fps_forecast_run *run = &report->run[k];
        char wall[32], tail[32];
        FPS_TRY_GOTO(status,
                     fps_table_add(&table, "%d\t%s\t%s\t%.0f %%\t%s", run->ranks, fps_text_duration(run->wall_s, wall),
                                   fps_text_duration(run->tail_s, tail), 100 * run->efficiency, report->remark[k]),
                     done);
    }
    printf("\n");
    fps_table_print(&table, stdout, fps_terminal_width(stdout));
    printf("\n");
done:
    fps_table_release(&table);
    return status;
}

/* ---- warnings, and the line to submit ---- */

void fps_plan_report_warnings(const fps_plan_report *report, void (*each)(void *context, const char *sentence),
                              void *context) {
    fps_memory memory;
    char sentence[256], needed[32], there[32];
    fps_memory_look(&memory);
    if (report->forecast.memory_bytes > memory.node_bytes) {
        snprintf(sentence, sizeof sentence, "the largest task needs %s of memory, this machine has %s (%s)",
                 fps_text_bytes(report->forecast.memory_bytes, needed), fps_text_bytes(memory.node_bytes, there),
                 memory.limit);
        each(context, sentence);
    }
    const fps_forecast *f = &report->forecast;
    if (f->early > 0) {
        snprintf(sentence, sizeof sentence,
                 "%lld task%s may end before `steps`, at a tolerance: times are upper bounds", (long long)f->early,
                 f->early == 1 ? "" : "s");
        each(context, sentence);
    }
    if (f->flow > 0) {
        snprintf(sentence, sizeof sentence,
                 "%lld task%s of optimizer flow: times are upper bounds, those of the largest rate that gd could bear",
                 (long long)f->flow, f->flow == 1 ? "" : "s");
        each(context, sentence);
    }
    fps_plan_warnings(report->plan, each, context);
}

static void print_warning(void *context, const char *sentence) {
    (void)context;
    fps_text_entry(FPS_CAUTION, "warning", "%s", sentence);
}

static void print_submission(const fps_plan_report *report) {
    const fps_submission *s = &report->submission;
    if (report->where)
        fps_text_entry(FPS_HEADING, "submit",
                       "the whole sweep alone: leave --where out to see how, or move its condition "
                       "to where: in the sweep file");
    else if (!s->script)
        fps_text_entry(FPS_HEADING, "submit",
                       "with sweep.sbatch, which is not where this program was installed or built; "
                       "it comes with fpsweep, in the folder jobs");
    if (report->where || !s->script)
        return;
    fps_text_entry(FPS_HEADING, "submit",
                   s->jobs > 1 ? "(to Slurm; the job goes on by itself, about %.0f times)" : "(to Slurm)", s->jobs - 1);
    printf("  ");
    fps_submit_write(stdout, s, report->path, report->plugin, fps_terminal_width(stdout));
    printf("\n");
}

fps_status fps_plan_report_print(const fps_plan_report *report) {
    print_tasks(report);
    print_cost(report->plan, &report->forecast, report->ranks);
    FPS_TRY(print_runs(report));
    fps_plan_report_warnings(report, print_warning, NULL);
    print_submission(report);
    return FPS_OK;
}
