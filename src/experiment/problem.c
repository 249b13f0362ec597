#include "experiment/problem.h"

#include <math.h>
#include <string.h>

#include "fpsweep/expression.h"
#include "fpsweep/initializer.h"
#include "fpsweep/memory.h"
#include "fpsweep/random.h"

/* A growing array. */
typedef struct numbers {
    double *value;
    int64_t capacity;
} numbers;

struct fps_problem {
    numbers x, y, weights;
    /* sample positions, and what they were drawn from */
    numbers position, weight; /* position in double, before rounding */
    fps_sample_spec drawn;
    char *drawn_density;
    bool has_positions;
    /* the compiled target; reads `point` */
    fps_expression *expression;
    char *text;
    int text_dimension;
    double point[FPS_MAX_DIMENSION];
    /* the target on the grid */
    numbers target;
    fps_points grid;
    bool has_target;
    uint64_t stamp;
};

fps_status fps_problem_create(fps_problem **out) {
    return FPS_ALLOC(*out, 1);
}

void fps_problem_destroy(fps_problem **problem) {
    fps_problem *p = *problem;
    if (!p)
        return;
    fps_expression_destroy(&p->expression);
    fps_free(p->text);
    fps_free(p->drawn_density);
    numbers *arrays[] = {&p->x, &p->y, &p->weights, &p->position, &p->weight, &p->target};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        fps_free(arrays[i]->value);
    fps_free(p);
    *problem = NULL;
}

/* Make room for `count` numbers; their old values are lost if it grows. */
static fps_status reserve(numbers *array, int64_t count) {
    if (count <= array->capacity)
        return FPS_OK;
    fps_free(array->value);
    array->capacity = 0;
    FPS_TRY(FPS_ALLOC(array->value, count));
    array->capacity = count;
    return FPS_OK;
}

