/* checkpoint_slot.h: one slot: a file that holds the state of one unfinished task.
 *
 * offset  bytes  what
 *      0      8  "fpsslot" and a zero
 *      8      4  layout of a slot, 1
 *     12      4  bytes of the head, 104
 *     16     56  fps_checkpoint_head
 *     72      8  generation: rises by one with every write of the task
 *     80      8  bytes of the body
 *     88      8  XXH3-64 of the body
 *     96      8  XXH3-64 of the 96 bytes above
 *    104      .  body: the bytes of an fps_state
 *
 * Numbers are little-endian. What lies behind the body is left over from a longer one. Body and head are written in
 * place and synced once: whatever part of them reaches the disk, one of the two checksums tells.
 */
#ifndef FPSWEEP_STORE_CHECKPOINT_SLOT_H
#define FPSWEEP_STORE_CHECKPOINT_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/checkpoint.h"

typedef struct fps_slot_head {
    char magic[8];
    uint32_t layout, bytes;
    fps_checkpoint_head task;
    uint64_t generation, body_bytes, body_hash, head_hash;
} fps_slot_head;

/* Read the head from the start of an open file; false if it is not one (damaged, foreign, too short). */
bool fps_slot_read_head(int descriptor, fps_slot_head *head);

/* Read the body that a head describes into *state. *sound = false, and FPS_OK, if it is not what was written.
 * FPS_ERROR_MEMORY. */
fps_status fps_slot_read_body(int descriptor, const fps_slot_head *head, fps_state *state, bool *sound);

/* Write body and head in place and sync them; 0, or the errno of what failed (the slot is then worth nothing). */
int fps_slot_write(int descriptor, const fps_checkpoint_head *task, uint64_t generation, const fps_state *state);

#endif
