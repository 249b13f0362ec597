/* floor: numeric */
/* Expressions: values against C, refusals with message and column, names, locale, determinism. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "fpsweep/expression.h"
#include "fpsweep/random.h"

static double x = 0.3, depth_value = 4, width = 100, decay_rate = -1, activation = 7;

static const fps_expression_name names[] = {
    {"x", &x, 0},
    {"depth", &depth_value, 0},
    {"width", &width, 0},
    {"decay_rate", &decay_rate, 0},
    {"activation", &activation, 0},
    {"relu", NULL, 2},
    {"sin", NULL, 7}, /* a choice with the name of a function */
    {"tanh", NULL, 6},
    {"none", NULL, -1},
};
enum { NAMES = sizeof names / sizeof *names };

static fps_expression *compile(const char *text) {
    fps_expression *e = NULL;
    fps_status status = fps_expression_create(text, names, NAMES, &e, NULL);
    if (status != FPS_OK)
        fail_msg("'%s': %s", text, fps_error_message());
    return e;
}

static double value_of(const char *text) {
    double value = NAN;
    fps_expression *e = compile(text);
    if (fps_expression_evaluate(e, &value) != FPS_OK)
        fail_msg("'%s': %s", text, fps_error_message());
    fps_expression_destroy(&e);
    assert_null(e);
    return value;
}

#define PI 3.14159265358979323846

static void values(void **state) {
    (void)state;
    for (x = -1.75; x < 2; x += 0.25) {
        const struct {
            const char *text;
            double value;
        } cases[] = {
            {"sin(x) + sin(3*x) + sin(5*x)", sin(x) + sin(3 * x) + sin(5 * x)},
            {"sin (x)", sin(x)},
            {"sin\t\n ( x )", sin(x)},
            {"-x^2", -x * x},
            {"2^3^2", 512},
            {"2^-2", 0.25},
            {"x*-2", -2 * x},
            {"+x - -x", 2 * x},
            {"\n x \t", x},
            {"0.05/width", 0.0005},
            {".5 + 5. + 1e1 + 1.5E-1 + 2e+0", 17.65},
            {"pi", PI},
            {"e", exp(1)},
            {"2*e + 1", 2 * exp(1) + 1},
            {"activation == sin", 1},
            {"activation == tanh", 0},
            {"sin(sin)", sin(7)},
            {"decay_rate == none", 1},
            {"depth * width <= 400", 1},
            {"depth * width < 400", 0},
            {"depth > 2 && width != 100 || x >= -2", 1},
            {"!(x > 0) == (x <= 0)", 1},
            {"!x", x == 0},
            {"0.5 && 1", 1},
            {"0 || 0.5", 1},
            {"1 || 0 && 0", 1},
            {"x < 0 || -x < 0 && !(x == 1)", x < 0 || (-x < 0 && x != 1)},
            {"x != 0", x != 0},
            {"!(x != 0)", x == 0},
            {"x < 0 ? -1 : x > 0 ? 1 : 0", (x > 0) - (x < 0)},
            {"max(x < 0 ? 1 : 2, 0, -3)", x < 0 ? 1 : 2},
            {"abs(x) - sign(x)*x", 0},
            {"floor(x) + ceil(x) + trunc(x) + round(x) + rint(x)", floor(x) + ceil(x) + trunc(x) + round(x) + rint(x)},
            {"mod(x, 1)", x - floor(x)},
            {"mod(x, -1)", x - ceil(x)},
            {"min(3, x, 2) + max(x) + sum(1, 2, 3) + avg(1, 2)", x + x + 6 + 1.5},
            {"hypot(3, 4) + pow(2, 0.5) + atan2(1, 1)", 5 + sqrt(2) + PI / 4},
            {"ln(e^2) + log(e) + log2(8) + log10(1000)", 9},
            {"exp(x) * sqrt(4) * cbrt(27)", exp(x) * 6},
            {"erf(x) + sinh(x) + cosh(x) + tan(x)", erf(x) + sinh(x) + cosh(x) + tan(x)},
            {"atanh(tanh(x)) + asinh(sinh(x)) + acos(1) + asin(0) + atan(0) + acosh(1)", 2 * x},
            {"3*x*x - 2*x/4 + 7 - x*3 + x", 3 * x * x - 0.5 * x + 7 - 3 * x + x},
            {"(x+1)*(x-1)/(x^2+1)", (x + 1) * (x - 1) / (x * x + 1)},
            {"x/2/2*3", x / 4 * 3},
            {"10 - 3 - 2", 5},
            {"1 - (x - (2 - (x - 3)))", 1 - (x - (2 - (x - 3)))},
            {"exp(-(x-0.5)^2/(2*0.1^2))", exp(-(x - 0.5) * (x - 0.5) / 0.02)},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            double got = value_of(cases[i].text);
            if (!(fabs(got - cases[i].value) <= 4e-15 * (1 + fabs(cases[i].value))))
                fail_msg("'%s' at x = %g: got %.17g, expected %.17g", cases[i].text, x, got, cases[i].value);
        }
    }
    x = 0.3;
    assert_true(value_of("pi") == PI); /* every digit */
}

