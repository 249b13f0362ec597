/* internal.h: what a plan is made of. Filled once, in this order: sections (the file's keys), order (who depends on
 * whom), evaluation of every combination, survivors, extents. */
#ifndef FPSWEEP_SWEEP_INTERNAL_H
#define FPSWEEP_SWEEP_INTERNAL_H

#include "fpsweep/plan.h"
#include "sweep/axis.h"
#include "sweep/document.h"
#include "sweep/survivors.h"

#define FPS_PARAMETERS 60 /* at most so many in the table: sets of them are bits of a word */

/* A factor of the grid, in its order of counting: the last one varies fastest. */
typedef struct fps_factor {
    int parameter[FPS_PARAMETERS];
    int parameters;
    int64_t count;
    int64_t stride; /* combinations between two neighbouring values */
} fps_factor;

/* The combination that is being looked at. Evaluated step by step: only what depends on a changed factor is redone. */
typedef struct fps_evaluator {
    fps_task task;                 /* ignored parameters as given */
    double variable[64];           /* values of parameters as numbers; FPS_SIDE */
    int64_t digit[FPS_PARAMETERS]; /* value of each factor */
    uint64_t failed;               /* parameters whose value could not be computed */
    uint64_t stale_first, stale;   /* factors that changed since the steps of `first`, the other steps were done */
} fps_evaluator;

/* One parameter to evaluate, in an order in which everything that it reads comes before. */
typedef struct fps_step {
    int parameter;    /* or FPS_SIDE */
    uint64_t factors; /* it depends on these, directly or through others */
} fps_step;

struct fps_plan {
    char *name, *text; /* of the file; its bytes */
    size_t length;
    uint64_t hash;
    fps_arena arena;
    fps_formulas formulas;
    int64_t room; /* see fps_value_reader */
    int64_t limit;

    uint8_t index[sizeof(fps_task)]; /* of the parameter whose field begins at this offset; see FPS_P */

    /* sections */
    const char *title, *about;
    fps_axis axis[FPS_PARAMETERS];     /* as given, else the default */
    fps_axis fallback[FPS_PARAMETERS]; /* the default; count 0 if there is none */
    fps_axis linear[2];                /* defaults of bias and initializer at depth 0 with a decay_rate */
    uint64_t given;
    fps_factor *factor; /* [factors] */
    int factors;
    const fps_node *where_node;
    fps_number where; /* formula < 0: none, or the constant `value` */
    bool has_where;
    fps_record_spec record;
    const fps_node *record_node; /* of `frequencies`; NULL: default */
    const fps_node *ladder_node, *count_node, *spacing_node, *keep_node, *threshold_node; /* likewise */
    const char **dataset_path; /* [datasets] distinct, in order of first use */
    int datasets;
    const fps_dataset **dataset; /* [datasets], NULL until set */

    /* order */
    fps_step step[FPS_PARAMETERS + 4];
    int steps, first;        /* the first `first` steps are what `where` reads */
    uint64_t factors_of[64]; /* of each parameter: factors that it depends on */
    uint64_t numbered;       /* parameters whose number is read by some expression */
    bool depth_from_width;
    char (*digits)[8];                   /* [65537] "0", "1", ...: the texts of computed widths */
    double *name_number[FPS_PARAMETERS]; /* [codes] of choice parameters: the number of each name; NAN: its argument */

    /* combinations */
    int64_t combinations;
    fps_survivors tasks; /* survive both */
    fps_survivors kept;  /* survive `where` */
    int64_t dropped_where, dropped_same;
    fps_extent extent;
    bool all_single;
    fps_evaluator *evaluator; /* owned; changes while tasks are computed */
};

static inline fps_value_reader fps_plan_reader(fps_plan *plan) {
    return (fps_value_reader){plan->name, &plan->arena, &plan->formulas, &plan->room};
}

/* fps_plan_create with another limit on the combinations (tests, fuzzing). */
fps_status fps_plan_create_limited(const char *name, const char *text, size_t length, int64_t limit, fps_plan **out);

