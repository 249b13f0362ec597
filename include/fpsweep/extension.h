/* extension.h: activations and targets of one's own, registered by a program that uses the library, or by a plug-in
 * that `fpsweep run --plugin mine.so` loads.
 *
 * Register before a plan is created. The names are then words like the built-in ones: in sweep files, in `where`, in
 * `fpsweep parameters`. Every extension has a version which its author raises whenever its values change: it enters the
 * identity of the tasks that use it, so that results of two versions never mix. Results files keep names, versions and
 * a fingerprint of the values; they are read without the extension, but only run and replayed with it.
 */
#ifndef FPSWEEP_EXTENSION_H
#define FPSWEEP_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Largest number of extensions of each kind in a process. */
#define FPS_EXTENSION_LIMIT 16

/* Letters of a name, of a version, of the sentence, each with its terminating zero. */
#define FPS_EXTENSION_NAME 32
#define FPS_EXTENSION_VERSION 32
#define FPS_EXTENSION_SENTENCE 160

/* An activation f. The functions fill, for z[count], the values a[count] = f(z) and, unless `slope` is NULL,
 * slope[count] = f'(z); arrays do not overlap, are aligned to 64 bytes, and `count` is a positive multiple of 16. They
 * are called for a row of up to 256 samples at a time, so a plain loop that the compiler vectorises is as fast as a
 * built-in one. What they give for a number must not depend on its place, nor on whether slopes are asked for, to the
 * last bit; NaN gives NaN. All this, the derivative and the parity are tried at registration. */
typedef struct fps_activation_extension {
    const char *name;     /* "mish": lower-case letters, digits and _, not a word that means something already */
    const char *sentence; /* what it is, as a formula; for `fpsweep parameters` */
    const char *version;  /* letters, digits and . _ + -; NULL: the plug-in's */
    bool odd;             /* f(-z) = -f(z) */
    int kink;             /* order of the first discontinuous derivative: 1 for |z|, 0 where smooth; at most 8 */
    void (*evaluate_single)(void *context, int64_t count, const float *z, float *a, float *slope);
    void (*evaluate_double)(void *context, int64_t count, const double *z, double *a, double *slope);
    void *context; /* handed to the functions; borrowed for ever */
} fps_activation_extension;

/* A target, usable in expressions of the coordinates by its name alone: `target: bump`, `target: "bump + sin(9*x)"`. */
typedef struct fps_target_extension {
    const char *name;     /* as of an activation */
    const char *sentence; /* what it is */
    const char *version;  /* as of an activation */
    int dimension;        /* coordinates that it takes, 1 to 3; 0: any number */
    double (*value)(void *context, int dimension, const double *x); /* at x[dimension] */
    void *context;                                                  /* handed to the function; borrowed for ever */
} fps_target_extension;

/* Copy the strings, try the functions and make the name known in this process, on every rank alike. FPS_ERROR_USAGE
 * with one line that says what is wrong: a name that is taken or cannot be one, no version, or functions that do not
 * keep the promises above. */
fps_status fps_register_activation(const fps_activation_extension *activation);

/* The same for a target. */
fps_status fps_register_target(const fps_target_extension *target);

/* ---- what is registered ---- */

/* The kinds of extensions. */
typedef enum fps_extension_kind { FPS_EXTENSION_ACTIVATION, FPS_EXTENSION_TARGET } fps_extension_kind;

/* Facts about one extension. */
typedef struct fps_extension {
    fps_extension_kind kind;
    char name[FPS_EXTENSION_NAME], version[FPS_EXTENSION_VERSION], sentence[FPS_EXTENSION_SENTENCE];
    char origin[2 * FPS_EXTENSION_NAME]; /* name and version of the plug-in; "program" without one */
    bool odd;                            /* of an activation */
    int kink;                            /* of an activation */
    int dimension;                       /* of a target */
    uint64_t fingerprint;                /* XXH3-64 over its values at fixed points */
    bool loaded;                         /* false: only known from a results file, cannot be run */
} fps_extension;

/* How many there are, and number i of them, in the order of registration; borrowed. */
int fps_extension_count(void);
const fps_extension *fps_extension_at(int i);

/* Does `text` (length bytes) hold the name as a word of its own? */
bool fps_extension_named_in(const fps_extension *extension, const char *text, size_t length);

/* Room for the lines of all extensions. */
#define FPS_EXTENSION_LINES 12288

/* Write one line per extension that `text` (a sweep file) names, as results files keep it: kind, name, version, origin,
 * odd, kink, dimension, fingerprint, sentence, separated by tabs. Returns the length as snprintf. */
int fps_extension_write(const char *text, size_t length, char *buffer, size_t size);

/* Make the names in such lines known, for reading alone; those that are known already stay. FPS_ERROR_MISMATCH if one
 * is known with another version: one process works with one version. */
fps_status fps_extension_declare(const char *lines);

/* Compare such lines with what is loaded. Writes the differences into `what` ("" if none): other versions, other
 * values.
 */
void fps_extension_compare(const char *lines, char *what, size_t size);

/* ---- plug-ins ---- */

/* Raised when structs of this header change; a plug-in of another version is refused. */
#define FPSWEEP_PLUGIN_ABI 1

/* What a plug-in gets: the functions above, so that it links with nothing. */
typedef struct fps_registry {
    int abi; /* FPSWEEP_PLUGIN_ABI of the program */
    fps_status (*activation)(const fps_activation_extension *activation);
    fps_status (*target)(const fps_target_extension *target);
} fps_registry;

/* Who a plug-in is; defined by FPSWEEP_PLUGIN. */
typedef struct fps_plugin_facts {
    int abi;                    /* FPSWEEP_PLUGIN_ABI it was compiled with */
    const char *name, *version; /* results files keep them */
} fps_plugin_facts;

/* C linkage, for plug-ins in C and in C++. */
#ifdef __cplusplus
#define FPSWEEP_PLUGIN_LINKAGE extern "C"
#else
#define FPSWEEP_PLUGIN_LINKAGE extern
#endif

/* Say, once in a plug-in, who it is; then define its entry: fps_status fpsweep_plugin(const fps_registry *registry),
 * which registers what it has and returns the first status that is not FPS_OK. */
#define FPSWEEP_PLUGIN(plugin_name, plugin_version)                                                                    \
    FPSWEEP_PLUGIN_LINKAGE __attribute__((visibility("default"))) const fps_plugin_facts fpsweep_plugin_facts;         \
    FPSWEEP_PLUGIN_LINKAGE __attribute__((visibility("default"))) fps_status fpsweep_plugin(                           \
        const fps_registry *registry);                                                                                 \
    const fps_plugin_facts fpsweep_plugin_facts = {FPSWEEP_PLUGIN_ABI, plugin_name, plugin_version}

/* Load a plug-in; it stays loaded. `path` is a file, or several joined by ':'; without a slash it is in the current
 * folder. FPS_ERROR_INPUT, in one line, if it is missing, cannot be loaded, is no plug-in, or has another ABI. */
fps_status fps_plugin_load(const char *path);

#ifdef __cplusplus
}
#endif
#endif
