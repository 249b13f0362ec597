#include "numeric/tangent_kernel.h"

#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/real/network_internal.h"

struct fps_tangent_kernel {
    fps_network *network; /* for one block; holds activations and slopes */
    fps_trained trained;
    const double *weights;
    const fps_pulse *pulse;
    double *slope_of[2];     /* [widest, FPS_TANGENT_BLOCK] d_l of a layer and of the one above */
    double *dout, *gradient; /* [FPS_TANGENT_BLOCK], [W] */
};

_Static_assert((int)FPS_TANGENT_BLOCK == (int)FPS_NETWORK_BLOCK, "a block of points is one block of the network");

/* Which factors there are: a_(l-1) and d_l of layer l = 0 .. depth; d of the output layer is 1 and not kept. */
static bool has_a(const fps_network_shape *shape, fps_trained trained, int layer) {
    return trained == FPS_TRAIN_ALL || (trained == FPS_TRAIN_OUTPUT && layer == shape->depth);
}

static bool has_d(const fps_network_shape *shape, fps_trained trained, int layer) {
    return layer < shape->depth && (trained == FPS_TRAIN_ALL || (trained == FPS_TRAIN_BIASES && shape->hidden_bias));
}

int64_t fps_tangent_kernel_factors(const fps_network_shape *shape, fps_trained trained) {
    int64_t factors = 0;
    for (int l = 0; l <= shape->depth; l++) {
        const fps_layer_view view = fps_network_layer(shape, l);
        factors += (has_a(shape, trained, l) ? view.in : 0) + (has_d(shape, trained, l) ? view.out : 0);
    }
    return factors;
}

fps_status fps_tangent_kernel_create(const fps_network_shape *shape, fps_trained trained, const double *weights,
                                     const fps_pulse *pulse, fps_tangent_kernel **out) {
    fps_status status = FPS_OK;
    fps_tangent_kernel *kernel = NULL;
    int64_t widest = 1;
    *out = NULL;
    FPS_TRY(FPS_ALLOC(kernel, 1));
    kernel->trained = trained;
    kernel->weights = weights;
    kernel->pulse = pulse;
    for (int l = 0; l < shape->depth; l++)
        widest = shape->width[l] > widest ? shape->width[l] : widest;
    FPS_TRY_GOTO(status, fps_network_create(shape, FPS_TANGENT_BLOCK, &kernel->network), fail);
    fps_network_set_pulse(kernel->network, pulse);
    for (int i = 0; i < 2; i++)
        FPS_TRY_GOTO(status, FPS_ALLOC(kernel->slope_of[i], widest * FPS_TANGENT_BLOCK), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(kernel->dout, FPS_TANGENT_BLOCK), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(kernel->gradient, fps_network_weights(shape)), fail);
    *out = kernel;
    return FPS_OK;
fail:
    fps_tangent_kernel_destroy(&kernel);
    return status;
}

void fps_tangent_kernel_destroy(fps_tangent_kernel **kernel) {
    fps_tangent_kernel *old = *kernel;
    if (!old)
        return;
    fps_free(old->gradient);
    fps_free(old->dout);
    for (int i = 1; i >= 0; i--)
        fps_free(old->slope_of[i]);
    fps_network_destroy(&old->network);
    fps_free(old);
    *kernel = NULL;
}

static void copy_rows(const double *from, int64_t rows, int64_t from_stride, int64_t count, double *to,
                      int64_t to_stride) {
    for (int64_t r = 0; r < rows; r++)
        memcpy(to + r * to_stride, from + r * from_stride, (size_t)count * sizeof *to);
}

/* Where layer l's factors begin among the rows. */
typedef struct place {
    int64_t a, d;
} place;

static place place_of(const fps_network_shape *shape, fps_trained trained, int layer) {
    place at = {0, 0};
    for (int l = 0; l <= layer; l++) {
        const fps_layer_view view = fps_network_layer(shape, l);
        at.a = at.d;
        at.d = at.a + (has_a(shape, trained, l) ? view.in : 0);
        if (l < layer)
            at.d += has_d(shape, trained, l) ? view.out : 0;
    }
    return at;
}

