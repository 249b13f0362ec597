/* mend.c: what is done about damage when a run opens a file: rows that are not what was committed are pending again. */
#include <inttypes.h>
#include <string.h>

#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "store/columns.h"
#include "store/results_internal.h"

/* Damaged rows; grows. */
typedef struct finding {
    int64_t *task, count, room;
} finding;

static fps_status note_damaged(void *context, int64_t task) {
    finding *found = context;
    if (found->count == found->room) {
        int64_t room = found->room * 2 + 64;
        int64_t *larger = fps_realloc(found->task, (size_t)found->count, (size_t)room, sizeof *larger);
        if (!larger)
            return FPS_ERROR_MEMORY;
        found->task = larger;
        found->room = room;
    }
    found->task[found->count++] = task;
    return FPS_OK;
}

fps_status fps_mirror_load(fps_results *results) {
    int64_t tasks = fps_plan_count(results->plan);
    finding found = {0};
    fps_status status = FPS_OK;
    FPS_TRY(fps_scalars_create(&results->variables, tasks, &results->mirror));
    FPS_TRY(fps_scalars_read(&results->mirror, &results->variables, 0, tasks, 0));
    FPS_TRY_GOTO(
        status,
        fps_scalars_check(&results->mirror, &results->variables, results->plan, 0, tasks, 0, note_damaged, &found),
        done);
    if (found.count > 0) {
        fps_log(FPS_LOG_WARNING,
                "%s is damaged: the numbers of %" PRId64 " task%s, the first is %" PRId64
                ", are not those that were committed: run again",
                results->path, found.count, found.count == 1 ? "" : "s", found.task[0]);
        status = fps_results_reset(results, found.task, found.count);
    }
done:
    fps_free(found.task);
    return status;
}

fps_status fps_results_mend_parameters(fps_results *results,
                                       void (*each)(void *context, const char *variable, int64_t task, int64_t rows),
                                       void *context) {
    return fps_columns_mend(results->file, results->path, results->plan, each, context);
}

/* First row of a variable of which something lies behind `cut`. */
static int64_t first_cut(const fps_open_variable *open, int64_t cut) {
    haddr_t offset = open->dataset >= 0 ? H5Dget_offset(open->dataset) : HADDR_UNDEF;
    if (offset == HADDR_UNDEF)
        return INT64_MAX;
    int64_t row =
        fps_variable_elements(&open->variable) / open->variable.size[0] * (int64_t)fps_stored_size(open->variable.type);
    return cut <= (int64_t)offset ? 0 : (cut - (int64_t)offset) / row;
}

fps_status fps_mend_truncated(fps_results *results) {
    finding found = {0};
    fps_status status = FPS_OK;
    int64_t first = fps_plan_count(results->plan);
    FPS_TRY(fps_columns_mend(results->file, results->path, results->plan, NULL, NULL));
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        int64_t cut = first_cut(&results->variables.result[r], results->cut_at);
        first = cut < first ? cut : first;
    }
    for (int64_t i = first; i < fps_plan_count(results->plan); i++) {
        bool right = true;
        if (results->mirror.outcome[i] != FPS_PENDING)
            FPS_TRY_GOTO(status, fps_results_check(results, i, &right), done);
        if (!right)
            FPS_TRY_GOTO(status, note_damaged(&found, i), done);
    }
    fps_log(FPS_LOG_WARNING, "%s has its length back; tasks whose numbers were cut off are run again", results->path);
    if (found.count > 0)
        status = fps_results_reset(results, found.task, found.count);
done:
    fps_free(found.task);
    return status;
}
