/* floor: experiment */
/* The tables of parameters and results: every name once, every line complete; identities; planned records. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/optimizer.h"
#include "fpsweep/task.h"
#include "fpsweep/trajectory.h"

static fps_task plain_task(void) {
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(x)"},
                     .domain = {{-1, 1}},
                     .samples = 64,
                     .data = "",
                     .depth = 2,
                     .width = 20,
                     .width_text = "20",
                     .widths = {20, 20},
                     .decay_rate = -1,
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {0.001}},
                     .momentum = 0.9,
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .steps = 1000,
                     .grid_points = 256,
                     .sampling = {.code = FPS_SAMPLING_MIDPOINT}};
    return task;
}

static void no_name_is_used_twice(void **state) {
    (void)state;
    const char *names[200];
    int count = 0;
    for (int p = 0; p < fps_parameter_count; p++)
        names[count++] = fps_parameters[p].name;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        names[count++] = fps_result_fields[r].name;
    /* `dimension` the parameter and the file's dimensions share one space with everything else */
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        names[count++] = fps_dimension_name((fps_dimension)d);
    const char *const scalars[] = {"task", "outcome", "checksum", "records", "seconds", "rank",     "attempts",
                                   "mode", "xi",      "version",  "running", "rate",    "heartbeat"};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        names[count++] = scalars[i];
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                fail_msg("'%s' stands for two things", names[i]);
}

static void every_parameter_is_described(void **state) {
    (void)state;
    fps_task task = plain_task();
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_parameter *parameter = &fps_parameters[p];
        char text[256];
        assert_int_equal(fps_parameter_find(parameter->name, -1), p);
        assert_non_null(parameter->unit);
        assert_non_null(parameter->used_when);
        assert_true((parameter->used == NULL) == (parameter->used_when[0] == '\0'));
        size_t length = strlen(parameter->sentence);
        assert_true(length > 10 && parameter->sentence[length - 1] == '.');
        assert_true(parameter->sentence[0] >= 'A' && parameter->sentence[0] <= 'Z');
        if (parameter->kind == FPS_KIND_CHOICE)
            assert_non_null(parameter->choices);
        assert_true(fps_parameter_format(parameter, &task, text, sizeof text) >= 0);
    }
    assert_int_equal(fps_parameter_find("dept", -1), -1);
    assert_int_equal(fps_parameter_find("depth2", 5), fps_parameter_find("depth", -1));
}

static void names_have_one_number_everywhere(void **state) {
    (void)state;
    int count;
    const fps_choice_table *const *tables = fps_choice_tables(&count);
    assert_true(count > 10);
    for (int t = 0; t < count; t++)
        for (int c = 0; c < tables[t]->count; c++) {
            const char *name = tables[t]->entry[c].name;
            double value = fps_name_value(name);
            assert_false(isnan(value));
            for (int u = 0; u < count; u++)
                for (int d = 0; d < tables[u]->count; d++)
                    assert_true((fps_name_value(tables[u]->entry[d].name) == value) ==
                                (strcmp(tables[u]->entry[d].name, name) == 0));
            assert_int_equal(fps_choice_find(tables[t], name, -1), c);
        }
    assert_true(fps_name_value("none") == -1);
    assert_true(isnan(fps_name_value("nonesuch")));
}

static void identity_sees_what_is_used_and_nothing_else(void **state) {
    (void)state;
    fps_task task = plain_task();
    const uint64_t identity = fps_task_identity(&task);
    fps_task other = task;
    other.index = 99; /* its place in a sweep */
    assert_int_equal(fps_task_identity(&other), identity);
    other.momentum = 0.5; /* ignored by gd */
    assert_int_equal(fps_task_identity(&other), identity);
    other.optimizer.code = FPS_OPTIMIZER_MOMENTUM;
    const uint64_t with_momentum = fps_task_identity(&other);
    assert_int_not_equal(with_momentum, identity);
    other.momentum = 0.6;
    assert_int_not_equal(fps_task_identity(&other), with_momentum);
    other = task;
    other.seed = 1;
    assert_int_not_equal(fps_task_identity(&other), identity);
    other = task;
    other.target.text = "sin(2*x)";
    assert_int_not_equal(fps_task_identity(&other), identity);
    other = task;
    other.linearised.code = FPS_YES;
    assert_int_not_equal(fps_task_identity(&other), identity);
    other = task;
    fps_dataset data = {.samples = 64, .dimension = 1, .hash = 7};
    other.dataset = &data;
    assert_int_not_equal(fps_task_identity(&other), identity);
}

