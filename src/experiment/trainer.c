/* trainer.c: one task from its parameters to its trajectory. */
#include "fpsweep/trainer.h"

#include <stdio.h>

#include "base/clock.h"
#include "experiment/direct.h"
#include "experiment/linearised.h"
#include "experiment/pace.h"
#include "experiment/problem.h"
#include "experiment/run.h"
#include "experiment/stable_rate.h"
#include "experiment/state.h"
#include "fpsweep/memory.h"
#include "numeric/blas.h"

enum { PRECISIONS = 2 };

struct fps_trainer {
    fps_problem *problem;
    fps_direct *direct;         /* made when first needed, as are the following */
    fps_linearised *linearised; /* for tasks of both precisions */
    fps_run *run[PRECISIONS];   /* by fps_precision */
    /* the present task, or the last one if it was stopped */
    fps_pace pace;
    fps_trajectory *trajectory; /* borrowed */
    int precision;
    uint64_t identity, record_identity;
    double learning_rate;
    double start_s, before_s; /* when it was begun or taken up; what was spent on it earlier */
    bool running;
    bool in_training; /* prepared, not at its end: fps_trainer_save() has something to save */
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
    fps_linearised_destroy(&t->linearised);
    fps_direct_destroy(&t->direct);
    fps_problem_destroy(&t->problem);
    fps_free(t);
    *trainer = NULL;
}

/* Learning rate per step, with stable(c) resolved. */
static fps_status find_learning_rate(fps_trainer *trainer, const fps_task *task, const fps_network_shape *shape,
                                     const fps_problem_view *problem) {
    trainer->learning_rate = task->learning_rate.argument[0];
    if (task->learning_rate.code != FPS_RATE_STABLE)
        return FPS_OK;
    double lambda_max;
    FPS_TRY(fps_stable_rate_eigenvalue(task, shape, problem, &trainer->pace, &lambda_max));
    trainer->learning_rate *= 2 / lambda_max;
    return FPS_OK;
}

/* ---- the state ---- */

/* Everything that training changes beside the head's numbers. */
static void visit(const fps_trainer *trainer, fps_state_walk *walk) {
    methods[trainer->precision]->visit(trainer->run[trainer->precision], walk);
    fps_state_visit_trajectory(walk, trainer->trajectory);
}

fps_status fps_trainer_save(const fps_trainer *trainer, fps_state *state) {
    state->size = 0;
    if (!trainer->in_training)
        return FPS_OK;
    fps_state_walk count = {0};
    visit(trainer, &count);
    FPS_TRY(fps_state_reserve(state, count.bytes));
    fps_state_walk save = {.at = state->bytes + sizeof(fps_state_head)};
    visit(trainer, &save);
    fps_state_head head = {.identity = trainer->identity,
                           .record_identity = trainer->record_identity,
                           .step = trainer->pace.step,
                           .records = trainer->trajectory->records,
                           .learning_rate = trainer->learning_rate,
                           .seconds = trainer->running ? trainer->before_s + fps_clock_now_s() - trainer->start_s
                                                       : trainer->trajectory->seconds};
    fps_state_seal(state, &head);
    return FPS_OK;
}

static fps_status mismatch(void) {
    return fps_fail(FPS_ERROR_MISMATCH, "the checkpoint does not fit its task, which has to start over");
}

/* Is the task solved rather than trained? Those have no state: they start over. */
static bool is_solved(const fps_task *task) {
    return task->model.code == FPS_MODEL_DIRECT || task->linearised.code == FPS_YES;
}

/* Read the head of a state and believe what can be checked without the prepared task. */
static fps_status open_state(fps_trainer *trainer, const fps_task *task, const fps_state *state, fps_state_head *head) {
    FPS_TRY(fps_state_open(state, trainer->identity, trainer->record_identity, head));
    if (is_solved(task) || head->step < 0 || head->step > task->steps || head->records < 0 ||
        head->records > trainer->trajectory->extent.size[FPS_RECORD] || !(head->seconds >= 0))
        return mismatch();
    trainer->pace.step = head->step;
    trainer->before_s = head->seconds;
    trainer->learning_rate = head->learning_rate;
    return FPS_OK;
}

/* Put a state into the prepared task. Nothing is copied unless its size is the very one that the walk will take. */
static fps_status restore(fps_trainer *trainer, const fps_state *state, const fps_state_head *head) {
    trainer->trajectory->records = head->records;
    fps_state_walk count = {0};
    visit(trainer, &count);
    if (sizeof *head + (size_t)count.bytes != state->size)
        return mismatch();
    fps_state_walk take = {.at = state->bytes + sizeof *head, .restore = true};
    visit(trainer, &take);
    return FPS_OK;
}

