/* floor: store */
/* Damaged results files: bytes changed at random and ends cut off, in files of networks and of the variational problem,
 * finished and half finished. Whatever reads them: no crash, no hang, no number that was not there before, and a
 * message wherever a number is missing.
 *
 * Trials run in processes of their own ("trials FIRST SEED"): one that crashes or hangs is seen by its exit. */
#include "results_files.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <spawn.h>
#include <sys/wait.h>

#include "fpsweep/log.h"
#include "fpsweep/random.h"
#include "store/guard.h"
#include "store/layout.h"

extern char **environ;

enum { FILES = 4, SEED = 20240607, TRIALS = 1000, BATCH = 125, TASKS_MOST = 16, PATIENCE_S = 20 };

static const char network[] = "sweep: network\n"
                              "fixed: {target: \"sin(x)\", samples: 12, grid_points: 16, steps: 20, width: 4}\n"
                              "grid: {depth: [1, 2], activation: [tanh, relu], seed: [1, 2]}\n"
                              "record: {count: 5, frequencies: 4, keep: [spectrum, parameters, final_function]}\n";

static const char direct[] =
    "sweep: direct\n"
    "fixed: {model: direct, target: random, domain: [0, 1], samples: 4, frequency_step: 0.25}\n"
    "grid: {data_seed: {from: 0, to: 3}, decay_rate: [0.9, 1.1]}\n"
    "record: {ladder: {from: 40, rungs: 4}, keep: [spike, multipliers]}\n";

/* ---- where a byte lies ---- */

typedef enum place {
    IN_STRUCTURE,
    IN_GUARD,
    IN_GAP,
    IN_COLUMNS,
    IN_IDENTITY,
    IN_SCALARS,
    IN_LIVE,
    IN_FINISHED_ROWS,
    IN_PENDING_ROWS,
    CUT,
    PLACES
} place;

static const char *const place_names[PLACES] = {"the structure", "its checksums",    "gaps",          "parameters",
                                                "identities",    "numbers of tasks", "signs of life", "finished rows",
                                                "pending rows",  "(cut off)"};

/* ---- the healthy files ---- */

typedef struct healthy {
    char path[256];
    const char *text;
    int64_t finished; /* tasks of this number and above are pending */
    fps_plan *plan;
    char *bytes;
    size_t size;
    unsigned char *place; /* [size] */
    fps_glance glance;
    fps_row row[TASKS_MOST];
    fps_trajectory trajectory[TASKS_MOST];
} healthy;

static void create(const char *path, const char *text, int64_t finished) {
    fps_plan *plan = make_plan(text);
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    fps_row rows[TASKS_MOST];
    fps_task task;
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = 0; i < finished; i++) {
        fps_plan_task(plan, i, &task);
        fps_outcome outcome = i % 5 == 4 ? FPS_FAILED : i % 3 == 2 ? FPS_DIVERGED : FPS_DONE;
        make_trajectory(plan, &task, outcome, outcome == FPS_FAILED ? 0 : outcome == FPS_DONE ? -1 : 3, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &rows[i]));
    }
    assert_ok(fps_results_commit(results, rows, finished));
    assert_ok(fps_results_live(results, 1.7e9, 0, 2.5));
    assert_ok(fps_results_close(&results));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

static char *read_bytes(const char *path, size_t *size) {
    struct stat facts;
    int descriptor = open(path, O_RDONLY);
    if (descriptor < 0 || fstat(descriptor, &facts) != 0)
        return NULL;
    char *bytes = malloc((size_t)facts.st_size);
    *size = (size_t)facts.st_size;
    if (read(descriptor, bytes, *size) != (ssize_t)*size)
        return NULL;
    close(descriptor);
    return bytes;
}

static bool write_bytes(const char *path, const char *bytes, size_t size) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool written = descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size;
    close(descriptor);
    return written;
}

