/* analyze.c: `fpsweep analyze`: the derived quantities of all groups, as tables or as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/analyze_decay.h"
#include "app/analyze_direct.h"
#include "app/analyze_retention.h"
#include "app/analyze_stages.h"
#include "app/entry.h"
#include "app/export.h"
#include "app/selection.h"
#include "app/terminal.h"
#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"
#include "fpsweep/memory.h"
#include "fpsweep/quantities.h"
#include "fpsweep/retention.h"
#include "fpsweep/stages.h"
#include "fpsweep/twins.h"

const fps_option fps_options_analyze[] = {
    FPS_OPTION_WHERE,
    {"threshold", '\0', "E", "Frequency error below which a frequency counts as learnt; default 0.5."},
    {"amplitude", '\0', "A", "Leave out frequencies whose target amplitude |F| is below A max|F|; default 0.01."},
    {"eta-low", '\0', "ETA",
     "Stages: fit power laws from ETA on, cycles per unit length; default a tenth of --eta-high."},
    {"eta-high", '\0', "ETA", "Stages: fit up to ETA; default the highest threshold."},
    {"json", '\0', NULL, "Print JSON: one key per quantity, each a list of {axis values..., value, uncertainty, n}."},
    {.name = NULL},
};

/* ---- tables ---- */

static void print_heading(const fps_grouping *grouping, int64_t g) {
    char label[512];
    int64_t size = fps_grouping_size(grouping, g);
    fps_grouping_label(grouping, g, true, label, sizeof label);
    printf("\n%s", fps_emphasis_begin(stdout, FPS_HEADING));
    fps_text_paragraph(2, "%s (%lld task%s)", label[0] ? label : "all tasks", (long long)size, size == 1 ? "" : "s");
    printf("%s", fps_emphasis_end(stdout, FPS_HEADING));
}

