/* retention.c: the share of the target that trained networks have, and where in the decay rate it stops falling. */
#include "fpsweep/retention.h"

#include <math.h>
#include <string.h>

#include "analysis/distinct.h"
#include "fpsweep/critical.h"
#include "fpsweep/memory.h"

/* Thetas known worse than this do not enter the line. */
static const double WORST_THETA = 1;

bool fps_retention_has(const fps_plan *plan, const bool *selected) {
    enum { ENOUGH = 3 };
    double alpha[ENOUGH], limit[ENOUGH];
    int alphas = 0, limits = 0;
    const unsigned keep = fps_plan_record(plan)->keep;
    if ((keep & FPS_ONLY_DIRECT) || !(keep & FPS_KEEP_SPECTRUM))
        return false;
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        if (selected && !selected[i])
            continue;
        fps_plan_task(plan, i, &task);
        if (!(task.decay_rate > 0) || task.target.code != FPS_TARGET_EXPRESSION)
            return false;
        int known = 0;
        while (known < alphas && alpha[known] != task.decay_rate)
            known++;
        if (known == alphas && alphas < ENOUGH)
            alpha[alphas++] = task.decay_rate;
        for (known = 0; known < limits && limit[known] != (double)task.band_limit;)
            known++;
        if (known == limits && limits < ENOUGH)
            limit[limits++] = (double)task.band_limit;
    }
    return alphas == ENOUGH && limits == ENOUGH;
}

/* ---- axes ---- */

/* What tells the seeds apart: the coordinates of all factors made of seeds, in one number. */
static double seed_of(const fps_plan *plan, int64_t i) {
    int64_t key = 0; /* combinations are at most FPS_PLAN_LIMIT: exact */
    for (int f = 0; f < fps_plan_factors(plan); f++)
        if (fps_grouping_is_seed(plan, f))
            key = key * fps_plan_factor_at(plan, f).count + fps_plan_coordinate(plan, i, f);
    return (double)key;
}

typedef struct axes {
    double *alpha, *limit, *seed;
} axes;

static fps_status list_axes(const fps_grouping *grouping, int64_t g, axes *x, fps_retention *out) {
    const int64_t tasks = fps_grouping_size(grouping, g);
    fps_task task;
    FPS_TRY(FPS_ALLOC(x->alpha, tasks));
    FPS_TRY(FPS_ALLOC(x->limit, tasks));
    FPS_TRY(FPS_ALLOC(x->seed, tasks));
    for (int64_t j = 0; j < tasks; j++) {
        const int64_t i = fps_grouping_task(grouping, g, j);
        fps_plan_task(grouping->plan, i, &task);
        x->alpha[j] = task.decay_rate;
        x->limit[j] = (double)task.band_limit;
        x->seed[j] = seed_of(grouping->plan, i);
    }
    out->dimension = (int)task.dimension;
    out->alphas = fps_distinct_sort(x->alpha, tasks);
    out->seeds = fps_distinct_sort(x->seed, tasks);
    out->rungs = (int)fps_distinct_sort(x->limit, tasks);
    out->triples = out->rungs > 2 ? out->rungs - 2 : 0;
    int64_t cells = out->alphas * out->seeds * out->rungs;
    FPS_TRY(FPS_ALLOC(out->alpha, out->alphas));
    FPS_TRY(FPS_ALLOC(out->band_limit, out->rungs));
    FPS_TRY(FPS_ALLOC(out->share, cells));
    FPS_TRY(FPS_ALLOC(out->mean, out->rungs * out->alphas));
    FPS_TRY(FPS_ALLOC(out->theta, out->triples * out->alphas));
    FPS_TRY(FPS_ALLOC(out->alpha_c, out->triples));
    memcpy(out->alpha, x->alpha, (size_t)out->alphas * sizeof *x->alpha);
    for (int k = 0; k < out->rungs; k++)
        out->band_limit[k] = (int64_t)x->limit[k];
    for (int64_t i = 0; i < cells; i++)
        out->share[i] = NAN;
    return FPS_OK;
}

/* ---- reading ---- */

