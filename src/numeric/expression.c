/* expression.c: expressions, checked by expression_syntax.c, compiled and evaluated by muParser. */
#include "fpsweep/expression.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/expression_syntax.h"
#include "numeric/extension.h"

/* A registered target that the expression names. */
typedef struct field {
    int extension; /* of fps_extension_at() */
    double value;  /* at the point, found before each evaluation */
} field;

struct fps_expression {
    muParserHandle_t parser;
    field *field; /* [fields] */
    int fields, dimension;
    const double *point;           /* borrowed */
    char *text;                    /* as the user wrote it */
    fps_expression_name *variable; /* [variables] those that occur, names copied */
    int variables;
};

static double logical_not(double x) {
    return x == 0;
}

static double logical_and(double a, double b) {
    return a != 0 && b != 0;
}

static double logical_or(double a, double b) {
    return a != 0 || b != 0;
}

/* Precedence of && and || among muParser's operators (its prLAND, prLOR): below comparisons. */
enum { PRECEDENCE_OR = 1, PRECEDENCE_AND = 2 };

/* Hand muParser the names and functions that occur, and no others. */
static fps_status define(fps_expression *expression, const fps_expression_name *names, int count,
                         const fps_expression_parts *parts) {
    muParserHandle_t parser = expression->parser;
    mupClearFun(parser);
    mupClearConst(parser);
    mupDefineInfixOprt(parser, "!", logical_not, 1);
    /* Not muParser's own && and ||: where both sides are constants these cut them to whole numbers (0.5 && 1 = 0). */
    mupDefineOprt(parser, "&", logical_and, PRECEDENCE_AND, muOPRT_ASCT_LEFT, 1);
    mupDefineOprt(parser, "|", logical_or, PRECEDENCE_OR, muOPRT_ASCT_LEFT, 1);
    for (int i = 0; fps_expression_functions[i].name; i++) {
        const fps_expression_function *f = &fps_expression_functions[i];
        if (!parts->uses_function[i])
            continue;
        if (f->one)
            mupDefineFun1(parser, f->name, f->one, 1);
        else if (f->two)
            mupDefineFun2(parser, f->name, f->two, 1);
        else
            mupDefineMultFun(parser, f->name, f->many, 1);
    }
    for (int i = 0; fps_expression_constants[i].name; i++)
        if (parts->uses_constant[i])
            mupDefineConst(parser, fps_expression_constants[i].name, fps_expression_constants[i].constant);
    for (int i = 0; i < count; i++) {
        if (!parts->uses_name[i])
            continue;
        if (!names[i].variable) {
            mupDefineConst(parser, names[i].name, names[i].constant);
            continue;
        }
        fps_expression_name *copy = &expression->variable[expression->variables];
        copy->name = fps_strdup(names[i].name);
        if (!copy->name)
            return FPS_ERROR_MEMORY;
        copy->variable = names[i].variable;
        expression->variables++;
        /* muParser wants a pointer it could assign through; assignment has been refused. */
        mupDefineVar(parser, names[i].name, (double *)names[i].variable);
    }
    return FPS_OK;
}

fps_status fps_expression_create(const char *text, const fps_expression_name *names, int count, fps_expression **out,
                                 int *column) {
    fps_status status = FPS_OK;
    fps_expression *expression = NULL;
    fps_expression_parts parts = {0};
    int ignored = 0, *place = column ? column : &ignored, used = 0;
    *out = NULL;
    *place = 0;
    FPS_TRY_GOTO(status, FPS_ALLOC(parts.text, strlen(text) + 1), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(parts.uses_name, count), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(parts.uses_constant, fps_expression_constant_count()), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(parts.uses_function, fps_expression_function_count()), done);
    FPS_TRY_GOTO(status, fps_expression_check(text, names, count, &parts, place), done);

    FPS_TRY_GOTO(status, FPS_ALLOC(expression, 1), done);
    for (int i = 0; i < count; i++)
        used += parts.uses_name[i];
    FPS_TRY_GOTO(status, FPS_ALLOC(expression->variable, used), done);
    expression->text = fps_strdup(text);
    if (!expression->text) {
        status = FPS_ERROR_MEMORY;
        goto done;
    }
    expression->parser = mupCreate(muBASETYPE_FLOAT);
    if (!expression->parser) {
        status = fps_fail(FPS_ERROR_MEMORY, "not enough memory for the expression '%.120s'", text);
        goto done;
    }
    FPS_TRY_GOTO(status, define(expression, names, count, &parts), done);
    mupSetExpr(expression->parser, parts.text);
    mupEval(expression->parser); /* the first evaluation compiles */
    if (mupError(expression->parser)) {
        int position = mupGetErrorPos(expression->parser);
        *place = position > 0 && position <= (int)strlen(text) ? position : 0;
        status = fps_fail(FPS_ERROR_SWEEP, "%s (muParser, in '%.120s')", mupGetErrorMsg(expression->parser), text);
        goto done;
    }
    *out = expression;
    expression = NULL;
done:
    fps_expression_destroy(&expression);
    fps_free(parts.uses_function);
    fps_free(parts.uses_constant);
    fps_free(parts.uses_name);
    fps_free(parts.text);
    return status;
}

