/* run.c: `fpsweep run`: the main path, from a sweep file to a results file. */
#include <cblas.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/progress.h"
#include "app/selection.h"
#include "app/stop.h"
#include "app/summary.h"
#include "app/terminal.h"
#include "fpsweep/farm.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"
#include "fpsweep/trainer.h"

const fps_option fps_options_run[] = {
    {"output", 'o', "FILE.h5", "The results file to write; it must not exist yet."},
    {.name = NULL},
};

/* Collective. Make one status of all ranks' statuses, and print one message: that of the lowest rank that failed. */
static fps_status agree(MPI_Comm comm, fps_status status) {
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int failed = status != FPS_OK && status != FPS_STOPPED ? rank : size, first = size;
    MPI_Allreduce(&failed, &first, 1, MPI_INT, MPI_MIN, comm);
    if (first == size) { /* nobody failed; somebody may have been stopped */
        int stopped = status == FPS_STOPPED, any = 0;
        MPI_Allreduce(&stopped, &any, 1, MPI_INT, MPI_LOR, comm);
        return any ? FPS_STOPPED : FPS_OK;
    }
    int common = (int)status;
    MPI_Bcast(&common, 1, MPI_INT, first, comm);
    if (rank == first && rank > 0)
        fps_fail_context(status, "rank %d", rank);
    if (rank == first)
        fps_report(status);
    return (fps_status)common;
}

/* Collective. Give all ranks the bytes that rank 0 has; *bytes of the others is allocated here. */
static fps_status broadcast_bytes(MPI_Comm comm, void **bytes, size_t *length) {
    enum { CHUNK = 1 << 28 };
    int rank;
    MPI_Comm_rank(comm, &rank);
    uint64_t size = *length;
    MPI_Bcast(&size, 1, MPI_UINT64_T, 0, comm);
    *length = (size_t)size;
    fps_status status = FPS_OK;
    if (rank != 0 && !(*bytes = fps_alloc((size_t)size + 1, 1)))
        status = FPS_ERROR_MEMORY;
    FPS_TRY(agree(comm, status));
    for (size_t at = 0; at < *length; at += CHUNK) {
        size_t part = *length - at < CHUNK ? *length - at : CHUNK;
        MPI_Bcast((char *)*bytes + at, (int)part, MPI_BYTE, 0, comm);
    }
    return FPS_OK;
}

/* Collective. Dataset k of the plan: rank 0 reads it, all get it. */
static fps_status share_dataset(MPI_Comm comm, const char *path, const fps_plan *plan, int k, fps_dataset *dataset) {
    int rank;
    MPI_Comm_rank(comm, &rank);
    fps_status status = FPS_OK;
    if (rank == 0) {
        char *file = fps_path_beside(path, fps_plan_dataset_path(plan, k));
        status = file ? fps_dataset_read(file, dataset) : FPS_ERROR_MEMORY;
        fps_free(file);
    }
    FPS_TRY(agree(comm, status));
    uint64_t header[3] = {(uint64_t)dataset->samples, (uint64_t)dataset->dimension, dataset->hash};
    MPI_Bcast(header, 3, MPI_UINT64_T, 0, comm);
    dataset->samples = (int64_t)header[0];
    dataset->dimension = (int)header[1];
    dataset->hash = header[2];
    size_t x_bytes = (size_t)(header[0] * header[1]) * sizeof(double), y_bytes = (size_t)header[0] * sizeof(double);
    FPS_TRY(broadcast_bytes(comm, (void **)&dataset->x, &x_bytes));
    return broadcast_bytes(comm, (void **)&dataset->y, &y_bytes);
}

/* Collective. The plan and its data on every rank; rank 0 alone reads files. Messages are printed here. */
static fps_status share_input(MPI_Comm comm, const char *path, fps_sweep_input *out) {
    int rank;
    MPI_Comm_rank(comm, &rank);
    char *text = NULL;
    size_t length = 0;
    fps_status status = rank == 0 ? fps_file_read(path, &text, &length) : FPS_OK;
    FPS_TRY_GOTO(status, agree(comm, status), done);
    FPS_TRY_GOTO(status, broadcast_bytes(comm, (void **)&text, &length), done);
    status = agree(comm, fps_plan_create(path, text, length, &out->plan));
    if (status != FPS_OK)
        goto done;
    int datasets = fps_plan_datasets(out->plan);
    FPS_TRY_GOTO(status, agree(comm, FPS_ALLOC(out->dataset, datasets)), done);
    for (int k = 0; k < datasets; k++) {
        out->datasets++;
        FPS_TRY_GOTO(status, share_dataset(comm, path, out->plan, k, &out->dataset[k]), done);
        FPS_TRY_GOTO(status, agree(comm, fps_plan_set_dataset(out->plan, k, &out->dataset[k])), done);
    }
done:
    fps_free(text);
    return status;
}

