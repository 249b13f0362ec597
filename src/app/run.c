/* run.c: `fpsweep run`: the main path, from a sweep file to a results file. */
#include <cblas.h>
#include <inttypes.h>
#include <mpi.h>
#include <stdio.h>

#include "app/crash.h"
#include "app/progress.h"
#include "app/run.h"
#include "app/stop.h"
#include "app/summary.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "fpsweep/checkpoint.h"
#include "fpsweep/extension.h"
#include "fpsweep/farm.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

/* Everything that a run owns. */
typedef struct run {
    MPI_Comm comm;
    int rank, ranks;
    fps_run_options options;
    fps_run_target target;
    fps_sweep_input input;
    fps_run_tasks tasks;
    fps_checkpoints *checkpoints;
    fps_results *results;
    fps_calibration calibration;
    uint64_t self_test;
    double stop_at_s;
    double start_s; /* MPI_Wtime() */
    fps_progress final;
    bool opened, ran;
} run;

/* For whoever wants to know what a start takes (FPSWEEP_DEBUG=1). */
static void note_time(const run *r, const char *what) {
    if (r->rank == 0)
        fps_log(FPS_LOG_DEBUG, "%.3f s (%.3f s of the processor): %s", MPI_Wtime() - r->start_s, fps_clock_thread_s(),
                what);
}

static void print_warning(void *context, const char *sentence) {
    (void)context;
    fps_message("warning: %s", sentence);
}

/* Rank 0 alone, once the input is known to be good. Who resumes has read the warnings about the sweep. */
static void print_remarks(const run *r) {
    fps_restart_remark();
    if (!r->target.exists)
        fps_plan_warnings(r->input.plan, print_warning, NULL);
    if (r->options.resume && !r->target.exists)
        fps_message("%s is not there yet: --resume begins it", r->options.output);
}

/* ---- before the file is opened: everything that can be refused ---- */

static fps_status prepare(run *r) {
    bool root = r->rank == 0;
    FPS_TRY(fps_run_agree(r->comm, r->options.plugin ? fps_plugin_load(r->options.plugin) : FPS_OK));
    FPS_TRY(fps_run_agree(r->comm, root ? fps_run_look(&r->options, &r->target) : FPS_OK));
    MPI_Bcast(&r->target, (int)sizeof r->target, MPI_BYTE, 0, r->comm);
    FPS_TRY(fps_run_share_input(r->comm, r->options.sweep, &r->input));
    note_time(r, "planned");
    if (root)
        print_remarks(r);
    bool compare = root && r->target.exists;
    FPS_TRY(fps_run_agree(r->comm, compare ? fps_run_compare(&r->options, &r->target, r->input.plan) : FPS_OK));
    if (r->target.exists)
        r->options.shard = r->target.glance.shard;
    FPS_TRY(fps_run_agree(r->comm, fps_run_tasks_choose(&r->options, r->input.plan, &r->tasks)));
    if (r->target.complete)
        return FPS_OK;
    FPS_TRY(fps_run_check_room(r->comm, &r->options, r->input.plan, &r->tasks));
    note_time(r, "room checked");
    FPS_TRY(fps_run_agree(r->comm, fps_farm_agree(r->comm, &r->self_test)));
    note_time(r, "kernels agreed on");
    return fps_run_agree(r->comm, compare ? fps_run_compare_kernels(&r->options, &r->target, r->self_test) : FPS_OK);
}

/* ---- the file ---- */

/* Rank 0 alone. Create the results file with the facts of this run. */
static fps_status create_file(const run *r) {
    const fps_run_facts facts = {
        .machine = fps_versions_machine(),
        .kernel_class = fps_kernel_class_name(fps_kernel_class_current()),
        .blas_core = openblas_get_corename(),
        .libraries = fps_versions_libraries(),
        .ranks = r->ranks,
        .self_test = r->self_test,
        .shard = r->options.shard,
    };
    return fps_results_create(r->options.output, r->input.plan, &facts);
}

static fps_status open_file(run *r) {
    bool root = r->rank == 0;
    FPS_TRY(fps_run_agree(r->comm, root && !r->target.exists ? create_file(r) : FPS_OK));
    FPS_TRY(fps_run_agree(r->comm, fps_results_open(r->comm, r->options.output, r->input.plan, &r->results)));
    r->opened = true;
    note_time(r, r->target.exists ? "opened" : "created and opened");
    FPS_TRY(fps_run_agree(r->comm, fps_checkpoints_open(r->options.output, &r->checkpoints)));
    fps_crash_journal(r->input.plan, r->checkpoints);
    if (r->target.exists)
        FPS_TRY(fps_run_check_rows(r->comm, &r->options, &r->target, r->input.plan, r->checkpoints, r->results,
                                   fps_stop_flag()));
    return fps_run_agree(r->comm, root ? fps_run_reuse(&r->options, r->results, r->self_test) : FPS_OK);
}

/* ---- the tasks ---- */

/* As a shell reports a process that aborted: job scripts submit such a run again. */
enum { ABANDONED = 134 };

/* A rank that hangs cannot be left in good order: MPI ends them all. What is done is in the file. */
static void abandon(void *context, const char *sentence) {
    const run *r = context;
    fps_message("%s: ending the run; what is done is safe, and --resume goes on", sentence);
    MPI_Abort(r->comm, ABANDONED);
}

/* Rank 0 alone. Is any task of the run pending? */
static fps_status look_for_work(const run *r, bool *any) {
    int8_t *outcome;
    FPS_TRY(FPS_ALLOC(outcome, fps_plan_count(r->input.plan)));
    fps_status status = fps_results_outcomes(r->results, outcome);
    *any = false;
    for (int64_t k = 0; status == FPS_OK && k < r->tasks.count && !*any; k++)
        *any = outcome[r->tasks.task ? r->tasks.task[k] : k] == FPS_PENDING;
    fps_free(outcome);
    return status;
}

