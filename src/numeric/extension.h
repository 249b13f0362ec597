/* extension.h: the extensions of this process, as the library uses them. Internal; registering is in the floor above.
 */
#ifndef FPSWEEP_NUMERIC_EXTENSION_H
#define FPSWEEP_NUMERIC_EXTENSION_H

#include "fpsweep/activation.h"
#include "fpsweep/extension.h"

/* Append an extension; exactly one of `activation` and `target` is used, by its kind, neither if it is not loaded. An
 * entry of the same name that is only declared is completed. FPS_ERROR_USAGE if there are too many. */
fps_status fps_extension_add(const fps_extension *facts, const fps_activation_extension *activation,
                             const fps_target_extension *target);

/* Find by name; NULL if there is none. */
const fps_extension *fps_extension_find(const char *name);

/* Extension of an activation's code (at least FPS_ACTIVATION_COUNT). */
const fps_extension *fps_extension_of_activation(fps_activation activation);
const fps_activation_extension *fps_extension_activation(fps_activation activation);

/* The first extension named in `text` that is not loaded; NULL if there is none. */
const fps_extension *fps_extension_missing_in(const char *text);

/* Value of target number i of fps_extension_at() at x[dimension]; 1 if it is not loaded. */
double fps_extension_target(int i, int dimension, const double *x);

#endif
