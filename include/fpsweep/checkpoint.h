/* checkpoint.h: unfinished tasks on disk, so that a run that was killed loses minutes instead of a task.
 *
 * Beside FILE.h5 the folder FILE.h5.checkpoint holds, per unfinished task, two slots named after the task's identity.
 * Writing takes the older slot, syncs it, and only then is the other one old: a kill or a power cut in the middle
 * leaves the one before. Head and body are checksummed. Any rank can take up any task. A slot is removed once the
 * task's row is committed, the folder when the run has ended. Beside the slots lies a journal of crashes: a task that
 * takes its rank down again and again must not do so for ever. Foreign files in the folder are left alone.
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
    int32_t numerics_version; /* filled in by the writer; *wanted needs none: it must be this program's */
    int32_t attempts;         /* how often the task has been started */
    int64_t task;             /* its number in the sweep: where a resume looks first; not compared */
    int64_t step, steps;      /* updates made; of so many */
} fps_checkpoint_head;

/* Opaque; the checkpoints of one results file, as one rank sees them. */
typedef struct fps_checkpoints fps_checkpoints;

/* Not collective. `path` is the results file's. Touches nothing: the folder is made by the first write. */
fps_status fps_checkpoints_open(const char *path, fps_checkpoints **out);
void fps_checkpoints_close(fps_checkpoints **checkpoints); /* null-safe; removes nothing */

/* Heads of the unfinished tasks, one per identity (its latest slot with a readable head), by rising identity; *head is
 * owned by the caller (fps_free). A missing folder has none. Damaged and foreign files are passed over. */
fps_status fps_checkpoints_list(fps_checkpoints *checkpoints, fps_checkpoint_head **head, int64_t *count);

/* Read the latest sound slot whose identity, record, self-test and numerics version are those of *wanted into *state
 * (grows) and *head. *found = false, and FPS_OK, if there is none (none at all, damaged, or of other kernels: the
 * message fps_error_message() then says which, "" if there is none at all). FPS_ERROR_IO if the folder cannot be read.
 */
fps_status fps_checkpoints_read(fps_checkpoints *checkpoints, const fps_checkpoint_head *wanted,
                                fps_checkpoint_head *head, fps_state *state, bool *found);

/* Write the state into the older slot and sync it; nothing if its size is 0. FPS_ERROR_IO if there is no room, or the
 * folder cannot be written: the other slot is intact, and the run can go on without. One rank at a time per task. */
fps_status fps_checkpoints_write(fps_checkpoints *checkpoints, const fps_checkpoint_head *head, const fps_state *state);

/* Remove both slots of a task; none is no error. Any rank may. It costs two requests to the file system: not for tasks
 * that have never been saved. */
fps_status fps_checkpoints_remove(fps_checkpoints *checkpoints, uint64_t identity);
/* Remove all slots, the journal of crashes and the folder; one that holds foreign files stays. Only when no rank writes
 * and the others have closed their handles (over NFS an open file cannot go). */
fps_status fps_checkpoints_clear(fps_checkpoints *checkpoints);

/* ---- crashes ---- */

/* A rank was killed by a signal of its own making (segmentation fault, ...) while it ran a task. */
typedef struct fps_crash {
    uint64_t identity; /* fps_task_identity(): computed when the task starts, not by the handler */
    int64_t task;      /* its number */
    int32_t rank;
    int32_t signal;  /* 0: the crashes before do not count any more */
    int64_t when_s;  /* seconds since the epoch; filled in by fps_checkpoints_note_crash */
    int32_t crashes; /* of this task, since the last that does not count; filled in by fps_checkpoints_crashes */
} fps_crash;

/* Async-signal-safe: call it from the handler. Append one record to the journal with a single write(2); makes folder
 * and journal if need be, so that a run without crashes leaves nothing. Keeps errno; failures cannot be helped. */
void fps_checkpoints_note_crash(const fps_checkpoints *checkpoints, const fps_crash *crash);

/* The last crash of every task that has crashed, by rising identity, with their number; *crash is owned by the caller
 * (fps_free). No journal: none. Records torn by a full disk are passed over. Records say nothing of which results are
 * pending: look at `identity` and the outcome before believing them. */
fps_status fps_checkpoints_crashes(const fps_checkpoints *checkpoints, fps_crash **crash, int64_t *count);

#endif
