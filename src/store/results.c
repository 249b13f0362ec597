/* results.c: opening a results file for a run, on all ranks. */
#include "fpsweep/results.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/check.h"
#include "store/publish.h"
#include "store/results_internal.h"

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

/* ---- where it lies ---- */

/* Does the folder of PATH lie on NFS? Its clients cache writes by pages and know nothing of each other. */
static bool on_nfs(const char *path) {
    const unsigned long nfs = 0x6969; /* statfs(2) */
    char folder[PATH_MAX];
    struct statfs facts;
    fps_publish_directory(path, folder, sizeof folder);
    return statfs(folder, &facts) == 0 && ((unsigned long)facts.f_type & 0xffffffff) == nfs;
}

/* Collective. How many nodes the ranks are on: those that can share memory are one. */
static fps_status count_nodes(MPI_Comm comm, int *nodes) {
    MPI_Comm node = MPI_COMM_NULL;
    int rank = 1, first, failed = MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    if (failed == MPI_SUCCESS)
        MPI_Comm_rank(node, &rank);
    first = rank == 0;
    if (MPI_Allreduce(&first, nodes, 1, MPI_INT, MPI_SUM, comm) != MPI_SUCCESS)
        failed = 1;
    if (node != MPI_COMM_NULL)
        MPI_Comm_free(&node);
    return failed ? fps_fail(FPS_ERROR_MPI, "counting the nodes of the run failed") : FPS_OK;
}

/* Collective. */
static fps_status check_place(MPI_Comm comm, const fps_results *results) {
    int nodes;
    FPS_TRY(count_nodes(comm, &nodes));
    if (results->rank != 0 || nodes == 1 || !on_nfs(results->path))
        return FPS_OK;
    return fps_fail(
        FPS_ERROR_USAGE,
        "%s lies on NFS, where ranks on several nodes (%d here) overwrite each other's rows: run on one node "
        "at a time, a part of the sweep on each (--shard 1/%d ... %d/%d, then fpsweep merge), or write to "
        "a parallel file system",
        results->path, nodes, nodes, nodes, nodes);
}

/* ---- opening ---- */

/* Rank 0: lock against other runs, then look at the file with the serial driver. */
static fps_status lock_and_check(fps_results *results) {
    fps_checked checked;
    struct stat facts;
    if (stat(results->path, &facts) != 0) /* before a lock file appears beside a name that was misspelt */
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", results->path, strerror(errno));
    FPS_TRY(fps_lock_take(results->path, FPS_LOCK_PATIENCE_S, &results->lock));
    FPS_TRY(fps_check_open(results->path, &checked));
    fps_status status = FPS_OK;
    if (checked.format < FPSWEEP_FORMAT_VERSION)
        status =
            fps_fail(FPS_ERROR_INPUT,
                     "%s has format version %d and is not continued: write to another name, where --reuse %s takes "
                     "over what is done",
                     results->path, checked.format, results->path);
    if (status == FPS_OK)
        status = fps_check_plan(&checked, results->path, results->plan);
    fps_hdf5_close(&checked.file);
    FPS_TRY(status);
    FPS_TRY(fps_lock_file(results->lock, results->path));
    results->cut_at = checked.there < checked.bytes ? checked.there : INT64_MAX;
    if (results->cut_at < INT64_MAX && ftruncate(fps_lock_descriptor(results->lock), (off_t)checked.bytes) != 0)
        return fps_fail(FPS_ERROR_IO, "%s: giving it its length back failed: %s", results->path, strerror(errno));
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

static fps_status open_variables(fps_results *results) {
    struct stat facts;
    if (fstat(fps_lock_descriptor(results->lock), &facts) != 0)
        return fps_fail(FPS_ERROR_IO, "%s: %s", results->path, strerror(errno));
    FPS_TRY(fps_variables_open(&results->variables, results->file, results->path, FPSWEEP_FORMAT_VERSION, facts.st_size,
                               fps_plan_count(results->plan), results->plan, true));
    return fps_row_check_create(&results->variables, results->plan, &results->check);
}

fps_status fps_results_open(MPI_Comm comm, const char *path, const fps_plan *plan, fps_results **out) {
    fps_hdf5_quiet();
    fps_results *results = NULL;
    fps_status status = FPS_ALLOC(results, 1);
    FPS_TRY(agree(comm, status));
    results->plan = plan;
    results->file = H5I_INVALID_HID;
    results->cut_at = INT64_MAX;
    fps_variables_init(&results->variables);
    MPI_Comm_rank(comm, &results->rank);
    results->path = fps_strdup(path);
    FPS_TRY_GOTO(status, agree(comm, results->path ? FPS_OK : FPS_ERROR_MEMORY), fail);
    FPS_TRY_GOTO(status, agree(comm, fps_publish_look_name(path)), fail);
    FPS_TRY_GOTO(status, agree(comm, check_place(comm, results)), fail);
    status = results->rank == 0 ? lock_and_check(results) : FPS_OK;
    FPS_TRY_GOTO(status, agree(comm, status), fail);
    FPS_TRY_GOTO(status, agree(comm, results->rank == 0 ? FPS_OK : join(results)), fail);
    FPS_TRY_GOTO(status, agree(comm, open_parallel(comm, results)), fail);
    status = open_variables(results);
    if (status == FPS_OK && results->rank == 0)
        status = fps_mirror_load(results);
    if (status == FPS_OK && results->cut_at < INT64_MAX)
        status = fps_mend_truncated(results);
    FPS_TRY_GOTO(status, agree(comm, status), fail);
    *out = results;
    return FPS_OK;
fail:
    fps_fail(status, "%s", fps_error_message());
    fps_results_close(&results);
    return status;
}
