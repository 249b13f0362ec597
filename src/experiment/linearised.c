#include "experiment/linearised.h"

#include <math.h>
#include <string.h>

#include "experiment/input.h"
#include "experiment/measure.h"
#include "fpsweep/memory.h"
#include "fpsweep/optimizer.h"
#include "numeric/blas.h"
#include "numeric/symmetric_eigen.h"
#include "numeric/tangent_kernel.h"

enum { BLOCK = FPS_TANGENT_BLOCK };

struct fps_linearised {
    fps_measure *measure;
};

fps_status fps_linearised_create(fps_linearised **out) {
    FPS_TRY(FPS_ALLOC(*out, 1));
    fps_status status = fps_measure_create(&(*out)->measure);
    if (status != FPS_OK)
        fps_linearised_destroy(out);
    return status;
}

void fps_linearised_destroy(fps_linearised **linearised) {
    if (!*linearised)
        return;
    fps_measure_destroy(&(*linearised)->measure);
    fps_free(*linearised);
    *linearised = NULL;
}

/* One task's matrices. F factors of the tangent kernel per point, P = n padded, C records at a time. */
typedef struct solution {
    const fps_task *task;
    const fps_problem_view *problem;
    fps_pace *pace;
    fps_pulse pulse; /* the same, for what lies below */
    double learning_rate;
    fps_input_map map;
    fps_tangent_kernel *kernel;
    int64_t samples, factors, padded;
    double *sample_factors; /* [F, P] */
    double *residual;       /* [n] S (h_0 - y) */
    double *root;           /* [n] sqrt(w) */
    double *matrix;         /* [n, n] S Theta S; then C's room */
    double *vector;         /* [n, n] row i is eigenvector i */
    double *eigenvalue;     /* [n] increasing, at least 0 */
    double *component;      /* [n] c */
    double *input;          /* [D, BLOCK] */
    double *block_factors;  /* [F, BLOCK] */
    double *theta;          /* [3, BLOCK, n]: a block of the kernel and scratch */
    double *weighted;       /* [n, C] g c, then S V (g c) */
    double *values;         /* [C, G] */
} solution;

static void release(solution *s) {
    fps_tangent_kernel_destroy(&s->kernel);
    double *blocks[] = {s->sample_factors, s->residual, s->root,          s->matrix, s->vector,   s->eigenvalue,
                        s->component,      s->input,    s->block_factors, s->theta,  s->weighted, s->values};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
}

/* ---- the kernel at the samples ---- */

static int64_t block_of(int64_t count, int64_t first) {
    return count - first < BLOCK ? count - first : BLOCK;
}

/* Columns of the points first .. first + count - 1 into s->input. */
static void fill_input(const solution *s, const fps_points *points, int64_t first, int64_t count) {
    double x[BLOCK * FPS_MAX_DIMENSION];
    fps_points_fill(points, first, count, x);
    fps_input_fill(&s->map, x, count, FPS_PADDED(count), s->input);
}

/* What the columns of a block cost, for the hook. */
static double input_operations(const solution *s) {
    return BLOCK * FPS_PACE_PER_FEATURE * (s->map.has_features ? (double)s->map.rows : 1);
}

static fps_status prepare(solution *s, const fps_network_shape *shape) {
    const fps_problem_view *problem = s->problem;
    const int64_t n = s->samples;
    const fps_trained trained = (fps_trained)s->task->train.code;
    const fps_points points = fps_points_list(problem->dimension, n, problem->x);
    double output[BLOCK];
    s->map = fps_input_map_of(s->task);
    s->factors = fps_tangent_kernel_factors(shape, trained);
    s->padded = FPS_PADDED(n);
    FPS_TRY(fps_tangent_kernel_create(shape, trained, problem->weights, &s->pulse, &s->kernel));
    FPS_TRY(FPS_ALLOC(s->sample_factors, s->factors * s->padded));
    FPS_TRY(FPS_ALLOC(s->residual, n));
    FPS_TRY(FPS_ALLOC(s->root, n));
    FPS_TRY(FPS_ALLOC(s->matrix, n * n));
    FPS_TRY(FPS_ALLOC(s->vector, n * n));
    FPS_TRY(FPS_ALLOC(s->eigenvalue, n));
    FPS_TRY(FPS_ALLOC(s->component, n));
    FPS_TRY(FPS_ALLOC(s->input, s->map.rows * BLOCK));
    FPS_TRY(FPS_ALLOC(s->block_factors, s->factors * BLOCK));
    FPS_TRY(FPS_ALLOC(s->theta, 3 * BLOCK * n));
    for (int64_t first = 0; first < n; first += BLOCK) {
        const int64_t count = block_of(n, first);
        fill_input(s, &points, first, count);
        FPS_TRY(fps_tangent_kernel_fill(s->kernel, s->input, count, s->padded, s->sample_factors + first, output));
        for (int64_t i = 0; i < count; i++) {
            s->root[first + i] = sqrt(problem->weight[first + i]);
            s->residual[first + i] = s->root[first + i] * (output[i] - problem->y[first + i]);
        }
        if (fps_pace_spend(s->pace, input_operations(s)))
            return FPS_STOPPED;
    }
    for (int64_t first = 0; first < n; first += BLOCK) {
        const int64_t count = block_of(n, first);
        FPS_TRY(fps_tangent_kernel_block(s->kernel, count, s->sample_factors + first, s->padded, n, s->sample_factors,
                                         s->padded, s->theta + BLOCK * n, s->theta));
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < n; j++)
                s->matrix[(first + i) * n + j] = s->root[first + i] * s->theta[i * n + j] * s->root[j];
    }
    return FPS_OK;
}

