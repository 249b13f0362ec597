#include "store/checkpoint_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "store/checkpoint_slot.h"
#include "store/publish.h"

/* ---- names ---- */

enum { DIGITS = 16 };

void fps_slot_name(const fps_checkpoints *checkpoints, uint64_t identity, int slot, char *name) {
    snprintf(name, FPS_SLOT_NAME, "%s/%016" PRIx64 ".%d", checkpoints->folder, identity, slot);
}

/* Is this the name of a slot? */
static bool parse_name(const char *name, uint64_t *identity, int *slot) {
    if (strspn(name, "0123456789abcdef") != DIGITS || name[DIGITS] != '.' ||
        (name[DIGITS + 1] != '0' && name[DIGITS + 1] != '1') || name[DIGITS + 2] != '\0')
        return false;
    *identity = strtoull(name, NULL, 16);
    *slot = name[DIGITS + 1] - '0';
    return true;
}

/* ---- folder ---- */

fps_status fps_folder_sync(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return fps_fail(FPS_ERROR_IO, "%s: cannot be opened for syncing: %s", folder, strerror(errno));
    int failed = fsync(descriptor), reason = errno;
    close(descriptor);
    return failed && reason != EINVAL && reason != ENOTSUP
               ? fps_fail(FPS_ERROR_IO, "%s: syncing failed: %s", folder, strerror(reason))
               : FPS_OK;
}

fps_status fps_folder_fail(const fps_checkpoints *checkpoints, const char *name, const char *what, int reason) {
    return reason == ENOTDIR
               ? fps_fail(FPS_ERROR_IO, "%s is in the way of the checkpoints: it is no folder; move it away",
                          checkpoints->folder)
               : fps_fail(FPS_ERROR_IO, "%s: %s: %s", name, what, strerror(reason));
}

fps_status fps_folder_create(const fps_checkpoints *checkpoints) {
    char parent[FPS_FOLDER_NAME];
    struct stat facts;
    if (mkdir(checkpoints->folder, 0777) == 0) {
        fps_publish_directory(checkpoints->folder, parent, sizeof parent);
        return fps_folder_sync(parent);
    }
    int reason = errno;
    if (reason == EEXIST && stat(checkpoints->folder, &facts) == 0)
        reason = S_ISDIR(facts.st_mode) ? 0 : ENOTDIR;
    return reason == 0
               ? FPS_OK
               : fps_folder_fail(checkpoints, checkpoints->folder, "the folder for checkpoints cannot be made", reason);
}

fps_status fps_folder_visit(const fps_checkpoints *checkpoints,
                            fps_status (*each)(void *context, const char *name, uint64_t identity, int slot),
                            void *context, bool *present) {
    char path[FPS_SLOT_NAME];
    uint64_t identity;
    int slot;
    DIR *entries = opendir(checkpoints->folder);
    if (present)
        *present = entries != NULL;
    if (!entries)
        return errno == ENOENT ? FPS_OK
                               : fps_folder_fail(checkpoints, checkpoints->folder,
                                                 "the folder of checkpoints cannot be read", errno);
    fps_status status = FPS_OK;
    for (struct dirent *entry; status == FPS_OK && (errno = 0, entry = readdir(entries));) {
        if (parse_name(entry->d_name, &identity, &slot)) {
            fps_slot_name(checkpoints, identity, slot, path);
            status = each(context, path, identity, slot);
        } else if (strcmp(entry->d_name, strrchr(checkpoints->journal, '/') + 1) == 0) {
            status = each(context, checkpoints->journal, 0, -1);
        }
    }
    if (status == FPS_OK && errno)
        status = fps_fail(FPS_ERROR_IO, "%s: the folder of checkpoints cannot be read: %s", checkpoints->folder,
                          strerror(errno));
    closedir(entries);
    return status;
}

/* ---- list ---- */

typedef struct list {
    fps_slot_head *head;
    int64_t count, room;
} list;

/* Add a slot, if its head is readable. */
static fps_status list_slot(void *context, const char *name, uint64_t identity, int slot) {
    list *found = context;
    fps_slot_head head;
    if (slot < 0)
        return FPS_OK;
    int descriptor = open(name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return FPS_OK;
    bool readable = fps_slot_read_head(descriptor, &head) && head.task.identity == identity;
    close(descriptor);
    if (!readable)
        return FPS_OK;
    if (found->count == found->room) {
        int64_t room = found->room ? 2 * found->room : 64;
        fps_slot_head *larger = fps_realloc(found->head, (size_t)found->count, (size_t)room, sizeof *found->head);
        if (!larger)
            return FPS_ERROR_MEMORY;
        found->head = larger;
        found->room = room;
    }
    found->head[found->count++] = head;
    return FPS_OK;
}

/* By rising identity, the latest first. */
static int by_identity(const void *a, const void *b) {
    const fps_slot_head *x = a, *y = b;
    if (x->task.identity != y->task.identity)
        return x->task.identity < y->task.identity ? -1 : 1;
    return (x->generation < y->generation) - (x->generation > y->generation);
}

fps_status fps_checkpoints_list(fps_checkpoints *checkpoints, fps_checkpoint_head **head, int64_t *count) {
    list found = {0};
    *head = NULL;
    *count = 0;
    fps_status status;
    FPS_TRY_GOTO(status, fps_folder_visit(checkpoints, list_slot, &found, NULL), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(*head, found.count), done);
    if (found.count > 0)
        qsort(found.head, (size_t)found.count, sizeof *found.head, by_identity);
    for (int64_t i = 0; i < found.count; i++)
        if (i == 0 || found.head[i].task.identity != found.head[i - 1].task.identity)
            (*head)[(*count)++] = found.head[i].task;
done:
    fps_free(found.head);
    return status;
}

/* ---- clear ---- */

static fps_status remove_file(void *context, const char *name, uint64_t identity, int slot) {
    (void)context, (void)identity, (void)slot;
    return unlink(name) == 0 || errno == ENOENT
               ? FPS_OK
               : fps_fail(FPS_ERROR_IO, "%s: cannot be removed: %s", name, strerror(errno));
}

fps_status fps_checkpoints_clear(fps_checkpoints *checkpoints) {
    bool present;
    FPS_TRY(fps_folder_visit(checkpoints, remove_file, NULL, &present));
    if (!present || rmdir(checkpoints->folder) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST ||
        errno == EBUSY)
        return FPS_OK;
    return fps_fail(FPS_ERROR_IO, "%s: cannot be removed: %s", checkpoints->folder, strerror(errno));
}
