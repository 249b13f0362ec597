/* files.c: files and folders that the user names, looked at before anything else is done with them. */
#include "app/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpsweep/nearest.h"

/* The folder of a path as it is written, with its slash; "" for the present one. Returns where the name begins. */
static const char *split(const char *path, char folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    snprintf(folder, PATH_MAX, "%.*s", (int)(name - path), path);
    return name;
}

/* The file beside a missing one whose name differs by at most a third of its letters, path and all. */
static bool find_nearest(const char *path, char nearest[PATH_MAX]) {
    char folder[PATH_MAX];
    const char *name = split(path, folder);
    int best = (int)strlen(name) / 3 + 1;
    DIR *directory = opendir(folder[0] ? folder : ".");
    bool found = false;
    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        int edits = fps_nearest_edits(name, strlen(name), entry->d_name);
        if (edits >= best || entry->d_name[0] == '.')
            continue;
        best = edits;
        found = (size_t)snprintf(nearest, PATH_MAX, "%s%s", folder, entry->d_name) < PATH_MAX;
    }
    if (directory)
        closedir(directory);
    return found;
}

static bool ends_with(const char *text, const char *ending) {
    size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

fps_status fps_files_look(const char *path, const char *wanted) {
    char nearest[PATH_MAX];
    struct stat there;
    if (stat(path, &there) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return fps_fail(FPS_ERROR_INPUT, "cannot look at %s: %s", path, strerror(errno));
        if (find_nearest(path, nearest))
            return fps_fail(FPS_ERROR_INPUT, "there is no file %s; did you mean %s?", path, nearest);
        return fps_fail(FPS_ERROR_INPUT, "there is no file %s: is its name right, and its folder?", path);
    }
    if (S_ISDIR(there.st_mode))
        return fps_fail(FPS_ERROR_INPUT, "%s is a directory: give a file in it, as in %s%s%s", path, path,
                        ends_with(path, "/") ? "" : "/", wanted);
    if (ends_with(wanted, ".h5") && (ends_with(path, ".yaml") || ends_with(path, ".yml")))
        return fps_fail(FPS_ERROR_INPUT,
                        "%s is a sweep file by its name, and a results file is wanted: fpsweep run %s -o %s makes one",
                        path, path, wanted);
    return FPS_OK;
}

fps_status fps_files_look_output(const char *path, const char *wanted) {
    char folder[PATH_MAX];
    struct stat there;
    split(path, folder);
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return fps_fail(FPS_ERROR_INPUT, "%s is a directory: give a file in it, as in %s%s%s", path, path,
                        ends_with(path, "/") ? "" : "/", wanted);
    if (folder[0] && stat(folder, &there) != 0)
        return fps_fail(FPS_ERROR_IO, "%s cannot be written: there is no folder %s; make it, or choose another", path,
                        folder);
    if (access(folder[0] ? folder : ".", W_OK) != 0)
        return fps_fail(FPS_ERROR_IO, "%s cannot be written: its folder %s lets nobody like you write (%s)", path,
                        folder[0] ? folder : ".", strerror(errno));
    return FPS_OK;
}
