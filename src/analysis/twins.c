/* twins.c: ladders from trained networks, and the same problems solved. */
#include "fpsweep/twins.h"

#include <math.h>
#include <string.h>

#include "analysis/distinct.h"
#include "experiment/direct_geometry.h"
#include "fpsweep/initializer.h"
#include "fpsweep/lattice.h"
#include "fpsweep/memory.h"
#include "fpsweep/trainer.h"

static const double PI = 3.14159265358979323846;

/* What is read before anything is derived. Legend: A decay rates, S data sets, R rungs, n samples, d dimension. */
typedef struct material {
    fps_reader *reader;
    const fps_row *row;
    const fps_grouping *grouping;
    int64_t g, tasks, n;
    int d;
    double *seed;       /* seed[S], increasing */
    double *x, *y;      /* x[S, n, d], y[S, n]; NAN where no task is done */
    double *multiplier; /* [A, S, R, n], NAN likewise */
    double *buffer;     /* one task's numbers of all records */
} material;

static void release(material *m) {
    fps_free(m->seed);
    fps_free(m->x);
    fps_free(m->y);
    fps_free(m->multiplier);
    fps_free(m->buffer);
}

bool fps_twins_has(const fps_plan *plan, const bool *selected) {
    int64_t limit[3];
    int limits = 0;
    const unsigned keep = fps_plan_record(plan)->keep;
    if ((keep & FPS_ONLY_DIRECT) || !(keep & FPS_KEEP_MULTIPLIERS))
        return false;
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        if (selected && !selected[i])
            continue;
        fps_task task;
        fps_plan_task(plan, i, &task);
        if (task.depth != 0 || !(task.decay_rate > 0) || task.bias.code != FPS_BIAS_NONE ||
            task.initializer.code != FPS_INITIALIZER_ZERO)
            return false;
        int known = 0;
        while (known < limits && limit[known] != task.band_limit)
            known++;
        if (known == limits && limits < 3)
            limit[limits++] = task.band_limit;
    }
    return limits == 3;
}

/* ---- axes ---- */

/* List decay rates, data sets and band limits of the group, and make room for its numbers. */
static fps_status list_axes(material *m, double *alpha, double *limit, fps_twins *out) {
    fps_task task;
    fps_ladders *l = &out->trained;
    for (int64_t j = 0; j < m->tasks; j++) {
        fps_plan_task(m->grouping->plan, fps_grouping_task(m->grouping, m->g, j), &task);
        alpha[j] = task.decay_rate;
        m->seed[j] = (double)task.data_seed; /* exact */
        limit[j] = (double)task.band_limit;
    }
    l->dimension = m->d = (int)task.dimension;
    l->frequency_step = task.frequency_step;
    l->samples = m->n = task.dataset ? task.dataset->samples : task.samples;
    l->alphas = fps_distinct_sort(alpha, m->tasks);
    l->data_sets = fps_distinct_sort(m->seed, m->tasks);
    l->rungs = (int)fps_distinct_sort(limit, m->tasks);
    out->solved = *l;
    FPS_TRY(fps_ladders_reserve(l));
    FPS_TRY(fps_ladders_reserve(&out->solved));
    for (int which = 0; which < 2; which++) {
        fps_ladders *to = which ? &out->solved : l;
        memcpy(to->alpha, alpha, (size_t)l->alphas * sizeof *alpha);
        for (int k = 0; k < l->rungs; k++)
            to->band_limit[k] = (int64_t)limit[k];
    }
    int64_t points = l->data_sets * m->n * m->d, labels = l->data_sets * m->n;
    int64_t multipliers = l->alphas * l->data_sets * l->rungs * m->n;
    FPS_TRY(FPS_ALLOC(m->x, points));
    FPS_TRY(FPS_ALLOC(m->y, labels));
    FPS_TRY(FPS_ALLOC(m->multiplier, multipliers));
    for (int64_t i = 0; i < points; i++)
        m->x[i] = NAN;
    for (int64_t i = 0; i < labels; i++)
        m->y[i] = NAN;
    for (int64_t i = 0; i < multipliers; i++)
        m->multiplier[i] = NAN;
    return FPS_OK;
}

/* ---- reading ---- */

static double *multiplier_at(const material *m, const fps_ladders *l, int64_t a, int64_t s, int k) {
    return m->multiplier + fps_ladders_at(l, a, s, k) * m->n;
}

