/* record.c: the section `record`: how many records, at which steps, which frequencies, what is kept. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/internal.h"

enum { COUNT_LIMIT = 1000000, MODE_LIMIT = 1 << 23, MODES_LIMIT = 1 << 16, RUNGS_LIMIT = 64 };
static const double LARGEST_BAND_LIMIT = 1e9;

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
    plan->count_node = node;
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
    const char *nearest = fps_nearest(node->text, words, count);
    if (nearest)
        return fps_sweep_fail(plan->name, node->place, "%s has no value '%s'; did you mean '%s'?", what,
                              fps_quote(node->text).text, nearest);
    char list[600] = "";
    for (int i = 0; i < count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
    }
    return fps_sweep_fail(plan->name, node->place, "%s has no value '%s'; it is one of: %s", what,
                          fps_quote(node->text).text, list);
}

static fps_status read_spacing(fps_plan *plan, const fps_node *node) {
    static const char *const words[] = {[FPS_SPACING_LOG] = "log", [FPS_SPACING_LINEAR] = "linear"};
    int found = 0;
    FPS_TRY(find_word(plan, node, "spacing", words, 2, &found));
    plan->spacing_node = node;
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

/* The words of `keep`, and the model that alone knows them. */
static const char *const keep_words[] = {"spectrum",    "parameters", "function",  "final_function", "spike",
                                         "multipliers", "stages",     "variation", "update"};
static const struct {
    unsigned bit;
    const char *model; /* NULL: both */
} keeps[] = {{FPS_KEEP_SPECTRUM, NULL},    {FPS_KEEP_PARAMETERS, NULL},
             {FPS_KEEP_FUNCTION, NULL},    {FPS_KEEP_FINAL_FUNCTION, "network"},
             {FPS_KEEP_SPIKE, "direct"},   {FPS_KEEP_MULTIPLIERS, NULL},
             {FPS_KEEP_STAGES, "network"}, {FPS_KEEP_VARIATION, "network"},
             {FPS_KEEP_UPDATE, "network"}};
enum { KEEPS = sizeof keeps / sizeof *keeps };

static fps_status read_keep(fps_plan *plan, const fps_node *node) {
    if (node->kind != FPS_NODE_LIST)
        return fps_sweep_fail(plan->name, node->place, "keep must be a list, for example [spectrum, parameters]");
    plan->keep_node = node;
    for (const fps_node *item = node->first; item; item = item->next) {
        int found = 0;
        FPS_TRY(find_word(plan, item, "keep", keep_words, KEEPS, &found));
        if (plan->record.keep & keeps[found].bit)
            return fps_sweep_fail(plan->name, item->place, "keep names '%s' twice; remove one", keep_words[found]);
        plan->record.keep |= keeps[found].bit;
    }
    return FPS_OK;
}

/* One rung more, larger than the last. */
static fps_status add_rung(fps_plan *plan, fps_place place, double band_limit) {
    fps_record_spec *record = &plan->record;
    if (band_limit > LARGEST_BAND_LIMIT)
        return fps_sweep_fail(plan->name, place, "the ladder reaches a band limit of %.4g; at most 1e9 is accepted",
                              band_limit);
    if (record->rungs == RUNGS_LIMIT)
        return fps_sweep_fail(plan->name, place, "the ladder has more than %d rungs", RUNGS_LIMIT);
    if (record->rungs && band_limit <= (double)record->ladder[record->rungs - 1])
        return fps_sweep_fail(plan->name, place, "the ladder must increase, but %.0f follows %lld", band_limit,
                              (long long)record->ladder[record->rungs - 1]);
    record->ladder[record->rungs++] = (int64_t)band_limit;
    return FPS_OK;
}

