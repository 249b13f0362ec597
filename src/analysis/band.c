/* band.c: medians and quantiles over the tasks of a group, record by record. */
#include "analysis/band.h"

#include <math.h>
#include <string.h>

#include "fpsweep/analysis.h"
#include "fpsweep/memory.h"

/* Take sizes, steps and frequencies from the first task. */
static fps_status begin(const fps_learning *l, fps_band *b) {
    b->records = l->records;
    b->frequencies = l->frequencies;
    b->places = l->directions * l->frequencies;
    int64_t cells = b->records * b->places;
    FPS_TRY(FPS_ALLOC(b->step, b->records));
    FPS_TRY(FPS_ALLOC(b->median, cells));
    FPS_TRY(FPS_ALLOC(b->low, cells));
    FPS_TRY(FPS_ALLOC(b->high, cells));
    FPS_TRY(FPS_ALLOC(b->xi, b->places));
    FPS_TRY(FPS_ALLOC(b->learnable, b->places));
    memcpy(b->step, l->step, (size_t)b->records * sizeof *b->step);
    memcpy(b->xi, l->xi, (size_t)b->places * sizeof *b->xi);
    return FPS_OK;
}

static bool same_records(const fps_learning *l, const fps_band *b) {
    if (l->records != b->records || l->directions * l->frequencies != b->places)
        return false;
    return memcmp(l->step, b->step, (size_t)b->records * sizeof *b->step) == 0;
}

/* Quantiles over the first `tasks` of `all`[most, cells]. */
static fps_status reduce(const double *all, int64_t tasks, fps_band *b) {
    double *column;
    int64_t cells = b->records * b->places;
    FPS_TRY(FPS_ALLOC(column, tasks));
    for (int64_t i = 0; i < cells; i++) {
        for (int64_t s = 0; s < tasks; s++)
            column[s] = all[s * cells + i];
        b->median[i] = fps_analysis_quantile(column, tasks, 0.5);
        b->low[i] = fps_analysis_quantile(column, tasks, 0.1);
        b->high[i] = fps_analysis_quantile(column, tasks, 0.9);
    }
    fps_free(column);
    return FPS_OK;
}

fps_status fps_band_gather(fps_learning *l, const fps_grouping *grouping, int64_t g, fps_band_kind kind,
                           fps_band *out) {
    double *all = NULL;
    fps_status status = FPS_OK;
    int64_t most = fps_grouping_size(grouping, g);
    *out = (fps_band){0};
    for (int64_t j = 0; j < most; j++) {
        int64_t i = fps_grouping_task(grouping, g, j);
        if (l->row[i].outcome != FPS_DONE)
            continue;
        FPS_TRY_GOTO(status, fps_learning_read(l, i), done);
        if (!all) {
            FPS_TRY_GOTO(status, begin(l, out), done);
            FPS_TRY_GOTO(status, FPS_ALLOC(all, most * out->records * out->places), done);
        }
        if (!same_records(l, out))
            continue;
        const double *value = kind == FPS_BAND_ERROR ? l->frequency_error : l->residual_relative;
        int64_t cells = out->records * out->places;
        memcpy(all + out->tasks++ * cells, value, (size_t)cells * sizeof *value);
        for (int64_t p = 0; p < out->places; p++)
            out->learnable[p] |= l->learnable[p];
    }
    if (all)
        status = reduce(all, out->tasks, out);
done:
    fps_free(all);
    if (status != FPS_OK)
        fps_band_release(out);
    return status;
}

void fps_band_release(fps_band *band) {
    fps_free(band->step);
    fps_free(band->median);
    fps_free(band->low);
    fps_free(band->high);
    fps_free(band->xi);
    fps_free(band->learnable);
    *band = (fps_band){0};
}
