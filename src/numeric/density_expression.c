/* density_expression.c: any positive expression in x, integrated over panels.
 *
 * The domain is cut into panels, each so small that one 16-point Gauss-Legendre rule on it agrees with two on its
 * halves; kinks and jumps end in panels of negligible weight. A quantile is found by looking up its panel and solving
 * within it, with the same rule on the part of the panel.
 */
#include <math.h>
#include <stdio.h>

#include "fpsweep/expression.h"
#include "fpsweep/memory.h"
#include "numeric/density_kinds.h"

enum {
    NODES = 16,          /* of the rule */
    FIRST_PANELS = 64,   /* before any refinement: nothing wider than 1/1000 of the domain is missed */
    DEEPEST = 60,        /* halvings of a first panel */
    MOST_PANELS = 100000 /* rougher than this is refused */
};

typedef struct panel {
    double low, high, mass;
    double below, above; /* mass of all panels to the left, to the right */
} panel;

typedef struct table {
    fps_expression *expression;
    double x; /* the expression's variable */
    double node[NODES], weight[NODES];
    panel *panels;
    int64_t count, capacity;
    double mass; /* of the expression as written */
    fps_status status;
} table;

/* Nodes and weights on [-1, 1]: Newton on the Legendre polynomial of degree 16 from the usual cosine start. */
static void make_rule(table *t) {
    for (int i = 0; i < NODES / 2; i++) {
        double z = cos(M_PI * (i + 0.75) / (NODES + 0.5)), slope = 1;
        for (int iteration = 0; iteration < 20; iteration++) {
            double p = 1, before = 0;
            for (int k = 1; k <= NODES; k++) {
                double older = before;
                before = p;
                p = ((2 * k - 1) * z * before - (k - 1) * older) / k;
            }
            slope = NODES * (z * p - before) / (z * z - 1);
            z -= p / slope;
        }
        t->node[i] = -z;
        t->node[NODES - 1 - i] = z;
        t->weight[i] = t->weight[NODES - 1 - i] = 2 / ((1 - z * z) * slope * slope);
    }
}

/* The expression at x; remembers the first failure and answers 0 from then on. */
static double evaluate(table *t, double x) {
    double value = 0;
    if (t->status != FPS_OK)
        return 0;
    t->x = x;
    t->status = fps_expression_evaluate(t->expression, &value);
    if (t->status == FPS_OK && value < 0) {
        t->status = fps_fail(FPS_ERROR_NUMERIC, "it is negative (%.6g) at x = %.6g", value, x);
        value = 0;
    }
    return value;
}

static double integrate(table *t, double low, double high) {
    double middle = 0.5 * (low + high), half = 0.5 * (high - low), sum = 0;
    for (int i = 0; i < NODES; i++)
        sum += t->weight[i] * evaluate(t, middle + half * t->node[i]);
    return half * sum;
}

static fps_status append(table *t, double low, double high, double mass) {
    if (t->count == MOST_PANELS)
        return fps_fail(FPS_ERROR_NUMERIC, "it is too rough to be integrated");
    if (t->count == t->capacity) {
        int64_t capacity = t->capacity ? 2 * t->capacity : 4 * FIRST_PANELS;
        panel *larger = fps_realloc(t->panels, (size_t)t->count, (size_t)capacity, sizeof *larger);
        if (!larger)
            return FPS_ERROR_MEMORY;
        t->panels = larger;
        t->capacity = capacity;
    }
    t->panels[t->count++] = (panel){.low = low, .high = high, .mass = mass};
    return FPS_OK;
}

/* Append the panels of [low, high], left to right, halving until the rule agrees with itself to `tolerance`. */
static fps_status refine(table *t, double low, double high, double mass, double tolerance, int depth) {
    double middle = 0.5 * (low + high), left = integrate(t, low, middle), right = integrate(t, middle, high);
    FPS_TRY(t->status);
    if (fabs(left + right - mass) <= tolerance || depth == DEEPEST || !(low < middle && middle < high)) {
        FPS_TRY(append(t, low, middle, left));
        return append(t, middle, high, right);
    }
    FPS_TRY(refine(t, low, middle, left, tolerance, depth + 1));
    return refine(t, middle, high, right, tolerance, depth + 1);
}

