/* floor: sweep */
/* What parameters must obey together, data files, warnings, sizes. Refusals in full: tests/bad. */
#include "test_plan.h"

#include <stdlib.h>
#include <unistd.h>

/* `where` is asked first: what it drops may be wrong. */
static void test_where_before_rules(void **state) {
    (void)state;
    assert_values(GRID "  samples: [16, 64]\n  batch_size: [8, 32]\nwhere: batch_size <= samples\n", "batch_size",
                  "8 | 8 | 32");
    assert_values(FIXED "  learning_rate: \"0.05/width\"\ngrid:\n  depth: [0, 1]\nwhere: depth > 0\n", "depth", "1");
    assert_refused(GRID "  samples: [16, 64]\n  batch_size: [8, 32]\n",
                   "a.yaml:6:19: batch_size is 32, larger than samples = 16; 0 is all samples (combination samples=16 "
                   "batch_size=32)");
}

/* A value that cannot be computed matters only to tasks that use it. */
static void test_ignored_mistakes(void **state) {
    (void)state;
    assert_values(FIXED "  momentum: \"0.5/depth\"\ngrid:\n  depth: [0, 1]\n  optimizer: [gd, momentum]\n"
                        "where: depth > 0 || optimizer == gd\n",
                  "momentum", "0.9 | 0.9 | 0.5");
    assert_refused(
        FIXED "  momentum: \"0.5/depth\"\ngrid:\n  depth: [0, 1]\n  optimizer: [gd, momentum]\n",
        "a.yaml:4:14: momentum: '0.5/depth' is infinite at depth = 0 (combination depth=0 optimizer=momentum)");
}

static void test_mixed_targets(void **state) {
    (void)state;
    fps_plan *plan = plan_of("sweep: a\nfixed: {sampling: random}\ngrid: {target: [random, \"x^2\"]}\n");
    fps_task labels = task_of(plan, 0), square = task_of(plan, 1);
    assert_int_equal(labels.target.code, FPS_TARGET_RANDOM);
    assert_int_equal(square.target.code, FPS_TARGET_EXPRESSION);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_GRID], 256);
    fps_plan_destroy(&plan);
}

static void test_mixed_dimensions(void **state) {
    (void)state;
    fps_plan *plan =
        plan_of("sweep: a\nfixed: {grid_points: 16}\nzip:\n  - {dimension: [1, 2, 3], samples: [10, 16, 27], "
                "target: [x, x1*x2, x1+x3]}\n");
    const fps_extent *extent = fps_plan_extent(plan);
    assert_int_equal(extent->size[FPS_GRID], 16 * 16 * 16);
    assert_int_equal(extent->size[FPS_AXIS], 3);
    assert_int_equal(extent->size[FPS_DIRECTION], 4);
    assert_int_equal(extent->size[FPS_SAMPLE], 27);
    assert_int_equal(extent->size[FPS_FREQUENCY], 9);
    fps_plan_destroy(&plan);
}

static void test_precision(void **state) {
    (void)state;
    fps_plan *plan = plan_of(GRID "  precision: [single, double]\n");
    assert_false(fps_plan_all_single(plan));
    double both = fps_plan_file_bytes(plan);
    fps_plan_destroy(&plan);
    plan = plan_of(FIXED "  precision: single\n");
    assert_true(fps_plan_all_single(plan));
    double one = fps_plan_file_bytes(plan);
    fps_plan_destroy(&plan);
    /* 101 rows of at most 100 records x (4 + 3 x 32) numbers of 8 or 4 bytes, and some columns */
    print_message("bytes of a results file: 1 single task %.0f, 2 tasks of both precisions %.0f\n", one, both);
    assert_true(one > 100 * 98 * 4 && one < 100 * 98 * 4 + 1e5);
    assert_true(both > 2 * 100 * 98 * 8 && both < 2 * 100 * 98 * 8 + 1e5);
}

/* ---- data files ---- */

