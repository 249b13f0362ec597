/* tables.c: the tables of names made from the lists of the numeric headers. */
#include <math.h>

#include "fpsweep/activation.h"
#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/sampling.h"
#include "fpsweep/spectrum.h"
#include "numeric/extension.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define TABLE(variable, label, entries)                                                                                \
    const fps_choice_table variable = {.name = label, .entry = entries, .count = COUNT(entries)}

static fps_choice_entry activations[FPS_ACTIVATION_LIMIT] = {
#define X(NAME, word, odd, kink, text) {.name = #word, .sentence = text},
    FPS_ACTIVATION_LIST(X)
#undef X
};
static int added_activations;
const fps_choice_table fps_table_activation = {
    .name = "activation", .entry = activations, .count = FPS_ACTIVATION_COUNT, .added = &added_activations};

void fps_activation_append(const char *name, const char *sentence) {
    activations[FPS_ACTIVATION_COUNT + added_activations++] = (fps_choice_entry){.name = name, .sentence = sentence};
}

int fps_activation_count(void) {
    return fps_choice_count(&fps_table_activation);
}

static const struct {
    bool odd;
    int kink;
} activation_facts[] = {
#define X(NAME, word, is_odd, order, text) {is_odd, order},
    FPS_ACTIVATION_LIST(X)
#undef X
};

bool fps_activation_is_odd(fps_activation activation) {
    return (int)activation < FPS_ACTIVATION_COUNT ? activation_facts[activation].odd
                                                  : fps_extension_of_activation(activation)->odd;
}

int fps_activation_kink(fps_activation activation) {
    return (int)activation < FPS_ACTIVATION_COUNT ? activation_facts[activation].kink
                                                  : fps_extension_of_activation(activation)->kink;
}

static const fps_choice_entry losses[] = {
    [FPS_LOSS_MSE] = {.name = "mse", .sentence = "l(r) = r^2"},
    [FPS_LOSS_MAE] = {.name = "mae", .sentence = "l(r) = |r|"},
    [FPS_LOSS_LP] = {.name = "lp",
                     .arguments = 1,
                     .argument_name = {"p"},
                     .minimum = {1},
                     .maximum = {64},
                     .sentence = "l(r) = |r|^p"},
    [FPS_LOSS_HUBER] = {.name = "huber",
                        .arguments = 1,
                        .argument_name = {"d"},
                        .minimum = {0},
                        .maximum = {INFINITY},
                        .open_minimum = {true},
                        .sentence = "l(r) = r^2 / 2 where |r| <= d, else d (|r| - d/2)"},
    [FPS_LOSS_LOGCOSH] = {.name = "logcosh", .sentence = "l(r) = log cosh r"},
    [FPS_LOSS_SOBOLEV] = {.name = "sobolev",
                          .arguments = 1,
                          .argument_name = {"s"},
                          .minimum = {-8},
                          .maximum = {8},
                          .sentence = "sum over frequencies of <xi>^(2 s) |R(xi)|^2, R the transform of the residuals; "
                                      "s = 0 is mse; sampling midpoint or population, full batch"},
};
TABLE(fps_table_loss, "loss", losses);
_Static_assert(COUNT(losses) == FPS_LOSS_COUNT, "one entry per loss");

static const fps_choice_entry optimizers[] = {
#define X(NAME, word, states, text) {.name = #word, .sentence = text},
    FPS_OPTIMIZER_LIST(X)
#undef X
};
TABLE(fps_table_optimizer, "optimizer", optimizers);

static const int optimizer_states[] = {
#define X(NAME, word, states, text) states,
    FPS_OPTIMIZER_LIST(X)
#undef X
};

int fps_optimizer_states(fps_optimizer optimizer) {
    return optimizer_states[optimizer];
}

/* Names that take one scale argument in both initializer tables. */
#define SCALE(word) .arguments = 1, .argument_name = {word}, .minimum = {0}, .maximum = {1e6}, .open_minimum = {true}

