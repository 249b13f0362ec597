/* trainer.c: one task from its parameters to its trajectory. */
#include "fpsweep/trainer.h"

#include <stdio.h>
#include <time.h>

#include "experiment/direct.h"
#include "experiment/pace.h"
#include "experiment/problem.h"
#include "experiment/run.h"
#include "experiment/stable_rate.h"
#include "fpsweep/memory.h"
#include "numeric/blas.h"

enum { PRECISIONS = 2 };

struct fps_trainer {
    fps_problem *problem;
    fps_direct *direct;       /* made when first needed */
    fps_run *run[PRECISIONS]; /* by fps_precision; made when first needed */
};

static const fps_run_methods *const methods[PRECISIONS] = {
    [FPS_SINGLE] = &fps_run_methods_single, [FPS_DOUBLE] = &fps_run_methods_double};

fps_status fps_trainer_create(fps_trainer **out) {
    fps_blas_use_one_thread();
    FPS_TRY(FPS_ALLOC(*out, 1));
    fps_status status = fps_problem_create(&(*out)->problem);
    if (status != FPS_OK)
        fps_trainer_destroy(out);
    return status;
}

void fps_trainer_destroy(fps_trainer **trainer) {
    fps_trainer *t = *trainer;
    if (!t)
        return;
    for (int precision = 0; precision < PRECISIONS; precision++)
        methods[precision]->destroy(&t->run[precision]);
    fps_direct_destroy(&t->direct);
    fps_problem_destroy(&t->problem);
    fps_free(t);
    *trainer = NULL;
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Learning rate per step, with stable(c) resolved. */
static fps_status learning_rate(const fps_task *task, const fps_network_shape *shape, const fps_problem_view *problem,
                                fps_pace *pace, double *rate) {
    *rate = task->learning_rate.argument[0];
    if (task->learning_rate.code != FPS_RATE_STABLE)
        return FPS_OK;
    double lambda_max;
    FPS_TRY(fps_stable_rate_eigenvalue(task, shape, problem, pace, &lambda_max));
    *rate *= 2 / lambda_max;
    return FPS_OK;
}

/* `model: direct`: samples and labels are drawn as for a network, but no weights. */
static fps_status solve_task(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                             const fps_hook *hook, fps_trajectory *trajectory) {
    fps_pace pace = {.hook = hook, .steps = spec->rungs};
    const fps_network_shape no_network = {.inputs = (int32_t)task->dimension};
    fps_problem_view problem;
    FPS_TRY(fps_trajectory_prepare(trajectory, task, spec));
    if (!trainer->direct)
        FPS_TRY(fps_direct_create(&trainer->direct));
    FPS_TRY(fps_problem_set(trainer->problem, task, &no_network, &pace, &problem));
    return fps_direct_solve(trainer->direct, task, spec, &problem, &pace, trajectory);
}

static fps_status run_task(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                           const fps_hook *hook, fps_trajectory *trajectory) {
    fps_pace pace = {.hook = hook, .steps = task->steps};
    fps_network_shape shape;
    fps_problem_view problem;
    double rate;
    int precision = task->precision.code;
    FPS_TRY(fps_trajectory_prepare(trajectory, task, spec));
    fps_task_shape(task, &shape);
    if (!trainer->run[precision])
        FPS_TRY(methods[precision]->create(&trainer->run[precision]));
    FPS_TRY(fps_problem_set(trainer->problem, task, &shape, &pace, &problem));
    FPS_TRY(learning_rate(task, &shape, &problem, &pace, &rate));
    return methods[precision]->train(trainer->run[precision], task, &shape, spec, &problem, rate, &pace, trajectory);
}

fps_status fps_trainer_run(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                           const fps_hook *hook, fps_trajectory *trajectory) {
    double start_s = now_s();
    fps_status status = task->model.code == FPS_MODEL_DIRECT ? solve_task(trainer, task, spec, hook, trajectory)
                                                             : run_task(trainer, task, spec, hook, trajectory);
    trajectory->seconds = now_s() - start_s;
    if (status == FPS_OK || status == FPS_STOPPED)
        return status;
    trajectory->outcome = FPS_FAILED;
    trajectory->records = 0;
    snprintf(trajectory->message, sizeof trajectory->message, "%s", fps_error_message());
    return FPS_OK;
}
