#include "sweep/axis.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "sweep/range.h"

fps_status fps_axis_read_value(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                               fps_axis *out) {
    fps_value *value = fps_arena_alloc(reader->arena, sizeof *value);
    if (!value)
        return FPS_ERROR_MEMORY;
    FPS_TRY(fps_value_read(reader, parameter, node, value));
    out->value = value;
    out->count = 1;
    return FPS_OK;
}

/* Take room for values that are written out: they cost memory before anything is known about their use. */
static fps_status take_room(const fps_value_reader *reader, const fps_node *node, int64_t count) {
    if (count > *reader->room)
        return fps_sweep_fail(reader->name, node->place,
                              "too many values: lists and ranges that are no integers have at most %d in one sweep",
                              FPS_EXPANSION_LIMIT);
    *reader->room -= count;
    return FPS_OK;
}

/* Integers between the ends of an integer parameter's range must be integers too. */
static fps_status check_range(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              const fps_range *range) {
    bool integer = parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_WIDTH;
    if (fps_range_is_integer(range))
        return FPS_OK;
    if (range->count > *reader->room)
        return take_room(reader, node, range->count);
    for (int64_t k = 0; integer && k < range->count; k++)
        FPS_TRY(fps_value_check_number(reader->name, node->place, parameter, fps_range_value(range, k)));
    return FPS_OK;
}

static fps_status read_range(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                             fps_axis *out) {
    fps_range range;
    FPS_TRY(fps_range_read(reader, parameter, node, &range));
    FPS_TRY(check_range(reader, parameter, node, &range));
    out->count = range.count;
    if (fps_range_is_integer(&range)) {
        out->from = range.from;
        out->step = range.step;
        return FPS_OK;
    }
    FPS_TRY(take_room(reader, node, range.count));
    double *number = fps_arena_alloc(reader->arena, (size_t)range.count * sizeof *number);
    if (!number)
        return FPS_ERROR_MEMORY;
    for (int64_t k = 0; k < range.count; k++)
        number[k] = fps_range_value(&range, k);
    out->number = number;
    return FPS_OK;
}

/* How many values the list stands for, ranges written out. */
static fps_status count_values(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *list,
                               int64_t *count) {
    *count = 0;
    for (const fps_node *item = list->first; item; item = item->next) {
        fps_range range = {.count = 1};
        if (item->kind == FPS_NODE_SCALAR && parameter->kind != FPS_KIND_CHOICE && fps_value_is_number(parameter) &&
            strstr(item->text, ".."))
            return fps_sweep_fail(reader->name, item->place, "a range is written {from: 0, to: 4}, not '%s'",
                                  fps_quote(item->text).text);
        if (item->kind == FPS_NODE_MAP) {
            FPS_TRY(fps_range_read(reader, parameter, item, &range));
            FPS_TRY(check_range(reader, parameter, item, &range));
        }
        FPS_TRY(take_room(reader, item, range.count));
        *count += range.count;
    }
    return FPS_OK;
}

/* A bare number as a value of the parameter. */
static fps_value number_value(const fps_parameter *parameter, fps_place place, double number) {
    int code = parameter->kind == FPS_KIND_CHOICE ? fps_value_bare(parameter->choices, "value") : 0;
    return (fps_value){.place = place,
                       .code = code,
                       .items = code >= 0 && parameter->kind == FPS_KIND_CHOICE,
                       .number = {{number, -1}, {0, -1}}};
}

/* Fill value[count] from the list, ranges written out. */
static fps_status fill_values(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *list,
                              fps_value *value) {
    for (const fps_node *item = list->first; item; item = item->next) {
        if (item->kind != FPS_NODE_MAP) {
            FPS_TRY(fps_value_read(reader, parameter, item, value++));
            continue;
        }
        fps_range range;
        FPS_TRY(fps_range_read(reader, parameter, item, &range));
        for (int64_t k = 0; k < range.count; k++)
            *value++ = number_value(parameter, item->place, fps_range_value(&range, k));
    }
    return FPS_OK;
}

fps_status fps_axis_read_list(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              fps_axis *out) {
    if (node->kind == FPS_NODE_MAP)
        return read_range(reader, parameter, node, out);
    if (node->kind == FPS_NODE_SCALAR)
        return fps_sweep_fail(reader->name, node->place, "%s has one value; put it under fixed, or write a list [ ]%s",
                              parameter->name,
                              parameter->kind == FPS_KIND_INTEGER ? " or a range {from: 0, to: 4}" : "");
    if (node->count == 0)
        return fps_sweep_fail(reader->name, node->place, "the list of %s is empty", parameter->name);
    FPS_TRY(count_values(reader, parameter, node, &out->count));
    fps_value *value = fps_arena_alloc(reader->arena, (size_t)out->count * sizeof *value);
    if (!value)
        return FPS_ERROR_MEMORY;
    FPS_TRY(fill_values(reader, parameter, node, value));
    out->value = value;
    return FPS_OK;
}
