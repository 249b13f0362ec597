/* identity.h: identities of many tasks, one after the other, many times faster than fps_task_identity().
 *
 * Most parameters are those of the task before: their text is kept instead of being formatted again.
 */
#ifndef FPSWEEP_STORE_IDENTITY_H
#define FPSWEEP_STORE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/task.h"

/* Opaque; remembers the task asked for last, whose plan must still be there. */
typedef struct fps_identity fps_identity;
fps_status fps_identity_create(fps_identity **out);
void fps_identity_destroy(fps_identity **identity); /* null-safe */

/* fps_task_identity(task). */
uint64_t fps_identity_of(fps_identity *identity, const fps_task *task);

/* Have two tasks the same value of a parameter? */
bool fps_identity_same(const fps_parameter *parameter, const fps_task *a, const fps_task *b);

#endif
