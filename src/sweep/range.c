#include "sweep/range.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/plan.h"

static const char *const keys[] = {"from", "to", "count", "factor", "step"};
enum { FROM, TO, COUNT, FACTOR, STEP, KEYS };

/* The five numbers of a range, those that are given. */
typedef struct range_map {
    const fps_node *node[KEYS];
    double value[KEYS];
} range_map;

static fps_status read_map(const fps_value_reader *reader, const fps_node *node, range_map *map) {
    for (const fps_node *key = node->first; key; key = key->next) {
        int k = 0;
        while (k < KEYS && strcmp(keys[k], key->text) != 0)
            k++;
        if (k == KEYS)
            return fps_sweep_fail(reader->name, key->place, "a range has no key '%s'%s", fps_quote(key->text).text,
                                  fps_suggest(key->text, keys, KEYS).text);
        map->node[k] = key->value;
        FPS_TRY(fps_value_read_constant(reader, key->value, keys[k], &map->value[k]));
    }
    for (int k = FROM; k <= TO; k++)
        if (!map->node[k])
            return fps_sweep_fail(reader->name, node->place, "a range needs '%s'", keys[k]);
    if ((map->node[COUNT] != NULL) + (map->node[FACTOR] != NULL) + (map->node[STEP] != NULL) > 1)
        return fps_sweep_fail(reader->name, node->place, "a range takes one of count, factor and step");
    return FPS_OK;
}

static fps_status fail_size(const fps_value_reader *reader, const fps_node *node, double count) {
    return fps_sweep_fail(reader->name, node->place, "a range of %.6g values is too long; at most %lld tasks", count,
                          (long long)FPS_PLAN_LIMIT);
}

static fps_status make_count(const fps_value_reader *reader, const range_map *map, fps_range *out) {
    double count = map->value[COUNT];
    if (count != nearbyint(count) || count < 1)
        return fps_sweep_fail(reader->name, map->node[COUNT]->place, "count must be an integer of at least 1");
    if ((count == 1) != (out->from == out->to))
        return fps_sweep_fail(reader->name, map->node[COUNT]->place,
                              count == 1 ? "a range of one value needs equal ends"
                                         : "a range between equal ends has one value");
    if (count > (double)FPS_PLAN_LIMIT)
        return fail_size(reader, map->node[COUNT], count);
    out->kind = FPS_RANGE_COUNT;
    out->count = (int64_t)count;
    out->step = count == 1 ? 0 : (out->to - out->from) / (count - 1);
    return FPS_OK;
}

static fps_status make_factor(const fps_value_reader *reader, const range_map *map, fps_range *out) {
    double factor = map->value[FACTOR], ratio = out->to / out->from;
    const fps_node *node = map->node[FACTOR];
    if (out->from == 0 || !(ratio > 0))
        return fps_sweep_fail(reader->name, node->place, "a range with a factor needs ends of one sign, not 0");
    if (factor <= 0 || factor == 1)
        return fps_sweep_fail(reader->name, node->place, "factor must be positive and not 1");
    double count = floor(log(ratio) / log(factor) + 1e-9) + 1;
    if (!(count >= 1))
        return fps_sweep_fail(reader->name, node->place, "factor leads away from 'to'; write %s",
                              factor > 1 ? "a factor below 1" : "a factor above 1");
    if (count > (double)FPS_PLAN_LIMIT)
        return fail_size(reader, node, count);
    out->kind = FPS_RANGE_FACTOR;
    out->count = (int64_t)count;
    out->step = factor;
    return FPS_OK;
}

static fps_status make_step(const fps_value_reader *reader, const range_map *map, const fps_node *node,
                            fps_range *out) {
    const fps_node *where = map->node[STEP] ? map->node[STEP] : node;
    out->step = map->node[STEP] ? map->value[STEP] : 1;
    if (!map->node[STEP] && (out->from != nearbyint(out->from) || out->to != nearbyint(out->to)))
        return fps_sweep_fail(reader->name, where->place,
                              "a range between numbers that are no integers needs count, factor or step");
    if (out->step == 0)
        return fps_sweep_fail(reader->name, where->place, "step must not be 0");
    double count = floor((out->to - out->from) / out->step + 1e-9) + 1;
    if (!(count >= 1))
        return fps_sweep_fail(reader->name, where->place,
                              map->node[STEP] ? "step leads away from 'to'"
                                              : "'from' is larger than 'to'; exchange them");
    if (count > (double)FPS_PLAN_LIMIT)
        return fail_size(reader, where, count);
    out->kind = FPS_RANGE_STEP;
    out->count = (int64_t)count;
    return FPS_OK;
}

/* Neighbours must differ, or values would repeat. */
static fps_status check_distinct(const fps_value_reader *reader, const fps_node *node, const fps_range *range) {
    double largest = fmax(fabs(range->from), fabs(range->to));
    double gap = range->kind == FPS_RANGE_FACTOR ? fabs(range->step - 1) * fmin(fabs(range->from), fabs(range->to))
                                                 : fabs(range->step);
    double resolution = range->kind == FPS_RANGE_FACTOR ? fmin(fabs(range->from), fabs(range->to)) : largest;
    if (range->count > 1 && !(gap > 1e-12 * resolution))
        return fps_sweep_fail(reader->name, node->place, "the values of this range are too close to be told apart");
    return FPS_OK;
}

fps_status fps_range_read(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                          fps_range *out) {
    range_map map = {0};
    if (!fps_value_is_number(parameter))
        return fps_sweep_fail(reader->name, node->place, "%s takes no range; list its values", parameter->name);
    FPS_TRY(read_map(reader, node, &map));
    *out = (fps_range){.from = map.value[FROM], .to = map.value[TO]};
    for (int k = FROM; k <= TO; k++)
        FPS_TRY(fps_value_check_number(reader->name, map.node[k]->place, parameter, map.value[k]));
    if (map.node[COUNT])
        FPS_TRY(make_count(reader, &map, out));
    else if (map.node[FACTOR])
        FPS_TRY(make_factor(reader, &map, out));
    else
        FPS_TRY(make_step(reader, &map, node, out));
    return check_distinct(reader, node, out);
}

bool fps_range_is_integer(const fps_range *range) {
    return range->kind != FPS_RANGE_FACTOR && range->from == nearbyint(range->from) &&
           range->step == nearbyint(range->step);
}

/* The decimal of 15 digits next to `value` if it is nearer than the rounding that `value` may have gathered. */
static double tidy(double value, double rounding) {
    if (fabs(value) <= rounding)
        return 0;
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    if (strchr(text, ',')) /* the program may have chosen another locale */
        return value;
    double decimal = strtod(text, NULL);
    return fabs(decimal - value) <= rounding ? decimal : value;
}

double fps_range_value(const fps_range *range, int64_t k) {
    const double half_ulp = 0x1p-53;
    double value, rounding;
    if (k == 0)
        return range->from;
    if (range->kind == FPS_RANGE_FACTOR) {
        value = range->from * pow(range->step, (double)k);
        rounding = half_ulp * (double)(k + 2) * fabs(value);
    } else {
        double way = (double)k * range->step;
        value = range->from + way;
        rounding = half_ulp * (fabs(range->from) + 2 * fabs(way) + fabs(value));
    }
    if (k == range->count - 1 &&
        (range->kind == FPS_RANGE_COUNT || fabs(value - range->to) <= 1e-9 * fabs(range->to - range->from)))
        return range->to;
    return fps_range_is_integer(range) ? value : tidy(value, rounding);
}
