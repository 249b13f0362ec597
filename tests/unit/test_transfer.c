/* floor: store */
/* Rows that move from file to file: they arrive with the same bits and the same history, or not at all. */
#include "results_files.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "fpsweep/memory.h"
#include "fpsweep/transfer.h"
#include "fpsweep/version.h"

/* ---- helpers ---- */

enum { SELF = 0x1234 };

/* Copy a name out of the two that test_path() keeps. */
#define KEEP_PATH(name, expression)                                                                                    \
    char name[400];                                                                                                    \
    snprintf(name, sizeof name, "%s", expression)

/* What a row of task i is committed with; i distinguishes rows. */
static void make_facts(int64_t i, fps_row *row) {
    row->seconds = 0.5 + (double)i;
    row->rank = (int32_t)(i % 7);
    row->attempts = 1 + (int32_t)(i % 3);
    row->version = FPSWEEP_NUMERICS_VERSION;
    row->kernel_class = (int8_t)(i % 3);
    row->self_test = SELF;
    row->finished = 1.7e9 + (double)i;
}

static fps_results *open_results(const char *path, const fps_plan *plan) {
    fps_results *results = NULL;
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    return results;
}

static fps_results *create_results(const char *path, const fps_plan *plan) {
    assert_ok(fps_results_create(path, plan, &test_facts));
    return open_results(path, plan);
}

/* Commit task i with a made-up trajectory, which is that of task `like`; `change` (NULL: none) has the last word. */
static void put_row(fps_results *results, const fps_plan *plan, int64_t i, fps_outcome outcome, int64_t like,
                    void (*change)(fps_row *row)) {
    fps_trajectory trajectory = {0};
    fps_task task, model;
    fps_row row;
    fps_plan_task(plan, i, &task);
    model = task;
    model.index = like;
    make_trajectory(plan, &model, outcome, outcome == FPS_FAILED ? 0 : outcome == FPS_DIVERGED ? 3 : -1, &trajectory);
    assert_ok(fps_results_write(results, &task, &trajectory, &row));
    make_facts(i, &row);
    if (change)
        change(&row);
    assert_ok(fps_results_sync(results));
    assert_ok(fps_results_commit(results, &row, 1));
    fps_trajectory_release(&trajectory);
}

/* A file in which task i is done, diverged, failed or pending, in turns. */
static const fps_outcome turns[] = {FPS_DONE, FPS_DIVERGED, FPS_DONE, FPS_FAILED, FPS_PENDING};
static fps_outcome outcome_of(int64_t i) {
    return turns[i % 5];
}

static void make_source(const char *path, const char *text) {
    fps_plan *plan = make_plan(text);
    fps_results *results = create_results(path, plan);
    for (int64_t i = 0; i < fps_plan_count(plan); i++)
        if (outcome_of(i) != FPS_PENDING)
            put_row(results, plan, i, outcome_of(i), i, NULL);
    assert_ok(fps_results_close(&results));
    fps_plan_destroy(&plan);
}

/* Rows i of one file and j of the other: the same results, the same history. */
static void assert_same_row(const char *a, int64_t i, const char *b, int64_t j, bool same_checksum) {
    fps_reader *reader[2];
    fps_trajectory trajectory[2];
    memset(trajectory, 0, sizeof trajectory);
    fps_row *rows[2], *x, *y;
    assert_ok(fps_reader_open(a, &reader[0]));
    assert_ok(fps_reader_open(b, &reader[1]));
    for (int k = 0; k < 2; k++) {
        bool right;
        assert_ok(FPS_ALLOC(rows[k], fps_plan_count(fps_reader_plan(reader[k]))));
        assert_ok(fps_reader_rows(reader[k], rows[k]));
        assert_ok(fps_reader_check(reader[k], k ? j : i, &right));
        assert_true(right);
        assert_ok(fps_reader_trajectory(reader[k], k ? j : i, &trajectory[k]));
    }
    x = &rows[0][i];
    y = &rows[1][j];
    if (same_checksum)
        assert_int_equal(x->checksum, y->checksum);
    assert_int_equal(x->outcome, y->outcome);
    assert_int_equal(x->records, y->records);
    assert_true(x->seconds == y->seconds && x->finished == y->finished);
    assert_int_equal(x->rank, y->rank);
    assert_int_equal(x->attempts, y->attempts);
    assert_int_equal(x->version, y->version);
    assert_int_equal(x->kernel_class, y->kernel_class);
    assert_int_equal(x->self_test, y->self_test);
    int results = 0;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        if (!trajectory[0].value[r] || !trajectory[1].value[r])
            continue;
        int64_t elements = fps_result_elements(&fps_result_fields[r], &trajectory[0].extent);
        for (int64_t e = 0; e < elements; e++)
            assert_same_number(trajectory[1].value[r][e], trajectory[0].value[r][e], fps_result_fields[r].name, j, e);
        results++;
    }
    assert_true(results > 5);
    for (int k = 0; k < 2; k++) {
        fps_trajectory_release(&trajectory[k]);
        fps_free(rows[k]);
        fps_reader_close(&reader[k]);
    }
}

