/* message.h: how mistakes in a sweep file are told: "name:line:column: what is wrong", one line. */
#ifndef FPSWEEP_SWEEP_MESSAGE_H
#define FPSWEEP_SWEEP_MESSAGE_H

#include "fpsweep/status.h"

/* A place in the sweep file, counted from 1. Line 0: not in the file (a default). */
typedef struct fps_place {
    int line, column;
} fps_place;

/* Keep "name:line:column: ..." and return FPS_ERROR_SWEEP. */
fps_status fps_sweep_fail(const char *name, fps_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number for a message: 15 digits, without the exponent that 10 does not need. */
typedef struct fps_digits {
    char text[32];
} fps_digits;
fps_digits fps_digits_of(double value);

/* User's text made fit for a message: cut to 48 bytes (at a character's start), control characters as '?'. Used as
 * fps_quote(text).text inside an argument list. */
typedef struct fps_quoted {
    char text[56];
} fps_quoted;
fps_quoted fps_quote(const char *text);

/* The name of `names[count]` nearest to `word` if it is near enough to be meant: at most a third of its letters (and at
 * least one) inserted, dropped, exchanged or swapped with a neighbour; else NULL. */
const char *fps_nearest(const char *word, const char *const *names, int count);

/* "; did you mean 'depth'?" or "" */
typedef struct fps_suggestion {
    char text[96];
} fps_suggestion;
fps_suggestion fps_suggest(const char *word, const char *const *names, int count);

#endif
