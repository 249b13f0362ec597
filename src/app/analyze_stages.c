/* analyze_stages.c: `analyze` of sweeps that keep stages: how the high-frequency part of training falls with frequency.
 */
#include "app/analyze_stages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/entry.h"
#include "app/export.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"
#include "fpsweep/stages.h"

/* "1.99 +- 0.04", "steeper than any power", "not resolved". */
static void write_exponent(const fps_stage_law *law, char *cell, size_t size) {
    if (law->power == 0 && law->steeper > 0)
        snprintf(cell, size, "no power law");
    else if (law->power == 0)
        snprintf(cell, size, "not resolved");
    else if (isnan(law->exponent.uncertainty))
        snprintf(cell, size, "%.2f", law->exponent.value);
    else
        snprintf(cell, size, "%.2f +- %.2f", law->exponent.value, law->exponent.uncertainty);
}

static void write_range(const fps_stage_law *law, char *cell, size_t size) {
    if (isnan(law->low))
        snprintf(cell, size, "-");
    else
        snprintf(cell, size, "%.3g to %.3g", law->low, law->high);
}

/* What theory says of the curve: "2 s + 1" as a number. */
static void write_expected(fps_stage_curve curve, int smoothness, char *cell, size_t size) {
    double expected = fps_stage_curve_expected(curve, smoothness);
    if (isnan(expected))
        snprintf(cell, size, smoothness ? "-" : "none");
    else
        snprintf(cell, size, "%g", expected);
}

static void write_proved(fps_stage_curve curve, int smoothness, char *cell, size_t size) {
    bool proved = smoothness > 0 && (curve == FPS_CURVE_BOUND || curve == FPS_CURVE_SHARE);
    snprintf(cell, size, proved ? "%d" : "-", 2 * smoothness - 1);
}

static fps_status add_rows(fps_table *table, const fps_stages *s, fps_stage stage) {
    fps_status status = FPS_OK;
    for (int c = 0; c < FPS_CURVE_COUNT && status == FPS_OK; c++) {
        const fps_stage_law *law = &s->law[stage][c];
        char exponent[48], range[48], expected[16], proved[16], least[32];
        if (law->power + law->steeper + law->unresolved == 0)
            continue;
        write_exponent(law, exponent, sizeof exponent);
        write_range(law, range, sizeof range);
        write_expected((fps_stage_curve)c, s->smoothness, expected, sizeof expected);
        write_proved((fps_stage_curve)c, s->smoothness, proved, sizeof proved);
        status = fps_table_add(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%lld/%lld/%lld", c ? "" : fps_stage_name(stage),
                               fps_stage_curve_name((fps_stage_curve)c), exponent, expected, proved,
                               fps_text_number(law->least, least), range, (long long)law->power,
                               (long long)law->steeper, (long long)law->unresolved);
    }
    return status;
}

static fps_status print_laws(const fps_stages *s) {
    static const char *const heading[] = {"<stage", "<of", "exponent", "expected", "proved", "least", "eta", "p/s/u"};
    fps_table table;
    FPS_TRY(fps_table_begin(&table, 8, heading));
    fps_status status = FPS_OK;
    for (int stage = 0; stage < FPS_STAGE_COUNT && status == FPS_OK; stage++)
        status = add_rows(&table, s, (fps_stage)stage);
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

static void print_bound(const fps_stages *s) {
    char low[32], high[32];
    if (isnan(s->constant_low.value) || isnan(s->constant_high.value))
        return;
    bool holds = s->constant_high.value <= s->constant_low.value;
    fps_text_paragraph(2, "largest R_CS eta^%d: %s (lower half of eta), %s (upper): %s", 2 * s->smoothness - 1,
                       fps_text_number(s->constant_low.value, low), fps_text_number(s->constant_high.value, high),
                       holds ? "bounded" : "it grows with eta");
}

static fps_status print_group(const fps_grouping *grouping, int64_t g, const fps_stages *s) {
    char label[512], outcomes[128];
    FPS_TRY(fps_grouping_label_short(grouping, g, label, sizeof label));
    printf("\n%s", fps_emphasis_begin(stdout, FPS_HEADING));
    fps_text_paragraph(2, "%s: %s", label[0] ? label : "all tasks", fps_text_outcomes(s->outcome, outcomes));
    printf("%s", fps_emphasis_end(stdout, FPS_HEADING));
    if (s->outcome[FPS_DONE] == 0)
        return FPS_OK;
    FPS_TRY(print_laws(s));
    print_bound(s);
    if (!isnan(s->time_exponent.value)) {
        char exponent[64];
        fps_text_paragraph(
            2, "intermediate stage: the share of L+ in the fall of the loss grows like T2 - T1 to the power %s",
            fps_text_estimate(s->time_exponent, exponent));
    }
    return FPS_OK;
}

/* ---- JSON ---- */

static void write_laws(fps_entry_writer *w, int64_t g, const fps_stages *s) {

    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++)
        for (int c = 0; c < FPS_CURVE_COUNT; c++) {
            const fps_stage_law *law = &s->law[stage][c];
            if (law->power + law->steeper + law->unresolved == 0)
                continue;
            fps_law most = law->power > 0 ? FPS_LAW_POWER : law->steeper > 0 ? FPS_LAW_STEEPER : FPS_LAW_UNRESOLVED;
            fps_entry_begin(w, g);
            fprintf(w->stream, "\"stage\": \"%s\", \"of\": \"%s\", \"law\": \"%s\", ", fps_stage_name((fps_stage)stage),
                    fps_stage_curve_name((fps_stage_curve)c), fps_law_name(most));
            fps_entry_estimate(w, law->exponent, ", ");
            fps_entry_number(w, "expected", fps_stage_curve_expected((fps_stage_curve)c, s->smoothness), ", ");
            fps_entry_number(w, "least", law->least, ", ");
            fps_entry_number(w, "bend", law->bend, ", ");
            fps_entry_number(w, "eta_low", law->low, ", ");
            fps_entry_number(w, "eta_high", law->high, ", ");
            fprintf(w->stream, "\"power\": %lld, \"steeper\": %lld, \"unresolved\": %lld}", (long long)law->power,
                    (long long)law->steeper, (long long)law->unresolved);
        }
}

