#include "store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/survey.h"
#include "store/variable.h"

/* A regular file that starts like HDF5. */
static fps_status check_signature(const char *path, int64_t *bytes) {
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8] = {0};
    struct stat facts;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    int failed = fstat(descriptor, &facts);
    ssize_t got = failed || !S_ISREG(facts.st_mode) ? 0 : read(descriptor, start, sizeof start);
    close(descriptor);
    if (failed || !S_ISREG(facts.st_mode))
        return fps_fail(FPS_ERROR_INPUT, "%s is not a regular file", path);
    if (got != sizeof start || memcmp(start, signature, sizeof signature) != 0)
        return fps_fail(FPS_ERROR_INPUT, "%s is not an HDF5 file", path);
    *bytes = facts.st_size;
    return FPS_OK;
}

fps_status fps_check_open(const char *path, hid_t *file, int64_t *bytes) {
    fps_status status = FPS_OK;
    fps_hdf5_quiet();
    *file = H5I_INVALID_HID;
    FPS_TRY(check_signature(path, bytes));
    FPS_TRY(fps_hdf5_open_read(path, file));
    int64_t format;
    if (H5Aexists(*file, "format_version") <= 0 || H5Aexists(*file, "sweep_file") <= 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is an HDF5 file, but not one of fpsweep's results files", path);
        goto fail;
    }
    status = fps_attribute_read_integer(*file, "format_version", &format);
    if (status != FPS_OK) {
        status = fps_fail_context(status, "%s is damaged", path);
        goto fail;
    }
    if (format < 1 || format > FPSWEEP_FORMAT_VERSION) {
        status = fps_fail(FPS_ERROR_INPUT,
                          "%s has format version %" PRId64 ", this program reads up to %d: use a newer fpsweep", path,
                          format, FPSWEEP_FORMAT_VERSION);
        goto fail;
    }
    return FPS_OK;
fail:
    fps_hdf5_close(file);
    return status;
}

fps_status fps_check_text(hid_t file, const char *path, char **text, size_t *length, uint64_t *hash) {
    char *hex = NULL;
    size_t digits;
    fps_status status = fps_attribute_read_text(file, "sweep_file", FPS_SWEEP_LIMIT, text, length);
    if (status == FPS_OK)
        status = fps_attribute_read_text(file, "sweep_hash", 64, &hex, &digits);
    if (status != FPS_OK) {
        status = fps_fail_context(status, "%s is damaged", path);
        goto done;
    }
    *hash = XXH3_64bits(*text, *length);
    if (digits != 16 || strtoull(hex, NULL, 16) != *hash)
        status = fps_fail(FPS_ERROR_INPUT, "%s is damaged: the sweep file in it does not match its hash", path);
done:
    fps_free(hex);
    if (status != FPS_OK) {
        fps_free(*text);
        *text = NULL;
    }
    return status;
}

/* The same data files, by content? */
static fps_status check_datasets(hid_t file, const char *path, const fps_plan *plan) {
    char *now = NULL, *then = NULL;
    size_t length;
    FPS_TRY(fps_survey_datasets(plan, &now));
    fps_status status = FPS_OK;
    if (*now) {
        status = fps_attribute_read_text(file, "data_files", FPS_SWEEP_LIMIT, &then, &length);
        if (status != FPS_OK)
            status = fps_fail_context(status, "%s is damaged", path);
        else if (strcmp(now, then) != 0)
            status = fps_fail(FPS_ERROR_MISMATCH,
                              "%s was made with other data: a `data` file has changed since; restore it, or write to "
                              "another results file",
                              path);
    }
    fps_free(then);
    fps_free(now);
    return status;
}

static fps_status check_variable(hid_t file, const char *path, int64_t bytes, const fps_variable *variable) {
    hid_t dataset;
    FPS_TRY(fps_variable_open(file, path, variable, bytes, true, &dataset));
    fps_hdf5_close(&dataset);
    return FPS_OK;
}

fps_status fps_check_plan(hid_t file, const char *path, int64_t bytes, const fps_plan *plan) {
    char *text = NULL;
    size_t length;
    uint64_t hash;
    fps_variable variable;
    FPS_TRY(fps_check_text(file, path, &text, &length, &hash));
    fps_free(text);
    if (hash != fps_plan_hash(plan))
        return fps_fail(FPS_ERROR_MISMATCH,
                        "%s was made from another sweep file: continue it with that one, or choose another name", path);
    FPS_TRY(check_datasets(file, path, plan));
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(plan, (fps_scalar)s, &variable);
        FPS_TRY(check_variable(file, path, bytes, &variable));
    }
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        fps_variable_live((fps_live_scalar)l, &variable);
        FPS_TRY(check_variable(file, path, bytes, &variable));
    }
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (fps_variable_result(plan, (fps_result)r, &variable))
            FPS_TRY(check_variable(file, path, bytes, &variable));
    return FPS_OK;
}
