#include "sweep/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { PATH_LIMIT = 1000 };

/* ---- checks ---- */

static fps_status check_range(const char *name, fps_place place, const char *what, double value, double minimum,
                              double maximum, bool open) {
    bool below = open ? !(value > minimum) : !(value >= minimum);
    if (!below && value <= maximum)
        return FPS_OK;
    return fps_sweep_fail(name, place, "%s is %s; it must be %s %s", what, fps_digits_of(value).text,
                          !below ? "at most" : (open ? "greater than" : "at least"),
                          fps_digits_of(below ? minimum : maximum).text);
}

/* Words with a fixed value (none = -1) lie outside the range and are admitted. */
static const char *word_of(const fps_parameter *parameter, double value) {
    for (int code = 0; parameter->kind == FPS_KIND_REAL && parameter->choices && code < parameter->choices->count;
         code++)
        if (parameter->choices->entry[code].minimum[0] == value)
            return parameter->choices->entry[code].name;
    return NULL;
}

const char *fps_value_word(const fps_parameter *parameter, const fps_value *value) {
    return value->number[0].formula < 0 ? word_of(parameter, value->number[0].value) : NULL;
}

fps_status fps_value_check_number(const char *name, fps_place place, const fps_parameter *parameter, double value) {
    bool integer = parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_WIDTH;
    if (integer && value != nearbyint(value))
        return fps_sweep_fail(name, place, "%s is %s; it must be an integer", parameter->name,
                              fps_digits_of(value).text);
    if (word_of(parameter, value))
        return FPS_OK;
    if (parameter->kind == FPS_KIND_CHOICE) {
        int code = fps_value_bare(parameter->choices, "value");
        const fps_choice_entry *entry = &parameter->choices->entry[code];
        return check_range(name, place, parameter->name, value, entry->minimum[0], entry->maximum[0],
                           entry->open_minimum[0]);
    }
    return check_range(name, place, parameter->name, value, parameter->minimum, parameter->maximum,
                       parameter->open_minimum);
}

fps_status fps_value_check_argument(const char *name, fps_place place, const fps_choice_entry *entry, int argument,
                                    double value) {
    char what[96];
    if (strcmp(entry->name, "value") == 0)
        snprintf(what, sizeof what, "%s", entry->argument_name[argument]);
    else
        snprintf(what, sizeof what, "%s of %s", entry->argument_name[argument], entry->name);
    return check_range(name, place, what, value, entry->minimum[argument], entry->maximum[argument],
                       entry->open_minimum[argument]);
}

/* ---- numbers ---- */

int fps_value_bare(const fps_choice_table *table, const char *word) {
    return table ? fps_choice_find(table, word, -1) : -1;
}

bool fps_value_is_number(const fps_parameter *parameter) {
    return parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_REAL ||
           parameter->kind == FPS_KIND_WIDTH ||
           (parameter->kind == FPS_KIND_CHOICE && fps_value_bare(parameter->choices, "value") >= 0);
}

fps_status fps_value_read_constant(const fps_value_reader *reader, const fps_node *node, const char *what,
                                   double *out) {
    if (node->kind != FPS_NODE_SCALAR || node->text[0] == '\0')
        return fps_sweep_fail(reader->name, node->place, "%s must be a number", what);
    fps_number number;
    FPS_TRY(fps_formula_read(reader->formulas, node->text, node->place, false, &number));
    if (number.formula >= 0)
        return fps_sweep_fail(reader->name, node->place, "%s must be a constant; it depends on other parameters", what);
    *out = number.value;
    return FPS_OK;
}