static fps_outcome outcome_in(const char *path, int64_t i) {
    fps_reader *reader = NULL;
    assert_ok(fps_reader_open(path, &reader));
    fps_row *rows;
    assert_ok(FPS_ALLOC(rows, fps_plan_count(fps_reader_plan(reader))));
    assert_ok(fps_reader_rows(reader, rows));
    fps_outcome outcome = rows[i].outcome;
    fps_free(rows);
    fps_reader_close(&reader);
    return outcome;
}

/* Flip a byte of a variable of a closed file, `offset` bytes from its start. */
static void damage(const char *path, const char *variable, int64_t offset) {
    unsigned char byte;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, variable, H5P_DEFAULT);
    haddr_t start = H5Dget_offset(dataset);
    assert_true(start != HADDR_UNDEF);
    H5Dclose(dataset);
    H5Fclose(file);
    int descriptor = open(path, O_RDWR);
    assert_int_equal(pread(descriptor, &byte, 1, (off_t)start + offset), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, (off_t)start + offset), 1);
    close(descriptor);
}

static char noted[4][1024];
static int notes;
static void note(void *context, const char *sentence) {
    assert_ptr_equal(context, &notes);
    assert_true(notes < 4);
    snprintf(noted[notes++], sizeof noted[0], "%s", sentence);
}

static fps_transfer transfer_ok(fps_results *results, const char *from, bool any_kernels) {
    fps_transfer moved;
    notes = 0;
    assert_ok(fps_transfer_rows(results, from, SELF, any_kernels, note, &notes, &moved));
    return moved;
}

#define assert_moved(moved, taken_, same_, damaged_, other_)                                                           \
    do {                                                                                                               \
        const fps_transfer m_ = (moved);                                                                               \
        if (m_.taken != (taken_) || m_.same != (same_) || m_.damaged != (damaged_) || m_.other != (other_))            \
            fail_msg("taken %lld same %lld damaged %lld other %lld", (long long)m_.taken, (long long)m_.same,          \
                     (long long)m_.damaged, (long long)m_.other);                                                      \
    } while (0)

/* ---- moving ---- */

static void move_all(const char *name, const char *text) {
    char from[400], into[400];
    snprintf(from, sizeof from, "%s/%s-from.h5", test_directory, name);
    snprintf(into, sizeof into, "%s/%s-into.h5", test_directory, name);
    make_source(from, text);
    fps_plan *plan = make_plan(text);
    int64_t finished = 0, tasks = fps_plan_count(plan);
    for (int64_t i = 0; i < tasks; i++)
        finished += outcome_of(i) != FPS_PENDING;
    fps_results *results = create_results(into, plan);
    assert_moved(transfer_ok(results, from, false), finished, 0, 0, 0);
    assert_moved(transfer_ok(results, from, false), 0, finished, 0, 0); /* again: nothing to do */
    assert_int_equal(notes, 0);
    assert_ok(fps_results_close(&results));
    for (int64_t i = 0; i < tasks; i++) {
        assert_int_equal(outcome_in(into, i), outcome_of(i));
        if (outcome_of(i) != FPS_PENDING)
            assert_same_row(from, i, into, i, true);
    }
    fps_plan_destroy(&plan);
}

