/* figure_exponents.c: exponents of energy and norm against the decay rate, with their kinks; those of spike widths. */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"

enum { CURVES = 4, GROUPS = 8 };

/* Pairs of rungs that have the exponent at all: the first `count` of them. */
static int known_pairs(const fps_critical_group *group, fps_critical_exponent exponent) {
    const fps_critical_quantities *q = &group->quantities;
    int count = 0;
    for (int k = 0; k < q->pairs; k++)
        for (int64_t a = 0; a < group->ladders.alphas; a++)
            if (!isnan(q->exponent[exponent][k * group->ladders.alphas + a].value))
                count = k + 1;
    return count;
}

/* Blocks of the chosen pairs; returns the highest value. */
static double write_curves(fps_drawing *d, int panel, const fps_critical_group *group, fps_critical_exponent exponent,
                           const int *pair, int pairs) {
    const fps_ladders *l = &group->ladders;
    double highest = 0;
    for (int c = 0; c < pairs; c++) {
        char block[32], comment[400], name[32];
        const fps_estimate *curve = group->quantities.exponent[exponent] + pair[c] * l->alphas;
        snprintf(block, sizeof block, "p%d_m%d", panel, c);
        snprintf(comment, sizeof comment, "%.200s %s from %s; decay rate, exponent, 95 %% over %lld data sets",
                 group->label, fps_critical_exponent_name(exponent),
                 fps_critical_rung_name(l->band_limit[pair[c]], name), (long long)l->data_sets);
        fps_critical_curve(d, block, comment, l->alpha, curve, l->alphas);
        for (int64_t a = 0; a < l->alphas; a++)
            highest = fmax(highest, curve[a].value);
    }
    return highest;
}

static void draw_panel(fps_drawing *d, int panel, const fps_critical_group *group, fps_critical_exponent exponent,
                       const int *pair, int pairs) {
    static const char *const quantity[FPS_CRITICAL_EXPONENTS] = {"energy E", "norm |h|", "off data", "spike width"};
    const fps_ladders *l = &group->ladders;
    const int dimension = l->dimension;
    char title[320], color[8];
    snprintf(title, sizeof title, "%s%s%s", quantity[exponent], group->label[0] ? ", " : "", group->label);
    fps_drawing_panel(d, panel, title, "decay rate \xce\xb1", "exponent -dlog / dlogX");
    double highest = fmax(write_curves(d, panel, group, exponent, pair, pairs), 0.1);
    fprintf(
        d->script,
        "set pointintervalbox 0\nset xrange [%.7g:%.7g]\nset yrange [%.7g:%.7g]\nset format '%%g'\nset samples 601\n"
        "set arrow 1 from first %d, graph 0 to first %d, graph 1 nohead lc rgb '#999999' dt 3 lw 1\n",
        l->alpha[0], l->alpha[l->alphas - 1], -0.04 * highest, 1.06 * highest, dimension, dimension);
    if (exponent == FPS_CRITICAL_NORM)
        fprintf(d->script,
                "set arrow 2 from first %g, graph 0 to first %g, graph 1 nohead lc rgb '#999999' dt 3 lw 1\n",
                0.5 * dimension, 0.5 * dimension);
    fprintf(d->script, "plot ");
    if (exponent == FPS_CRITICAL_ENERGY)
        fprintf(d->script, "(x < %d ? %d - x : 0) with lines lw 5 lc rgb '#d4d4d4' notitle, ", dimension, dimension);
    if (exponent == FPS_CRITICAL_NORM)
        fprintf(d->script, "(x < %g ? %g : x < %d ? %d - x : 0) with lines lw 5 lc rgb '#d4d4d4' notitle, ",
                0.5 * dimension, 0.5 * dimension, dimension, dimension);
    if (exponent == FPS_CRITICAL_SPIKE)
        fprintf(d->script, "0.5 with lines lw 1 dt 3 lc rgb '#999999' notitle, ");
    for (int c = 0; c < pairs; c++)
        fprintf(d->script,
                "$p%d_m%d using 1:2 with linespoints pt 7 ps 0.4 lw 1.6 lc rgb '%s' notitle, '' using "
                "1:($2-$3):(0):(2*$3) with vectors nohead lw 1 lc rgb '%s' notitle, ",
                panel, c, fps_palette_curve(c, pairs, color), color);
    fprintf(d->script, "NaN notitle\nunset arrow 1\nunset arrow 2\n");
}

static void write_legend(fps_drawing *d, const fps_ladders *l, const int *pair, int pairs, const char *limit) {
    fps_legend_entry entry[CURVES + 1] = {0};
    for (int c = 0; c < pairs; c++) {
        char color[8], name[32];
        snprintf(entry[c].text, sizeof entry->text, "from %s", fps_critical_rung_name(l->band_limit[pair[c]], name));
        snprintf(entry[c].style, sizeof entry->style, "with linespoints pt 7 ps 0.5 lw 2 lc rgb '%s'",
                 fps_palette_curve(c, pairs, color));
    }
    if (limit) {
        snprintf(entry[pairs].text, sizeof entry->text, "%s", limit);
        strcpy(entry[pairs].style, "with lines lw 5 lc rgb '#d4d4d4'");
    }
    fps_drawing_legend(d, entry, pairs + (limit != NULL));
}

/* One panel per group and exponent of the list. */
static fps_status figure(fps_drawing *d, const fps_critical_exponent *exponent, int exponents, const char *words,
                         const char *limit, const char *missing) {
    fps_critical_group *group;
    char remark[80], fixed[256], subtitle[512];
    int groups, pair[CURVES];
    FPS_TRY(fps_critical_groups_read(d, GROUPS, &group, &groups, remark, sizeof remark));
    fps_status status = FPS_OK;
    int known = 0;
    for (int g = 0; g < groups; g++) {
        int here = known_pairs(&group[g], exponent[0]);
        known = here > known ? here : known;
    }
    if (known == 0) {
        status = fps_fail(FPS_ERROR_INPUT, "%s", missing);
        goto done;
    }
    int pairs = fps_critical_choose(known, CURVES, pair);
    fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed);
    snprintf(subtitle, sizeof subtitle, "%s; mean over data sets%s%s%s", words, fixed[0] ? "; " : "", fixed, remark);
    d->legend_height = 34;
    if (exponents == 2)
        d->columns = groups > 1 ? 4 : 2;
    fps_drawing_begin(d, groups * exponents, subtitle);
    for (int g = 0; g < groups; g++)
        for (int e = 0; e < exponents; e++)
            draw_panel(d, g * exponents + e, &group[g], exponent[e], pair, pairs);
    write_legend(d, &group[0].ladders, pair, pairs, limit);
done:
    fps_critical_groups_release(group, groups);
    return status;
}

fps_status fps_figure_exponents(fps_drawing *d) {
    static const fps_critical_exponent both[] = {FPS_CRITICAL_ENERGY, FPS_CRITICAL_NORM};
    return figure(d, both, 2, "Slopes from rung to rung: E has a kink at \xce\xb1 = d, |h| has kinks at d/2 and d",
                  "M to infinity", "there is nothing to draw: an exponent needs two rungs of the ladder");
}

fps_status fps_figure_spikes(fps_drawing *d) {
    static const fps_critical_exponent spike[] = {FPS_CRITICAL_SPIKE};
    return figure(d, spike, 1,
                  "How the half-width of a spike shrinks, averaged over one ripple: exponent 1/2 at \xce\xb1 = d", NULL,
                  "this file has no spike widths: its sweep did not ask for record: {keep: [spike]}");
}
