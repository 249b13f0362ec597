#include "experiment/stable_rate.h"

#include <math.h>
#include <string.h>

#include "experiment/input.h"
#include "fpsweep/memory.h"
#include "fpsweep/random.h"

#define MOST_ITERATIONS 500
#define RELATIVE_ERROR 1e-6

/* The operator and its workspace. P = n padded. */
typedef struct kernel {
    const fps_problem_view *problem;
    fps_trained trained;
    fps_network *network;
    double *input;                      /* [D, P] */
    double *root;                       /* [P] sqrt(sample weight), 0 in the padding */
    double *u, *out;                    /* [P] */
    double *gradient;                   /* [W] J^T u */
    double *basis[MOST_ITERATIONS + 1]; /* Lanczos vectors [n], made when they are needed */
    int64_t padded;
    fps_pulse pulse; /* of the network's passes */
} kernel;

static void release(kernel *k) {
    fps_network_destroy(&k->network);
    double *blocks[] = {k->input, k->root, k->u, k->out, k->gradient};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
    for (int64_t j = 0; j <= MOST_ITERATIONS; j++)
        fps_free(k->basis[j]);
}

static fps_status prepare(kernel *k, const fps_task *task, const fps_network_shape *shape,
                          const fps_problem_view *problem, fps_pace *pace) {
    int64_t n = problem->samples, padded = FPS_PADDED(n);
    fps_input_map map = fps_input_map_of(task);
    *k = (kernel){.problem = problem, .trained = (fps_trained)task->train.code, .padded = padded};
    k->pulse = fps_pace_pulse(pace);
    FPS_TRY(fps_network_create(shape, padded, &k->network));
    fps_network_set_pulse(k->network, &k->pulse);
    FPS_TRY(FPS_ALLOC(k->input, map.rows * padded));
    FPS_TRY(FPS_ALLOC(k->root, padded));
    FPS_TRY(FPS_ALLOC(k->u, padded));
    FPS_TRY(FPS_ALLOC(k->out, padded));
    FPS_TRY(FPS_ALLOC(k->gradient, problem->weight_count));
    FPS_TRY(FPS_ALLOC(k->basis[0], n));
    FPS_TRY(fps_input_fill_all(&map, problem->x, n, pace, k->input));
    for (int64_t i = 0; i < n; i++)
        k->root[i] = sqrt(problem->weight[i]);
    return FPS_OK;
}

/* out[n] = 2 S J J^T S v. The forward pass is repeated because backward may use up what it kept. */
static fps_status apply(kernel *k, const double *v, double *out) {
    int64_t n = k->problem->samples;
    const double *weights = k->problem->weights;
    memset(k->u, 0, (size_t)k->padded * sizeof *k->u);
    for (int64_t i = 0; i < n; i++)
        k->u[i] = k->root[i] * v[i];
    FPS_TRY(fps_network_forward_training(k->network, weights, k->input, k->padded, k->out));
    FPS_TRY(fps_network_backward(k->network, weights, k->input, k->padded, k->u, k->trained, k->gradient));
    FPS_TRY(fps_network_forward_training(k->network, weights, k->input, k->padded, k->out));
    FPS_TRY(fps_network_tangent(k->network, weights, k->gradient, k->input, k->padded, k->out));
    for (int64_t i = 0; i < n; i++)
        out[i] = 2 * k->root[i] * k->out[i];
    return FPS_OK;
}

