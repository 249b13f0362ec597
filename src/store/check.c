#include "store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/guard.h"
#include "store/survey.h"
#include "store/variables.h"

/* Format version that brought the guard. */
enum { GUARDED_SINCE = 2 };

/* A regular file of HDF5 whose structure is as it was created. */
static fps_status check_bytes(int descriptor, const char *path, fps_guarded *guarded, int64_t *bytes) {
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[8] = {0};
    struct stat facts;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode))
        return fps_fail(FPS_ERROR_INPUT, "%s is not a regular file", path);
    *bytes = facts.st_size;
    FPS_TRY(fps_guard_check(descriptor, path, facts.st_size, guarded));
    if (pread(descriptor, start, sizeof start, 0) != sizeof start || memcmp(start, signature, sizeof signature) != 0)
        return fps_fail(FPS_ERROR_INPUT, "%s is not an HDF5 file", path);
    return FPS_OK;
}

static fps_status check_before_hdf5(const char *path, fps_guarded *guarded, int64_t *bytes) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    fps_status status = check_bytes(descriptor, path, guarded, bytes);
    close(descriptor);
    return status;
}

fps_status fps_check_open(const char *path, fps_checked *out) {
    fps_status status = FPS_OK;
    fps_guarded guarded;
    fps_hdf5_quiet();
    *out = (fps_checked){.file = H5I_INVALID_HID};
    FPS_TRY(check_before_hdf5(path, &guarded, &out->there));
    bool truncated = guarded.found && out->there < guarded.whole;
    out->bytes = truncated ? guarded.whole : out->there;
    FPS_TRY(truncated ? fps_hdf5_open_truncated(path, &out->file) : fps_hdf5_open_read(path, &out->file));
    int64_t format;
    if (H5Aexists(out->file, "format_version") <= 0 || H5Aexists(out->file, "sweep_file") <= 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is an HDF5 file, but not one of fpsweep's results files", path);
        goto fail;
    }
    status = fps_attribute_read_integer(out->file, "format_version", &format);
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
    out->format = (int)format;
    if (truncated)
        fps_log(FPS_LOG_WARNING,
                "%s is truncated: it has %" PRId64 " of %" PRId64
                " bytes; tasks of which something is missing have wrong checksums, --resume runs them again",
                path, out->there, out->bytes);
    if (!guarded.found && format >= GUARDED_SINCE)
        fps_log(FPS_LOG_WARNING,
                "%s is a copy (repacked?) without the checksums of its structure: damage there cannot be excluded; the "
                "results have checksums of their own",
                path);
    return FPS_OK;
fail:
    fps_hdf5_close(&out->file);
    return status;
}

/* ---- the sweep ---- */