/* ---- tasks ---- */

/* `model: direct`: samples and labels are drawn as for a network, but no weights. */
static fps_status solve_task(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec) {
    const fps_network_shape no_network = {.inputs = (int32_t)task->dimension};
    fps_problem_view problem;
    if (!trainer->direct)
        FPS_TRY(fps_direct_create(&trainer->direct));
    FPS_TRY(fps_problem_set(trainer->problem, task, &no_network, &trainer->pace, &problem));
    return fps_direct_solve(trainer->direct, task, spec, &problem, &trainer->pace, trainer->trajectory);
}

/* `linearised: yes`: drawn as for a network, solved instead of trained. */
static fps_status solve_linearised(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec) {
    fps_network_shape shape;
    fps_problem_view problem;
    fps_task_shape(task, &shape);
    if (!trainer->linearised)
        FPS_TRY(fps_linearised_create(&trainer->linearised));
    FPS_TRY(fps_problem_set(trainer->problem, task, &shape, &trainer->pace, &problem));
    FPS_TRY(find_learning_rate(trainer, task, &shape, &problem));
    return fps_linearised_solve(trainer->linearised, task, &shape, spec, &problem, trainer->learning_rate,
                                &trainer->pace, trainer->trajectory);
}

/* `state`, whose head has been read, is what to continue from; NULL: from the start. */
static fps_status train_task(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                             const fps_state *state, const fps_state_head *head) {
    const fps_run_methods *method = methods[trainer->precision];
    fps_run **run = &trainer->run[trainer->precision];
    fps_network_shape shape;
    fps_problem_view problem;
    fps_task_shape(task, &shape);
    if (!*run)
        FPS_TRY(method->create(run));
    FPS_TRY(fps_problem_set(trainer->problem, task, &shape, &trainer->pace, &problem));
    if (!state)
        FPS_TRY(find_learning_rate(trainer, task, &shape, &problem));
    FPS_TRY(method->prepare(*run, task, &shape, spec, &problem, trainer->learning_rate, &trainer->pace,
                            trainer->trajectory));
    if (state)
        FPS_TRY(restore(trainer, state, head));
    trainer->in_training = true;
    fps_status status = method->train(*run, task, &shape, spec, &trainer->pace, trainer->trajectory);
    trainer->in_training = status == FPS_STOPPED;
    return status;
}

static fps_status run_task(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                           const fps_state *state) {
    fps_state_head head;
    const fps_extension *missing = fps_extension_count() > 0 ? fps_task_missing_extension(task) : NULL;
    FPS_TRY(fps_trajectory_prepare(trainer->trajectory, task, spec));
    if (missing)
        return fps_fail(FPS_ERROR_NUMERIC,
                        "'%s' version %s is not loaded: give the plug-in that has it (%s) by --plugin", missing->name,
                        missing->version, missing->origin);
    if (state)
        FPS_TRY(open_state(trainer, task, state, &head));
    return task->model.code == FPS_MODEL_DIRECT ? solve_task(trainer, task, spec)
           : task->linearised.code == FPS_YES   ? solve_linearised(trainer, task, spec)
                                                : train_task(trainer, task, spec, state, &head);
}

fps_status fps_trainer_resume(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                              const fps_state *state, const fps_hook *hook, fps_trajectory *trajectory) {
    bool direct = task->model.code == FPS_MODEL_DIRECT;
    trainer->pace = (fps_pace){.hook = hook, .steps = direct ? spec->rungs : task->steps};
    trainer->trajectory = trajectory;
    trainer->precision = task->precision.code;
    trainer->identity = fps_task_identity(task);
    trainer->record_identity = fps_record_identity(spec);
    trainer->start_s = fps_clock_now_s();
    trainer->before_s = 0;
    trainer->in_training = false;
    trainer->running = true;
    fps_status status = run_task(trainer, task, spec, state && state->size > 0 ? state : NULL);
    trainer->running = false;
    trajectory->seconds = trainer->before_s + fps_clock_now_s() - trainer->start_s;
    if (status == FPS_OK || status == FPS_STOPPED)
        return status;
    trajectory->records = 0;
    if (status == FPS_ERROR_MISMATCH)
        return status;
    trajectory->outcome = FPS_FAILED;
    snprintf(trajectory->message, sizeof trajectory->message, "%s", fps_error_message());
    return FPS_OK;
}

fps_status fps_trainer_run(fps_trainer *trainer, const fps_task *task, const fps_record_spec *spec,
                           const fps_hook *hook, fps_trajectory *trajectory) {
    return fps_trainer_resume(trainer, task, spec, NULL, hook, trajectory);
}
