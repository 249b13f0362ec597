/* floor: numeric */
/* The tangent kernel against derivatives of the network by every single weight: central differences in double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/random.h"
#include "numeric/tangent_kernel.h"

enum { POINTS = 21, MOST_WEIGHTS = 400, MOST_INPUTS = 5, MOST_FACTORS = 100, COLUMNS = FPS_PADDED(POINTS) };

static double number(uint32_t stream, int64_t i) {
    return fps_random_normal(5, FPS_PURPOSE_WEIGHTS, stream, (uint64_t)i);
}

/* Which weights does `trained` mean? */
static bool is_trained(const fps_network_shape *shape, fps_trained trained, int64_t w) {
    for (int l = 0; l <= shape->depth; l++) {
        const fps_layer_view view = fps_network_layer(shape, l);
        const bool is_bias = view.bias >= 0 && w >= view.bias && w < view.bias + view.out;
        const bool is_weight = w >= view.weights && w < view.weights + (int64_t)view.in * view.out;
        if (is_bias || is_weight)
            return trained == FPS_TRAIN_ALL || (trained == FPS_TRAIN_OUTPUT && l == shape->depth) ||
                   (trained == FPS_TRAIN_BIASES && is_bias);
    }
    return false;
}

/* j[w, POINTS] = dh(x_p)/dw by central differences; error about 1e-10. */
static void jacobian(const fps_network_shape *shape, const double *weights, const double *input, double *j) {
    fps_network *network = NULL;
    double moved[MOST_WEIGHTS], up[COLUMNS], down[COLUMNS];
    const int64_t count = fps_network_weights(shape);
    const double h = 3e-6;
    assert_int_equal(fps_network_create(shape, 0, &network), FPS_OK);
    for (int64_t w = 0; w < count; w++) {
        memcpy(moved, weights, (size_t)count * sizeof *moved);
        moved[w] = weights[w] + h;
        fps_network_forward(network, moved, input, COLUMNS, up);
        moved[w] = weights[w] - h;
        fps_network_forward(network, moved, input, COLUMNS, down);
        for (int p = 0; p < POINTS; p++)
            j[w * POINTS + p] = (up[p] - down[p]) / (2 * h);
    }
    fps_network_destroy(&network);
}

typedef struct sample {
    fps_network_shape shape;
    fps_trained trained;
    double weights[MOST_WEIGHTS], input[MOST_INPUTS * COLUMNS];
} sample;

static void draw(sample *s, int depth, int inputs, bool ntk, bool antisymmetric, int bias) {
    s->shape = (fps_network_shape){.inputs = inputs,
                                   .depth = depth,
                                   .activation = FPS_ACTIVATION_GELU,
                                   .hidden_bias = bias > 0,
                                   .output_bias = bias > 1,
                                   .ntk = ntk,
                                   .antisymmetric = antisymmetric};
    for (int l = 0; l < depth; l++)
        s->shape.width[l] = 6 + 2 * l;
    const int64_t count = fps_network_weights(&s->shape);
    assert_true(count <= MOST_WEIGHTS);
    for (int64_t w = 0; w < count; w++)
        s->weights[w] = number(1, w);
    for (int d = 0; d < inputs; d++)
        for (int p = 0; p < COLUMNS; p++)
            s->input[d * COLUMNS + p] = number(2, d * POINTS + (p < POINTS ? p : 0));
}

