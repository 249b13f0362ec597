#include "sweep/value.h"

#include <ctype.h>
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
static bool is_word_value(const fps_parameter *parameter, double value) {
    for (int code = 0; parameter->kind == FPS_KIND_REAL && parameter->choices && code < parameter->choices->count;
         code++)
        if (parameter->choices->entry[code].minimum[0] == value)
            return true;
    return false;
}

fps_status fps_value_check_number(const char *name, fps_place place, const fps_parameter *parameter, double value) {
    bool integer = parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_WIDTH;
    if (integer && value != nearbyint(value))
        return fps_sweep_fail(name, place, "%s is %s; it must be an integer", parameter->name,
                              fps_digits_of(value).text);
    if (is_word_value(parameter, value))
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

/* Place of letter `offset` of a value's text. */
static fps_place letter(const fps_value *value, int offset) {
    return (fps_place){value->place.line, value->place.column + (value->exact ? offset : 0)};
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

static fps_status read_number(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              fps_value *out) {
    FPS_TRY(fps_formula_read(reader->formulas, node->text, out->place, out->exact, &out->number[0]));
    if (out->number[0].formula < 0)
        FPS_TRY(fps_value_check_number(reader->name, out->place, parameter, out->number[0].value));
    return FPS_OK;
}

static fps_status read_real(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                            fps_value *out) {
    int code = parameter->choices ? fps_choice_find(parameter->choices, node->text, -1) : -1;
    if (code < 0)
        return read_number(reader, parameter, node, out);
    out->number[0] = (fps_number){.value = parameter->choices->entry[code].minimum[0], .formula = -1};
    return FPS_OK;
}

/* ---- choices ---- */

/* The table's words that a user may write, for suggestions and lists. */
static int speakable(const fps_choice_table *table, const char **names, int most) {
    int count = 0;
    for (int code = 0; code < table->count && count < most; code++) {
        const char *word = table->entry[code].name;
        if (strcmp(word, "expression") == 0 || strcmp(word, "value") == 0 ||
            (table == &fps_table_target && code == FPS_TARGET_DATA))
            continue;
        names[count++] = word;
    }
    return count;
}

static fps_status fail_choice(const fps_value_reader *reader, const fps_parameter *parameter, const fps_value *value,
                              const char *word) {
    const char *names[64];
    int count = speakable(parameter->choices, names, 64);
    const char *nearest = fps_nearest(word, names, count);
    if (nearest)
        return fps_sweep_fail(reader->name, value->place, "%s has no value '%s'; did you mean '%s'?", parameter->name,
                              fps_quote(word).text, nearest);
    char list[600] = "";
    int used = 0;
    for (int i = 0; i < count && used < 500; i++)
        used += snprintf(list + used, sizeof list - (size_t)used, "%s%s", i ? ", " : "", names[i]);
    return fps_sweep_fail(reader->name, value->place, "%s has no value '%s'; it is one of: %s", parameter->name,
                          fps_quote(word).text, list);
}

/* "normal(m, s)" */
static const char *signature(const fps_choice_entry *entry, char *buffer, size_t size) {
    if (entry->arguments == 0)
        snprintf(buffer, size, "%s", entry->name);
    else if (entry->arguments == 1)
        snprintf(buffer, size, "%s(%s)", entry->name, entry->argument_name[0]);
    else
        snprintf(buffer, size, "%s(%s, %s)", entry->name, entry->argument_name[0], entry->argument_name[1]);
    return buffer;
}

/* Split text[begin, end) at its top-level commas and read the pieces as numbers. *count is how many there are. */
static fps_status read_arguments(const fps_value_reader *reader, const char *text, int begin, int end,
                                 const fps_choice_entry *entry, fps_value *out, int *count) {
    *count = 0;
    int depth = 0, start = begin;
    for (int i = begin; i <= end; i++) {
        if (i < end && text[i] == '(')
            depth++;
        if (i < end && text[i] == ')')
            depth--;
        if (i < end && (text[i] != ',' || depth > 0))
            continue;
        int from = start, to = i;
        while (from < to && text[from] == ' ')
            from++;
        while (to > from && text[to - 1] == ' ')
            to--;
        start = i + 1;
        if (from == to && begin == end)
            return FPS_OK;
        if (++*count > entry->arguments)
            continue;
        char *piece = fps_arena_copy(reader->arena, text + from, (size_t)(to - from));
        if (!piece)
            return FPS_ERROR_MEMORY;
        int k = *count - 1;
        fps_number *number = &out->number[k];
        FPS_TRY(fps_formula_read(reader->formulas, piece, letter(out, from), out->exact, number));
        if (number->formula < 0)
            FPS_TRY(fps_value_check_argument(reader->name, letter(out, from), entry, k, number->value));
    }
    return FPS_OK;
}

/* Offset of the parenthesis that closes the one at text[open], or -1. */
static int closing(const char *text, int open) {
    int depth = 0;
    for (int i = open; text[i]; i++) {
        depth += text[i] == '(';
        depth -= text[i] == ')';
        if (depth == 0)
            return i;
    }
    return -1;
}

static fps_status read_choice_named(const fps_value_reader *reader, const fps_parameter *parameter, const char *text,
                                    int code, int open, fps_value *out) {
    const fps_choice_entry *entry = &parameter->choices->entry[code];
    int count = 0;
    out->code = code;
    out->items = entry->arguments;
    if (text[open] == '(') {
        int close = closing(text, open);
        if (close < 0)
            return fps_sweep_fail(reader->name, out->place,
                                  "'%s' lacks its closing parenthesis; inside [ ] a value with a comma needs quotes, "
                                  "for example \"normal(0, 1)\"",
                                  fps_quote(text).text);
        FPS_TRY(read_arguments(reader, text, open + 1, close, entry, out, &count));
    }
    if (count != entry->arguments || (text[open] == '(' && entry->arguments == 0)) {
        char form[128];
        return fps_sweep_fail(reader->name, out->place, "'%s' has the wrong number of arguments; write %s",
                              fps_quote(text).text, signature(entry, form, sizeof form));
    }
    return FPS_OK;
}

static fps_status read_choice(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                              fps_value *out) {
    const char *text = node->text;
    int length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    int open = length;
    while (text[open] == ' ')
        open++;
    const char *names[64];
    int known = speakable(parameter->choices, names, 64), code = -1;
    for (int i = 0; i < known; i++)
        if ((int)strlen(names[i]) == length && memcmp(names[i], text, (size_t)length) == 0)
            code = fps_choice_find(parameter->choices, text, length);
    int close = text[open] == '(' ? closing(text, open) : open - 1;
    bool whole = text[open] == '\0' || (text[open] == '(' && (close < 0 || text[close + 1] == '\0'));
    if (code >= 0 && whole)
        return read_choice_named(reader, parameter, text, code, open, out);

    int value = fps_value_bare(parameter->choices, "value");
    int expression = fps_value_bare(parameter->choices, "expression");
    if (value >= 0) {
        out->code = value;
        out->items = 1;
        return read_number(reader, parameter, node, out);
    }
    if (expression >= 0) {
        if (strlen(text) > FPS_TEXT_LIMIT)
            return fps_sweep_fail(reader->name, out->place, "an expression has more than %d letters", FPS_TEXT_LIMIT);
        out->code = expression;
        out->text = text;
        return FPS_OK;
    }
    return fail_choice(reader, parameter, out, text);
}

/* ---- width ---- */

static bool is_layers(const char *text) {
    if (!isdigit((unsigned char)text[0]) || !strchr(text, '-'))
        return false;
    for (const char *c = text; *c; c++)
        if (!isdigit((unsigned char)*c) && *c != '-' && *c != ' ')
            return false;
    return true;
}

/* "200-200-100"; kept without blanks, and as one number where all layers are equal is left to the task. */
static fps_status read_width(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                             fps_value *out) {
    if (!is_layers(node->text))
        return read_number(reader, parameter, node, out);
    int32_t widths[FPS_MAX_DEPTH];
    char text[FPS_MAX_DEPTH * 8];
    int layers = 0, used = 0;
    for (const char *c = node->text;;) {
        c += strspn(c, " ");
        size_t digits = strspn(c, "0123456789");
        if (digits == 0 || digits > 9)
            return fps_sweep_fail(reader->name, out->place, "width '%s' is not of the form 200-200-100",
                                  fps_quote(node->text).text);
        if (layers == FPS_MAX_DEPTH)
            return fps_sweep_fail(reader->name, out->place, "width names more than %d layers", FPS_MAX_DEPTH);
        double width = 0;
        for (size_t i = 0; i < digits; i++)
            width = 10 * width + (c[i] - '0');
        FPS_TRY(fps_value_check_number(reader->name, out->place, parameter, width));
        widths[layers] = (int32_t)width;
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%.0f", layers ? "-" : "", width);
        layers++;
        c += digits;
        c += strspn(c, " ");
        if (*c == '\0')
            break;
        if (*c != '-')
            return fps_sweep_fail(reader->name, out->place, "width '%s' is not of the form 200-200-100",
                                  fps_quote(node->text).text);
        c++;
    }
    int32_t *kept = fps_arena_alloc(reader->arena, (size_t)layers * sizeof *kept);
    out->text = fps_arena_copy(reader->arena, text, (size_t)used);
    if (!kept || !out->text)
        return FPS_ERROR_MEMORY;
    memcpy(kept, widths, (size_t)layers * sizeof *kept);
    out->widths = kept;
    out->items = layers;
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
    [FPS_KIND_INTEGER] = read_number, [FPS_KIND_REAL] = read_real,   [FPS_KIND_CHOICE] = read_choice,
    [FPS_KIND_TEXT] = read_text,      [FPS_KIND_WIDTH] = read_width, [FPS_KIND_DOMAIN] = read_domain,
};

fps_status fps_value_read(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                          fps_value *out) {
    *out = (fps_value){.place = node->place, .exact = node->text_column > 0, .number = {{0, -1}, {0, -1}}};
    if (out->exact)
        out->place.column = node->text_column;
    if (parameter->kind != FPS_KIND_DOMAIN) {
        if (node->kind != FPS_NODE_SCALAR)
            return fps_sweep_fail(reader->name, node->place, "%s takes one value, not %s", parameter->name,
                                  fps_node_word(node));
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
