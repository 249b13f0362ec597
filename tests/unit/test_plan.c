/* floor: sweep */
/* A plan as a whole: the documented example, the order of tasks, coordinates, what is dropped, selecting. */
#include "test_plan.h"

#include <xxhash.h>

static const char example[] =
    "sweep: f-principle-1d\n"
    "about: Low frequencies first - sin x + sin 3x + sin 5x, by depth, activation and loss\n"
    "fixed:                       # one value for all tasks\n"
    "  target: \"sin(x) + sin(3*x) + sin(5*x)\"\n"
    "  domain: [-pi, pi]\n"
    "  sampling: quantile\n"
    "  width: 100\n"
    "  optimizer: adam\n"
    "  learning_rate: \"0.05/width\"\n"
    "  steps: 3000\n"
    "grid:                        # all combinations\n"
    "  depth: [1, 2, 4]\n"
    "  activation: [tanh, relu]\n"
    "  loss: [mse, \"lp(4)\"]\n"
    "  density: [uniform, \"normal(0, 1)\"]\n"
    "  decay_rate: [none, {from: 1, to: 2, count: 2}]\n"
    "  seed: {from: 0, to: 2}\n"
    "zip:                         # parameters that move together; each list item is one more factor of the grid\n"
    "  - {samples: [64, 128], grid_points: [256, 512]}\n"
    "where: \"depth * width <= 300\"   # keep a combination only if true; what is dropped is counted and listed\n"
    "record: {count: 100, spacing: log, frequencies: 32, keep: [spectrum, parameters]}\n";

static void test_example(void **state) {
    (void)state;
    fps_plan *plan = plan_of(example);
    size_t length;
    assert_string_equal(fps_plan_name(plan), "f-principle-1d");
    assert_string_equal(fps_plan_about(plan),
                        "Low frequencies first - sin x + sin 3x + sin 5x, by depth, activation and loss");
    assert_int_equal(fps_plan_combinations(plan), 3 * 2 * 2 * 2 * 3 * 3 * 2);
    assert_int_equal(fps_plan_dropped_where(plan), 144);
    assert_int_equal(fps_plan_dropped_same(plan), 0);
    assert_int_equal(fps_plan_count(plan), 288);
    assert_int_equal(fps_plan_factors(plan), 7);
    assert_string_equal(fps_plan_text(plan, &length), example);
    assert_int_equal(length, strlen(example));
    assert_int_equal(fps_plan_hash(plan), XXH3_64bits(example, length));
    assert_true(fps_plan_all_single(plan));

    const fps_record_spec *record = fps_plan_record(plan);
    assert_int_equal(record->count, 100);
    assert_int_equal(record->spacing, FPS_SPACING_LOG);
    assert_int_equal(record->frequencies, 32);
    assert_int_equal(record->mode[31], 31);
    assert_int_equal(record->keep, FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_GRID], 512);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_SAMPLE], 128);
    assert_int_equal(fps_plan_extent(plan)->size[FPS_DIRECTION], 1);

    fps_task task = task_of(plan, 0);
    assert_string_equal(task.target.text, "sin(x) + sin(3*x) + sin(5*x)");
    assert_true(task.domain[0][0] == -M_PI && task.domain[0][1] == M_PI);
    assert_true(task.learning_rate.argument[0] == 0.05 / 100);
    assert_int_equal(task.steps, 3000);
    task = task_of(plan, 287);
    assert_int_equal(task.depth, 2);
    assert_int_equal(task.samples, 128);
    assert_int_equal(task.seed, 2);
    assert_true(task.decay_rate == 2);
    assert_int_equal(task.band_limit, 128);
    fps_plan_destroy(&plan);
}

