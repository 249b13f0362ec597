/* text.c: words, durations, sizes and numbers as people read them. */
#include <math.h>
#include <string.h>

#include "app/terminal.h"

void fps_text_wrap(FILE *stream, const char *text, int indent, int width) {
    int column = indent;
    while (*text) {
        while (*text == ' ')
            text++;
        if (*text == '\n') {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            text++;
            continue;
        }
        int length = (int)strcspn(text, " \n");
        if (length == 0)
            break;
        if (column > indent && column + 1 + length > width) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(stream, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
    }
    fputc('\n', stream);
}

const char *fps_text_duration(double seconds, char buffer[32]) {
    if (!isfinite(seconds) || seconds < 0)
        snprintf(buffer, 32, "-");
    else if (seconds < 0.9995)
        snprintf(buffer, 32, "%.3g ms", seconds * 1e3);
    else if (seconds < 99.95)
        snprintf(buffer, 32, "%.1f s", seconds);
    else if (seconds < 5999.5)
        snprintf(buffer, 32, "%d min %02d s", (int)(seconds + 0.5) / 60, (int)(seconds + 0.5) % 60);
    else if (seconds < 2 * 86400.0)
        snprintf(buffer, 32, "%d h %02d min", (int)(seconds / 60 + 0.5) / 60, (int)(seconds / 60 + 0.5) % 60);
    else if (seconds < 1e6 * 86400.0)
        snprintf(buffer, 32, "%.1f d", seconds / 86400);
    else
        snprintf(buffer, 32, "%.3g d", seconds / 86400);
    return buffer;
}

const char *fps_text_bytes(double bytes, char buffer[32]) {
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    int k = 0;
    while (bytes >= 999.5 && k < 6) {
        bytes /= 1000;
        k++;
    }
    snprintf(buffer, 32, "%.3g %s", bytes, unit[k]);
    return buffer;
}

const char *fps_text_number(double value, char buffer[32]) {
    if (isnan(value))
        snprintf(buffer, 32, "-");
    else
        snprintf(buffer, 32, "%.3g", value);
    return buffer;
}