static double *share_at(const fps_retention *r, int64_t a, int64_t s, int k) {
    return r->share + (a * r->seeds + s) * r->rungs + k;
}

/* V of task i at its last record. */
static fps_status read_share(fps_reader *reader, int64_t i, const fps_task *task, int64_t last, double *share,
                             double *loss) {
    const fps_record_spec *spec = fps_plan_record(fps_reader_plan(reader));
    fps_extent extent;
    double *target = NULL, *residual = NULL, *losses = NULL;
    fps_status status;
    fps_task_extent(task, spec, &extent);
    const int64_t modes = extent.size[FPS_FREQUENCY], row = extent.size[FPS_DIRECTION] * modes;
    double power = 0, product = 0;
    FPS_TRY_GOTO(status, FPS_ALLOC(target, row), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(residual, row * extent.size[FPS_RECORD]), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(losses, extent.size[FPS_RECORD]), done);
    for (int part = 0; part < 2; part++) {
        FPS_TRY_GOTO(status, fps_reader_result(reader, i, part ? FPS_RESULT_TARGET_IM : FPS_RESULT_TARGET_RE, target),
                     done);
        FPS_TRY_GOTO(status,
                     fps_reader_result(reader, i, part ? FPS_RESULT_RESIDUAL_IM : FPS_RESULT_RESIDUAL_RE, residual),
                     done);
        for (int64_t k = 0; k < modes; k++) {
            power += target[k] * target[k];
            product += residual[last * row + k] * target[k];
        }
    }
    FPS_TRY_GOTO(status, fps_reader_result(reader, i, FPS_RESULT_TRAINING_LOSS, losses), done);
    *share = 1 + product / power;
    *loss = fmax(*loss, losses[last] / losses[0]);
done:
    fps_free(losses);
    fps_free(residual);
    fps_free(target);
    return status;
}

static fps_status read_all(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                           const axes *x, fps_retention *out) {
    for (int64_t j = 0; j < fps_grouping_size(grouping, g); j++) {
        int64_t i = fps_grouping_task(grouping, g, j);
        fps_task task;
        out->outcome[rows[i].outcome]++;
        if (rows[i].outcome != FPS_DONE || rows[i].records < 1)
            continue;
        fps_plan_task(grouping->plan, i, &task);
        double *share = share_at(out, fps_distinct_place(x->alpha, out->alphas, task.decay_rate),
                                 fps_distinct_place(x->seed, out->seeds, seed_of(grouping->plan, i)),
                                 (int)fps_distinct_place(x->limit, out->rungs, (double)task.band_limit));
        FPS_TRY(read_share(reader, i, &task, rows[i].records - 1, share, &out->loss));
    }
    return FPS_OK;
}

/* ---- deriving ---- */

/* Which seeds have everything. */
static void find_complete(fps_retention *r, bool *complete) {
    for (int64_t s = 0; s < r->seeds; s++) {
        complete[s] = true;
        for (int64_t a = 0; a < r->alphas; a++)
            for (int k = 0; k < r->rungs; k++)
                complete[s] = complete[s] && !isnan(*share_at(r, a, s, k));
        r->complete += complete[s];
    }
}

/* Mean of V over the complete seeds but `without` (-1: all). */
static double mean_of(const fps_retention *r, const bool *complete, int64_t a, int k, int64_t without) {
    double sum = 0, n = 0;
    for (int64_t s = 0; s < r->seeds; s++)
        if (complete[s] && s != without) {
            sum += *share_at(r, a, s, k);
            n++;
        }
    return sum / n;
}

static double theta_of(const fps_retention *r, const bool *complete, int64_t a, int triple, int64_t without) {
    double inverse[3];
    for (int i = 0; i < 3; i++) {
        double v = mean_of(r, complete, a, triple + i, without);
        inverse[i] = v > 0 ? 1 / v : NAN;
    }
    return fps_critical_theta(r->band_limit + triple, (double[]){inverse[1] - inverse[0], inverse[2] - inverse[1]});
}

/* Half-width of the 95 % interval from `n` values, each without one seed; NAN if any is missing. */
static double jackknife(const double *value, int64_t n) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (value[i] - mean) * (value[i] - mean);
    return fps_analysis_student(n - 1) * sqrt(square * (double)(n - 1) / (double)n);
}

