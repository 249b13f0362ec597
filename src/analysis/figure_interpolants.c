/* figure_interpolants.c: the solutions of the variational problem by decay rate and band limit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/figure_critical.h"
#include "analysis/palette.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

enum { CURVES = 5 };

/* One task to draw, and its solutions. */
typedef struct solution {
    int64_t task, group;
    fps_task parameters;
    int64_t records, points; /* R, G */
    double *value;           /* [R, G] */
    double *x, *y;           /* samples [n, d] and labels [n]; NULL if not kept */
    int64_t samples;
} solution;

static void release_solutions(solution *s, int count) {
    for (int i = 0; s && i < count; i++) {
        fps_free(s[i].y);
        fps_free(s[i].x);
        fps_free(s[i].value);
    }
    fps_free(s);
}

static int by_group_and_rate(const void *a, const void *b) {
    const solution *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->parameters.decay_rate > y->parameters.decay_rate) -
           (x->parameters.decay_rate < y->parameters.decay_rate);
}

/* The first done task of every group and decay rate, at most FPS_DRAWING_PANELS. */
static fps_status list_solutions(fps_drawing *d, solution **out, int *count) {
    solution *s;
    int n = 0;
    FPS_TRY(FPS_ALLOC(s, FPS_DRAWING_PANELS));
    for (int64_t g = 0; g < d->grouping->groups; g++)
        for (int64_t j = 0; j < fps_grouping_size(d->grouping, g) && n < FPS_DRAWING_PANELS; j++) {
            solution next = {.task = fps_grouping_task(d->grouping, g, j), .group = g};
            bool known = d->learning->row[next.task].outcome != FPS_DONE;
            fps_plan_task(d->plan, next.task, &next.parameters);
            for (int i = 0; i < n; i++)
                known |= s[i].group == g && s[i].parameters.decay_rate == next.parameters.decay_rate;
            if (!known)
                s[n++] = next;
        }
    qsort(s, (size_t)n, sizeof *s, by_group_and_rate);
    *out = s;
    *count = n;
    return FPS_OK;
}

static fps_status read_solution(fps_drawing *d, solution *s) {
    const fps_record_spec *spec = fps_plan_record(d->plan);
    fps_extent extent;
    fps_task_extent(&s->parameters, spec, &extent);
    s->records = extent.size[FPS_RECORD];
    s->points = extent.size[FPS_GRID];
    s->samples = extent.size[FPS_SAMPLE];
    FPS_TRY(FPS_ALLOC(s->value, s->records * s->points));
    FPS_TRY(fps_reader_result(d->reader, s->task, FPS_RESULT_INTERPOLANT_ON_GRID, s->value));
    if (!(spec->keep & FPS_KEEP_PARAMETERS))
        return FPS_OK;
    FPS_TRY(FPS_ALLOC(s->x, s->samples * s->parameters.dimension));
    FPS_TRY(FPS_ALLOC(s->y, s->samples));
    FPS_TRY(fps_reader_result(d->reader, s->task, FPS_RESULT_SAMPLE_X, s->x));
    return fps_reader_result(d->reader, s->task, FPS_RESULT_SAMPLE_Y, s->y);
}

static void find_range(const solution *s, int count, const int *rung, int rungs, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < count; i++)
        for (int c = 0; c < rungs; c++)
            for (int64_t g = 0; g < s[i].points; g++) {
                double v = s[i].value[rung[c] * s[i].points + g];
                if (isfinite(v)) {
                    *low = fmin(*low, v);
                    *high = fmax(*high, v);
                }
            }
    if (!(*low < *high)) {
        *low -= 0.5;
        *high += 0.5;
    }
}

/* "samples=9, alpha = 0.5" */
static void make_title(const fps_drawing *d, const solution *s, char *title, size_t size) {
    char label[256];
    fps_grouping_label(d->grouping, s->group, true, label, sizeof label);
    snprintf(title, size, "\xce\xb1 = %.4g%s%.200s", s->parameters.decay_rate, label[0] ? ", " : "", label);
}

