/* analyze_direct.c: `analyze` of sweeps of the variational problem, solved or trained: the critical decay rate, with
 * its uncertainty. */
#include "app/analyze_direct.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/entry.h"
#include "app/export.h"
#include "app/terminal.h"
#include "fpsweep/critical_quantities.h"
#include "fpsweep/memory.h"
#include "fpsweep/twins.h"

/* What was gathered and derived of one group. */
typedef struct findings {
    fps_ladders ladders;
    fps_critical_quantities quantities;
    bool trained;    /* of networks; then beside them: */
    fps_twins twins; /* its trained ladders are moved to `ladders` */
    fps_critical_quantities solved;
} findings;

/* ---- tables ---- */

/* "1.2e-05", with its sign where it is a deviation. */
static const char *number(double value, char buffer[32]) {
    return fps_text_number(value, buffer);
}

static bool any(const fps_estimate *estimate, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (!isnan(estimate[i].value))
            return true;
    return false;
}

static void print_heading(const fps_grouping *grouping, int64_t g, const findings *f) {
    char label[512], condition[32], resolution[32], outcomes[128];
    const fps_ladders *l = &f->ladders;
    const fps_critical_quantities *q = &f->quantities;
    fps_grouping_label(grouping, g, true, label, sizeof label);
    printf("\n");
    if (label[0])
        fps_text_paragraph(2, "%s", label);
    fps_text_paragraph(2, "dimension %d, %lld sample%s: %lld data set%s, decay rates %.6g to %.6g (%lld)", l->dimension,
                       (long long)l->samples, l->samples == 1 ? "" : "s", (long long)l->data_sets,
                       l->data_sets == 1 ? "" : "s", l->alpha[0], l->alpha[l->alphas - 1], (long long)l->alphas);
    fps_text_paragraph(2, "%s; smallest 1/condition %s, resolution %s", fps_text_outcomes(l->outcome, outcomes),
                       number(q->smallest_condition, condition), number(q->smallest_resolution, resolution));
    if (q->ill_conditioned)
        fps_text_paragraph(2, "flagged: %lld of %lld rungs have a reciprocal condition below %g: do not trust them",
                           (long long)q->ill_conditioned, (long long)q->rows, FPS_CRITICAL_CONDITION);
    if (q->unresolved)
        fps_text_paragraph(2, "flagged: %lld of %lld rungs have a resolution 2 pi X min|x_i - x_j| below %g",
                           (long long)q->unresolved, (long long)q->rows, FPS_CRITICAL_RESOLUTION);
}