/* Is the whole text one word that stands for no number: neither a numeric parameter nor a constant of expressions? */
static bool is_mere_word(const char *text) {
    static const char *const numbers[] = {"side", "pi", "e"};
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (text[0] == '\0' || text[length] != '\0' || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        if (strcmp(text, numbers[k]) == 0)
            return false;
    int p = fps_parameter_find(text, -1);
    return p < 0 || !fps_value_is_number(&fps_parameters[p]);
}

/* "; did you mean 'none'?": of the words of the parameter itself, and of other parameters that are numbers. */
static fps_suggestion suggest_number(const fps_parameter *parameter, const char *text) {
    enum { MOST = 128 };
    const char *names[MOST];
    int count = 0;
    for (int code = 0; parameter->kind == FPS_KIND_REAL && parameter->choices && code < parameter->choices->count;
         code++)
        names[count++] = parameter->choices->entry[code].name;
    for (int p = 0; p < fps_parameter_count && count < MOST; p++)
        if (fps_value_is_number(&fps_parameters[p]) && &fps_parameters[p] != parameter)
            names[count++] = fps_parameters[p].name;
    return fps_suggest(text, names, count);
}

fps_status fps_value_read_number(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                 fps_value *out) {
    if (is_mere_word(node->text)) {
        fps_suggestion meant = suggest_number(parameter, node->text);
        return fps_sweep_fail(reader->name, out->place, "%s is '%s', which is no number%s", parameter->name,
                              fps_quote(node->text).text,
                              meant.text[0] ? meant.text : "; write a number, or an expression in other parameters");
    }
    FPS_TRY(fps_formula_read(reader->formulas, node->text, out->place, out->exact, &out->number[0]));
    if (out->number[0].formula < 0)
        FPS_TRY(fps_value_check_number(reader->name, out->place, parameter, out->number[0].value));
    return FPS_OK;
}

static fps_status read_real(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                            fps_value *out) {
    int code = parameter->choices ? fps_choice_find(parameter->choices, node->text, -1) : -1;
    if (code < 0)
        return fps_value_read_number(reader, parameter, node, out);
    out->number[0] = (fps_number){.value = parameter->choices->entry[code].minimum[0], .formula = -1};
    return FPS_OK;
}

/* ---- text and domain ---- */

static fps_status read_text(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                            fps_value *out) {
    if (strlen(node->text) > PATH_LIMIT)
        return fps_sweep_fail(reader->name, out->place, "%s has more than %d letters", parameter->name, PATH_LIMIT);
    out->text = node->text;
    return FPS_OK;
}

static fps_status read_pair(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                            fps_number *pair) {
    if (node->kind != FPS_NODE_LIST || node->count != 2 || node->first->kind != FPS_NODE_SCALAR ||
        node->first->next->kind != FPS_NODE_SCALAR)
        return fps_sweep_fail(reader->name, node->place,
                              "an interval of %s is a pair of numbers, for example [-pi, pi]", parameter->name);
    const fps_node *end = node->first;
    for (int i = 0; i < 2; i++, end = end->next) {
        fps_place place = end->place;
        if (end->text_column)
            place.column = end->text_column;
        FPS_TRY(fps_formula_read(reader->formulas, end->text, place, end->text_column > 0, &pair[i]));
        if (pair[i].formula < 0)
            FPS_TRY(fps_value_check_number(reader->name, end->place, parameter, pair[i].value));
    }
    if (pair[0].formula < 0 && pair[1].formula < 0 && !(pair[0].value < pair[1].value))
        return fps_sweep_fail(reader->name, node->place, "the lower end of %s must be below the upper end",
                              parameter->name);
    return FPS_OK;
}

static fps_status read_domain(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              fps_value *out) {
    if (node->kind != FPS_NODE_LIST)
        return fps_sweep_fail(reader->name, node->place, "%s is a pair of numbers in brackets, for example [-pi, pi]",
                              parameter->name);
    bool per_axis = node->first && node->first->kind == FPS_NODE_LIST;
    int pairs = per_axis ? node->count : 1;
    if (pairs > FPS_MAX_DIMENSION)
        return fps_sweep_fail(reader->name, node->place, "%s has %d intervals; there are at most %d dimensions",
                              parameter->name, pairs, FPS_MAX_DIMENSION);
    fps_number *domain = fps_arena_alloc(reader->arena, (size_t)(2 * pairs) * sizeof *domain);
    if (!domain)
        return FPS_ERROR_MEMORY;
    const fps_node *pair = per_axis ? node->first : node;
    for (int axis = 0; axis < pairs; axis++, pair = pair->next)
        FPS_TRY(read_pair(reader, parameter, pair, domain + 2 * axis));
    out->domain = domain;
    out->items = pairs;
    return FPS_OK;
}

/* ---- all kinds ---- */

typedef fps_status (*kind_reader)(const fps_value_reader *, const fps_parameter *, const fps_node *, fps_value *);
static const kind_reader readers[] = {
    [FPS_KIND_INTEGER] = fps_value_read_number, [FPS_KIND_REAL] = read_real,
    [FPS_KIND_CHOICE] = fps_value_read_choice,  [FPS_KIND_TEXT] = read_text,
    [FPS_KIND_WIDTH] = fps_value_read_width,    [FPS_KIND_DOMAIN] = read_domain,
};

fps_status fps_value_read(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                          fps_value *out) {
    *out = (fps_value){.place = node->place, .exact = node->text_column > 0, .number = {{0, -1}, {0, -1}}};
    if (out->exact)
        out->place.column = node->text_column;
    if (parameter->kind != FPS_KIND_DOMAIN) {
        if (node->kind != FPS_NODE_SCALAR)
            return fps_sweep_fail(
                reader->name, node->place, "%s takes one value, not %s%s", parameter->name, fps_node_word(node),
                parameter->kind == FPS_KIND_WIDTH ? "; single layers are written \"200-200-100\"" : "");
        if (node->text[0] == '\0' && node->place.line > 0)
            return fps_sweep_fail(reader->name, node->place, "%s has no value", parameter->name);
    }
    return readers[parameter->kind](reader, parameter, node, out);
}

static uint64_t number_reads(const fps_formulas *formulas, fps_number number) {
    return number.formula < 0 ? 0 : formulas->formula[number.formula].reads;
}

uint64_t fps_value_reads(const fps_formulas *formulas, const fps_value *value) {
    uint64_t reads = number_reads(formulas, value->number[0]) | number_reads(formulas, value->number[1]);
    for (int i = 0; value->domain && i < 2 * value->items; i++)
        reads |= number_reads(formulas, value->domain[i]);
    return reads;
}

static uint64_t number_hash(fps_number number) {
    double key[2] = {number.formula < 0 ? number.value + 0.0 : 0.0, number.formula};
    return XXH3_64bits(key, sizeof key);
}

uint64_t fps_value_hash(const fps_value *value) {
    uint64_t key[12] = {(uint64_t)value->code, (uint64_t)value->items, number_hash(value->number[0]),
                        number_hash(value->number[1]), value->text ? XXH3_64bits(value->text, strlen(value->text)) : 0};
    for (int i = 0; value->domain && i < 2 * value->items; i++)
        key[5 + i] = number_hash(value->domain[i]);
    return XXH3_64bits(key, sizeof key);
}
