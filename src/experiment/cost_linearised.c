/* cost_linearised.c: what a linearised task will cost.
 *
 * Legend: n samples, G points of the grid (n without one), F factors of the tangent kernel per point, D inputs, H sum
 * of widths, R records. A point takes one forward and one backward pass, F n multiply-adds for its row of the kernel
 * and R n for its values; the eigenvalue problem n^3.
 */
#include "experiment/cost_linearised.h"

#include <math.h>

#include "experiment/linearised.h"
#include "numeric/tangent_kernel.h"

/* Measured on one core, in multiply-adds of a large gemm. */
#define EIGEN_TURNS 13.0 /* per n^3: dsyevr with all vectors */
#define PAIR_TURNS 60.0  /* per pair of points and layer: sums, products, scaling */
#define LANCZOS_ITERATIONS 20.0
#define LANCZOS_PASSES 5.0 /* two forward passes, gradients, tangent */
#define FIXED_BYTES 1e6

void fps_cost_linearised(const fps_task *task, const fps_network_shape *shape, const fps_extent *extent, double records,
                         const fps_calibration *calibration, fps_cost *cost) {
    const fps_speed *speed = &calibration->speed[FPS_DOUBLE];
    const double n = (double)extent->size[FPS_SAMPLE], grid = (double)extent->size[FPS_GRID];
    const double points = grid > 0 ? grid : n, multiply = speed->gemm[FPS_CALIBRATION_WIDTH_COUNT - 1];
    const double factors = (double)fps_tangent_kernel_factors(shape, (fps_trained)task->train.code);
    const double weights = (double)fps_network_weights(shape);
    double hidden = 0, widest = 1;
    for (int l = 0; l < shape->depth; l++) {
        hidden += shape->width[l];
        widest = fmax(widest, shape->width[l]);
    }
    double passes = (n + points) * (2 * weights * multiply + hidden * speed->element[task->activation.code]);
    double kernel = (n + points) * n * (factors + PAIR_TURNS * (shape->depth + 1)) * multiply;
    double solve = n * n * n * EIGEN_TURNS * multiply;
    double values = records * n * (n + points) * multiply;
    double measuring = grid > 0 ? records * points * log2(points + 1) * speed->transform * (task->dimension > 1 ? 2 : 1)
                                : records * n * (double)extent->size[FPS_FREQUENCY] * calibration->feature;
    cost->seconds = calibration->task + passes + kernel + solve + values + measuring + n * calibration->expression;
    if (grid > 0)
        cost->seconds += grid * calibration->expression;
    if (task->decay_rate >= 0)
        cost->seconds += shape->inputs * (n + points) * calibration->feature;
    if (task->learning_rate.code == FPS_RATE_STABLE)
        cost->seconds += LANCZOS_ITERATIONS * n *
                         (LANCZOS_PASSES * weights * multiply + 2 * hidden * speed->element[task->activation.code]);
    cost->operations = 2 * ((n + points) * (2 * weights + n * (factors + records)) + n * n * n);

    const double block = FPS_TANGENT_BLOCK;
    double held = fmin(fmin(records, n), fmax(1, floor((double)FPS_LINEARISED_VALUES / points)));
    double numbers = factors * (n + block) + 2 * n * n + 3 * block * n + held * (n + points) + 12 * n +
                     block * (2 * hidden + 5 * widest + shape->inputs) + 3 * weights + 6 * points;
    if (task->learning_rate.code == FPS_RATE_STABLE)
        numbers = fmax(numbers, 2 * hidden * n + 2 * weights + n * (shape->inputs + 3 + 2 * LANCZOS_ITERATIONS));
    cost->memory = FIXED_BYTES + 8 * numbers;
}
