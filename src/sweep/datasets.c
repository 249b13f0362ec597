/* datasets.c: giving a plan the points of its `data` files. */
#include "sweep/internal.h"

fps_status fps_plan_set_dataset(fps_plan *plan, int k, const fps_dataset *dataset) {
    int data = FPS_P(data);
    fps_task task;
    plan->dataset[k] = dataset;
    for (int64_t i = 0; i < plan->tasks.count; i++) {
        fps_plan_task(plan, i, &task);
        if (fps_evaluate_index(plan, data) != k)
            continue;
        if (task.dimension != dataset->dimension)
            return fps_plan_fail(plan, data, "%s has %d coordinates, but dimension is %lld", plan->dataset_path[k],
                                 dataset->dimension, (long long)task.dimension);
        if (task.batch_size > dataset->samples)
            return fps_plan_fail(plan, FPS_P(batch_size),
                                 "batch_size is %lld, but %s has %lld points; 0 is all of them",
                                 (long long)task.batch_size, plan->dataset_path[k], (long long)dataset->samples);
    }
    return fps_extents_measure(plan);
}
