/* test_stepper_body.h (per precision): whole training steps. Included by test_stepper_single.c and _double.c. */
#include "test_network.h"

#include "fpsweep/memory.h"
#include "numeric/stepper.h"

#define EPSILON ((double)FPS_REAL_EPSILON)

enum { MAX_WEIGHTS = 4096, MAX_SAMPLES = 128 };

static fps_stepper_spec spec_of(int inputs, int depth, int width, int64_t samples) {
    fps_stepper_spec spec = {.shape = {.inputs = inputs,
                                       .depth = depth,
                                       .activation = FPS_ACTIVATION_TANH,
                                       .hidden_bias = true,
                                       .output_bias = true},
                             .loss = {.code = FPS_LOSS_MSE},
                             .optimizer = FPS_OPTIMIZER_GD,
                             .learning_rate = 0.05,
                             .momentum = 0.9,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8,
                             .samples = samples,
                             .uniform_weights = true,
                             .dimension = 1,
                             .side = samples,
                             .domain = {{-1, 1}, {-1, 2}, {0, 3}}};
    for (int l = 0; l < depth; l++)
        spec.shape.width[l] = width;
    return spec;
}

/* A stepper with random samples and weights, ready to train. */
static fps_stepper *build(const fps_stepper_spec *spec) {
    fps_stepper *stepper = NULL;
    assert_int_equal(fps_stepper_create(spec, &stepper), FPS_OK);
    const int64_t n = spec->samples, stride = FPS_PADDED(n), count = fps_network_weights(&spec->shape);
    assert_true(count <= MAX_WEIGHTS && n <= MAX_SAMPLES);
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += spec->uniform_weights ? 1 : 1.1 + test_random(1, (uint64_t)i);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t d = 0; d < spec->shape.inputs; d++)
            fps_stepper_input(stepper)[d * stride + i] =
                (real)(2 * test_random(2, (uint64_t)(i * spec->shape.inputs + d)));
        fps_stepper_label(stepper)[i] = (real)test_random(3, (uint64_t)i);
        fps_stepper_sample_weight(stepper)[i] =
            (real)((spec->uniform_weights ? 1 : 1.1 + test_random(1, (uint64_t)i)) / sum);
    }
    for (int64_t w = 0; w < count; w++)
        fps_stepper_weights(stepper)[w] = (real)(0.8 * test_random(4, (uint64_t)w));
    fps_stepper_ready(stepper);
    return stepper;
}

