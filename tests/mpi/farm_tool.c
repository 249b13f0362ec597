/* farm_tool: the farm without the command line, for the tests in this folder.
 *
 *     farm_tool run SWEEP FILE [NAME=VALUE...]
 *         Create FILE unless it exists, run what is pending.
 *         shuffle=SEED      in an order drawn from it
 *         every=SECONDS     write checkpoints so often, and when stopped (0: only then); without it there are none
 *         stop_after=S      stop by itself
 *         patience=S        give up when a rank is silent for so long
 *         again=TASK        only this task, whatever its outcome
 *     farm_tool compare A B
 *         Every task of A is in B with the same bits (B may hold more); neither pending.
 *     farm_tool check FILE
 *         Every finished row has the checksum of its content; prints how many there are.
 *     farm_tool agree
 *         fps_farm_agree; every rank prints class and hash, or the message.
 *
 * Exit status: that of the fps_status (75: stopped). SIGUSR1 is the stop signal; a segmentation fault is noted in the
 * journal of crashes. Every rank prints its status of a run.
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/fpsweep.h"
#include "fpsweep/memory.h"
#include "fpsweep/random.h"

static volatile int stop_flag;

/* What the run is asked for; times in s, negative: not given. */
typedef struct wishes {
    const char *sweep, *path;
    double shuffle, every_s, stop_after_s, patience_s, again;
} wishes;

static void on_signal(int number) {
    (void)number;
    stop_flag = 1;
}

static void print_log(void *context, fps_log_level level, const char *message) {
    (void)level;
    printf("rank %d log: %s\n", *(int *)context, message);
}

static int complain(fps_status status, const char *doing) {
    fprintf(stderr, "farm_tool: %s: %s: %s\n", doing, fps_status_name(status), fps_error_message());
    return fps_status_exit(status);
}

/* Before MPI starts, as the program does: the class that FPSWEEP_KERNELS names. */
static fps_status choose_class(void) {
    fps_kernel_class class;
    FPS_TRY(fps_kernel_class_wanted(&class));
    fps_kernel_class_set(class);
    return FPS_OK;
}

/* ---- run -------------------------------------------------------------------------------------------------------- */

static fps_status read_plan(const char *path, fps_plan **plan) {
    char *text;
    size_t length;
    FPS_TRY(fps_file_read(path, &text, &length));
    fps_status status = fps_plan_create(path, text, length, plan);
    fps_free(text);
    return status;
}

/* Tasks 0..count-1 in an order drawn from `seed` (Fisher and Yates). */
static int64_t *shuffled(int64_t count, uint64_t seed) {
    int64_t *task = fps_alloc((size_t)count, sizeof *task);
    for (int64_t i = 0; task && i < count; i++) {
        int64_t k = (int64_t)(fps_random_bits(seed, FPS_PURPOSE_BATCHES, 0, (uint64_t)i) % (uint64_t)(i + 1));
        task[i] = task[k];
        task[k] = i;
    }
    return task;
}

