/* sections.c: the keys of a sweep file: sweep, about, fixed, grid, zip, where, record. */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "sweep/hashset.h"
#include "sweep/internal.h"

enum { TITLE_LIMIT = 200, ABOUT_LIMIT = 4000, ZIP_LIMIT = FPS_PARAMETERS };

static const char *const sections[] = {"sweep", "about", "fixed", "grid", "zip", "where", "record"};
enum { SECTIONS = sizeof sections / sizeof *sections };

static bool is_section(const char *word) {
    for (int s = 0; s < SECTIONS; s++)
        if (strcmp(sections[s], word) == 0)
            return true;
    return false;
}

/* ---- parameters ---- */

/* Words of other programs for parameters that have another name here. */
static const struct {
    const char *theirs, *ours;
} synonyms[] = {
    {"lr", "learning_rate"}, {"eta", "learning_rate"}, {"layers", "depth"},   {"neurons", "width"},
    {"units", "width"},      {"iterations", "steps"},  {"points", "samples"}, {"nonlinearity", "activation"},
    {"init", "initializer"}};

static fps_status fail_parameter(const fps_plan *plan, const fps_node *key) {
    const char *names[FPS_PARAMETERS];
    for (int p = 0; p < fps_parameter_count; p++)
        names[p] = fps_parameters[p].name;
    if (is_section(key->text))
        return fps_sweep_fail(plan->name, key->place,
                              "'%s' is no parameter but a section; write it in the first column", key->text);
    for (size_t s = 0; s < sizeof synonyms / sizeof *synonyms; s++)
        if (strcmp(synonyms[s].theirs, key->text) == 0)
            return fps_sweep_fail(plan->name, key->place, "there is no parameter '%s'; here it is '%s'", key->text,
                                  synonyms[s].ours);
    fps_suggestion meant = fps_suggest(key->text, names, fps_parameter_count);
    return fps_sweep_fail(plan->name, key->place, "there is no parameter '%s'%s", fps_quote(key->text).text,
                          meant.text[0] ? meant.text : "; fpsweep parameters lists them");
}

/* Find the parameter of a key and claim it: a parameter stands in one place. */
static fps_status claim(fps_plan *plan, const fps_node *key, int *parameter) {
    int p = fps_parameter_find(key->text, -1);
    if (p < 0)
        return fail_parameter(plan, key);
    if (plan->given & FPS_BIT(p))
        return fps_sweep_fail(plan->name, key->place, "'%s' is given twice, first on line %d; remove one", key->text,
                              plan->axis[p].key.line);
    plan->given |= FPS_BIT(p);
    plan->axis[p] = (fps_axis){.key = key->place, .place = key->value->place, .factor = -1};
    *parameter = p;
    return FPS_OK;
}

static fps_status expect_map(const fps_plan *plan, const fps_node *key) {
    if (key->value->kind == FPS_NODE_MAP)
        return FPS_OK;
    if (key->value->kind == FPS_NODE_SCALAR && key->value->text[0] == '\0')
        return fps_sweep_fail(plan->name, key->value->place,
                              "'%s' is empty; remove it or indent its parameters below it", key->text);
    return fps_sweep_fail(plan->name, key->value->place, "'%s' must be a map of parameters, not %s", key->text,
                          fps_node_word(key->value));
}

static fps_status read_fixed(fps_plan *plan, const fps_node *section) {
    fps_value_reader reader = fps_plan_reader(plan);
    FPS_TRY(expect_map(plan, section));
    for (const fps_node *key = section->value->first; key; key = key->next) {
        int p = -1;
        FPS_TRY(claim(plan, key, &p));
        const fps_parameter *parameter = &fps_parameters[p];
        if (key->value->kind != FPS_NODE_SCALAR && parameter->kind != FPS_KIND_DOMAIN)
            return fps_sweep_fail(plan->name, key->value->place, "%s is %s; under fixed it takes one value%s",
                                  parameter->name, fps_node_word(key->value),
                                  parameter->kind == FPS_KIND_WIDTH ? ", for single layers \"200-200-100\""
                                                                    : ", several belong under grid");
        FPS_TRY(fps_axis_read_value(&reader, parameter, key->value, &plan->axis[p]));
    }
    return FPS_OK;
}

/* ---- factors ---- */

static fps_factor *add_factor(fps_plan *plan) {
    return &plan->factor[plan->factors++];
}

static fps_status read_axis(fps_plan *plan, const fps_node *key, fps_factor *factor) {
    fps_value_reader reader = fps_plan_reader(plan);
    int p = -1;
    FPS_TRY(claim(plan, key, &p));
    if (p == FPS_P(model))
        return fps_sweep_fail(plan->name, key->place, "model is the same for the whole sweep; put it under fixed");
    fps_axis *axis = &plan->axis[p];
    FPS_TRY(fps_axis_read_list(&reader, &fps_parameters[p], key->value, axis));
    axis->factor = (int)(factor - plan->factor);
    if (factor->parameters > 0 && axis->count != factor->count)
        return fps_sweep_fail(plan->name, key->value->place,
                              "%s has %lld values, %s has %lld; parameters of one zip item have equally many",
                              fps_parameters[p].name, (long long)axis->count, fps_parameters[factor->parameter[0]].name,
                              (long long)factor->count);
    factor->parameter[factor->parameters++] = p;
    factor->count = axis->count;
    return FPS_OK;
}

