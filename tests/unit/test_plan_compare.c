/* floor: sweep */
/* Comparing two sweeps: what is the same, and what differs in which words. */
#include "test_plan.h"

typedef struct sentences {
    int count;
    char text[2000]; /* joined by " | " */
} sentences;

static void collect(void *context, const char *sentence) {
    sentences *s = context;
    snprintf(s->text + strlen(s->text), sizeof s->text - strlen(s->text), "%s%s", s->count++ ? " | " : "", sentence);
}

/* Exactly these sentences, in this order; "" for none. Also: counting without telling gives the same number. */
static void assert_differences(const char *then_text, const char *now_text, const char *expected) {
    fps_plan *then = plan_of(then_text), *now = plan_of(now_text);
    sentences found = {0};
    int64_t count = fps_plan_compare(then, now, collect, &found);
    assert_string_equal(found.text, expected);
    assert_int_equal(count, found.count);
    assert_int_equal(fps_plan_compare(then, now, NULL, NULL), count);
    fps_plan_destroy(&then);
    fps_plan_destroy(&now);
}

#define BODY "  width: 100\n  steps: 300\ngrid:\n  depth: [1, 2]\n  seed: {from: 0, to: 2}\n"
#define BASE FIXED BODY

static void the_same_is_the_same(void **state) {
    (void)state;
    assert_differences(BASE, BASE, "");
    assert_differences(BASE, "# a comment\nsweep: other\nabout: words\nfixed:\n  target: \"sin(x)\"\n" BODY, "");
    assert_differences(BASE,
                       "grid:\n  depth: [1, 2]\n  seed: [0, 1, 2]\nsweep: a\nfixed:\n  steps: 300\n  width: 100\n"
                       "  target: sin(x)\n",
                       "");
    assert_differences(BASE, FIXED "  width: 100\n  steps: 3*width\ngrid:\n  depth: [1, 2]\n  seed: [0, 1, 2]\n", "");
    assert_differences(BASE, FIXED "  activation: tanh\n" BODY, ""); /* the default, said aloud */
    assert_differences(BASE, BASE "where: \"depth < 3\"\n", "");     /* true for all */
    assert_differences(BASE "record: {count: 50, frequencies: 4}\n",
                       BASE "record: {frequencies: [0, 1, 2, 3], spacing: log, count: 50}\n", "");
}

static void values_differ(void **state) {
    (void)state;
    assert_differences(BASE, FIXED "  width: 50\n  steps: 300\ngrid:\n  depth: [1, 2]\n  seed: {from: 0, to: 2}\n",
                       "width is 100 in the file, 50 now");
    assert_differences(BASE, FIXED "  activation: relu\n" BODY, "activation is tanh in the file, relu now");
    assert_differences(FIXED "  decay_rate: 2\n" BODY, BASE, "decay_rate is 2 in the file, none now");
    assert_differences(BASE, "sweep: a\nfixed:\n  target: \"cos(x)\"\n  noise: 0.5\n" BODY,
                       "target is sin(x) in the file, cos(x) now | noise is 0 in the file, 0.5 now");
    /* written differently and different */
    assert_differences(FIXED "  width: 100\n  learning_rate: \"0.05/width\"\n",
                       FIXED "  width: 100\n  learning_rate: 0.0006\n",
                       "learning_rate is 0.05/width in the file, 0.0006 now");
    /* width alone was changed; the rate follows it */
    assert_differences(FIXED "  width: 100\n  learning_rate: \"0.05/width\"\n",
                       FIXED "  width: 200\n  learning_rate: \"0.05/width\"\n", "width is 100 in the file, 200 now");
    /* of two that are written differently, the one that comes to the same is not blamed */
    assert_differences(FIXED "  width: 100\n  steps: \"3*width\"\n  noise: 0\n",
                       FIXED "  width: 100\n  steps: 300\n  noise: 1\n", "noise is 0 in the file, 1 now");
}

static void axes_differ(void **state) {
    (void)state;
    assert_differences(BASE, FIXED "  width: 100\n  steps: 300\ngrid:\n  depth: [1, 2]\n  seed: {from: 0, to: 3}\n",
                       "seed has 3 values in the file, 4 values now");
    assert_differences(BASE, FIXED "  width: 100\n  steps: 300\ngrid:\n  depth: [1, 3]\n  seed: {from: 0, to: 2}\n",
                       "value 2 of depth is 2 in the file, 3 now");
    assert_differences(BASE, FIXED "  width: 100\n  steps: 300\n  depth: 2\ngrid:\n  seed: {from: 0, to: 2}\n",
                       "depth has 2 values in the file, is 2 now");
    assert_differences(FIXED "  seed: 7\n", FIXED "grid:\n  seed: [7, 8]\n", "seed is 7 in the file, has 2 values now");
    assert_differences(BASE, FIXED "  width: 100\n  steps: 300\ngrid:\n  seed: {from: 0, to: 2}\n  depth: [1, 2]\n",
                       "the axes are counted in another order or are zipped differently: depth, seed in the file, "
                       "seed, depth now");
    assert_differences(GRID "  depth: [1, 2]\n  seed: [0, 1]\n", FIXED "zip:\n  - {depth: [1, 2], seed: [0, 1]}\n",
                       "the axes are counted in another order or are zipped differently: depth, seed in the file, "
                       "depth:seed now");
    assert_differences(BASE, BASE "where: \"depth > 1\"\n", "where is not given in the file, depth > 1 now");
    assert_differences(BASE "where: \"seed < 1\"\n", BASE "where: \"seed > 1\"\n",
                       "where is seed < 1 in the file, seed > 1 now");
}

