/* queries.c: which combinations were dropped and why; which tasks an expression selects. */
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "sweep/internal.h"

/* "ignores width, activation: the same task as an earlier combination" */
static void describe_same(const fps_plan *plan, char *buffer, size_t size) {
    uint64_t used = fps_evaluate_used(&plan->evaluator->task);
    size_t length = 0;
    buffer[0] = '\0';
    for (int f = 0; f < plan->factors; f++)
        for (int i = 0; i < plan->factor[f].parameters && length < size; i++) {
            int p = plan->factor[f].parameter[i];
            if (!(used & FPS_BIT(p)))
                length += (size_t)snprintf(buffer + length, size - length, "%s%s", length ? ", " : "ignores ",
                                           fps_parameters[p].name);
        }
    if (length < size)
        snprintf(buffer + length, size - length, "%sthe same task as an earlier combination", length ? ": " : "");
}

void fps_plan_dropped(const fps_plan *plan, bool (*each)(void *context, const char *values, const char *reason),
                      void *context) {
    char values[4096], reason[1024];
    for (int64_t c = 0; c < plan->combinations; c++) {
        if (fps_survivors_has(&plan->tasks, c))
            continue;
        fps_evaluate_seek(plan, c);
        fps_evaluate_parameters(plan);
        fps_describe_factors(plan, &plan->evaluator->task, UINT64_MAX, values, sizeof values);
        if (fps_survivors_has(&plan->kept, c))
            describe_same(plan, reason, sizeof reason);
        else
            snprintf(reason, sizeof reason, "where is false");
        if (!each(context, values, reason))
            return;
    }
}

fps_status fps_plan_select(const fps_plan *plan, const char *expression, bool *selected) {
    double variable[64] = {0}, value;
    fps_expression *compiled = NULL;
    int column = 0;
    fps_task task;
    fps_status status = fps_formula_compile(&plan->formulas, expression, variable, &compiled, &column);
    if (status == FPS_ERROR_SWEEP) {
        char message[600];
        snprintf(message, sizeof message, "%s", fps_error_message());
        return fps_fail(FPS_ERROR_USAGE, "--where: %s", message);
    }
    FPS_TRY(status);
    uint64_t reads = fps_formula_reads(&plan->formulas, compiled);
    for (int64_t i = 0; i < plan->tasks.count && status == FPS_OK; i++) {
        fps_plan_task(plan, i, &task);
        for (int p = 0; p < fps_parameter_count; p++)
            if (reads & FPS_BIT(p))
                variable[p] = fps_evaluate_value(plan, p, &task);
        variable[FPS_SIDE] = fps_evaluate_side(&task);
        status = fps_expression_evaluate(compiled, &value);
        selected[i] = status == FPS_OK && value != 0;
    }
    fps_expression_destroy(&compiled);
    if (status != FPS_ERROR_NUMERIC)
        return status;
    char message[600];
    snprintf(message, sizeof message, "%s", fps_error_message());
    return fps_fail(FPS_ERROR_USAGE, "--where: %s", message);
}
