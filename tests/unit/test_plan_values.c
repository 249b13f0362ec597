/* floor: sweep */
/* Every way to write a value: numbers, ranges, lists, expressions, choices, widths, domains, texts, records. */
#include "test_plan.h"

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"

/* ---- axes ---- */

static void test_ranges(void **state) {
    (void)state;
    assert_values(GRID "  seed: {from: 3, to: 6}\n", "seed", "3 | 4 | 5 | 6");
    assert_values(GRID "  seed: {from: 3, to: 3}\n", "seed", "3");
    assert_values(GRID "  seed: {from: 0, to: 10, step: 4}\n", "seed", "0 | 4 | 8");
    assert_values(GRID "  depth: {from: 4, to: 1, step: -1}\n", "depth", "4 | 3 | 2 | 1");
    assert_values(GRID "  noise: {from: 0, to: 1, count: 5}\n", "noise", "0 | 0.25 | 0.5 | 0.75 | 1");
    assert_values(GRID "  noise: {from: 0, to: 1, count: 4}\n", "noise",
                  "0 | 0.3333333333333333 | 0.6666666666666666 | 1");
    assert_values(GRID "  noise: {from: 0.1, to: 0.5, step: 0.1}\n", "noise", "0.1 | 0.2 | 0.3 | 0.4 | 0.5");
    assert_values(GRID "  samples: {from: 16, to: 128, factor: 2}\n", "samples", "16 | 32 | 64 | 128");
    assert_values(GRID "  samples: {from: 27, to: 1, factor: \"1/3\"}\n", "samples", "27 | 9 | 3 | 1");
    assert_values(GRID "  learning_rate: {from: 0.001, to: 1, factor: 10}\n", "learning_rate",
                  "0.001 | 0.01 | 0.1 | 1");
    assert_values(GRID "  width: {from: \"2^3\", to: 12, count: 3}\n", "width", "8 | 10 | 12");
    assert_values(GRID "  decay_rate: {from: 1, to: 2, count: 2}\n", "decay_rate", "1 | 2");
}

static void test_lists(void **state) {
    (void)state;
    assert_values(GRID "  depth: [2, 1]\n", "depth", "2 | 1");
    assert_values(GRID "  depth:\n    - 2\n    - 1\n", "depth", "2 | 1");
    assert_values(GRID "  decay_rate: [none, {from: 1, to: 2, count: 3}, 4]\n", "decay_rate", "none | 1 | 1.5 | 2 | 4");
    assert_values(GRID "  learning_rate: [\"stable(0.5)\", {from: 0.1, to: 0.2, count: 2}, \"0.3/depth\"]\n",
                  "learning_rate", "stable(0.5) | 0.1 | 0.2 | 0.3");
    assert_values(GRID "  width: [8, 4-6, {from: 20, to: 30, step: 5}]\n", "width", "8 | 4-6 | 20 | 25 | 30");
}

/* Values written differently that come out equal are one task. */
static void test_equal_values(void **state) {
    (void)state;
    assert_values(GRID "  width: [20, 20-20, 10-20]\n  depth: [2]\n", "width", "20 | 10-20");
    assert_values(FIXED "  width: 10\ngrid:\n  learning_rate: [\"1/width\", 0.1, 0.2]\n", "learning_rate", "0.1 | 0.2");
}

/* ---- one value ---- */

static void check_expressions(const fps_task *t) {
    assert_int_equal(t->width, 64);
    assert_int_equal(t->samples, 32);
    assert_int_equal(t->batch_size, 8);
    assert_true(t->learning_rate.argument[0] == 0.05 / 64);
    assert_true(t->momentum == 0.5);
    assert_int_equal(t->loss.code, FPS_LOSS_HUBER);
    assert_true(t->loss.argument[0] == 1.0 / 32);
    assert_true(fabs(t->frequency_step - 1 / (8 * 2 * M_PI)) < 1e-16);
    assert_true(t->domain[0][0] == -M_PI && t->domain[0][1] == M_PI);
    assert_true(t->density.argument[0] == 0 && t->density.argument[1] == M_PI / 2);
}

