#include "experiment/measure.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "experiment/evaluator.h"
#include "experiment/grid_loss.h"
#include "experiment/stages.h"
#include "fpsweep/memory.h"
#include "fpsweep/spectrum.h"

/* Coefficients of the target below this share of the largest count as noise: their frequency error is missing. */
#define NOISE_FLOOR (sizeof(real) == 4 ? 1e-6 : 1e-12)
/* Summand of the amplitude error's denominator, as in the published code of the frequency principle. */
#define AMPLITUDE_OFFSET 1e-5

typedef double _Complex coefficient;

struct fps_measure {
    fps_evaluator *evaluator;
    fps_grid_loss *loss;
    fps_stages *stages;
    fps_choice loss_choice;
    fps_points loss_grid;
    /* the transform, and what it was made from */
    fps_spectrum *spectrum; /* NULL for tasks without a grid */
    fps_spectrum_spec spec;
    int32_t *mode;
    char *density;
    bool has_spectrum;
    /* the target */
    real *target; /* target[FPS_PADDED(G)] */
    int64_t target_capacity;
    uint64_t stamp; /* of the target whose transform is in `f`; 0: none */
    /* spectra[R, K] */
    int64_t coefficients, coefficient_capacity;
    coefficient *f, *residual, *network; /* F, H - F, and H where directions are not linear in it */
    double *magnitude, *divisor;         /* |F|, and the same with NAN where it is noise */
    double largest;                      /* max |F| */
    /* the task */
    fps_problem_view problem;
    int axes, directions;
    bool samples_are_grid, has_noise;
    double *values; /* values[n]: residual or network at the samples, in double */
    int64_t values_capacity;
    const real *output; /* of the last evaluation */
    fps_pulse pulse;    /* of what takes long, while preparing or measuring */
};

fps_status fps_measure_create(fps_measure **out) {
    FPS_TRY(FPS_ALLOC(*out, 1));
    fps_status status = fps_evaluator_create(&(*out)->evaluator);
    if (status == FPS_OK)
        status = fps_stages_create(&(*out)->stages);
    if (status != FPS_OK)
        fps_measure_destroy(out);
    return status;
}

void fps_measure_destroy(fps_measure **measure) {
    fps_measure *m = *measure;
    if (!m)
        return;
    fps_evaluator_destroy(&m->evaluator);
    fps_grid_loss_destroy(&m->loss);
    fps_stages_destroy(&m->stages);
    fps_spectrum_destroy(&m->spectrum);
    void *blocks[] = {m->mode,    m->density,   m->target,  m->f,     m->residual,
                      m->network, m->magnitude, m->divisor, m->values};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
    fps_free(m);
    *measure = NULL;
}

/* Magnitude without hypot(), whose care for overflow costs more than a transform of 256 points. */
static double magnitude(coefficient c) {
    double square = creal(c) * creal(c) + cimag(c) * cimag(c);
    return square > 1e-280 && square < 1e280 ? sqrt(square) : hypot(creal(c), cimag(c));
}

/* ---- preparing ---- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_spec(const fps_measure *m, const fps_spectrum_spec *b) {
    const fps_spectrum_spec *a = &m->spec;
    if (!m->has_spectrum || a->dimension != b->dimension || a->grid_points != b->grid_points ||
        a->window != b->window || a->frequencies != b->frequencies ||
        memcmp(a->mode, b->mode, (size_t)b->frequencies * sizeof *b->mode) != 0 ||
        memcmp(a->domain, b->domain, (size_t)b->dimension * sizeof *b->domain) != 0)
        return false;
    return b->window != FPS_WINDOW_DENSITY ||
           (a->density.code == b->density.code && a->density.argument[0] == b->density.argument[0] &&
            a->density.argument[1] == b->density.argument[1] && same_text(a->density.text, b->density.text));
}

/* Keep a copy of the spec, strings included. */
static fps_status copy_spec(fps_measure *m, const fps_spectrum_spec *spec) {
    fps_free(m->mode);
    fps_free(m->density);
    m->density = NULL;
    FPS_TRY(FPS_ALLOC(m->mode, spec->frequencies));
    memcpy(m->mode, spec->mode, (size_t)spec->frequencies * sizeof *m->mode);
    if (spec->density.text && !(m->density = fps_strdup(spec->density.text)))
        return FPS_ERROR_MEMORY;
    m->spec = *spec;
    m->spec.mode = m->mode;
    m->spec.density.text = m->density;
    return FPS_OK;
}

