/* decay.c: the effective decay rate of a group, beside that of its tangents. */
#include "fpsweep/decay.h"

#include <math.h>
#include <string.h>

#include "fpsweep/activation.h"
#include "fpsweep/direction.h"
#include "fpsweep/loss.h"
#include "fpsweep/memory.h"

/* What the tasks of a group have; NAN where a task does not count. Legend: S tasks, K frequencies. */
typedef struct collection {
    int64_t tasks, frequencies, read;
    int64_t first;              /* place of the first frequency of the direction (learning.h) */
    double *xi, *tau, *tangent; /* xi[K], [K, S]: steps; INFINITY: never learnt */
    double *slope, *scratch;    /* [S], [max(K, S)] */
    int32_t *mode;              /* mode[K] */
} collection;

double fps_decay_expected(const fps_task *task) {
    const int s = fps_activation_kink((fps_activation)task->activation.code);
    if (task->model.code != FPS_MODEL_NETWORK || task->dimension != 1 || task->depth != 1 || s == 0 ||
        task->decay_rate >= 0 || task->loss.code != FPS_LOSS_MSE)
        return NAN;
    return task->train.code == FPS_TRAIN_OUTPUT ? 2 * s + 2 : 2 * s;
}

double fps_decay_slope(const double *xi, const double *tau, int64_t n) {
    double count = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (int64_t k = 0; k < n; k++) {
        if (!(xi[k] > 0) || !(tau[k] > 0) || !isfinite(tau[k]))
            continue;
        count++;
        x += log(xi[k]);
        y += log(tau[k]);
    }
    for (int64_t k = 0; k < n; k++) {
        if (!(xi[k] > 0) || !(tau[k] > 0) || !isfinite(tau[k]))
            continue;
        const double dx = log(xi[k]) - x / count;
        xx += dx * dx;
        xy += dx * (log(tau[k]) - y / count);
    }
    return count >= 3 && xx > 0 ? xy / xx : (double)NAN;
}

static void release_collection(collection *c) {
    void *block[] = {c->xi, c->tau, c->tangent, c->slope, c->scratch, c->mode};
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        fps_free(block[i]);
}

static fps_status reserve_collection(const fps_learning *l, int64_t tasks, collection *c) {
    const int64_t longest = l->frequencies > tasks ? l->frequencies : tasks;
    c->tasks = tasks;
    c->frequencies = l->frequencies;
    FPS_TRY(FPS_ALLOC(c->xi, c->frequencies));
    FPS_TRY(FPS_ALLOC(c->mode, c->frequencies));
    FPS_TRY(FPS_ALLOC(c->tau, c->frequencies * tasks));
    FPS_TRY(FPS_ALLOC(c->tangent, c->frequencies * tasks));
    FPS_TRY(FPS_ALLOC(c->slope, tasks));
    FPS_TRY(FPS_ALLOC(c->scratch, longest));
    memcpy(c->xi, l->xi + c->first, (size_t)c->frequencies * sizeof *c->xi);
    memcpy(c->mode, l->mode, (size_t)c->frequencies * sizeof *c->mode);
    return FPS_OK;
}

/* tau of the task read last, into column s. */
static void collect(const fps_learning *l, const collection *c, double *tau, int64_t s) {
    const bool *learnable = l->learnable + c->first;
    const double *found = l->tau + c->first;
    for (int64_t k = 0; k < c->frequencies; k++)
        tau[k * c->tasks + s] = !learnable[k] || !(c->xi[k] > 0) ? (double)NAN : isnan(found[k]) ? INFINITY : found[k];
}

/* The factor of the grid that is `linearised` alone; -1 if the sweep has none. */
static int find_factor(const fps_plan *plan) {
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        const fps_plan_factor factor = fps_plan_factor_at(plan, f);
        if (factor.parameters == 1 && strcmp(fps_parameters[factor.parameter[0]].name, "linearised") == 0)
            return f;
    }
    return -1;
}

/* The done task that differs from task i in `linearised` alone and is a tangent; -1 if there is none. */
static int64_t find_tangent(const fps_learning *l, int64_t i, int factor) {
    const fps_plan *plan = fps_reader_plan(l->reader);
    if (factor < 0 || l->task.linearised.code == FPS_YES)
        return -1;
    for (int64_t j = 0; j < fps_plan_count(plan); j++) {
        bool same = l->row[j].outcome == FPS_DONE &&
                    fps_plan_coordinate(plan, i, factor) != fps_plan_coordinate(plan, j, factor);
        for (int f = 0; f < fps_plan_factors(plan) && same; f++)
            same = f == factor || fps_plan_coordinate(plan, i, f) == fps_plan_coordinate(plan, j, f);
        if (same) /* yes and no: there is no third */
            return j;
    }
    return -1;
}

/* Slope over all frequencies, task by task, then averaged. */
static fps_estimate average_slope(const collection *c, const double *tau) {
    for (int64_t s = 0; s < c->read; s++) {
        for (int64_t k = 0; k < c->frequencies; k++)
            c->scratch[k] = tau[k * c->tasks + s];
        c->slope[s] = fps_decay_slope(c->xi, c->scratch, c->frequencies);
    }
    return fps_analysis_mean(c->slope, c->read);
}

