/* grouping.c: tasks that differ only in their seeds, taken together. */
#include "fpsweep/grouping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"

/* A task with the number of its group: its coordinates along all factors but those inside groups, in mixed radix. */
typedef struct keyed {
    int64_t key, task;
} keyed;

/* Axes are distinct parameters. */
enum { MOST_AXES = 64 };

/* What the tasks of a group may differ in: parameters by name, ends with NULL. */
static const char *const seeds[] = {"seed", "data_seed", NULL};
static const char *const seeds_and_rates[] = {"seed", "data_seed", "decay_rate", NULL};
static const char *const seeds_rates_and_limits[] = {"seed", "data_seed", "decay_rate", "band_limit", NULL};

static bool is_among(int parameter, const char *const *inside) {
    for (; *inside; inside++)
        if (strcmp(fps_parameters[parameter].name, *inside) == 0)
            return true;
    return false;
}

/* Is the factor made of such parameters alone? */
static bool is_inside(const fps_plan_factor *factor, const char *const *inside) {
    for (int i = 0; i < factor->parameters; i++)
        if (!is_among(factor->parameter[i], inside))
            return false;
    return true;
}

bool fps_grouping_is_seed(const fps_plan *plan, int factor) {
    fps_plan_factor f = fps_plan_factor_at(plan, factor);
    return is_inside(&f, seeds);
}

static int by_key(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

/* Number of a task's group. Combinations are at most FPS_PLAN_LIMIT, so that the number cannot overflow. */
static int64_t group_key(const fps_plan *plan, const char *const *inside, int64_t task) {
    int64_t key = 0;
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        fps_plan_factor factor = fps_plan_factor_at(plan, f);
        if (!is_inside(&factor, inside))
            key = key * factor.count + fps_plan_coordinate(plan, task, f);
    }
    return key;
}

/* Parameters of all factors with several values, and which of them vary among the selected tasks. */
static fps_status find_axes(fps_grouping *g, const char *const *inside) {
    const fps_plan *plan = g->plan;
    int most = 0;
    for (int f = 0; f < fps_plan_factors(plan); f++)
        most += fps_plan_factor_at(plan, f).parameters;
    FPS_TRY(FPS_ALLOC(g->axis, most));
    FPS_TRY(FPS_ALLOC(g->varies, most));
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        fps_plan_factor factor = fps_plan_factor_at(plan, f);
        if (factor.count < 2 || is_inside(&factor, inside))
            continue;
        bool varies = false;
        for (int64_t i = 1; i < g->groups && !varies; i++)
            varies = fps_plan_coordinate(plan, g->task[g->start[i]], f) != fps_plan_coordinate(plan, g->task[0], f);
        for (int i = 0; i < factor.parameters; i++)
            if (!is_among(factor.parameter[i], inside)) {
                g->axis[g->axes] = factor.parameter[i];
                g->varies[g->axes++] = varies;
            }
    }
    return FPS_OK;
}

static fps_status create(const fps_plan *plan, const bool *selected, const char *const *inside, fps_grouping **out) {
    fps_status status = FPS_OK;
    keyed *order = NULL;
    fps_grouping *g = fps_alloc(1, sizeof *g);
    if (!g)
        return FPS_ERROR_MEMORY;
    g->plan = plan;
    int64_t tasks = fps_plan_count(plan), count = 0;
    for (int64_t i = 0; i < tasks; i++)
        count += !selected || selected[i];
    FPS_TRY_GOTO(status, FPS_ALLOC(order, count), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(g->task, count), done);
    int64_t n = 0;
    for (int64_t i = 0; i < tasks; i++)
        if (!selected || selected[i])
            order[n++] = (keyed){group_key(plan, inside, i), i};
    qsort(order, (size_t)count, sizeof *order, by_key);
    for (int64_t i = 0; i < count; i++) {
        g->task[i] = order[i].task;
        g->groups += i == 0 || order[i].key != order[i - 1].key;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(g->start, g->groups + 1), done);
    for (int64_t i = 0, group = 0; i < count; i++)
        if (i == 0 || order[i].key != order[i - 1].key)
            g->start[group++] = i;
    g->start[g->groups] = count;
    status = find_axes(g, inside);
done:
    fps_free(order);
    if (status != FPS_OK)
        fps_grouping_destroy(&g);
    *out = g;
    return status;
}

