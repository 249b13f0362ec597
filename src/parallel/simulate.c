#include "fpsweep/simulate.h"

#include <math.h>

#include "fpsweep/memory.h"
#include "fpsweep/schedule.h"

typedef enum event_kind { TASK_ENDS, NEWS_ARRIVES, SERVE, ANSWER_ARRIVES, EVENT_KINDS } event_kind;

typedef struct event {
    double time_s;
    int64_t sequence; /* events of one moment happen in the order of their making */
    int32_t rank;
    event_kind kind;
} event;

/* A list of tasks: a ring that grows. */
typedef struct tasks {
    uint32_t *task;
    int64_t first, count, capacity;
} tasks;

typedef enum asked { NOT_ASKED, ASKED_AHEAD, ASKED_DRY } asked;

typedef struct rank_state {
    tasks queue;    /* handed out, not started */
    tasks finished; /* run, not told yet */
    tasks mail;     /* on its way to the coordinator, or waiting there */
    tasks answer;   /* on its way to the worker */
    int64_t ask_at, answer_ask_at;
    double ends_s;   /* of the task being run (prolonged by serving), or of the last one */
    int64_t running; /* -1: none */
    asked asked;
} rank_state;

typedef struct simulation {
    fps_simulation_options options;
    const float *actual_s;
    fps_schedule *schedule;
    rank_state *rank; /* [ranks] */
    event *heap;
    int64_t heap_count, heap_capacity, sequence;
    tasks inbox;  /* ranks whose news wait, in order of arrival */
    bool serving; /* a SERVE event is on the heap */
    double now_s, busy_s;
    int64_t messages, *batch;
} simulation;

/* ---- containers ------------------------------------------------------------------------------------------------- */

static fps_status tasks_push(tasks *list, uint32_t task) {
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 4;
        uint32_t *block;
        FPS_TRY(FPS_ALLOC(block, capacity));
        for (int64_t i = 0; i < list->count; i++)
            block[i] = list->task[(list->first + i) & (list->capacity - 1)];
        fps_free(list->task);
        *list = (tasks){block, 0, list->count, capacity};
    }
    list->task[(list->first + list->count++) & (list->capacity - 1)] = task;
    return FPS_OK;
}

static uint32_t tasks_pop(tasks *list) {
    uint32_t task = list->task[list->first];
    list->first = (list->first + 1) & (list->capacity - 1);
    list->count--;
    return task;
}

static bool sooner(const event *a, const event *b) {
    return a->time_s < b->time_s || (a->time_s == b->time_s && a->sequence < b->sequence);
}

