#include "store/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

void fps_publish_directory(const char *path, char *directory, size_t size) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(directory, size, ".");
    else if (slash == path)
        snprintf(directory, size, "/");
    else
        snprintf(directory, size, "%.*s", (int)(slash - path), path);
}

fps_status fps_publish_look_name(const char *path) {
    return strchr(path, ':') ? fps_fail(FPS_ERROR_USAGE,
                                        "%s: MPI takes what is before a colon for a kind of file system: choose a name "
                                        "without one, or work inside the folder that has one",
                                        path)
                             : FPS_OK;
}

fps_status fps_publish_name(const char *path, char *name, size_t size) {
    FPS_TRY(fps_publish_look_name(path));
    int length = snprintf(name, size, "%s.tmp.%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= size)
        return fps_fail(FPS_ERROR_USAGE, "%.60s...: the name is too long", path);
    return FPS_OK;
}

void fps_publish_clean(const char *path) {
    char directory[PATH_MAX], prefix[NAME_MAX + 8], victim[2 * PATH_MAX];
    const char *slash = strrchr(path, '/');
    fps_publish_directory(path, directory, sizeof directory);
    int length = snprintf(prefix, sizeof prefix, "%s.tmp.", slash ? slash + 1 : path);
    DIR *entries = opendir(directory);
    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (strncmp(entry->d_name, prefix, (size_t)length) != 0 ||
            strspn(entry->d_name + length, "0123456789") != strlen(entry->d_name + length))
            continue;
        snprintf(victim, sizeof victim, "%s/%s", directory, entry->d_name);
        unlink(victim);
    }
    closedir(entries);
}

fps_status fps_publish_exists(const char *path) {
    return fps_fail(FPS_ERROR_INPUT, "%s exists: continue it with --resume, or choose another name", path);
}

static fps_status sync_path(const char *path, int flags) {
    int descriptor = open(path, flags | O_CLOEXEC);
    if (descriptor < 0)
        return fps_fail(FPS_ERROR_IO, "%s: cannot be opened for syncing: %s", path, strerror(errno));
    int failed = fsync(descriptor);
    int reason = errno;
    close(descriptor);
    /* some file systems cannot sync directories */
    if (failed && !(flags & O_DIRECTORY && (reason == EINVAL || reason == ENOTSUP)))
        return fps_fail(FPS_ERROR_IO, "%s: syncing failed: %s", path, strerror(reason));
    return FPS_OK;
}

/* Claim the name with an empty file, then replace that (our own) by the finished one. */
static fps_status publish_without_link(const char *temporary, const char *path) {
    int descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return errno == EEXIST ? fps_publish_exists(path)
                               : fps_fail(FPS_ERROR_IO, "%s: cannot be created: %s", path, strerror(errno));
    close(descriptor);
    if (rename(temporary, path) != 0) {
        int reason = errno;
        unlink(path);
        return fps_fail(FPS_ERROR_IO, "%s: renaming %s failed: %s", path, temporary, strerror(reason));
    }
    return FPS_OK;
}

fps_status fps_publish(const char *temporary, const char *path, bool link_works) {
    FPS_TRY(sync_path(temporary, O_RDONLY));
    if (link_works && link(temporary, path) == 0) {
        unlink(temporary);
    } else if (link_works && errno == EEXIST) {
        return fps_publish_exists(path);
    } else if (link_works && errno != EPERM && errno != ENOTSUP && errno != ENOSYS && errno != EMLINK) {
        return fps_fail(FPS_ERROR_IO, "%s: cannot be created: %s", path, strerror(errno));
    } else {
        FPS_TRY(publish_without_link(temporary, path));
    }
    char directory[PATH_MAX];
    fps_publish_directory(path, directory, sizeof directory);
    return sync_path(directory, O_RDONLY | O_DIRECTORY);
}

/* "1.5 GB" */
static const char *human(double bytes, char *text, size_t size) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    int unit = 0;
    while (bytes >= 1000 && unit < 5) {
        bytes /= 1000;
        unit++;
    }
    snprintf(text, size, "%.3g %s", bytes, units[unit]);
    return text;
}

fps_status fps_publish_room(const char *path, double bytes) {
    char directory[PATH_MAX], need[32], have[32];
    fps_publish_directory(path, directory, sizeof directory);
    struct statvfs system;
    if (statvfs(directory, &system) != 0)
        return fps_fail(FPS_ERROR_IO, "%s: cannot be created in %s: %s", path, directory, strerror(errno));
    double room = (double)system.f_bavail * (double)system.f_frsize;
    if (bytes > room)
        return fps_fail(FPS_ERROR_IO,
                        "%s needs %s, but %s has %s free: choose another directory, fewer records, or keep less", path,
                        human(bytes, need, sizeof need), directory, human(room, have, sizeof have));
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && bytes > (double)limit.rlim_cur)
        return fps_fail(FPS_ERROR_IO,
                        "%s needs %s, but this process may write files of %s (ulimit -f): raise the limit", path,
                        human(bytes, need, sizeof need), human((double)limit.rlim_cur, have, sizeof have));
    return FPS_OK;
}
