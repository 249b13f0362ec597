/* duration.c: durations on the command line: "90s", "15m", "1.5h", "1h30m", "2d". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"

static const struct {
    char letter;
    double seconds;
} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
enum { UNITS = sizeof units / sizeof *units };

/* Longest duration that is taken seriously: what is longer was meant to be never. */
static const double longest_s = 3660.0 * 86400;

/* Sum of numbers with units, each unit smaller than the one before. NAN if it is none. */
static double parse(const char *text) {
    double sum_s = 0;
    int next = 0;
    if (!*text)
        return NAN;
    while (*text) {
        char *end;
        const char *after = text + strspn(text, "0123456789."); /* no signs, exponents, hexadecimals */
        double number = strtod(text, &end);
        if (end == text || end != after)
            return NAN;
        int unit = next;
        while (unit < UNITS && units[unit].letter != *after)
            unit++;
        if (unit == UNITS)
            return NAN;
        sum_s += number * units[unit].seconds;
        next = unit + 1;
        text = after + 1;
    }
    return sum_s;
}

fps_status fps_command_duration(const fps_command *command, const char *name, double fallback_s, double *out) {
    const char *text = fps_command_option(command, name);
    *out = fallback_s;
    if (!text)
        return FPS_OK;
    double value = parse(text);
    if (!isfinite(value))
        return fps_fail(FPS_ERROR_USAGE, "--%s %s: expected a duration with its unit: 90s, 15m, 2h, 1.5d or 1h30m",
                        name, text);
    if (value > longest_s)
        return fps_fail(FPS_ERROR_USAGE, "--%s %s: longer than ten years", name, text);
    *out = value;
    return FPS_OK;
}
