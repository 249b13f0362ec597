/* lock.h: one run per results file.
 *
 * MPI-IO locks nothing, so a run holds two locks of its own:
 * - an open-file-description lock on the side file FILE.lock, shared by all ranks of the job. The job's rank 0 first
 * takes it exclusively, which fails as long as any rank of another job lives, then turns it into a shared one, and the
 * other ranks join. A lock of this kind belongs to the descriptor: closing other descriptors of the file does not lose
 * it.
 * - flock shared on FILE itself: serial readers work, serial writers (h5py 'r+') are refused.
 * FILE.lock also carries who holds it. Where the file system has no locks, that record and its heartbeat stand in.
 */
#ifndef FPSWEEP_STORE_LOCK_H
#define FPSWEEP_STORE_LOCK_H

#include <stdbool.h>

#include "fpsweep/status.h"

/* Opaque; owns descriptors. */
typedef struct fps_lock fps_lock;

/* Take the side file's lock exclusively and write the owner's record (host, pid, job). Retries for patience_s, since
 * ranks outlive a killed mpirun for a moment. FPS_ERROR_LOCKED names the holder. `path` need not exist. */
fps_status fps_lock_take(const char *path, double patience_s, fps_lock **out);
/* Turn the exclusive lock into a shared one, for the other ranks to join. */
fps_status fps_lock_share(fps_lock *lock);
/* Take the side file's lock shared, on the ranks beside rank 0, after it has shared its own. */
fps_status fps_lock_join(const char *path, fps_lock **out);
/* Also hold flock shared on FILE; keep the descriptor, which fps_lock_descriptor returns for fdatasync. */
fps_status fps_lock_file(fps_lock *lock, const char *path);
int fps_lock_descriptor(const fps_lock *lock);
/* Rewrite the heartbeat in the owner's record (only where locks do not work; otherwise nothing). */
void fps_lock_beat(fps_lock *lock);
/* Remove the side file of a results file that did not come to be. Only while holding it exclusively: others notice that
 * the file which they have opened is gone, and open the next. */
void fps_lock_remove(fps_lock *lock);
/* Release everything; rank 0's owner record is emptied. Null-safe. FILE.lock stays. */
void fps_lock_release(fps_lock **lock);

#endif
