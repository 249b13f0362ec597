/* channel.h: messages between the coordinator and the workers, and the few collective agreements of a run.
 *
 * All on a duplicate of the caller's communicator. Sending copies and returns at once (also to oneself, so that rank 0
 * talks to itself like to any other). Whoever waits sleeps: first it yields, then it rests longer and longer.
 */
#ifndef FPSWEEP_PARALLEL_CHANNEL_H
#define FPSWEEP_PARALLEL_CHANNEL_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/results.h"
#include "fpsweep/status.h"

/* What a message says, and what `detail` and the entries are. */
typedef enum fps_message_kind {
    /* to the coordinator */
    FPS_MESSAGE_NEWS,    /* finished[count]: tasks that were run; detail: 1 if more are wanted */
    FPS_MESSAGE_ROWS,    /* report[count]: results that are safe on disk */
    FPS_MESSAGE_NOTE,    /* text: a warning to the user */
    FPS_MESSAGE_GOES_ON, /* detail 1: a task is continued from a checkpoint, after task[0] updates; -1: it was not after
                            all */
    FPS_MESSAGE_STOP,    /* this rank was told to stop */
    FPS_MESSAGE_BROKEN,  /* text: why this rank cannot go on; detail: fps_status */
    FPS_MESSAGE_LEFT,    /* the last message of a rank: all that it has done is reported; detail: fps_remains */
    /* to a worker */
    FPS_MESSAGE_TASKS, /* task[count], maybe with FPS_TASK_SAVED; detail: ask for more when so many are unstarted, -1:
                        * when dry. 0 tasks: none left */
    FPS_MESSAGE_END,   /* run nothing more, break off the task being run, report and leave */
    /* both ways */
    FPS_MESSAGE_ALIVE, /* a sign of life; task[0]: what the rank is running, -1: nothing */
    FPS_MESSAGE_KINDS
} fps_message_kind;

/* One side of the conversation per tag: rank 0 is both. */
typedef enum fps_side { FPS_SIDE_COORDINATOR = 1, FPS_SIDE_WORKER = 2 } fps_side;

typedef struct fps_finished {
    int64_t task;
    double seconds; /* of the rank's time: training, measuring and writing */
} fps_finished;

/* A row, and the identity of its task if that may have a checkpoint, which is to be removed once the row is committed;
 * else 0. */
typedef struct fps_report {
    fps_row row;
    uint64_t checkpoint;
} fps_report;

/* Bit in the number of a task: there is a checkpoint of it. */
#define FPS_TASK_SAVED (INT64_C(1) << 62)

/* What a rank leaves behind of the task that it broke off: it ran none; a checkpoint; nothing. */
typedef enum fps_remains { FPS_REMAINS_NONE, FPS_REMAINS_SAVED, FPS_REMAINS_LOST } fps_remains;

/* Small enough to be sent eagerly (4 KB with the library's header). Sent as bytes: one job, one binary, one byte order.
 */
enum {
    FPS_MESSAGE_BODY = 3840,
    FPS_MESSAGE_TASK_LIMIT = FPS_MESSAGE_BODY / sizeof(int64_t),
    FPS_MESSAGE_FINISHED_LIMIT = FPS_MESSAGE_BODY / sizeof(fps_finished),
    FPS_MESSAGE_REPORT_LIMIT = FPS_MESSAGE_BODY / sizeof(fps_report)
};

typedef struct fps_message {
    int32_t kind, count, detail, unused;
    union {
        int64_t task[FPS_MESSAGE_TASK_LIMIT];
        fps_finished finished[FPS_MESSAGE_FINISHED_LIMIT];
        fps_report report[FPS_MESSAGE_REPORT_LIMIT];
        char text[FPS_MESSAGE_BODY];
    };
} fps_message;

/* Opaque. */
typedef struct fps_channel fps_channel;

/* Collective over comm. Duplicates it; errors of MPI come back as FPS_ERROR_MPI. */
fps_status fps_channel_create(MPI_Comm comm, fps_channel **out);
/* Collective. Waits until all that was sent is on its way. Null-safe. */
void fps_channel_destroy(fps_channel **channel);

int fps_channel_rank(const fps_channel *channel);
int fps_channel_ranks(const fps_channel *channel);

/* Not collective. Send a copy to one side of rank `to`; does not wait for the receiver. */
fps_status fps_channel_send(fps_channel *channel, int to, fps_side side, const fps_message *message);
/* Not collective. Send `text` (cut to fit). */
fps_status fps_channel_send_text(fps_channel *channel, int to, fps_side side, fps_message_kind kind, int32_t detail,
                                 const char *text);
/* Not collective. Take the next message for a side of this rank; *from = -1 if there is none. */
fps_status fps_channel_receive(fps_channel *channel, fps_side side, fps_message *message, int *from);

/* How long this rank waits in an agreement (below) before it calls `abandon`, which does not return; INFINITY: for
 * ever, which is so at first. */
void fps_channel_set_patience(fps_channel *channel, double patience_s,
                              void (*abandon)(void *context, const char *sentence), void *context);

/* Rest a little longer than the last time, at most `longest_s`; after fps_channel_wake() the rests start short again.
 */
void fps_channel_rest(fps_channel *channel, double longest_s);
void fps_channel_wake(fps_channel *channel);

/* Collective. Every rank brings its status and message; all return those of the lowest rank that is not FPS_OK, the
 * message with the rank in front (unless FPS_STOPPED or `named`). Waits without burning the core. */
fps_status fps_channel_agree(fps_channel *channel, fps_status status, bool named);
/* Collective. Rank 0 gets all[ranks * bytes] (NULL elsewhere) of everybody's one[bytes]. */
fps_status fps_channel_gather(fps_channel *channel, const void *one, int bytes, void *all);
/* Collective. Everybody gets rank 0's block[bytes]. */
fps_status fps_channel_broadcast(fps_channel *channel, void *block, int bytes);

#endif
