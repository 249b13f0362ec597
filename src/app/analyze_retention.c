/* analyze_retention.c: `analyze` of networks on a ladder of band limits: the share of the target that they have away
 * from their samples, and the decay rate below which it goes on falling. */
#include "app/analyze_retention.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/entry.h"
#include "app/export.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"
#include "fpsweep/retention.h"

/* One line per group: alpha_c by triple. */
static fps_status print_alpha_c(const fps_grouping *grouping, const fps_retention *r) {
    enum { MOST = 4, CELL = 64 };
    const int triples = r[0].triples < MOST ? r[0].triples : MOST, first = r[0].triples - triples;
    char heading_text[MOST][CELL];
    const char *heading[MOST + 3] = {"networks"};
    for (int k = 0; k < triples; k++) {
        snprintf(heading_text[k], CELL, "alpha_c from M = %lld", (long long)r[0].band_limit[first + k]);
        heading[k + 1] = heading_text[k];
    }
    heading[triples + 1] = "loss left";
    heading[triples + 2] = "seeds";
    fps_table table;
    fps_status status = fps_table_begin(&table, triples + 3, heading);
    for (int64_t g = 0; status == FPS_OK && g < grouping->groups; g++) {
        char label[256], line[1024], cell[CELL];
        status = fps_grouping_label_short(grouping, g, label, sizeof label);
        int used = snprintf(line, sizeof line, "%s", label[0] ? label : "all");
        for (int k = 0; k < triples && used < (int)sizeof line; k++) {
            bool there = first + k < r[g].triples;
            const fps_estimate none = {NAN, NAN, 0};
            used += snprintf(line + used, sizeof line - (size_t)used, "\t%s",
                             fps_text_estimate(there ? r[g].alpha_c[first + k] : none, cell));
        }
        if (status == FPS_OK)
            status =
                fps_table_add(&table, "%s\t%s\t%lld", line, fps_text_number(r[g].loss, cell), (long long)r[g].complete);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

/* V by decay rate and band limit, and theta of the highest three. */
static fps_status print_shares(const fps_grouping *grouping, int64_t g, const fps_retention *r) {
    enum { MOST = 5, CELL = 64 };
    const int rungs = r->rungs < MOST ? r->rungs : MOST, first = r->rungs - rungs;
    char label[256], heading_text[MOST][CELL], outcomes[128];
    const char *heading[MOST + 2] = {"alpha"};
    FPS_TRY(fps_grouping_label_short(grouping, g, label, sizeof label));
    printf("\n");
    fps_text_paragraph(2, "%s%s%s", label, label[0] ? ": " : "", fps_text_outcomes(r->outcome, outcomes));
    for (int k = 0; k < rungs; k++) {
        snprintf(heading_text[k], CELL, "V at M = %lld", (long long)r->band_limit[first + k]);
        heading[k + 1] = heading_text[k];
    }
    heading[rungs + 1] = "theta of the last three";
    fps_table table;
    fps_status status = fps_table_begin(&table, rungs + 2, heading);
    for (int64_t a = 0; status == FPS_OK && a < r->alphas; a++) {
        char line[1024], cell[CELL];
        int used = snprintf(line, sizeof line, "%.6g", r->alpha[a]);
        for (int k = 0; k < rungs && used < (int)sizeof line; k++) {
            fps_text_estimate(r->mean[(first + k) * r->alphas + a], cell);
            used += snprintf(line + used, sizeof line - (size_t)used, "\t%s", cell);
        }
        fps_text_estimate(r->theta[(r->triples - 1) * r->alphas + a], cell);
        status = fps_table_add(&table, "%s\t%s", line, cell);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

static void write_at(fps_entry_writer *w, int64_t g, const fps_retention *r, int k, double alpha, fps_estimate value) {
    fps_entry_begin(w, g);
    fprintf(w->stream, "\"band_limit\": %lld, ", (long long)r->band_limit[k]);
    if (!isnan(alpha))
        fps_entry_number(w, "decay_rate", alpha, ", ");
    fps_entry_estimate(w, value, "}");
}

static void print_json(const fps_grouping *grouping, const fps_retention *r) {
    fps_entry_writer w = {.stream = stdout, .grouping = grouping};
    printf("{\n  \"sweep\": ");
    fps_json_text(stdout, fps_plan_name(grouping->plan));
    fps_entry_list_begin(&w, "alpha_c");
    for (int64_t g = 0; g < grouping->groups; g++)
        for (int k = 0; k < r[g].triples; k++)
            write_at(&w, g, &r[g], k, NAN, r[g].alpha_c[k]);
    fps_entry_list_end(&w);
    fps_entry_list_begin(&w, "theta");
    for (int64_t g = 0; g < grouping->groups; g++)
        for (int64_t i = 0; i < r[g].triples * r[g].alphas; i++)
            write_at(&w, g, &r[g], (int)(i / r[g].alphas), r[g].alpha[i % r[g].alphas], r[g].theta[i]);
    fps_entry_list_end(&w);
    fps_entry_list_begin(&w, "share");
    for (int64_t g = 0; g < grouping->groups; g++)
        for (int64_t i = 0; i < r[g].rungs * r[g].alphas; i++)
            write_at(&w, g, &r[g], (int)(i / r[g].alphas), r[g].alpha[i % r[g].alphas], r[g].mean[i]);
    fps_entry_list_end(&w);
    printf("\n}\n");
}

fps_status fps_analyze_retention(fps_reader *reader, const bool *selected, bool json) {
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    fps_row *row = NULL;
    fps_retention *r = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, fps_grouping_create_ladders(plan, selected, &grouping), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, fps_plan_count(plan)), done);
    FPS_TRY_GOTO(status, fps_reader_rows(reader, row), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(r, grouping->groups), done);
    for (int64_t g = 0; g < grouping->groups; g++)
        FPS_TRY_GOTO(status, fps_retention_read(reader, row, grouping, g, &r[g]), done);
    if (json) {
        print_json(grouping, r);
        goto done;
    }
    fps_text_paragraph(0,
                       "%s: how much of the target the networks have away from their samples\n"
                       "V = Re sum H conj F / sum |F|^2: 1 is the target, 0 are spikes at the samples; theta = "
                       "log(D'/D)/log(X'/X), D = 1/V' - 1/V: V goes on falling with the band limit where theta > 0; "
                       "alpha_c is its zero; 95 %% over seeds (--threshold 0.5: the order of learning instead)\n",
                       fps_plan_name(plan));
    status = print_alpha_c(grouping, r);
    for (int64_t g = 0; status == FPS_OK && g < grouping->groups; g++)
        status = print_shares(grouping, g, &r[g]);
done:
    for (int64_t g = 0; r && g < grouping->groups; g++)
        fps_retention_release(&r[g]);
    fps_free(r);
    fps_free(row);
    fps_grouping_destroy(&grouping);
    return status;
}