static void test_data(void **state) {
    (void)state;
    double x[6] = {0, 1, 2, 3, 4, 5}, y[6] = {0};
    fps_dataset six = {.samples = 6, .dimension = 1, .x = x, .y = y, .hash = 11};
    fps_dataset three = {.samples = 3, .dimension = 1, .x = x, .y = y, .hash = 12};
    fps_dataset plane = {.samples = 3, .dimension = 2, .x = x, .y = y, .hash = 13};
    fps_plan *plan =
        plan_of("sweep: a\nfixed: {batch_size: 4, domain: [0, 5]}\ngrid: {data: [a.csv, \"b c.h5\"], seed: [1, 2]}\n");
    assert_int_equal(fps_plan_datasets(plan), 2);
    assert_string_equal(fps_plan_dataset_path(plan, 0), "a.csv");
    assert_string_equal(fps_plan_dataset_path(plan, 1), "b c.h5");
    fps_task before = task_of(plan, 2);
    assert_int_equal(before.target.code, FPS_TARGET_DATA);
    assert_string_equal(before.data, "b c.h5");
    assert_null(before.dataset);

    assert_int_equal(fps_plan_set_dataset(plan, 1, &six), FPS_OK);
    fps_task after = task_of(plan, 2), other = task_of(plan, 1);
    assert_ptr_equal(after.dataset, &six);
    assert_int_equal(after.samples, 6);
    assert_null(other.dataset);
    assert_true(fps_task_identity(&after) != fps_task_identity(&before));
    assert_int_equal(fps_plan_set_dataset(plan, 0, &three), FPS_ERROR_SWEEP);
    assert_string_equal(fps_error_message(), "a.yaml:2:21: batch_size is 4, but a.csv has 3 points; 0 is all of them "
                                             "(combination data=a.csv seed=1)");
    assert_int_equal(fps_plan_set_dataset(plan, 0, &plane), FPS_ERROR_SWEEP);
    assert_string_equal(fps_error_message(), "a.yaml:3:15: a.csv has 2 coordinates, but dimension is 1; write "
                                             "dimension: 2 (combination data=a.csv seed=1)");
    assert_int_equal(fps_plan_set_dataset(plan, 0, &six), FPS_OK);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_SAMPLE], 6);
    fps_plan_destroy(&plan);

    plan = plan_of("sweep: a\nfixed: {data: a.csv, domain: [0, 2]}\n");
    assert_int_equal(fps_plan_datasets(plan), 1);
    assert_int_equal(fps_plan_set_dataset(plan, 0, &six), FPS_ERROR_SWEEP);
    assert_string_equal(fps_error_message(), "a.yaml:2:15: a.csv: x = 5 of point 6 is outside domain [0, 2]");
    x[1] = -1e-3;
    assert_int_equal(fps_plan_set_dataset(plan, 0, &three), FPS_ERROR_SWEEP);
    assert_string_equal(fps_error_message(), "a.yaml:2:15: a.csv: x = -0.001 of point 2 is outside domain [0, 2]");
    x[1] = -1e-6; /* an end of the domain, rounded */
    assert_int_equal(fps_plan_set_dataset(plan, 0, &three), FPS_OK);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_SAMPLE], 3);
    fps_plan_destroy(&plan);
    plan = plan_of(FIXED);
    assert_int_equal(fps_plan_datasets(plan), 0);
    fps_plan_destroy(&plan);
}

/* ---- warnings ---- */

static void note_warning(void *context, const char *sentence) {
    char *all = context;
    strcat(all, sentence);
    strcat(all, "\n");
}

static void assert_warned(const char *text, const char *beginning) {
    char all[2000] = "";
    fps_plan *plan = plan_of(text);
    fps_plan_warnings(plan, note_warning, all);
    fps_plan_destroy(&plan);
    if (strncmp(all, beginning, strlen(beginning)) != 0 || (beginning[0] == '\0' && all[0] != '\0'))
        fail_msg("warnings '%s' do not begin with '%s'", all, beginning);
}

