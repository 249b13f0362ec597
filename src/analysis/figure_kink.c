/* figure_kink.c: the energy's exponent against the decay rate: a kink at d, rounded by 1 / log X; the naive line. */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"
#include "fpsweep/critical.h"
#include "fpsweep/memory.h"

enum { CURVES = 4, GROUPS = 9 };

/* The exponent at a rung: the derivative for one sample in 1-D, else the slope to the next rung. */
static fps_estimate exponent_at(const fps_critical_group *group, int k, int64_t a) {
    const fps_critical_quantities *q = &group->quantities;
    int64_t at = k * group->ladders.alphas + a;
    return q->kink ? (fps_estimate){q->beta[at], NAN, 1} : q->exponent[FPS_CRITICAL_ENERGY][at];
}

/* The naive line of a rung: from alpha = 0.2 d to its zero. Returns the zero, NAN if there is none. */
static double write_naive(fps_drawing *d, const fps_critical_group *group, int k, const char *block) {
    const fps_critical_quantities *q = &group->quantities;
    const fps_ladders *l = &group->ladders;
    double zero = q->kink ? q->beta_naive[k] : q->naive[k].value, mean[2] = {0}, n = 0;
    if (isnan(zero))
        return NAN;
    for (int64_t a = 0; a < l->alphas; a++) { /* the line goes through the mean of the points that it was fitted to */
        double share = l->alpha[a] / l->dimension;
        if (share < 0.2 - 1e-9 || share > 0.8 + 1e-9 || isnan(exponent_at(group, k, a).value))
            continue;
        mean[0] += l->alpha[a];
        mean[1] += exponent_at(group, k, a).value;
        n++;
    }
    mean[0] /= n;
    mean[1] /= n;
    double left = 0.2 * l->dimension;
    fps_drawing_block_begin(d, block, "naive line: decay rate, exponent; its zero is the naive estimate");
    fprintf(d->data, "%.7g %.7g\n%.7g 0\n", left, mean[1] * (zero - left) / (zero - mean[0]), zero);
    fps_drawing_block_end(d);
    return zero;
}

static fps_status draw_panel(fps_drawing *d, int panel, const fps_critical_group *group, const int *rung, int rungs) {
    const fps_ladders *l = &group->ladders;
    char block[32], comment[400], name[32], color[8];
    fps_estimate *curve;
    FPS_TRY(FPS_ALLOC(curve, l->alphas));
    fps_drawing_panel(d, panel, group->label, "decay rate \xce\xb1", "-dlogE / dlogX");
    double low = l->alpha[0], high = l->alpha[l->alphas - 1];
    for (int c = 0; c < rungs; c++) {
        for (int64_t a = 0; a < l->alphas; a++)
            curve[a] = exponent_at(group, rung[c], a);
        snprintf(block, sizeof block, "g%d_m%d", panel, c);
        snprintf(comment, sizeof comment, "%.200s %s; decay rate, exponent of the energy, 95 %% over %lld data sets",
                 group->label, fps_critical_rung_name(l->band_limit[rung[c]], name), (long long)l->data_sets);
        fps_critical_curve(d, block, comment, l->alpha, curve, l->alphas);
    }
    fps_free(curve);
    snprintf(block, sizeof block, "g%d_naive", panel);
    double naive = write_naive(d, group, rung[0], block);
    high = fmin(high, fmax(2 * l->dimension, isnan(naive) ? 0 : naive + 0.1)); /* nothing happens further out */
    fprintf(d->script,
            "set pointintervalbox 0\nset xrange [%.7g:%.7g]\nset yrange [-0.04*%d:%.7g]\nset format '%%g'\n"
            "set arrow 1 from first %d, graph 0 to first %d, graph 1 nohead lc rgb '#999999' dt 3 lw 1\nplot "
            "(x < %d ? %d - x : 0) with lines lw 5 lc rgb '#d4d4d4' notitle",
            low, high, l->dimension, fmax(l->dimension - low, 0.1) * 1.06, l->dimension, l->dimension, l->dimension,
            l->dimension);
    for (int c = 0; c < rungs; c++)
        fprintf(d->script, ", $g%d_m%d using 1:2 with linespoints pt 7 ps 0.35 lw 1.8 lc rgb '%s' notitle", panel, c,
                fps_palette_curve(c, rungs, color));
    if (!isnan(naive))
        fprintf(
            d->script,
            ", $g%d_naive using 1:2 with lines lw 1.6 dt 2 lc rgb '#c03028' notitle, '' using 1:2 every ::1::1 with "
            "points pt 6 ps 1.1 lw 1.6 lc rgb '#c03028' notitle",
            panel);
    fprintf(d->script, "\nunset arrow 1\n");
    return FPS_OK;
}

fps_status fps_figure_kink(fps_drawing *d) {
    fps_critical_group *group;
    char remark[80], fixed[256], subtitle[512];
    int groups, rung[CURVES];
    FPS_TRY(fps_critical_groups_read(d, GROUPS, &group, &groups, remark, sizeof remark));
    const fps_ladders *l = &group[0].ladders;
    fps_legend_entry entry[CURVES + 2] = {0};
    fps_status status = FPS_OK;
    if (l->rungs < 2) {
        status = fps_fail(FPS_ERROR_INPUT, "an exponent needs two rungs of the ladder; this sweep has one");
        goto done;
    }
    int rungs = fps_critical_choose(l->rungs - 1, CURVES, rung), entries = 0;
    fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed);
    snprintf(subtitle, sizeof subtitle,
             "Exponent of the energy at band limit M: a kink at \xce\xb1 = d, rounded by 1/log X; dashed: line "
             "through 0.2 d to 0.8 d%s%s%s",
             fixed[0] ? "; " : "", fixed, remark);
    for (int c = 0; c < rungs; c++) {
        char color[8], name[32];
        fps_legend_entry *e = &entry[entries++];
        snprintf(e->text, sizeof e->text, "%s", fps_critical_rung_name(l->band_limit[rung[c]], name));
        snprintf(e->style, sizeof e->style, "with linespoints pt 7 ps 0.5 lw 2 lc rgb '%s'",
                 fps_palette_curve(c, rungs, color));
    }
    strcpy(entry[entries].text, "M to infinity");
    strcpy(entry[entries++].style, "with lines lw 5 lc rgb '#d4d4d4'");
    char name[32];
    snprintf(entry[entries].text, sizeof entry->text, "naive line, %s",
             fps_critical_rung_name(l->band_limit[rung[0]], name));
    strcpy(entry[entries++].style, "with lines lw 1.6 dt 2 lc rgb '#c03028'");
    d->columns = groups < 3 ? groups : groups == 4 ? 2 : 3;
    if (d->columns < 3) {
        d->panel_width = 400;
        d->panel_height = 270;
    }
    fps_drawing_reserve_legend(d, entry, entries);
    fps_drawing_begin(d, groups, subtitle);
    for (int g = 0; g < groups; g++)
        FPS_TRY_GOTO(status, draw_panel(d, g, &group[g], rung, rungs), done);
    fps_drawing_legend(d, entry, entries);
done:
    fps_critical_groups_release(group, groups);
    return status;
}
