#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* i-th index of a sum of n terms in this run's order. */
static int64_t at(const reference *r, int64_t i, int64_t n) {
    return r->downwards ? n - 1 - i : i;
}

/* ---- activations and losses, one number at a time ---- */

static double activation(fps_activation f, double x) {
    switch (f) {
    case FPS_ACTIVATION_IDENTITY:
        return x;
    case FPS_ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case FPS_ACTIVATION_RELU2:
        return x > 0 ? x * x : 0;
    case FPS_ACTIVATION_RELU3:
        return x > 0 ? x * x * x : 0;
    case FPS_ACTIVATION_LEAKY_RELU:
        return x > 0 ? x : 0.01 * x;
    case FPS_ACTIVATION_ELU:
        return x > 0 ? x : expm1(x);
    case FPS_ACTIVATION_SOFTPLUS:
        return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    case FPS_ACTIVATION_SILU:
        return x / (1 + exp(-x));
    case FPS_ACTIVATION_GELU:
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    case FPS_ACTIVATION_TANH:
        return tanh(x);
    case FPS_ACTIVATION_SIGMOID:
        return 1 / (1 + exp(-x));
    case FPS_ACTIVATION_SIN:
        return sin(x);
    case FPS_ACTIVATION_GAUSSIAN:
        return exp(-0.5 * x * x);
    case FPS_ACTIVATION_SOFTSIGN:
        return x / (1 + fabs(x));
    case FPS_ACTIVATION_COUNT:
        break;
    }
    abort();
}

static double activation_slope(fps_activation f, double x) {
    double s = 1 / (1 + exp(-x));
    switch (f) {
    case FPS_ACTIVATION_IDENTITY:
        return 1;
    case FPS_ACTIVATION_RELU:
        return x > 0;
    case FPS_ACTIVATION_RELU2:
        return x > 0 ? 2 * x : 0;
    case FPS_ACTIVATION_RELU3:
        return x > 0 ? 3 * x * x : 0;
    case FPS_ACTIVATION_LEAKY_RELU:
        return x > 0 ? 1 : 0.01;
    case FPS_ACTIVATION_ELU:
        return x > 0 ? 1 : exp(x);
    case FPS_ACTIVATION_SOFTPLUS:
        return s;
    case FPS_ACTIVATION_SILU:
        return s * (1 + x * (1 - s));
    case FPS_ACTIVATION_GELU:
        return 0.5 * (1 + erf(x / sqrt(2))) + x * exp(-0.5 * x * x) / sqrt(2 * pi);
    case FPS_ACTIVATION_TANH:
        return 1 - tanh(x) * tanh(x);
    case FPS_ACTIVATION_SIGMOID:
        return s * (1 - s);
    case FPS_ACTIVATION_SIN:
        return cos(x);
    case FPS_ACTIVATION_GAUSSIAN:
        return -x * exp(-0.5 * x * x);
    case FPS_ACTIVATION_SOFTSIGN:
        return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
    case FPS_ACTIVATION_COUNT:
        break;
    }
    abort();
}

static double sign(double x) {
    return (x > 0) - (x < 0);
}

static double loss_value(const fps_choice *loss, double e) {
    double argument = loss->argument[0];
    switch (loss->code) {
    case FPS_LOSS_MSE:
        return e * e;
    case FPS_LOSS_MAE:
        return fabs(e);
    case FPS_LOSS_LP:
        return pow(fabs(e), argument);
    case FPS_LOSS_HUBER:
        return fabs(e) <= argument ? 0.5 * e * e : argument * (fabs(e) - 0.5 * argument);
    case FPS_LOSS_LOGCOSH: /* log((1 + t)/(1 - t)) forms lose digits; sinh does not */
        return fabs(e) < 1 ? 0.5 * log1p(sinh(e) * sinh(e)) : log(cosh(e));
    default:
        abort();
    }
}

static double loss_slope(const fps_choice *loss, double e) {
    double argument = loss->argument[0];
    switch (loss->code) {
    case FPS_LOSS_MSE:
        return 2 * e;
    case FPS_LOSS_MAE:
        return sign(e);
    case FPS_LOSS_LP:
        return argument * pow(fabs(e), argument - 1) * sign(e);
    case FPS_LOSS_HUBER:
        return fabs(e) <= argument ? e : argument * sign(e);
    case FPS_LOSS_LOGCOSH:
        return tanh(e);
    default:
        abort();
    }
}

