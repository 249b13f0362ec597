/* floor: store */
/* Checkpoints: what is read back is always one complete state, the latest possible, whatever happened to the disk. */
#include "results_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <xxhash.h>

#include "fpsweep/checkpoint.h"
#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/checkpoint_slot.h"

/* ---- a disk that fails and counts: these stand in front of the C library's ---- */

static int64_t room = -1;                           /* bytes that can still be written; -1: no end */
static int sync_fails;                              /* with this errno; 0: it works */
static int64_t syncs, folder_syncs, bytes_unsynced; /* counted */

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    if (room == 0) {
        errno = ENOSPC;
        return -1;
    }
    if (room > 0 && size > (size_t)room)
        size = (size_t)room; /* a short write comes first, as on a real disk */
    ssize_t done = syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    if (room > 0 && done > 0)
        room -= done;
    bytes_unsynced += done > 0 ? done : 0;
    return done;
}

int fdatasync(int descriptor) {
    if (sync_fails) {
        errno = sync_fails;
        return -1;
    }
    (void)descriptor; /* what is lost with the power is thought up below: the disk's time is saved */
    syncs++;
    bytes_unsynced = 0;
    return 0;
}

int fsync(int descriptor) {
    (void)descriptor;
    folder_syncs++;
    return 0;
}

/* ---- helpers ---- */

enum { SELF = 0x5e1f, RECORD = 0x4ec0 };

static fps_checkpoint_head head_of(uint64_t identity, int64_t step) {
    return (fps_checkpoint_head){
        .identity = identity, .record = RECORD, .self_test = SELF, .attempts = 1, .step = step, .steps = 1000};
}

/* A state whose every byte follows from (identity, step). */
static void fill_state(uint64_t identity, int64_t step, size_t size, fps_state *state) {
    if (state->capacity < size) {
        fps_state_release(state);
        assert_ok(FPS_ALLOC(state->bytes, size));
        state->capacity = size;
    }
    state->size = size;
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) {
        if (i % 8 == 0)
            word = XXH3_64bits_withSeed(&i, sizeof i, identity * 1000003 + (uint64_t)step);
        state->bytes[i] = (unsigned char)(word >> 8 * (i % 8));
    }
}

static void write_step(fps_checkpoints *checkpoints, uint64_t identity, int64_t step, size_t size) {
    fps_state state = {0};
    fps_checkpoint_head head = head_of(identity, step);
    fill_state(identity, step, size, &state);
    assert_ok(fps_checkpoints_write(checkpoints, &head, &state));
    fps_state_release(&state);
}

/* The step of the state that a fresh handle finds, -1 if none; fails if it is not a complete one. */
static int64_t read_step_sized(const char *path, uint64_t identity, size_t size) {
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head wanted = head_of(identity, 0), head;
    fps_state state = {0}, expected = {0};
    bool found;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    assert_ok(fps_checkpoints_read(checkpoints, &wanted, &head, &state, &found));
    fps_checkpoints_close(&checkpoints);
    int64_t step = -1;
    if (found) {
        step = head.step;
        fill_state(identity, step, size ? size : state.size, &expected);
        assert_int_equal(state.size, expected.size);
        assert_memory_equal(state.bytes, expected.bytes, expected.size);
        assert_true(head.identity == identity && head.numerics_version == FPSWEEP_NUMERICS_VERSION);
    }
    fps_state_release(&state);
    fps_state_release(&expected);
    return step;
}

static int64_t read_step(const char *path, uint64_t identity) {
    return read_step_sized(path, identity, 0);
}

static const char *slot_path(const char *path, uint64_t identity, int slot) {
    static char name[2][400];
    snprintf(name[slot], sizeof name[slot], "%s.checkpoint/%016llx.%d", path, (unsigned long long)identity, slot);
    return name[slot];
}

