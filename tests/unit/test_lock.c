/* floor: store */
/* One run per results file: whoever holds it is named, waited for or refused, on file systems with and without locks.
 *
 * Time, the host's name and what the file system can do are this program's: the C library's functions are stood in for.
 */
#include "results_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "fpsweep/log.h"
#include "store/lock.h"
#include "store/lock_owner.h"

/* ---- the machine ---- */

static bool no_locks;                 /* byte-range locks fail as on a file system that has none */
static int flock_fails;               /* with this errno; 0: it works */
static int flocks;                    /* calls */
static long file_system;              /* what statfs says; 0: the truth */
static const char *host;              /* NULL: the truth */
static bool virtual_time;             /* sleeping takes no time */
static double slept_s, wall_offset_s; /* on top of the truth */
static void (*while_asleep)(void);    /* what others do meanwhile; NULL: nothing */

int fcntl(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (no_locks && (command == F_OFD_SETLK || command == F_SETLK)) {
        errno = ENOTSUP;
        return -1;
    }
    return (int)syscall(SYS_fcntl, descriptor, command, argument);
}

int flock(int descriptor, int operation) {
    flocks++;
    if (flock_fails) {
        errno = flock_fails;
        return -1;
    }
    return (int)syscall(SYS_flock, descriptor, operation);
}

int fstatfs(int descriptor, struct statfs *facts) {
    int failed = (int)syscall(SYS_fstatfs, descriptor, facts);
    if (file_system)
        facts->f_type = file_system;
    return failed;
}

int gethostname(char *name, size_t size) {
    char path[] = "/proc/sys/kernel/hostname";
    FILE *file = host ? NULL : fopen(path, "r");
    snprintf(name, size, "%s", host ? host : "");
    if (file) {
        if (fscanf(file, "%64s", name) != 1)
            *name = '\0';
        fclose(file);
    }
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    double more = slept_s + (clock == CLOCK_REALTIME ? wall_offset_s : 0);
    double total = (double)now->tv_sec + 1e-9 * (double)now->tv_nsec + more;
    *now = (struct timespec){.tv_sec = (time_t)total, .tv_nsec = (long)(1e9 * (total - floor(total)))};
    return failed;
}

int nanosleep(const struct timespec *wanted, struct timespec *left) {
    if (!virtual_time)
        return (int)syscall(SYS_nanosleep, wanted, left);
    slept_s += (double)wanted->tv_sec + 1e-9 * (double)wanted->tv_nsec;
    if (while_asleep)
        while_asleep();
    return 0;
}

/* Back to an ordinary machine on which time stands still unless somebody sleeps. */
static int ordinary(void **state) {
    (void)state;
    no_locks = false;
    flock_fails = flocks = 0;
    file_system = 0;
    host = NULL;
    virtual_time = true;
    slept_s = wall_offset_s = 0;
    while_asleep = NULL;
    fps_log_set(NULL, NULL);
    return 0;
}

/* ---- helpers ---- */

/* Copy a name out of the two that test_path() keeps. */
#define KEEP_PATH(name, expression)                                                                                    \
    char name[400];                                                                                                    \
    snprintf(name, sizeof name, "%s", expression)

static char logged[2048];
static void collect(void *context, fps_log_level level, const char *message) {
    (void)context;
    if (level == FPS_LOG_DEBUG)
        return;
    size_t used = strlen(logged);
    snprintf(logged + used, sizeof logged - used, "%s\n", message);
}

static void listen(void) {
    *logged = '\0';
    fps_log_set(collect, NULL);
}

#define assert_logged(words)                                                                                           \
    do {                                                                                                               \
        if (!strstr(logged, words))                                                                                    \
            fail_msg("no \"%s\" in \"%s\"", words, logged);                                                            \
    } while (0)

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *side_of(const char *path) {
    static char name[500];
    snprintf(name, sizeof name, "%s.lock", path);
    return name;
}

/* The record in the side file; false if there is none. */
static bool record_of(const char *path, fps_lock_owner *owner) {
    int descriptor = open(side_of(path), O_RDONLY);
    assert_true(descriptor >= 0);
    bool known = fps_lock_owner_read(descriptor, owner);
    close(descriptor);
    return known;
}

/* The record of a run on another host whose clock differs from ours. */
static char another_path[400];
static double another_beat_s;
static void write_another(double beat_s) {
    char text[400];
    snprintf(text, sizeof text, "host other pid 4711 job 99 since 2026-01-02T03:04:05Z beat %.3f%*s\n", beat_s, 200,
             "");
    write_text(side_of(another_path), text);
    another_beat_s = beat_s;
}

