#include "experiment/input.h"

#include <string.h>

#include "fpsweep/memory.h"

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

fps_status fps_input_fill_all(const fps_input_map *map, const double *x, int64_t count, fps_pace *pace, real *out) {
    const int64_t padded = FPS_PADDED(count), most = FPS_INPUT_FILLED / map->rows;
    const int64_t chunk = most < FPS_PADDING ? FPS_PADDING : FPS_PADDED(most);
    if (count <= chunk || !map->has_features) {
        fps_input_fill(map, x, count, padded, out);
        return FPS_OK;
    }
    real *block; /* [D, chunk] */
    FPS_TRY(FPS_ALLOC(block, map->rows * chunk));
    fps_status status = FPS_OK;
    for (int64_t first = 0; first < count && status == FPS_OK; first += chunk) {
        const int64_t points = count - first < chunk ? count - first : chunk;
        const int64_t columns = padded - first < chunk ? padded - first : chunk;
        fps_input_fill(map, x + first * map->dimension, points, chunk, block);
        for (int64_t row = 0; row < map->rows; row++)
            memcpy(out + row * padded + first, block + row * chunk, (size_t)columns * sizeof *block);
        if (fps_pace_spend(pace, FPS_PACE_PER_FEATURE * (double)(map->rows * chunk)))
            status = FPS_STOPPED;
    }
    fps_free(block);
    return status;
}