static void print_progress(void *context, const fps_progress *progress) {
    (void)context;
    printf("progress %lld of %lld\n", (long long)(progress->done + progress->diverged + progress->failed),
           (long long)progress->tasks);
    fflush(stdout);
}

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void give_up(void *context, const char *sentence) {
    printf("rank %d gives up: %s\n", *(int *)context, sentence);
    fflush(stdout);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* ---- crashes: a handler as the program has one ---- */

static fps_checkpoints *crash_journal;
static fps_crash crash = {.task = -1};
static const fps_plan *crash_plan;

static void note_running(void *context, int64_t number) {
    (void)context;
    fps_task task;
    crash.task = -1;
    if (number < 0)
        return;
    fps_plan_task(crash_plan, number, &task);
    crash.identity = fps_task_identity(&task);
    crash.task = number;
}

static void on_crash(int number) {
    crash.signal = number;
    if (crash_journal && crash.task >= 0)
        fps_checkpoints_note_crash(crash_journal, &crash);
    signal(number, SIG_DFL);
    raise(number);
}

/* Rank 0's plans of what to run, and how. */
static fps_status ask_for(const wishes *wish, const fps_plan *plan, int64_t **only, fps_calibration *calibration,
                          fps_farm_options *options) {
    if (wish->every_s >= 0.0) {
        FPS_TRY(fps_checkpoints_open(wish->path, &options->checkpoints));
        crash_journal = options->checkpoints;
        options->checkpoint_every_s = wish->every_s;
    }
    options->patience_s = wish->patience_s > 0.0 ? wish->patience_s : 0.0;
    if (wish->shuffle >= 0.0) {
        options->only_count = fps_plan_count(plan);
        options->only = *only = shuffled(options->only_count, (uint64_t)wish->shuffle);
        return *only ? FPS_OK : FPS_ERROR_MEMORY; /* nothing costs anything: then the order is that of the list */
    }
    if (wish->again >= 0.0) {
        FPS_TRY(FPS_ALLOC(*only, 1));
        (*only)[0] = (int64_t)wish->again;
        options->only = *only;
        options->only_count = 1;
        options->again = true;
    }
    if (crash.rank == 0)
        FPS_TRY(fps_calibrate(calibration));
    if (wish->stop_after_s >= 0.0)
        options->stop_at_s = now_s() + wish->stop_after_s;
    return FPS_OK;
}

static fps_status run(const wishes *wish, fps_progress *final) {
    int rank, ranks;
    fps_plan *plan = NULL;
    fps_results *results = NULL;
    int64_t *only = NULL;
    uint64_t hash;
    bool ran = false;
    fps_status status;
    fps_calibration calibration = {0};
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    fps_farm_options options = {.progress = print_progress,
                                .progress_every_s = 0.05,
                                .sync_every_s = 0.2,
                                .stop = &stop_flag,
                                .running = note_running,
                                .abandon = give_up,
                                .abandon_context = &rank};
    FPS_TRY_GOTO(status, read_plan(wish->sweep, &plan), done);
    crash_plan = plan;
    FPS_TRY_GOTO(status, fps_farm_agree(MPI_COMM_WORLD, &hash), done);
    options.self_test = hash;
    const fps_run_facts facts = {"test", fps_kernel_class_name(fps_kernel_class_current()), "", "", ranks, hash,
                                 {0, 0}};
    if (rank == 0 && access(wish->path, F_OK) != 0)
        status = fps_results_create(wish->path, plan, &facts);
    if (status != FPS_OK)
        complain(status, "creating the file");
    MPI_Barrier(MPI_COMM_WORLD);
    FPS_TRY_GOTO(status, fps_results_open(MPI_COMM_WORLD, wish->path, plan, &results), done);
    FPS_TRY_GOTO(status, ask_for(wish, plan, &only, &calibration, &options), done);
    signal(SIGSEGV, on_crash);
    status = fps_farm_run(MPI_COMM_WORLD, plan, results, &calibration, &options, final);
    printf("rank %d of %d: %s%s%s\n", rank, ranks, fps_status_name(status), status == FPS_OK ? "" : ": ",
           status == FPS_OK ? "" : fps_error_message());
    fflush(stdout);
    ran = true;
done:
    if (!ran)
        complain(status, "before the run");
    fps_status closed = fps_results_close(&results);
    if (status == FPS_OK)
        status = closed;
    crash_journal = NULL;
    fps_checkpoints_close(&options.checkpoints);
    fps_free(only);
    fps_plan_destroy(&plan);
    return status;
}

static bool parse_wishes(int count, char **argument, wishes *wish) {
    *wish = (wishes){argument[2], argument[3], -1.0, -1.0, -1.0, -1.0, -1.0};
    const struct {
        const char *name;
        double *value;
    } known[] = {{"shuffle=", &wish->shuffle},
                 {"every=", &wish->every_s},
                 {"stop_after=", &wish->stop_after_s},
                 {"patience=", &wish->patience_s},
                 {"again=", &wish->again}};
    for (int i = 4; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            if (strncmp(argument[i], known[k].name, strlen(known[k].name)) == 0) {
                *known[k].value = strtod(argument[i] + strlen(known[k].name), NULL);
                found = true;
            }
        if (!found)
            return false;
    }
    return true;
}

static int run_main(int count, char **argument) {
    int rank;
    wishes wish;
    fps_progress final = {0};
    fps_status status = choose_class();
    if (status != FPS_OK)
        return complain(status, "kernel class");
    if (!parse_wishes(count, argument, &wish)) {
        fprintf(stderr, "farm_tool: unknown wish\n");
        return 2;
    }
    signal(SIGUSR1, on_signal);
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    crash.rank = rank;
    fps_log_set(print_log, &rank);
    printf("rank %d has pid %d\n", rank, (int)getpid());
    fflush(stdout);
    status = run(&wish, &final);
    if (rank == 0)
        printf("tasks %lld done %lld diverged %lld failed %lld running %lld resumed %lld resumed_steps %lld saved %lld "
               "lost %lld seconds %.2f\n",
               (long long) final.tasks, (long long) final.done, (long long) final.diverged, (long long) final.failed,
               (long long) final.running, (long long) final.resumed, (long long) final.resumed_steps,
               (long long) final.saved, (long long) final.lost, final.elapsed_s);
    MPI_Finalize();
    return fps_status_exit(status);
}

static int agree_main(void) {
    int rank;
    uint64_t hash;
    fps_status status = choose_class();
    if (status != FPS_OK)
        return complain(status, "kernel class");
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    fps_log_set(print_log, &rank);
    status = fps_farm_agree(MPI_COMM_WORLD, &hash);
    if (status == FPS_OK)
        printf("rank %d class %s hash %016llx\n", rank, fps_kernel_class_name(fps_kernel_class_current()),
               (unsigned long long)hash);
    else
        printf("rank %d %s: %s\n", rank, fps_status_name(status), fps_error_message());
    fflush(stdout);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return fps_status_exit(status);
}

/* ---- compare and check ------------------------------------------------------------------------------------------ */

typedef struct contents {
    fps_reader *reader;
    fps_row *row;       /* [count] */
    uint64_t *identity; /* [count] */
    int64_t count;
    fps_trajectory trajectory;
} contents;

static fps_status contents_open(const char *path, contents *out) {
    FPS_TRY(fps_reader_open(path, &out->reader));
    out->count = fps_plan_count(fps_reader_plan(out->reader));
    FPS_TRY(FPS_ALLOC(out->row, out->count));
    FPS_TRY(FPS_ALLOC(out->identity, out->count));
    for (int64_t i = 0; i < out->count; i++) {
        fps_task task;
        fps_plan_task(fps_reader_plan(out->reader), i, &task);
        out->identity[i] = fps_task_identity(&task);
    }
    return fps_reader_rows(out->reader, out->row);
}

static void contents_close(contents *side) {
    fps_trajectory_release(&side->trajectory);
    fps_free(side->identity);
    fps_free(side->row);
    fps_reader_close(&side->reader);
}

static int64_t find(const contents *side, uint64_t identity) {
    for (int64_t i = 0; i < side->count; i++)
        if (side->identity[i] == identity)
            return i;
    return -1;
}

/* Number of results of two tasks that differ in a bit; printed. */
static int count_differences(const fps_trajectory *a, const fps_trajectory *b, long long task) {
    int differences = 0;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        if (!a->value[r] && !b->value[r])
            continue;
        int64_t n = fps_result_elements(&fps_result_fields[r], &a->extent);
        if (n != fps_result_elements(&fps_result_fields[r], &b->extent) || !a->value[r] || !b->value[r] ||
            memcmp(a->value[r], b->value[r], (size_t)n * sizeof(double)) != 0) {
            printf("task %lld: %s differs\n", task, fps_result_fields[r].name);
            differences++;
        }
    }
    return differences;
}

