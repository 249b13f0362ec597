/* warnings.c: what a user should read before running: settings that are allowed but seldom meant. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/activation.h"
#include "fpsweep/expression.h"
#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "sweep/hashset.h"
#include "sweep/internal.h"
#include "sweep/stability.h"

/* ---- symmetric functions ---- */

enum { POINTS = 64, MOST_EXPRESSIONS = 4096, DENSITY_POINTS = 1001 };

/* Which expressions are odd (sign -1) or even (+1), and which densities reach the ends of their domain: found by
 * evaluation, once per text and domain. */
typedef struct symmetry {
    fps_hashset looked_at, symmetric;
} symmetry;

/* Is f(-x) = sign f(x), to rounding, at points spread over the domain? */
static bool has_parity(const char *text, int dimension, const double domain[][2], double sign) {
    double point[FPS_MAX_DIMENSION], scale = 0, worst = 0;
    fps_expression *f = NULL;
    if (fps_expression_create_field(text, dimension, point, NULL, 0, &f, NULL) != FPS_OK)
        return false;
    bool finite = true;
    for (int i = 0; i < POINTS && finite; i++) {
        static const double step[FPS_MAX_DIMENSION] = {0.6180339887498949, 0.7548776662466927, 0.8191725133961645};
        double right, left;
        for (int axis = 0; axis < dimension; axis++)
            point[axis] = domain[axis][1] * (2 * fmod((i + 1) * step[axis], 1) - 1);
        finite = fps_expression_evaluate(f, &right) == FPS_OK;
        for (int axis = 0; axis < dimension; axis++)
            point[axis] = -point[axis];
        finite = finite && fps_expression_evaluate(f, &left) == FPS_OK;
        if (finite) {
            scale = fmax(scale, fmax(fabs(left), fabs(right)));
            worst = fmax(worst, fabs(left - sign * right));
        }
    }
    fps_expression_destroy(&f);
    return finite && worst <= 1e-12 * scale;
}

static bool is_symmetric(symmetry *known, const char *text, const fps_task *task, int dimension, double sign) {
    uint64_t key[9] = {XXH3_64bits(text, strlen(text)), (uint64_t)dimension, sign > 0};
    memcpy(key + 3, task->domain, sizeof task->domain);
    uint64_t hash = XXH3_64bits(key, sizeof key);
    bool is_new = false;
    if (known->looked_at.count >= MOST_EXPRESSIONS || fps_hashset_add(&known->looked_at, hash, &is_new) != FPS_OK)
        return false;
    if (is_new && has_parity(text, dimension, task->domain, sign))
        return fps_hashset_add(&known->symmetric, hash, &is_new) == FPS_OK;
    return fps_hashset_has(&known->symmetric, hash);
}

static bool has_symmetric_samples(symmetry *known, const fps_task *t) {
    for (int64_t axis = 0; axis < t->dimension; axis++)
        if (t->domain[axis][0] != -t->domain[axis][1])
            return false;
    if (t->sampling.code == FPS_SAMPLING_GRID || t->sampling.code == FPS_SAMPLING_MIDPOINT)
        return true;
    if (t->sampling.code != FPS_SAMPLING_QUANTILE && t->sampling.code != FPS_SAMPLING_POPULATION)
        return false;
    const fps_choice *d = &t->density;
    return d->code == FPS_DENSITY_UNIFORM || (d->code == FPS_DENSITY_NORMAL && d->argument[0] == 0) ||
           (d->code == FPS_DENSITY_BETA && d->argument[0] == d->argument[1]) ||
           (d->code == FPS_DENSITY_EXPRESSION && is_symmetric(known, d->text, t, 1, 1));
}

/* ---- the warnings ---- */

/* Everything odd: the output stays odd, and what the biases' gradients hold is rounding alone. */
static bool is_odd_throughout(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    (void)record;
    return t->target.code == FPS_TARGET_EXPRESSION && t->depth > 0 && t->decay_rate < 0 && t->noise == 0 &&
           t->bias.code != FPS_BIAS_NONE && t->bias_initializer.code == FPS_BIAS_INITIALIZER_ZERO &&
           fps_activation_is_odd((fps_activation)t->activation.code) && has_symmetric_samples(known, t) &&
           is_symmetric(known, t->target.text, t, (int)t->dimension, -1);
}

static bool leaves_closed_form(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    (void)known, (void)record;
    return t->depth == 0 && t->decay_rate >= 0 &&
           (t->bias.code == FPS_BIAS_ALL || t->initializer.code != FPS_INITIALIZER_ZERO);
}

/* stable(c) is c times the limit of plain gradient descent. */
static bool asks_beyond_stable(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    (void)known, (void)record;
    return t->learning_rate.code == FPS_RATE_STABLE && t->learning_rate.argument[0] > 1 &&
           t->optimizer.code == FPS_OPTIMIZER_GD && t->loss.code == FPS_LOSS_MSE;
}

/* Half-widths of 12 standard deviations leave a normal density exp(-72) of its largest value. One that falls off like a
 * power has a kink at the ends instead of a jump: those of low order are told from the rest a little way inside. */
#define NEGLIGIBLE 1e-31
#define NEGLIGIBLE_INSIDE 1e-12
#define WAY_INSIDE 0.01 /* of the side */

