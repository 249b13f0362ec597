#include "fpsweep/kernel_class.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *blas_core;
} classes[FPS_KERNEL_CLASS_COUNT] = {
    [FPS_BASELINE] = {"baseline", NULL},
    [FPS_AVX2] = {"avx2", "Haswell"},
    [FPS_AVX512] = {"avx512", "SkylakeX"},
};

static int current_class = -1; /* not chosen yet */

const char *fps_kernel_class_name(fps_kernel_class class) {
    return (unsigned)class < FPS_KERNEL_CLASS_COUNT ? classes[class].name : "unknown";
}

const char *fps_kernel_class_blas_core(fps_kernel_class class) {
    return (unsigned)class < FPS_KERNEL_CLASS_COUNT ? classes[class].blas_core : NULL;
}

fps_kernel_class fps_kernel_class_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
        return FPS_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return FPS_AVX2;
#endif
    return FPS_BASELINE;
}

fps_status fps_kernel_class_wanted(fps_kernel_class *out) {
    *out = fps_kernel_class_best();
    const char *wish = getenv("FPSWEEP_KERNELS");
    if (!wish || !*wish)
        return FPS_OK;
    for (int class = 0; class < FPS_KERNEL_CLASS_COUNT; class ++) {
        if (strcmp(wish, classes[class].name) != 0)
            continue;
        if (class > (int)*out)
            return fps_fail(FPS_ERROR_USAGE, "FPSWEEP_KERNELS=%s: this processor only has %s", wish,
                            fps_kernel_class_name(*out));
        *out = (fps_kernel_class) class;
        return FPS_OK;
    }
    return fps_fail(FPS_ERROR_USAGE, "FPSWEEP_KERNELS=%s is not a kernel class (baseline, avx2, avx512)", wish);
}

fps_kernel_class fps_kernel_class_current(void) {
    return current_class < 0 ? fps_kernel_class_best() : (fps_kernel_class)current_class;
}

void fps_kernel_class_set(fps_kernel_class class) {
    current_class = (int)class;
}
