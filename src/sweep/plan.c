/* plan.c: a sweep file turned into numbered tasks: creation and access. */
#include "fpsweep/plan.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "sweep/internal.h"

static fps_status build(fps_plan *plan) {
    fps_node *root;
    FPS_TRY(FPS_ALLOC(plan->evaluator, 1));
    FPS_TRY(fps_formulas_create(&plan->formulas, plan->name, plan->evaluator->variable));
    FPS_TRY(fps_document_parse(plan->name, plan->text, plan->length, &plan->arena, &root));
    FPS_TRY(fps_sections_read(plan, root));
    FPS_TRY(fps_record_modes(plan));
    FPS_TRY(fps_order_create(plan));
    FPS_TRY(fps_evaluate_start(plan));
    FPS_TRY(fps_record_model(plan));
    FPS_TRY(fps_combinations_visit(plan));
    return fps_extents_measure(plan);
}

fps_status fps_plan_create_limited(const char *name, const char *text, size_t length, int64_t limit, fps_plan **out) {
    fps_plan *plan = NULL;
    fps_status status = FPS_OK;
    static const char hdf5[] = "\211HDF\r\n\032\n";
    *out = NULL;
    if (length >= sizeof hdf5 - 1 && memcmp(text, hdf5, sizeof hdf5 - 1) == 0)
        return fps_sweep_fail(name, (fps_place){1, 1},
                              "this is an HDF5 file, perhaps a results file; a sweep file is YAML");
    if (length > FPS_DOCUMENT_BYTES)
        return fps_sweep_fail(name, (fps_place){1, 1}, "the file has %zu bytes; a sweep file has at most %d", length,
                              FPS_DOCUMENT_BYTES);
    FPS_TRY(FPS_ALLOC(plan, 1));
    plan->limit = limit;
    plan->room = FPS_EXPANSION_LIMIT;
    plan->length = length;
    plan->hash = XXH3_64bits(text, length);
    plan->name = fps_arena_copy(&plan->arena, name, strlen(name));
    plan->text = fps_arena_copy(&plan->arena, text, length);
    status = plan->name && plan->text ? build(plan) : FPS_ERROR_MEMORY;
    if (status == FPS_OK)
        *out = plan;
    else
        fps_plan_destroy(&plan);
    return status;
}

fps_status fps_plan_create(const char *name, const char *text, size_t length, fps_plan **out) {
    return fps_plan_create_limited(name, text, length, FPS_PLAN_LIMIT, out);
}

void fps_plan_destroy(fps_plan **plan) {
    if (!plan || !*plan)
        return;
    fps_survivors_release(&(*plan)->kept);
    fps_survivors_release(&(*plan)->tasks);
    fps_formulas_release(&(*plan)->formulas);
    fps_free((*plan)->evaluator);
    fps_arena_release(&(*plan)->arena);
    fps_free(*plan);
    *plan = NULL;
}

/* ---- tasks ---- */

void fps_plan_task(const fps_plan *plan, int64_t i, fps_task *task) {
    fps_evaluate_seek(plan, fps_survivors_select(&plan->tasks, i));
    fps_evaluate_parameters(plan);
    *task = plan->evaluator->task;
    fps_evaluate_canonical(plan, task, fps_evaluate_used(task));
    task->index = i;
    if (plan->datasets > 0)
        task->dataset = plan->dataset[fps_evaluate_index(plan, FPS_P(data))];
    if (task->dataset)
        task->samples = task->dataset->samples;
}

int64_t fps_plan_count(const fps_plan *plan) {
    return plan->tasks.count;
}

/* ---- the whole sweep ---- */

const char *fps_plan_name(const fps_plan *plan) {
    return plan->title;
}

const char *fps_plan_about(const fps_plan *plan) {
    return plan->about;
}

const char *fps_plan_text(const fps_plan *plan, size_t *length) {
    *length = plan->length;
    return plan->text;
}

uint64_t fps_plan_hash(const fps_plan *plan) {
    return plan->hash;
}

const fps_record_spec *fps_plan_record(const fps_plan *plan) {
    return &plan->record;
}

const fps_extent *fps_plan_extent(const fps_plan *plan) {
    return &plan->extent;
}

bool fps_plan_all_single(const fps_plan *plan) {
    return plan->all_single;
}

/* ---- axes ---- */

int fps_plan_factors(const fps_plan *plan) {
    return plan->factors;
}

fps_plan_factor fps_plan_factor_at(const fps_plan *plan, int factor) {
    const fps_factor *f = &plan->factor[factor];
    return (fps_plan_factor){.parameters = f->parameters, .parameter = f->parameter, .count = f->count};
}

int64_t fps_plan_coordinate(const fps_plan *plan, int64_t i, int factor) {
    const fps_factor *f = &plan->factor[factor];
    return fps_survivors_select(&plan->tasks, i) / f->stride % f->count;
}

bool fps_plan_varies(const fps_plan *plan, int parameter) {
    for (int f = 0; f < plan->factors; f++)
        if ((plan->factors_of[parameter] & FPS_BIT(f)) && plan->factor[f].count > 1)
            return true;
    return false;
}

int fps_plan_line(const fps_plan *plan, int parameter) {
    return plan->given & FPS_BIT(parameter) ? plan->axis[parameter].key.line : 0;
}

int64_t fps_plan_combinations(const fps_plan *plan) {
    return plan->combinations;
}

int64_t fps_plan_dropped_where(const fps_plan *plan) {
    return plan->dropped_where;
}

int64_t fps_plan_dropped_same(const fps_plan *plan) {
    return plan->dropped_same;
}

int fps_plan_label(const fps_plan *plan, int64_t i, char *buffer, size_t size) {
    fps_task task;
    uint64_t varying = 0;
    fps_plan_task(plan, i, &task);
    uint64_t used = fps_evaluate_used(&task);
    for (int p = 0; p < fps_parameter_count; p++)
        varying |= fps_plan_varies(plan, p) ? FPS_BIT(p) : 0;
    return fps_describe_factors(plan, &task, varying & used, buffer, size);
}

/* ---- the user's data ---- */

int fps_plan_datasets(const fps_plan *plan) {
    return plan->datasets;
}

const char *fps_plan_dataset_path(const fps_plan *plan, int k) {
    return plan->dataset_path[k];
}
