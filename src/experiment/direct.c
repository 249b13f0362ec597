#include "experiment/direct.h"

#include <math.h>
#include <string.h>

#include "experiment/direct_geometry.h"
#include "experiment/direct_spectrum.h"
#include "experiment/direct_spike.h"
#include "fpsweep/lattice.h"
#include "fpsweep/memory.h"

/* LAPACK in OpenBLAS, column-major, everything by reference. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b,
             const int *ldb, int *info);
void dpocon_(const char *uplo, const int *n, const double *a, const int *lda, const double *norm, double *rcond,
             double *work, int *iwork, int *info);

static const double PI = 3.14159265358979323846;

/* Lattice sums of a set of displacements, kept while nothing that they depend on changes. */
typedef struct sums {
    fps_lattice *lattice;
    int64_t count;        /* displacements P */
    double *displacement; /* [P, d] of the lattice, and of the next */
    double *next;
    int64_t capacity; /* numbers in the two */
    double *shell;    /* [R, P] */
    int dimension, rungs;
    double frequency_step;
    bool ball;
    int64_t ladder[64];
} sums;

struct fps_direct {
    sums data, grid;      /* displacements among samples and to the far point; from grid points to samples */
    double *kernel;       /* K[n, n] of the rung */
    double *wide;         /* K of twice the exponent, for the norm */
    double *factor;       /* its Cholesky factor */
    double *shell_matrix; /* next rung's shell */
    double *lambda, *previous, *work;
    int *iwork;
    double *points; /* [G, d] */
    int64_t samples, grid_capacity;
};

fps_status fps_direct_create(fps_direct **out) {
    return FPS_ALLOC(*out, 1);
}

static void release_sums(sums *s) {
    fps_lattice_destroy(&s->lattice);
    fps_free(s->displacement);
    fps_free(s->next);
    fps_free(s->shell);
    memset(s, 0, sizeof *s);
}

static void release_matrices(fps_direct *d) {
    double *arrays[] = {d->kernel, d->wide, d->factor, d->shell_matrix, d->lambda, d->previous, d->work};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        fps_free(arrays[i]);
    fps_free(d->iwork);
    d->kernel = d->wide = d->factor = d->shell_matrix = d->lambda = d->previous = d->work = NULL;
    d->iwork = NULL;
    d->samples = 0;
}

void fps_direct_destroy(fps_direct **direct) {
    if (!*direct)
        return;
    release_sums(&(*direct)->data);
    release_sums(&(*direct)->grid);
    release_matrices(*direct);
    fps_free((*direct)->points);
    fps_free(*direct);
    *direct = NULL;
}

static fps_status reserve_matrices(fps_direct *d, int64_t n) {
    if (n <= d->samples)
        return FPS_OK;
    release_matrices(d);
    FPS_TRY(FPS_ALLOC(d->kernel, n * n));
    FPS_TRY(FPS_ALLOC(d->wide, n * n));
    FPS_TRY(FPS_ALLOC(d->factor, n * n));
    FPS_TRY(FPS_ALLOC(d->shell_matrix, n * n));
    FPS_TRY(FPS_ALLOC(d->lambda, n));
    FPS_TRY(FPS_ALLOC(d->previous, n));
    FPS_TRY(FPS_ALLOC(d->work, 3 * n));
    FPS_TRY(FPS_ALLOC(d->iwork, n));
    d->samples = n;
    return FPS_OK;
}

/* ---- lattice sums, shared by consecutive tasks ---- */

/* Room for `count` displacements in s->next. */
static fps_status begin_sums(sums *s, int64_t count, int dimension) {
    if (count * dimension <= s->capacity)
        return FPS_OK;
    release_sums(s);
    FPS_TRY(FPS_ALLOC(s->displacement, count * dimension));
    FPS_TRY(FPS_ALLOC(s->next, count * dimension));
    s->capacity = count * dimension;
    return FPS_OK;
}

static bool same_sums(const sums *s, int64_t count, const fps_task *task, const fps_record_spec *spec) {
    return s->lattice && s->count == count && s->dimension == (int)task->dimension && s->rungs == spec->rungs &&
           s->frequency_step == task->frequency_step && s->ball == (task->cutoff.code == FPS_CUTOFF_BALL) &&
           memcmp(s->ladder, spec->ladder, (size_t)spec->rungs * sizeof *spec->ladder) == 0 &&
           memcmp(s->displacement, s->next, (size_t)(count * task->dimension) * sizeof *s->next) == 0;
}