static void rows_arrive_with_their_history(void **state) {
    (void)state;
    move_all("single", one_dimensional);
    move_all("mixed", mixed);
}

/* A larger sweep takes over the rows that it shares with a smaller one, wherever they are in it. */
static void larger_sweeps_take_over_what_they_share(void **state) {
    (void)state;
    static const char larger[] = "sweep: larger\n"
                                 "fixed: {steps: 40, width: 5, samples: 16, grid_points: 32, domain: [-pi, pi],\n"
                                 "        target: \"sin(x) + sin(3*x)\"}\n"
                                 "grid:\n"
                                 "  seed: {from: 2999999999, to: 3000000003}\n"
                                 "  activation: [sin, relu, tanh]\n"
                                 "  depth: [3, 2, 1]\n"
                                 "record: {count: 9, spacing: log, frequencies: 6,\n"
                                 "         keep: [spectrum, parameters, function]}\n";
    KEEP_PATH(from, test_path("smaller.h5"));
    KEEP_PATH(into, test_path("larger.h5"));
    make_source(from, one_dimensional);
    fps_plan *there = make_plan(one_dimensional), *here = make_plan(larger);
    fps_results *results = create_results(into, here);
    assert_moved(transfer_ok(results, from, false), 10, 0, 0, 0);
    assert_ok(fps_results_close(&results));
    int found = 0;
    for (int64_t j = 0; j < fps_plan_count(here); j++) {
        fps_task a, b;
        fps_plan_task(here, j, &b);
        bool shared = false;
        for (int64_t i = 0; i < fps_plan_count(there); i++) {
            fps_plan_task(there, i, &a);
            if (fps_task_identity(&a) != fps_task_identity(&b) || outcome_of(i) == FPS_PENDING)
                continue;
            assert_same_row(from, i, into, j, true);
            shared = true;
            found++;
        }
        if (!shared)
            assert_int_equal(outcome_in(into, j), FPS_PENDING);
    }
    assert_int_equal(found, 10);
    fps_plan_destroy(&there);
    fps_plan_destroy(&here);
}

#define TWELVE(SWEEP, RECORD)                                                                                          \
    "sweep: " SWEEP "\n"                                                                                               \
    "fixed: {target: \"sin(x) + sin(3*x)\", domain: [-pi, pi], samples: 16, grid_points: 32, steps: 40, width: 5}\n"   \
    "grid: {depth: [1, 2], activation: [tanh, relu], seed: {from: 3000000000, to: 3000000002}}\n"                      \
    "record: " RECORD "\n"

static void targets_may_keep_less(void **state) {
    (void)state;
    static const char less[] = TWELVE("less", "{count: 9, spacing: log, frequencies: 6, keep: [spectrum]}");
    KEEP_PATH(from, test_path("more.h5"));
    KEEP_PATH(into, test_path("less.h5"));
    make_source(from, one_dimensional);
    fps_plan *plan = make_plan(less);
    fps_results *results = create_results(into, plan);
    assert_moved(transfer_ok(results, from, false), 10, 0, 0, 0);
    assert_moved(transfer_ok(results, from, false), 0, 10, 0, 0);
    assert_ok(fps_results_close(&results));
    for (int64_t i = 0; i < fps_plan_count(plan); i++)
        if (outcome_of(i) != FPS_PENDING)
            assert_same_row(from, i, into, i, outcome_of(i) == FPS_FAILED);
    fps_plan_destroy(&plan);
}

static const char five_thousand[] = "sweep: many\n"
                                    "fixed: {target: \"x\", samples: 4, grid_points: 8, steps: 2, width: 2}\n"
                                    "grid: {seed: {from: 1, to: 5000}}\n"
                                    "record: {count: 2, frequencies: 2}\n";

