/* file.c: reading whole files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fpsweep/memory.h"
#include "fpsweep/plan.h"

/* Texts larger than this are refused before memory is taken for them. */
static const long long largest = 256LL << 20;

static fps_status read_open(FILE *file, const char *path, char **text, size_t *length) {
    size_t capacity = 1 << 16;
    FPS_TRY(FPS_ALLOC(*text, capacity + 1));
    for (;;) {
        size_t room = capacity - *length;
        size_t got = fread(*text + *length, 1, room, file);
        *length += got;
        if (got < room)
            break;
        if (2 * capacity > (size_t)largest)
            return fps_fail(FPS_ERROR_INPUT, "%s is larger than %lld MB", path, largest >> 20);
        char *larger = fps_realloc(*text, capacity, 2 * capacity + 1, 1);
        if (!larger)
            return FPS_ERROR_MEMORY;
        *text = larger;
        capacity *= 2;
    }
    if (ferror(file))
        return fps_fail(FPS_ERROR_INPUT, "cannot read %s: %s", path, strerror(errno));
    (*text)[*length] = '\0';
    return FPS_OK;
}

fps_status fps_file_read(const char *path, char **text, size_t *length) {
    *text = NULL;
    *length = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return fps_fail(FPS_ERROR_INPUT, "cannot open %s: %s", path, strerror(errno));
    struct stat facts;
    fps_status status = FPS_OK;
    if (fstat(fileno(file), &facts) == 0 && S_ISDIR(facts.st_mode))
        status = fps_fail(FPS_ERROR_INPUT, "%s is a directory", path);
    if (status == FPS_OK)
        status = read_open(file, path, text, length);
    fclose(file);
    if (status != FPS_OK) {
        fps_free(*text);
        *text = NULL;
        *length = 0;
    }
    return status;
}