static fps_status print_frequencies(const fps_quantities *q) {
    static const char *const heading[] = {"<along", "xi",       "amplitude",       "tau: mean",
                                          "median", "censored", "error at the end"};
    int first = q->dimension > 1 ? 0 : 1; /* one dimension has one direction */
    fps_table table;
    fps_status status = fps_table_begin(&table, 7 - first, heading + first);
    for (int64_t p = 0; status == FPS_OK && p < q->places; p++) {
        const fps_frequency_quantities *f = &q->frequency[p];
        char share[32], mean[64], median[32], error[64], along[32];
        snprintf(along, sizeof along, f->direction < q->dimension ? "axis %lld\t" : "radial\t",
                 (long long)f->direction + 1);
        status = fps_table_add(&table, "%s%.4g\t%s\t%s\t%s\t%lld of %lld\t%s", first ? "" : along, f->xi,
                               fps_text_number(f->share, share),
                               f->censored == f->n ? "never reached"
                               : f->censored       ? "not reached by some"
                                                   : fps_text_estimate(f->tau, mean),
                               isnan(f->tau_median) ? "not reached" : fps_text_number(f->tau_median, median),
                               (long long)f->censored, (long long)f->n, fps_text_estimate(f->error, error));
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

/* The order of learning along one direction. */
static void print_order(const fps_quantities *q, int64_t direction) {
    const fps_order_quantities *o = &q->order[direction];
    char tau[64], p[32], along[32] = "";
    if (o->pairs == 0)
        return;
    if (q->dimension > 1)
        snprintf(along, sizeof along, direction < q->dimension ? " along axis %lld" : " radially",
                 (long long)direction + 1);
    if (isnan(o->of_medians.tau))
        printf("order of learning%s: too few frequencies\n", along);
    else
        fps_text_paragraph(2, "order of learning%s: Kendall's tau %s over %lld task%s; of the medians %.3g, p = %s",
                           along, fps_text_estimate(o->tau, tau), (long long)o->tau.n, o->tau.n == 1 ? "" : "s",
                           o->of_medians.tau, fps_text_number(o->of_medians.p, p));
    enum { SHOWN = 8 };
    for (int64_t v = 0; v < o->violations && v < SHOWN; v++)
        printf("  violated: xi = %.4g is learnt before xi = %.4g\n", o->violation[v].earlier, o->violation[v].later);
    if (o->violations > SHOWN)
        printf("  and %lld more pairs of %lld\n", (long long)o->violations - SHOWN, (long long)o->pairs);
}

static fps_status print_group(const fps_quantities *q, const fps_decay *decay, const fps_grouping *grouping,
                              int64_t g) {
    char loss[64], test[64], outcomes[128];
    print_heading(grouping, g);
    fps_text_outcomes(q->outcome, outcomes);
    if (q->outcome[FPS_DONE] == 0) {
        printf("%s: nothing to derive\n", outcomes);
        return FPS_OK;
    }
    printf("%s\n", outcomes);
    fps_text_paragraph(2, "at the end: training loss %s, test loss %s", fps_text_estimate(q->training_loss, loss),
                       fps_text_estimate(q->test_loss, test));
    if (q->places == 0) {
        printf("no frequency has a target amplitude of the wanted share\n");
        return FPS_OK;
    }
    FPS_TRY(print_frequencies(q));
    for (int64_t d = 0; d < q->directions; d++)
        print_order(q, d);
    return fps_analyze_decay_print(decay);
}

/* ---- JSON: one list per quantity; each quantity is one row of a table ---- */

static void write_direction(fps_entry_writer *w, int64_t direction, const fps_quantities *q) {
    if (q->dimension > 1 && direction < q->dimension)
        fprintf(w->stream, "\"direction\": \"axis %lld\", ", (long long)direction + 1);
    else if (q->dimension > 1)
        fputs("\"direction\": \"radial\", ", w->stream);
}

static void write_place(fps_entry_writer *w, const fps_frequency_quantities *f, const fps_quantities *q) {
    write_direction(w, f->direction, q);
    fprintf(w->stream, "\"mode\": %d, ", f->mode);
    fps_entry_number(w, "xi", f->xi, ", ");
}

static void write_tau(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    for (int64_t p = 0; p < q->places; p++) {
        const fps_frequency_quantities *f = &q->frequency[p];
        fps_entry_begin(w, g);
        write_place(w, f, q);
        fps_entry_estimate(w, f->tau, ", ");
        fps_entry_number(w, "median", f->tau_median, ", ");
        fprintf(w->stream, "\"censored\": %lld}", (long long)f->censored);
    }
}

static void write_error(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    for (int64_t p = 0; p < q->places; p++) {
        fps_entry_begin(w, g);
        write_place(w, &q->frequency[p], q);
        fps_entry_estimate(w, q->frequency[p].error, "}");
    }
}

static void write_amplitude(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    for (int64_t p = 0; p < q->places; p++) {
        fps_entry_begin(w, g);
        write_place(w, &q->frequency[p], q);
        fps_entry_estimate(w, (fps_estimate){q->frequency[p].share, NAN, q->frequency[p].n}, "}");
    }
}

static void write_order(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    for (int64_t d = 0; d < q->directions; d++) {
        const fps_order_quantities *o = &q->order[d];
        fps_entry_begin(w, g);
        write_direction(w, d, q);
        fps_entry_estimate(w, o->tau, ", ");
        fps_entry_number(w, "of_medians", o->of_medians.tau, ", ");
        fps_entry_number(w, "p", o->of_medians.p, ", ");
        fprintf(w->stream, "\"pairs\": %lld, \"violations\": [", (long long)o->pairs);
        for (int64_t v = 0; v < o->violations; v++) {
            fputs(v ? ", [" : "[", w->stream);
            fps_json_number(w->stream, o->violation[v].earlier);
            fputs(", ", w->stream);
            fps_json_number(w->stream, o->violation[v].later);
            fputc(']', w->stream);
        }
        fputs("]}", w->stream);
    }
}

static void write_training_loss(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    fps_entry_begin(w, g);
    fps_entry_estimate(w, q->training_loss, "}");
}

static void write_test_loss(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    fps_entry_begin(w, g);
    fps_entry_estimate(w, q->test_loss, "}");
}

/* Share of the ended tasks of a group that diverged. */
static void write_diverged(fps_entry_writer *w, int64_t g, const fps_quantities *q) {
    int64_t ended = q->outcome[FPS_DONE] + q->outcome[FPS_DIVERGED];
    fps_entry_begin(w, g);
    fps_entry_estimate(w, (fps_estimate){ended ? (double)q->outcome[FPS_DIVERGED] / (double)ended : NAN, NAN, ended},
                       "}");
}

static const struct {
    const char *key;
    void (*write)(fps_entry_writer *w, int64_t g, const fps_quantities *q);
} json_quantities[] = {
    {"tau", write_tau},
    {"order", write_order},
    {"frequency_error", write_error},
    {"target_amplitude", write_amplitude},
    {"training_loss", write_training_loss},
    {"test_loss", write_test_loss},
    {"diverged", write_diverged},
};

static void print_json(const fps_grouping *grouping, const fps_quantities *quantities, const fps_decay *decay,
                       const fps_learning *learning) {
    fps_entry_writer w = {.stream = stdout, .grouping = grouping};
    printf("{\n  \"sweep\": ");
    fps_json_text(stdout, fps_plan_name(grouping->plan));
    printf(",\n  ");
    fps_entry_number(&w, "threshold", learning->threshold, ",\n  ");
    fps_entry_number(&w, "amplitude", learning->amplitude, "");
    for (size_t k = 0; k < sizeof json_quantities / sizeof *json_quantities; k++) {
        fps_entry_list_begin(&w, json_quantities[k].key);
        for (int64_t g = 0; g < grouping->groups; g++)
            json_quantities[k].write(&w, g, &quantities[g]);
        fps_entry_list_end(&w);
    }
    fps_analyze_decay_json(&w, decay);
    printf("\n}\n");
}

/* ---- the verb ---- */

/* Is the order of learning asked for? */
static bool has_network_options(const fps_command *command) {
    return fps_command_option(command, "threshold") || fps_command_option(command, "amplitude");
}

static fps_status refuse_network_options(void) {
    return fps_fail(FPS_ERROR_USAGE, "--threshold and --amplitude are about networks; this sweep is of model direct");
}

static fps_status analyze_stages(const fps_command *command, fps_reader *reader, const bool *selected) {
    double low, high;
    fps_stages_window(fps_reader_plan(reader), &low, &high);
    FPS_TRY(fps_command_real(command, "eta-high", 0, 1e300, high, &high));
    FPS_TRY(fps_command_real(command, "eta-low", 0, high, high / 10 * (1 - 1e-9), &low));
    return fps_analyze_stages(reader, selected, low, high, fps_command_option(command, "json"));
}

static fps_status analyze(const fps_command *command) {
    fps_reader *reader = NULL;
    fps_learning *learning = NULL;
    fps_grouping *grouping = NULL;
    fps_quantities *quantities = NULL;
    fps_decay *decay = NULL;
    bool *selected = NULL;
    int64_t count;
    double threshold, amplitude;
    fps_status status;
    FPS_TRY(fps_command_real(command, "threshold", 1e-300, 1e300, FPS_LEARNING_THRESHOLD, &threshold));
    FPS_TRY(fps_command_real(command, "amplitude", 0, 1, FPS_LEARNING_AMPLITUDE, &amplitude));
    FPS_TRY_GOTO(status, fps_reader_open(command->operand[0], &reader), done);
    const fps_plan *plan = fps_reader_plan(reader);
    FPS_TRY_GOTO(status, fps_selection_read(command, plan, &selected, &count), done);
    const bool direct = fps_plan_record(plan)->keep & FPS_ONLY_DIRECT;
    if (direct || (!has_network_options(command) && fps_twins_has(plan, selected))) {
        status = direct && has_network_options(command) ? refuse_network_options() : FPS_OK;
        if (status == FPS_OK)
            status = fps_analyze_direct(reader, selected, fps_command_option(command, "json"));
        goto done;
    }
    if (!has_network_options(command) && fps_retention_has(plan, selected)) {
        status = fps_analyze_retention(reader, selected, fps_command_option(command, "json"));
        goto done;
    }
    if (!has_network_options(command) && fps_stages_has(plan)) {
        status = analyze_stages(command, reader, selected);
        goto done;
    }
    if (fps_command_option(command, "eta-low") || fps_command_option(command, "eta-high")) {
        status = fps_stages_has(plan) ? fps_fail(FPS_ERROR_USAGE, "--eta-low and --eta-high are about the stages of "
                                                                  "training, --threshold and --amplitude about the "
                                                                  "order of learning: ask for one of them")
                                      : fps_fail(FPS_ERROR_USAGE, "--eta-low and --eta-high are about the stages of "
                                                                  "training: this sweep keeps none (record: {keep: "
                                                                  "[stages]})");
        goto done;
    }
    FPS_TRY_GOTO(status, fps_learning_create(reader, threshold, amplitude, &learning), done);
    FPS_TRY_GOTO(status, fps_grouping_create(plan, selected, &grouping), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(quantities, grouping->groups), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(decay, grouping->groups), done);
    for (int64_t g = 0; g < grouping->groups; g++) {
        FPS_TRY_GOTO(status, fps_quantities_derive(learning, grouping, g, &quantities[g]), done);
        FPS_TRY_GOTO(status, fps_decay_derive(learning, grouping, g, &decay[g]), done);
    }
    if (fps_command_option(command, "json")) {
        print_json(grouping, quantities, decay, learning);
        goto done;
    }
    fps_text_paragraph(2, "%s: %lld task%s in %lld group%s of equal parameters but seeds", fps_plan_name(plan),
                       (long long)count, count == 1 ? "" : "s", (long long)grouping->groups,
                       grouping->groups == 1 ? "" : "s");
    fps_text_paragraph(2,
                       "tau: first step with frequency error below %g; amplitude: |F|/max|F|, from %g on; +-: 95 %% "
                       "over seeds",
                       threshold, amplitude);
    for (int64_t g = 0; status == FPS_OK && g < grouping->groups; g++)
        status = print_group(&quantities[g], &decay[g], grouping, g);
done:
    for (int64_t g = 0; quantities && g < grouping->groups; g++)
        fps_quantities_release(&quantities[g]);
    for (int64_t g = 0; decay && g < grouping->groups; g++)
        fps_decay_release(&decay[g]);
    fps_free(decay);
    fps_free(quantities);
    fps_grouping_destroy(&grouping);
    fps_learning_destroy(&learning);
    fps_free(selected);
    fps_reader_close(&reader);
    return status;
}

int fps_verb_analyze(const fps_command *command) {
    fps_status status = analyze(command);
    return status == FPS_OK ? 0 : fps_report(status);
}
