/* floor: sweep */
/* A million tasks: time and memory of planning, and what they rest on: survivors and the set of hashes. */
#include "test_plan.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "sweep/hashset.h"
#include "sweep/survivors.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double memory_mb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* Expected on an idle core: under 2 s and 200 MB. Asserted five times more loosely: sanitizers, shared machines. */
static void test_million(void **state) {
    (void)state;
    double before_mb = memory_mb(), start = now();
    fps_plan *plan = plan_of("sweep: million\n"
                             "fixed:\n"
                             "  target: \"sin(x) + sin(3*x)\"\n"
                             "  domain: [-pi, pi]\n"
                             "  learning_rate: \"0.05/max(width, 1)\"\n"
                             "grid:\n"
                             "  depth: [0, 1, 2, 3, 4]\n"
                             "  width: [10, 20, 50, 100]\n"
                             "  activation: [tanh, relu, sin, gelu, elu]\n"
                             "  loss: [mse, mae]\n"
                             "  samples: [32, 64, 128, 256, 512]\n"
                             "  seed: {from: 0, to: 999}\n"
                             "where: \"depth * width <= 300\"\n");
    double planned_s = now() - start, planned_mb = memory_mb() - before_mb;
    assert_int_equal(fps_plan_combinations(plan), 1000000);
    assert_int_equal(fps_plan_dropped_where(plan), 50000);
    assert_int_equal(fps_plan_dropped_same(plan), 10000 * 19); /* depth 0 ignores 4 widths and 5 activations */
    assert_int_equal(fps_plan_count(plan), 760000);

    start = now();
    int64_t seeds = 0;
    for (int64_t i = 0; i < fps_plan_count(plan); i++)
        seeds += task_of(plan, i).seed;
    double task_us = (now() - start) / (double)fps_plan_count(plan) * 1e6;
    assert_int_equal(seeds, 760 * (int64_t)(999 * 1000 / 2));
    start = now();
    for (int64_t k = 0; k < 100000; k++)
        seeds += task_of(plan, k * 7919 % fps_plan_count(plan)).seed;
    double random_us = (now() - start) / 1e5 * 1e6;
    print_message(
        "10^6 combinations: planned in %.2f s with %.0f MB; a task takes %.2f us in order, %.2f us anywhere\n",
        planned_s, planned_mb, task_us, random_us);
    assert_true(planned_s < 10 && planned_mb < 1000);
    assert_true(task_us < 25 && random_us < 50);
    fps_plan_destroy(&plan);
}

/* A long range costs no memory. */
static void test_long_range(void **state) {
    (void)state;
    fps_plan *plan = plan_of(GRID "  seed: {from: 0, to: 2000000}\nwhere: mod(seed, 2) == 1\n");
    assert_int_equal(fps_plan_count(plan), 1000000);
    assert_int_equal(task_of(plan, 0).seed, 1);
    assert_int_equal(task_of(plan, 999999).seed, 1999999);
    assert_int_equal(fps_plan_coordinate(plan, 999999, 0), 1999999);
    fps_plan_destroy(&plan);
}

/* Against plain counting, for several sizes and densities of survivors. */
static void test_survivors(void **state) {
    (void)state;
    static const int64_t sizes[] = {1, 63, 64, 65, 511, 512, 513, 5000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int share = 0; share <= 8; share++) {
            fps_survivors survivors;
            fps_survivors_create(&survivors, sizes[s]);
            bool alive[5000];
            uint64_t random = 88172645463325252u + (uint64_t)share;
            for (int64_t c = 0; c < sizes[s]; c++) {
                random ^= random << 13, random ^= random >> 7, random ^= random << 17;
                alive[c] = (int)(random % 8) >= share;
                if (!alive[c])
                    assert_int_equal(fps_survivors_drop(&survivors, c), FPS_OK);
            }
            assert_int_equal(fps_survivors_finish(&survivors), FPS_OK);
            int64_t rank = 0;
            for (int64_t c = 0; c < sizes[s]; c++) {
                assert_int_equal(fps_survivors_has(&survivors, c), alive[c]);
                assert_int_equal(fps_survivors_rank(&survivors, c), rank);
                if (alive[c])
                    assert_int_equal(fps_survivors_select(&survivors, rank), c);
                rank += alive[c];
            }
            assert_int_equal(survivors.count, rank);
            fps_survivors_release(&survivors);
        }
}

static void test_hashset(void **state) {
    (void)state;
    fps_hashset set = {0};
    bool is_new;
    assert_false(fps_hashset_has(&set, 0));
    for (int round = 0; round < 2; round++)
        for (uint64_t k = 0; k < 10000; k++) { /* hashes that share their low bits, and 0 */
            assert_int_equal(fps_hashset_add(&set, k << 20, &is_new), FPS_OK);
            assert_int_equal(is_new, round == 0);
            assert_true(fps_hashset_has(&set, k << 20));
        }
    assert_false(fps_hashset_has(&set, 12345));
    fps_hashset_release(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_million),
        cmocka_unit_test(test_long_range),
        cmocka_unit_test(test_survivors),
        cmocka_unit_test(test_hashset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
