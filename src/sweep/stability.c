/* stability.c: learning rates against the stable one, for a few tasks.
 *
 * Along an eigenvector of curvature lambda of a quadratic loss the iterations are two-term recurrences; they contract
 * while eta lambda < 2 (gd), 2 (1 + mu) (momentum) and 2 (1 + mu) / (1 + 2 mu) (nesterov), from the roots of
 * r^2 - (1 + mu - eta lambda) r + mu and r^2 - (1 + mu)(1 - eta lambda) r + mu (1 - eta lambda).
 */
#include "sweep/stability.h"

#include <stdio.h>

#include "experiment/stable_rate.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"

enum { LOOKED_AT = 8 };
static const double most_products = 3e5, most_grid = 1e5; /* about 0.1 s for all that are looked at */

/* eta lambda must be below this. */
static double bound_of(const fps_task *task) {
    double mu = task->momentum;
    switch (task->optimizer.code) {
    case FPS_OPTIMIZER_GD:
        return 2;
    case FPS_OPTIMIZER_MOMENTUM:
        return 2 * (1 + mu);
    case FPS_OPTIMIZER_NESTEROV:
        return 2 * (1 + mu) / (1 + 2 * mu);
    default:
        return 0; /* rescale every weight's step: no bound of this kind */
    }
}

static bool can_be_judged(const fps_task *task) {
    bool full_batch = task->batch_size == 0 || task->batch_size == task->samples;
    bool unread = task->target.code == FPS_TARGET_DATA && !task->dataset;
    if (bound_of(task) == 0 || task->loss.code != FPS_LOSS_MSE || task->learning_rate.code != FPS_RATE_VALUE ||
        !full_batch || unread)
        return false;
    double grid = 1;
    for (int64_t axis = 0; axis < task->dimension; axis++)
        grid *= (double)task->grid_points;
    fps_network_shape shape;
    fps_task_shape(task, &shape);
    return (double)fps_network_weights(&shape) * (double)task->samples <= most_products && grid <= most_grid;
}

/* Largest stable learning rate of a task, 0 if it cannot be found. */
static double stable_rate(fps_problem *problem, const fps_task *task) {
    fps_pace pace = {.hook = NULL};
    fps_network_shape shape;
    fps_problem_view view;
    double lambda;
    fps_task_shape(task, &shape);
    if (fps_problem_set(problem, task, &shape, &pace, &view) != FPS_OK ||
        fps_stable_rate_eigenvalue(task, &shape, &view, &pace, &lambda) != FPS_OK)
        return 0;
    return bound_of(task) / lambda;
}

static int64_t count_judged(const fps_plan *plan) {
    int64_t judged = 0;
    fps_task task;
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_plan_task(plan, i, &task);
        judged += can_be_judged(&task);
    }
    return judged;
}

void fps_stability_describe(const fps_plan *plan, char *sentence, size_t size) {
    fps_problem *problem = NULL;
    int64_t judged = count_judged(plan), seen = 0, next = 0, worst = -1;
    int looked_at = 0, above = 0;
    double excess = 1, worst_rate = 0, worst_stable = 0;
    sentence[0] = '\0';
    if (judged == 0 || fps_problem_create(&problem) != FPS_OK)
        return;
    for (int64_t i = 0; i < fps_plan_count(plan) && looked_at < LOOKED_AT; i++) {
        fps_task task;
        fps_plan_task(plan, i, &task);
        if (!can_be_judged(&task) || seen++ != next)
            continue;
        looked_at++;
        next = judged <= LOOKED_AT ? next + 1 : (judged - 1) * looked_at / (LOOKED_AT - 1);
        double stable = stable_rate(problem, &task), rate = task.learning_rate.argument[0];
        above += stable > 0 && rate > stable;
        if (stable > 0 && rate > excess * stable) {
            worst = i;
            excess = rate / stable;
            worst_rate = rate;
            worst_stable = stable;
        }
    }
    fps_problem_destroy(&problem);
    if (above == 0)
        return;
    char label[160];
    int length = fps_plan_label(plan, worst, label, sizeof label);
    snprintf(sentence, size,
             "%d of %d tasks looked at: the learning rate is above the stable one at the start, for example %.3g where "
             "%.3g is stable%s%s%s; lower it, or write stable(0.5)",
             above, looked_at, worst_rate, worst_stable, length > 0 ? " (" : "", label, length > 0 ? ")" : "");
}
