#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "store/beside.h"
#include "store/lock_owner.h"

/* A holder that lives is not waited for longer than this: it may be just about to end. */
static const double grace_s = 2;
/* Without locks: a record that stands still for so long belongs to a dead run, and its ranks on other nodes are gone
 * too (30 s). The coordinator beats every second. */
static const double silence_s = 60;
/* Without locks: two that claim a file at once both see the last record after this. */
static const double settle_s = 1;

enum { WHO = 320, HOLDERS = 256 };

struct fps_lock {
    char *name;     /* of the side file */
    int side, file; /* descriptors; -1: none */
    bool works;     /* the file system has locks */
    bool owner;     /* wrote the record */
    fps_lock_owner self;
};

static void wait_s(double seconds) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * (seconds - floor(seconds)))}, NULL);
}

/* ---- the side file ---- */

static bool no_locks_here(int reason) {
    return reason == ENOLCK || reason == ENOTSUP || reason == ENOSYS || reason == EINVAL;
}

static bool busy(int reason) {
    return reason == EAGAIN || reason == EACCES;
}

/* Lock or convert the whole side file; 0, or the reason. */
static int side_lock(int descriptor, short type) {
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

/* Open the side file under its name (again, if it is open). */
static fps_status open_side(fps_lock *lock) {
    if (lock->side >= 0)
        close(lock->side);
    lock->side = open(lock->name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    return lock->side < 0 ? fps_fail(FPS_ERROR_IO, "%s, which guards the results file, cannot be opened: %s",
                                     lock->name, strerror(errno))
                          : FPS_OK;
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

/* ---- with locks ---- */

/* What is known of the holder while it is waited for. */
typedef struct holder {
    bool known, alive; /* has a record; has given a sign of life */
    fps_lock_owner owner;
} holder;

/* Look at the record again. A holder lives if its process is seen here, or if the record has changed: comparing it with
 * itself, not with a clock, knows no difference between hosts' clocks. */
static void watch(int descriptor, holder *h) {
    fps_lock_owner now;
    if (!fps_lock_owner_read(descriptor, &now))
        return;
    h->alive =
        h->alive || (h->known ? !fps_lock_owner_silent(&h->owner, &now) : fps_lock_owner_holds(&now, descriptor));
    h->known = true;
    h->owner = now;
}

/* Take the exclusive lock of the file that has the name. *reason = 0, or why not after having waited *waited_s. */
static fps_status take_exclusively(fps_lock *lock, const char *path, double patience_s, int *reason, holder *h,
                                   double *waited_s) {
    char who[WHO];
    const double start = fps_clock_now_s();
    bool told = false;
    for (;;) {
        *reason = side_lock(lock->side, F_WRLCK);
        *waited_s = fps_clock_now_s() - start;
        if (*reason == 0 && !is_current(lock)) {
            FPS_TRY(open_side(lock));
            continue;
        }
        if (!busy(*reason))
            return FPS_OK;
        watch(lock->side, h);
        if (*waited_s >= patience_s || (h->alive && *waited_s >= grace_s))
            return FPS_OK;
        if (!told && *waited_s >= 2 * grace_s) {
            told = true;
            fps_log(FPS_LOG_NOTE, "%s: %s still holds it, without a sign of life; waiting up to %.0f s for its end",
                    path, h->known ? fps_lock_owner_name(&h->owner, who, sizeof who) : "another run", patience_s);
        }
        wait_s(0.05);
    }
}

static fps_status fail_held(const fps_lock *lock, const char *path, const holder *h, double waited_s) {
    char who[WHO] = "another run", holders[HOLDERS] = "";
    if (h->known)
        fps_lock_owner_name(&h->owner, who, sizeof who);
    if (h->alive || waited_s < 2 * grace_s)
        return fps_fail(FPS_ERROR_LOCKED, "%s: %s is writing it: wait for that to end, or stop it", path, who);
    return fps_fail(FPS_ERROR_LOCKED,
                    "%s: %s is writing it: wait for that to end, or stop it (no sign of life for %.0f s%s: ranks of it "
                    "may have been left behind, there or on other nodes)",
                    path, who, waited_s, fps_lock_holders(lock->side, holders, sizeof holders));
}

/* ---- without locks ---- */

/* The record as the file system has it now: opened afresh, since some keep what an open file had. */
static bool read_afresh(fps_lock *lock, fps_lock_owner *owner, fps_status *status) {
    *status = open_side(lock);
    return *status == FPS_OK && fps_lock_owner_read(lock->side, owner);
}

/* Wait until the record has stood still for long enough, or is gone. */
static fps_status wait_for_silence(fps_lock *lock, const char *path) {
    char who[WHO];
    fps_lock_owner first, now;
    fps_status status;
    if (!read_afresh(lock, &first, &status))
        return status;
    fps_lock_owner_name(&first, who, sizeof who);
    fps_log(FPS_LOG_NOTE, "%s: %s did not end in order, or is writing it still; watching it for %.0f s", path, who,
            silence_s);
    for (const double start = fps_clock_now_s(); fps_clock_now_s() - start < silence_s;) {
        wait_s(0.5);
        if (!read_afresh(lock, &now, &status))
            return status;
        if (!fps_lock_owner_silent(&first, &now))
            return fps_fail(FPS_ERROR_LOCKED, "%s: %s is writing it: wait for that to end, or stop it", path,
                            fps_lock_owner_name(&now, who, sizeof who));
    }
    return FPS_OK;
}

/* Put up the own record, and see whether it stays. */
static fps_status claim(fps_lock *lock, const char *path) {
    char who[WHO] = "another run";
    fps_lock_owner now;
    fps_status status;
    FPS_TRY(wait_for_silence(lock, path));
    if (!fps_lock_owner_write(lock->side, &lock->self) || fsync(lock->side) != 0)
        return fps_fail(FPS_ERROR_IO, "%s: the owner's record cannot be written: %s", lock->name, strerror(errno));
    wait_s(settle_s);
    bool known = read_afresh(lock, &now, &status);
    if (status != FPS_OK)
        return status;
    if (!known || !fps_lock_owner_same(&now, &lock->self))
        return fps_fail(FPS_ERROR_LOCKED,
                        "%s: %s began to write it at the same moment: wait for that to end, or stop it", path,
                        known ? fps_lock_owner_name(&now, who, sizeof who) : who);
    fps_log(FPS_LOG_WARNING, "%s: this file system has no locks; make sure that no second run writes the file", path);
    return FPS_OK;
}

/* ---- the interface ---- */

fps_status fps_lock_take(const char *path, double patience_s, fps_lock **out) {
    fps_lock *lock = NULL;
    holder h = {.known = false};
    int reason = 0;
    double waited_s = 0;
    FPS_TRY(create_lock(path, &lock));
    fps_status status = take_exclusively(lock, path, patience_s, &reason, &h, &waited_s);
    fps_lock_owner_self(&lock->self);
    if (status == FPS_OK && busy(reason))
        status = fail_held(lock, path, &h, waited_s);
    else if (status == FPS_OK && no_locks_here(reason))
        status = claim(lock, path);
    else if (status == FPS_OK && reason)
        status = fps_fail(FPS_ERROR_IO, "%s: locking failed: %s", lock->name, strerror(reason));
    if (status != FPS_OK) {
        fps_lock_release(&lock);
        return status;
    }
    lock->works = reason == 0;
    lock->owner = true;
    if (lock->works && !fps_lock_owner_write(lock->side, &lock->self))
        fps_log(FPS_LOG_DEBUG, "%s: the owner's record could not be written: %s", lock->name, strerror(errno));
    *out = lock;
    return FPS_OK;
}

fps_status fps_lock_share(fps_lock *lock) {
    int reason = lock->works ? side_lock(lock->side, F_RDLCK) : 0;
    return reason ? fps_fail(FPS_ERROR_IO, "%s: sharing the lock failed: %s", lock->name, strerror(reason)) : FPS_OK;
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

/* Network file systems make flock() a lock on all bytes of the file, and MPI-IO, which locks bytes there, would wait
 * for ours for ever. */
static bool flock_locks_bytes(int descriptor) {
    static const unsigned long magic[] = {0x6969 /* NFS */, 0x517b /* SMB */, 0xff534d42 /* CIFS */,
                                          0xfe534d42 /* SMB2 */};
    struct statfs facts;
    if (fstatfs(descriptor, &facts) != 0)
        return false;
    for (size_t m = 0; m < sizeof magic / sizeof *magic; m++)
        if (((unsigned long)facts.f_type & 0xffffffff) == magic[m])
            return true;
    return false;
}

fps_status fps_lock_file(fps_lock *lock, const char *path) {
    static const char advice[] = "do not write to it with other programs during the run";
    lock->file = open(path, O_RDWR | O_CLOEXEC);
    if (lock->file < 0)
        return fps_fail(FPS_ERROR_IO, "%s: cannot be opened for writing: %s", path, strerror(errno));
    if (flock_locks_bytes(lock->file)) {
        if (lock->owner)
            fps_log(FPS_LOG_NOTE, "%s: on a network file system; %s", path, advice);
        return FPS_OK;
    }
    if (flock(lock->file, LOCK_SH | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fps_fail(FPS_ERROR_LOCKED, "%s: another program has it open for writing: close it there", path);
        if (lock->owner)
            fps_log(FPS_LOG_WARNING, "%s: flock failed (%s); %s", path, strerror(errno), advice);
    }
    return FPS_OK;
}

int fps_lock_descriptor(const fps_lock *lock) {
    return lock->file;
}

fps_status fps_lock_beat(fps_lock *lock) {
    char who[WHO];
    fps_lock_owner now;
    if (!lock->owner)
        return FPS_OK;
    if (!lock->works) {
        fps_status status;
        bool known = read_afresh(lock, &now, &status);
        FPS_TRY(status);
        if (known && !fps_lock_owner_same(&now, &lock->self))
            return fps_fail(FPS_ERROR_LOCKED, "%s: %s has taken over the results file", lock->name,
                            fps_lock_owner_name(&now, who, sizeof who));
    }
    if (!fps_lock_owner_write(lock->side, &lock->self))
        fps_log(FPS_LOG_DEBUG, "%s: the owner's record could not be written: %s", lock->name, strerror(errno));
    return FPS_OK;
}

void fps_lock_remove(fps_lock *lock) {
    if (lock->owner)
        unlink(lock->name);
}

void fps_lock_release(fps_lock **out) {
    fps_lock *lock = *out;
    fps_lock_owner now;
    if (!lock)
        return;
    if (lock->file >= 0)
        close(lock->file);
    if (lock->owner && fps_lock_owner_read(lock->side, &now) && fps_lock_owner_same(&now, &lock->self) &&
        ftruncate(lock->side, 0) != 0)
        fps_log(FPS_LOG_DEBUG, "%s: the owner's record could not be emptied: %s", lock->name, strerror(errno));
    if (lock->side >= 0)
        close(lock->side);
    fps_free(lock->name);
    fps_free(lock);
    *out = NULL;
}