static unsigned char *read_file(const char *path, size_t *size) {
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    *size = (size_t)facts.st_size;
    unsigned char *bytes = malloc(*size + 1);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

/* Afresh: some file systems hurry a file to the disk that was cut to nothing. */
static void write_file(const char *path, const void *bytes, size_t size) {
    unlink(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* Copy a name out of the two that test_path() and slot_path() keep. */
#define KEEP_PATH(name, expression)                                                                                    \
    char name[400];                                                                                                    \
    snprintf(name, sizeof name, "%s", expression)

/* ---- ordinary days ---- */

static void the_latest_state_is_read_back(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("plain.h5"));
    KEEP_PATH(folder, test_path("plain.h5.checkpoint"));
    fps_checkpoints *checkpoints = NULL;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    assert_false(exists(folder));
    assert_int_equal(read_step(path, 7), -1);
    assert_string_equal(fps_error_message(), "");
    for (int64_t step = 1; step <= 5; step++) {
        write_step(checkpoints, 7, step, (size_t)(1000 * step));
        assert_int_equal(read_step_sized(path, 7, (size_t)(1000 * step)), step);
    }
    assert_true(exists(slot_path(path, 7, 0)) && exists(slot_path(path, 7, 1)));
    write_step(checkpoints, 7, 6, 100); /* a smaller one, into a file that is larger */
    assert_int_equal(read_step_sized(path, 7, 100), 6);
    fps_state nothing = {0};
    fps_checkpoint_head head = head_of(7, 7);
    assert_ok(fps_checkpoints_write(checkpoints, &head, &nothing));
    assert_int_equal(read_step(path, 7), 6);
    assert_ok(fps_checkpoints_remove(checkpoints, 7));
    assert_ok(fps_checkpoints_remove(checkpoints, 7));
    assert_int_equal(read_step(path, 7), -1);
    write_step(checkpoints, 7, 8, 64);
    assert_int_equal(read_step(path, 7), 8);
    assert_ok(fps_checkpoints_clear(checkpoints));
    assert_ok(fps_checkpoints_clear(checkpoints));
    assert_false(exists(folder));
    fps_checkpoints_close(&checkpoints);
    fps_checkpoints_close(&checkpoints);
}

/* A periodic write is one sync of one open file; a task that is taken over goes on with the same two slots. */
static void handles_are_kept_and_taken_over(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("handles.h5"));
    fps_checkpoints *checkpoints = NULL, *other = NULL;
    fps_checkpoint_head wanted = head_of(9, 0), head;
    fps_state bytes = {0};
    bool found;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    folder_syncs = 0;
    write_step(checkpoints, 9, 1, 5000);
    assert_int_equal(folder_syncs, 2); /* the folder in its directory, the file in the folder */
    write_step(checkpoints, 9, 2, 5000);
    assert_int_equal(folder_syncs, 3);
    int lowest = dup(0);
    close(lowest);
    for (int64_t step = 3; step <= 10; step++) {
        syncs = 0;
        write_step(checkpoints, 9, step, 5000);
        assert_int_equal(syncs, 1);
        assert_int_equal(bytes_unsynced, 0);
    }
    assert_int_equal(folder_syncs, 3);
    int next = dup(0);
    close(next);
    assert_int_equal(next, lowest); /* opened nothing */
    fps_checkpoints_close(&checkpoints);
    next = dup(0);
    close(next);
    assert_true(next < lowest);

    assert_ok(fps_checkpoints_open(path, &other));
    assert_ok(fps_checkpoints_read(other, &wanted, &head, &bytes, &found));
    assert_true(found && head.step == 10);
    size_t size;
    unsigned char *before[2] = {read_file(slot_path(path, 9, 0), &size), read_file(slot_path(path, 9, 1), &size)};
    write_step(other, 9, 11, 5000);
    unsigned char *after[2] = {read_file(slot_path(path, 9, 0), &size), read_file(slot_path(path, 9, 1), &size)};
    fps_slot_head slots[2];
    memcpy(&slots[0], before[0], sizeof slots[0]);
    memcpy(&slots[1], before[1], sizeof slots[1]);
    int latest = slots[1].generation > slots[0].generation;
    assert_memory_equal(before[latest], after[latest], size);
    assert_memory_not_equal(before[!latest], after[!latest], size);
    assert_int_equal(read_step(path, 9), 11);
    for (int slot = 0; slot < 2; slot++) {
        free(before[slot]);
        free(after[slot]);
    }
    fps_state_release(&bytes);
    fps_checkpoints_close(&other);
}

/* Slots that go under a rank's hands (its task was reset, an administrator cleaned up) are made anew. */
static void removed_slots_are_made_anew(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("removed.h5"));
    fps_checkpoints *worker = NULL, *coordinator = NULL;
    assert_ok(fps_checkpoints_open(path, &worker));
    assert_ok(fps_checkpoints_open(path, &coordinator));
    for (int64_t step = 1; step <= 3; step++)
        write_step(worker, 4, step, 3000);
    assert_ok(fps_checkpoints_remove(coordinator, 4));
    write_step(worker, 4, 20, 3000);
    assert_int_equal(read_step(path, 4), 20);
    assert_ok(fps_checkpoints_clear(coordinator));
    write_step(worker, 4, 21, 3000);
    write_step(worker, 4, 22, 3000);
    assert_int_equal(read_step(path, 4), 22);
    fps_checkpoints_close(&worker);
    fps_checkpoints_close(&coordinator);
}

