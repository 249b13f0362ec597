/* parameter.c: the table of everything that a task can vary in, and what follows from it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/task.h"

/* ---- when a parameter is used ---- */

static bool is_network(const fps_task *t) {
    return t->model.code == FPS_MODEL_NETWORK;
}
static bool is_expression(const fps_task *t) {
    return t->target.code == FPS_TARGET_EXPRESSION;
}
static bool has_data(const fps_task *t) {
    return t->data[0] != '\0';
}
static bool has_no_data(const fps_task *t) {
    return !has_data(t);
}
static bool has_hidden_layers(const fps_task *t) {
    return is_network(t) && t->depth > 0;
}
static bool has_features(const fps_task *t) {
    return is_network(t) && t->decay_rate >= 0;
}
static bool has_biases(const fps_task *t) {
    return is_network(t) && t->bias.code != FPS_BIAS_NONE && (t->depth > 0 || t->bias.code == FPS_BIAS_ALL);
}
static bool samples_by_density(const fps_task *t) {
    int s = t->sampling.code;
    return has_no_data(t) && (s == FPS_SAMPLING_QUANTILE || s == FPS_SAMPLING_JITTERED || s == FPS_SAMPLING_RANDOM ||
                              s == FPS_SAMPLING_POPULATION);
}
static bool uses_density(const fps_task *t) {
    return samples_by_density(t) || (is_network(t) && t->window.code == FPS_WINDOW_DENSITY);
}
static bool uses_data_seed(const fps_task *t) {
    int s = t->sampling.code;
    return t->noise > 0 || t->target.code == FPS_TARGET_RANDOM ||
           (has_no_data(t) && (s == FPS_SAMPLING_JITTERED || s == FPS_SAMPLING_RANDOM));
}
static bool uses_momentum(const fps_task *t) {
    return is_network(t) &&
           (t->optimizer.code == FPS_OPTIMIZER_MOMENTUM || t->optimizer.code == FPS_OPTIMIZER_NESTEROV);
}
static bool uses_beta1(const fps_task *t) {
    return is_network(t) && t->optimizer.code == FPS_OPTIMIZER_ADAM;
}
static bool uses_beta2(const fps_task *t) {
    return is_network(t) && (t->optimizer.code == FPS_OPTIMIZER_ADAM || t->optimizer.code == FPS_OPTIMIZER_RMSPROP);
}
static bool is_flow(const fps_task *t) {
    return is_network(t) && t->optimizer.code == FPS_OPTIMIZER_FLOW && t->linearised.code == FPS_NO;
}
static bool is_random_initializer(const fps_choice *c, int zero) {
    return c->code != zero;
}
static bool uses_seed(const fps_task *t) {
    return is_network(t) &&
           (is_random_initializer(&t->initializer, FPS_INITIALIZER_ZERO) ||
            (has_biases(t) && is_random_initializer(&t->bias_initializer, FPS_BIAS_INITIALIZER_ZERO)) ||
            t->batch_size > 0);
}
/* Values on the measuring grid exist only where the target is known everywhere. */
static bool has_window(const fps_task *t) {
    return is_network(t) && is_expression(t);
}
static bool has_cutoff(const fps_task *t) {
    return !is_network(t) && t->dimension == 2;
}
static bool has_lattice(const fps_task *t) {
    return !is_network(t) || t->decay_rate >= 0;
}

/* ---- the table ---- */

#define FIELD(name) .offset = offsetof(fps_task, name)
#define ANY -INFINITY, INFINITY

#define PROBLEM .group = FPS_GROUP_PROBLEM
#define NETWORK .group = FPS_GROUP_NETWORK
#define TRAINING .group = FPS_GROUP_TRAINING
#define MEASURING .group = FPS_GROUP_MEASURING
#define INTEGER(low, high) .kind = FPS_KIND_INTEGER, .minimum = low, .maximum = high
#define REAL(low, high) .kind = FPS_KIND_REAL, .minimum = low, .maximum = high
#define CHOICE(table) .kind = FPS_KIND_CHOICE, .minimum = -INFINITY, .maximum = INFINITY, .choices = &table
#define WHEN(function, words) .used = function, .used_when = words
#define ALWAYS .used_when = ""

