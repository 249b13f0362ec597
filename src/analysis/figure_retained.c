/* figure_retained.c: the share of a smooth target that trained networks have, against the decay rate. */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"
#include "fpsweep/memory.h"
#include "fpsweep/retention.h"

enum { CURVES = 6 };

/* "alpha_c = 1.98 +- 0.06", of the highest three rungs with a number. */
static void write_result(const fps_retention *r, char *text, size_t size) {
    int k = r->triples - 1;
    while (k >= 0 && isnan(r->alpha_c[k].value))
        k--;
    if (k < 0)
        snprintf(text, size, "\xce\xb1_c not resolved");
    else
        snprintf(text, size, "\xce\xb1_c = %.2f \xc2\xb1 %.2f", r->alpha_c[k].value, r->alpha_c[k].uncertainty);
}

static void draw_panel(fps_drawing *d, int panel, const fps_retention *r, const char *label) {
    char result[64], block[32], comment[400], name[32], color[8];
    int rung[CURVES], rungs = fps_critical_choose(r->rungs, CURVES, rung);
    write_result(r, result, sizeof result);
    fps_drawing_panel(d, panel, label[0] ? label : "all networks", "decay rate \xce\xb1", "share of the target");
    for (int c = 0; c < rungs; c++) {
        snprintf(block, sizeof block, "g%d_m%d", panel, c);
        snprintf(comment, sizeof comment, "%.200s %s; decay rate, share of the target, 95 %% over %lld seeds", label,
                 fps_critical_rung_name(r->band_limit[rung[c]], name), (long long)r->complete);
        fps_critical_curve(d, block, comment, r->alpha, r->mean + rung[c] * r->alphas, r->alphas);
    }
    fprintf(d->script, "set label 4 ");
    fps_drawing_quote(d->script, result);
    fprintf(d->script, " at graph 0.97, graph 0.08 right noenhanced\n");
    double margin = 0.04 * (r->alpha[r->alphas - 1] - r->alpha[0]);
    double left = r->alpha[0] - margin, right = r->alpha[r->alphas - 1] + margin;
    fprintf(d->script, "set pointintervalbox 0\nset xrange [%.7g:%.7g]\nset yrange [-0.05:1.05]\nset format '%%g'\n",
            left, right);
    if (left < r->dimension && r->dimension < right) /* an arrow does not end at the panel's edge */
        fprintf(d->script,
                "set arrow 1 from first %d, graph 0 to first %d, graph 1 nohead lc rgb '#999999' dt 3 lw 1\n",
                r->dimension, r->dimension);
    fprintf(d->script, "plot ");
    for (int c = 0; c < rungs; c++)
        fprintf(d->script,
                "$g%d_m%d using 1:2 with lines lw 1.3 lc rgb '%s' notitle, '' using 1:2:3 with yerrorbars pt 7 ps 0.4 "
                "lw 1.1 lc rgb '%s' notitle, ",
                panel, c, fps_palette_curve(c, rungs, color), color);
    fprintf(d->script, "NaN notitle\nunset arrow\nunset label 4\n");
}

static void draw_legend(fps_drawing *d, const fps_retention *r) {
    fps_legend_entry entry[CURVES] = {0};
    int rung[CURVES], rungs = fps_critical_choose(r->rungs, CURVES, rung);
    for (int c = 0; c < rungs; c++) {
        char name[32], color[8];
        snprintf(entry[c].text, sizeof entry->text, "%s", fps_critical_rung_name(r->band_limit[rung[c]], name));
        snprintf(entry[c].style, sizeof entry->style, "with linespoints pt 7 ps 0.5 lw 1.3 lc rgb '%s'",
                 fps_palette_curve(c, rungs, color));
    }
    fps_drawing_legend(d, entry, rungs);
}

/* Panels for the first groups; *last is the last of them, for the legend. */
static fps_status draw(fps_drawing *d, const fps_grouping *grouping, int panels, fps_retention *last) {
    char fixed[256], subtitle[512], label[256];
    fps_grouping_label(grouping, 0, false, fixed, sizeof fixed);
    snprintf(
        subtitle, sizeof subtitle,
        "V = Re \xce\xa3 H F* / \xce\xa3 |F|\xc2\xb2: 1 is the target, 0 spikes at the samples; dotted: \xce\xb1 = "
        "d; bars: 95 %% over seeds%s%s",
        fixed[0] ? "; " : "", fixed);
    d->legend_height = 34;
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++) {
        fps_retention_release(last);
        FPS_TRY(fps_retention_read(d->reader, d->learning->row, grouping, g, last));
        FPS_TRY(fps_grouping_label_short(grouping, g, label, sizeof label));
        draw_panel(d, g, last, label);
    }
    draw_legend(d, last);
    return FPS_OK;
}

fps_status fps_figure_retained(fps_drawing *d) {
    fps_grouping *grouping = NULL;
    fps_retention last = {0};
    fps_status status;
    if (!fps_retention_has(d->plan, d->selected))
        return fps_fail(FPS_ERROR_INPUT,
                        "figure retained needs networks with a decay_rate and a band_limit axis, at least "
                        "three values of each, a target that is an expression, and record: {keep: "
                        "[spectrum]}");
    FPS_TRY_GOTO(status, fps_grouping_create_ladders(d->plan, d->selected, &grouping), done);
    int panels = grouping->groups < FPS_DRAWING_PANELS ? (int)grouping->groups : FPS_DRAWING_PANELS;
    status = draw(d, grouping, panels, &last);
done:
    fps_retention_release(&last);
    fps_grouping_destroy(&grouping);
    return status;
}