/* Note where the numbers of this variable lie. */
static herr_t note_variable(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    const healthy *file = context;
    (void)info;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    haddr_t offset = H5Dget_offset(dataset);
    hsize_t size = H5Dget_storage_size(dataset);
    H5Dclose(dataset);
    if (offset == HADDR_UNDEF)
        return 0;
    fps_variable variable;
    place which = strcmp(name, FPS_GUARD_NAME) == 0 ? IN_GUARD
                  : strcmp(name, "identity") == 0   ? IN_IDENTITY
                                                    : IN_COLUMNS;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(1, (fps_scalar)s, &variable);
        which = strcmp(name, variable.name) == 0 ? IN_SCALARS : which;
    }
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        fps_variable_live((fps_live_scalar)l, &variable);
        which = strcmp(name, variable.name) == 0 ? IN_LIVE : which;
    }
    memset(file->place + offset, which, size);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (strcmp(name, fps_result_fields[r].name) == 0) {
            size_t finished = size / (size_t)fps_plan_count(file->plan) * (size_t)file->finished;
            memset(file->place + offset, IN_FINISHED_ROWS, finished);
            memset(file->place + offset + finished, IN_PENDING_ROWS, size - finished);
        }
    return 0;
}

/* What every byte of the file belongs to. What is no variable's is structure, or if it is zeros, a gap. */
static bool map(healthy *file) {
    file->place = malloc(file->size);
    for (size_t b = 0; b < file->size; b += 64) {
        size_t end = b + 64 < file->size ? b + 64 : file->size;
        bool zeros = true;
        for (size_t k = b; k < end; k++)
            zeros = zeros && file->bytes[k] == 0;
        memset(file->place + b, zeros ? IN_GAP : IN_STRUCTURE, end - b);
    }
    hid_t id = H5Fopen(file->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    herr_t mapped = H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, note_variable, file);
    H5Fclose(id);
    return mapped >= 0;
}

/* Everything that the healthy file says. */
static bool learn(healthy *file) {
    fps_reader *reader = NULL;
    bool learnt = (file->bytes = read_bytes(file->path, &file->size)) != NULL &&
                  fps_plan_create("test.yaml", file->text, strlen(file->text), &file->plan) == FPS_OK &&
                  fps_results_glance(file->path, &file->glance) == FPS_OK &&
                  fps_reader_open(file->path, &reader) == FPS_OK && fps_reader_rows(reader, file->row) == FPS_OK;
    for (int64_t i = 0; learnt && i < fps_plan_count(file->plan); i++)
        learnt = fps_reader_trajectory(reader, i, &file->trajectory[i]) == FPS_OK;
    fps_reader_close(&reader);
    return learnt && map(file);
}

/* ---- one trial ---- */

static char logged[8192];

static void keep_log(void *context, fps_log_level level, const char *message) {
    (void)context;
    (void)level;
    snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", message);
}

/* Complain and fail the trial. */
#define wrong(...) (fprintf(stderr, __VA_ARGS__), fprintf(stderr, "\n"), false)

static bool same_bits(const void *a, const void *b, size_t size) {
    return size == 0 || memcmp(a, b, size) == 0;
}

static bool refused_well(fps_status status, const char *path) {
    const char *message = fps_error_message();
    return status == FPS_ERROR_INPUT && strstr(message, path) && !strchr(message, '\n');
}

/* All but damaged counts, which may be more, is as before; live numbers are possible ones. */
static bool check_glance(const healthy *file, const char *path, place where, bool *noticed) {
    fps_glance glance;
    fps_status status = fps_results_glance(path, &glance);
    if (status != FPS_OK) {
        *noticed = true;
        return refused_well(status, path) || wrong("glance: %s", fps_error_message());
    }
    const fps_glance *before = &file->glance;
    int64_t lost = 0;
    for (int o = FPS_DONE; o < FPS_OUTCOME_COUNT; o++) {
        lost += before->outcome[o] - glance.outcome[o];
        if (glance.outcome[o] > before->outcome[o])
            return wrong("glance: %s: %lld tasks", fps_outcome_name((fps_outcome)o), (long long)glance.outcome[o]);
    }
    *noticed = *noticed || glance.damaged > 0 || *logged;
    if (glance.outcome[FPS_PENDING] != before->outcome[FPS_PENDING] + lost || (lost > 0 && !*noticed))
        return wrong("glance: %lld tasks are not counted any more, and nothing is said", (long long)lost);
    if (lost == 0 && glance.spent_s != before->spent_s)
        return wrong("glance: spent %g, not %g", glance.spent_s, before->spent_s);
    if (strcmp(glance.sweep, before->sweep) != 0 || glance.tasks != before->tasks ||
        glance.self_test != before->self_test || glance.sweep_hash != before->sweep_hash ||
        strcmp(glance.libraries, before->libraries) != 0)
        return wrong("glance: other facts");
    if (where != IN_LIVE && where != CUT &&
        (glance.live.heartbeat != before->live.heartbeat || glance.live.rate != before->live.rate))
        return wrong("glance: other signs of life");
    return (glance.live.heartbeat >= 0 && glance.live.rate >= 0 && glance.live.running >= 0) ||
           wrong("glance: impossible signs of life");
}