static void test_warnings(void **state) {
    (void)state;
    const char *odd = "2 tasks: an odd activation, an odd target, symmetric samples and zero biases meet";
    assert_warned(FIXED "  bias_initializer: zero\ngrid:\n  activation: [tanh, relu, sin]\n", odd);
    assert_warned(
        FIXED "  bias_initializer: zero\n  sampling: quantile\n  density: \"exp(-x^2)\"\ngrid:\n  seed: [1, 2]\n", odd);
    assert_warned(FIXED "  bias_initializer: zero\n  sampling: quantile\n  density: \"exp(-(x-0.1)^2)\"\n", "");
    assert_warned(FIXED "  bias_initializer: zero\n  domain: [-1, 1.1]\n", "");
    assert_warned(FIXED "  bias_initializer: zero\n  sampling: random\n", "");
    assert_warned(FIXED "  bias: none\n", "");
    assert_warned(FIXED, "");
    assert_warned("sweep: a\nfixed: {target: \"sin(x) + 1e-6\", bias_initializer: zero}\n", "");
    assert_warned("sweep: a\nfixed: {target: \"x1^3*x2^2\", dimension: 2, bias_initializer: zero}\n", "1 task: an odd");
    assert_warned(FIXED "  depth: 0\n  decay_rate: 2\n  optimizer: gd\ngrid:\n  initializer: [zero, he]\n",
                  "1 task: depth 0 with a decay_rate, but with biases or non-zero initial weights");
}

/* Evenly spaced samples alone fold a high mode onto a lower one. */
static void test_sampling_warnings(void **state) {
    (void)state;
    const char *few = "1 task: at most 2 samples per period of the highest recorded mode: they cannot tell it";
#define MODES "record: {frequencies: [1, 10]}\n"
    assert_warned(FIXED "  samples: 20\n" MODES, few);
    assert_warned(FIXED "  samples: 21\n" MODES, "");
    assert_warned(FIXED "  samples: 20\n  sampling: grid\n" MODES, few);
    assert_warned(FIXED "  samples: 20\n  sampling: quantile\n" MODES, few);
    assert_warned(FIXED "  sampling: midpoint\ngrid:\n  samples: [20, 40]\n" MODES, few);
    assert_warned(FIXED "  samples: 20\n  sampling: quantile\n  density: \"exp(-x^2)\"\n" MODES, "");
    assert_warned(FIXED "  samples: 20\n  sampling: random\n" MODES, "");
    assert_warned(FIXED "  samples: 20\n  loss: sobolev(1)\n" MODES, "");
    assert_warned("sweep: a\nfixed: {target: x1, dimension: 2, samples: 9}\n" MODES, "");
#undef MODES
}

/* What splits the loss by frequency wants a window that vanishes at the ends, and thresholds well below Nyquist's. */
static void test_split_warnings(void **state) {
    (void)state;
    const char *leaks = "1 task: keep: stages, variation or update, but the window does not vanish";
    const char *coarse = "1 task: thresholds reach beyond a fifth";
#define KEEP "record: {keep: [stages]}\n"
    assert_warned(FIXED KEEP, leaks);
    assert_warned(FIXED "  window: density\n" KEEP, leaks);
    assert_warned(FIXED "  window: density\n  density: \"normal(0, 0.0841)\"\n" KEEP, leaks);
    assert_warned(FIXED "  window: density\n  density: \"normal(0, 0.0832)\"\n" KEEP, "");
    assert_warned(FIXED "  window: density\n  density: \"normal(0.01, 0.0832)\"\n" KEEP, leaks);
    assert_warned(FIXED "  window: density\n  density: \"beta(3, 3)\"\n" KEEP, leaks);
    assert_warned(FIXED "  window: density\n  density: \"beta(10, 10)\"\n" KEEP, "");
    assert_warned(FIXED "  window: density\n  density: \"exp(-100*x^2)\"\n" KEEP, "");
    assert_warned(FIXED "  window: density\n  density: \"exp(-30*x^2)\"\n" KEEP, leaks);
    assert_warned(FIXED "  decay_rate: 2\n  frequency_step: 0.5\n" KEEP, "");
    assert_warned(FIXED "  decay_rate: 2\n  frequency_step: 0.4\n" KEEP, leaks);
    assert_warned(FIXED "  window: hann\n" KEEP, "");
    assert_warned(FIXED "  window: hann\nrecord: {keep: [variation], thresholds: [1, 12.8]}\n", "");
    assert_warned(FIXED "  window: hann\nrecord: {keep: [update], thresholds: [1, 12.9]}\n", coarse);
#undef KEEP
}

