/* floor: store */
/* The journal of crashes: what dying ranks append is counted by task, whatever happened to the file. */
#include "results_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "fpsweep/checkpoint.h"
#include "fpsweep/memory.h"

enum { RECORD = 48 };

/* Copy a name out of the two that test_path() keeps. */
#define KEEP_PATH(name, expression)                                                                                    \
    char name[400];                                                                                                    \
    snprintf(name, sizeof name, "%s", expression)

static void note(const fps_checkpoints *checkpoints, uint64_t identity, int32_t rank, int32_t number) {
    const fps_crash crash = {.identity = identity, .task = (int64_t)(identity % 100), .rank = rank, .signal = number};
    fps_checkpoints_note_crash(checkpoints, &crash);
}

/* How often a task has crashed; checks what is told of its last crash. */
static int32_t count_of(const fps_checkpoints *checkpoints, uint64_t identity, int32_t rank, int32_t number) {
    fps_crash *crash;
    int64_t count;
    int32_t crashes = 0;
    assert_ok(fps_checkpoints_crashes(checkpoints, &crash, &count));
    for (int64_t i = 0; i < count; i++) {
        assert_true(i == 0 || crash[i].identity > crash[i - 1].identity);
        if (crash[i].identity != identity)
            continue;
        crashes = crash[i].crashes;
        assert_int_equal(crash[i].task, (int64_t)(identity % 100));
        assert_int_equal(crash[i].rank, rank);
        assert_int_equal(crash[i].signal, number);
        assert_true(llabs(crash[i].when_s - (int64_t)time(NULL)) < 60);
    }
    fps_free(crash);
    return crashes;
}

static void crashes_are_counted_by_task(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("count.h5"));
    KEEP_PATH(folder, test_path("count.h5.checkpoint"));
    fps_checkpoints *checkpoints = NULL;
    fps_crash *crash = NULL;
    int64_t count;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    assert_ok(fps_checkpoints_crashes(checkpoints, &crash, &count));
    assert_int_equal(count, 0);
    fps_free(crash);
    assert_int_not_equal(access(folder, F_OK), 0); /* looking makes nothing */
    errno = 17;
    note(checkpoints, 30, 1, SIGSEGV);
    assert_int_equal(errno, 17);
    note(checkpoints, UINT64_MAX, 2, SIGBUS);
    note(checkpoints, 30, 3, SIGFPE);
    assert_int_equal(count_of(checkpoints, 30, 3, SIGFPE), 2);
    assert_int_equal(count_of(checkpoints, UINT64_MAX, 2, SIGBUS), 1);
    assert_int_equal(count_of(checkpoints, 31, 0, 0), 0);
    note(checkpoints, 30, 0, 0); /* forgiven */
    assert_int_equal(count_of(checkpoints, 30, 0, 0), 0);
    note(checkpoints, 30, 5, SIGILL);
    assert_int_equal(count_of(checkpoints, 30, 5, SIGILL), 1);
    assert_int_equal(count_of(checkpoints, UINT64_MAX, 2, SIGBUS), 1);
    assert_ok(fps_checkpoints_clear(checkpoints));
    assert_int_not_equal(access(folder, F_OK), 0);
    assert_int_equal(count_of(checkpoints, 30, 0, 0), 0);
    fps_checkpoints_close(&checkpoints);
}

static const fps_checkpoints *noted_by_handler;
static void handler(int number) {
    const fps_crash crash = {.identity = 7, .task = 7, .rank = 4, .signal = number};
    fps_checkpoints_note_crash(noted_by_handler, &crash);
    signal(number, SIG_DFL);
    raise(number);
}

