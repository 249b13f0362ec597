#include "sweep/formula.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/task.h"

enum { COMPILE_LIMIT = 20000 };

/* ---- the names ---- */

static bool has_number(const fps_parameter *parameter) {
    return parameter->kind != FPS_KIND_TEXT && parameter->kind != FPS_KIND_DOMAIN;
}

static bool is_known(const fps_formulas *formulas, const char *name) {
    for (int i = 0; i < formulas->names_count; i++)
        if (strcmp(formulas->names[i].name, name) == 0)
            return true;
    return false;
}

static int count_names(void) {
    int names = fps_parameter_count + 1;
    for (int p = 0; p < fps_parameter_count; p++)
        if (fps_parameters[p].choices)
            names += fps_choice_count(fps_parameters[p].choices);
    return names;
}

fps_status fps_formulas_create(fps_formulas *formulas, const char *name, const double *variable) {
    *formulas = (fps_formulas){.name = name, .variable = variable};
    FPS_TRY(FPS_ALLOC(formulas->names, count_names()));
    formulas->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!formulas->locale)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory to read numbers");
    for (int p = 0; p < fps_parameter_count; p++)
        if (has_number(&fps_parameters[p]))
            formulas->names[formulas->names_count++] =
                (fps_expression_name){.name = fps_parameters[p].name, .variable = &variable[p]};
    formulas->names[formulas->names_count++] = (fps_expression_name){.name = "side", .variable = &variable[FPS_SIDE]};
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_choice_table *table = fps_parameters[p].choices;
        for (int code = 0; table && code < fps_choice_count(table); code++)
            if (!is_known(formulas, table->entry[code].name))
                formulas->names[formulas->names_count++] = (fps_expression_name){
                    .name = table->entry[code].name, .constant = fps_name_value(table->entry[code].name)};
    }
    return FPS_OK;
}

void fps_formulas_release(fps_formulas *formulas) {
    for (int i = 0; i < formulas->count; i++)
        fps_expression_destroy(&formulas->formula[i].expression);
    fps_free(formulas->formula);
    fps_free(formulas->names);
    if (formulas->locale)
        freelocale(formulas->locale);
    *formulas = (fps_formulas){0};
}

/* ---- names with two meanings ---- */

