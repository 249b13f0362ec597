/* hdf5_tools.h: the few things that every HDF5 caller of this floor needs: quiet errors, element types, attributes.
 *
 * HDF5 keeps a stack of errors and by default prints it; here it is silenced, and its innermost entry (the cause) is
 * put behind our own sentence.
 */
#ifndef FPSWEEP_STORE_HDF5_TOOLS_H
#define FPSWEEP_STORE_HDF5_TOOLS_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "fpsweep/status.h"

/* Element types of the file; every reader of netCDF-4 understands each of them. Little-endian in the file. */
typedef enum fps_stored {
    FPS_STORED_CHAR, /* one byte of UTF-8 text, unused bytes are 0 */
    FPS_STORED_INT8,
    FPS_STORED_INT32,
    FPS_STORED_INT64,
    FPS_STORED_UINT32,
    FPS_STORED_FLOAT32,
    FPS_STORED_FLOAT64,
    FPS_STORED_COUNT
} fps_stored;

size_t fps_stored_size(fps_stored type); /* bytes */
/* HDF5's type for file and memory (equal on every machine that this builds for). Borrowed, never closed. */
hid_t fps_stored_hdf5(fps_stored type);

/* Switch off HDF5's printing of errors. Call at every entry of the floor; cheap. */
void fps_hdf5_quiet(void);

/* Keep "<formatted>: <HDF5's innermost message>" as the message, clear HDF5's stack, return `status`. Call it before
 * any other function of HDF5: each empties the stack. */
fps_status fps_hdf5_fail(fps_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Open a file read-only with the serial driver and without locks (reading needs none, and some file systems have none).
 * FPS_ERROR_INPUT, "PATH is damaged: cause". */
fps_status fps_hdf5_open_read(const char *path, hid_t *file);
/* The same for a file that is shorter than it was; its missing bytes then read as 0. */
fps_status fps_hdf5_open_truncated(const char *path, hid_t *file);

/* Close an identifier of any kind if it is valid and make it invalid; null-safe in that sense. */
void fps_hdf5_close(hid_t *id);

/* Write an attribute of `object`. Text is one fixed-length UTF-8 string without terminator (length >= 1). */
fps_status fps_attribute_write_text(hid_t object, const char *name, const char *text, size_t length);
/* count 0: a scalar; else an array of `count`. */
fps_status fps_attribute_write(hid_t object, const char *name, fps_stored type, const void *value, int count);

/* Read a text attribute into *text (owned by the caller: fps_free), terminated. FPS_ERROR_INPUT if it is absent, no
 * fixed-length text, or longer than `limit` bytes. */
fps_status fps_attribute_read_text(hid_t object, const char *name, size_t limit, char **text, size_t *length);
/* Read one whole number. FPS_ERROR_INPUT if it is absent or not one. */
fps_status fps_attribute_read_integer(hid_t object, const char *name, int64_t *value);

#endif
