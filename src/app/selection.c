/* selection.c: reading a sweep file with its data, and `--where`. */
#include "app/selection.h"

#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"

/* "; they differ in depth, seed", "" if there is one task. */
static void name_axes(const fps_plan *plan, char *buffer, size_t size) {
    size_t used = 0;
    buffer[0] = '\0';
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        fps_plan_factor factor = fps_plan_factor_at(plan, f);
        for (int p = 0; p < factor.parameters && used < size; p++)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "; they differ in ",
                                     fps_parameters[factor.parameter[p]].name);
    }
}

fps_status fps_selection_read(const fps_command *command, const fps_plan *plan, bool **selected, int64_t *count) {
    const char *where = fps_command_option(command, "where");
    *selected = NULL;
    *count = fps_plan_count(plan);
    if (!where)
        return FPS_OK;
    bool *chosen;
    FPS_TRY(FPS_ALLOC(chosen, *count));
    fps_status status = fps_plan_select(plan, where, chosen);
    int64_t left = 0;
    for (int64_t i = 0; status == FPS_OK && i < *count; i++)
        left += chosen[i];
    if (status == FPS_OK && left == 0) {
        char axes[256];
        name_axes(plan, axes, sizeof axes);
        status = fps_fail(FPS_ERROR_USAGE, "--where \"%s\" is true for none of the %lld tasks%s", where,
                          (long long)*count, axes);
    }
    if (status != FPS_OK) {
        fps_free(chosen);
        return status;
    }
    *selected = chosen;
    *count = left;
    return FPS_OK;
}

char *fps_path_beside(const char *sweep_path, const char *path) {
    const char *slash = strrchr(sweep_path, '/');
    if (path[0] == '/' || !slash)
        return fps_strdup(path);
    size_t folder = (size_t)(slash - sweep_path) + 1, length = strlen(path);
    char *joined = fps_alloc(folder + length + 1, 1);
    if (joined) {
        memcpy(joined, sweep_path, folder);
        memcpy(joined + folder, path, length + 1);
    }
    return joined;
}

fps_status fps_sweep_input_read(const char *path, fps_sweep_input *out) {
    char *text = NULL;
    size_t length = 0;
    *out = (fps_sweep_input){0};
    fps_status status = fps_file_read(path, &text, &length);
    if (status == FPS_OK)
        status = fps_plan_create(path, text, length, &out->plan);
    fps_free(text);
    if (status != FPS_OK)
        return status;
    int datasets = fps_plan_datasets(out->plan);
    FPS_TRY_GOTO(status, FPS_ALLOC(out->dataset, datasets), failed);
    for (int k = 0; k < datasets; k++) {
        char *file = fps_path_beside(path, fps_plan_dataset_path(out->plan, k));
        status = file ? fps_dataset_read(file, &out->dataset[k]) : FPS_ERROR_MEMORY;
        fps_free(file);
        if (status != FPS_OK)
            goto failed;
        out->datasets++;
        FPS_TRY_GOTO(status, fps_plan_set_dataset(out->plan, k, &out->dataset[k]), failed);
    }
    return FPS_OK;
failed:
    fps_sweep_input_release(out);
    return status;
}

void fps_sweep_input_release(fps_sweep_input *input) {
    fps_plan_destroy(&input->plan);
    for (int k = 0; k < input->datasets; k++)
        fps_dataset_release(&input->dataset[k]);
    fps_free(input->dataset);
    *input = (fps_sweep_input){0};
}
