/* choices.c: the tables of names that belong to the task rather than to a numeric module. */
#include <math.h>
#include <string.h>

#include "fpsweep/task.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define TABLE(variable, label, entries)                                                                                \
    const fps_choice_table variable = {.name = label, .entry = entries, .count = COUNT(entries)}

static const fps_choice_entry models[] = {
    [FPS_MODEL_NETWORK] = {.name = "network", .sentence = "a network is trained"},
    [FPS_MODEL_DIRECT] = {.name = "direct",
                          .sentence = "the variational problem of the linear frequency principle is solved, without "
                                      "training, on every rung of record.ladder"},
};
TABLE(fps_table_model, "model", models);

static const fps_choice_entry targets[] = {
    [FPS_TARGET_EXPRESSION] = {.name = "expression", .sentence = "an expression in x (x1, x2, x3 in more dimensions)"},
    [FPS_TARGET_RANDOM] = {.name = "random", .sentence = "standard normal labels at the samples"},
    [FPS_TARGET_DATA] = {.name = "data", .sentence = "the labels of the data file"},
};
TABLE(fps_table_target, "target", targets);

static const fps_choice_entry biases[] = {
    [FPS_BIAS_ALL] = {.name = "all", .sentence = "every layer has biases"},
    [FPS_BIAS_HIDDEN] = {.name = "hidden", .sentence = "all layers but the output layer have biases"},
    [FPS_BIAS_NONE] = {.name = "none", .sentence = "no biases"},
};
TABLE(fps_table_bias, "bias", biases);

static const fps_choice_entry trained[] = {
    [FPS_TRAIN_ALL] = {.name = "all", .sentence = "all weights and biases"},
    [FPS_TRAIN_OUTPUT] = {.name = "output", .sentence = "the output layer only"},
    [FPS_TRAIN_BIASES] = {.name = "biases", .sentence = "all biases, no weights"},
};
TABLE(fps_table_train, "train", trained);

static const fps_choice_entry yes_no[] = {
    [FPS_NO] = {.name = "no", .sentence = "no"},
    [FPS_YES] = {.name = "yes", .sentence = "yes"},
};
TABLE(fps_table_yes_no, "yes_no", yes_no);

static const fps_choice_entry precisions[] = {
    [FPS_SINGLE] = {.name = "single", .sentence = "32-bit floating point"},
    [FPS_DOUBLE] = {.name = "double", .sentence = "64-bit floating point"},
};
TABLE(fps_table_precision, "precision", precisions);

static const fps_choice_entry learning_rates[] = {
    [FPS_RATE_VALUE] = {.name = "value",
                        .arguments = 1,
                        .argument_name = {"rate"},
                        .minimum = {0},
                        .maximum = {INFINITY},
                        .open_minimum = {true},
                        .sentence = "the learning rate itself"},
    [FPS_RATE_STABLE] = {.name = "stable",
                         .arguments = 1,
                         .argument_name = {"c"},
                         .minimum = {0},
                         .maximum = {INFINITY},
                         .open_minimum = {true},
                         .sentence =
                             "c times 2 / lambda_max of the mean squared error's Gauss-Newton matrix at the start"},
};
TABLE(fps_table_learning_rate, "learning_rate", learning_rates);

/* Words with a fixed value in a real parameter: the value stands in `minimum[0]`. */
static const fps_choice_entry decay_rates[] = {
    {.name = "none", .minimum = {-1}, .maximum = {-1}, .sentence = "no features: the network sees x itself"},
};
TABLE(fps_table_decay_rate, "decay_rate", decay_rates);

static const fps_choice_entry cutoffs[] = {
    [FPS_CUTOFF_CUBE] = {.name = "cube", .sentence = "|j| of every axis is at most the band limit M"},
    [FPS_CUTOFF_BALL] = {.name = "ball", .sentence = "the length of j is at most M + 1/2; two dimensions only"},
};
TABLE(fps_table_cutoff, "cutoff", cutoffs);

/* ---- numbers that stand for names in expressions ---- */

static const fps_choice_table *const tables[] = {
    &fps_table_activation,
    &fps_table_loss,
    &fps_table_optimizer,
    &fps_table_initializer,
    &fps_table_bias_initializer,
    &fps_table_density,
    &fps_table_sampling,
    &fps_table_window,
    &fps_table_bias,
    &fps_table_train,
    &fps_table_yes_no,
    &fps_table_precision,
    &fps_table_model,
    &fps_table_target,
    &fps_table_learning_rate,
    &fps_table_decay_rate,
    &fps_table_cutoff,
};

const fps_choice_table *const *fps_choice_tables(int *count) {
    *count = COUNT(tables);
    return tables;
}

/* A name's number is 1000 plus the place of its first occurrence when all tables are laid end to end,
 * first the built-in ones: those stay what they are, whatever is registered. */
double fps_name_value(const char *name) {
    if (strcmp(name, "none") == 0)
        return -1;
    double place = 1000;
    for (int t = 0; t < COUNT(tables); t++)
        for (int code = 0; code < tables[t]->count; code++, place++)
            if (strcmp(tables[t]->entry[code].name, name) == 0)
                return place;
    for (int t = 0; t < COUNT(tables); t++)
        for (int code = tables[t]->count; code < fps_choice_count(tables[t]); code++, place++)
            if (strcmp(tables[t]->entry[code].name, name) == 0)
                return place;
    return NAN;
}