/* Thresholds: sorted, ranges written out; by default 33 from the lowest frequency to a fifth of the highest. */
static void test_thresholds(void **state) {
    (void)state;
    fps_plan *plan = plan_of(FIXED "record: {keep: [stages], thresholds: [7, {from: 1, to: 5, factor: 2}, 3.5]}\n");
    const fps_record_spec *record = fps_plan_record(plan);
    const double expected[] = {1, 2, 3.5, 4, 7};
    assert_int_equal(record->thresholds, 5);
    for (int e = 0; e < 5; e++)
        assert_true(record->threshold[e] == expected[e]);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_THRESHOLD], 5);
    const uint64_t identity = fps_record_identity(record);
    fps_plan_destroy(&plan);
    plan = plan_of(FIXED "record: {keep: [stages], thresholds: [1, 2, 3.5, 4, 7.5]}\n");
    assert_true(fps_record_identity(fps_plan_record(plan)) != identity);
    fps_plan_destroy(&plan);

    plan = plan_of("sweep: a\nfixed: {target: \"sin(x)\"}\ngrid:\n  domain: [[-1, 1], [-4, 4]]\n"
                   "  grid_points: [256, 1024]\nrecord: {keep: [variation]}\n");
    record = fps_plan_record(plan);
    assert_int_equal(record->thresholds, 33);
    assert_true(record->threshold[0] == 0.125 && record->threshold[32] == 0.2 * 256 / 16);
    for (int e = 1; e < 33; e++)
        assert_true(record->threshold[e] > record->threshold[e - 1]);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_THRESHOLD], 33);
    fps_plan_destroy(&plan);
    plan = plan_of(FIXED);
    assert_int_equal(fps_plan_record(plan)->thresholds, 0);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_THRESHOLD], 0);
    fps_plan_destroy(&plan);
}

/* gd on depth 0 with features: the limit is known, and just below and above it the warning is absent and present. */
static void test_stability(void **state) {
    (void)state;
    const char *above = "2 of 4 tasks looked at: the learning rate is above the stable one at the start, for example ";
    /* one constant weight alone: lambda = 2, stable below 1 (gd), 1.9 (momentum .9), 1.9/2.8 = 0.679 (nesterov) */
    const char *head = "sweep: a\nfixed: {target: \"1\", depth: 0, train: biases, initializer: zero, optimizer: %s}\n"
                       "grid: {learning_rate: [%s]}\n";
    char text[400];
    snprintf(text, sizeof text, head, "gd", "0.5, 0.99, 1.01, 1.5");
    assert_warned(text, above);
    snprintf(text, sizeof text, head, "momentum", "1.01, 1.89, 1.91, 2.5");
    assert_warned(text, above);
    snprintf(text, sizeof text, head, "nesterov", "0.5, 0.67, 0.69, 0.99");
    assert_warned(text, above);
    snprintf(text, sizeof text, head, "gd", "0.5, 0.99");
    assert_warned(text, "");
    snprintf(text, sizeof text, head, "adam", "0.5, 1.99");
    assert_warned(text, "");
    assert_warned(FIXED "  optimizer: gd\n  learning_rate: stable(1.5)\n",
                  "1 task: learning_rate stable(c) with c > 1");
    /* one rate of many: the largest are looked at first, of every network */
    char many[4096] = "";
    for (int k = 0; k < 20; k++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%s%.2f", k ? ", " : "",
                 k == 7 ? 1.5 : 0.05 + 0.01 * k);
    char spread[4400];
    snprintf(spread, sizeof spread, "%sgrid:\n  learning_rate: [%s]\n  seed: {from: 0, to: 9}\n",
             "sweep: a\nfixed: {target: \"1\", depth: 0, train: biases, initializer: zero, optimizer: gd}\n", many);
    assert_warned(spread, "4 of 8 tasks looked at: the learning rate is above the stable one at the start, for example "
                          "1.5 where 1 is stable");
    snprintf(spread, sizeof spread,
             "sweep: a\nfixed: {target: \"sin(x)\", width: 5, optimizer: gd}\ngrid:\n  depth: [1, 2, 3]\n"
             "  learning_rate: [1e-5, 100, %s]\n  seed: {from: 0, to: 9}\n",
             "0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007");
    assert_warned(spread,
                  "4 of 8 tasks looked at: the learning rate is above the stable one at the start, for example 100");
}

