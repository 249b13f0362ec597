/* analyze_decay.c: what `analyze` says of the effective decay rate. */
#include "app/analyze_decay.h"

#include <math.h>
#include <stdio.h>

#include "app/command.h"
#include "app/export.h"
#include "app/terminal.h"

/* "1.98 +- 0.02"; "-" if there is none. */
static const char *format(fps_estimate e, char cell[48]) {
    if (isnan(e.value))
        snprintf(cell, 48, "-");
    else if (isnan(e.uncertainty))
        snprintf(cell, 48, "%.3f", e.value);
    else
        snprintf(cell, 48, "%.3f +- %.3f", e.value, e.uncertainty);
    return cell;
}

static fps_status print_windows(const fps_decay *decay) {
    static const char *const heading[] = {"<xi", "alpha_eff", "of the tangent"};
    const int columns = decay->linearised.n > 0 ? 3 : 2;
    fps_table table;
    fps_status status = fps_table_begin(&table, columns, heading);
    for (int64_t w = 0; w < decay->windows && status == FPS_OK; w++) {
        const fps_decay_window *window = &decay->window[w];
        char alpha[48], tangent[48];
        status = columns == 3 ? fps_table_add(&table, "%.4g to %.4g\t%s\t%s", window->low, window->high,
                                              format(window->alpha, alpha), format(window->linearised, tangent))
                              : fps_table_add(&table, "%.4g to %.4g\t%s", window->low, window->high,
                                              format(window->alpha, alpha));
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

static fps_status print_ratios(const fps_decay *decay) {
    static const char *const heading[] = {"<xi", "tau of the tangent", "tau / that"};
    fps_table table;
    fps_status status = fps_table_begin(&table, 3, heading);
    for (int64_t k = 0; k < decay->frequencies && status == FPS_OK; k++) {
        const fps_decay_frequency *f = &decay->frequency[k];
        char tau[32], ratio[48];
        status = fps_table_add(&table, "%.4g\t%s\t%s", f->xi, fps_text_number(f->tau_linearised.value, tau),
                               format(f->ratio, ratio));
    }
    if (status == FPS_OK)
        fps_table_print(&table, stdout, fps_terminal_width(stdout));
    fps_table_release(&table);
    return status;
}

fps_status fps_analyze_decay_print(const fps_decay *decay) {
    char alpha[48], tangent[48], cell[3][96] = {"", "", ""};
    if (decay->alpha.n == 0 && decay->linearised.n == 0)
        return FPS_OK;
    if (!isnan(decay->expected))
        snprintf(cell[0], sizeof cell[0], "; expected %g", decay->expected);
    if (decay->linearised.n > 0)
        snprintf(cell[1], sizeof cell[1], "; of the tangent %s", format(decay->linearised, tangent));
    if (decay->censored > 0)
        snprintf(cell[2], sizeof cell[2], "; without %lld of %lld never learnt", (long long)decay->censored,
                 (long long)decay->learnable);
    fps_text_paragraph(2, "effective decay rate, tau ~ xi^alpha_eff: %s%s%s%s", format(decay->alpha, alpha), cell[0],
                       cell[1], cell[2]);
    if (decay->windows > 1)
        FPS_TRY(print_windows(decay));
    return decay->linearised.n > 0 ? print_ratios(decay) : FPS_OK;
}

/* ---- JSON ---- */

/* Frequencies from xi_low to xi_high; null: all. No key is the name of a parameter, which may be an axis. */
static void write_range(fps_entry_writer *w, double low, double high) {
    fps_entry_number(w, "xi_low", low, ", ");
    fps_entry_number(w, "xi_high", high, ", ");
}

static void write_slope(fps_entry_writer *w, fps_estimate alpha, fps_estimate linearised, double expected,
                        const char *after) {
    fps_entry_estimate(w, alpha, ", ");
    fps_entry_number(w, "expected", expected, ", ");
    fps_entry_number(w, "tangent", linearised.value, ", ");
    fps_entry_number(w, "tangent_uncertainty", linearised.uncertainty, after);
}

static void write_decay(fps_entry_writer *w, int64_t g, const fps_decay *decay) {
    if (decay->alpha.n == 0 && decay->linearised.n == 0)
        return;
    fps_entry_begin(w, g);
    write_range(w, NAN, NAN);
    write_slope(w, decay->alpha, decay->linearised, decay->expected, ", ");
    fprintf(w->stream, "\"frequencies\": %lld, \"censored\": %lld}", (long long)decay->learnable,
            (long long)decay->censored);
    for (int64_t i = 0; i < decay->windows; i++) {
        const fps_decay_window *window = &decay->window[i];
        fps_entry_begin(w, g);
        write_range(w, window->low, window->high);
        write_slope(w, window->alpha, window->linearised, decay->expected, "}");
    }
}

static void write_linearised(fps_entry_writer *w, int64_t g, const fps_decay *decay) {
    for (int64_t k = 0; k < decay->frequencies && decay->linearised.n > 0; k++) {
        const fps_decay_frequency *f = &decay->frequency[k];
        fps_entry_begin(w, g);
        fprintf(w->stream, "\"mode\": %d, ", f->mode);
        fps_entry_number(w, "xi", f->xi, ", ");
        fps_entry_estimate(w, f->tau_linearised, ", ");
        fps_entry_number(w, "ratio", f->ratio.value, ", ");
        fps_entry_number(w, "ratio_uncertainty", f->ratio.uncertainty, "}");
    }
}

void fps_analyze_decay_json(fps_entry_writer *writer, const fps_decay *decay) {
    static const struct {
        const char *key;
        void (*write)(fps_entry_writer *w, int64_t g, const fps_decay *decay);
    } lists[] = {{"effective_decay", write_decay}, {"tau_linearised", write_linearised}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        fps_entry_list_begin(writer, lists[k].key);
        for (int64_t g = 0; g < writer->grouping->groups; g++)
            lists[k].write(writer, g, &decay[g]);
        fps_entry_list_end(writer);
    }
}
