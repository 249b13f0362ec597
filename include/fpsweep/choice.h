/* choice.h: values that are a name with up to two numbers: relu, lp(4), normal(0, 1).
 *
 * Adding an activation, loss, density, ... is one line in its list; parsing, printing, the reference of parameters and
 * the results file all read the tables made from these lists.
 */
#ifndef FPSWEEP_CHOICE_H
#define FPSWEEP_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most numbers that a name takes. */
#define FPS_CHOICE_ARGUMENTS 2

/* One admissible name. `minimum`/`maximum` bound each argument (inclusive; `open_minimum`: the minimum is excluded). */
typedef struct fps_choice_entry {
    const char *name;
    int arguments; /* how many numbers follow in parentheses: 0, 1 or 2 */
    const char *argument_name[FPS_CHOICE_ARGUMENTS];
    double minimum[FPS_CHOICE_ARGUMENTS], maximum[FPS_CHOICE_ARGUMENTS];
    bool open_minimum[FPS_CHOICE_ARGUMENTS];
    const char *sentence; /* what it is, with its formula; for `fpsweep parameters` */
} fps_choice_entry;

/* All admissible names of one parameter. */
typedef struct fps_choice_table {
    const char *name; /* "activation" */
    const fps_choice_entry *entry;
    int count;        /* built-in entries */
    const int *added; /* how many follow them in entry[], registered at run time (extension.h); NULL: none ever */
} fps_choice_table;

/* All entries of a table: codes are below this. */
int fps_choice_count(const fps_choice_table *table);

/* A chosen value. `code` is the entry's place in its table. `text` is the expression where the code means "expression"
 * (density, target), else NULL; borrowed from the plan. */
typedef struct fps_choice {
    int32_t code;
    double argument[FPS_CHOICE_ARGUMENTS];
    const char *text;
} fps_choice;

/* Code of `name` (length bytes, or -1 for a terminated string) in the table; -1 if there is none. */
int fps_choice_find(const fps_choice_table *table, const char *name, int length);

/* Write the canonical text ("normal(0, 1)", shortest numbers that read back equal) and return its length as snprintf.
 */
int fps_choice_format(const fps_choice_table *table, const fps_choice *choice, char *buffer, size_t size);

/* Write the shortest decimal number that reads back as `value` (independent of the locale "C" numbers); as snprintf. */
int fps_number_format(double value, char *buffer, size_t size);

/* The tables. Codes are the enums of activation.h, loss.h, ... */
extern const fps_choice_table fps_table_activation;
extern const fps_choice_table fps_table_loss;
extern const fps_choice_table fps_table_optimizer;
extern const fps_choice_table fps_table_initializer;
extern const fps_choice_table fps_table_bias_initializer;
extern const fps_choice_table fps_table_density;
extern const fps_choice_table fps_table_sampling;
extern const fps_choice_table fps_table_window;
extern const fps_choice_table fps_table_bias;
extern const fps_choice_table fps_table_train;
extern const fps_choice_table fps_table_yes_no;
extern const fps_choice_table fps_table_precision;
extern const fps_choice_table fps_table_model;
extern const fps_choice_table fps_table_target;
extern const fps_choice_table fps_table_learning_rate;
extern const fps_choice_table fps_table_decay_rate;
extern const fps_choice_table fps_table_cutoff;

#ifdef __cplusplus
}
#endif
#endif