/* Every optimizer, three steps, against the formulas of optimizer.h applied to fps_stepper_gradient() in double. */
static void steps_follow_the_formulas(void **state) {
    (void)state;
    for (int optimizer = 0; optimizer < FPS_OPTIMIZER_UPDATES; optimizer++) {
        fps_stepper_spec spec = spec_of(1, 2, 12, 37);
        spec.optimizer = (fps_optimizer)optimizer;
        spec.learning_rate = 0.01;
        fps_stepper *stepper = build(&spec);
        const int64_t count = fps_network_weights(&spec.shape);
        const double eta = spec.learning_rate, mu = spec.momentum, b1 = spec.beta1, b2 = spec.beta2, eps = spec.epsilon;
        static double w[MAX_WEIGHTS], m[MAX_WEIGHTS], v[MAX_WEIGHTS];
        static real g[MAX_WEIGHTS];
        memset(m, 0, sizeof m);
        memset(v, 0, sizeof v);
        for (int64_t i = 0; i < count; i++)
            w[i] = (double)fps_stepper_weights(stepper)[i];
        for (int t = 1; t <= 3; t++) {
            const double before = fps_stepper_gradient(stepper, g);
            for (int64_t i = 0; i < count; i++) {
                const double gi = (double)g[i];
                w[i] = (double)fps_stepper_weights(stepper)[i]; /* one step at a time */
                if (optimizer == FPS_OPTIMIZER_GD)
                    w[i] -= eta * gi;
                else if (optimizer == FPS_OPTIMIZER_MOMENTUM || optimizer == FPS_OPTIMIZER_NESTEROV) {
                    m[i] = mu * m[i] + gi;
                    w[i] -= eta * (optimizer == FPS_OPTIMIZER_NESTEROV ? gi + mu * m[i] : m[i]);
                } else if (optimizer == FPS_OPTIMIZER_ADAM) {
                    m[i] = b1 * m[i] + (1 - b1) * gi;
                    v[i] = b2 * v[i] + (1 - b2) * gi * gi;
                    w[i] -= eta / (1 - pow(b1, t)) * m[i] / (sqrt(v[i] / (1 - pow(b2, t))) + eps);
                } else {
                    v[i] = b2 * v[i] + (1 - b2) * gi * gi;
                    w[i] -= eta * gi / (sqrt(v[i]) + eps);
                }
            }
            assert_true(fps_stepper_step(stepper, NULL) == before);
            assert_int_equal(fps_stepper_updates(stepper), t);
            for (int64_t i = 0; i < count; i++)
                if (!(fabs((double)fps_stepper_weights(stepper)[i] - w[i]) <= 4 * EPSILON))
                    fail_msg("optimizer %d, step %d, weight %lld: %.17g instead of %.17g", optimizer, t, (long long)i,
                             (double)fps_stepper_weights(stepper)[i], w[i]);
        }
        for (int k = 0; k < 3; k++)
            assert_true((fps_stepper_state(stepper, k) != NULL) == (k < fps_optimizer_states(spec.optimizer)));
        fps_stepper_destroy(&stepper);
    }
}

/* adam's bias correction is right at any t, also where beta^t has long underflowed. */
static void adam_corrects_its_bias_at_any_update(void **state) {
    (void)state;
    static const int64_t updates[] = {0, 1, 10, 400, 449, 450, 451, 5000, 44999, 45001, 1000000};
    for (size_t k = 0; k < sizeof updates / sizeof *updates; k++) {
        fps_stepper_spec spec = spec_of(1, 0, 0, 5);
        spec.optimizer = FPS_OPTIMIZER_ADAM;
        fps_stepper *stepper = build(&spec);
        real g[2], before = fps_stepper_weights(stepper)[0];
        fps_stepper_gradient(stepper, g);
        fps_stepper_set_updates(stepper, updates[k]);
        fps_stepper_step(stepper, NULL);
        const double t = (double)updates[k] + 1, gi = (double)g[0];
        const double m = 0.1 * gi / (1 - pow(0.9, t)), v = 0.001 * gi * gi / (1 - pow(0.999, t));
        const double expected = (double)before - spec.learning_rate * m / (sqrt(v) + 1e-8);
        assert_true(fabs((double)fps_stepper_weights(stepper)[0] - expected) <= 8 * EPSILON);
        fps_stepper_destroy(&stepper);
    }
}

/* Training taken up again from weights, state and updates continues with the same bits. */
static void resumed_training_has_the_same_bits(void **state) {
    (void)state;
    for (int optimizer = 0; optimizer < FPS_OPTIMIZER_UPDATES; optimizer++) {
        fps_stepper_spec spec = spec_of(2, 2, 10, 29);
        spec.optimizer = (fps_optimizer)optimizer;
        spec.learning_rate = 1e-3;
        fps_stepper *one = build(&spec), *two = build(&spec);
        const size_t bytes = (size_t)fps_network_weights(&spec.shape) * sizeof(real);
        for (int t = 0; t < 7; t++)
            fps_stepper_step(one, NULL);
        memcpy(fps_stepper_weights(two), fps_stepper_weights(one), bytes);
        for (int k = 0; k < fps_optimizer_states(spec.optimizer); k++)
            memcpy(fps_stepper_state(two, k), fps_stepper_state(one, k), bytes);
        fps_stepper_set_updates(two, fps_stepper_updates(one));
        for (int t = 0; t < 7; t++)
            assert_true(fps_stepper_step(one, NULL) == fps_stepper_step(two, NULL));
        assert_memory_equal(fps_stepper_weights(one), fps_stepper_weights(two), bytes);
        fps_stepper_destroy(&one);
        fps_stepper_destroy(&two);
    }
}