static fps_status reserve_spectra(fps_measure *m, int64_t count) {
    m->coefficients = count;
    if (count <= m->coefficient_capacity)
        return FPS_OK;
    m->coefficient_capacity = 0;
    coefficient **spectra[] = {&m->f, &m->residual, &m->network};
    for (size_t i = 0; i < 3; i++) {
        fps_free(*spectra[i]);
        FPS_TRY(FPS_ALLOC(*spectra[i], count));
    }
    double **reals[] = {&m->magnitude, &m->divisor};
    for (size_t i = 0; i < 2; i++) {
        fps_free(*reals[i]);
        FPS_TRY(FPS_ALLOC(*reals[i], count));
    }
    m->coefficient_capacity = count;
    return FPS_OK;
}

/* Plan the transform unless the last one will do, and the split by frequency. Tasks without a grid need the spec alone.
 */
static fps_status set_spectrum(fps_measure *m, const fps_task *task, const fps_record_spec *record, bool has_grid) {
    fps_spectrum_spec spec = {.dimension = (int)task->dimension,
                              .grid_points = (int32_t)task->grid_points,
                              .window = has_grid ? (fps_window)task->window.code : FPS_WINDOW_NONE,
                              .density = task->density,
                              .frequencies = record->frequencies,
                              .mode = record->mode};
    memcpy(spec.domain, task->domain, (size_t)spec.dimension * sizeof *spec.domain);
    if (same_spec(m, &spec) && (m->spectrum || !has_grid))
        return has_grid ? fps_stages_set(m->stages, record, &task->loss, &m->spec, true) : FPS_OK;
    m->has_spectrum = false;
    m->stamp = 0;
    fps_spectrum_destroy(&m->spectrum);
    FPS_TRY(copy_spec(m, &spec));
    FPS_TRY(reserve_spectra(m, (int64_t)fps_spectrum_directions(spec.dimension) * spec.frequencies));
    if (has_grid)
        FPS_TRY(fps_spectrum_create(&m->spec, &m->spectrum));
    if (has_grid)
        FPS_TRY(fps_stages_set(m->stages, record, &task->loss, &m->spec, false));
    m->has_spectrum = true;
    return FPS_OK;
}

/* What the target's transform leaves to divide by; `size` is the target's root mean square: where no mode that is
 * recorded has any of it, all of them are noise. */
static void set_divisors(fps_measure *m, double size) {
    m->largest = 0;
    for (int64_t i = 0; i < m->coefficients; i++) {
        m->magnitude[i] = magnitude(m->f[i]);
        m->largest = fmax(m->largest, m->magnitude[i]);
    }
    if (m->largest < NOISE_FLOOR * size)
        m->largest = 0;
    for (int64_t i = 0; i < m->coefficients; i++)
        m->divisor[i] = m->magnitude[i] >= NOISE_FLOOR * m->largest && m->largest > 0 ? m->magnitude[i] : NAN;
}

/* Sums over the samples: transform of values[n], weighted. */
static fps_status transform_samples(fps_measure *m, const double *values, coefficient *out) {
    return fps_spectrum_nonuniform(&m->spec, m->problem.samples, m->problem.x, m->problem.weight, values, &m->pulse,
                                   out);
}

static fps_status set_target_on_grid(fps_measure *m) {
    const fps_problem_view *problem = &m->problem;
    int64_t count = problem->grid.count, padded = FPS_PADDED(count);
    if (m->stamp == problem->target_stamp)
        return FPS_OK;
    m->stamp = 0;
    if (padded > m->target_capacity) {
        fps_free(m->target);
        m->target_capacity = 0;
        FPS_TRY(FPS_ALLOC(m->target, padded));
        m->target_capacity = padded;
    }
    real *input = fps_spectrum_input(m->spectrum);
    for (int64_t g = 0; g < padded; g++)
        m->target[g] = (real)problem->target[g < count ? g : count - 1];
    memcpy(input, m->target, (size_t)count * sizeof *input);
    fps_spectrum_measure(m->spectrum, m->f);
    double square = 0;
    for (int64_t g = 0; g < count; g++)
        square += problem->target[g] * problem->target[g];
    set_divisors(m, sqrt(square / (double)count));
    m->stamp = problem->target_stamp;
    return FPS_OK;
}

static fps_status set_target_at_samples(fps_measure *m) {
    int64_t n = m->problem.samples;
    m->stamp = 0;
    if (n > m->values_capacity) {
        fps_free(m->values);
        m->values_capacity = 0;
        FPS_TRY(FPS_ALLOC(m->values, n));
        m->values_capacity = n;
    }
    FPS_TRY(transform_samples(m, m->problem.y, m->f));
    double square = 0; /* weights have sum 1 */
    for (int64_t i = 0; i < n; i++)
        square += m->problem.weight[i] * m->problem.y[i] * m->problem.y[i];
    set_divisors(m, sqrt(square));
    return FPS_OK;
}