/* Refuse a factor of which two values are equal in all its parameters; the values of ranges always differ. */
static fps_status refuse_repeated(const fps_plan *plan, const fps_factor *factor) {
    const fps_axis *first = &plan->axis[factor->parameter[0]];
    for (int i = 0; i < factor->parameters; i++)
        if (!plan->axis[factor->parameter[i]].value)
            return FPS_OK;
    fps_hashset seen = {0};
    fps_status status = FPS_OK;
    for (int64_t k = 0; k < factor->count && status == FPS_OK; k++) {
        bool is_new;
        uint64_t hash[FPS_PARAMETERS];
        for (int i = 0; i < factor->parameters; i++)
            hash[i] = fps_value_hash(&plan->axis[factor->parameter[i]].value[k]);
        status = fps_hashset_add(&seen, XXH3_64bits(hash, (size_t)factor->parameters * sizeof *hash), &is_new);
        if (status == FPS_OK && !is_new)
            status = fps_sweep_fail(plan->name, first->value[k].place,
                                    "value %lld of %s%s repeats an earlier one; remove it", (long long)k + 1,
                                    fps_parameters[factor->parameter[0]].name,
                                    factor->parameters > 1 ? " and of all that moves with it" : "");
    }
    fps_hashset_release(&seen);
    return status;
}

static fps_status read_grid(fps_plan *plan, const fps_node *section) {
    FPS_TRY(expect_map(plan, section));
    for (const fps_node *key = section->value->first; key; key = key->next) {
        fps_factor *factor = add_factor(plan);
        FPS_TRY(read_axis(plan, key, factor));
        FPS_TRY(refuse_repeated(plan, factor));
    }
    return FPS_OK;
}

static fps_status read_zip(fps_plan *plan, const fps_node *section) {
    const fps_node *list = section->value;
    if (list->kind != FPS_NODE_LIST)
        return fps_sweep_fail(
            plan->name, list->place,
            "zip must be a list of maps, for example - {samples: [64, 128], grid_points: [256, 512]}");
    for (const fps_node *item = list->first; item; item = item->next) {
        if (item->kind != FPS_NODE_MAP || item->count == 0)
            return fps_sweep_fail(plan->name, item->place, "an item of zip must be a map of parameters");
        fps_factor *factor = NULL;
        for (const fps_node *key = item->first; key; key = key->next) {
            if (fps_parameter_find(key->text, -1) < 0)
                return fail_parameter(plan, key);
            if (!factor) {
                if (plan->factors == FPS_PARAMETERS) /* only reached with repeated parameters */
                    return fps_sweep_fail(plan->name, key->place, "'%s' is given twice; remove one", key->text);
                factor = add_factor(plan);
            }
            FPS_TRY(read_axis(plan, key, factor));
        }
        if (factor)
            FPS_TRY(refuse_repeated(plan, factor));
    }
    return FPS_OK;
}

/* Number the combinations: strides, and their product, which must not be absurd. */
static fps_status count_combinations(fps_plan *plan, fps_place place) {
    double size = 1;
    for (int f = 0; f < plan->factors; f++)
        size *= (double)plan->factor[f].count;
    if (size > (double)plan->limit)
        return fps_sweep_fail(plan->name, place, "the sweep has %.6g combinations; at most %lld are accepted", size,
                              (long long)plan->limit);
    plan->combinations = 1;
    for (int f = plan->factors - 1; f >= 0; f--) {
        plan->factor[f].stride = plan->combinations;
        plan->combinations *= plan->factor[f].count;
    }
    return FPS_OK;
}

/* ---- the other sections ---- */

static fps_status read_words(const fps_plan *plan, const fps_node *key, size_t limit, const char **out) {
    if (key->value->kind != FPS_NODE_SCALAR || key->value->text[0] == '\0')
        return fps_sweep_fail(plan->name, key->value->place, "'%s' must be a line of text", key->text);
    if (strlen(key->value->text) > limit)
        return fps_sweep_fail(plan->name, key->value->place, "'%s' has more than %zu letters", key->text, limit);
    *out = key->value->text;
    return FPS_OK;
}

static fps_status read_title(fps_plan *plan, const fps_node *key) {
    return read_words(plan, key, TITLE_LIMIT, &plan->title);
}

static fps_status read_about(fps_plan *plan, const fps_node *key) {
    return read_words(plan, key, ABOUT_LIMIT, &plan->about);
}

static fps_status read_where(fps_plan *plan, const fps_node *key) {
    const fps_node *node = key->value;
    if (node->kind != FPS_NODE_SCALAR || node->text[0] == '\0')
        return fps_sweep_fail(plan->name, node->place,
                              "where must be one expression, for example \"depth * width <= 300\"");
    fps_place place = node->place;
    if (node->text_column)
        place.column = node->text_column;
    plan->has_where = true;
    plan->where_node = node;
    return fps_formula_read(&plan->formulas, node->text, place, node->text_column > 0, &plan->where);
}

