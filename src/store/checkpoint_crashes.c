/* checkpoint_crashes.c: the journal of crashes, a file of records of one size.
 *
 * offset  bytes  what
 *      0      8  "fpscrash"
 *      8      8  identity of the task
 *     16      8  number of the task
 *     24      8  seconds since the epoch
 *     32      4  rank
 *     36      4  signal, 0: forgiven
 *     40      8  XXH3-64 of the 40 bytes above
 *
 * Records are found by their first word and believed by their last, wherever they begin: on a network file system the
 * appends of two nodes may cut into each other, and a full disk may cut one short.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/plan.h"
#include "store/checkpoint_folder.h"

static const char magic[8] = {'f', 'p', 's', 'c', 'r', 'a', 's', 'h'};

typedef struct record {
    char magic[8];
    uint64_t identity;
    int64_t task, when_s;
    int32_t rank, signal;
    uint64_t hash;
} record;
_Static_assert(sizeof(record) == 48, "a record is written as it lies in memory");

static uint64_t hash_of(const record *entry) {
    return XXH3_64bits(entry, offsetof(record, hash));
}

/* Nothing here but system calls and arithmetic on the stack. */
void fps_checkpoints_note_crash(const fps_checkpoints *checkpoints, const fps_crash *crash) {
    int before = errno;
    record entry = {.identity = crash->identity,
                    .task = crash->task,
                    .when_s = time(NULL),
                    .rank = crash->rank,
                    .signal = crash->signal};
    memcpy(entry.magic, magic, sizeof magic);
    entry.hash = hash_of(&entry);
    mkdir(checkpoints->folder, 0777);
    int descriptor = open(checkpoints->journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor >= 0) {
        while (write(descriptor, &entry, sizeof entry) < 0 && errno == EINTR) {
        }
        close(descriptor);
    }
    errno = before;
}

/* By identity; of one task in the order of the journal. */
typedef struct numbered {
    record entry;
    size_t place;
} numbered;

static int by_identity(const void *a, const void *b) {
    const numbered *x = a, *y = b;
    if (x->entry.identity != y->entry.identity)
        return x->entry.identity < y->entry.identity ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Collect all sound records of bytes[size] into entry[size / sizeof(record)]; return how many. */
static size_t find_records(const char *bytes, size_t size, numbered *entry) {
    size_t found = 0;
    for (size_t at = 0; at + sizeof(record) <= size;) {
        record candidate;
        memcpy(&candidate, bytes + at, sizeof candidate);
        bool sound = memcmp(candidate.magic, magic, sizeof magic) == 0 && candidate.hash == hash_of(&candidate);
        if (sound) {
            entry[found] = (numbered){candidate, found};
            found++;
        }
        at += sound ? sizeof candidate : 1;
    }
    return found;
}

fps_status fps_checkpoints_crashes(const fps_checkpoints *checkpoints, fps_crash **crash, int64_t *count) {
    char *bytes = NULL;
    numbered *entry = NULL;
    size_t size = 0;
    *crash = NULL;
    *count = 0;
    fps_status status = FPS_OK;
    if (access(checkpoints->journal, F_OK) == 0)
        FPS_TRY_GOTO(status, fps_file_read(checkpoints->journal, &bytes, &size), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(entry, size / sizeof(record)), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(*crash, size / sizeof(record)), done);
    size_t found = find_records(bytes, size, entry);
    qsort(entry, found, sizeof *entry, by_identity);
    for (size_t i = 0; i < found; i++) {
        const record *one = &entry[i].entry;
        bool same = *count > 0 && (*crash)[*count - 1].identity == one->identity;
        fps_crash *last = &(*crash)[same ? *count - 1 : (*count)++];
        *last = (fps_crash){one->identity, one->task,   one->rank,
                            one->signal,   one->when_s, one->signal ? last->crashes + 1 : 0};
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < *count; i++)
        if ((*crash)[i].crashes > 0)
            (*crash)[kept++] = (*crash)[i];
    *count = kept;
done:
    fps_free(entry);
    fps_free(bytes);
    return status;
}
