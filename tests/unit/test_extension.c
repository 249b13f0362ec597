/* floor: sweep */
/* Activations and targets that a program registers: they compute what built-in ones compute, to the bit, and they enter
 * the identity of the tasks that use them, and of no others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/extension.h"
#include "fpsweep/plan.h"
#include "fpsweep/trainer.h"

/* max(0, z) again: whatever a network does with it must have the bits of the kernel. */
#define RAMP(name, real)                                                                                               \
    static void name(void *context, int64_t count, const real *z, real *a, real *slope) {                              \
        ++*(int *)context;                                                                                             \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            a[i] = z[i] < 0 ? 0 : z[i];                                                                                \
            if (slope)                                                                                                 \
                slope[i] = z[i] > 0 ? 1 : 0;                                                                           \
        }                                                                                                              \
    }
RAMP(ramp_single, float)
RAMP(ramp_double, double)

static double product(void *context, int dimension, const double *x) {
    double value = *(const double *)context;
    for (int d = 0; d < dimension; d++)
        value *= x[d];
    return value;
}

static int calls;
static double factor = 2;

static int register_both(void **state) {
    const fps_activation_extension ramp = {.name = "ramp",
                                           .sentence = "max(0, x)",
                                           .version = "3",
                                           .kink = 1,
                                           .evaluate_single = ramp_single,
                                           .evaluate_double = ramp_double,
                                           .context = &calls};
    const fps_target_extension target = {
        .name = "product", .sentence = "2 x1 x2", .version = "1.2", .value = product, .context = &factor};
    (void)state;
    return fps_register_activation(&ramp) != FPS_OK || fps_register_target(&target) != FPS_OK;
}

static fps_plan *make_plan(const char *fixed) {
    char text[512];
    fps_plan *plan = NULL;
    snprintf(text, sizeof text,
             "sweep: s\nfixed: {width: 24, steps: 30, samples: 36, grid_points: 16, optimizer: adam, %s}\n"
             "record: {count: 5, frequencies: 4, keep: [spectrum, parameters, stages]}\n",
             fixed);
    if (fps_plan_create("test", text, strlen(text), &plan) != FPS_OK)
        fail_msg("%s", fps_error_message());
    return plan;
}

static uint64_t identity_of(const char *fixed) {
    fps_plan *plan = make_plan(fixed);
    fps_task task;
    fps_plan_task(plan, 0, &task);
    uint64_t identity = fps_task_identity(&task);
    fps_plan_destroy(&plan);
    return identity;
}

/* Run the one task of a sweep. */
static void run(const char *fixed, fps_trajectory *trajectory) {
    fps_plan *plan = make_plan(fixed);
    fps_trainer *trainer = NULL;
    fps_task task;
    fps_plan_task(plan, 0, &task);
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    assert_int_equal(fps_trainer_run(trainer, &task, fps_plan_record(plan), NULL, trajectory), FPS_OK);
    if (trajectory->outcome != FPS_DONE)
        fail_msg("%s", trajectory->message);
    fps_trainer_destroy(&trainer);
    fps_plan_destroy(&plan);
}

/* Two sweeps give the same numbers, to the bit. */
static void same_numbers(const char *one, const char *other) {
    fps_trajectory a = {0}, b = {0};
    run(one, &a);
    run(other, &b);
    assert_int_equal(a.records, b.records);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        if (!a.value[r])
            continue;
        int64_t elements = fps_result_elements(&fps_result_fields[r], &a.extent);
        assert_memory_equal(a.value[r], b.value[r], (size_t)elements * sizeof(double));
    }
    fps_trajectory_release(&a);
    fps_trajectory_release(&b);
}

static void ramp_is_relu(void **state) {
    static const char *const variants[] = {
        "precision: single", "precision: double, depth: 3", "precision: single, antisymmetric: yes, bias: none",
        "precision: double, dimension: 2, domain: [-1, 1]", "precision: double, learning_rate: stable(0.5)"};
    (void)state;
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        char one[200], other[200];
        const char *x = strstr(variants[v], "dimension") ? "sin(3*x1 + x2)" : "sin(3*x)";
        snprintf(one, sizeof one, "target: \"%s\", activation: relu, %s", x, variants[v]);
        snprintf(other, sizeof other, "target: \"%s\", activation: ramp, %s", x, variants[v]);
        int before = calls;
        same_numbers(one, other);
        assert_true(calls > before);
    }
}

static void target_is_its_expression(void **state) {
    (void)state;
    same_numbers("dimension: 2, target: \"2*x1*x2 + sin(x1)\"", "dimension: 2, target: \"product + sin(x1)\"");
    same_numbers("target: \"2*x\"", "target: product");
    same_numbers("target: \"x\", sampling: random, density: \"1 + 2*x*0.1\"",
                 "target: \"x\", sampling: random, density: \"1 + product*0.1\"");
}

