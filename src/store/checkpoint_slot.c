#include "store/checkpoint_slot.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "fpsweep/memory.h"

enum { LAYOUT = 1 };
static const char magic[8] = "fpsslot";

_Static_assert(sizeof(fps_checkpoint_head) == 56 && sizeof(fps_slot_head) == 104 &&
                   offsetof(fps_slot_head, head_hash) == 96,
               "the head of a slot is written as it lies in memory");

/* All `bytes` at `offset`, or as many as there are; -1 on an error. */
static ssize_t read_all(int descriptor, void *buffer, size_t bytes, off_t offset) {
    size_t done = 0;
    while (done < bytes) {
        ssize_t got = pread(descriptor, (char *)buffer + done, bytes - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* 0, or why not all could be written. */
static int write_all(int descriptor, const void *buffer, size_t bytes, off_t offset) {
    size_t done = 0;
    while (done < bytes) {
        ssize_t put = pwrite(descriptor, (const char *)buffer + done, bytes - done, offset + (off_t)done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
        done += (size_t)put;
    }
    return 0;
}

static uint64_t hash_of_head(const fps_slot_head *head) {
    return XXH3_64bits(head, offsetof(fps_slot_head, head_hash));
}

bool fps_slot_read_head(int descriptor, fps_slot_head *head) {
    return read_all(descriptor, head, sizeof *head, 0) == (ssize_t)sizeof *head &&
           memcmp(head->magic, magic, sizeof magic) == 0 && head->layout == LAYOUT && head->bytes == sizeof *head &&
           head->head_hash == hash_of_head(head);
}

fps_status fps_slot_read_body(int descriptor, const fps_slot_head *head, fps_state *state, bool *sound) {
    struct stat facts;
    *sound = false;
    state->size = 0;
    if (fstat(descriptor, &facts) != 0 || (uint64_t)facts.st_size < sizeof *head ||
        (uint64_t)facts.st_size - sizeof *head < head->body_bytes)
        return FPS_OK;
    if (state->capacity < head->body_bytes) {
        fps_state_release(state);
        FPS_TRY(FPS_ALLOC(state->bytes, head->body_bytes));
        state->capacity = head->body_bytes;
    }
    if (read_all(descriptor, state->bytes, head->body_bytes, sizeof *head) != (ssize_t)head->body_bytes ||
        XXH3_64bits(state->bytes, head->body_bytes) != head->body_hash)
        return FPS_OK;
    state->size = head->body_bytes;
    *sound = true;
    return FPS_OK;
}

int fps_slot_write(int descriptor, const fps_checkpoint_head *task, uint64_t generation, const fps_state *state) {
    fps_slot_head head = {.layout = LAYOUT,
                          .bytes = sizeof head,
                          .task = *task,
                          .generation = generation,
                          .body_bytes = state->size,
                          .body_hash = XXH3_64bits(state->bytes, state->size)};
    memcpy(head.magic, magic, sizeof magic);
    head.head_hash = hash_of_head(&head);
    int reason = write_all(descriptor, state->bytes, state->size, sizeof head);
    if (reason == 0)
        reason = write_all(descriptor, &head, sizeof head, 0);
    while (reason == 0 && fdatasync(descriptor) != 0)
        if (errno != EINTR)
            reason = errno;
    return reason;
}
