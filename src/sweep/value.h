/* value.h: one value of a parameter as the sweep file gives it: constants folded, expressions compiled, checked as far
 * as it is constant. */
#ifndef FPSWEEP_SWEEP_VALUE_H
#define FPSWEEP_SWEEP_VALUE_H

#include "fpsweep/task.h"
#include "sweep/document.h"
#include "sweep/formula.h"

typedef struct fps_value {
    fps_place place;
    bool exact;               /* `text` stands in the file letter by letter from `place` on */
    int32_t code;             /* choice: place in its table */
    int32_t items;            /* width: layers given (0: one number); domain: pairs given; choice: arguments */
    fps_number number[2];     /* the number, or a choice's arguments */
    const char *text;         /* target, density: the expression; data: the file; width: the layers; else NULL */
    const int32_t *widths;    /* [items], or NULL */
    const fps_number *domain; /* [2 items], or NULL */
} fps_value;

/* What values are read with; borrows everything. */
typedef struct fps_value_reader {
    const char *name;
    fps_arena *arena;
    fps_formulas *formulas;
    int64_t *room; /* values that may still be written out, in the whole sweep */
} fps_value_reader;

/* Read the value of a parameter from a node (for a domain a list, for all others a scalar). */
fps_status fps_value_read(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                          fps_value *out);

/* The readers of the kinds that have a file of their own, and of plain numbers. */
fps_status fps_value_read_number(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                 fps_value *out);
fps_status fps_value_read_choice(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                 fps_value *out);
fps_status fps_value_read_width(const fps_value_reader *reader, const fps_parameter *parameter, const fps_node *node,
                                fps_value *out);

/* Read a constant number. */
fps_status fps_value_read_constant(const fps_value_reader *reader, const fps_node *node, const char *what, double *out);

/* Does this parameter take bare numbers (and so ranges)? */
bool fps_value_is_number(const fps_parameter *parameter);

/* The word that a real parameter's constant stands for ("none" for -1), or NULL. */
const char *fps_value_word(const fps_parameter *parameter, const fps_value *value);

/* Check a number against the parameter's range, or a choice's argument against its own. */
fps_status fps_value_check_number(const char *name, fps_place place, const fps_parameter *parameter, double value);
fps_status fps_value_check_argument(const char *name, fps_place place, const fps_choice_entry *entry, int argument,
                                    double value);

/* Parameters that the value reads. */
uint64_t fps_value_reads(const fps_formulas *formulas, const fps_value *value);

/* Equal values have equal hashes (expressions by their text). */
uint64_t fps_value_hash(const fps_value *value);

/* Entry of a choice table that users do not write but mean by a bare number ("value") or expression; -1 if none. */
int fps_value_bare(const fps_choice_table *table, const char *word);

#endif