/* L = sum_k <xi_k>^(2s) |R_k|^2 by the defining sums; k from -N/2 + 1 to N/2 along every axis, R the transform of
 * sqrt(w) residual, so that s = 0 is sum w residual^2. */
static double sobolev(const reference *r, const double *residual, const double *w, int64_t n, int64_t side,
                      double *dloss) {
    int d = r->dimension;
    double total = 0;
    if (dloss)
        memset(dloss, 0, (size_t)n * sizeof *dloss);
    for (int64_t mode = 0; mode < n; mode++) {
        int64_t k[3] = {0}, rest = mode;
        double square = 0;
        for (int axis = d - 1; axis >= 0; axis--) {
            k[axis] = rest % side - (side - 1) / 2;
            rest /= side;
            double xi = (double)k[axis] / (r->domain[axis][1] - r->domain[axis][0]);
            square += xi * xi;
        }
        double weight = pow(1 + square, r->loss.argument[0]);
        double _Complex sum = 0;
        for (int pass = 0; pass < (dloss ? 2 : 1); pass++)
            for (int64_t j = 0; j < n; j++) {
                int64_t i = at(r, j, n), position = i;
                double phase = 0;
                for (int axis = d - 1; axis >= 0; axis--) {
                    phase += (double)(k[axis] * (position % side) % side) / (double)side;
                    position /= side;
                }
                double _Complex wave = cexp(-2 * pi * I * phase) / sqrt((double)n);
                if (pass == 0)
                    sum += wave * sqrt(w[i]) * residual[i];
                else
                    dloss[i] += weight * 2 * creal(conj(sum) * wave) * sqrt(w[i]);
            }
        /* |R_k|^2 with R = n^-1/2 sum sqrt(w) r e: Parseval gives sum w r^2 at s = 0 */
        total += weight * (creal(sum) * creal(sum) + cimag(sum) * cimag(sum));
    }
    return total;
}

double reference_loss(const reference *r, const double *residual, const double *w, int64_t n, int64_t side,
                      double *dloss) {
    if (r->loss.code == FPS_LOSS_SOBOLEV)
        return sobolev(r, residual, w, n, side, dloss);
    double total = 0;
    for (int64_t j = 0; j < n; j++) {
        int64_t i = at(r, j, n);
        total += w[i] * loss_value(&r->loss, residual[i]);
        if (dloss)
            dloss[i] = w[i] * loss_slope(&r->loss, residual[i]);
    }
    return total;
}

/* ---- the network ---- */

void reference_create(reference *r, const fps_network_shape *shape, int64_t samples) {
    memset(r, 0, sizeof *r);
    r->shape = *shape;
    r->samples = samples;
    r->widest = shape->inputs;
    int64_t in = shape->inputs;
    for (int l = 0; l <= shape->depth; l++) {
        int64_t out = l < shape->depth ? shape->width[l] : 1;
        bool bias = l < shape->depth ? shape->hidden_bias : shape->output_bias;
        r->count += out * in + (bias ? out : 0);
        r->widest = out > r->widest ? out : r->widest;
        in = out;
    }
    r->input = calloc((size_t)(samples * shape->inputs), sizeof(double));
    r->values = calloc((size_t)(3 * (shape->depth + 2) * r->widest), sizeof(double));
    double **per_sample[] = {&r->label, &r->sample_weight, &r->residual, &r->slope_of_loss};
    for (int i = 0; i < 4; i++)
        *per_sample[i] = calloc((size_t)samples, sizeof(double));
    double **per_weight[] = {&r->weights, &r->gradient, &r->state[0], &r->state[1]};
    for (int i = 0; i < 4; i++)
        *per_weight[i] = calloc((size_t)r->count, sizeof(double));
}

void reference_release(reference *r) {
    double *blocks[] = {r->input,         r->values,  r->label,    r->sample_weight, r->residual,
                        r->slope_of_loss, r->weights, r->gradient, r->state[0],      r->state[1]};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
    memset(r, 0, sizeof *r);
}

