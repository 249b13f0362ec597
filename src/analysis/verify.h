/* verify.h: what the parts of `verify` share. */
#ifndef FPSWEEP_ANALYSIS_VERIFY_H
#define FPSWEEP_ANALYSIS_VERIFY_H

#include "fpsweep/verify.h"

typedef struct fps_verifier {
    const char *path;
    const fps_verify_options *options;
    fps_verification *found;
    fps_reader *reader;
    const fps_plan *plan; /* the reader's */
    fps_row *row;         /* row[tasks of the sweep] */
    bool *wrong;          /* wrong[tasks]: damaged */
} fps_verifier;

/* Tell of something that is wrong; of something worth knowing. */
void fps_verify_find(fps_verifier *verifier, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fps_verify_note(fps_verifier *verifier, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Run tasks again and compare. */
fps_status fps_verify_replay(fps_verifier *verifier);

#endif
