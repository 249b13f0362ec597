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

bool fps_agenda_find(const fps_agenda *agenda, int64_t task, int64_t *ticket) {
    *ticket = task;
    if (!agenda->list)
        return task >= 0 && task < agenda->count;
    int64_t low = 0, high = agenda->count - 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (agenda->list[agenda->by_task[middle]] < task)
            low = middle + 1;
        else
            high = middle;
    }
    *ticket = agenda->count > 0 ? agenda->by_task[low] : 0;
    return agenda->count > 0 && agenda->list[*ticket] == task;
}

int64_t fps_agenda_ticket(const fps_agenda *agenda, int64_t task) {
    int64_t ticket;
    fps_agenda_find(agenda, task, &ticket);
    return ticket;
}

/* ---- outcomes --------------------------------------------------------------------------------------------------- */

/* Tasks that have ended become pending again, in the file too. */
static fps_status set_back(const fps_job *job, fps_agenda *agenda) {
    int64_t *task, count = 0;
    fps_status status = FPS_OK;
    FPS_TRY(FPS_ALLOC(task, agenda->count));
    for (int64_t i = 0; i < agenda->count; i++) {
        int64_t number = agenda->list ? agenda->list[agenda->by_task[i]] : i;
        if (agenda->outcome[number] != FPS_PENDING)
            task[count++] = number;
    }
    if (count > 0)
        status = fps_results_reset(job->results, task, count);
    for (int64_t i = 0; status == FPS_OK && i < count; i++)
        agenda->outcome[task[i]] = FPS_PENDING;
    fps_free(task);
    return status;
}

/* What is pending, and what is not. */
static fps_status take_stock(fps_agenda *agenda, fps_progress *progress) {
    int64_t count[FPS_OUTCOME_COUNT] = {0};
    FPS_TRY(FPS_ALLOC(agenda->pending, agenda->count));
    for (int64_t ticket = 0; ticket < agenda->count; ticket++) {
        int8_t outcome = agenda->outcome[fps_agenda_task(agenda, ticket)];
        agenda->pending[ticket] = outcome == FPS_PENDING;
        if (outcome >= 0 && outcome < FPS_OUTCOME_COUNT)
            count[outcome]++;
    }
    agenda->to_run = count[FPS_PENDING];
    progress->tasks = agenda->count;
    progress->done = count[FPS_DONE];
    progress->diverged = count[FPS_DIVERGED];
    progress->failed = count[FPS_FAILED];
    return FPS_OK;
}

void fps_agenda_strike(fps_agenda *agenda, int64_t ticket, fps_outcome outcome) {
    agenda->outcome[fps_agenda_task(agenda, ticket)] = (int8_t)outcome;
    agenda->to_run -= agenda->pending[ticket];
    agenda->pending[ticket] = false;
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

fps_status fps_agenda_create(const fps_job *job, fps_agenda *agenda, fps_progress *progress) {
    const fps_farm_options *options = job->options;
    const int64_t tasks = fps_plan_count(job->plan);
    *agenda = (fps_agenda){.count = options->only ? options->only_count : tasks, .list = options->only};
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(agenda->outcome, tasks), failed);
    FPS_TRY_GOTO(status, fps_results_outcomes(job->results, agenda->outcome), failed);
    if (agenda->list)
        FPS_TRY_GOTO(status, index_list(agenda, tasks), failed);
    if (options->again)
        FPS_TRY_GOTO(status, set_back(job, agenda), failed);
    FPS_TRY_GOTO(status, take_stock(agenda, progress), failed);
    return FPS_OK;
failed:
    fps_agenda_release(agenda);
    return status;
}

void fps_agenda_release(fps_agenda *agenda) {
    fps_free(agenda->by_task);
    fps_free(agenda->pending);
    fps_free(agenda->outcome);
    *agenda = (fps_agenda){0};
}
