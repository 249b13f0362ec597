/* record.c: the section `record`: how many records, at which steps, which frequencies, what is kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/internal.h"

enum { COUNT_LIMIT = 1000000, MODE_LIMIT = 1 << 23, MODES_LIMIT = 1 << 16 };

static fps_status read_integer(fps_plan *plan, const fps_node *node, const char *what, double minimum, double maximum,
                               double *out) {
    fps_value_reader reader = fps_plan_reader(plan);
    FPS_TRY(fps_value_read_constant(&reader, node, what, out));
    if (*out != nearbyint(*out) || *out < minimum || *out > maximum)
        return fps_sweep_fail(plan->name, node->place, "%s must be an integer from %.0f to %.0f", what, minimum,
                              maximum);
    return FPS_OK;
}

static fps_status read_count(fps_plan *plan, const fps_node *node) {
    double count;
    FPS_TRY(read_integer(plan, node, "count", 2, COUNT_LIMIT, &count));
    plan->record.count = (int64_t)count;
    return FPS_OK;
}

static fps_status find_word(const fps_plan *plan, const fps_node *node, const char *what, const char *const *words,
                            int count, int *found) {
    if (node->kind != FPS_NODE_SCALAR)
        return fps_sweep_fail(plan->name, node->place, "%s must be a word, not %s", what, fps_node_word(node));
    for (*found = 0; *found < count; ++*found)
        if (strcmp(words[*found], node->text) == 0)
            return FPS_OK;
    char list[200] = "";
    for (int i = 0; i < count; i++) {
        strcat(list, i ? ", " : "");
        strcat(list, words[i]);
    }
    return fps_sweep_fail(plan->name, node->place, "%s has no value '%s'; it is one of: %s", what,
                          fps_quote(node->text).text, list);
}

static fps_status read_spacing(fps_plan *plan, const fps_node *node) {
    static const char *const words[] = {[FPS_SPACING_LOG] = "log", [FPS_SPACING_LINEAR] = "linear"};
    int found = 0;
    FPS_TRY(find_word(plan, node, "spacing", words, 2, &found));
    plan->record.spacing = (fps_spacing)found;
    return FPS_OK;
}

static int compare_modes(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* A list of modes, in any order; repeated ones are refused. */
static fps_status read_modes(fps_plan *plan, const fps_node *node) {
    if (node->count == 0 || node->count > MODES_LIMIT)
        return fps_sweep_fail(plan->name, node->place, "frequencies must list 1 to %d modes", MODES_LIMIT);
    int32_t *mode = fps_arena_alloc(&plan->arena, (size_t)node->count * sizeof *mode);
    if (!mode)
        return FPS_ERROR_MEMORY;
    int count = 0;
    for (const fps_node *item = node->first; item; item = item->next) {
        double value;
        FPS_TRY(read_integer(plan, item, "a mode of frequencies", 0, MODE_LIMIT, &value));
        mode[count++] = (int32_t)value;
    }
    qsort(mode, (size_t)count, sizeof *mode, compare_modes);
    for (int k = 1; k < count; k++)
        if (mode[k] == mode[k - 1])
            return fps_sweep_fail(plan->name, node->place, "frequencies lists mode %d twice; remove one", mode[k]);
    plan->record.mode = mode;
    plan->record.frequencies = count;
    return FPS_OK;
}

static fps_status read_frequencies(fps_plan *plan, const fps_node *node) {
    plan->record_node = node;
    if (node->kind == FPS_NODE_LIST)
        return read_modes(plan, node);
    double count;
    FPS_TRY(read_integer(plan, node, "frequencies", 1, MODES_LIMIT, &count));
    plan->record.frequencies = (int32_t)count;
    return FPS_OK;
}

static fps_status read_keep(fps_plan *plan, const fps_node *node) {
    static const char *const words[] = {"spectrum", "parameters", "function", "final_function"};
    static const unsigned bits[] = {FPS_KEEP_SPECTRUM, FPS_KEEP_PARAMETERS, FPS_KEEP_FUNCTION, FPS_KEEP_FINAL_FUNCTION};
    if (node->kind != FPS_NODE_LIST)
        return fps_sweep_fail(plan->name, node->place, "keep must be a list, for example [spectrum, parameters]");
    for (const fps_node *item = node->first; item; item = item->next) {
        int found = 0;
        FPS_TRY(find_word(plan, item, "keep", words, 4, &found));
        if (plan->record.keep & bits[found])
            return fps_sweep_fail(plan->name, item->place, "keep names '%s' twice; remove one", words[found]);
        plan->record.keep |= bits[found];
    }
    return FPS_OK;
}

fps_status fps_record_read(fps_plan *plan, const fps_node *node) {
    static const char *const keys[] = {"count", "spacing", "frequencies", "keep"};
    static fps_status (*const readers[])(fps_plan *, const fps_node *) = {read_count, read_spacing, read_frequencies,
                                                                          read_keep};
    enum { KEYS = sizeof keys / sizeof *keys };
    if (node->kind != FPS_NODE_MAP)
        return fps_sweep_fail(plan->name, node->place, "record must be a map, for example {count: 100, spacing: log}");
    for (const fps_node *key = node->first; key; key = key->next) {
        int k = 0;
        while (k < KEYS && strcmp(keys[k], key->text) != 0)
            k++;
        if (k == KEYS)
            return fps_sweep_fail(plan->name, key->place, "record has no key '%s'%s", fps_quote(key->text).text,
                                  fps_suggest(key->text, keys, KEYS).text);
        FPS_TRY(readers[k](plan, key->value));
    }
    return FPS_OK;
}
