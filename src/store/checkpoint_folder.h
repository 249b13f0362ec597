/* checkpoint_folder.h: the folder FILE.h5.checkpoint, its names, and the handle that a rank has on it. */
#ifndef FPSWEEP_STORE_CHECKPOINT_FOLDER_H
#define FPSWEEP_STORE_CHECKPOINT_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/checkpoint.h"

enum { FPS_SLOTS = 2, FPS_FOLDER_NAME = PATH_MAX + 16, FPS_SLOT_NAME = FPS_FOLDER_NAME + 24 };

/* The task that is being written, so that a periodic write opens nothing. */
typedef struct fps_slots_in_hand {
    bool known; /* everything below is */
    uint64_t identity;
    int descriptor[FPS_SLOTS]; /* -1: not open */
    int keep;                  /* the slot that must survive; -1: none is sound */
    uint64_t generation;       /* largest so far */
} fps_slots_in_hand;

struct fps_checkpoints {
    char folder[FPS_FOLDER_NAME];
    char journal[FPS_FOLDER_NAME + 8]; /* of crashes */
    fps_slots_in_hand hand;
};

/* FOLDER/<16 hexadecimal digits>.<slot> into name[FPS_SLOT_NAME]. */
void fps_slot_name(const fps_checkpoints *checkpoints, uint64_t identity, int slot, char *name);

/* FPS_ERROR_IO, "NAME: WHAT: reason", or that something else than a folder is in the folder's place. */
fps_status fps_folder_fail(const fps_checkpoints *checkpoints, const char *name, const char *what, int reason);

/* Make the folder, if it is not there, and sync the directory that it is in. FPS_ERROR_IO. */
fps_status fps_folder_create(const fps_checkpoints *checkpoints);
/* Sync the folder's list of names (some file systems cannot, and need not). FPS_ERROR_IO. */
fps_status fps_folder_sync(const char *folder);

/* Call `each` with the name of every file in the folder that is ours: slots, and the journal (identity 0, slot -1).
 * Stops and returns what it returns unless that is FPS_OK. *present = false if there is no folder (may be NULL). */
fps_status fps_folder_visit(const fps_checkpoints *checkpoints,
                            fps_status (*each)(void *context, const char *name, uint64_t identity, int slot),
                            void *context, bool *present);

#endif
