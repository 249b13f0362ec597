/* figure_function.c: target and network at several records. */
#include <math.h>
#include <string.h>

#include "analysis/drawing.h"
#include "analysis/palette.h"
#include "fpsweep/memory.h"

enum { MOMENTS = 4 }; /* records drawn */

/* What of a task is drawn: network and target on the measuring grid, or in d > 1 along the first axis through its
 * middle. */
typedef struct slice {
    int64_t points, first, stride; /* value of point g: array[first + g * stride] */
    double low, cell;              /* x_g = low + (g + 1/2) cell */
} slice;

static slice take_slice(const fps_task *task) {
    int64_t n = task->grid_points;
    slice s = {.points = n, .first = 0, .stride = 1};
    for (int64_t a = 1; a < task->dimension; a++) {
        s.first = s.first * n + n / 2;
        s.stride *= n;
    }
    s.low = task->domain[0][0];
    s.cell = (task->domain[0][1] - task->domain[0][0]) / (double)n;
    return s;
}

/* Records to draw: the first, the last, and others evenly between (records are spaced as the sweep wants). */
static int choose_records(int64_t records, int64_t *record) {
    int n = records < MOMENTS ? (int)records : MOMENTS;
    for (int i = 0; i < n; i++)
        record[i] = n > 1 ? i * (records - 1) / (n - 1) : records - 1;
    return n;
}

/* A task's functions. */
typedef struct functions {
    double *target, *network; /* network: [records, grid] or [grid] */
    int moments;
    int64_t record[MOMENTS], grid;
} functions;

static void release_functions(functions *f) {
    fps_free(f->target);
    fps_free(f->network);
}

static fps_status read_functions(fps_drawing *d, int64_t i, functions *f) {
    const fps_record_spec *spec = fps_plan_record(d->plan);
    fps_extent extent;
    *f = (functions){0};
    FPS_TRY(fps_learning_read(d->learning, i));
    fps_task_extent(&d->learning->task, spec, &extent);
    f->grid = extent.size[FPS_GRID];
    bool all = spec->keep & FPS_KEEP_FUNCTION;
    int64_t records = all ? extent.size[FPS_RECORD] : 1;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(f->target, f->grid), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(f->network, records * f->grid), done);
    FPS_TRY_GOTO(status, fps_reader_result(d->reader, i, FPS_RESULT_TARGET_ON_GRID, f->target), done);
    FPS_TRY_GOTO(status,
                 fps_reader_result(d->reader, i, all ? FPS_RESULT_NETWORK_ON_GRID : FPS_RESULT_NETWORK_ON_GRID_FINAL,
                                   f->network),
                 done);
    f->moments = all ? choose_records(d->learning->records, f->record) : 1;
    return FPS_OK;
done:
    release_functions(f);
    return status;
}

/* The block: x, target, network at each moment. Returns the range of all. */
static void write_block(fps_drawing *d, const functions *f, const slice *s, const char *block, const char *label,
                        bool all, double *low, double *high) {
    char comment[512];
    int used = snprintf(comment, sizeof comment, "%.300s; x, target, network at step", label);
    for (int m = 0; m < f->moments; m++)
        used += snprintf(comment + used, sizeof comment - (size_t)used, "%s %.0f", m ? "," : "",
                         d->learning->step[all ? f->record[m] : d->learning->records - 1]);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t g = 0; g < s->points; g++) {
        int64_t at = s->first + g * s->stride;
        fprintf(d->data, "%.9g", s->low + ((double)g + 0.5) * s->cell);
        for (int m = -1; m < f->moments; m++) {
            double v = m < 0 ? f->target[at] : f->network[f->record[m] * f->grid + at];
            fps_drawing_number(d, v);
            if (isfinite(v)) {
                *low = fmin(*low, v);
                *high = fmax(*high, v);
            }
        }
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
}

