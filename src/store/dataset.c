/* dataset.c: the user's own points. */
#include "store/dataset.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define XXH_STATIC_LINKING_ONLY /* for the size of the state */
#include <xxhash.h>

#include "fpsweep/memory.h"

int fps_dataset_column(const char *name) {
    static const char *const names[] = {"x1", "x2", "x3", "y"};
    for (int column = 0; column < 4; column++)
        if (strcmp(name, names[column]) == 0)
            return column;
    return strcmp(name, "x") == 0 ? 0 : -1;
}

const char *fps_dataset_column_name(int column) {
    static const char *const names[] = {"x1", "x2", "x3", "y"};
    return names[column];
}

/* XXH3-64 (seed 0) over dimension and samples (int64 each), x, y, little-endian. */
static uint64_t hash_points(const fps_dataset *dataset) {
    XXH3_state_t state;
    int64_t sizes[2] = {dataset->dimension, dataset->samples};
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, sizes, sizeof sizes);
    XXH3_64bits_update(&state, dataset->x, (size_t)(dataset->samples * dataset->dimension) * sizeof *dataset->x);
    XXH3_64bits_update(&state, dataset->y, (size_t)dataset->samples * sizeof *dataset->y);
    return XXH3_64bits_digest(&state);
}

fps_status fps_dataset_read(const char *path, fps_dataset *out) {
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8] = {0};
    struct stat facts;
    memset(out, 0, sizeof *out);
    if (stat(path, &facts) != 0)
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return fps_fail(FPS_ERROR_INPUT, "%s is not a regular file", path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    size_t got = fread(start, 1, sizeof start, file);
    fclose(file);
    bool hdf5 = got == sizeof start && memcmp(start, signature, sizeof signature) == 0;
    fps_status status = hdf5 ? fps_dataset_read_hdf5(path, out) : fps_dataset_read_csv(path, out);
    if (status != FPS_OK) {
        fps_dataset_release(out);
        return status;
    }
    out->hash = hash_points(out);
    return FPS_OK;
}

void fps_dataset_release(fps_dataset *dataset) {
    if (!dataset)
        return;
    fps_free(dataset->x);
    fps_free(dataset->y);
    memset(dataset, 0, sizeof *dataset);
}
