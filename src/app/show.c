/* show.c: `fpsweep show`: the list of tasks, or one task. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/export.h"
#include "app/heatmap.h"
#include "app/selection.h"
#include "app/show_direct.h"
#include "app/terminal.h"
#include "fpsweep/direction.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/learning.h"
#include "fpsweep/memory.h"

const fps_option fps_options_show[] = {
    FPS_OPTION_WHERE,
    {"csv", '\0', NULL, "Print numbers, separated by commas, instead of tables and pictures."},
    {"residual", '\0', NULL,
     "Show |H-F|/max|F| at all frequencies, not the frequency error where the target has power."},
    {.name = NULL},
};

/* ---- the list of tasks ---- */

static fps_status print_list(fps_learning *learning, const bool *selected) {
    const fps_plan *plan = fps_reader_plan(learning->reader);
    static const char *const heading[] = {"task", "<parameters", "<outcome", "records", "training loss", "seconds"};
    fps_table table;
    fps_status status = fps_table_begin(&table, 6, heading);
    table.emphasis[2] = fps_emphasis_outcome;
    for (int64_t i = 0; status == FPS_OK && i < fps_plan_count(plan); i++) {
        if (selected && !selected[i])
            continue;
        FPS_TRY_GOTO(status, fps_learning_read(learning, i), done);
        char label[512], loss[32], seconds[32];
        const fps_row *row = &learning->row[i];
        bool ended = row->outcome != FPS_PENDING;
        fps_plan_label(plan, i, label, sizeof label);
        for (char *c = label; *c; c++) /* a tab would end the cell */
            *c = *c == '\t' ? ' ' : *c;
        status = fps_table_add(&table, "%lld\t%s\t%s\t%d\t%s\t%s", (long long)i, label, fps_outcome_name(row->outcome),
                               row->records, fps_text_number(learning->training_loss, loss),
                               fps_text_number(ended ? row->seconds : NAN, seconds));
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
done:
    fps_table_release(&table);
    return status;
}

/* Does a parameter have several values among the selected tasks that use it? */
static bool differs(const fps_plan *plan, const bool *selected, int p) {
    char first[256] = "", value[256] = "";
    bool seen = false;
    if (!fps_plan_varies(plan, p))
        return false;
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        if (selected && !selected[i])
            continue;
        fps_plan_task(plan, i, &task);
        if (!fps_parameter_used(&fps_parameters[p], &task))
            continue;
        fps_parameter_format(&fps_parameters[p], &task, value, sizeof value);
        if (seen && strcmp(first, value) != 0)
            return true;
        memcpy(first, value, sizeof first);
        seen = true;
    }
    return false;
}

static fps_status print_list_csv(fps_learning *learning, const bool *selected) {
    const fps_plan *plan = fps_reader_plan(learning->reader);
    bool *column;
    FPS_TRY(FPS_ALLOC(column, fps_parameter_count));
    printf("task");
    for (int p = 0; p < fps_parameter_count; p++)
        column[p] = differs(plan, selected, p);
    for (int p = 0; p < fps_parameter_count; p++)
        if (column[p])
            printf(",%s", fps_parameters[p].name);
    printf(",outcome,records,training_loss,test_loss,seconds,rank,attempts\n");
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        if (selected && !selected[i])
            continue;
        fps_status status = fps_learning_read(learning, i);
        if (status != FPS_OK) {
            fps_free(column);
            return status;
        }
        const fps_row *row = &learning->row[i];
        printf("%lld", (long long)i);
        for (int p = 0; p < fps_parameter_count; p++)
            if (column[p])
                fps_csv_parameter(stdout, &fps_parameters[p], &learning->task);
        printf(",%s,%d", fps_outcome_name(row->outcome), row->records);
        fps_csv_number(stdout, learning->training_loss);
        fps_csv_number(stdout, learning->test_loss);
        fps_csv_number(stdout, row->seconds);
        printf(",%d,%d\n", row->rank, row->attempts);
    }
    fps_free(column);
    return FPS_OK;
}

/* ---- one task ---- */

