/* kernel_class.h: which instruction set the kernels use, and whether OpenBLAS agrees.
 *
 * One binary carries every kernel three times. The class is chosen at start: the best the processor has, or what
 * FPSWEEP_KERNELS names (baseline, avx2, avx512). OpenBLAS picks its own core when it is loaded and does not know newer
 * processors, so the program compares and, before MPI_Init, starts itself again with OPENBLAS_CORETYPE set.
 */
#ifndef FPSWEEP_KERNEL_CLASS_H
#define FPSWEEP_KERNEL_CLASS_H

#include <stdbool.h>

#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Instruction sets of the kernels, in the order of what they need. */
typedef enum fps_kernel_class { FPS_BASELINE, FPS_AVX2, FPS_AVX512, FPS_KERNEL_CLASS_COUNT } fps_kernel_class;

const char *fps_kernel_class_name(fps_kernel_class kernel_class); /* "baseline", "avx2", "avx512" */

/* The best class that this processor, operating system and build can execute. */
fps_kernel_class fps_kernel_class_best(void);

/* Read FPSWEEP_KERNELS; FPS_ERROR_USAGE if it names no class or one that this processor cannot execute. */
fps_status fps_kernel_class_wanted(fps_kernel_class *out);

/* The class in force in this process (fps_kernel_class_best() until set); set it before any trainer is created. */
fps_kernel_class fps_kernel_class_current(void);
void fps_kernel_class_set(fps_kernel_class kernel_class);

/* The OpenBLAS core that belongs to a class (avx512: SkylakeX, avx2: Haswell, baseline: NULL, whatever it picked). */
const char *fps_kernel_class_blas_core(fps_kernel_class kernel_class);

#ifdef __cplusplus
}
#endif
#endif
