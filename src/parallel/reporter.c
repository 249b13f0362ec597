#include "reporter.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "fpsweep/memory.h"

/* Rows that wait for a sync at most. */
enum { ROW_LIMIT = 4096 };

fps_status fps_reporter_create(fps_reporter *reporter, const fps_job *job) {
    *reporter = (fps_reporter){.job = job, .syncs = true, .sign_s = -(double)INFINITY};
    reporter->news.kind = FPS_MESSAGE_NEWS;
    return FPS_ALLOC(reporter->row, ROW_LIMIT);
}

void fps_reporter_release(fps_reporter *reporter) {
    fps_free(reporter->row);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static fps_status tell(fps_reporter *reporter, const fps_message *message) {
    return fps_channel_send(reporter->job->channel, 0, FPS_SIDE_COORDINATOR, message);
}

static fps_status tell_text(fps_reporter *reporter, fps_message_kind kind, fps_status status, const char *text) {
    return fps_channel_send_text(reporter->job->channel, 0, FPS_SIDE_COORDINATOR, kind, (int32_t)status, text);
}

fps_status fps_reporter_note(fps_reporter *reporter, const char *text) {
    return tell_text(reporter, FPS_MESSAGE_NOTE, FPS_OK, text);
}

fps_status fps_reporter_alive(fps_reporter *reporter, int64_t task, double now_s) {
    const fps_message message = {.kind = FPS_MESSAGE_ALIVE, .count = 1, .task = {task}};
    reporter->sign_s = now_s;
    return tell(reporter, &message);
}

fps_status fps_reporter_goes_on(fps_reporter *reporter, int64_t step, int32_t sign) {
    const fps_message message = {.kind = FPS_MESSAGE_GOES_ON, .count = 1, .detail = sign, .task = {step}};
    return tell(reporter, &message);
}

fps_status fps_reporter_news(fps_reporter *reporter, bool more) {
    reporter->news.detail = more;
    FPS_TRY(tell(reporter, &reporter->news));
    reporter->news.count = 0;
    return FPS_OK;
}

fps_status fps_reporter_left(fps_reporter *reporter, fps_remains remains) {
    const fps_message message = {.kind = FPS_MESSAGE_LEFT, .detail = (int32_t)remains};
    if (reporter->news.count > 0)
        FPS_TRY(fps_reporter_news(reporter, false));
    FPS_TRY(fps_reporter_rows(reporter));
    return tell(reporter, &message);
}

fps_status fps_reporter_break_down(fps_reporter *reporter, fps_status status) {
    if (reporter->told)
        return FPS_OK;
    reporter->told = true;
    return tell_text(reporter, FPS_MESSAGE_BROKEN, status, fps_error_message());
}

fps_status fps_reporter_stop(fps_reporter *reporter) {
    const fps_message message = {.kind = FPS_MESSAGE_STOP};
    if (reporter->told)
        return FPS_OK;
    reporter->told = true;
    return tell(reporter, &message);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

bool fps_reporter_is_due(const fps_reporter *reporter, double now_s) {
    const double pause_s = fps_job_pause(reporter->job, reporter->sync_s);
    return reporter->rows == ROW_LIMIT || (reporter->rows > 0 && now_s - reporter->row_since_s >= pause_s);
}

fps_status fps_reporter_add(fps_reporter *reporter, const fps_report *report, double seconds, double now_s) {
    if (reporter->rows == 0)
        reporter->row_since_s = now_s;
    reporter->row[reporter->rows++] = *report;
    reporter->news.finished[reporter->news.count++] = (fps_finished){report->row.task, seconds};
    if (reporter->news.count == FPS_MESSAGE_FINISHED_LIMIT)
        FPS_TRY(fps_reporter_news(reporter, false));
    return fps_reporter_is_due(reporter, now_s) ? fps_reporter_rows(reporter) : FPS_OK;
}

fps_status fps_reporter_rows(fps_reporter *reporter) {
    if (reporter->rows == 0 || !reporter->syncs)
        return FPS_OK;
    const double start_s = fps_clock_now_s();
    fps_status status = fps_results_sync(reporter->job->results);
    reporter->sync_s = fps_clock_now_s() - start_s;
    if (status != FPS_OK) {
        reporter->syncs = false; /* a failed sync may have dropped pages: what it covered is never reported */
        return fps_reporter_break_down(reporter, status);
    }
    fps_message message = {.kind = FPS_MESSAGE_ROWS};
    for (int64_t sent = 0; sent < reporter->rows; sent += message.count) {
        int64_t left = reporter->rows - sent;
        message.count = left < FPS_MESSAGE_REPORT_LIMIT ? (int32_t)left : FPS_MESSAGE_REPORT_LIMIT;
        memcpy(message.report, reporter->row + sent, (size_t)message.count * sizeof *reporter->row);
        FPS_TRY(tell(reporter, &message));
    }
    reporter->rows = 0;
    return FPS_OK;
}