void fps_show_parameters(const fps_task *task) {
    for (int p = 0; p < fps_parameter_count; p++) {
        char value[512];
        if (!fps_parameter_used(&fps_parameters[p], task))
            continue;
        fps_parameter_format(&fps_parameters[p], task, value, sizeof value);
        if (!value[0])
            continue;
        int column = printf("  %-17s ", fps_parameters[p].name);
        fps_text_wrap(stdout, value, column, fps_terminal_width(stdout));
    }
}

void fps_show_outcome(const fps_row *row) {
    char duration[32], date[64] = "";
    const char *name = fps_outcome_name(row->outcome);
    time_t end = (time_t)row->finished;
    struct tm local;
    printf("outcome %s%s%s", fps_emphasis_begin(stdout, fps_emphasis_outcome(name)), name,
           fps_emphasis_end(stdout, fps_emphasis_outcome(name)));
    if (row->damaged) {
        printf(": what the file says about it is damaged;\n"
               "  fpsweep verify tells more, run --resume runs it again\n");
        return;
    }
    if (row->outcome == FPS_PENDING) {
        printf("\n");
        return;
    }
    if (row->finished > 0 && row->finished < 1e11 && localtime_r(&end, &local))
        strftime(date, sizeof date, ", %Y-%m-%d %H:%M:%S", &local);
    printf(": %d record%s, %s on rank %d, attempt %d\n", row->records, row->records == 1 ? "" : "s",
           fps_text_duration(row->seconds, duration), row->rank, row->attempts);
    fps_text_paragraph(2, "made by %s kernels, self-test %08" PRIx32 ", numerics version %d%s",
                       fps_kernel_class_name((fps_kernel_class)row->kernel_class), row->self_test, row->version, date);
    if (row->outcome == FPS_FAILED)
        printf("the log of the run says why; this says it again:\n  fpsweep run SWEEP.yaml -o OTHER.h5 --task %" PRId64
               "\n",
               row->task);
}

/* Draw one direction; says so if there is nothing to draw. */
static fps_status print_map(const fps_learning *l, int64_t direction, bool residual) {
    int64_t places = l->directions * l->frequencies, *place, rows = 0;
    FPS_TRY(FPS_ALLOC(place, l->frequencies));
    for (int64_t p = direction * l->frequencies; p < (direction + 1) * l->frequencies; p++)
        if (residual || !isnan(l->share[p]))
            place[rows++] = p;
    char title[256];
    snprintf(title, sizeof title, "\n%s by frequency xi%s%s (cycles per unit length)\nand step%s",
             residual ? "|H-F|/max|F|" : "frequency error |H-F|/|F|", l->directions > 1 ? ", " : "",
             l->directions > 1 ? fps_direction_name(&l->task, direction) : "",
             !residual && rows < l->frequencies ? "; frequencies where the target has no power are left out" : "");
    fps_heatmap map = {
        residual ? l->residual_relative : l->frequency_error, l->step, l->records, places, place, rows, l->xi, title};
    if (rows > 0)
        fps_heatmap_print(&map, stdout, fps_terminal_width(stdout), fps_terminal_colors(stdout));
    fps_free(place);
    return FPS_OK;
}

static fps_status print_task(const fps_learning *l, int64_t i, bool residual) {
    const fps_row *row = &l->row[i];
    char number[32];
    printf("task %lld of %s\n", (long long)i, fps_plan_name(fps_reader_plan(l->reader)));
    fps_show_parameters(&l->task);
    fps_show_outcome(row);
    if (l->records == 0)
        return FPS_OK;
    printf("at step %.0f: training loss %s", l->step[l->records - 1], fps_text_number(l->training_loss, number));
    printf(", test loss %s\n", fps_text_number(l->test_loss, number));
    for (int64_t d = 0; d < l->directions; d++)
        FPS_TRY(print_map(l, d, residual));
    return FPS_OK;
}

