/* plan.c: `fpsweep plan`: what would run and what it would cost. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/forecast.h"
#include "app/memory.h"
#include "app/selection.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"

const fps_option fps_options_plan[] = {
    {"ranks", 'n', "N", "Predict the wall time on N ranks of machines like this one; default: all processors here."},
    {"list", '\0', NULL, "List all tasks with their predicted seconds."},
    {"dropped", '\0', NULL, "List all dropped combinations with the reason."},
    FPS_OPTION_WHERE,
    {.name = NULL},
};

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
    printf("  %-18s %6lld  ", name, (long long)factor.count);
    fps_text_wrap(stdout, line, 28, fps_terminal_width(stdout));
}

static void print_tasks(const fps_plan *plan, int64_t selected, bool where) {
    int64_t combinations = fps_plan_combinations(plan), dropped = fps_plan_dropped_where(plan);
    printf("sweep     %s\n", fps_plan_name(plan));
    if (fps_plan_about(plan)[0]) {
        printf("about     ");
        fps_text_wrap(stdout, fps_plan_about(plan), 10, fps_terminal_width(stdout));
    }
    printf("tasks     %lld of %lld combinations", (long long)fps_plan_count(plan), (long long)combinations);
    if (dropped)
        printf("; dropped by where: %lld", (long long)dropped);
    if (fps_plan_dropped_same(plan))
        printf("; the same task as another: %lld", (long long)fps_plan_dropped_same(plan));
    printf("\n");
    if (where)
        printf("selected  %lld by --where; all that follows is about them\n", (long long)selected);
    printf("axes      (name, number of values, values)\n");
    for (int f = 0; f < fps_plan_factors(plan); f++)
        print_axis(plan, f);
    const fps_record_spec *record = fps_plan_record(plan);
    printf("records   up to %lld per task, %d frequencies\n", (long long)record->count, record->frequencies);
}

/* ---- cost ---- */

static void print_warning(void *context, const char *sentence) {
    (void)context;
    printf("warning   ");
    fps_text_wrap(stdout, sentence, 10, fps_terminal_width(stdout));
}

static void print_cost(const fps_plan *plan, const fps_forecast *f, int ranks) {
    char a[32], b[32], c[32];
    if (f->sampled < f->tasks)
        printf("cost      (predicted from an even sample of %lld tasks)\n", (long long)f->sampled);
    else
        printf("cost      (predicted from a calibration of this machine)\n");
    printf("  per task           %.3g operations; shortest %s, median %s, longest %s\n",
           f->operations / (double)f->tasks, fps_text_duration(f->shortest_s, a), fps_text_duration(f->median_s, b),
           fps_text_duration(f->longest_s, c));
    printf("  all tasks          %.3g operations, %s of one core\n", f->operations, fps_text_duration(f->total_s, a));
    printf("  memory             %s per rank for the largest task, besides about 100 MB of program\n",
           fps_text_bytes(f->memory_bytes, a));
    printf("  results file       %s\n", fps_text_bytes(fps_plan_file_bytes(plan), a));
    printf("  checkpoints        up to %s on disk for %d rank%s, while it runs\n",
           fps_text_bytes(2 * f->checkpoint_bytes * ranks, a), ranks, ranks == 1 ? "" : "s");
}

/* Does it fit into this machine? */
static void print_memory_warning(const fps_forecast *f) {
    fps_memory memory;
    char sentence[256], needed[32], there[32];
    fps_memory_look(&memory);
    if (f->memory_bytes <= memory.node_bytes)
        return;
    snprintf(sentence, sizeof sentence, "the largest task needs %s of memory, this machine has %s (%s)",
             fps_text_bytes(f->memory_bytes, needed), fps_text_bytes(memory.node_bytes, there), memory.limit);
    print_warning(NULL, sentence);
}

