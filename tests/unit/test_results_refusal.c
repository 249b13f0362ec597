/* floor: store */
/* What the results file refuses, and in which words: names that exist, second runs, foreign and damaged files, no room.
 */
#include "results_files.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fpsweep/log.h"
#include "store/columns.h"
#include "store/guard.h"
#include "store/lock.h"
#include "store/publish.h"

extern char **environ;

static void create_empty(const char *path, const char *text) {
    fps_plan *plan = make_plan(text);
    assert_ok(fps_results_create(path, plan, &test_facts));
    fps_plan_destroy(&plan);
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static char *read_file(const char *path, size_t *size) {
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    *size = (size_t)facts.st_size;
    char *bytes = malloc(*size);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

/* ---- creation ---- */

static void existing_names_are_never_overwritten(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    const char *path = test_path("exists.h5");
    size_t size;
    write_file(path, "precious", 8);
    assert_refused(fps_results_create(path, plan, &test_facts), FPS_ERROR_INPUT,
                   "exists: continue it with --resume, or choose another name");
    char *bytes = read_file(path, &size);
    assert_int_equal(size, 8);
    assert_memory_equal(bytes, "precious", 8);
    free(bytes);
    const char *dangling = test_path("dangling.h5");
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_refused(fps_results_create(dangling, plan, &test_facts), FPS_ERROR_INPUT, "exists:");
    assert_refused(fps_results_create("/nonexistent/a.h5", plan, &test_facts), FPS_ERROR_IO,
                   "No such file or directory");
    fps_plan_destroy(&plan);
}

/* A name that appears between the check and the publication wins, with and without link(). */
static void publication_never_replaces(void **state) {
    (void)state;
    for (int link_works = 0; link_works < 2; link_works++) {
        char temporary[256], path[256];
        snprintf(temporary, sizeof temporary, "%s", test_path(link_works ? "new-1" : "new-0"));
        snprintf(path, sizeof path, "%s", test_path(link_works ? "public-1" : "public-0"));
        size_t size;
        write_file(temporary, "first", 5);
        assert_ok(fps_publish(temporary, path, link_works));
        assert_int_not_equal(access(temporary, F_OK), 0);
        write_file(temporary, "second", 6);
        assert_refused(fps_publish(temporary, path, link_works), FPS_ERROR_INPUT, "exists:");
        char *bytes = read_file(path, &size);
        assert_int_equal(size, 5);
        assert_memory_equal(bytes, "first", 5);
        free(bytes);
    }
}

/* What a killed creator left is removed by the next one, and only that. */
static void stale_temporaries_are_removed(void **state) {
    (void)state;
    char stale[300], other[300];
    const char *path = test_path("stale.h5");
    snprintf(stale, sizeof stale, "%s.tmp.99999999", path);
    snprintf(other, sizeof other, "%s.tmp.mine", path);
    write_file(stale, "x", 1);
    write_file(other, "x", 1);
    create_empty(path, one_dimensional);
    assert_int_not_equal(access(stale, F_OK), 0);
    assert_int_equal(access(other, F_OK), 0);
    char own[300];
    assert_ok(fps_publish_name(path, own, sizeof own));
    assert_int_not_equal(access(own, F_OK), 0);
}

static const char huge[] = "sweep: huge\nfixed: {target: \"x\", steps: 1000000, width: 200, depth: 4}\n"
                           "grid: {seed: {from: 1, to: 1000}}\n"
                           "record: {count: 1000, frequencies: 100, keep: [spectrum, parameters]}\n";

static void too_small_disks_are_noticed_before(void **state) {
    (void)state;
    fps_plan *plan = make_plan(huge);
    const char *path = test_path("huge.h5");
    struct rlimit before, small;
    assert_refused(fps_publish_room(path, 1e18), FPS_ERROR_IO, "needs 1e+03 PB, but");
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1 << 24;
    setrlimit(RLIMIT_FSIZE, &small);
    fps_status status = fps_results_create(path, plan, &test_facts);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_refused(status, FPS_ERROR_IO, "this process may write files of 16.8 MB");
    assert_int_not_equal(access(path, F_OK), 0);
    fps_plan_destroy(&plan);
}

/* A file system of 4 MB, where this process may mount one; *directory is its path. */
static void mount_small_disk(const char *name, char *directory, size_t size) {
    snprintf(directory, size, "%s", test_path(name));
    assert_int_equal(mkdir(directory, 0700), 0);
    if (mount("tmpfs", directory, "tmpfs", 0, "size=4m") != 0) {
        print_message("skipped: no small file system can be mounted here: %s\n", strerror(errno));
        skip();
    }
}

static void too_small_disks_keep_nothing(void **state) {
    (void)state;
    char directory[300], path[400], lock[410], message[512];
    mount_small_disk("small-disk", directory, sizeof directory);
    fps_plan *plan = make_plan(huge);
    snprintf(path, sizeof path, "%s/a.h5", directory);
    snprintf(lock, sizeof lock, "%s.lock", path);
    fps_status status = fps_results_create(path, plan, &test_facts);
    snprintf(message, sizeof message, "%s", fps_error_message());
    bool left = access(path, F_OK) == 0 || access(lock, F_OK) == 0;
    umount2(directory, MNT_DETACH);
    fps_plan_destroy(&plan);
    if (status != FPS_ERROR_IO || !strstr(message, "choose another directory, fewer records, or keep less"))
        fail_msg("%s: %s", fps_status_name(status), message);
    assert_false(left);
}

/* The disk fills up during the run: an error that says so, and what was committed stays right. */
static void disks_that_fill_up_keep_done_rows(void **state) {
    (void)state;
    static const char text[] = "sweep: filling\nfixed: {target: \"x\", steps: 2000, width: 4}\n"
                               "grid: {seed: {from: 1, to: 12}}\n"
                               "record: {count: 500, frequencies: 100, keep: [spectrum]}\n"; /* a MB per row */
    char directory[300], path[400], message[512] = "";
    mount_small_disk("filling-disk", directory, sizeof directory);
    fps_plan *plan = make_plan(text);
    fps_results *results = NULL;
    fps_reader *reader = NULL;
    fps_trajectory written = {0}, read = {0};
    fps_row rows[12];
    fps_task task;
    int64_t done = 0;
    snprintf(path, sizeof path, "%s/a.h5", directory);
    /* the file is sparse: it fits only because the disk says so before it is full */
    assert_int_equal(mount("tmpfs", directory, "tmpfs", MS_REMOUNT, "size=64m"), 0);
    fps_status created = fps_results_create(path, plan, &test_facts);
    assert_int_equal(mount("tmpfs", directory, "tmpfs", MS_REMOUNT, "size=4m"), 0);
    fps_status opened = created ? created : fps_results_open(MPI_COMM_WORLD, path, plan, &results), status = opened;
    for (int64_t i = 0; i < 12 && status == FPS_OK; i++) {
        fps_plan_task(plan, i, &task);
        make_trajectory(plan, &task, FPS_DONE, -1, &written);
        status = fps_results_write(results, &task, &written, &rows[i]);
        if (status == FPS_OK)
            status = fps_results_sync(results);
        if (status == FPS_OK)
            status = fps_results_commit(results, &rows[i], 1);
        done += status == FPS_OK;
    }
    snprintf(message, sizeof message, "%s", fps_error_message());
    int wrong = 0;
    fps_results_close(&results);
    if (fps_reader_open(path, &reader) == FPS_OK)
        for (int64_t i = 0; i < 12; i++) {
            uint32_t checksum = 0;
            fps_plan_task(plan, i, &task);
            wrong += fps_reader_trajectory(reader, i, &read) != FPS_OK;
            wrong += (read.outcome == FPS_DONE) != (i < done);
            wrong += i < done &&
                     (fps_results_checksum(plan, &task, &read, &checksum) != FPS_OK || checksum != rows[i].checksum);
        }
    else
        wrong = 1000;
    fps_reader_close(&reader);
    fps_trajectory_release(&written);
    fps_trajectory_release(&read);
    fps_plan_destroy(&plan);
    umount2(directory, MNT_DETACH);
    assert_int_equal(opened, FPS_OK);
    print_message("%lld rows fitted, then: %s\n", (long long)done, message);
    assert_in_range(done, 1, 5);
    if (status != FPS_ERROR_IO || !strstr(message, "no space left on the disk"))
        fail_msg("%s: %s", fps_status_name(status), message);
    assert_int_equal(wrong, 0);
}

/* A side file that somebody removes: whoever comes next locks the new one, and the old is noticed. */
static void removed_side_files_are_noticed(void **state) {
    (void)state;
    char path[256], side[300];
    fps_lock *first = NULL, *second = NULL, *third = NULL;
    snprintf(path, sizeof path, "%s", test_path("side.h5"));
    snprintf(side, sizeof side, "%s.lock", path);
    assert_ok(fps_lock_take(path, 0, &first));
    assert_int_equal(access(side, F_OK), 0);
    fps_lock_remove(first);
    assert_int_not_equal(access(side, F_OK), 0);
    fps_lock_release(&first);
    assert_ok(fps_lock_take(path, 0, &second));
    assert_refused(fps_lock_take(path, 0, &third), FPS_ERROR_LOCKED, "is writing it");
    fps_lock_release(&second);
}

/* ---- locks ---- */

/* Run this program again with the arguments; its exit status. */
static int run_self(const char *verb, const char *path) {
    char *arguments[] = {(char *)"test_results_refusal", (char *)verb, (char *)path, NULL};
    pid_t child;
    int status;
    assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What the other process does: open for a run and tell the status as exit status, 100 if the message is not as it must.
 */
static int second_run(const char *path) {
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    MPI_Init(NULL, NULL);
    fps_status status = fps_results_open(MPI_COMM_WORLD, path, plan, &results);
    if (status == FPS_ERROR_LOCKED && !strstr(fps_error_message(), "is writing it: wait for that to end, or stop it"))
        status = (fps_status)100;
    fps_results_close(&results);
    fps_plan_destroy(&plan);
    MPI_Finalize();
    return (int)status;
}

static int serial_writer(const char *path) {
    unsetenv("HDF5_USE_FILE_LOCKING");
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT) < 0 ? 1 : 0;
}

static int serial_reader(const char *path) {
    unsetenv("HDF5_USE_FILE_LOCKING");
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT) < 0 ? 1 : 0;
}

static void second_runs_are_refused(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    char path[256], alias[256];
    snprintf(path, sizeof path, "%s", test_path("locked.h5"));
    snprintf(alias, sizeof alias, "%s", test_path("alias.h5"));
    create_empty(path, one_dimensional);
    assert_int_equal(symlink(path, alias), 0);
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    assert_int_equal(run_self("second-run", path), FPS_ERROR_LOCKED);
    assert_int_equal(run_self("second-run", alias), FPS_ERROR_LOCKED);
    assert_int_equal(run_self("serial-writer", path), 1);
    assert_int_equal(run_self("serial-reader", path), 0);
    assert_ok(fps_results_close(&results));
    assert_int_equal(run_self("second-run", path), FPS_OK);
    assert_int_equal(run_self("serial-writer", path), 0);
    fps_plan_destroy(&plan);
}

/* Other ranks of the job join the lock; a job whose rank 0 is gone still holds it through them. */
static void any_living_rank_holds_the_lock(void **state) {
    (void)state;
    fps_lock *coordinator = NULL, *worker = NULL, *other = NULL;
    const char *path = test_path("ranks.h5");
    write_file(path, "x", 1);
    assert_ok(fps_lock_take(path, 0, &coordinator));
    assert_refused(fps_lock_join(path, &worker), FPS_ERROR_LOCKED, "joining the lock failed");
    assert_ok(fps_lock_share(coordinator));
    assert_ok(fps_lock_join(path, &worker));
    assert_refused(fps_lock_take(path, 0, &other), FPS_ERROR_LOCKED, "a run on ");
    fps_lock_release(&coordinator);
    assert_refused(fps_lock_take(path, 0.1, &other), FPS_ERROR_LOCKED, "is writing it");
    fps_lock_release(&worker);
    assert_ok(fps_lock_take(path, 0, &other));
    fps_lock_release(&other);
}

/* ---- foreign and damaged files ---- */

static void foreign_files_are_told_apart(void **state) {
    (void)state;
    fps_reader *reader = NULL;
    fps_results *results = NULL;
    fps_plan *plan = make_plan(one_dimensional);
    const char *path = test_path("foreign");
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT, "No such file or directory");
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, plan, &results), FPS_ERROR_INPUT,
                   "No such file or directory");
    assert_refused(fps_reader_open(test_directory, &reader), FPS_ERROR_INPUT, "is not a regular file");
    write_file(path, "", 0);
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT, "is not an HDF5 file");
    write_file(path, one_dimensional, sizeof one_dimensional);
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT, "is not an HDF5 file");
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, plan, &results), FPS_ERROR_INPUT, "is not an HDF5 file");
    unlink(path);
    hid_t file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT, "not one of fpsweep's results files");
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, plan, &results), FPS_ERROR_INPUT, "not one of fpsweep's");
    assert_null(reader);
    assert_null(results);
    fps_plan_destroy(&plan);
}