static void refusals(void **state) {
    (void)state;
    char longest[5002], nested[300];
    memset(longest, '1', 5001), longest[5001] = '\0';
    memset(nested, '(', 299), nested[299] = '\0';
    const struct {
        const char *text;
        int column;
        const char *message; /* a part of it */
    } cases[] = {
        {"", 0, "empty"},
        {"  \n", 0, "empty"},
        {"dept*2", 0, "unknown name 'dept' in 'dept*2'; did you mean 'depth'?"},
        {"2*widht", 2, "did you mean 'width'?"},
        {"2*PI", 2, "did you mean 'pi'?"},
        {"1 + zzzzz", 4, "unknown name 'zzzzz' in '1 + zzzzz'"},
        {"sine(x)", 0, "unknown function 'sine' in 'sine(x)'; did you mean 'sin'?"},
        {"rnd()", 0, "unknown function 'rnd'"},
        {"_pi", 0, "unknown name '_pi'"},
        {"depth = 3", 6, "'=' would assign; a comparison is written =="},
        {"x=depth==3", 1, "would assign"},
        {"x === 3", 2, "written =="},
        {"x += 3", 3, "would assign"},
        {"1,2", 1, "a comma belongs between"},
        {"(1,2)", 2, "a comma belongs between"},
        {"sin(x), 2", 6, "a comma belongs between"},
        {"\"text\"", 0, "quotes"},
        {"'text'", 0, "text in quotes is not a value"},
        {"depth == 'text'", 9, "without quotes"},
        {"1 + np.x", 4, "names are written without 'np.' in '1 + np.x'"},
        {"sin(1, 2)", 3, "sin() takes 1 argument, not 2,"},
        {"atan2(1)", 5, "atan2() takes 2 arguments, not 1,"},
        {"min()", 4, "a value is missing before ')'"},
        {"min(1,)", 6, "a value is missing before ')'"},
        {"min(,1)", 4, "a value is missing before ','"},
        {"2x", 1, "an operator is missing after '2'"},
        {"2(x)", 1, "an operator is missing before '('"},
        {"x 2", 2, "an operator is missing before '2'"},
        {"x x", 2, "an operator is missing before 'x'"},
        {"0x10", 1, "an operator is missing after '0'"},
        {"1.2.3", 3, "an operator is missing before '.3'"},
        {"1e400", 0, "out of range"},
        {"1e-400", 0, "out of range"},
        {"0.", -1, NULL}, /* accepted */
        {".", 0, "without digits"},
        {"depth(3)", 0, "'depth' is not a function"},
        {"cos", 0, "the function 'cos' needs its argument"},
        {"(x", 0, "a '(' is not closed"},
        {"x)", 1, "a ')' without its '('"},
        {"x +", 3, "a value is missing before the end"},
        {"* x", 0, "a value is missing before '*'"},
        {"--x", 1, "two signs"},
        {"x ? 1", 5, "a '?' has no ':'"},
        {"(x ? 1) : 2", 6, "a '?' has no ':'"},
        {"x : 1", 2, "a ':' without its '?'"},
        {"0 < x < 1", 6, "do not chain"},
        {"1 == x == 1", 7, "do not chain"},
        {"x ** 2", 2, "written ^"},
        {"x % 2", 2, "mod(a, b)"},
        {"x & 1", 2, "&&"},
        {"x | 1", 2, "||"},
        {"x =< 1", 2, "<="},
        {"x <> 1", 2, "!="},
        {"[x]", 0, "round parentheses"},
        {"x; 1", 1, "';' is not part of an expression"},
        {"2*\xcf\x80", 2, "'\xcf\x80' is not part of an expression"},
        {"x \x01", 2, "control character"},
        {longest, 0, "too long"},
        {nested, 100, "parentheses are open"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_expression *e = NULL;
        int column = -1;
        fps_status status = fps_expression_create(cases[i].text, names, NAMES, &e, &column);
        if (!cases[i].message) {
            if (status != FPS_OK)
                fail_msg("'%s' was refused: %s", cases[i].text, fps_error_message());
            fps_expression_destroy(&e);
            continue;
        }
        if (status == FPS_OK)
            fail_msg("'%s' was accepted; expected '%s'", cases[i].text, cases[i].message);
        assert_int_equal(status, FPS_ERROR_SWEEP);
        assert_null(e);
        if (!strstr(fps_error_message(), cases[i].message) || strchr(fps_error_message(), '\n'))
            if (!strchr(cases[i].text, '\n'))
                fail_msg("'%s': message '%s', expected '%s'", cases[i].text, fps_error_message(), cases[i].message);
        if (column != cases[i].column)
            fail_msg("'%s': column %d, expected %d (%s)", cases[i].text, column, cases[i].column, fps_error_message());
    }
}

static void not_finite(void **state) {
    (void)state;
    double value;
    fps_expression *e = compile("1/(x - 0.3)");
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_ERROR_NUMERIC);
    assert_string_equal(fps_error_message(), "'1/(x - 0.3)' is infinite at x = 0.3");
    x = 1.3;
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_OK); /* and works again afterwards */
    assert_true(value == 1 / (1.3 - 0.3));
    fps_expression_destroy(&e);
    e = compile("max(1, sqrt(-x), 2)");
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_ERROR_NUMERIC);
    assert_string_equal(fps_error_message(), "'max(1, sqrt(-x), 2)' is not a number at x = 1.3");
    fps_expression_destroy(&e);
    e = compile("1/0");
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_ERROR_NUMERIC);
    fps_expression_destroy(&e);
    fps_expression_destroy(&e);
    fps_expression_destroy(NULL);
    x = 0.3;
}