static fps_status print_triples(const findings *f) {
    static const char *const heading[] = {"from M",  "alpha_c - d", "u",          "sd",
                                          "sd X0/n", "slope + 1",   "Richardson", "n"};
    const fps_critical_quantities *q = &f->quantities;
    const int d = f->ladders.dimension;
    bool found = false;
    for (int k = 0; k < q->triples; k++)
        found |= q->triple[k].alpha_c.n > 0;
    if (!found) {
        printf("alpha_c: not resolved (it takes three rungs and two decay rates on either side of %d)\n", d);
        return FPS_OK;
    }
    fps_table table;
    fps_status status = fps_table_begin(&table, 8, heading);
    for (int k = 0; status == FPS_OK && k < q->triples; k++) {
        const fps_critical_triple *t = &q->triple[k];
        char value[32], u[32], sd[32], spread[32], slope[32], richardson[32];
        status = fps_table_add(&table, "%lld%s\t%s\t%s\t%s\t%s\t%s\t%s\t%lld", (long long)t->band_limit,
                               t->unresolved ? "*" : "", number(t->alpha_c.value - d, value),
                               number(t->alpha_c.uncertainty, u), number(t->sd, sd), number(t->spread, spread),
                               number(t->slope.value + 1, slope), number(t->richardson.value - d, richardson),
                               (long long)t->alpha_c.n);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    for (int k = 0; k < q->triples; k++)
        if (q->triple[k].unresolved) {
            printf("* some data sets have a resolution below %g on this rung\n", FPS_CRITICAL_RESOLUTION);
            break;
        }
    return status;
}

/* How far training came, and how far its alpha_c is from that of the solved problem. */
static void print_twins(const findings *f) {
    char residual[32], energy[32], drop[32], difference[32], line[1024];
    const fps_twins *t = &f->twins;
    int used = snprintf(line, sizeof line,
                        "trained until the residual is at most %s of the labels; beside the solved problem on the same "
                        "points: |a|^2/E - 1 at most %s, D at most %s, alpha_c trained - solved",
                        number(t->residual, residual), number(t->energy, energy), number(t->drop, drop));
    for (int k = 0; k < f->quantities.triples && used < (int)sizeof line; k++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%s %s (M = %lld)", k ? "," : "",
                         number(f->quantities.triple[k].alpha_c.value - f->solved.triple[k].alpha_c.value, difference),
                         (long long)f->quantities.triple[k].band_limit);
    fps_text_paragraph(2, "%s", line);
}

/* Exponents between the last two rungs by decay rate. */
static fps_status print_exponents(const findings *f) {
    const fps_critical_quantities *q = &f->quantities;
    const fps_ladders *l = &f->ladders;
    if (q->pairs == 0)
        return FPS_OK;
    const int k = q->pairs - 1;
    bool spike = any(q->exponent[FPS_CRITICAL_SPIKE], q->pairs * l->alphas);
    static const char *const heading[] = {"alpha", "theta",    "E",     "limit", "norm",
                                          "limit", "off data", "limit", "spike"};
    int last = k; /* spikes are measured up to a band limit */
    while (spike && last > 0 && !any(q->exponent[FPS_CRITICAL_SPIKE] + last * l->alphas, l->alphas))
        last--;
    char widths[96] = "";
    if (spike && last < k)
        snprintf(widths, sizeof widths, "; of spike widths from %lld to %lld", (long long)l->band_limit[last],
                 (long long)l->band_limit[last + 1]);
    fps_text_paragraph(2, "exponents -dlog/dlogX from M = %lld to %lld%s", (long long)l->band_limit[k],
                       (long long)l->band_limit[k + 1], widths);
    fps_table table;
    fps_status status = fps_table_begin(&table, spike ? 9 : 8, heading);
    for (int64_t a = 0; status == FPS_OK && a < l->alphas; a++) {
        char cell[9][32];
        int c = 0;
        snprintf(cell[c++], 32, "%.6g", l->alpha[a]);
        number(q->triples ? q->theta[(q->triples - 1) * l->alphas + a].value : NAN, cell[c++]);
        for (int e = 0; e < FPS_CRITICAL_SPIKE; e++) {
            number(q->exponent[e][k * l->alphas + a].value, cell[c++]);
            number(fps_critical_limit((fps_critical_exponent)e, l->dimension, l->alpha[a]), cell[c++]);
        }
        number(q->exponent[FPS_CRITICAL_SPIKE][last * l->alphas + a].value, cell[c]);
        status = fps_table_add(&table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", cell[0], cell[1], cell[2], cell[3],
                               cell[4], cell[5], cell[6], cell[7], cell[8]);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

/* By rung: the spike's crossing, the naive estimate, and for one sample in 1-D the collapse. */
static fps_status print_contrasts(const findings *f) {
    static const char *const heading[] = {"from M", "naive alpha_c", "width's exponent 1/2 at",
                                          "deviation from collapse"};
    const fps_critical_quantities *q = &f->quantities;
    const fps_ladders *l = &f->ladders;
    if (!(q->kink && any(q->collapse, l->rungs)) && !any(q->spike_crossing, q->pairs) && !any(q->naive, q->pairs))
        return FPS_OK;
    fps_table table;
    fps_status status = fps_table_begin(&table, q->kink ? 4 : 3, heading);
    for (int k = 0; status == FPS_OK && k < (q->kink ? l->rungs : q->pairs); k++) {
        char naive[32], crossing[32], collapse[32];
        double estimate = q->kink ? q->beta_naive[k] : q->naive[k].value;
        double at = k < q->pairs ? q->spike_crossing[k].value : NAN;
        snprintf(naive, sizeof naive, isnan(estimate) ? "-" : "%.5f", estimate);
        snprintf(crossing, sizeof crossing, isnan(at) ? "-" : "%.5f", at);
        number(q->kink ? q->collapse[k].value : NAN, collapse);
        status = fps_table_add(&table, "%lld\t%s\t%s\t%s", (long long)l->band_limit[k], naive, crossing, collapse);
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

static fps_status print_group(const fps_grouping *grouping, int64_t g, const findings *f) {
    print_heading(grouping, g, f);
    if (f->ladders.outcome[FPS_DONE] == 0)
        return FPS_OK;
    FPS_TRY(print_triples(f));
    if (f->trained)
        print_twins(f);
    FPS_TRY(print_exponents(f));
    return print_contrasts(f);
}

/* ---- JSON: one list per quantity ---- */

static void begin_at(fps_entry_writer *w, int64_t g, int64_t band_limit) {
    fps_entry_begin(w, g);
    fprintf(w->stream, "\"band_limit\": %lld, ", (long long)band_limit);
}

static void write_alpha_c(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; k < f->quantities.triples; k++) {
        const fps_critical_triple *t = &f->quantities.triple[k];
        begin_at(w, g, t->band_limit);
        fps_entry_estimate(w, t->alpha_c, ", ");
        fps_entry_number(w, "sd", t->sd, ", ");
        fps_entry_number(w, "systematic", t->systematic, ", ");
        fprintf(w->stream, "\"unresolved\": %lld}", (long long)t->unresolved);
    }
}

static void write_slope(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; k < f->quantities.triples; k++) {
        begin_at(w, g, f->quantities.triple[k].band_limit);
        fps_entry_estimate(w, f->quantities.triple[k].slope, "}");
    }
}

static void write_richardson(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 1; k < f->quantities.triples; k++) {
        begin_at(w, g, f->quantities.triple[k].band_limit);
        fps_entry_estimate(w, f->quantities.triple[k].richardson, "}");
    }
}

static void write_spread(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; k < f->quantities.triples; k++) {
        const fps_critical_triple *t = &f->quantities.triple[k];
        begin_at(w, g, t->band_limit);
        fps_entry_estimate(w, (fps_estimate){t->spread, NAN, t->alpha_c.n}, "}");
    }
}

/* One number per rung (or pair, or triple) and decay rate. */
static void write_by_alpha(fps_entry_writer *w, int64_t g, const findings *f, const fps_estimate *value, int rungs) {
    const fps_ladders *l = &f->ladders;
    for (int k = 0; k < rungs; k++)
        for (int64_t a = 0; a < l->alphas; a++) {
            if (isnan(value[k * l->alphas + a].value))
                continue;
            begin_at(w, g, l->band_limit[k]);
            fps_entry_number(w, "decay_rate", l->alpha[a], ", ");
            fps_entry_estimate(w, value[k * l->alphas + a], "}");
        }
}

static void write_theta(fps_entry_writer *w, int64_t g, const findings *f) {
    write_by_alpha(w, g, f, f->quantities.theta, f->quantities.triples);
}

static void write_exponent(fps_entry_writer *w, int64_t g, const findings *f, fps_critical_exponent exponent) {
    write_by_alpha(w, g, f, f->quantities.exponent[exponent], f->quantities.pairs);
}

static void write_energy(fps_entry_writer *w, int64_t g, const findings *f) {
    write_exponent(w, g, f, FPS_CRITICAL_ENERGY);
}

static void write_norm(fps_entry_writer *w, int64_t g, const findings *f) {
    write_exponent(w, g, f, FPS_CRITICAL_NORM);
}

static void write_off_data(fps_entry_writer *w, int64_t g, const findings *f) {
    write_exponent(w, g, f, FPS_CRITICAL_OFF_DATA);
}

static void write_spike(fps_entry_writer *w, int64_t g, const findings *f) {
    write_exponent(w, g, f, FPS_CRITICAL_SPIKE);
}

static void write_crossing(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; k < f->quantities.pairs; k++)
        if (f->quantities.spike_crossing[k].n > 0) {
            begin_at(w, g, f->ladders.band_limit[k]);
            fps_entry_estimate(w, f->quantities.spike_crossing[k], "}");
        }
}