fps_status fps_grouping_create(const fps_plan *plan, const bool *selected, fps_grouping **out) {
    return create(plan, selected, seeds, out);
}

fps_status fps_grouping_create_curves(const fps_plan *plan, const bool *selected, fps_grouping **out) {
    return create(plan, selected, seeds_and_rates, out);
}

fps_status fps_grouping_create_ladders(const fps_plan *plan, const bool *selected, fps_grouping **out) {
    return create(plan, selected, seeds_rates_and_limits, out);
}

void fps_grouping_destroy(fps_grouping **grouping) {
    if (!grouping || !*grouping)
        return;
    fps_free((*grouping)->start);
    fps_free((*grouping)->task);
    fps_free((*grouping)->axis);
    fps_free((*grouping)->varies);
    fps_free(*grouping);
    *grouping = NULL;
}

int64_t fps_grouping_size(const fps_grouping *grouping, int64_t g) {
    return grouping->start[g + 1] - grouping->start[g];
}

int64_t fps_grouping_task(const fps_grouping *grouping, int64_t g, int64_t j) {
    return grouping->task[grouping->start[g] + j];
}

/* Write the axes that are `shown` and used by the group's tasks. */
static int write_label(const fps_grouping *grouping, int64_t g, const bool *shown, char *buffer, size_t size) {
    fps_task task;
    fps_plan_task(grouping->plan, fps_grouping_task(grouping, g, 0), &task);
    int length = 0;
    if (size > 0)
        buffer[0] = '\0';
    for (int a = 0; a < grouping->axes; a++) {
        const fps_parameter *parameter = &fps_parameters[grouping->axis[a]];
        if (!shown[a] || !fps_parameter_used(parameter, &task))
            continue;
        char value[256];
        fps_parameter_format(parameter, &task, value, sizeof value);
        size_t used = (size_t)length < size ? (size_t)length : size;
        length += snprintf(buffer + used, size - used, "%s%s=%s", length ? " " : "", parameter->name, value);
    }
    return length;
}

int fps_grouping_label(const fps_grouping *grouping, int64_t g, bool varying, char *buffer, size_t size) {
    bool shown[MOST_AXES];
    for (int a = 0; a < grouping->axes; a++)
        shown[a] = grouping->varies[a] == varying;
    return write_label(grouping, g, shown, buffer, size);
}

/* Do the axes that are `shown` tell all groups apart? label[groups][LABEL]: scratch. */
enum { LABEL = 256 };
static bool tell_apart(const fps_grouping *grouping, const bool *shown, char (*label)[LABEL]) {
    for (int64_t g = 0; g < grouping->groups; g++) {
        write_label(grouping, g, shown, label[g], LABEL);
        for (int64_t other = 0; other < g; other++)
            if (strcmp(label[g], label[other]) == 0)
                return false;
    }
    return true;
}

fps_status fps_grouping_label_short(const fps_grouping *grouping, int64_t g, char *buffer, size_t size) {
    char(*label)[LABEL] = NULL;
    bool *shown = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(label, grouping->groups), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(shown, grouping->axes), done);
    memcpy(shown, grouping->varies, (size_t)grouping->axes * sizeof *shown);
    for (int a = grouping->axes - 1; a >= 0; a--) {
        bool was = shown[a];
        shown[a] = false;
        shown[a] = was && !tell_apart(grouping, shown, label);
    }
    write_label(grouping, g, shown, buffer, size);
done:
    fps_free(shown);
    fps_free(label);
    return status;
}
