/* fail_io: a library to preload that makes writing fail on one rank, from outside the program.
 *
 *     FAIL_CALL=write|sync|checkpoint  FAIL_RANK=r  FAIL_AFTER=n
 *
 * write, sync: of the results file (its name ends in .h5); checkpoint: writing into the folder of checkpoints. The
 * first n such calls work, later ones do not (ENOSPC, sync: EIO).
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Is the file of the kind that a call is to fail on? */
static bool concerns(const char *call, int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 3)
        return false;
    path[length] = '\0';
    return strcmp(call, "checkpoint") == 0 ? strstr(path, ".h5.checkpoint/") != NULL
                                           : memcmp(path + length - 3, ".h5", 3) == 0;
}

/* Count a call; true once the time to fail has come. */
static bool fails(const char *call, int file) {
    static int calls;
    const char *wanted = getenv("FAIL_CALL"), *rank = getenv("FAIL_RANK"), *after = getenv("FAIL_AFTER");
    const char *mine = getenv("OMPI_COMM_WORLD_RANK");
    if (!wanted || !rank || !after || !mine || strcmp(wanted, call) != 0 || strcmp(rank, mine) != 0)
        return false;
    int saved = errno;
    bool counts = concerns(call, file);
    errno = saved;
    return counts && calls++ >= atoi(after);
}

ssize_t pwrite(int file, const void *buffer, size_t size, off_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pwrite");
    if (fails("write", file) || fails("checkpoint", file)) {
        errno = ENOSPC;
        return -1;
    }
    return real(file, buffer, size, offset);
}

ssize_t pwrite64(int file, const void *buffer, size_t size, off64_t offset) {
    return pwrite(file, buffer, size, (off_t)offset);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    if (fails("sync", file)) {
        errno = EIO;
        return -1;
    }
    return real(file);
}
