/* nearest.c: which known name was probably meant. */
#include "fpsweep/nearest.h"

#include <string.h>

#include "app/command.h"

const char *fps_command_nearest(const char *name, const char *(*next)(const void *context, int i),
                                const void *context) {
    const char *best = NULL, *candidate;
    size_t length = strlen(name);
    int nearest = (int)length / 3 + 2;
    for (int i = 0; (candidate = next(context, i)); i++) {
        int edits = fps_nearest_edits(name, length, candidate);
        if (length >= 3 && edits > 1 && strncmp(candidate, name, length) == 0)
            edits = 1; /* the beginning of a name */
        if (edits < nearest) {
            nearest = edits;
            best = candidate;
        }
    }
    return best;
}
