/* floor: store */
/* The results file: what is written is what is read. */
#include "results_files.h"

#include <fcntl.h>
#include <hdf5.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/version.h"
#include "store/layout.h"
#include "store/row.h"

/* Create FILE, write every task as `make_trajectory` has it, commit in pieces, close. */
static void write_all(const char *path, const fps_plan *plan, fps_outcome outcome, int64_t records, fps_row *rows) {
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    fps_task task;
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = fps_plan_count(plan) - 1; i >= 0; i--) {
        uint32_t again;
        fps_plan_task(plan, i, &task);
        make_trajectory(plan, &task, outcome, records, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &rows[i]));
        assert_int_equal(rows[i].outcome, outcome);
        assert_int_equal(rows[i].records, trajectory.records);
        assert_true(rows[i].identity == fps_task_identity(&task) && rows[i].seconds == trajectory.seconds);
        assert_true(rows[i].attempts == 1 && rows[i].rank == 0 && rows[i].version == FPSWEEP_NUMERICS_VERSION);
        assert_true(rows[i].kernel_class == (int8_t)fps_kernel_class_current() && rows[i].self_test == 0);
        rows[i].rank = (int32_t)(i % 3);
        rows[i].attempts = 1 + (int32_t)(i % 2);
        rows[i].self_test = 0x80000000u + (uint32_t)i;
        rows[i].kernel_class = (int8_t)(i % FPS_KERNEL_CLASS_COUNT);
        rows[i].version = i % 2 ? 0 : 7; /* 0: this program's */
        rows[i].finished = i % 3 ? 0 : 1.5e9 + (double)i;
        assert_ok(fps_results_checksum(plan, &task, &trajectory, &again));
        assert_int_equal(again, rows[i].checksum);
    }
    assert_ok(fps_results_sync(results));
    assert_ok(fps_results_commit(results, rows, fps_plan_count(plan)));
    assert_ok(fps_results_live(results, 1.7e9 + 0.25, 4, 2.5));
    assert_ok(fps_results_close(&results));
    fps_trajectory_release(&trajectory);
}

/* A result without dimensions, as it comes back. */
static double stored_number(double number, bool single, int64_t records) {
    return records == 0 ? (double)NAN : single ? (double)(float)number : number;
}

