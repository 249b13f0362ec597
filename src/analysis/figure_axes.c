/* figure_axes.c: error at the end, or tau, by axis values. */
#include <math.h>
#include <string.h>

#include "analysis/drawing.h"
#include "analysis/palette.h"
#include "fpsweep/analysis.h"
#include "fpsweep/memory.h"

enum { CURVES = 5 };

/* One number per task and chosen frequency. */
typedef struct numbers {
    int64_t count; /* done tasks */
    int64_t *task;
    int curves;
    double xi[CURVES];
    double *value[CURVES]; /* value[curve][count]; INFINITY: never reached; NAN: the target has no power there */
    double *scratch;
} numbers;

static void release_numbers(numbers *n) {
    fps_free(n->task);
    fps_free(n->scratch);
    for (int c = 0; c < CURVES; c++)
        fps_free(n->value[c]);
}

static fps_status read_numbers(fps_drawing *d, bool tau, numbers *n) {
    int64_t tasks = fps_plan_count(d->plan), place[CURVES];
    FPS_TRY(FPS_ALLOC(n->task, tasks));
    FPS_TRY(FPS_ALLOC(n->scratch, tasks));
    for (int c = 0; c < CURVES; c++)
        FPS_TRY(FPS_ALLOC(n->value[c], tasks));
    for (int64_t i = 0; i < tasks; i++) {
        if ((d->selected && !d->selected[i]) || d->learning->row[i].outcome != FPS_DONE)
            continue;
        const fps_learning *l = d->learning;
        FPS_TRY(fps_learning_read(d->learning, i));
        const int64_t first = fps_drawing_first_place(d, &l->task); /* of tasks of other dimensions another one */
        if (n->count == 0) {
            n->curves = fps_learning_choose(l, first / l->frequencies, CURVES, place);
            for (int c = 0; c < n->curves; c++) {
                n->xi[c] = l->xi[place[c]];
                place[c] -= first;
            }
        }
        for (int c = 0; c < n->curves; c++) {
            const int64_t p = first + place[c];
            bool there = l->learnable[p];
            double v = !there ? NAN : tau ? l->tau[p] : l->error[p];
            n->value[c][n->count] = there && tau && isnan(v) ? INFINITY : v;
        }
        n->task[n->count++] = i;
    }
    return FPS_OK;
}

/* Quartiles of a curve over the tasks with one coordinate of a factor. */
static void quartiles(const fps_drawing *d, numbers *n, int curve, int factor, int64_t coordinate, double out[3]) {
    int64_t found = 0;
    for (int64_t i = 0; i < n->count; i++)
        if (fps_plan_coordinate(d->plan, n->task[i], factor) == coordinate)
            n->scratch[found++] = n->value[curve][i];
    for (int q = 0; q < 3; q++)
        out[q] = fps_analysis_quantile(n->scratch, found, 0.25 * (q + 1));
}

/* Task with a coordinate of a factor, or -1. */
static int64_t task_with(const fps_drawing *d, const numbers *n, int factor, int64_t coordinate) {
    for (int64_t i = 0; i < n->count; i++)
        if (fps_plan_coordinate(d->plan, n->task[i], factor) == coordinate)
            return n->task[i];
    return -1;
}

/* "tanh", "64:256" for a zip item; names = its parameters instead of the values. */
static void format_factor(const fps_drawing *d, int factor, int64_t task, bool names, char *buffer, size_t size) {
    fps_plan_factor f = fps_plan_factor_at(d->plan, factor);
    fps_task t;
    fps_plan_task(d->plan, task, &t);
    buffer[0] = '\0';
    for (int p = 0; p < f.parameters; p++) {
        const fps_parameter *parameter = &fps_parameters[f.parameter[p]];
        char value[128];
        size_t used = strlen(buffer);
        if (names)
            snprintf(value, sizeof value, "%s", parameter->name);
        else
            fps_parameter_format(parameter, &t, value, sizeof value);
        snprintf(buffer + used, size - used, "%s%s", p ? ":" : "", value);
    }
}

