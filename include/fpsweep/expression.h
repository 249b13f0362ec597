/* expression.h: expressions in the user's words (library: muParser), for targets, densities, numbers and `where`.
 *
 * Operators: + - * / ^ (right to left, -2^2 = -4), < > <= >= == !=, && || !, a ? b : c. Functions of one argument: sin
 * cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log ln (both natural) log2 log10 sqrt cbrt abs sign floor
 * ceil round rint trunc erf; of two: atan2 pow hypot mod (with the sign of the divisor); of any number: min max sum
 * avg. Constants pi and e are always known. A constant may have the name of a function: sin is one, sin(x) the other.
 * Numbers take a point in every locale.
 *
 * Refused although muParser accepts them: assignment, a comma outside a function's arguments, text in quotes, chained
 * comparisons (0 < x < 1), muParser's own constants (its _pi is short of digits). An object is not thread-safe.
 */
#ifndef FPSWEEP_EXPRESSION_H
#define FPSWEEP_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A compiled expression. Opaque; owns its text and parser. */
typedef struct fps_expression fps_expression;

/* A name that an expression may use: a variable (`value` is read at each evaluation; borrowed, must outlive the
 * expression; it is also read once at creation) or a constant (copied). Of two equal names the first counts. */
typedef struct fps_expression_name {
    const char *name;
    const double *variable; /* NULL: a constant */
    double constant;
} fps_expression_name;

/* Compile `text`. On a mistake: FPS_ERROR_SWEEP, a message without location ("unknown name 'dept' in 'dept*2'"), and,
 * if not NULL, *column = offset in bytes of the mistake in `text`. */
fps_status fps_expression_create(const char *text, const fps_expression_name *names, int count, fps_expression **out,
                                 int *column);
void fps_expression_destroy(fps_expression **expression);

/* Evaluate with the variables' present values (about 20 ns). FPS_ERROR_NUMERIC if the result is not finite, with the
 * variables' values in the message; *out is set all the same. */
fps_status fps_expression_evaluate(fps_expression *expression, double *out);

/* Does the expression read this variable? */
bool fps_expression_uses(const fps_expression *expression, const char *name);

/* Compile an expression in the coordinates: `x` in one dimension, `x1 x2 x3` in more. `names` (may be NULL) are further
 * constants. The coordinates are read from `point[dimension]` (borrowed). */
fps_status fps_expression_create_field(const char *text, int dimension, const double *point,
                                       const fps_expression_name *names, int count, fps_expression **out, int *column);

#ifdef __cplusplus
}
#endif
#endif
