/* floor: parallel */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/random.h"
#include "fpsweep/schedule.h"
#include "fpsweep/simulate.h"

static fps_schedule *make(int workers, double ahead_s, int64_t count, const float *predicted_s, const bool *pending) {
    fps_schedule *schedule;
    fps_schedule_options options = {workers, ahead_s, FPS_SCHEDULE_BATCH_LIMIT, 0};
    assert_int_equal(fps_schedule_create(&options, count, predicted_s, pending, &schedule), FPS_OK);
    return schedule;
}

static float *costs(int64_t count, double (*cost)(int64_t i)) {
    float *value = fps_alloc((size_t)count, sizeof *value);
    assert_non_null(value);
    for (int64_t i = 0; i < count; i++)
        value[i] = (float)cost(i);
    return value;
}

static double lognormal(int64_t i) {
    return exp(1.5 * fps_random_normal(5, FPS_PURPOSE_DATA, 0, (uint64_t)i));
}

/* ---- order ------------------------------------------------------------------------------------------------------ */

static void longest_first_and_equal_in_order(void **state) {
    (void)state;
    const float predicted_s[] = {3, 1, 8, 3, 0, 8, 2};
    const int64_t expected[] = {2, 5, 0, 3, 6, 1, 4};
    fps_schedule *schedule = make(1, 0.0, 7, predicted_s, NULL);
    for (int i = 0; i < 7; i++) {
        int64_t task[4];
        assert_int_equal(fps_schedule_next(schedule, 0, task, 4), 1); /* nothing in advance */
        assert_int_equal(task[0], expected[i]);
        assert_int_equal(fps_schedule_left(schedule), 6 - i);
        assert_int_equal(fps_schedule_running(schedule), 1);
        assert_int_equal(fps_schedule_busy(schedule), 1);
        fps_schedule_done(schedule, 0, task[0], 1.0);
        assert_int_equal(fps_schedule_running(schedule), 0);
        assert_int_equal(fps_schedule_busy(schedule), 0);
    }
    int64_t task;
    assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 0);
    assert_true(fps_schedule_seconds_left(schedule) == 0.0);
    fps_schedule_destroy(&schedule);
    assert_null(schedule);
    fps_schedule_destroy(&schedule);
}

/* The radix sort against qsort, on many magnitudes. */
static const float *compared;
static int compare(const void *a, const void *b) {
    int64_t i = *(const int64_t *)a, k = *(const int64_t *)b;
    if (compared[i] != compared[k])
        return compared[i] > compared[k] ? -1 : 1;
    return i < k ? -1 : 1;
}

static double magnitudes(int64_t i) {
    return pow(10.0, 12.0 * fps_random_uniform(2, FPS_PURPOSE_DATA, 0, (uint64_t)i) - 6.0);
}

static void order_agrees_with_qsort(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    float *predicted_s = costs(COUNT, magnitudes);
    int64_t *expected = fps_alloc(COUNT, sizeof *expected), task;
    assert_non_null(expected);
    for (int64_t i = 0; i < COUNT; i++) {
        expected[i] = i;
        if (i % 7 == 0)
            predicted_s[i] = 1.0F;
    }
    compared = predicted_s;
    qsort(expected, COUNT, sizeof *expected, compare);
    fps_schedule *schedule = make(1, 0.0, COUNT, predicted_s, NULL);
    for (int64_t i = 0; i < COUNT; i++) {
        assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 1);
        assert_int_equal(task, expected[i]);
        fps_schedule_done(schedule, 0, task, (double)predicted_s[task]);
    }
    fps_schedule_destroy(&schedule);
    fps_free(expected);
    fps_free(predicted_s);
}

static void strange_predictions_are_tamed(void **state) {
    (void)state;
    const float predicted_s[] = {1.0F, NAN, -5.0F, INFINITY, 0.0F, 1e30F};
    const int64_t expected[] = {1, 3, 5, 0, 2, 4};
    fps_schedule *schedule = make(1, 0.0, 6, predicted_s, NULL);
    assert_true(isfinite(fps_schedule_seconds_left(schedule)));
    for (int i = 0; i < 6; i++) {
        int64_t task;
        assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 1);
        assert_int_equal(task, expected[i]);
        fps_schedule_done(schedule, 0, task, NAN);
        assert_true(isfinite(fps_schedule_seconds_left(schedule)));
    }
    fps_schedule_destroy(&schedule);
}