static void write_naive(fps_entry_writer *w, int64_t g, const findings *f) {
    const fps_critical_quantities *q = &f->quantities;
    for (int k = 0; k < (q->kink ? f->ladders.rungs : q->pairs); k++) {
        fps_estimate naive = q->kink ? (fps_estimate){q->beta_naive[k], NAN, 1} : q->naive[k];
        if (isnan(naive.value))
            continue;
        begin_at(w, g, f->ladders.band_limit[k]);
        fps_entry_estimate(w, naive, "}");
    }
}

static void write_collapse(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; f->quantities.kink && k < f->ladders.rungs; k++)
        if (f->quantities.collapse[k].n > 0) {
            begin_at(w, g, f->ladders.band_limit[k]);
            fps_entry_estimate(w, f->quantities.collapse[k], "}");
        }
}

/* Numbers of flagged rungs, out of n. */
static void write_count(fps_entry_writer *w, int64_t g, const findings *f, int64_t count) {
    fps_entry_begin(w, g);
    fps_entry_estimate(w, (fps_estimate){(double)count, NAN, f->quantities.rows}, "}");
}

static void write_ill_conditioned(fps_entry_writer *w, int64_t g, const findings *f) {
    write_count(w, g, f, f->quantities.ill_conditioned);
}

static void write_unresolved(fps_entry_writer *w, int64_t g, const findings *f) {
    write_count(w, g, f, f->quantities.unresolved);
}