/* ---- sections.c, record.c ---- */
fps_status fps_sections_read(fps_plan *plan, const fps_node *root);
fps_status fps_record_read(fps_plan *plan, const fps_node *node);
/* Check that record and model agree, once what does not vary has been evaluated. */
fps_status fps_record_model(fps_plan *plan);

/* ---- thresholds.c ---- */
fps_status fps_thresholds_read(fps_plan *plan, const fps_node *node);
/* Where the file gives none: geometrically from the lowest frequency of all tasks to a fifth of the lowest Nyquist's.
 */
fps_status fps_thresholds_default(fps_plan *plan, double lowest, double nyquist);
/* The lowest Nyquist frequency over the axes of a task, cycles per unit length. */
double fps_thresholds_nyquist(const fps_task *task);
/* Do all thresholds lie far enough below it for sums to be those of the whole spectrum? */
bool fps_thresholds_resolved(const fps_record_spec *record, const fps_task *task);

/* ---- order.c ---- */
/* Find the order of evaluation; cycles are refused. */
fps_status fps_order_create(fps_plan *plan);

/* ---- evaluate.c ---- */
/* Evaluate what does not vary. */
fps_status fps_evaluate_start(fps_plan *plan);
/* Go to a combination and return the factors whose value changed. Cheap for neighbours. */
uint64_t fps_evaluate_seek(const fps_plan *plan, int64_t combination);
/* Evaluate what `where` reads; *keep: is it true? */
fps_status fps_evaluate_where(const fps_plan *plan, bool *keep);
/* Evaluate all parameters. Those that fail are noted in evaluator->failed. */
void fps_evaluate_parameters(const fps_plan *plan);
/* Evaluate one parameter again to have its message. */
fps_status fps_evaluate_explain(const fps_plan *plan, int parameter);
/* Parameters that the task uses. */
uint64_t fps_evaluate_used(const fps_task *task);
/* Give parameters that `task` (a copy of the evaluator's) ignores their defaults. */
void fps_evaluate_canonical(const fps_plan *plan, fps_task *task, uint64_t used);
/* Value number of a parameter in the present combination, and its place. */
int64_t fps_evaluate_index(const fps_plan *plan, int parameter);
fps_place fps_evaluate_place(const fps_plan *plan, int parameter);
/* A parameter as a number, for expressions; the longest side of the domain. */
double fps_evaluate_value(const fps_plan *plan, int parameter, const fps_task *task);
double fps_evaluate_side(const fps_task *task);
/* Hash over the values of the varying parameters that are used. */
uint64_t fps_evaluate_hash(const fps_plan *plan, uint64_t used);

/* ---- describe.c ---- */
/* "depth=2 width=50": the values of these parameters in a task, as far as they belong to factors. Like snprintf. */
int fps_describe_factors(const fps_plan *plan, const fps_task *task, uint64_t parameters, char *buffer, size_t size);
/* Value k of a parameter as the file gives it. */
void fps_describe_given(const fps_plan *plan, int parameter, int64_t k, char *buffer, size_t size);
/* FPS_ERROR_SWEEP at the value of `parameter`, with the present combination in words. */
fps_status fps_plan_fail(const fps_plan *plan, int parameter, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- rules.c ---- */
typedef struct fps_rules fps_rules; /* what has been checked already, so that costly checks run once per value */
fps_status fps_rules_create(fps_rules **out);
void fps_rules_destroy(fps_rules **rules);
/* Check what parameters must obey together. `used` as fps_evaluate_used. */
fps_status fps_rules_check(fps_rules *rules, const fps_plan *plan, uint64_t used);

/* ---- combinations.c ---- */
/* Evaluate and check every combination; fill tasks, kept, dropped_*. */
fps_status fps_combinations_visit(fps_plan *plan);

/* ---- extents.c ---- */
/* Modes 0 .. K - 1 where the file lists none. */
fps_status fps_record_modes(fps_plan *plan);
/* Largest extents over all tasks, with the datasets that are set; frequencies where they are the default. */
fps_status fps_extents_measure(fps_plan *plan);

/* Index of a parameter by its field, where a variable `plan` is at hand: FPS_P(depth). */
#define FPS_P(field) (plan->index[offsetof(fps_task, field)])

#endif
