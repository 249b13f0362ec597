#include "store/lock_owner.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { RECORD = 320, NAMED = 8 };

/* ---- record ---- */

/* A word without spaces, "none" for nothing. */
static void copy_word(char *word, size_t size, const char *text) {
    snprintf(word, size, "%s", text && *text ? text : "none");
    for (char *c = word; *c; c++)
        if (isspace((unsigned char)*c))
            *c = '_';
}

void fps_lock_owner_self(fps_lock_owner *owner) {
    static const char *const variables[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"};
    char host[65] = "";
    const char *job = NULL;
    time_t now = time(NULL);
    struct tm utc = {0};
    gethostname(host, sizeof host - 1);
    for (size_t v = 0; v < sizeof variables / sizeof *variables && !(job && *job); v++)
        job = getenv(variables[v]);
    *owner = (fps_lock_owner){.pid = (long)getpid()};
    copy_word(owner->host, sizeof owner->host, host);
    copy_word(owner->job, sizeof owner->job, job);
    gmtime_r(&now, &utc);
    strftime(owner->since, sizeof owner->since, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

bool fps_lock_owner_write(int descriptor, const fps_lock_owner *owner) {
    char text[RECORD + 1];
    int length = snprintf(text, sizeof text, "host %s pid %ld job %s since %s beat %.3f", owner->host, owner->pid,
                          owner->job, owner->since, fps_clock_date_s());
    memset(text + length, ' ', (size_t)(RECORD - length));
    text[RECORD - 1] = '\n';
    return pwrite(descriptor, text, RECORD, 0) == RECORD;
}

bool fps_lock_owner_read(int descriptor, fps_lock_owner *owner) {
    char text[RECORD + 1];
    ssize_t length = pread(descriptor, text, RECORD, 0);
    text[length > 0 ? length : 0] = '\0';
    *owner = (fps_lock_owner){0};
    return sscanf(text, "host %64s pid %ld job %64s since %31s beat %lf", owner->host, &owner->pid, owner->job,
                  owner->since, &owner->beat) == 5;
}

bool fps_lock_owner_same(const fps_lock_owner *a, const fps_lock_owner *b) {
    return strcmp(a->host, b->host) == 0 && a->pid == b->pid && strcmp(a->since, b->since) == 0;
}

bool fps_lock_owner_silent(const fps_lock_owner *a, const fps_lock_owner *b) {
    return fps_lock_owner_same(a, b) && a->beat == b->beat;
}

const char *fps_lock_owner_name(const fps_lock_owner *owner, char *text, size_t size) {
    bool job = strcmp(owner->job, "none") != 0;
    snprintf(text, size, "a run on %s (process %ld%s%s, since %s)", owner->host, owner->pid, job ? ", job " : "",
             job ? owner->job : "", owner->since);
    return text;
}

/* ---- processes ---- */

/* Does this descriptor of a process hold a lock? Linux tells in /proc/PID/fdinfo/N. */
static bool holds_lock(const char *pid, const char *number) {
    char path[64 + NAME_MAX], line[256];
    bool held = false;
    snprintf(path, sizeof path, "/proc/%.20s/fdinfo/%.20s", pid, number);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while (!held && fgets(line, sizeof line, file))
        held = strncmp(line, "lock:", 5) == 0;
    fclose(file);
    return held;
}

/* Does a process hold a lock on the file? */
static bool process_holds(const char *pid, const struct stat *wanted) {
    char path[64 + NAME_MAX];
    struct stat opened;
    bool held = false;
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    DIR *entries = opendir(path);
    if (!entries)
        return false;
    for (struct dirent *entry; !held && (entry = readdir(entries));) {
        snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", pid, entry->d_name);
        held = isdigit((unsigned char)*entry->d_name) && stat(path, &opened) == 0 && opened.st_ino == wanted->st_ino &&
               opened.st_dev == wanted->st_dev && holds_lock(pid, entry->d_name);
    }
    closedir(entries);
    return held;
}

bool fps_lock_owner_holds(const fps_lock_owner *owner, int descriptor) {
    fps_lock_owner self;
    struct stat wanted;
    char pid[24];
    fps_lock_owner_self(&self);
    snprintf(pid, sizeof pid, "%ld", owner->pid);
    return strcmp(owner->host, self.host) == 0 && fstat(descriptor, &wanted) == 0 && process_holds(pid, &wanted);
}

const char *fps_lock_holders(int descriptor, char *text, size_t size) {
    struct stat wanted;
    int found = 0;
    size_t used = 0;
    *text = '\0';
    DIR *entries = fstat(descriptor, &wanted) == 0 ? opendir("/proc") : NULL;
    if (!entries)
        return text;
    for (struct dirent *entry; found <= NAMED && (entry = readdir(entries));) {
        if (!isdigit((unsigned char)*entry->d_name) || atol(entry->d_name) == (long)getpid() ||
            !process_holds(entry->d_name, &wanted))
            continue;
        int length =
            snprintf(text + used, size - used, "%s%.20s", found == 0 ? ", held on this host by process " : ", ",
                     found < NAMED ? entry->d_name : "...");
        used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
        found++;
    }
    closedir(entries);
    return text;
}
