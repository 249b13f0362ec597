/* figure_critical.c: what the figures of the critical decay rate share. */
#include "analysis/figure_critical.h"

#include <math.h>
#include <string.h>

#include "fpsweep/log.h"
#include "fpsweep/memory.h"

fps_status fps_critical_groups_read(fps_drawing *d, int most, fps_critical_group **out, int *count, char *remark,
                                    size_t size) {
    fps_critical_group *group = NULL;
    fps_status status = FPS_OK;
    int64_t groups = d->grouping->groups, done = 0;
    int n = groups < most ? (int)groups : most;
    remark[0] = '\0';
    if (groups > most) {
        snprintf(remark, size, " - the first %d of %lld groups", most, (long long)groups);
        fps_log(FPS_LOG_NOTE, "the figure shows the first %d of %lld groups: choose others with --where", most,
                (long long)groups);
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(group, n), fail);
    for (int g = 0; g < n; g++) {
        FPS_TRY_GOTO(status, fps_ladders_read(d->reader, d->learning->row, d->grouping, g, &group[g].ladders), fail);
        FPS_TRY_GOTO(status, fps_critical_derive(&group[g].ladders, &group[g].quantities), fail);
        fps_grouping_label(d->grouping, g, true, group[g].label, sizeof group[g].label);
        done += group[g].ladders.outcome[FPS_DONE];
    }
    if (done == 0) {
        status = fps_fail(FPS_ERROR_INPUT, "there is nothing to draw yet: no selected task is done");
        goto fail;
    }
    *out = group;
    *count = n;
    return FPS_OK;
fail:
    fps_critical_groups_release(group, n);
    return status;
}

void fps_critical_groups_release(fps_critical_group *group, int count) {
    for (int g = 0; group && g < count; g++) {
        fps_critical_release(&group[g].quantities);
        fps_ladders_release(&group[g].ladders);
    }
    fps_free(group);
}

int fps_critical_choose(int count, int most, int *rung) {
    int n = count < most ? count : most;
    for (int i = 0; i < n; i++)
        rung[i] = n > 1 ? (i * (count - 1) + (n - 1) / 2) / (n - 1) : count - 1;
    return n;
}

const char *fps_critical_rung_name(int64_t band_limit, char buffer[32]) {
    double m = (double)band_limit;
    if (m < 1e5) {
        snprintf(buffer, 32, "M = %.0f", m);
    } else {
        int power = (int)floor(log10(m));
        snprintf(buffer, 32, "M = %.1fe%d", m / pow(10, power), power);
    }
    return buffer;
}

void fps_critical_curve(fps_drawing *d, const char *block, const char *comment, const double *alpha,
                        const fps_estimate *value, int64_t alphas) {
    fps_drawing_block_begin(d, block, comment);
    for (int64_t a = 0; a < alphas; a++) {
        if (isnan(value[a].value))
            continue;
        fprintf(d->data, "%.7g", alpha[a]);
        fps_drawing_number(d, value[a].value);
        fps_drawing_number(d, isnan(value[a].uncertainty) ? 0 : value[a].uncertainty);
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
}
