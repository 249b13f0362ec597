/* test_network_body.h (per precision): forward, tangent, antisymmetry and the choice of trained weights.
 * Included by test_network_single.c and test_network_double.c. */
#include "test_network.h"

#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "numeric/real/network_internal.h"

#define EPSILON ((double)FPS_REAL_EPSILON)

enum { MAX_INPUTS = 40, MAX_COLUMNS = 624, MAX_WEIGHTS = 60000 };

/* A network with random weights and inputs; everything in plain arrays. */
typedef struct problem {
    fps_network_shape shape;
    fps_network *network;
    int64_t weight_count, columns;
    _Alignas(64) real input[MAX_INPUTS * MAX_COLUMNS], weights[MAX_WEIGHTS], output[MAX_COLUMNS];
} problem;

static fps_network_shape shape_of(int inputs, int depth, const int32_t *width, fps_activation activation) {
    fps_network_shape shape = {
        .inputs = inputs, .depth = depth, .activation = activation, .hidden_bias = true, .output_bias = true};
    memcpy(shape.width, width, (size_t)depth * sizeof *width);
    return shape;
}

static problem *build(fps_network_shape shape, int64_t columns, uint32_t stream) {
    static problem at;
    memset(&at, 0, sizeof at);
    at.shape = shape;
    at.columns = columns;
    at.weight_count = fps_network_weights(&shape);
    assert_true(at.weight_count <= MAX_WEIGHTS && shape.inputs <= MAX_INPUTS && columns <= MAX_COLUMNS);
    assert_int_equal(fps_network_create(&shape, columns, &at.network), FPS_OK);
    for (int64_t i = 0; i < shape.inputs * columns; i++)
        at.input[i] = (real)test_random(stream, (uint64_t)i);
    for (int l = 0; l <= shape.depth; l++) {
        const fps_layer_view view = fps_network_layer(&shape, l);
        for (int64_t i = view.weights; i < view.weights + (int64_t)view.out * view.in + (view.bias >= 0 ? view.out : 0);
             i++)
            at.weights[i] = (real)(1.5 * test_random(stream + 1, (uint64_t)i) / (shape.ntk ? 1 : sqrt(view.in)));
    }
    return &at;
}

static const int32_t widths[][4] = {{1, 1, 1, 1},     {5, 7, 3, 2},     {20, 20, 20, 20},
                                    {33, 26, 50, 18}, {16, 32, 48, 64}, {130, 140, 72, 6}};
enum { WIDTHS = sizeof widths / sizeof *widths };

static void layout_is_layer_after_layer(void **state) {
    (void)state;
    fps_network_shape shape = shape_of(2, 2, widths[1], FPS_ACTIVATION_TANH);
    assert_int_equal(fps_network_weights(&shape), 5 * 2 + 5 + 7 * 5 + 7 + 7 + 1);
    fps_layer_view view = fps_network_layer(&shape, 1);
    assert_true(view.weights == 15 && view.bias == 50 && view.out == 7 && view.in == 5);
    shape.hidden_bias = false;
    view = fps_network_layer(&shape, 2);
    assert_true(view.weights == 45 && view.bias == 52 && view.out == 1 && view.in == 7);
    shape.output_bias = false;
    assert_int_equal(fps_network_weights(&shape), 52);
    shape.depth = 0;
    assert_int_equal(fps_network_weights(&shape), 2);
}

