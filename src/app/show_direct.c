/* show_direct.c: `show` of sweeps of the variational problem: one line per task, or one line per rung. */
#include "app/show_direct.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/export.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"

/* Numbers of a rung, in the order of columns. */
static const struct {
    fps_result result;
    const char *heading;
} columns[] = {
    {FPS_RESULT_RUNG_BAND_LIMIT, "M"},
    {FPS_RESULT_ENERGY, "energy"},
    {FPS_RESULT_NORM, "norm"},
    {FPS_RESULT_KERNEL_AT_ZERO, "K(0)"},
    {FPS_RESULT_OFF_DATA_VALUE, "off data"},
    {FPS_RESULT_SPIKE_WIDTH, "spike width"},
    {FPS_RESULT_RECIPROCAL_CONDITION, "1/condition"},
    {FPS_RESULT_RESOLUTION, "resolution"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool has(const fps_trajectory *t, int c) {
    return t->value[columns[c].result] != NULL;
}

static double value_of(const fps_trajectory *t, int c, int64_t rung) {
    return has(t, c) && rung >= 0 ? t->value[columns[c].result][rung] : NAN;
}

/* ---- the list ---- */

static fps_status print_list(fps_reader *reader, const bool *selected, const fps_row *row, fps_trajectory *t) {
    static const char *const heading[] = {"task", "<parameters", "<outcome", "last M", "energy", "seconds"};
    const fps_plan *plan = fps_reader_plan(reader);
    fps_table table;
    fps_status status = fps_table_begin(&table, 6, heading);
    table.emphasis[2] = fps_emphasis_outcome;
    for (int64_t i = 0; status == FPS_OK && i < fps_plan_count(plan); i++) {
        if (selected && !selected[i])
            continue;
        FPS_TRY_GOTO(status, fps_reader_trajectory(reader, i, t), done);
        char label[512], limit[32] = "-", energy[32], seconds[32];
        int64_t last = t->records - 1;
        fps_plan_label(plan, i, label, sizeof label);
        for (char *c = label; *c; c++) /* a tab would end the cell */
            *c = *c == '\t' ? ' ' : *c;
        if (last >= 0)
            snprintf(limit, sizeof limit, "%.0f", value_of(t, 0, last));
        status = fps_table_add(&table, "%lld\t%s\t%s\t%s\t%s\t%s", (long long)i, label,
                               fps_outcome_name(row[i].outcome), limit, fps_text_number(value_of(t, 1, last), energy),

                               fps_text_number(row[i].outcome == FPS_PENDING ? NAN : row[i].seconds, seconds));
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
done:
    fps_table_release(&table);
    return status;
}

/* Does the sweep vary it, and model direct use it? */
static bool is_shown(const fps_plan *plan, int parameter) {
    fps_task first;
    fps_plan_task(plan, 0, &first);
    return fps_plan_varies(plan, parameter) && fps_parameter_used(&fps_parameters[parameter], &first);
}

static fps_status print_list_csv(fps_reader *reader, const bool *selected, const fps_row *row, fps_trajectory *t) {
    const fps_plan *plan = fps_reader_plan(reader);
    printf("task");
    for (int p = 0; p < fps_parameter_count; p++)
        if (is_shown(plan, p))
            printf(",%s", fps_parameters[p].name);
    printf(",outcome,records");
    for (int c = 0; c < COLUMNS; c++)
        printf(",%s", fps_result_fields[columns[c].result].name);
    printf(",seconds,rank,attempts\n");
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        if (selected && !selected[i])
            continue;
        FPS_TRY(fps_reader_trajectory(reader, i, t));
        fps_plan_task(plan, i, &task);
        printf("%lld", (long long)i);
        for (int p = 0; p < fps_parameter_count; p++)
            if (is_shown(plan, p))
                fps_csv_parameter(stdout, &fps_parameters[p], &task);
        printf(",%s,%d", fps_outcome_name(row[i].outcome), row[i].records);
        for (int c = 0; c < COLUMNS; c++)
            fps_csv_number(stdout, value_of(t, c, t->records - 1));
        fps_csv_number(stdout, row[i].seconds);
        printf(",%d,%d\n", row[i].rank, row[i].attempts);
    }
    return FPS_OK;
}

fps_status fps_show_direct_list(fps_reader *reader, const bool *selected, bool csv) {
    fps_trajectory trajectory = {0};
    fps_row *row;
    FPS_TRY(FPS_ALLOC(row, fps_plan_count(fps_reader_plan(reader))));
    fps_status status = fps_reader_rows(reader, row);
    if (status == FPS_OK)
        status = (csv ? print_list_csv : print_list)(reader, selected, row, &trajectory);
    fps_trajectory_release(&trajectory);
    fps_free(row);
    return status;
}

/* ---- one task ---- */

static fps_status print_rungs(const fps_trajectory *t) {
    const char *heading[COLUMNS];
    int shown[COLUMNS], count = 0;
    for (int c = 0; c < COLUMNS; c++)
        if (has(t, c)) {
            heading[count] = columns[c].heading;
            shown[count++] = c;
        }
    fps_table table;
    fps_status status = fps_table_begin(&table, count, heading);
    for (int64_t r = 0; status == FPS_OK && r < t->records; r++) {
        char line[COLUMNS * 32] = "", number[32];
        for (int i = 0; i < count; i++) {
            double value = value_of(t, shown[i], r);
            size_t used = strlen(line);
            if (i == 0)
                snprintf(line, sizeof line, "%.0f", value);
            else
                snprintf(line + used, sizeof line - used, "\t%s", fps_text_number(value, number));
        }
        status = fps_table_add(&table, "%s", line);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

static void print_rungs_csv(const fps_trajectory *t) {
    for (int c = 0; c < COLUMNS; c++)
        printf("%s%s", c ? "," : "", fps_result_fields[columns[c].result].name);
    printf(",%s,%s\n", fps_result_fields[FPS_RESULT_ENERGY_DROP].name,
           fps_result_fields[FPS_RESULT_MULTIPLIER_PRODUCT].name);
    for (int64_t r = 0; r < t->records; r++) {
        printf("%.0f", value_of(t, 0, r));
        for (int c = 1; c < COLUMNS; c++)
            fps_csv_number(stdout, value_of(t, c, r));
        fps_csv_number(stdout, t->value[FPS_RESULT_ENERGY_DROP][r]);
        fps_csv_number(stdout, t->value[FPS_RESULT_MULTIPLIER_PRODUCT][r]);
        printf("\n");
    }
}

fps_status fps_show_direct_task(fps_reader *reader, int64_t i, bool csv) {
    const fps_plan *plan = fps_reader_plan(reader);
    fps_trajectory trajectory = {0};
    fps_task task;
    fps_row *row;
    FPS_TRY(FPS_ALLOC(row, fps_plan_count(plan)));
    fps_status status = fps_reader_rows(reader, row);
    if (status == FPS_OK)
        status = fps_reader_trajectory(reader, i, &trajectory);
    if (status == FPS_OK && csv)
        print_rungs_csv(&trajectory);
    if (status == FPS_OK && !csv) {
        fps_plan_task(plan, i, &task);
        printf("task %lld of %s\n", (long long)i, fps_plan_name(plan));
        fps_show_parameters(&task);
        fps_show_outcome(&row[i]);
        if (trajectory.records > 0) {
            printf("\nrungs of the ladder; resolution: 2 pi X min|x_i - x_j| (below 40: not resolved)\n");
            status = print_rungs(&trajectory);
        }
    }
    fps_trajectory_release(&trajectory);
    fps_free(row);
    return status;
}
