/* results.c: a results file during a run: opened by all ranks, written independently. */
#include "fpsweep/results.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "store/check.h"
#include "store/results_internal.h"

/* ---- open ---- */

/* Collective. Every rank returns the first failing rank's status and message. */
static fps_status agree(MPI_Comm comm, fps_status status) {
    int rank, size, first;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int mine = status == FPS_OK ? size : rank;
    if (MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm) != MPI_SUCCESS)
        return fps_fail(FPS_ERROR_MPI, "agreeing on opening the results file failed");
    if (first == size)
        return FPS_OK;
    struct {
        int status;
        char message[2048];
    } verdict = {.status = (int)status};
    if (rank == first)
        strncpy(verdict.message, fps_error_message(), sizeof verdict.message - 1);
    if (MPI_Bcast(&verdict, (int)sizeof verdict, MPI_BYTE, first, comm) != MPI_SUCCESS)
        return fps_fail(FPS_ERROR_MPI, "agreeing on opening the results file failed");
    return fps_fail((fps_status)verdict.status, "%s", verdict.message);
}

/* Rank 0: lock against other runs, then look at the file with the serial driver. */
static fps_status lock_and_check(fps_results *results) {
    hid_t file;
    int64_t bytes;
    struct stat facts;
    if (stat(results->path, &facts) != 0) /* before a lock file appears beside a name that was misspelt */
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", results->path, strerror(errno));
    FPS_TRY(fps_lock_take(results->path, 2.0, &results->lock));
    FPS_TRY(fps_check_open(results->path, &file, &bytes));
    fps_status status = fps_check_plan(file, results->path, bytes, results->plan);
    fps_hdf5_close(&file);
    FPS_TRY(status);
    FPS_TRY(fps_lock_file(results->lock, results->path));
    return fps_lock_share(results->lock);
}

static fps_status join(fps_results *results) {
    FPS_TRY(fps_lock_join(results->path, &results->lock));
    return fps_lock_file(results->lock, results->path);
}

/* Collective. Open with MPI-IO; from here on nothing but data of existing datasets is written. */
static fps_status open_parallel(MPI_Comm comm, fps_results *results) {
    MPI_Info info;
    MPI_Info_create(&info);
    MPI_Info_set(info, "romio_ds_write", "disable"); /* no read-modify-write around a row */
    MPI_Info_set(info, "romio_cb_write", "disable");
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    fps_status status = FPS_OK;
    if (access < 0 || H5Pset_fapl_mpio(access, comm, info) < 0 || H5Pset_all_coll_metadata_ops(access, false) < 0 ||
        H5Pset_coll_metadata_write(access, false) < 0 ||
        (results->file = H5Fopen(results->path, H5F_ACC_RDWR, access)) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: cannot be opened for parallel writing", results->path);
    fps_hdf5_close(&access);
    MPI_Info_free(&info);
    return status;
}

static fps_status open_variable(fps_results *results, int64_t bytes, fps_open_variable *open) {
    FPS_TRY(fps_variable_open(results->file, results->path, &open->variable, bytes, true, &open->dataset));
    open->space = H5Dget_space(open->dataset);
    return open->space < 0 ? fps_hdf5_fail(FPS_ERROR_IO, "%s: variable %s", results->path, open->variable.name)
                           : FPS_OK;
}

static fps_status open_variables(fps_results *results) {
    struct stat facts;
    if (fstat(fps_lock_descriptor(results->lock), &facts) != 0)
        return fps_fail(FPS_ERROR_IO, "%s: %s", results->path, strerror(errno));
    size_t row_bytes = 0;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(results->plan, (fps_scalar)s, &results->scalar[s].variable);
        FPS_TRY(open_variable(results, facts.st_size, &results->scalar[s]));
    }
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        fps_variable_live((fps_live_scalar)l, &results->live[l].variable);
        FPS_TRY(open_variable(results, facts.st_size, &results->live[l]));
    }
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &results->result[r];
        if (!fps_variable_result(results->plan, (fps_result)r, &open->variable))
            continue;
        FPS_TRY(open_variable(results, facts.st_size, open));
        size_t bytes = (size_t)(fps_variable_elements(&open->variable) / open->variable.size[0]) *
                       fps_stored_size(open->variable.type);
        row_bytes = bytes > row_bytes ? bytes : row_bytes;
    }
    FPS_TRY((results->row = fps_alloc(row_bytes, 1)) ? FPS_OK : FPS_ERROR_MEMORY);
    FPS_TRY(fps_row_hash_create(&results->hash));
    results->memory_size = 1;
    results->memory = H5Screate_simple(1, &results->memory_size, NULL);
    return results->memory < 0 ? fps_hdf5_fail(FPS_ERROR_IO, "%s: no dataspace", results->path) : FPS_OK;
}

fps_status fps_results_open(MPI_Comm comm, const char *path, const fps_plan *plan, fps_results **out) {
    fps_hdf5_quiet();
    fps_results *results = NULL;
    fps_status status = FPS_ALLOC(results, 1);
    FPS_TRY(agree(comm, status));
    results->plan = plan;
    results->file = results->memory = H5I_INVALID_HID;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        results->scalar[s].dataset = results->scalar[s].space = H5I_INVALID_HID;
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        results->live[l].dataset = results->live[l].space = H5I_INVALID_HID;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        results->result[r].dataset = results->result[r].space = H5I_INVALID_HID;
    MPI_Comm_rank(comm, &results->rank);
    results->path = fps_strdup(path);
    status = !results->path ? FPS_ERROR_MEMORY : results->rank == 0 ? lock_and_check(results) : FPS_OK;
    FPS_TRY_GOTO(status, agree(comm, status), fail);
    FPS_TRY_GOTO(status, agree(comm, results->rank == 0 ? FPS_OK : join(results)), fail);
    FPS_TRY_GOTO(status, agree(comm, open_parallel(comm, results)), fail);
    status = open_variables(results);
    if (status == FPS_OK && results->rank == 0)
        status = fps_mirror_load(results);
    FPS_TRY_GOTO(status, agree(comm, status), fail);
    *out = results;
    return FPS_OK;
fail:
    fps_fail(status, "%s", fps_error_message());
    fps_results_close(&results);
    return status;
}