/* ---- the record ---- */

static void holders_leave_their_name(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("record.h5"));
    fps_lock *lock = NULL;
    fps_lock_owner owner, later;
    char text[400], who[320];
    host = "node07.cluster.example";
    setenv("SLURM_JOB_ID", "123456", 1);
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_true(record_of(path, &owner));
    assert_string_equal(owner.host, host);
    assert_string_equal(owner.job, "123456");
    assert_int_equal(owner.pid, getpid());
    assert_true(fabs(owner.beat - (double)time(NULL)) < 3);
    snprintf(text, sizeof text, "a run on node07.cluster.example (process %ld, job 123456, since 20", (long)getpid());
    assert_ptr_equal(strstr(fps_lock_owner_name(&owner, who, sizeof who), text), who);
    fps_lock *second = NULL;
    assert_refused(fps_lock_take(path, 0, &second), FPS_ERROR_LOCKED, text);
    slept_s += 1;
    assert_ok(fps_lock_beat(lock));
    assert_true(record_of(path, &later));
    assert_true(fps_lock_owner_same(&owner, &later) && !fps_lock_owner_silent(&owner, &later));
    fps_lock_release(&lock);
    assert_false(record_of(path, &later));
    unsetenv("SLURM_JOB_ID");
    setenv("PBS_JOBID", "77.server with space", 1);
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_true(record_of(path, &owner));
    assert_string_equal(owner.job, "77.server_with_space");
    unsetenv("PBS_JOBID");
    fps_lock_release(&lock);
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_true(record_of(path, &owner));
    assert_string_equal(owner.job, "none");
    assert_null(strstr(fps_lock_owner_name(&owner, who, sizeof who), "job"));
    fps_lock_release(&lock);
}

/* ---- with locks ---- */

static fps_lock *first; /* what another run of this test holds */
static double release_at_s;

static void first_beats(void) {
    assert_ok(fps_lock_beat(first));
}

static void first_ends(void) {
    if (first && slept_s >= release_at_s)
        fps_lock_release(&first);
}

/* A run that lives is not waited for, whatever its clock says; one that is silent is, to the end of patience. */
static void silent_holders_are_waited_for(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("silent.h5"));
    static const double skew_s[] = {0, -3600, 3600};
    fps_lock *lock = NULL;
    for (int k = 0; k < 3; k++) {
        ordinary(NULL);
        wall_offset_s = skew_s[k];
        host = "node01";
        assert_ok(fps_lock_take(path, 0, &first));
        wall_offset_s = 0;
        host = "node02";
        while_asleep = first_beats;
        assert_refused(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), FPS_ERROR_LOCKED,
                       "is writing it: wait for that to end, or stop it");
        assert_null(strstr(fps_error_message(), "no sign of life"));
        assert_true(slept_s > 1.9 && slept_s < 2.5);

        while_asleep = NULL;
        slept_s = 0;
        listen();
        assert_refused(
            fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), FPS_ERROR_LOCKED,
            "or stop it (no sign of life for 45 s: ranks of it may have been left behind, there or on other");
        assert_true(slept_s > 44.9 && slept_s < 46);
        assert_logged("still holds it, without a sign of life; waiting up to 45 s for its end");

        slept_s = 0;
        release_at_s = 20;
        while_asleep = first_ends;
        assert_ok(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock));
        assert_true(slept_s > 19.9 && slept_s < 21);
        fps_lock_release(&lock);
    }
}

/* A holder on this host is seen to live, though it is silent: nothing but its end is worth waiting for. */
static void holders_are_looked_for_on_this_host(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("here.h5"));
    fps_lock *lock = NULL;
    fps_lock_owner owner, gone;
    assert_ok(fps_lock_take(path, 0, &first));
    assert_refused(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), FPS_ERROR_LOCKED,
                   "is writing it: wait for that to end, or stop it");
    assert_null(strstr(fps_error_message(), "no sign of life"));
    assert_true(slept_s > 1.9 && slept_s < 2.5);
    int descriptor = open(side_of(path), O_RDWR);
    assert_true(record_of(path, &owner));
    assert_true(fps_lock_owner_holds(&owner, descriptor));
    gone = owner;
    gone.pid = getppid();
    assert_false(fps_lock_owner_holds(&gone, descriptor)); /* lives, but does not hold it */
    host = "elsewhere";
    assert_false(fps_lock_owner_holds(&owner, descriptor));
    host = NULL;
    fps_lock_release(&first);
    assert_false(fps_lock_owner_holds(&owner, descriptor));
    close(descriptor);
}

