/* task.c: what follows from a task: its identity and its network. */
#include "fpsweep/task.h"

#include <stdio.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of the state */
#include <xxhash.h>

#include "fpsweep/features.h"
#include "fpsweep/initializer.h"

bool fps_parameter_identifies(const fps_parameter *parameter, const char *value) {
    return !parameter->added || strcmp(value, parameter->fallback) != 0;
}

uint64_t fps_task_identity(const fps_task *task) {
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    char value[4096];
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_parameter *parameter = &fps_parameters[p];
        if (!fps_parameter_used(parameter, task))
            continue;
        int length = fps_parameter_format(parameter, task, value, sizeof value);
        if (!fps_parameter_identifies(parameter, value))
            continue;
        XXH3_64bits_update(&state, parameter->name, strlen(parameter->name));
        XXH3_64bits_update(&state, "=", 1);
        XXH3_64bits_update(&state, value, (size_t)length < sizeof value ? (size_t)length : sizeof value - 1);
        XXH3_64bits_update(&state, "\n", 1);
    }
    if (task->dataset) {
        int length = snprintf(value, sizeof value, "data_hash=%016llx\n", (unsigned long long)task->dataset->hash);
        XXH3_64bits_update(&state, value, (size_t)length);
    }
    return XXH3_64bits_digest(&state);
}

void fps_task_shape(const fps_task *task, fps_network_shape *shape) {
    *shape = (fps_network_shape){
        .inputs = (int32_t)task->dimension,
        .depth = (int32_t)task->depth,
        .activation = (fps_activation)task->activation.code,
        .hidden_bias = task->bias.code != FPS_BIAS_NONE,
        .output_bias = task->bias.code == FPS_BIAS_ALL,
        .ntk = task->initializer.code == FPS_INITIALIZER_NTK,
        .antisymmetric = task->depth > 0 && task->antisymmetric.code == FPS_YES,
    };
    if (task->decay_rate >= 0) {
        const fps_features features = {.dimension = (int)task->dimension, .band_limit = (int32_t)task->band_limit};
        shape->inputs = (int32_t)fps_features_count(&features);
    }
    for (int64_t l = 0; l < task->depth; l++)
        shape->width[l] = task->widths[l];
}