static void set_integer(const char *path, const char *name, int32_t value) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), attribute = H5Aopen(file, name, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT32, &value) >= 0);
    H5Aclose(attribute);
    H5Fclose(file);
}

/* What a copy by another program does: the checksums of the structure do not lie where they say. */
static void remove_guard(const char *path) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), dataset = H5Dopen2(file, FPS_GUARD_NAME, H5P_DEFAULT);
    void *zeros = calloc(1, (size_t)H5Dget_storage_size(dataset));
    assert_true(H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) >= 0);
    free(zeros);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void other_sweeps_and_formats_are_refused(void **state) {
    (void)state;
    fps_reader *reader = NULL;
    fps_results *results = NULL;
    fps_plan *other = make_plan(mixed);
    const char *path = test_path("other.h5");
    create_empty(path, one_dimensional);
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, other, &results), FPS_ERROR_MISMATCH,
                   "was made from another sweep file (");
    fps_plan_destroy(&other);
    assert_null(results);
    set_integer(path, "format_version", 99);
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT, "another program has changed it");
    remove_guard(path); /* one that a newer program left out */
    assert_refused(fps_reader_open(path, &reader), FPS_ERROR_INPUT,
                   "has format version 99, this program reads up to 2");
}

/* Comments and the order of keys do not make another sweep; the message names what does. */
static void same_sweeps_may_be_written_otherwise(void **state) {
    (void)state;
    fps_results *results = NULL;
    const char *path = test_path("same.h5");
    char text[2048];
    create_empty(path, one_dimensional);
    snprintf(text, sizeof text, "# a comment\n%s", one_dimensional);
    fps_plan *same = make_plan(text), *other = make_plan(strcpy(strstr(text, "width: 5"), "width: 6") ? text : NULL);
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, same, &results));
    assert_ok(fps_results_close(&results));
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, other, &results), FPS_ERROR_MISMATCH, "--reuse");
    fps_plan_destroy(&same);
    fps_plan_destroy(&other);
}

