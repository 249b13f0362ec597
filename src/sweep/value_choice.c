/* value_choice.c: values that are a name with up to two numbers: relu, lp(4), normal(0, 1/width). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sweep/value.h"

/* Place of letter `offset` of a value's text. */
static fps_place letter(const fps_value *value, int offset) {
    return (fps_place){value->place.line, value->place.column + (value->exact ? offset : 0)};
}

/* The table's words that a user may write, for suggestions and lists. */
static int speakable(const fps_choice_table *table, const char **names, int most) {
    int count = 0;
    for (int code = 0; code < fps_choice_count(table) && count < most; code++) {
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
    const char *names[64] = {NULL};
    int count = speakable(parameter->choices, names, 64);
    const char *nearest = fps_nearest(word, names, count);
    if (nearest)
        return fps_sweep_fail(reader->name, value->place, "%s has no value '%s'; did you mean '%s'?", parameter->name,
                              fps_quote(word).text, nearest);
    char list[600] = "";
    int used = 0;
    for (int i = 0; i < count && used < 500; i++)
        used += snprintf(list + used, sizeof list - (size_t)used, "%s%s", i ? ", " : "", names[i]);
    return fps_sweep_fail(reader->name, value->place, "%s has no value '%s'; it is one of: %s%s", parameter->name,
                          fps_quote(word).text, list,
                          parameter->choices->added ? "; a plug-in's needs --plugin FILE.so" : "");
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

fps_status fps_value_read_choice(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                 fps_value *out) {
    const char *text = node->text;
    int length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    int open = length;
    while (text[open] == ' ')
        open++;
    const char *names[64] = {NULL};
    int known = speakable(parameter->choices, names, 64), code = -1;
    for (int i = 0; i < known; i++)
        if ((int)strlen(names[i]) == length && memcmp(names[i], text, (size_t)length) == 0)
            code = fps_choice_find(parameter->choices, text, length);
    int close = text[open] == '(' ? closing(text, open) : open - 1;
    bool whole = text[open] == '\0' || (text[open] == '(' && (close < 0 || text[close + 1] == '\0'));
    if (code >= 0 && whole)
        return read_choice_named(reader, parameter, text, code, open, out);

    char word[32];
    snprintf(word, sizeof word, "%.*s", length, text);
    if (length < 32 && text[open] == '(' && whole && fps_nearest(word, names, known))
        return fail_choice(reader, parameter, out, word);
    int value = fps_value_bare(parameter->choices, "value");
    int expression = fps_value_bare(parameter->choices, "expression");
    if (value >= 0) {
        out->code = value;
        out->items = 1;
        return fps_value_read_number(reader, parameter, node, out);
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