/* Many ranks die at once, each in its handler. */
static void handlers_append_side_by_side(void **state) {
    (void)state;
    enum { RANKS = 24 };
    KEEP_PATH(path, test_path("handlers.h5"));
    fps_checkpoints *checkpoints = NULL;
    pid_t child[RANKS];
    int status;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    noted_by_handler = checkpoints;
    for (int rank = 0; rank < RANKS; rank++) {
        child[rank] = fork();
        if (child[rank] == 0) {
            const struct rlimit no_core = {0, 0};
            setrlimit(RLIMIT_CORE, &no_core);
            signal(SIGSEGV, handler);
            raise(SIGSEGV);
            _exit(1);
        }
    }
    for (int rank = 0; rank < RANKS; rank++) {
        waitpid(child[rank], &status, 0);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    }
    assert_int_equal(count_of(checkpoints, 7, 4, SIGSEGV), RANKS);
    fps_checkpoints_close(&checkpoints);
}

/* A record cut short by a full disk, rubbish, and every changed byte cost the records that they touch alone. */
static void damage_costs_what_it_touches(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("torn.h5"));
    KEEP_PATH(journal, test_path("torn.h5.checkpoint/crashes"));
    fps_checkpoints *checkpoints = NULL;
    unsigned char bytes[4 * RECORD];
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    note(checkpoints, 1, 1, SIGSEGV);
    note(checkpoints, 2, 2, SIGSEGV);
    for (int length = 1; length < RECORD; length += 6) {
        assert_int_equal(truncate(journal, RECORD + length), 0);
        note(checkpoints, 3, 3, SIGSEGV); /* begins in the middle of nowhere */
        assert_int_equal(count_of(checkpoints, 1, 1, SIGSEGV), 1);
        assert_int_equal(count_of(checkpoints, 2, 0, 0), 0);
        assert_int_equal(count_of(checkpoints, 3, 3, SIGSEGV), 1);
    }
    assert_int_equal(truncate(journal, RECORD), 0);
    note(checkpoints, 2, 2, SIGSEGV);
    note(checkpoints, 1, 1, SIGSEGV);
    int descriptor = open(journal, O_RDWR);
    assert_int_equal(pread(descriptor, bytes, sizeof bytes, 0), 3 * RECORD);
    for (int i = 0; i < 3 * RECORD; i++) {
        unsigned char changed = (unsigned char)(bytes[i] ^ 0x10);
        assert_int_equal(pwrite(descriptor, &changed, 1, i), 1);
        bool second = i / RECORD == 1;
        assert_int_equal(count_of(checkpoints, 1, 1, SIGSEGV), second ? 2 : 1);
        assert_int_equal(count_of(checkpoints, 2, second ? 0 : 2, SIGSEGV), second ? 0 : 1);
        assert_int_equal(pwrite(descriptor, &bytes[i], 1, i), 1);
    }
    close(descriptor);
    fps_checkpoints_close(&checkpoints);
}

/* Where nothing can be written, nothing happens; where nothing can be read, it is said. */
static void blocked_journals_are_survived(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("blocked.h5"));
    KEEP_PATH(folder, test_path("blocked.h5.checkpoint"));
    KEEP_PATH(journal, test_path("blocked.h5.checkpoint/crashes"));
    fps_checkpoints *checkpoints = NULL;
    fps_crash *crash = NULL;
    int64_t count;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    int descriptor = open(folder, O_CREAT | O_WRONLY, 0600);
    close(descriptor);
    note(checkpoints, 1, 1, SIGSEGV);
    assert_int_equal(count_of(checkpoints, 1, 0, 0), 0);
    unlink(folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(mkdir(journal, 0700), 0);
    note(checkpoints, 1, 1, SIGSEGV);
    assert_refused(fps_checkpoints_crashes(checkpoints, &crash, &count), FPS_ERROR_INPUT, "is a directory");
    assert_null(crash);
    fps_checkpoints_close(&checkpoints);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crashes_are_counted_by_task),
        cmocka_unit_test(handlers_append_side_by_side),
        cmocka_unit_test(damage_costs_what_it_touches),
        cmocka_unit_test(blocked_journals_are_survived),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
