/* rules_target.c: targets and densities: expressions that can be read, and are finite where they will be looked at. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/expression.h"
#include "fpsweep/memory.h"
#include "fpsweep/sampling.h"
#include "sweep/rules.h"

/* Costly checks are made once per distinct value, and for at most so many values: a task that is wrong beyond them ends
 * as failed, with the same message. */
enum { MOST_TARGETS = 2000, MOST_DENSITIES = 100, POINTS = 1024, MOST_SAMPLES = 4096 };

/* ---- mistakes ---- */

/* What may have been meant by the word at text[column], an unknown name or another mistake: a coordinate, or a choice
 * of the parameter. */
static fps_suggestion suggest_word(const fps_rule_case *c, int p, const char *text, int column, bool unknown) {
    fps_suggestion suggestion = {""};
    char word[32] = "";
    const size_t length = strlen(text);
    int64_t dimension = p == P(target) ? c->task->dimension : 1;
    for (int i = 0; i < 31 && (text[column + i] == '_' || isalnum((unsigned char)text[column + i])); i++)
        word[i] = text[column + i];
    const char *coordinates = dimension == 1   ? "; the coordinate is x"
                              : dimension == 2 ? "; in 2 dimensions coordinates are x1, x2"
                                               : "; in 3 dimensions coordinates are x1, x2, x3";
    if (strcmp(word, "x") == 0 || (word[0] == 'x' && strlen(word) == 2 && isdigit((unsigned char)word[1]))) {
        snprintf(suggestion.text, sizeof suggestion.text, "%s", coordinates);
        return suggestion;
    }
    const fps_choice_table *table = fps_parameters[p].choices;
    const char *names[64];
    int count = 0;
    for (int code = 0; code < fps_choice_count(table) && count < 64; code++)
        if (strcmp(table->entry[code].name, "expression") != 0 && strcmp(table->entry[code].name, "data") != 0)
            names[count++] = table->entry[code].name;
    suggestion = fps_suggest(word, names, count);
    if (unknown && suggestion.text[0] == '\0' && strlen(word) < length) /* a part of a formula */
        snprintf(suggestion.text, sizeof suggestion.text, "%s", coordinates);
    return suggestion;
}

/* Tell a mistake in an expression of x with its own column. */
static fps_status fail_expression(const fps_rule_case *c, int p, const char *text, int column) {
    char message[600];
    snprintf(message, sizeof message, "%s", fps_error_message());
    const fps_axis *axis = &c->plan->axis[p];
    const fps_value *value = axis->value ? &axis->value[fps_evaluate_index(c->plan, p)] : NULL;
    fps_place place = fps_evaluate_place(c->plan, p);
    if (value && value->exact)
        place.column += column;
    fps_suggestion meant = {""};
    if (!strstr(message, "did you mean"))
        meant = suggest_word(c, p, text, column, strstr(message, "unknown name") != NULL);
    return fps_sweep_fail(c->plan->name, place, "%s: %s%s", fps_parameters[p].name, message, meant.text);
}

/* ---- where a target must be finite ---- */

static fps_status check_at(const fps_rule_case *c, fps_expression *expression) {
    double value;
    if (fps_expression_evaluate(expression, &value) == FPS_OK)
        return FPS_OK;
    char message[600];
    snprintf(message, sizeof message, "%s", fps_error_message());
    return fps_plan_fail(c->plan, P(target), "target: %s; it must be finite on the domain", message);
}

/* At midpoints of the measuring grid (all, or evenly chosen ones), and at the ends if samples lie there. */
static fps_status check_grid(const fps_rule_case *c, fps_expression *expression, double *point) {
    const fps_task *t = c->task;
    int64_t per_axis = t->dimension == 1 ? POINTS : t->dimension == 2 ? 32 : 10;
    int64_t side = t->grid_points < per_axis ? t->grid_points : per_axis;
    int64_t total = (int64_t)fps_rule_power((double)side, t->dimension);
    bool ends = t->sampling.code == FPS_SAMPLING_GRID;
    for (int64_t i = 0; i < total + (ends ? 2 : 0); i++) {
        int64_t rest = i;
        for (int64_t axis = t->dimension - 1; axis >= 0; axis--, rest /= side) {
            int64_t cell = (rest % side) * t->grid_points / side;
            double low = t->domain[axis][0], high = t->domain[axis][1];
            point[axis] = i >= total ? (i == total ? low : high)
                                     : low + ((double)cell + 0.5) / (double)t->grid_points * (high - low);
        }
        FPS_TRY(check_at(c, expression));
    }
    return FPS_OK;
}

/* Samples per axis where no random number decides where they lie, if they are few enough to be looked at; else 0. */
static int64_t known_side(const fps_rule_case *c) {
    const fps_task *t = c->task;
    const int way = t->sampling.code;
    bool known = way == FPS_SAMPLING_GRID || way == FPS_SAMPLING_MIDPOINT || way == FPS_SAMPLING_POPULATION ||
                 (way == FPS_SAMPLING_QUANTILE &&
                  (t->density.code == FPS_DENSITY_UNIFORM || c->rules->targets.count <= MOST_DENSITIES));
    if (!known || !fps_rule_uses(c, P(sampling)))
        return 0;
    int64_t side = fps_sampling_side(t->samples, (int)t->dimension);
    return side <= MOST_SAMPLES ? side : 0;
}