/* Loss and gradient do not see the padding: the same samples without any padding give the same. */
static void padding_weighs_nothing(void **state) {
    (void)state;
    for (int loss = FPS_LOSS_MSE; loss <= FPS_LOSS_LOGCOSH; loss++) {
        fps_stepper_spec odd = spec_of(2, 1, 8, 33), even = spec_of(2, 1, 8, 48);
        odd.loss = even.loss = (fps_choice){loss, {1.5}, NULL};
        odd.uniform_weights = even.uniform_weights = false;
        fps_stepper *one = build(&odd), *two = build(&even);
        for (int i = 0; i < 33; i++)
            fps_stepper_sample_weight(two)[i] = fps_stepper_sample_weight(one)[i];
        for (int i = 33; i < 48; i++)
            fps_stepper_sample_weight(two)[i] = 0;
        for (int p = 33; p < FPS_PADDED(33); p++) {
            assert_true(fps_stepper_sample_weight(one)[p] == 0);
            assert_true(fps_stepper_input(one)[p] == fps_stepper_input(one)[0]);
        }
        real a[64], b[64];
        assert_true(fps_stepper_gradient(one, a) == fps_stepper_gradient(two, b));
        assert_memory_equal(a, b, (size_t)fps_network_weights(&odd.shape) * sizeof(real));
        fps_stepper_destroy(&one);
        fps_stepper_destroy(&two);
    }
}

/* A batch is a small training set of its own, its weights divided by their sum. */
static void batch_equals_a_stepper_of_its_samples(void **state) {
    (void)state;
    static const int32_t batch[] = {40, 3, 17, 17, 0, 25, 9, 31, 8, 2, 11, 39, 38, 37, 36, 35, 34, 33, 32};
    enum { BATCH = sizeof batch / sizeof *batch };
    for (int uniform = 0; uniform < 2; uniform++) {
        fps_stepper_spec all = spec_of(3, 2, 9, 41), few = spec_of(3, 2, 9, BATCH);
        all.batch_size = BATCH;
        all.uniform_weights = few.uniform_weights = uniform;
        fps_stepper *one = build(&all), *two = build(&few);
        double sum = 0;
        for (int i = 0; i < BATCH; i++)
            sum += (double)fps_stepper_sample_weight(one)[batch[i]];
        for (int i = 0; i < BATCH; i++) {
            for (int d = 0; d < 3; d++)
                fps_stepper_input(two)[d * FPS_PADDED(BATCH) + i] =
                    fps_stepper_input(one)[d * FPS_PADDED(41) + batch[i]];
            fps_stepper_label(two)[i] = fps_stepper_label(one)[batch[i]];
            fps_stepper_sample_weight(two)[i] =
                (real)(uniform ? 1.0 / BATCH : (double)fps_stepper_sample_weight(one)[batch[i]] / sum);
        }
        fps_stepper_ready(two);
        assert_true(fps_stepper_step(one, batch) == fps_stepper_step(two, NULL));
        assert_memory_equal(fps_stepper_weights(one), fps_stepper_weights(two),
                            (size_t)fps_network_weights(&all.shape) * sizeof(real));
        fps_stepper_destroy(&one);
        fps_stepper_destroy(&two);
    }
}