static void uses(void **state) {
    (void)state;
    fps_expression *e = compile("depth*2 + (activation == sin) + 0*width");
    assert_true(fps_expression_uses(e, "depth"));
    assert_true(fps_expression_uses(e, "activation"));
    assert_true(fps_expression_uses(e, "width"));
    assert_false(fps_expression_uses(e, "x"));
    assert_false(fps_expression_uses(e, "sin")); /* a constant is not read */
    fps_expression_destroy(&e);
}

static void fields(void **state) {
    (void)state;
    double point[3] = {0.5, 2, 3}, value;
    fps_expression *e = NULL;
    int column = -1;
    assert_int_equal(fps_expression_create_field("x1 + 10*x2 + 100*x3*c", 3, point,
                                                 &(fps_expression_name){"c", NULL, 2}, 1, &e, &column),
                     FPS_OK);
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_OK);
    assert_true(value == 620.5);
    point[2] = 4;
    assert_int_equal(fps_expression_evaluate(e, &value), FPS_OK);
    assert_true(value == 820.5);
    fps_expression_destroy(&e);
    assert_int_equal(fps_expression_create_field("x", 1, point, NULL, 0, &e, &column), FPS_OK);
    fps_expression_destroy(&e);
    assert_int_equal(fps_expression_create_field("1 + x1", 1, point, NULL, 0, &e, &column), FPS_ERROR_SWEEP);
    assert_int_equal(column, 4);
    assert_non_null(strstr(fps_error_message(), "did you mean 'x'?"));
    assert_int_equal(fps_expression_create_field("x3", 2, point, NULL, 0, &e, &column), FPS_ERROR_SWEEP);
}

