#include "store/beside.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/publish.h"

fps_status fps_beside(const char *path, const char *suffix, char *name, size_t size) {
    char real[PATH_MAX], directory[PATH_MAX];
    int length;
    if (realpath(path, real)) {
        length = snprintf(name, size, "%s%s", real, suffix);
    } else {
        const char *slash = strrchr(path, '/');
        fps_publish_directory(path, directory, sizeof directory);
        if (!realpath(directory, real))
            return fps_fail(FPS_ERROR_IO, "%s: cannot be created in %s: %s", path, directory, strerror(errno));
        length = snprintf(name, size, "%s/%s%s", real, slash ? slash + 1 : path, suffix);
    }
    return length > 0 && (size_t)length < size ? FPS_OK
                                               : fps_fail(FPS_ERROR_USAGE, "%.60s...: the name is too long", path);
}
