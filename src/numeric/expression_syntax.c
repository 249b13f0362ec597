/* expression_syntax.c: the check of an expression's grammar and names.
 *
 * muParser alone would accept assignments, several results ("1, 2"), strings, 0 < x < 1 (meaning (0 < x) < 1) and its
 * own names; it would refuse sin (x); and its messages count columns after the mistake. So everything is read here
 * once, from left to right, and only what this grammar knows is handed on.
 */
#include "numeric/expression_syntax.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/nearest.h"

/* An open parenthesis, or the whole text (frame 0). */
typedef struct frame {
    int offset;                              /* of the parenthesis */
    const fps_expression_function *function; /* NULL: a plain group */
    int arguments;                           /* begun so far */
    int questions;                           /* "?" still without ":" */
    bool compared;                           /* a comparison since the last && || ? : , */
} frame;

typedef struct scanner {
    const char *text;
    const fps_expression_name *names;
    int count;
    fps_expression_parts *parts;
    int *column;
    int at; /* offset of the token being read */
    bool want_operand, after_sign;
    frame stack[FPS_EXPRESSION_MAX_NESTING + 1];
    int depth;
} scanner;

/* Longest piece of the user's text that a message repeats. */
#define QUOTE "'%.120s'%s"
#define QUOTED(s) (s)->text, strlen((s)->text) > 120 ? "..." : ""

#define FAIL(s, offset, format, ...)                                                                                   \
    (*(s)->column = (offset), fps_fail(FPS_ERROR_SWEEP, format " in " QUOTE, __VA_ARGS__, QUOTED(s)))

/* ---- names ------------------------------------------------------------------------------------------------------ */

static bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool same(const char *name, const char *word, int length) {
    return strncmp(name, word, (size_t)length) == 0 && name[length] == '\0';
}

/* Keep the name with the fewest edits; one that shares no letter is none. */
static void consider(const char *word, int length, const char *name, int *best, const char **nearest) {
    int d = fps_nearest_edits(word, (size_t)length, name);
    if (d < *best && d < length)
        *best = d, *nearest = name;
}

static fps_status unknown(scanner *s, int length, bool call) {
    const char *word = s->text + s->at, *nearest = NULL;
    int best = (length + 2) / 3 + 1;
    if (call) {
        for (const fps_expression_function *f = fps_expression_functions; f->name; f++)
            consider(word, length, f->name, &best, &nearest);
    } else {
        for (int i = 0; i < s->count; i++)
            consider(word, length, s->names[i].name, &best, &nearest);
        for (const fps_expression_name *c = fps_expression_constants; c->name; c++)
            consider(word, length, c->name, &best, &nearest);
    }
    const char *what = call ? "function" : "name";
    if (!call && word[length] == '.' && is_name_start(word[length + 1])) /* np.sin, math.pi */
        return FAIL(s, s->at, "names are written without '%.*s.'", length, word);
    *s->column = s->at;
    if (nearest)
        return fps_fail(FPS_ERROR_SWEEP, "unknown %s '%.*s' in " QUOTE "; did you mean '%s'?", what, length, word,
                        QUOTED(s), nearest);
    return fps_fail(FPS_ERROR_SWEEP, "unknown %s '%.*s' in " QUOTE, what, length, word, QUOTED(s));
}

static bool mark_value(scanner *s, const char *word, int length) {
    for (int i = 0; i < s->count; i++)
        if (same(s->names[i].name, word, length))
            return s->parts->uses_name[i] = true;
    for (int i = 0; fps_expression_constants[i].name; i++)
        if (same(fps_expression_constants[i].name, word, length))
            return s->parts->uses_constant[i] = true;
    return false;
}

static const fps_expression_function *find_function(const char *word, int length) {
    for (const fps_expression_function *f = fps_expression_functions; f->name; f++)
        if (same(f->name, word, length))
            return f;
    return NULL;
}

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

static fps_status open_frame(scanner *s, const fps_expression_function *function) {
    if (s->depth == FPS_EXPRESSION_MAX_NESTING)
        return FAIL(s, s->at, "more than %d parentheses are open", FPS_EXPRESSION_MAX_NESTING);
    s->stack[++s->depth] = (frame){.offset = s->at, .function = function, .arguments = 1};
    s->want_operand = true;
    s->after_sign = false;
    return FPS_OK;
}

