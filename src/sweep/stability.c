/* stability.c: learning rates against the stable one, for a few tasks.
 *
 * Along an eigenvector of curvature lambda of a quadratic loss the iterations are two-term recurrences; they contract
 * while eta lambda < 2 (gd), 2 (1 + mu) (momentum) and 2 (1 + mu) / (1 + 2 mu) (nesterov), from the roots of
 * r^2 - (1 + mu - eta lambda) r + mu and r^2 - (1 + mu)(1 - eta lambda) r + mu (1 - eta lambda).
 */
#include "sweep/stability.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "experiment/stable_rate.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"

enum { LOOKED_AT = 8, FASTEST = 4 };
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

/* ---- which tasks to look at ---- */

/* Tasks with the largest rates seen so far, in units of bound_of(); one for each key. */
typedef struct fastest {
    int count;
    struct {
        uint64_t key;
        int64_t task;
        double rate;
    } entry[FASTEST];
} fastest;

/* Enter a task if its rate is among the largest; of tasks with the same key and rate the first stays. */
static void enter(fastest *f, uint64_t key, int64_t task, double rate) {
    int place = 0, slowest = 0;
    for (int e = 1; e < f->count; e++)
        slowest = f->entry[e].rate < f->entry[slowest].rate ? e : slowest;
    while (place < f->count && f->entry[place].key != key)
        place++;
    if (place == FASTEST)
        place = slowest;
    if (place < f->count && rate <= f->entry[place].rate)
        return;
    f->entry[place].key = key;
    f->entry[place].task = task;
    f->entry[place].rate = rate;
    f->count = place == f->count ? place + 1 : f->count;
}

/* Networks that bear different rates; what a seed decides makes them differ little. */
static uint64_t network_key(const fps_task *task) {
    int64_t key[6 + FPS_MAX_DEPTH] = {task->depth,     task->activation.code,  task->samples,
                                      task->dimension, task->initializer.code, (int64_t)(1e6 * task->decay_rate)};
    for (int64_t layer = 0; layer < task->depth; layer++)
        key[6 + layer] = task->widths[layer];
    return XXH3_64bits(key, sizeof key);
}

static bool is_chosen(const int64_t *chosen, int count, int64_t task) {
    for (int c = 0; c < count; c++)
        if (chosen[c] == task)
            return true;
    return false;
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Choose up to LOOKED_AT tasks, in increasing order: up to FASTEST with the largest rates, of different networks where
 * there are several, and the others evenly spread. Returns how many. */
static int choose(const fps_plan *plan, int64_t *chosen) {
    fastest network = {0}, all = {0};
    int64_t judged = 0, seen = 0, next = 0;
    int count = 0, spread = 0;
    fps_task task;
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_plan_task(plan, i, &task);
        if (!can_be_judged(&task))
            continue;
        double rate = task.learning_rate.argument[0] / bound_of(&task);
        judged++;
        enter(&network, network_key(&task), i, rate);
        enter(&all, (uint64_t)i, i, rate);
    }
    for (int e = 0; e < network.count; e++)
        chosen[count++] = network.entry[e].task;
    for (int e = 0; e < all.count && count < FASTEST; e++)
        if (!is_chosen(chosen, count, all.entry[e].task))
            chosen[count++] = all.entry[e].task;
    const int first = count, places = LOOKED_AT - first;
    const int64_t others = judged - first;
    for (int64_t i = 0; i < fps_plan_count(plan) && spread < places && spread < others; i++) {
        fps_plan_task(plan, i, &task);
        if (!can_be_judged(&task) || is_chosen(chosen, first, i) || seen++ != next)
            continue;
        chosen[count++] = i;
        spread++;
        next = others <= places ? next + 1 : (others - 1) * spread / (places - 1);
    }
    qsort(chosen, (size_t)count, sizeof *chosen, by_number);
    return count;
}

void fps_stability_describe(const fps_plan *plan, char *sentence, size_t size) {
    fps_problem *problem = NULL;
    int64_t chosen[LOOKED_AT], worst = -1;
    const int looked_at = choose(plan, chosen);
    int above = 0;
    double excess = 1, worst_rate = 0, worst_stable = 0;
    sentence[0] = '\0';
    if (looked_at == 0 || fps_problem_create(&problem) != FPS_OK)
        return;
    for (int c = 0; c < looked_at; c++) {
        fps_task task;
        fps_plan_task(plan, chosen[c], &task);
        double stable = stable_rate(problem, &task), rate = task.learning_rate.argument[0];
        above += stable > 0 && rate > stable;
        if (stable > 0 && rate > excess * stable) {
            worst = chosen[c];
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
