/* floor: numeric */
/* The gradient in single precision against the one in double precision, from the same parameters and samples. */
#define FPS_PRECISION 32
#include "test_network.h"

#include "numeric/stepper.h"

/* The double-precision functions, which the macros of stepper.h hide here. */
typedef struct fps_stepper_double fps_stepper_double;
fps_status fps_stepper_create_double(const fps_stepper_spec *spec, fps_stepper_double **out);
void fps_stepper_destroy_double(fps_stepper_double **stepper);
double *fps_stepper_weights_double(fps_stepper_double *stepper);
double *fps_stepper_input_double(fps_stepper_double *stepper);
double *fps_stepper_label_double(fps_stepper_double *stepper);
double *fps_stepper_sample_weight_double(fps_stepper_double *stepper);
void fps_stepper_ready_double(fps_stepper_double *stepper);
double fps_stepper_gradient_double(fps_stepper_double *stepper, double *gradient);

enum { SAMPLES = 40, MAX_INPUTS = 33, MAX_WEIGHTS = 4096 };

static const fps_choice losses[] = {{FPS_LOSS_MSE, {0}, NULL},     {FPS_LOSS_MAE, {0}, NULL},
                                    {FPS_LOSS_LP, {4}, NULL},      {FPS_LOSS_HUBER, {0.5}, NULL},
                                    {FPS_LOSS_LOGCOSH, {0}, NULL}, {FPS_LOSS_SOBOLEV, {1}, NULL}};
enum { LOSSES = sizeof losses / sizeof *losses };

/* Smallest distance of a pre-activation or residual from where f or l has a kink: closer than rounding, the two
 * precisions may stand on different sides of it. */
static double distance_from_kinks(const fps_stepper_spec *spec, const double *weights, const double *x, double y) {
    double z[3 * 32], distance = 1;
    const double r = test_forward(&spec->shape, weights, x, z) - y;
    for (int i = 0, l = 0; l < spec->shape.depth; l++)
        for (int j = 0; j < spec->shape.width[l]; j++, i++)
            if (fps_activation_kink(spec->shape.activation) == 1)
                distance = fmin(distance, fabs(z[i]));
    if (spec->loss.code == FPS_LOSS_MAE)
        distance = fmin(distance, fabs(r));
    return distance;
}

static void single_gradient_agrees_with_double(void **state) {
    (void)state;
    static float single[MAX_WEIGHTS];
    static double twice[MAX_WEIGHTS], exact_weights[MAX_WEIGHTS], exact_x[SAMPLES][MAX_INPUTS];
    double worst = 0;
    int cases = 0;
    for (int activation = 0; activation < FPS_ACTIVATION_COUNT; activation++)
        for (int loss = 0; loss < LOSSES; loss++)
            for (int depth = 0; depth <= 3; depth++)
                for (int features = 0; features < 2; features++, cases++) {
                    const int inputs = features ? MAX_INPUTS : 1 + depth % 3;
                    fps_stepper_spec spec = {.shape = {.inputs = inputs,
                                                       .depth = depth,
                                                       .width = {30, 20, 26},
                                                       .activation = (fps_activation)activation,
                                                       .hidden_bias = true,
                                                       .output_bias = true},
                                             .loss = losses[loss],
                                             .samples = SAMPLES,
                                             .uniform_weights = true,
                                             .dimension = 1,
                                             .side = SAMPLES,
                                             .domain = {{-2, 2}}};
                    fps_stepper *one = NULL;
                    fps_stepper_double *two = NULL;
                    assert_int_equal(fps_stepper_create(&spec, &one), FPS_OK);
                    assert_int_equal(fps_stepper_create_double(&spec, &two), FPS_OK);
                    const int64_t count = fps_network_weights(&spec.shape), stride = FPS_PADDED(SAMPLES);
                    assert_true(count <= MAX_WEIGHTS);
                    for (int l = 0; l <= depth; l++) {
                        const fps_layer_view view = fps_network_layer(&spec.shape, l);
                        for (int64_t i = view.weights; i < view.bias + view.out; i++)
                            exact_weights[i] = fps_stepper_weights_double(two)[i] =
                                (double)(fps_stepper_weights(one)[i] =
                                             (float)(1.3 * test_random(1, (uint64_t)i) / sqrt(view.in)));
                    }
                    for (int i = 0; i < SAMPLES; i++) { /* redraw samples that stand on a kink */
                        for (uint32_t draw = 0;
                             draw == 0 || distance_from_kinks(&spec, exact_weights, exact_x[i],
                                                              (double)fps_stepper_label(one)[i]) < 1e-5;
                             draw++) {
                            assert_true(draw < 100);
                            for (int d = 0; d < inputs; d++)
                                exact_x[i][d] = fps_stepper_input_double(two)[d * stride + i] =
                                    (double)(fps_stepper_input(one)[d * stride + i] =
                                                 (float)(test_random(100 + draw, (uint64_t)(i * inputs + d))));
                            fps_stepper_label_double(two)[i] =
                                (double)(fps_stepper_label(one)[i] = (float)test_random(300 + draw, (uint64_t)i));
                        }
                        fps_stepper_sample_weight(one)[i] = 1.0f / SAMPLES;
                        fps_stepper_sample_weight_double(two)[i] = 1.0 / SAMPLES;
                    }
                    fps_stepper_ready(one);
                    fps_stepper_ready_double(two);
                    const double a = fps_stepper_gradient(one, single), b = fps_stepper_gradient_double(two, twice);
                    if (!(fabs(a - b) <= 1e-5 * b))
                        fail_msg("%s, loss %d, depth %d, inputs %d: losses %.9g and %.9g",
                                 fps_table_activation.entry[activation].name, loss, depth, inputs, a, b);
                    double error = 0, norm = 0;
                    for (int64_t i = 0; i < count; i++) {
                        error += ((double)single[i] - twice[i]) * ((double)single[i] - twice[i]);
                        norm += twice[i] * twice[i];
                    }
                    worst = fmax(worst, sqrt(error / norm));
                    if (!(sqrt(error / norm) <= 1e-5))
                        fail_msg("%s, loss %d, depth %d, inputs %d: single differs from double by %.2e, more than 1e-5",
                                 fps_table_activation.entry[activation].name, loss, depth, inputs, sqrt(error / norm));
                    fps_stepper_destroy(&one);
                    fps_stepper_destroy_double(&two);
                }
    print_message("%d cases, worst relative difference of the gradients %.2e, 1e-5 allowed\n", cases, worst);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(single_gradient_agrees_with_double)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