static bool same_row(const fps_row *a, const fps_row *b) {
    return a->outcome == b->outcome && a->checksum == b->checksum && a->records == b->records &&
           a->seconds == b->seconds && a->rank == b->rank && a->attempts == b->attempts && a->version == b->version &&
           a->kernel_class == b->kernel_class && a->self_test == b->self_test && a->finished == b->finished &&
           same_bits(a->number, b->number, sizeof a->number);
}

static bool same_trajectory(const fps_trajectory *a, const fps_trajectory *b) {
    bool same = a->outcome == b->outcome && a->records == b->records && a->seconds == b->seconds &&
                same_bits(&a->extent, &b->extent, sizeof a->extent);
    for (int r = 0; same && r < FPS_RESULT_COUNT; r++)
        same = (a->value[r] != NULL) == (b->value[r] != NULL) &&
               (!a->value[r] ||
                same_bits(a->value[r], b->value[r],
                          (size_t)fps_result_elements(&fps_result_fields[r], &a->extent) * sizeof(double)));
    return same;
}

static bool check_rows(const healthy *file, const char *path, fps_reader *reader, bool *noticed) {
    static fps_trajectory trajectory;
    fps_row row[TASKS_MOST];
    fps_live live;
    fps_status status = fps_reader_rows(reader, row);
    bool rows = status == FPS_OK;
    *noticed = *noticed || !rows || *logged;
    if (!rows && !refused_well(status, path))
        return wrong("rows: %s", fps_error_message());
    if (fps_reader_live(reader, &live) != FPS_OK || !(live.heartbeat >= 0) || !(live.rate >= 0) || live.running < 0)
        return wrong("signs of life: %g %g", live.heartbeat, live.rate);
    for (int64_t i = 0; i < fps_plan_count(file->plan); i++) {
        bool right = false, pending;
        if (rows && !same_row(&row[i], &file->row[i]) && (row[i].outcome != FPS_PENDING || !*noticed))
            return wrong("task %lld: other numbers than before", (long long)i);
        status = fps_reader_trajectory(reader, i, &trajectory);
        *noticed = *noticed || status != FPS_OK;
        pending = status == FPS_OK && trajectory.outcome == FPS_PENDING;
        if (status == FPS_OK ? !same_trajectory(&trajectory, &file->trajectory[i]) && !(pending && *noticed)
                             : !refused_well(status, path))
            return wrong("task %lld: %s", (long long)i, status == FPS_OK ? "another trajectory" : fps_error_message());
        if (fps_reader_check(reader, i, &right) != FPS_OK || right != (status == FPS_OK))
            return wrong("task %lld: checked %d, read %s", (long long)i, right, fps_status_name(status));
    }
    return true;
}

static bool check_reading(const healthy *file, const char *path, bool *noticed) {
    fps_reader *reader = NULL;
    fps_status status = fps_reader_open(path, &reader);
    if (status != FPS_OK) {
        *noticed = true;
        return refused_well(status, path) || wrong("opening: %s", fps_error_message());
    }
    bool fine = check_rows(file, path, reader, noticed);
    fps_reader_close(&reader);
    return fine;
}

