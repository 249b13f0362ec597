/* floor: experiment, with: reference.c */
/* What is not the state of a task is refused, whatever the bytes are; and what surrounds a state: time, preparation,
 * other tasks, and what it is said to cost. */
#include <time.h>
#include <xxhash.h>

#include "fpsweep/random.h"
#include "state_fixture.h"

/* A task of a few milliseconds whose updates are so large that the hook is called. */
static fps_task short_task(void) {
    fps_task task = plain_task();
    task.samples = 2000;
    task.width = 32;
    task.width_text = "32";
    task.widths[0] = task.widths[1] = 32;
    task.optimizer.code = FPS_OPTIMIZER_ADAM;
    task.steps = 24;
    return task;
}

static fps_record_spec short_record(void) {
    return plain_record(7, 10, keep_all);
}

/* The state of a short task about half-way. */
static fps_state state_of(const fps_task *task, const fps_record_spec *spec, fps_trajectory *trajectory) {
    listener l = {0};
    assert_int_equal(run_with(&l, task, spec, NULL, 2, trajectory), FPS_STOPPED);
    assert_in_range(trajectory->records, 2, 6);
    return l.state;
}

/* Resume from a copy of the bytes that ends where its memory ends, so that a sanitizer sees any access beyond. */
static fps_status resume_bytes(fixture *f, const fps_task *task, const fps_record_spec *spec,
                               const unsigned char *bytes, size_t size) {
    fps_state state = {.bytes = malloc(size ? size : 1), .size = size, .capacity = size};
    assert_non_null(state.bytes);
    memcpy(state.bytes, bytes, size);
    fps_status status = fps_trainer_resume(f->trainer, task, spec, &state, NULL, &f->other);
    assert_memory_equal(state.bytes, bytes, size);
    free(state.bytes);
    if (status == FPS_ERROR_MISMATCH) {
        assert_int_equal(f->other.records, 0);
        assert_int_equal(f->other.outcome, FPS_PENDING);
        assert_non_null(strstr(fps_error_message(), "checkpoint"));
    }
    return status;
}

/* Make the bytes look sound again. */
static void reseal(unsigned char *bytes, size_t size) {
    const size_t first = offsetof(fps_state_head, layout);
    const uint64_t checksum = XXH3_64bits(bytes + first, size - first);
    memcpy(bytes + offsetof(fps_state_head, checksum), &checksum, sizeof checksum);
}

static void truncated_bytes_are_refused(void **state) {
    fixture *f = *state;
    fps_task task = short_task();
    fps_record_spec spec = short_record();
    fps_state s = state_of(&task, &spec, &f->t);
    for (size_t size = 1; size < s.size; size += size < 200 ? 1 : 997)
        assert_int_equal(resume_bytes(f, &task, &spec, s.bytes, size), FPS_ERROR_MISMATCH);
    assert_int_equal(resume_bytes(f, &task, &spec, s.bytes, s.size - 1), FPS_ERROR_MISMATCH);
    unsigned char *longer = calloc(1, s.size + 8);
    memcpy(longer, s.bytes, s.size);
    assert_int_equal(resume_bytes(f, &task, &spec, longer, s.size + 8), FPS_ERROR_MISMATCH);
    /* the same with a head that fits the length */
    for (size_t size = sizeof(fps_state_head); size <= s.size + 8; size += size < 200 ? 8 : 1008) {
        if (size == s.size)
            continue;
        memcpy(longer, s.bytes, s.size);
        const int64_t claimed = (int64_t)size;
        memcpy(longer + offsetof(fps_state_head, size), &claimed, sizeof claimed);
        reseal(longer, size);
        assert_int_equal(resume_bytes(f, &task, &spec, longer, size), FPS_ERROR_MISMATCH);
    }
    run(f, &task, &spec, &f->t); /* the trainer is none the worse for it */
    assert_int_equal(resume_bytes(f, &task, &spec, s.bytes, s.size), FPS_OK);
    assert_same_results(&f->t, &f->other, "after refusals");
    free(longer);
    fps_state_release(&s);
}

