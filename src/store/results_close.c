/* results_close.c: closing a results file, also where the disk takes nothing any more.
 *
 * HDF5 writes its superblock once more at the end, on rank 0: 48 bytes that are there already. If that fails, rank 0
 * leaves the closing early and all others wait for it for ever. So a rank that cannot write any more lets HDF5 close a
 * stand-in in memory: nothing in the file is final but what was synced and committed before.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "store/results_internal.h"

enum { SUPERBLOCK = 48 };

/* What HDF5 is about to do: write the superblock as it is. */
static fps_status try_superblock(fps_results *results) {
    char bytes[SUPERBLOCK];
    int descriptor = fps_lock_descriptor(results->lock);
    if (pread(descriptor, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes &&
        pwrite(descriptor, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes)
        return FPS_OK;
    results->broken = true;
    return fps_fail(FPS_ERROR_IO, "%s: writing failed: %s", results->path, strerror(errno));
}

/* Is this descriptor one by which MPI-IO writes the file? */
static bool writes_file(int descriptor, const struct stat *file) {
    struct stat facts;
    int flags = fcntl(descriptor, F_GETFL);
    return fstat(descriptor, &facts) == 0 && facts.st_dev == file->st_dev && facts.st_ino == file->st_ino &&
           flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* Let all descriptors by which the file is written, but the lock's own, lead to an empty file of the same size in
 * memory. */
static void divert(const fps_results *results) {
    struct stat file;
    DIR *descriptors = opendir("/proc/self/fd");
    int memory = memfd_create("fpsweep", MFD_CLOEXEC), own = fps_lock_descriptor(results->lock);
    if (!descriptors || memory < 0 || fstat(own, &file) != 0 || ftruncate(memory, file.st_size) != 0) {
        fps_log(FPS_LOG_WARNING, "%s: the run may hang while closing: %s", results->path, strerror(errno));
        goto done;
    }
    for (struct dirent *entry; (entry = readdir(descriptors));) {
        char *end;
        long descriptor = strtol(entry->d_name, &end, 10);
        if (end != entry->d_name && *end == '\0' && descriptor != own && descriptor != memory &&
            writes_file((int)descriptor, &file))
            dup2(memory, (int)descriptor);
    }
done:
    if (memory >= 0)
        close(memory);
    if (descriptors)
        closedir(descriptors);
}

fps_status fps_results_close(fps_results **out) {
    fps_results *results = *out;
    fps_status status = FPS_OK;
    if (!results)
        return FPS_OK;
    if (results->file >= 0) {
        status = fps_results_sync(results);
        if (status == FPS_OK && results->rank == 0)
            status = try_superblock(results);
        if (results->broken)
            divert(results);
    }
    fps_row_check_release(&results->check);
    fps_variables_close(&results->variables);
    if (results->file >= 0 && H5Fclose(results->file) < 0 && status == FPS_OK)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: closing failed", results->path);
    fps_lock_release(&results->lock);
    fps_mirror_release(results);
    fps_free(results->path);
    fps_free(results);
    *out = NULL;
    return status;
}
