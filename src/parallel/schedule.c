#include "fpsweep/schedule.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "order.h"

/* A worker may hold in advance 1 / SHARE of its part of what is left. */
static const double SHARE = 3.0;
/* Finished tasks that the rescaling of predictions remembers: it forgets by exp(-1) over so many. */
static const double MEMORY = 256.0;
static const float SHORTEST_S = 1e-9F, LONGEST_S = 1e9F;

/* Where a task is: one of these, or 2 w (worker w has it) or 2 w + 1 (worker w has run it, its result is not safe yet).
 */
enum { WAITING = -1, DONE = -2, ABSENT = -3, ASIDE = -4 };

typedef struct schedule_worker {
    double held_s; /* predictions (not rescaled) of the tasks that it has not finished */
    int64_t held;
} schedule_worker;

struct fps_schedule {
    fps_schedule_options options;
    int64_t count;
    float *predicted_s; /* [count] */
    int32_t *place;     /* [count] */
    uint32_t *order;    /* [ordered], longest first */
    int64_t ordered, front;
    uint32_t *returned; /* [returned_capacity] tasks of lost workers: a heap, longest on top */
    int64_t returned_count, returned_capacity;
    schedule_worker *worker; /* [workers] */
    int64_t left, aside, running, busy;
    double within_s;                    /* from now: tasks must end; INFINITY: they need not */
    double left_s, held_s;              /* predictions of waiting and of held tasks */
    double seen_actual, seen_predicted; /* fading sums over finished tasks */
};

static float tame(float predicted_s) {
    if (!(predicted_s <= LONGEST_S)) /* also not a number */
        return LONGEST_S;
    return predicted_s < SHORTEST_S ? SHORTEST_S : predicted_s;
}

/* ---- tasks that came back --------------------------------------------------------------------------------------- */

/* Longer first; of equal ones the lower number. */
static bool precedes(const fps_schedule *schedule, uint32_t a, uint32_t b) {
    float a_s = schedule->predicted_s[a], b_s = schedule->predicted_s[b];
    return a_s > b_s || (a_s == b_s && a < b);
}

