#include "agenda.h"

#include <stdint.h>
#include <stdlib.h>

#include "fpsweep/memory.h"

/* ---- a list ----------------------------------------------------------------------------------------------------- */

static int by_task(const void *a, const void *b, void *list) {
    int64_t i = ((const int64_t *)list)[*(const int64_t *)a], k = ((const int64_t *)list)[*(const int64_t *)b];
    return (i > k) - (i < k);
}

static fps_status index_list(fps_agenda *agenda, int64_t tasks) {
    FPS_TRY(FPS_ALLOC(agenda->by_task, agenda->count));
    for (int64_t ticket = 0; ticket < agenda->count; ticket++) {
        int64_t task = agenda->list[ticket];
        if (task < 0 || task >= tasks)
            return fps_fail(FPS_ERROR_USAGE, "there is no task %lld: this sweep has tasks 0 to %lld", (long long)task,
                            (long long)tasks - 1);
        agenda->by_task[ticket] = ticket;
    }
    qsort_r(agenda->by_task, (size_t)agenda->count, sizeof *agenda->by_task, by_task, (void *)(uintptr_t)agenda->list);
    for (int64_t i = 1; i < agenda->count; i++)
        if (agenda->list[agenda->by_task[i]] == agenda->list[agenda->by_task[i - 1]])
            return fps_fail(FPS_ERROR_USAGE, "task %lld is named twice", (long long)agenda->list[agenda->by_task[i]]);
    return FPS_OK;
}

int64_t fps_agenda_ticket(const fps_agenda *agenda, int64_t task) {
    if (!agenda->list)
        return task >= 0 && task < agenda->count ? task : 0;
    int64_t low = 0, high = agenda->count - 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (agenda->list[agenda->by_task[middle]] < task)
            low = middle + 1;
        else
            high = middle;
    }
    return agenda->by_task[low];
}

/* Listed tasks that have an outcome become pending again, in the file. */
static fps_status set_back(const fps_job *job, const fps_agenda *agenda, const int8_t *outcome) {
    fps_row *row;
    fps_status status = FPS_OK;
    int64_t rows = 0;
    FPS_TRY(FPS_ALLOC(row, agenda->count));
    for (int64_t i = 0; i < agenda->count; i++) {
        int64_t task = agenda->list[agenda->by_task[i]];
        if (outcome[task] != FPS_PENDING)
            row[rows++] = (fps_row){.task = task, .outcome = FPS_PENDING};
    }
    if (rows > 0)
        status = fps_results_commit(job->results, row, rows);
    fps_free(row);
    return status;
}

/* ---- both ------------------------------------------------------------------------------------------------------- */

static void count_outcomes(const int8_t *outcome, int64_t tasks, fps_progress *progress) {
    int64_t count[FPS_OUTCOME_COUNT] = {0};
    for (int64_t i = 0; i < tasks; i++)
        if (outcome[i] >= 0 && outcome[i] < FPS_OUTCOME_COUNT)
            count[outcome[i]]++;
    progress->done = count[FPS_DONE];
    progress->diverged = count[FPS_DIVERGED];
    progress->failed = count[FPS_FAILED];
}

fps_status fps_agenda_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress) {
    const int64_t tasks = fps_plan_count(job->plan);
    *agenda = (fps_agenda){0};
    int8_t *outcome = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(outcome, tasks), done);
    FPS_TRY_GOTO(status, fps_results_outcomes(job->results, outcome), done);
    if (job->options->only) {
        agenda->list = job->options->only;
        agenda->count = agenda->to_run = progress->tasks = job->options->only_count;
        FPS_TRY_GOTO(status, index_list(agenda, tasks), done);
        FPS_TRY_GOTO(status, set_back(job, agenda, outcome), done);
    } else {
        agenda->count = progress->tasks = tasks;
        FPS_TRY_GOTO(status, FPS_ALLOC(agenda->pending, tasks), done);
        for (int64_t i = 0; i < tasks; i++) {
            agenda->pending[i] = outcome[i] == FPS_PENDING;
            agenda->to_run += agenda->pending[i];
        }
        count_outcomes(outcome, tasks, progress);
    }
done:
    fps_free(outcome);
    if (status != FPS_OK)
        fps_agenda_release(agenda);
    return status;
}

void fps_agenda_release(fps_agenda *agenda) {
    fps_free(agenda->by_task);
    fps_free(agenda->pending);
    *agenda = (fps_agenda){0};
}