static void test_expressions(void **state) {
    (void)state;
    one_task(FIXED "  domain: [-pi, \"pi\"]\n  width: \"2*samples\"\n  samples: \"2^5\"\n  batch_size: \"samples/4\"\n"
                   "  learning_rate: \"0.05/width\"\n  optimizer: momentum\n"
                   "  momentum: \"optimizer == momentum ? 0.5 : 0.1\"\n  loss: \"huber(1/samples)\"\n"
                   "  decay_rate: 2\n  frequency_step: \"1/(8*side)\"\n  sampling: random\n"
                   "  density: normal(0, side/4)\n",
             check_expressions);
}

static void test_name_with_two_meanings(void **state) {
    (void)state;
    assert_values(FIXED "  window: density\n  density: normal(0, 1)\n  noise: \"window == density\"\n", "noise", "1");
    assert_values(FIXED "  noise: \"window == density\"\n", "noise", "0");
    assert_values(FIXED "  sampling: random\n  density: normal(0, 1)\n  noise: \"density == normal ? 3 : 4\"\n",
                  "noise", "3");
    assert_values(FIXED "  optimizer: nesterov\n  momentum: 0.25\n  noise: \"optimizer != momentum ? momentum : 7\"\n",
                  "noise", "0.25");
    assert_values(FIXED "  activation: sin\n  noise: \"(activation == sin) + sin(0)\"\n", "noise", "1");
    assert_values(FIXED "  noise: \"decay_rate == none\"\n", "noise", "1");
}

static void check_choices(const fps_task *t) {
    assert_int_equal(t->initializer.code, FPS_INITIALIZER_NORMAL);
    assert_true(t->initializer.argument[0] == 0.05);
    assert_int_equal(t->bias_initializer.code, FPS_BIAS_INITIALIZER_STRATIFIED);
    assert_true(t->bias_initializer.argument[0] == 2);
    assert_int_equal(t->density.code, FPS_DENSITY_BETA);
    assert_true(t->density.argument[0] == 2 && t->density.argument[1] == 3);
    assert_int_equal(t->learning_rate.code, FPS_RATE_STABLE);
    assert_true(t->learning_rate.argument[0] == 0.25);
    assert_int_equal(t->antisymmetric.code, FPS_YES);
}

static void test_choices(void **state) {
    (void)state;
    one_task(FIXED "  initializer: normal( 0.05 )\n  bias_initializer: \"stratified(2)\"\n  density: 'beta(2,3)'\n"
                   "  sampling: population\n  learning_rate: stable(1/4)\n  antisymmetric: yes\n",
             check_choices);
}

static void check_layers(const fps_task *t) {
    assert_int_equal(t->depth, 4);
    assert_int_equal(t->width, 200);
    assert_string_equal(t->width_text, "200-200-200-100");
    assert_int_equal(t->widths[3], 100);
}

static void check_equal_layers(const fps_task *t) {
    assert_int_equal(t->depth, 3);
    assert_string_equal(t->width_text, "20");
    assert_int_equal(t->widths[2], 20);
    assert_int_equal(t->widths[3], 0);
}

static void test_width(void **state) {
    (void)state;
    one_task(FIXED "  width: \"200-200-200-100\"\n", check_layers);
    one_task(FIXED "  width: 200 - 200 - 200 - 100\n  depth: 4\n", check_layers);
    one_task(FIXED "  width: 20-20-20\n", check_equal_layers);
    one_task(FIXED "  width: \"20\"\n  depth: 3\n", check_equal_layers);
    one_task(FIXED "  width: \"samples - 44\"\n  depth: 3\n", check_equal_layers);
    assert_values(GRID "  width: [10, 5-6, 7-8-9]\n", "depth", "1 | 2 | 3");
}

static void check_square(const fps_task *t) {
    assert_int_equal(t->dimension, 2);
    assert_true(t->domain[0][0] == -1 && t->domain[0][1] == 1 && t->domain[1][0] == -1 && t->domain[1][1] == 1);
    assert_true(t->domain[2][0] == 0 && t->domain[2][1] == 0);
}

static void check_oblong(const fps_task *t) {
    assert_true(t->domain[0][0] == 0 && t->domain[0][1] == 1 && t->domain[1][0] == -2 && t->domain[1][1] == 2 * M_PI);
    assert_true(fabs(t->noise - (2 * M_PI + 2)) < 1e-15);
}