const fps_parameter fps_parameters[] = {
    {.name = "model",
     PROBLEM,
     CHOICE(fps_table_model),
     FIELD(model),
     .unit = "1",
     .fallback = "network",
     ALWAYS,
     .sentence = "What a task computes; the same for the whole sweep."},
    {.name = "dimension",
     PROBLEM,
     INTEGER(1, FPS_MAX_DIMENSION),
     FIELD(dimension),
     .unit = "1",
     .fallback = "1",
     ALWAYS,
     .sentence = "Number of coordinates of the input."},
    {.name = "target",
     PROBLEM,
     CHOICE(fps_table_target),
     FIELD(target),
     .unit = "1",
     .fallback = NULL,
     WHEN(has_no_data, "data is not given"),
     .sentence = "The function to be learnt: an expression in x (x1, x2, x3 in more dimensions), or random."},
    {.name = "domain",
     PROBLEM,
     .kind = FPS_KIND_DOMAIN,
     .minimum = -1e12,
     .maximum = 1e12,
     FIELD(domain),
     .unit = "length",
     .fallback = "[-1, 1]",
     ALWAYS,
     .sentence = "Interval of every coordinate: one pair for all axes, or one per axis; coordinates are used raw."},
    {.name = "density",
     PROBLEM,
     CHOICE(fps_table_density),
     FIELD(density),
     .unit = "1",
     .fallback = "uniform",
     WHEN(uses_density, "sampling is quantile, jittered, random or population, or window is density"),
     .sentence = "Density of the samples along every axis, normalised over the domain; in more dimensions a product."},
    {.name = "sampling",
     PROBLEM,
     CHOICE(fps_table_sampling),
     FIELD(sampling),
     .unit = "1",
     .fallback = "midpoint",
     WHEN(has_no_data, "data is not given"),
     .sentence = "How the training samples are placed."},
    {.name = "samples",
     PROBLEM,
     INTEGER(1, 1 << 24),
     FIELD(samples),
     .unit = "1",
     .fallback = "64",
     WHEN(has_no_data, "data is not given"),
     .sentence = "Number of training samples in all; on grids in d dimensions a d-th power."},
    {.name = "noise",
     PROBLEM,
     REAL(0, 1e12),
     FIELD(noise),
     .unit = "1",
     .fallback = "0",
     ALWAYS,
     .sentence = "Standard deviation of normal noise added to the labels."},
    {.name = "seed",
     PROBLEM,
     INTEGER(0, 9007199254740991.0),
     FIELD(seed),
     .unit = "1",
     .fallback = "0",
     WHEN(uses_seed, "weights, biases or batches are random"),
     .sentence = "Seed of weights, biases and batches."},
    {.name = "data_seed",
     PROBLEM,
     INTEGER(0, 9007199254740991.0),
     FIELD(data_seed),
     .unit = "1",
     .fallback = "seed",
     WHEN(uses_data_seed, "samples, labels or noise are random"),
     .sentence = "Seed of sample positions, random labels and noise."},
    {.name = "data",
     PROBLEM,
     .kind = FPS_KIND_TEXT,
     FIELD(data),
     .unit = "1",
     .fallback = "",
     WHEN(has_data, "it is given"),
     .sentence = "The user's own points: a CSV or HDF5 file with columns x1.. and y, beside the sweep file."},

    {.name = "depth",
     NETWORK,
     INTEGER(0, FPS_MAX_DEPTH),
     FIELD(depth),
     .unit = "1",
     .fallback = "1",
     WHEN(is_network, "model is network"),
     .sentence = "Number of hidden layers; 0 is a linear model."},
    {.name = "width",
     NETWORK,
     .kind = FPS_KIND_WIDTH,
     .minimum = 1,
     .maximum = 65536,
     FIELD(width),
     .unit = "1",
     .fallback = "50",
     WHEN(has_hidden_layers, "depth > 0"),
     .sentence = "Neurons of every hidden layer: one number, or \"200-200-100\" for each; in expressions the largest."},
    {.name = "activation",
     NETWORK,
     CHOICE(fps_table_activation),
     FIELD(activation),
     .unit = "1",
     .fallback = "tanh",
     WHEN(has_hidden_layers, "depth > 0"),
     .sentence = "Activation of the hidden layers."},
    {.name = "initializer",
     NETWORK,
     CHOICE(fps_table_initializer),
     FIELD(initializer),
     .unit = "1",
     .fallback = "glorot",
     WHEN(is_network, "model is network"),
     .sentence = "Initial weights (default zero for depth 0 with a decay_rate)."},
    {.name = "bias",
     NETWORK,
     CHOICE(fps_table_bias),
     FIELD(bias),
     .unit = "1",
     .fallback = "all",
     WHEN(is_network, "model is network"),
     .sentence = "Which layers have biases (default none for depth 0 with a decay_rate)."},
    {.name = "bias_initializer",
     NETWORK,
     CHOICE(fps_table_bias_initializer),
     FIELD(bias_initializer),
     .unit = "1",
     .fallback = "pytorch",
     WHEN(has_biases, "there are biases"),
     .sentence = "Initial biases."},
    {.name = "antisymmetric",
     NETWORK,
     CHOICE(fps_table_yes_no),
     FIELD(antisymmetric),
     .unit = "1",
     .fallback = "no",
     WHEN(has_hidden_layers, "depth > 0"),
     .sentence = "Start with an output of exactly zero, by pairing neurons of opposite output weight."},
    {.name = "train",
     NETWORK,
     CHOICE(fps_table_train),
     FIELD(train),
     .unit = "1",
     .fallback = "all",
     WHEN(is_network, "model is network"),
     .sentence = "Which parameters of the network are trained."},
    {.name = "linearised",
     NETWORK,
     CHOICE(fps_table_yes_no),
     FIELD(linearised),
     .unit = "1",
     .fallback = "no",
     WHEN(is_network, "model is network"),
     .added = true,
     .sentence = "Instead of the network its tangent at the initial weights, whose training by gd or flow is known in "
                 "closed form after any number of steps; loss mse."},
    {.name = "decay_rate",
     NETWORK,
     REAL(0, 64),
     FIELD(decay_rate),
     .unit = "1",
     .fallback = "none",
     .choices = &fps_table_decay_rate,
     ALWAYS,
     .sentence =
         "Exponent alpha of Fourier features <xi>^(-alpha/2) between the input and the first layer, or none; for "
         "model direct the exponent of the variational problem."},
    {.name = "band_limit",
     NETWORK,
     INTEGER(1, 1 << 20),
     FIELD(band_limit),
     .unit = "1",
     .fallback = "grid_points/4",
     WHEN(has_features, "model is network and decay_rate is given"),
     .sentence = "Largest index M of the features' frequencies along every axis."},
    {.name = "frequency_step",
     NETWORK,
     REAL(0, 1e12),
     .open_minimum = true,
     FIELD(frequency_step),
     .unit = "1/length",
     .fallback = "1/(4*side)",
     WHEN(has_lattice, "decay_rate is given, or model is direct"),
     .sentence = "Spacing of the features' frequencies; the default is 1/4 over the domain's longest side."},

    {.name = "cutoff",
     NETWORK,
     CHOICE(fps_table_cutoff),
     FIELD(cutoff),
     .unit = "1",
     .fallback = "cube",
     WHEN(has_cutoff, "model is direct and dimension 2"),
     .sentence = "Shape of the set of frequencies that a band limit admits."},

    {.name = "loss",
     TRAINING,
     CHOICE(fps_table_loss),
     FIELD(loss),
     .unit = "1",
     .fallback = "mse",
     WHEN(is_network, "model is network"),
     .sentence = "Loss, averaged over the samples (weighted by the density for sampling population)."},
    {.name = "optimizer",
     TRAINING,
     CHOICE(fps_table_optimizer),
     FIELD(optimizer),
     .unit = "1",
     .fallback = "adam",
     WHEN(is_network, "model is network"),
     .sentence = "Optimizer, as PyTorch defines it; or flow, true gradient flow."},
    {.name = "learning_rate",
     TRAINING,
     CHOICE(fps_table_learning_rate),
     FIELD(learning_rate),
     .unit = "1",
     .fallback = "0.001",
     WHEN(is_network, "model is network"),
     .sentence = "Step size (of flow: time per step): a number, or stable(c): c times 2 / lambda_max of the tangent "
                 "kernel at the start."},
    {.name = "momentum",
     TRAINING,
     REAL(0, 0.999999),
     FIELD(momentum),
     .unit = "1",
     .fallback = "0.9",
     WHEN(uses_momentum, "optimizer is momentum or nesterov"),
     .sentence = "Momentum mu: the share of the velocity that an update keeps."},
    {.name = "beta1",
     TRAINING,
     REAL(0, 0.999999),
     FIELD(beta1),
     .unit = "1",
     .fallback = "0.9",
     WHEN(uses_beta1, "optimizer is adam"),
     .sentence = "Decay of adam's first moment."},
    {.name = "beta2",
     TRAINING,
     REAL(0, 0.999999999),
     FIELD(beta2),
     .unit = "1",
     .fallback = "optimizer == rmsprop ? 0.99 : 0.999",
     WHEN(uses_beta2, "optimizer is adam or rmsprop"),
     .sentence = "Decay of the second moment (0.999 for adam, 0.99 for rmsprop)."},
    {.name = "epsilon",
     TRAINING,
     REAL(0, 1),
     FIELD(epsilon),
     .unit = "1",
     .fallback = "1e-8",
     WHEN(uses_beta2, "optimizer is adam or rmsprop"),
     .sentence = "Added to the square root of the second moment."},
    {.name = "flow_tolerance",
     TRAINING,
     REAL(1e-13, 0.1),
     FIELD(flow_tolerance),
     .unit = "1",
     .fallback = "1e-06",
     WHEN(is_flow, "optimizer is flow and linearised is no"),
     .added = true,
     .sentence = "Largest error of every inner step of flow, as a share of the length of the weights' path so far."},
    {.name = "batch_size",
     TRAINING,
     INTEGER(0, 1 << 24),
     FIELD(batch_size),
     .unit = "1",
     .fallback = "0",
     WHEN(is_network, "model is network"),
     .sentence = "Samples per update; 0 is all of them."},
    {.name = "steps",
     TRAINING,
     INTEGER(0, 1e12),
     FIELD(steps),
     .unit = "1",
     .fallback = "1000",
     WHEN(is_network, "model is network"),
     .sentence = "Number of updates."},
    {.name = "tolerance",
     TRAINING,
     REAL(0, 1e12),
     FIELD(tolerance),
     .unit = "1",
     .fallback = "0",
     WHEN(is_network, "model is network"),
     .sentence = "Stop when the training loss falls below it; 0 is never."},
    {.name = "precision",
     TRAINING,
     CHOICE(fps_table_precision),
     FIELD(precision),
     .unit = "1",
     .fallback = "single",
     WHEN(is_network, "model is network"),
     .sentence = "Floating point of training and measuring."},

    {.name = "grid_points",
     MEASURING,
     INTEGER(2, 1 << 24),
     FIELD(grid_points),
     .unit = "1",
     .fallback = "256",
     ALWAYS,
     .sentence = "Midpoints N of the measuring grid along every axis; fixes the largest frequency N/2."},
    {.name = "window",
     MEASURING,
     CHOICE(fps_table_window),
     FIELD(window),
     .unit = "1",
     .fallback = "none",
     WHEN(has_window, "model is network and target an expression"),
     .sentence = "Window of the spectra."},
};
const int fps_parameter_count = (int)(sizeof fps_parameters / sizeof *fps_parameters);

