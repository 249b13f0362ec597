/* syntax.h: mistakes of YAML in the words of people who write sweep files. */
#ifndef FPSWEEP_SWEEP_SYNTAX_H
#define FPSWEEP_SWEEP_SYNTAX_H

#include <yaml.h>

#include "sweep/message.h"

/* Keep what the parser stumbled over, with the place where the mistake was made, as far as that can be told, and return
 * FPS_ERROR_SWEEP (FPS_ERROR_MEMORY if memory ran out). text[length] is what was parsed. `quoted` is where the last
 * quoted value of several lines begins, line 0 if there was none: its closing quote may be one that was meant to open.
 */
fps_status fps_syntax_fail(const char *name, const yaml_parser_t *parser, const char *text, size_t length,
                           fps_place quoted);

#endif