static const struct {
    const char *key;
    void (*write)(fps_entry_writer *w, int64_t g, const findings *f);
} json_quantities[] = {
    {"alpha_c", write_alpha_c},
    {"slope", write_slope},
    {"alpha_c_richardson", write_richardson},
    {"alpha_c_naive", write_naive},
    {"spread", write_spread},
    {"theta", write_theta},
    {"collapse_deviation", write_collapse},
    {"energy_exponent", write_energy},
    {"norm_exponent", write_norm},
    {"off_data_exponent", write_off_data},
    {"spike_exponent", write_spike},
    {"spike_crossing", write_crossing},
    {"ill_conditioned", write_ill_conditioned},
    {"unresolved", write_unresolved},
};

static void write_difference(fps_entry_writer *w, int64_t g, const findings *f) {
    for (int k = 0; k < f->quantities.triples; k++) {
        fps_estimate trained = f->quantities.triple[k].alpha_c, solved = f->solved.triple[k].alpha_c;
        begin_at(w, g, f->quantities.triple[k].band_limit);
        fps_entry_estimate(w, (fps_estimate){trained.value - solved.value, NAN, trained.n}, "}");
    }
}

static void write_deviation(fps_entry_writer *w, int64_t g, const findings *f, double deviation) {
    fps_entry_begin(w, g);
    fps_entry_estimate(w, (fps_estimate){deviation, NAN, f->ladders.outcome[FPS_DONE]}, "}");
}

static void write_residual(fps_entry_writer *w, int64_t g, const findings *f) {
    write_deviation(w, g, f, f->twins.residual);
}

static void write_energy_deviation(fps_entry_writer *w, int64_t g, const findings *f) {
    write_deviation(w, g, f, f->twins.energy);
}

