/* test_farm: the farm with tasks that do not train, on any number of ranks. Prints what it compares; aborts at the
 * first thing that is wrong. Usage: mpirun -n N test_farm FOLDER (for the results files)
 */
#include <fcntl.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/fpsweep.h"
#include "fpsweep/memory.h"

static int rank, ranks;
static const char *folder;

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: rank %d of %d: %s is false: ", __FILE__, __LINE__, rank, ranks, #condition);       \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fprintf(stderr, "\n");                                                                                     \
            MPI_Abort(MPI_COMM_WORLD, 1);                                                                              \
        }                                                                                                              \
    } while (0)

#define CHECK_OK(call)                                                                                                 \
    do {                                                                                                               \
        fps_status check_status_ = (call);                                                                             \
        CHECK(check_status_ == FPS_OK, "%s: %s", fps_status_name(check_status_), fps_error_message());                 \
    } while (0)

#define CHECK_EQUAL(a, b)                                                                                              \
    CHECK((long long)(a) == (long long)(b), "%s = %lld, %s = %lld", #a, (long long)(a), #b, (long long)(b))

/* ---- a sweep and its file --------------------------------------------------------------------------------------- */

/* 300 tasks of 10 steps and one of 1e6; predicted 10 ms and 1000 s. */
static const char sweep[] = "sweep: farm\n"
                            "fixed: {target: \"sin(x)\", domain: [-pi, pi], samples: 16, width: 8, grid_points: 32}\n"
                            "grid:\n"
                            "  steps: [10, 1000000]\n"
                            "  seed: {from: 0, to: 299}\n"
                            "where: \"steps == 10 || seed == 0\"\n"
                            "record: {count: 8, frequencies: 4}\n";
enum { TASKS = 301 };

typedef struct fixture {
    char path[4096];
    fps_plan *plan;
    fps_results *results;
    fps_calibration calibration;
    fps_farm_options options;
    fps_progress final;
    /* what the fake tasks do and have done */
    int runs[TASKS]; /* completed by this rank */
    int completed;   /* their sum */
    int fail_every, diverge_every;
    int break_after;      /* this rank's run fails after so many; 0: never */
    int stop_after;       /* this rank is told to stop after so many; 0: never */
    bool wait_for_others; /* the long task goes on until all others are run */
    bool wait_for_last;   /* ranks but the last run two tasks, then go on until the last one breaks or stops */
    volatile int stop;
    long long order[TASKS];
} fixture;

static void counter_path(const fixture *f, char *path, size_t size) {
    snprintf(path, size, "%s.count", f->path);
}

/* A counter that all processes share: the size of a file. */
static void count_one(const fixture *f) {
    char path[4200];
    counter_path(f, path, sizeof path);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    CHECK(file >= 0 && write(file, "x", 1) == 1, "counting in %s", path);
    close(file);
}

static long long counted(const fixture *f) {
    char path[4200];
    struct stat facts;
    counter_path(f, path, sizeof path);
    return stat(path, &facts) == 0 ? (long long)facts.st_size : 0;
}

static double now_s(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void pause_s(double seconds) {
    struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

/* Keep calling the hook until the counter has come to `wanted`. */
static fps_status wait_until(fixture *f, long long wanted, const fps_hook *hook) {
    double start_s = now_s(CLOCK_MONOTONIC);
    while (counted(f) < wanted) {
        if (hook->call(hook->context, 0, 1))
            return FPS_STOPPED;
        CHECK(now_s(CLOCK_MONOTONIC) - start_s < 20.0, "only %lld of %lld others meanwhile", counted(f), wanted);
        pause_s(1e-3);
    }
    return FPS_OK;
}

static fps_status fake_run(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                           fps_trajectory *trajectory) {
    fixture *f = context;
    const bool broken = f->break_after && f->completed == f->break_after;
    const bool stopped = f->stop_after && f->completed == f->stop_after;
    if (broken || stopped)
        count_one(f);
    if (broken)
        return fps_fail(FPS_ERROR_MEMORY, "the attic is full");
    if (stopped)
        f->stop = 1;
    if (f->wait_for_last && rank < ranks - 1 && f->completed == 2)
        FPS_TRY(wait_until(f, 1, hook));
    if (f->wait_for_others && task->steps > 10)
        FPS_TRY(wait_until(f, TASKS - 1, hook));
    if (hook->call(hook->context, 0, 1))
        return FPS_STOPPED;
    FPS_TRY(fps_trajectory_prepare(trajectory, task, spec));
    trajectory->outcome = FPS_DONE;
    if (f->fail_every && task->index % f->fail_every == 0)
        trajectory->outcome = FPS_FAILED;
    else if (f->diverge_every && task->index % f->diverge_every == 0)
        trajectory->outcome = FPS_DIVERGED;
    if (trajectory->outcome == FPS_FAILED)
        snprintf(trajectory->message, sizeof trajectory->message, "the kernel is singular");
    trajectory->records = trajectory->outcome == FPS_FAILED ? 0 : 3;
    for (int64_t r = 0; r < trajectory->records; r++)
        trajectory->value[FPS_RESULT_TRAINING_LOSS][r] = (double)(task->index + r);
    trajectory->seconds = 1e-3;
    if (f->completed < TASKS)
        f->order[f->completed] = task->index;
    f->runs[task->index]++;
    f->completed++;
    if (f->wait_for_others && task->steps == 10)
        count_one(f);
    return FPS_OK;
}

static fixture *begin(const char *name) {
    const fps_run_facts facts = {"test", "", "", "", ranks, 0, {0, 0}};
    fixture *f = fps_alloc(1, sizeof *f);
    CHECK(f, "%s", fps_error_message());
    snprintf(f->path, sizeof f->path, "%s/%s_%d.h5", folder, name, ranks);
    CHECK_OK(fps_plan_create("farm.yaml", sweep, sizeof sweep - 1, &f->plan));
    CHECK_EQUAL(fps_plan_count(f->plan), TASKS);
    if (rank == 0) {
        char path[4200];
        counter_path(f, path, sizeof path);
        unlink(path);
        unlink(f->path);
        CHECK_OK(fps_results_create(f->path, f->plan, &facts));
    }
    MPI_Barrier(MPI_COMM_WORLD);
    CHECK_OK(fps_results_open(MPI_COMM_WORLD, f->path, f->plan, &f->results));
    f->calibration.step_overhead = 1e-3;
    f->options = (fps_farm_options){.sync_every_s = 0.05, .run = fake_run, .run_context = f, .stop = &f->stop};
    return f;
}

static fps_status farm(fixture *f) {
    f->completed = 0;
    memset(f->runs, 0, sizeof f->runs);
    return fps_farm_run(MPI_COMM_WORLD, f->plan, f->results, &f->calibration, &f->options, &f->final);
}

/* Runs of all ranks, per task. */
static int total_runs(const fixture *f, int *runs) {
    int total = 0;
    MPI_Allreduce(f->runs, runs, TASKS, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    for (int i = 0; i < TASKS; i++)
        total += runs[i];
    return total;
}

/* How many tasks have which outcome, in the file as a reader sees it; their rows must be right. */
static void file_outcomes(const fixture *f, long long *count) {
    memset(count, 0, FPS_OUTCOME_COUNT * sizeof *count);
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        fps_reader *reader;
        fps_row *row = fps_alloc(TASKS, sizeof *row);
        fps_trajectory trajectory = {0};
        CHECK(row, "%s", fps_error_message());
        CHECK_OK(fps_reader_open(f->path, &reader));
        CHECK_OK(fps_reader_rows(reader, row));
        for (int i = 0; i < TASKS; i++) {
            fps_task task;
            uint32_t checksum;
            count[row[i].outcome]++;
            if (row[i].outcome == FPS_PENDING)
                continue;
            fps_plan_task(f->plan, i, &task);
            CHECK_OK(fps_reader_trajectory(reader, i, &trajectory));
            CHECK_OK(fps_results_checksum(f->plan, &task, &trajectory, &checksum));
            CHECK_EQUAL(checksum, row[i].checksum);
            CHECK_EQUAL(row[i].records, row[i].outcome == FPS_FAILED ? 0 : 3);
            CHECK_EQUAL(row[i].attempts, 1);
            CHECK(row[i].rank >= 0 && row[i].rank < ranks, "rank %d", row[i].rank);
        }
        fps_trajectory_release(&trajectory);
        fps_free(row);
        fps_reader_close(&reader);
    }
    MPI_Bcast(count, FPS_OUTCOME_COUNT, MPI_LONG_LONG, 0, MPI_COMM_WORLD);
}

static void finish(fixture *f) {
    CHECK_OK(fps_results_close(&f->results));
    fps_plan_destroy(&f->plan);
    fps_free(f);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Everybody has the same status and message as rank 0. */
static void check_same_verdict(fps_status status) {
    char mine[2048], first[2048];
    int code = (int)status, first_code = code;
    snprintf(mine, sizeof mine, "%s", status == FPS_OK ? "" : fps_error_message());
    memcpy(first, mine, sizeof first);
    MPI_Bcast(&first_code, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(first, sizeof first, MPI_BYTE, 0, MPI_COMM_WORLD);
    CHECK_EQUAL(code, first_code);
    CHECK(strcmp(mine, first) == 0, "'%s', rank 0 has '%s'", mine, first);
}

/* ---- properties ------------------------------------------------------------------------------------------------- */

static void every_task_is_run_once(void) {
    fixture *f = begin("once");
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    CHECK_OK(farm(f));
    CHECK_EQUAL(total_runs(f, runs), TASKS);
    for (int i = 0; i < TASKS; i++)
        CHECK_EQUAL(runs[i], 1);
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], TASKS);
    if (rank == 0) {
        CHECK_EQUAL(f->final.tasks, TASKS);
        CHECK_EQUAL(f->final.done, TASKS);
        CHECK_EQUAL(f->final.running, 0);
    }
    CHECK_OK(farm(f)); /* nothing is left */
    CHECK_EQUAL(total_runs(f, runs), 0);
    if (rank == 0)
        CHECK_EQUAL(f->final.done, TASKS);
    finish(f);
}

static int warnings;
static void take_warning(void *context, fps_log_level level, const char *message) {
    (void)context;
    (void)level;
    warnings++;
    CHECK(strstr(message, "the kernel is singular") || strstr(message, "more such messages; only the first 10"), "%s",
          message);
}

static void failed_and_diverged_tasks_are_rows(void) {
    fixture *f = begin("failed");
    long long count[FPS_OUTCOME_COUNT];
    f->fail_every = 5;
    f->diverge_every = 7;
    warnings = 0;
    fps_log_set(take_warning, NULL);
    CHECK_OK(farm(f));
    fps_log_set(NULL, NULL);
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_FAILED], 61);   /* multiples of 5 in 0..300 */
    CHECK_EQUAL(count[FPS_DIVERGED], 34); /* multiples of 7, not of 5 */
    CHECK_EQUAL(count[FPS_DONE], TASKS - 61 - 34);
    CHECK_EQUAL(warnings, rank == 0 ? 11 : 0); /* ten, and that there are more */
    if (rank == 0) {
        CHECK_EQUAL(f->final.failed, 61);
        CHECK_EQUAL(f->final.diverged, 34);
        CHECK_EQUAL(f->final.done, count[FPS_DONE]);
    }
    finish(f);
}

/* Rank 0 or another: whoever has the long task, the others get theirs from a coordinator that may be training it. */
static void others_go_on_during_a_long_task(void) {
    if (ranks == 1)
        return;
    fixture *f = begin("long");
    long long count[FPS_OUTCOME_COUNT];
    f->wait_for_others = true;
    CHECK_OK(farm(f));
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], TASKS);
    finish(f);
}

