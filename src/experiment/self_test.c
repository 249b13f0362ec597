/* self_test.c: a number that stands for all bits that this process would produce. */
#include <stdbool.h>
#include <xxhash.h>

#include "fpsweep/activation.h"
#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/memory.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/spectrum.h"
#include "fpsweep/trainer.h"

/* Variants: every loss, activation and optimizer that makes updates at least twice (flow is made of the same kernels).
 * Files record the hash: what enters it stays as it is. */
enum { FREQUENCIES = 12, RECORDS = 4, VARIANTS = 30 };

/* A task of a few microseconds; `variant` walks through activations, losses, optimizers, widths and dimensions.
 * Features and the widest layers make sums so long that OpenBLAS cuts them where its core's cache blocks end. */
static fps_task small_task(int variant, fps_precision precision) {
    static const int32_t widths[] = {8, 20, 33, 50};
    int32_t width = widths[variant % 4];
    fps_task task = {.dimension = 1 + variant % 5 / 4,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(3) + 0.5*exp(-1)"},
                     .domain = {{-0.9, 1.3}, {-0.9, 1.3}},
                     .density = {.code = FPS_DENSITY_NORMAL, .argument = {0.1, 0.7}},
                     .sampling = {.code = variant % 2 ? FPS_SAMPLING_RANDOM : FPS_SAMPLING_MIDPOINT},
                     .samples = 36,
                     .data = "",
                     .seed = variant,
                     .data_seed = variant,
                     .depth = 1 + variant % 3,
                     .width = width,
                     .width_text = "",
                     .widths = {width, width, width},
                     .activation = {.code = variant % FPS_ACTIVATION_COUNT},
                     .initializer = {.code = FPS_INITIALIZER_NORMAL, .argument = {0.2}},
                     .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                     .decay_rate = variant % 7 == 6 ? 1 : -1,
                     .band_limit = 600,
                     .frequency_step = 0.25,
                     .loss = {.code = variant % FPS_LOSS_COUNT, .argument = {2}},
                     .optimizer = {.code = variant % FPS_OPTIMIZER_UPDATES},
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-5}},
                     .momentum = 0.9,
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .steps = 4,
                     .precision = {.code = precision},
                     .grid_points = 24};
    if (task.loss.code == FPS_LOSS_SOBOLEV)
        task.sampling.code = FPS_SAMPLING_MIDPOINT;
    task.target.text = task.dimension == 1 ? "sin(3*x) + 0.5*exp(-x)" : "sin(3*x1) + 0.5*exp(-x2)";
    return task;
}

static fps_status hash_tasks(fps_trainer *trainer, fps_trajectory *trajectory, XXH3_state_t *state) {
    int32_t mode[FREQUENCIES];
    for (int32_t k = 0; k < FREQUENCIES; k++)
        mode[k] = k;
    const fps_record_spec spec = {.count = RECORDS,
                                  .spacing = FPS_SPACING_LINEAR,
                                  .frequencies = FREQUENCIES,
                                  .mode = mode,
                                  .keep = FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS | FPS_KEEP_FINAL_FUNCTION};
    for (int variant = 0; variant < VARIANTS; variant++)
        for (int precision = FPS_SINGLE; precision <= FPS_DOUBLE; precision++) {
            fps_task task = small_task(variant, (fps_precision)precision);
            FPS_TRY(fps_trainer_run(trainer, &task, &spec, NULL, trajectory));
            if (trajectory->outcome != FPS_DONE)
                return fps_fail(FPS_ERROR_NUMERIC, "self-test task %d did not end well: %s", variant,
                                trajectory->message[0] ? trajectory->message : fps_outcome_name(trajectory->outcome));
            for (int r = 0; r < FPS_RESULT_COUNT; r++)
                if (trajectory->value[r])
                    XXH3_64bits_update(state, trajectory->value[r],
                                       sizeof(double) *
                                           (size_t)fps_result_elements(&fps_result_fields[r], &trajectory->extent));
        }
    return FPS_OK;
}

fps_status fps_self_test(uint64_t *hash) {
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    fps_status status;
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory for the self-test");
    XXH3_64bits_reset(state);
    FPS_TRY_GOTO(status, fps_trainer_create(&trainer), done);
    FPS_TRY_GOTO(status, hash_tasks(trainer, &trajectory, state), done);
    *hash = XXH3_64bits_digest(state);
done:
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    XXH3_freeState(state);
    return status;
}