static const fps_choice_entry initializers[] = {
    [FPS_INITIALIZER_GLOROT] = {.name = "glorot", .sentence = "uniform within sqrt(6 / (fan_in + fan_out))"},
    [FPS_INITIALIZER_HE] = {.name = "he", .sentence = "normal, standard deviation sqrt(2 / fan_in)"},
    [FPS_INITIALIZER_LECUN] = {.name = "lecun", .sentence = "normal, standard deviation sqrt(1 / fan_in)"},
    [FPS_INITIALIZER_NORMAL] = {.name = "normal", SCALE("s"), .sentence = "normal, standard deviation s"},
    [FPS_INITIALIZER_UNIFORM] = {.name = "uniform", SCALE("a"), .sentence = "uniform within a"},
    [FPS_INITIALIZER_NTK] = {.name = "ntk",
                             .sentence = "standard normal weights, and every product W x is scaled by 1/sqrt(fan_in)"},
    [FPS_INITIALIZER_ZERO] = {.name = "zero", .sentence = "all weights 0"},
    [FPS_INITIALIZER_SIGN] = {.name = "sign", SCALE("s"), .sentence = "s or -s with equal probability"},
};
TABLE(fps_table_initializer, "initializer", initializers);
_Static_assert(COUNT(initializers) == FPS_INITIALIZER_COUNT, "one entry per initializer");

static const fps_choice_entry bias_initializers[] = {
    [FPS_BIAS_INITIALIZER_PYTORCH] = {.name = "pytorch", .sentence = "uniform within 1/sqrt(fan_in)"},
    [FPS_BIAS_INITIALIZER_ZERO] = {.name = "zero", .sentence = "all biases 0"},
    [FPS_BIAS_INITIALIZER_NORMAL] = {.name = "normal", SCALE("s"), .sentence = "normal, standard deviation s"},
    [FPS_BIAS_INITIALIZER_UNIFORM] = {.name = "uniform", SCALE("a"), .sentence = "uniform within a"},
    [FPS_BIAS_INITIALIZER_STRATIFIED] = {.name = "stratified",
                                         SCALE("a"),
                                         .sentence = "evenly spread quantiles of uniform within a, in random order"},
};
TABLE(fps_table_bias_initializer, "bias_initializer", bias_initializers);
_Static_assert(COUNT(bias_initializers) == FPS_BIAS_INITIALIZER_COUNT, "one entry per bias initializer");

static const fps_choice_entry densities[] = {
    [FPS_DENSITY_UNIFORM] = {.name = "uniform", .sentence = "constant over the domain"},
    [FPS_DENSITY_NORMAL] = {.name = "normal",
                            .arguments = 2,
                            .argument_name = {"m", "s"},
                            .minimum = {-INFINITY, 0},
                            .maximum = {INFINITY, INFINITY},
                            .open_minimum = {false, true},
                            .sentence = "normal with mean m and standard deviation s, cut to the domain"},
    [FPS_DENSITY_BETA] = {.name = "beta",
                          .arguments = 2,
                          .argument_name = {"a", "b"},
                          .minimum = {0, 0},
                          .maximum = {1e4, 1e4},
                          .open_minimum = {true, true},
                          .sentence = "beta(a, b) stretched over the domain"},
    [FPS_DENSITY_EXPRESSION] = {.name = "expression",
                                .sentence = "any expression in x that is positive on the domain; normalised"},
};
TABLE(fps_table_density, "density", densities);
_Static_assert(COUNT(densities) == FPS_DENSITY_COUNT, "one entry per density");

static const fps_choice_entry samplings[] = {
#define X(NAME, word, uses_density, text) {.name = #word, .sentence = text},
    FPS_SAMPLING_LIST(X)
#undef X
};
TABLE(fps_table_sampling, "sampling", samplings);

static const fps_choice_entry windows[] = {
    [FPS_WINDOW_NONE] = {.name = "none", .sentence = "no window"},
    [FPS_WINDOW_HANN] = {.name = "hann", .sentence = "sin^2 over the domain along every axis"},
    [FPS_WINDOW_DENSITY] = {.name = "density", .sentence = "square root of the density"},
};
TABLE(fps_table_window, "window", windows);
_Static_assert(COUNT(windows) == FPS_WINDOW_COUNT, "one entry per window");
