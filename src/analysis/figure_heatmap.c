/* figure_heatmap.c: residual by frequency and step. */
#include <math.h>
#include <string.h>

#include "analysis/band.h"
#include "analysis/drawing.h"

static const double lowest = 1e-3; /* of the colour scale; the highest is 1 */

/* Edges of a cell between the places of its neighbours; the outer ones as wide as the inner. */
static double edge(const double *at, int64_t n, int64_t i, bool logarithmic) {
    if (n == 1)
        return i == 0 ? at[0] * 0.9 : at[0] * 1.1;
    if (logarithmic) {
        if (i == 0)
            return at[0] * at[0] / edge(at, n, 1, true);
        return i == n ? at[n - 1] * at[n - 1] / edge(at, n, n - 1, true) : sqrt(at[i - 1] * at[i]);
    }
    if (i == 0)
        return 2 * at[0] - edge(at, n, 1, false);
    return i == n ? 2 * at[n - 1] - edge(at, n, n - 1, false) : (at[i - 1] + at[i]) / 2;
}

/* The block of one group: cells with their edges, ready for boxes. */
static void write_cells(fps_drawing *d, const fps_band *band, int64_t place, const char *block, const char *label) {
    const double *xi = band->xi + place;
    char comment[400];
    int64_t first = band->step[0] > 0 ? 0 : 1; /* step 0 has no place on a logarithmic axis */
    const double *step = band->step + first;
    int64_t n = band->records - first, k_count = band->frequencies;
    snprintf(comment, sizeof comment,
             "%s; step, xi, edges of the cell: step from, to, xi from, to, |H-F|/max|F| (median over %lld tasks)",
             label, (long long)band->tasks);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < k_count; k++) {
            double v = band->median[(i + first) * band->places + place + k];
            if (isnan(v))
                continue;
            fprintf(d->data, "%.0f %.7g %.7g %.7g %.7g %.7g", step[i], xi[k], edge(step, n, i, true),
                    edge(step, n, i + 1, true), edge(xi, k_count, k, false), edge(xi, k_count, k + 1, false));
            fps_drawing_number(d, v > 0 ? v : lowest / 10);
            fputc('\n', d->data);
        }
    fps_drawing_block_end(d);
}

static fps_status draw_panel(fps_drawing *d, int panel) {
    char label[256], block[32];
    fps_band band;
    FPS_TRY(fps_band_gather(d->learning, d->grouping, panel, FPS_BAND_RESIDUAL, &band));
    fps_drawing_group_title(d, panel, label, sizeof label);
    fps_drawing_panel(d, panel, label, "training step", "frequency \xce\xbe (cycles per unit length)");
    if (band.tasks == 0 || band.records < 2) {
        fps_drawing_panel_empty(d);
        fprintf(d->script, "set xrange [1:10]\nset yrange [0:1]\nunset label 10\nplot NaN notitle\n");
        fps_band_release(&band);
        return FPS_OK;
    }
    snprintf(block, sizeof block, "g%d", panel);
    const int64_t place = fps_drawing_group_place(d, panel);
    const double *xi = band.xi + place;
    write_cells(d, &band, place, block, label);
    int64_t first = band.step[0] > 0 ? 0 : 1, n = band.records - first, k_count = band.frequencies;
    fprintf(d->script,
            "set logscale x\nset format x '10^{%%L}'\nset logscale cb\nset cbrange [%g:1]\nset format cb '10^{%%L}'\n"
            "set xrange [%.7g:%.7g]\nset yrange [%.7g:%.7g]\nset grid noxtics noytics\n",
            lowest, edge(band.step + first, n, 0, true), edge(band.step + first, n, n, true),
            edge(xi, k_count, 0, false), edge(xi, k_count, k_count, false));
    /* Marks at the right edge: frequencies that the target has. */
    int marks = 0;
    for (int64_t k = 0; k < k_count; k++)
        if (band.learnable[place + k])
            fprintf(d->script, "set label %d '\xe2\x97\x82' at graph 1.005, first %.7g left font ',8'\n", 10 + marks++,
                    xi[k]);
    if (panel == d->panels - 1)
        fprintf(d->script,
                "set colorbox vertical user origin screen %.5f, screen 0.25 size screen %.5f, screen 0.5\n"
                "set cblabel '|H-F| / max|F|' noenhanced offset 0.5,0\n",
                1 - 84.0 / d->width, 13.0 / d->width);
    else
        fprintf(d->script, "unset colorbox\n");
    /* Each box reaches over its right and upper neighbours, which are drawn later: no seams between them. */
    fprintf(
        d->script,
        "plot $%s using 1:2:3:($4*$4/$3):5:($6+0.1*($6-$5)):7 with boxxyerror fs solid 1 noborder lc palette notitle\n",
        block);
    for (int m = 0; m < marks; m++)
        fprintf(d->script, "unset label %d\n", 10 + m);
    fps_band_release(&band);
    return FPS_OK;
}

fps_status fps_figure_heatmap(fps_drawing *d) {
    char remark[512], subtitle[768];
    int panels = fps_drawing_group_panels(d, remark, sizeof remark);
    bool something = false;
    for (int64_t i = 0; i < fps_plan_count(d->plan) && !something; i++)
        something = d->learning->row[i].outcome == FPS_DONE && (!d->selected || d->selected[i]);
    if (!something)
        return fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
    snprintf(subtitle, sizeof subtitle,
             "What is left of the error at each frequency, median over seeds; marks: frequencies of the target%s",
             remark);
    d->right = 100;
    d->columns = fps_drawing_group_columns(d, panels);
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++)
        FPS_TRY(draw_panel(d, g));
    return FPS_OK;
}
