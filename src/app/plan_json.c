/* plan_json.c: what `fpsweep plan` says to other programs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/export.h"
#include "app/plan_report.h"

/* Write "name": value, and what comes after it. */
static void write_number(const char *name, double value, const char *after) {
    printf("\"%s\": ", name);
    fps_json_number(stdout, value);
    fputs(after, stdout);
}

static void write_tasks(const fps_plan_report *report) {
    const fps_plan *plan = report->plan;
    const fps_record_spec *record = fps_plan_record(plan);
    printf("{\n  \"sweep\": ");
    fps_json_text(stdout, fps_plan_name(plan));
    printf(",\n  \"tasks\": %lld, \"combinations\": %lld, \"dropped_by_where\": %lld, \"dropped_as_same\": %lld, "
           "\"selected\": %lld,\n  \"axes\": [",
           (long long)fps_plan_count(plan), (long long)fps_plan_combinations(plan),
           (long long)fps_plan_dropped_where(plan), (long long)fps_plan_dropped_same(plan),
           (long long)report->selected);
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        fps_plan_factor factor = fps_plan_factor_at(plan, f);
        printf("%s{\"parameters\": [", f ? ", " : "");
        for (int p = 0; p < factor.parameters; p++) {
            fputs(p ? ", " : "", stdout);
            fps_json_text(stdout, fps_parameters[factor.parameter[p]].name);
        }
        printf("], \"values\": %lld}", (long long)factor.count);
    }
    printf("],\n  \"records\": %lld, \"frequencies\": %d,\n",
           (long long)(record->rungs ? record->rungs : record->count), record->frequencies);
}

static void write_cost(const fps_plan_report *report) {
    const fps_forecast *f = &report->forecast;
    printf("  \"cost\": {");
    write_number("predicted_tasks", (double)f->sampled, ", ");
    write_number("operations", f->operations, ", ");
    write_number("core_seconds", f->total_s, ", ");
    write_number("tasks_that_may_end_early", (double)f->early, ", ");
    write_number("tasks_of_flow_bounded", (double)f->flow, ", ");
    write_number("shortest_seconds", f->shortest_s, ", ");
    write_number("median_seconds", f->median_s, ", ");
    write_number("longest_seconds", f->longest_s, ",\n    ");
    write_number("task_bytes", f->memory_bytes, ", ");
    write_number("program_bytes", FPS_SUBMIT_PROGRAM_BYTES, ", ");
    write_number("file_bytes", fps_plan_file_bytes(report->plan), ", ");
    write_number("checkpoint_bytes", ceil(2 * f->checkpoint_bytes * report->ranks), "},\n");
}

static void write_runs(const fps_plan_report *report) {
    printf("  \"runs\": [");
    for (int k = 0; k < report->runs; k++) {
        const fps_forecast_run *run = &report->run[k];
        printf("%s{\"ranks\": %d, ", k ? ", " : "", run->ranks);
        write_number("wall_seconds", run->wall_s, ", ");
        write_number("tail_seconds", run->tail_s, ", ");
        write_number("efficiency", run->efficiency, "}");
    }
    printf("],\n  \"warnings\": [");
}

/* One warning; *context: is it the first? */
static void write_warning(void *context, const char *sentence) {
    bool *first = context;
    fputs(*first ? "" : ", ", stdout);
    fps_json_text(stdout, sentence);
    *first = false;
}

static fps_status write_submission(const fps_plan_report *report) {
    const fps_submission *s = &report->submission;
    char *command = NULL;
    size_t length;
    printf("],\n  \"submit\": {\"ranks\": %d, ", s->ranks);
    write_number("memory_per_rank_mib", (double)s->memory_mib, ", ");
    write_number("time_limit_seconds", (double)s->limit_s, ", ");
    write_number("jobs", s->jobs, ", \"command\": ");
    if (report->where || !s->script) {
        printf("null}\n}\n");
        return FPS_OK;
    }
    FILE *text = open_memstream(&command, &length);
    if (!text)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory for the command to submit");
    fps_submit_write(text, s, report->path, report->plugin, 0);
    if (fclose(text) == 0)
        fps_json_text(stdout, command);
    free(command);
    printf("}\n}\n");
    return FPS_OK;
}

fps_status fps_plan_report_json(const fps_plan_report *report) {
    bool first = true;
    write_tasks(report);
    write_cost(report);
    write_runs(report);
    fps_plan_report_warnings(report, write_warning, &first);
    return write_submission(report);
}
