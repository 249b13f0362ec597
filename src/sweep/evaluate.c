/* evaluate.c: the parameters of one combination, computed step by step; only what depends on a changed factor. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/initializer.h"
#include "fpsweep/memory.h"
#include "sweep/internal.h"

enum { WIDEST = 65536 };

static void *field(fps_task *task, const fps_parameter *parameter) {
    return (char *)task + parameter->offset;
}

/* ---- one value into the task, by kind ----
 * Each returns FPS_OK or the mistake; constants have been checked when they were read. */

/* A number of a value, checked unless it is a constant. */
static fps_status number_of(const fps_plan *plan, int p, const fps_value *value, double *out) {
    if (value->number[0].formula < 0) {
        *out = value->number[0].value;
        return FPS_OK;
    }
    FPS_TRY(fps_number_evaluate(&plan->formulas, value->number[0], out));
    /* defaults of integers are rounded down: half a band_limit is no mistake of the user's */
    if (value->place.line == 0 && fps_parameters[p].kind == FPS_KIND_INTEGER)
        *out = floor(*out);
    return fps_value_check_number(plan->name, value->place, &fps_parameters[p], *out);
}

static fps_status set_integer(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    double number;
    FPS_TRY(number_of(plan, p, value, &number));
    *(int64_t *)field(task, &fps_parameters[p]) = (int64_t)number;
    return FPS_OK;
}

static fps_status set_real(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    return number_of(plan, p, value, field(task, &fps_parameters[p]));
}

static fps_status set_choice(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    const fps_parameter *parameter = &fps_parameters[p];
    const fps_choice_entry *entry = &parameter->choices->entry[value->code];
    fps_choice *choice = field(task, parameter);
    choice->code = value->code;
    choice->text = value->text;
    choice->argument[0] = choice->argument[1] = 0;
    for (int i = 0; i < value->items; i++) {
        FPS_TRY(fps_number_evaluate(&plan->formulas, value->number[i], &choice->argument[i]));
        if (value->number[i].formula >= 0)
            FPS_TRY(fps_value_check_argument(plan->name, value->place, entry, i, choice->argument[i]));
    }
    return FPS_OK;
}

static fps_status set_text(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    (void)plan;
    *(const char **)field(task, &fps_parameters[p]) = value->text;
    return FPS_OK;
}

static void set_equal_widths(const fps_plan *plan, int64_t width, fps_task *task) {
    task->width = task->depth > 0 ? width : 0;
    task->width_text = plan->digits[task->width];
    for (int64_t l = 0; l < task->depth; l++)
        task->widths[l] = (int32_t)width;
}

static fps_status set_width(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    memset(task->widths, 0, sizeof task->widths);
    if (!value->widths) {
        double width;
        FPS_TRY(number_of(plan, p, value, &width));
        set_equal_widths(plan, (int64_t)width, task);
        return FPS_OK;
    }
    if (task->depth == 0) {
        set_equal_widths(plan, 1, task);
        return FPS_OK;
    }
    if (value->items != task->depth)
        return fps_sweep_fail(plan->name, value->place, "width %s names %d layers, but depth is %lld",
                              fps_quote(value->text).text, value->items, (long long)task->depth);
    bool equal = true;
    task->width = 0;
    for (int l = 0; l < value->items; l++) {
        task->widths[l] = value->widths[l];
        equal = equal && value->widths[l] == value->widths[0];
        if (value->widths[l] > task->width)
            task->width = value->widths[l];
    }
    task->width_text = equal ? plan->digits[task->width] : value->text;
    return FPS_OK;
}

