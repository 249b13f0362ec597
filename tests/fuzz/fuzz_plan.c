/* fuzz_plan.c: any bytes as a sweep file. Whatever is accepted is used as the program would use it.
 *
 * Besides crashes, leaks and hangs it looks for broken promises: a refusal is one line with a place, a task computed
 * twice is the same task, a task lies within the sweep's extents, and what a plan counts it also delivers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "sweep/internal.h"

/* Fewer combinations than the program accepts, so that one input takes milliseconds. */
enum { LIMIT = 3000, LOOKED_AT = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise, const char *what) {
    if (promise)
        return;
    fprintf(stderr, "broken promise: %s\nlast message: %s\n", what, fps_error_message());
    abort();
}

static void check_refusal(fps_status status) {
    int line = 0, column = 0;
    const char *message = fps_error_message();
    require(status == FPS_ERROR_SWEEP, "a refusal is a mistake in the sweep file");
    require(sscanf(message, "f.yaml:%d:%d: ", &line, &column) == 2 && line > 0 && column > 0, "a refusal has a place");
    for (const char *c = message; *c; c++)
        require((unsigned char)*c >= 0x20 && *c != 0x7F, "a refusal is one line of text");
}

static void check_task(const fps_plan *plan, int64_t i) {
    fps_task first, other, again;
    fps_extent extent;
    char label[256], value[8192];
    fps_plan_task(plan, i, &first);
    fps_plan_task(plan, fps_plan_count(plan) - 1 - i, &other);
    fps_plan_task(plan, i, &again);
    require(first.index == i, "a task knows its number");
    require(fps_task_identity(&first) == fps_task_identity(&again), "a task computed twice is the same");
    fps_task_extent(&first, fps_plan_record(plan), &extent);
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        require(extent.size[d] <= fps_plan_extent(plan)->size[d], "a task lies within the extents");
    for (int p = 0; p < fps_parameter_count; p++)
        fps_parameter_format(&fps_parameters[p], &first, value, sizeof value);
    fps_plan_label(plan, i, label, sizeof label);
    for (int f = 0; f < fps_plan_factors(plan); f++) {
        int64_t k = fps_plan_coordinate(plan, i, f);
        require(k >= 0 && k < fps_plan_factor_at(plan, f).count, "a coordinate lies on its axis");
    }
}

static bool count_dropped(void *context, const char *values, const char *reason) {
    require(values[0] != '\0' && reason[0] != '\0', "what was dropped is named");
    ++*(int64_t *)context;
    return true;
}

static void count_warning(void *context, const char *sentence) {
    (void)sentence;
    ++*(int64_t *)context;
}

static void check_plan(fps_plan *plan) {
    static const char *const expressions[] = {"depth > 1 && activation == tanh", "side", "learning_rate < 0.1",
                                              "seed +"};
    int64_t count = fps_plan_count(plan), dropped = 0, warnings = 0;
    bool *selected;
    require(count > 0, "a plan has tasks");
    require(fps_plan_combinations(plan) == count + fps_plan_dropped_where(plan) + fps_plan_dropped_same(plan),
            "what is not a task was dropped");
    for (int64_t i = 0; i < count; i += count / LOOKED_AT + 1)
        check_task(plan, i);
    fps_plan_dropped(plan, count_dropped, &dropped);
    require(dropped == fps_plan_dropped_where(plan) + fps_plan_dropped_same(plan), "all that was dropped is listed");
    require(FPS_ALLOC(selected, count) == FPS_OK, "memory");
    for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++)
        fps_plan_select(plan, expressions[e], selected);
    fps_free(selected);
    fps_plan_warnings(plan, count_warning, &warnings);
    require(fps_plan_file_bytes(plan) > 0, "a results file has bytes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fps_plan *plan = NULL;
    fps_status status = fps_plan_create_limited("f.yaml", (const char *)data, size, LIMIT, &plan);
    if (status == FPS_OK)
        check_plan(plan);
    else
        check_refusal(status);
    fps_plan_destroy(&plan);
    return 0;
}