/* Cumulative masses from both ends, with Kahan's correction: a sum of thousands keeps its last digits. */
static void accumulate(table *t) {
    double sum = 0, lost = 0;
    for (int64_t i = 0; i < t->count; i++) {
        t->panels[i].below = sum;
        double term = t->panels[i].mass - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
    t->mass = sum;
    sum = lost = 0;
    for (int64_t i = t->count - 1; i >= 0; i--) {
        t->panels[i].above = sum;
        double term = t->panels[i].mass - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
}

static fps_status build(table *t, double low, double high) {
    double mass[FIRST_PANELS], total = 0;
    double edge[FIRST_PANELS + 1];
    for (int i = 0; i <= FIRST_PANELS; i++) {
        edge[i] = ((FIRST_PANELS - i) * low + i * high) / FIRST_PANELS;
        evaluate(t, edge[i]); /* also the ends must be finite */
    }
    for (int i = 0; i < FIRST_PANELS; i++)
        total += mass[i] = integrate(t, edge[i], edge[i + 1]);
    FPS_TRY(t->status);
    for (int i = 0; i < FIRST_PANELS; i++)
        FPS_TRY(refine(t, edge[i], edge[i + 1], mass[i], 4e-16 * total, 0));
    accumulate(t);
    if (!(t->mass > 0) || !isfinite(t->mass))
        return fps_fail(FPS_ERROR_NUMERIC, "its integral over [%g, %g] is %g, not a positive number", low, high,
                        t->mass);
    return FPS_OK;
}

static void destroy(void *state) {
    table *t = state;
    if (!t)
        return;
    fps_expression_destroy(&t->expression);
    fps_free(t->panels);
    fps_free(t);
}

static fps_status create(const fps_choice *choice, double low, double high, void **state) {
    table *t;
    FPS_TRY(FPS_ALLOC(t, 1));
    *state = t;
    t->x = 0.5 * (low + high);
    FPS_TRY(fps_expression_create_field(choice->text, 1, &t->x, NULL, 0, &t->expression, NULL));
    make_rule(t);
    fps_status status = build(t, low, high);
    return status == FPS_ERROR_NUMERIC ? fps_fail_context(status, "density '%.80s'", choice->text) : status;
}

/* The table is const to callers; evaluating writes the expression's variable. */
static double value(const void *state, double low, double high, double x) {
    (void)low, (void)high;
    table *t = (table *)state;
    t->x = x;
    double value = 0;
    fps_expression_evaluate(t->expression, &value);
    return value / t->mass;
}

static double quantile(const void *state, double low, double high, double p, double q) {
    table *t = (table *)state;
    bool from_left = p <= q;
    double goal = t->mass * (from_left ? p : q);
    int64_t first = 0, last = t->count - 1; /* the first panel at whose end p is reached */
    while (first < last) {
        int64_t middle = (first + last) / 2;
        const panel *m = &t->panels[middle];
        if (from_left ? m->below + m->mass >= goal : m->above <= goal)
            last = middle;
        else
            first = middle + 1;
    }
    const panel *k = &t->panels[first];
    double want = goal - (from_left ? k->below : k->above); /* within this panel, from its left or right */
    double left = k->low, right = k->high, share = k->mass > 0 ? want / k->mass : 0.5;
    double x = from_left ? left + share * (right - left) : right - share * (right - left);
    for (int i = 0; i < 100; i++) {
        if (!(x > left && x < right))
            x = 0.5 * (left + right);
        double error = from_left ? integrate(t, k->low, x) - want : want - integrate(t, x, k->high);
        if (error < 0)
            left = x;
        else
            right = x;
        double slope = evaluate(t, x), next = x - error / slope;
        if (fabs(next - x) <= 1e-16 * (high - low) || right - left <= 1e-16 * fmax(fabs(left), fabs(right)))
            break;
        x = next;
    }
    (void)low;
    return x;
}

const fps_density_shape fps_density_expression = {create, destroy, value, quantile};