/* ---- eigenvalues ---- */

static fps_status decompose(solution *s) {
    const int64_t n = s->samples;
    const fps_status status = fps_symmetric_eigen(n, s->matrix, s->eigenvalue, s->vector, &s->pulse);
    if (status == FPS_ERROR_NUMERIC)
        return fps_fail_context(status, "linearised: the tangent kernel of the initial weights");
    FPS_TRY(status);
    for (int64_t i = 0; i < n; i++)
        s->eigenvalue[i] = fmax(s->eigenvalue[i], 0); /* negative ones are rounding */
    fps_blas_multiply(false, false, n, 1, n, 1, s->vector, n, s->residual, 1, 0, s->component, 1);
    return FPS_OK;
}

/* ---- time ---- */

/* f and g of an eigenvalue after `step` steps. */
typedef struct progress {
    double left;   /* f */
    double gained; /* g = (1 - f) / eigenvalue */
} progress;

static progress after(const solution *s, double eigenvalue, double step) {
    const double rate = 2 * s->learning_rate, x = rate * eigenvalue;
    if (step == 0)
        return (progress){1, 0};
    if (x * step < 1e-9) /* the first terms of both series */
        return (progress){1 - x * step, rate * step * (1 - x * step / 2)};
    if (s->task->optimizer.code == FPS_OPTIMIZER_FLOW || x < 1) {
        const double power = s->task->optimizer.code == FPS_OPTIMIZER_FLOW ? -x * step : step * log1p(-x);
        return (progress){exp(power), -expm1(power) / eigenvalue};
    }
    const double left = pow(1 - x, step);
    return (progress){left, (1 - left) / eigenvalue};
}

static double loss_after(const solution *s, double step) {
    double loss = 0;
    for (int64_t i = 0; i < s->samples; i++) {
        const double r = after(s, s->eigenvalue[i], step).left * s->component[i];
        loss += r * r;
    }
    return loss;
}

/* First step whose loss is within the tolerance, or `steps`; the loss falls all the way, unless the rate is too large
 * for that: then training within the tolerance is looked for in the same way. */