/* Does the density along some axis reach the ends of the domain with more than that of its largest value? */
static bool reaches_ends(const fps_task *t) {
    bool reaches = false;
    for (int64_t axis = 0; axis < t->dimension && !reaches; axis++) {
        const double low = t->domain[axis][0], high = t->domain[axis][1];
        fps_density *density = NULL;
        if (fps_density_create(&t->density, low, high, &density) != FPS_OK)
            return false;
        const double inside = WAY_INSIDE * (high - low);
        double largest = 0, end = fmax(fps_density_value(density, low), fps_density_value(density, high));
        double near = fmax(fps_density_value(density, low + inside), fps_density_value(density, high - inside));
        for (int64_t i = 0; i < DENSITY_POINTS; i++)
            largest = fmax(largest, fps_density_value(density, fps_sampling_midpoint(low, high, i, DENSITY_POINTS)));
        reaches = !(end <= NEGLIGIBLE * largest && near <= NEGLIGIBLE_INSIDE * largest);
        fps_density_destroy(&density);
    }
    return reaches;
}

/* The same, looked at once per density and domain. */
static bool has_ends(symmetry *known, const fps_task *t) {
    uint64_t key[12] = {UINT64_MAX, (uint64_t)t->density.code, (uint64_t)t->dimension,
                        t->density.text ? XXH3_64bits(t->density.text, strlen(t->density.text)) : 0};
    memcpy(key + 4, t->density.argument, sizeof t->density.argument);
    memcpy(key + 6, t->domain, sizeof t->domain);
    uint64_t hash = XXH3_64bits(key, sizeof key);
    bool is_new = false;
    if (known->looked_at.count >= MOST_EXPRESSIONS || fps_hashset_add(&known->looked_at, hash, &is_new) != FPS_OK)
        return false;
    if (is_new && reaches_ends(t))
        return fps_hashset_add(&known->symmetric, hash, &is_new) == FPS_OK;
    return fps_hashset_has(&known->symmetric, hash);
}

/* Features whose period divides the domain make the network periodic. */
static bool is_periodic(const fps_task *t) {
    bool periodic = t->decay_rate >= 0;
    for (int64_t axis = 0; periodic && axis < t->dimension; axis++) {
        double periods = (t->domain[axis][1] - t->domain[axis][0]) * t->frequency_step;
        periodic = periods > 0.5 && fabs(periods - nearbyint(periods)) <= 1e-9 * periods;
    }
    return periodic;
}

/* What is split by frequency jumps from one end of the domain to the other. */
static bool leaks(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    if (!(record->keep & FPS_KEEP_SPLIT) || t->target.code != FPS_TARGET_EXPRESSION || is_periodic(t))
        return false;
    return t->window.code == FPS_WINDOW_NONE || (t->window.code == FPS_WINDOW_DENSITY && has_ends(known, t));
}

static bool is_not_resolved(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    (void)known;
    return !fps_thresholds_resolved(record, t);
}

/* n evenly spaced samples, s to a period of the whole side, see a mode k > s/2 as the lower mode s - k; of k = s/2 they
 * see one phase. The ends that a grid includes are one point of a periodic function: s = n - 1 there. Derivatives
 * (sobolev) tell modes apart that values do not; features of a linear model need not reach the modes recorded. */
static bool sees_too_few(symmetry *known, const fps_task *t, const fps_record_spec *record) {
    (void)known;
    if (t->model.code != FPS_MODEL_NETWORK || t->dimension != 1 || t->target.code != FPS_TARGET_EXPRESSION ||
        t->decay_rate >= 0 || t->loss.code == FPS_LOSS_SOBOLEV)
        return false;
    const bool even = t->sampling.code == FPS_SAMPLING_GRID || t->sampling.code == FPS_SAMPLING_MIDPOINT ||
                      (t->sampling.code == FPS_SAMPLING_QUANTILE && t->density.code == FPS_DENSITY_UNIFORM);
    return even && t->samples <= 2 * (int64_t)record->mode[record->frequencies - 1];
}

static const struct {
    bool (*concerns)(symmetry *known, const fps_task *task, const fps_record_spec *record);
    const char *sentence;
} kinds[] = {
    {is_odd_throughout,
     "an odd activation, an odd target, symmetric samples and zero biases meet: gradients of biases are "
     "then pure rounding, which adam and rmsprop amplify; use random biases or an off-centre domain"},
    {leaves_closed_form,
     "depth 0 with a decay_rate, but with biases or non-zero initial weights: this leaves the closed "
     "form of the linear frequency principle model"},
    {asks_beyond_stable, "learning_rate stable(c) with c > 1: gradient descent grows from the start along at least one "
                         "direction"},
    {leaks,
     "keep: stages, variation or update, but the window does not vanish at the ends of the domain: the jump there "
     "leaks into all frequencies; take window density with a density that falls off within the domain, such as a "
     "normal one with ends 12 standard deviations away"},
    {is_not_resolved,
     "thresholds reach beyond a fifth of the grid's highest frequency: sums from there on miss much of "
     "the spectrum; raise grid_points"},
    {sees_too_few, "at most 2 samples per period of the highest recorded mode: they cannot tell it from a lower one; "
                   "raise samples or record fewer frequencies"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

void fps_plan_warnings(const fps_plan *plan, void (*each)(void *context, const char *sentence), void *context) {
    symmetry known = {0};
    int64_t concerned[KINDS] = {0};
    fps_task task;
    for (int64_t i = 0; i < plan->tasks.count; i++) {
        fps_plan_task(plan, i, &task);
        for (int k = 0; k < KINDS; k++)
            concerned[k] += kinds[k].concerns(&known, &task, &plan->record);
    }
    for (int k = 0; k < KINDS; k++)
        if (concerned[k] > 0) {
            char sentence[400];
            snprintf(sentence, sizeof sentence, "%lld task%s: %s", (long long)concerned[k],
                     concerned[k] == 1 ? "" : "s", kinds[k].sentence);
            each(context, sentence);
        }
    fps_hashset_release(&known.looked_at);
    fps_hashset_release(&known.symmetric);
    char sentence[600];
    fps_stability_describe(plan, sentence, sizeof sentence);
    if (sentence[0] != '\0')
        each(context, sentence);
}