static fps_status print_task_csv(const fps_learning *l, int64_t i) {
    double *loss = NULL, *test = NULL;
    fps_status status;
    int64_t places = l->directions * l->frequencies;
    fps_extent extent;
    fps_task_extent(&l->task, fps_plan_record(fps_reader_plan(l->reader)), &extent);
    FPS_TRY_GOTO(status, FPS_ALLOC(loss, extent.size[FPS_RECORD]), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(test, extent.size[FPS_RECORD]), done);
    printf("step,training_loss,test_loss");
    for (int k = 0; k < 2; k++)
        for (int64_t p = 0; p < places; p++) {
            printf(",%s", fps_result_fields[k ? FPS_RESULT_RESIDUAL_RELATIVE : FPS_RESULT_FREQUENCY_ERROR].name);
            if (l->directions > 1)
                printf("[%s]", fps_direction_name(&l->task, p / l->frequencies));
            printf("[%d]", l->mode[p % l->frequencies]);
        }
    printf("\n");
    if (l->records > 0) {
        FPS_TRY_GOTO(status, fps_reader_result(l->reader, i, FPS_RESULT_TRAINING_LOSS, loss), done);
        FPS_TRY_GOTO(status, fps_reader_result(l->reader, i, FPS_RESULT_TEST_LOSS, test), done);
    }
    for (int64_t r = 0; r < l->records; r++) {
        printf("%.0f", l->step[r]);
        fps_csv_number(stdout, loss[r]);
        fps_csv_number(stdout, test[r]);
        for (int64_t p = 0; p < places; p++)
            fps_csv_number(stdout, l->frequency_error[r * places + p]);
        for (int64_t p = 0; p < places; p++)
            fps_csv_number(stdout, l->residual_relative[r * places + p]);
        printf("\n");
    }
done:
    fps_free(loss);
    fps_free(test);
    return status;
}

/* ---- the verb ---- */

static fps_status read_task_number(const char *text, int64_t tasks, int64_t *out) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || value < 0 || value >= tasks)
        return fps_fail(FPS_ERROR_USAGE, "there is no task '%s': tasks are numbered from 0 to %lld", text,
                        (long long)tasks - 1);
    *out = value;
    return FPS_OK;
}

static fps_status show(const fps_command *command) {
    bool csv = fps_command_option(command, "csv"), residual = fps_command_option(command, "residual");
    fps_reader *reader = NULL;
    fps_learning *learning = NULL;
    bool *selected = NULL;
    int64_t count, task = 0;
    fps_status status;
    if (command->operands > 1 && fps_command_option(command, "where"))
        return fps_fail(FPS_ERROR_USAGE, "give a task or --where, not both");
    FPS_TRY_GOTO(status, fps_reader_open(command->operand[0], &reader), done);
    const fps_plan *plan = fps_reader_plan(reader);
    FPS_TRY_GOTO(status, fps_selection_read(command, plan, &selected, &count), done);
    if (command->operands > 1)
        FPS_TRY_GOTO(status, read_task_number(command->operand[1], fps_plan_count(plan), &task), done);
    if (fps_plan_record(plan)->keep & FPS_ONLY_DIRECT) {
        if (residual)
            status = fps_fail(FPS_ERROR_USAGE, "--residual is about networks; this sweep is of model direct");
        else
            status = command->operands > 1 ? fps_show_direct_task(reader, task, csv)
                                           : fps_show_direct_list(reader, selected, csv);
        goto done;
    }
    FPS_TRY_GOTO(status, fps_learning_create(reader, FPS_LEARNING_THRESHOLD, FPS_LEARNING_AMPLITUDE, &learning), done);
    if (command->operands == 1) {
        status = csv ? print_list_csv(learning, selected) : print_list(learning, selected);
    } else {
        FPS_TRY_GOTO(status, fps_learning_read(learning, task), done);
        status = csv ? print_task_csv(learning, task) : print_task(learning, task, residual);
    }
done:
    fps_learning_destroy(&learning);
    fps_free(selected);
    fps_reader_close(&reader);
    return status;
}

int fps_verb_show(const fps_command *command) {
    fps_status status = show(command);
    return status == FPS_OK ? 0 : fps_report(status);
}
