/* summary_direct.c: what `run` prints at the end of a sweep of the variational problem: alpha_c by group. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/summary.h"
#include "app/terminal.h"
#include "fpsweep/critical_quantities.h"
#include "fpsweep/memory.h"

enum { GROUPS = 24, MOST_TASKS = 20000 };

/* The highest three rungs that give a number. */
static const fps_critical_triple *last_triple(const fps_critical_quantities *q) {
    for (int k = q->triples - 1; k >= 0; k--)
        if (q->triple[k].alpha_c.n > 0)
            return &q->triple[k];
    return NULL;
}

static fps_status add_group(fps_table *table, fps_reader *reader, const fps_row *row, const fps_grouping *grouping,
                            int64_t g, bool *found) {
    fps_ladders ladders = {0};
    fps_critical_quantities q = {0};
    fps_status status;
    FPS_TRY_GOTO(status, fps_ladders_read(reader, row, grouping, g, &ladders), done);
    FPS_TRY_GOTO(status, fps_critical_derive(&ladders, &q), done);
    const fps_critical_triple *t = last_triple(&q);
    char label[512], value[32], u[32];
    fps_grouping_label(grouping, g, true, label, sizeof label);
    for (char *c = label; *c; c++) /* a tab would end the cell */
        *c = *c == '\t' ? ' ' : *c;
    if (t)
        status = fps_table_add(table, "%s\t%d\t%lld\t%s\t%s\t%lld", label[0] ? label : "all tasks", ladders.dimension,
                               (long long)t->band_limit, fps_text_number(t->alpha_c.value - ladders.dimension, value),
                               fps_text_number(t->alpha_c.uncertainty, u), (long long)t->alpha_c.n);
    else
        status =
            fps_table_add(table, "%s\t%d\t-\tnot resolved\t-\t0", label[0] ? label : "all tasks", ladders.dimension);
    *found |= t != NULL;
done:
    fps_critical_release(&q);
    fps_ladders_release(&ladders);
    return status;
}

fps_status fps_summary_print_direct(fps_reader *reader) {
    static const char *const heading[] = {"<", "d", "from M", "alpha_c - d", "u", "data sets"};
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    fps_row *row = NULL;
    fps_table table = {0};
    bool found = false;
    fps_status status;
    if (fps_plan_count(plan) > MOST_TASKS)
        return FPS_OK; /* `analyze` takes its time */
    FPS_TRY_GOTO(status, fps_grouping_create_curves(plan, NULL, &grouping), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, fps_plan_count(plan)), done);
    FPS_TRY_GOTO(status, fps_reader_rows(reader, row), done);
    FPS_TRY_GOTO(status, fps_table_begin(&table, 6, heading), done);
    for (int64_t g = 0; g < grouping->groups && g < GROUPS; g++)
        FPS_TRY_GOTO(status, add_group(&table, reader, row, grouping, g, &found), done);
    if (!found)
        goto done;
    printf("\n");
    fps_text_paragraph(0,
                       "Critical decay rate from the highest three rungs; u: 95 %% over data sets, and the systematic "
                       "deviation");
    fps_table_print(&table, stdout, fps_terminal_width(stdout));
    if (grouping->groups > GROUPS)
        printf("... and %lld more groups\n", (long long)grouping->groups - GROUPS);
done:
    fps_table_release(&table);
    fps_free(row);
    fps_grouping_destroy(&grouping);
    return status;
}