/* ---- reading a value ---- */

int fps_parameter_find(const char *name, int length) {
    size_t n = length < 0 ? strlen(name) : (size_t)length;
    for (int p = 0; p < fps_parameter_count; p++)
        if (strlen(fps_parameters[p].name) == n && memcmp(fps_parameters[p].name, name, n) == 0)
            return p;
    return -1;
}

static const void *field(const fps_parameter *parameter, const fps_task *task) {
    return (const char *)task + parameter->offset;
}

/* "[-1, 1]", or "[[-1, 1], [0, 2]]" where axes differ. */
static int format_domain(const double domain[][2], int64_t dimension, char *buffer, size_t size) {
    bool same = true;
    for (int64_t axis = 1; axis < dimension; axis++)
        same = same && domain[axis][0] == domain[0][0] && domain[axis][1] == domain[0][1];
    int64_t pairs = same ? 1 : dimension;
    int used = same ? 0 : snprintf(buffer, size, "[");
    for (int64_t axis = 0; axis < pairs; axis++) {
        char low[32], high[32];
        fps_number_format(domain[axis][0], low, sizeof low);
        fps_number_format(domain[axis][1], high, sizeof high);
        size_t at = (size_t)used < size ? (size_t)used : size;
        used += snprintf(buffer + at, size - at, "%s[%s, %s]", axis ? ", " : "", low, high);
    }
    if (!same) {
        size_t at = (size_t)used < size ? (size_t)used : size;
        used += snprintf(buffer + at, size - at, "]");
    }
    return used;
}