/* Write a slot of another numerics version, which this program cannot. */
static void age_slot(const char *name) {
    size_t size;
    unsigned char *bytes = read_file(name, &size);
    fps_slot_head head;
    memcpy(&head, bytes, sizeof head);
    head.task.numerics_version = FPSWEEP_NUMERICS_VERSION + 1;
    head.head_hash = XXH3_64bits(&head, offsetof(fps_slot_head, head_hash));
    memcpy(bytes, &head, sizeof head);
    write_file(name, bytes, size);
    free(bytes);
}

static void states_of_others_are_not_handed_out(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("others.h5"));
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head head, wanted;
    fps_state bytes = {0};
    bool found = true;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    write_step(checkpoints, 0xabc, 1, 500);
    wanted = head_of(0xabc, 0);
    wanted.self_test++;
    assert_ok(fps_checkpoints_read(checkpoints, &wanted, &head, &bytes, &found));
    assert_false(found);
    assert_non_null(strstr(fps_error_message(), "was made by other kernels or libraries; its task starts over"));
    assert_non_null(strstr(fps_error_message(), "others.h5.checkpoint/0000000000000abc"));
    wanted = head_of(0xabc, 0);
    wanted.record++;
    assert_ok(fps_checkpoints_read(checkpoints, &wanted, &head, &bytes, &found));
    assert_false(found);
    assert_non_null(strstr(fps_error_message(), "was recorded differently"));
    /* other kernels write on: the state of these stays readable for these */
    head = head_of(0xabc, 2);
    head.self_test++;
    fill_state(0xabc, 2, 500, &bytes);
    assert_ok(fps_checkpoints_write(checkpoints, &head, &bytes));
    assert_int_equal(read_step(path, 0xabc), 1);
    age_slot(slot_path(path, 0xabc, 0));
    age_slot(slot_path(path, 0xabc, 1));
    wanted = head_of(0xabc, 0);
    assert_ok(fps_checkpoints_read(checkpoints, &wanted, &head, &bytes, &found));
    assert_false(found);
    assert_non_null(strstr(fps_error_message(), "is of another numerics version"));
    fps_state_release(&bytes);
    fps_checkpoints_close(&checkpoints);
}

static void lists_and_clearing_leave_foreign_files_alone(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("list.h5"));
    KEEP_PATH(folder, test_path("list.h5.checkpoint"));
    static const char *const foreign[] = {
        "notes", "0000000000000001.2", "0000000000000001.0x", "ABCDEF0000000001.0", "000000000000001.0", "crashes.txt"};
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head *list = NULL;
    int64_t count;
    char name[500];
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    assert_ok(fps_checkpoints_list(checkpoints, &list, &count));
    assert_int_equal(count, 0);
    fps_free(list);
    for (uint64_t i = 0; i < 100; i++)
        for (int64_t step = 1; step <= 1 + (int64_t)(i % 3); step++)
            write_step(checkpoints, (i * 37 % 100) << 56 | i, step, 40);
    for (size_t f = 0; f < sizeof foreign / sizeof *foreign; f++) {
        snprintf(name, sizeof name, "%s/%s", folder, foreign[f]);
        write_file(name, "mine", 4);
    }
    write_file(slot_path(path, 5000, 0), "", 0); /* a slot that was created when the power went */
    write_file(slot_path(path, 5001, 1), "fpsslot", 8);
    assert_ok(fps_checkpoints_list(checkpoints, &list, &count));
    assert_int_equal(count, 100);
    for (int64_t i = 0; i < count; i++) {
        int64_t writes = 1 + (int64_t)((list[i].identity & 0xffffff) % 3);
        assert_int_equal(list[i].step, writes);
        assert_true(i == 0 || list[i].identity > list[i - 1].identity);
    }
    fps_free(list);
    assert_ok(fps_checkpoints_clear(checkpoints));
    for (size_t f = 0; f < sizeof foreign / sizeof *foreign; f++) {
        snprintf(name, sizeof name, "%s/%s", folder, foreign[f]);
        assert_true(exists(name));
        unlink(name);
    }
    assert_ok(fps_checkpoints_list(checkpoints, &list, &count));
    assert_int_equal(count, 0);
    fps_free(list);
    assert_int_equal(rmdir(folder), 0); /* all of ours are gone */
    fps_checkpoints_close(&checkpoints);
}