/* A run opens it: every row is as before, pending, or found wrong by its checksum. */
static bool check_continuing(const healthy *file, const char *path, bool *noticed) {
    fps_results *results = NULL;
    fps_row row[TASKS_MOST];
    fps_status status = fps_results_open(MPI_COMM_WORLD, path, file->plan, &results);
    if (status != FPS_OK) {
        *noticed = true;
        return refused_well(status, path) || wrong("continuing: %s", fps_error_message());
    }
    bool fine = fps_results_rows(results, row) == FPS_OK;
    for (int64_t i = 0; fine && i < fps_plan_count(file->plan); i++) {
        bool right;
        fine = fps_results_check(results, i, &right) == FPS_OK &&
               (row[i].outcome == FPS_PENDING || same_row(&row[i], &file->row[i]) ||
                wrong("continuing: task %lld: other numbers than before", (long long)i));
        *noticed = *noticed || !right || *logged;
        if (fine && row[i].outcome != file->row[i].outcome && !*noticed)
            fine = wrong("continuing: task %lld is pending, and nothing was said", (long long)i);
    }
    return fps_results_close(&results) == FPS_OK && fine;
}

/* Counted per place: how many trials, how many of them were noticed. */
typedef struct tally {
    int trials[PLACES], noticed[PLACES];
} tally;

static uint64_t draw(uint64_t seed, int trial, uint64_t what, uint64_t below) {
    return fps_random_bits(seed, FPS_PURPOSE_BATCHES, what, (uint64_t)trial) % below;
}

/* Where to strike: a quarter of the time anywhere, else in the parts that matter most. */
static size_t draw_place(const healthy *file, uint64_t seed, int trial, place *where) {
    for (uint64_t attempt = 0;; attempt++) {
        size_t at = (size_t)draw(seed, trial, 10 + attempt, file->size);
        *where = (place)file->place[at];
        bool anywhere = draw(seed, trial, 1, 4) == 0 || attempt > 200;
        place wanted = (place[]){IN_STRUCTURE, IN_SCALARS, IN_FINISHED_ROWS, IN_LIVE}[draw(seed, trial, 2, 4)];
        if (anywhere || *where == wanted)
            return at;
    }
}

static bool run_trial(const healthy *file, const char *path, uint64_t seed, int trial, tally *counts) {
    place where = CUT;
    size_t at, size = file->size;
    bool noticed = false, glanced = false;
    char *bytes = malloc(size);
    memcpy(bytes, file->bytes, size);
    if (draw(seed, trial, 3, 10) == 0) {
        at = size = (size_t)draw(seed, trial, 4, size);
    } else {
        at = draw_place(file, seed, trial, &where);
        unsigned change =
            draw(seed, trial, 5, 2) ? 1u << draw(seed, trial, 6, 8) : 1 + (unsigned)draw(seed, trial, 6, 255);
        bytes[at] = (char)(bytes[at] ^ (char)change);
    }
    *logged = '\0';
    alarm(PATIENCE_S);
    bool fine = write_bytes(path, bytes, size) && check_glance(file, path, where, &glanced);
    *logged = '\0';
    fine = fine && check_reading(file, path, &noticed);
    bool read = noticed;
    *logged = '\0';
    fine = fine && check_continuing(file, path, &noticed);
    alarm(0);
    free(bytes);
    counts->trials[where]++;
    counts->noticed[where] += noticed || glanced;
    if (fine && (where == IN_STRUCTURE || where == IN_GUARD) && !(read && glanced))
        fine = wrong("a change of the structure was not noticed");
    if (fine && where == IN_FINISHED_ROWS && file->finished == 0)
        fine = wrong("no row is finished");
    if (!fine)
        fprintf(stderr, "trial %d of seed %llu: %s, byte %zu of %zu (%s)\n", trial, (unsigned long long)seed,
                file->path, at, file->size, place_names[where]);
    return fine;
}

static void name_file(healthy *file, int k, const char *directory) {
    static const char *const names[FILES] = {"network-all", "network-half", "direct-all", "direct-half"};
    snprintf(file->path, sizeof file->path, "%s/%s.h5", directory, names[k]);
    file->text = k < 2 ? network : direct;
    file->finished = k % 2 ? 4 : 8;
}

