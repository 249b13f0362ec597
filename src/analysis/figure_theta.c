/* figure_theta.c: theta against the decay rate, with its zero at alpha_c; and how alpha_c closes in on d. */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"

enum { CURVES = 8 };

/* The highest three rungs with a number; -1 if there are none. */
static int last_triple(const fps_critical_quantities *q) {
    int k = q->triples - 1;
    while (k >= 0 && q->triple[k].alpha_c.n == 0)
        k--;
    return k;
}

static void draw_theta(fps_drawing *d, const fps_critical_group *group, int groups) {
    char block[32], comment[400], color[8];
    double low = INFINITY, high = -INFINITY, most = 0;
    fps_drawing_panel(d, 0, "\xce\xb8 of the highest three rungs, grey: d - \xce\xb1", "decay rate \xce\xb1",
                      "\xce\xb8");
    for (int g = 0; g < groups; g++) {
        const fps_ladders *l = &group[g].ladders;
        int64_t first;
        int k = last_triple(&group[g].quantities);
        int window = fps_critical_window(l->alpha, l->alphas, l->dimension, &first);
        if (k < 0)
            continue;
        snprintf(block, sizeof block, "theta%d", g);
        snprintf(comment, sizeof comment, "%.200s; decay rate, theta from M = %lld, 95 %% over %lld data sets",
                 group[g].label, (long long)l->band_limit[k], (long long)l->data_sets);
        fps_critical_curve(d, block, comment, l->alpha + first, group[g].quantities.theta + k * l->alphas + first,
                           window);
        low = fmin(low, l->alpha[first]);
        high = fmax(high, l->alpha[first + window - 1]);
        most =
            fmax(most, fmax(fabs(l->alpha[first] - l->dimension), fabs(l->alpha[first + window - 1] - l->dimension)));
    }
    fprintf(
        d->script,
        "set xrange [%.7g:%.7g]\nset yrange [%.7g:%.7g]\nset format '%%g'\nset samples 1001\nset pointintervalbox 0\n"
        "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb '#999999' lw 1\nplot ",
        low - 0.3 * most, high + 0.3 * most, -1.25 * most, 1.25 * most);
    bool drawn[4] = {false};
    for (int g = 0; g < groups; g++) {
        int dimension = group[g].ladders.dimension;
        if (!drawn[dimension])
            fprintf(d->script, "%d - x with lines lw 5 lc rgb '#dcdcdc' notitle, ", dimension);
        drawn[dimension] = true;
    }
    for (int g = 0; g < groups; g++)
        if (last_triple(&group[g].quantities) >= 0)
            fprintf(d->script,
                    "$theta%d using 1:2 with linespoints pt 7 ps 0.7 lw 1.4 lc rgb '%s' notitle, '' using "
                    "1:($2-$3):(0):(2*$3) with vectors nohead lw 1.4 lc rgb '%s' notitle, ",
                    g, fps_palette_curve(g, groups, color), color);
    fprintf(d->script, "NaN notitle\nunset arrow 1\n");
}

static void draw_approach(fps_drawing *d, const fps_critical_group *group, int groups) {
    char block[32], comment[400], color[8];
    const fps_critical_quantities *widest = &group[0].quantities; /* one ladder for the whole sweep */
    double low = (double)widest->triple[0].band_limit, high = (double)widest->triple[widest->triples - 1].band_limit;
    fps_drawing_panel(d, 1, "|\xce\xb1_c - d| (points) and its uncertainty u (lines)",
                      "band limit M of the lowest of three rungs", "|\xce\xb1_c - d|");
    for (int g = 0; g < groups; g++) {
        const fps_critical_quantities *q = &group[g].quantities;
        snprintf(block, sizeof block, "approach%d", g);
        snprintf(comment, sizeof comment, "%.200s; M, |alpha_c - d|, u", group[g].label);
        fps_drawing_block_begin(d, block, comment);
        for (int k = 0; k < q->triples; k++) {
            double off = fabs(q->triple[k].alpha_c.value - group[g].ladders.dimension);
            fprintf(d->data, "%lld", (long long)q->triple[k].band_limit);
            fps_drawing_number(d, off > 0 ? off : NAN);
            fps_drawing_number(d, q->triple[k].alpha_c.uncertainty);
            fputc('\n', d->data);
        }
        fps_drawing_block_end(d);
    }
    fprintf(d->script, "set logscale xy\nset xrange [%.7g:%.7g]\nset autoscale y\nset format xy '10^{%%L}'\nplot ",
            low / 1.6, high * 1.6);
    for (int g = 0; g < groups; g++)
        fprintf(d->script,
                "$approach%d using 1:3 with lines lw 1.4 lc rgb '%s' notitle, '' using 1:2 with points pt 7 ps 0.8 lc "
                "rgb '%s' notitle, ",
                g, fps_palette_curve(g, groups, color), color);
    fprintf(d->script, "NaN notitle\nunset logscale\n");
}

fps_status fps_figure_theta(fps_drawing *d) {
    fps_critical_group *group;
    char remark[80], fixed[256], subtitle[512];
    int groups, found = 0;
    FPS_TRY(fps_critical_groups_read(d, CURVES, &group, &groups, remark, sizeof remark));
    fps_status status = FPS_OK;
    int64_t data_sets = 0;
    for (int g = 0; g < groups; g++) {
        found += last_triple(&group[g].quantities) >= 0;
        data_sets = group[g].ladders.data_sets > data_sets ? group[g].ladders.data_sets : data_sets;
    }
    if (found == 0) {
        status =
            fps_fail(FPS_ERROR_INPUT, "there is nothing to draw: theta needs three rungs, and a decay rate on either "
                                      "side of the dimension");
        goto done;
    }
    fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed);
    snprintf(subtitle, sizeof subtitle,
             "\xce\xb8 = log(D'/D) / log(X'/X) crosses zero at the critical decay rate \xce\xb1_c; bars: 95 %% over "
             "%lld data sets%s%s%s",
             (long long)data_sets, fixed[0] ? "; " : "", fixed, remark);
    fps_legend_entry entry[CURVES] = {0};
    for (int g = 0; g < groups; g++) {
        char color[8];
        snprintf(entry[g].text, sizeof entry->text, "%.63s", group[g].label[0] ? group[g].label : "all tasks");
        snprintf(entry[g].style, sizeof entry->style, "with linespoints pt 7 ps 0.7 lw 1.4 lc rgb '%s'",
                 fps_palette_curve(g, groups, color));
    }
    d->columns = 2;
    d->panel_width = 400;
    d->panel_height = 290;
    fps_drawing_reserve_legend(d, entry, groups);
    fps_drawing_begin(d, 2, subtitle);
    draw_theta(d, group, groups);
    draw_approach(d, group, groups);
    fps_drawing_legend(d, entry, groups);
done:
    fps_critical_groups_release(group, groups);
    return status;
}