/* More rows than a commit takes at once. */
static void many_rows_move_in_groups(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("many-from.h5"));
    KEEP_PATH(into, test_path("many-into.h5"));
    fps_plan *plan = make_plan(five_thousand);
    const int64_t tasks = fps_plan_count(plan);
    fps_results *results = create_results(from, plan);
    fps_row *rows;
    fps_trajectory trajectory = {0};
    fps_task task;
    assert_ok(FPS_ALLOC(rows, tasks));
    for (int64_t i = 0; i < tasks; i++) {
        fps_plan_task(plan, i, &task);
        make_trajectory(plan, &task, FPS_DONE, -1, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &rows[i]));
        make_facts(i, &rows[i]);
    }
    assert_ok(fps_results_commit(results, rows, tasks));
    assert_ok(fps_results_close(&results));
    results = create_results(into, plan);
    assert_moved(transfer_ok(results, from, false), 5000, 0, 0, 0);
    assert_ok(fps_results_close(&results));
    for (int64_t i = 0; i < tasks; i += 499)
        assert_same_row(from, i, into, i, true);
    fps_reader *reader = NULL;
    fps_row *arrived;
    assert_ok(FPS_ALLOC(arrived, tasks));
    assert_ok(fps_reader_open(into, &reader));
    assert_ok(fps_reader_rows(reader, arrived));
    for (int64_t i = 0; i < tasks; i++)
        assert_true(arrived[i].outcome == FPS_DONE && arrived[i].checksum == rows[i].checksum &&
                    arrived[i].seconds == rows[i].seconds);
    fps_reader_close(&reader);
    fps_free(arrived);
    fps_free(rows);
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

/* ---- refusing ---- */

static void other_records_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {TWELVE("a", "{count: 8, spacing: log, frequencies: 6, keep: [spectrum, parameters, function]}"),
         "record.count is 9 there, 8 here; give both sweeps the same `record`, or keep less here"},
        {TWELVE("b", "{count: 9, spacing: linear, frequencies: 6, keep: [spectrum, parameters, function]}"),
         "record.spacing is log there, linear here"},
        {TWELVE("c", "{count: 9, spacing: log, frequencies: 5, keep: [spectrum, parameters, function]}"),
         "record.frequencies are other ones (6 there, 5 here)"},
        {TWELVE("d", "{count: 9, spacing: log, frequencies: [0, 1, 2, 3, 4, 6], keep: [spectrum, parameters]}"),
         "record.frequencies are other ones (6 there, 6 here)"},
        {TWELVE("e", "{count: 9, spacing: log, frequencies: 6, keep: [final_function]}"),
         "network_on_grid_final is kept here, not there"},
        {TWELVE("f", "{count: 7, spacing: linear, frequencies: 6}"),
         "record.count is 9 there, 7 here; record.spacing is log there, linear here; give"},
    };
    KEEP_PATH(from, test_path("records.h5"));
    make_source(from, one_dimensional);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char into[400];
        snprintf(into, sizeof into, "%s/records-%zu.h5", test_directory, c);
        fps_plan *plan = make_plan(cases[c].text);
        fps_results *results = create_results(into, plan);
        fps_transfer moved;
        assert_refused(fps_transfer_rows(results, from, SELF, true, NULL, NULL, &moved), FPS_ERROR_MISMATCH,
                       cases[c].words);
        assert_non_null(strstr(fps_error_message(), from));
        assert_non_null(strstr(fps_error_message(), into));
        assert_ok(fps_results_close(&results));
        fps_plan_destroy(&plan);
    }
}