static void only_pending_tasks_are_handed_out(void **state) {
    (void)state;
    const float predicted_s[] = {1, 2, 3, 4, 5};
    const bool pending[] = {true, false, true, false, true};
    fps_schedule *schedule = make(1, 100.0, 5, predicted_s, pending);
    assert_int_equal(fps_schedule_left(schedule), 3);
    assert_true(fabs(fps_schedule_seconds_left(schedule) - 9.0) < 1e-6);
    int64_t task[5], total = 0;
    for (int64_t n; (n = fps_schedule_next(schedule, 0, task, 5)) > 0; total += n)
        for (int64_t i = 0; i < n; i++) {
            assert_true(pending[task[i]]);
            fps_schedule_done(schedule, 0, task[i], 1.0);
        }
    assert_int_equal(total, 3);
    fps_schedule_done(schedule, 0, 1, 1.0); /* never handed out: ignored */
    assert_int_equal(fps_schedule_running(schedule), 0);
    fps_schedule_destroy(&schedule);
}

static void nothing_to_do(void **state) {
    (void)state;
    const float predicted_s[] = {1};
    const bool none[] = {false};
    int64_t task;
    fps_schedule *schedule = make(4, 1.0, 1, predicted_s, none);
    assert_int_equal(fps_schedule_next(schedule, 3, &task, 1), 0);
    fps_schedule_destroy(&schedule);
    schedule = make(4, 1.0, 0, predicted_s, NULL);
    assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 0);
    fps_schedule_destroy(&schedule);
    fps_schedule_options wrong[] = {{0, 1, 1, 0}, {1, -1, 1, 0}, {1, NAN, 1, 0}, {1, 1, 0, 0}, {1, 1, 1, -1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fps_schedule_create(&wrong[i], 1, predicted_s, NULL, &schedule), FPS_ERROR_USAGE);
    fps_schedule_options right = {1, 1, 1, 0};
    assert_int_equal(fps_schedule_create(&right, (int64_t)1 << 33, predicted_s, NULL, &schedule), FPS_ERROR_USAGE);
}

/* ---- in advance ------------------------------------------------------------------------------------------------- */

static double constant(int64_t i) {
    (void)i;
    return 0.125;
}

static void short_tasks_come_in_batches_that_shrink(void **state) {
    (void)state;
    enum { COUNT = 4000, WORKERS = 4 };
    float *predicted_s = costs(COUNT, constant);
    fps_schedule *schedule = make(WORKERS, 1.0, COUNT, predicted_s, NULL);
    int64_t task[64], previous = 64, n;
    for (int worker = 0; (n = fps_schedule_next(schedule, worker, task, 64)) > 0; worker = (worker + 1) % WORKERS) {
        assert_in_range(n, 1, previous);
        assert_in_range(n, 1, 9); /* one to run, 1 s / 0.125 s in advance */
        if (fps_schedule_left(schedule) > 1000)
            assert_int_equal(n, 9);
        if (fps_schedule_left(schedule) < WORKERS)
            assert_int_equal(n, 1);
        assert_int_equal(fps_schedule_ask_at(schedule, task, n), n / 2);
        previous = n;
        for (int64_t i = 0; i < n; i++)
            fps_schedule_done(schedule, worker, task[i], 0.125);
    }
    fps_schedule_destroy(&schedule);
    fps_free(predicted_s);
}

static double ten(int64_t i) {
    (void)i;
    return 10.0;
}

static void long_tasks_never_come_in_advance(void **state) {
    (void)state;
    float *predicted_s = costs(1000, ten);
    fps_schedule *schedule = make(2, 1.0, 1000, predicted_s, NULL);
    int64_t task[8];
    assert_int_equal(fps_schedule_next(schedule, 0, task, 8), 1);
    assert_int_equal(fps_schedule_ask_at(schedule, task, 1), -1);
    assert_int_equal(fps_schedule_next(schedule, 0, task + 1, 7), 0);
    fps_schedule_finished(schedule, 0, task[0], 10.0);
    assert_int_equal(fps_schedule_running(schedule), 1); /* run, but not safe */
    assert_int_equal(fps_schedule_busy(schedule), 0);
    assert_int_equal(fps_schedule_next(schedule, 0, task + 1, 7), 1);
    fps_schedule_done(schedule, 0, task[0], 10.0);
    assert_int_equal(fps_schedule_running(schedule), 1);
    fps_schedule_destroy(&schedule);
    fps_free(predicted_s);
}