/* Would the labels of a factor's values touch each other? Then they are tilted. */
static bool is_crowded(const fps_drawing *d, const numbers *n, int factor, int panels) {
    int64_t count = fps_plan_factor_at(d->plan, factor).count, every = (count + 9) / 10;
    size_t longest = 0;
    for (int64_t v = 0; v < count; v += every) {
        char value[160];
        int64_t task = task_with(d, n, factor, v);
        if (task < 0)
            continue;
        format_factor(d, factor, task, false, value, sizeof value);
        longest = strlen(value) > longest ? strlen(value) : longest;
    }
    double width = panels == 1 ? 700 : 320;
    int64_t labels = (count + every - 1) / every;
    return (double)(longest + 1) * 6.5 * (double)labels > width;
}

/* Ticks: the values of a factor, every one or every so many. */
static void write_ticks(fps_drawing *d, const numbers *n, int factor, bool tilted) {
    int64_t count = fps_plan_factor_at(d->plan, factor).count, every = tilted ? (count + 15) / 16 : (count + 9) / 10;
    fprintf(d->script, "set xtics noenhanced %s (", tilted ? "rotate by 30 right" : "norotate center");
    for (int64_t v = 0, shown = 0; v < count; v += every) {
        char value[160];
        int64_t task = task_with(d, n, factor, v);
        if (task < 0)
            continue;
        format_factor(d, factor, task, false, value, sizeof value);
        if (tilted && strlen(value) > 16)
            strcpy(value + 14, "..");
        fputs(shown++ ? ", " : "", d->script);
        fps_drawing_quote(d->script, value);
        fprintf(d->script, " %lld", (long long)v);
    }
    fprintf(d->script, ")\n");
}

/* The block of one curve. A quartile that is never reached is no number here. */
static void write_curve(fps_drawing *d, numbers *n, int factor, int curve, const char *block) {
    char name[128], value[160], comment[256];
    format_factor(d, factor, n->task[0], true, name, sizeof name);
    snprintf(comment, sizeof comment,
             "%s, xi=%.6g; number of the value, median, 25 %%, 75 %%, 1 if half never reach it, value", name,
             n->xi[curve]);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t v = 0; v < fps_plan_factor_at(d->plan, factor).count; v++) {
        int64_t task = task_with(d, n, factor, v);
        double q[3];
        if (task < 0)
            continue;
        quartiles(d, n, curve, factor, v, q);
        format_factor(d, factor, task, false, value, sizeof value);
        fprintf(d->data, "%.4f", (double)v + (n->curves > 1 ? 0.3 * ((double)curve / (n->curves - 1) - 0.5) : 0));
        fps_drawing_number(d, q[1]);
        fps_drawing_number(d, q[0]);
        fps_drawing_number(d, q[2]);
        fprintf(d->data, " %d \"%s\"\n", isinf(q[1]) != 0, value);
    }
    fps_drawing_block_end(d);
}

/* Draw one factor: values side by side in their order, curves a little apart. Where the upper quartile is never reached
 * the bar ends at the top; where the median is not, there is a mark at the top instead of a point. */
static void draw_panel(fps_drawing *d, numbers *n, int panel, int factor, bool tilted, const char *y_label, double low,
                       double high) {
    char name[128], block[32], color[8];
    format_factor(d, factor, n->task[0], true, name, sizeof name);
    fps_drawing_panel(d, panel, name, "", y_label);
    fprintf(d->script,
            "unset logscale x\nset logscale y\nset format y '10^{%%L}'\nset xrange [-0.6:%.7g]\nset yrange "
            "[%.4g:%.4g]\n",
            (double)fps_plan_factor_at(d->plan, factor).count - 0.4, low, high);
    write_ticks(d, n, factor, tilted);
    for (int c = 0; c < n->curves; c++) {
        snprintf(block, sizeof block, "a%d_k%d", panel, c);
        write_curve(d, n, factor, c, block);
    }
    /* a column that is read as NaN makes all of a point undefined, but its text does not */
    fprintf(d->script, "from(y) = y == 0 ? %.7g : y\nto(c) = strcol(c) eq 'NaN' ? %.7g : column(c)\nplot ", low, high);
    for (int c = 0; c < n->curves; c++) {
        fps_palette_curve(c, n->curves, color);
        fprintf(d->script,
                "%s$a%d_k%d using 1:(from($3)):(0):(to(4)-from($3)) with vectors nohead lw 2 lc rgb '%s' notitle, '' "
                "using 1:2 with linespoints pt 7 ps 0.7 lw 1.2 lc rgb '%s' notitle, '' using 1:($5 > 0 ? %.7g : NaN) "
                "with points pt 8 ps 0.8 lc rgb '%s' notitle",
                c ? ", " : "", panel, c, color, color, high / 1.12, color);
    }
    fprintf(d->script, "\n");
}

