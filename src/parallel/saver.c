#include "saver.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

/* Writing takes at most this part of a task's time, however slow the disk is. */
static const double SAVE_SHARE = 0.05;
/* A task that has nothing to save yet is asked again after so long. */
static const double ASK_AGAIN_S = 1.0;

void fps_saver_create(fps_saver *saver, const fps_job *job, const fps_trainer *trainer) {
    *saver = (fps_saver){.job = job, .trainer = job->options->checkpoints ? trainer : NULL, .due_s = (double)INFINITY};
    saver->head.record = fps_record_identity(fps_plan_record(job->plan));
    saver->head.self_test = job->options->self_test;
}

void fps_saver_release(fps_saver *saver) {
    fps_state_release(&saver->earlier);
    fps_state_release(&saver->state);
}

/* "task 17 (depth=2): ...: the reason". */
static void complain(fps_saver *saver, const char *what) {
    char name[512];
    fps_job_name_task(saver->job->plan, saver->head.task, name, sizeof name);
    const char *why = fps_error_message();
    snprintf(saver->complaint, sizeof saver->complaint, "%s: %s: %s", name, what, *why ? why : "it is not there");
    saver->unsaid = saver->complaint;
}

/* Seconds until the next checkpoint, the last one having taken `cost_s`. */
static double pause_s(const fps_saver *saver, double cost_s) {
    const double every_s = saver->job->options->checkpoint_every_s;
    return every_s > 0.0 ? fmax(every_s, cost_s / SAVE_SHARE) : (double)INFINITY;
}

/* The identity takes longer to compute than a small task does to run: only for those that come to need it. */
static void know(fps_saver *saver) {
    if (!saver->known)
        saver->head.identity = fps_task_identity(saver->task);
    saver->known = true;
}

/* ---- taking up -------------------------------------------------------------------------------------------------- */

void fps_saver_begin(fps_saver *saver, const fps_task *task, bool saved, double now_s, bool *resumes) {
    *resumes = false;
    saver->task = task;
    saver->head.task = task->index;
    saver->head.attempts = 1;
    saver->head.step = saver->head.steps = 0;
    saver->known = saver->on_disk = false;
    if (!saver->trainer)
        return;
    saver->due_s = now_s + pause_s(saver, 0.0);
    if (!saved)
        return;
    fps_checkpoint_head earlier;
    know(saver);
    saver->on_disk = true;
    fps_status status =
        fps_checkpoints_read(saver->job->options->checkpoints, &saver->head, &earlier, &saver->earlier, resumes);
    if (status != FPS_OK || !*resumes) {
        *resumes = false;
        complain(saver, "its checkpoint cannot be used, it starts over");
        return;
    }
    saver->head.attempts = earlier.attempts + 1;
    saver->head.step = earlier.step;
    saver->head.steps = earlier.steps;
}

void fps_saver_refuse(fps_saver *saver) {
    saver->head.attempts = 1;
    saver->head.step = 0;
    complain(saver, "its checkpoint cannot be used, it starts over");
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Write the state of the running task. *any = false: there is none. */
static fps_status save(fps_saver *saver, bool *any) {
    *any = false;
    FPS_TRY(fps_trainer_save(saver->trainer, &saver->state));
    if (saver->state.size == 0)
        return FPS_OK;
    *any = true;
    know(saver);
    saver->on_disk = true;
    return fps_checkpoints_write(saver->job->options->checkpoints, &saver->head, &saver->state);
}

void fps_saver_look(fps_saver *saver, int64_t step, int64_t steps, double now_s) {
    bool any;
    saver->head.step = step;
    saver->head.steps = steps;
    if (now_s < saver->due_s)
        return;
    fps_status status = save(saver, &any);
    const double end_s = fps_clock_now_s();
    saver->due_s = end_s + (any || status != FPS_OK ? pause_s(saver, end_s - now_s) : ASK_AGAIN_S);
    if (status != FPS_OK && !saver->complained) {
        saver->complained = true;
        complain(saver, "its checkpoint cannot be written, it goes on without");
    }
}

bool fps_saver_keep(fps_saver *saver) {
    bool any = false;
    if (!saver->trainer)
        return false;
    fps_status status = save(saver, &any);
    if (status != FPS_OK)
        complain(saver, "it was stopped, and its checkpoint cannot be written");
    return any && status == FPS_OK;
}

uint64_t fps_saver_checkpoint(const fps_saver *saver) {
    return saver->on_disk ? saver->head.identity : 0;
}