/* The same twelve tasks beside some in double precision: every row has other bits then. */
static void other_types_are_refused(void **state) {
    (void)state;
    static const char wide[] =
        "sweep: wide\n"
        "fixed: {target: \"sin(x) + sin(3*x)\", domain: [-pi, pi], samples: 16, grid_points: 32, steps: 40, width: 5}\n"
        "grid: {depth: [1, 2], activation: [tanh, relu], seed: {from: 3000000000, to: 3000000002},\n"
        "       precision: [single, double]}\n"
        "record: {count: 9, spacing: log, frequencies: 6, keep: [spectrum, parameters, function]}\n";
    KEEP_PATH(narrow_path, test_path("narrow.h5"));
    KEEP_PATH(wide_path, test_path("wide.h5"));
    fps_plan *plan = make_plan(wide), *narrow = make_plan(one_dimensional);
    fps_transfer moved;
    make_source(narrow_path, one_dimensional);
    fps_results *results = create_results(wide_path, plan);
    assert_refused(fps_transfer_rows(results, narrow_path, SELF, true, NULL, NULL, &moved), FPS_ERROR_MISMATCH,
                   "numbers have 32 bits there, 64 here, because only this sweep has a task in double precision");
    assert_ok(fps_results_close(&results));
    results = open_results(narrow_path, narrow);
    assert_refused(fps_transfer_rows(results, wide_path, SELF, true, NULL, NULL, &moved), FPS_ERROR_MISMATCH,
                   "numbers have 64 bits there, 32 here, because only that sweep");
    assert_refused(fps_transfer_rows(results, narrow_path, SELF, true, NULL, NULL, &moved), FPS_ERROR_USAGE,
                   "are the same file");
    assert_refused(fps_transfer_rows(results, test_path("nowhere.h5"), SELF, true, NULL, NULL, &moved), FPS_ERROR_INPUT,
                   "nowhere.h5");
    assert_ok(fps_results_close(&results));
    fps_plan_destroy(&plan);
    fps_plan_destroy(&narrow);
}

static void by_avx512(fps_row *row) {
    row->kernel_class = 2;
    row->self_test = 0x9999;
}

static void by_avx2(fps_row *row) {
    row->kernel_class = 1;
}

static void by_another_version(fps_row *row) {
    row->version++;
}

static void rows_of_other_kernels_stay(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("kernels-from.h5"));
    KEEP_PATH(into, test_path("kernels-into.h5"));
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = create_results(from, plan);
    put_row(results, plan, 0, FPS_DONE, 0, NULL);
    put_row(results, plan, 1, FPS_DONE, 1, by_avx512);
    put_row(results, plan, 2, FPS_DONE, 2, by_another_version);
    assert_ok(fps_results_close(&results));
    results = create_results(into, plan);
    assert_moved(transfer_ok(results, from, false), 1, 0, 0, 2);
    assert_moved(transfer_ok(results, from, true), 2, 1, 0, 0);
    assert_ok(fps_results_close(&results));
    for (int64_t i = 0; i < 3; i++)
        assert_same_row(from, i, into, i, true);
    fps_plan_destroy(&plan);
}

static void overlaps_that_differ_are_refused(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("overlap-from.h5"));
    KEEP_PATH(into, test_path("overlap-into.h5"));
    fps_plan *plan = make_plan(one_dimensional);
    fps_transfer moved;
    fps_results *results = create_results(from, plan);
    put_row(results, plan, 0, FPS_DONE, 0, NULL);
    put_row(results, plan, 4, FPS_DONE, 4, by_avx512);
    put_row(results, plan, 5, FPS_DONE, 6, by_avx2); /* another row's numbers */
    assert_ok(fps_results_close(&results));
    results = create_results(into, plan);
    put_row(results, plan, 0, FPS_DONE, 0, NULL);
    put_row(results, plan, 4, FPS_DONE, 7, by_avx2);
    put_row(results, plan, 5, FPS_DONE, 5, by_avx2);
    char words[1200];
    snprintf(
        words, sizeof words,
        "task depth=1 activation=relu seed=3000000001 has other results in %s (avx512 kernels, self-test 00009999, "
        "numerics version %d) than in %s (avx2 kernels, self-test 00001234",
        from, FPSWEEP_NUMERICS_VERSION, into);
    assert_refused(fps_transfer_rows(results, from, SELF, true, NULL, NULL, &moved), FPS_ERROR_MISMATCH, words);
    /* those of other kernels left aside, the next difference is found */
    snprintf(
        words, sizeof words,
        "task depth=1 activation=relu seed=3000000002 has other results in %s than in %s, though both were made by "
        "the same kernels (avx2 kernels",
        from, into);
    assert_refused(fps_transfer_rows(results, from, SELF, false, NULL, NULL, &moved), FPS_ERROR_MISMATCH, words);
    assert_ok(fps_results_close(&results));
    assert_int_equal(outcome_in(into, 5), FPS_DONE); /* untouched */
    fps_plan_destroy(&plan);
}