static fps_status read_record(fps_plan *plan, const fps_node *key) {
    return fps_record_read(plan, key->value);
}

typedef fps_status (*section_reader)(fps_plan *, const fps_node *);
static const section_reader section_readers[SECTIONS] = {read_title, read_about, read_fixed, read_grid,
                                                         read_zip,   read_where, read_record};

static fps_status find_section(const fps_plan *plan, const fps_node *key, int *section) {
    for (*section = 0; *section < SECTIONS; ++*section)
        if (strcmp(sections[*section], key->text) == 0)
            return FPS_OK;
    if (fps_parameter_find(key->text, -1) >= 0)
        return fps_sweep_fail(plan->name, key->place, "'%s' is a parameter; put it under fixed, grid or zip",
                              key->text);
    return fps_sweep_fail(plan->name, key->place, "there is no section '%s'%s", fps_quote(key->text).text,
                          fps_suggest(key->text, sections, SECTIONS).text);
}

/* ---- defaults ---- */

/* Read a default from the table's text as if it stood in a file. */
static fps_status read_default(fps_plan *plan, int p, const char *text, fps_axis *out) {
    fps_value_reader reader = fps_plan_reader(plan);
    const fps_parameter *parameter = &fps_parameters[p];
    fps_node scalar = {.kind = FPS_NODE_SCALAR, .text = text}, *node = &scalar;
    *out = (fps_axis){.factor = -1};
    if (!text)
        return FPS_OK;
    if (parameter->kind == FPS_KIND_DOMAIN)
        FPS_TRY(fps_document_parse(parameter->name, text, strlen(text), &plan->arena, &node));
    fps_status status = fps_axis_read_value(&reader, parameter, node, out);
    return status == FPS_OK ? status : fps_fail_context(status, "default of %s", parameter->name);
}

static fps_status read_defaults(fps_plan *plan) {
    for (int p = 0; p < fps_parameter_count; p++) {
        FPS_TRY(read_default(plan, p, fps_parameters[p].fallback, &plan->fallback[p]));
        if (!(plan->given & FPS_BIT(p)))
            plan->axis[p] = plan->fallback[p];
    }
    FPS_TRY(read_default(plan, FPS_P(bias), "none", &plan->linear[0]));
    return read_default(plan, FPS_P(initializer), "zero", &plan->linear[1]);
}

/* ---- data files ---- */

static fps_status list_datasets(fps_plan *plan) {
    int p = FPS_P(data);
    const fps_axis *axis = &plan->axis[p];
    if (!(plan->given & FPS_BIT(p)))
        return FPS_OK;
    if (plan->given & FPS_BIT(FPS_P(target)))
        return fps_sweep_fail(plan->name, plan->axis[FPS_P(target)].key,
                              "target and data exclude each other: a data file brings its own labels; remove one");
    plan->dataset_path = fps_arena_alloc(&plan->arena, (size_t)axis->count * sizeof *plan->dataset_path);
    plan->dataset = fps_arena_alloc(&plan->arena, (size_t)axis->count * sizeof *plan->dataset);
    if (!plan->dataset_path || !plan->dataset)
        return FPS_ERROR_MEMORY;
    for (int64_t k = 0; k < axis->count; k++) /* values of an axis are distinct */
        plan->dataset_path[plan->datasets++] = axis->value[k].text;
    return FPS_OK;
}

fps_status fps_sections_read(fps_plan *plan, const fps_node *root) {
    if (fps_parameter_count > FPS_PARAMETERS)
        return fps_fail(FPS_ERROR_SYSTEM, "more than %d parameters in the table", FPS_PARAMETERS);
    for (int p = 0; p < fps_parameter_count; p++)
        plan->index[fps_parameters[p].offset] = (uint8_t)p;
    plan->factor = fps_arena_alloc(&plan->arena, FPS_PARAMETERS * sizeof *plan->factor);
    if (!plan->factor)
        return FPS_ERROR_MEMORY;
    if (!root || root->kind != FPS_NODE_MAP)
        return fps_sweep_fail(plan->name, root ? root->place : (fps_place){1, 1},
                              "a sweep file is a map of sections, beginning with 'sweep: NAME'");
    const fps_node *found[SECTIONS] = {NULL};
    for (const fps_node *key = root->first; key; key = key->next) {
        int s = 0;
        FPS_TRY(find_section(plan, key, &s));
        found[s] = key;
    }
    if (!found[0])
        return fps_sweep_fail(plan->name, root->place, "the sweep has no name; begin with 'sweep: NAME'");
    plan->about = "";
    plan->record = (fps_record_spec){.count = 100, .spacing = FPS_SPACING_LOG};
    for (int s = 0; s < SECTIONS; s++) /* the grid's factors come before those of zip */
        if (found[s])
            FPS_TRY(section_readers[s](plan, found[s]));
    FPS_TRY(read_defaults(plan));
    FPS_TRY(list_datasets(plan));
    return count_combinations(plan, found[3] ? found[3]->place : found[4] ? found[4]->place : root->place);
}