/* ---- robustness ---- */

/* Every beginning of a valid file, and every file with one byte replaced, is accepted or refused in one line. */
static void test_damaged(void **state) {
    (void)state;
    static const char text[] = "sweep: a\nfixed:\n  target: \"sin(x)\"\n  learning_rate: \"0.05/width\"\ngrid:\n"
                               "  depth: [1, 2]\n  seed: {from: 0, to: 2}\nwhere: \"depth*width <= 90\"\n"
                               "record: {count: 9, keep: [spectrum]}\n";
    static const char replacements[] = "\0\"'[]{}:,-#&*!|>%@`x9 \n\t\xff\xc3";
    int accepted = 0, refused = 0;
    char damaged[sizeof text];
    fps_plan *plan;
    for (size_t length = 0; length < sizeof text; length++)
        for (size_t r = 0; r <= sizeof replacements; r++) {
            memcpy(damaged, text, sizeof text);
            if (r > 0 && length < sizeof text - 1)
                damaged[length] = replacements[r - 1];
            size_t size = r > 0 ? sizeof text - 1 : length;
            fps_status status = fps_plan_create("a.yaml", damaged, size, &plan);
            assert_true(status == FPS_OK || status == FPS_ERROR_SWEEP);
            if (status == FPS_OK) {
                accepted++;
                assert_true(fps_plan_count(plan) > 0);
            } else {
                refused++;
                assert_int_equal(strncmp(fps_error_message(), "a.yaml:", 7), 0);
                assert_null(strchr(fps_error_message(), '\n'));
            }
            fps_plan_destroy(&plan);
        }
    print_message("%d damaged files: %d accepted, %d refused\n", accepted + refused, accepted, refused);
    assert_true(accepted > 0 && refused > accepted);
}

static void test_too_large(void **state) {
    (void)state;
    size_t length = (1 << 20) + 1;
    char *text;
    fps_plan *plan;
    assert_int_equal(FPS_ALLOC(text, length + 1), FPS_OK);
    memset(text, ' ', length);
    assert_int_equal(fps_plan_create("a.yaml", text, length, &plan), FPS_ERROR_SWEEP);
    assert_string_equal(fps_error_message(),
                        "a.yaml:1:1: the file has 1048577 bytes; a sweep file has at most 1048576");
    fps_free(text);
}

static void test_file_read(void **state) {
    (void)state;
    char *text;
    size_t length;
    assert_int_equal(fps_file_read("/nowhere/a.yaml", &text, &length), FPS_ERROR_INPUT);
    assert_string_equal(fps_error_message(), "cannot open /nowhere/a.yaml: No such file or directory");
    assert_int_equal(fps_file_read("/", &text, &length), FPS_ERROR_INPUT);
    assert_string_equal(fps_error_message(), "/ is a directory");
    char path[] = "/tmp/fpsweep_test_XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "wb");
    for (int i = 0; i < 50000; i++)
        fprintf(stream, "%05d", i);
    fclose(stream);
    assert_int_equal(fps_file_read(path, &text, &length), FPS_OK);
    assert_int_equal(length, 250000);
    assert_string_equal(text + 249990, "4999849999");
    fps_free(text);
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_before_rules), cmocka_unit_test(test_ignored_mistakes),
        cmocka_unit_test(test_mixed_targets),      cmocka_unit_test(test_mixed_dimensions),
        cmocka_unit_test(test_precision),          cmocka_unit_test(test_data),
        cmocka_unit_test(test_warnings),           cmocka_unit_test(test_sampling_warnings),
        cmocka_unit_test(test_split_warnings),     cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_stability),          cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_too_large),          cmocka_unit_test(test_file_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
