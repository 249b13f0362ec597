#include "experiment/evaluator.h"

#include <string.h>

#include "fpsweep/memory.h"

struct fps_evaluator {
    fps_network_shape shape;
    fps_network *network; /* workspace for one block */
    int64_t columns;      /* of a full block here: BLOCK, or all points padded if they are fewer */
    fps_input_map map;
    fps_points points;
    bool has_input; /* `input` holds these points */
    bool whole;     /* ... all of them, block after block; otherwise it is room for one block */
    real *input;    /* [blocks, D, columns] or [D, columns] */
    int64_t input_capacity;
    real *output; /* [count rounded up to whole blocks] */
    int64_t output_capacity;
    real *tangent[FPS_EVALUATOR_TANGENTS]; /* like output; made when first asked for */
    int64_t tangent_capacity[FPS_EVALUATOR_TANGENTS];
    double operations; /* of one block */
    fps_pulse pulse;   /* for blocks so large that the hook is to be heard within */
};

fps_status fps_evaluator_create(fps_evaluator **out) {
    return FPS_ALLOC(*out, 1);
}

void fps_evaluator_destroy(fps_evaluator **evaluator) {
    fps_evaluator *e = *evaluator;
    if (!e)
        return;
    fps_network_destroy(&e->network);
    fps_free(e->input);
    fps_free(e->output);
    for (int k = 0; k < FPS_EVALUATOR_TANGENTS; k++)
        fps_free(e->tangent[k]);
    fps_free(e);
    *evaluator = NULL;
}

static bool same_shape(const fps_network_shape *a, const fps_network_shape *b) {
    return a->inputs == b->inputs && a->depth == b->depth && a->activation == b->activation &&
           a->hidden_bias == b->hidden_bias && a->output_bias == b->output_bias && a->ntk == b->ntk &&
           a->antisymmetric == b->antisymmetric && memcmp(a->width, b->width, (size_t)a->depth * sizeof *a->width) == 0;
}

static fps_status reserve(real **block, int64_t *capacity, int64_t count) {
    if (count <= *capacity)
        return FPS_OK;
    fps_free(*block);
    *capacity = 0;
    FPS_TRY(FPS_ALLOC(*block, count));
    *capacity = count;
    return FPS_OK;
}

static int64_t block_points(const fps_evaluator *e, int64_t block) {
    int64_t left = e->points.count - block * e->columns;
    return left < e->columns ? left : e->columns;
}

/* Inputs of one block into input[D, P], P = its points padded. */
static void fill_block(const fps_evaluator *e, int64_t block, real *input) {
    double x[FPS_EVALUATOR_BLOCK * FPS_MAX_DIMENSION];
    int64_t count = block_points(e, block);
    fps_points_fill(&e->points, block * e->columns, count, x);
    fps_input_fill(&e->map, x, count, FPS_PADDED(count), input);
}

static double block_operations(const fps_evaluator *e) {
    double hidden = 0;
    for (int l = 0; l < e->shape.depth; l++)
        hidden += e->shape.width[l];
    return (double)e->columns * (2.0 * (double)fps_network_weights(&e->shape) + FPS_PACE_PER_ACTIVATION * hidden / 2);
}

static fps_status set_network(fps_evaluator *e, const fps_network_shape *shape, int64_t columns) {
    if (e->network && e->columns == columns && same_shape(&e->shape, shape))
        return FPS_OK;
    fps_network_destroy(&e->network);
    FPS_TRY(fps_network_create(shape, columns, &e->network));
    if (e->columns != columns)
        e->has_input = false;
    e->columns = columns;
    e->shape = *shape;
    return FPS_OK;
}

