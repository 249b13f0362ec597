/* plan.c: `fpsweep plan`: what would run and what it would cost. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "app/plan_report.h"
#include "app/selection.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"

const fps_option fps_options_plan[] = {
    {"ranks", 'n', "N",
     "Predict the wall time on N ranks of machines like this one, and submit to as many; default: all processors here, "
     "and as many as are sensible."},
    {"list", '\0', NULL, "List all tasks with their predicted seconds."},
    {"dropped", '\0', NULL, "List all dropped combinations with the reason."},
    {"json", '\0', NULL, "Print JSON: sizes in bytes, times in seconds."},
    FPS_OPTION_WHERE,
    FPS_OPTION_PLUGIN,
    {.name = NULL},
};

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

/* ---- the report ---- */

static void keep_run(fps_plan_report *report, fps_forecast_run run, const char *remark) {
    report->run[report->runs] = run;
    report->remark[report->runs++] = remark;
}

/* Predict one rank, the wanted number and the sensible one, and what to submit. */
static fps_status predict_runs(const fps_command *command, fps_plan_report *report) {
    const fps_forecast *f = &report->forecast;
    fps_forecast_run one, wanted, sensible;
    FPS_TRY(fps_forecast_simulate(f, 1, &one));
    FPS_TRY(fps_forecast_simulate(f, report->ranks, &wanted));
    FPS_TRY(fps_forecast_advise(f, &sensible));
    if (wanted.ranks != 1 && sensible.ranks != 1)
        keep_run(report, one, "");
    if (wanted.ranks != sensible.ranks)
        keep_run(report, wanted, fps_forecast_objection(&wanted, &sensible));
    keep_run(report, sensible, "sensible: 90 % useful, saves 5 s or more");
    return fps_submit_prepare(f, fps_command_option(command, "ranks") ? &wanted : &sensible, &report->submission);
}

static fps_status print_report(const fps_command *command, const fps_plan *plan, const bool *selected, int64_t count,
                               const fps_calibration *calibration, int64_t ranks) {
    fps_plan_report report = {.path = command->operand[0],
                              .plugin = fps_command_option(command, "plugin"),
                              .plan = plan,
                              .where = selected != NULL,
                              .selected = count,
                              .ranks = (int)ranks};
    fps_status status;
    FPS_TRY_GOTO(status, fps_forecast_create(plan, selected, calibration, &report.forecast), done);
    FPS_TRY_GOTO(status, predict_runs(command, &report), done);
    status = fps_command_option(command, "json") ? fps_plan_report_json(&report) : fps_plan_report_print(&report);
done:
    fps_submit_release(&report.submission);
    fps_forecast_release(&report.forecast);
    return status;
}

/* ---- the verb ---- */

/* --list, --dropped and --json are different answers. */
static fps_status check_form(const fps_command *command) {
    static const char *const forms[] = {"list", "dropped", "json"};
    const char *first = NULL;
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        if (!fps_command_option(command, forms[k]))
            continue;
        if (first)
            return fps_fail(FPS_ERROR_USAGE, "--%s and --%s are different answers: ask for one of them", first,
                            forms[k]);
        first = forms[k];
    }
    return FPS_OK;
}

static fps_status plan_sweep(const fps_command *command) {
    fps_sweep_input input = {0};
    fps_calibration calibration;
    bool *selected = NULL;
    int64_t count, ranks;
    fps_status status;
    FPS_TRY(fps_command_integer(command, "ranks", 1, 10000000, sysconf(_SC_NPROCESSORS_ONLN), &ranks));
    FPS_TRY(check_form(command));
    FPS_TRY(fps_command_plugin(command));
    FPS_TRY_GOTO(status, fps_sweep_input_read(command->operand[0], &input), done);
    FPS_TRY_GOTO(status, fps_selection_read(command, input.plan, &selected, &count), done);
    if (fps_command_option(command, "dropped")) {
        fps_plan_dropped(input.plan, print_dropped, NULL);
        goto done;
    }
    fps_restart_remark();
    FPS_TRY_GOTO(status, fps_calibrate(&calibration), done);
    if (fps_command_option(command, "list"))
        print_list(input.plan, selected, &calibration);
    else
        status = print_report(command, input.plan, selected, count, &calibration, ranks);
done:
    fps_free(selected);
    fps_sweep_input_release(&input);
    return status;
}

int fps_verb_plan(const fps_command *command) {
    fps_status status = plan_sweep(command);
    return status == FPS_OK ? 0 : fps_report(status);
}