/* Tasks computed in any order, twice, and from two plans of the same text are the same tasks. */
static void test_twice(void **state) {
    (void)state;
    fps_plan *plan = plan_of(example), *other = plan_of(example);
    int64_t count = fps_plan_count(plan);
    uint64_t identity[288];
    for (int64_t i = 0; i < count; i++) {
        fps_task task = task_of(plan, i);
        identity[i] = fps_task_identity(&task);
        assert_int_equal(task.index, i);
        for (int64_t j = 0; j < i; j++)
            assert_true(identity[i] != identity[j]);
    }
    for (int64_t k = 0; k < count; k++) {
        int64_t i = (k * 101) % count; /* 101 and 288 have no common divisor */
        fps_task task = task_of(plan, i), same = task_of(other, i);
        assert_true(fps_task_identity(&task) == identity[i]);
        assert_true(fps_task_identity(&same) == identity[i]);
    }
    fps_plan_destroy(&plan);
    fps_plan_destroy(&other);
}

/* The last axis of the grid varies fastest; items of zip come after the grid, in their order, and vary faster still. */
static void test_order(void **state) {
    (void)state;
    fps_plan *plan = plan_of(FIXED "zip:\n  - {samples: [8, 16], steps: [10, 20]}\n  - grid_points: [32, 64]\n"
                                   "grid:\n  depth: [1, 2]\n  seed: [5, 7, 6]\n");
    assert_int_equal(fps_plan_count(plan), 2 * 3 * 2 * 2);
    static const int64_t depth[] = {1, 2}, seed[] = {5, 7, 6}, samples[] = {8, 16}, steps[] = {10, 20},
                         grid[] = {32, 64};
    int64_t i = 0;
    for (int d = 0; d < 2; d++)
        for (int s = 0; s < 3; s++)
            for (int z = 0; z < 2; z++)
                for (int g = 0; g < 2; g++, i++) {
                    fps_task task = task_of(plan, i);
                    assert_int_equal(task.depth, depth[d]);
                    assert_int_equal(task.seed, seed[s]);
                    assert_int_equal(task.samples, samples[z]);
                    assert_int_equal(task.steps, steps[z]);
                    assert_int_equal(task.grid_points, grid[g]);
                    const int64_t digit[] = {d, s, z, g};
                    for (int f = 0; f < 4; f++)
                        assert_int_equal(fps_plan_coordinate(plan, i, f), digit[f]);
                }
    fps_plan_factor pair = fps_plan_factor_at(plan, 2);
    assert_int_equal(pair.parameters, 2);
    assert_int_equal(pair.count, 2);
    assert_string_equal(fps_parameters[pair.parameter[0]].name, "samples");
    assert_string_equal(fps_parameters[pair.parameter[1]].name, "steps");
    fps_plan_destroy(&plan);
}

static void test_varies_and_lines(void **state) {
    (void)state;
    fps_plan *plan = plan_of(FIXED "  learning_rate: \"0.1/width\"\ngrid:\n  width: [10, 20]\n  depth: [2]\n");
    const struct {
        const char *name;
        bool varies;
        int line;
    } expected[] = {{"width", true, 6},
                    {"learning_rate", true, 4},
                    {"depth", false, 7},
                    {"target", false, 3},
                    {"samples", false, 0}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        int p = fps_parameter_find(expected[k].name, -1);
        assert_int_equal(fps_plan_varies(plan, p), expected[k].varies);
        assert_int_equal(fps_plan_line(plan, p), expected[k].line);
    }
    fps_plan_destroy(&plan);
}

/* ---- what is dropped ---- */

typedef struct dropped_list {
    char text[4096];
    int count, stop_at;
} dropped_list;

static bool note_dropped(void *context, const char *values, const char *reason) {
    dropped_list *list = context;
    snprintf(list->text + strlen(list->text), sizeof list->text - strlen(list->text), "%s: %s\n", values, reason);
    return ++list->count != list->stop_at;
}

