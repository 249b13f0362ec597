/* run_rows.c: rows of a file that is continued: checked, run again where need be, and taken over from another file. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/run.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"
#include "fpsweep/transfer.h"

/* Rows that were finished so long before the last sign of life are checked. */
static const double recent_s = 60;

enum { NAMED = 20 };

/* ---- which rows ---- */

/* When the run that wrote the file was last heard of. A heartbeat from the future is damage. */
static double last_sign_of_life(const fps_live *live, const fps_row *row, int64_t tasks) {
    double last = 0, now = (double)time(NULL) + 3600;
    for (int64_t i = 0; i < tasks; i++)
        if (row[i].outcome != FPS_PENDING && row[i].finished > last && row[i].finished < now)
            last = row[i].finished;
    return live->heartbeat > last && live->heartbeat < now ? live->heartbeat : last;
}

/* Rows whose time makes no sense are recent. */
static bool is_recent(const fps_row *row, double last) {
    return !(row->finished < last - recent_s && row->finished > 0);
}

/* Rank 0. Tasks to check first[checked], then tasks that --retry runs again [retried]. The caller owns *list. */
static fps_status choose_rows(const fps_run_options *options, const fps_run_target *target, int64_t tasks,
                              fps_results *results, int64_t **list, int64_t *checked, int64_t *retried) {
    fps_row *row = NULL;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(*list, tasks), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, tasks), done);
    FPS_TRY_GOTO(status, fps_results_rows(results, row), done);
    double last = last_sign_of_life(&target->glance.live, row, tasks);
    int64_t used = 0;
    for (int64_t i = 0; i < tasks; i++)
        if (row[i].outcome != FPS_PENDING && !(options->retry & 1U << row[i].outcome) &&
            (options->check_all || is_recent(&row[i], last)))
            (*list)[used++] = i;
    *checked = used;
    for (int64_t i = 0; i < tasks; i++)
        if (row[i].outcome != FPS_PENDING && (options->retry & 1U << row[i].outcome) &&
            (options->task < 0 || options->task == i))
            (*list)[used++] = i;
    *retried = used - *checked;
done:
    fps_free(row);
    return status;
}

/* ---- checking ---- */

/* Check this rank's part of the list: neighbours stay together, that disks are read in order. */
static fps_status check_part(MPI_Comm comm, const int64_t *list, int64_t count, fps_results *results, int8_t *wrong,
                             volatile const int *stop) {
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    for (int64_t k = count * rank / ranks; k < count * (rank + 1) / ranks; k++) {
        bool right = false;
        if (*stop)
            return FPS_STOPPED;
        FPS_TRY(fps_results_check(results, list[k], &right));
        wrong[k] = !right;
    }
    return FPS_OK;
}

/* "tasks 3, 17, 18 and 5 more". */
static void name_tasks(const int64_t *task, int64_t count, char *buffer, size_t size) {
    size_t used = (size_t)snprintf(buffer, size, count == 1 ? "task" : "tasks");
    for (int64_t k = 0; k < count && k < NAMED && used < size; k++)
        used += (size_t)snprintf(buffer + used, size - used, "%s %" PRId64, k ? "," : "", task[k]);
    if (count > NAMED && used < size)
        snprintf(buffer + used, size - used, " and %" PRId64 " more", count - NAMED);
}

/* Tasks that have crashed too often are given up; --retry gives them another chance: the crashes so far do not count.
 */
static fps_status forgive_crashes(const fps_plan *plan, fps_checkpoints *checkpoints, const int64_t *list,
                                  int64_t count) {
    fps_crash *crash = NULL;
    int64_t crashes = 0;
    FPS_TRY(fps_checkpoints_crashes(checkpoints, &crash, &crashes));
    for (int64_t k = 0; k < count && crashes > 0; k++) {
        fps_task task;
        fps_plan_task(plan, list[k], &task);
        const uint64_t identity = fps_task_identity(&task);
        for (int64_t c = 0; c < crashes; c++)
            if (crash[c].identity == identity)
                fps_checkpoints_note_crash(checkpoints, &(fps_crash){.identity = identity, .task = list[k]});
    }
    fps_free(crash);
    return FPS_OK;
}