/* Zero of the line through (alpha, theta), weighted by the uncertainties in `of`; NAN if it falls outside the decay
 * rates that take part, rises, or has fewer than three. */
static double zero_of(const fps_retention *r, const fps_estimate *of, const double *theta) {
    double w = 0, x = 0, y = 0, xx = 0, xy = 0, low = INFINITY, high = -INFINITY;
    int count = 0;
    for (int64_t a = 0; a < r->alphas; a++) {
        if (!(of[a].uncertainty < WORST_THETA) || isnan(theta[a]))
            continue;
        double weight = 1 / fmax(of[a].uncertainty * of[a].uncertainty, 1e-12), alpha = r->alpha[a];
        w += weight;
        x += weight * alpha;
        y += weight * theta[a];
        xx += weight * alpha * alpha;
        xy += weight * alpha * theta[a];
        low = fmin(low, alpha);
        high = fmax(high, alpha);
        count++;
    }
    double slope = (w * xy - x * y) / (w * xx - x * x), zero = (x - y / slope) / w;
    return count >= 3 && slope < 0 && zero >= low && zero <= high ? zero : NAN;
}

/* scratch[seeds, A + 1] */
static void derive_triple(fps_retention *r, const bool *complete, int triple, double *scratch) {
    fps_estimate *theta = r->theta + triple * r->alphas;
    double *left_out = scratch, *line = scratch + r->seeds * r->alphas;
    const int64_t n = r->complete;
    for (int64_t a = 0; a < r->alphas; a++) {
        int64_t replica = 0;
        for (int64_t s = 0; s < r->seeds; s++)
            if (complete[s])
                left_out[a * n + replica++] = theta_of(r, complete, a, triple, s);
        theta[a] = (fps_estimate){theta_of(r, complete, a, triple, -1), jackknife(left_out + a * n, n), n};
        if (isnan(theta[a].uncertainty))
            theta[a].value = NAN;
    }
    double zeros_mean = 0, *zero = line, *one = line + n;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t a = 0; a < r->alphas; a++)
            one[a] = left_out[a * n + i];
        zero[i] = zero_of(r, theta, one);
        zeros_mean += zero[i];
    }
    for (int64_t a = 0; a < r->alphas; a++)
        one[a] = theta[a].value;
    double u = jackknife(zero, n);
    r->alpha_c[triple] = (fps_estimate){isnan(zeros_mean) || isnan(u) ? NAN : zero_of(r, theta, one), u, n};
}

static fps_status derive(fps_retention *r) {
    bool *complete = NULL;
    double *scratch = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(complete, r->seeds), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(scratch, r->seeds * (r->alphas + 1) + r->alphas), done);
    find_complete(r, complete);
    for (int k = 0; k < r->rungs; k++)
        for (int64_t a = 0; a < r->alphas; a++) {
            int64_t n = 0;
            for (int64_t s = 0; s < r->seeds; s++)
                if (complete[s])
                    scratch[n++] = *share_at(r, a, s, k);
            r->mean[k * r->alphas + a] = fps_analysis_mean(scratch, n);
        }
    for (int k = 0; k < r->triples; k++)
        derive_triple(r, complete, k, scratch);
done:
    fps_free(scratch);
    fps_free(complete);
    return status;
}

fps_status fps_retention_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                              fps_retention *out) {
    axes x = {0};
    fps_status status;
    *out = (fps_retention){.loss = NAN};
    FPS_TRY_GOTO(status, list_axes(grouping, g, &x, out), done);
    FPS_TRY_GOTO(status, read_all(reader, rows, grouping, g, &x, out), done);
    status = derive(out);
done:
    fps_free(x.seed);
    fps_free(x.limit);
    fps_free(x.alpha);
    if (status != FPS_OK)
        fps_retention_release(out);
    return status;
}

void fps_retention_release(fps_retention *r) {
    fps_free(r->alpha_c);
    fps_free(r->theta);
    fps_free(r->mean);
    fps_free(r->share);
    fps_free(r->band_limit);
    fps_free(r->alpha);
    *r = (fps_retention){0};
}