/* A name, and the "(" after it if it is called: moved next to it, where muParser expects it. */
static fps_status read_name(scanner *s) {
    const char *word = s->text + s->at;
    int length = 0;
    while (is_name_char(word[length]))
        length++;
    if (!s->want_operand)
        return FAIL(s, s->at, "an operator is missing before '%.*s'", length, word);
    int next = length;
    while (is_space(word[next]))
        next++;
    if (word[next] != '(') {
        if (!mark_value(s, word, length)) {
            if (find_function(word, length))
                return FAIL(s, s->at, "the function '%.*s' needs its argument in parentheses", length, word);
            return unknown(s, length, false);
        }
        s->want_operand = s->after_sign = false;
        s->at += length;
        return FPS_OK;
    }
    const fps_expression_function *function = find_function(word, length);
    if (!function) {
        if (mark_value(s, word, length))
            return FAIL(s, s->at, "'%.*s' is not a function (a product is written %.*s*(...))", length, word, length,
                        word);
        return unknown(s, length, true);
    }
    s->parts->uses_function[function - fps_expression_functions] = true;
    s->parts->text[s->at + next] = ' ';
    s->parts->text[s->at + length] = '(';
    s->at += next;
    FPS_TRY(open_frame(s, function));
    s->at++;
    return FPS_OK;
}

/* digits [. digits] [e [+-] digits]; the locale plays no part. */
static fps_status read_number(scanner *s) {
    const char *start = s->text + s->at, *c = start;
    int digits = 0, leading = 0; /* leading: decimal exponent of the first digit that is not 0, plus 1 */
    bool point = false, nonzero = false;
    for (; isdigit((unsigned char)*c) || (*c == '.' && !point); c++) {
        if (*c == '.') {
            point = true;
            continue;
        }
        digits++;
        nonzero |= *c != '0';
        if (nonzero && !point)
            leading++;
        else if (!nonzero && point)
            leading--;
    }
    if (!digits)
        return FAIL(s, s->at, "%s", "a '.' without digits");
    long exponent = 0;
    if (*c == 'e' || *c == 'E') {
        const char *e = c + 1;
        if (*e == '+' || *e == '-')
            e++;
        if (isdigit((unsigned char)*e)) {
            for (; isdigit((unsigned char)*e); e++)
                if (exponent < 100000)
                    exponent = 10 * exponent + (*e - '0');
            exponent = c[1] == '-' ? -exponent : exponent;
            c = e;
        }
    }
    int length = (int)(c - start);
    if (!s->want_operand)
        return FAIL(s, s->at, "an operator is missing before '%.*s'", length, start);
    if (nonzero && (leading + exponent > 308 || leading + exponent < -306))
        return FAIL(s, s->at, "the number '%.*s' is out of range (1e-307 to 1e308)", length, start);
    if (is_name_start(*c))
        return FAIL(s, (int)(c - s->text), "an operator is missing after '%.*s' (a product is written with *)", length,
                    start);
    s->want_operand = s->after_sign = false;
    s->at += length;
    return FPS_OK;
}

/* Every "?" of the present frame must have met its ":", and an operand must stand before what comes now. */
static fps_status finish_part(scanner *s, const char *before) {
    if (s->want_operand)
        return FAIL(s, s->at, "a value is missing before %s", before);
    if (s->stack[s->depth].questions)
        return FAIL(s, s->at, "a '?' has no ':' before %s", before);
    return FPS_OK;
}

static fps_status check_arguments(scanner *s, const frame *closed) {
    const fps_expression_function *f = closed->function;
    if (f && f->arguments > 0 && f->arguments != closed->arguments)
        return FAIL(s, closed->offset, "%s() takes %d argument%s, not %d,", f->name, f->arguments,
                    f->arguments == 1 ? "" : "s", closed->arguments);
    return FPS_OK;
}

static fps_status read_parenthesis_or_comma(scanner *s) {
    char c = s->text[s->at];
    frame *top = &s->stack[s->depth];
    if (c == '(') {
        if (!s->want_operand)
            return FAIL(s, s->at, "%s", "an operator is missing before '('");
        FPS_TRY(open_frame(s, NULL));
    } else if (c == ')') {
        if (s->depth == 0)
            return FAIL(s, s->at, "%s", "a ')' without its '('");
        FPS_TRY(finish_part(s, "')'"));
        FPS_TRY(check_arguments(s, top));
        s->depth--;
    } else {
        if (!top->function)
            return FAIL(s, s->at, "%s", "a comma belongs between the arguments of a function; decimals take a point:");
        FPS_TRY(finish_part(s, "','"));
        top->arguments++;
        top->compared = false;
        s->want_operand = true;
        s->after_sign = false;
    }
    s->at++;
    return FPS_OK;
}

/* Operators, longest first. */
static const struct {
    const char *text;
    enum { ARITHMETIC, COMPARISON, LOGICAL, QUESTION, COLON } kind;
} operators[] = {
    {"<=", COMPARISON}, {">=", COMPARISON}, {"==", COMPARISON}, {"!=", COMPARISON}, {"&&", LOGICAL},
    {"||", LOGICAL},    {"<", COMPARISON},  {">", COMPARISON},  {"+", ARITHMETIC},  {"-", ARITHMETIC},
    {"*", ARITHMETIC},  {"/", ARITHMETIC},  {"^", ARITHMETIC},  {"?", QUESTION},    {":", COLON},
};