/* Numbers are read with a point in every locale. */
static void locales(void **state) {
    (void)state;
    static const char *const candidates[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; !found && i < sizeof candidates / sizeof *candidates; i++)
        found = setlocale(LC_ALL, candidates[i]);
    print_message("locale with a decimal comma: %s\n", found ? found : "none installed");
    double got = value_of("1.5 + 2.25");
    setlocale(LC_ALL, "C");
    assert_true(got == 3.75);
}

/* ---- random expressions against their own tree -------------------------------------------------------------------
 * Whole numbers, halved at most a few times: every value is exact in double, so that the results must be equal, however
 * muParser folds and reorders. */

typedef struct written {
    char text[4096];
    size_t length;
    uint64_t seed, drawn;
} written;

static int pick(written *w, int count) {
    return (int)(fps_random_bits(w->seed, FPS_PURPOSE_DATA, 0, w->drawn++) % (unsigned)count);
}

static void put(written *w, const char *text) {
    size_t n = strlen(text);
    assert_true(w->length + n < sizeof w->text);
    memcpy(w->text + w->length, text, n + 1);
    w->length += n;
    for (int blanks = pick(w, 8) - 6; blanks > 0; blanks--)
        put(w, " ");
}

/* How tightly an operator binds, loosest first; a group is written where it must be, and sometimes where not. */
enum { CONDITION, OR, AND, COMPARE, SUM, PRODUCT, POWER, ATOM };

static double write_level(written *w, int level, int depth);

static double write_group(written *w, int depth) {
    put(w, "(");
    double value = write_level(w, CONDITION, depth);
    put(w, ")");
    return value;
}

static double write_atom(written *w, int depth) {
    char number[8];
    double a, b;
    switch (depth > 0 ? pick(w, 8) : pick(w, 4)) {
    case 0:
        put(w, "depth");
        return depth_value;
    case 1:
        put(w, "x");
        return x;
    case 2:
        put(w, "relu");
        return 2;
    case 3:
        snprintf(number, sizeof number, "%d", pick(w, 5));
        put(w, number);
        return atoi(number);
    case 4:
        put(w, pick(w, 2) ? "max (" : "max(");
        a = write_level(w, CONDITION, depth - 1);
        put(w, ",");
        b = write_level(w, CONDITION, depth - 1);
        put(w, ")");
        return a > b ? a : b;
    case 5:
        put(w, "abs");
        return fabs(write_group(w, depth - 1));
    case 6:
        put(w, "floor");
        return floor(write_group(w, depth - 1));
    default:
        return write_group(w, depth - 1);
    }
}