static void heap_push(fps_schedule *schedule, uint32_t task) {
    uint32_t *heap = schedule->returned;
    int64_t at = schedule->returned_count++;
    for (; at > 0 && precedes(schedule, task, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = task;
}

static void heap_pop(fps_schedule *schedule) {
    uint32_t *heap = schedule->returned, last = heap[--schedule->returned_count];
    int64_t count = schedule->returned_count, at = 0;
    for (int64_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && precedes(schedule, heap[child + 1], heap[child]))
            child++;
        if (!precedes(schedule, heap[child], last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
}

/* The longest waiting task; *returned says whether it is on the heap. At least one must be waiting. */
static uint32_t longest(const fps_schedule *schedule, bool *returned) {
    bool fresh = schedule->front < schedule->ordered;
    *returned = schedule->returned_count > 0 &&
                (!fresh || precedes(schedule, schedule->returned[0], schedule->order[schedule->front]));
    return *returned ? schedule->returned[0] : schedule->order[schedule->front];
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

fps_status fps_schedule_create(const fps_schedule_options *options, int64_t count, const float *predicted_s,
                               const bool *pending, fps_schedule **out) {
    *out = NULL;
    if (options->workers < 1 || !(options->ahead_s >= 0.0) || options->batch_limit < 1 || options->first_worker < 0)
        return fps_fail(FPS_ERROR_USAGE,
                        "a schedule needs workers, an advance of 0 s or more and batches of 1 or more");
    if (count < 0 || count > (int64_t)UINT32_MAX)
        return fps_fail(FPS_ERROR_USAGE, "a schedule cannot hold %lld tasks", (long long)count);

    fps_schedule *schedule;
    fps_status status;
    FPS_TRY(FPS_ALLOC(schedule, 1));
    schedule->options = *options;
    schedule->count = count;
    FPS_TRY_GOTO(status, FPS_ALLOC(schedule->worker, options->workers), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(schedule->predicted_s, count), failed);
    FPS_TRY_GOTO(status, FPS_ALLOC(schedule->place, count), failed);
    for (int64_t i = 0; i < count; i++) {
        bool waits = !pending || pending[i];
        schedule->predicted_s[i] = tame(predicted_s[i]);
        schedule->place[i] = waits ? WAITING : ABSENT;
        schedule->left += waits;
        schedule->left_s += waits ? (double)schedule->predicted_s[i] : 0.0;
    }
    FPS_TRY_GOTO(status, fps_order_falling(schedule->predicted_s, pending, count, &schedule->order, &schedule->ordered),
                 failed);
    schedule->within_s = (double)INFINITY;
    *out = schedule;
    return FPS_OK;
failed:
    fps_schedule_destroy(&schedule);
    return status;
}

void fps_schedule_destroy(fps_schedule **schedule) {
    if (!*schedule)
        return;
    fps_free((*schedule)->returned);
    fps_free((*schedule)->order);
    fps_free((*schedule)->place);
    fps_free((*schedule)->predicted_s);
    fps_free((*schedule)->worker);
    fps_free(*schedule);
    *schedule = NULL;
}

fps_status fps_schedule_prefer(fps_schedule *schedule, const int64_t *task, int64_t count) {
    if (count == 0)
        return FPS_OK;
    bool *preferred;
    uint32_t *order = NULL;
    fps_status status;
    int64_t first = 0, others = 0;
    FPS_TRY(FPS_ALLOC(preferred, schedule->count));
    FPS_TRY_GOTO(status, FPS_ALLOC(order, schedule->ordered), done);
    for (int64_t i = 0; i < count; i++)
        if (task[i] >= 0 && task[i] < schedule->count && schedule->place[task[i]] == WAITING) {
            others += !preferred[task[i]];
            preferred[task[i]] = true;
        }
    for (int64_t i = 0; i < schedule->ordered; i++) {
        uint32_t next = schedule->order[i];
        order[preferred[next] ? first++ : others++] = next;
    }
    memcpy(schedule->order, order, (size_t)schedule->ordered * sizeof *order);
done:
    fps_free(order);
    fps_free(preferred);
    return status;
}

void fps_schedule_end_within(fps_schedule *schedule, double within_s) {
    schedule->within_s = within_s;
}

/* ---- handing out ------------------------------------------------------------------------------------------------ */

static schedule_worker *worker_of(fps_schedule *schedule, int worker) {
    return &schedule->worker[worker - schedule->options.first_worker];
}

/* Real seconds per predicted second. */
static double scale(const fps_schedule *schedule) {
    return schedule->seen_predicted > 0.0 ? schedule->seen_actual / schedule->seen_predicted : 1.0;
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* The longest task (prediction, not rescaled) that is handed out in advance. */
static double short_s(const fps_schedule *schedule) {
    return schedule->options.ahead_s / larger(scale(schedule), 1e-12);
}

/* Take the task that longest() named from the waiting ones. */
static void take(fps_schedule *schedule, bool returned, double predicted_s) {
    if (returned)
        heap_pop(schedule);
    else
        schedule->front++;
    schedule->left_s =
        fps_schedule_waiting(schedule) > 1 ? larger(schedule->left_s - predicted_s, 0.0) : 0.0; /* it is one of them */
}

int64_t fps_schedule_next(fps_schedule *schedule, int worker, int64_t *task, int64_t limit) {
    schedule_worker *w = worker_of(schedule, worker);
    const double within_s = schedule->within_s / larger(scale(schedule), 1e-12); /* not rescaled */
    const double limit_s = short_s(schedule);
    const double target_s = fmin(limit_s, schedule->left_s / (SHARE * schedule->options.workers));
    /* What it holds beyond the task it is busy with: tasks handed out together are of about equal length. */
    double ahead_s = w->held > 0 ? w->held_s * (double)(w->held - 1) / (double)w->held : 0.0;
    bool dry = w->held == 0, busy_long = !dry && w->held_s > limit_s * (double)w->held;
    int64_t n = 0;
    if (limit > schedule->options.batch_limit)
        limit = schedule->options.batch_limit;
    while (n < limit && fps_schedule_waiting(schedule) > 0 && !busy_long) { /* nothing short waits behind a long task */
        bool returned;
        uint32_t next = longest(schedule, &returned);
        double predicted_s = (double)schedule->predicted_s[next];
        if (predicted_s > within_s) {
            take(schedule, returned, predicted_s);
            schedule->place[next] = ASIDE;
            schedule->aside++;
            continue;
        }
        if (w->held_s + predicted_s > within_s)
            break;
        if (!dry && ahead_s + predicted_s > target_s)
            break;
        if (!dry)
            ahead_s += predicted_s;
        busy_long = dry && predicted_s > limit_s;
        dry = false;
        take(schedule, returned, predicted_s);
        schedule->place[next] = 2 * worker;
        schedule->left--;
        schedule->running++;
        schedule->held_s += predicted_s;
        schedule->busy += w->held == 0;
        w->held++;
        w->held_s += predicted_s;
        task[n++] = next;
    }
    return n;
}

int64_t fps_schedule_ask_at(const fps_schedule *schedule, const int64_t *task, int64_t count) {
    return fps_schedule_predicted(schedule, task[count - 1]) <= schedule->options.ahead_s ? count / 2 : -1;
}

/* A worker no longer holds a task. */
static void release(fps_schedule *schedule, schedule_worker *w, double predicted_s) {
    w->held--;
    w->held_s = w->held > 0 ? larger(w->held_s - predicted_s, 0.0) : 0.0;
    schedule->busy -= w->held == 0;
    schedule->held_s = schedule->busy > 0 ? larger(schedule->held_s - predicted_s, 0.0) : 0.0;
}

void fps_schedule_finished(fps_schedule *schedule, int worker, int64_t task, double seconds) {
    if (schedule->place[task] != 2 * worker) /* taken back, or told before */
        return;
    double predicted_s = (double)schedule->predicted_s[task];
    schedule->place[task] = 2 * worker + 1;
    release(schedule, worker_of(schedule, worker), predicted_s);
    if (seconds >= 0.0 && seconds <= (double)LONGEST_S) {
        const double keep = 1.0 - 1.0 / MEMORY;
        schedule->seen_actual = keep * schedule->seen_actual + larger(seconds, (double)SHORTEST_S);
        schedule->seen_predicted = keep * schedule->seen_predicted + predicted_s;
    }
}

void fps_schedule_done(fps_schedule *schedule, int worker, int64_t task, double seconds) {
    fps_schedule_finished(schedule, worker, task, seconds);
    if (schedule->place[task] != 2 * worker + 1)
        return;
    schedule->place[task] = DONE;
    schedule->running--;
}

int64_t fps_schedule_lost(fps_schedule *schedule, int worker) {
    int64_t lost = 0;
    for (int64_t i = 0; i < schedule->count; i++)
        lost += schedule->place[i] >= 0 && schedule->place[i] / 2 == worker;
    if (schedule->returned_count + lost > schedule->returned_capacity) {
        int64_t capacity = schedule->returned_count + lost;
        uint32_t *larger_heap = fps_realloc(schedule->returned, (size_t)schedule->returned_count, (size_t)capacity,
                                            sizeof *schedule->returned);
        if (!larger_heap)
            return -1;
        schedule->returned = larger_heap;
        schedule->returned_capacity = capacity;
    }
    for (int64_t i = 0; lost > 0 && i < schedule->count; i++) {
        if (schedule->place[i] < 0 || schedule->place[i] / 2 != worker)
            continue;
        double predicted_s = (double)schedule->predicted_s[i];
        if (schedule->place[i] == 2 * worker)
            release(schedule, worker_of(schedule, worker), predicted_s);
        schedule->place[i] = WAITING;
        schedule->left++;
        schedule->running--;
        schedule->left_s += predicted_s;
        heap_push(schedule, (uint32_t)i);
    }
    return lost;
}

/* ---- questions -------------------------------------------------------------------------------------------------- */

int64_t fps_schedule_left(const fps_schedule *schedule) {
    return schedule->left;
}

int64_t fps_schedule_waiting(const fps_schedule *schedule) {
    return schedule->left - schedule->aside;
}

int64_t fps_schedule_running(const fps_schedule *schedule) {
    return schedule->running;
}

int64_t fps_schedule_busy(const fps_schedule *schedule) {
    return schedule->busy;
}

double fps_schedule_seconds_left(const fps_schedule *schedule) {
    return (schedule->left_s + schedule->held_s) * scale(schedule);
}

double fps_schedule_predicted(const fps_schedule *schedule, int64_t task) {
    return (double)schedule->predicted_s[task] * scale(schedule);
}

bool fps_schedule_coordinator_trains(int ranks, int64_t tasks, double mean_s) {
    if (ranks <= 1)
        return true;
    const double row_s = 2e-6, most = 0.1; /* what a task costs a coordinator; share of its time that it may cost */
    if (row_s * ranks > most * mean_s)
        return false;
    const double wait_s = 0.5 * (mean_s < FPS_SCHEDULE_HOOK_S ? mean_s : FPS_SCHEDULE_HOOK_S);
    const double each = (double)tasks / ranks;   /* tasks per rank */
    const double gain_s = each * mean_s / ranks; /* what one core more saves */
    const double length = mean_s < FPS_SCHEDULE_AHEAD_S ? mean_s / FPS_SCHEDULE_AHEAD_S : 1.0;
    const double waits = each * length * length + 1.5; /* tasks too long to be handed out ahead; the last hand-outs */
    return gain_s > wait_s * waits;
}
