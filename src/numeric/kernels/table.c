/* The table of one kernel class and precision. */
#include "kernel.h"

const fps_kernels FPS_KERNEL(fps_kernel_table) = {
#define X(NAME, name, odd, kink, sentence)                                                                             \
    .forward[FPS_ACTIVATION_##NAME] = FPS_KERNEL(fps_forward_##name),                                                  \
    .forward_slope[FPS_ACTIVATION_##NAME] = FPS_KERNEL(fps_forward_slope_##name),                                      \
    .forward_tangent[FPS_ACTIVATION_##NAME] = FPS_KERNEL(fps_forward_tangent_##name),
    FPS_ACTIVATION_LIST(X)
#undef X
#if defined(__AVX512F__)
        .small_gemm = 1000000, /* OpenBLAS, core SkylakeX: *gemm_small_matrix_permit() says 100^3 */
#endif
    .affine = FPS_KERNEL(fps_affine),
    .output = FPS_KERNEL(fps_output),
    .output_gradient = FPS_KERNEL(fps_output_gradient),
    .output_backward = FPS_KERNEL(fps_output_backward),
    .hidden_backward = FPS_KERNEL(fps_hidden_backward),
    .first_backward = FPS_KERNEL(fps_first_backward),
    .tangent = FPS_KERNEL(fps_tangent),
    .sensitivity = FPS_KERNEL(fps_sensitivity),
    .contract = FPS_KERNEL(fps_contract),
    .transpose = FPS_KERNEL(fps_transpose),
    .combine = FPS_KERNEL(fps_combine),
    .add = FPS_KERNEL(fps_add),
    .sum = FPS_KERNEL(fps_sum),
#define X(NAME, name, arguments, sentence) .loss[FPS_LOSS_##NAME] = FPS_KERNEL(fps_loss_##name),
    FPS_LOSS_LIST(X)
#undef X
#define X(NAME, name, states, sentence) .update[FPS_OPTIMIZER_##NAME] = FPS_KERNEL(fps_update_##name),
        FPS_OPTIMIZER_UPDATE_LIST(X)
#undef X
            .combination = FPS_KERNEL(fps_combination),
    .squares = FPS_KERNEL(fps_squares),
};