static void an_error_ends_the_run_in_good_order(void) {
    fixture *f = begin("broken");
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    f->wait_for_last = true;
    if (rank == ranks - 1)
        f->break_after = 3;
    fps_status status = farm(f);
    CHECK_EQUAL(status, FPS_ERROR_MEMORY);
    check_same_verdict(status);
    char expected[64];
    snprintf(expected, sizeof expected, ranks > 1 ? "rank %d: task " : "task ", ranks - 1);
    CHECK(strncmp(fps_error_message(), expected, strlen(expected)) == 0, "%s", fps_error_message());
    CHECK(strstr(fps_error_message(), "the attic is full"), "%s", fps_error_message());
    int total = total_runs(f, runs);
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], total); /* all that was run is committed */
    CHECK(total >= 3 && total < TASKS, "%d", total);
    f->break_after = 0;
    CHECK_OK(farm(f));
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], TASKS);
    CHECK_EQUAL(total_runs(f, runs), TASKS - total); /* nothing twice */
    finish(f);
}

static void one_ranks_stop_reaches_all(void) {
    fixture *f = begin("stop");
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    f->wait_for_last = true;
    if (rank == ranks - 1)
        f->stop_after = 3;
    fps_status status = farm(f);
    CHECK_EQUAL(status, FPS_STOPPED);
    check_same_verdict(status);
    int total = total_runs(f, runs);
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], total);
    CHECK(total >= 3 && total < TASKS, "%d", total);
    if (rank == 0)
        CHECK_EQUAL(f->final.done, total);
    status = farm(f); /* the flag is still up on one rank */
    CHECK_EQUAL(status, FPS_STOPPED);
    CHECK_EQUAL(total_runs(f, runs) < TASKS - total, 1);
    f->stop = f->stop_after = 0;
    CHECK_OK(farm(f));
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], TASKS);
    finish(f);
}