static void forward_equals_plain_loops(void **state) {
    (void)state;
    static double x[MAX_INPUTS], w[MAX_WEIGHTS];
    int variant = 0;
    for (int width = 0; width < WIDTHS; width++)
        for (int depth = 0; depth <= 4; depth++)
            for (int inputs = 1; inputs <= 37; inputs += inputs < 4 ? 1 : 33, variant++) {
                fps_network_shape shape =
                    shape_of(inputs, depth, widths[width], (fps_activation)(variant % FPS_ACTIVATION_COUNT));
                shape.ntk = variant % 3 == 0;
                shape.hidden_bias = variant % 4 != 0;
                shape.output_bias = variant % 5 != 0;
                problem *at = build(shape, variant % 2 ? 64 : 608, 100); /* 608: two blocks of 256 and a rest */
                real alone[MAX_COLUMNS];
                fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                fps_network_forward(at->network, at->weights, at->input, at->columns, alone);
                assert_memory_equal(alone, at->output, (size_t)at->columns * sizeof *alone);
                for (int64_t i = 0; i < at->weight_count; i++)
                    w[i] = (double)at->weights[i];
                for (int64_t p = 0; p < at->columns; p++) {
                    for (int d = 0; d < inputs; d++)
                        x[d] = (double)at->input[d * at->columns + p];
                    const double exact = test_forward(&shape, w, x, NULL), bound = 400 * EPSILON * fmax(1, fabs(exact));
                    if (!(fabs((double)at->output[p] - exact) <= bound))
                        fail_msg("width %d, depth %d, inputs %d, %s: %.9g, by plain loops %.9g", width, depth, inputs,
                                 fps_table_activation.entry[shape.activation].name, (double)at->output[p], exact);
                }
                fps_network_destroy(&at->network);
            }
}

/* A network made for forward alone takes any number of columns and gives the same bits. */
static void forward_only_network_gives_the_same_bits(void **state) {
    (void)state;
    problem *at = build(shape_of(2, 3, widths[3], FPS_ACTIVATION_SIN), 608, 200);
    fps_network *light = NULL;
    real alone[MAX_COLUMNS];
    assert_int_equal(fps_network_create(&at->shape, 0, &light), FPS_OK);
    fps_network_forward(at->network, at->weights, at->input, at->columns, at->output);
    fps_network_forward(light, at->weights, at->input, at->columns, alone);
    assert_memory_equal(alone, at->output, (size_t)at->columns * sizeof *alone);
    fps_network_destroy(&light);
    fps_network_destroy(&at->network);
}

