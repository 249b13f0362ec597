/* figure_decay.c: when each frequency is learnt, against frequency; the tangents' prediction and theory's slope. */
#include <math.h>
#include <string.h>

#include "analysis/drawing.h"
#include "fpsweep/decay.h"
#include "fpsweep/memory.h"

static const char *const colour = "#2a788e";

/* Ranges of both axes over all panels. */
typedef struct ranges {
    double left, right, low, high;
} ranges;

static void widen(const fps_decay *decay, ranges *r) {
    for (int64_t k = 0; k < decay->frequencies; k++) {
        const fps_decay_frequency *f = &decay->frequency[k];
        const double tau[] = {f->median, f->low, f->high, f->tau_linearised.value};
        r->left = fmin(r->left, f->xi);
        r->right = fmax(r->right, f->xi);
        for (int i = 0; i < 4; i++)
            if (tau[i] > 0) {
                r->low = fmin(r->low, tau[i]);
                r->high = fmax(r->high, tau[i]);
            }
    }
}

static void write_frequencies(fps_drawing *d, const fps_decay *decay, const char *block, const char *label) {
    char comment[400];
    snprintf(comment, sizeof comment,
             "%.250s; xi, tau: median, 10 %%, 90 %%, tau of the tangents, 1 if half never learn it", label);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t k = 0; k < decay->frequencies; k++) {
        const fps_decay_frequency *f = &decay->frequency[k];
        fprintf(d->data, "%.7g", f->xi);
        fps_drawing_number(d, f->median);
        fps_drawing_number(d, f->low);
        fps_drawing_number(d, f->high);
        fps_drawing_number(d, f->tau_linearised.value);
        fprintf(d->data, " %d\n", isnan(f->median));
    }
    fps_drawing_block_end(d);
}

/* Ends of a line of theory's slope through the middle of the medians (of the tangents where nothing is learnt); false
 * if there is none. */
static bool find_expected(const fps_decay *decay, double xi[2], double tau[2]) {
    double x = 0, y = 0, n = 0;
    xi[0] = INFINITY;
    xi[1] = 0;
    for (int64_t k = 0; k < decay->frequencies; k++) {
        const fps_decay_frequency *f = &decay->frequency[k];
        const double at = isnan(f->median) ? f->tau_linearised.value : f->median;
        if (!(at > 0))
            continue;
        x += log(f->xi);
        y += log(at);
        n++;
        xi[0] = fmin(xi[0], f->xi);
        xi[1] = fmax(xi[1], f->xi);
    }
    for (int i = 0; i < 2; i++)
        tau[i] = exp(y / n + decay->expected * (log(xi[i]) - x / n));
    return n >= 2 && !isnan(decay->expected);
}

static bool write_expected(fps_drawing *d, const fps_decay *decay, const char *block) {
    double xi[2], tau[2];
    if (!find_expected(decay, xi, tau))
        return false;
    fps_drawing_block_begin(d, block, "expected slope: xi, tau");
    for (int i = 0; i < 2; i++)
        fprintf(d->data, "%.7g %.7g\n", xi[i], tau[i]);
    fps_drawing_block_end(d);
    return true;
}

/* Is there a frequency that half of the tasks never learn? */
static bool has_open_median(const fps_decay *decay) {
    for (int64_t k = 0; k < decay->frequencies; k++)
        if (isnan(decay->frequency[k].median))
            return true;
    return false;
}

/* "alpha_eff 1.98 +- 0.02, 3 of 15 left out" in the upper left corner, line by line. */
static void write_slope(fps_drawing *d, const char *name, fps_estimate alpha, const char *remark, int line) {
    char text[96];
    if (alpha.n == 0)
        return;
    snprintf(text, sizeof text, isnan(alpha.uncertainty) ? "%s %.2f" : "%s %.2f \xc2\xb1 %.2f", name, alpha.value,
             alpha.uncertainty);
    strncat(text, remark, sizeof text - strlen(text) - 1);
    fprintf(d->script, "set label %d ", 11 + line);
    fps_drawing_quote(d->script, text);
    fprintf(d->script, " at graph 0.03, graph %.3f left font ',8.5' noenhanced textcolor rgb '%s' front\n",
            0.94 - 0.075 * line, line ? "#555555" : colour);
}

/* The slopes of a panel. That of the networks is of what was learnt alone: it says how much was not, and is left away
 * where a median is missing, since the slope beside it would be too low. */
static void write_slopes(fps_drawing *d, const fps_decay *decay) {
    char remark[64] = "";
    if (decay->censored > 0)
        snprintf(remark, sizeof remark, ", %lld of %lld left out", (long long)decay->censored,
                 (long long)decay->learnable);
    if (!has_open_median(decay))
        write_slope(d, "\xce\xb1_eff", decay->alpha, remark, 0);
    write_slope(d, "tangent", decay->linearised, "", 1);
}

/* Ticks at the frequencies, if they are few; without a number where that would run into the last one. */
static void write_ticks(fps_drawing *d, const fps_decay *decay, const ranges *r) {
    enum { FEW = 9 };
    const double least = 0.13 * log(r->right / r->left); /* room of a number */
    double last = 0;
    if (decay->frequencies == 0 || decay->frequencies > FEW) {
        fprintf(d->script, "set xtics autofreq\n");
        return;
    }
    for (int64_t k = 0; k < decay->frequencies; k++) {
        const double xi = decay->frequency[k].xi;
        const bool numbered = last == 0 || log(xi / last) >= least;
        fprintf(d->script, "%s%s%.5g", k ? ", " : "set xtics (", numbered ? "" : "'' ", xi);
        last = numbered ? xi : last;
    }
    fprintf(d->script, ")\n");
}