static void a_list_is_run_in_its_order(void) {
    fixture *f = begin("only");
    const int64_t list[] = {250, 3, 77, 300, 4, 251}, twice[] = {1, 2, 1}, unknown[] = {1, TASKS}, negative[] = {-1};
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    f->options.only = list;
    f->options.only_count = 6;
    f->calibration.step_overhead = 0.0; /* equal predictions */
    /* First they are pending; then done; then done, but to be set back and run again. */
    for (int turn = 0; turn < 3; turn++) {
        const int expected = turn == 1 ? 0 : 6;
        f->options.again = turn == 2;
        CHECK_OK(farm(f));
        CHECK_EQUAL(total_runs(f, runs), expected);
        for (int i = 0; i < expected; i++) {
            CHECK_EQUAL(runs[list[i]], 1);
            if (ranks == 1)
                CHECK_EQUAL(f->order[i], list[i]);
        }
        file_outcomes(f, count);
        CHECK_EQUAL(count[FPS_DONE], 6);
        if (rank == 0) {
            CHECK_EQUAL(f->final.tasks, 6);
            CHECK_EQUAL(f->final.done, 6);
        }
    }
    struct {
        const int64_t *list;
        int64_t count;
        const char *message;
    } wrong[] = {
        {twice, 3, "task 1 is named twice"}, {unknown, 2, "there is no task 301"}, {negative, 1, "no task -1"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        f->options.only = wrong[i].list;
        f->options.only_count = wrong[i].count;
        fps_status status = farm(f);
        CHECK_EQUAL(status, FPS_ERROR_USAGE);
        check_same_verdict(status);
        CHECK(strstr(fps_error_message(), wrong[i].message), "%s", fps_error_message());
    }
    finish(f);
}

/* Six of the 301 are done: a list of twelve with them concerns twelve and runs six. */
static void a_list_is_run_as_far_as_it_is_pending(void) {
    fixture *f = begin("part");
    const int64_t list[] = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    f->options.only = list + 3;
    f->options.only_count = 6;
    CHECK_OK(farm(f));
    f->options.only = list;
    f->options.only_count = 12;
    CHECK_OK(farm(f));
    CHECK_EQUAL(total_runs(f, runs), 6);
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], 12);
    if (rank == 0) {
        CHECK_EQUAL(f->final.tasks, 12);
        CHECK_EQUAL(f->final.done, 12);
    }
    f->options.only_count = 0;
    CHECK_OK(farm(f));
    CHECK_EQUAL(total_runs(f, runs), 0);
    finish(f);
}