static fps_status compare(contents *a, contents *b, int *differences, int64_t *numbers) {
    for (int64_t i = 0; i < a->count; i++) {
        int64_t k = find(b, a->identity[i]);
        if (k < 0)
            return fps_fail(FPS_ERROR_MISMATCH, "task %lld has no counterpart", (long long)i);
        FPS_TRY(fps_reader_trajectory(a->reader, i, &a->trajectory));
        FPS_TRY(fps_reader_trajectory(b->reader, k, &b->trajectory));
        if (a->row[i].outcome == FPS_PENDING || a->row[i].outcome != b->row[k].outcome ||
            a->row[i].records != b->row[k].records || a->row[i].checksum != b->row[k].checksum) {
            printf("task %lld: %s, %d records, checksum %08x; the other %s, %d, %08x\n", (long long)i,
                   fps_outcome_name(a->row[i].outcome), a->row[i].records, a->row[i].checksum,
                   fps_outcome_name(b->row[k].outcome), b->row[k].records, b->row[k].checksum);
            ++*differences;
        }
        *differences += count_differences(&a->trajectory, &b->trajectory, (long long)i);
        for (int r = 0; r < FPS_RESULT_COUNT; r++)
            if (a->trajectory.value[r])
                *numbers += fps_result_elements(&fps_result_fields[r], &a->trajectory.extent);
    }
    return FPS_OK;
}