static bool is_letter(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* One word or sign of an expression. */
typedef struct token {
    int at, length;
} token;

static token next_token(const char *text, int at) {
    while (text[at] == ' ')
        at++;
    int end = at;
    if (is_letter(text[end]) || text[end] == '.')
        while (is_letter(text[end]) || text[end] == '.')
            end++;
    else if ((text[end] == '=' || text[end] == '!') && text[end + 1] == '=')
        end += 2;
    else if (text[end])
        end++;
    return (token){.at = at, .length = end - at};
}

/* If `name` is a parameter, and also a choice of the parameter `other`, overwrite it by the choice's number. */
static void resolve_pair(char *text, token name, token other) {
    int p = fps_parameter_find(text + other.at, other.length);
    if (p < 0 || fps_parameters[p].kind != FPS_KIND_CHOICE || fps_parameter_find(text + name.at, name.length) < 0)
        return;
    int code = fps_choice_find(fps_parameters[p].choices, text + name.at, name.length);
    char number[32];
    if (code < 0)
        return;
    int digits = snprintf(number, sizeof number, "%.0f", fps_name_value(fps_parameters[p].choices->entry[code].name));
    if (digits > name.length)
        return;
    memset(text + name.at, ' ', (size_t)name.length);
    memcpy(text + name.at, number, (size_t)digits);
}

/* Resolve every comparison of two words, in place; letters keep their columns. */
static void resolve_names(char *text) {
    token left = {0}, sign = {0};
    for (token now = next_token(text, 0); now.length > 0; now = next_token(text, now.at + now.length)) {
        bool compares = sign.length == 2 && text[sign.at + 1] == '=' && (text[sign.at] == '=' || text[sign.at] == '!');
        if (compares) {
            resolve_pair(text, now, left);
            resolve_pair(text, left, now);
        }
        left = sign;
        sign = now;
    }
}

fps_status fps_formula_compile(const fps_formulas *formulas, const char *text, const double *variable,
                               fps_expression **out, int *column) {
    *out = NULL;
    *column = 0;
    if (strlen(text) > FPS_TEXT_LIMIT)
        return fps_fail(FPS_ERROR_SWEEP, "an expression has more than %d letters", FPS_TEXT_LIMIT);
    char resolved[FPS_TEXT_LIMIT + 1];
    snprintf(resolved, sizeof resolved, "%s", text);
    resolve_names(resolved);
    if (variable == formulas->variable)
        return fps_expression_create(resolved, formulas->names, formulas->names_count, out, column);
    fps_expression_name *names;
    FPS_TRY(FPS_ALLOC(names, formulas->names_count));
    for (int i = 0; i < formulas->names_count; i++) {
        names[i] = formulas->names[i];
        if (names[i].variable)
            names[i].variable = variable + (names[i].variable - formulas->variable);
    }
    fps_status status = fps_expression_create(resolved, names, formulas->names_count, out, column);
    fps_free(names);
    return status;
}

/* A word that is a parameter, but not a number. */
static const char *hint(const char *text, int column) {
    int length = 0;
    while (column >= 0 && is_letter(text[column + length]))
        length++;
    int p = length > 0 ? fps_parameter_find(text + column, length) : -1;
    if (p < 0 || has_number(&fps_parameters[p]))
        return "";
    return fps_parameters[p].kind == FPS_KIND_DOMAIN ? "; domain is no number, its longest side is called side"
                                                     : "; this parameter is no number";
}

/* ---- reading ---- */

bool fps_formula_is_number(const fps_formulas *formulas, const char *text, double *out) {
    const char *c = text + (*text == '-' || *text == '+');
    int digits = 0;
    for (; isdigit((unsigned char)*c); c++)
        digits++;
    if (*c == '.')
        for (c++; isdigit((unsigned char)*c); c++)
            digits++;
    if (digits == 0)
        return false;
    if (*c == 'e' || *c == 'E') {
        c++;
        c += *c == '-' || *c == '+';
        if (!isdigit((unsigned char)*c))
            return false;
        while (isdigit((unsigned char)*c))
            c++;
    }
    if (*c != '\0')
        return false;
    *out = strtod_l(text, NULL, formulas->locale);
    return true;
}

uint64_t fps_formula_reads(const fps_formulas *formulas, const fps_expression *expression) {
    uint64_t reads = 0;
    for (int i = 0; i < formulas->names_count; i++) {
        const fps_expression_name *name = &formulas->names[i];
        if (name->variable && fps_expression_uses(expression, name->name))
            reads |= FPS_BIT(name->variable - formulas->variable);
    }
    return reads;
}

static fps_status keep_formula(fps_formulas *formulas, fps_formula formula, fps_place place, fps_number *out) {
    if (formulas->count >= FPS_FORMULA_LIMIT)
        return fps_sweep_fail(formulas->name, place, "more than %d different expressions in one sweep",
                              FPS_FORMULA_LIMIT);
    if (!formulas->formula)
        FPS_TRY(FPS_ALLOC(formulas->formula, FPS_FORMULA_LIMIT));
    formulas->formula[formulas->count] = formula;
    *out = (fps_number){.value = NAN, .formula = formulas->count++};
    return FPS_OK;
}

fps_status fps_formula_read(fps_formulas *formulas, const char *text, fps_place place, bool exact, fps_number *out) {
    *out = (fps_number){.value = 0, .formula = -1};
    if (text[0] == '\0')
        return fps_sweep_fail(formulas->name, place, "a number is missing");
    if (fps_formula_is_number(formulas, text, &out->value))
        return isfinite(out->value) ? FPS_OK
                                    : fps_sweep_fail(formulas->name, place, "%s is too large", fps_quote(text).text);
    uint64_t hash = XXH3_64bits(text, strlen(text));
    for (int i = 0; i < formulas->count; i++)
        if (formulas->formula[i].hash == hash && strcmp(formulas->formula[i].text, text) == 0) {
            out->formula = i;
            return FPS_OK;
        }
    if (++formulas->compiled > COMPILE_LIMIT)
        return fps_sweep_fail(formulas->name, place, "more than %d expressions in one sweep", COMPILE_LIMIT);

    fps_formula formula = {.text = text, .hash = hash};
    int column = 0;
    fps_status status = fps_formula_compile(formulas, text, formulas->variable, &formula.expression, &column);
    if (status == FPS_ERROR_SWEEP) {
        char message[512];
        snprintf(message, sizeof message, "%s", fps_error_message());
        fps_place at = {place.line, place.column + (exact && column > 0 ? column : 0)};
        return fps_sweep_fail(formulas->name, at, "%s%s", message, hint(text, column));
    }
    FPS_TRY(status);
    formula.reads = fps_formula_reads(formulas, formula.expression);
    if (formula.reads == 0) {
        status = fps_expression_evaluate(formula.expression, &out->value);
        fps_expression_destroy(&formula.expression);
        if (status == FPS_ERROR_NUMERIC)
            return fps_sweep_fail(formulas->name, place, "'%s' is not a finite number", fps_quote(text).text);
        return status;
    }
    status = keep_formula(formulas, formula, place, out);
    if (status != FPS_OK)
        fps_expression_destroy(&formula.expression);
    return status;
}

fps_status fps_number_evaluate(const fps_formulas *formulas, fps_number number, double *out) {
    if (number.formula < 0) {
        *out = number.value;
        return FPS_OK;
    }
    return fps_expression_evaluate(formulas->formula[number.formula].expression, out);
}
