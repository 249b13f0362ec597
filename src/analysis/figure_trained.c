/* figure_trained.c: the critical decay rate from trained networks beside that of the solved problem. */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"
#include "fpsweep/memory.h"
#include "fpsweep/twins.h"

enum { GROUPS = 6 };

/* Differences that are exactly 0 are drawn here. */
#define SMALLEST 1e-16

/* One group of networks with its twin. */
typedef struct pair {
    fps_twins twins;
    fps_critical_quantities trained, solved;
    char label[256];
} pair;

static void release(pair *p, int count) {
    for (int g = 0; p && g < count; g++) {
        fps_critical_release(&p[g].solved);
        fps_critical_release(&p[g].trained);
        fps_twins_release(&p[g].twins);
    }
    fps_free(p);
}

static fps_status read_pairs(fps_drawing *d, const fps_grouping *grouping, int count, pair *p) {
    for (int g = 0; g < count; g++) {
        FPS_TRY(fps_twins_read(d->reader, d->learning->row, grouping, g, &p[g].twins));
        FPS_TRY(fps_critical_derive(&p[g].twins.trained, &p[g].trained));
        FPS_TRY(fps_critical_derive(&p[g].twins.solved, &p[g].solved));
        fps_grouping_label(grouping, g, true, p[g].label, sizeof p[g].label);
    }
    return FPS_OK;
}