/* Files of format 1 are not continued. */
static void old_files_are_not_continued(void **state) {
    (void)state;
    fps_results *results = NULL;
    fps_plan *plan = make_plan(one_dimensional);
    const char *path = test_path("old.h5");
    create_empty(path, one_dimensional);
    set_integer(path, "format_version", 1);
    remove_guard(path);
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, plan, &results), FPS_ERROR_INPUT,
                   "has format version 1 and is not continued: write to another name, where --reuse ");
    fps_plan_destroy(&plan);
}

/* Write one element of a (task) variable with another program. */
static void set_element(const char *path, const char *name, int64_t task, hid_t type, const void *value) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset), memory = H5Screate(H5S_SCALAR);
    hsize_t start[4] = {(hsize_t)task}, size[4] = {1, 1, 1, 1};
    assert_true(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0);
    assert_true(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, value) >= 0);
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
}

/* All twelve tasks done. */
static void create_done(const char *path) {
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_trajectory trajectory = {0};
    fps_row rows[12];
    fps_task task;
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    for (int64_t i = 0; i < 12; i++) {
        fps_plan_task(plan, i, &task);
        make_trajectory(plan, &task, FPS_DONE, -1, &trajectory);
        assert_ok(fps_results_write(results, &task, &trajectory, &rows[i]));
    }
    assert_ok(fps_results_commit(results, rows, 12));
    assert_ok(fps_results_close(&results));
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

/* The library's warnings, one after the other. */
static char warning[4096];

static void keep_warning(void *context, fps_log_level level, const char *message) {
    (void)context;
    if (level == FPS_LOG_WARNING)
        snprintf(warning + strlen(warning), sizeof warning - strlen(warning), "%s\n", message);
}

/* Numbers of a task that another hand has changed are never handed out; a run does the task again. */
static void damaged_rows_are_told(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_results *results = NULL;
    fps_reader *reader = NULL;
    fps_trajectory trajectory = {0};
    fps_glance glance;
    fps_row rows[12];
    const char *path = test_path("damaged.h5");
    create_done(path);
    fps_log_set(keep_warning, NULL);
    set_element(path, "records", 4, H5T_NATIVE_INT32, &(int32_t){1000});
    set_element(path, "outcome", 5, H5T_NATIVE_INT8, &(int8_t){FPS_DIVERGED});
    set_element(path, "outcome", 6, H5T_NATIVE_INT8, &(int8_t){77});
    set_element(path, "seconds", 7, H5T_NATIVE_DOUBLE, &(double){1e6});
    set_element(path, "learning_rate_used", 8, H5T_NATIVE_FLOAT, &(float){1});
    set_element(path, "training_loss", 9, H5T_NATIVE_FLOAT, &(float){1});
    set_element(path, "identity", 10, H5T_C_S1, "?"); /* another column's damage: the row itself is right */
    assert_ok(fps_reader_open(path, &reader));
    assert_ok(fps_reader_rows(reader, rows));
    assert_non_null(strstr(warning, "the numbers of 5 tasks, the first is 4, are not those that were committed"));
    for (int64_t i = 0; i < 12; i++) {
        bool right = true, scalars = i >= 4 && i <= 8;
        assert_int_equal(rows[i].damaged, scalars);
        assert_int_equal(rows[i].outcome, scalars ? FPS_PENDING : FPS_DONE);
        assert_true(!scalars || (isnan(rows[i].seconds) && isnan(rows[i].number[0]) && rows[i].records == 0));
        assert_ok(fps_reader_check(reader, i, &right));
        assert_int_equal(right, !scalars && i != 9);
        if (right)
            assert_ok(fps_reader_trajectory(reader, i, &trajectory));
        else
            assert_refused(fps_reader_trajectory(reader, i, &trajectory), FPS_ERROR_INPUT, "its checksum is wrong");
        if (!right)
            assert_refused(fps_reader_result(reader, i, FPS_RESULT_STEP, &(double){0}), FPS_ERROR_INPUT,
                           "`fpsweep verify`");
    }
    assert_refused(fps_reader_trajectory(reader, 12, &trajectory), FPS_ERROR_USAGE,
                   "has no task 12: they count from 0 to 11");
    fps_reader_close(&reader);
    assert_ok(fps_results_glance(path, &glance));
    assert_int_equal(glance.damaged, 6); /* without the plan the identity is believed */
    assert_int_equal(glance.outcome[FPS_DONE], 6);
    assert_int_equal(glance.outcome[FPS_PENDING], 6);
    *warning = '\0';
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    assert_non_null(strstr(warning, "the numbers of 5 tasks, the first is 4"));
    assert_ok(fps_results_rows(results, rows));
    for (int64_t i = 0; i < 12; i++) {
        bool right = true;
        assert_int_equal(rows[i].outcome, i >= 4 && i <= 8 ? FPS_PENDING : FPS_DONE);
        assert_ok(fps_results_check(results, i, &right));
        assert_int_equal(right, i != 9);
    }
    assert_ok(fps_results_reset(results, &(int64_t){9}, 1));
    assert_ok(fps_results_close(&results));
    *warning = '\0';
    assert_ok(fps_reader_open(path, &reader));
    assert_ok(fps_reader_rows(reader, rows));
    assert_string_equal(warning, "");
    for (int64_t i = 0; i < 12; i++)
        assert_int_equal(rows[i].outcome, i >= 4 && i <= 9 ? FPS_PENDING : FPS_DONE);
    assert_ok(fps_reader_trajectory(reader, 9, &trajectory));
    assert_int_equal(trajectory.records, 0);
    assert_true(isnan(trajectory.value[FPS_RESULT_TRAINING_LOSS][0]));
    fps_log_set(NULL, NULL);
    fps_reader_close(&reader);
    fps_trajectory_release(&trajectory);
    fps_plan_destroy(&plan);
}

/* Open, and read everything that opening allows. */
static fps_status read_everything(const char *path) {
    fps_reader *reader = NULL;
    fps_trajectory trajectory = {0};
    fps_row rows[12];
    fps_live live;
    fps_status status = fps_reader_open(path, &reader);
    if (status != FPS_OK)
        return status;
    if (fps_plan_count(fps_reader_plan(reader)) == 12)
        status = fps_reader_rows(reader, rows);
    if (status == FPS_OK)
        status = fps_reader_live(reader, &live);
    for (int64_t i = 0; status == FPS_OK && i < 12; i++)
        status = fps_reader_trajectory(reader, i, &trajectory);
    fps_trajectory_release(&trajectory);
    fps_reader_close(&reader);
    return status;
}

/* Cut anywhere: refused in one line where the structure is cut, else read with a warning as far as it is right. */
static void truncated_files_are_told(void **state) {
    (void)state;
    const char *whole = test_path("whole.h5"), *cut = test_path("cut.h5");
    size_t size, read = 0, refused = 0;
    create_done(whole);
    assert_ok(read_everything(whole));
    char *bytes = read_file(whole, &size);
    fps_log_set(keep_warning, NULL);
    for (size_t length = 0; length < size; length += 1 + size / 61) {
        *warning = '\0';
        write_file(cut, bytes, length);
        fps_status status = read_everything(cut);
        bool structure = strstr(fps_error_message(), "part of its structure is missing") ||
                         strstr(fps_error_message(), "is damaged: truncated file") ||
                         strstr(fps_error_message(), "is not an HDF5 file") ||
                         strstr(fps_error_message(), "the checksums of its structure are not");
        if (status == FPS_OK ? !strstr(warning, "is truncated") /* every row is as pending as its outcome */
                             : !structure && !(strstr(warning, "is truncated") &&
                                               strstr(fps_error_message(), "its checksum is wrong")))
            fail_msg("%zu of %zu bytes: %s: %s", length, size, fps_status_name(status), fps_error_message());
        read += *warning != '\0';
        refused += *warning == '\0';
    }
    print_message("%zu lengths were refused, %zu read as far as they were right\n", refused, read);
    assert_true(read > 5 && refused > 5);
    fps_log_set(NULL, NULL);
    free(bytes);
}

static void count_column(void *context, const char *variable, int64_t task, int64_t rows) {
    (void)variable, (void)task, (void)rows;
    ++*(int *)context;
}

/* A run gives a truncated file its length back; what was cut off is pending again, and nothing else; parameters are
 * what they were. So for every length of which the structure is left. */
static void truncated_files_are_mended(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    const char *whole = test_path("mended.h5");
    struct stat before, after;
    fps_row rows[12];
    size_t size, lost = 0;
    int pending_before = 0, lengths = 0, with_columns = 0;
    create_done(whole);
    assert_int_equal(stat(whole, &before), 0);
    char *bytes = read_file(whole, &size);
    for (;; lost += lost < 40000 ? 2500 : 200, lengths++) {
        fps_results *results = NULL;
        fps_reader *reader = NULL;
        fps_trajectory trajectory = {0};
        int pending = 0, columns = 0;
        write_file(whole, bytes, size - lost);
        fps_status status = fps_results_open(MPI_COMM_WORLD, whole, plan, &results);
        if (status != FPS_OK)
            break;
        assert_ok(fps_results_rows(results, rows));
        for (int64_t i = 0; i < 12; i++) {
            bool right = false;
            pending += rows[i].outcome == FPS_PENDING;
            assert_ok(fps_results_check(results, i, &right));
            assert_true(right);
        }
        assert_ok(fps_results_close(&results));
        assert_int_equal(stat(whole, &after), 0);
        assert_int_equal(after.st_size, before.st_size);
        assert_ok(fps_columns_check(whole, plan, count_column, &columns));
        assert_int_equal(columns, 0);
        assert_ok(fps_reader_open(whole, &reader));
        for (int64_t i = 0; i < 12; i++) {
            assert_ok(fps_reader_trajectory(reader, i, &trajectory));
            assert_int_equal(trajectory.outcome, rows[i].outcome);
        }
        fps_reader_close(&reader);
        fps_trajectory_release(&trajectory);
        assert_true(pending >= pending_before && (pending > 0) == (lost > 0));
        assert_true(lost > 2500 || pending < 12); /* little is lost with the end */
        pending_before = pending;
        write_file(whole, bytes, size - lost);
        columns = 0;
        assert_ok(fps_columns_check(whole, plan, count_column, &columns));
        with_columns += columns > 0;
    }
    assert_non_null(strstr(fps_error_message(), "part of its structure is missing"));
    assert_int_equal(pending_before, 12);
    print_message("%d lengths, in %d of them parameters were cut off too\n", lengths, with_columns);
    assert_true(with_columns > 0);
    free(bytes);
    fps_plan_destroy(&plan);
}

/* The child of the next test: change one byte at a time of a healthy file. Returns 0 if all went well. HDF5 loses
 * memory over damaged files, so this process ends without asking for leaks. */
static int change_bytes(const char *path) {
    size_t size, refused = 0;
    char *bytes = read_file(path, &size);
    uint32_t random = 7;
    int descriptor = open(path, O_RDWR);
    for (int trial = 0; trial < 400; trial++) {
        random = random * 1664525u + 1013904223u;
        size_t place = trial < 100 ? (size_t)trial : (size_t)(random >> 8) % size;
        char changed = (char)(bytes[place] ^ (1 << (random >> 5 & 7)));
        if (pwrite(descriptor, &changed, 1, (off_t)place) != 1)
            return 2;
        alarm(20);
        fps_status status = read_everything(path);
        alarm(0);
        if (status != FPS_OK && (status != FPS_ERROR_INPUT || !*fps_error_message()))
            return 3;
        refused += status != FPS_OK;
        if (pwrite(descriptor, &bytes[place], 1, (off_t)place) != 1)
            return 2;
    }
    if (read_everything(path) != FPS_OK)
        return 4;
    fprintf(stderr, "%zu of 400 changes were noticed\n", refused);
    return refused > 20 ? 0 : 5;
}

/* One byte changed: refused in one line, or harmless; never a crash or a hang. */
static void changed_bytes_do_no_harm(void **state) {
    (void)state;
    const char *path = test_path("hurt.h5");
    create_empty(path, one_dimensional);
    assert_int_equal(run_self("change-bytes", path), 0);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    if (argc == 3 && strcmp(argv[1], "second-run") == 0)
        return second_run(argv[2]);
    if (argc == 3 && strcmp(argv[1], "serial-writer") == 0)
        return serial_writer(argv[2]);
    if (argc == 3 && strcmp(argv[1], "serial-reader") == 0)
        return serial_reader(argv[2]);
    if (argc == 3 && strcmp(argv[1], "change-bytes") == 0)
        _exit(change_bytes(argv[2]));
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(existing_names_are_never_overwritten),
        cmocka_unit_test(publication_never_replaces),
        cmocka_unit_test(stale_temporaries_are_removed),
        cmocka_unit_test(too_small_disks_are_noticed_before),
        cmocka_unit_test(too_small_disks_keep_nothing),
        cmocka_unit_test(disks_that_fill_up_keep_done_rows),
        cmocka_unit_test(removed_side_files_are_noticed),
        cmocka_unit_test(second_runs_are_refused),
        cmocka_unit_test(any_living_rank_holds_the_lock),
        cmocka_unit_test(foreign_files_are_told_apart),
        cmocka_unit_test(other_sweeps_and_formats_are_refused),
        cmocka_unit_test(damaged_rows_are_told),
        cmocka_unit_test(truncated_files_are_told),
        cmocka_unit_test(truncated_files_are_mended),
        cmocka_unit_test(same_sweeps_may_be_written_otherwise),
        cmocka_unit_test(old_files_are_not_continued),
        cmocka_unit_test(changed_bytes_do_no_harm),
    };
    int failed = cmocka_run_group_tests_name("results refusal", tests, make_directory, remove_directory);
    MPI_Finalize();
    return failed;
}
