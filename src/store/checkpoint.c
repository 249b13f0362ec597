/* checkpoint.c: the latest state of a task, alternating between two slots.
 *
 * Of the two slots one is kept: the latest sound one. Every write goes into the other, and only when that is on the
 * disk do the two change roles. So a kill, a power cut or a full disk in the middle of a write costs that write alone.
 */
#include "fpsweep/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/beside.h"
#include "store/checkpoint_folder.h"
#include "store/checkpoint_slot.h"

/* ---- handle ---- */

fps_status fps_checkpoints_open(const char *path, fps_checkpoints **out) {
    fps_checkpoints *checkpoints = NULL;
    FPS_TRY(FPS_ALLOC(checkpoints, 1));
    fps_status status = fps_beside(path, ".checkpoint", checkpoints->folder, sizeof checkpoints->folder);
    if (status != FPS_OK) {
        fps_free(checkpoints);
        return status;
    }
    snprintf(checkpoints->journal, sizeof checkpoints->journal, "%s/crashes", checkpoints->folder);
    for (int slot = 0; slot < FPS_SLOTS; slot++)
        checkpoints->hand.descriptor[slot] = -1;
    *out = checkpoints;
    return FPS_OK;
}

/* Forget the task in hand. */
static void put_down(fps_checkpoints *checkpoints) {
    fps_slots_in_hand *hand = &checkpoints->hand;
    for (int slot = 0; slot < FPS_SLOTS; slot++) {
        if (hand->descriptor[slot] >= 0)
            close(hand->descriptor[slot]);
        hand->descriptor[slot] = -1;
    }
    hand->known = false;
}

void fps_checkpoints_close(fps_checkpoints **checkpoints) {
    if (!*checkpoints)
        return;
    put_down(*checkpoints);
    fps_free(*checkpoints);
    *checkpoints = NULL;
}

/* ---- look ---- */

/* Both slots of a task as they lie on the disk. */
typedef struct pair {
    int descriptor[FPS_SLOTS]; /* read-only; -1: there is none */
    bool readable[FPS_SLOTS];  /* the head is */
    fps_slot_head head[FPS_SLOTS];
} pair;

static void close_pair(pair *slots) {
    for (int slot = 0; slot < FPS_SLOTS; slot++)
        if (slots->descriptor[slot] >= 0)
            close(slots->descriptor[slot]);
}

static fps_status open_pair(const fps_checkpoints *checkpoints, uint64_t identity, pair *slots) {
    char name[FPS_SLOT_NAME];
    for (int slot = 0; slot < FPS_SLOTS; slot++)
        slots->descriptor[slot] = -1;
    for (int slot = 0; slot < FPS_SLOTS; slot++) {
        fps_slot_name(checkpoints, identity, slot, name);
        slots->descriptor[slot] = open(name, O_RDONLY | O_CLOEXEC);
        if (slots->descriptor[slot] < 0 && errno != ENOENT) {
            fps_status status = fps_folder_fail(checkpoints, name, "the checkpoint cannot be opened", errno);
            close_pair(slots);
            return status;
        }
        slots->readable[slot] = slots->descriptor[slot] >= 0 &&
                                fps_slot_read_head(slots->descriptor[slot], &slots->head[slot]) &&
                                slots->head[slot].task.identity == identity;
    }
    return FPS_OK;
}

/* Why this slot's state cannot be continued as *wanted; "" if it can. */
static const char *unwanted(const fps_checkpoint_head *wanted, const fps_checkpoint_head *have) {
    if (!wanted)
        return "";
    return have->numerics_version != FPSWEEP_NUMERICS_VERSION ? "is of another numerics version"
           : have->record != wanted->record                   ? "was recorded differently"
           : have->self_test != wanted->self_test             ? "was made by other kernels or libraries"
                                                              : "";
}

/* Load the latest sound slot that is as wanted (NULL: any); *found = its number, or -1 and *why says why not ("" if
 * there is no slot at all). */
static fps_status load_latest(const pair *slots, const fps_checkpoint_head *wanted, fps_state *state, int *found,
                              const char **why) {
    int first =
        slots->readable[0] && (!slots->readable[1] || slots->head[0].generation > slots->head[1].generation) ? 0 : 1;
    *why = "";
    *found = -1;
    for (int turn = 0; turn < FPS_SLOTS && *found < 0; turn++) {
        int slot = turn == 0 ? first : !first;
        bool sound = false;
        if (slots->descriptor[slot] < 0)
            continue;
        const char *reason = slots->readable[slot] ? unwanted(wanted, &slots->head[slot].task) : "is damaged";
        if (!*reason) {
            FPS_TRY(fps_slot_read_body(slots->descriptor[slot], &slots->head[slot], state, &sound));
            reason = "is damaged";
        }
        if (sound)
            *found = slot;
        else if (!**why || slots->readable[slot])
            *why = reason;
    }
    return FPS_OK;
}