/* ---- close ---- */

static void close_variable(fps_open_variable *open) {
    fps_hdf5_close(&open->space);
    fps_hdf5_close(&open->dataset);
}

fps_status fps_results_close(fps_results **out) {
    fps_results *results = *out;
    fps_status status = FPS_OK;
    if (!results)
        return FPS_OK;
    if (results->file >= 0)
        status = fps_results_sync(results);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        close_variable(&results->result[r]);
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        close_variable(&results->live[l]);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        close_variable(&results->scalar[s]);
    fps_hdf5_close(&results->memory);
    if (results->file >= 0 && H5Fclose(results->file) < 0 && status == FPS_OK)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: closing failed", results->path);
    fps_lock_release(&results->lock);
    fps_mirror_release(results);
    fps_row_hash_destroy(&results->hash);
    fps_free(results->row);
    fps_free(results->path);
    fps_free(results);
    *out = NULL;
    return status;
}

/* ---- write ---- */

/* MPI-IO says "input/output error" for a full disk as well; the disk itself knows better. */
static fps_status fail_writing(const fps_results *results, const fps_open_variable *open, double elements) {
    struct statvfs system;
    double bytes = elements * (double)fps_stored_size(open->variable.type);
    if (fstatvfs(fps_lock_descriptor(results->lock), &system) == 0 &&
        (double)system.f_bavail * (double)system.f_frsize < bytes) {
        H5Eclear2(H5E_DEFAULT);
        return fps_fail(FPS_ERROR_IO, "%s: writing %s failed: no space left on the disk; what is done is safe",
                        results->path, open->variable.name);
    }
    return fps_hdf5_fail(FPS_ERROR_IO, "%s: writing %s failed", results->path, open->variable.name);
}

fps_status fps_results_put(fps_results *results, fps_open_variable *open, const hsize_t *start, const hsize_t *size,
                           hsize_t elements, const void *values) {
    if (elements != results->memory_size) {
        if (H5Sset_extent_simple(results->memory, 1, &elements, NULL) < 0)
            return fps_hdf5_fail(FPS_ERROR_IO, "%s: no dataspace", results->path);
        results->memory_size = elements;
    }
    if (open->variable.rank > 0 && H5Sselect_hyperslab(open->space, H5S_SELECT_SET, start, NULL, size, NULL) < 0)
        return fps_hdf5_fail(FPS_ERROR_IO, "%s: selecting in %s failed", results->path, open->variable.name);
    if (H5Dwrite(open->dataset, fps_stored_hdf5(open->variable.type), results->memory, open->space, H5P_DEFAULT,
                 values) < 0)
        return fail_writing(results, open, (double)elements);
    return FPS_OK;
}

/* A trajectory that does not fit its row would damage a neighbour's. */
static fps_status check_fits(const fps_results *results, const fps_task *task, const fps_trajectory *trajectory) {
    const fps_extent *room = fps_plan_extent(results->plan), *extent = &trajectory->extent;
    bool fits = task->index >= 0 && task->index < fps_plan_count(results->plan) && trajectory->records >= 0 &&
                trajectory->records <= extent->size[FPS_RECORD];
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        fits = fits && extent->size[d] <= room->size[d];
    if (!fits)
        return fps_fail(FPS_ERROR_MISMATCH, "%s: task %" PRId64 " is larger than its row", results->path, task->index);
    return FPS_OK;
}

fps_status fps_results_write(fps_results *results, const fps_task *task, const fps_trajectory *trajectory,
                             uint32_t *checksum) {
    FPS_TRY(check_fits(results, task, trajectory));
    bool directions = fps_plan_extent(results->plan)->size[FPS_DIRECTION] > 1;
    fps_row_hash_begin(results->hash, fps_task_identity(task), trajectory->outcome, (int32_t)trajectory->records);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &results->result[r];
        const fps_result_field *field = &fps_result_fields[r];
        if (open->dataset < 0 || !trajectory->value[r])
            continue;
        fps_row_part part = fps_row_valid(field, &trajectory->extent, trajectory->records, directions);
        if (part.elements == 0)
            continue;
        hsize_t start[FPS_VARIABLE_RANK] = {(hsize_t)task->index}, size[FPS_VARIABLE_RANK] = {1};
        for (int d = 0; d < part.rank; d++)
            size[d + 1] = part.size[d];
        fps_row_encode(open->variable.type, field->fill_zero, trajectory->value[r], part.elements, results->row);
        fps_row_hash_add(results->hash, results->row, (size_t)part.elements * fps_stored_size(open->variable.type));
        FPS_TRY(fps_results_put(results, open, start, size, (hsize_t)part.elements, results->row));
    }
    *checksum = fps_row_hash_end(results->hash);
    return FPS_OK;
}

fps_status fps_results_sync(fps_results *results) {
    int failed;
    do
        failed = fdatasync(fps_lock_descriptor(results->lock));
    while (failed && errno == EINTR);
    return failed ? fps_fail(FPS_ERROR_IO, "%s: syncing failed: %s", results->path, strerror(errno)) : FPS_OK;
}
