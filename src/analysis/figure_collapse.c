/* figure_collapse.c: one sample in 1-D: the kinks of all band limits on one curve, beta L = z / (1 - e^-z). */
#include <math.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"
#include "fpsweep/critical.h"

enum { CURVES = 5, GROUPS = 64 };

/* Block of one rung: z, beta L, deviation from the law. Widens the ranges. */
static void write_rung(fps_drawing *d, const fps_critical_group *group, int k, const char *block, double z_range[2],
                       double *highest) {
    const fps_ladders *l = &group->ladders;
    char comment[200], name[32];
    snprintf(comment, sizeof comment, "%s; z = (1 - alpha) L, beta L, |beta L - z/(1 - e^-z)|, alpha",
             fps_critical_rung_name(l->band_limit[k], name));
    fps_drawing_block_begin(d, block, comment);
    for (int64_t a = 0; a < l->alphas; a++) {
        double alpha = l->alpha[a], length = group->quantities.log_cutoff[k * l->alphas + a];
        double y = group->quantities.beta[k * l->alphas + a] * length, z = (1 - alpha) * length;
        if (isnan(y) || alpha < 0.3 - 1e-9 || alpha > 1.8 + 1e-9)
            continue;
        double off = fabs(y - fps_critical_collapse(z));
        fps_drawing_number(d, z);
        fps_drawing_number(d, y);
        fps_drawing_number(d, off > 0 ? off : NAN);
        fprintf(d->data, " %.7g\n", alpha);
        z_range[0] = fmin(z_range[0], z);
        z_range[1] = fmax(z_range[1], z);
        *highest = fmax(*highest, y);
    }
    fps_drawing_block_end(d);
}

static void draw(fps_drawing *d, const fps_critical_group *group, const int *rung, int rungs) {
    double z[2] = {0, 0}, highest = 1;
    char block[32], color[8];
    fps_drawing_panel(d, 0,
                      "one curve, no free parameter: \xce\xb2"
                      "L = z / (1 - e\xe2\x81\xbb\xe1\xb6\xbb)",
                      "z = (1 - \xce\xb1) L,  L = log(X / X0(\xce\xb1))", "\xce\xb2 L");
    for (int c = 0; c < rungs; c++) {
        snprintf(block, sizeof block, "m%d", c);
        write_rung(d, group, rung[c], block, z, &highest);
    }
    double margin = 0.04 * (z[1] - z[0]);
    fprintf(d->script,
            "set xrange [%.7g:%.7g]\nset yrange [%.7g:%.7g]\nset format '%%g'\nset samples 400\nset pointintervalbox "
            "0\nplot "
            "(abs(x) < 1e-8 ? 1 : x / (1 - exp(-x))) with lines lw 4 lc rgb '#d4d4d4' notitle",
            z[0] - margin, z[1] + margin, -0.03 * highest, 1.05 * highest);
    for (int c = 0; c < rungs; c++)
        fprintf(d->script, ", $m%d using 1:2 with points pt 7 ps 0.6 lc rgb '%s' notitle", c,
                fps_palette_curve(c, rungs, color));
    fprintf(d->script, "\n");
    fps_drawing_panel(d, 1, "what deviates from it", "z", "|\xce\xb2L - z / (1 - e\xe2\x81\xbb\xe1\xb6\xbb)|");
    fprintf(d->script, "set logscale y\nset format y '10^{%%L}'\nset yrange [1e-16:1]\nplot ");
    for (int c = 0; c < rungs; c++)
        fprintf(d->script, "%s$m%d using 1:3 with linespoints pt 7 ps 0.5 lw 1.4 lc rgb '%s' notitle", c ? ", " : "", c,
                fps_palette_curve(c, rungs, color));
    fprintf(d->script, "\nunset logscale y\n");
}

fps_status fps_figure_collapse(fps_drawing *d) {
    fps_critical_group *group;
    char remark[80], subtitle[512];
    int groups, rung[CURVES], which = 0;
    FPS_TRY(fps_critical_groups_read(d, GROUPS, &group, &groups, remark, sizeof remark));
    while (which < groups && !(group[which].quantities.kink && group[which].ladders.outcome[FPS_DONE] > 0))
        which++;
    fps_status status = FPS_OK;
    if (which == groups) {
        status = fps_fail(FPS_ERROR_INPUT,
                          "the collapse is about one sample in one dimension: no selected task has samples 1");
        goto done;
    }
    const fps_ladders *l = &group[which].ladders;
    int rungs = fps_critical_choose(l->rungs, CURVES, rung);
    snprintf(subtitle, sizeof subtitle,
             "\xce\xb2 = -dlogE/dlogX of one sample, decay rates from 0.3 to 1.8, frequency step %.4g; X0(\xce\xb1) is "
             "known "
             "in closed form",
             l->frequency_step);
    d->legend_height = 34;
    d->panel_width = 400;
    d->panel_height = 290;
    fps_drawing_begin(d, 2, subtitle);
    draw(d, &group[which], rung, rungs);
    fps_legend_entry entry[CURVES + 1] = {0};
    for (int c = 0; c < rungs; c++) {
        char color[8], name[32];
        snprintf(entry[c].text, sizeof entry->text, "%s", fps_critical_rung_name(l->band_limit[rung[c]], name));
        snprintf(entry[c].style, sizeof entry->style, "with points pt 7 ps 0.7 lc rgb '%s'",
                 fps_palette_curve(c, rungs, color));
    }
    strcpy(entry[rungs].text, "z / (1 - e\xe2\x81\xbb\xe1\xb6\xbb)");
    strcpy(entry[rungs].style, "with lines lw 4 lc rgb '#d4d4d4'");
    fps_drawing_legend(d, entry, rungs + 1);
done:
    fps_critical_groups_release(group, groups);
    return status;
}
