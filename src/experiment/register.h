/* register.h: what registering shares with plug-ins. Internal to experiment. */
#ifndef FPSWEEP_EXPERIMENT_REGISTER_H
#define FPSWEEP_EXPERIMENT_REGISTER_H

#include "fpsweep/extension.h"

/* Whose extensions are being registered now: their origin, and their version where they give none. NULL: the
 * program's own. Borrowed while it is set. */
void fps_register_on_behalf(const fps_plugin_facts *plugin);

/* FPS_ERROR_USAGE if `version` is no version: letters, digits and . _ + -, not too long. `what` names its owner. */
fps_status fps_register_check_version(const char *what, const char *version);

/* Try an activation, a target: do they keep the promises of extension.h? Fills *fingerprint. FPS_ERROR_USAGE, naming
 * the number at which they do not. */
fps_status fps_try_activation(const fps_activation_extension *activation, uint64_t *fingerprint);
fps_status fps_try_target(const fps_target_extension *target, uint64_t *fingerprint);

#endif