/* Read the sweep's text (owned by the caller) and compare it with its hash. */
static fps_status read_text(hid_t file, const char *path, char **text, size_t *length, uint64_t *hash) {
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

/* Give the plan the sizes and hashes of its data files as they were at creation (the files may be gone since): extents
 * and identities then come out as they were. The list has one line per file: hash, dimension, samples, path. */
static fps_status restore_datasets(hid_t file, const char *path, fps_file_plan *out) {
    char *list = NULL;
    size_t length;
    out->datasets = fps_plan_datasets(out->plan);
    if (out->datasets == 0)
        return FPS_OK;
    fps_status status = FPS_ALLOC(out->dataset, out->datasets);
    if (status == FPS_OK)
        status = fps_attribute_read_text(file, "data_files", FPS_SWEEP_LIMIT, &list, &length);
    const char *line = list;
    for (int k = 0; status == FPS_OK && k < out->datasets; k++) {
        fps_dataset *dataset = &out->dataset[k];
        int used = 0;
        if (sscanf(line, "%16" SCNx64 " %d %" SCNd64 "%n", &dataset->hash, &dataset->dimension, &dataset->samples,
                   &used) != 3 ||
            dataset->dimension < 1 || dataset->dimension > FPS_MAX_DIMENSION || dataset->samples < 1)
            status = fps_fail(FPS_ERROR_INPUT, "attribute data_files is not as it was written");
        else
            status = fps_plan_set_dataset(out->plan, k, dataset);
        if (status == FPS_OK) {
            line = strchr(line + used, '\n');
            line = line ? line + 1 : "";
        }
    }
    fps_free(list);
    return status == FPS_OK ? status : fps_fail_context(FPS_ERROR_INPUT, "%s is damaged", path);
}

fps_status fps_file_plan_create(hid_t file, const char *path, fps_file_plan *out) {
    char *text = NULL;
    size_t length;
    uint64_t hash;
    *out = (fps_file_plan){0};
    FPS_TRY(read_text(file, path, &text, &length, &hash));
    fps_status status = fps_plan_create(path, text, length, &out->plan);
    fps_free(text);
    if (status != FPS_OK)
        return fps_fail_context(FPS_ERROR_INPUT, "the sweep file inside is not understood (another version made it?)");
    status = restore_datasets(file, path, out);
    if (status != FPS_OK)
        fps_file_plan_release(out);
    return status;
}

void fps_file_plan_release(fps_file_plan *plan) {
    fps_plan_destroy(&plan->plan);
    fps_free(plan->dataset);
    *plan = (fps_file_plan){0};
}

fps_status fps_check_shard(hid_t file, const char *path, fps_shard *shard) {
    char *text = NULL;
    size_t length;
    int used = 0;
    *shard = (fps_shard){0};
    if (H5Aexists(file, "shard") <= 0)
        return FPS_OK;
    fps_status status = fps_attribute_read_text(file, "shard", 64, &text, &length);
    if (status == FPS_OK && (sscanf(text, "%" SCNd32 "/%" SCNd32 "%n", &shard->index, &shard->count, &used) != 2 ||
                             text[used] || shard->index < 1 || shard->index > shard->count))
        status = fps_fail(FPS_ERROR_INPUT, "attribute shard is no part of a sweep: %s", text);
    fps_free(text);
    return status == FPS_OK ? status : fps_fail_context(FPS_ERROR_INPUT, "%s is damaged", path);
}

/* ---- the same sweep? ---- */

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

/* Differences in one line: the first few in words. */
typedef struct difference_list {
    char text[1200];
    int64_t shown;
} difference_list;

enum { DIFFERENCES_SHOWN = 4 };

static void note_difference(void *context, const char *sentence) {
    difference_list *list = context;
    size_t used = strlen(list->text);
    if (list->shown < DIFFERENCES_SHOWN && used + strlen(sentence) + 3 < sizeof list->text) {
        snprintf(list->text + used, sizeof list->text - used, "%s%s", list->shown ? "; " : "", sentence);
        list->shown++;
    }
}

/* The text decides if it is the same; otherwise what it means. */
static fps_status check_sweep(hid_t file, const char *path, const fps_plan *plan) {
    char *text = NULL, more[48] = "";
    size_t length;
    uint64_t hash;
    fps_file_plan then;
    difference_list list = {.text = ""};
    FPS_TRY(read_text(file, path, &text, &length, &hash));
    fps_free(text);
    if (hash == fps_plan_hash(plan))
        return FPS_OK;
    FPS_TRY(fps_file_plan_create(file, path, &then));
    int64_t differences = fps_plan_compare(then.plan, plan, note_difference, &list);
    fps_file_plan_release(&then);
    if (differences == 0)
        return FPS_OK;
    if (differences > list.shown)
        snprintf(more, sizeof more, "; and %" PRId64 " more", differences - list.shown);
    return fps_fail(FPS_ERROR_MISMATCH,
                    "%s was made from another sweep file (%s%s): continue it with that one, or write to another name, "
                    "where --reuse %s takes over the tasks that both have",
                    path, list.text, more, path);
}

fps_status fps_check_plan(const fps_checked *checked, const char *path, const fps_plan *plan) {
    fps_variables variables;
    FPS_TRY(check_sweep(checked->file, path, plan));
    FPS_TRY(check_datasets(checked->file, path, plan));
    fps_variables_init(&variables);
    fps_status status = fps_variables_open(&variables, checked->file, path, checked->format, checked->bytes,
                                           fps_plan_count(plan), plan, true);
    fps_variables_close(&variables);
    return status;
}
