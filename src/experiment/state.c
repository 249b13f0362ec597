#include "experiment/state.h"

#include <stddef.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"

#define MAGIC UINT64_C(0x6574617473737066) /* "fpsstate" */

/* Results that preparing a task writes from its parameters alone, and the weights, of which only its end writes. */
static const bool made_anew[FPS_RESULT_COUNT] = {
    [FPS_RESULT_TARGET_RE] = true,      [FPS_RESULT_TARGET_IM] = true,         [FPS_RESULT_SAMPLE_X] = true,
    [FPS_RESULT_SAMPLE_Y] = true,       [FPS_RESULT_WEIGHTS_INITIAL] = true,   [FPS_RESULT_WEIGHTS_FINAL] = true,
    [FPS_RESULT_TARGET_ON_GRID] = true, [FPS_RESULT_LEARNING_RATE_USED] = true};

void fps_state_visit(fps_state_walk *walk, void *data, int64_t bytes) {
    walk->bytes += bytes;
    if (!walk->at || bytes == 0)
        return;
    memcpy(walk->restore ? data : walk->at, walk->restore ? walk->at : data, (size_t)bytes);
    walk->at += bytes;
}

/* ---- the trajectory ---- */

static bool by_record(const fps_result_field *field) {
    return field->dimensions > 0 && field->dimension[0] == FPS_RECORD;
}

void fps_state_visit_trajectory(fps_state_walk *walk, fps_trajectory *trajectory) {
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        if (!trajectory->value[r] || made_anew[r])
            continue;
        int64_t elements = fps_result_elements(field, &trajectory->extent);
        if (by_record(field))
            elements = elements / trajectory->extent.size[FPS_RECORD] * trajectory->records;
        fps_state_visit(walk, trajectory->value[r], elements * (int64_t)sizeof(double));
    }
}

bool fps_state_holds(fps_result result) {
    return !made_anew[result];
}

/* ---- the bytes ---- */

fps_status fps_state_reserve(fps_state *state, int64_t bytes) {
    size_t size = sizeof(fps_state_head) + (size_t)bytes;
    state->size = 0;
    if (size > state->capacity) {
        size_t capacity = size + size / 4; /* it will grow with the trajectory */
        fps_state_release(state);
        FPS_TRY(FPS_ALLOC(state->bytes, capacity));
        state->capacity = capacity;
    }
    state->size = size;
    return FPS_OK;
}

void fps_state_release(fps_state *state) {
    if (!state)
        return;
    fps_free(state->bytes);
    *state = (fps_state){0};
}

static uint64_t checksum_of(const fps_state *state) {
    const size_t first = offsetof(fps_state_head, layout);
    return XXH3_64bits(state->bytes + first, state->size - first);
}

void fps_state_seal(fps_state *state, fps_state_head *head) {
    head->magic = MAGIC;
    head->layout = FPS_STATE_LAYOUT;
    head->size = (int64_t)state->size;
    memcpy(state->bytes, head, sizeof *head);
    head->checksum = checksum_of(state);
    memcpy(state->bytes, head, sizeof *head);
}

fps_status fps_state_open(const fps_state *state, uint64_t identity, uint64_t record_identity, fps_state_head *head) {
    if (!state->bytes || state->size < sizeof *head)
        return fps_fail(FPS_ERROR_MISMATCH, "a checkpoint of %zu bytes is not whole; the task has to start over",
                        state->size);
    memcpy(head, state->bytes, sizeof *head);
    if (head->magic != MAGIC || head->layout != FPS_STATE_LAYOUT)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "the checkpoint is of another version of fpsweep, or none at all; the task has to start over");
    if (head->size != (int64_t)state->size || head->checksum != checksum_of(state))
        return fps_fail(FPS_ERROR_MISMATCH, "the checkpoint is damaged; the task has to start over");
    if (head->identity != identity || head->record_identity != record_identity)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "the checkpoint is of another task, or of other records; the task has to start over");
    return FPS_OK;
}