/* J v against central differences, and <u, J v> = <J^T u, v> to rounding. */
static void tangent_is_the_transposed_gradient(void **state) {
    (void)state;
    static _Alignas(64) real v[MAX_WEIGHTS], gradient[MAX_WEIGHTS], kept[MAX_WEIGHTS];
    _Alignas(64) real u[MAX_COLUMNS], tangent[MAX_COLUMNS], side[2][MAX_COLUMNS];
    int variant = 0;
    for (int width = 0; width < WIDTHS; width++)
        for (int depth = 0; depth <= 3; depth++)
            for (int inputs = 1; inputs <= 35; inputs += inputs < 4 ? 1 : 31, variant++) {
                fps_network_shape shape =
                    shape_of(inputs, depth, widths[width], (fps_activation)(variant % FPS_ACTIVATION_COUNT));
                shape.ntk = variant % 3 == 1;
                shape.hidden_bias = variant % 4 != 1;
                shape.output_bias = variant % 5 != 1;
                shape.antisymmetric = depth > 0 && widths[width][depth - 1] % 2 == 0 && variant % 2;
                problem *at = build(shape, variant % 3 ? 48 : 608, 300);
                for (int64_t i = 0; i < at->weight_count; i++)
                    v[i] = (real)test_random(310, (uint64_t)i);
                double u_dot_jv = 0, jtu_dot_v = 0, size = 0;
                for (int64_t p = 0; p < at->columns; p++)
                    u[p] = (real)test_random(311, (uint64_t)p);
                fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                fps_network_tangent(at->network, at->weights, v, at->input, at->columns, tangent);
                fps_network_forward_tangent(at->network, at->weights, v, at->input, at->columns, side[0], side[1]);
                assert_memory_equal(side[0], at->output, (size_t)at->columns * sizeof *tangent);
                assert_memory_equal(side[1], tangent, (size_t)at->columns * sizeof *tangent);
                fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                fps_network_backward(at->network, at->weights, at->input, at->columns, u, FPS_TRAIN_ALL, gradient);
                for (int64_t p = 0; p < at->columns; p++) {
                    u_dot_jv += (double)u[p] * (double)tangent[p];
                    size += fabs((double)u[p] * (double)tangent[p]);
                }
                for (int64_t i = 0; i < at->weight_count; i++) {
                    jtu_dot_v += (double)gradient[i] * (double)v[i];
                    size += fabs((double)gradient[i] * (double)v[i]);
                }
                if (!(fabs(u_dot_jv - jtu_dot_v) <= 50 * EPSILON * size))
                    fail_msg("width %d, depth %d, inputs %d: <u, Jv> = %.17g, <J'u, v> = %.17g", width, depth, inputs,
                             u_dot_jv, jtu_dot_v);
                if (FPS_PRECISION == 32 || fps_activation_kink(shape.activation) > 0) {
                    fps_network_destroy(&at->network);
                    continue;
                }
                const double h = 1e-6;
                memcpy(kept, at->weights, sizeof kept);
                for (int end = 0; end < 2; end++) {
                    for (int64_t i = 0; i < at->weight_count; i++)
                        at->weights[i] = kept[i] + (real)(end ? h : -h) * v[i];
                    fps_network_forward_training(at->network, at->weights, at->input, at->columns, side[end]);
                }
                double error = 0, norm = 0;
                for (int64_t p = 0; p < at->columns; p++) {
                    const double fd = ((double)side[1][p] - (double)side[0][p]) / (2 * h);
                    error += (fd - (double)tangent[p]) * (fd - (double)tangent[p]);
                    norm += (double)tangent[p] * (double)tangent[p];
                }
                if (!(error <= 1e-12 * norm))
                    fail_msg("width %d, depth %d, inputs %d: tangent differs from differences by %.2e", width, depth,
                             inputs, sqrt(error / norm));
                fps_network_destroy(&at->network);
            }
}

/* max |a - b| <= bound epsilon max |b|. */
static void same_but_rounding(const char *what, const fps_network_shape *shape, const real *a, const real *b,
                              int64_t count, double bound) {
    double largest = 0, off = 0;
    for (int64_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs((double)b[i]));
        off = fmax(off, isfinite(a[i]) ? fabs((double)a[i] - (double)b[i]) : INFINITY);
    }
    if (!(off <= bound * EPSILON * largest))
        fail_msg("%s, depth %d, %d inputs, first width %d: off by %.2g epsilon of the largest", what, shape->depth,
                 shape->inputs, shape->width[0], off / (EPSILON * largest));
}

/* Gradient and tangents by sensitivities are those of the backward pass and of forward mode, dout = 0 included. */
static void sensitivities_give_the_same_derivatives(void **state) {
    (void)state;
    static _Alignas(64) real v[2][MAX_WEIGHTS], gradient[2][MAX_WEIGHTS];
    _Alignas(64) real u[MAX_COLUMNS], tangent[2][MAX_COLUMNS], other[MAX_COLUMNS];
    int variant = 0;
    for (int width = 0; width < WIDTHS; width++)
        for (int depth = 1; depth <= 4; depth++)
            for (int inputs = 1; inputs <= 35; inputs += inputs < 4 ? 1 : 31, variant++) {
                fps_network_shape shape =
                    shape_of(inputs, depth, widths[width], (fps_activation)(variant % FPS_ACTIVATION_COUNT));
                shape.ntk = variant % 3 == 1;
                shape.hidden_bias = variant % 4 != 1;
                shape.output_bias = variant % 5 != 1;
                shape.antisymmetric = widths[width][depth - 1] % 2 == 0 && variant % 2;
                problem *at = build(shape, variant % 3 ? 48 : 608, 320);
                const int64_t count = at->weight_count;
                for (int64_t i = 0; i < 2 * count; i++)
                    v[i % 2][i / 2] = (real)test_random(330, (uint64_t)i);
                for (int64_t p = 0; p < at->columns; p++)
                    u[p] = p % 7 == 3 ? 0 : (real)test_random(331, (uint64_t)p);
                fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                fps_network_backward(at->network, at->weights, at->input, at->columns, u, FPS_TRAIN_ALL, gradient[0]);
                for (int k = 0; k < 2; k++)
                    fps_network_tangent(at->network, at->weights, v[k], at->input, at->columns, tangent[k]);
                fps_network_backward_sensitivity(at->network, at->weights, at->input, at->columns, u, gradient[1]);
                same_but_rounding("gradient", &shape, gradient[1], gradient[0], count, 200);
                for (int k = 0; k < 2; k++) { /* any number of tangents */
                    fps_network_tangent_sensitivity(at->network, v[k], at->input, at->columns, other);
                    same_but_rounding("tangent", &shape, other, tangent[k], at->columns, 200);
                }
                fps_network_destroy(&at->network);
            }
}