static void test_domain(void **state) {
    (void)state;
    const char *head = "sweep: a\nfixed:\n  dimension: 2\n  target: \"x1*x2\"\n";
    char text[400];
    snprintf(text, sizeof text, "%s  domain: [-1, 1]\n", head);
    one_task(text, check_square);
    one_task(head, check_square);
    snprintf(text, sizeof text, "%s  domain: [[0, 1], [-2, 2*pi]]\n  noise: side\n", head);
    one_task(text, check_oblong);
    assert_values(GRID "  domain: [[-1, 1], [0, 2*pi], [\"-1/2\", \"samples\"]]\n", "domain",
                  "[-1, 1] | [0, 6.283185307179586] | [-0.5, 64]");
    assert_values("sweep: a\nfixed: {dimension: 2, target: x2}\ngrid:\n  domain: [[-1, 1], [[0, 1], [0, 2]]]\n",
                  "domain", "[-1, 1] | [[0, 1], [0, 2]]");
}

static void check_text(const fps_task *t) {
    assert_int_equal(t->target.code, FPS_TARGET_EXPRESSION);
    assert_string_equal(t->target.text, "sin(x) + cos(2*x)");
    assert_int_equal(t->density.code, FPS_DENSITY_EXPRESSION);
    assert_string_equal(t->density.text, "1 + x^2");
    assert_int_equal(t->data_seed, 9);
}

static void test_text(void **state) {
    (void)state;
    one_task("sweep: a\nfixed:\n  target: >\n    sin(x)\n    + cos(2*x)\n  density: 1 + x^2\n  sampling: random\n  "
             "seed: 9\n",
             check_text);
}

/* ---- defaults ---- */

static void check_linear(const fps_task *t) {
    assert_int_equal(t->bias.code, FPS_BIAS_NONE);
    assert_int_equal(t->initializer.code, FPS_INITIALIZER_ZERO);
}

static void check_defaults(const fps_task *t) {
    char text[4096];
    for (int p = 0; p < fps_parameter_count; p++) {
        fps_parameter_format(&fps_parameters[p], t, text, sizeof text);
        if (fps_parameters[p].fallback &&
            strcspn(fps_parameters[p].fallback, "/*?_") == strlen(fps_parameters[p].fallback) &&
            strcmp(fps_parameters[p].fallback, "seed") != 0 && strcmp(fps_parameters[p].fallback, "1e-8") != 0)
            assert_string_equal(text, fps_parameters[p].fallback);
    }
    assert_int_equal(t->band_limit, 64);
    assert_true(t->frequency_step == 0.125);
    assert_true(t->beta2 == 0.999);
}

static void test_defaults(void **state) {
    (void)state;
    one_task(FIXED, check_defaults);
    one_task(FIXED "  depth: 0\n  decay_rate: 2\n", check_linear);
    assert_values(FIXED "  depth: 0\n  decay_rate: 2\n  initializer: he\n", "initializer", "he");
    assert_values(FIXED "  decay_rate: 2\n", "bias", "all");
    assert_values(GRID "  optimizer: [adam, rmsprop]\n", "beta2", "0.999 | 0.99");
    assert_values(FIXED "  decay_rate: 1\n  grid_points: 30\n", "band_limit", "7"); /* 7.5, rounded down */
}

/* ---- record ---- */

static void test_record(void **state) {
    (void)state;
    fps_plan *plan =
        plan_of(FIXED "record: {frequencies: [9, 0, 4], spacing: linear, keep: [function, final_function]}\n");
    const fps_record_spec *record = fps_plan_record(plan);
    assert_int_equal(record->count, 100);
    assert_int_equal(record->spacing, FPS_SPACING_LINEAR);
    assert_int_equal(record->frequencies, 3);
    assert_true(record->mode[0] == 0 && record->mode[1] == 4 && record->mode[2] == 9);
    assert_int_equal(record->keep, FPS_KEEP_FUNCTION | FPS_KEEP_FINAL_FUNCTION);
    fps_plan_destroy(&plan);

    plan = plan_of(GRID "  grid_points: [256, 20]\n"); /* the default fits the smallest grid */
    assert_int_equal(fps_plan_record(plan)->frequencies, 11);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_FREQUENCY], 11);
    fps_plan_destroy(&plan);
    plan = plan_of("sweep: a\nfixed: {target: random, grid_points: 20}\n"); /* no grid: no limit */
    assert_int_equal(fps_plan_record(plan)->frequencies, 32);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_GRID], 0);
    fps_plan_destroy(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),       cmocka_unit_test(test_lists),
        cmocka_unit_test(test_equal_values), cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_choices),      cmocka_unit_test(test_name_with_two_meanings),
        cmocka_unit_test(test_width),        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_text),         cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