static fps_status sleeping_run(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                               fps_trajectory *trajectory) {
    for (int i = 0; i < 60; i++) {
        pause_s(0.02);
        if (hook->call(hook->context, i, 60))
            return FPS_STOPPED;
    }
    return fake_run(context, task, spec, hook, trajectory);
}

/* One rank sleeps in a task, the others have nothing to do: nobody needs the processor. Not a timing: a busy machine
 * can only make the share smaller. */
static void waiting_does_not_burn_the_core(void) {
    fixture *f = begin("idle");
    const int64_t list[] = {5};
    f->options.only = list;
    f->options.only_count = 1;
    f->options.run = sleeping_run;
    double cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID), wall_s = now_s(CLOCK_MONOTONIC);
    CHECK_OK(farm(f));
    cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
    wall_s = now_s(CLOCK_MONOTONIC) - wall_s;
    printf("rank %d of %d waited %.2f s with %.3f s of processor time\n", rank, ranks, wall_s, cpu_s);
    CHECK(cpu_s < 0.25 * wall_s, "%.3f s of %.3f s", cpu_s, wall_s);
    finish(f);
}

/* ---- an end that is set ----------------------------------------------------------------------------------------- */

/* These tasks cannot be saved: the one of 1000 s is not begun. */
static void what_would_not_end_in_time_is_not_started(void) {
    fixture *f = begin("deadline");
    int runs[TASKS];
    long long count[FPS_OUTCOME_COUNT];
    const double end_s = now_s(CLOCK_MONOTONIC) + 60.0;
    f->options.stop_at_s = end_s;
    fps_status status = farm(f);
    CHECK_EQUAL(status, FPS_STOPPED);
    check_same_verdict(status);
    CHECK(now_s(CLOCK_MONOTONIC) < end_s - 20.0, "it waited for the end with nothing left to do");
    CHECK_EQUAL(total_runs(f, runs), TASKS - 1);
    CHECK_EQUAL(runs[300], 0); /* steps: 1000000 */
    file_outcomes(f, count);
    CHECK_EQUAL(count[FPS_DONE], TASKS - 1);
    if (rank == 0)
        CHECK_EQUAL(f->final.lost, 0);
    f->options.stop_at_s = 0.0;
    CHECK_OK(farm(f));
    CHECK_EQUAL(total_runs(f, runs), 1);
    finish(f);
}

