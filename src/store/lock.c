#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "store/beside.h"

/* A record older than this belongs to a dead run (the coordinator beats every few seconds). */
static const double stale_s = 120;

enum { RECORD = 320 };

struct fps_lock {
    char *name;     /* of the side file */
    int side, file; /* descriptors; -1: none */
    bool works;     /* the file system has locks */
    bool owner;     /* wrote the record */
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool no_locks_here(int reason) {
    return reason == ENOLCK || reason == ENOTSUP || reason == ENOSYS || reason == EINVAL;
}

/* Lock, convert or probe the whole side file; 0, or the reason. */
static int side_lock(int descriptor, short type) {
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

/* Open the side file under its name (again, if it is open). */
static fps_status open_side(fps_lock *lock) {
    if (lock->side >= 0)
        close(lock->side);
    lock->side = open(lock->name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    return lock->side < 0 ? fps_fail(FPS_ERROR_IO, "%s: cannot be opened: %s", lock->name, strerror(errno)) : FPS_OK;
}

static fps_status create_lock(const char *path, fps_lock **out) {
    char name[PATH_MAX + 8];
    FPS_TRY(fps_beside(path, ".lock", name, sizeof name));
    FPS_TRY(FPS_ALLOC(*out, 1));
    (*out)->side = (*out)->file = -1;
    (*out)->works = true;
    (*out)->name = fps_strdup(name);
    fps_status status = (*out)->name ? open_side(*out) : FPS_ERROR_MEMORY;
    if (status != FPS_OK)
        fps_lock_release(out);
    return status;
}

/* Is the open side file still the one of that name? Somebody may have removed it, and a lock on it protects nothing. */
static bool is_current(const fps_lock *lock) {
    struct stat opened, named;
    return fstat(lock->side, &opened) == 0 && stat(lock->name, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

/* The record: "host HOST pid PID job JOB since SECONDS beat SECONDS\n", padded with spaces. */
static void write_record(const fps_lock *lock) {
    char host[65] = "unknown", text[RECORD + 1];
    gethostname(host, sizeof host - 1);
    const char *job = getenv("SLURM_JOB_ID");
    int length = snprintf(text, sizeof text, "host %s pid %ld job %.40s beat %.0f", host, (long)getpid(),
                          job && *job ? job : "none", now_s());
    memset(text + length, ' ', (size_t)(RECORD - length));
    text[RECORD - 1] = '\n';
    if (pwrite(lock->side, text, RECORD, 0) != RECORD)
        fps_log(FPS_LOG_DEBUG, "the owner's record could not be written: %s", strerror(errno));
}

/* Who holds it, as far as the record says; the age of its heartbeat in *age_s (infinite if there is none). */
static void read_record(const fps_lock *lock, char *who, size_t size, double *age_s) {
    char text[RECORD + 1] = "", host[65] = "", job[41] = "";
    long pid = 0;
    double beat = 0;
    ssize_t length = pread(lock->side, text, RECORD, 0);
    text[length > 0 ? length : 0] = '\0';
    *age_s = 1e300;
    if (sscanf(text, "host %64s pid %ld job %40s beat %lf", host, &pid, job, &beat) != 4) {
        snprintf(who, size, "another run");
        return;
    }
    *age_s = now_s() - beat;
    if (strcmp(job, "none") == 0)
        snprintf(who, size, "a run on %s (process %ld)", host, pid);
    else
        snprintf(who, size, "a run on %s (process %ld, job %s)", host, pid, job);
}

/* Take the exclusive lock of the file that has the name; 0, or the reason why not. */
static fps_status take_exclusively(fps_lock *lock, double patience_s, int *reason) {
    double start = now_s();
    for (;;) {
        *reason = side_lock(lock->side, F_WRLCK);
        if (*reason == 0 && !is_current(lock)) {
            FPS_TRY(open_side(lock));
            continue;
        }
        if ((*reason != EAGAIN && *reason != EACCES) || now_s() - start >= patience_s)
            return FPS_OK;
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    }
}

fps_status fps_lock_take(const char *path, double patience_s, fps_lock **out) {
    char who[160];
    double age_s;
    fps_lock *lock = NULL;
    int reason;
    FPS_TRY(create_lock(path, &lock));
    fps_status status = take_exclusively(lock, patience_s, &reason);
    if (status != FPS_OK) {
        fps_lock_release(&lock);
        return status;
    }
    if (reason == EAGAIN || reason == EACCES) {
        read_record(lock, who, sizeof who, &age_s);
        fps_lock_release(&lock);
        return fps_fail(FPS_ERROR_LOCKED, "%s: %s is writing it: wait for that to end, or stop it", path, who);
    }
    if (reason && !no_locks_here(reason)) {
        fps_lock_release(&lock);
        return fps_fail(FPS_ERROR_IO, "%s.lock: locking failed: %s", path, strerror(reason));
    }
    if (reason) { /* no locks: trust the record */
        lock->works = false;
        read_record(lock, who, sizeof who, &age_s);
        if (age_s < stale_s) {
            fps_lock_release(&lock);
            return fps_fail(
                FPS_ERROR_LOCKED,
                "%s: %s wrote it %.0f s ago, and this file system has no locks to ask: stop that run, or if it is "
                "dead, remove %s.lock",
                path, who, age_s, path);
        }
        fps_log(FPS_LOG_WARNING, "%s: this file system has no locks; make sure that no second run writes the file",
                path);
    }
    lock->owner = true;
    write_record(lock);
    *out = lock;
    return FPS_OK;
}

fps_status fps_lock_share(fps_lock *lock) {
    int reason = lock->works ? side_lock(lock->side, F_RDLCK) : 0;
    return reason ? fps_fail(FPS_ERROR_IO, "sharing the lock failed: %s", strerror(reason)) : FPS_OK;
}

fps_status fps_lock_join(const char *path, fps_lock **out) {
    fps_lock *lock = NULL;
    FPS_TRY(create_lock(path, &lock));
    int reason = side_lock(lock->side, F_RDLCK);
    if (reason && !no_locks_here(reason)) {
        fps_lock_release(&lock);
        return fps_fail(FPS_ERROR_LOCKED, "%s.lock: joining the lock failed: %s", path, strerror(reason));
    }
    lock->works = reason == 0;
    *out = lock;
    return FPS_OK;
}

fps_status fps_lock_file(fps_lock *lock, const char *path) {
    lock->file = open(path, O_RDWR | O_CLOEXEC);
    if (lock->file < 0)
        return fps_fail(FPS_ERROR_IO, "%s: cannot be opened for writing: %s", path, strerror(errno));
    if (flock(lock->file, LOCK_SH | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fps_fail(FPS_ERROR_LOCKED, "%s: another program has it open for writing: close it there", path);
        if (lock->owner)
            fps_log(FPS_LOG_WARNING, "%s: flock failed (%s); do not write to it with other programs during the run",
                    path, strerror(errno));
    }
    return FPS_OK;
}

int fps_lock_descriptor(const fps_lock *lock) {
    return lock->file;
}

void fps_lock_beat(fps_lock *lock) {
    if (lock->owner && !lock->works)
        write_record(lock);
}

void fps_lock_remove(fps_lock *lock) {
    if (lock->owner)
        unlink(lock->name);
}

void fps_lock_release(fps_lock **lock) {
    if (!*lock)
        return;
    if ((*lock)->file >= 0)
        close((*lock)->file);
    if ((*lock)->owner && ftruncate((*lock)->side, 0) != 0)
        fps_log(FPS_LOG_DEBUG, "the owner's record could not be emptied: %s", strerror(errno));
    if ((*lock)->side >= 0)
        close((*lock)->side);
    fps_free((*lock)->name);
    fps_free(*lock);
    *lock = NULL;
}
