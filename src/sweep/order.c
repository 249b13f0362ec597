/* order.c: in which order a task's parameters are computed, and which factors of the grid each depends on.
 *
 * Depth-first search over "reads": first from what `where` reads, then from all parameters, so that combinations which
 * `where` drops cost nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "sweep/internal.h"

enum { NODES = 64, NEW = 0, OPEN, CLOSED };

typedef struct search {
    fps_plan *plan;
    uint64_t reads[NODES];
    int state[NODES];
    int path[NODES], length; /* nodes that are open, from the root */
} search;

static const char *node_name(int node) {
    return node == FPS_SIDE ? "side" : fps_parameters[node].name;
}

/* Parameters that node p reads: through its expressions, and by what it means. */
static uint64_t reads_of(const fps_plan *plan, int p) {
    if (p == FPS_SIDE)
        return FPS_BIT(FPS_P(domain)) | FPS_BIT(FPS_P(dimension));
    uint64_t reads = 0;
    const fps_axis *axis = &plan->axis[p];
    for (int64_t k = 0; axis->value && k < axis->count; k++)
        reads |= fps_value_reads(&plan->formulas, &axis->value[k]);
    if (p == FPS_P(width))
        reads |= FPS_BIT(FPS_P(depth));
    if (p == FPS_P(domain))
        reads |= FPS_BIT(FPS_P(dimension));
    bool by_model = p == FPS_P(bias) || p == FPS_P(initializer);
    if (by_model && !(plan->given & FPS_BIT(p)))
        reads |= FPS_BIT(FPS_P(depth)) | FPS_BIT(FPS_P(decay_rate));
    return reads;
}

/* "width -> depth -> width", told where one of them stands in the file. */
static fps_status fail_cycle(const search *s, int node) {
    char chain[400] = "";
    size_t used = 0;
    fps_place place = {1, 1};
    int start = 0;
    while (s->path[start] != node)
        start++;
    for (int i = start; i <= s->length; i++) {
        int at = i < s->length ? s->path[i] : node;
        if (at != FPS_SIDE && (s->plan->given & FPS_BIT(at)) && place.line == 1 && place.column == 1)
            place = s->plan->axis[at].place;
        if (used < sizeof chain)
            used += (size_t)snprintf(chain + used, sizeof chain - used, "%s%s", i > start ? " -> " : "", node_name(at));
    }
    if (s->length - start == 1)
        return fps_sweep_fail(s->plan->name, place, "%s depends on itself", node_name(node));
    return fps_sweep_fail(s->plan->name, place, "parameters depend on each other in a circle: %s", chain);
}

static fps_status visit(search *s, int node) {
    if (s->state[node] == CLOSED)
        return FPS_OK;
    if (s->state[node] == OPEN)
        return fail_cycle(s, node);
    fps_plan *plan = s->plan;
    s->state[node] = OPEN;
    s->path[s->length++] = node;
    uint64_t factors = 0;
    for (int p = 0; p < NODES; p++)
        if (s->reads[node] & FPS_BIT(p)) {
            FPS_TRY(visit(s, p));
            factors |= plan->factors_of[p];
        }
    if (node != FPS_SIDE && plan->axis[node].factor >= 0)
        factors |= FPS_BIT(plan->axis[node].factor);
    if (node == FPS_P(depth) && plan->depth_from_width && plan->axis[FPS_P(width)].factor >= 0)
        factors |= FPS_BIT(plan->axis[FPS_P(width)].factor);
    plan->factors_of[node] = factors;
    plan->step[plan->steps++] = (fps_step){.parameter = node, .factors = factors};
    s->length--;
    s->state[node] = CLOSED;
    return FPS_OK;
}

static uint64_t formula_reads(const fps_plan *plan, fps_number number) {
    return number.formula < 0 ? 0 : plan->formulas.formula[number.formula].reads;
}

/* Single layers in `width` say how deep the network is, if `depth` does not. */
static bool is_depth_from_width(const fps_plan *plan) {
    const fps_axis *width = &plan->axis[FPS_P(width)];
    if (plan->given & FPS_BIT(FPS_P(depth)))
        return false;
    for (int64_t k = 0; width->value && k < width->count; k++)
        if (width->value[k].widths)
            return true;
    return false;
}

fps_status fps_order_create(fps_plan *plan) {
    search s = {.plan = plan};
    plan->depth_from_width = is_depth_from_width(plan);
    for (int p = 0; p < fps_parameter_count; p++)
        s.reads[p] = reads_of(plan, p);
    s.reads[FPS_SIDE] = reads_of(plan, FPS_SIDE);

    uint64_t where = plan->has_where ? formula_reads(plan, plan->where) : 0;
    plan->numbered = where;
    for (int f = 0; f < plan->formulas.count; f++)
        plan->numbered |= plan->formulas.formula[f].reads;
    for (int p = 0; p < NODES; p++)
        if (where & FPS_BIT(p))
            FPS_TRY(visit(&s, p));
    plan->first = plan->steps;
    for (int p = 0; p < fps_parameter_count; p++)
        FPS_TRY(visit(&s, p));
    if (plan->numbered & FPS_BIT(FPS_SIDE))
        FPS_TRY(visit(&s, FPS_SIDE));
    return FPS_OK;
}
