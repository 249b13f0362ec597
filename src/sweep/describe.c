/* describe.c: tasks and combinations in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sweep/internal.h"

/* A value as the file gives it: for widths that are ignored at depth 0, and for what could not be computed. */
static void format_given(const fps_plan *plan, int p, char *buffer, size_t size) {
    const fps_axis *axis = &plan->axis[p];
    int64_t k = fps_evaluate_index(plan, p);
    const fps_value *value = axis->value ? &axis->value[k] : NULL;
    if (value && value->text)
        snprintf(buffer, size, "%s", value->text);
    else if (value && value->domain)
        snprintf(buffer, size, "[...]");
    else if (value && value->number[0].formula >= 0)
        snprintf(buffer, size, "%s", plan->formulas.formula[value->number[0].formula].text);
    else
        snprintf(buffer, size, "%s", fps_digits_of(value ? value->number[0].value : fps_axis_number(axis, k)).text);
}

/* Does the present combination's task not hold the value that the file gives? */
static bool is_elsewhere(const fps_plan *plan, int p) {
    const fps_evaluator *e = plan->evaluator;
    return (e->failed & FPS_BIT(p)) || (fps_parameters[p].kind == FPS_KIND_WIDTH && e->task.depth == 0);
}

int fps_describe_factors(const fps_plan *plan, const fps_task *task, uint64_t parameters, char *buffer, size_t size) {
    size_t used = 0;
    if (size > 0)
        buffer[0] = '\0';
    for (int f = 0; f < plan->factors; f++)
        for (int i = 0; i < plan->factor[f].parameters; i++) {
            int p = plan->factor[f].parameter[i];
            if (!(parameters & FPS_BIT(p)))
                continue;
            char value[2 * FPS_TEXT_LIMIT];
            if (task == &plan->evaluator->task && is_elsewhere(plan, p))
                format_given(plan, p, value, sizeof value);
            else
                fps_parameter_format(&fps_parameters[p], task, value, sizeof value);
            size_t at = used < size ? used : size;
            used += (size_t)snprintf(buffer + at, size - at, "%s%s=%s", used ? " " : "", fps_parameters[p].name, value);
        }
    return (int)used;
}

/* Where to point for a parameter: its value, else a value that it is computed from, else the file's beginning. */
static fps_place place_for(const fps_plan *plan, int p) {
    if (plan->given & FPS_BIT(p))
        return fps_evaluate_place(plan, p);
    for (int q = 0; q < fps_parameter_count; q++)
        if ((plan->given & FPS_BIT(q)) && plan->axis[p].value &&
            (fps_value_reads(&plan->formulas, plan->axis[p].value) & FPS_BIT(q)))
            return fps_evaluate_place(plan, q);
    return (fps_place){1, 1};
}

fps_status fps_plan_fail(const fps_plan *plan, int parameter, const char *format, ...) {
    char what[1000], where[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    uint64_t several = 0;
    for (int f = 0; f < plan->factors; f++)
        for (int i = 0; plan->factor[f].count > 1 && i < plan->factor[f].parameters; i++)
            several |= FPS_BIT(plan->factor[f].parameter[i]);
    fps_place place = place_for(plan, parameter);
    int length = fps_describe_factors(plan, &plan->evaluator->task, several, where, sizeof where);
    if (length == 0)
        return fps_sweep_fail(plan->name, place, "%s", what);
    for (char *c = where; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    return fps_sweep_fail(plan->name, place, "%s (combination %s%s)", what, where,
                          (size_t)length >= sizeof where ? "..." : "");
}
