#include "sweep/message.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/nearest.h"

fps_status fps_sweep_fail(const char *name, fps_place place, const char *format, ...) {
    char what[1400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return fps_fail(FPS_ERROR_SWEEP, "%s:%d:%d: %s", name, place.line, place.column, what);
}

fps_digits fps_digits_of(double value) {
    fps_digits digits;
    bool integer = fabs(value) < 1e17 && value == nearbyint(value);
    snprintf(digits.text, sizeof digits.text, integer ? "%.0f" : "%.15g", value);
    return digits;
}

fps_quoted fps_quote(const char *text) {
    fps_quoted quoted;
    enum { LONGEST = 48 };
    size_t length = strlen(text);
    bool cut = length > LONGEST;
    if (cut) {
        length = LONGEST;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        quoted.text[i] = byte < 0x20 || byte == 0x7F ? '?' : text[i];
    }
    memcpy(quoted.text + length, cut ? "..." : "", cut ? 4 : 1);
    return quoted;
}

const char *fps_nearest(const char *word, const char *const *names, int count) {
    size_t length = strlen(word);
    if (length == 0)
        return NULL;
    int limit = length < 6 ? 1 : (int)length / 3;
    const char *best = NULL;
    for (int i = 0; i < count; i++) {
        int edits = fps_nearest_edits(word, length, names[i]);
        if (edits <= limit) {
            limit = edits - 1;
            best = names[i];
        }
    }
    return best;
}

fps_suggestion fps_suggest(const char *word, const char *const *names, int count) {
    fps_suggestion suggestion = {""};
    const char *nearest = fps_nearest(word, names, count);
    if (nearest)
        snprintf(suggestion.text, sizeof suggestion.text, "; did you mean '%s'?", nearest);
    return suggestion;
}