/* Take the end of the done task i in. */
static fps_status take(material *m, int64_t i, const fps_task *task, fps_twins *out) {
    fps_ladders *l = &out->trained;
    const double limit = (double)task->band_limit;
    const int64_t last = m->row[i].records - 1, a = fps_distinct_place(l->alpha, l->alphas, task->decay_rate);
    const int64_t s = fps_distinct_place(m->seed, l->data_sets, (double)task->data_seed);
    int k = 0;
    while ((double)l->band_limit[k] != limit)
        k++;
    fps_extent extent;
    fps_task_extent(task, fps_plan_record(m->grouping->plan), &extent);
    FPS_TRY(FPS_ALLOC(m->buffer, extent.size[FPS_RECORD] * (m->n > 1 ? m->n : 1)));
    FPS_TRY(fps_reader_result(m->reader, i, FPS_RESULT_TRAINING_LOSS, m->buffer));
    out->residual = fmax(out->residual, sqrt(m->buffer[last] / m->buffer[0]));
    FPS_TRY(fps_reader_result(m->reader, i, FPS_RESULT_ENERGY, m->buffer));
    l->value[FPS_LADDERS_ENERGY][fps_ladders_at(l, a, s, k)] = m->buffer[last];
    FPS_TRY(fps_reader_result(m->reader, i, FPS_RESULT_MULTIPLIER, m->buffer));
    memcpy(multiplier_at(m, l, a, s, k), m->buffer + last * m->n, (size_t)m->n * sizeof *m->buffer);
    FPS_TRY(fps_reader_result(m->reader, i, FPS_RESULT_SAMPLE_X, m->x + s * m->n * m->d));
    FPS_TRY(fps_reader_result(m->reader, i, FPS_RESULT_SAMPLE_Y, m->y + s * m->n));
    fps_free(m->buffer);
    m->buffer = NULL;
    return FPS_OK;
}

static fps_status take_all(material *m, fps_twins *out) {
    for (int64_t j = 0; j < m->tasks; j++) {
        int64_t i = fps_grouping_task(m->grouping, m->g, j);
        fps_task task;
        out->trained.outcome[m->row[i].outcome]++;
        if (m->row[i].outcome != FPS_DONE || m->row[i].records < 1)
            continue;
        fps_plan_task(m->grouping->plan, i, &task);
        FPS_TRY(take(m, i, &task, out));
    }
    return FPS_OK;
}

/* ---- drops of the energy between trained rungs ---- */

/* lambda^T dK mu over the pairs of samples. */
static double form(const double *lambda, const double *shell, const double *mu, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double row = 0;
        for (int64_t j = 0; j < n; j++)
            row += shell[fps_geometry_pair(i, j)] * mu[j];
        sum += lambda[i] * row;
    }
    return sum;
}

static double dot(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* All decay rates of data set s, from the shells of its lattice. One point's D would be its shell alone, whatever was
 * trained: there the drop is that of the weights' squared norms, which costs a few digits of many. */
static fps_status derive_drops(const material *m, fps_lattice *lattice, int64_t s, double *shell, fps_ladders *l) {
    const int64_t pairs = fps_geometry_pairs(m->n);
    const double distance = fps_geometry_smallest(m->d, m->n, m->x + s * m->n * m->d, 1 / l->frequency_step);
    for (int64_t a = 0; a < l->alphas; a++) {
        FPS_TRY(fps_lattice_shells(lattice, l->alpha[a], shell));
        for (int k = 0; k < l->rungs; k++) {
            const int64_t at = fps_ladders_at(l, a, s, k);
            const double *lambda = multiplier_at(m, l, a, s, k);
            if (!isnan(lambda[0]))
                l->value[FPS_LADDERS_RESOLUTION][at] =
                    2 * PI * ((double)l->band_limit[k] + 0.5) * l->frequency_step * distance;
            if (k + 1 == l->rungs)
                continue;
            const double *next = multiplier_at(m, l, a, s, k + 1);
            const double *energy = l->value[FPS_LADDERS_ENERGY] + at;
            l->value[FPS_LADDERS_ENERGY_DROP][at] =
                m->n == 1 ? energy[0] - energy[1] : form(lambda, shell + (k + 1) * pairs, next, m->n);
            l->value[FPS_LADDERS_MULTIPLIER_PRODUCT][at] = dot(lambda, next, m->n);
        }
    }
    return FPS_OK;
}

static fps_status derive_data_set(const material *m, int64_t s, double *displacement, double *shell, fps_ladders *l) {
    const double *x = m->x + s * m->n * m->d;
    fps_lattice *lattice = NULL;
    if (isnan(x[0]))
        return FPS_OK;
    fps_geometry_displacements(m->d, m->n, x, displacement);
    const fps_lattice_spec spec = {.dimension = m->d,
                                   .frequency_step = l->frequency_step,
                                   .rungs = l->rungs,
                                   .band_limit = l->band_limit,
                                   .displacements = fps_geometry_pairs(m->n),
                                   .displacement = displacement};
    FPS_TRY(fps_lattice_create(&spec, &lattice));
    fps_status status = derive_drops(m, lattice, s, shell, l);
    fps_lattice_destroy(&lattice);
    return status;
}

static fps_status derive(const material *m, fps_ladders *l) {
    const int64_t pairs = fps_geometry_pairs(m->n);
    double *displacement = NULL, *shell = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(displacement, pairs * m->d), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(shell, pairs * l->rungs), done);
    for (int64_t s = 0; status == FPS_OK && s < l->data_sets; s++)
        status = derive_data_set(m, s, displacement, shell, l);
done:
    fps_free(shell);
    fps_free(displacement);
    return status;
}