static void test_dropped(void **state) {
    (void)state;
    fps_plan *plan = plan_of(GRID "  depth: [0, 1]\n  width: [10, 20]\n  activation: [tanh, relu]\n"
                                  "where: \"depth * width < 20\"\n");
    dropped_list list = {.stop_at = 0};
    assert_int_equal(fps_plan_combinations(plan), 8);
    assert_int_equal(fps_plan_dropped_where(plan), 2);
    assert_int_equal(fps_plan_dropped_same(plan), 3);
    assert_int_equal(fps_plan_count(plan), 3);
    fps_plan_dropped(plan, note_dropped, &list);
    assert_string_equal(
        list.text,
        "depth=0 width=10 activation=relu: ignores width, activation: the same task as an earlier combination\n"
        "depth=0 width=20 activation=tanh: ignores width, activation: the same task as an earlier combination\n"
        "depth=0 width=20 activation=relu: ignores width, activation: the same task as an earlier combination\n"
        "depth=1 width=20 activation=tanh: where is false\n"
        "depth=1 width=20 activation=relu: where is false\n");
    fps_plan_destroy(&plan);

    /* what was dropped may have no value */
    plan = plan_of(FIXED "grid:\n  depth: [2, 1, 0]\n  width: [10-20, \"30/depth\"]\nwhere: depth == 2\n");
    list = (dropped_list){.stop_at = 0};
    fps_plan_dropped(plan, note_dropped, &list);
    assert_string_equal(list.text, "depth=1 width=10-20: where is false\ndepth=1 width=30: where is false\n"
                                   "depth=0 width=10-20: where is false\ndepth=0 width=30/depth: where is false\n");
    list = (dropped_list){.stop_at = 2};
    fps_plan_dropped(plan, note_dropped, &list);
    assert_int_equal(list.count, 2);
    fps_plan_destroy(&plan);
}

/* What a task ignores has its default in the task, and does not tell it from others. */
static void test_ignored(void **state) {
    (void)state;
    fps_plan *plan = plan_of(FIXED "  momentum: 0.5\ngrid:\n  depth: [0, 1]\n  activation: [relu, gelu]\n"
                                   "  optimizer: [gd, momentum]\n");
    assert_int_equal(fps_plan_count(plan), 2 + 4);
    fps_task linear = task_of(plan, 0), deep = task_of(plan, 2), heavy = task_of(plan, 1);
    int tanh_code = fps_choice_find(&fps_table_activation, "tanh", -1);
    assert_int_equal(linear.activation.code, tanh_code);
    assert_int_equal(linear.width, 0);
    assert_true(linear.momentum == 0.9);
    assert_true(heavy.momentum == 0.5);
    assert_int_equal(deep.activation.code, fps_choice_find(&fps_table_activation, "relu", -1));
    char label[200];
    fps_plan_label(plan, 0, label, sizeof label);
    assert_string_equal(label, "depth=0 optimizer=gd");
    fps_plan_label(plan, 3, label, sizeof label);
    assert_string_equal(label, "depth=1 activation=relu optimizer=momentum");
    assert_int_equal(fps_plan_label(plan, 3, label, 10), strlen("depth=1 activation=relu optimizer=momentum"));
    assert_string_equal(label, "depth=1 a");
    fps_plan_destroy(&plan);
}

/* The same task in a sweep and in a part of it has the same identity. */
static void test_identity_in_a_part(void **state) {
    (void)state;
    fps_plan *whole = plan_of(GRID "  depth: [1, 2]\n  seed: {from: 0, to: 3}\n");
    fps_plan *part = plan_of(FIXED "  depth: 2\ngrid:\n  seed: [3, 1]\n");
    fps_task a = task_of(whole, 5), b = task_of(part, 1);
    assert_int_equal(a.seed, 1);
    assert_true(fps_task_identity(&a) == fps_task_identity(&b));
    fps_plan_destroy(&whole);
    fps_plan_destroy(&part);
}