/* At the samples, the same numbers as in training: all, or MOST_SAMPLES evenly chosen ones. */
static fps_status check_samples(const fps_rule_case *c, fps_expression *expression, double *point) {
    const fps_task *t = c->task;
    const int64_t side = known_side(c);
    double *place; /* [dimension + 1, side]; the last for weights that nobody reads */
    fps_status status = FPS_OK;
    if (side == 0)
        return FPS_OK;
    FPS_TRY(FPS_ALLOC(place, (t->dimension + 1) * side));
    for (int64_t axis = 0; axis < t->dimension && status == FPS_OK; axis++) {
        const fps_sample_spec spec = {.dimension = 1,
                                      .samples = side,
                                      .domain = {{t->domain[axis][0], t->domain[axis][1]}},
                                      .sampling = (fps_sampling)t->sampling.code,
                                      .density = t->density};
        status = fps_sampling_fill(&spec, NULL, place + axis * side, place + t->dimension * side);
    }
    int64_t total = (int64_t)fps_rule_power((double)side, t->dimension);
    int64_t looked_at = total < MOST_SAMPLES ? total : MOST_SAMPLES;
    bool placed = status == FPS_OK;
    for (int64_t k = 0; placed && k < looked_at && status == FPS_OK; k++) {
        int64_t rest = (int64_t)((double)total / (double)looked_at * (double)k);
        for (int64_t axis = t->dimension - 1; axis >= 0; axis--, rest /= side)
            point[axis] = place[axis * side + rest % side];
        status = check_at(c, expression);
    }
    fps_free(place);
    /* A density or a number of samples that cannot be is told by the rule about it. */
    return placed || status == FPS_ERROR_MEMORY ? status : FPS_OK;
}

/* Everything that decides where a target is looked at; `text` and `density` stand for two expressions. */
static void target_key(const fps_task *t, uint64_t text, uint64_t density, uint64_t key[15]) {
    const uint64_t head[7] = {text,
                              density,
                              (uint64_t)t->dimension,
                              (uint64_t)t->grid_points,
                              (uint64_t)t->sampling.code,
                              (uint64_t)t->samples,
                              (uint64_t)t->density.code};
    memcpy(key, head, sizeof head);
    memcpy(key + 7, t->density.argument, sizeof t->density.argument);
    memcpy(key + 9, t->domain, sizeof t->domain);
}

fps_status fps_rule_target(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (!fps_rule_uses(c, P(target)) || !fps_rule_has_grid(t))
        return FPS_OK;
    const char *density = t->density.code == FPS_DENSITY_EXPRESSION ? t->density.text : NULL;
    uint64_t key[15];
    target_key(t, (uint64_t)(uintptr_t)t->target.text, (uint64_t)(uintptr_t)density, key);
    if (memcmp(key, c->rules->target_key, sizeof key) == 0)
        return FPS_OK;
    memcpy(c->rules->target_key, key, sizeof key);
    target_key(t, XXH3_64bits(t->target.text, strlen(t->target.text)),
               density ? XXH3_64bits(density, strlen(density)) : 0, key);
    bool is_new = false;
    if (c->rules->targets.count < MOST_TARGETS)
        FPS_TRY(fps_hashset_add(&c->rules->targets, XXH3_64bits(key, sizeof key), &is_new));
    if (!is_new)
        return FPS_OK;
    double point[FPS_MAX_DIMENSION] = {0};
    fps_expression *expression = NULL;
    int column = 0;
    fps_status status =
        fps_expression_create_field(t->target.text, (int)t->dimension, point, NULL, 0, &expression, &column);
    if (status == FPS_ERROR_SWEEP)
        return fail_expression(c, P(target), t->target.text, column);
    if (status == FPS_OK)
        status = check_grid(c, expression, point);
    if (status == FPS_OK)
        status = check_samples(c, expression, point);
    fps_expression_destroy(&expression);
    return status;
}

/* ---- densities ---- */

static fps_status check_density(const fps_rule_case *c, double low, double high) {
    const fps_choice *density = &c->task->density;
    uint64_t key[6] = {(uint64_t)density->code, density->text ? XXH3_64bits(density->text, strlen(density->text)) : 0};
    memcpy(key + 2, density->argument, sizeof density->argument);
    memcpy(key + 4, (double[]){low, high}, 2 * sizeof low);
    bool is_new = false;
    if (c->rules->densities.count < MOST_DENSITIES)
        FPS_TRY(fps_hashset_add(&c->rules->densities, XXH3_64bits(key, sizeof key), &is_new));
    if (!is_new)
        return FPS_OK;
    fps_density *made = NULL;
    fps_status status = fps_density_create(density, low, high, &made);
    fps_density_destroy(&made);
    if (status != FPS_ERROR_NUMERIC && status != FPS_ERROR_SWEEP)
        return status;
    char message[600];
    snprintf(message, sizeof message, "%s", fps_error_message());
    return fps_plan_fail(c->plan, P(density), "%s", message);
}

fps_status fps_rule_density(const fps_rule_case *c) {
    const fps_task *t = c->task;
    if (!fps_rule_uses(c, P(density)) || t->density.code == FPS_DENSITY_UNIFORM)
        return FPS_OK;
    if (t->density.code == FPS_DENSITY_EXPRESSION) {
        double x = 0;
        fps_expression *expression = NULL;
        int column = 0;
        fps_status status = fps_expression_create_field(t->density.text, 1, &x, NULL, 0, &expression, &column);
        fps_expression_destroy(&expression);
        if (status == FPS_ERROR_SWEEP)
            return fail_expression(c, P(density), t->density.text, column);
        FPS_TRY(status);
    }
    for (int64_t axis = 0; axis < t->dimension; axis++)
        FPS_TRY(check_density(c, t->domain[axis][0], t->domain[axis][1]));
    return FPS_OK;
}