/* What is held: without batches the bits of the gradient and of the next step, with batches those of the loss. */
static void what_is_held_is_taken_over(void **state) {
    (void)state;
    _Alignas(64) static real gradient[MAX_WEIGHTS], direction[MAX_WEIGHTS], tangent[2][MAX_SAMPLES];
    for (int trained = 0; trained < FPS_TRAIN_COUNT; trained++)
        for (int batches = 0; batches < 2; batches++)
            for (int depth = 0; depth < 4; depth++) {
                fps_stepper_spec spec = spec_of(2, depth, 9, 41);
                spec.trained = (fps_trained)trained;
                const int64_t count = fps_network_weights(&spec.shape);
                fps_stepper *plain = build(&spec), *stepper;
                spec.batch_size = batches ? 7 : 0;
                stepper = build(&spec);
                const real *held;
                double largest = 0, norm = 0;
                for (int64_t i = 0; i < count; i++)
                    direction[i] = (real)test_random(5, (uint64_t)i);
                const double loss = fps_stepper_gradient(plain, gradient);
                assert_int_equal(fps_stepper_tangent(plain, direction, tangent[0]), FPS_OK);
                assert_true(fps_stepper_hold(stepper, &held) == loss);
                assert_true(fps_stepper_loss(stepper) == loss);
                assert_int_equal(fps_stepper_tangent(stepper, direction, tangent[1]), FPS_OK);
                for (int64_t i = 0; i < count; i++)
                    largest = fmax(largest, fabs((double)gradient[i]));
                for (int64_t i = 0; i < count; i++)
                    assert_true(fabs((double)gradient[i] - (double)held[i]) <= (batches ? 100 * EPSILON * largest : 0));
                for (int p = 0; p < 41; p++)
                    norm = fmax(norm, fabs((double)tangent[0][p]));
                for (int p = 0; p < 41; p++)
                    assert_true(fabs((double)tangent[0][p] - (double)tangent[1][p]) <=
                                (batches ? 100 * EPSILON * norm : 0));
                assert_true(fps_stepper_step(stepper, NULL) == fps_stepper_step(plain, NULL));
                assert_memory_equal(fps_stepper_weights(stepper), fps_stepper_weights(plain),
                                    (size_t)count * sizeof(real));
                fps_stepper_destroy(&stepper);
                fps_stepper_destroy(&plain);
            }
}

/* Sobolev with s = 0 is mse, in 1, 2 and 3 dimensions, odd and even sides, any weights: loss and gradient. */
static void sobolev_zero_is_mse(void **state) {
    (void)state;
    static const int sides[][4] = {{37, 64, 1, 2}, {5, 8, 7, 2}, {3, 4, 5, 2}};
    for (int dimension = 1; dimension <= 3; dimension++)
        for (int k = 0; k < 4; k++) {
            const int side = sides[dimension - 1][k];
            int64_t samples = 1;
            for (int axis = 0; axis < dimension; axis++)
                samples *= side;
            fps_stepper_spec mse = spec_of(dimension, 2, 7, samples), sobolev;
            mse.dimension = dimension;
            mse.side = side;
            mse.uniform_weights = k % 2;
            sobolev = mse;
            sobolev.loss = (fps_choice){FPS_LOSS_SOBOLEV, {0}, NULL};
            fps_stepper *one = build(&mse), *two = build(&sobolev);
            real a[256], b[256];
            const double l = fps_stepper_gradient(one, a), m = fps_stepper_gradient(two, b);
            assert_true(fabs(l - m) <= 20 * EPSILON * l);
            double error = 0, norm = 0;
            for (int64_t i = 0; i < fps_network_weights(&mse.shape); i++) {
                error += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
                norm += (double)a[i] * (double)a[i];
            }
            if (!(sqrt(error / norm) <= 50 * EPSILON))
                fail_msg("dimension %d, side %d: gradients differ by %.2e", dimension, side, sqrt(error / norm));
            fps_stepper_destroy(&one);
            fps_stepper_destroy(&two);
        }
}

