/* text.h: text values of tasks, fast enough to write them for a million tasks. */
#ifndef FPSWEEP_STORE_TEXT_H
#define FPSWEEP_STORE_TEXT_H

#include "fpsweep/status.h"
#include "fpsweep/task.h"

/* Remembers formatted choices (formatting a number tries up to 17 digits) and the parameters of the last task. Opaque.
 */
typedef struct fps_text_memo fps_text_memo;
fps_status fps_text_memo_create(fps_text_memo **out);
void fps_text_memo_destroy(fps_text_memo **memo);

/* The text of a choice or text parameter: borrowed until the next call or from the plan. */
const char *fps_text_parameter(fps_text_memo *memo, int parameter, const fps_task *task, int *length);

/* fps_task_identity(task), faster where tasks come in order. */
uint64_t fps_text_identity(fps_text_memo *memo, const fps_task *task);

/* Write "1-200-200-1", the layers of a task's network from input to output (with decay_rate the input layer is the
 * Fourier features), and return its length. `buffer` has FPS_LAYERS_SIZE bytes. */
enum { FPS_LAYERS_SIZE = 12 * (FPS_MAX_DEPTH + 2) };
int fps_text_layers(const fps_task *task, char *buffer);

#endif
