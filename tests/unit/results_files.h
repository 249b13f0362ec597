/* results_files.h: what the tests of the results file share: plans from text, made-up trajectories, a directory. */
#ifndef FPSWEEP_TESTS_RESULTS_FILES_H
#define FPSWEEP_TESTS_RESULTS_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpsweep/results.h"

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        fps_status assert_ok_ = (call);                                                                                \
        if (assert_ok_ != FPS_OK)                                                                                      \
            fail_msg("%s: %s: %s", #call, fps_status_name(assert_ok_), fps_error_message());                           \
    } while (0)

/* The call fails with this status and a one-line message that contains `words`. */
#define assert_refused(call, expected, words)                                                                          \
    do {                                                                                                               \
        fps_status refused_ = (call);                                                                                  \
        if (refused_ != (expected) || !strstr(fps_error_message(), words) || strchr(fps_error_message(), '\n'))        \
            fail_msg("%s: %s, \"%s\"; wanted %s with \"%s\"", #call, fps_status_name(refused_), fps_error_message(),   \
                     fps_status_name(expected), words);                                                                \
    } while (0)

static const fps_run_facts test_facts = {"a machine", "avx2", "Haswell", "hdf5 and others", 3, 0x1234, {0, 0}};

/* Twelve tasks in single precision, everything kept. */
static const char one_dimensional[] = "sweep: one-dimensional\n"
                                      "about: Twelve small tasks\n"
                                      "fixed:\n"
                                      "  target: \"sin(x) + sin(3*x)\"\n"
                                      "  domain: [-pi, pi]\n"
                                      "  samples: 16\n"
                                      "  grid_points: 32\n"
                                      "  steps: 40\n"
                                      "  width: 5\n"
                                      "grid:\n"
                                      "  depth: [1, 2]\n"
                                      "  activation: [tanh, relu]\n"
                                      "  seed: {from: 3000000000, to: 3000000002}\n"
                                      "record: {count: 9, spacing: log, frequencies: 6,\n"
                                      "         keep: [spectrum, parameters, function]}\n";

/* Tasks that differ in dimension, domain, widths, samples, steps and precision. */
static const char mixed[] = "sweep: mixed\n"
                            "fixed: {loss: \"lp(3.5)\", depth: 2}\n"
                            "grid:\n"
                            "  learning_rate: [0.001, \"stable(0.5)\"]\n"
                            "  precision: [single, double]\n"
                            "zip:\n"
                            "  - dimension: [1, 2, 3]\n"
                            "    target: [\"x*x\", \"sin(x1)*x2\", \"cos(x1+x3)\"]\n"
                            "    domain: [[-1, 1], [[-1, 2], [0, 4]], [0, 3]]\n"
                            "    samples: [10, 9, 27]\n"
                            "    grid_points: [32, 16, 12]\n"
                            "    width: [\"7-3\", \"4-4\", \"2-6\"]\n"
                            "    steps: [30, 50, 3]\n"
                            "record: {count: 8, frequencies: 5, keep: [spectrum, parameters, function]}\n";

static inline fps_plan *make_plan(const char *text) {
    fps_plan *plan = NULL;
    if (fps_plan_create("test.yaml", text, strlen(text), &plan) != FPS_OK)
        fail_msg("plan: %s", fps_error_message());
    return plan;
}

/* A directory of this test program's own; removed by remove_directory(). */
static char test_directory[] = "/tmp/fpsweep-test-XXXXXX";

static inline int make_directory(void **state) {
    (void)state;
    return mkdtemp(test_directory) ? 0 : -1;
}

static inline int remove_directory(void **state) {
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", test_directory);
    return system(command);
}

/* Path of a file in it; two may be in use at once. */
static inline const char *test_path(const char *name) {
    static char path[2][256];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", test_directory, name);
    return path[turn];
}

/* A made-up trajectory: numbers of many sizes, some NaN, some 0, some -0, all functions of (task, result, element). */
static inline void make_trajectory(const fps_plan *plan, const fps_task *task, fps_outcome outcome, int64_t records,
                                   fps_trajectory *trajectory) {
    assert_ok(fps_trajectory_prepare(trajectory, task, fps_plan_record(plan)));
    trajectory->outcome = outcome;
    trajectory->records = records < 0 ? trajectory->extent.size[FPS_RECORD] : records;
    trajectory->seconds = 0.25 * (double)task->index;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        int64_t elements = trajectory->value[r] ? fps_result_elements(&fps_result_fields[r], &trajectory->extent) : 0;
        for (int64_t e = 0; e < elements; e++) {
            int64_t mixed_up = (task->index * 31 + r * 17 + e) % 97;
            trajectory->value[r][e] = fps_result_fields[r].type == FPS_TYPE_INT64 ? (double)(e * e)
                                      : mixed_up == 0                             ? (double)NAN
                                      : mixed_up == 1                             ? 0.0
                                      : mixed_up == 2                             ? -0.0
                                                      : sin((double)(mixed_up + e)) * exp((double)(mixed_up - 48) / 4);
        }
    }
}

/* What the file makes of a number. */
static inline double stored_value(const fps_result_field *field, bool single, double value) {
    if (field->type == FPS_TYPE_INT64)
        return value;
    double number = single ? (double)(float)value : value;
    if (field->fill_zero && number == 0)
        return single ? (double)FLT_MIN : DBL_MIN;
    return number;
}

static inline void assert_same_number(double a, double b, const char *what, int64_t task, int64_t element) {
    if (!(a == b || (isnan(a) && isnan(b))))
        fail_msg("%s of task %lld, element %lld: %.17g, expected %.17g", what, (long long)task, (long long)element, a,
                 b);
}

#endif