int fps_parameter_format(const fps_parameter *parameter, const fps_task *task, char *buffer, size_t size) {
    const void *value = field(parameter, task);
    switch (parameter->kind) {
    case FPS_KIND_INTEGER:
        return snprintf(buffer, size, "%lld", (long long)*(const int64_t *)value);
    case FPS_KIND_REAL: {
        double x = *(const double *)value;
        for (int code = 0; parameter->choices && code < parameter->choices->count; code++)
            if (parameter->choices->entry[code].minimum[0] == x)
                return snprintf(buffer, size, "%s", parameter->choices->entry[code].name);
        return fps_number_format(x, buffer, size);
    }
    case FPS_KIND_CHOICE:
        return fps_choice_format(parameter->choices, value, buffer, size);
    case FPS_KIND_TEXT:
        return snprintf(buffer, size, "%s", *(const char *const *)value);
    case FPS_KIND_WIDTH:
        return snprintf(buffer, size, "%s", task->width_text);
    case FPS_KIND_DOMAIN:
        return format_domain(value, task->dimension, buffer, size);
    }
    return 0;
}

double fps_parameter_value(const fps_parameter *parameter, const fps_task *task) {
    const void *value = field(parameter, task);
    switch (parameter->kind) {
    case FPS_KIND_INTEGER:
    case FPS_KIND_WIDTH:
        return (double)*(const int64_t *)value;
    case FPS_KIND_REAL:
        return *(const double *)value;
    case FPS_KIND_CHOICE: {
        const fps_choice *choice = value;
        const fps_choice_entry *entry = &parameter->choices->entry[choice->code];
        return strcmp(entry->name, "value") == 0 ? choice->argument[0] : fps_name_value(entry->name);
    }
    case FPS_KIND_TEXT:
    case FPS_KIND_DOMAIN:
        break;
    }
    return NAN; /* has no number */
}

bool fps_parameter_used(const fps_parameter *parameter, const fps_task *task) {
    return !parameter->used || parameter->used(task);
}

bool fps_task_is_single(const fps_task *task) {
    return is_network(task) && task->precision.code == FPS_SINGLE;
}