/* Every number of every task as written; checksums recomputed from what was read. */
static void compare_all(const char *path, const fps_plan *plan, fps_outcome outcome, int64_t records,
                        const fps_row *rows) {
    fps_reader *reader = NULL;
    fps_trajectory written = {0}, read = {0};
    fps_task task;
    int64_t tasks = fps_plan_count(plan), special = 0;
    bool single = fps_plan_all_single(plan);
    fps_row *found = calloc((size_t)tasks, sizeof *found);
    assert_ok(fps_reader_open(path, &reader));
    assert_int_equal(fps_plan_count(fps_reader_plan(reader)), tasks);
    assert_ok(fps_reader_rows(reader, found));
    for (int64_t i = 0; i < tasks; i++) {
        uint32_t checksum;
        assert_int_equal(found[i].task, i);
        assert_int_equal(found[i].outcome, outcome);
        assert_int_equal(found[i].checksum, rows[i].checksum);
        assert_int_equal(found[i].records, rows[i].records);
        assert_int_equal(found[i].rank, rows[i].rank);
        assert_int_equal(found[i].attempts, rows[i].attempts);
        assert_true(found[i].seconds == rows[i].seconds);
        assert_true(found[i].self_test == rows[i].self_test && found[i].kernel_class == rows[i].kernel_class);
        assert_int_equal(found[i].version, i % 2 ? FPSWEEP_NUMERICS_VERSION : 7);
        assert_true(i % 3 ? found[i].finished > 1.6e9 : found[i].finished == 1.5e9 + (double)i);
        assert_false(found[i].damaged);
        for (int n = 0; n < FPS_ROW_NUMBERS; n++)
            assert_same_number(found[i].number[n], stored_number(rows[i].number[n], single, records), "number", i, n);
        bool right = false;
        assert_ok(fps_reader_check(reader, i, &right));
        assert_true(right);
        fps_plan_task(plan, i, &task);
        make_trajectory(plan, &task, outcome, records, &written);
        assert_ok(fps_reader_trajectory(reader, i, &read));
        assert_int_equal(read.outcome, outcome);
        assert_int_equal(read.records, written.records);
        assert_ok(fps_results_checksum(fps_reader_plan(reader), &task, &read, &checksum));
        assert_int_equal(checksum, rows[i].checksum);
        for (int r = 0; r < FPS_RESULT_COUNT; r++) {
            const fps_result_field *field = &fps_result_fields[r];
            assert_int_equal(read.value[r] != NULL, written.value[r] != NULL);
            if (!read.value[r]) {
                assert_int_not_equal(fps_reader_result(reader, i, (fps_result)r, &(double){0}), FPS_OK);
                continue;
            }
            int64_t elements = fps_result_elements(field, &read.extent);
            int64_t valid = fps_row_valid(field, &read.extent, read.records, true).elements;
            double *alone = calloc((size_t)elements, sizeof *alone);
            assert_ok(fps_reader_result(reader, i, (fps_result)r, alone));
            for (int64_t e = 0; e < elements; e++) {
                double expected = e < valid ? stored_value(field, single, written.value[r][e]) : (double)NAN;
                special += isnan(expected) || expected == 0 || expected == FLT_MIN || expected == DBL_MIN;
                assert_same_number(read.value[r][e], expected, field->name, i, e);
                assert_same_number(alone[e], expected, field->name, i, e);
            }
            free(alone);
        }
    }
    assert_true(special > 10); /* the data have NaNs and zeros at all */
    fps_reader_close(&reader);
    fps_trajectory_release(&written);
    fps_trajectory_release(&read);
    free(found);
}

static void round_trip(const char *name, const char *text, fps_outcome outcome, int64_t records) {
    fps_plan *plan = make_plan(text);
    fps_row *rows = calloc((size_t)fps_plan_count(plan), sizeof *rows);
    const char *path = test_path(name);
    write_all(path, plan, outcome, records, rows);
    compare_all(path, plan, outcome, records, rows);
    free(rows);
    fps_plan_destroy(&plan);
}

static void single_precision_round_trip(void **state) {
    (void)state;
    round_trip("single.h5", one_dimensional, FPS_DONE, -1);
}

static void mixed_extents_round_trip(void **state) {
    (void)state;
    round_trip("mixed.h5", mixed, FPS_DONE, -1);
}

static void diverged_rows_keep_their_records(void **state) {
    (void)state;
    round_trip("diverged.h5", mixed, FPS_DIVERGED, 2);
}

static void failed_rows_have_no_valid_part(void **state) {
    (void)state;
    round_trip("failed.h5", one_dimensional, FPS_FAILED, 0);
}

/* A smaller task leaves the rest of its row, and its neighbours' rows, alone: the bytes there were never written. */
static void small_tasks_write_only_their_part(void **state) {
    (void)state;
    fps_plan *plan = make_plan(mixed);
    fps_row *rows = calloc((size_t)fps_plan_count(plan), sizeof *rows);
    const char *path = test_path("part.h5");
    write_all(path, plan, FPS_DONE, -1, rows);
    const fps_extent *room = fps_plan_extent(plan);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "residual_re", H5P_DEFAULT);
    int64_t row = room->size[FPS_RECORD] * room->size[FPS_DIRECTION] * room->size[FPS_FREQUENCY], unused = 0, used = 0;
    double *value = calloc((size_t)(fps_plan_count(plan) * row), sizeof *value);
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_extent extent;
        fps_plan_task(plan, i, &task);
        fps_task_extent(&task, fps_plan_record(plan), &extent);
        for (int64_t e = 0; e < row; e++) {
            int64_t direction = e / room->size[FPS_FREQUENCY] % room->size[FPS_DIRECTION];
            int64_t record = e / room->size[FPS_FREQUENCY] / room->size[FPS_DIRECTION];
            bool valid = direction < extent.size[FPS_DIRECTION] && record < extent.size[FPS_RECORD];
            used += valid && value[i * row + e] != 0;
            unused += !valid;
            if (!valid && value[i * row + e] != 0)
                fail_msg("task %lld: element %lld of the unused part is %g", (long long)i, (long long)e,
                         value[i * row + e]);
        }
    }
    assert_true(used > 100);
    assert_true(unused > 100);
    free(value);
    H5Dclose(dataset);
    H5Fclose(file);
    free(rows);
    fps_plan_destroy(&plan);
}