/* Blocks trainedG and solvedG: M, alpha_c - d, u, sd; blocks differenceG: M, |alpha_c - d|, u, |trained - solved|. */
static void write_blocks(fps_drawing *d, const pair *p, int g) {
    char block[32], comment[400];
    const int dimension = p->twins.trained.dimension;
    for (int which = 0; which < 2; which++) {
        const fps_critical_quantities *q = which ? &p->solved : &p->trained;
        snprintf(block, sizeof block, "%s%d", which ? "solved" : "trained", g);
        snprintf(comment, sizeof comment, "%.200s %s; M, alpha_c - d, u, sd over data sets", p->label,
                 which ? "solved" : "trained");
        fps_drawing_block_begin(d, block, comment);
        for (int k = 0; k < q->triples; k++) {
            if (q->triple[k].alpha_c.n == 0)
                continue;
            fprintf(d->data, "%lld", (long long)q->triple[k].band_limit);
            fps_drawing_number(d, q->triple[k].alpha_c.value - dimension);
            fps_drawing_number(d, q->triple[k].alpha_c.uncertainty);
            fps_drawing_number(d, q->triple[k].sd);
            fputc('\n', d->data);
        }
        fps_drawing_block_end(d);
    }
    snprintf(block, sizeof block, "difference%d", g);
    snprintf(comment, sizeof comment, "%.200s; M, |alpha_c - d| trained, u, |alpha_c trained - solved|", p->label);
    fps_drawing_block_begin(d, block, comment);
    for (int k = 0; k < p->trained.triples; k++) {
        const fps_estimate trained = p->trained.triple[k].alpha_c;
        if (trained.n == 0)
            continue;
        fprintf(d->data, "%lld", (long long)p->trained.triple[k].band_limit);
        fps_drawing_number(d, fabs(trained.value - dimension));
        fps_drawing_number(d, trained.uncertainty);
        fps_drawing_number(d, fmax(fabs(trained.value - p->solved.triple[k].alpha_c.value), SMALLEST));
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
}

/* Where group g of n stands beside the others on the logarithmic axis. */
static double shift(int g, int n, int solved) {
    return exp(0.22 * (g - 0.5 * (n - 1)) + (solved ? 0.09 : -0.02));
}

static void draw_values(fps_drawing *d, int count) {
    char color[8];
    fps_drawing_panel(d, 0, "filled: trained, open: solved; bars: u, pale: sd",
                      "band limit M of the lowest of three rungs", "\xce\xb1_c - d");
    fprintf(d->script, "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead lc rgb '#999999' lw 1\nplot ");
    for (int g = 0; g < count; g++)
        fprintf(d->script,
                "$trained%d using ($1*%.4f):($4 == $4 ? $2 : NaN):4 with yerrorbars pt 0 lw 6 lc rgb '#dcdcdc' "
                "notitle, '' using "
                "($1*%.4f):2:3 with yerrorbars pt 7 ps 0.8 lw 1.4 lc rgb '%s' notitle, $solved%d using "
                "($1*%.4f):2:3 with yerrorbars pt 6 ps 0.9 lw 1.2 lc rgb '%s' notitle, ",
                g, shift(g, count, 0), shift(g, count, 0), fps_palette_curve(g, count + 1, color), g,
                shift(g, count, 1), color);
    fprintf(d->script, "NaN notitle\nunset arrow 1\n");
}

static void draw_differences(fps_drawing *d, int count) {
    char color[8];
    fps_drawing_panel(d, 1, "points: |\xce\xb1_c - d|, lines: u, crosses: |trained - solved|",
                      "band limit M of the lowest of three rungs", "");
    fprintf(d->script, "set logscale y\nset format y '10^{%%L}'\nset yrange [%g:1]\nplot ", SMALLEST / 3);
    for (int g = 0; g < count; g++)
        fprintf(d->script,
                "$difference%d using 1:3 with lines lw 1.4 lc rgb '%s' notitle, '' using 1:2 with points pt 7 ps 0.8 "
                "lc rgb '%s' notitle, '' using 1:4 with points pt 2 ps 0.8 lw 1.4 lc rgb '%s' notitle, ",
                g, fps_palette_curve(g, count + 1, color), color, color);
    fprintf(d->script, "NaN notitle\nunset logscale y\n");
}

static void draw(fps_drawing *d, const fps_grouping *grouping, const pair *p, int count) {
    char fixed[256], subtitle[512];
    const fps_ladders *l = &p[0].twins.trained;
    double residual = 0;
    for (int g = 0; g < count; g++) {
        residual = fmax(residual, p[g].twins.residual);
        write_blocks(d, &p[g], g);
    }
    fps_grouping_label(grouping, 0, false, fixed, sizeof fixed);
    snprintf(
        subtitle, sizeof subtitle,
        "from |a|^2 and summed residuals of networks trained until %.0e of the labels is left; bars: 95 %% over %lld "
        "data sets%s%s",
        residual, (long long)p[count - 1].twins.trained.data_sets, fixed[0] ? "; " : "", fixed);
    d->legend_height = 34;
    d->panel_width = 420;
    d->panel_height = 300;
    fps_drawing_begin(d, 2, subtitle);
    fprintf(d->script, "set pointintervalbox 0\nset logscale x\nset xrange [%.7g:%.7g]\n",
            (double)l->band_limit[0] / 1.9, (double)l->band_limit[p[0].trained.triples - 1] * 1.9);
    draw_values(d, count);
    draw_differences(d, count);
    fps_legend_entry entry[GROUPS] = {0};
    for (int g = 0; g < count; g++) {
        char color[8];
        snprintf(entry[g].text, sizeof entry->text, "%.63s", p[g].label[0] ? p[g].label : "all networks");
        snprintf(entry[g].style, sizeof entry->style, "with points pt 7 ps 0.8 lc rgb '%s'",
                 fps_palette_curve(g, count + 1, color));
    }
    fprintf(d->script, "unset logscale x\n");
    fps_drawing_legend(d, entry, count);
}

fps_status fps_figure_trained(fps_drawing *d) {
    fps_grouping *grouping = NULL;
    pair *p = NULL;
    int count = 0;
    fps_status status;
    if (!fps_twins_has(d->plan, d->selected))
        return fps_fail(FPS_ERROR_INPUT, "figure trained needs networks of depth 0 with a decay_rate, started at 0 "
                                         "without biases, at three band limits or more, and record: {keep: "
                                         "[multipliers]}");
    FPS_TRY_GOTO(status, fps_grouping_create_ladders(d->plan, d->selected, &grouping), done);
    count = grouping->groups < GROUPS ? (int)grouping->groups : GROUPS;
    FPS_TRY_GOTO(status, FPS_ALLOC(p, count), done);
    FPS_TRY_GOTO(status, read_pairs(d, grouping, count, p), done);
    bool found = false;
    for (int g = 0; g < count; g++)
        for (int k = 0; k < p[g].trained.triples; k++)
            found |= p[g].trained.triple[k].alpha_c.n > 0;
    if (!found)
        status = fps_fail(FPS_ERROR_INPUT, "there is nothing to draw: alpha_c needs three rungs that are done, and a "
                                           "decay rate on either side of the dimension");
    else
        draw(d, grouping, p, count);
done:
    release(p, count);
    fps_grouping_destroy(&grouping);
    return status;
}