/* Identities: with the version where it is used, and as ever where it is not. */
static void identities(void **state) {
    static const char relu[] = "target: \"x\", activation: relu", ramp[] = "target: \"x\", activation: ramp";
    static const char product_target[] = "target: product, activation: relu";
    char text[256];
    fps_task task;
    (void)state;
    assert_true(identity_of(relu) != identity_of(ramp));
    assert_true(identity_of(relu) == identity_of("target: \"x\", activation: relu, seed: 0"));
    fps_plan *plan = make_plan(ramp);
    fps_plan_task(plan, 0, &task);
    fps_task_extensions(&task, text, sizeof text);
    assert_string_equal(text, "extension=ramp 3\n");
    fps_plan_destroy(&plan);
    plan = make_plan(product_target);
    fps_plan_task(plan, 0, &task);
    fps_task_extensions(&task, text, sizeof text);
    assert_string_equal(text, "extension=product 1.2\n");
    fps_plan_destroy(&plan);
    plan = make_plan(relu);
    fps_plan_task(plan, 0, &task);
    assert_int_equal(fps_task_extensions(&task, text, sizeof text), 0);
    assert_string_equal(text, "");
    fps_plan_destroy(&plan);
}

/* Numbers of built-in names in expressions stay; the new name has one of its own. */
static void names_compare(void **state) {
    static const char text[] = "sweep: s\nfixed: {target: \"x\"}\ngrid: {activation: [relu, ramp, tanh]}\n"
                               "where: \"activation == ramp || activation == tanh\"\n";
    fps_plan *plan = NULL;
    char value[64];
    fps_task task;
    (void)state;
    assert_int_equal(fps_plan_create("test", text, sizeof text - 1, &plan), FPS_OK);
    assert_int_equal(fps_plan_count(plan), 2);
    fps_plan_task(plan, 0, &task);
    fps_parameter_format(&fps_parameters[fps_parameter_find("activation", -1)], &task, value, sizeof value);
    assert_string_equal(value, "ramp");
    fps_plan_destroy(&plan);
    int tables;
    const fps_choice_table *const *table = fps_choice_tables(&tables);
    for (int t = 0; t < tables; t++)
        for (int code = 0; code < table[t]->count; code++)
            assert_true(fps_name_value(table[t]->entry[code].name) != fps_name_value("ramp"));
}

/* What a file says is enough to read it, not to run it; another version is refused. */
static void lines(void **state) {
    char text[FPS_EXTENSION_LINES], what[512];
    fps_plan *plan = NULL;
    (void)state;
    assert_true(fps_extension_write("activation: ramp", 16, text, sizeof text) > 0);
    assert_non_null(strstr(text, "activation\tramp\t3\tprogram\t0\t1\t0\t"));
    assert_null(strstr(text, "product"));
    assert_int_equal(fps_extension_declare(text), FPS_OK);
    fps_extension_compare(text, what, sizeof what);
    assert_string_equal(what, "");
    static const char other[] = "activation\tramp\t4\tprogram\t0\t1\t0\t0123456789abcdef\tmax(0, x)\n";
    assert_int_equal(fps_extension_declare(other), FPS_ERROR_MISMATCH);
    fps_extension_compare(other, what, sizeof what);
    assert_string_equal(what, "activation 'ramp' version 4, now 3");
    assert_int_equal(fps_extension_declare("nonsense\n"), FPS_ERROR_INPUT);
    assert_int_equal(fps_extension_declare("target\tgone\t1\tlost 2\t0\t0\t0\t00000000000000aa\tno more\n"), FPS_OK);
    static const char sweep[] = "sweep: s\nfixed: {target: gone}\n";
    assert_int_equal(fps_plan_create("test", sweep, sizeof sweep - 1, &plan), FPS_OK);
    fps_trainer *trainer = NULL;
    fps_trajectory trajectory = {0};
    fps_task task;
    fps_plan_task(plan, 0, &task);
    assert_int_equal(fps_trainer_create(&trainer), FPS_OK);
    assert_int_equal(fps_trainer_run(trainer, &task, fps_plan_record(plan), NULL, &trajectory), FPS_OK);
    assert_int_equal(trajectory.outcome, FPS_FAILED);
    assert_non_null(strstr(trajectory.message, "'gone' version 1 is not loaded"));
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    fps_plan_destroy(&plan);
}

/* As many as there is room for, and one more. */
static void too_many(void **state) {
    (void)state;
    for (int i = 0; i < FPS_EXTENSION_LIMIT; i++) {
        char name[32];
        snprintf(name, sizeof name, "one_of_many_%d", i);
        const fps_activation_extension f = {.name = name,
                                            .sentence = "max(0, x)",
                                            .version = "1",
                                            .kink = 1,
                                            .evaluate_single = ramp_single,
                                            .evaluate_double = ramp_double,
                                            .context = &calls};
        fps_status status = fps_register_activation(&f);
        assert_int_equal(status, i < FPS_EXTENSION_LIMIT - 1 ? FPS_OK : FPS_ERROR_USAGE); /* ramp is there already */
    }
    assert_non_null(strstr(fps_error_message(), "one too many"));
    assert_int_equal(identity_of("target: \"x\", activation: one_of_many_3"),
                     identity_of("target: \"x\", activation: one_of_many_3"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ramp_is_relu), cmocka_unit_test(target_is_its_expression),
        cmocka_unit_test(identities),   cmocka_unit_test(names_compare),
        cmocka_unit_test(lines),        cmocka_unit_test(too_many),
    };
    return cmocka_run_group_tests(tests, register_both, NULL);
}