static void draw_panel(fps_drawing *d, int panel, const fps_decay *decay, const ranges *r) {
    char label[256], block[32];
    fps_drawing_group_title(d, panel, label, sizeof label);
    snprintf(block, sizeof block, "g%d", panel);
    write_frequencies(d, decay, block, label);
    snprintf(block, sizeof block, "g%d_e", panel);
    bool expected = write_expected(d, decay, block);
    fps_drawing_panel(d, panel, label, "\xce\xbe (cycles per unit length)", "\xcf\x84 (steps)");
    fprintf(d->script,
            "set logscale xy\nset format x '%%g'\nset format y '10^{%%L}'\nset xrange [%.5g:%.5g]\nset yrange "
            "[%.4g:%.4g]\n",
            r->left, r->right, r->low, r->high);
    write_ticks(d, decay, r);
    if (decay->frequencies == 0)
        fps_drawing_panel_empty(d);
    write_slopes(d, decay);
    fprintf(d->script, "plot NaN notitle");
    if (expected)
        fprintf(d->script, ", $g%d_e using 1:2 with lines lw 4 lc rgb '#d4d4d4' notitle", panel);
    fprintf(d->script,
            ", $g%d using 1:3:(strcol(4) eq 'NaN' ? %.7g : $4) with filledcurves fc rgb '%s' fs transparent solid 0.18 "
            "noborder "
            "notitle, '' using 1:5 "
            "with lines lw 1.6 dt 2 lc rgb '#555555' notitle, '' using 1:2 with linespoints pt 7 ps 0.7 lw 1.8 lc rgb "
            "'%s' notitle, '' using 1:($6 > 0 ? %.7g : NaN) with points pt 8 ps 1 lc rgb '%s' notitle\nunset label "
            "11\nunset label "
            "12\n",
            panel, r->high, colour, colour, r->high / 1.2, colour);
}

/* Legend of what the panels show. Returns how many entries there are. */
static int describe(const fps_decay *decay, int panels, fps_legend_entry *entry) {
    bool open = false, tangent = false, expected = false;
    int n = 2;
    for (int g = 0; g < panels; g++) {
        double xi[2], tau[2];
        open |= has_open_median(&decay[g]);
        expected |= find_expected(&decay[g], xi, tau);
        for (int64_t k = 0; k < decay[g].frequencies; k++)
            tangent |= decay[g].frequency[k].tau_linearised.n > 0;
    }
    snprintf(entry[0].text, sizeof entry->text, "median over seeds");
    snprintf(entry[0].style, sizeof entry->style, "with linespoints pt 7 ps 0.7 lw 1.8 lc rgb '%s'", colour);
    snprintf(entry[1].text, sizeof entry->text, "10 to 90 %%");
    snprintf(entry[1].style, sizeof entry->style, "with lines lw 8 lc rgb '#cfe2e6'");
    if (open) {
        snprintf(entry[n].text, sizeof entry->text, "not reached by half");
        snprintf(entry[n++].style, sizeof entry->style, "with points pt 8 ps 1 lc rgb '%s'", colour);
    }
    if (tangent) {
        snprintf(entry[n].text, sizeof entry->text, "tangent (linearised: yes)");
        snprintf(entry[n++].style, sizeof entry->style, "with lines lw 1.6 dt 2 lc rgb '#555555'");
    }
    if (expected) {
        snprintf(entry[n].text, sizeof entry->text, "expected slope");
        snprintf(entry[n++].style, sizeof entry->style, "with lines lw 4 lc rgb '#d4d4d4'");
    }
    return n;
}

static fps_status draw(fps_drawing *d, const fps_decay *decay, int panels, const char *remark) {
    ranges r = {INFINITY, 0, INFINITY, 0};
    char subtitle[768];
    fps_legend_entry entry[5];
    for (int g = 0; g < panels; g++)
        widen(&decay[g], &r);
    if (!(r.high > 0))
        return fps_fail(FPS_ERROR_INPUT, "there is nothing to draw: no frequency of the target was learnt");
    r = (ranges){r.left / 1.25, r.right * 1.25, r.low / 2, r.high * 4};
    snprintf(subtitle, sizeof subtitle,
             "\xcf\x84, the step at which the frequency error falls below 0.5, grows like \xce\xbe^\xce\xb1_eff%s",
             remark);
    d->columns = fps_drawing_group_columns(d, panels);
    int entries = describe(decay, panels, entry);
    fps_drawing_reserve_legend(d, entry, entries);
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++)
        draw_panel(d, g, &decay[g], &r);
    fps_drawing_legend(d, entry, entries);
    return FPS_OK;
}

fps_status fps_figure_decay(fps_drawing *d) {
    char remark[512];
    int panels = fps_drawing_group_panels(d, remark, sizeof remark);
    fps_decay *decay;
    fps_status status;
    FPS_TRY(FPS_ALLOC(decay, panels));
    for (int g = 0; g < panels; g++)
        FPS_TRY_GOTO(status, fps_decay_derive_along(d->learning, d->grouping, g, d->along, &decay[g]), done);
    status = draw(d, decay, panels, remark);
done:
    for (int g = 0; g < panels; g++)
        fps_decay_release(&decay[g]);
    fps_free(decay);
    return status;
}