fps_status fps_tangent_kernel_fill(fps_tangent_kernel *kernel, const double *input, int64_t count, int64_t stride,
                                   double *out, double *output) {
    fps_network *network = kernel->network;
    const fps_network_shape *shape = &network->shape;
    const int depth = shape->depth;
    const int64_t columns = FPS_PADDED(count);
    FPS_TRY(fps_network_forward_training(network, kernel->weights, input, columns, output));
    for (int l = 0; l <= depth; l++)
        if (has_a(shape, kernel->trained, l))
            copy_rows(l == 0 ? input : network->activation[l - 1], network->layer[l].in, columns, count,
                      out + place_of(shape, kernel->trained, l).a * stride, stride);
    if (depth == 0 || kernel->trained == FPS_TRAIN_OUTPUT)
        return FPS_OK;
    double *d = kernel->slope_of[0], *below = kernel->slope_of[1];
    const fps_layer_view last = network->layer[depth];
    for (int64_t j = 0; j < last.in; j++)
        for (int64_t p = 0; p < columns; p++)
            d[j * columns + p] =
                network->scale[depth] * kernel->weights[last.weights + j] * network->slope[depth - 1][j * columns + p];
    for (int l = depth - 1; l >= 0; l--) {
        const fps_layer_view view = network->layer[l];
        if (has_d(shape, kernel->trained, l))
            copy_rows(d, view.out, columns, count, out + place_of(shape, kernel->trained, l).d * stride, stride);
        if (l == 0)
            break;
        fps_network_multiply_transposed(network, view.out, view.in, columns, network->scale[l],
                                        kernel->weights + view.weights, d, below);
        for (int64_t i = 0; i < view.in * columns; i++)
            below[i] *= network->slope[l - 1][i];
        double *spare = d;
        d = below;
        below = spare;
        if (fps_network_beat(network, view.out, view.in, columns))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

/* out[m, n] = alpha a^T b + shift over `rows` factors. */
static void products(int64_t rows, int64_t m, const double *a, int64_t lda, int64_t n, const double *b, int64_t ldb,
                     double alpha, double shift, double *out) {
    for (int64_t i = 0; i < m * n; i++)
        out[i] = shift;
    if (rows > 0)
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)rows, alpha, a, (int)lda, b, (int)ldb,
                    1, out, (int)n);
}

fps_status fps_tangent_kernel_block(const fps_tangent_kernel *kernel, int64_t m, const double *a, int64_t lda,
                                    int64_t n, const double *b, int64_t ldb, double *scratch, double *theta) {
    const fps_network *network = kernel->network;
    const fps_network_shape *shape = &network->shape;
    double *left = scratch, *right = scratch + m * n;
    memset(theta, 0, (size_t)(m * n) * sizeof *theta);
    for (int l = 0; l <= shape->depth; l++) {
        const fps_layer_view view = network->layer[l];
        const place at = place_of(shape, kernel->trained, l);
        const bool inner = has_a(shape, kernel->trained, l), outer = has_d(shape, kernel->trained, l);
        const bool bias = view.bias >= 0 && (kernel->trained != FPS_TRAIN_OUTPUT || l == shape->depth);
        if (!inner && !bias)
            continue;
        const double scale = network->scale[l];
        products(inner ? view.in : 0, m, a + at.a * lda, lda, n, b + at.a * ldb, ldb, scale * scale, bias ? 1 : 0,
                 left);
        if (outer) {
            products(view.out, m, a + at.d * lda, lda, n, b + at.d * ldb, ldb, 1, 0, right);
            for (int64_t i = 0; i < m * n; i++)
                left[i] *= right[i];
        }
        for (int64_t i = 0; i < m * n; i++)
            theta[i] += left[i];
        if (fps_pulse_beat(kernel->pulse, 2.0 * (double)(m * n) * ((double)view.in + view.out + 3)))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

fps_status fps_tangent_kernel_pull(fps_tangent_kernel *kernel, const double *input, int64_t count, const double *factor,
                                   double *gradient) {
    const int64_t columns = FPS_PADDED(count), weights = fps_network_weights(&kernel->network->shape);
    double output[FPS_TANGENT_BLOCK];
    for (int64_t p = 0; p < columns; p++)
        kernel->dout[p] = p < count ? factor[p] : 0;
    FPS_TRY(fps_network_forward_training(kernel->network, kernel->weights, input, columns, output));
    FPS_TRY(fps_network_backward(kernel->network, kernel->weights, input, columns, kernel->dout, kernel->trained,
                                 kernel->gradient));
    for (int64_t i = 0; i < weights; i++)
        gradient[i] += kernel->gradient[i];
    return FPS_OK;
}