static double one_long(int64_t i) {
    return i == 40 ? 100.0 : 0.01;
}

static void nothing_waits_behind_a_long_task(void **state) {
    (void)state;
    float *predicted_s = costs(1000, one_long);
    fps_schedule *schedule = make(2, 1.0, 1000, predicted_s, NULL);
    int64_t task[200];
    assert_int_equal(fps_schedule_next(schedule, 0, task, 200), 1);
    assert_int_equal(task[0], 40);
    assert_int_equal(fps_schedule_next(schedule, 0, task, 200), 0);
    assert_in_range(fps_schedule_next(schedule, 1, task, 200), 90, 101);
    fps_schedule_destroy(&schedule);
    fps_free(predicted_s);
}

static void predictions_follow_what_tasks_took(void **state) {
    (void)state;
    float *predicted_s = costs(5000, ten);
    fps_schedule *schedule = make(2, 1.0, 5000, predicted_s, NULL);
    int64_t task[16];
    assert_true(fabs(fps_schedule_seconds_left(schedule) - 50000.0) < 1.0);
    for (int i = 0; i < 100; i++) {
        assert_in_range(fps_schedule_next(schedule, 0, task, 1), 1, 1);
        fps_schedule_done(schedule, 0, task[0], 0.1);
    }
    assert_true(fabs(fps_schedule_seconds_left(schedule) - 490.0) < 1.0);
    assert_true(fabs(fps_schedule_predicted(schedule, 4000) - 0.1) < 1e-6);
    assert_in_range(fps_schedule_next(schedule, 0, task, 16), 10, 11); /* now short enough for batches */
    for (int i = 0; i < 3000; i++) {                                   /* and slow again: the old times fade */
        int64_t one;
        if (fps_schedule_next(schedule, 1, &one, 1) == 1)
            fps_schedule_done(schedule, 1, one, 40.0);
    }
    assert_true(fabs(fps_schedule_predicted(schedule, 4000) - 40.0) < 0.1);
    fps_schedule_destroy(&schedule);
    fps_free(predicted_s);
}

/* ---- loss ------------------------------------------------------------------------------------------------------- */

static void lost_tasks_come_back_longest_first_and_none_twice(void **state) {
    (void)state;
    enum { COUNT = 3000, WORKERS = 7 };
    float *predicted_s = costs(COUNT, lognormal);
    fps_schedule *schedule = make(WORKERS, 5.0, COUNT, predicted_s, NULL);
    unsigned char *done = fps_alloc(COUNT, 1);
    assert_non_null(done);
    int64_t task[64], n, lost = 0, handed = 0;
    for (int turn = 0; (n = fps_schedule_next(schedule, turn % WORKERS, task, 64)) > 0 || fps_schedule_left(schedule);
         turn++) {
        int worker = turn % WORKERS;
        handed += n;
        for (int64_t i = 0; i < n; i++) {
            if (turn % 3 == 0 && i >= n / 2)
                continue; /* the second half is on it when it dies */
            if (turn % 3 == 0) {
                fps_schedule_finished(schedule, worker, task[i], 1.0); /* run, not safe: lost too */
                continue;
            }
            assert_int_equal(done[task[i]], 0);
            done[task[i]] = 1;
            fps_schedule_done(schedule, worker, task[i], (double)predicted_s[task[i]]);
        }
        if (turn % 3 == 0) {
            float before = n ? predicted_s[task[0]] : 0.0F;
            int64_t back = fps_schedule_lost(schedule, worker), first;
            assert_int_equal(back, n);
            lost += back;
            if (n > 0) { /* the longest of what came back is next */
                assert_int_equal(fps_schedule_next(schedule, worker, &first, 1), 1);
                assert_true(predicted_s[first] >= before);
                assert_int_equal(fps_schedule_lost(schedule, worker), 1);
            }
        }
    }
    int64_t total = 0;
    for (int64_t i = 0; i < COUNT; i++)
        total += done[i];
    assert_int_equal(total, COUNT);
    assert_int_equal(handed - lost, COUNT);
    assert_int_equal(fps_schedule_running(schedule), 0);
    assert_true(lost > COUNT / 10);
    fps_schedule_destroy(&schedule);
    fps_free(done);
    fps_free(predicted_s);
}

