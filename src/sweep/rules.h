/* rules.h: the rules' view of a task, shared by the files of rules. */
#ifndef FPSWEEP_SWEEP_RULES_H
#define FPSWEEP_SWEEP_RULES_H

#include "sweep/hashset.h"
#include "sweep/internal.h"

struct fps_rules {
    fps_hashset targets, densities;
    uint64_t target_key[15]; /* of the target looked at last */
};

/* One rule's view of a task. */
typedef struct fps_rule_case {
    fps_rules *rules;
    const fps_plan *plan;
    const fps_task *task;
    uint64_t used;
} fps_rule_case;

/* Index of a parameter by its field. */
#define P(field) (c->plan->index[offsetof(fps_task, field)])

static inline bool fps_rule_uses(const fps_rule_case *c, int p) {
    return (c->used & FPS_BIT(p)) != 0;
}

static inline bool fps_rule_has_grid(const fps_task *task) {
    return task->target.code == FPS_TARGET_EXPRESSION;
}

static inline double fps_rule_power(double base, int64_t exponent) {
    double product = 1;
    for (int64_t i = 0; i < exponent; i++)
        product *= base;
    return product;
}

/* Targets and densities are expressions that can be evaluated, and are finite where they will be. */
fps_status fps_rule_target(const fps_rule_case *c);
fps_status fps_rule_density(const fps_rule_case *c);

#endif
