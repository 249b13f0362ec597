#include "store/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "store/identity.h"

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void visit(fps_survey *survey, fps_text_memo *memo, const fps_task *first, const fps_task *task) {
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_parameter *parameter = &fps_parameters[p];
        fps_parameter_survey *seen = &survey->parameter[p];
        seen->used = seen->used || fps_parameter_used(parameter, task);
        if (task != first && fps_identity_same(parameter, first, task))
            continue;
        seen->varies = seen->varies || task != first;
        if (parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_WIDTH) {
            int64_t value;
            memcpy(&value, (const char *)task + parameter->offset, sizeof value);
            seen->minimum = task == first || value < seen->minimum ? value : seen->minimum;
            seen->maximum = task == first || value > seen->maximum ? value : seen->maximum;
        } else if (parameter->kind == FPS_KIND_CHOICE || parameter->kind == FPS_KIND_TEXT) {
            int length;
            fps_text_parameter(memo, p, task, &length);
            seen->text = length > seen->text ? length : seen->text;
        }
    }
    survey->dimension_varies = survey->dimension_varies || task->dimension != first->dimension;
    survey->domain_varies = survey->domain_varies || memcmp(task->domain, first->domain, sizeof task->domain) != 0;
    for (int64_t l = 0; l < task->depth; l++)
        survey->layers_vary = survey->layers_vary || task->widths[l] != task->width;
    char layers[FPS_LAYERS_SIZE];
    int length = fps_text_layers(task, layers);
    survey->layers = length > survey->layers ? length : survey->layers;
}

fps_status fps_survey_datasets(const fps_plan *plan, char **text) {
    fps_status status = FPS_OK;
    int files = fps_plan_datasets(plan);
    size_t room = 1;
    for (int k = 0; k < files; k++)
        room += strlen(fps_plan_dataset_path(plan, k)) + 80;
    char *list = NULL;
    const fps_dataset **dataset = NULL;
    FPS_TRY_GOTO(status, FPS_ALLOC(list, room), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(dataset, files), done);
    int missing = files;
    for (int64_t i = 0; i < fps_plan_count(plan) && missing > 0; i++) {
        fps_task task;
        fps_plan_task(plan, i, &task);
        for (int k = 0; task.dataset && k < files; k++)
            if (!dataset[k] && same_text(task.data, fps_plan_dataset_path(plan, k))) {
                dataset[k] = task.dataset;
                missing--;
            }
    }
    char *end = list;
    for (int k = 0; k < files; k++) {
        if (!dataset[k]) {
            status = fps_fail(FPS_ERROR_INPUT, "%s: the data file was not read before the results file was opened",
                              fps_plan_dataset_path(plan, k));
            goto done;
        }
        end += snprintf(end, room - (size_t)(end - list), "%016" PRIx64 " %d %" PRId64 " %s\n", dataset[k]->hash,
                        dataset[k]->dimension, dataset[k]->samples, fps_plan_dataset_path(plan, k));
    }
    *text = list;
    list = NULL;
done:
    fps_free(dataset);
    fps_free(list);
    return status;
}

fps_status fps_survey_create(const fps_plan *plan, fps_text_memo *memo, fps_survey *survey) {
    memset(survey, 0, sizeof *survey);
    fps_status status = FPS_ALLOC(survey->parameter, fps_parameter_count);
    if (status == FPS_OK)
        status = fps_survey_datasets(plan, &survey->datasets);
    if (status != FPS_OK) {
        fps_survey_release(survey);
        return status;
    }
    fps_task first, task;
    fps_plan_task(plan, 0, &first);
    visit(survey, memo, &first, &first);
    for (int64_t i = 1; i < fps_plan_count(plan); i++) {
        fps_plan_task(plan, i, &task);
        visit(survey, memo, &first, &task);
    }
    for (int p = 0; p < fps_parameter_count; p++)
        if (fps_parameters[p].kind == FPS_KIND_WIDTH)
            survey->layers_vary = survey->layers_vary && survey->parameter[p].varies;
    return FPS_OK;
}

void fps_survey_release(fps_survey *survey) {
    fps_free(survey->parameter);
    fps_free(survey->datasets);
    survey->parameter = NULL;
    survey->datasets = NULL;
}