static void write_stages(fps_entry_writer *w, int64_t g, const fps_stages *s) {
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++) {
        if (s->present[stage] == 0)
            continue;
        fps_entry_begin(w, g);
        fprintf(w->stream, "\"stage\": \"%s\", ", fps_stage_name((fps_stage)stage));
        fps_entry_estimate(w, s->steps[stage], "}");
    }
}

static void write_constant(fps_entry_writer *w, int64_t g, const fps_stages *s) {
    const fps_estimate *half[2] = {&s->constant_low, &s->constant_high};
    for (int i = 0; i < 2 && s->smoothness > 0; i++) {
        fps_entry_begin(w, g);
        fprintf(w->stream, "\"half\": \"%s\", ", i ? "upper" : "lower");
        fps_entry_estimate(w, *half[i], "}");
    }
}

static void write_time(fps_entry_writer *w, int64_t g, const fps_stages *s) {
    fps_entry_begin(w, g);
    fps_entry_estimate(w, s->time_exponent, "}");
}

static const struct {
    const char *key;
    void (*write)(fps_entry_writer *w, int64_t g, const fps_stages *s);
} json_quantities[] = {{"exponent", write_laws},
                       {"stage_end", write_stages},
                       {"bound_constant", write_constant},
                       {"time_exponent", write_time}};

static void print_json(const fps_grouping *grouping, const fps_stages *stages) {
    fps_entry_writer w = {.stream = stdout, .grouping = grouping};
    printf("{\n  \"sweep\": ");
    fps_json_text(stdout, fps_plan_name(grouping->plan));
    for (size_t k = 0; k < sizeof json_quantities / sizeof *json_quantities; k++) {
        fps_entry_list_begin(&w, json_quantities[k].key);
        for (int64_t g = 0; g < grouping->groups; g++)
            json_quantities[k].write(&w, g, &stages[g]);
        fps_entry_list_end(&w);
    }
    printf("\n}\n");
}

/* ---- all of it ---- */

static void print_legend(const char *name) {
    fps_text_paragraph(0,
                       "%s: the high-frequency part of training, by stage\n"
                       "exponent: of eta^-exponent, mean over seeds and 95 %%, fitted over eta; expected: of relu^s "
                       "networks; proved: R <= C eta^-(2s-1); least: the smallest of any record; p/s/u: tasks with a "
                       "power law, steeper than any, not resolved",
                       name);
    for (int c = 0; c < FPS_CURVE_COUNT; c++) {
        printf("  %-5s", fps_stage_curve_name((fps_stage_curve)c));
        fps_text_wrap(stdout, fps_stage_curve_sentence((fps_stage_curve)c), 7, fps_terminal_width(stdout));
    }
    fps_text_paragraph(0,
                       "stages by the loss: initial, up to 10 %% of it gone; intermediate, 10 to 50 %%; final, within "
                       "10 times its last value (late: training has not converged). With --threshold 0.5: the order "
                       "of learning");
}

fps_status fps_analyze_stages(fps_reader *reader, const bool *selected, double low, double high, bool json) {
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    fps_stages *stages = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, fps_grouping_create(plan, selected, &grouping), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(stages, grouping->groups), done);
    for (int64_t g = 0; g < grouping->groups; g++)
        FPS_TRY_GOTO(status, fps_stages_derive(reader, grouping, g, low, high, &stages[g]), done);
    if (json) {
        print_json(grouping, stages);
        goto done;
    }
    print_legend(fps_plan_name(plan));
    for (int64_t g = 0; g < grouping->groups && status == FPS_OK; g++)
        status = print_group(grouping, g, &stages[g]);
done:
    for (int64_t g = 0; stages && g < grouping->groups; g++)
        fps_stages_release(&stages[g]);
    fps_free(stages);
    fps_grouping_destroy(&grouping);
    return status;
}