static fps_status push(simulation *s, double time_s, event_kind kind, int32_t rank) {
    if (s->heap_count == s->heap_capacity) {
        int64_t capacity = s->heap_capacity ? 2 * s->heap_capacity : 1024;
        event *larger = fps_realloc(s->heap, (size_t)s->heap_count, (size_t)capacity, sizeof *larger);
        if (!larger)
            return FPS_ERROR_MEMORY;
        s->heap = larger;
        s->heap_capacity = capacity;
    }
    event new = {time_s, s->sequence++, rank, kind};
    int64_t at = s->heap_count++;
    for (; at > 0 && sooner(&new, &s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = new;
    return FPS_OK;
}

static event pop(simulation *s) {
    event top = s->heap[0], last = s->heap[--s->heap_count];
    int64_t at = 0;
    for (int64_t child; (child = 2 * at + 1) < s->heap_count; at = child) {
        if (child + 1 < s->heap_count && sooner(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (!sooner(&s->heap[child], &last))
            break;
        s->heap[at] = s->heap[child];
    }
    s->heap[at] = last;
    return top;
}

/* ---- the worker ------------------------------------------------------------------------------------------------- */

/* Tell what is finished and ask for more; a worker on rank 0 pays no latency. */
static fps_status ask(simulation *s, int32_t r, asked how) {
    rank_state *rank = &s->rank[r];
    rank->asked = how;
    while (rank->finished.count > 0)
        FPS_TRY(tasks_push(&rank->mail, tasks_pop(&rank->finished)));
    return push(s, s->now_s + (r == 0 ? 0.0 : s->options.latency_s), NEWS_ARRIVES, r);
}

/* Start the next task, or ask because the queue has run dry. */
static fps_status proceed(simulation *s, int32_t r) {
    rank_state *rank = &s->rank[r];
    if (rank->running < 0 && rank->queue.count > 0) {
        rank->running = tasks_pop(&rank->queue);
        rank->ends_s = s->now_s + (double)s->actual_s[rank->running];
        s->busy_s += (double)s->actual_s[rank->running];
        FPS_TRY(push(s, rank->ends_s, TASK_ENDS, r));
    }
    if (rank->running < 0)
        return rank->asked < ASKED_DRY ? ask(s, r, ASKED_DRY) : FPS_OK;
    return rank->asked == NOT_ASKED && rank->queue.count <= rank->ask_at ? ask(s, r, ASKED_AHEAD) : FPS_OK;
}

static fps_status task_ends(simulation *s, int32_t r) {
    rank_state *rank = &s->rank[r];
    if (rank->ends_s > s->now_s) /* prolonged meanwhile */
        return push(s, rank->ends_s, TASK_ENDS, r);
    FPS_TRY(tasks_push(&rank->finished, (uint32_t)rank->running));
    rank->running = -1;
    return proceed(s, r);
}

static fps_status answer_arrives(simulation *s, int32_t r) {
    rank_state *rank = &s->rank[r];
    while (rank->answer.count > 0)
        FPS_TRY(tasks_push(&rank->queue, tasks_pop(&rank->answer)));
    rank->ask_at = rank->answer_ask_at;
    rank->asked = NOT_ASKED;
    return proceed(s, r);
}

/* ---- the coordinator -------------------------------------------------------------------------------------------- */

/* When it can look at its messages: now, or at the next call of the hook of the task that it trains. */
static double attention_s(const simulation *s) {
    const rank_state *rank = &s->rank[0];
    if (rank->running < 0)
        return s->now_s;
    double since_s = s->now_s - (rank->ends_s - (double)s->actual_s[rank->running]);
    double next_s = s->now_s + s->options.hook_s - fmod(fmax(since_s, 0.0), s->options.hook_s);
    return fmin(next_s, rank->ends_s);
}

static fps_status news_arrives(simulation *s, int32_t r) {
    s->messages++;
    FPS_TRY(tasks_push(&s->inbox, (uint32_t)r));
    if (s->serving)
        return FPS_OK;
    s->serving = true;
    return push(s, attention_s(s), SERVE, 0);
}

/* Serve the first message of the inbox. */
static fps_status serve(simulation *s, int32_t coordinator) {
    int32_t r = (int32_t)tasks_pop(&s->inbox);
    rank_state *rank = &s->rank[r];
    double cost_s = s->options.service_s + s->options.row_s * (double)rank->mail.count;
    while (rank->mail.count > 0) {
        uint32_t task = tasks_pop(&rank->mail);
        fps_schedule_done(s->schedule, r, task, (double)s->actual_s[task]);
    }
    int64_t n = fps_schedule_next(s->schedule, r, s->batch, s->options.batch_limit);
    for (int64_t i = 0; i < n; i++)
        FPS_TRY(tasks_push(&rank->answer, (uint32_t)s->batch[i]));
    double ready_s = s->now_s + cost_s;
    s->busy_s += cost_s;
    if (n > 0) {
        rank->answer_ask_at = fps_schedule_ask_at(s->schedule, s->batch, n);
        FPS_TRY(push(s, ready_s + (r == 0 ? 0.0 : s->options.latency_s), ANSWER_ARRIVES, r));
    }
    if (s->rank[coordinator].running >= 0)
        s->rank[coordinator].ends_s += cost_s;
    s->serving = s->inbox.count > 0;
    return s->serving ? push(s, ready_s, SERVE, 0) : FPS_OK;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static fps_status run(simulation *s) {
    static fps_status (*const happen[EVENT_KINDS])(simulation *, int32_t) = {
        [TASK_ENDS] = task_ends, [NEWS_ARRIVES] = news_arrives, [SERVE] = serve, [ANSWER_ARRIVES] = answer_arrives};
    for (int32_t r = s->options.coordinator_trains ? 0 : 1; r < s->options.ranks; r++)
        FPS_TRY(proceed(s, r));
    while (fps_schedule_left(s->schedule) + fps_schedule_running(s->schedule) > 0) {
        event next = pop(s);
        s->now_s = next.time_s;
        FPS_TRY(happen[next.kind](s, next.rank));
    }
    return FPS_OK;
}

static void conclude(const simulation *s, int64_t count, fps_simulation *out) {
    const int ranks = s->options.ranks;
    double longest_s = 0.0, work_s = 0.0, first_end_s = s->now_s;
    for (int64_t i = 0; i < count; i++) {
        longest_s = fmax(longest_s, (double)s->actual_s[i]);
        work_s += (double)s->actual_s[i];
    }
    for (int r = s->options.coordinator_trains ? 0 : 1; r < ranks; r++)
        first_end_s = fmin(first_end_s, s->rank[r].ends_s);
    out->makespan_s = s->now_s;
    out->bound_s = fmax(longest_s, work_s / ranks);
    out->idle_share = s->now_s > 0.0 ? fmax(0.0, 1.0 - s->busy_s / (ranks * s->now_s)) : 0.0;
    out->tail_s = s->now_s - first_end_s;
    out->messages = s->messages;
}

static void release(simulation *s) {
    for (int r = 0; s->rank && r < s->options.ranks; r++) {
        fps_free(s->rank[r].queue.task);
        fps_free(s->rank[r].finished.task);
        fps_free(s->rank[r].mail.task);
        fps_free(s->rank[r].answer.task);
    }
    fps_free(s->inbox.task);
    fps_free(s->heap);
    fps_free(s->batch);
    fps_free(s->rank);
    fps_schedule_destroy(&s->schedule);
}

fps_status fps_simulate(const fps_simulation_options *options, int64_t count, const float *predicted_s,
                        const float *actual_s, fps_simulation *out) {
    *out = (fps_simulation){0};
    if (options->ranks < 1 || (options->ranks == 1 && !options->coordinator_trains) || !(options->hook_s > 0.0))
        return fps_fail(FPS_ERROR_USAGE, "a simulation needs a rank that trains and a positive interval of its hook");
    simulation s = {.options = *options, .actual_s = actual_s};
    const fps_schedule_options schedule = {.workers = options->ranks - !options->coordinator_trains,
                                           .ahead_s = options->ahead_s,
                                           .batch_limit = options->batch_limit,
                                           .first_worker = !options->coordinator_trains};
    fps_status status;
    FPS_TRY_GOTO(status, fps_schedule_create(&schedule, count, predicted_s, NULL, &s.schedule), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s.rank, options->ranks), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(s.batch, options->batch_limit), done);
    for (int r = 0; r < options->ranks; r++)
        s.rank[r].running = -1;
    FPS_TRY_GOTO(status, run(&s), done);
    conclude(&s, count, out);
done:
    release(&s);
    return status;
}

fps_simulation_options fps_simulation_defaults(int ranks, bool coordinator_trains) {
    return (fps_simulation_options){.ranks = ranks,
                                    .coordinator_trains = coordinator_trains,
                                    .latency_s = 5e-6,
                                    .service_s = 2e-6,
                                    .row_s = 1e-6,
                                    .hook_s = FPS_SCHEDULE_HOOK_S,
                                    .ahead_s = FPS_SCHEDULE_AHEAD_S,
                                    .batch_limit = FPS_SCHEDULE_BATCH_LIMIT};
}
