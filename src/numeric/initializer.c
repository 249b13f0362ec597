/* initializer.c: initial weights and biases from counter-based random numbers. */
#include "fpsweep/initializer.h"

#include <math.h>
#include <stdlib.h>

#include "fpsweep/memory.h"
#include "fpsweep/random.h"

/* A distribution about 0: a standard one times a scale that may depend on the layer's fans and on one argument. */
typedef struct distribution {
    double (*standard)(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index);
    double (*scale)(double fan_in, double fan_out, double argument);
} distribution;

/* Uniform in (-1, 1). */
static double symmetric(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    return 2 * fps_random_uniform(seed, purpose, layer, index) - 1;
}

/* -1 or 1. */
static double sign(uint64_t seed, fps_purpose purpose, uint32_t layer, uint64_t index) {
    return fps_random_uniform(seed, purpose, layer, index) < 0.5 ? -1 : 1;
}

static double glorot(double fan_in, double fan_out, double argument) {
    (void)argument;
    return sqrt(6 / (fan_in + fan_out));
}

static double he(double fan_in, double fan_out, double argument) {
    (void)fan_out, (void)argument;
    return sqrt(2 / fan_in);
}

static double inverse_root(double fan_in, double fan_out, double argument) {
    (void)fan_out, (void)argument;
    return sqrt(1 / fan_in);
}

static double given(double fan_in, double fan_out, double argument) {
    (void)fan_in, (void)fan_out;
    return argument;
}

static double one(double fan_in, double fan_out, double argument) {
    (void)fan_in, (void)fan_out, (void)argument;
    return 1;
}

/* A law without `standard` leaves zeros. */
static const distribution weight_laws[FPS_INITIALIZER_COUNT] = {
    [FPS_INITIALIZER_GLOROT] = {symmetric, glorot},
    [FPS_INITIALIZER_HE] = {fps_random_normal, he},
    [FPS_INITIALIZER_LECUN] = {fps_random_normal, inverse_root},
    [FPS_INITIALIZER_NORMAL] = {fps_random_normal, given},
    [FPS_INITIALIZER_UNIFORM] = {symmetric, given},
    [FPS_INITIALIZER_NTK] = {fps_random_normal, one},
    [FPS_INITIALIZER_ZERO] = {NULL, NULL},
    [FPS_INITIALIZER_SIGN] = {sign, given},
};

static const distribution bias_laws[FPS_BIAS_INITIALIZER_COUNT] = {
    [FPS_BIAS_INITIALIZER_PYTORCH] = {symmetric, inverse_root}, [FPS_BIAS_INITIALIZER_ZERO] = {NULL, NULL},
    [FPS_BIAS_INITIALIZER_NORMAL] = {fps_random_normal, given}, [FPS_BIAS_INITIALIZER_UNIFORM] = {symmetric, given},
    [FPS_BIAS_INITIALIZER_STRATIFIED] = {NULL, NULL}, /* not independent: see stratify() */
};

/* Weights drawn between two beats, and the operations of one. */
enum { STRETCH = 4096, PER_WEIGHT = 200 };

static fps_status draw(const distribution *law, double argument, const fps_layer_view *view, uint64_t seed,
                       fps_purpose purpose, uint32_t layer, int64_t count, const fps_pulse *pulse, double *out) {
    double scale = law->standard ? law->scale(view->in, view->out, argument) : 0;
    for (int64_t first = 0; first < count; first += STRETCH) {
        const int64_t end = count - first < STRETCH ? count : first + STRETCH;
        for (int64_t i = first; i < end; i++)
            out[i] = law->standard ? scale * law->standard(seed, purpose, layer, (uint64_t)i) : 0;
        if (fps_pulse_beat(pulse, (double)(end - first) * PER_WEIGHT))
            return FPS_STOPPED;
    }
    return FPS_OK;
}

typedef struct keyed {
    uint64_t key;
    int64_t index;
} keyed;

static int by_key(const void *a, const void *b) {
    const keyed *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* The quantiles (i + 1/2) / count of uniform within a; neuron `index` gets the one of its random key's rank. */
static fps_status stratify(double a, uint64_t seed, uint32_t layer, int64_t count, double *out) {
    keyed *order;
    FPS_TRY(FPS_ALLOC(order, count));
    for (int64_t i = 0; i < count; i++)
        order[i] = (keyed){fps_random_bits(seed, FPS_PURPOSE_BIASES, layer, (uint64_t)i), i};
    qsort(order, (size_t)count, sizeof *order, by_key);
    for (int64_t rank = 0; rank < count; rank++)
        out[order[rank].index] = a * (double)(2 * rank + 1 - count) / (double)count;
    fps_free(order);
    return FPS_OK;
}

/* Make the output start at exactly zero: pairs of equal neurons with opposite output weights, no output bias. */
static void pair_neurons(const fps_network_shape *shape, double *weights) {
    fps_layer_view hidden = fps_network_layer(shape, shape->depth - 1), last = fps_network_layer(shape, shape->depth);
    int64_t half = hidden.out / 2;
    for (int64_t i = 0; i < half * hidden.in; i++)
        weights[hidden.weights + half * hidden.in + i] = weights[hidden.weights + i];
    for (int64_t i = 0; i < half && hidden.bias >= 0; i++)
        weights[hidden.bias + half + i] = weights[hidden.bias + i];
    for (int64_t i = 0; i < half; i++)
        weights[last.weights + half + i] = -weights[last.weights + i];
    if (last.bias >= 0)
        weights[last.bias] = 0;
}

fps_status fps_initializer_fill(const fps_network_shape *shape, const fps_choice *initializer,
                                const fps_choice *bias_initializer, uint64_t seed, const fps_pulse *pulse,
                                double *weights) {
    if (shape->antisymmetric && shape->depth == 0)
        return fps_fail(FPS_ERROR_NUMERIC, "antisymmetric pairs hidden neurons; a network of depth 0 has none");
    if (shape->antisymmetric && shape->width[shape->depth - 1] % 2)
        return fps_fail(FPS_ERROR_NUMERIC,
                        "antisymmetric pairs the neurons of the last hidden layer; its width %d must be even",
                        shape->width[shape->depth - 1]);
    for (int l = 0; l <= shape->depth; l++) {
        fps_layer_view view = fps_network_layer(shape, l);
        FPS_TRY(draw(&weight_laws[initializer->code], initializer->argument[0], &view, seed, FPS_PURPOSE_WEIGHTS,
                     (uint32_t)l, (int64_t)view.out * view.in, pulse, weights + view.weights));
        if (view.bias < 0)
            continue;
        FPS_TRY(draw(&bias_laws[bias_initializer->code], bias_initializer->argument[0], &view, seed, FPS_PURPOSE_BIASES,
                     (uint32_t)l, view.out, pulse, weights + view.bias));
        if (bias_initializer->code == FPS_BIAS_INITIALIZER_STRATIFIED) {
            bool paired = shape->antisymmetric && l == shape->depth - 1;
            FPS_TRY(stratify(bias_initializer->argument[0], seed, (uint32_t)l, paired ? view.out / 2 : view.out,
                             weights + view.bias));
        }
    }
    if (shape->antisymmetric)
        pair_neurons(shape, weights);
    return FPS_OK;
}