/* Depth 0 with weight 0: the residual is minus the label. A cosine of mode k has loss <xi_k>^(2s) / 2. */
static void sobolev_weighs_each_frequency(void **state) {
    (void)state;
    for (int k = 1; k <= 5; k++) {
        fps_stepper_spec spec = spec_of(2, 0, 0, 121);
        spec.dimension = 2;
        spec.side = 11;
        spec.loss = (fps_choice){FPS_LOSS_SOBOLEV, {1.5}, NULL};
        fps_stepper *stepper = build(&spec);
        for (int i = 0; i < 11; i++)
            for (int j = 0; j < 11; j++)
                fps_stepper_label(stepper)[i * 11 + j] =
                    (real)cos(2 * acos(-1) * ((6 - k) * (i + 0.5) / 11 - k * (j + 0.5) / 11)); /* a diagonal wave */
        for (int i = 0; i < 3; i++)
            fps_stepper_weights(stepper)[i] = 0;
        fps_stepper_ready(stepper);
        const double xi1 = (6 - k) / 2.0, xi2 = k / 3.0; /* sides of the domain: 2 and 3 */
        const double expected = pow(1 + xi1 * xi1 + xi2 * xi2, 1.5) / 2;
        const double loss = fps_stepper_loss(stepper);
        if (!(fabs(loss - expected) <= 100 * EPSILON * expected))
            fail_msg("mode %d: loss %.17g instead of %.17g", k, loss, expected);
        fps_stepper_destroy(&stepper);
    }
}

/* A learning rate far too large makes the loss non-finite; it is returned, and nothing is updated any more. */
static void divergence_is_noticed(void **state) {
    (void)state;
    for (int loss = FPS_LOSS_MSE; loss < FPS_LOSS_COUNT; loss++) {
        if (loss == FPS_LOSS_MAE || loss == FPS_LOSS_HUBER || loss == FPS_LOSS_LOGCOSH)
            continue; /* bounded slopes: these grow, but slowly */
        fps_stepper_spec spec = spec_of(1, 2, 10, 30);
        spec.shape.activation = FPS_ACTIVATION_IDENTITY; /* nothing saturates or dies */
        spec.loss = (fps_choice){loss, {loss == FPS_LOSS_LP ? 4 : 1}, NULL};
        spec.learning_rate = 1000;
        fps_stepper *stepper = build(&spec);
        double value = 0;
        int steps = 0;
        while (isfinite(value) && steps < 1000)
            value = fps_stepper_step(stepper, NULL), steps++;
        assert_false(isfinite(value));
        static real kept[MAX_WEIGHTS];
        const size_t bytes = (size_t)fps_network_weights(&spec.shape) * sizeof(real);
        const int64_t updates = fps_stepper_updates(stepper);
        memcpy(kept, fps_stepper_weights(stepper), bytes);
        assert_false(isfinite(fps_stepper_step(stepper, NULL)));
        assert_memory_equal(kept, fps_stepper_weights(stepper), bytes);
        assert_int_equal(fps_stepper_updates(stepper), updates);
        fps_stepper_destroy(&stepper);
    }
}

/* One NaN among the weights reaches the loss through every activation and loss. */
static void nan_never_disappears(void **state) {
    (void)state;
    for (int activation = 0; activation < FPS_ACTIVATION_COUNT; activation++)
        for (int loss = 0; loss < FPS_LOSS_COUNT; loss++) {
            fps_stepper_spec spec = spec_of(1, 2, 6, 20);
            spec.shape.activation = (fps_activation)activation;
            spec.loss = (fps_choice){loss, {1.5}, NULL};
            fps_stepper *stepper = build(&spec);
            fps_stepper_weights(stepper)[2] = NAN;
            assert_true(isnan(fps_stepper_step(stepper, NULL)));
            fps_stepper_destroy(&stepper);
        }
}