/* ---- simulated runs --------------------------------------------------------------------------------------------- */

static double grid(int64_t i) {
    static const double depth[] = {1, 2, 4}, width[] = {20, 50, 100};
    return depth[i % 3] * width[i / 3 % 3] * width[i / 3 % 3] * 1e-3;
}

static double few_huge(int64_t i) {
    return i % 500 == 7 ? 100.0 : 1.0;
}

static double tiny(int64_t i) {
    return 0.002 + 0.004 * fps_random_uniform(3, FPS_PURPOSE_DATA, 0, (uint64_t)i);
}

static void simulated_makespan_is_near_the_bound(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double (*cost)(int64_t i);
        int64_t each;
    } spreads[] = {
        {"grid", grid, 40}, {"log-normal", lognormal, 60}, {"few huge", few_huge, 100}, {"tiny", tiny, 2000}};
    for (size_t k = 0; k < sizeof spreads / sizeof *spreads; k++)
        for (int ranks = 1; ranks <= 200; ranks = ranks < 10 ? ranks + 1 : ranks * 20) {
            int64_t count = spreads[k].each * ranks;
            float *predicted_s = costs(count, spreads[k].cost);
            double sum_s = 0.0;
            for (int64_t i = 0; i < count; i++)
                sum_s += (double)predicted_s[i];
            bool trains = fps_schedule_coordinator_trains(ranks, count, sum_s / (double)count);
            fps_simulation_options options = fps_simulation_defaults(ranks, trains);
            fps_simulation result;
            assert_int_equal(fps_simulate(&options, count, predicted_s, predicted_s, &result), FPS_OK);
            print_message("%-10s %3d ranks, rank 0 %s: makespan / bound %.4f, idle %.4f, %lld messages\n",
                          spreads[k].name, ranks, trains ? "trains" : "serves", result.makespan_s / result.bound_s,
                          result.idle_share, (long long)result.messages);
            assert_true(result.makespan_s >= result.bound_s * (1.0 - 1e-9)); /* no clock runs backwards */
            assert_true(result.makespan_s <= 1.05 * result.bound_s);
            assert_true(trains || ranks > 1);
            fps_free(predicted_s);
        }
}

/* The checker itself: a policy that is bad must show. Slow messages without an advance cost idle time. */
static void simulator_notices_a_bad_policy(void **state) {
    (void)state;
    float *predicted_s = costs(20000, tiny);
    fps_simulation_options options = fps_simulation_defaults(10, false);
    fps_simulation good, bad;
    options.latency_s = 1e-3;
    assert_int_equal(fps_simulate(&options, 20000, predicted_s, predicted_s, &good), FPS_OK);
    options.ahead_s = 0.0;
    assert_int_equal(fps_simulate(&options, 20000, predicted_s, predicted_s, &bad), FPS_OK);
    print_message("with advance %.4f, without %.4f of the bound\n", good.makespan_s / good.bound_s,
                  bad.makespan_s / bad.bound_s);
    assert_true(bad.makespan_s > 1.3 * good.makespan_s);
    options.ranks = 1;
    assert_int_equal(fps_simulate(&options, 20000, predicted_s, predicted_s, &bad), FPS_ERROR_USAGE);
    fps_free(predicted_s);
}

static void coordinator_trains_where_it_gains(void **state) {
    (void)state;
    assert_true(fps_schedule_coordinator_trains(1, 1, 1e-3));
    assert_true(fps_schedule_coordinator_trains(2, 100, 1.0));
    assert_true(fps_schedule_coordinator_trains(2, 10000, 1e-3));
    assert_false(fps_schedule_coordinator_trains(10000, 1000000, 10.0));
}

/* ---- begun, and too long ---------------------------------------------------------------------------------------- */

static void what_was_begun_comes_first(void **state) {
    (void)state;
    const float predicted_s[] = {3, 1, 8, 3, 5, 8, 2};
    const bool pending[] = {true, true, true, true, false, true, true};
    const int64_t begun[] = {6, 0, 4, 6, -1, 7, 3}; /* one is not pending, one is named twice, two do not exist */
    const int64_t expected[] = {0, 3, 6, 2, 5, 1};
    fps_schedule *schedule = make(1, 0.0, 7, predicted_s, pending);
    assert_int_equal(fps_schedule_prefer(schedule, begun, 7), FPS_OK);
    assert_int_equal(fps_schedule_left(schedule), 6);
    for (int i = 0; i < 6; i++) {
        int64_t task;
        assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 1);
        assert_int_equal(task, expected[i]);
        fps_schedule_done(schedule, 0, task, 1.0);
    }
    assert_int_equal(fps_schedule_left(schedule), 0);
    assert_int_equal(fps_schedule_prefer(schedule, begun, 7), FPS_OK); /* nothing is waiting */
    fps_schedule_destroy(&schedule);
}

