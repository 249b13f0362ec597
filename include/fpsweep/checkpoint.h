/* checkpoint.h: unfinished tasks on disk, so that a run that was killed loses minutes instead of a task.
 *
 * Beside FILE.h5 the folder FILE.h5.checkpoint holds, per unfinished task, two slots named after the task's identity.
 * Writing takes the older slot, syncs it, and only then is the other one old: a kill or a power cut in the middle
 * leaves the one before. Head and body are checksummed. Any rank can take up any task. A slot is removed once the
 * task's row is committed, the folder when the run has ended.
 */
#ifndef FPSWEEP_CHECKPOINT_H
#define FPSWEEP_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"
#include "fpsweep/trainer.h"

/* What a checkpoint belongs to. */
typedef struct fps_checkpoint_head {
    uint64_t identity;        /* fps_task_identity() */
    uint64_t record;          /* fps_record_identity(): what is recorded when */
    uint64_t self_test;       /* of the run that wrote it: other kernels would not give the same bits */
    int32_t numerics_version; /* filled by the writer */
    int32_t attempts;         /* how often the task has been started */
    int64_t task;             /* its number in the sweep: where a resume looks first; not compared */
    int64_t step, steps;      /* updates made; of so many */
} fps_checkpoint_head;

/* Opaque; the checkpoints of one results file, as one rank sees them. */
typedef struct fps_checkpoints fps_checkpoints;

/* Not collective. `path` is the results file's. The folder need not exist: it is made by the first write. */
fps_status fps_checkpoints_open(const char *path, fps_checkpoints **out);
void fps_checkpoints_close(fps_checkpoints **checkpoints); /* null-safe; removes nothing */

/* Heads of the unfinished tasks, one per identity (its latest slot with a readable head), by rising identity; *head is
 * owned by the caller (fps_free). A missing folder has none. Damaged and foreign files are passed over. */
fps_status fps_checkpoints_list(fps_checkpoints *checkpoints, fps_checkpoint_head **head, int64_t *count);

/* Read the latest sound slot whose identity, record, self-test and numerics version are those of *wanted into *state
 * and *head. *found = false, and FPS_OK, if there is none (none at all, damaged, or of other kernels: the message
 * fps_error_message() then says which, "" if there is none at all). */
fps_status fps_checkpoints_read(fps_checkpoints *checkpoints, const fps_checkpoint_head *wanted,
                                fps_checkpoint_head *head, fps_state *state, bool *found);

/* Write the state into the older slot and sync it. FPS_ERROR_IO if there is no room: the other slot is intact. */
fps_status fps_checkpoints_write(fps_checkpoints *checkpoints, const fps_checkpoint_head *head, const fps_state *state);

/* Remove both slots of a task; none is no error. */
fps_status fps_checkpoints_remove(fps_checkpoints *checkpoints, uint64_t identity);
/* Remove all slots and the folder. Only while no rank writes. */
fps_status fps_checkpoints_clear(fps_checkpoints *checkpoints);

#endif
