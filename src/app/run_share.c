/* run_share.c: one status, one message, one plan for all ranks. */
#include "app/run.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"

fps_status fps_run_agree(MPI_Comm comm, fps_status status) {
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
    FPS_TRY(fps_run_agree(comm, status));
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
    FPS_TRY(fps_run_agree(comm, status));
    uint64_t header[3] = {(uint64_t)dataset->samples, (uint64_t)dataset->dimension, dataset->hash};
    MPI_Bcast(header, 3, MPI_UINT64_T, 0, comm);
    dataset->samples = (int64_t)header[0];
    dataset->dimension = (int)header[1];
    dataset->hash = header[2];
    size_t x_bytes = (size_t)(header[0] * header[1]) * sizeof(double), y_bytes = (size_t)header[0] * sizeof(double);
    FPS_TRY(broadcast_bytes(comm, (void **)&dataset->x, &x_bytes));
    return broadcast_bytes(comm, (void **)&dataset->y, &y_bytes);
}

fps_status fps_run_share_input(MPI_Comm comm, const char *path, fps_sweep_input *out) {
    int rank;
    MPI_Comm_rank(comm, &rank);
    char *text = NULL;
    size_t length = 0;
    fps_status status = rank == 0 ? fps_file_read(path, &text, &length) : FPS_OK;
    FPS_TRY_GOTO(status, fps_run_agree(comm, status), done);
    FPS_TRY_GOTO(status, broadcast_bytes(comm, (void **)&text, &length), done);
    status = fps_run_agree(comm, fps_plan_create(path, text, length, &out->plan));
    if (status != FPS_OK)
        goto done;
    int datasets = fps_plan_datasets(out->plan);
    FPS_TRY_GOTO(status, fps_run_agree(comm, FPS_ALLOC(out->dataset, datasets)), done);
    for (int k = 0; k < datasets; k++) {
        out->datasets++;
        FPS_TRY_GOTO(status, share_dataset(comm, path, out->plan, k, &out->dataset[k]), done);
        FPS_TRY_GOTO(status, fps_run_agree(comm, fps_plan_set_dataset(out->plan, k, &out->dataset[k])), done);
    }
done:
    fps_free(text);
    return status;
}