fps_status fps_evaluator_set(fps_evaluator *e, const fps_network_shape *shape, const fps_input_map *map,
                             const fps_points *points, fps_pace *pace) {
    int64_t padded = FPS_PADDED(points->count);
    FPS_TRY(set_network(e, shape, padded < FPS_EVALUATOR_BLOCK ? padded : FPS_EVALUATOR_BLOCK));
    int64_t blocks = (points->count + e->columns - 1) / e->columns;
    FPS_TRY(reserve(&e->output, &e->output_capacity, blocks * e->columns));
    e->operations = block_operations(e);
    if (e->has_input && fps_input_same(&e->map, map) && fps_points_same_grid(&e->points, points))
        return FPS_OK;
    e->has_input = false;
    e->map = *map;
    e->points = *points;
    e->whole = (double)map->rows * (double)(blocks * e->columns) * sizeof(real) <= FPS_EVALUATOR_BYTES;
    int64_t block_size = map->rows * e->columns;
    FPS_TRY(reserve(&e->input, &e->input_capacity, e->whole ? blocks * block_size : block_size));
    for (int64_t block = 0; e->whole && block < blocks; block++) {
        fill_block(e, block, e->input + block * block_size);
        if (fps_pace_spend(pace, FPS_PACE_PER_FEATURE * (double)block_size))
            return FPS_STOPPED;
    }
    e->has_input = true;
    return FPS_OK;
}

/* One block: its values, and its tangents where they are asked for. */
static fps_status run_block(fps_evaluator *e, const real *weights, const real *const *direction, int tangents,
                            int64_t block) {
    int64_t block_size = e->map.rows * e->columns, columns = FPS_PADDED(block_points(e, block));
    int64_t first = block * e->columns;
    real *input = e->input + (e->whole ? block * block_size : 0);
    if (!e->whole)
        fill_block(e, block, input);
    if (tangents == 0)
        return fps_network_forward(e->network, weights, input, columns, e->output + first);
    for (int k = 0; tangents == 1 && k < FPS_EVALUATOR_TANGENTS; k++)
        if (direction[k])
            return fps_network_forward_tangent(e->network, weights, direction[k], input, columns, e->output + first,
                                               e->tangent[k] + first);
    FPS_TRY(fps_network_forward_training(e->network, weights, input, columns, e->output + first));
    for (int k = 0; k < FPS_EVALUATOR_TANGENTS; k++)
        if (direction[k])
            FPS_TRY(fps_network_tangent(e->network, weights, direction[k], input, columns, e->tangent[k] + first));
    return FPS_OK;
}

fps_status fps_evaluator_run_tangents(fps_evaluator *e, const real *weights,
                                      const real *const direction[FPS_EVALUATOR_TANGENTS], fps_pace *pace,
                                      const real **output, const real *toutput[FPS_EVALUATOR_TANGENTS]) {
    int tangents = 0;
    for (int k = 0; k < FPS_EVALUATOR_TANGENTS; k++) {
        tangents += direction[k] != NULL;
        if (direction[k])
            FPS_TRY(reserve(&e->tangent[k], &e->tangent_capacity[k], e->output_capacity));
        toutput[k] = direction[k] ? e->tangent[k] : NULL;
    }
    double operations =
        (1 + 2 * tangents) * e->operations + (e->whole ? 0 : FPS_PACE_PER_FEATURE * (double)(e->map.rows * e->columns));
    e->pulse = fps_pace_pulse(pace);
    fps_network_set_pulse(e->network, operations > FPS_PACE_OPERATIONS ? &e->pulse : NULL);
    for (int64_t block = 0; block * e->columns < e->points.count; block++) {
        FPS_TRY(run_block(e, weights, direction, tangents, block));
        if (fps_pace_spend(pace, operations))
            return FPS_STOPPED;
    }
    *output = e->output;
    return FPS_OK;
}

fps_status fps_evaluator_run(fps_evaluator *e, const real *weights, fps_pace *pace, const real **output) {
    static const real *const none[FPS_EVALUATOR_TANGENTS];
    const real *toutput[FPS_EVALUATOR_TANGENTS];
    return fps_evaluator_run_tangents(e, weights, none, pace, output, toutput);
}
