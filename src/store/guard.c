#include "store/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "store/hdf5_tools.h"

enum { MAGIC, LAYOUT, OFFSET, BYTES, FILE_BYTES, RANGES, CHECKSUM, UNUSED, HEAD_WORDS };
enum { RANGE_OFFSET, RANGE_LENGTH, RANGE_CHECKSUM, RANGE_WORDS };
enum { MAGIC_BYTES = 8, MAGIC_NEAR = 6, GUARD_LAYOUT = 1, SCAN_BYTES = 1 << 20, LARGEST_GUARD = 1 << 20 };

static const char magic[MAGIC_BYTES + 1] = "fpsGuard";

int64_t fps_guard_words(int64_t variables) {
    /* between the numbers of any two variables there may be a range; rounded up to whole blocks */
    int64_t bytes = (HEAD_WORDS + RANGE_WORDS * (variables + 8)) * (int64_t)sizeof(int64_t);
    return (bytes + FPS_GUARD_ALIGNMENT - 1) / FPS_GUARD_ALIGNMENT * FPS_GUARD_ALIGNMENT / (int64_t)sizeof(int64_t);
}

static uint64_t checksum_of(int64_t *guard) {
    int64_t kept = guard[CHECKSUM];
    guard[CHECKSUM] = 0;
    uint64_t checksum = XXH3_64bits(guard, (size_t)guard[BYTES]);
    guard[CHECKSUM] = kept;
    return checksum;
}

