#include "watch.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fpsweep/memory.h"
#include "job.h"

enum { HOST_SIZE = 64 };
/* Longest pause between two signs of life, and how many of them at least make up the patience. */
static const double LONGEST_EVERY_S = 5.0, SIGNS = 8.0;
/* Workers that lose patience with rank 0 say so one after the other: the first ends the job for all. */
static const double STAGGER_S = 0.05;
enum { STAGGERED = 100 };

typedef struct introduction {
    char host[HOST_SIZE];
    double patience_s;
} introduction;

struct fps_watch {
    const fps_plan *plan;
    const fps_farm_options *options;
    double patience_s; /* of the run; INFINITY: for ever */
    double grace_s;    /* of this rank on top */
    double every_s;
    double looked_s, judged_s; /* when this rank last looked around, and went through the others */
    int count;                 /* ranks that are watched: 0 .. count - 1 */
    introduction *rank;        /* [count] */
    double *heard_s;           /* [count]; INFINITY: has left */
    int64_t *task;             /* [count] told last; -1: none */
};

/* ---- life ------------------------------------------------------------------------------------------------------- */

static fps_status introduce(fps_channel *channel, const fps_farm_options *options, introduction *all,
                            introduction *coordinator) {
    introduction me = {.patience_s = options->abandon ? options->patience_s : 0.0};
    if (gethostname(me.host, sizeof me.host) != 0)
        snprintf(me.host, sizeof me.host, "unknown host");
    me.host[sizeof me.host - 1] = '\0';
    FPS_TRY(fps_channel_gather(channel, &me, (int)sizeof me, all));
    *coordinator = me;
    return fps_channel_broadcast(channel, coordinator, (int)sizeof *coordinator);
}

fps_status fps_watch_create(fps_channel *channel, const fps_plan *plan, const fps_farm_options *options,
                            fps_watch **out) {
    *out = NULL;
    const int mine = fps_channel_rank(channel), ranks = fps_channel_ranks(channel);
    introduction coordinator;
    fps_watch *watch;
    fps_status status = FPS_ALLOC(watch, 1);
    if (status == FPS_OK) {
        watch->plan = plan;
        watch->options = options;
        watch->count = mine == 0 ? ranks : 1;
        status = FPS_ALLOC(watch->rank, watch->count);
    }
    if (status == FPS_OK)
        status = FPS_ALLOC(watch->heard_s, watch->count);
    if (status == FPS_OK)
        status = FPS_ALLOC(watch->task, watch->count);
    FPS_TRY_GOTO(status, fps_channel_agree(channel, status, false), failed);
    FPS_TRY_GOTO(status, introduce(channel, options, mine == 0 ? watch->rank : NULL, &coordinator), failed);
    if (mine != 0)
        watch->rank[0] = coordinator;
    watch->patience_s = coordinator.patience_s > 0.0 ? coordinator.patience_s : (double)INFINITY;
    watch->every_s = watch->patience_s / SIGNS;
    if (watch->every_s > LONGEST_EVERY_S && isfinite(watch->patience_s))
        watch->every_s = LONGEST_EVERY_S;
    if (mine > 0)
        watch->grace_s = STAGGER_S * (mine < STAGGERED ? mine - 1 : STAGGERED);
    watch->looked_s = fps_clock_now_s();
    for (int i = 0; i < watch->count; i++) {
        watch->heard_s[i] = watch->looked_s;
        watch->task[i] = -1;
    }
    if (mine == 0)
        watch->heard_s[0] = (double)INFINITY; /* it cannot watch itself */
    *out = watch;
    return FPS_OK;
failed:
    fps_watch_destroy(&watch);
    return status;
}

void fps_watch_destroy(fps_watch **watch) {
    if (!*watch)
        return;
    fps_free((*watch)->task);
    fps_free((*watch)->heard_s);
    fps_free((*watch)->rank);
    fps_free(*watch);
    *watch = NULL;
}

/* ---- hearing ---------------------------------------------------------------------------------------------------- */

double fps_watch_every(const fps_watch *watch) {
    return watch->every_s;
}

void fps_watch_heard(fps_watch *watch, int rank, double now_s) {
    if (watch->heard_s[rank] < now_s)
        watch->heard_s[rank] = now_s;
}

void fps_watch_running(fps_watch *watch, int rank, int64_t task) {
    watch->task[rank] = task;
}

int64_t fps_watch_task(const fps_watch *watch, int rank) {
    return watch->task[rank];
}

void fps_watch_left(fps_watch *watch, int rank) {
    watch->heard_s[rank] = (double)INFINITY;
}

/* ---- judging ---------------------------------------------------------------------------------------------------- */

static void abandon(const fps_watch *watch, int rank) {
    char name[512], sentence[1024];
    const int64_t task = watch->task[rank];
    snprintf(sentence, sizeof sentence, "rank %d (%s) has not been heard of for %.3g s; it was running %s", rank,
             watch->rank[rank].host, watch->patience_s,
             task < 0 ? "no task" : fps_job_name_task(watch->plan, task, name, sizeof name));
    watch->options->abandon(watch->options->abandon_context, sentence);
}

void fps_watch_look(fps_watch *watch, double now_s) {
    if (isinf(watch->patience_s) || !watch->options->abandon)
        return;
    double away_s = now_s - watch->looked_s - watch->every_s;
    watch->looked_s = now_s;
    for (int i = 0; away_s > 0.0 && i < watch->count; i++)
        watch->heard_s[i] += away_s;
    if (now_s - watch->judged_s < 0.5 * watch->every_s)
        return;
    watch->judged_s = now_s;
    for (int i = 0; i < watch->count; i++)
        if (now_s - watch->heard_s[i] > watch->patience_s + watch->grace_s)
            abandon(watch, i);
}

void fps_watch_over_the_end(const fps_watch *watch, fps_channel *channel) {
    if (isfinite(watch->patience_s) && watch->options->abandon)
        fps_channel_set_patience(channel, 2.0 * watch->patience_s, watch->options->abandon,
                                 watch->options->abandon_context);
}