/* Take the displacements in s->next: keep the tables if they are the present ones. */
static fps_status set_sums(sums *s, int64_t count, const fps_task *task, const fps_record_spec *spec) {
    if (same_sums(s, count, task, spec))
        return FPS_OK;
    fps_lattice_destroy(&s->lattice);
    fps_free(s->shell);
    s->shell = NULL;
    double *swap = s->displacement;
    s->displacement = s->next;
    s->next = swap;
    FPS_TRY(FPS_ALLOC(s->shell, spec->rungs * count));
    const fps_lattice_spec lattice = {.dimension = (int)task->dimension,
                                      .frequency_step = task->frequency_step,
                                      .rungs = spec->rungs,
                                      .band_limit = spec->ladder,
                                      .displacements = count,
                                      .displacement = s->displacement,
                                      .ball = task->cutoff.code == FPS_CUTOFF_BALL};
    FPS_TRY(fps_lattice_create(&lattice, &s->lattice));
    s->count = count;
    s->dimension = (int)task->dimension;
    s->rungs = spec->rungs;
    s->frequency_step = task->frequency_step;
    s->ball = task->cutoff.code == FPS_CUTOFF_BALL;
    memcpy(s->ladder, spec->ladder, (size_t)spec->rungs * sizeof *spec->ladder);
    return FPS_OK;
}

/* ---- one rung ---- */

/* The symmetric matrix of one rung's shell over pairs of samples. */
static void fill_matrix(const double *pair, int64_t n, double *matrix) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            matrix[i * n + j] = pair[fps_geometry_pair(i, j)];
}

static void add(double *sum, const double *term, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        sum[i] += term[i];
}