/* Read all of it; false at the end of the file or an error. */
static bool read_fully(int descriptor, void *buffer, size_t size, int64_t offset) {
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(descriptor, (char *)buffer + done, size - done, (off_t)(offset + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static bool all_zero(const char *bytes, size_t size) {
    return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* XXH3-64 of a range of the file, and whether it is all zeros (`empty` may be NULL). */
static fps_status checksum_range(int descriptor, const char *path, int64_t offset, int64_t length, uint64_t *checksum,
                                 bool *empty) {
    enum { BLOCK = 1 << 18 };
    fps_status status = FPS_OK;
    char *block = NULL;
    bool zeros = true;
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory for a checksum");
    FPS_TRY_GOTO(status, FPS_ALLOC(block, length < BLOCK ? length : BLOCK), done);
    XXH3_64bits_reset(state);
    for (int64_t done = 0; done < length; done += BLOCK) {
        size_t part = (size_t)(length - done < BLOCK ? length - done : BLOCK);
        if (!read_fully(descriptor, block, part, offset + done)) {
            status = fps_fail(FPS_ERROR_INPUT, "%s: reading failed: %s", path, strerror(errno));
            goto done;
        }
        XXH3_64bits_update(state, block, part);
        zeros = zeros && all_zero(block, part);
    }
    if (empty)
        *empty = zeros;
    *checksum = XXH3_64bits_digest(state);
done:
    fps_free(block);
    XXH3_freeState(state);
    return status;
}

/* ---- writing ---- */

typedef struct extent {
    int64_t offset, length;
} extent;

/* Where the numbers of all variables lie, as HDF5 sees it. */
typedef struct extents {
    extent *extent;
    int64_t count, room;
    int64_t guard; /* which one is the guard's; -1 */
} extents;

static herr_t note_extent(hid_t file, const char *name, const H5L_info_t *info, void *context) {
    extents *found = context;
    (void)info;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset < 0)
        return -1;
    haddr_t offset = H5Dget_offset(dataset);
    hsize_t length = H5Dget_storage_size(dataset);
    fps_hdf5_close(&dataset);
    if (offset == HADDR_UNDEF || length == 0)
        return 0; /* a dimension without variable */
    if (found->count == found->room)
        return -1;
    if (strcmp(name, FPS_GUARD_NAME) == 0)
        found->guard = found->count;
    found->extent[found->count++] = (extent){(int64_t)offset, (int64_t)length};
    return 0;
}

static int by_offset(const void *a, const void *b) {
    const extent *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static fps_status collect(const char *path, extents *found) {
    hid_t file;
    H5G_info_t group;
    FPS_TRY(fps_hdf5_open_read(path, &file));
    fps_status status = H5Gget_info(file, &group) < 0 ? FPS_ERROR_IO : FPS_ALLOC(found->extent, group.nlinks);
    found->room = (int64_t)group.nlinks;
    found->guard = -1;
    if (status == FPS_OK && H5Literate(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, note_extent, found) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: its variables cannot be listed", path);
    fps_hdf5_close(&file);
    return status;
}

/* Append a range, unless it is a gap that nothing was ever written to. */
static fps_status add_range(int descriptor, const char *path, int64_t offset, int64_t length, int64_t *guard) {
    int64_t room = (guard[BYTES] / (int64_t)sizeof *guard - HEAD_WORDS) / RANGE_WORDS;
    uint64_t checksum;
    bool empty;
    FPS_TRY(checksum_range(descriptor, path, offset, length, &checksum, &empty));
    if (empty)
        return FPS_OK;
    if (guard[RANGES] == room)
        return fps_fail(FPS_ERROR_IO, "%s: the file's structure came out in another way than expected", path);
    int64_t *range = guard + HEAD_WORDS + RANGE_WORDS * guard[RANGES]++;
    range[RANGE_OFFSET] = offset;
    range[RANGE_LENGTH] = length;
    range[RANGE_CHECKSUM] = (int64_t)checksum;
    return FPS_OK;
}

/* The words: everything but the variables' numbers is a range. */
static fps_status fill(int descriptor, const char *path, int64_t bytes, extents *found, extent own, int64_t *guard) {
    int64_t at = 0;
    guard[BYTES] = own.length;
    qsort(found->extent, (size_t)found->count, sizeof *found->extent, by_offset);
    for (int64_t e = 0; e <= found->count; e++) {
        int64_t until = e < found->count ? found->extent[e].offset : bytes;
        if (until < at || until > bytes)
            return fps_fail(FPS_ERROR_IO, "%s: the file's structure came out in another way than expected", path);
        if (until > at)
            FPS_TRY(add_range(descriptor, path, at, until - at, guard));
        at = e < found->count ? until + found->extent[e].length : bytes;
    }
    memcpy(&guard[MAGIC], magic, MAGIC_BYTES);
    guard[LAYOUT] = GUARD_LAYOUT;
    guard[OFFSET] = own.offset;
    guard[FILE_BYTES] = bytes;
    guard[CHECKSUM] = (int64_t)checksum_of(guard);
    return FPS_OK;
}

fps_status fps_guard_write(const char *path) {
    extents found = {0};
    struct stat facts;
    int64_t *guard = NULL;
    fps_status status = FPS_OK;
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
        status = fps_fail(FPS_ERROR_IO, "%s: cannot be opened again: %s", path, strerror(errno));
        goto done;
    }
    FPS_TRY_GOTO(status, collect(path, &found), done);
    extent own = found.guard >= 0 ? found.extent[found.guard] : (extent){-1, 0};
    if (own.offset < 0 || own.offset % FPS_GUARD_ALIGNMENT != 0 || own.offset >= SCAN_BYTES ||
        own.length > LARGEST_GUARD) {
        status = fps_fail(FPS_ERROR_IO, "%s: the file's structure came out in another way than expected", path);
        goto done;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(guard, own.length / (int64_t)sizeof *guard), done);
    FPS_TRY_GOTO(status, fill(descriptor, path, facts.st_size, &found, own, guard), done);
    if (pwrite(descriptor, guard, (size_t)own.length, (off_t)own.offset) != (ssize_t)own.length)
        status = fps_fail(FPS_ERROR_IO, "%s: writing failed: %s", path, strerror(errno));
done:
    if (descriptor >= 0)
        close(descriptor);
    fps_free(guard);
    fps_free(found.extent);
    return status;
}

/* ---- checking ---- */

/* What helps whom: a copy by HDF5's own tool has no guard; what its rows hold has checksums of its own. */
static fps_status fail_damaged(const char *path, const char *what) {
    return fps_fail(FPS_ERROR_INPUT,
                    "%s is damaged, or another program has changed it: %s; `h5repack %s COPY.h5` makes a copy of what "
                    "can be read, from which `fpsweep run ... --reuse COPY.h5` takes all tasks that are right",
                    path, what, path);
}

/* Is this the beginning of a guard, a few flipped bits aside? */
static bool looks_like_guard(const char *head) {
    int equal = 0;
    for (int i = 0; i < MAGIC_BYTES; i++)
        equal += head[i] == magic[i];
    return equal >= MAGIC_NEAR;
}

/* Find the guard and read it into *guard (owned by the caller; NULL if there is none). */
static fps_status find(int descriptor, const char *path, int64_t bytes, int64_t **guard) {
    int64_t head[HEAD_WORDS], limit = bytes < SCAN_BYTES ? bytes : SCAN_BYTES;
    *guard = NULL;
    for (int64_t offset = 0; offset + (int64_t)sizeof head <= limit; offset += FPS_GUARD_ALIGNMENT) {
        if (!read_fully(descriptor, head, sizeof head, offset) || !looks_like_guard((const char *)head))
            continue;
        if (head[BYTES] < (int64_t)sizeof head || head[BYTES] > LARGEST_GUARD || head[BYTES] % 8 != 0 ||
            offset + head[BYTES] > bytes)
            return fail_damaged(path, "the checksums of its structure are not those that were written");
        FPS_TRY(FPS_ALLOC(*guard, head[BYTES] / 8));
        if (!read_fully(descriptor, *guard, (size_t)head[BYTES], offset) ||
            checksum_of(*guard) != (uint64_t)head[CHECKSUM]) {
            fps_free(*guard);
            *guard = NULL;
            return fail_damaged(path, "the checksums of its structure are not those that were written");
        }
        if ((*guard)[OFFSET] == offset && (*guard)[LAYOUT] == GUARD_LAYOUT)
            return FPS_OK;
        fps_free(*guard); /* a copy of one */
        *guard = NULL;
        return FPS_OK;
    }
    return FPS_OK;
}

fps_status fps_guard_check(int descriptor, const char *path, int64_t bytes, fps_guarded *out) {
    char what[160];
    int64_t *guard = NULL;
    fps_status status = FPS_OK;
    *out = (fps_guarded){0};
    FPS_TRY(find(descriptor, path, bytes, &guard));
    if (!guard)
        return FPS_OK;
    *out = (fps_guarded){.found = true, .whole = guard[FILE_BYTES]};
    for (int64_t r = 0; r < guard[RANGES]; r++) {
        const int64_t *range = guard + HEAD_WORDS + RANGE_WORDS * r;
        int64_t first = range[RANGE_OFFSET], length = range[RANGE_LENGTH];
        uint64_t checksum;
        if (first + length > bytes) {
            status = fps_fail(FPS_ERROR_INPUT,
                              "%s is truncated: it has %" PRId64 " of %" PRId64
                              " bytes, and part of its structure is missing: nothing in it can be read",
                              path, bytes, guard[FILE_BYTES]);
            goto done;
        }
        FPS_TRY_GOTO(status, checksum_range(descriptor, path, first, length, &checksum, NULL), done);
        if (checksum != (uint64_t)range[RANGE_CHECKSUM]) {
            snprintf(what, sizeof what,
                     "its structure is not as it was created (within bytes %" PRId64 " to %" PRId64 ")", first,
                     first + length - 1);
            status = fail_damaged(path, what);
            goto done;
        }
    }
done:
    fps_free(guard);
    return status;
}