/* Predicted to be short, but they are not: they are broken off at the time that was set. */
static void the_run_ends_when_its_time_is_over(void) {
    fixture *f = begin("over");
    int runs[TASKS];
    f->options.run = sleeping_run;
    f->calibration.step_overhead = 1e-7;
    const double start_s = now_s(CLOCK_MONOTONIC);
    f->options.stop_at_s = start_s + 0.6;
    fps_status status = farm(f);
    const double took_s = now_s(CLOCK_MONOTONIC) - start_s;
    CHECK_EQUAL(status, FPS_STOPPED);
    check_same_verdict(status);
    CHECK(took_s > 0.3 && took_s < 10.0, "%.2f s", took_s);
    CHECK_EQUAL(total_runs(f, runs), 0); /* a task takes 1.2 s */
    if (rank == 0) {
        printf("%d ranks: stopped after %.2f of 0.6 s, %lld tasks broken off\n", ranks, took_s,
               (long long)f->final.lost);
        CHECK(f->final.lost >= 1 && f->final.lost <= ranks, "%lld", (long long)f->final.lost);
        CHECK_EQUAL(f->final.saved, 0);
    }
    finish(f);
}

/* ---- signs of life ---------------------------------------------------------------------------------------------- */

static void never(void *context, const char *sentence) {
    (void)context;
    CHECK(false, "%s", sentence);
}

/* Tasks longer than the patience, and ranks that have nothing to do meanwhile: none is silent. */
static void ranks_that_live_are_not_given_up(void) {
    fixture *f = begin("alive");
    const int64_t list[] = {5, 6, 7};
    f->options.only = list;
    f->options.only_count = 3;
    f->options.run = sleeping_run;
    f->options.patience_s = 0.8; /* a task takes 1.2 s */
    f->options.abandon = never;
    CHECK_OK(farm(f));
    finish(f);
}

/* ---- the program is told what runs ------------------------------------------------------------------------------ */

static int64_t running_now = -1, started[TASKS];
static void take_running(void *context, int64_t task) {
    (void)context;
    CHECK(task == -1 || (running_now == -1 && task >= 0 && task < TASKS), "%lld after %lld", (long long)task,
          (long long)running_now);
    running_now = task;
    if (task >= 0)
        started[task]++;
}

static fps_status watched_run(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                              fps_trajectory *trajectory) {
    CHECK_EQUAL(running_now, task->index);
    return fake_run(context, task, spec, hook, trajectory);
}

static void the_program_knows_what_runs(void) {
    fixture *f = begin("running");
    f->options.run = watched_run;
    f->options.running = take_running;
    memset(started, 0, sizeof started);
    CHECK_OK(farm(f));
    CHECK_EQUAL(running_now, -1);
    for (int i = 0; i < TASKS; i++)
        CHECK_EQUAL(started[i], f->runs[i]);
    finish(f);
}

int main(int count, char **argument) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"every_task_is_run_once", every_task_is_run_once},
                 {"failed_and_diverged_tasks_are_rows", failed_and_diverged_tasks_are_rows},
                 {"others_go_on_during_a_long_task", others_go_on_during_a_long_task},
                 {"an_error_ends_the_run_in_good_order", an_error_ends_the_run_in_good_order},
                 {"one_ranks_stop_reaches_all", one_ranks_stop_reaches_all},
                 {"a_list_is_run_in_its_order", a_list_is_run_in_its_order},
                 {"a_list_is_run_as_far_as_it_is_pending", a_list_is_run_as_far_as_it_is_pending},
                 {"waiting_does_not_burn_the_core", waiting_does_not_burn_the_core},
                 {"what_would_not_end_in_time_is_not_started", what_would_not_end_in_time_is_not_started},
                 {"the_run_ends_when_its_time_is_over", the_run_ends_when_its_time_is_over},
                 {"ranks_that_live_are_not_given_up", ranks_that_live_are_not_given_up},
                 {"the_program_knows_what_runs", the_program_knows_what_runs}};
    MPI_Init(&count, &argument);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    CHECK(count == 2, "usage: test_farm FOLDER");
    folder = argument[1];
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        tests[i].run();
        if (rank == 0)
            printf("ok: %s\n", tests[i].name);
        fflush(stdout);
    }
    MPI_Finalize();
    return 0;
}
