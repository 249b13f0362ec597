/* test_plan.h: plans from texts, and short ways to look at them. Includes cmocka. */
#ifndef FPSWEEP_TESTS_TEST_PLAN_H
#define FPSWEEP_TESTS_TEST_PLAN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fpsweep/memory.h"
#include "fpsweep/plan.h"

/* The plan of a text; the test fails, with the message, if it is refused. */
static inline fps_plan *plan_of(const char *text) {
    fps_plan *plan = NULL;
    fps_status status = fps_plan_create("a.yaml", text, strlen(text), &plan);
    if (status != FPS_OK)
        fail_msg("refused: %s", fps_error_message());
    assert_non_null(plan);
    return plan;
}

/* "sweep: a", a target in x, and these lines. */
#define FIXED "sweep: a\nfixed:\n  target: \"sin(x)\"\n"
#define GRID FIXED "grid:\n"

static inline fps_task task_of(const fps_plan *plan, int64_t i) {
    fps_task task;
    assert_true(i < fps_plan_count(plan));
    fps_plan_task(plan, i, &task);
    return task;
}

/* The only task of a text. */
static inline void one_task(const char *text, void (*check)(const fps_task *task)) {
    fps_plan *plan = plan_of(text);
    assert_int_equal(fps_plan_count(plan), 1);
    fps_task task = task_of(plan, 0);
    check(&task);
    fps_plan_destroy(&plan);
}

/* The values of a parameter over all tasks as texts: "1 2 4". */
static inline void assert_values(const char *text, const char *name, const char *expected) {
    char all[4096] = "", value[512];
    fps_plan *plan = plan_of(text);
    int p = fps_parameter_find(name, -1);
    assert_true(p >= 0);
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task = task_of(plan, i);
        fps_parameter_format(&fps_parameters[p], &task, value, sizeof value);
        strcat(all, i ? " | " : "");
        strcat(all, value);
    }
    assert_string_equal(all, expected);
    fps_plan_destroy(&plan);
}

/* Refused with exactly this line. */
static inline void assert_refused(const char *text, const char *message) {
    fps_plan *plan = NULL;
    assert_int_equal(fps_plan_create("a.yaml", text, strlen(text), &plan), FPS_ERROR_SWEEP);
    assert_null(plan);
    assert_string_equal(fps_error_message(), message);
}

#endif
