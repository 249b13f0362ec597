#include "estimate.h"

#include <math.h>

#include "fpsweep/memory.h"

/* At the end of a run that is limited in time all ranks save at once: bytes per second that a file system takes then at
 * worst, seconds on top, and the most that this may take of the run. */
static const double SAVING_SPEED = 50e6, SAVING_S = 0.2, SAVING_SHARE = 0.1;

fps_status fps_estimate_create(const fps_job *job, const fps_agenda *agenda, const fps_unfinished *unfinished,
                               const fps_calibration *calibration, fps_estimate *out) {
    const fps_record_spec *spec = fps_plan_record(job->plan);
    double sum_s = 0.0;
    *out = (fps_estimate){0};
    FPS_TRY(FPS_ALLOC(out->predicted_s, agenda->count));
    for (int64_t ticket = 0; ticket < agenda->count; ticket++) {
        fps_task task;
        fps_cost cost;
        if (!agenda->pending[ticket])
            continue;
        fps_plan_task(job->plan, fps_agenda_task(agenda, ticket), &task);
        fps_cost_estimate(&task, spec, calibration, &cost);
        out->predicted_s[ticket] = (float)cost.seconds;
        sum_s += isfinite(cost.seconds) ? cost.seconds : 0.0;
        out->state_bytes = fmax(out->state_bytes, cost.state);
    }
    out->saves = job->options->checkpoints && !job->options->run && out->state_bytes > 0.0;
    out->mean_s = agenda->to_run > 0 ? sum_s / (double)agenda->to_run : 0.0;
    for (int64_t i = 0; i < unfinished->count; i++)
        out->predicted_s[unfinished->ticket[i]] *= (float)unfinished->left[i];
    return FPS_OK;
}

void fps_estimate_release(fps_estimate *estimate) {
    fps_free(estimate->predicted_s);
    *estimate = (fps_estimate){0};
}

double fps_estimate_end(const fps_estimate *estimate, const fps_job *job, double start_s) {
    const double stop_at_s = job->options->stop_at_s, most_s = SAVING_SHARE * fmax(stop_at_s - start_s, 0.0);
    const double bytes = estimate->saves ? estimate->state_bytes * fps_channel_ranks(job->channel) : 0.0;
    return stop_at_s > 0.0 ? stop_at_s - fmin(SAVING_S + bytes / SAVING_SPEED, most_s) : (double)INFINITY;
}