/* Equal halves and opposite output weights: exactly 0, whatever the shape, in every kernel class. */
static void antisymmetric_output_is_exactly_zero(void **state) {
    (void)state;
    for (int class = FPS_BASELINE; class <= (int)fps_kernel_class_best(); class ++) {
        fps_kernel_class_set((fps_kernel_class) class);
        for (int half = 1; half <= 60; half += half < 20 ? 1 : 13)
            for (int depth = 1; depth <= 3; depth++)
                for (int inputs = 1; inputs <= 20; inputs += inputs < 4 ? 1 : 16) {
                    const int32_t width[] = {depth == 1 ? 2 * half : 13, depth == 2 ? 2 * half : 11, 2 * half};
                    fps_network_shape shape =
                        shape_of(inputs, depth, width, (fps_activation)(half % FPS_ACTIVATION_COUNT));
                    shape.antisymmetric = true;
                    shape.ntk = half % 2;
                    problem *at = build(shape, 64, 400);
                    const fps_layer_view last = fps_network_layer(&shape, depth - 1),
                                         out = fps_network_layer(&shape, depth);
                    memcpy(at->weights + last.weights + (int64_t)half * last.in, at->weights + last.weights,
                           (size_t)(half * last.in) * sizeof(real));
                    memcpy(at->weights + last.bias + half, at->weights + last.bias, (size_t)half * sizeof(real));
                    for (int j = 0; j < half; j++)
                        at->weights[out.weights + half + j] = -at->weights[out.weights + j];
                    at->weights[out.bias] = 0;
                    real alone[MAX_COLUMNS];
                    fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                    fps_network_forward(at->network, at->weights, at->input, at->columns, alone);
                    for (int64_t p = 0; p < at->columns; p++)
                        if (at->output[p] != 0 || alone[p] != 0)
                            fail_msg("class %d, half %d, depth %d, inputs %d: output %g, %g", class, half, depth,
                                     inputs, (double)at->output[p], (double)alone[p]);
                    fps_network_destroy(&at->network);
                }
    }
    fps_kernel_class_set(fps_kernel_class_best());
}

