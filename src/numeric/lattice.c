/* lattice.c: choose the way of summation by dimension; the plain sum; the 1-D limit. */
#include "numeric/lattice.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"

struct fps_lattice {
    fps_lattice_spec spec;
    int64_t *band_limit;
    double *displacement;
    fps_line *line;   /* dimension 1 */
    fps_theta *theta; /* dimension 2 and 3 */
    fps_ball *ball;   /* over a disc */
    fps_pulse pulse;
};

static const double TWO_PI = 6.28318530717958647692;

static fps_status check(const fps_lattice_spec *spec) {
    static const int64_t limits[] = FPS_LATTICE_LIMITS;
    if (spec->dimension < 1 || spec->dimension > FPS_MAX_DIMENSION || spec->rungs < 1 || spec->displacements < 1 ||
        !(spec->frequency_step > 0))
        return fps_fail(FPS_ERROR_NUMERIC,
                        "a lattice sum needs 1 to 3 dimensions, a positive frequency step, a rung and "
                        "a displacement");
    for (int k = 0; k < spec->rungs; k++) {
        int64_t m = spec->band_limit[k];
        if (m < 1 || (k > 0 && m <= spec->band_limit[k - 1]))
            return fps_fail(FPS_ERROR_NUMERIC, "the ladder of band limits must increase (rung %d is %lld)", k + 1,
                            (long long)m);
        if (m > limits[spec->dimension - 1])
            return fps_fail(FPS_ERROR_NUMERIC, "a band limit of %lld is beyond %lld in %d dimensions", (long long)m,
                            (long long)limits[spec->dimension - 1], spec->dimension);
    }
    if (spec->ball && (spec->dimension != 2 || spec->band_limit[spec->rungs - 1] > FPS_LATTICE_BALL))
        return fps_fail(FPS_ERROR_NUMERIC, "sums over a ball are for 2 dimensions and band limits up to %d",
                        FPS_LATTICE_BALL);
    return FPS_OK;
}

fps_status fps_lattice_create(const fps_lattice_spec *spec, fps_lattice **out) {
    *out = NULL;
    FPS_TRY(check(spec));
    fps_status status;
    fps_lattice *lattice;
    FPS_TRY(FPS_ALLOC(lattice, 1));
    lattice->spec = *spec;
    int64_t values = spec->displacements * spec->dimension;
    FPS_TRY_GOTO(status, FPS_ALLOC(lattice->band_limit, spec->rungs), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(lattice->displacement, values), failed);
    memcpy(lattice->band_limit, spec->band_limit, (size_t)spec->rungs * sizeof *lattice->band_limit);
    memcpy(lattice->displacement, spec->displacement, (size_t)values * sizeof *lattice->displacement);
    lattice->spec.band_limit = lattice->band_limit;
    lattice->spec.displacement = lattice->displacement;
    if (!spec->direct_only) {
        if (spec->ball)
            status = fps_ball_create(&lattice->spec, &lattice->ball);
        else if (spec->dimension == 1)
            status = fps_line_create(&lattice->spec, &lattice->line);
        else
            status = fps_theta_create(&lattice->spec, &lattice->theta);
        if (status != FPS_OK)
            goto failed;
    }
    *out = lattice;
    return FPS_OK;
failed:
    fps_lattice_destroy(&lattice);
    return status;
}

void fps_lattice_destroy(fps_lattice **lattice) {
    if (!*lattice)
        return;
    fps_ball_destroy(&(*lattice)->ball);
    fps_theta_destroy(&(*lattice)->theta);
    fps_line_destroy(&(*lattice)->line);
    fps_free((*lattice)->displacement);
    fps_free((*lattice)->band_limit);
    fps_free(*lattice);
    *lattice = NULL;
}

void fps_lattice_set_pulse(fps_lattice *lattice, bool (*pulse)(void *context, double operations), void *context) {
    lattice->pulse = (fps_pulse){pulse, context};
}

fps_status fps_lattice_shells(fps_lattice *lattice, double alpha, double *shell) {
    if (!(alpha > 0) || alpha > FPS_LATTICE_ALPHA)
        return fps_fail(FPS_ERROR_NUMERIC, "a lattice sum needs an exponent above 0 and at most %d, not %g",
                        FPS_LATTICE_ALPHA, alpha);
    if (lattice->line)
        return fps_line_shells(lattice->line, alpha, &lattice->pulse, shell);
    if (lattice->ball)
        return fps_ball_shells(lattice->ball, alpha, &lattice->pulse, shell);
    if (lattice->theta)
        return fps_theta_shells(lattice->theta, alpha, &lattice->pulse, shell);
    fps_lattice_direct(&lattice->spec, alpha, shell);
    return FPS_OK;
}