static void what_would_not_end_in_time_is_set_aside(void **state) {
    (void)state;
    const float predicted_s[] = {0.5F, 100, 0.4F, 20, 0.3F};
    int64_t task[8];
    fps_schedule *schedule = make(2, 1.0, 5, predicted_s, NULL);
    fps_schedule_end_within(schedule, 30.0);
    assert_int_equal(fps_schedule_next(schedule, 0, task, 8), 1);
    assert_int_equal(task[0], 3); /* of 20 s; that of 100 s is set aside */
    assert_int_equal(fps_schedule_left(schedule), 4);
    assert_int_equal(fps_schedule_waiting(schedule), 3);
    assert_true(fabs(fps_schedule_seconds_left(schedule) - 21.2) < 1e-3);
    /* 0.6 s are left: the other worker can run one of them, but not a second one after it. */
    fps_schedule_end_within(schedule, 0.6);
    assert_int_equal(fps_schedule_next(schedule, 1, task, 8), 1);
    assert_int_equal(task[0], 0);
    assert_int_equal(fps_schedule_waiting(schedule), 2);
    assert_int_equal(fps_schedule_next(schedule, 1, task, 8), 0);
    assert_int_equal(fps_schedule_waiting(schedule), 2); /* not set aside: an idle worker could */
    fps_schedule_done(schedule, 1, 0, 0.5);
    fps_schedule_end_within(schedule, 0.1);
    assert_int_equal(fps_schedule_next(schedule, 1, task, 8), 0);
    assert_int_equal(fps_schedule_waiting(schedule), 0);
    assert_int_equal(fps_schedule_left(schedule), 3);
    fps_schedule_done(schedule, 0, 3, 20.0);
    assert_true(fps_schedule_seconds_left(schedule) == 0.0);
    fps_schedule_end_within(schedule, 1000.0); /* what was set aside stays there */
    assert_int_equal(fps_schedule_next(schedule, 0, task, 8), 0);
    fps_schedule_destroy(&schedule);
}

/* Tasks take twice as long as predicted: the limit knows. */
static void the_limit_is_in_real_seconds(void **state) {
    (void)state;
    float predicted_s[100];
    int64_t task;
    for (int i = 0; i < 100; i++)
        predicted_s[i] = i < 50 ? 3.0F : 2.0F;
    fps_schedule *schedule = make(1, 0.0, 100, predicted_s, NULL);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 1);
        fps_schedule_done(schedule, 0, task, 6.0);
    }
    fps_schedule_end_within(schedule, 5.0); /* 6 s are too long, 4 s are not */
    assert_int_equal(fps_schedule_next(schedule, 0, &task, 1), 1);
    assert_in_range(task, 50, 99);
    assert_int_equal(fps_schedule_waiting(schedule), 49);
    assert_int_equal(fps_schedule_left(schedule), 79);
    fps_schedule_destroy(&schedule);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_begun_comes_first),
        cmocka_unit_test(what_would_not_end_in_time_is_set_aside),
        cmocka_unit_test(the_limit_is_in_real_seconds),
        cmocka_unit_test(longest_first_and_equal_in_order),
        cmocka_unit_test(order_agrees_with_qsort),
        cmocka_unit_test(strange_predictions_are_tamed),
        cmocka_unit_test(only_pending_tasks_are_handed_out),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(short_tasks_come_in_batches_that_shrink),
        cmocka_unit_test(long_tasks_never_come_in_advance),
        cmocka_unit_test(nothing_waits_behind_a_long_task),
        cmocka_unit_test(predictions_follow_what_tasks_took),
        cmocka_unit_test(lost_tasks_come_back_longest_first_and_none_twice),
        cmocka_unit_test(simulated_makespan_is_near_the_bound),
        cmocka_unit_test(simulator_notices_a_bad_policy),
        cmocka_unit_test(coordinator_trains_where_it_gains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
