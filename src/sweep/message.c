#include "sweep/message.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

/* Optimal string alignment distance (edits and swaps of neighbours) of words of at most 31 letters. */
enum { WORD = 31 };
static int distance(const char *a, int n, const char *b, int m) {
    int row[3][WORD + 1]; /* rows i - 2, i - 1, i, in turn */
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *fps_nearest(const char *word, const char *const *names, int count) {
    size_t length = strlen(word);
    if (length == 0 || length > WORD)
        return NULL;
    int limit = length < 6 ? 1 : (int)length / 3;
    const char *best = NULL;
    for (int i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        if (other > WORD)
            continue;
        int d = distance(word, (int)length, names[i], (int)other);
        if (d <= limit) {
            limit = d - 1;
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
