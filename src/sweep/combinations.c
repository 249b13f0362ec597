/* combinations.c: look at every combination once: drop what `where` refuses, check the rest, drop what is a repetition.
 */
#include <string.h>

#include "sweep/hashset.h"
#include "sweep/internal.h"

typedef struct pass {
    fps_plan *plan;
    fps_rules *rules;
    fps_hashset seen;     /* hashes of tasks that others may repeat */
    uint64_t factors;     /* parameters of factors */
    bool always;          /* even tasks that ignore nothing may repeat */
    uint64_t used_by_any; /* parameters that some task uses */
} pass;

/* Expressions and single layers can give equal values where the file's texts differ. */
static bool values_may_coincide(const fps_plan *plan) {
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_axis *axis = &plan->axis[p];
        for (int64_t k = 0; axis->factor >= 0 && axis->value && k < axis->count; k++)
            if (fps_value_reads(&plan->formulas, &axis->value[k]) || axis->value[k].widths)
                return true;
    }
    return false;
}

/* Tell why a parameter that the task uses has no value. */
static fps_status fail_parameters(const fps_plan *plan, uint64_t failed) {
    for (int s = 0; s < plan->steps; s++) {
        int p = plan->step[s].parameter;
        if (p != FPS_SIDE && (failed & FPS_BIT(p)))
            return fps_evaluate_explain(plan, p);
    }
    return fps_fail(FPS_ERROR_SWEEP, "%s: a parameter has no value", plan->name);
}

static fps_status visit(pass *v, int64_t combination) {
    fps_plan *plan = v->plan;
    bool keep, is_new = true;
    fps_evaluate_seek(plan, combination);
    FPS_TRY(fps_evaluate_where(plan, &keep));
    if (!keep) {
        plan->dropped_where++;
        FPS_TRY(fps_survivors_drop(&plan->kept, combination));
        return fps_survivors_drop(&plan->tasks, combination);
    }
    fps_evaluate_parameters(plan);
    uint64_t used = fps_evaluate_used(&plan->evaluator->task);
    v->used_by_any |= used;
    if (plan->evaluator->failed & used)
        return fail_parameters(plan, plan->evaluator->failed & used);
    FPS_TRY(fps_rules_check(v->rules, plan, used));
    if (v->always || (v->factors & ~used))
        FPS_TRY(fps_hashset_add(&v->seen, fps_evaluate_hash(plan, used), &is_new));
    if (is_new)
        return FPS_OK;
    plan->dropped_same++;
    return fps_survivors_drop(&plan->tasks, combination);
}

static fps_status refuse_unused(const pass *v) {
    const fps_plan *plan = v->plan;
    for (int p = 0; p < fps_parameter_count; p++)
        if (plan->given & ~v->used_by_any & FPS_BIT(p))
            return fps_sweep_fail(plan->name, plan->axis[p].key, "no task uses %s: it matters only when %s; remove it",
                                  fps_parameters[p].name, fps_parameters[p].used_when);
    return FPS_OK;
}

fps_status fps_combinations_visit(fps_plan *plan) {
    pass v = {.plan = plan, .always = values_may_coincide(plan)};
    fps_status status = fps_rules_create(&v.rules);
    fps_survivors_create(&plan->tasks, plan->combinations);
    fps_survivors_create(&plan->kept, plan->combinations);
    for (int p = 0; p < fps_parameter_count; p++)
        v.factors |= plan->axis[p].factor >= 0 ? FPS_BIT(p) : 0;
    for (int64_t c = 0; status == FPS_OK && c < plan->combinations; c++)
        status = visit(&v, c);
    fps_hashset_release(&v.seen);
    fps_rules_destroy(&v.rules);
    FPS_TRY(status);
    if (plan->dropped_where == plan->combinations)
        return fps_sweep_fail(plan->name, plan->where_node->place,
                              "where is false for %s combination; nothing is left to run",
                              plan->combinations == 1 ? "the only" : "every");
    FPS_TRY(refuse_unused(&v));
    FPS_TRY(fps_survivors_finish(&plan->kept));
    return fps_survivors_finish(&plan->tasks);
}