static void values_have_canonical_text(void **state) {
    (void)state;
    fps_task task = plain_task();
    task.dimension = 2;
    task.domain[1][0] = -0.5;
    task.domain[1][1] = 3;
    task.density = (fps_choice){.code = FPS_DENSITY_NORMAL, .argument = {0, 0.25}};
    const struct {
        const char *name, *text;
    } cases[] = {{"domain", "[[-1, 1], [-0.5, 3]]"},
                 {"density", "normal(0, 0.25)"},
                 {"decay_rate", "none"},
                 {"learning_rate", "0.001"},
                 {"target", "sin(x)"},
                 {"width", "20"},
                 {"steps", "1000"},
                 {"precision", "single"}};
    char text[128];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps_parameter_format(&fps_parameters[fps_parameter_find(cases[i].name, -1)], &task, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    task.domain[1][0] = -1;
    task.domain[1][1] = 1;
    task.decay_rate = 0.5;
    fps_parameter_format(&fps_parameters[fps_parameter_find("domain", -1)], &task, text, sizeof text);
    assert_string_equal(text, "[-1, 1]");
    fps_parameter_format(&fps_parameters[fps_parameter_find("decay_rate", -1)], &task, text, sizeof text);
    assert_string_equal(text, "0.5");
    char small[4]; /* cut, not overrun */
    assert_true(fps_parameter_format(&fps_parameters[fps_parameter_find("domain", -1)], &task, small, 4) > 4);
    assert_string_equal(small, "[-1");
}

static void records_start_at_0_end_at_steps_and_are_distinct(void **state) {
    (void)state;
    int64_t step[5000];
    for (int spacing = 0; spacing < 2; spacing++)
        for (int64_t count = 1; count <= 300; count += 13)
            for (int64_t steps = 0; steps <= 100000; steps = steps * 3 + 1) {
                fps_record_spec spec = {.count = count, .spacing = (fps_spacing)spacing};
                int64_t records = fps_record_steps(&spec, steps, step);
                assert_true(records >= 1 && records <= count && records <= steps + 1);
                assert_int_equal(step[0], 0);
                if (count > 1)
                    assert_int_equal(step[records - 1], steps);
                for (int64_t r = 1; r < records; r++)
                    assert_true(step[r] > step[r - 1]);
            }
    fps_record_spec five = {.count = 5, .spacing = FPS_SPACING_LINEAR};
    assert_int_equal(fps_record_steps(&five, 100, step), 5);
    assert_int_equal(step[1], 25);
    five.spacing = FPS_SPACING_LOG; /* 0, then 1 to 1000 in equal factors */
    assert_int_equal(fps_record_steps(&five, 1000, step), 5);
    assert_int_equal(step[1], 1);
    assert_int_equal(step[2], 10);
    assert_int_equal(step[3], 100);
}

static void trajectory_has_room_for_what_is_kept(void **state) {
    (void)state;
    fps_task task = plain_task();
    int32_t mode[] = {0, 1, 2};
    fps_record_spec spec = {.count = 10, .frequencies = 3, .mode = mode, .keep = FPS_KEEP_PARAMETERS};
    fps_trajectory trajectory = {.records = 3};
    assert_int_equal(fps_trajectory_prepare(&trajectory, &task, &spec), FPS_OK);
    assert_int_equal(trajectory.extent.size[FPS_WEIGHT], 20 + 20 + 400 + 20 + 20 + 1);
    assert_int_equal(trajectory.extent.size[FPS_SAMPLE], 64);
    assert_int_equal(trajectory.extent.size[FPS_GRID], 256);
    assert_int_equal(trajectory.records, 0);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        bool kept = fps_result_kept(&fps_result_fields[r], spec.keep);
        assert_true(kept == (trajectory.value[r] != NULL));
        for (int64_t i = 0; kept && i < fps_result_elements(&fps_result_fields[r], &trajectory.extent); i++)
            assert_true(isnan(trajectory.value[r][i]));
    }
    assert_int_equal(fps_result_fields[FPS_RESULT_LEARNING_RATE_USED].dimensions, 0);
    assert_int_equal(fps_result_fields[FPS_RESULT_FREQUENCY_ERROR].dimensions, 3);

    task.dimension = 2; /* a larger task in the same memory */
    task.grid_points = 16;
    task.steps = 3;
    spec.keep = FPS_KEEP_FUNCTION;
    assert_int_equal(fps_trajectory_prepare(&trajectory, &task, &spec), FPS_OK);
    assert_null(trajectory.value[FPS_RESULT_WEIGHTS_FINAL]);
    assert_int_equal(trajectory.extent.size[FPS_DIRECTION], 3);
    assert_int_equal(fps_result_elements(&fps_result_fields[FPS_RESULT_NETWORK_ON_GRID], &trajectory.extent), 4 * 256);
    fps_trajectory_release(&trajectory);
    fps_trajectory_release(&trajectory); /* twice is harmless */
    fps_trajectory_release(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_name_is_used_twice),
        cmocka_unit_test(every_parameter_is_described),
        cmocka_unit_test(names_have_one_number_everywhere),
        cmocka_unit_test(identity_sees_what_is_used_and_nothing_else),
        cmocka_unit_test(values_have_canonical_text),
        cmocka_unit_test(records_start_at_0_end_at_steps_and_are_distinct),
        cmocka_unit_test(trajectory_has_room_for_what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
