/* task.h: one point of a sweep as a plain value, and the table of everything a task can vary in.
 *
 * The table is the only place that knows the parameters: the sweep file's parser, `fpsweep parameters`, the variables
 * of the results file, printing, comparing and the identity of a task all read it.
 */
#ifndef FPSWEEP_TASK_H
#define FPSWEEP_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/choice.h"
#include "fpsweep/network.h"
#include "fpsweep/sampling.h"
#include "fpsweep/status.h"

typedef enum fps_model { FPS_MODEL_NETWORK, FPS_MODEL_DIRECT, FPS_MODEL_COUNT } fps_model;
typedef enum fps_target { FPS_TARGET_EXPRESSION, FPS_TARGET_RANDOM, FPS_TARGET_DATA, FPS_TARGET_COUNT } fps_target;
typedef enum fps_rate_kind { FPS_RATE_VALUE, FPS_RATE_STABLE, FPS_RATE_COUNT } fps_rate_kind;
typedef enum fps_bias { FPS_BIAS_ALL, FPS_BIAS_HIDDEN, FPS_BIAS_NONE, FPS_BIAS_COUNT } fps_bias;
typedef enum fps_yes_no { FPS_NO, FPS_YES } fps_yes_no;
typedef enum fps_precision { FPS_SINGLE, FPS_DOUBLE } fps_precision;
typedef enum fps_cutoff { FPS_CUTOFF_CUBE, FPS_CUTOFF_BALL } fps_cutoff;

/* The user's own points (`data`). x[samples, dimension] row-major, y[samples]. Owned by whoever loaded it. */
typedef struct fps_dataset {
    int64_t samples;
    int dimension;
    double *x, *y;
    uint64_t hash; /* XXH3-64 over dimension, samples, x, y: enters the identity of tasks that use it */
} fps_dataset;

/* One task. Strings and the dataset are borrowed from the plan. Units: domain and x in the user's length; learning rate
 * per step. Field names are the parameters' names. */
typedef struct fps_task {
    /* problem */
    fps_choice model;
    int64_t dimension;
    fps_choice target; /* code fps_target; text = expression */
    double domain[FPS_MAX_DIMENSION][2];
    fps_choice density;
    fps_choice sampling;
    int64_t samples;
    double noise;
    int64_t seed, data_seed;
    const char *data; /* file name; "" if none */
    /* network */
    int64_t depth;
    int64_t width;          /* the largest hidden layer; 0 if depth is 0 */
    const char *width_text; /* as given: "100" or "200-200-100" */
    int32_t widths[FPS_MAX_DEPTH];
    fps_choice activation, initializer, bias, bias_initializer, antisymmetric, train, linearised;
    double decay_rate; /* -1: none */
    int64_t band_limit;
    double frequency_step;
    fps_choice cutoff;
    /* training */
    fps_choice loss, optimizer;
    fps_choice learning_rate; /* code fps_rate_kind; argument[0] = the rate, or c of stable(c) */
    double momentum, beta1, beta2, epsilon, flow_tolerance;
    int64_t batch_size, steps;
    double tolerance;
    fps_choice precision;
    /* measuring */
    int64_t grid_points;
    fps_choice window;
    /* derived */
    int64_t index; /* number of the task in its plan = row of the results file */
    const fps_dataset *dataset;
} fps_task;

/* ---- the table ---- */

typedef enum fps_kind {
    FPS_KIND_INTEGER, /* int64_t */
    FPS_KIND_REAL,    /* double; `choices` may name words with a fixed value (none = -1) */
    FPS_KIND_CHOICE,  /* fps_choice; a table with an entry "expression" or "value" also takes those bare */
    FPS_KIND_TEXT,    /* const char * */
    FPS_KIND_WIDTH,   /* int64_t width + const char *width_text + int32_t widths[] */
    FPS_KIND_DOMAIN   /* double[FPS_MAX_DIMENSION][2] */
} fps_kind;

typedef enum fps_group { FPS_GROUP_PROBLEM, FPS_GROUP_NETWORK, FPS_GROUP_TRAINING, FPS_GROUP_MEASURING } fps_group;

typedef struct fps_parameter {
    const char *name;
    fps_group group;
    fps_kind kind;
    size_t offset;           /* of the field in fps_task */
    const char *unit;        /* "1" if dimensionless */
    const char *fallback;    /* default, in the sweep file's syntax (may be an expression); NULL: must be given */
    double minimum, maximum; /* inclusive, of numbers */
    bool open_minimum;       /* the minimum itself is excluded */
    const fps_choice_table *choices;
    bool (*used)(const fps_task *task); /* NULL: always. Decided by parameters that are themselves used. */
    const char *used_when;              /* the same in words; "" if always */
    bool added;           /* after version 1 of the file: in an identity only where it is not the default */
    const char *sentence; /* starts with a capital letter, ends with a full stop */
} fps_parameter;

extern const fps_parameter fps_parameters[];
extern const int fps_parameter_count;

/* Find by name (length bytes, or -1); -1 if there is none. */
int fps_parameter_find(const char *name, int length);

/* Write the value in its canonical text: what the results file, `show` and the identity use. */
int fps_parameter_format(const fps_parameter *parameter, const fps_task *task, char *buffer, size_t size);

/* The value as a number for expressions: choices by the number of their name (fps_name_value), width the largest. */
double fps_parameter_value(const fps_parameter *parameter, const fps_task *task);

/* The number that stands for a choice's name in expressions, equal names equal numbers in all tables; `none` is -1.
 * NAN for a name that is in no table. */
double fps_name_value(const char *name);

/* All tables of names (*count of them), for whoever must know every admissible name. */
const fps_choice_table *const *fps_choice_tables(int *count);

bool fps_parameter_used(const fps_parameter *parameter, const fps_task *task);

/* Does a parameter that the task uses, with this canonical text, enter its identity? Not if it was added later and has
 * its default. */
bool fps_parameter_identifies(const fps_parameter *parameter, const char *value);

/* Identity: XXH3-64 (seed 0) over "name=value\n" of every parameter that the task uses, in table order (without those
 * that were added later and have their default, so that tasks of older files stay the same), and for a task with data
 * "data_hash=%016llx\n". Independent of the sweep that the task belongs to. About 10 us: not stored in the
 * task, computed where a row is written, read or compared. */
uint64_t fps_task_identity(const fps_task *task);

/* Is the task computed, and are its results stored, in single precision? `model: direct` always works in double. */
bool fps_task_is_single(const fps_task *task);

/* The network of a task. */
void fps_task_shape(const fps_task *task, fps_network_shape *shape);

#endif