/* Block of the samples: coordinates, label. */
static void write_samples(fps_drawing *d, const solution *s, const char *block) {
    fps_drawing_block_begin(d, block, "samples: coordinates, label");
    for (int64_t i = 0; s->x && i < s->samples; i++) {
        for (int64_t a = 0; a < s->parameters.dimension; a++)
            fprintf(d->data, "%.9g ", s->x[i * s->parameters.dimension + a]);
        fprintf(d->data, "%.7g\n", s->y[i]);
    }
    fps_drawing_block_end(d);
}

/* Coordinate of midpoint g of an axis. */
static double place(const fps_task *task, int axis, int64_t g) {
    double low = task->domain[axis][0], high = task->domain[axis][1];
    return low + (high - low) * ((double)g + 0.5) / (double)task->grid_points;
}

/* ---- one dimension: a panel per solution, a line per rung ---- */

static void draw_lines(fps_drawing *d, int panel, const solution *s, const int *rung, int rungs, double low,
                       double high) {
    char block[32], samples[32], title[512], comment[600], color[8], name[32];
    const fps_record_spec *spec = fps_plan_record(d->plan);
    make_title(d, s, title, sizeof title);
    snprintf(block, sizeof block, "s%d", panel);
    snprintf(samples, sizeof samples, "x%d", panel);
    int used = snprintf(comment, sizeof comment, "%.300s; x, interpolant at", title);
    for (int c = 0; c < rungs; c++)
        used += snprintf(comment + used, sizeof comment - (size_t)used, "%s %s", c ? "," : "",
                         fps_critical_rung_name(spec->ladder[rung[c]], name));
    fps_drawing_block_begin(d, block, comment);
    for (int64_t g = 0; g < s->points; g++) {
        fprintf(d->data, "%.9g", place(&s->parameters, 0, g));
        for (int c = 0; c < rungs; c++)
            fps_drawing_number(d, s->value[rung[c] * s->points + g]);
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
    write_samples(d, s, samples);
    fps_drawing_panel(d, panel, title, "x", "h(x)");
    double margin = 0.06 * (high - low);
    fprintf(d->script, "set xrange [%.9g:%.9g]\nset yrange [%.7g:%.7g]\nset format '%%g'\nplot ",
            s->parameters.domain[0][0], s->parameters.domain[0][1], low - margin, high + margin);
    for (int c = 0; c < rungs; c++)
        fprintf(d->script, "$%s using 1:%d with lines lw 1.6 lc rgb '%s' notitle, ", block, c + 2,
                fps_palette_curve(c, rungs, color));
    if (s->x)
        fprintf(d->script, "$%s using 1:2 with points pt 6 ps 0.9 lw 1.4 lc rgb '#c03028' notitle\n", samples);
    else
        fprintf(d->script, "NaN notitle\n");
}

/* ---- two dimensions: a row per solution, a picture per rung ---- */

static void draw_picture(fps_drawing *d, int panel, const solution *s, int rung, double low, double high) {
    char block[32], samples[32], title[512], with_rung[600], name[32];
    const fps_task *t = &s->parameters;
    make_title(d, s, title, sizeof title);
    snprintf(with_rung, sizeof with_rung, "%s, %.500s",
             fps_critical_rung_name(fps_plan_record(d->plan)->ladder[rung], name), title);
    snprintf(block, sizeof block, "s%d", panel);
    snprintf(samples, sizeof samples, "x%d", panel);
    fps_drawing_block_begin(d, block, with_rung);
    for (int64_t i = 0; i < t->grid_points; i++)
        for (int64_t j = 0; j < t->grid_points; j++)
            fprintf(d->data, "%.7g %.7g %.5g\n", place(t, 0, i), place(t, 1, j),
                    s->value[rung * s->points + i * t->grid_points + j]);
    fps_drawing_block_end(d);
    write_samples(d, s, samples);
    fps_drawing_panel(d, panel, with_rung, "x1", "x2");
    fprintf(d->script,
            "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset cbrange [%.7g:%.7g]\nset format '%%g'\nset grid "
            "noxtics noytics\n",
            t->domain[0][0], t->domain[0][1], t->domain[1][0], t->domain[1][1], low, high);
    if (panel == d->panels - 1)
        fprintf(d->script,
                "set colorbox vertical user origin screen %.5f, screen 0.25 size screen %.5f, screen 0.5\n"
                "set cblabel 'h(x)' noenhanced offset 0.5,0\n",
                1 - 84.0 / d->width, 13.0 / d->width);
    else
        fprintf(d->script, "unset colorbox\n");
    fprintf(d->script, "plot $%s using 1:2:3 with image notitle", block);
    if (s->x)
        fprintf(d->script, ", $%s using 1:2 with points pt 6 ps 0.7 lw 1 lc rgb '#ffffff' notitle", samples);
    fprintf(d->script, "\n");
}

/* ---- both ---- */

static fps_status draw_1d(fps_drawing *d, const solution *s, int count, const char *subtitle) {
    const fps_record_spec *spec = fps_plan_record(d->plan);
    int rung[CURVES], rungs = fps_critical_choose(spec->rungs, CURVES, rung);
    fps_legend_entry entry[CURVES + 1] = {0};
    double low, high;
    find_range(s, count, rung, rungs, &low, &high);
    d->legend_height = 34;
    d->columns = count > 4 && count % 4 == 0 ? 4 : 0;
    fps_drawing_begin(d, count, subtitle);
    for (int i = 0; i < count; i++)
        draw_lines(d, i, &s[i], rung, rungs, low, high);
    for (int c = 0; c < rungs; c++) {
        char color[8], name[32];
        snprintf(entry[c].text, sizeof entry->text, "%s", fps_critical_rung_name(spec->ladder[rung[c]], name));
        snprintf(entry[c].style, sizeof entry->style, "with lines lw 2 lc rgb '%s'",
                 fps_palette_curve(c, rungs, color));
    }
    strcpy(entry[rungs].text, "data");
    strcpy(entry[rungs].style, "with points pt 6 ps 0.9 lw 1.4 lc rgb '#c03028'");
    fps_drawing_legend(d, entry, rungs + (s[0].x != NULL));
    return FPS_OK;
}

static fps_status draw_2d(fps_drawing *d, const solution *s, int count, const char *subtitle) {
    const fps_record_spec *spec = fps_plan_record(d->plan);
    int rung[CURVES], most = FPS_DRAWING_PANELS / count;
    int rungs = fps_critical_choose(spec->rungs, most < 1 ? 1 : most < CURVES ? most : CURVES, rung);
    double low, high;
    find_range(s, count, rung, rungs, &low, &high);
    d->right = 100;
    d->columns = rungs;
    d->panel_width = d->panel_height = 210; /* squares */
    fps_drawing_begin(d, count * rungs, subtitle);
    for (int i = 0; i < count; i++)
        for (int c = 0; c < rungs; c++)
            draw_picture(d, i * rungs + c, &s[i], rung[c], low, high);
    return FPS_OK;
}

fps_status fps_figure_interpolants(fps_drawing *d) {
    char fixed[256], subtitle[512];
    if (!(fps_plan_record(d->plan)->keep & FPS_KEEP_FUNCTION))
        return fps_fail(FPS_ERROR_INPUT,
                        "this file has no functions: its sweep did not ask for record: {keep: [function]}");
    if (fps_plan_extent(d->plan)->size[FPS_GRID] == 0)
        return fps_fail(FPS_ERROR_INPUT, "this sweep's targets are known at the samples only: give an expression as "
                                         "target to have the interpolants on a grid");
    solution *s = NULL;
    int count = 0;
    fps_status status = FPS_OK;
    FPS_TRY_GOTO(status, list_solutions(d, &s, &count), done);
    if (count == 0) {
        status = fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
        goto done;
    }
    for (int i = 0; i < count; i++) {
        if (s[i].parameters.dimension != s[0].parameters.dimension || s[i].parameters.dimension > 2) {
            status =
                fps_fail(FPS_ERROR_INPUT, "interpolants are drawn in one dimension or in two: choose with --where");
            goto done;
        }
        FPS_TRY_GOTO(status, read_solution(d, &s[i]), done);
    }
    fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed);
    snprintf(subtitle, sizeof subtitle,
             "The function of smallest energy \xe2\x88\xab<\xce\xbe>^\xce\xb1 |\xcf\x86|\xc2\xb2 d\xce\xbe through the "
             "data, band limited to M%s%s%s",
             fixed[0] ? "; " : "", fixed, count == FPS_DRAWING_PANELS ? " - the first 16" : "");
    status = (s[0].parameters.dimension == 1 ? draw_1d : draw_2d)(d, s, count, subtitle);
done:
    release_solutions(s, count);
    return status;
}