/* Take a task in hand: the slot to be kept is `keep`. */
static void take_up(fps_checkpoints *checkpoints, uint64_t identity, const pair *slots, int keep) {
    fps_slots_in_hand *hand = &checkpoints->hand;
    put_down(checkpoints);
    hand->known = true;
    hand->identity = identity;
    hand->keep = keep;
    hand->generation = 0;
    for (int slot = 0; slot < FPS_SLOTS; slot++)
        if (slots->readable[slot] && slots->head[slot].generation > hand->generation)
            hand->generation = slots->head[slot].generation;
}

/* ---- read ---- */

fps_status fps_checkpoints_read(fps_checkpoints *checkpoints, const fps_checkpoint_head *wanted,
                                fps_checkpoint_head *head, fps_state *state, bool *found) {
    pair slots;
    int latest;
    const char *why;
    *found = false;
    put_down(checkpoints);
    FPS_TRY(open_pair(checkpoints, wanted->identity, &slots));
    fps_status status = load_latest(&slots, wanted, state, &latest, &why);
    if (status == FPS_OK && latest >= 0) {
        take_up(checkpoints, wanted->identity, &slots, latest);
        *head = slots.head[latest].task;
        *found = true;
    } else if (status == FPS_OK) {
        status = !*why ? fps_fail(FPS_OK, "%s", "")
                       : fps_fail(FPS_OK, "%s/%016" PRIx64 ": this checkpoint %s; its task starts over",
                                  checkpoints->folder, wanted->identity, why);
    }
    close_pair(&slots);
    return status;
}

/* ---- write ---- */

/* Find out which slot of a task to keep. */
static fps_status look_up(fps_checkpoints *checkpoints, uint64_t identity) {
    pair slots;
    int latest;
    const char *why;
    fps_state state = {0};
    FPS_TRY(open_pair(checkpoints, identity, &slots));
    fps_status status = load_latest(&slots, NULL, &state, &latest, &why);
    if (status == FPS_OK)
        take_up(checkpoints, identity, &slots, latest);
    fps_state_release(&state);
    close_pair(&slots);
    return status;
}

/* Does the descriptor still lead to the file of that name? Somebody may have removed the slots since. */
static bool is_current(int descriptor, const char *name) {
    struct stat opened, named;
    return fstat(descriptor, &opened) == 0 && stat(name, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

/* Open or create a slot for writing. */
static fps_status open_slot(fps_checkpoints *checkpoints, const char *name, int *descriptor) {
    FPS_TRY(fps_folder_create(checkpoints));
    *descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*descriptor < 0)
        return fps_fail(FPS_ERROR_IO, "%s: the checkpoint cannot be written: %s", name, strerror(errno));
    fps_status status = fps_folder_sync(checkpoints->folder);
    if (status != FPS_OK) { /* to be synced again, with the next write */
        close(*descriptor);
        *descriptor = -1;
    }
    return status;
}

fps_status fps_checkpoints_write(fps_checkpoints *checkpoints, const fps_checkpoint_head *head,
                                 const fps_state *state) {
    fps_slots_in_hand *hand = &checkpoints->hand;
    char name[FPS_SLOT_NAME];
    if (state->size == 0)
        return FPS_OK;
    fps_checkpoint_head complete = *head;
    complete.numerics_version = FPSWEEP_NUMERICS_VERSION;
    if (!hand->known || hand->identity != head->identity)
        FPS_TRY(look_up(checkpoints, head->identity));
    int slot = hand->keep < 0 ? 0 : !hand->keep;
    fps_slot_name(checkpoints, head->identity, slot, name);
    if (hand->descriptor[slot] >= 0 && !is_current(hand->descriptor[slot], name)) {
        FPS_TRY(look_up(checkpoints, head->identity));
        slot = hand->keep < 0 ? 0 : !hand->keep;
        fps_slot_name(checkpoints, head->identity, slot, name);
    }
    if (hand->descriptor[slot] < 0)
        FPS_TRY(open_slot(checkpoints, name, &hand->descriptor[slot]));
    int reason = fps_slot_write(hand->descriptor[slot], &complete, hand->generation + 1, state);
    if (reason) { /* a broken slot would only take room */
        close(hand->descriptor[slot]);
        hand->descriptor[slot] = -1;
        unlink(name);
        return fps_fail(FPS_ERROR_IO, "%s: writing a checkpoint of %.3g MB failed: %s; %s", name,
                        1e-6 * (double)state->size, strerror(reason),
                        hand->keep < 0 ? "the task has none yet" : "the one before is kept");
    }
    hand->generation++;
    hand->keep = slot;
    return FPS_OK;
}

/* ---- remove ---- */

fps_status fps_checkpoints_remove(fps_checkpoints *checkpoints, uint64_t identity) {
    char name[FPS_SLOT_NAME];
    if (checkpoints->hand.known && checkpoints->hand.identity == identity)
        put_down(checkpoints);
    for (int slot = 0; slot < FPS_SLOTS; slot++) {
        fps_slot_name(checkpoints, identity, slot, name);
        if (unlink(name) != 0 && errno != ENOENT)
            return fps_fail(FPS_ERROR_IO, "%s: the checkpoint cannot be removed: %s", name, strerror(errno));
    }
    return FPS_OK;
}
