/* plan.h: a sweep file turned into numbered tasks.
 *
 * Rank 0 reads the file; all ranks parse the same bytes, so messages between ranks are only task numbers. Tasks are
 * computed from their number, never stored: the plan keeps a bitmap of the combinations that survive `where` and the
 * collapse of combinations that differ only in parameters which they ignore. Creation evaluates and checks every task,
 * so that fps_plan_task cannot fail.
 */
#ifndef FPSWEEP_PLAN_H
#define FPSWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/status.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Largest number of combinations that is not refused as absurd: planning takes about a minute per 1e8. */
#define FPS_PLAN_LIMIT INT64_C(100000000)

/* Opaque; owns everything that its tasks' strings point to. Immutable after creation, except fps_plan_set_dataset. */
typedef struct fps_plan fps_plan;

/* Read a whole file into *text (fps_free it). FPS_ERROR_INPUT with the path if that fails. Not for sweeps alone. */
fps_status fps_file_read(const char *path, char **text, size_t *length);

/* Parse and check. `name` is what messages call the file ("sweeps/a.yaml"). Copies the text. FPS_ERROR_SWEEP with
 * "name:line:column: what is wrong" for any mistake. Does not open `data` files. */
fps_status fps_plan_create(const char *name, const char *text, size_t length, fps_plan **out);
void fps_plan_destroy(fps_plan **plan);

/* How many tasks the sweep has. */
int64_t fps_plan_count(const fps_plan *plan);
/* Fill *task, i in [0, count). Cheap (about a microsecond), cannot fail. Not thread-safe (expressions). */
void fps_plan_task(const fps_plan *plan, int64_t i, fps_task *task);

const char *fps_plan_name(const fps_plan *plan);  /* the `sweep:` key */
const char *fps_plan_about(const fps_plan *plan); /* "" if none */
/* The text of the sweep file, its length in bytes in *length; borrowed. */
const char *fps_plan_text(const fps_plan *plan, size_t *length);
uint64_t fps_plan_hash(const fps_plan *plan); /* XXH3-64 of the text */
/* What is recorded, of every task; borrowed. */
const fps_record_spec *fps_plan_record(const fps_plan *plan);
/* Largest extent over all tasks (direction: 1 in a purely 1-D sweep). */
const fps_extent *fps_plan_extent(const fps_plan *plan);
/* Is every task in single precision? Then float results are stored as float32. */
bool fps_plan_all_single(const fps_plan *plan);

/* ---- axes ----
 *
 * Combinations are numbered like the digits of a clock: factors in the order grid (as written), then the items of zip
 * (as written); the last factor varies fastest. Tasks are the combinations that are left, in the same order.
 */

/* One factor of the grid: an axis, or a zip item whose parameters move together. */
typedef struct fps_plan_factor {
    int parameters;       /* 1, or more for a zip item */
    const int *parameter; /* indices into fps_parameters */
    int64_t count;        /* values */
} fps_plan_factor;
/* How many factors there are, and factor number `factor`. */
int fps_plan_factors(const fps_plan *plan);
fps_plan_factor fps_plan_factor_at(const fps_plan *plan, int factor);
/* Write value k of a factor as the sweep file gives it, of its parameter number `parameter` (0 .. parameters - 1):
 * "relu", "normal(0, 1)", "0.05/width", "200-100". Returns the length as snprintf. */
int fps_plan_factor_value(const fps_plan *plan, int factor, int parameter, int64_t k, char *buffer, size_t size);
/* Which value of a factor task i has. */
int64_t fps_plan_coordinate(const fps_plan *plan, int64_t i, int factor);
/* Does this parameter vary in the sweep (it is in a factor with more than one value, or an expression of one)? */
bool fps_plan_varies(const fps_plan *plan, int parameter);
/* Line of the sweep file where a parameter is given; 0 if it has its default. */
int fps_plan_line(const fps_plan *plan, int parameter);

/* ---- what was dropped ---- */

int64_t fps_plan_combinations(const fps_plan *plan);  /* before dropping */
int64_t fps_plan_dropped_where(const fps_plan *plan); /* where was false */
int64_t fps_plan_dropped_same(const fps_plan *plan);  /* collapsed into another task */
/* Call `each` for every dropped combination, in order: its values "depth=4 width=100", and the reason. Stops on false.
 */
void fps_plan_dropped(const fps_plan *plan, bool (*each)(void *context, const char *values, const char *reason),
                      void *context);

/* ---- comparing and sharing ---- */

/* Are the tasks of two plans the same, number by number, and recorded the same way? Comments, the name, the order of
 * keys under `fixed` and how a value is written do not count. Calls `each` (NULL: none) with one sentence per
 * difference, from the point of view of a file made by `then`: "width is 100 in the file, 200 now", "seed has 3 values
 * in the file, 4 values now", "record.count is ...". Returns the number of differences. Takes no time if the texts are
 * equal; visits the tasks (some microseconds each) only if their numbers are and something is written differently. */
int64_t fps_plan_compare(const fps_plan *then, const fps_plan *now, void (*each)(void *context, const char *sentence),
                         void *context);

/* Shard `index` of `count` (1 .. count) of a sweep: tasks are dealt out like cards, task i to shard i % count + 1, so
 * that all shards take about equally long. {0, 0}: the whole sweep. */
typedef struct fps_shard {
    int32_t index, count;
} fps_shard;
bool fps_shard_holds(fps_shard shard, int64_t task);
/* How many of `tasks` tasks it holds. */
int64_t fps_shard_tasks(fps_shard shard, int64_t tasks);

/* ---- selecting ---- */

/* Set selected[i] for every task for which `expression` (as in `where`) is true, false for the others. Parameters that
 * a task ignores have their defaults. FPS_ERROR_USAGE, beginning with "--where: ", on a mistake or a non-finite value.
 */
fps_status fps_plan_select(const fps_plan *plan, const char *expression, bool *selected);

/* Short label of a task: the parameters of its factors that vary and that it uses, "depth=2 activation=tanh seed=3".
 * Returns its length as snprintf. */
int fps_plan_label(const fps_plan *plan, int64_t i, char *buffer, size_t size);

/* ---- the user's data ---- */

/* Distinct `data` files of the sweep, in order of first use. */
int fps_plan_datasets(const fps_plan *plan);
const char *fps_plan_dataset_path(const fps_plan *plan, int k); /* as written in the sweep file */
/* Give dataset k (borrowed; must outlive the plan). Recomputes extents; tasks then have samples = its size.
 * FPS_ERROR_SWEEP if its dimension is not the tasks', a batch is larger than it, or (where `x` is there) a point lies
 * outside a task's domain. */
fps_status fps_plan_set_dataset(fps_plan *plan, int k, const fps_dataset *dataset);

/* ---- cost ---- */

/* Warnings that a user should read before running: calls `each` with one sentence per kind, with the number of tasks
 * concerned: everything odd (biases' gradients are then rounding), depth 0 with a decay_rate that leaves the closed
 * form, a learning rate above the stable one (computed for a few of the tasks for which that is cheap). */
void fps_plan_warnings(const fps_plan *plan, void (*each)(void *context, const char *sentence), void *context);

/* Bytes of the results file: results exactly; columns of parameters with the texts of up to 1000 tasks. */
double fps_plan_file_bytes(const fps_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