/* Rank 0 alone. The speed of this machine decides the order of tasks; without any it does not matter. */
static fps_status calibrate(run *r) {
    bool any;
    FPS_TRY(look_for_work(r, &any));
    return any ? fps_calibrate(&r->calibration) : FPS_OK;
}

static fps_status run_tasks(run *r) {
    note_time(r, "rows checked");
    FPS_TRY(fps_run_agree(r->comm, r->rank == 0 ? calibrate(r) : FPS_OK));
    MPI_Bcast(&r->calibration, (int)sizeof r->calibration, MPI_BYTE, 0, r->comm);
    note_time(r, "calibrated");
    const fps_farm_options options = {
        .progress = fps_progress_print,
        .progress_every_s = fps_progress_interval_s(),
        .sync_every_s = 1,
        .only = r->tasks.task,
        .only_count = r->tasks.count,
        .checkpoints = r->checkpoints,
        .checkpoint_every_s = r->options.checkpoint_every_s,
        .self_test = r->self_test,
        .stop_at_s = r->stop_at_s,
        .patience_s = r->options.patience_s,
        .abandon = abandon,
        .abandon_context = r,
        .running = fps_crash_running,
        .stop = fps_stop_flag(),
    };
    fps_status status = fps_farm_run(r->comm, r->input.plan, r->results, &r->calibration, &options, &r->final);
    if (r->rank == 0)
        fps_progress_end();
    r->ran = true;
    return fps_run_agree(r->comm, status);
}

/* ---- the end ---- */

/* Rank 0 alone. A run that was killed after its last row may have left checkpoints beside a complete file. */
static void clear_leftovers(const char *path) {
    fps_checkpoints *left = NULL;
    if (fps_checkpoints_open(path, &left) != FPS_OK || fps_checkpoints_clear(left) != FPS_OK)
        fps_message("warning: %s", fps_error_message());
    fps_checkpoints_close(&left);
}

/* Rank 0 alone, when the file is closed: what has come of it. */
static int conclude(const run *r, fps_status status) {
    const fps_progress *final = &r->final;
    if (r->target.complete && status == FPS_OK) {
        const int64_t *outcome = r->target.glance.outcome;
        clear_leftovers(r->options.output);
        fps_message("%s is complete: done %" PRId64 ", diverged %" PRId64 ", failed %" PRId64 "%s", r->options.output,
                    outcome[FPS_DONE], outcome[FPS_DIVERGED], outcome[FPS_FAILED],
                    outcome[FPS_FAILED] > 0 ? "; --retry failed runs those again" : "");
        return outcome[FPS_FAILED] > 0;
    }
    if (r->ran && (status == FPS_OK || status == FPS_STOPPED)) {
        fps_status printed = fps_summary_print(r->options.output, final, r->ranks);
        if (printed != FPS_OK)
            fps_report(printed);
    } else if (status == FPS_STOPPED) {
        fps_message("stopped before any task was run; --resume goes on");
    } else if (r->ran) {
        fps_message("%" PRId64 " of %" PRId64 " tasks are done and safe; once the cause is gone, --resume goes on",
                    final->done + final->diverged, final->tasks);
    }
    return status == FPS_OK && final->failed > 0 ? 1 : fps_status_exit(status);
}

/* Collective. Close the file; checkpoints go once nothing is left that could need them. */
static fps_status close_file(run *r, fps_status status) {
    fps_crash_journal(NULL, NULL);
    if (!r->opened)
        return status;
    fps_status closed = fps_run_agree(r->comm, fps_results_close(&r->results));
    if (status == FPS_OK)
        status = closed;
    if (r->rank > 0)
        fps_checkpoints_close(&r->checkpoints);
    MPI_Barrier(r->comm);
    if (r->rank == 0 && status == FPS_OK && r->ran && r->options.task < 0) {
        fps_status cleared = fps_checkpoints_clear(r->checkpoints);
        if (cleared != FPS_OK)
            fps_message("warning: %s", fps_error_message());
    }
    fps_checkpoints_close(&r->checkpoints);
    return status;
}

/* Collective. Everything between MPI_Init and MPI_Finalize. Messages are printed where they arise; returns the exit
 * status. */
static int run_sweep(run *r) {
    r->start_s = MPI_Wtime();
    MPI_Comm_rank(r->comm, &r->rank);
    MPI_Comm_size(r->comm, &r->ranks);
    fps_message_install(r->rank);
    fps_crash_install(r->rank);
    fps_status status = prepare(r);
    if (status == FPS_OK && !r->target.complete)
        status = open_file(r);
    if (status == FPS_OK && !r->target.complete)
        status = run_tasks(r);
    status = close_file(r, status);
    int exit_status = r->rank == 0 ? conclude(r, status) : 0;
    MPI_Bcast(&exit_status, 1, MPI_INT, 0, r->comm);
    fps_run_tasks_release(&r->tasks);
    fps_sweep_input_release(&r->input);
    return exit_status;
}

int fps_verb_run(const fps_command *command) {
    run r = {.comm = MPI_COMM_WORLD};
    fps_status status = fps_run_options_read(command, &r.options);
    if (status != FPS_OK)
        return fps_report_once(status);
    r.stop_at_s = fps_run_stop_at_s(r.options.stop_after_s);
    fps_stop_install();
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return fps_report(fps_fail(FPS_ERROR_MPI, "MPI cannot be started"));
    int exit_status = run_sweep(&r);
    MPI_Finalize();
    return exit_status;
}
