/* describe.c: tasks and combinations in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sweep/internal.h"

/* A number of the file: its digits, or the expression. */
static void format_number(const fps_plan *plan, fps_number number, char *buffer, size_t size) {
    snprintf(buffer, size, "%s",
             number.formula >= 0 ? plan->formulas.formula[number.formula].text : fps_digits_of(number.value).text);
}

/* "normal(0, 1/width)", "[-1, 2*pi]", "[[0, 1], [0, 2]]": several numbers of one value. */
static void format_numbers(const fps_plan *plan, const fps_parameter *parameter, const fps_value *value, char *buffer,
                           size_t size) {
    bool is_domain = value->domain != NULL;
    const fps_number *number = is_domain ? value->domain : value->number;
    int numbers = is_domain ? 2 * value->items : value->items, used = 0;
    const char *name = is_domain ? (value->items > 1 ? "[" : "") : parameter->choices->entry[value->code].name;
    const char *open = is_domain ? "[" : "(", *close = is_domain ? "]" : ")";
    used += snprintf(buffer, size, "%s", name);
    for (int i = 0; i < numbers && (size_t)used < size; i++) {
        char text[FPS_TEXT_LIMIT + 1];
        bool first = i == 0 || (is_domain && i % 2 == 0), last = i == numbers - 1 || (is_domain && i % 2 == 1);
        format_number(plan, number[i], text, sizeof text);
        used += snprintf(buffer + used, size - (size_t)used, "%s%s%s%s", i > 0 ? ", " : "", first ? open : "", text,
                         last ? close : "");
    }
    if (is_domain && value->items > 1 && (size_t)used < size)
        snprintf(buffer + used, size - (size_t)used, "]");
}

void fps_describe_given(const fps_plan *plan, int p, int64_t k, char *buffer, size_t size) {
    const fps_parameter *parameter = &fps_parameters[p];
    const fps_axis *axis = &plan->axis[p];
    const fps_value *value = axis->value ? &axis->value[k] : NULL;
    bool is_bare =
        parameter->kind == FPS_KIND_CHOICE && value && value->code == fps_value_bare(parameter->choices, "value");
    if (!value)
        snprintf(buffer, size, "%s", fps_digits_of(fps_axis_number(axis, k)).text);
    else if (value->text)
        snprintf(buffer, size, "%s", value->text);
    else if (value->domain || (parameter->kind == FPS_KIND_CHOICE && !is_bare))
        format_numbers(plan, parameter, value, buffer, size);
    else if (fps_value_word(parameter, value))
        snprintf(buffer, size, "%s", fps_value_word(parameter, value));
    else
        format_number(plan, value->number[0], buffer, size);
}

int fps_plan_factor_value(const fps_plan *plan, int factor, int parameter, int64_t k, char *buffer, size_t size) {
    char text[2 * FPS_TEXT_LIMIT];
    fps_describe_given(plan, plan->factor[factor].parameter[parameter], k, text, sizeof text);
    return snprintf(buffer, size, "%s", text);
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
                fps_describe_given(plan, p, fps_evaluate_index(plan, p), value, sizeof value);
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
