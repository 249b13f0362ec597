/* trainer_fixture.h: a trainer with two trajectories, for tests of whole tasks. */
#ifndef FPSWEEP_TESTS_TRAINER_FIXTURE_H
#define FPSWEEP_TESTS_TRAINER_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/trainer.h"
#include "reference.h"
#include "tasks.h"

enum { keep_all = FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS | FPS_KEEP_FUNCTION | FPS_KEEP_FINAL_FUNCTION };

typedef struct fixture {
    fps_trainer *trainer;
    fps_trajectory t, other;
} fixture;

static inline int set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f && fps_trainer_create(&f->trainer) == FPS_OK ? 0 : -1;
}

static inline int tear_down(void **state) {
    fixture *f = *state;
    fps_trajectory_release(&f->t);
    fps_trajectory_release(&f->other);
    fps_trainer_destroy(&f->trainer);
    free(f);
    return 0;
}

static inline void run(fixture *f, const fps_task *task, const fps_record_spec *spec, fps_trajectory *t) {
    assert_int_equal(fps_trainer_run(f->trainer, task, spec, NULL, t), FPS_OK);
    assert_string_equal(t->message, "");
}

/* A reference with the weights, samples and labels that a trajectory reports. */
static inline void reference_of(reference *r, const fps_task *task, const fps_trajectory *t, fps_result weights) {
    int64_t n = t->extent.size[FPS_SAMPLE], d = task->dimension;
    reference_from_task(r, task, n);
    memcpy(r->weights, t->value[weights], (size_t)r->count * sizeof(double));
    memcpy(r->label, t->value[FPS_RESULT_SAMPLE_Y], (size_t)n * sizeof(double));
    for (int64_t i = 0; i < n; i++)
        if (task->decay_rate >= 0)
            reference_features((int)d, task->band_limit, task->frequency_step, task->decay_rate,
                               t->value[FPS_RESULT_SAMPLE_X] + i * d, r->input + i * r->shape.inputs);
        else
            memcpy(r->input + i * d, t->value[FPS_RESULT_SAMPLE_X] + i * d, (size_t)d * sizeof(double));
}

static inline void near(double a, double b, double tolerance, const char *what) {
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %.17g and %.17g differ by %.1e", what, a, b, fabs(a - b));
}

/* A test with this fixture. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