/* The child: trials first .. first + BATCH - 1; counts are appended to the file "counts". HDF5 loses memory over
 * damaged files, so it ends without asking for leaks. */
static int trials_main(const char *directory, int first, uint64_t seed) {
    static healthy file[FILES];
    tally counts = {0};
    char path[300];
    int failed = 0;
    MPI_Init(NULL, NULL);
    fps_log_set(keep_log, NULL);
    snprintf(path, sizeof path, "%s/damaged.h5", directory);
    for (int k = 0; k < FILES; k++) {
        name_file(&file[k], k, directory);
        if (!learn(&file[k])) {
            fprintf(stderr, "%s: %s\n", file[k].path, fps_error_message());
            return 2;
        }
    }
    for (int trial = first; trial < first + BATCH && failed == 0; trial++)
        failed += !run_trial(&file[trial % FILES], path, seed, trial, &counts);
    snprintf(path, sizeof path, "%s/counts", directory);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (write(descriptor, &counts, sizeof counts) != (ssize_t)sizeof counts)
        failed++;
    close(descriptor);
    return failed ? 1 : 0;
}

/* ---- the parent ---- */

static uint64_t seed = SEED;

static int run_batch(int first) {
    char self[512], from[16], which[32], verb[] = "trials";
    snprintf(from, sizeof from, "%d", first);
    snprintf(which, sizeof which, "%llu", (unsigned long long)seed);
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *arguments[] = {self, verb, test_directory, from, which, NULL};
    pid_t child;
    int status;
    assert_int_equal(posix_spawn(&child, self, NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        fail_msg("trials from %d of seed %llu: signal %d", first, (unsigned long long)seed, WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void nothing_wrong_is_ever_read(void **state) {
    (void)state;
    tally sum = {0};
    char path[300];
    for (int k = 0; k < FILES; k++) {
        healthy file;
        name_file(&file, k, test_directory);
        create(file.path, file.text, file.finished);
    }
    print_message("seed %llu, %d trials\n", (unsigned long long)seed, (int)TRIALS);
    for (int first = 0; first < TRIALS; first += BATCH)
        assert_int_equal(run_batch(first), 0);
    snprintf(path, sizeof path, "%s/counts", test_directory);
    size_t size = 0;
    char *bytes = read_bytes(path, &size);
    assert_non_null(bytes);
    for (size_t at = 0; at + sizeof(tally) <= size; at += sizeof(tally)) {
        tally one;
        memcpy(&one, bytes + at, sizeof one);
        for (int p = 0; p < PLACES; p++) {
            sum.trials[p] += one.trials[p];
            sum.noticed[p] += one.noticed[p];
        }
    }
    free(bytes);
    int trials = 0;
    for (int p = 0; p < PLACES; p++) {
        print_message("%-17s %4d trials, %4d noticed\n", place_names[p], sum.trials[p], sum.noticed[p]);
        trials += sum.trials[p];
    }
    assert_int_equal(trials, TRIALS);
    assert_int_equal(sum.noticed[IN_STRUCTURE], sum.trials[IN_STRUCTURE]);
    assert_int_equal(sum.noticed[CUT], sum.trials[CUT]);
    assert_true(sum.trials[IN_STRUCTURE] > 100 && sum.trials[IN_SCALARS] > 50 && sum.trials[IN_FINISHED_ROWS] > 100);
    assert_true(sum.noticed[IN_SCALARS] > 25 && sum.noticed[IN_FINISHED_ROWS] > 50);
    assert_int_equal(sum.noticed[IN_LIVE] + sum.noticed[IN_PENDING_ROWS], 0);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    if (argc == 5 && strcmp(argv[1], "trials") == 0)
        _exit(trials_main(argv[2], atoi(argv[3]), strtoull(argv[4], NULL, 10)));
    if (argc == 2)
        seed = strtoull(argv[1], NULL, 10);
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_wrong_is_ever_read)};
    int failed = cmocka_run_group_tests_name("damage", tests, make_directory, remove_directory);
    MPI_Finalize();
    return failed;
}