/* train: output and biases leave all other weights alone, also where adam without epsilon would divide 0 by 0. */
static void untrained_weights_stay(void **state) {
    (void)state;
    for (int trained = FPS_TRAIN_OUTPUT; trained < FPS_TRAIN_COUNT; trained++)
        for (int optimizer = 0; optimizer < FPS_OPTIMIZER_UPDATES; optimizer++) {
            fps_stepper_spec spec = spec_of(1, 2, 6, 20);
            spec.optimizer = (fps_optimizer)optimizer;
            spec.trained = (fps_trained)trained;
            spec.epsilon = 0;
            spec.learning_rate = 1e-3;
            fps_stepper *stepper = build(&spec);
            static real start[MAX_WEIGHTS];
            memcpy(start, fps_stepper_weights(stepper), (size_t)fps_network_weights(&spec.shape) * sizeof(real));
            for (int t = 0; t < 5; t++)
                assert_true(isfinite(fps_stepper_step(stepper, NULL)));
            for (int l = 0; l <= 2; l++) {
                const fps_layer_view view = fps_network_layer(&spec.shape, l);
                const bool weights = trained == FPS_TRAIN_OUTPUT && l == 2,
                           biases = trained == FPS_TRAIN_BIASES || l == 2;
                for (int64_t i = view.weights; i < view.bias + view.out; i++)
                    assert_true((fps_stepper_weights(stepper)[i] != start[i]) == (i < view.bias ? weights : biases));
            }
            fps_stepper_destroy(&stepper);
        }
}

/* The loss falls, far: training works as a whole. */
static void training_learns(void **state) {
    (void)state;
    fps_stepper_spec spec = spec_of(1, 2, 20, 61);
    spec.optimizer = FPS_OPTIMIZER_ADAM;
    spec.learning_rate = 5e-3;
    fps_stepper *stepper = build(&spec);
    for (int i = 0; i < 61; i++) {
        const double x = -3 + 0.1 * i;
        fps_stepper_input(stepper)[i] = (real)x;
        fps_stepper_label(stepper)[i] = (real)sin(2 * x);
    }
    fps_stepper_ready(stepper);
    const double first = fps_stepper_loss(stepper);
    for (int t = 0; t < 3000; t++)
        fps_stepper_step(stepper, NULL);
    const double last = fps_stepper_loss(stepper);
    print_message("sin 2x, 2 x 20, 3000 steps of adam: loss %.3g -> %.3g\n", first, last);
    assert_true(last < 1e-3 * first);
    fps_stepper_destroy(&stepper);
}

static void senseless_specs_are_refused(void **state) {
    (void)state;
    fps_stepper *stepper = NULL;
    fps_stepper_spec spec = spec_of(1, 1, 4, 0);
    assert_int_equal(fps_stepper_create(&spec, &stepper), FPS_ERROR_NUMERIC);
    spec = spec_of(1, 1, 4, 10);
    spec.batch_size = 11;
    assert_int_equal(fps_stepper_create(&spec, &stepper), FPS_ERROR_NUMERIC);
    spec.batch_size = 5;
    spec.loss.code = FPS_LOSS_SOBOLEV;
    assert_int_equal(fps_stepper_create(&spec, &stepper), FPS_ERROR_NUMERIC);
    spec.batch_size = 0;
    spec.dimension = 2;
    assert_int_equal(fps_stepper_create(&spec, &stepper), FPS_ERROR_NUMERIC);
    assert_null(stepper);
    fps_stepper_destroy(&stepper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_formulas),
        cmocka_unit_test(adam_corrects_its_bias_at_any_update),
        cmocka_unit_test(resumed_training_has_the_same_bits),
        cmocka_unit_test(padding_weighs_nothing),
        cmocka_unit_test(batch_equals_a_stepper_of_its_samples),
        cmocka_unit_test(what_is_held_is_taken_over),
        cmocka_unit_test(sobolev_zero_is_mse),
        cmocka_unit_test(sobolev_weighs_each_frequency),
        cmocka_unit_test(divergence_is_noticed),
        cmocka_unit_test(nan_never_disappears),
        cmocka_unit_test(untrained_weights_stay),
        cmocka_unit_test(training_learns),
        cmocka_unit_test(senseless_specs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
