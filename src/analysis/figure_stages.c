/* figure_stages.c: the loss of every task, with its stages marked. */
#include <math.h>
#include <string.h>

#include "analysis/figure_stage.h"
#include "fpsweep/memory.h"

/* Ranges of both axes over all panels; scratch of one task. */
typedef struct page {
    double step, low, high;
    double *at, *loss; /* [records] */
} page;

static fps_status read_task(fps_drawing *d, int64_t i, page *p, int64_t *records) {
    *records = d->learning->row[i].outcome == FPS_DONE ? d->learning->row[i].records : 0;
    if (*records == 0)
        return FPS_OK;
    FPS_TRY(fps_reader_result(d->reader, i, FPS_RESULT_STEP, p->at));
    return fps_reader_result(d->reader, i, FPS_RESULT_TRAINING_LOSS, p->loss);
}

static fps_status widen(fps_drawing *d, int g, page *p) {
    for (int64_t j = 0; j < fps_grouping_size(d->grouping, g); j++) {
        int64_t records;
        FPS_TRY(read_task(d, fps_grouping_task(d->grouping, g, j), p, &records));
        for (int64_t r = 0; r < records; r++) {
            p->step = fmax(p->step, p->at[r]);
            p->low = p->loss[r] > 0 ? fmin(p->low, p->loss[r] / p->loss[0]) : p->low;
            p->high = fmax(p->high, p->loss[r] / p->loss[0]);
        }
    }
    return FPS_OK;
}

/* Stage of a record, as it is drawn: -1 between two stages. The records where one ends and the next begins belong to
 * both lines; the block has them once, with the later stage. */
static int stage_at(const fps_stage_spans *spans, int64_t record) {
    for (int s = 0; s < FPS_STAGE_COUNT; s++)
        if (record >= spans->span[s].first && record < spans->span[s].first + spans->span[s].count)
            return s;
    return -1;
}

/* All tasks of a group in one block, an empty line between them; *written: how many have records. */
static fps_status write_tasks(fps_drawing *d, int g, page *p, const char *label, int64_t *written) {
    char block[32], comment[400];
    snprintf(block, sizeof block, "g%d", g);
    snprintf(comment, sizeof comment,
             "%.250s; step + 1, loss by its first value, stage (0 initial, 1 intermediate, 2 final, 3 late, -1 none); "
             "one task after the other",
             label);
    fps_drawing_block_begin(d, block, comment);
    *written = 0;
    for (int64_t j = 0; j < fps_grouping_size(d->grouping, g); j++) {
        int64_t records;
        fps_stage_spans spans;
        FPS_TRY(read_task(d, fps_grouping_task(d->grouping, g, j), p, &records));
        fps_stages_find(p->loss, p->at, records, &spans);
        if (records > 0 && (*written)++)
            fputc('\n', d->data);
        for (int64_t r = 0; r < records; r++)
            fprintf(d->data, "%.0f %.7g %d\n", p->at[r] + 1, p->loss[r] / p->loss[0], stage_at(&spans, r));
    }
    fps_drawing_block_end(d);
    return FPS_OK;
}

static fps_status draw_panel(fps_drawing *d, int panel, page *p) {
    char label[256], color[8];
    int64_t written;
    fps_drawing_group_title(d, panel, label, sizeof label);
    FPS_TRY(write_tasks(d, panel, p, label, &written));
    fps_drawing_panel(d, panel, label, "training step + 1", "loss / initial loss");
    if (written == 0)
        fps_drawing_panel_empty(d);
    fprintf(
        d->script,
        "set logscale xy\nset format xy '10^{%%L}'\nset xrange [1:%.7g]\nset yrange [%.4g:%.4g]\n"
        "plot 0.9 with lines lw 1 dt 3 lc rgb '#aaaaaa' notitle, 0.5 with lines lw 1 dt 3 lc rgb '#aaaaaa' notitle, "
        "$g%d using 1:2 with lines lw 0.8 lc rgb '#bbbbbb' notitle",
        fmax(p->step + 1, 2), p->low, p->high, panel);
    for (int s = 0; s < FPS_STAGE_COUNT; s++)
        fprintf(d->script, ", '' using 1:($3==%d ? $2 : NaN) with linespoints pt 7 ps 0.25 lw 1.6 lc rgb '%s' notitle",
                s, fps_figure_stage_colour((fps_stage)s, color));
    fprintf(d->script, "\n");
    return FPS_OK;
}

static fps_status draw(fps_drawing *d, int panels, page *p, const char *remark) {
    char subtitle[768], color[8];
    static const char *const meaning[FPS_STAGE_COUNT] = {"initial: up to 10 % gone", "intermediate: 10 to 50 %",
                                                         "final: within 10 x the last value",
                                                         "late: the same, not converged"};
    fps_legend_entry entry[FPS_STAGE_COUNT] = {0};
    for (int g = 0; g < panels; g++)
        FPS_TRY(widen(d, g, p));
    if (!(p->high > 0))
        return fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
    p->low /= 1.5;
    p->high *= 1.5;
    for (int s = 0; s < FPS_STAGE_COUNT; s++) {
        snprintf(entry[s].text, sizeof entry->text, "%s", meaning[s]);
        snprintf(entry[s].style, sizeof entry->style, "with linespoints pt 7 ps 0.6 lw 2 lc rgb '%s'",
                 fps_figure_stage_colour((fps_stage)s, color));
    }
    snprintf(subtitle, sizeof subtitle, "Training loss of every task with its stages%s", remark);
    d->columns = fps_drawing_group_columns(d, panels);
    fps_drawing_reserve_legend(d, entry, FPS_STAGE_COUNT);
    fps_drawing_begin(d, panels, subtitle);
    for (int g = 0; g < panels; g++)
        FPS_TRY(draw_panel(d, g, p));
    fps_drawing_legend(d, entry, FPS_STAGE_COUNT);
    return FPS_OK;
}

fps_status fps_figure_stages(fps_drawing *d) {
    char remark[512];
    d->along = NULL;
    int panels = fps_drawing_group_panels(d, remark, sizeof remark);
    int64_t most = fps_plan_extent(d->plan)->size[FPS_RECORD];
    page p = {.low = INFINITY};
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(p.at, most), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(p.loss, most), done);
    status = draw(d, panels, &p, remark);
done:
    fps_free(p.at);
    fps_free(p.loss);
    return status;
}
