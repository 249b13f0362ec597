/* compare.c: what differs between two sweeps, in the words of the sweep file.
 *
 * First what is written is compared: values, axes and their order, `where`, `record`, data. If all of that agrees, the
 * tasks do, however many there are. Otherwise the values of the tasks decide: 0.05/width and 0.0005 may be the same.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/plan.h"
#include "sweep/internal.h"

enum { SHOWN = 80, CLOSER_LOOK = 10000 };

typedef struct comparison {
    const fps_plan *then, *now;
    uint64_t written; /* parameters that are written differently */
    bool order, where, record;
    int data; /* number of the data file that differs, -1: none */
    void (*each)(void *context, const char *sentence);
    void *context;
    int64_t told;
} comparison;

/* ---- one difference in words ---- */

static void tell(comparison *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(comparison *c, const char *format, ...) {
    char sentence[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    c->told++;
    if (c->each)
        c->each(c->context, sentence);
}

/* "[spectrum, parameters]", "32", "{...}": a node of `record` as it was written; `fallback` if it was not. */
static const char *words_of(const fps_node *node, const char *fallback, char buffer[SHOWN + 8]) {
    if (!node)
        return fallback;
    if (node->kind == FPS_NODE_SCALAR) {
        snprintf(buffer, SHOWN + 8, "%.*s", SHOWN, node->text);
        return buffer;
    }
    bool map = node->kind == FPS_NODE_MAP;
    size_t used = (size_t)snprintf(buffer, SHOWN, "%c", map ? '{' : '[');
    for (const fps_node *item = node->first; item && used < SHOWN; item = item->next) {
        const char *text = item->kind == FPS_NODE_SCALAR ? item->text : map && item->value ? item->text : "...";
        const char *value = map && item->value && item->value->kind == FPS_NODE_SCALAR ? item->value->text : NULL;
        used += (size_t)snprintf(buffer + used, SHOWN - used, "%s%s%s%s", item == node->first ? "" : ", ", text,
                                 value ? ": " : "", value ? value : "");
    }
    if (used >= SHOWN)
        used = SHOWN - 1 + (size_t)snprintf(buffer + SHOWN - 1, 4, "...");
    snprintf(buffer + used, SHOWN + 8 - used, "%c", map ? '}' : ']');
    return buffer;
}

/* Value k of a parameter as it is written. */
static void write_value(const fps_plan *plan, int p, int64_t k, char *buffer, size_t size) {
    if (plan->axis[p].count == 0)
        snprintf(buffer, size, "%s", "not given");
    else
        fps_describe_given(plan, p, k, buffer, size);
    if (!buffer[0])
        snprintf(buffer, size, "%s", "not given");
}

static bool has_axis(const fps_plan *plan, int p) {
    return plan->axis[p].count > 1;
}

/* First value that is written differently; -1 if none. Axes of equal length. */
static int64_t first_difference(const comparison *c, int p, char then[2 * FPS_TEXT_LIMIT],
                                char now[2 * FPS_TEXT_LIMIT]) {
    int64_t k = 0;
    do {
        write_value(c->then, p, k, then, (size_t)2 * FPS_TEXT_LIMIT);
        write_value(c->now, p, k, now, (size_t)2 * FPS_TEXT_LIMIT);
        if (strcmp(then, now) != 0)
            return k;
    } while (++k < c->then->axis[p].count);
    return -1;
}

/* "3 values", or the one value. */
static void write_axis(const fps_plan *plan, int p, char *buffer, size_t size) {
    if (has_axis(plan, p))
        snprintf(buffer, size, "has %lld values", (long long)plan->axis[p].count);
    else {
        char value[2 * FPS_TEXT_LIMIT];
        write_value(plan, p, 0, value, sizeof value);
        snprintf(buffer, size, "is %.*s%s", SHOWN, value, strlen(value) > SHOWN ? "..." : "");
    }
}

static void tell_parameter(comparison *c, int p) {
    const char *name = fps_parameters[p].name;
    char then[2 * FPS_TEXT_LIMIT], now[2 * FPS_TEXT_LIMIT];
    int64_t count = c->then->axis[p].count, k;
    if (count == c->now->axis[p].count && (k = first_difference(c, p, then, now)) >= 0) {
        const char *cut_then = strlen(then) > SHOWN ? "..." : "", *cut_now = strlen(now) > SHOWN ? "..." : "";
        if (count > 1)
            tell(c, "value %lld of %s is %.*s%s in the file, %.*s%s now", (long long)k + 1, name, SHOWN, then, cut_then,
                 SHOWN, now, cut_now);
        else
            tell(c, "%s is %.*s%s in the file, %.*s%s now", name, SHOWN, then, cut_then, SHOWN, now, cut_now);
        return;
    }
    write_axis(c->then, p, then, sizeof then);
    write_axis(c->now, p, now, sizeof now);
    tell(c, "%s %s in the file, %s now", name, then, now + (has_axis(c->then, p) == has_axis(c->now, p) ? 4 : 0));
}

/* ---- what is written ---- */

/* "depth, samples:grid_points, seed": factors of more than one value, in their order. */
static void write_factors(const fps_plan *plan, char *buffer, size_t size) {
    size_t used = 0;
    buffer[0] = '\0';
    for (int f = 0; f < plan->factors && used < size; f++)
        for (int i = 0; plan->factor[f].count > 1 && i < plan->factor[f].parameters && used < size; i++)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s",
                                     !used ? ""
                                     : i   ? ":"
                                           : ", ",
                                     fps_parameters[plan->factor[f].parameter[i]].name);
}

/* The parameters of factors with more than one value. */
static uint64_t in_factors(const fps_plan *plan) {
    uint64_t set = 0;
    for (int f = 0; f < plan->factors; f++)
        for (int i = 0; plan->factor[f].count > 1 && i < plan->factor[f].parameters; i++)
            set |= FPS_BIT(plan->factor[f].parameter[i]);
    return set;
}

static const char *where_of(const fps_plan *plan) {
    return plan->has_where ? plan->where_node->text : "not given";
}

/* The first data file that has another content, -1: none. Only told where both plans were given theirs. */
static int differ_in_data(const fps_plan *then, const fps_plan *now) {
    for (int k = 0; k < then->datasets && k < now->datasets; k++)
        if (then->dataset[k] && now->dataset[k] && then->dataset[k]->hash != now->dataset[k]->hash)
            return k;
    return -1;
}

static bool differ_in_modes(const fps_record_spec *a, const fps_record_spec *b) {
    return a->frequencies != b->frequencies || memcmp(a->mode, b->mode, (size_t)a->frequencies * sizeof *a->mode) != 0;
}

static bool differ_in_ladder(const fps_record_spec *a, const fps_record_spec *b) {
    return a->rungs != b->rungs ||
           (a->rungs && memcmp(a->ladder, b->ladder, (size_t)a->rungs * sizeof *a->ladder) != 0);
}

static bool differ_in_thresholds(const fps_record_spec *a, const fps_record_spec *b) {
    return a->thresholds != b->thresholds ||
           (a->thresholds && memcmp(a->threshold, b->threshold, (size_t)a->thresholds * sizeof *a->threshold) != 0);
}

static bool differ_in_record(const fps_record_spec *a, const fps_record_spec *b) {
    return a->count != b->count || a->spacing != b->spacing || a->keep != b->keep || differ_in_modes(a, b) ||
           differ_in_ladder(a, b) || differ_in_thresholds(a, b);
}

static void compare_written(comparison *c) {
    char then[2 * FPS_TEXT_LIMIT], now[2 * FPS_TEXT_LIMIT];
    for (int p = 0; p < fps_parameter_count; p++)
        if (c->then->axis[p].count != c->now->axis[p].count || first_difference(c, p, then, now) >= 0)
            c->written |= FPS_BIT(p);
    write_factors(c->then, then, sizeof then);
    write_factors(c->now, now, sizeof now);
    c->order = strcmp(then, now) != 0;
    c->where = strcmp(where_of(c->then), where_of(c->now)) != 0;
    c->data = differ_in_data(c->then, c->now);
    c->record = differ_in_record(&c->then->record, &c->now->record);
}

/* ---- what it comes to ---- */

/* Of the parameters in `candidates`, those whose values differ in some task; for plans with equally many tasks. Once
 * one is found, the others have a last chance in the next tasks. */
static uint64_t compare_tasks(const comparison *c, uint64_t candidates) {
    uint64_t changed = 0;
    char a[2 * FPS_TEXT_LIMIT], b[2 * FPS_TEXT_LIMIT];
    int64_t end = c->then->tasks.count;
    for (int64_t i = 0; i < end && changed != candidates; i++) {
        fps_task then, now;
        bool first = !changed;
        fps_plan_task(c->then, i, &then);
        fps_plan_task(c->now, i, &now);
        for (int p = 0; p < fps_parameter_count; p++) {
            if (!(candidates & ~changed & FPS_BIT(p)))
                continue;
            fps_parameter_format(&fps_parameters[p], &then, a, sizeof a);
            fps_parameter_format(&fps_parameters[p], &now, b, sizeof b);
            if (strcmp(a, b) != 0)
                changed |= FPS_BIT(p);
        }
        if (first && changed && end > i + CLOSER_LOOK)
            end = i + CLOSER_LOOK;
    }
    return changed;
}

static void tell_record(comparison *c) {
    static const char *const spacing[] = {[FPS_SPACING_LOG] = "log", [FPS_SPACING_LINEAR] = "linear"};
    const fps_record_spec *a = &c->then->record, *b = &c->now->record;
    char then[SHOWN + 8], now[SHOWN + 8], modes_then[32], modes_now[32];
    if (a->count != b->count)
        tell(c, "record.count is %lld in the file, %lld now", (long long)a->count, (long long)b->count);
    if (a->spacing != b->spacing)
        tell(c, "record.spacing is %s in the file, %s now", spacing[a->spacing], spacing[b->spacing]);
    snprintf(modes_then, sizeof modes_then, "%d", a->frequencies);
    snprintf(modes_now, sizeof modes_now, "%d", b->frequencies);
    if (differ_in_modes(a, b))
        tell(c, "record.frequencies is %s in the file, %s now", words_of(c->then->record_node, modes_then, then),
             words_of(c->now->record_node, modes_now, now));
    if (a->keep != b->keep)
        tell(c, "record.keep is %s in the file, %s now", words_of(c->then->keep_node, "not given", then),
             words_of(c->now->keep_node, "not given", now));
    if (differ_in_ladder(a, b))
        tell(c, "record.ladder is %s in the file, %s now", words_of(c->then->ladder_node, "not given", then),
             words_of(c->now->ladder_node, "not given", now));
    if (differ_in_thresholds(a, b))
        tell(c, "record.thresholds is %s in the file, %s now", words_of(c->then->threshold_node, "not given", then),
             words_of(c->now->threshold_node, "not given", now));
}

static void tell_tasks(comparison *c, uint64_t parameters) {
    char then[2 * FPS_TEXT_LIMIT], now[2 * FPS_TEXT_LIMIT];
    for (int p = 0; p < fps_parameter_count; p++)
        if (parameters & FPS_BIT(p))
            tell_parameter(c, p);
    if (c->order && in_factors(c->then) == in_factors(c->now)) {
        write_factors(c->then, then, sizeof then);
        write_factors(c->now, now, sizeof now);
        tell(c, "the axes are counted in another order or are zipped differently: %.300s in the file, %.300s now", then,
             now);
    }
    if (c->where)
        tell(c, "where is %.*s in the file, %.*s now", 2 * SHOWN, where_of(c->then), 2 * SHOWN, where_of(c->now));
}

int64_t fps_plan_compare(const fps_plan *then, const fps_plan *now, void (*each)(void *context, const char *sentence),
                         void *context) {
    comparison c = {.then = then, .now = now, .each = each, .context = context};
    bool same_text = then->length == now->length && memcmp(then->text, now->text, then->length) == 0;
    if (same_text)
        c.data = differ_in_data(then, now);
    else
        compare_written(&c);
    uint64_t differ = c.written;
    bool arranged = c.order || c.where, tasks = then->tasks.count != now->tasks.count;
    if (!tasks && (differ || arranged)) {
        uint64_t changed = compare_tasks(&c, arranged ? differ | in_factors(then) | in_factors(now) : differ);
        tasks = changed != 0;
        differ &= changed;
    }
    if (tasks)
        tell_tasks(&c, differ);
    if (c.record)
        tell_record(&c);
    if (c.data >= 0)
        tell(&c, "the content of %s has changed", now->dataset_path[c.data]);
    if (tasks && c.told == 0)
        tell(&c, "the file has %lld tasks, the sweep %lld now, or their values differ", (long long)then->tasks.count,
             (long long)now->tasks.count);
    return c.told;
}
