/* floor: numeric */
/* The gradient of every activation x loss x depth 0 to 3 x {few inputs, many features} against central differences. */
#include "test_network.h"

#include "numeric/stepper.h"

enum { MAX_INPUTS = 24, MAX_SAMPLES = 20, MAX_WEIGHTS = 400, MAX_KINKS = MAX_SAMPLES * 40 };

static const fps_choice losses[] = {
    {FPS_LOSS_MSE, {0}, NULL},     {FPS_LOSS_MAE, {0}, NULL},        {FPS_LOSS_LP, {4}, NULL},
    {FPS_LOSS_LP, {1.5}, NULL},    {FPS_LOSS_HUBER, {0.4}, NULL},    {FPS_LOSS_LOGCOSH, {0}, NULL},
    {FPS_LOSS_SOBOLEV, {1}, NULL}, {FPS_LOSS_SOBOLEV, {-0.5}, NULL},
};
enum { LOSSES = sizeof losses / sizeof *losses };

typedef struct problem {
    fps_stepper_spec spec;
    fps_stepper *stepper;
    double x[MAX_SAMPLES][MAX_INPUTS], y[MAX_SAMPLES];
    int64_t weights;
} problem;

static void build(problem *at, fps_activation activation, fps_choice loss, int depth, int inputs, int variant) {
    static const int32_t widths[] = {6, 4, 8};
    memset(at, 0, sizeof *at);
    fps_stepper_spec *spec = &at->spec;
    const int samples = loss.code == FPS_LOSS_SOBOLEV && depth == 2 ? 16 : 13 + variant % 2;
    spec->shape = (fps_network_shape){.inputs = inputs,
                                      .depth = depth,
                                      .activation = activation,
                                      .hidden_bias = variant % 5 != 0,
                                      .output_bias = variant % 3 != 0,
                                      .ntk = variant % 4 == 1,
                                      .antisymmetric = depth > 0 && variant % 7 == 0};
    memcpy(spec->shape.width, widths, sizeof widths);
    spec->loss = loss;
    spec->optimizer = FPS_OPTIMIZER_GD;
    spec->samples = samples;
    spec->dimension = samples == 16 ? 2 : 1;
    spec->side = samples == 16 ? 4 : samples;
    for (int axis = 0; axis < 2; axis++)
        spec->domain[axis][0] = -1, spec->domain[axis][1] = 1.5 + axis;
    assert_int_equal(fps_stepper_create(spec, &at->stepper), FPS_OK);
    at->weights = fps_network_weights(&spec->shape);
    assert_true(at->weights <= MAX_WEIGHTS);
    const uint32_t stream = (uint32_t)(variant * 8);
    double sum = 0;
    for (int i = 0; i < samples; i++) {
        for (int d = 0; d < inputs; d++) {
            at->x[i][d] = test_random(stream + 1, (uint64_t)(i * inputs + d)) * (inputs > 3 ? 0.6 : 1.5);
            fps_stepper_input(at->stepper)[d * FPS_PADDED(samples) + i] = at->x[i][d];
        }
        at->y[i] = fps_stepper_label(at->stepper)[i] = test_random(stream + 2, (uint64_t)i);
        sum += fps_stepper_sample_weight(at->stepper)[i] = 1.2 + test_random(stream + 3, (uint64_t)i);
    }
    for (int i = 0; i < samples; i++)
        fps_stepper_sample_weight(at->stepper)[i] /= sum;
    for (int64_t w = 0; w < at->weights; w++)
        fps_stepper_weights(at->stepper)[w] = 1.3 * test_random(stream + 4, (uint64_t)w);
    fps_stepper_ready(at->stepper);
}