/* While one waits for a dead run's last ranks another takes over: that one is named. */
static void first_becomes_another(void) {
    if (slept_s < 10 || !first)
        return;
    host = "node03";
    fps_lock_owner third;
    fps_lock_owner_self(&third);
    int descriptor = open(side_of(another_path), O_RDWR);
    assert_true(fps_lock_owner_write(descriptor, &third));
    close(descriptor);
    host = "node02";
}

static void new_holders_are_named(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("handed.h5"));
    fps_lock *lock = NULL;
    snprintf(another_path, sizeof another_path, "%s", path);
    host = "node01";
    assert_ok(fps_lock_take(path, 0, &first));
    host = "node02";
    while_asleep = first_becomes_another;
    assert_refused(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), FPS_ERROR_LOCKED, "a run on node03 (process");
    assert_true(slept_s < 11);
    while_asleep = NULL;
    fps_lock_release(&first);
}

/* ---- without locks ---- */

static void lone_runs_take_files_without_locks(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("lone.h5"));
    fps_lock *lock = NULL, *worker = NULL;
    fps_lock_owner owner;
    no_locks = true;
    listen();
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_logged("this file system has no locks; make sure that no second run writes the file");
    assert_true(slept_s >= 1 && slept_s < 3);
    assert_true(record_of(path, &owner));
    assert_ok(fps_lock_share(lock));
    assert_ok(fps_lock_join(path, &worker));
    fps_lock_release(&worker);
    assert_true(record_of(path, &owner)); /* a worker that leaves empties nothing */
    slept_s += 500;
    assert_ok(fps_lock_beat(lock));
    fps_lock_release(&lock);
    assert_false(record_of(path, &owner));
    slept_s = 0;
    assert_ok(fps_lock_take(path, 0, &lock)); /* an orderly end leaves nothing to wait for */
    assert_true(slept_s < 3);
    fps_lock_release(&lock);
}

static void another_beats(void) {
    if (fmod(slept_s, 1.0) < 0.5)
        write_another(another_beat_s + 1);
}

/* The records of live runs move and those of dead ones stand still; the difference of two clocks says nothing. */
static void records_that_move_are_respected(void **state) {
    (void)state;
    static const double skew_s[] = {0, -3600, 3600, -119, 121};
    KEEP_PATH(path, test_path("moving.h5"));
    snprintf(another_path, sizeof another_path, "%s", path);
    fps_lock *lock = NULL;
    for (size_t k = 0; k < sizeof skew_s / sizeof *skew_s; k++) {
        ordinary(NULL);
        no_locks = true;
        write_another((double)time(NULL) + skew_s[k]);
        while_asleep = another_beats;
        assert_refused(fps_lock_take(path, 0, &lock), FPS_ERROR_LOCKED,
                       "a run on other (process 4711, job 99, since 2026-01-02T03:04:05Z) is writing it");
        assert_true(slept_s < 5);

        while_asleep = NULL; /* it dies */
        slept_s = 0;
        listen();
        assert_ok(fps_lock_take(path, 0, &lock));
        assert_true(slept_s > 59 && slept_s < 63);
        assert_logged("a run on other (process 4711, job 99, since 2026-01-02T03:04:05Z) did not end in order, or is "
                      "writing it still; watching it for 60 s");
        fps_lock_release(&lock);
    }
}

static void another_begins(void) {
    write_another((double)time(NULL));
}

/* Two that claim a file at once, and one that comes back from a long sleep: the last record counts. */
static void the_last_record_counts(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("claimed.h5"));
    snprintf(another_path, sizeof another_path, "%s", path);
    fps_lock *lock = NULL;
    fps_lock_owner owner;
    no_locks = true;
    while_asleep = another_begins;
    assert_refused(fps_lock_take(path, 0, &lock), FPS_ERROR_LOCKED,
                   "a run on other (process 4711, job 99, since 2026-01-02T03:04:05Z) began to write it at the same");
    assert_true(record_of(path, &owner));
    assert_string_equal(owner.host, "other"); /* left alone */

    while_asleep = NULL;
    write_text(side_of(path), "");
    assert_ok(fps_lock_take(path, 0, &lock));
    write_another((double)time(NULL));
    assert_refused(fps_lock_beat(lock), FPS_ERROR_LOCKED, "has taken over the results file");
    fps_lock_release(&lock);
    assert_true(record_of(path, &owner));
    assert_string_equal(owner.host, "other");
}