/* Largest difference between both kernels, of the largest entry. */
static double deviation(const sample *s) {
    static double j[MOST_WEIGHTS * POINTS], factors[MOST_FACTORS * COLUMNS], theta[POINTS * POINTS];
    double scratch[2 * POINTS * POINTS], output[COLUMNS], expected_output[COLUMNS], worst = 0, largest = 1e-300;
    fps_tangent_kernel *kernel = NULL;
    fps_network *network = NULL;
    assert_true(fps_tangent_kernel_factors(&s->shape, s->trained) <= MOST_FACTORS);
    jacobian(&s->shape, s->weights, s->input, j);
    assert_int_equal(fps_tangent_kernel_create(&s->shape, s->trained, s->weights, NULL, &kernel), FPS_OK);
    assert_int_equal(fps_tangent_kernel_fill(kernel, s->input, POINTS, COLUMNS, factors, output), FPS_OK);
    /* rows 3 .. POINTS-1 of the whole, as a block of its own */
    assert_int_equal(fps_tangent_kernel_block(kernel, POINTS - 3, factors + 3, COLUMNS, POINTS, factors, COLUMNS,
                                              scratch, theta + 3 * POINTS),
                     FPS_OK);
    assert_int_equal(fps_tangent_kernel_block(kernel, 3, factors, COLUMNS, POINTS, factors, COLUMNS, scratch, theta),
                     FPS_OK);
    assert_int_equal(fps_network_create(&s->shape, 0, &network), FPS_OK);
    fps_network_forward(network, s->weights, s->input, COLUMNS, expected_output);
    assert_memory_equal(output, expected_output, POINTS * sizeof *output);
    for (int p = 0; p < POINTS; p++)
        for (int q = 0; q < POINTS; q++) {
            double expected = 0;
            for (int64_t w = 0; w < fps_network_weights(&s->shape); w++)
                if (is_trained(&s->shape, s->trained, w))
                    expected += j[w * POINTS + p] * j[w * POINTS + q];
            largest = fmax(largest, fabs(expected));
            worst = fmax(worst, fabs(theta[p * POINTS + q] - expected));
        }
    fps_network_destroy(&network);
    fps_tangent_kernel_destroy(&kernel);
    return worst / largest;
}

static void it_is_the_product_of_derivatives(void **state) {
    (void)state;
    double worst = 0;
    int cases = 0;
    for (int depth = 0; depth <= 3; depth++)
        for (int inputs = 1; inputs <= MOST_INPUTS; inputs += 2)
            for (int kind = 0; kind < 4; kind++)
                for (int bias = 0; bias <= 2; bias++)
                    for (int trained = 0; trained < FPS_TRAIN_COUNT; trained++) {
                        sample s;
                        if ((trained == FPS_TRAIN_BIASES && (bias == 0 || (depth == 0 && bias == 1))) ||
                            (depth == 0 && kind >= 2))
                            continue; /* no such network */
                        draw(&s, depth, inputs, kind % 2, kind >= 2, bias);
                        s.trained = (fps_trained)trained;
                        double here = deviation(&s);
                        if (!(here < 1e-8))
                            fail_msg("depth %d, %d inputs, kind %d, bias %d, trained %d: differs by %.1e", depth,
                                     inputs, kind, bias, trained, here);
                        worst = fmax(worst, here);
                        cases++;
                    }
    print_message("%d networks: within %.1e of central differences\n", cases, worst);
    assert_true(cases > 250);
}

/* J^T factor, and added to what was there. */
static void pulling_back_is_its_transpose(void **state) {
    (void)state;
    static double j[MOST_WEIGHTS * POINTS];
    for (int trained = 0; trained < FPS_TRAIN_COUNT; trained++) {
        sample s;
        double factor[POINTS], gradient[MOST_WEIGHTS];
        fps_tangent_kernel *kernel = NULL;
        draw(&s, 2, 2, true, false, 2);
        jacobian(&s.shape, s.weights, s.input, j);
        for (int p = 0; p < POINTS; p++)
            factor[p] = number(3, p);
        for (int w = 0; w < MOST_WEIGHTS; w++)
            gradient[w] = w;
        assert_int_equal(fps_tangent_kernel_create(&s.shape, (fps_trained)trained, s.weights, NULL, &kernel), FPS_OK);
        assert_int_equal(fps_tangent_kernel_pull(kernel, s.input, POINTS, factor, gradient), FPS_OK);
        for (int64_t w = 0; w < fps_network_weights(&s.shape); w++) {
            double expected = (double)w;
            for (int p = 0; p < POINTS && is_trained(&s.shape, (fps_trained)trained, w); p++)
                expected += factor[p] * j[w * POINTS + p];
            assert_true(fabs(gradient[w] - expected) < 1e-7);
        }
        fps_tangent_kernel_destroy(&kernel);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_product_of_derivatives),
        cmocka_unit_test(pulling_back_is_its_transpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