void fps_expression_destroy(fps_expression **expression) {
    if (!expression || !*expression)
        return;
    fps_expression *e = *expression;
    if (e->parser)
        mupRelease(e->parser);
    for (int i = 0; i < e->variables; i++)
        fps_free((char *)e->variable[i].name);
    fps_free(e->variable);
    fps_free(e->field);
    fps_free(e->text);
    fps_free(e);
    *expression = NULL;
}

/* Say what came out and at which values of the variables. */
static fps_status not_finite(const fps_expression *expression, double value) {
    char where[256] = "";
    size_t used = 0;
    for (int i = 0; i < expression->variables && used < sizeof where - 1; i++) {
        int n = snprintf(where + used, sizeof where - used, "%s%s = %.6g", i ? ", " : " at ",
                         expression->variable[i].name, *expression->variable[i].variable);
        used += n > 0 ? (size_t)n : 0;
    }
    return fps_fail(FPS_ERROR_NUMERIC, "'%.120s' is %s%s", expression->text, isnan(value) ? "not a number" : "infinite",
                    where);
}

fps_status fps_expression_evaluate(fps_expression *expression, double *out) {
    for (int k = 0; k < expression->fields; k++)
        expression->field[k].value =
            fps_extension_target(expression->field[k].extension, expression->dimension, expression->point);
    double value = mupEval(expression->parser);
    *out = value;
    if (mupError(expression->parser)) {
        fps_fail(FPS_ERROR_NUMERIC, "'%.120s': %s", expression->text, mupGetErrorMsg(expression->parser));
        mupErrorReset(expression->parser);
        return FPS_ERROR_NUMERIC;
    }
    return isfinite(value) ? FPS_OK : not_finite(expression, value);
}

bool fps_expression_uses(const fps_expression *expression, const char *name) {
    for (int i = 0; i < expression->variables; i++)
        if (strcmp(expression->variable[i].name, name) == 0)
            return true;
    return false;
}

/* Fill field[] with the registered targets that `text` names; those of another dimension are refused. */
static fps_status find_fields(const char *text, int dimension, field *found, int *count) {
    *count = 0;
    for (int i = 0; i < fps_extension_count(); i++) {
        const fps_extension *e = fps_extension_at(i);
        if (e->kind != FPS_EXTENSION_TARGET || !fps_extension_named_in(e, text, strlen(text)))
            continue;
        if (e->dimension != 0 && e->dimension != dimension)
            return fps_fail(FPS_ERROR_SWEEP, "'%s' is a function of %d coordinate%s, the task has %d", e->name,
                            e->dimension, e->dimension == 1 ? "" : "s", dimension);
        found[(*count)++] = (field){.extension = i, .value = 1};
    }
    return FPS_OK;
}

fps_status fps_expression_create_field(const char *text, int dimension, const double *point,
                                       const fps_expression_name *names, int count, fps_expression **out, int *column) {
    static const char *const axis[] = {"x1", "x2", "x3"};
    fps_expression_name *all = NULL;
    field *fields = NULL;
    int used = 0;
    fps_status status = FPS_OK;
    *out = NULL;
    if (column)
        *column = 0;
    FPS_TRY_GOTO(status, FPS_ALLOC(fields, fps_extension_count()), done);
    FPS_TRY_GOTO(status, find_fields(text, dimension, fields, &used), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(all, dimension + used + count), done);
    for (int i = 0; i < dimension; i++)
        all[i] = (fps_expression_name){dimension == 1 ? "x" : axis[i], &point[i], 0};
    for (int k = 0; k < used; k++)
        all[dimension + k] = (fps_expression_name){fps_extension_at(fields[k].extension)->name, &fields[k].value, 0};
    for (int i = 0; i < count; i++)
        all[dimension + used + i] = names[i];
    FPS_TRY_GOTO(status, fps_expression_create(text, all, dimension + used + count, out, column), done);
    (*out)->field = fields;
    (*out)->fields = used;
    (*out)->dimension = dimension;
    (*out)->point = point;
    fields = NULL;
done:
    fps_free(fields);
    fps_free(all);
    return status;
}