static void links_lead_to_the_same_checkpoints(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("real.h5"));
    KEEP_PATH(alias, test_path("alias.h5"));
    fps_checkpoints *checkpoints = NULL;
    write_file(path, "x", 1);
    assert_int_equal(symlink(path, alias), 0);
    assert_ok(fps_checkpoints_open(alias, &checkpoints));
    write_step(checkpoints, 1, 3, 10);
    assert_int_equal(read_step(path, 1), 3);
    fps_checkpoints_close(&checkpoints);
    assert_refused(fps_checkpoints_open("/nonexistent/a.h5", &checkpoints), FPS_ERROR_IO, "No such file or directory");
}

/* ---- bad days ---- */

/* The disk is full, or breaks, at every byte of a write: one clear line, and the state before is still there. */
static void full_disks_cost_one_write(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("full.h5"));
    fps_checkpoints *checkpoints = NULL;
    fps_state bytes = {0};
    fps_checkpoint_head head = head_of(3, 2);
    size_t size = 300;
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    fill_state(3, 2, size, &bytes);
    room = 0;
    assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO,
                   "writing a checkpoint of 0.0003 MB failed: No space left on device; the task has none yet");
    assert_false(exists(slot_path(path, 3, 0)) || exists(slot_path(path, 3, 1))); /* takes no room */
    room = -1;
    write_step(checkpoints, 3, 1, size);
    for (int64_t fits = 0; fits < (int64_t)(size + sizeof(fps_slot_head)); fits += 7) {
        room = fits;
        assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO,
                       "No space left on device; the one before is kept");
        room = -1;
        assert_int_equal(read_step(path, 3), 1);
    }
    sync_fails = EIO;
    assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO,
                   "Input/output error; the one before");
    sync_fails = EDQUOT;
    assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO, "quota exceeded; the one before");
    sync_fails = 0;
    assert_int_equal(read_step(path, 3), 1);
    assert_ok(fps_checkpoints_write(checkpoints, &head, &bytes)); /* there is room again */
    assert_int_equal(read_step(path, 3), 2);
    fps_state_release(&bytes);
    fps_checkpoints_close(&checkpoints);
}

static void folders_that_cannot_be_used_are_named(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("blocked.h5"));
    KEEP_PATH(folder, test_path("blocked.h5.checkpoint"));
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head *list = NULL, head = head_of(1, 1);
    fps_state bytes = {0};
    int64_t count;
    bool found;
    fill_state(1, 1, 10, &bytes);
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    write_file(folder, "a file", 6);
    assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO, "it is no folder; move it away");
    assert_refused(fps_checkpoints_read(checkpoints, &head, &head, &bytes, &found), FPS_ERROR_IO,
                   "it is no folder; move it away");
    assert_refused(fps_checkpoints_list(checkpoints, &list, &count), FPS_ERROR_IO, "it is no folder; move it away");
    assert_refused(fps_checkpoints_clear(checkpoints), FPS_ERROR_IO, "it is no folder; move it away");
    assert_true(exists(folder));
    unlink(folder);
    fill_state(1, 1, 10, &bytes);
    assert_ok(fps_checkpoints_write(checkpoints, &head, &bytes));
    assert_ok(fps_checkpoints_write(checkpoints, &head, &bytes));
    /* replaced while it is in use */
    KEEP_PATH(away, test_path("away"));
    assert_int_equal(rename(folder, away), 0);
    write_file(folder, "a file", 6);
    assert_refused(fps_checkpoints_write(checkpoints, &head, &bytes), FPS_ERROR_IO, "blocked.h5.checkpoint");
    fps_state_release(&bytes);
    fps_checkpoints_close(&checkpoints);
}

/* ---- power cuts ---- */

enum { PAGE = 64, PAGES = 12 };

/* What a power cut in the middle of a write can leave of a slot: of every page the old bytes or the new ones, and the
 * length before or after. A page that reached the disk beyond the old length is lost with the length; one that did not,
 * within the new length, reads as zeros. */
static size_t tear(const unsigned char *before, size_t old, const unsigned char *after, size_t new, unsigned which,
                   bool grown, unsigned char *torn) {
    size_t size = grown || old > new ? (old > new ? old : new) : old;
    memset(torn, 0, size);
    if (before)
        memcpy(torn, before, old < size ? old : size);
    for (int page = 0; page < PAGES; page++)
        for (size_t i = (size_t)page * PAGE; i < (size_t)(page + 1) * PAGE; i++)
            if (which >> page & 1 && i < size && i < new)
                torn[i] = after[i];
    return size;
}

