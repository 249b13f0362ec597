#include "experiment/input.h"

fps_input_map fps_input_map_of(const fps_task *task) {
    fps_input_map map = {
        .dimension = (int)task->dimension, .has_features = task->decay_rate >= 0, .rows = task->dimension};
    if (map.has_features) {
        map.features = (fps_features){.dimension = map.dimension,
                                      .band_limit = (int32_t)task->band_limit,
                                      .frequency_step = task->frequency_step,
                                      .decay_rate = task->decay_rate};
        map.rows = fps_features_count(&map.features);
    }
    return map;
}

bool fps_input_same(const fps_input_map *a, const fps_input_map *b) {
    if (a->dimension != b->dimension || a->has_features != b->has_features)
        return false;
    return !a->has_features ||
           (a->features.band_limit == b->features.band_limit && a->features.decay_rate == b->features.decay_rate &&
            a->features.frequency_step == b->features.frequency_step);
}

void fps_input_fill(const fps_input_map *map, const double *x, int64_t count, int64_t stride, real *out) {
    if (map->has_features) {
        fps_features_fill(&map->features, x, count, stride, out);
        return;
    }
    for (int axis = 0; axis < map->dimension; axis++) {
        real *row = out + axis * stride;
        for (int64_t i = 0; i < stride; i++)
            row[i] = (real)x[(i < count ? i : count - 1) * map->dimension + axis];
    }
}