static fps_status set_domain(const fps_plan *plan, int p, const fps_value *value, fps_task *task) {
    const fps_parameter *parameter = &fps_parameters[p];
    memset(task->domain, 0, sizeof task->domain);
    if (value->items != 1 && value->items != task->dimension)
        return fps_sweep_fail(plan->name, value->place, "domain has %d intervals, but dimension is %lld", value->items,
                              (long long)task->dimension);
    for (int64_t axis = 0; axis < task->dimension; axis++) {
        const fps_number *pair = value->domain + (value->items == 1 ? 0 : 2 * axis);
        for (int end = 0; end < 2; end++) {
            FPS_TRY(fps_number_evaluate(&plan->formulas, pair[end], &task->domain[axis][end]));
            if (pair[end].formula >= 0)
                FPS_TRY(fps_value_check_number(plan->name, value->place, parameter, task->domain[axis][end]));
        }
        if (!(task->domain[axis][0] < task->domain[axis][1]))
            return fps_sweep_fail(plan->name, value->place, "the lower end of domain must be below the upper end");
    }
    return FPS_OK;
}

typedef fps_status (*setter)(const fps_plan *, int, const fps_value *, fps_task *);
static const setter setters[] = {
    [FPS_KIND_INTEGER] = set_integer, [FPS_KIND_REAL] = set_real,   [FPS_KIND_CHOICE] = set_choice,
    [FPS_KIND_TEXT] = set_text,       [FPS_KIND_WIDTH] = set_width, [FPS_KIND_DOMAIN] = set_domain,
};

/* A number of an axis that is not written out; checked when the axis was read. */
static void set_number(const fps_plan *plan, int p, double number, fps_task *task) {
    const fps_parameter *parameter = &fps_parameters[p];
    void *to = field(task, parameter);
    switch (parameter->kind) {
    case FPS_KIND_INTEGER:
        *(int64_t *)to = (int64_t)number;
        break;
    case FPS_KIND_REAL:
        *(double *)to = number;
        break;
    case FPS_KIND_CHOICE:
        *(fps_choice *)to = (fps_choice){.code = fps_value_bare(parameter->choices, "value"), .argument = {number, 0}};
        break;
    case FPS_KIND_WIDTH:
        memset(task->widths, 0, sizeof task->widths);
        set_equal_widths(plan, (int64_t)number, task);
        break;
    case FPS_KIND_TEXT:
    case FPS_KIND_DOMAIN:
        break; /* take no ranges */
    }
}

/* ---- steps ---- */

int64_t fps_evaluate_index(const fps_plan *plan, int p) {
    int factor = plan->axis[p].factor;
    return factor < 0 ? 0 : plan->evaluator->digit[factor];
}

fps_place fps_evaluate_place(const fps_plan *plan, int p) {
    return fps_axis_place(&plan->axis[p], fps_evaluate_index(plan, p));
}

/* Is `task` a linear model of features, whose biases and initial weights are zero unless given? */
static bool is_linear_model(const fps_task *task) {
    return task->depth == 0 && task->decay_rate >= 0;
}

static const fps_value *default_value(const fps_plan *plan, int p, const fps_task *task) {
    if (is_linear_model(task) && p == FPS_P(bias))
        return plan->linear[0].value;
    if (is_linear_model(task) && p == FPS_P(initializer))
        return plan->linear[1].value;
    return plan->fallback[p].value;
}

static fps_status set_default(const fps_plan *plan, int p, fps_task *task) {
    const fps_value *value = default_value(plan, p, task);
    if (value)
        return setters[fps_parameters[p].kind](plan, p, value, task);
    if (p == FPS_P(target) && (plan->given & FPS_BIT(FPS_P(data)))) {
        task->target = (fps_choice){.code = FPS_TARGET_DATA};
        return FPS_OK;
    }
    return fps_sweep_fail(plan->name, (fps_place){1, 1}, "%s is missing; give it under fixed, grid or zip",
                          fps_parameters[p].name);
}

/* Single layers give the depth. */
static fps_status set_depth_from_width(const fps_plan *plan, int p, fps_task *task) {
    const fps_axis *width = &plan->axis[FPS_P(width)];
    const fps_value *value = &width->value[fps_evaluate_index(plan, FPS_P(width))];
    if (!value->widths)
        return set_default(plan, p, task);
    task->depth = value->items;
    return FPS_OK;
}

