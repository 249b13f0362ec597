#include "numeric/kernels.h"

/* Every class of every build; those that this build has are compiled from src/numeric/kernels/. */
#define FPS_KERNEL_TABLE(class) FPS_REAL_NAME(fps_kernel_table_##class)
extern const fps_kernels FPS_KERNEL_TABLE(baseline);
#if defined(__x86_64__)
extern const fps_kernels FPS_KERNEL_TABLE(avx2), FPS_KERNEL_TABLE(avx512);
#endif

static const fps_kernels *const tables[FPS_KERNEL_CLASS_COUNT] = {
    [FPS_BASELINE] = &FPS_KERNEL_TABLE(baseline),
#if defined(__x86_64__)
    [FPS_AVX2] = &FPS_KERNEL_TABLE(avx2),
    [FPS_AVX512] = &FPS_KERNEL_TABLE(avx512),
#endif
};

const fps_kernels *fps_kernels_of(fps_kernel_class class) {
    return (unsigned)class < FPS_KERNEL_CLASS_COUNT ? tables[class] : NULL;
}

const fps_kernels *fps_kernels_current(void) {
    return fps_kernels_of(fps_kernel_class_current());
}
