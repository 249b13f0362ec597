/* formula.h: numbers of a sweep file: constants, or expressions in the task's other parameters.
 *
 * An expression that reads nothing is folded into a constant at once. Variables are the parameters that have a number
 * (fps_parameter_value) and `side`, the longest side of the domain; constants are pi, e and the names of all choices.
 * A name that is both (optimizer and parameter `momentum`, parameter and window `density`) is the choice where it is
 * compared with a parameter that has such a choice, `optimizer == momentum`, and the parameter everywhere else.
 */
#ifndef FPSWEEP_SWEEP_FORMULA_H
#define FPSWEEP_SWEEP_FORMULA_H

#include <locale.h>
#include <stdint.h>

#include "fpsweep/expression.h"
#include "sweep/message.h"

/* Sets of parameters and factors are bits of a word; bit FPS_SIDE stands for the variable `side`. */
#define FPS_SIDE 63
#define FPS_BIT(i) (UINT64_C(1) << (i))

#define FPS_FORMULA_LIMIT 1000 /* distinct expressions that vary, in one sweep */
#define FPS_TEXT_LIMIT 2000    /* bytes of an expression */

typedef struct fps_formula {
    const char *text; /* owned by the arena of the plan */
    uint64_t hash;
    fps_expression *expression;
    uint64_t reads; /* parameters, FPS_SIDE */
} fps_formula;

/* The formulas of one plan. Owns the expressions. */
typedef struct fps_formulas {
    const char *name;       /* of the sweep file; borrowed */
    const double *variable; /* [64], read at each evaluation; borrowed */
    fps_formula *formula;
    int count, compiled; /* compiled: attempts so far, bounded */
    fps_expression_name *names;
    int names_count;
    locale_t locale; /* "C": numbers have a point in every program */
} fps_formulas;

/* A number of the sweep file; formula < 0: the constant `value`. */
typedef struct fps_number {
    double value;
    int32_t formula;
} fps_number;

/* `variable[64]` is borrowed. */
fps_status fps_formulas_create(fps_formulas *formulas, const char *name, const double *variable);
void fps_formulas_release(fps_formulas *formulas);

/* Read `text` as a number or an expression. `place` is its first letter; with `exact` mistakes are told with their own
 * column, else with `place`. `text` is kept: it must live as long as the formulas. */
fps_status fps_formula_read(fps_formulas *formulas, const char *text, fps_place place, bool exact, fps_number *out);

/* Is `text` a plain decimal number? Then *out is its value (infinite if too large). */
bool fps_formula_is_number(const fps_formulas *formulas, const char *text, double *out);

/* Present value. FPS_ERROR_NUMERIC if it is not finite. */
fps_status fps_number_evaluate(const fps_formulas *formulas, fps_number number, double *out);

/* Compile an expression over other storage than the plan's variables (for selecting tasks). Message without place. */
fps_status fps_formula_compile(const fps_formulas *formulas, const char *text, const double *variable,
                               fps_expression **out, int *column);

/* Parameters (and FPS_SIDE) that an expression reads. */
uint64_t fps_formula_reads(const fps_formulas *formulas, const fps_expression *expression);

#endif