/* What people write who are used to other languages. */
static const struct {
    const char *text, *advice;
} strangers[] = {
    {"**", "a power is written ^ (found '**')"},
    {"=<", "'=<' is written <="},
    {"=>", "'=>' is written >="},
    {"<>", "'<>' is written !="},
    {"===", "'===' is written =="},
    {"\"", "text in quotes is not a value"},
    {"'", "text in quotes is not a value"},
    {"%", "a remainder is written mod(a, b) (found '%')"},
    {"[", "only round parentheses group (found '[')"},
    {"]", "only round parentheses group (found ']')"},
    {"{", "only round parentheses group (found '{')"},
    {"}", "only round parentheses group (found '}')"},
};
static const struct {
    const char *text, *advice;
} singles[] = {
    {"=", "'=' would assign; a comparison is written =="},
    {"&", "'and' is written && (found '&')"},
    {"|", "'or' is written || (found '|')"},
};

static fps_status read_operator(scanner *s) {
    const char *c = s->text + s->at;
    frame *top = &s->stack[s->depth];
    if (top->compared && (*c == '\'' || *c == '"'))
        return FAIL(s, s->at, "%s", "what is compared is written without quotes, as activation == tanh,");
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (strncmp(c, strangers[i].text, strlen(strangers[i].text)) == 0)
            return FAIL(s, s->at, "%s", strangers[i].advice);
    if (s->want_operand && (*c == '-' || *c == '+' || (*c == '!' && c[1] != '='))) {
        if (s->after_sign)
            return FAIL(s, s->at, "two signs in a row ('%c')", *c);
        s->after_sign = true;
        s->at++;
        return FPS_OK;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i].text);
        if (strncmp(c, operators[i].text, length) != 0)
            continue;
        if (s->want_operand)
            return FAIL(s, s->at, "a value is missing before '%s'", operators[i].text);
        if (operators[i].kind == COMPARISON && top->compared)
            return FAIL(s, s->at, "%s", "comparisons do not chain (write a < b && b < c)");
        if (operators[i].kind == COLON && top->questions == 0)
            return FAIL(s, s->at, "%s", "a ':' without its '?'");
        if (operators[i].kind != ARITHMETIC)
            top->compared = operators[i].kind == COMPARISON;
        top->questions += (operators[i].kind == QUESTION) - (operators[i].kind == COLON);
        if (operators[i].kind == LOGICAL) /* "& " and "| ": see expression.c */
            s->parts->text[s->at + 1] = ' ';
        s->want_operand = true;
        s->after_sign = false;
        s->at += (int)length;
        return FPS_OK;
    }
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++)
        if (*c == singles[i].text[0])
            return FAIL(s, s->at, "%s", singles[i].advice);
    unsigned char byte = (unsigned char)*c;
    if (byte < 0x20 || byte == 0x7f)
        return FAIL(s, s->at, "a control character (0x%02x)", byte);
    int length = 1; /* of a UTF-8 character */
    while (length < 4 && ((unsigned char)c[length] & 0xc0) == 0x80)
        length++;
    return FAIL(s, s->at, "'%.*s' is not part of an expression", length, c);
}

fps_status fps_expression_check(const char *text, const fps_expression_name *names, int count,
                                fps_expression_parts *parts, int *column) {
    scanner s = {.text = text, .names = names, .count = count, .parts = parts, .column = column, .want_operand = true};
    size_t length = strlen(text);
    *column = 0;
    if (length > FPS_EXPRESSION_MAX_LENGTH)
        return fps_fail(FPS_ERROR_SWEEP, "an expression of %zu characters is too long (at most %d)", length,
                        FPS_EXPRESSION_MAX_LENGTH);
    memcpy(parts->text, text, length + 1);
    for (;;) {
        while (is_space(text[s.at]))
            parts->text[s.at++] = ' ';
        char c = text[s.at];
        if (c == '\0')
            break;
        if (is_name_start(c))
            FPS_TRY(read_name(&s));
        else if ((c >= '0' && c <= '9') || c == '.')
            FPS_TRY(read_number(&s));
        else if (c == '(' || c == ')' || c == ',')
            FPS_TRY(read_parenthesis_or_comma(&s));
        else
            FPS_TRY(read_operator(&s));
    }
    if (strspn(text, " \t\r\n\v\f") == length)
        return fps_fail(FPS_ERROR_SWEEP, "the expression is empty");
    FPS_TRY(finish_part(&s, "the end"));
    if (s.depth)
        return FAIL(&s, s.stack[s.depth].offset, "%s", "a '(' is not closed");
    return FPS_OK;
}
