/* farm_tool: the farm without the command line, for the tests in this folder.
 *
 *     farm_tool run SWEEP FILE [SHUFFLE]  create FILE unless it exists, run what is pending; SHUFFLE: a seed, in that
 * order farm_tool compare A B               every task of A is in B with the same bits (B may hold more); neither
 * pending farm_tool check FILE                every finished row has the checksum of its content; prints how many there
 * are farm_tool agree                     fps_farm_agree; every rank prints class and hash, or the message
 *
 * Exit status: that of the fps_status (75: stopped). SIGUSR1 is the stop signal. Every rank prints its status of a run.
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fpsweep/fpsweep.h"
#include "fpsweep/memory.h"
#include "fpsweep/random.h"

static volatile int stop_flag;

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

static fps_status run(const char *sweep, const char *path, const char *seed, fps_progress *final) {
    int rank, ranks;
    fps_plan *plan = NULL;
    fps_results *results = NULL;
    int64_t *only = NULL;
    uint64_t hash;
    bool ran = false;
    fps_status status;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    FPS_TRY_GOTO(status, read_plan(sweep, &plan), done);
    FPS_TRY_GOTO(status, fps_farm_agree(MPI_COMM_WORLD, &hash), done);
    const fps_run_facts facts = {"test", fps_kernel_class_name(fps_kernel_class_current()), "", "", ranks, hash, {0, 0}};
    if (rank == 0 && access(path, F_OK) != 0)
        status = fps_results_create(path, plan, &facts);
    if (status != FPS_OK)
        complain(status, "creating the file");
    MPI_Barrier(MPI_COMM_WORLD);
    FPS_TRY_GOTO(status, fps_results_open(MPI_COMM_WORLD, path, plan, &results), done);

    fps_calibration calibration = {0}; /* nothing costs anything: then the order is that of the list */
    fps_farm_options options = {
        .progress = print_progress, .progress_every_s = 0.05, .sync_every_s = 0.2, .stop = &stop_flag};
    if (seed) {
        options.only_count = fps_plan_count(plan);
        options.only = only = shuffled(options.only_count, strtoull(seed, NULL, 10));
    } else if (rank == 0) {
        FPS_TRY_GOTO(status, fps_calibrate(&calibration), done);
    }
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
    fps_free(only);
    fps_plan_destroy(&plan);
    return status;
}

static int run_main(int count, char **argument) {
    int rank;
    fps_progress final = {0};
    fps_status status = choose_class();
    if (status != FPS_OK)
        return complain(status, "kernel class");
    signal(SIGUSR1, on_signal);
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    fps_log_set(print_log, &rank);
    printf("rank %d has pid %d\n", rank, (int)getpid());
    fflush(stdout);
    status = run(argument[2], argument[3], count > 4 ? argument[4] : NULL, &final);
    if (rank == 0)
        printf("tasks %lld done %lld diverged %lld failed %lld running %lld\n", (long long) final.tasks,
               (long long) final.done, (long long) final.diverged, (long long) final.failed, (long long) final.running);
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
    int wrong = 0;
    fps_status status = contents_open(argument[2], &file);
    for (int64_t i = 0; status == FPS_OK && i < file.count; i++) {
        fps_task task;
        uint32_t checksum;
        count[file.row[i].outcome]++;
        if (file.row[i].outcome == FPS_PENDING)
            continue;
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
        printf("pending %lld done %lld diverged %lld failed %lld wrong %d\n", (long long)count[FPS_PENDING],
               (long long)count[FPS_DONE], (long long)count[FPS_DIVERGED], (long long)count[FPS_FAILED], wrong);
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
    fprintf(stderr, "usage: farm_tool run SWEEP FILE [SEED] | compare A B | check FILE | agree\n");
    return 2;
}
