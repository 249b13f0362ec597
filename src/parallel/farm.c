#include "fpsweep/farm.h"

#include "coordinator.h"
#include "job.h"
#include "watch.h"
#include "worker.h"

/* Rank 0 coordinates and may train, the others train; every rank runs this. Errors before the first task are agreed on
 * by all, later ones travel to the coordinator and come back as its verdict. */
fps_status fps_farm_run(MPI_Comm comm, const fps_plan *plan, fps_results *results, const fps_calibration *calibration,
                        const fps_farm_options *options, fps_progress *final) {
    fps_channel *channel = NULL;
    fps_coordinator *coordinator = NULL;
    fps_worker *worker = NULL;
    fps_watch *watch = NULL;
    fps_status status;
    FPS_TRY(fps_channel_create(comm, &channel));
    FPS_TRY_GOTO(status, fps_watch_create(channel, plan, options, &watch), done);
    const fps_job job = {.plan = plan,
                         .results = results,
                         .options = options,
                         .channel = channel,
                         .watch = watch,
                         .sync_every_s = options->sync_every_s > 0.0 ? options->sync_every_s : 1.0};

    if (fps_channel_rank(channel) == 0)
        status = fps_coordinator_create(&job, calibration, &coordinator);
    if (status == FPS_OK)
        status = fps_worker_create(&job, coordinator, !coordinator || fps_coordinator_trains(coordinator), &worker);
    FPS_TRY_GOTO(status, fps_channel_agree(channel, status, false), done);

    FPS_TRY_GOTO(status, fps_worker_run(worker), done); /* only if the message layer has failed */
    if (coordinator)
        status = fps_coordinator_verdict(coordinator);
    fps_watch_over_the_end(watch, channel);
    status = fps_channel_agree(channel, status, true);
done:
    if (coordinator && final)
        *final = *fps_coordinator_progress(coordinator);
    fps_worker_destroy(&worker);
    fps_coordinator_destroy(&coordinator);
    fps_watch_destroy(&watch);
    fps_channel_destroy(&channel);
    return status;
}