/* The same process number on two hosts is two runs. */
static void hosts_are_told_apart(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("hosts.h5"));
    fps_lock *here = NULL, *there = NULL;
    no_locks = true;
    host = "node01";
    assert_ok(fps_lock_take(path, 0, &first));
    host = "node02";
    while_asleep = first_beats;
    assert_refused(fps_lock_take(path, 0, &there), FPS_ERROR_LOCKED, "a run on node01 (process");
    while_asleep = NULL;
    assert_ok(fps_lock_take(path, 0, &there)); /* node01 has been silent for a minute ... */
    assert_refused(fps_lock_beat(first), FPS_ERROR_LOCKED, "a run on node02 (process"); /* ... and comes back */
    assert_ok(fps_lock_beat(there));
    fps_lock_release(&first);
    assert_ok(fps_lock_beat(there));
    fps_lock_release(&there);
    assert_null(here);
}

/* ---- the file itself ---- */

static void other_writers_are_kept_out(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("writers.h5"));
    fps_lock *lock = NULL;
    write_text(path, "x");
    assert_ok(fps_lock_take(path, 0, &lock));
    flock_fails = EWOULDBLOCK;
    assert_refused(fps_lock_file(lock, path), FPS_ERROR_LOCKED,
                   "another program has it open for writing: close it there");
    fps_lock_release(&lock);
    assert_ok(fps_lock_take(path, 0, &lock));
    flock_fails = ENOLCK;
    listen();
    assert_ok(fps_lock_file(lock, path));
    assert_logged("flock failed (No locks available); do not write to it with other programs during the run");
    assert_true(fps_lock_descriptor(lock) >= 0);
    fps_lock_release(&lock);

    flock_fails = flocks = 0;
    file_system = 0x6969; /* NFS */
    assert_ok(fps_lock_take(path, 0, &lock));
    listen();
    assert_ok(fps_lock_file(lock, path));
    assert_int_equal(flocks, 0);
    assert_logged("on a network file system; do not write to it with other programs during the run");
    fps_lock_release(&lock);
    assert_refused(fps_lock_take("/proc/nothing.h5", 0, &lock), FPS_ERROR_IO,
                   "/proc/nothing.h5.lock, which guards the results file, cannot be opened");
    assert_null(lock);
}

/* ---- other processes ---- */

/* Run this program as another process. */
static pid_t start_self(const char *verb, const char *path) {
    char *arguments[] = {(char *)"test_lock", (char *)verb, (char *)path, NULL};
    pid_t child;
    assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
    return child;
}

/* Wait until a process has put its number into FILE; it. */
static pid_t wait_for_pid(const char *path) {
    long pid = 0;
    for (int trial = 0; pid == 0 && trial < 2000; trial++) {
        FILE *file = fopen(path, "r");
        if (file) {
            if (fscanf(file, "%ld.", &pid) != 1)
                pid = 0;
            fclose(file);
        }
        usleep(5000);
    }
    assert_true(pid > 0);
    return (pid_t)pid;
}

static void tell_pid(const char *path, const char *who) {
    char name[500], temporary[520];
    snprintf(name, sizeof name, "%s.%s", path, who);
    snprintf(temporary, sizeof temporary, "%s.part", name);
    FILE *file = fopen(temporary, "w");
    fprintf(file, "%ld.", (long)getpid());
    fclose(file);
    rename(temporary, name);
}

/* The other processes: h5py with mode 'r+' or 'r', and a rank of a run. */
static int be_h5py(const char *path, bool writes) {
    unsetenv("HDF5_USE_FILE_LOCKING");
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    if (H5Fopen(path, writes ? H5F_ACC_RDWR : H5F_ACC_RDONLY, H5P_DEFAULT) < 0)
        return 1;
    tell_pid(path, writes ? "writer" : "reader");
    pause();
    return 0;
}

static int be_rank(const char *path) {
    int rank;
    fps_lock *lock = NULL;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0 && (fps_lock_take(path, 0, &lock) != FPS_OK || fps_lock_share(lock) != FPS_OK))
        return 1;
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank > 0 && fps_lock_join(path, &lock) != FPS_OK)
        return 1;
    MPI_Barrier(MPI_COMM_WORLD);
    tell_pid(path, rank == 0 ? "rank0" : "rank1");
    pause();
    return 0;
}

