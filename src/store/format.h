/* format.h: does a results file keep to the format's tables (FORMAT.md)?
 *
 * The file is walked as it is: every object in it is looked up by its name. Nothing here knows how a file is created or
 * asks the plan what it should be: a file of another program is checked like one of ours. What the numbers say is
 * checked elsewhere (columns.h, row_check.h).
 */
#ifndef FPSWEEP_STORE_FORMAT_H
#define FPSWEEP_STORE_FORMAT_H

#include "fpsweep/status.h"

/* Compare names, element types, dimensions and their scales, and all attributes with the tables. Calls `each` with one
 * sentence per violation. FPS_ERROR_INPUT if the file cannot be read at all. */
fps_status fps_format_check(const char *path, void (*each)(void *context, const char *sentence), void *context);

#endif
