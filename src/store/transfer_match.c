#include "store/transfer_match.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/trajectory.h"
#include "store/hdf5_tools.h"

/* ---- identities ---- */

enum { DIGITS = 16, BLOCK = 65536 };

/* Sixteen hexadecimal digits; false if they are not. */
static bool parse(const char *digits, uint64_t *identity) {
    char text[DIGITS + 1] = {0};
    memcpy(text, digits, DIGITS);
    if (strspn(text, "0123456789abcdef") != DIGITS)
        return false;
    *identity = strtoull(text, NULL, 16);
    return true;
}

/* Fill identity[count of plan] from the file's column; a damaged one is computed from the plan. */
static fps_status read_identities(hid_t file, const char *path, const fps_plan *plan, uint64_t *identity) {
    const int64_t tasks = fps_plan_count(plan);
    hsize_t size[2] = {0, 0};
    char(*digits)[DIGITS] = NULL;
    fps_status status = FPS_OK;
    hid_t memory = H5I_INVALID_HID, space = H5I_INVALID_HID, dataset = H5Dopen2(file, "identity", H5P_DEFAULT);
    if (dataset < 0 || (space = H5Dget_space(dataset)) < 0 || H5Sget_simple_extent_ndims(space) != 2 ||
        H5Sget_simple_extent_dims(space, size, NULL) < 0 || size[0] != (hsize_t)tasks || size[1] != DIGITS) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: its column `identity` cannot be read", path);
        goto done;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(digits, tasks < BLOCK ? tasks : BLOCK), done);
    for (int64_t first = 0; first < tasks; first += BLOCK) {
        int64_t count = tasks - first < BLOCK ? tasks - first : BLOCK;
        hsize_t start[2] = {(hsize_t)first, 0}, block[2] = {(hsize_t)count, DIGITS};
        fps_hdf5_close(&memory);
        if ((memory = H5Screate_simple(2, block, NULL)) < 0 ||
            H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, block, NULL) < 0 ||
            H5Dread(dataset, fps_stored_hdf5(FPS_STORED_CHAR), memory, space, H5P_DEFAULT, digits) < 0) {
            status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: its column `identity` cannot be read", path);
            goto done;
        }
        for (int64_t i = 0; i < count; i++) {
            fps_task task;
            if (parse(digits[i], &identity[first + i]))
                continue;
            fps_plan_task(plan, first + i, &task);
            identity[first + i] = fps_task_identity(&task);
        }
    }
done:
    fps_free(digits);
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    fps_hdf5_close(&dataset);
    return status;
}

typedef struct entry {
    uint64_t identity;
    int64_t task;
} entry;

static int by_identity(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return (x->identity > y->identity) - (x->identity < y->identity);
}

fps_status fps_transfer_match(const fps_plan *from, const char *path_from, const fps_plan *to, const char *path_to,
                              int64_t file_to, int64_t *target) {
    const int64_t here = fps_plan_count(to), there = fps_plan_count(from);
    uint64_t *identity = NULL;
    entry *table = NULL;
    hid_t file = H5I_INVALID_HID;
    fps_status status = FPS_OK;
    FPS_TRY_GOTO(status, FPS_ALLOC(identity, here > there ? here : there), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(table, here), done);
    FPS_TRY_GOTO(status, read_identities(file_to, path_to, to, identity), done);
    for (int64_t i = 0; i < here; i++)
        table[i] = (entry){identity[i], i};
    qsort(table, (size_t)here, sizeof *table, by_identity);
    FPS_TRY_GOTO(status, fps_hdf5_open_read(path_from, &file), done);
    FPS_TRY_GOTO(status, read_identities(file, path_from, from, identity), done);
    for (int64_t i = 0; i < there; i++) {
        const entry key = {identity[i], 0}, *found = bsearch(&key, table, (size_t)here, sizeof *table, by_identity);
        target[i] = found ? found->task : -1;
    }
done:
    fps_hdf5_close(&file);
    fps_free(table);
    fps_free(identity);
    return status;
}

/* ---- compatible? ---- */

enum { TEXT = 1024 };

static void say(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(char *text, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    if (used > 0 && used + 2 < TEXT) {
        memcpy(text + used, "; ", 3);
        used += 2;
    }
    vsnprintf(text + used, TEXT - used, format, arguments);
    va_end(arguments);
}

static bool same_numbers(const void *a, const void *b, size_t bytes) {
    return bytes == 0 || memcmp(a, b, bytes) == 0;
}

/* What differs between the moments and frequencies recorded there and here. */
static void compare_records(const fps_record_spec *there, const fps_record_spec *here, char *text) {
    if (there->count != here->count)
        say(text, "record.count is %" PRId64 " there, %" PRId64 " here", there->count, here->count);
    if (there->spacing != here->spacing)
        say(text, "record.spacing is %s there, %s here", there->spacing == FPS_SPACING_LOG ? "log" : "linear",
            here->spacing == FPS_SPACING_LOG ? "log" : "linear");
    if (there->frequencies != here->frequencies ||
        !same_numbers(there->mode, here->mode, (size_t)here->frequencies * sizeof *here->mode))
        say(text, "record.frequencies are other ones (%d there, %d here)", (int)there->frequencies,
            (int)here->frequencies);
    if (there->rungs != here->rungs ||
        !same_numbers(there->ladder, here->ladder, (size_t)here->rungs * sizeof *here->ladder))
        say(text, "record.ladder is another one (%d rungs there, %d here)", (int)there->rungs, (int)here->rungs);
}

/* What is kept here and not there. */
static void compare_results(const fps_record_spec *there, const fps_record_spec *here, char *text, bool *equal) {
    *equal = true;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        bool kept = fps_result_kept(&fps_result_fields[r], there->keep);
        bool wanted = fps_result_kept(&fps_result_fields[r], here->keep);
        *equal = *equal && kept == wanted;
        if (wanted && !kept)
            say(text, "%s is kept here, not there", fps_result_fields[r].name);
    }
}

fps_status fps_transfer_compatible(const fps_plan *from, const char *path_from, const fps_plan *to, const char *path_to,
                                   bool *equal) {
    char text[TEXT] = "";
    compare_records(fps_plan_record(from), fps_plan_record(to), text);
    compare_results(fps_plan_record(from), fps_plan_record(to), text, equal);
    if (*text)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "rows of %s cannot go into %s: %s; give both sweeps the same `record`, or keep less here",
                        path_from, path_to, text);
    if (fps_plan_all_single(from) != fps_plan_all_single(to))
        return fps_fail(
            FPS_ERROR_MISMATCH,
            "rows of %s cannot go into %s: numbers have %s bits there, %s here, because %s sweep has a task in double "
            "precision, and rows keep their bits; give both sweeps, or neither, tasks in double precision",
            path_from, path_to, fps_plan_all_single(from) ? "32" : "64", fps_plan_all_single(to) ? "32" : "64",
            fps_plan_all_single(to) ? "only that" : "only this");
    return FPS_OK;
}
