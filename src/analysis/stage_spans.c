/* stage_spans.c: the stages of one task, found from its loss. */
#include <math.h>
#include <string.h>

#include "fpsweep/stages.h"

/* Shares of the initial loss that are left when a stage ends; how near the end the final stage is. */
static const double initial_left = 0.9, intermediate_left = 0.5, final_factor = 10;
/* Converged: over this last share of the steps the loss falls by no larger a share of itself. */
static const double last_share = 0.1;

const char *fps_stage_name(fps_stage stage) {
    static const char *const name[FPS_STAGE_COUNT] = {"initial", "intermediate", "final", "late"};
    return name[stage];
}

/* First record from `first` on with loss at most `bound`. */
static int64_t reach(const double *loss, int64_t first, int64_t records, double bound) {
    while (first < records && !(loss[first] <= bound))
        first++;
    return first;
}

/* Records may be sparser than the last tenth of the steps: the fall is held against the share that they span. */
static bool has_converged(const double *loss, const double *step, int64_t records) {
    const int64_t last = records - 1;
    const double steps = step[last] - step[0];
    int64_t before = last;
    while (before > 0 && step[before] > step[last] - last_share * steps)
        before--;
    return before < last && loss[before] - loss[last] <= (step[last] - step[before]) / steps * loss[before];
}

void fps_stages_find(const double *loss, const double *step, int64_t records, fps_stage_spans *out) {
    memset(out, 0, sizeof *out);
    if (records < 1 || !(loss[0] > 0))
        return;
    int64_t left_initial = reach(loss, 0, records, initial_left * loss[0]);
    int64_t left_intermediate = reach(loss, left_initial, records, intermediate_left * loss[0]);
    int64_t near_end = reach(loss, left_intermediate, records, final_factor * loss[records - 1]);
    out->span[FPS_STAGE_INITIAL] = (fps_stage_span){0, left_initial};
    out->span[FPS_STAGE_INTERMEDIATE] = (fps_stage_span){left_initial, left_intermediate - left_initial};
    bool overlaps = final_factor * loss[records - 1] > intermediate_left * loss[0];
    bool is_final = !overlaps && has_converged(loss, step, records);
    out->span[is_final ? FPS_STAGE_FINAL : FPS_STAGE_LATE] = (fps_stage_span){near_end, records - near_end};
}
