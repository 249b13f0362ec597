/* datasets.c: giving a plan the points of its `data` files. */
#include <math.h>

#include "sweep/internal.h"

/* A point may lie outside the domain by this share of its length: ends like pi are rounded in a file. */
static const double rounding = 1e-6;

/* Numbers of the points that lie farthest down and up each axis. */
typedef struct dataset_ends {
    int64_t low[FPS_MAX_DIMENSION], high[FPS_MAX_DIMENSION];
} dataset_ends;

static void find_ends(const fps_dataset *dataset, dataset_ends *out) {
    int dimension = dataset->dimension;
    *out = (dataset_ends){0};
    for (int64_t i = 1; i < dataset->samples; i++)
        for (int a = 0; a < dimension; a++) {
            double x = dataset->x[i * dimension + a];
            if (x < dataset->x[out->low[a] * dimension + a])
                out->low[a] = i;
            if (x > dataset->x[out->high[a] * dimension + a])
                out->high[a] = i;
        }
}

/* Do all points lie in the task's domain? Beyond its ends the network is neither measured nor compared. */
static fps_status check_domain(const fps_plan *plan, int k, const dataset_ends *ends, const fps_task *task) {
    static const char *const names[2][FPS_MAX_DIMENSION] = {{"x"}, {"x1", "x2", "x3"}};
    const fps_dataset *dataset = plan->dataset[k];
    for (int a = 0; a < dataset->dimension; a++) {
        const int64_t point[2] = {ends->low[a], ends->high[a]};
        double low = task->domain[a][0], high = task->domain[a][1], slack = rounding * (high - low);
        for (int end = 0; end < 2; end++) {
            double x = dataset->x[point[end] * dataset->dimension + a];
            if (x >= low - slack && x <= high + slack)
                continue;
            return fps_plan_fail(plan, FPS_P(data), "%s: %s = %.9g of point %lld is outside domain [%.9g, %.9g]",
                                 plan->dataset_path[k], names[dataset->dimension > 1][a], x, (long long)point[end] + 1,
                                 low, high);
        }
    }
    return FPS_OK;
}

fps_status fps_plan_set_dataset(fps_plan *plan, int k, const fps_dataset *dataset) {
    int data = FPS_P(data);
    fps_task task;
    dataset_ends ends;
    plan->dataset[k] = dataset;
    if (dataset->x) /* a results file has the sizes alone */
        find_ends(dataset, &ends);
    for (int64_t i = 0; i < plan->tasks.count; i++) {
        fps_plan_task(plan, i, &task);
        if (fps_evaluate_index(plan, data) != k)
            continue;
        if (task.dimension != dataset->dimension)
            return fps_plan_fail(plan, data, "%s has %d coordinate%s, but dimension is %lld; write dimension: %d",
                                 plan->dataset_path[k], dataset->dimension, dataset->dimension == 1 ? "" : "s",
                                 (long long)task.dimension, dataset->dimension);
        if (task.batch_size > dataset->samples)
            return fps_plan_fail(plan, FPS_P(batch_size),
                                 "batch_size is %lld, but %s has %lld points; 0 is all of them",
                                 (long long)task.batch_size, plan->dataset_path[k], (long long)dataset->samples);
        if (dataset->x)
            FPS_TRY(check_domain(plan, k, &ends, &task));
    }
    return fps_extents_measure(plan);
}
