/* lock.h: one run per results file.
 *
 * MPI-IO locks nothing, so a run holds two locks of its own:
 * - an open-file-description lock on the side file FILE.lock, shared by all ranks of the job. The job's rank 0 first
 * takes it exclusively, which fails as long as any rank of another job lives, then turns it into a shared one, and the
 * other ranks join. A lock of this kind belongs to the descriptor: closing other descriptors of the file does not lose
 * it.
 * - flock shared on FILE itself: serial readers work, serial writers (h5py 'r+') are refused.
 * FILE.lock also carries who holds it (lock_owner.h), with a sign of life. Where the file system has no locks, that
 * record stands in: one that stands still belongs to a dead run.
 */
#ifndef FPSWEEP_STORE_LOCK_H
#define FPSWEEP_STORE_LOCK_H

#include <stdbool.h>

#include "fpsweep/status.h"

/* Opaque; owns descriptors. */
typedef struct fps_lock fps_lock;

/* How long to wait for the ranks of a job that was killed: on other nodes they may write for 30 s more. */
#define FPS_LOCK_PATIENCE_S 45.0

/* Take the side file's lock exclusively and write the owner's record. A holder that shows no sign of life (neither a
 * beat nor its process on this host) is waited for up to patience_s, since ranks outlive a killed mpirun; one that
 * lives is not, beyond 2 s. FPS_ERROR_LOCKED names the holder and what is left of it on this host. Without locks a
 * record is watched for a minute, whatever the patience. FPS_ERROR_IO, for one, on a read-only file system. `path` need
 * not exist. */
fps_status fps_lock_take(const char *path, double patience_s, fps_lock **out);
/* Turn the exclusive lock into a shared one, for the other ranks to join. */
fps_status fps_lock_share(fps_lock *lock);
/* Take the side file's lock shared, on the ranks beside rank 0, after it has shared its own. */
fps_status fps_lock_join(const char *path, fps_lock **out);
/* Also hold flock shared on FILE (not on network file systems, where that would block MPI-IO); keep the descriptor,
 * which fps_lock_descriptor returns for fdatasync. FPS_ERROR_LOCKED if another program has FILE open for writing. */
fps_status fps_lock_file(fps_lock *lock, const char *path);
int fps_lock_descriptor(const fps_lock *lock);
/* Give a sign of life in the owner's record; every second or so, on rank 0. FPS_ERROR_LOCKED, only where there are no
 * locks, if another run has taken over: stop writing. */
fps_status fps_lock_beat(fps_lock *lock);
/* Remove the side file of a results file that did not come to be. Only while holding it exclusively: others notice that
 * the file which they have opened is gone, and open the next. */
void fps_lock_remove(fps_lock *lock);
/* Release everything; rank 0's owner record is emptied. Null-safe. FILE.lock stays. */
void fps_lock_release(fps_lock **lock);

#endif