/* The same over a window of frequencies: of the tasks that have learnt all of them. */
static fps_estimate average_window(const collection *c, const double *tau, const int64_t *which) {
    for (int64_t s = 0; s < c->read; s++) {
        double xi[FPS_DECAY_WINDOW], here[FPS_DECAY_WINDOW];
        bool complete = true;
        for (int k = 0; k < FPS_DECAY_WINDOW; k++) {
            xi[k] = c->xi[which[k]];
            here[k] = tau[which[k] * c->tasks + s];
            complete = complete && isfinite(here[k]);
        }
        c->slope[s] = complete ? fps_decay_slope(xi, here, FPS_DECAY_WINDOW) : (double)NAN;
    }
    return fps_analysis_mean(c->slope, c->read);
}

/* Quantile of values of which INFINITY is later than all; NAN if it is that. */
static double quantile(double *value, int64_t n, double q) {
    const double found = fps_analysis_quantile(value, n, q);
    return isfinite(found) ? found : (double)NAN;
}

/* One frequency; false if it is learnable in no task. */
static bool derive_frequency(const collection *c, int64_t k, fps_decay_frequency *out) {
    const double *tau = c->tau + k * c->tasks, *tangent = c->tangent + k * c->tasks;
    *out = (fps_decay_frequency){.mode = c->mode[k], .xi = c->xi[k]};
    for (int64_t s = 0; s < c->read; s++) {
        if (isnan(tau[s]))
            continue;
        c->scratch[out->n++] = tau[s];
        out->censored += isinf(tau[s]);
    }
    out->median = quantile(c->scratch, out->n, 0.5);
    out->low = quantile(c->scratch, out->n, 0.1);
    out->high = quantile(c->scratch, out->n, 0.9);
    for (int64_t s = 0; s < c->read; s++)
        c->scratch[s] = isfinite(tangent[s]) ? tangent[s] : (double)NAN;
    out->tau_linearised = fps_analysis_mean(c->scratch, c->read);
    for (int64_t s = 0; s < c->read; s++)
        c->scratch[s] = isfinite(tangent[s]) && isfinite(tau[s]) ? tau[s] / tangent[s] : (double)NAN;
    out->ratio = fps_analysis_mean(c->scratch, c->read);
    return out->n > 0;
}

static fps_status derive(const collection *c, fps_decay *out) {
    int64_t *which = NULL;
    FPS_TRY(FPS_ALLOC(which, c->frequencies));
    fps_status status = FPS_ALLOC(out->frequency, c->frequencies);
    if (status == FPS_OK)
        status = FPS_ALLOC(out->window, c->frequencies);
    for (int64_t k = 0; k < c->frequencies && status == FPS_OK; k++) {
        fps_decay_frequency *f = &out->frequency[out->frequencies];
        if (!derive_frequency(c, k, f))
            continue;
        out->learnable += f->n;
        out->censored += f->censored;
        which[out->frequencies++] = k;
    }
    if (status == FPS_OK) {
        out->alpha = average_slope(c, c->tau);
        out->linearised = average_slope(c, c->tangent);
    }
    for (int64_t k = 0; k + FPS_DECAY_WINDOW <= out->frequencies && status == FPS_OK; k++)
        out->window[out->windows++] = (fps_decay_window){.low = c->xi[which[k]],
                                                         .high = c->xi[which[k + FPS_DECAY_WINDOW - 1]],
                                                         .alpha = average_window(c, c->tau, which + k),
                                                         .linearised = average_window(c, c->tangent, which + k)};
    fps_free(which);
    return status;
}

fps_status fps_decay_derive(fps_learning *learning, const fps_grouping *grouping, int64_t g, fps_decay *out) {
    return fps_decay_derive_along(learning, grouping, g, fps_direction_names[0], out);
}

fps_status fps_decay_derive_along(fps_learning *learning, const fps_grouping *grouping, int64_t g,
                                  const char *direction, fps_decay *out) {
    const int64_t tasks = fps_grouping_size(grouping, g);
    const int factor = find_factor(grouping->plan);
    collection c = {0};
    fps_status status = FPS_OK;
    *out = (fps_decay){.expected = NAN, .alpha = {NAN, NAN, 0}, .linearised = {NAN, NAN, 0}};
    for (int64_t j = 0; j < tasks; j++) {
        const int64_t i = fps_grouping_task(grouping, g, j);
        if (learning->row[i].outcome != FPS_DONE)
            continue;
        FPS_TRY_GOTO(status, fps_learning_read(learning, i), done);
        if (c.read == 0) {
            const int64_t along = fps_direction_find(&learning->task, direction);
            if (along < 0) {
                status = fps_fail(FPS_ERROR_USAGE, "task %lld has no direction %s", (long long)i, direction);
                goto done;
            }
            c.first = along * learning->frequencies;
            FPS_TRY_GOTO(status, reserve_collection(learning, tasks, &c), done);
        }
        out->expected = fps_decay_expected(&learning->task);
        collect(learning, &c, c.tau, c.read);
        const int64_t tangent = find_tangent(learning, i, factor);
        for (int64_t k = 0; k < c.frequencies; k++)
            c.tangent[k * c.tasks + c.read] = NAN;
        if (tangent >= 0) {
            FPS_TRY_GOTO(status, fps_learning_read(learning, tangent), done);
            collect(learning, &c, c.tangent, c.read);
        }
        c.read++;
    }
    if (c.read > 0)
        status = derive(&c, out);
done:
    release_collection(&c);
    if (status != FPS_OK)
        fps_decay_release(out);
    return status;
}

void fps_decay_release(fps_decay *decay) {
    fps_free(decay->frequency);
    fps_free(decay->window);
    *decay = (fps_decay){0};
}