static double write_level(written *w, int level, int depth) {
    if (depth <= 0 || level == ATOM)
        return write_atom(w, depth);
    if (pick(w, 3) == 0 || level == POWER) {
        if (level == POWER && pick(w, 3) == 0) {
            double base = write_atom(w, depth - 1);
            put(w, "^");
            put(w, "2");
            return base * base;
        }
        return write_level(w, level + 1, depth);
    }
    double value = level == SUM && pick(w, 4) == 0 ? (put(w, "-"), -write_level(w, POWER, depth - 1))
                                                   : write_level(w, level + 1, depth - 1);
    double a, b;
    switch (level) {
    case CONDITION:
        put(w, "?");
        a = write_level(w, CONDITION, depth - 1);
        put(w, ":");
        b = write_level(w, CONDITION, depth - 1);
        return value != 0 ? a : b;
    case OR:
        put(w, "||");
        a = write_level(w, AND, depth - 1);
        return value != 0 || a != 0;
    case AND:
        put(w, "&&");
        a = write_level(w, COMPARE, depth - 1);
        return value != 0 && a != 0;
    case COMPARE: {
        static const char *const sign[] = {"<", "<=", ">", ">=", "==", "!="};
        int which = pick(w, 6);
        put(w, sign[which]);
        a = write_level(w, SUM, depth - 1);
        const bool truth[] = {value<a, value <= a, value> a, value >= a, value == a, value != a};
        return truth[which];
    }
    case SUM:
        for (int terms = 1 + pick(w, 3); terms > 0; terms--) {
            bool minus = pick(w, 2);
            put(w, minus ? "-" : "+");
            a = write_level(w, PRODUCT, depth - 1);
            value = minus ? value - a : value + a;
        }
        return value;
    default: /* PRODUCT */
        if (pick(w, 3) == 0) {
            put(w, "/");
            put(w, "2");
            return value / 2;
        }
        put(w, "*");
        return value * write_level(w, POWER, depth - 1);
    }
}

static void random_expressions(void **state) {
    (void)state;
    enum { TIMES = 20000 };
    int longest = 0;
    for (uint64_t i = 0; i < TIMES; i++) {
        written w = {.seed = i};
        double value = NAN;
        x = (double)(i % 7) - 3;
        depth_value = (double)(i % 4);
        double expected = write_level(&w, CONDITION, 5);
        fps_expression *e = compile(w.text);
        fps_status status = fps_expression_evaluate(e, &value);
        if (status != FPS_OK || value != expected)
            fail_msg("'%s' with x = %g, depth = %g: %.17g, expected %.17g (seed %d)", w.text, x, depth_value, value,
                     expected, (int)i);
        fps_expression_destroy(&e);
        longest = (int)w.length > longest ? (int)w.length : longest;
    }
    print_message("%d random expressions of up to %d characters\n", TIMES, longest);
    x = 0.3;
    depth_value = 4;
}

/* The same text gives the same bits, compiled anew or evaluated again. */
static void deterministic(void **state) {
    (void)state;
    fps_expression *a = compile("sin(3*x)*exp(-x^2) + x/7 - log(2 + x)/width");
    for (int i = 0; i < 1000; i++) {
        x = -1 + 0.0021 * i;
        double first, second, fresh = value_of("sin(3*x)*exp(-x^2) + x/7 - log(2 + x)/width");
        assert_int_equal(fps_expression_evaluate(a, &first), FPS_OK);
        assert_int_equal(fps_expression_evaluate(a, &second), FPS_OK);
        assert_memory_equal(&first, &second, sizeof first);
        assert_memory_equal(&first, &fresh, sizeof first);
    }
    fps_expression_destroy(&a);
    x = 0.3;
}

/* A million-task plan evaluates `where` for each combination. */
static void quick(void **state) {
    (void)state;
    fps_expression *e = compile("depth * width <= 300 && activation != relu");
    struct timespec begin, end;
    enum { TIMES = 1000000 };
    double value = 0, total = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < TIMES; i++) {
        depth_value = i & 7;
        fps_expression_evaluate(e, &value);
        total += value;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double ns = ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / TIMES;
    print_message("%.1f ns per evaluation\n", ns);
    depth_value = 4;
    assert_true(total == TIMES / 2); /* depth 0..3 of 0..7 */
    fps_expression_destroy(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),        cmocka_unit_test(refusals), cmocka_unit_test(not_finite),
        cmocka_unit_test(uses),          cmocka_unit_test(fields),   cmocka_unit_test(locales),
        cmocka_unit_test(deterministic), cmocka_unit_test(quick),    cmocka_unit_test(random_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