static void print_warning(void *context, const char *sentence) {
    (void)context;
    fps_message("warning: %s", sentence);
}

/* Refuse at once what fps_results_create would refuse after a calibration. */
static fps_status check_absent(const char *output) {
    return access(output, F_OK) == 0
               ? fps_fail(FPS_ERROR_INPUT, "%s exists and is never overwritten: choose another name", output)
               : FPS_OK;
}

/* Rank 0 alone. Create the results file with the facts of this run. */
static fps_status create_file(const char *output, const fps_plan *plan, int ranks, uint64_t self_test) {
    fps_run_facts facts = {
        .machine = fps_versions_machine(),
        .kernel_class = fps_kernel_class_name(fps_kernel_class_current()),
        .blas_core = openblas_get_corename(),
        .libraries = fps_versions_libraries(),
        .ranks = ranks,
        .self_test = self_test,
    };
    return fps_results_create(output, plan, &facts);
}

/* Collective. Everything between MPI_Init and MPI_Finalize. Messages are printed here; returns the exit status. */
static int run_sweep(MPI_Comm comm, const char *path, const char *output) {
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    fps_message_install(rank);
    fps_sweep_input input = {0};
    fps_results *results = NULL;
    fps_progress final = {0};
    fps_calibration calibration = {0};
    uint64_t self_test = 0;
    bool opened = false, ran = false;
    fps_status status;

    FPS_TRY_GOTO(status, agree(comm, rank == 0 ? check_absent(output) : FPS_OK), done);
    FPS_TRY_GOTO(status, share_input(comm, path, &input), done);
    if (rank == 0) {
        fps_restart_remark();
        fps_plan_warnings(input.plan, print_warning, NULL);
    }
    FPS_TRY_GOTO(status, agree(comm, fps_farm_agree(comm, &self_test)), done);
    FPS_TRY_GOTO(status, agree(comm, rank == 0 ? fps_calibrate(&calibration) : FPS_OK), done);
    MPI_Bcast(&calibration, (int)sizeof calibration, MPI_BYTE, 0, comm);
    FPS_TRY_GOTO(status, agree(comm, rank == 0 ? create_file(output, input.plan, ranks, self_test) : FPS_OK), done);
    FPS_TRY_GOTO(status, agree(comm, fps_results_open(comm, output, input.plan, &results)), done);
    opened = true;

    fps_farm_options options = {
        .progress = fps_progress_print,
        .progress_every_s = fps_progress_interval_s(),
        .sync_every_s = 1,
        .stop = fps_stop_flag(),
    };
    status = fps_farm_run(comm, input.plan, results, &calibration, &options, &final);
    if (rank == 0)
        fps_progress_end();
    status = agree(comm, status);
    ran = true;
done:;
    fps_status closed = opened ? agree(comm, fps_results_close(&results)) : FPS_OK;
    if (status == FPS_OK)
        status = closed;
    fps_sweep_input_release(&input);
    if (rank == 0 && ran && (status == FPS_OK || status == FPS_STOPPED)) {
        fps_status printed = fps_summary_print(output, &final, ranks);
        if (printed != FPS_OK)
            fps_report(printed);
    }
    int exit_status = status == FPS_OK && final.failed > 0 ? 1 : fps_status_exit(status);
    MPI_Bcast(&exit_status, 1, MPI_INT, 0, comm);
    return exit_status;
}

int fps_verb_run(const fps_command *command) {
    const char *output = fps_command_option(command, "output");
    fps_stop_install();
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return fps_report(fps_fail(FPS_ERROR_MPI, "MPI cannot be started"));
    int exit_status = run_sweep(MPI_COMM_WORLD, command->operand[0], output);
    MPI_Finalize();
    return exit_status;
}