void reference_from_task(reference *r, const fps_task *task, int64_t samples) {
    fps_network_shape shape;
    fps_task_shape(task, &shape);
    reference_create(r, &shape, samples);
    r->loss = task->loss;
    r->optimizer = (fps_optimizer)task->optimizer.code;
    r->trained = (fps_trained)task->train.code;
    r->learning_rate = task->learning_rate.argument[0];
    r->momentum = task->momentum;
    r->beta1 = task->beta1;
    r->beta2 = task->beta2;
    r->epsilon = task->epsilon;
    r->dimension = (int)task->dimension;
    r->side = (int64_t)llround(pow((double)samples, 1.0 / (double)task->dimension));
    memcpy(r->domain, task->domain, sizeof r->domain);
    for (int64_t i = 0; i < samples; i++)
        r->sample_weight[i] = 1.0 / (double)samples;
}

/* Layer l: where it lies, recomputed from network.h's words. */
typedef struct layer {
    int64_t in, out, weights, bias; /* bias -1: none */
    double scale;
} layer;

static layer layer_of(const reference *r, int l) {
    const fps_network_shape *s = &r->shape;
    layer y = {.in = s->inputs};
    int64_t offset = 0;
    for (int i = 0;; i++) {
        y.out = i < s->depth ? s->width[i] : 1;
        bool bias = i < s->depth ? s->hidden_bias : s->output_bias;
        y.weights = offset;
        offset += y.out * y.in;
        y.bias = bias ? offset : -1;
        offset += bias ? y.out : 0;
        if (i == l)
            break;
        y.in = y.out;
    }
    y.scale = s->ntk ? 1 / sqrt((double)y.in) : 1;
    return y;
}

static double *row(reference *r, int kind, int l) { /* kind 0 values, 1 slopes, 2 gradients */
    return r->values + ((int64_t)kind * (r->shape.depth + 2) + l) * r->widest;
}

double reference_output(reference *r, const double *input) {
    memcpy(row(r, 0, 0), input, (size_t)r->shape.inputs * sizeof *input);
    for (int l = 0; l <= r->shape.depth; l++) {
        layer y = layer_of(r, l);
        const double *x = row(r, 0, l);
        for (int64_t j = 0; j < y.out; j++) {
            double z = 0;
            for (int64_t m = 0; m < y.in; m++) {
                int64_t i = at(r, m, y.in);
                z += r->weights[y.weights + j * y.in + i] * x[i];
            }
            z *= y.scale;
            if (y.bias >= 0)
                z += r->weights[y.bias + j];
            bool hidden = l < r->shape.depth;
            row(r, 0, l + 1)[j] = hidden ? activation(r->shape.activation, z) : z;
            row(r, 1, l + 1)[j] = hidden ? activation_slope(r->shape.activation, z) : 1;
        }
    }
    return row(r, 0, r->shape.depth + 1)[0];
}

/* Add doutput dh/dw at one input to the gradient. */
static void backward(reference *r, const double *input, double doutput) {
    reference_output(r, input);
    row(r, 2, r->shape.depth + 1)[0] = doutput;
    for (int l = r->shape.depth; l >= 0; l--) {
        layer y = layer_of(r, l);
        const double *x = row(r, 0, l), *dz = row(r, 2, l + 1);
        bool output = l == r->shape.depth;
        bool train_weights = r->trained == FPS_TRAIN_ALL || (r->trained == FPS_TRAIN_OUTPUT && output);
        bool train_bias = train_weights || r->trained == FPS_TRAIN_BIASES;
        for (int64_t j = 0; j < y.out; j++) {
            for (int64_t i = 0; i < y.in && train_weights; i++)
                r->gradient[y.weights + j * y.in + i] += y.scale * dz[j] * x[i];
            if (y.bias >= 0 && train_bias)
                r->gradient[y.bias + j] += dz[j];
        }
        for (int64_t i = 0; i < y.in && l > 0; i++) {
            double sum = 0;
            for (int64_t m = 0; m < y.out; m++) {
                int64_t j = at(r, m, y.out);
                sum += y.scale * r->weights[y.weights + j * y.in + i] * dz[j];
            }
            row(r, 2, l)[i] = sum * row(r, 1, l)[i];
        }
    }
}