static double dot(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* How many eigenvalues of the symmetric tridiagonal matrix (a[m], b[m-1]) lie above x (Sturm). */
static int64_t above(const double *a, const double *b, int64_t m, double x) {
    int64_t count = 0;
    double d = 1;
    for (int64_t i = 0; i < m; i++) {
        double coupling = i > 0 ? b[i - 1] * b[i - 1] : 0;
        d = a[i] - x - coupling / d;
        if (d == 0)
            d = 1e-300;
        count += d > 0;
    }
    return count;
}

/* Its largest eigenvalue, by bisection to rounding. */
static double largest(const double *a, const double *b, int64_t m) {
    double low = a[0], high = a[0];
    for (int64_t i = 0; i < m; i++) {
        double radius = (i > 0 ? fabs(b[i - 1]) : 0) + (i < m - 1 ? fabs(b[i]) : 0);
        low = fmax(low, a[i]); /* a diagonal entry is a Rayleigh quotient */
        high = fmax(high, a[i] + radius);
    }
    for (int iteration = 0; iteration < 200 && high - low > 1e-15 * fabs(high); iteration++) {
        double middle = 0.5 * (low + high);
        if (above(a, b, m, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* Last component of the normalised eigenvector of `value`, by the three-term recurrence from the last row upwards,
 * which is the stable direction when it is small. */
static double last_component(const double *a, const double *b, int64_t m, double value) {
    double below = 0, here = 1, square = 1;
    for (int64_t i = m - 1; i > 0; i--) {
        double next = ((value - a[i]) * here - (i < m - 1 ? b[i] * below : 0)) / b[i - 1];
        below = here;
        here = next;
        square += here * here;
        if (square > 1e200)
            return 0;
    }
    return 1 / sqrt(square);
}

/* Next Lanczos vector: q[j+1] = A q[j], orthogonalised twice against all before. *norm is its length before scaling. */
static fps_status extend(kernel *k, int64_t j, double *diagonal, double *norm) {
    int64_t n = k->problem->samples;
    FPS_TRY(FPS_ALLOC(k->basis[j + 1], n));
    double *next = k->basis[j + 1];
    FPS_TRY(apply(k, k->basis[j], next));
    *diagonal = dot(next, k->basis[j], n);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i <= j; i++) {
            const double *q = k->basis[i];
            double share = dot(next, q, n);
            for (int64_t s = 0; s < n; s++)
                next[s] -= share * q[s];
        }
    *norm = sqrt(dot(next, next, n));
    for (int64_t s = 0; s<n && * norm> 0; s++)
        next[s] /= *norm;
    return FPS_OK;
}

static fps_status iterate(kernel *k, int64_t iterations, fps_pace *pace, double *lambda_max) {
    double a[MOST_ITERATIONS], b[MOST_ITERATIONS];
    int64_t n = k->problem->samples;
    for (int64_t i = 0; i < n; i++) /* fixed, and without the symmetry that a network may have */
        k->basis[0][i] = fps_random_normal(0, FPS_PURPOSE_DATA, UINT32_MAX, (uint64_t)i);
    double norm = sqrt(dot(k->basis[0], k->basis[0], n));
    for (int64_t i = 0; i < n; i++)
        k->basis[0][i] /= norm;
    double error = INFINITY;
    for (int64_t j = 0; j < iterations; j++) {
        FPS_TRY(extend(k, j, &a[j], &b[j]));
        if (!isfinite(a[j]) || !isfinite(b[j]))
            return fps_fail(FPS_ERROR_NUMERIC, "learning_rate stable: the network's derivatives at the start are not "
                                               "finite; choose a smaller initializer");
        *lambda_max = largest(a, b, j + 1);
        error = b[j] * last_component(a, b, j + 1, *lambda_max);
        if (error <= RELATIVE_ERROR * *lambda_max || j + 1 == n)
            return FPS_OK;
        if (fps_pace_spend(pace, FPS_PACE_PER_STEP + 8.0 * (double)((j + 1) * n)))
            return FPS_STOPPED;
    }
    return fps_fail(FPS_ERROR_NUMERIC,
                    "learning_rate stable: the largest eigenvalue of the tangent kernel was not found "
                    "in %d iterations (error %.1e); give a number instead",
                    MOST_ITERATIONS, error / *lambda_max);
}

fps_status fps_stable_rate_eigenvalue(const fps_task *task, const fps_network_shape *shape,
                                      const fps_problem_view *problem, fps_pace *pace, double *lambda_max) {
    kernel k;
    int64_t iterations = problem->samples < MOST_ITERATIONS ? problem->samples : MOST_ITERATIONS;
    fps_status status;
    FPS_TRY_GOTO(status, prepare(&k, task, shape, problem, pace), done);
    FPS_TRY_GOTO(status, iterate(&k, iterations, pace, lambda_max), done);
    if (!(*lambda_max > 0))
        status = fps_fail(FPS_ERROR_NUMERIC, "learning_rate stable: no trained weight changes the output at the start; "
                                             "choose another initializer, or give a number");
done:
    release(&k);
    return status;
}