static fps_status set_loss(fps_measure *m, const fps_choice *loss, const fps_points *grid) {
    if (m->loss && m->loss_choice.code == loss->code && m->loss_choice.argument[0] == loss->argument[0] &&
        fps_points_same_grid(&m->loss_grid, grid))
        return FPS_OK;
    fps_grid_loss_destroy(&m->loss);
    FPS_TRY(fps_grid_loss_create(loss, grid, &m->loss));
    m->loss_choice = *loss;
    m->loss_grid = *grid;
    return FPS_OK;
}

fps_status fps_measure_set(fps_measure *m, const fps_task *task, const fps_network_shape *shape,
                           const fps_record_spec *spec, const fps_problem_view *problem, fps_pace *pace,
                           fps_trajectory *trajectory) {
    m->problem = *problem;
    m->axes = problem->dimension;
    m->directions = fps_spectrum_directions(problem->dimension);
    m->output = NULL;
    m->has_noise = task->noise > 0;
    m->samples_are_grid = fps_points_are_samples(task);
    m->pulse = fps_pace_pulse(pace);
    FPS_TRY(set_spectrum(m, task, spec, problem->has_grid));
    if (problem->has_grid)
        FPS_TRY(set_loss(m, &task->loss, &problem->grid));
    FPS_TRY(problem->has_grid ? set_target_on_grid(m) : set_target_at_samples(m));
    fps_input_map map = fps_input_map_of(task);
    fps_points points =
        problem->has_grid ? problem->grid : fps_points_list(problem->dimension, problem->samples, problem->x);
    if (shape)
        FPS_TRY(fps_evaluator_set(m->evaluator, shape, &map, &points, pace));

    double *re = trajectory->value[FPS_RESULT_TARGET_RE], *im = trajectory->value[FPS_RESULT_TARGET_IM];
    for (int64_t i = 0; re && im && i < m->coefficients; i++) {
        re[i] = creal(m->f[i]);
        im[i] = cimag(m->f[i]);
    }
    double *on_grid = trajectory->value[FPS_RESULT_TARGET_ON_GRID];
    if (on_grid && problem->has_grid)
        memcpy(on_grid, problem->target, (size_t)problem->grid.count * sizeof *on_grid);
    return FPS_OK;
}

/* ---- measuring ---- */

/* Transform h - f on the grid; in d > 1 also h, because the radial direction is not linear. FPS_STOPPED. */
static fps_status transform_grid(fps_measure *m, const real *h) {
    int64_t count = m->problem.grid.count;
    real *input = fps_spectrum_input(m->spectrum);
    if (m->directions > m->axes) {
        memcpy(input, h, (size_t)count * sizeof *input);
        fps_spectrum_measure(m->spectrum, m->network);
        if (fps_pulse_beat(&m->pulse, FPS_PACE_PER_TRANSFORMED * (double)count))
            return FPS_STOPPED;
    }
    for (int64_t g = 0; g < count; g++)
        input[g] = h[g] - m->target[g];
    fps_spectrum_measure(m->spectrum, m->residual);
    return fps_pulse_beat(&m->pulse, FPS_PACE_PER_TRANSFORMED * (double)count) ? FPS_STOPPED : FPS_OK;
}

static fps_status transform_at_samples(fps_measure *m, const real *h) {
    int64_t n = m->problem.samples;
    if (m->directions > m->axes) {
        for (int64_t i = 0; i < n; i++)
            m->values[i] = (double)h[i];
        FPS_TRY(transform_samples(m, m->values, m->network));
    }
    for (int64_t i = 0; i < n; i++)
        m->values[i] = (double)h[i] - m->problem.y[i];
    return transform_samples(m, m->values, m->residual);
}

/* Row [R, K] of a result, NULL if it is not kept. */
static double *row_of(fps_trajectory *trajectory, fps_result result, int64_t record, int64_t length) {
    double *value = trajectory->value[result];
    return value ? value + record * length : NULL;
}

