#include "channel.h"

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "fpsweep/memory.h"

/* A message on its way. */
typedef struct parcel {
    MPI_Request request;
    fps_message message;
} parcel;

struct fps_channel {
    MPI_Comm comm;
    int rank, ranks;
    parcel **ring; /* [capacity], a power of two: `sent` parcels from `first` on, oldest first; the others are spare */
    int64_t first, sent, capacity;
    int rests; /* since the last wake */
    double patience_s;
    void (*abandon)(void *context, const char *sentence);
    void *abandon_context;
};

/* FPS_OK, or FPS_ERROR_MPI with the library's own words. */
static fps_status check(int code, const char *doing) {
    if (code == MPI_SUCCESS)
        return FPS_OK;
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(code, text, &length);
    return fps_fail(FPS_ERROR_MPI, "MPI failed while %s: %s", doing, text);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

fps_status fps_channel_create(MPI_Comm comm, fps_channel **out) {
    *out = NULL;
    fps_channel *channel;
    fps_status status;
    FPS_TRY(FPS_ALLOC(channel, 1));
    channel->comm = MPI_COMM_NULL;
    channel->patience_s = (double)INFINITY;
    FPS_TRY_GOTO(status, check(MPI_Comm_dup(comm, &channel->comm), "duplicating the communicator"), failed);
    MPI_Comm_set_errhandler(channel->comm, MPI_ERRORS_RETURN);
    MPI_Comm_rank(channel->comm, &channel->rank);
    MPI_Comm_size(channel->comm, &channel->ranks);
    *out = channel;
    return FPS_OK;
failed:
    fps_free(channel);
    return status;
}

void fps_channel_destroy(fps_channel **channel) {
    fps_channel *c = *channel;
    if (!c)
        return;
    for (int64_t i = 0; i < c->sent; i++)
        MPI_Wait(&c->ring[(c->first + i) & (c->capacity - 1)]->request, MPI_STATUS_IGNORE);
    for (int64_t i = 0; i < c->capacity; i++)
        fps_free(c->ring[i]);
    fps_free(c->ring);
    MPI_Comm_free(&c->comm);
    fps_free(c);
    *channel = NULL;
}

int fps_channel_rank(const fps_channel *channel) {
    return channel->rank;
}

int fps_channel_ranks(const fps_channel *channel) {
    return channel->ranks;
}

/* ---- sending and receiving -------------------------------------------------------------------------------------- */

static size_t message_bytes(const fps_message *message) {
    static const size_t entry[FPS_MESSAGE_KINDS] = {[FPS_MESSAGE_NEWS] = sizeof(fps_finished),
                                                    [FPS_MESSAGE_ROWS] = sizeof(fps_report),
                                                    [FPS_MESSAGE_NOTE] = 1,
                                                    [FPS_MESSAGE_BROKEN] = 1,
                                                    [FPS_MESSAGE_GOES_ON] = sizeof(int64_t),
                                                    [FPS_MESSAGE_TASKS] = sizeof(int64_t),
                                                    [FPS_MESSAGE_ALIVE] = sizeof(int64_t)};
    return offsetof(fps_message, task) + entry[message->kind] * (size_t)message->count;
}

/* Forget the oldest parcels that have gone. One that has not, because its receiver does not listen, goes to the end of
 * the queue, so that it does not keep the others from being forgotten. */
static fps_status collect(fps_channel *channel) {
    const int64_t mask = channel->capacity - 1;
    for (int late = 0; channel->sent > 0 && late < 2;) {
        parcel **oldest = &channel->ring[channel->first],
               **end = &channel->ring[(channel->first + channel->sent) & mask];
        int gone = 0;
        FPS_TRY(check(MPI_Test(&(*oldest)->request, &gone, MPI_STATUS_IGNORE), "sending a message"));
        if (!gone) {
            parcel *waits = *oldest;
            *oldest = *end;
            *end = waits;
        }
        channel->first = (channel->first + 1) & mask;
        channel->sent -= gone;
        late += !gone;
    }
    return FPS_OK;
}

/* Double the ring, oldest parcel first. */
static fps_status enlarge(fps_channel *channel) {
    int64_t capacity = channel->capacity ? 2 * channel->capacity : 16;
    parcel **ring;
    FPS_TRY(FPS_ALLOC(ring, capacity));
    for (int64_t i = 0; i < channel->capacity; i++)
        ring[i] = channel->ring[(channel->first + i) & (channel->capacity - 1)];
    fps_free(channel->ring);
    channel->ring = ring;
    channel->first = 0;
    channel->capacity = capacity;
    return FPS_OK;
}

fps_status fps_channel_send(fps_channel *channel, int to, fps_side side, const fps_message *message) {
    FPS_TRY(collect(channel));
    if (channel->sent == channel->capacity)
        FPS_TRY(enlarge(channel));
    parcel **place = &channel->ring[(channel->first + channel->sent) & (channel->capacity - 1)];
    if (!*place)
        FPS_TRY(FPS_ALLOC(*place, 1));
    size_t bytes = message_bytes(message);
    memcpy(&(*place)->message, message, bytes);
    channel->sent++;
    return check(MPI_Isend(&(*place)->message, (int)bytes, MPI_BYTE, to, side, channel->comm, &(*place)->request),
                 "sending a message");
}

fps_status fps_channel_send_text(fps_channel *channel, int to, fps_side side, fps_message_kind kind, int32_t detail,
                                 const char *text) {
    fps_message message = {.kind = (int32_t)kind, .detail = detail};
    size_t length = strlen(text);
    if (length > sizeof message.text - 1)
        length = sizeof message.text - 1;
    memcpy(message.text, text, length);
    message.text[length] = '\0';
    message.count = (int32_t)length + 1;
    return fps_channel_send(channel, to, side, &message);
}

fps_status fps_channel_receive(fps_channel *channel, fps_side side, fps_message *message, int *from) {
    int there = 0;
    MPI_Status envelope;
    *from = -1;
    FPS_TRY(check(MPI_Iprobe(MPI_ANY_SOURCE, side, channel->comm, &there, &envelope), "looking for messages"));
    if (!there)
        return FPS_OK;
    FPS_TRY(
        check(MPI_Recv(message, (int)sizeof *message, MPI_BYTE, envelope.MPI_SOURCE, side, channel->comm, &envelope),
              "receiving a message"));
    if (message->kind < 0 || message->kind >= FPS_MESSAGE_KINDS)
        return fps_fail(FPS_ERROR_MPI, "rank %d sent a message of unknown kind %d: are all ranks the same program?",
                        envelope.MPI_SOURCE, (int)message->kind);
    *from = envelope.MPI_SOURCE;
    return FPS_OK;
}

/* ---- waiting ---------------------------------------------------------------------------------------------------- */

void fps_channel_rest(fps_channel *channel, double longest_s) {
    enum { YIELDS = 16 };
    const double shortest_s = 10e-6;
    if (channel->rests < YIELDS) {
        channel->rests++;
        sched_yield();
        return;
    }
    double rest_s = shortest_s;
    for (int i = YIELDS; i < channel->rests && rest_s < longest_s; i++)
        rest_s *= 1.5;
    if (rest_s < longest_s)
        channel->rests++;
    else
        rest_s = longest_s;
    struct timespec time = {0, (long)(1e9 * rest_s)};
    nanosleep(&time, NULL);
}

void fps_channel_wake(fps_channel *channel) {
    channel->rests = 0;
}

void fps_channel_set_patience(fps_channel *channel, double patience_s,
                              void (*abandon)(void *context, const char *sentence), void *context) {
    channel->patience_s = patience_s;
    channel->abandon = abandon;
    channel->abandon_context = context;
}

static void lose_patience(const fps_channel *channel, const char *doing) {
    char sentence[160];
    snprintf(sentence, sizeof sentence, "rank %d has waited for %.3g s for the other ranks, %s: one of them hangs",
             channel->rank, channel->patience_s, doing);
    channel->abandon(channel->abandon_context, sentence);
}

/* Wait for a collective operation. Time for which this process was suspended is not waited for. */
static fps_status await(fps_channel *channel, MPI_Request *request, const char *doing) {
    const double longest_s = 2e-3, gap_s = 1.0;
    double waited_s = 0.0, last_s = fps_clock_now_s();
    fps_channel_wake(channel);
    for (int done = 0;;) {
        FPS_TRY(check(MPI_Test(request, &done, MPI_STATUS_IGNORE), doing));
        if (done)
            return FPS_OK;
        fps_channel_rest(channel, longest_s);
        const double now_s = fps_clock_now_s(), passed_s = now_s - last_s;
        last_s = now_s;
        waited_s += passed_s < gap_s ? passed_s : 0.0;
        if (waited_s > channel->patience_s && channel->abandon)
            lose_patience(channel, doing);
    }
}

/* ---- agreements ------------------------------------------------------------------------------------------------- */

fps_status fps_channel_gather(fps_channel *channel, const void *one, int bytes, void *all) {
    MPI_Request request;
    FPS_TRY(check(MPI_Igather(one, bytes, MPI_BYTE, all, bytes, MPI_BYTE, 0, channel->comm, &request), "gathering"));
    return await(channel, &request, "gathering");
}

static fps_status broadcast_from(fps_channel *channel, void *block, int bytes, int root) {
    MPI_Request request;
    FPS_TRY(check(MPI_Ibcast(block, bytes, MPI_BYTE, root, channel->comm, &request), "broadcasting"));
    return await(channel, &request, "broadcasting");
}

fps_status fps_channel_broadcast(fps_channel *channel, void *block, int bytes) {
    return broadcast_from(channel, block, bytes, 0);
}

fps_status fps_channel_agree(fps_channel *channel, fps_status status, bool named) {
    struct {
        int32_t status;
        char text[2048];
    } verdict = {.status = (int32_t)status};
    int mine = status == FPS_OK ? INT_MAX : channel->rank, first = INT_MAX;
    MPI_Request request;
    if (status != FPS_OK)
        snprintf(verdict.text, sizeof verdict.text, "%s", fps_error_message());
    FPS_TRY(check(MPI_Iallreduce(&mine, &first, 1, MPI_INT, MPI_MIN, channel->comm, &request), "agreeing"));
    FPS_TRY(await(channel, &request, "agreeing"));
    if (first == INT_MAX)
        return FPS_OK;
    FPS_TRY(broadcast_from(channel, &verdict, (int)sizeof verdict, first));
    if (named || verdict.status == FPS_STOPPED || channel->ranks == 1)
        return fps_fail((fps_status)verdict.status, "%s", verdict.text);
    return fps_fail((fps_status)verdict.status, "rank %d: %s", first, verdict.text);
}