/* train: output and biases give exactly those entries of the full gradient, and 0 elsewhere. */
static void partial_gradients_are_parts_of_the_full_one(void **state) {
    (void)state;
    static _Alignas(64) real full[MAX_WEIGHTS], part[MAX_WEIGHTS];
    _Alignas(64) real u[MAX_COLUMNS];
    for (int p = 0; p < MAX_COLUMNS; p++)
        u[p] = (real)test_random(500, (uint64_t)p);
    for (int depth = 0; depth <= 3; depth++)
        for (int inputs = 2; inputs <= 12; inputs += 10)
            for (int bias = 0; bias < 2; bias++) {
                fps_network_shape shape = shape_of(inputs, depth, widths[3], FPS_ACTIVATION_SILU);
                shape.hidden_bias = bias;
                problem *at = build(shape, bias ? 80 : 608, 510);
                fps_network_forward_training(at->network, at->weights, at->input, at->columns, at->output);
                fps_network_backward(at->network, at->weights, at->input, at->columns, u, FPS_TRAIN_ALL, full);
                for (int trained = FPS_TRAIN_OUTPUT; trained < FPS_TRAIN_COUNT; trained++) {
                    memset(part, 0x7f, sizeof part);
                    fps_network_backward(at->network, at->weights, at->input, at->columns, u, (fps_trained)trained,
                                         part);
                    for (int l = 0; l <= depth; l++) {
                        const fps_layer_view view = fps_network_layer(&shape, l);
                        const bool weights = trained == FPS_TRAIN_OUTPUT && l == depth;
                        const bool biases = trained == FPS_TRAIN_BIASES || l == depth;
                        for (int64_t i = view.weights; i < view.weights + (int64_t)view.out * view.in; i++)
                            assert_true(part[i] == (weights ? full[i] : 0));
                        for (int64_t i = view.bias; view.bias >= 0 && i < view.bias + view.out; i++)
                            assert_true(part[i] == (biases ? full[i] : 0));
                    }
                }
                fps_network_destroy(&at->network);
            }
}

static void senseless_shapes_are_refused(void **state) {
    (void)state;
    fps_network *network = NULL;
    fps_network_shape shape = shape_of(1, 1, (const int32_t[]){3}, FPS_ACTIVATION_TANH);
    shape.antisymmetric = true;
    assert_int_equal(fps_network_create(&shape, 16, &network), FPS_ERROR_NUMERIC); /* odd width */
    shape.antisymmetric = false;
    assert_int_equal(fps_network_create(&shape, 17, &network), FPS_ERROR_NUMERIC); /* not padded */
    shape.depth = FPS_MAX_DEPTH + 1;
    assert_int_equal(fps_network_create(&shape, 16, &network), FPS_ERROR_NUMERIC);
    assert_null(network);
    fps_network_destroy(&network);
}

/* 64 layers run through, in both directions. */
static void deepest_network_works(void **state) {
    (void)state;
    fps_network_shape shape = {.inputs = 1,
                               .depth = FPS_MAX_DEPTH,
                               .activation = FPS_ACTIVATION_SOFTSIGN,
                               .hidden_bias = true,
                               .output_bias = true};
    for (int l = 0; l < FPS_MAX_DEPTH; l++)
        shape.width[l] = 8;
    problem *at = build(shape, 32, 600);
    static _Alignas(64) real gradient[MAX_WEIGHTS];
    _Alignas(64) real u[MAX_COLUMNS];
    for (int p = 0; p < 32; p++)
        u[p] = 1;
    fps_network_forward_training(at->network, at->weights, at->input, 32, at->output);
    fps_network_backward(at->network, at->weights, at->input, 32, u, FPS_TRAIN_ALL, gradient);
    assert_true(gradient[at->weight_count - 1] == 32); /* dh/db of the output bias, summed */
    for (int64_t i = 0; i < at->weight_count; i++)
        assert_true(isfinite(gradient[i]));
    fps_network_destroy(&at->network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_is_layer_after_layer),
        cmocka_unit_test(forward_equals_plain_loops),
        cmocka_unit_test(forward_only_network_gives_the_same_bits),
        cmocka_unit_test(tangent_is_the_transposed_gradient),
        cmocka_unit_test(sensitivities_give_the_same_derivatives),
        cmocka_unit_test(antisymmetric_output_is_exactly_zero),
        cmocka_unit_test(partial_gradients_are_parts_of_the_full_one),
        cmocka_unit_test(senseless_shapes_are_refused),
        cmocka_unit_test(deepest_network_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