static int compare_main(char **argument) {
    contents a = {0}, b = {0};
    int differences = 0;
    int64_t numbers = 0;
    fps_status status = contents_open(argument[2], &a);
    if (status == FPS_OK)
        status = contents_open(argument[3], &b);
    if (status == FPS_OK)
        status = compare(&a, &b, &differences, &numbers);
    if (status == FPS_OK)
        printf("%lld tasks, %lld numbers compared, %d differences\n", (long long)a.count, (long long)numbers,
               differences);
    int code = status == FPS_OK ? differences > 0 : complain(status, "comparing");
    contents_close(&b);
    contents_close(&a);
    return code;
}

static int check_main(char **argument) {
    contents file = {0};
    int64_t count[FPS_OUTCOME_COUNT] = {0};
    int wrong = 0, attempts = 0;
    fps_status status = contents_open(argument[2], &file);
    for (int64_t i = 0; status == FPS_OK && i < file.count; i++) {
        fps_task task;
        uint32_t checksum;
        count[file.row[i].outcome]++;
        if (file.row[i].outcome == FPS_PENDING)
            continue;
        attempts += file.row[i].attempts;
        fps_plan_task(fps_reader_plan(file.reader), i, &task);
        status = fps_reader_trajectory(file.reader, i, &file.trajectory);
        if (status == FPS_OK)
            status = fps_results_checksum(fps_reader_plan(file.reader), &task, &file.trajectory, &checksum);
        if (status == FPS_OK && checksum != file.row[i].checksum) {
            printf("task %lld: checksum %08x, content %08x\n", (long long)i, file.row[i].checksum, checksum);
            wrong++;
        }
    }
    if (status == FPS_OK)
        printf("pending %lld done %lld diverged %lld failed %lld wrong %d attempts %d\n", (long long)count[FPS_PENDING],
               (long long)count[FPS_DONE], (long long)count[FPS_DIVERGED], (long long)count[FPS_FAILED], wrong,
               attempts);
    int code = status == FPS_OK ? wrong > 0 : complain(status, "checking");
    contents_close(&file);
    return code;
}

int main(int count, char **argument) {
    if (count >= 4 && strcmp(argument[1], "run") == 0)
        return run_main(count, argument);
    if (count == 4 && strcmp(argument[1], "compare") == 0)
        return compare_main(argument);
    if (count == 3 && strcmp(argument[1], "check") == 0)
        return check_main(argument);
    if (count == 2 && strcmp(argument[1], "agree") == 0)
        return agree_main();
    fprintf(stderr, "usage: farm_tool run SWEEP FILE [NAME=VALUE...] | compare A B | check FILE | agree\n");
    return 2;
}