/* ---- damage and repair ---- */

static void damaged_rows_stay_behind(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("damaged-from.h5"));
    KEEP_PATH(into, test_path("damaged-into.h5"));
    make_source(from, one_dimensional);
    fps_plan *plan = make_plan(one_dimensional);
    const int64_t row_bytes = 4 * fps_plan_extent(plan)->size[FPS_RECORD];
    damage(from, "training_loss", 2 * row_bytes + 9); /* results of task 2 */
    damage(from, "seconds", 5 * 8 + 3);               /* scalars of task 5 */
    damage(from, "identity", 6 * 16 + 2);             /* task 6 is still itself, by its parameters */
    fps_results *results = create_results(into, plan);
    fps_transfer moved = transfer_ok(results, from, false);
    assert_int_equal(moved.damaged, 2);
    assert_in_range(moved.taken, 7, 8); /* task 6 is found if what is left is no number */
    assert_int_equal(notes, 2);
    char words[600];
    snprintf(words, sizeof words, "%s: task 2 (depth=1 activation=tanh seed=3000000002) is damaged there and was not",
             from);
    if (!strstr(noted[0], words))
        fail_msg("%s", noted[0]);
    assert_non_null(strstr(noted[1], "task 5 (depth=1 activation=relu seed=3000000002)"));
    assert_ok(fps_results_close(&results));
    assert_int_equal(outcome_in(into, 2), FPS_PENDING);
    assert_int_equal(outcome_in(into, 5), FPS_PENDING);
    for (int64_t i = 0; i < fps_plan_count(plan); i++)
        if (outcome_in(into, i) != FPS_PENDING)
            assert_same_row(from, i, into, i, true);
    fps_plan_destroy(&plan);
}

/* A wrong identity in the column never puts a row under another task's name. */
static void rows_do_not_change_their_task(void **state) {
    (void)state;
    static const char less[] = TWELVE("less", "{count: 9, spacing: log, frequencies: 6}");
    KEEP_PATH(from, test_path("swapped-from.h5"));
    make_source(from, one_dimensional);
    hid_t file = H5Fopen(from, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "identity", H5P_DEFAULT);
    off_t start = (off_t)H5Dget_offset(dataset);
    H5Dclose(dataset);
    H5Fclose(file);
    char text[32], turned[32];
    int descriptor = open(from, O_RDWR);
    assert_int_equal(pread(descriptor, text, 32, start), 32);
    memcpy(turned, text + 16, 16);
    memcpy(turned + 16, text, 16);
    assert_int_equal(pwrite(descriptor, turned, 32, start), 32);
    close(descriptor);
    for (int keeps_less = 0; keeps_less < 2; keeps_less++) {
        KEEP_PATH(into, test_path(keeps_less ? "swapped-less.h5" : "swapped-into.h5"));
        fps_plan *plan = make_plan(keeps_less ? less : one_dimensional);
        fps_results *results = create_results(into, plan);
        assert_moved(transfer_ok(results, from, false), 8, 0, 2, 0);
        assert_ok(fps_results_close(&results));
        assert_int_equal(outcome_in(into, 0), FPS_PENDING);
        assert_int_equal(outcome_in(into, 1), FPS_PENDING);
        assert_int_equal(outcome_in(into, 2), FPS_DONE);
        fps_plan_destroy(&plan);
    }
}

/* What failed here, or is damaged here, is replaced by what is right there; not the other way round. */
static void better_rows_replace_worse(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("better-from.h5"));
    KEEP_PATH(into, test_path("better-into.h5"));
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = create_results(from, plan);
    put_row(results, plan, 0, FPS_DONE, 0, NULL);
    put_row(results, plan, 1, FPS_FAILED, 1, NULL);
    put_row(results, plan, 2, FPS_FAILED, 2, NULL);
    put_row(results, plan, 3, FPS_DONE, 3, NULL);
    assert_ok(fps_results_close(&results));
    results = create_results(into, plan);
    put_row(results, plan, 0, FPS_FAILED, 0, by_avx2);
    put_row(results, plan, 1, FPS_DONE, 1, NULL);
    put_row(results, plan, 2, FPS_FAILED, 2, NULL);
    put_row(results, plan, 3, FPS_DONE, 8, NULL); /* differs, and then also from its checksum */
    assert_ok(fps_results_close(&results));
    damage(into, "training_loss", 3 * 4 * fps_plan_extent(plan)->size[FPS_RECORD]);
    results = open_results(into, plan);
    assert_moved(transfer_ok(results, from, false), 2, 2, 0, 0);
    assert_ok(fps_results_close(&results));
    assert_same_row(from, 0, into, 0, true);
    assert_same_row(from, 3, into, 3, true);
    assert_int_equal(outcome_in(into, 1), FPS_DONE);
    assert_int_equal(outcome_in(into, 2), FPS_FAILED);
    fps_plan_destroy(&plan);
}