/* ---- the solved twin ---- */

/* Solve for one decay rate and data set, on the points as they are stored. */
static fps_status solve_one(fps_trainer *trainer, const material *m, int64_t a, int64_t s, fps_trajectory *trajectory,
                            fps_ladders *l) {
    static const fps_result result_of[FPS_LADDERS_COUNT] = {
#define X(NAME) [FPS_LADDERS_##NAME] = FPS_RESULT_##NAME,
        FPS_LADDERS_LIST(X)
#undef X
    };
    const fps_dataset data = {.samples = m->n, .dimension = m->d, .x = m->x + s * m->n * m->d, .y = m->y + s * m->n};
    const fps_record_spec spec = {.keep = FPS_ONLY_DIRECT, .rungs = l->rungs, .ladder = l->band_limit};
    fps_task task;
    if (isnan(data.x[0]))
        return FPS_OK;
    fps_plan_task(m->grouping->plan, fps_grouping_task(m->grouping, m->g, 0), &task);
    task.model.code = FPS_MODEL_DIRECT;
    task.target = (fps_choice){.code = FPS_TARGET_DATA};
    task.precision.code = FPS_DOUBLE; /* the points as they are */
    task.noise = 0;
    task.dataset = &data;
    task.decay_rate = l->alpha[a];
    FPS_TRY(fps_trainer_run(trainer, &task, &spec, NULL, trajectory));
    l->outcome[trajectory->outcome]++;
    for (int v = 0; trajectory->outcome == FPS_DONE && v < FPS_LADDERS_COUNT; v++)
        if (trajectory->value[result_of[v]])
            memcpy(l->value[v] + fps_ladders_at(l, a, s, 0), trajectory->value[result_of[v]],
                   (size_t)l->rungs * sizeof **l->value);
    return FPS_OK;
}

/* Data set by data set, so that the solver keeps its tables. */
static fps_status solve(const material *m, fps_ladders *l) {
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {.records = 0};
    FPS_TRY(fps_trainer_create(&trainer));
    fps_status status = FPS_OK;
    for (int64_t s = 0; s < l->data_sets; s++)
        for (int64_t a = 0; status == FPS_OK && a < l->alphas; a++)
            status = solve_one(trainer, m, a, s, &trajectory, l);
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    return status;
}

static double relative(double trained, double solved) {
    return fabs(trained / solved - 1);
}

static void compare(fps_twins *out) {
    double *const *t = out->trained.value, *const *s = out->solved.value;
    const fps_ladders *l = &out->trained;
    out->energy = out->drop = NAN;
    for (int64_t i = 0; i < l->alphas * l->data_sets * l->rungs; i++) {
        double trained = t[FPS_LADDERS_ENERGY_DROP][i] / t[FPS_LADDERS_MULTIPLIER_PRODUCT][i];
        double solved = s[FPS_LADDERS_ENERGY_DROP][i] / s[FPS_LADDERS_MULTIPLIER_PRODUCT][i];
        out->energy = fmax(out->energy, relative(t[FPS_LADDERS_ENERGY][i], s[FPS_LADDERS_ENERGY][i]));
        out->drop = fmax(out->drop, relative(trained, solved)); /* fmax passes NAN over */
    }
}

fps_status fps_twins_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                          fps_twins *out) {
    double *alpha = NULL, *limit = NULL;
    material m = {.reader = reader, .row = rows, .grouping = grouping, .g = g, .tasks = fps_grouping_size(grouping, g)};
    fps_status status;
    *out = (fps_twins){.residual = NAN};
    FPS_TRY_GOTO(status, FPS_ALLOC(alpha, m.tasks), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(limit, m.tasks), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(m.seed, m.tasks), done);
    FPS_TRY_GOTO(status, list_axes(&m, alpha, limit, out), done);
    FPS_TRY_GOTO(status, take_all(&m, out), done);
    FPS_TRY_GOTO(status, derive(&m, &out->trained), done);
    FPS_TRY_GOTO(status, solve(&m, &out->solved), done);
    compare(out);
done:
    fps_free(limit);
    fps_free(alpha);
    release(&m);
    if (status != FPS_OK)
        fps_twins_release(out);
    return status;
}

void fps_twins_release(fps_twins *twins) {
    fps_ladders_release(&twins->solved);
    fps_ladders_release(&twins->trained);
}