static double dot(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* left^T matrix right */
static double form(const double *left, const double *matrix, const double *right, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += left[i] * dot(matrix + i * n, right, n);
    return sum;
}

/* Solve K lambda = y by Cholesky; *rcond estimates the reciprocal condition number. */
static fps_status solve(fps_direct *d, int64_t n, const double *y, int64_t band_limit, double resolution,
                        double *rcond) {
    int size = (int)n, one = 1, info;
    double norm = 0;
    for (int64_t i = 0; i < n; i++) {
        double row = 0;
        for (int64_t j = 0; j < n; j++)
            row += fabs(d->kernel[i * n + j]);
        norm = fmax(norm, row);
    }
    memcpy(d->factor, d->kernel, (size_t)(n * n) * sizeof *d->factor);
    dpotrf_("L", &size, d->factor, &size, &info);
    if (info == 0)
        dpocon_("L", &size, d->factor, &size, &norm, rcond, d->work, d->iwork, &info);
    if (info != 0 || *rcond < 1e-15)
        return fps_fail(
            FPS_ERROR_NUMERIC,
            "the kernel of %lld samples is singular at band limit %lld (reciprocal condition %.1e, 2 pi X times "
            "the smallest distance %.3g): spread the samples or raise the ladder",
            (long long)n, (long long)band_limit, info == 0 ? *rcond : 0.0, resolution);
    memcpy(d->lambda, y, (size_t)n * sizeof *y);
    dpotrs_("L", &size, &one, d->factor, &size, d->lambda, &size, &info);
    return FPS_OK;
}

/* ---- a task ---- */

/* What is the same on all rungs. */
typedef struct setting {
    const fps_task *task;
    const fps_record_spec *spec;
    const fps_problem_view *problem;
    fps_trajectory *trajectory;
    int64_t n, pairs, largest; /* samples; displacements among them; the sample of largest |label| */
    double distance;           /* smallest, between samples */
} setting;

static fps_status prepare_data(fps_direct *d, const setting *c) {
    int dimension = c->problem->dimension;
    int64_t count = c->pairs + c->n;
    double far_point[FPS_MAX_DIMENSION];
    FPS_TRY(reserve_matrices(d, c->n));
    FPS_TRY(begin_sums(&d->data, count, dimension));
    fps_geometry_displacements(dimension, c->n, c->problem->x, d->data.next);
    fps_geometry_far_point(dimension, c->task->domain, c->n, c->problem->x, far_point);
    fps_geometry_from_points(dimension, 1, far_point, c->n, c->problem->x, d->data.next + c->pairs * dimension);
    return set_sums(&d->data, count, c->task, c->spec);
}

static fps_status prepare_grid(fps_direct *d, const setting *c) {
    fps_points grid = fps_points_grid(c->task);
    int dimension = c->problem->dimension;
    int64_t count = grid.count * c->n;
    if (grid.count > d->grid_capacity) {
        fps_free(d->points);
        d->grid_capacity = 0;
        FPS_TRY(FPS_ALLOC(d->points, grid.count * dimension));
        d->grid_capacity = grid.count;
    }
    fps_points_fill(&grid, 0, grid.count, d->points);
    FPS_TRY(begin_sums(&d->grid, count, dimension));
    fps_geometry_from_points(dimension, grid.count, d->points, c->n, c->problem->x, d->grid.next);
    return set_sums(&d->grid, count, c->task, c->spec);
}

/* energy_drop and multiplier_product of the rung below: E_k - E_{k+1} = lambda_k^T dK lambda_{k+1} exactly, dK the
 * shell between them. */
static void write_drop(fps_direct *d, const setting *c, const double *shell, int64_t rung) {
    if (rung == 0)
        return;
    double **value = c->trajectory->value;
    fill_matrix(shell, c->n, d->shell_matrix);
    value[FPS_RESULT_ENERGY_DROP][rung - 1] = form(d->previous, d->shell_matrix, d->lambda, c->n);
    value[FPS_RESULT_MULTIPLIER_PRODUCT][rung - 1] = dot(d->previous, d->lambda, c->n);
}

static fps_status write_spike(fps_direct *d, const setting *c, int64_t rung) {
    double *width = c->trajectory->value[FPS_RESULT_SPIKE_WIDTH];
    if (!width || c->spec->ladder[rung] > FPS_SPIKE_BAND_LIMIT)
        return FPS_OK;
    return fps_spike_width(c->task->frequency_step, c->task->decay_rate, c->spec->ladder[rung], c->n, c->problem->x,
                           d->lambda, c->largest, &width[rung]);
}

/* The interpolant on the grid: row `rung` = kernel of the rungs so far (cumulated in the first row of the shells). */
static void write_grid(fps_direct *d, const setting *c, int64_t rung) {
    double *out = c->trajectory->value[FPS_RESULT_INTERPOLANT_ON_GRID];
    if (!out)
        return;
    int64_t points = c->trajectory->extent.size[FPS_GRID];
    if (rung > 0)
        add(d->grid.shell, d->grid.shell + rung * d->grid.count, d->grid.count);
    for (int64_t g = 0; g < points; g++)
        out[rung * points + g] = dot(d->grid.shell + g * c->n, d->lambda, c->n);
}

/* Solve on one rung and write its row. `kernel` and `wide` (twice the exponent) are cumulated pair values. */
static fps_status solve_rung(fps_direct *d, const setting *c, int64_t rung, const double *shell, const double *kernel,
                             const double *wide, fps_pace *pace) {
    const fps_record_spec *spec = c->spec;
    double **value = c->trajectory->value, x = ((double)spec->ladder[rung] + 0.5) * c->task->frequency_step;
    double resolution = 2 * PI * x * c->distance, rcond = 0;
    double *swap = d->previous;
    d->previous = d->lambda;
    d->lambda = swap;
    fill_matrix(kernel, c->n, d->kernel);
    FPS_TRY(solve(d, c->n, c->problem->y, spec->ladder[rung], resolution, &rcond));
    value[FPS_RESULT_RUNG_BAND_LIMIT][rung] = (double)spec->ladder[rung];
    value[FPS_RESULT_ENERGY][rung] = dot(c->problem->y, d->lambda, c->n);
    value[FPS_RESULT_KERNEL_AT_ZERO][rung] = kernel[0];
    value[FPS_RESULT_RECIPROCAL_CONDITION][rung] = rcond;
    value[FPS_RESULT_RESOLUTION][rung] = resolution;
    value[FPS_RESULT_OFF_DATA_VALUE][rung] = dot(kernel + c->pairs, d->lambda, c->n);
    fill_matrix(wide, c->n, d->wide);
    value[FPS_RESULT_NORM][rung] = sqrt(form(d->lambda, d->wide, d->lambda, c->n));
    if (value[FPS_RESULT_MULTIPLIER])
        memcpy(value[FPS_RESULT_MULTIPLIER] + rung * c->n, d->lambda, (size_t)c->n * sizeof *d->lambda);
    write_drop(d, c, shell, rung);
    FPS_TRY(fps_direct_spectrum(c->task, spec, c->problem, d->lambda, rung, pace, c->trajectory));
    write_grid(d, c, rung);
    return write_spike(d, c, rung);
}

/* All rungs. kernel[P], wide[P]: scratch for the cumulated sums. */
static fps_status climb(fps_direct *d, const setting *c, double *kernel, double *wide, double *wide_shell,
                        fps_pace *pace) {
    int64_t count = d->data.count;
    for (int64_t rung = 0; rung < c->spec->rungs; rung++) {
        add(kernel, d->data.shell + rung * count, count);
        add(wide, wide_shell + rung * count, count);
        FPS_TRY(solve_rung(d, c, rung, d->data.shell + rung * count, kernel, wide, pace));
        c->trajectory->records = rung + 1;
        pace->step = rung + 1;
        double cube = (double)c->n * (double)c->n * (double)c->n;
        if (fps_pace_spend(pace, FPS_PACE_PER_STEP + cube))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

static void write_data(const setting *c) {
    double **value = c->trajectory->value;
    const fps_problem_view *problem = c->problem;
    if (value[FPS_RESULT_SAMPLE_X])
        memcpy(value[FPS_RESULT_SAMPLE_X], problem->x, (size_t)(c->n * problem->dimension) * sizeof *problem->x);
    if (value[FPS_RESULT_SAMPLE_Y])
        memcpy(value[FPS_RESULT_SAMPLE_Y], problem->y, (size_t)c->n * sizeof *problem->y);
    if (value[FPS_RESULT_TARGET_ON_GRID] && problem->has_grid)
        memcpy(value[FPS_RESULT_TARGET_ON_GRID], problem->target,
               (size_t)problem->grid.count * sizeof *problem->target);
}

/* Sums of one exponent, with the hook heard in between. */
static fps_status sum_shells(sums *s, double alpha, fps_pace *pace, double *shell) {
    fps_lattice_set_pulse(s->lattice, fps_pace_beat, pace);
    fps_status status = fps_lattice_shells(s->lattice, alpha, shell);
    fps_lattice_set_pulse(s->lattice, NULL, NULL);
    return status;
}

fps_status fps_direct_solve(fps_direct *direct, const fps_task *task, const fps_record_spec *spec,
                            const fps_problem_view *problem, fps_pace *pace, fps_trajectory *trajectory) {
    setting c = {.task = task, .spec = spec, .problem = problem, .trajectory = trajectory, .n = problem->samples};
    c.pairs = fps_geometry_pairs(c.n);
    c.distance = fps_geometry_smallest(problem->dimension, c.n, problem->x, 1 / task->frequency_step);
    for (int64_t i = 1; i < c.n; i++)
        if (fabs(problem->y[i]) > fabs(problem->y[c.largest]))
            c.largest = i;
    FPS_TRY(prepare_data(direct, &c));
    if (fps_pace_stop(pace))
        return FPS_STOPPED;
    if (trajectory->value[FPS_RESULT_INTERPOLANT_ON_GRID]) {
        FPS_TRY(prepare_grid(direct, &c));
        FPS_TRY(sum_shells(&direct->grid, task->decay_rate, pace, direct->grid.shell));
    }
    write_data(&c);

    int64_t count = direct->data.count;
    double *scratch;
    FPS_TRY(FPS_ALLOC(scratch, (2 + spec->rungs) * count));
    double *kernel = scratch, *wide = kernel + count, *wide_shell = wide + count;
    fps_status status = sum_shells(&direct->data, task->decay_rate, pace, direct->data.shell);
    if (status == FPS_OK)
        status = sum_shells(&direct->data, 2 * task->decay_rate, pace, wide_shell);
    if (status == FPS_OK)
        status = climb(direct, &c, kernel, wide, wide_shell, pace);
    if (status == FPS_OK)
        trajectory->outcome = FPS_DONE;
    fps_free(scratch);
    return status;
}