static int64_t last_step(const solution *s, int64_t steps) {
    const double tolerance = s->task->tolerance;
    int64_t low = -1, high = steps;
    if (!(tolerance > 0) || !(loss_after(s, (double)steps) < tolerance))
        return steps;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (loss_after(s, (double)middle) < tolerance)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* The planned steps that come before the end, and the end. */
static fps_status plan_steps(const solution *s, const fps_record_spec *spec, int64_t **step, int64_t *count) {
    const int64_t last = last_step(s, s->task->steps);
    FPS_TRY(FPS_ALLOC(*step, spec->count));
    const int64_t planned = fps_record_steps(spec, s->task->steps, *step);
    *count = 0;
    while (*count < planned && (*step)[*count] < last)
        ++*count;
    (*step)[(*count)++] = last; /* no later than the planned step in its place */
    return FPS_OK;
}

/* ---- records ---- */

/* s->weighted[n, count] <- S V (g c) after the given steps. */
static void weigh(solution *s, const int64_t *step, int64_t count) {
    const int64_t n = s->samples;
    double *gained = s->matrix; /* [n, count], count <= n; no longer needed otherwise */
    for (int64_t i = 0; i < n; i++)
        for (int64_t r = 0; r < count; r++)
            gained[i * count + r] = after(s, s->eigenvalue[i], (double)step[r]).gained * s->component[i];
    fps_blas_multiply(true, false, n, count, n, 1, s->vector, n, gained, count, 0, s->weighted, count);
    for (int64_t j = 0; j < n; j++)
        for (int64_t r = 0; r < count; r++)
            s->weighted[j * count + r] *= s->root[j];
}

/* s->values[count, G] of the tangent after the steps that s->weighted is for. */
static fps_status evaluate(solution *s, const fps_points *points, int64_t count) {
    const int64_t n = s->samples, all = points->count;
    double output[BLOCK];
    for (int64_t first = 0; first < all; first += BLOCK) {
        const int64_t here = block_of(all, first);
        fill_input(s, points, first, here);
        FPS_TRY(fps_tangent_kernel_fill(s->kernel, s->input, here, BLOCK, s->block_factors, output));
        FPS_TRY(fps_tangent_kernel_block(s->kernel, here, s->block_factors, BLOCK, n, s->sample_factors, s->padded,
                                         s->theta + BLOCK * n, s->theta));
        for (int64_t r = 0; r < count; r++)
            memcpy(s->values + r * all + first, output, (size_t)here * sizeof *output);
        fps_blas_multiply(true, true, count, here, n, -1, s->weighted, count, s->theta, n, 1, s->values + first, all);
        if (fps_pace_spend(s->pace, input_operations(s) + 2.0 * (double)(here * n * count)))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

/* Measure `count` records from s->values. False: the loss is no longer finite. */
static fps_status record(solution *s, fps_measure *measure, int64_t points, const int64_t *step, int64_t count,
                         fps_trajectory *trajectory, bool *finite) {
    for (int64_t r = 0; r < count && *finite; r++) {
        const int64_t row = trajectory->records;
        const double loss = loss_after(s, (double)step[r]);
        s->pace->step = step[r];
        if (!isfinite(loss)) {
            *finite = false;
            break;
        }
        FPS_TRY(fps_measure_values(measure, s->values + r * points, s->pace, trajectory, row));
        trajectory->value[FPS_RESULT_STEP][row] = (double)step[r];
        trajectory->value[FPS_RESULT_TRAINING_LOSS][row] = loss;
        trajectory->records++;
        fps_measure_accept(measure, trajectory);
        if (fps_pace_spend(s->pace, 100.0 * (double)points))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

/* Weights of the tangent at the end: w_0 - J^T of the last record's column. */
static fps_status write_weights(solution *s, int64_t column, int64_t count, double *final) {
    const fps_problem_view *problem = s->problem;
    const fps_points points = fps_points_list(problem->dimension, s->samples, problem->x);
    memcpy(final, problem->weights, (size_t)problem->weight_count * sizeof *final);
    for (int64_t first = 0; first < s->samples; first += BLOCK) {
        const int64_t here = block_of(s->samples, first);
        double factor[BLOCK];
        for (int64_t i = 0; i < here; i++)
            factor[i] = -s->weighted[(first + i) * count + column];
        fill_input(s, &points, first, here);
        FPS_TRY(fps_tangent_kernel_pull(s->kernel, s->input, here, factor, final));
    }
    return FPS_OK;
}

static fps_status follow(solution *s, fps_measure *measure, const fps_record_spec *spec, fps_trajectory *trajectory) {
    const fps_problem_view *problem = s->problem;
    const fps_points points =
        problem->has_grid ? problem->grid : fps_points_list(problem->dimension, s->samples, problem->x);
    int64_t *step = NULL, steps = 0, most = FPS_LINEARISED_VALUES / points.count;
    double *final = trajectory->value[FPS_RESULT_WEIGHTS_FINAL];
    bool finite = true;
    fps_status status;
    FPS_TRY_GOTO(status, plan_steps(s, spec, &step, &steps), done);
    most = most > s->samples ? s->samples : most;
    most = most > steps ? steps : most < 1 ? 1 : most;
    FPS_TRY_GOTO(status, FPS_ALLOC(s->weighted, s->samples * most), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s->values, most * points.count), done);
    for (int64_t first = 0; first < steps && finite; first += most) {
        const int64_t count = steps - first < most ? steps - first : most;
        weigh(s, step + first, count);
        FPS_TRY_GOTO(status, evaluate(s, &points, count), done);
        FPS_TRY_GOTO(status, record(s, measure, points.count, step + first, count, trajectory, &finite), done);
        if (finite && final && first + count == steps)
            FPS_TRY_GOTO(status, write_weights(s, count - 1, count, final), done);
    }
    trajectory->outcome = finite ? FPS_DONE : FPS_DIVERGED;
done:
    fps_free(step);
    return status;
}

static void write_numbers(double *out, const double *values, int64_t count) {
    if (out)
        memcpy(out, values, (size_t)count * sizeof *out);
}

fps_status fps_linearised_solve(fps_linearised *linearised, const fps_task *task, const fps_network_shape *shape,
                                const fps_record_spec *spec, const fps_problem_view *problem, double learning_rate,
                                fps_pace *pace, fps_trajectory *trajectory) {
    solution s = {
        .task = task, .problem = problem, .pace = pace, .learning_rate = learning_rate, .samples = problem->samples};
    double *eigenvalue = trajectory->value[FPS_RESULT_TANGENT_EIGENVALUE];
    fps_status status;
    write_numbers(trajectory->value[FPS_RESULT_LEARNING_RATE_USED], &learning_rate, 1);
    write_numbers(trajectory->value[FPS_RESULT_SAMPLE_X], problem->x, problem->samples * problem->dimension);
    write_numbers(trajectory->value[FPS_RESULT_SAMPLE_Y], problem->y, problem->samples);
    write_numbers(trajectory->value[FPS_RESULT_WEIGHTS_INITIAL], problem->weights, problem->weight_count);
    FPS_TRY(fps_measure_set(linearised->measure, task, NULL, spec, problem, pace, trajectory));
    FPS_TRY_GOTO(status, prepare(&s, shape), done);
    FPS_TRY_GOTO(status, decompose(&s), done);
    for (int64_t i = 0; eigenvalue && i < s.samples; i++)
        eigenvalue[i] = s.eigenvalue[s.samples - 1 - i];
    status = follow(&s, linearised->measure, spec, trajectory);
done:
    release(&s);
    return status;
}