static fps_status set_parameter(const fps_plan *plan, int p, fps_task *task) {
    const fps_axis *axis = &plan->axis[p];
    if (!(plan->given & FPS_BIT(p)))
        return p == FPS_P(depth) && plan->depth_from_width ? set_depth_from_width(plan, p, task)
                                                           : set_default(plan, p, task);
    int64_t k = fps_evaluate_index(plan, p);
    if (axis->value)
        return setters[fps_parameters[p].kind](plan, p, &axis->value[k], task);
    set_number(plan, p, fps_axis_number(axis, k), task);
    return FPS_OK;
}

/* Longest side of the domain. */
double fps_evaluate_side(const fps_task *task) {
    double side = 0;
    for (int64_t axis = 0; axis < task->dimension; axis++)
        side = fmax(side, task->domain[axis][1] - task->domain[axis][0]);
    return side;
}

/* As fps_parameter_value, with the numbers of names looked up once. */
double fps_evaluate_value(const fps_plan *plan, int p, const fps_task *task) {
    const fps_parameter *parameter = &fps_parameters[p];
    if (parameter->kind != FPS_KIND_CHOICE)
        return fps_parameter_value(parameter, task);
    const fps_choice *choice = (const fps_choice *)((const char *)task + parameter->offset);
    double number = plan->name_number[p][choice->code];
    return isnan(number) ? choice->argument[0] : number;
}

static void do_step(const fps_plan *plan, const fps_step *step) {
    fps_evaluator *e = plan->evaluator;
    int p = step->parameter;
    if (p == FPS_SIDE) {
        e->variable[FPS_SIDE] = fps_evaluate_side(&e->task);
        return;
    }
    bool ok = set_parameter(plan, p, &e->task) == FPS_OK;
    e->failed = ok ? e->failed & ~FPS_BIT(p) : e->failed | FPS_BIT(p);
    if (plan->numbered & FPS_BIT(p))
        e->variable[p] = ok ? fps_evaluate_value(plan, p, &e->task) : NAN;
}

fps_status fps_evaluate_explain(const fps_plan *plan, int parameter) {
    fps_status status = set_parameter(plan, parameter, &plan->evaluator->task);
    if (status == FPS_ERROR_NUMERIC) { /* of an expression: message without place */
        char message[600];
        snprintf(message, sizeof message, "%s", fps_error_message());
        return fps_plan_fail(plan, parameter, "%s: %s", fps_parameters[parameter].name, message);
    }
    return status;
}

/* Decimal digits of a width, without the cost of a format: there are many. */
static void write_digits(int width, char digits[8]) {
    int length = 1;
    for (int rest = width; rest >= 10; rest /= 10)
        length++;
    for (int i = length - 1; i >= 0; i--, width /= 10)
        digits[i] = (char)('0' + width % 10);
}

fps_status fps_evaluate_start(fps_plan *plan) {
    fps_value_reader reader = fps_plan_reader(plan);
    plan->digits = fps_arena_alloc(reader.arena, (WIDEST + 1) * sizeof *plan->digits);
    if (!plan->digits)
        return FPS_ERROR_MEMORY;
    for (int width = 0; width <= WIDEST; width++)
        write_digits(width, plan->digits[width]);
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_choice_table *table = fps_parameters[p].kind == FPS_KIND_CHOICE ? fps_parameters[p].choices : NULL;
        if (!table)
            continue;
        plan->name_number[p] =
            fps_arena_alloc(reader.arena, (size_t)fps_choice_count(table) * sizeof *plan->name_number[p]);
        if (!plan->name_number[p])
            return FPS_ERROR_MEMORY;
        for (int code = 0; code < fps_choice_count(table); code++)
            plan->name_number[p][code] =
                strcmp(table->entry[code].name, "value") == 0 ? NAN : fps_name_value(table->entry[code].name);
    }
    fps_evaluator *e = plan->evaluator;
    e->task.width_text = e->task.data = "";
    for (int s = 0; s < plan->steps; s++)
        do_step(plan, &plan->step[s]);
    return FPS_OK;
}

uint64_t fps_evaluate_seek(const fps_plan *plan, int64_t combination) {
    fps_evaluator *e = plan->evaluator;
    uint64_t changed = 0;
    for (int f = 0; f < plan->factors; f++) {
        int64_t digit = combination / plan->factor[f].stride;
        combination -= digit * plan->factor[f].stride;
        changed |= digit != e->digit[f] ? FPS_BIT(f) : 0;
        e->digit[f] = digit;
    }
    e->stale_first |= changed;
    e->stale |= changed;
    return changed;
}

