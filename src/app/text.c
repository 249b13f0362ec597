/* text.c: words, durations, sizes and numbers as people read them. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "app/terminal.h"

/* Words from `column` on, which stands for the beginning of a line; lines after the first begin at `indent`. */
static void wrap(FILE *stream, const char *text, int column, int indent, int width) {
    bool fresh = true; /* nothing stands in this line yet */
    while (*text) {
        while (*text == ' ')
            text++;
        if (*text == '\n') {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            fresh = true;
            text++;
            continue;
        }
        int length = (int)strcspn(text, " \n"), columns = fps_text_columns(text, length);
        if (length == 0)
            break;
        if (!fresh && column + 1 + columns > width) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            fresh = true;
        }
        fprintf(stream, "%s%.*s", fresh ? "" : " ", length, text);
        column += columns + !fresh;
        fresh = false;
        text += length;
    }
    fputc('\n', stream);
}

int fps_text_columns(const char *text, int length) {
    int columns = 0;
    for (int i = 0; i < length && text[i]; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

void fps_text_wrap(FILE *stream, const char *text, int indent, int width) {
    wrap(stream, text, indent, indent, width);
}

void fps_text_paragraph(int indent, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    wrap(stdout, text, 0, indent, fps_terminal_width(stdout));
}

void fps_text_entry(fps_emphasis emphasis, const char *label, const char *format, ...) {
    enum { INDENT = 10 };
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int filled = fps_emphasis_print(stdout, emphasis, label);
    printf("%*s", filled < INDENT ? INDENT - filled : 1, "");
    fps_text_wrap(stdout, text, INDENT, fps_terminal_width(stdout));
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

const char *fps_text_outcomes(const int64_t *outcome, char buffer[128]) {
    static const fps_outcome order[FPS_OUTCOME_COUNT] = {FPS_DONE, FPS_DIVERGED, FPS_FAILED, FPS_PENDING};
    int used = 0;
    for (int k = 0; k < FPS_OUTCOME_COUNT; k++)
        used += snprintf(buffer + used, 128 - (size_t)used, "%s%s %lld", k ? ", " : "", fps_outcome_name(order[k]),
                         (long long)outcome[order[k]]);
    return buffer;
}

const char *fps_text_estimate(fps_estimate e, char buffer[64]) {
    char value[32], uncertainty[32];
    fps_text_number(e.value, value);
    if (isnan(e.value) || isnan(e.uncertainty))
        snprintf(buffer, 64, "%s", value);
    else
        snprintf(buffer, 64, "%s +- %s", value, fps_text_number(e.uncertainty, uncertainty));
    return buffer;
}

const char *fps_text_number(double value, char buffer[32]) {
    if (isnan(value))
        snprintf(buffer, 32, "-");
    else
        snprintf(buffer, 32, fabs(value) >= 999.5 && fabs(value) < 999999.5 ? "%.0f" : "%.3g", value);
    return buffer;
}
