/* tangent_kernel.h (internal): the tangent kernel Theta(x, x') = sum over trained weights of dh(x)/dw dh(x')/dw.
 *
 * Legend: D inputs, L hidden layers of H_l neurons, z_l pre-activations, a_l activations (a_0 = the input), d_l =
 * dh/dz_l. A weight of layer l that joins neuron j to k has dh/dw = s_l d_lk a_(l-1)j (s_l = 1, or 1/sqrt(fan_in)), a
 * bias has d_lk, so that the sum over a layer's weights is a product of two small sums:
 *
 *     Theta = sum over layers of (d_l . d_l') (s_l^2 a_(l-1) . a_(l-1)' + 1 if it has biases)
 *
 * with d = 1 in the output layer, and the terms left out that are not trained. That takes 2 (sum of H) multiply-adds
 * per pair of points instead of one per weight. Always in double precision.
 */
#ifndef FPSWEEP_NUMERIC_TANGENT_KERNEL_H
#define FPSWEEP_NUMERIC_TANGENT_KERNEL_H

#include <stdint.h>

#include "fpsweep/network.h"
#include "fpsweep/pulse.h"
#include "fpsweep/status.h"

/* Most points per call. */
#define FPS_TANGENT_BLOCK 256

/* Opaque; owns a workspace for one block. */
typedef struct fps_tangent_kernel fps_tangent_kernel;

/* Prepare for a network with these weights[W], which are borrowed, as is `pulse` (NULL: none). The functions below tell
 * it of their work, and return FPS_STOPPED if it says so. FPS_ERROR_MEMORY. */
fps_status fps_tangent_kernel_create(const fps_network_shape *shape, fps_trained trained, const double *weights,
                                     const fps_pulse *pulse, fps_tangent_kernel **out);
void fps_tangent_kernel_destroy(fps_tangent_kernel **kernel);

/* Numbers per point that the kernel is made from (the a and d that occur); also from a shape alone. */
int64_t fps_tangent_kernel_factors(const fps_network_shape *shape, fps_trained trained);

/* Evaluate `count` <= FPS_TANGENT_BLOCK points whose columns are input[D, FPS_PADDED(count)]: factors into
 * out[factors, stride] (columns 0 .. count-1), the network into output[FPS_PADDED(count)]. */
fps_status fps_tangent_kernel_fill(fps_tangent_kernel *kernel, const double *input, int64_t count, int64_t stride,
                                   double *out, double *output);

/* theta[m, n] between points with factors a[factors, lda] and b[factors, ldb]; m <= FPS_TANGENT_BLOCK. scratch[2, m,
 * n].
 */
fps_status fps_tangent_kernel_block(const fps_tangent_kernel *kernel, int64_t m, const double *a, int64_t lda,
                                    int64_t n, const double *b, int64_t ldb, double *scratch, double *theta);

/* gradient[W] += sum over `count` points of factor[count] dh/dw, entries that are not trained 0. */
fps_status fps_tangent_kernel_pull(fps_tangent_kernel *kernel, const double *input, int64_t count, const double *factor,
                                   double *gradient);

#endif