/* Quantities whose sign must not change between the two ends of a difference; returns how many. */
static int collect(const problem *at, double *kink) {
    const fps_network_shape *shape = &at->spec.shape;
    const int32_t loss = at->spec.loss.code;
    int count = 0;
    for (int i = 0; i < at->spec.samples; i++) {
        const double r = test_forward(shape, fps_stepper_weights(at->stepper), at->x[i], kink + count) - at->y[i];
        if (fps_activation_kink(shape->activation) > 0)
            for (int l = 0; l < shape->depth; l++)
                count += shape->width[l];
        if (loss == FPS_LOSS_MAE || loss == FPS_LOSS_LP)
            kink[count++] = r;
        if (loss == FPS_LOSS_HUBER)
            kink[count++] = fabs(r) - at->spec.loss.argument[0];
        assert_true(count + 40 < MAX_KINKS);
    }
    return count;
}

/* (L(w + h u) - L(w - h u)) / 2h with h = 1e-5; false if a kink is crossed. */
static bool difference(problem *at, const double *start, const double *u, double *out) {
    static double kink[2][MAX_KINKS];
    const double h = 1e-5;
    double *w = fps_stepper_weights(at->stepper), loss[2];
    int kinks = 0;
    for (int end = 0; end < 2; end++) {
        for (int64_t i = 0; i < at->weights; i++)
            w[i] = start[i] + (end ? h : -h) * u[i];
        loss[end] = fps_stepper_loss(at->stepper);
        kinks = collect(at, kink[end]);
    }
    memcpy(w, start, (size_t)at->weights * sizeof *w);
    *out = (loss[1] - loss[0]) / (2 * h);
    for (int i = 0; i < kinks; i++)
        if ((kink[0][i] > 0) != (kink[1][i] > 0))
            return false;
    return true;
}

static void gradient_equals_central_differences(void **state) {
    (void)state;
    static const int inputs[][4] = {{1, 2, 3, 1}, {24, 20, 17, 9}};
    int64_t directions = 0, redrawn = 0;
    double worst = 0;
    int variant = 0;
    for (int activation = 0; activation < FPS_ACTIVATION_COUNT; activation++)
        for (int loss = 0; loss < LOSSES; loss++)
            for (int depth = 0; depth <= 3; depth++)
                for (int features = 0; features < 2; features++, variant++) {
                    static problem at;
                    double g[MAX_WEIGHTS], start[MAX_WEIGHTS], u[MAX_WEIGHTS], fd, error = 0, norm = 0;
                    build(&at, (fps_activation)activation, losses[loss], depth, inputs[features][depth], variant);
                    fps_stepper_gradient(at.stepper, g);
                    memcpy(start, fps_stepper_weights(at.stepper), (size_t)at.weights * sizeof *start);
                    for (int64_t i = 0; i < at.weights; i++) {
                        memset(u, 0, sizeof u);
                        u[i] = fmax(1, fabs(start[i])); /* step 1e-5 max(1, |w|) */
                        directions++;
                        for (int draw = 0; !difference(&at, start, u, &fd); draw++) {
                            redrawn++;
                            assert_true(draw < 100);
                            for (int64_t k = 0; k < at.weights; k++)
                                u[k] = test_random(7000 + (uint32_t)draw, (uint64_t)(variant * MAX_WEIGHTS + k));
                        }
                        double exact = 0;
                        for (int64_t k = 0; k < at.weights; k++)
                            exact += g[k] * u[k];
                        error += (fd - exact) * (fd - exact);
                        norm += exact * exact;
                    }
                    const double relative = sqrt(error / norm);
                    worst = fmax(worst, relative);
                    if (!(relative <= 1e-6))
                        fail_msg("activation %s, loss %d, depth %d, inputs %d: |fd - g|/|g| = %.2e, more than 1e-6",
                                 fps_table_activation.entry[activation].name, loss, depth, at.spec.shape.inputs,
                                 relative);
                    fps_stepper_destroy(&at.stepper);
                }
    print_message("%d cases, %lld directions, %lld redrawn (%.3f %%), worst |fd - g|/|g| %.2e\n", variant,
                  (long long)directions, (long long)redrawn, 100.0 * (double)redrawn / (double)directions, worst);
    assert_true((double)redrawn <= 0.05 * (double)directions);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_equals_central_differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