static void write_spectra(const fps_measure *m, fps_trajectory *trajectory, int64_t record) {
    int64_t count = m->coefficients, linear = (int64_t)m->axes * m->spec.frequencies;
    double *error = row_of(trajectory, FPS_RESULT_FREQUENCY_ERROR, record, count);
    double *amplitude = row_of(trajectory, FPS_RESULT_FREQUENCY_ERROR_AMPLITUDE, record, count);
    double *relative = row_of(trajectory, FPS_RESULT_RESIDUAL_RELATIVE, record, count);
    double largest = m->largest > 0 ? m->largest : NAN;
    for (int64_t i = 0; i < count; i++) {
        double r = magnitude(m->residual[i]), f = m->magnitude[i];
        double h = magnitude(i < linear ? m->residual[i] + m->f[i] : m->network[i]);
        error[i] = r / m->divisor[i];
        amplitude[i] = fabs(h - f) / (f + AMPLITUDE_OFFSET);
        relative[i] = r / largest;
    }
    double *re = row_of(trajectory, FPS_RESULT_RESIDUAL_RE, record, count);
    double *im = row_of(trajectory, FPS_RESULT_RESIDUAL_IM, record, count);
    for (int64_t i = 0; re && im && i < count; i++) {
        re[i] = creal(m->residual[i]);
        im[i] = cimag(m->residual[i]);
    }
}

static void write_function(const real *h, int64_t count, double *out) {
    for (int64_t g = 0; out && g < count; g++)
        out[g] = (double)h[g];
}

/* The network on the grid, and how it moves. */
static fps_status evaluate(fps_measure *m, const real *weights, const fps_heading *heading, fps_pace *pace,
                           const real *toutput[FPS_HEADINGS]) {
    static const real *const nowhere[FPS_HEADINGS];
    _Static_assert((int)FPS_HEADINGS == (int)FPS_EVALUATOR_TANGENTS, "as many tangents as headings");
    if (!heading || !m->samples_are_grid)
        return fps_evaluator_run_tangents(m->evaluator, weights,
                                          heading ? (const real *const *)heading->direction : nowhere, pace, &m->output,
                                          toutput);
    m->output = heading->output; /* the same in fps_measure_accept(): until then the weights there are the same */
    for (int k = 0; k < FPS_HEADINGS; k++)
        toutput[k] = heading->toutput[k];
    return FPS_OK;
}

/* What the residual's power is measured against: labels, where they are the target on the grid. */
static const real *target_of(const fps_measure *m, const real *label) {
    return m->samples_are_grid && !m->has_noise ? label : m->target;
}

/* Spectra and losses of m->output. */
static fps_status record_output(fps_measure *m, const real *f, const real *const *toutput, fps_pace *pace,
                                fps_trajectory *trajectory, int64_t record) {
    if (m->problem.has_grid) {
        int64_t count = m->problem.grid.count;
        trajectory->value[FPS_RESULT_TEST_LOSS][record] = fps_grid_loss_value(m->loss, m->output, m->target);
        if (toutput)
            FPS_TRY(fps_stages_record(m->stages, m->output, f, toutput, pace, trajectory, record));
        FPS_TRY(transform_grid(m, m->output));
        write_function(m->output, count, row_of(trajectory, FPS_RESULT_NETWORK_ON_GRID, record, count));
    } else {
        FPS_TRY(transform_at_samples(m, m->output));
    }
    write_spectra(m, trajectory, record);
    return FPS_OK;
}

fps_status fps_measure_record(fps_measure *m, const real *weights, const fps_heading *heading, fps_pace *pace,
                              fps_trajectory *trajectory, int64_t record) {
    const real *toutput[FPS_HEADINGS];
    m->pulse = fps_pace_pulse(pace);
    FPS_TRY(evaluate(m, weights, heading, pace, toutput));
    return record_output(m, heading ? target_of(m, heading->label) : m->target, toutput, pace, trajectory, record);
}

fps_status fps_measure_values(fps_measure *m, const real *values, fps_pace *pace, fps_trajectory *trajectory,
                              int64_t record) {
    m->pulse = fps_pace_pulse(pace);
    m->output = values;
    return record_output(m, m->target, NULL, pace, trajectory, record);
}

void fps_measure_accept(fps_measure *m, fps_trajectory *trajectory) {
    if (m->problem.has_grid)
        write_function(m->output, m->problem.grid.count, trajectory->value[FPS_RESULT_NETWORK_ON_GRID_FINAL]);
}

bool fps_measure_samples_are_grid(const fps_measure *m) {
    return m->samples_are_grid;
}

fps_status fps_measure_observe(fps_measure *m, const real *weights, fps_pace *pace) {
    const real *output;
    FPS_TRY(fps_evaluator_run(m->evaluator, weights, pace, &output));
    fps_stages_observe(m->stages, output, m->target, pace->step);
    return FPS_OK;
}

void fps_measure_observe_samples(fps_measure *m, const real *output, const real *label, int64_t step) {
    fps_stages_observe(m->stages, output, target_of(m, label), step);
}

double *fps_measure_variation(fps_measure *m, int64_t *count) {
    return fps_stages_variation(m->stages, count);
}