/* Rank 0. Set back what is wrong and what is to be retried, and say so. */
static fps_status reset_rows(const fps_plan *plan, fps_checkpoints *checkpoints, fps_results *results, int64_t *list,
                             const int8_t *wrong, int64_t checked, int64_t retried) {
    char names[512];
    int64_t damaged = 0;
    for (int64_t k = 0; k < checked; k++)
        if (wrong[k])
            list[damaged++] = list[k];
    if (damaged > 0) {
        name_tasks(list, damaged, names, sizeof names);
        fps_message("warning: what the file holds of %s is damaged: run again", names);
        FPS_TRY(fps_results_reset(results, list, damaged));
    }
    if (retried > 0) {
        name_tasks(list + checked, retried, names, sizeof names);
        fps_message("--retry: %s run again", names);
        FPS_TRY(forgive_crashes(plan, checkpoints, list + checked, retried));
        FPS_TRY(fps_results_reset(results, list + checked, retried));
    }
    return FPS_OK;
}

static void tell_mended(void *context, const char *variable, int64_t task, int64_t rows) {
    (void)context;
    if (task < 0)
        fps_message("warning: %s was damaged: written again as the sweep has it", variable);
    else
        fps_message("warning: %s of %" PRId64 " task%s, the first is %" PRId64
                    ", was damaged: written again as the sweep has it",
                    variable, rows, rows == 1 ? "" : "s", task);
}

fps_status fps_run_check_rows(MPI_Comm comm, const fps_run_options *options, const fps_run_target *target,
                              const fps_plan *plan, fps_checkpoints *checkpoints, fps_results *results,
                              volatile const int *stop) {
    int rank;
    MPI_Comm_rank(comm, &rank);
    int64_t *list = NULL, count[2] = {0, 0};
    int8_t *wrong = NULL;
    fps_status status = FPS_OK;
    if (rank == 0 && options->check_all)
        status = fps_results_mend_parameters(results, tell_mended, NULL);
    if (rank == 0 && status == FPS_OK)
        status = choose_rows(options, target, fps_plan_count(plan), results, &list, &count[0], &count[1]);
    FPS_TRY_GOTO(status, fps_run_agree(comm, status), done);
    MPI_Bcast(count, 2, MPI_INT64_T, 0, comm);
    if (rank > 0)
        status = FPS_ALLOC(list, count[0]);
    if (status == FPS_OK)
        status = FPS_ALLOC(wrong, count[0]);
    FPS_TRY_GOTO(status, fps_run_agree(comm, status), done);
    MPI_Bcast(list, (int)count[0], MPI_INT64_T, 0, comm);
    if (rank == 0 && options->check_all)
        fps_message("checking all %" PRId64 " finished rows", count[0]);
    FPS_TRY_GOTO(status, fps_run_agree(comm, check_part(comm, list, count[0], results, wrong, stop)), done);
    MPI_Reduce(rank == 0 ? MPI_IN_PLACE : wrong, rank == 0 ? wrong : NULL, (int)count[0], MPI_INT8_T, MPI_MAX, 0, comm);
    status = fps_run_agree(comm, rank == 0 ? reset_rows(plan, checkpoints, results, list, wrong, count[0], count[1])
                                           : FPS_OK);
done:
    fps_free(wrong);
    fps_free(list);
    return status;
}

/* ---- taking over ---- */

static void print_note(void *context, const char *sentence) {
    (void)context;
    fps_message("%s", sentence);
}

fps_status fps_run_reuse(const fps_run_options *options, fps_results *results, uint64_t self_test) {
    fps_transfer moved = {0};
    if (!options->reuse)
        return FPS_OK;
    FPS_TRY(fps_transfer_rows(results, options->reuse, self_test, options->force, print_note, NULL, &moved));
    char more[200] = "";
    if (moved.other > 0)
        snprintf(more, sizeof more,
                 "; %" PRId64 " were made by other kernels and are run again (--force takes them too)", moved.other);
    fps_message("took over %" PRId64 " finished tasks from %s%s", moved.taken, options->reuse, more);
    return FPS_OK;
}