static void records_differ(void **state) {
    (void)state;
    assert_differences(BASE, BASE "record: {count: 50, spacing: linear}\n",
                       "record.count is 100 in the file, 50 now | record.spacing is log in the file, linear now");
    assert_differences(BASE "record: {frequencies: [1, 3]}\n", BASE "record: {frequencies: 4}\n",
                       "record.frequencies is [1, 3] in the file, 4 now");
    assert_differences(BASE "record: {keep: [spectrum]}\n", BASE "record: {keep: [parameters, spectrum]}\n",
                       "record.keep is [spectrum] in the file, [parameters, spectrum] now");
    assert_differences(BASE, BASE "record: {keep: [spectrum]}\n",
                       "record.keep is not given in the file, [spectrum] now");
    /* both at once */
    assert_differences(BASE,
                       FIXED "  width: 50\n  steps: 300\ngrid:\n  depth: [1, 2]\n  seed: {from: 0, to: 2}\n"
                             "record: {count: 50}\n",
                       "width is 100 in the file, 50 now | record.count is 100 in the file, 50 now");
#define DIRECT "sweep: a\nfixed: {model: direct, target: random, samples: 2, frequency_step: 0.25, decay_rate: 2}\n"
    assert_differences(DIRECT "record: {ladder: {from: 40, rungs: 3}}\n", DIRECT "record: {ladder: [40, 121, 364]}\n",
                       "");
    assert_differences(DIRECT "record: {ladder: {from: 40, rungs: 3}}\n", DIRECT "record: {ladder: [40, 121]}\n",
                       "record.ladder is {from: 40, rungs: 3} in the file, [40, 121] now");
}

static void long_values_are_cut(void **state) {
    (void)state;
    char then[600] = "sweep: a\nfixed:\n  target: \"sin(x)", now[600];
    for (int i = 0; i < 40; i++)
        strcat(then, " + sin(x)");
    snprintf(now, sizeof now, "%s + 1\"\n", then);
    strcat(then, "\"\n");
    fps_plan *a = plan_of(then), *b = plan_of(now);
    sentences found = {0};
    assert_int_equal(fps_plan_compare(a, b, collect, &found), 1);
    assert_true(strlen(found.text) < 250);
    assert_non_null(strstr(found.text, "... in the file, "));
    fps_plan_destroy(&a);
    fps_plan_destroy(&b);
    /* lists of modes too */
    assert_differences(BASE "record: {frequencies: 7}\n",
                       BASE "record: {frequencies: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, "
                            "19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]}\n",
                       "record.frequencies is 7 in the file, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "
                       "16, 17, 18, 19, 20, 21, ...] now");
}

static void data_files_count_by_their_content(void **state) {
    (void)state;
    static const char text[] = "sweep: a\nfixed: {data: points.csv, domain: [0, 1]}\n";
    double x[2] = {0.25, 0.5}, y[2] = {1, 2};
    fps_dataset one = {.samples = 2, .dimension = 1, .x = x, .y = y, .hash = 1}, other = one;
    fps_plan *then = plan_of(text), *now = plan_of(text);
    assert_int_equal(fps_plan_compare(then, now, NULL, NULL), 0); /* not read yet: the names alone */
    other.hash = 2;
    assert_int_equal(fps_plan_set_dataset(then, 0, &one), FPS_OK);
    assert_int_equal(fps_plan_set_dataset(now, 0, &one), FPS_OK);
    assert_int_equal(fps_plan_compare(then, now, NULL, NULL), 0);
    assert_int_equal(fps_plan_set_dataset(now, 0, &other), FPS_OK);
    sentences found = {0};
    assert_int_equal(fps_plan_compare(then, now, collect, &found), 1);
    assert_string_equal(found.text, "the content of points.csv has changed");
    fps_plan_destroy(&then);
    fps_plan_destroy(&now);
}

static void shards_are_dealt_like_cards(void **state) {
    (void)state;
    for (int64_t tasks = 0; tasks < 12; tasks++)
        for (int32_t count = 1; count <= 5; count++) {
            int64_t all = 0;
            for (int32_t index = 1; index <= count; index++) {
                fps_shard shard = {index, count};
                int64_t held = 0;
                for (int64_t i = 0; i < tasks; i++)
                    held += fps_shard_holds(shard, i);
                assert_int_equal(held, fps_shard_tasks(shard, tasks));
                assert_true(held >= tasks / count && held <= tasks / count + 1);
                all += held;
            }
            assert_int_equal(all, tasks);
        }
    assert_true(fps_shard_holds((fps_shard){0, 0}, 5));
    assert_int_equal(fps_shard_tasks((fps_shard){0, 0}, 5), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_the_same),
        cmocka_unit_test(values_differ),
        cmocka_unit_test(axes_differ),
        cmocka_unit_test(records_differ),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(data_files_count_by_their_content),
        cmocka_unit_test(shards_are_dealt_like_cards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