void fps_lattice_terms(const fps_lattice *lattice, double *plain, double *ours) {
    const fps_lattice_spec *spec = &lattice->spec;
    double side = 2.0 * (double)spec->band_limit[spec->rungs - 1] + 1.0;
    *plain = pow(side, spec->dimension) * (double)spec->displacements;
    *ours = lattice->line    ? fps_line_terms(lattice->line)
            : lattice->theta ? fps_theta_terms(lattice->theta)
            : lattice->ball  ? fps_ball_terms(lattice->ball)
                             : *plain;
}

/* ---- the plain sum ------------------------------------------------------------------------------------------------
 */

/* Sum over the points of the shell M_{k-1} < |j|_inf <= M_k (k = 0: the whole cube; or discs) of one displacement; even
 * in every coordinate, so over j_a >= 0 with weight 2 for j_a > 0. Outermost index runs from the largest down; sums
 * compensated.
 */
static double direct_shell(const fps_lattice_spec *spec, double alpha, int64_t inner, int64_t outer, const double *x) {
    int d = spec->dimension;
    double dxi = spec->frequency_step, sum = 0, lost = 0;
    fps_turn turn[FPS_MAX_DIMENSION];
    for (int a = 0; a < d; a++)
        turn[a] = fps_turn_make(dxi, x[a]);
    int64_t top[FPS_MAX_DIMENSION] = {outer, d > 1 ? outer : 0, d > 2 ? outer : 0};
    for (int64_t i = top[0]; i >= 0; i--)
        for (int64_t j = top[1]; j >= 0; j--)
            for (int64_t l = top[2]; l >= 0; l--) {
                int64_t largest = i > j ? i : j;
                if (spec->ball) {
                    int64_t square = i * i + j * j;
                    if (square > outer * outer + outer || (inner >= 0 && square <= inner * inner + inner))
                        continue;
                } else if ((largest > l ? largest : l) <= inner) {
                    break; /* all smaller l lie inside too */
                }
                int64_t index[FPS_MAX_DIMENSION] = {i, j, l};
                double xi2 = 0, term = 1;
                for (int a = 0; a < d; a++) {
                    double n = (double)index[a], xi = n * dxi;
                    xi2 += xi * xi;
                    term *= index[a] ? 2.0 * cos(TWO_PI * fps_turn_phase(turn[a], n)) : 1.0;
                }
                term = term * exp(-0.5 * alpha * log1p(xi2)) - lost;
                double next = sum + term;
                lost = (next - sum) - term;
                sum = next;
            }
    return sum * pow(dxi, d);
}

void fps_lattice_direct(const fps_lattice_spec *spec, double alpha, double *shell) {
    for (int k = 0; k < spec->rungs; k++)
        for (int64_t p = 0; p < spec->displacements; p++)
            shell[k * spec->displacements + p] =
                direct_shell(spec, alpha, k ? spec->band_limit[k - 1] : -1, spec->band_limit[k],
                             &spec->displacement[p * spec->dimension]);
}

/* ---- the limit in 1-D ---------------------------------------------------------------------------------------------
 */

/* K_nu(z) = integral_0^inf e^(-z cosh u) cosh(nu u) du: trapezoid, step 0.1, error far below 1e-16 relative. */
static double bessel_k(double nu, double z) {
    double sum = 0.5 * exp(-z);
    for (int i = 1;; i++) {
        double u = 0.1 * i, term = exp(-z * cosh(u)) * cosh(nu * u);
        sum += term;
        if (term < 1e-18 * sum && z * cosh(u) > fabs(nu) * u + 40.0)
            return 0.1 * sum;
    }
}

double fps_lattice_limit(double frequency_step, double alpha, double x) {
    const double half_pi_scale = 2.0 * pow(3.14159265358979323846, 0.5 * alpha) / tgamma(0.5 * alpha);
    double sum = 0;
    int images = (int)ceil(6.2 * frequency_step) + 1;
    for (int m = images; m >= -images; m--) {
        double r = fabs(x + m / frequency_step);
        if (r == 0) /* G(0) = sqrt(pi) Gamma((alpha-1)/2) / Gamma(alpha/2), for alpha > 1 */
            sum += sqrt(3.14159265358979323846) * exp(lgamma(0.5 * (alpha - 1)) - lgamma(0.5 * alpha));
        else
            sum += half_pi_scale * pow(r, 0.5 * (alpha - 1)) * bessel_k(0.5 * (1 - alpha), TWO_PI * r);
    }
    return sum;
}