/* Steps that `where` reads. */
static void do_first_steps(const fps_plan *plan) {
    fps_evaluator *e = plan->evaluator;
    for (int s = 0; e->stale_first && s < plan->first; s++)
        if (plan->step[s].factors & e->stale_first)
            do_step(plan, &plan->step[s]);
    e->stale_first = 0;
}

fps_status fps_evaluate_where(const fps_plan *plan, bool *keep) {
    const fps_evaluator *e = plan->evaluator;
    do_first_steps(plan);
    *keep = true;
    if (!plan->has_where)
        return FPS_OK;
    double value;
    if (fps_number_evaluate(&plan->formulas, plan->where, &value) == FPS_OK) {
        *keep = value != 0;
        return FPS_OK;
    }
    char message[600];
    snprintf(message, sizeof message, "%s", fps_error_message());
    for (int s = 0; s < plan->first; s++)
        if (plan->step[s].parameter != FPS_SIDE && (e->failed & FPS_BIT(plan->step[s].parameter)))
            return fps_evaluate_explain(plan, plan->step[s].parameter);
    return fps_sweep_fail(plan->name, plan->where_node->place, "where: %s", message);
}

void fps_evaluate_parameters(const fps_plan *plan) {
    fps_evaluator *e = plan->evaluator;
    do_first_steps(plan);
    for (int s = plan->first; e->stale && s < plan->steps; s++)
        if (plan->step[s].factors & e->stale)
            do_step(plan, &plan->step[s]);
    e->stale = 0;
}

/* ---- what follows from a task ---- */

uint64_t fps_evaluate_used(const fps_task *task) {
    uint64_t used = 0;
    for (int p = 0; p < fps_parameter_count; p++)
        if (!fps_parameters[p].used || fps_parameters[p].used(task))
            used |= FPS_BIT(p);
    return used;
}

void fps_evaluate_canonical(const fps_plan *plan, fps_task *task, uint64_t used) {
    uint64_t ignored = plan->given & ~used;
    for (int p = 0; ignored && p < fps_parameter_count; p++)
        if (ignored & FPS_BIT(p))
            set_default(plan, p, task); /* a default that fails leaves what is ignored anyway */
}

static int hash_kind(const fps_parameter *parameter, const fps_task *task, uint64_t *key) {
    const void *from = (const char *)task + parameter->offset;
    switch (parameter->kind) {
    case FPS_KIND_INTEGER:
    case FPS_KIND_REAL:
        memcpy(key, from, 8);
        return 1;
    case FPS_KIND_CHOICE: {
        const fps_choice *choice = from;
        key[0] = (uint64_t)choice->code;
        memcpy(key + 1, choice->argument, sizeof choice->argument);
        key[3] = choice->text ? XXH3_64bits(choice->text, strlen(choice->text)) : 0;
        return 4;
    }
    case FPS_KIND_TEXT: {
        const char *text = *(const char *const *)from;
        key[0] = XXH3_64bits(text, strlen(text));
        return 1;
    }
    case FPS_KIND_WIDTH:
        key[0] = XXH3_64bits(task->widths, (size_t)task->depth * sizeof *task->widths);
        return 1;
    case FPS_KIND_DOMAIN:
        memcpy(key, task->domain, sizeof task->domain);
        return (int)(sizeof task->domain / sizeof *key);
    }
    return 0;
}

uint64_t fps_evaluate_hash(const fps_plan *plan, uint64_t used) {
    uint64_t key[FPS_PARAMETERS * 8];
    int length = 0;
    for (int p = 0; p < fps_parameter_count; p++)
        if ((used & FPS_BIT(p)) && plan->factors_of[p]) {
            key[length++] = (uint64_t)p;
            length += hash_kind(&fps_parameters[p], &plan->evaluator->task, key + length);
        }
    return XXH3_64bits(key, (size_t)length * sizeof *key);
}