/* Values of axes as the file gives them, whether some task uses them or not. */
static void test_factor_values(void **state) {
    (void)state;
    fps_plan *plan =
        plan_of(FIXED "  sampling: random\ngrid:\n  depth: [0, 2]\n  activation: [tanh, relu]\n"
                      "  decay_rate: [none, 2, \"depth + 0.5\"]\n  density: [uniform, \"normal(0, side/4)\"]\n"
                      "  learning_rate: [stable(0.5), 1e-3, \"0.05/samples\"]\n"
                      "  domain: [[-1, 1], [0, \"2 + depth\"]]\nzip:\n"
                      "  - {seed: {from: 4, to: 5}, width: [30, 10-20]}\n");
    static const struct {
        int factor, parameter, k;
        const char *text;
    } expected[] = {{0, 0, 0, "0"},
                    {1, 0, 0, "tanh"},
                    {1, 0, 1, "relu"},
                    {2, 0, 0, "none"},
                    {2, 0, 1, "2"},
                    {2, 0, 2, "depth + 0.5"},
                    {3, 0, 0, "uniform"},
                    {3, 0, 1, "normal(0, side/4)"},
                    {4, 0, 0, "stable(0.5)"},
                    {4, 0, 1, "0.001"},
                    {4, 0, 2, "0.05/samples"},
                    {5, 0, 0, "[-1, 1]"},
                    {5, 0, 1, "[0, 2 + depth]"},
                    {6, 0, 1, "5"},
                    {6, 1, 0, "30"},
                    {6, 1, 1, "10-20"}};
    for (size_t e = 0; e < sizeof expected / sizeof *expected; e++) {
        char text[100];
        int length =
            fps_plan_factor_value(plan, expected[e].factor, expected[e].parameter, expected[e].k, text, sizeof text);
        assert_string_equal(text, expected[e].text);
        assert_int_equal(length, strlen(expected[e].text));
    }
    fps_plan_destroy(&plan);

    plan = plan_of("sweep: a\nfixed: {dimension: 2, target: x1}\ngrid: {domain: [[[0, 1], [0, pi/2]], [0, 2]]}\n");
    char text[100];
    fps_plan_factor_value(plan, 0, 0, 0, text, sizeof text);
    assert_string_equal(text, "[[0, 1], [0, 1.5707963267949]]");
    fps_plan_destroy(&plan);
}

/* ---- selecting ---- */

static void test_select(void **state) {
    (void)state;
    bool selected[12];
    fps_plan *plan = plan_of(GRID "  depth: [0, 1, 2]\n  optimizer: [gd, momentum]\n  decay_rate: [none, 2]\n");
    assert_int_equal(fps_plan_count(plan), 12);
    assert_int_equal(fps_plan_select(plan, "depth == 2 && optimizer == momentum && decay_rate == none", selected),
                     FPS_OK);
    for (int i = 0; i < 12; i++)
        assert_int_equal(selected[i], i == 10);
    assert_int_equal(fps_plan_select(plan, "momentum == optimizer", selected), FPS_OK);
    for (int i = 0; i < 12; i++)
        assert_int_equal(selected[i], i / 2 % 2 == 1);
    assert_int_equal(fps_plan_select(plan, "side > 1.9 && side < 2.1 && momentum == 0.9", selected), FPS_OK);
    assert_true(selected[0] && selected[11]);
    assert_int_equal(fps_plan_select(plan, "dept == 2", selected), FPS_ERROR_USAGE);
    assert_string_equal(fps_error_message(), "--where: unknown name 'dept' in 'dept == 2'; did you mean 'depth'?");
    assert_int_equal(fps_plan_select(plan, "1/depth", selected), FPS_ERROR_USAGE);
    fps_plan_destroy(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),       cmocka_unit_test(test_twice),
        cmocka_unit_test(test_order),         cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_ignored),       cmocka_unit_test(test_varies_and_lines),
        cmocka_unit_test(test_select),        cmocka_unit_test(test_identity_in_a_part),
        cmocka_unit_test(test_factor_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
