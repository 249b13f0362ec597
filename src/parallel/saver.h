/* saver.h: the checkpoints of the task that a rank is running: taken up at its start, written now and then and when it
 * is broken off. They are removed by the coordinator, once the row is committed. */
#ifndef FPSWEEP_PARALLEL_SAVER_H
#define FPSWEEP_PARALLEL_SAVER_H

#include "job.h"

typedef struct fps_saver {
    const fps_job *job;
    const fps_trainer *trainer;    /* borrowed; NULL: nothing can be saved */
    const fps_task *task;          /* being run; borrowed */
    fps_checkpoint_head head;      /* what its next checkpoint will say; the identity only once `known` */
    bool known, on_disk;           /* on_disk: it may have a checkpoint */
    double due_s;                  /* when the next one is */
    fps_state state, earlier;      /* of the running task; as an earlier run left it */
    char complaint[1024], *unsaid; /* a warning that the user has not been told; NULL: none */
    bool complained;               /* once is enough for what comes periodically */
} fps_saver;

void fps_saver_create(fps_saver *saver, const fps_job *job, const fps_trainer *trainer);
void fps_saver_release(fps_saver *saver);

/* A task starts. If the coordinator says that it has a checkpoint, read it: *resumes, and its state is `earlier`. One
 * that cannot be used is a complaint, and the task starts over. */
void fps_saver_begin(fps_saver *saver, const fps_task *task, bool saved, double now_s, bool *resumes);
/* The trainer would not have the state after all. */
void fps_saver_refuse(fps_saver *saver);

/* Called by the hook of the running task: write a checkpoint if one is due. */
void fps_saver_look(fps_saver *saver, int64_t step, int64_t steps, double now_s);
/* The task was broken off: write what it has come to. False: it must start over (or go on from an older checkpoint). */
bool fps_saver_keep(fps_saver *saver);

/* Identity of the running task if it may have a checkpoint, else 0. */
uint64_t fps_saver_checkpoint(const fps_saver *saver);

#endif