static fps_status add_run(fps_table *table, const fps_forecast_run *run, const char *remark) {
    char wall[32], tail[32];
    return fps_table_add(table, "%d\t%s\t%s\t%.0f %%\t%s", run->ranks, fps_text_duration(run->wall_s, wall),
                         fps_text_duration(run->tail_s, tail), 100 * run->efficiency, remark);
}

/* Wall times for one rank, the wanted number and a sensible one. */
static fps_status print_ranks(const fps_forecast *f, int wanted) {
    static const char *const heading[] = {"ranks", "wall time", "idle tail", "useful", "<"};
    fps_forecast_run one, asked, advised;
    fps_table table = {0};
    fps_status status;
    FPS_TRY(fps_forecast_simulate(f, 1, &one));
    FPS_TRY(fps_forecast_simulate(f, wanted, &asked));
    FPS_TRY(fps_forecast_advise(f, &advised));
    FPS_TRY_GOTO(status, fps_table_begin(&table, 5, heading), done);
    if (wanted != 1 && advised.ranks != 1)
        FPS_TRY_GOTO(status, add_run(&table, &one, ""), done);
    if (wanted != advised.ranks)
        FPS_TRY_GOTO(status, add_run(&table, &asked, wanted > advised.ranks ? "more than is sensible" : ""), done);
    FPS_TRY_GOTO(status, add_run(&table, &advised, "sensible: the most that stay 90 % useful"), done);
    printf("\n");
    fps_table_print(&table, stdout, fps_terminal_width(stdout));
done:
    fps_table_release(&table);
    return status;
}

/* ---- lists ---- */

static bool print_dropped(void *context, const char *values, const char *reason) {
    (void)context;
    printf("%s\t%s\n", values, reason);
    return true;
}

static void print_list(const fps_plan *plan, const bool *selected, const fps_calibration *calibration) {
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        if (selected && !selected[i])
            continue;
        fps_task task;
        fps_cost cost;
        char label[1024], number[32];
        fps_plan_task(plan, i, &task);
        fps_cost_estimate(&task, fps_plan_record(plan), calibration, &cost);
        fps_plan_label(plan, i, label, sizeof label);
        printf("%lld\t%s\t%s s\n", (long long)i, label, fps_text_number(cost.seconds, number));
    }
}

/* ---- the verb ---- */

static fps_status plan_sweep(const fps_command *command) {
    fps_sweep_input input = {0};
    fps_forecast forecast = {0};
    fps_calibration calibration;
    bool *selected = NULL;
    int64_t count, ranks;
    fps_status status;
    FPS_TRY(fps_command_integer(command, "ranks", 1, 10000000, sysconf(_SC_NPROCESSORS_ONLN), &ranks));
    FPS_TRY_GOTO(status, fps_sweep_input_read(command->operand[0], &input), done);
    FPS_TRY_GOTO(status, fps_selection_read(command, input.plan, &selected, &count), done);
    if (fps_command_option(command, "dropped")) {
        fps_plan_dropped(input.plan, print_dropped, NULL);
        goto done;
    }
    fps_restart_remark();
    FPS_TRY_GOTO(status, fps_calibrate(&calibration), done);
    if (fps_command_option(command, "list")) {
        print_list(input.plan, selected, &calibration);
        goto done;
    }
    print_tasks(input.plan, count, selected != NULL);
    FPS_TRY_GOTO(status, fps_forecast_create(input.plan, selected, &calibration, &forecast), done);
    print_cost(input.plan, &forecast, (int)ranks);
    FPS_TRY_GOTO(status, print_ranks(&forecast, (int)ranks), done);
    print_memory_warning(&forecast);
    fps_plan_warnings(input.plan, print_warning, NULL);
done:
    fps_forecast_release(&forecast);
    fps_free(selected);
    fps_sweep_input_release(&input);
    return status;
}

int fps_verb_plan(const fps_command *command) {
    fps_status status = plan_sweep(command);
    return status == FPS_OK ? 0 : fps_report(status);
}