/* For all 2^12 sets of pages and both lengths the reader gets the state before or the new one, complete, and the new
 * one only if everything of it is there. Afterwards the next write goes into the torn slot, never into the sound one.
 */
static void torn_writes_never_mix(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("torn.h5"));
    /* bytes of the slot's state before, and after: growing, equal, shrinking, and a slot that was not there */
    static const size_t sizes[][2] = {{300, 640}, {640, 640}, {640, 300}, {0, 640}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint64_t identity = 100 + k;
        fps_checkpoints *checkpoints = NULL;
        size_t old = 0, new;
        unsigned char *before = NULL, torn[PAGE * PAGES];
        assert_ok(fps_checkpoints_open(path, &checkpoints));
        write_step(checkpoints, identity, 0, sizes[k][0] ? sizes[k][0] : 500); /* slot 0 */
        if (sizes[k][0]) {
            write_step(checkpoints, identity, 1, 500); /* slot 1 */
            before = read_file(slot_path(path, identity, 0), &old);
        }
        int victim = sizes[k][0] ? 0 : 1;
        const int64_t kept = sizes[k][0] ? 1 : 0;
        write_step(checkpoints, identity, 2, sizes[k][1]);
        unsigned char *after = read_file(slot_path(path, identity, victim), &new);
        assert_in_range(new, PAGE * (PAGES - 1) - 500, PAGE * PAGES);
        int whole = 0;
        for (unsigned which = 0; which < 1u << PAGES; which++)
            for (int grown = 0; grown < 2; grown++) {
                size_t size = tear(before, old, after, new, which, grown, torn);
                write_file(slot_path(path, identity, victim), torn, size);
                bool complete = size >= new &&memcmp(torn, after, new) == 0;
                int64_t step = read_step(path, identity);
                if (step != (complete ? 2 : kept))
                    fail_msg("pages %x of case %zu: step %lld, expected %lld", which, k, (long long)step,
                             (long long)(complete ? 2 : kept));
                whole += complete;
                if (which % 509 == 0 && !complete) {
                    size_t same;
                    unsigned char *sound = read_file(slot_path(path, identity, !victim), &same), *later;
                    fps_checkpoints *resumed = NULL;
                    assert_ok(fps_checkpoints_open(path, &resumed));
                    write_step(resumed, identity, 3, 100);
                    assert_int_equal(read_step(path, identity), 3);
                    later = read_file(slot_path(path, identity, !victim), &same);
                    assert_memory_equal(sound, later, same);
                    fps_checkpoints_close(&resumed);
                    free(sound);
                    free(later);
                }
            }
        assert_true(whole >= 1);
        free(before);
        free(after);
        fps_checkpoints_close(&checkpoints);
    }
}

/* Any damaged byte anywhere costs that slot alone; both slots damaged: none, and a sentence. */
static void damaged_slots_are_passed_over(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("damaged.h5"));
    fps_checkpoints *checkpoints = NULL;
    fps_checkpoint_head wanted = head_of(8, 0), head;
    fps_state bytes = {0};
    bool found;
    size_t size[2];
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    write_step(checkpoints, 8, 1, 200);
    write_step(checkpoints, 8, 2, 200);
    unsigned char *slot[2] = {read_file(slot_path(path, 8, 0), &size[0]), read_file(slot_path(path, 8, 1), &size[1])};
    for (int victim = 0; victim < 2; victim++) {
        for (size_t i = 0; i < size[victim]; i++)
            for (int bit = 0; bit < 8; bit += 3) {
                slot[victim][i] ^= (unsigned char)(1 << bit);
                write_file(slot_path(path, 8, victim), slot[victim], size[victim]);
                assert_int_equal(read_step(path, 8), victim == 0 ? 2 : 1);
                slot[victim][i] ^= (unsigned char)(1 << bit);
            }
        for (size_t length = 0; length < size[victim]; length++) {
            write_file(slot_path(path, 8, victim), slot[victim], length);
            assert_int_equal(read_step(path, 8), victim == 0 ? 2 : 1);
        }
        write_file(slot_path(path, 8, victim), slot[victim], size[victim]);
    }
    slot[0][150]++;
    slot[1][20]++;
    for (int victim = 0; victim < 2; victim++)
        write_file(slot_path(path, 8, victim), slot[victim], size[victim]);
    assert_ok(fps_checkpoints_read(checkpoints, &wanted, &head, &bytes, &found));
    assert_false(found);
    assert_non_null(strstr(fps_error_message(), "this checkpoint is damaged; its task starts over"));
    write_step(checkpoints, 8, 3, 200);
    assert_int_equal(read_step(path, 8), 3);
    /* the slot of another task under this one's name */
    fps_checkpoints_close(&checkpoints);
    assert_ok(fps_checkpoints_open(path, &checkpoints));
    write_step(checkpoints, 80, 1, 200);
    KEEP_PATH(foreign, slot_path(path, 80, 0));
    assert_int_equal(rename(foreign, slot_path(path, 8, 0)), 0);
    unlink(slot_path(path, 8, 1));
    assert_int_equal(read_step(path, 8), -1);
    for (int victim = 0; victim < 2; victim++)
        free(slot[victim]);
    fps_state_release(&bytes);
    fps_checkpoints_close(&checkpoints);
}