static void h5py_and_runs_respect_each_other(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("h5py.h5"));
    char name[500];
    int status;
    fps_lock *lock = NULL;
    hid_t file = H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    virtual_time = false;

    pid_t writer = start_self("writer", path); /* 'r+' first */
    snprintf(name, sizeof name, "%s.writer", path);
    wait_for_pid(name);
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_refused(fps_lock_file(lock, path), FPS_ERROR_LOCKED,
                   "another program has it open for writing: close it there");
    fps_lock_release(&lock);
    kill(writer, SIGKILL);
    waitpid(writer, &status, 0);

    assert_ok(fps_lock_take(path, 0, &lock)); /* the run first */
    assert_ok(fps_lock_file(lock, path));
    writer = start_self("writer", path);
    waitpid(writer, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    pid_t reader = start_self("reader", path); /* 'r' whenever it likes */
    snprintf(name, sizeof name, "%s.reader", path);
    wait_for_pid(name);
    fps_lock_release(&lock);
    assert_ok(fps_lock_take(path, 0, &lock));
    assert_ok(fps_lock_file(lock, path));
    fps_lock_release(&lock);
    kill(reader, SIGKILL);
    waitpid(reader, &status, 0);
}

/* Hold all threads of a process with a debugger's means. (A rank stopped by a signal would be hung up on by the kernel
 * when mpirun dies.) False if that is not allowed here. */
static bool freeze(pid_t pid) {
    char path[64];
    int status, held = 0;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *threads = opendir(path);
    assert_non_null(threads);
    for (struct dirent *entry; (entry = readdir(threads));) {
        pid_t thread = (pid_t)atol(entry->d_name);
        if (thread > 0 && ptrace(PTRACE_SEIZE, thread, NULL, NULL) == 0 &&
            ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 && waitpid(thread, &status, __WALL) == thread)
            held++;
    }
    closedir(threads);
    return held > 0;
}

/* mpirun is killed while one of its ranks hangs: the lock stays with that rank, and a run that wants it is told which
 * process to look for. */
static void ranks_left_behind_keep_the_lock(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("left.h5"));
    char self[400], name[500], words[500];
    char *arguments[] = {(char *)"mpirun", (char *)"-n", (char *)"2", (char *)"--oversubscribe", self,
                         (char *)"rank",   path,         NULL};
    pid_t mpirun;
    int status;
    fps_lock *lock = NULL;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    virtual_time = false;
    if (posix_spawnp(&mpirun, "mpirun", NULL, NULL, arguments, environ) != 0) {
        print_message("skipped: there is no mpirun\n");
        skip();
    }
    snprintf(name, sizeof name, "%s.rank0", path);
    pid_t coordinator = wait_for_pid(name);
    snprintf(name, sizeof name, "%s.rank1", path);
    pid_t worker = wait_for_pid(name);
    bool frozen = freeze(worker);
    assert_int_equal(kill(mpirun, SIGKILL), 0);
    waitpid(mpirun, &status, 0);
    if (!frozen) {
        kill(worker, SIGKILL);
        print_message("skipped: a process cannot be held here\n");
        skip();
    }
    for (int trial = 0; kill(coordinator, 0) == 0 && trial < 1000; trial++)
        usleep(10000); /* it ends by itself, sooner or later */
    kill(coordinator, SIGKILL);

    virtual_time = true;
    assert_refused(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), FPS_ERROR_LOCKED, "no sign of life for 45 s");
    snprintf(words, sizeof words, ", held on this host by process %ld: ranks of it", (long)worker);
    assert_non_null(strstr(fps_error_message(), words));
    snprintf(words, sizeof words, "(process %ld", (long)coordinator);
    assert_non_null(strstr(fps_error_message(), words));

    virtual_time = false;
    slept_s = 0;
    kill(worker, SIGKILL);
    while (waitpid(-1, &status, __WALL) > 0) {
    } /* every thread that was held */
    assert_ok(fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock));
    fps_lock_release(&lock);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
    if (argc == 3 && strcmp(argv[1], "rank") == 0)
        return be_rank(argv[2]);
    if (argc == 3)
        return be_h5py(argv[2], strcmp(argv[1], "writer") == 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(holders_leave_their_name, ordinary),
        cmocka_unit_test_setup(silent_holders_are_waited_for, ordinary),
        cmocka_unit_test_setup(holders_are_looked_for_on_this_host, ordinary),
        cmocka_unit_test_setup(new_holders_are_named, ordinary),
        cmocka_unit_test_setup(lone_runs_take_files_without_locks, ordinary),
        cmocka_unit_test_setup(records_that_move_are_respected, ordinary),
        cmocka_unit_test_setup(the_last_record_counts, ordinary),
        cmocka_unit_test_setup(hosts_are_told_apart, ordinary),
        cmocka_unit_test_setup(other_writers_are_kept_out, ordinary),
        cmocka_unit_test_setup(h5py_and_runs_respect_each_other, ordinary),
        cmocka_unit_test_setup(ranks_left_behind_keep_the_lock, ordinary),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