/* {from: M, rungs: R}: M -> 3 M + 1, so that M + 1/2 triples exactly. */
static fps_status read_tripling(fps_plan *plan, const fps_node *node) {
    static const char *const keys[] = {"from", "rungs"};
    double value[2] = {0, 0};
    const double most[2] = {LARGEST_BAND_LIMIT, RUNGS_LIMIT};
    for (const fps_node *key = node->first; key; key = key->next) {
        int k = strcmp(key->text, keys[0]) == 0 ? 0 : strcmp(key->text, keys[1]) == 0 ? 1 : 2;
        if (k == 2)
            return fps_sweep_fail(plan->name, key->place, "ladder has no key '%s'%s", fps_quote(key->text).text,
                                  fps_suggest(key->text, keys, 2).text);
        FPS_TRY(read_integer(plan, key->value, k ? "rungs of the ladder" : "the ladder's first band limit", 1, most[k],
                             &value[k]));
    }
    if (value[0] == 0 || value[1] == 0)
        return fps_sweep_fail(plan->name, node->place, "ladder needs both from and rungs, as in {from: 40, rungs: 6}");
    double m = value[0];
    for (int r = 0; r < (int)value[1]; r++, m = 3 * m + 1)
        FPS_TRY(add_rung(plan, node->place, m));
    return FPS_OK;
}

static fps_status read_ladder(fps_plan *plan, const fps_node *node) {
    plan->ladder_node = node;
    plan->record.ladder = fps_arena_alloc(&plan->arena, RUNGS_LIMIT * sizeof *plan->record.ladder);
    if (!plan->record.ladder)
        return FPS_ERROR_MEMORY;
    if (node->kind == FPS_NODE_MAP)
        return read_tripling(plan, node);
    if (node->kind != FPS_NODE_LIST || node->count == 0)
        return fps_sweep_fail(plan->name, node->place,
                              "ladder must list band limits, or be {from: M, rungs: R}, which goes M -> 3 M + 1");
    for (const fps_node *item = node->first; item; item = item->next) {
        double value;
        FPS_TRY(read_integer(plan, item, "a band limit of the ladder", 1, LARGEST_BAND_LIMIT, &value));
        FPS_TRY(add_rung(plan, item->place, value));
    }
    return FPS_OK;
}

fps_status fps_record_read(fps_plan *plan, const fps_node *node) {
    static const char *const keys[] = {"count", "spacing", "frequencies", "keep", "ladder", "thresholds"};
    static fps_status (*const readers[])(fps_plan *, const fps_node *) = {
        read_count, read_spacing, read_frequencies, read_keep, read_ladder, fps_thresholds_read};
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

/* Words of `keep` that only the other model knows. */
static fps_status check_keep(const fps_plan *plan, const char *model) {
    for (int k = 0; k < KEEPS; k++)
        if ((plan->record.keep & keeps[k].bit) && keeps[k].model && strcmp(keeps[k].model, model) != 0)
            return fps_sweep_fail(plan->name, plan->keep_node->place, "keep: %s belongs to model %s", keep_words[k],
                                  keeps[k].model);
    return FPS_OK;
}

fps_status fps_record_model(fps_plan *plan) {
    int p = FPS_P(model);
    fps_record_spec *record = &plan->record;
    if (plan->factors_of[p])
        return fps_sweep_fail(plan->name, plan->axis[p].key,
                              "model must be the same for the whole sweep; give it under "
                              "fixed");
    if (plan->evaluator->task.model.code == FPS_MODEL_NETWORK) {
        if (plan->ladder_node)
            return fps_sweep_fail(plan->name, plan->ladder_node->place,
                                  "ladder belongs to model direct; for networks the "
                                  "band limit is the parameter band_limit");
        if (plan->threshold_node && !(record->keep & FPS_KEEP_SPLIT))
            return fps_sweep_fail(plan->name, plan->threshold_node->place,
                                  "thresholds are those of keep: stages, variation or update; keep one of them");
        return check_keep(plan, "network");
    }
    if (!plan->ladder_node)
        return fps_sweep_fail(plan->name, plan->axis[p].key,
                              "model direct needs its band limits under record, as in ladder: {from: 40, rungs: 6}");
    if (plan->count_node)
        return fps_sweep_fail(plan->name, plan->count_node->place,
                              "count belongs to model network; the records of model "
                              "direct are the rungs of the ladder");
    if (plan->spacing_node)
        return fps_sweep_fail(plan->name, plan->spacing_node->place, "spacing belongs to model network");
    if (plan->threshold_node)
        return fps_sweep_fail(plan->name, plan->threshold_node->place, "thresholds belong to model network");
    record->keep |= FPS_ONLY_DIRECT;
    return check_keep(plan, "direct");
}