/* ---- kills ---- */

/* The other process: take over until it is done or killed. */
static int take_over(const char *from, const char *into) {
    MPI_Init(NULL, NULL);
    fps_plan *plan = make_plan(five_thousand);
    fps_results *results = NULL;
    fps_transfer moved = {0};
    fps_status status = fps_results_open(MPI_COMM_WORLD, into, plan, &results);
    if (status == FPS_OK)
        status = fps_transfer_rows(results, from, SELF, false, NULL, NULL, &moved);
    fps_results_close(&results);
    fps_plan_destroy(&plan);
    MPI_Finalize();
    return (int)status;
}

/* How many rows are finished; every one of them must be right. */
static int64_t count_right(const char *path) {
    fps_reader *reader = NULL;
    fps_row *rows;
    int64_t finished = 0;
    assert_ok(fps_reader_open(path, &reader));
    int64_t tasks = fps_plan_count(fps_reader_plan(reader));
    assert_ok(FPS_ALLOC(rows, tasks));
    assert_ok(fps_reader_rows(reader, rows));
    for (int64_t i = 0; i < tasks; i++) {
        bool right;
        assert_false(rows[i].damaged);
        assert_ok(fps_reader_check(reader, i, &right));
        assert_true(right);
        finished += rows[i].outcome != FPS_PENDING;
    }
    fps_free(rows);
    fps_reader_close(&reader);
    return finished;
}

/* Killed once the first group has been committed: whole groups are there, and doing it again goes on from there. */
static void kills_leave_right_rows(void **state) {
    (void)state;
    KEEP_PATH(from, test_path("many-from.h5")); /* of many_rows_move_in_groups */
    fps_plan *plan = make_plan(five_thousand);
    int64_t partial = 0;
    for (int trial = 0; trial < 3; trial++) {
        char into[400];
        pid_t child;
        int status;
        snprintf(into, sizeof into, "%s/killed-%d.h5", test_directory, trial);
        assert_ok(fps_results_create(into, plan, &test_facts));
        char *arguments[] = {(char *)"test_transfer", from, into, NULL};
        assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
        while (outcome_in(into, 0) == FPS_PENDING && waitpid(child, &status, WNOHANG) == 0)
            usleep(1000);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        int64_t finished = count_right(into);
        assert_in_range(finished, 1, 5000);
        partial += finished < 5000;
        assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        assert_int_equal(count_right(into), 5000);
    }
    print_message("%lld of 3 were killed half-way\n", (long long)partial);
    fps_plan_destroy(&plan);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    if (argc == 3)
        return take_over(argv[1], argv[2]);
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_arrive_with_their_history), cmocka_unit_test(larger_sweeps_take_over_what_they_share),
        cmocka_unit_test(targets_may_keep_less),          cmocka_unit_test(many_rows_move_in_groups),
        cmocka_unit_test(other_records_are_refused),      cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(rows_of_other_kernels_stay),     cmocka_unit_test(overlaps_that_differ_are_refused),
        cmocka_unit_test(damaged_rows_stay_behind),       cmocka_unit_test(rows_do_not_change_their_task),
        cmocka_unit_test(better_rows_replace_worse),      cmocka_unit_test(kills_leave_right_rows),
    };
    int failed = cmocka_run_group_tests(tests, make_directory, remove_directory);
    MPI_Finalize();
    return failed;
}