static double rounded(double value, const fps_task *task) {
    return fps_task_is_single(task) ? (double)(float)value : value;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- the target ---- */

static fps_status compile_target(fps_problem *p, const fps_task *task) {
    int dimension = (int)task->dimension;
    if (p->expression && p->text_dimension == dimension && same_text(p->text, task->target.text))
        return FPS_OK;
    fps_expression_destroy(&p->expression);
    fps_free(p->text);
    p->has_target = false;
    p->text = fps_strdup(task->target.text);
    if (!p->text)
        return FPS_ERROR_MEMORY;
    p->text_dimension = dimension;
    return fps_expression_create_field(p->text, dimension, p->point, NULL, 0, &p->expression, NULL);
}

/* The target at x[d]. */
static fps_status evaluate_target(fps_problem *p, const double *x, double *out) {
    memcpy(p->point, x, (size_t)p->text_dimension * sizeof *x);
    fps_status status = fps_expression_evaluate(p->expression, out);
    if (status == FPS_OK)
        return FPS_OK;
    return p->text_dimension == 1 ? fps_fail_context(status, "target '%.60s' at x = %.9g", p->text, x[0])
                                  : fps_fail_context(status, "target '%.60s' at x1 = %.9g, x2 = %.9g%s", p->text, x[0],
                                                     x[1], p->text_dimension > 2 ? ", ..." : "");
}

static fps_status target_on_grid(fps_problem *p, const fps_task *task, fps_pace *pace) {
    fps_points grid = fps_points_grid(task);
    if (p->has_target && fps_points_same_grid(&p->grid, &grid))
        return FPS_OK;
    p->has_target = false;
    FPS_TRY(reserve(&p->target, grid.count));
    for (int64_t g = 0; g < grid.count; g++) {
        double x[FPS_MAX_DIMENSION];
        fps_points_fill(&grid, g, 1, x);
        FPS_TRY(evaluate_target(p, x, &p->target.value[g]));
        if (fps_pace_spend(pace, FPS_PACE_PER_EXPRESSION))
            return FPS_STOPPED;
    }
    p->grid = grid;
    p->stamp++;
    p->has_target = true;
    return FPS_OK;
}

/* ---- samples ---- */

static bool same_samples(const fps_problem *p, const fps_sample_spec *spec) {
    const fps_sample_spec *old = &p->drawn;
    if (!p->has_positions || old->dimension != spec->dimension || old->samples != spec->samples ||
        old->sampling != spec->sampling || old->data_seed != spec->data_seed ||
        old->density.code != spec->density.code || old->density.argument[0] != spec->density.argument[0] ||
        old->density.argument[1] != spec->density.argument[1] || !same_text(p->drawn_density, spec->density.text))
        return false;
    return memcmp(old->domain, spec->domain, (size_t)spec->dimension * sizeof *spec->domain) == 0;
}

static fps_status draw_positions(fps_problem *p, const fps_task *task, fps_pace *pace) {
    fps_sample_spec spec = {.dimension = (int)task->dimension,
                            .samples = task->samples,
                            .sampling = (fps_sampling)task->sampling.code,
                            .density = task->density,
                            .data_seed = (uint64_t)task->data_seed};
    memcpy(spec.domain, task->domain, (size_t)spec.dimension * sizeof *spec.domain);
    if (same_samples(p, &spec))
        return FPS_OK;
    p->has_positions = false;
    FPS_TRY(reserve(&p->position, spec.samples * spec.dimension));
    FPS_TRY(reserve(&p->weight, spec.samples));
    const fps_pulse pulse = fps_pace_pulse(pace);
    FPS_TRY(fps_sampling_fill(&spec, &pulse, p->position.value, p->weight.value));
    fps_free(p->drawn_density);
    p->drawn_density = NULL;
    if (spec.density.text && !(p->drawn_density = fps_strdup(spec.density.text)))
        return FPS_ERROR_MEMORY;
    p->drawn = spec;
    p->has_positions = true;
    return FPS_OK;
}

/* The user's own points, each of weight 1/n. */
static fps_status copy_positions(fps_problem *p, const fps_dataset *data) {
    p->has_positions = false;
    FPS_TRY(reserve(&p->position, data->samples * data->dimension));
    FPS_TRY(reserve(&p->weight, data->samples));
    memcpy(p->position.value, data->x, (size_t)(data->samples * data->dimension) * sizeof *data->x);
    for (int64_t i = 0; i < data->samples; i++)
        p->weight.value[i] = 1.0 / (double)data->samples;
    return FPS_OK;
}

/* Label of sample i at x[d], before noise. */
static fps_status label(fps_problem *p, const fps_task *task, int64_t i, const double *x, double *y) {
    switch ((fps_target)task->target.code) {
    case FPS_TARGET_RANDOM:
        *y = fps_random_normal((uint64_t)task->data_seed, FPS_PURPOSE_LABELS, 0, (uint64_t)i);
        return FPS_OK;
    case FPS_TARGET_DATA:
        *y = task->dataset->y[i];
        return FPS_OK;
    default:
        return evaluate_target(p, x, y);
    }
}

static fps_status fill_samples(fps_problem *p, const fps_task *task, int64_t samples, fps_pace *pace) {
    int d = (int)task->dimension;
    FPS_TRY(reserve(&p->x, samples * d));
    FPS_TRY(reserve(&p->y, samples));
    for (int64_t i = 0; i < samples * d; i++)
        p->x.value[i] = rounded(p->position.value[i], task);
    for (int64_t i = 0; i < samples; i++) {
        double y;
        FPS_TRY(label(p, task, i, &p->x.value[i * d], &y));
        if (task->noise > 0)
            y += task->noise * fps_random_normal((uint64_t)task->data_seed, FPS_PURPOSE_NOISE, 0, (uint64_t)i);
        p->y.value[i] = rounded(y, task);
        if (fps_pace_spend(pace, FPS_PACE_PER_EXPRESSION))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

/* ---- initial weights ---- */

static fps_status fill_weights(fps_problem *p, const fps_task *task, const fps_network_shape *shape, int64_t count,
                               fps_pace *pace) {
    FPS_TRY(reserve(&p->weights, count));
    const fps_pulse pulse = fps_pace_pulse(pace);
    FPS_TRY(fps_initializer_fill(shape, &task->initializer, &task->bias_initializer, (uint64_t)task->seed, &pulse,
                                 p->weights.value));
    for (int64_t i = 0; i < count; i++)
        p->weights.value[i] = rounded(p->weights.value[i], task);
    return FPS_OK;
}

fps_status fps_problem_set(fps_problem *p, const fps_task *task, const fps_network_shape *shape, fps_pace *pace,
                           fps_problem_view *view) {
    bool from_data = task->target.code == FPS_TARGET_DATA, has_grid = task->target.code == FPS_TARGET_EXPRESSION;
    const fps_dataset *data = task->dataset;
    if (from_data && (!data || data->dimension != task->dimension))
        return fps_fail(FPS_ERROR_INPUT, "the data file '%.80s' has not been read, or has another dimension",
                        task->data);
    int64_t samples = from_data ? data->samples : task->samples;
    FPS_TRY(from_data ? copy_positions(p, data) : draw_positions(p, task, pace));
    if (has_grid) {
        FPS_TRY(compile_target(p, task));
        FPS_TRY(target_on_grid(p, task, pace));
    }
    FPS_TRY(fill_samples(p, task, samples, pace));
    int64_t weights = fps_network_weights(shape);
    FPS_TRY(fill_weights(p, task, shape, weights, pace));
    *view = (fps_problem_view){.dimension = (int)task->dimension,
                               .samples = samples,
                               .uniform_weights = from_data || task->sampling.code != FPS_SAMPLING_POPULATION,
                               .x = p->x.value,
                               .y = p->y.value,
                               .weight = p->weight.value,
                               .has_grid = has_grid,
                               .target = p->target.value,
                               .target_stamp = p->stamp,
                               .weights = p->weights.value,
                               .weight_count = weights};
    if (has_grid)
        view->grid = p->grid;
    return FPS_OK;
}
