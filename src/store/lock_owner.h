/* lock_owner.h: the record in FILE.h5.lock: who holds the results file, and when it last gave a sign of life.
 *
 * One line of text, "host HOST pid PID job JOB since UTC beat SECONDS", padded with spaces; empty when nobody does.
 */
#ifndef FPSWEEP_STORE_LOCK_OWNER_H
#define FPSWEEP_STORE_LOCK_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct fps_lock_owner {
    char host[65], job[65], since[32]; /* job: of Slurm or PBS, "none" if there is none */
    long pid;                          /* of rank 0 */
    double beat;                       /* seconds since the epoch, by the owner's clock */
} fps_lock_owner;

/* This process, from now on. */
void fps_lock_owner_self(fps_lock_owner *owner);

/* Write the record with the time of now as its beat; false if that fails. */
bool fps_lock_owner_write(int descriptor, const fps_lock_owner *owner);
/* Read it; false if there is none. */
bool fps_lock_owner_read(int descriptor, fps_lock_owner *owner);

/* The same run? The same run, and no sign of life in between? */
bool fps_lock_owner_same(const fps_lock_owner *a, const fps_lock_owner *b);
bool fps_lock_owner_silent(const fps_lock_owner *a, const fps_lock_owner *b);

/* "a run on HOST (process PID, job JOB, since UTC)"; returns text. */
const char *fps_lock_owner_name(const fps_lock_owner *owner, char *text, size_t size);

/* Is the owner a process of this host that holds a lock on the open file? False also if that cannot be seen. */
bool fps_lock_owner_holds(const fps_lock_owner *owner, int descriptor);

/* Processes of this host, beside this one, that hold a lock on the open file: ", held on this host by process 12, 34"
 * into text, "" if none can be seen. */
const char *fps_lock_holders(int descriptor, char *text, size_t size);

#endif
