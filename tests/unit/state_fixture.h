/* state_fixture.h: tasks that are interrupted, saved, and taken up again by another trainer. */
#ifndef FPSWEEP_TESTS_STATE_FIXTURE_H
#define FPSWEEP_TESTS_STATE_FIXTURE_H

#include "experiment/state.h"
#include "trainer_fixture.h"

/* Listens to the hook, saves at every call, and stops at call number `stop_at` of those with something to save. */
typedef struct listener {
    const fps_trainer *trainer;
    fps_state state;
    int64_t calls, stop_at; /* 0: never */
    int64_t last_step;
    int64_t again; /* calls at the step of the call before: within an update or a record */
} listener;

static inline bool listen(void *context, int64_t step, int64_t steps) {
    listener *l = context;
    assert_true(step >= l->last_step && step <= steps);
    assert_int_equal(fps_trainer_save(l->trainer, &l->state), FPS_OK);
    if (l->state.size == 0)
        return false;
    l->again += l->calls > 0 && step == l->last_step;
    l->last_step = step;
    return ++l->calls == l->stop_at;
}

/* Run in a trainer of its own, saving at every call. `from` NULL: from the start. */
static inline fps_status run_with(listener *l, const fps_task *task, const fps_record_spec *spec, const fps_state *from,
                                  int64_t stop_at, fps_trajectory *trajectory) {
    fps_trainer *trainer;
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    l->trainer = trainer;
    l->calls = l->again = 0;
    l->stop_at = stop_at;
    const fps_hook hook = {.call = listen, .context = l};
    fps_status status = from ? fps_trainer_resume(trainer, task, spec, from, &hook, trajectory)
                             : fps_trainer_run(trainer, task, spec, &hook, trajectory);
    fps_state after = {0};
    assert_int_equal(fps_trainer_save(trainer, &after), FPS_OK);
    if (status == FPS_STOPPED) { /* saving again, after the run has returned, gives the same */
        fps_state_head head[2];
        assert_int_equal(trajectory->outcome, FPS_PENDING);
        assert_int_equal(after.size, l->state.size);
        memcpy(&head[0], l->state.bytes, sizeof *head);
        memcpy(&head[1], after.bytes, sizeof *head);
        assert_true(head[1].seconds >= head[0].seconds);
        assert_true(head[1].seconds == trajectory->seconds);
        assert_int_equal(head[0].step, head[1].step);
        assert_int_equal(head[0].records, head[1].records);
        assert_memory_equal(l->state.bytes + sizeof *head, after.bytes + sizeof *head, after.size - sizeof *head);
    } else {
        assert_int_equal(after.size, 0); /* a finished task has none */
    }
    fps_state_release(&after);
    fps_trainer_destroy(&trainer);
    return status;
}

/* Overwrite all results: what a resumed task ends with may not come from the memory of the first part. */
static inline void soil(fps_trajectory *trajectory) {
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        for (int64_t i = 0; i < trajectory->capacity[r]; i++)
            trajectory->value[r][i] = -12345;
}

static inline void assert_same_results(const fps_trajectory *a, const fps_trajectory *b, const char *what) {
    if (a->outcome != b->outcome || a->records != b->records)
        fail_msg("%s: ends %s with %lld records, undisturbed %s with %lld", what, fps_outcome_name(b->outcome),
                 (long long)b->records, fps_outcome_name(a->outcome), (long long)a->records);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        assert_true(!a->value[r] == !b->value[r]);
        if (!a->value[r])
            continue;
        int64_t elements = fps_result_elements(field, &a->extent);
        if (field->dimensions > 0 && field->dimension[0] == FPS_RECORD)
            elements = elements / a->extent.size[FPS_RECORD] * a->records;
        if (memcmp(a->value[r], b->value[r], (size_t)elements * sizeof(double)) != 0)
            fail_msg("%s: other bits in %s", what, field->name);
    }
}

#endif