/* ---- processes ---- */

/* A process that writes until it is killed never loses a state whose write had returned. */
static void kills_lose_nothing_that_was_written(void **state) {
    (void)state;
    KEEP_PATH(path, test_path("killed.h5"));
    enum { TRIALS = 40, SIZE = 300000 };
    volatile int64_t *returned =
        mmap(NULL, sizeof *returned, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int64_t start = 0, lost = 0;
    *returned = -1;
    for (int trial = 0; trial < TRIALS; trial++) {
        pid_t child = fork();
        if (child == 0) {
            fps_checkpoints *checkpoints = NULL;
            fps_state bytes = {0};
            if (fps_checkpoints_open(path, &checkpoints) != FPS_OK)
                _exit(1);
            for (int64_t step = start;; step++) {
                fps_checkpoint_head head = head_of(1, step);
                fill_state(1, step, SIZE, &bytes);
                if (fps_checkpoints_write(checkpoints, &head, &bytes) != FPS_OK)
                    _exit(1);
                *returned = step;
            }
        }
        usleep(2000 + (useconds_t)(trial * 7919 % 20000));
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        int64_t step = read_step_sized(path, 1, SIZE);
        lost += step < *returned;
        start = step + 1;
    }
    print_message("%lld states written in %d lives\n", (long long)start, TRIALS);
    assert_int_equal(lost, 0);
    assert_true(start > TRIALS);
    munmap((void *)returned, sizeof *returned);
}

/* Many ranks with a task each, none of which finds a folder. */
static void ranks_write_side_by_side(void **state) {
    (void)state;
    enum { RANKS = 8, STEPS = 20 };
    KEEP_PATH(path, test_path("ranks.h5"));
    pid_t child[RANKS];
    for (uint64_t rank = 0; rank < RANKS; rank++) {
        child[rank] = fork();
        if (child[rank] == 0) {
            fps_checkpoints *checkpoints = NULL;
            fps_state bytes = {0};
            bool failed = fps_checkpoints_open(path, &checkpoints) != FPS_OK;
            for (int64_t step = 0; !failed && step < STEPS; step++)
                for (uint64_t task = rank; !failed && task < 2 * RANKS; task += RANKS) { /* two in turn */
                    fps_checkpoint_head head = head_of(task, step);
                    fill_state(task, step, 2000, &bytes);
                    failed = fps_checkpoints_write(checkpoints, &head, &bytes) != FPS_OK;
                }
            _exit(failed);
        }
    }
    for (int rank = 0; rank < RANKS; rank++) {
        int status;
        waitpid(child[rank], &status, 0);
        assert_int_equal(status, 0);
    }
    for (uint64_t task = 0; task < 2 * RANKS; task++)
        assert_int_equal(read_step(path, task), STEPS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_state_is_read_back),
        cmocka_unit_test(handles_are_kept_and_taken_over),
        cmocka_unit_test(removed_slots_are_made_anew),
        cmocka_unit_test(states_of_others_are_not_handed_out),
        cmocka_unit_test(lists_and_clearing_leave_foreign_files_alone),
        cmocka_unit_test(links_lead_to_the_same_checkpoints),
        cmocka_unit_test(full_disks_cost_one_write),
        cmocka_unit_test(folders_that_cannot_be_used_are_named),
        cmocka_unit_test(torn_writes_never_mix),
        cmocka_unit_test(damaged_slots_are_passed_over),
        cmocka_unit_test(kills_lose_nothing_that_was_written),
        cmocka_unit_test(ranks_write_side_by_side),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