static void flipped_bits_are_refused(void **state) {
    fixture *f = *state;
    fps_task task = short_task();
    fps_record_spec spec = short_record();
    fps_state s = state_of(&task, &spec, &f->t);
    for (size_t bit = 0; bit < 8 * sizeof(fps_state_head); bit++) {
        s.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(resume_bytes(f, &task, &spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
        s.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (uint64_t i = 0; i < 200; i++) {
        size_t at = fps_random_bits(1, FPS_PURPOSE_DATA, 0, i) % s.size;
        s.bytes[at] ^= 0x10;
        assert_int_equal(resume_bytes(f, &task, &spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
        s.bytes[at] ^= 0x10;
    }
    fps_state_release(&s);
}

/* Bytes whose checksum is right all the same: refused, or a run that ends in good order. */
static void sealed_nonsense_does_no_harm(void **state) {
    fixture *f = *state;
    fps_task task = short_task();
    fps_record_spec spec = short_record();
    fps_state s = state_of(&task, &spec, &f->t);
    unsigned char *bytes = malloc(s.size);
    int refused = 0, run_on = 0;
    assert_non_null(bytes);
    for (size_t bit = 8 * offsetof(fps_state_head, layout); bit < 8 * sizeof(fps_state_head); bit++) {
        const size_t byte = bit / 8;
        memcpy(bytes, s.bytes, s.size);
        bytes[byte] ^= (unsigned char)(1 << bit % 8);
        reseal(bytes, s.size);
        fps_status status = resume_bytes(f, &task, &spec, bytes, s.size);
        if (byte < offsetof(fps_state_head, step))
            assert_int_equal(status, FPS_ERROR_MISMATCH);
        assert_true(status == FPS_ERROR_MISMATCH || status == FPS_OK);
        refused += status == FPS_ERROR_MISMATCH;
        run_on += status == FPS_OK;
    }
    assert_true(refused > 256 && run_on > 30);
    for (uint64_t i = 0; i < 30; i++) { /* anything behind the head */
        memcpy(bytes, s.bytes, s.size);
        for (size_t at = sizeof(fps_state_head); at < s.size; at++)
            bytes[at] = (unsigned char)fps_random_bits(2, FPS_PURPOSE_DATA, (uint32_t)i, at);
        reseal(bytes, s.size);
        assert_int_equal(resume_bytes(f, &task, &spec, bytes, s.size), FPS_OK);
        assert_true(f->other.outcome == FPS_DONE || f->other.outcome == FPS_DIVERGED);
    }
    free(bytes);
    fps_state_release(&s);
}

static void other_tasks_states_are_refused(void **state) {
    fixture *f = *state;
    fps_task task = short_task(), other = task;
    fps_record_spec spec = short_record(), other_spec = spec;
    fps_state s = state_of(&task, &spec, &f->t), none = {0};
    other.seed = 4;
    assert_int_equal(resume_bytes(f, &other, &spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
    other = task;
    other.steps = 25;
    assert_int_equal(resume_bytes(f, &other, &spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
    other = task;
    other.width = other.widths[1] = 48;
    other.width_text = "32-48";
    assert_int_equal(resume_bytes(f, &other, &spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
    other_spec.keep = FPS_KEEP_SPECTRUM;
    assert_int_equal(resume_bytes(f, &task, &other_spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
    other_spec = spec;
    other_spec.count = 8;
    assert_int_equal(resume_bytes(f, &task, &other_spec, s.bytes, s.size), FPS_ERROR_MISMATCH);
    /* no state: from the start */
    run(f, &task, &spec, &f->t);
    assert_int_equal(fps_trainer_resume(f->trainer, &task, &spec, &none, NULL, &f->other), FPS_OK);
    assert_same_results(&f->t, &f->other, "from an empty state");
    fps_state_release(&s);
    fps_state_release(&s); /* null-safe, and twice */
    fps_state_release(NULL);
}

/* ---- what surrounds a state ---- */

static void wait_s(double seconds) {
    const struct timespec t = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&t, NULL);
}

static bool wait_and_stop(void *context, int64_t step, int64_t steps) {
    (void)step, (void)steps;
    listener *l = context;
    assert_int_equal(fps_trainer_save(l->trainer, &l->state), FPS_OK);
    if (l->state.size > 0)
        wait_s(0.06);
    return l->state.size > 0;
}

static void seconds_add_up(void **state) {
    fixture *f = *state;
    fps_task task = short_task();
    fps_record_spec spec = short_record();
    listener l = {.trainer = f->trainer};
    fps_hook hook = {.call = wait_and_stop, .context = &l};
    fps_state from = {0};
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fps_trainer_resume(f->trainer, &task, &spec, &from, &hook, &f->t), FPS_STOPPED);
        assert_true(f->t.seconds >= 0.06 * i);
        assert_int_equal(fps_trainer_save(f->trainer, &from), FPS_OK);
    }
    wait_s(0.1); /* this belongs to nobody */
    assert_int_equal(fps_trainer_resume(f->trainer, &task, &spec, &from, NULL, &f->t), FPS_OK);
    assert_int_equal(f->t.outcome, FPS_DONE);
    assert_true(f->t.seconds >= 0.12 && f->t.seconds < 3);
    fps_state_release(&l.state);
    fps_state_release(&from);
}

static bool stop_at_once(void *context, int64_t step, int64_t steps) {
    (void)steps;
    *(int64_t *)context = step;
    return true;
}

/* While a task is prepared, and for tasks that are not trained, there is nothing to save. */
static void preparation_has_no_state(void **state) {
    fixture *f = *state;
    int64_t step = -1;
    fps_hook hook = {.call = stop_at_once, .context = &step};
    fps_state s = {0};
    fps_task task = short_task();
    fps_record_spec spec = plain_record(7, 10, FPS_KEEP_SPECTRUM);
    task.grid_points = 200000; /* its target alone makes the hook heard */
    assert_int_equal(fps_trainer_run(f->trainer, &task, &spec, &hook, &f->t), FPS_STOPPED);
    assert_int_equal(fps_trainer_save(f->trainer, &s), FPS_OK);
    assert_int_equal(s.size, 0);
    assert_int_equal(f->t.records, 0);
    /* a task taken up again stands where its state says, also while it is prepared */
    listener l = {0};
    assert_int_equal(run_with(&l, &task, &spec, NULL, 12, &f->t), FPS_STOPPED);
    assert_true(l.last_step > 0);
    fps_trainer *trainer;
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    assert_int_equal(fps_trainer_resume(trainer, &task, &spec, &l.state, &hook, &f->t), FPS_STOPPED);
    assert_int_equal(step, l.last_step);
    assert_int_equal(fps_trainer_save(trainer, &s), FPS_OK);
    assert_int_equal(s.size, 0);
    fps_trainer_destroy(&trainer);

    int64_t ladder[] = {40, 121};
    fps_record_spec rungs = plain_record(1, 4, FPS_ONLY_DIRECT);
    rungs.rungs = 2;
    rungs.ladder = ladder;
    task = plain_task();
    task.model.code = FPS_MODEL_DIRECT;
    task.samples = 5;
    task.decay_rate = 1.5;
    task.frequency_step = 0.25;
    assert_int_equal(fps_trainer_run(f->trainer, &task, &rungs, &hook, &f->t), FPS_STOPPED);
    assert_int_equal(fps_trainer_save(f->trainer, &s), FPS_OK);
    assert_int_equal(s.size, 0);
    assert_int_equal(resume_bytes(f, &task, &rungs, l.state.bytes, l.state.size), FPS_ERROR_MISMATCH);
    fps_state_release(&l.state);
    fps_state_release(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(truncated_bytes_are_refused),    TEST(flipped_bits_are_refused), TEST(sealed_nonsense_does_no_harm),
        TEST(other_tasks_states_are_refused), TEST(seconds_add_up),           TEST(preparation_has_no_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
