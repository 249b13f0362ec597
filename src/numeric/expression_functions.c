/* expression_functions.c: the functions and constants that every expression knows. */
#include <math.h>
#include <stddef.h>

#include "numeric/expression_syntax.h"

/* Remainder with the sign of the divisor, so that mod(x, 1) is periodic. */
static double floored_mod(double a, double b) {
    double r = fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static double sign(double x) {
    return (x > 0) - (x < 0);
}

static double sum(const double *value, int count) {
    double total = value[0];
    for (int i = 1; i < count; i++)
        total += value[i];
    return total;
}

static double average(const double *value, int count) {
    return sum(value, count) / count;
}

/* A NaN among the values is kept: it must not hide behind the others. */
static double smallest(const double *value, int count) {
    double best = value[0];
    for (int i = 1; i < count; i++)
        best = value[i] < best || isnan(value[i]) ? value[i] : best;
    return best;
}

static double largest(const double *value, int count) {
    double best = value[0];
    for (int i = 1; i < count; i++)
        best = value[i] > best || isnan(value[i]) ? value[i] : best;
    return best;
}

#define ONE(name, function)                                                                                            \
    { name, 1, function, NULL, NULL }
#define TWO(name, function)                                                                                            \
    { name, 2, NULL, function, NULL }
#define MANY(name, function)                                                                                           \
    { name, -1, NULL, NULL, function }

const fps_expression_function fps_expression_functions[] = {
    ONE("sin", sin),      ONE("cos", cos),     ONE("tan", tan),         ONE("asin", asin),
    ONE("acos", acos),    ONE("atan", atan),   ONE("sinh", sinh),       ONE("cosh", cosh),
    ONE("tanh", tanh),    ONE("asinh", asinh), ONE("acosh", acosh),     ONE("atanh", atanh),
    ONE("exp", exp),      ONE("log", log),     ONE("ln", log),          ONE("log2", log2),
    ONE("log10", log10),  ONE("sqrt", sqrt),   ONE("cbrt", cbrt),       ONE("abs", fabs),
    ONE("sign", sign),    ONE("floor", floor), ONE("ceil", ceil),       ONE("round", round),
    ONE("rint", rint),    ONE("trunc", trunc), ONE("erf", erf),         TWO("atan2", atan2),
    TWO("pow", pow),      TWO("hypot", hypot), TWO("mod", floored_mod), MANY("min", smallest),
    MANY("max", largest), MANY("sum", sum),    MANY("avg", average),    {NULL, 0, NULL, NULL, NULL},
};

/* muParser's own _pi ends after 13 digits. */
const fps_expression_name fps_expression_constants[] = {
    {"pi", NULL, 3.14159265358979323846},
    {"e", NULL, 2.71828182845904523536},
    {NULL, NULL, 0},
};

int fps_expression_function_count(void) {
    return (int)(sizeof fps_expression_functions / sizeof *fps_expression_functions) - 1;
}

int fps_expression_constant_count(void) {
    return (int)(sizeof fps_expression_constants / sizeof *fps_expression_constants) - 1;
}