/* What trained sweeps have beside all that solved ones have. */
static const struct {
    const char *key;
    void (*write)(fps_entry_writer *w, int64_t g, const findings *f);
} json_twins[] = {
    {"alpha_c_trained_minus_solved", write_difference},
    {"residual", write_residual},
    {"energy_deviation", write_energy_deviation},
};

static void print_json(const fps_grouping *grouping, const findings *f, bool trained) {
    fps_entry_writer w = {.stream = stdout, .grouping = grouping};
    printf("{\n  \"sweep\": ");
    fps_json_text(stdout, fps_plan_name(grouping->plan));
    printf(",\n  \"which\": \"%s\"", trained ? "trained" : "solved");
    for (size_t k = 0; k < sizeof json_quantities / sizeof *json_quantities; k++) {
        fps_entry_list_begin(&w, json_quantities[k].key);
        for (int64_t g = 0; g < grouping->groups; g++)
            json_quantities[k].write(&w, g, &f[g]);
        fps_entry_list_end(&w);
    }
    for (size_t k = 0; trained && k < sizeof json_twins / sizeof *json_twins; k++) {
        fps_entry_list_begin(&w, json_twins[k].key);
        for (int64_t g = 0; g < grouping->groups; g++)
            json_twins[k].write(&w, g, &f[g]);
        fps_entry_list_end(&w);
    }
    printf("\n}\n");
}

/* ---- all of it ---- */

static void release(findings *f, int64_t groups) {
    for (int64_t g = 0; f && g < groups; g++) {
        fps_critical_release(&f[g].quantities);
        fps_ladders_release(&f[g].ladders);
        fps_critical_release(&f[g].solved);
        fps_twins_release(&f[g].twins);
    }
    fps_free(f);
}

/* Read group g and derive all that is printed. */
static fps_status find(fps_reader *reader, const fps_row *row, const fps_grouping *grouping, int64_t g, bool trained,
                       findings *f) {
    f->trained = trained;
    if (trained) {
        FPS_TRY(fps_twins_read(reader, row, grouping, g, &f->twins));
        f->ladders = f->twins.trained;
        f->twins.trained = (fps_ladders){0};
        FPS_TRY(fps_critical_derive(&f->twins.solved, &f->solved));
    } else {
        FPS_TRY(fps_ladders_read(reader, row, grouping, g, &f->ladders));
    }
    return fps_critical_derive(&f->ladders, &f->quantities);
}

fps_status fps_analyze_direct(fps_reader *reader, const bool *selected, bool json) {
    const fps_plan *plan = fps_reader_plan(reader);
    fps_grouping *grouping = NULL;
    fps_row *row = NULL;
    findings *f = NULL;
    fps_status status;
    const bool trained = !(fps_plan_record(plan)->keep & FPS_ONLY_DIRECT);
    FPS_TRY_GOTO(status,
                 (trained ? fps_grouping_create_ladders : fps_grouping_create_curves)(plan, selected, &grouping), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, fps_plan_count(plan)), done);
    FPS_TRY_GOTO(status, fps_reader_rows(reader, row), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(f, grouping->groups), done);
    for (int64_t g = 0; g < grouping->groups; g++)
        FPS_TRY_GOTO(status, find(reader, row, grouping, g, trained, &f[g]), done);
    if (json) {
        print_json(grouping, f, trained);
        goto done;
    }
    fps_text_paragraph(2, "%s: the critical decay rate alpha_c%s; the theory says alpha_c = d", fps_plan_name(plan),
                       trained ? " from trained weights and summed residuals" : "");
    fps_text_paragraph(0, "A line of alpha_c: three rungs from M up; u = t sd/sqrt(n) + c_d/X0^2, that is 95 %% over n "
                          "data sets and the systematic deviation. Exponents: means over these.");
    for (int64_t g = 0; status == FPS_OK && g < grouping->groups; g++)
        status = print_group(grouping, g, &f[g]);
done:
    release(f, grouping ? grouping->groups : 0);
    fps_free(row);
    fps_grouping_destroy(&grouping);
    return status;
}
