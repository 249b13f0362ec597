/* nearest.h: how far a misspelt word is from a known name. */
#ifndef FPSWEEP_NEAREST_H
#define FPSWEEP_NEAREST_H

#include <stddef.h>

/* Longest word, in letters, that is compared; longer ones are FPS_NEAREST_FAR from everything. */
#define FPS_NEAREST_LONGEST 63
#define FPS_NEAREST_FAR 1000

/* Letters to insert, drop, replace, or swap with their neighbour, that turn word[length] into `name`; whether letters
 * are capitals does not count. (Optimal string alignment: no letter is touched twice.) */
int fps_nearest_edits(const char *word, size_t length, const char *name);

#endif
