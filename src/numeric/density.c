/* density.c: densities along one axis; uniform and normal stand here, beta and expressions in files of their own. */
#include <math.h>

#include "fpsweep/memory.h"
#include "numeric/density_kinds.h"

struct fps_density {
    const fps_density_shape *shape;
    double low, high;
    void *state;
};

/* ---- uniform ---------------------------------------------------------------------------------------------------- */

static fps_status uniform_create(const fps_choice *choice, double low, double high, void **state) {
    (void)choice, (void)low, (void)high, (void)state;
    return FPS_OK;
}

static double uniform_value(const void *state, double low, double high, double x) {
    (void)state, (void)x;
    return 1 / (high - low);
}

static double uniform_quantile(const void *state, double low, double high, double p, double q) {
    (void)state;
    return q * low + p * high;
}

const fps_density_shape fps_density_uniform = {uniform_create, fps_free, uniform_value, uniform_quantile};

/* ---- normal, cut to the domain ---------------------------------------------------------------------------------- */

typedef struct normal {
    double mean, sd;
    double mass; /* of the uncut normal within the domain */
} normal;

/* Probability of the uncut standard normal in [a, b], relative accuracy also in the tails. */
static double normal_mass(double a, double b) {
    if (a > 0)
        return 0.5 * (erfc(a * M_SQRT1_2) - erfc(b * M_SQRT1_2));
    if (b < 0)
        return 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2));
    return 0.5 * (erf(b * M_SQRT1_2) - erf(a * M_SQRT1_2));
}

static fps_status normal_create(const fps_choice *choice, double low, double high, void **state) {
    normal *n;
    FPS_TRY(FPS_ALLOC(n, 1));
    *n = (normal){.mean = choice->argument[0], .sd = choice->argument[1]};
    *state = n;
    if (!(n->sd > 0) || !isfinite(n->mean) || !isfinite(n->sd))
        return fps_fail(FPS_ERROR_NUMERIC, "density normal(%g, %g): the standard deviation must be positive", n->mean,
                        n->sd);
    n->mass = normal_mass((low - n->mean) / n->sd, (high - n->mean) / n->sd);
    if (!(n->mass >= 1e-290))
        return fps_fail(
            FPS_ERROR_NUMERIC,
            "density normal(%g, %g) is zero on the domain [%g, %g]; move its mean into the domain or widen it", n->mean,
            n->sd, low, high);
    return FPS_OK;
}

static double normal_value(const void *state, double low, double high, double x) {
    (void)low, (void)high;
    const normal *n = state;
    double z = (x - n->mean) / n->sd;
    return exp(-0.5 * z * z) / (n->sd * sqrt(2 * M_PI) * n->mass);
}

/* Newton within a shrinking bracket, on whichever of p and q is smaller. */
static double normal_quantile(const void *state, double low, double high, double p, double q) {
    const normal *n = state;
    double a = (low - n->mean) / n->sd, b = (high - n->mean) / n->sd, left = a, right = b;
    double z = 0 > a && 0 < b ? 0 : 0.5 * (a + b);
    for (int i = 0; i < 200; i++) {
        double error = p <= q ? normal_mass(a, z) - p * n->mass : q * n->mass - normal_mass(z, b);
        if (error < 0)
            left = z;
        else
            right = z;
        double slope = exp(-0.5 * z * z) / sqrt(2 * M_PI);
        /* Halley's correction: the slope's logarithm falls by z per unit. */
        double newton = error / slope, step = newton / (1 + 0.5 * newton * z);
        double next = z - step;
        if (!(next > left && next < right))
            next = 0.5 * (left + right);
        if (fabs(next - z) <= 1e-16 * (b - a) || next == z)
            break;
        z = next;
    }
    return n->mean + n->sd * z;
}

const fps_density_shape fps_density_normal = {normal_create, fps_free, normal_value, normal_quantile};

/* ---- any -------------------------------------------------------------------------------------------------------- */

static const fps_density_shape *const shapes[FPS_DENSITY_COUNT] = {
    [FPS_DENSITY_UNIFORM] = &fps_density_uniform,
    [FPS_DENSITY_NORMAL] = &fps_density_normal,
    [FPS_DENSITY_BETA] = &fps_density_beta,
    [FPS_DENSITY_EXPRESSION] = &fps_density_expression,
};

fps_status fps_density_create(const fps_choice *choice, double low, double high, fps_density **out) {
    fps_density *density = NULL;
    fps_status status = FPS_OK;
    *out = NULL;
    if (!(low < high) || !isfinite(high - low))
        return fps_fail(FPS_ERROR_NUMERIC, "the domain [%g, %g] is empty or infinite", low, high);
    if (choice->code < 0 || choice->code >= FPS_DENSITY_COUNT)
        return fps_fail(FPS_ERROR_NUMERIC, "there is no density with code %d", choice->code);
    FPS_TRY(FPS_ALLOC(density, 1));
    density->shape = shapes[choice->code];
    density->low = low;
    density->high = high;
    FPS_TRY_GOTO(status, density->shape->create(choice, low, high, &density->state), done);
    *out = density;
    density = NULL;
done:
    fps_density_destroy(&density);
    return status;
}

void fps_density_destroy(fps_density **density) {
    if (!density || !*density)
        return;
    (*density)->shape->destroy((*density)->state);
    fps_free(*density);
    *density = NULL;
}

double fps_density_value(const fps_density *density, double x) {
    if (!(x >= density->low && x <= density->high))
        return 0;
    return density->shape->value(density->state, density->low, density->high, x);
}

double fps_density_quantile(const fps_density *density, double p) {
    if (!(p > 0))
        return density->low;
    if (p >= 1)
        return density->high;
    double x = density->shape->quantile(density->state, density->low, density->high, p, 1 - p);
    return fmin(fmax(x, density->low), density->high);
}
