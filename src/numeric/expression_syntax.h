/* expression_syntax.h: what an expression may look like, checked before muParser sees it. Internal to numeric. */
#ifndef FPSWEEP_NUMERIC_EXPRESSION_SYNTAX_H
#define FPSWEEP_NUMERIC_EXPRESSION_SYNTAX_H

#include <muParserDLL.h>
#include <stdbool.h>

#include "fpsweep/expression.h"
#include "fpsweep/status.h"

enum {
    FPS_EXPRESSION_MAX_LENGTH = 4000, /* bytes of text; muParser's own limit is 10000 */
    FPS_EXPRESSION_MAX_NESTING = 100  /* open parentheses */
};

/* One function of the language. Exactly one pointer is set; `arguments` is -1 for one or more. */
typedef struct fps_expression_function {
    const char *name;
    int arguments;
    muFun1_t one;
    muFun2_t two;
    muMultFun_t many;
} fps_expression_function;

/* All functions, ended by a NULL name: muParser's own are removed, so that what exists is what stands here. */
extern const fps_expression_function fps_expression_functions[];

/* Constants that are always known (pi, e), ended by a NULL name; the caller's names come first. */
extern const fps_expression_name fps_expression_constants[];

/* What the check leaves behind; arrays are the caller's, as long as the lists they index. */
typedef struct fps_expression_parts {
    char *text;          /* [strlen + 1] the text as muParser gets it (sin( x), & for &&): same length and columns */
    bool *uses_name;     /* [count] which of the caller's names occur */
    bool *uses_constant; /* [fps_expression_constants] */
    bool *uses_function; /* [fps_expression_functions] */
} fps_expression_parts;

/* Check `text` against the grammar
 *     expression = operand {operator operand};  operand = {"-" | "+" | "!"} (number | name | call | "(" expression ")")
 * with operators + - * / ^ < > <= >= == != && || ?: and fill `parts`. FPS_ERROR_SWEEP with one line and *column (offset
 * in bytes) on a mistake. */
fps_status fps_expression_check(const char *text, const fps_expression_name *names, int count,
                                fps_expression_parts *parts, int *column);

/* Length of a list ended by a NULL name. */
int fps_expression_function_count(void);
int fps_expression_constant_count(void);

#endif