/* Range of the medians and quartiles over all panels. */
static void find_range(fps_drawing *d, numbers *n, const int *factor, int panels, double *low, double *high) {
    for (int p = 0; p < panels; p++)
        for (int64_t v = 0; v < fps_plan_factor_at(d->plan, factor[p]).count; v++)
            for (int c = 0; c < n->curves; c++) {
                double q[3];
                quartiles(d, n, c, factor[p], v, q);
                for (int i = 0; i < 3; i++)
                    if (isfinite(q[i]) && q[i] > 0) {
                        *low = fmin(*low, q[i]);
                        *high = fmax(*high, q[i]);
                    }
            }
}

static fps_status draw(fps_drawing *d, bool tau, numbers *n) {
    int factor[FPS_DRAWING_PANELS], panels = 0;
    for (int f = 0; f < fps_plan_factors(d->plan) && panels < FPS_DRAWING_PANELS; f++)
        if (fps_plan_factor_at(d->plan, f).count > 1 && !fps_grouping_is_seed(d->plan, f))
            factor[panels++] = f;
    if (panels == 0)
        return fps_fail(FPS_ERROR_INPUT, "this sweep has no axis but seeds: nothing to compare");
    FPS_TRY(read_numbers(d, tau, n));
    double low = INFINITY, high = 0;
    find_range(d, n, factor, panels, &low, &high);
    if (!(high > 0))
        return fps_fail(FPS_ERROR_INPUT, n->count ? "there is nothing to draw: no frequency of the target was learnt"
                                                  : "there is nothing to draw yet: no selected task is done");
    low /= 1.6;
    high *= 1.6;
    char subtitle[256], direction[32];
    const char *comma = *fps_drawing_direction(d, direction) ? ", " : "";
    snprintf(subtitle, sizeof subtitle, "%s%s%s: median, quartiles, %lld tasks%s",
             tau ? "Step at which the frequency error falls below 0.5" : "Frequency error at the end", comma, direction,
             (long long)n->count, tau ? "; triangle: half never do" : "");
    bool tilted = false;
    for (int p = 0; p < panels; p++)
        tilted |= is_crowded(d, n, factor[p], panels);
    d->legend_height = 34;
    d->bottom = tilted ? 84 : 34;
    d->row_gap = tilted ? 104 : 56;
    fps_drawing_begin(d, panels, subtitle);
    for (int p = 0; p < panels; p++)
        draw_panel(d, n, p, factor[p], is_crowded(d, n, factor[p], panels),
                   tau ? "\xcf\x84 (steps)" : "frequency error |H-F| / |F|", low, high);
    fps_legend_entry entry[CURVES] = {{"", ""}};
    for (int c = 0; c < n->curves; c++) {
        char color[8];
        snprintf(entry[c].text, sizeof entry->text, "\xce\xbe = %.3g", n->xi[c]);
        snprintf(entry[c].style, sizeof entry->style, "with linespoints pt 7 ps 0.7 lw 1.4 lc rgb '%s'",
                 fps_palette_curve(c, n->curves, color));
    }
    fps_drawing_legend(d, entry, n->curves);
    return FPS_OK;
}

static fps_status figure(fps_drawing *d, bool tau) {
    numbers n = {0};
    fps_status status = draw(d, tau, &n);
    release_numbers(&n);
    return status;
}

fps_status fps_figure_axes(fps_drawing *d) {
    return figure(d, false);
}

fps_status fps_figure_tau(fps_drawing *d) {
    return figure(d, true);
}
