/* figure_trajectories.c: frequency error against the step, one line per frequency of the target. */
#include <math.h>
#include <string.h>

#include "analysis/band.h"
#include "analysis/drawing.h"
#include "analysis/palette.h"

enum { CURVES = 8 }; /* most lines of a panel: more cannot be told apart */

/* Ranges of both axes over all panels. */
typedef struct ranges {
    double step, low, high;
} ranges;

static void widen(const fps_band *band, int64_t first, ranges *r) {
    for (int64_t i = 0; i < band->records; i++)
        for (int64_t p = first; p < first + band->frequencies; p++) {
            double v = band->median[i * band->places + p];
            if (!band->learnable[p] || !(v > 0))
                continue;
            r->low = fmin(r->low, v);
            r->high = fmax(r->high, v);
            r->step = fmax(r->step, band->step[i]);
        }
}

/* Up to CURVES learnable frequencies of the direction whose places begin at `first`, evenly spread. */
static int choose(const fps_band *band, int64_t first, int64_t *place) {
    const bool *learnable = band->learnable + first;
    int64_t there_are = 0, seen = 0;
    for (int64_t k = 0; k < band->frequencies; k++)
        there_are += learnable[k];
    int chosen = there_are < CURVES ? (int)there_are : CURVES, c = 0;
    for (int64_t k = 0; k < band->frequencies && c < chosen; k++) {
        if (!learnable[k])
            continue;
        int64_t wanted = chosen > 1 ? (c * (there_are - 1) + (chosen - 1) / 2) / (chosen - 1) : 0;
        if (seen++ == wanted)
            place[c++] = first + k;
    }
    return chosen;
}

/* The block of one curve: step, median, low, high. Step 0 has no place on a logarithmic axis. */
static void write_curve(fps_drawing *d, const fps_band *band, int64_t place, const char *block, const char *label) {
    char comment[400];
    snprintf(comment, sizeof comment, "%s xi=%.6g; step, frequency error: median, 10 %%, 90 %% over %lld tasks", label,
             band->xi[place], (long long)band->tasks);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t i = 0; i < band->records; i++) {
        if (!(band->step[i] > 0))
            continue;
        fprintf(d->data, "%.0f", band->step[i]);
        const double *const column[] = {band->median, band->low, band->high};
        for (int c = 0; c < 3; c++) {
            double v = column[c][i * band->places + place];
            fps_drawing_number(d, v > 0 ? v : NAN);
        }
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
}

/* Name and style of a curve in the legend. */
static void describe(fps_legend_entry *entry, double xi, int i, int n) {
    char color[8];
    snprintf(entry->text, sizeof entry->text, "\xce\xbe = %.3g", xi);
    snprintf(entry->style, sizeof entry->style, "with lines lw 2.2 lc rgb '%s'", fps_palette_curve(i, n, color));
}

static fps_status draw_panel(fps_drawing *d, int panel, const ranges *r, fps_legend_entry *entry, int *entries) {
    char label[256], block[32], color[8];
    int64_t place[CURVES];
    fps_band band;
    FPS_TRY(fps_band_gather(d->learning, d->grouping, panel, FPS_BAND_ERROR, &band));
    fps_drawing_group_title(d, panel, label, sizeof label);
    int curves = band.tasks ? choose(&band, fps_drawing_group_place(d, panel), place) : 0;
    fps_drawing_panel(d, panel, label, "training step", "frequency error |H-F| / |F|");
    if (curves == 0)
        fps_drawing_panel_empty(d);
    fprintf(d->script, "set logscale xy\nset format xy '10^{%%L}'\nset xrange [1:%.7g]\nset yrange [%.4g:%.4g]\nplot ",
            fmax(r->step, 2), r->low, r->high);
    for (int c = 0; c < curves; c++) {
        snprintf(block, sizeof block, "g%d_k%d", panel, c);
        write_curve(d, &band, place[c], block, label);
        fps_palette_curve(c, curves, color);
        if (band.tasks > 1)
            fprintf(d->script,
                    "%s$%s using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.18 noborder notitle",
                    c ? ", " : "", block, color);
    }
    for (int c = 0; c < curves; c++)
        fprintf(d->script, "%s$g%d_k%d using 1:2 with lines lw 2.2 lc rgb '%s' notitle",
                c || band.tasks > 1 ? ", " : "", panel, c, fps_palette_curve(c, curves, color));
    fprintf(d->script, curves ? "\n" : "NaN notitle\n");
    /* One legend serves all panels if they show the same frequencies; the fullest panel decides. */
    if (curves > *entries) {
        for (int c = 0; c < curves; c++)
            describe(&entry[c], band.xi[place[c]], c, curves);
        *entries = curves;
    }
    fps_band_release(&band);
    return FPS_OK;
}

fps_status fps_figure_trajectories(fps_drawing *d) {
    char remark[512], subtitle[768];
    int panels = fps_drawing_group_panels(d, remark, sizeof remark), entries = 0;
    fps_legend_entry entry[CURVES];
    ranges r = {.step = 0, .low = INFINITY, .high = 0};
    int64_t seeds = 0;
    for (int g = 0; g < panels; g++) {
        fps_band band;
        FPS_TRY(fps_band_gather(d->learning, d->grouping, g, FPS_BAND_ERROR, &band));
        widen(&band, fps_drawing_group_place(d, g), &r);
        seeds = band.tasks > seeds ? band.tasks : seeds;
        fps_band_release(&band);
    }
    if (!(r.high > 0))
        return fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
    r.low = fmax(r.low / 1.3, r.high * 1e-8);
    r.high *= 1.5;
    if (seeds > 1)
        snprintf(subtitle, sizeof subtitle,
                 "Frequency error at \xce\xbe cycles per unit length: median of %lld seeds, band from 10 %% to 90 %%%s",
                 (long long)seeds, remark);
    else
        snprintf(subtitle, sizeof subtitle, "Frequency error at \xce\xbe cycles per unit length%s", remark);
    d->legend_height = 34;
    d->columns = fps_drawing_group_columns(d, panels);
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++)
        FPS_TRY(draw_panel(d, g, &r, entry, &entries));
    fps_drawing_legend(d, entry, entries);
    return FPS_OK;
}