static void describe(fps_drawing *d, const functions *f, bool all, fps_legend_entry *entry) {
    char color[8];
    strcpy(entry[0].text, "target");
    strcpy(entry[0].style, "with lines lw 5 lc rgb '#c8c8c8'");
    for (int m = 0; m < f->moments; m++) {
        snprintf(entry[m + 1].text, sizeof entry->text, "network at step %.0f",
                 d->learning->step[all ? f->record[m] : d->learning->records - 1]);
        snprintf(entry[m + 1].style, sizeof entry->style, "with lines lw 1.8 lc rgb '%s'",
                 fps_palette_curve(m, f->moments, color));
    }
}

/* First done task of a group, or -1. */
static int64_t first_done(const fps_drawing *d, int64_t g) {
    for (int64_t j = 0; j < fps_grouping_size(d->grouping, g); j++)
        if (d->learning->row[fps_grouping_task(d->grouping, g, j)].outcome == FPS_DONE)
            return fps_grouping_task(d->grouping, g, j);
    return -1;
}

static fps_status draw_panel(fps_drawing *d, int panel, bool all, fps_legend_entry *entry, int *entries) {
    char label[256], block[32], color[8];
    int64_t i = first_done(d, panel);
    fps_drawing_group_title(d, panel, label, sizeof label);
    functions f = {0};
    if (i >= 0)
        FPS_TRY(read_functions(d, i, &f));
    const fps_task *task = &d->learning->task;
    fps_drawing_panel(d, panel, label, i >= 0 && task->dimension > 1 ? "x1, in the middle of the other axes" : "x",
                      "value");
    if (i < 0) {
        fps_drawing_panel_empty(d);
        fprintf(d->script, "set xrange [0:1]\nset yrange [0:1]\nplot NaN notitle\n");
        return FPS_OK;
    }
    slice s = take_slice(task);
    double low = INFINITY, high = -INFINITY;
    snprintf(block, sizeof block, "g%d", panel);
    write_block(d, &f, &s, block, label, all, &low, &high);
    double margin = high > low ? 0.06 * (high - low) : 0.5;
    fprintf(d->script, "set xrange [%.9g:%.9g]\nset yrange [%.7g:%.7g]\n", s.low, s.low + s.cell * (double)s.points,
            low - margin, high + margin);
    fprintf(d->script, "plot $%s using 1:2 with lines lw 5 lc rgb '#c8c8c8' notitle", block);
    for (int m = 0; m < f.moments; m++)
        fprintf(d->script, ", $%s using 1:%d with lines lw 1.8 lc rgb '%s' notitle", block, m + 3,
                fps_palette_curve(m, f.moments, color));
    fprintf(d->script, "\n");
    if (*entries == 0) {
        describe(d, &f, all, entry);
        *entries = f.moments + 1;
    }
    release_functions(&f);
    return FPS_OK;
}

fps_status fps_figure_function(fps_drawing *d) {
    unsigned keep = fps_plan_record(d->plan)->keep;
    if (!(keep & (FPS_KEEP_FUNCTION | FPS_KEEP_FINAL_FUNCTION)))
        return fps_fail(FPS_ERROR_INPUT,
                        "this file has no functions: its sweep did not ask for record: {keep: [function]}");
    if (fps_plan_extent(d->plan)->size[FPS_GRID] == 0)
        return fps_fail(FPS_ERROR_INPUT,
                        "this sweep's targets are known at the samples only: there is no function to draw");
    char remark[512], subtitle[768];
    int panels = fps_drawing_group_panels(d, remark, sizeof remark), entries = 0;
    fps_legend_entry entry[MOMENTS + 1];
    bool something = false;
    for (int g = 0; g < panels; g++)
        something |= first_done(d, g) >= 0;
    if (!something)
        return fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
    snprintf(subtitle, sizeof subtitle, "Target and network while it learns (first seed of each group)%s", remark);
    d->legend_height = 34;
    d->columns = fps_drawing_group_columns(d, panels);
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++)
        FPS_TRY(draw_panel(d, g, keep & FPS_KEEP_FUNCTION, entry, &entries));
    fps_drawing_legend(d, entry, entries);
    return FPS_OK;
}