double reference_gradient(reference *r, const int32_t *batch, int64_t size) {
    int64_t n = batch ? size : r->samples;
    double *w = calloc((size_t)n, sizeof *w), total = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t sample = batch ? batch[i] : i;
        w[i] = r->sample_weight[sample];
        total += w[i];
        r->residual[i] = reference_output(r, r->input + sample * r->shape.inputs) - r->label[sample];
    }
    for (int64_t i = 0; i < n && batch; i++)
        w[i] /= total;
    double loss = reference_loss(r, r->residual, w, n, r->side, r->slope_of_loss);
    memset(r->gradient, 0, (size_t)r->count * sizeof *r->gradient);
    for (int64_t j = 0; j < n; j++) {
        int64_t i = at(r, j, n);
        backward(r, r->input + (batch ? batch[i] : i) * r->shape.inputs, r->slope_of_loss[i]);
    }
    free(w);
    return loss;
}

double reference_step(reference *r, const int32_t *batch, int64_t size) {
    double loss = reference_gradient(r, batch, size), eta = r->learning_rate;
    double b1 = r->beta1, b2 = r->beta2, mu = r->momentum, t = (double)++r->updates;
    for (int64_t i = 0; i < r->count; i++) {
        double g = r->gradient[i], *w = &r->weights[i], *s0 = &r->state[0][i], *s1 = &r->state[1][i];
        switch (r->optimizer) {
        case FPS_OPTIMIZER_GD:
            *w -= eta * g;
            break;
        case FPS_OPTIMIZER_MOMENTUM:
            *s0 = mu * *s0 + g;
            *w -= eta * *s0;
            break;
        case FPS_OPTIMIZER_NESTEROV:
            *s0 = mu * *s0 + g;
            *w -= eta * (g + mu * *s0);
            break;
        case FPS_OPTIMIZER_ADAM:
            *s0 = b1 * *s0 + (1 - b1) * g;
            *s1 = b2 * *s1 + (1 - b2) * g * g;
            *w -= eta / (1 - pow(b1, t)) * *s0 / (sqrt(*s1 / (1 - pow(b2, t))) + r->epsilon);
            break;
        case FPS_OPTIMIZER_RMSPROP:
            *s0 = b2 * *s0 + (1 - b2) * g * g;
            *w -= eta * g / (sqrt(*s0) + r->epsilon);
            break;
        case FPS_OPTIMIZER_FLOW: /* has no update */
        case FPS_OPTIMIZER_COUNT:
            abort();
        }
    }
    return loss;
}

/* ---- measuring ---- */

double _Complex reference_coefficient(const double *f, int dimension, int64_t side, int axis, int64_t k,
                                      bool downwards) {
    int64_t n = 1, stride = 1;
    for (int a = 0; a < dimension; a++)
        n *= side;
    for (int a = dimension - 1; a > axis; a--)
        stride *= side;
    double _Complex sum = 0;
    for (int64_t m = 0; m < n; m++) {
        int64_t i = downwards ? n - 1 - m : m, g = i / stride % side;
        /* (g + 1/2) k / N turns, whole turns removed exactly */
        double turns = (double)((2 * g + 1) * k % (2 * side)) / (double)(2 * side);
        sum += f[i] * cexp(-2 * pi * I * turns);
    }
    return sum / (double)n;
}

void reference_features(int dimension, int64_t band_limit, double step, double decay_rate, const double *x,
                        double *out) {
    int64_t side = 2 * band_limit + 1, vectors = 1, row_number = 0;
    for (int a = 0; a < dimension; a++)
        vectors *= side;
    double unit = sqrt(pow(step, dimension));
    out[row_number++] = unit;
    for (int64_t v = (vectors + 1) / 2; v < vectors; v++) { /* the lexicographically positive half */
        int64_t rest = v, j[3];
        double square = 0, turns = 0;
        for (int a = dimension - 1; a >= 0; a--) {
            j[a] = rest % side - band_limit;
            rest /= side;
        }
        for (int a = 0; a < dimension; a++) {
            double xi = (double)j[a] * step;
            square += xi * xi;
            turns += xi * x[a];
        }
        double size = sqrt(2) * unit * pow(1 + square, -decay_rate / 4);
        out[row_number++] = size * cos(2 * pi * turns);
        out[row_number++] = size * sin(2 * pi * turns);
    }
}