/* Commits of scattered rows, some again: rows between them stay as they were. */
static void commits_touch_only_their_rows(void **state) {
    (void)state;
    static const char many[] = "sweep: many\nfixed: {target: \"x\", steps: 2, width: 2}\n"
                               "grid: {seed: {from: 1, to: 2000}}\nrecord: {count: 2, frequencies: 2}\n";
    fps_plan *plan = make_plan(many);
    fps_results *results = NULL;
    enum { TASKS = 2000 };
    static fps_row expected[TASKS], found[TASKS], batch[64];
    static int8_t outcome[TASKS];
    const char *path = test_path("commits.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    memset(expected, 0, sizeof expected);
    uint32_t random = 1;
    for (int round = 0; round < 40; round++) {
        for (int k = 0; k < 64; k++) {
            random = random * 1664525u + 1013904223u;
            fps_row *row = &batch[k];
            *row = (fps_row){.task = (random >> 8) % (round < 20 ? TASKS : 100),
                             .outcome = (fps_outcome)(1 + (random >> 5) % 3),
                             .checksum = random,
                             .records = (int32_t)(random >> 3 & 1),
                             .seconds = (double)random,
                             .rank = (int32_t)(random >> 20),
                             .attempts = round};
            expected[row->task] = *row;
        }
        /* a batch in which a task occurs twice keeps the last, as `expected` does */
        assert_ok(fps_results_commit(results, batch, 64));
    }
    assert_ok(fps_results_outcomes(results, outcome));
    fps_reader *reader = NULL; /* while the run has it open */
    assert_ok(fps_reader_open(path, &reader));
    assert_ok(fps_reader_rows(reader, found));
    for (int64_t i = 0; i < TASKS; i++) {
        assert_int_equal(outcome[i], expected[i].outcome);
        assert_int_equal(found[i].outcome, expected[i].outcome);
        assert_int_equal(found[i].checksum, expected[i].checksum);
        assert_int_equal(found[i].records, expected[i].records);
        assert_int_equal(found[i].rank, expected[i].rank);
        assert_int_equal(found[i].attempts, expected[i].attempts);
        assert_true(found[i].seconds == expected[i].seconds);
    }
    fps_reader_close(&reader);
    assert_refused(fps_results_commit(results, &(fps_row){.task = TASKS}, 1), FPS_ERROR_MISMATCH, "no task 2000");
    assert_ok(fps_results_close(&results));
    fps_plan_destroy(&plan);
}

/* One signed-off life sign after the other, seen by a reader that stays open. */
static void readers_see_a_run_live(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_reader *reader = NULL;
    fps_live live;
    const char *path = test_path("live.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_reader_open(path, &reader));
    assert_ok(fps_reader_live(reader, &live));
    assert_true(live.heartbeat == 0 && live.running == 0 && live.rate == 0);
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int beat = 1; beat <= 3; beat++) {
        assert_ok(fps_results_live(results, 1.6e9 + beat, beat, 0.5 * beat));
        assert_ok(fps_reader_live(reader, &live));
        assert_true(live.heartbeat == 1.6e9 + beat && live.running == beat && live.rate == 0.5 * beat);
    }
    assert_ok(fps_results_close(&results));
    fps_reader_close(&reader);
    fps_plan_destroy(&plan);
}

/* What `fpsweep status` shows: of a shard, only its own tasks. */
static void glances_count_tasks(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_reader *reader = NULL;
    fps_glance glance;
    fps_run_facts facts = test_facts;
    facts.shard = (fps_shard){2, 5}; /* tasks 1, 6 and 11 */
    const char *path = test_path("shard.h5");
    assert_ok(fps_results_create(path, plan, &facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    const fps_row rows[3] = {{.task = 1, .outcome = FPS_DONE, .seconds = 2},
                             {.task = 6, .outcome = FPS_FAILED, .seconds = 0.5},
                             {.task = 2, .outcome = FPS_DONE, .seconds = 100}}; /* not its own */
    assert_ok(fps_results_commit(results, rows, 3));
    assert_ok(fps_results_live(results, 1.7e9, 1, 0.25));
    assert_ok(fps_results_glance(path, &glance)); /* while the run has it open */
    assert_string_equal(glance.sweep, "one-dimensional");
    assert_true(glance.shard.index == 2 && glance.shard.count == 5 && glance.tasks == 3 && glance.damaged == 0);
    assert_true(glance.outcome[FPS_DONE] == 1 && glance.outcome[FPS_FAILED] == 1 && glance.outcome[FPS_PENDING] == 1);
    assert_true(glance.spent_s == 2.5 && glance.live.heartbeat == 1.7e9 && glance.live.running == 1);
    assert_int_equal(glance.format_version, FPSWEEP_FORMAT_VERSION);
    assert_int_equal(glance.numerics_version, FPSWEEP_NUMERICS_VERSION);
    assert_true(glance.self_test == 0x1234 && glance.sweep_hash == fps_plan_hash(plan));
    assert_string_equal(glance.kernel_class, "avx2");
    assert_string_equal(glance.blas_core, "Haswell");
    assert_string_equal(glance.libraries, "hdf5 and others");
    assert_ok(fps_results_close(&results));
    assert_ok(fps_reader_open(path, &reader));
    assert_true(fps_reader_shard(reader).index == 2 && fps_reader_shard(reader).count == 5);
    assert_string_equal(fps_reader_attribute(reader, "shard"), "2/5");
    fps_reader_close(&reader);
    fps_plan_destroy(&plan);
}

/* Pending again, whatever order the tasks are named in; neighbours stay. */
static void reset_rows_are_pending(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_row *rows = calloc((size_t)fps_plan_count(plan), sizeof *rows), found[12];
    const int64_t again[] = {9, 0, 4, 4};
    const char *path = test_path("reset.h5");
    write_all(path, plan, FPS_DONE, -1, rows);
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    assert_refused(fps_results_reset(results, &(int64_t){12}, 1), FPS_ERROR_MISMATCH, "no task 12");
    assert_ok(fps_results_reset(results, again, 4));
    assert_ok(fps_results_rows(results, found));
    for (int opened = 1; opened >= 0; opened--) { /* as the run knows it, and as the file has it */
        for (int64_t i = 0; i < 12; i++) {
            bool reset = i == 9 || i == 0 || i == 4, right = false;
            assert_int_equal(found[i].outcome, reset ? FPS_PENDING : FPS_DONE);
            assert_int_equal(found[i].checksum, reset ? 0 : rows[i].checksum);
            assert_true(found[i].seconds == (reset ? 0 : rows[i].seconds) && !found[i].damaged);
            if (opened)
                assert_ok(fps_results_check(results, i, &right));
            assert_true(!opened || right);
        }
        if (opened) {
            fps_reader *reader = NULL;
            assert_ok(fps_results_close(&results));
            assert_ok(fps_reader_open(path, &reader));
            assert_ok(fps_reader_rows(reader, found));
            fps_reader_close(&reader);
        }
    }
    free(rows);
    fps_plan_destroy(&plan);
}

/* Everything that the coordinator will write has its blocks on the disk from the start: a commit cannot run out of
 * room. */
static void small_arrays_have_their_room(void **state) {
    (void)state;
    static const char many[] = "sweep: many\nfixed: {target: \"x\", steps: 200, width: 2}\n"
                               "grid: {seed: {from: 1, to: 20000}}\nrecord: {count: 200, frequencies: 2}\n";
    fps_plan *plan = make_plan(many);
    const char *path = test_path("room.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    int descriptor = open(path, O_RDONLY), holes = 0;
    fps_variable variable;
    for (int s = 0; s <= FPS_SCALAR_COUNT; s++) {
        if (s < FPS_SCALAR_COUNT)
            fps_variable_scalar(fps_plan_count(plan), (fps_scalar)s, &variable);
        hid_t dataset = H5Dopen2(file, s < FPS_SCALAR_COUNT ? variable.name : "learning_rate_used", H5P_DEFAULT);
        off_t first = (off_t)H5Dget_offset(dataset), end = first + (off_t)H5Dget_storage_size(dataset);
        assert_true(lseek(descriptor, first, SEEK_HOLE) >= end);
        H5Dclose(dataset);
    }
    hid_t dataset = H5Dopen2(file, "training_loss", H5P_DEFAULT); /* results are not written: the test can fail */
    off_t first = (off_t)H5Dget_offset(dataset);
    holes += lseek(descriptor, first + 65536, SEEK_HOLE) < first + 1000000;
    H5Dclose(dataset);
    H5Fclose(file);
    close(descriptor);
    if (!holes)
        print_message("this file system does not tell holes: nothing is shown here\n");
    fps_plan_destroy(&plan);
}

/* Rows that no memory holds are refused instead of damaging a neighbour. */
static void oversized_trajectories_are_refused(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    fps_task task;
    fps_row row;
    const char *path = test_path("oversized.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    fps_plan_task(plan, 0, &task);
    make_trajectory(plan, &task, FPS_DONE, -1, &trajectory);
    trajectory.extent.size[FPS_FREQUENCY]++;
    assert_refused(fps_results_write(results, &task, &trajectory, &row), FPS_ERROR_MISMATCH, "larger than its row");
    trajectory.extent.size[FPS_FREQUENCY]--;
    task.index = fps_plan_count(plan);
    assert_refused(fps_results_write(results, &task, &trajectory, &row), FPS_ERROR_MISMATCH, "larger than its row");
    assert_ok(fps_results_close(&results));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

/* NaNs of any sign and payload give one row. */
static void rows_have_one_kind_of_nan(void **state) {
    (void)state;
    const uint64_t bits[4] = {UINT64_C(0xfff8000000000000), UINT64_C(0x7ff8000000000000), UINT64_C(0x7ff0000000000001),
                              UINT64_C(0xffffffffffffffff)};
    double value[4];
    uint32_t single[4];
    uint64_t full[4];
    memcpy(value, bits, sizeof value);
    fps_row_encode(FPS_STORED_FLOAT32, false, value, 4, single);
    fps_row_encode(FPS_STORED_FLOAT64, true, value, 4, full);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(single[i], 0x7fc00000);
        assert_true(full[i] == UINT64_C(0x7ff8000000000000));
    }
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_precision_round_trip),
        cmocka_unit_test(mixed_extents_round_trip),
        cmocka_unit_test(diverged_rows_keep_their_records),
        cmocka_unit_test(failed_rows_have_no_valid_part),
        cmocka_unit_test(small_tasks_write_only_their_part),
        cmocka_unit_test(commits_touch_only_their_rows),
        cmocka_unit_test(readers_see_a_run_live),
        cmocka_unit_test(glances_count_tasks),
        cmocka_unit_test(reset_rows_are_pending),
        cmocka_unit_test(small_arrays_have_their_room),
        cmocka_unit_test(oversized_trajectories_are_refused),
        cmocka_unit_test(rows_have_one_kind_of_nan),
    };
    int failed = cmocka_run_group_tests_name("results", tests, make_directory, remove_directory);
    MPI_Finalize();
    return failed;
}
