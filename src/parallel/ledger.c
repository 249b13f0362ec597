#include "ledger.h"

#include <stdlib.h>

#include "base/clock.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

/* Rows that are committed together at most. */
enum { ROW_LIMIT = 65536 };

fps_status fps_ledger_create(fps_ledger *ledger) {
    *ledger = (fps_ledger){0};
    FPS_TRY(FPS_ALLOC(ledger->row, ROW_LIMIT));
    return FPS_ALLOC(ledger->checkpoint, ROW_LIMIT);
}

void fps_ledger_release(fps_ledger *ledger) {
    fps_free(ledger->checkpoint);
    fps_free(ledger->row);
    *ledger = (fps_ledger){0};
}

bool fps_ledger_enter(fps_ledger *ledger, const fps_report *report, int32_t count, double now_s) {
    if (ledger->rows + count > ROW_LIMIT)
        return false;
    if (ledger->rows == 0)
        ledger->since_s = now_s;
    for (int32_t i = 0; i < count; i++) {
        ledger->row[ledger->rows++] = report[i].row;
        if (report[i].checkpoint)
            ledger->checkpoint[ledger->checkpoints++] = report[i].checkpoint;
    }
    return true;
}

bool fps_ledger_is_due(const fps_ledger *ledger, const fps_job *job, double now_s) {
    return ledger->rows > 0 && now_s - ledger->since_s >= fps_job_pause(job, ledger->cost_s);
}

static int by_task(const void *a, const void *b) {
    int64_t i = ((const fps_row *)a)->task, k = ((const fps_row *)b)->task;
    return (i > k) - (i < k);
}

/* What stays is removed with the folder, or by the next run. */
static void remove_checkpoints(fps_ledger *ledger, const fps_job *job) {
    for (int64_t i = 0; i < ledger->checkpoints; i++) {
        fps_status status = fps_checkpoints_remove(job->options->checkpoints, ledger->checkpoint[i]);
        if (status != FPS_OK && !ledger->warned) {
            ledger->warned = true;
            fps_log(FPS_LOG_WARNING, "a checkpoint that is not needed any more stays: %s", fps_error_message());
        }
    }
}

fps_status fps_ledger_commit(fps_ledger *ledger, const fps_job *job) {
    const double start_s = fps_clock_now_s();
    qsort(ledger->row, (size_t)ledger->rows, sizeof *ledger->row, by_task);
    FPS_TRY(fps_results_commit(job->results, ledger->row, ledger->rows));
    remove_checkpoints(ledger, job);
    ledger->cost_s = fps_clock_now_s() - start_s;
    return FPS_OK;
}

void fps_ledger_forget(fps_ledger *ledger) {
    ledger->rows = ledger->checkpoints = 0;
}
