/* format_internal.h: what the parts of the format's check share. */
#ifndef FPSWEEP_STORE_FORMAT_INTERNAL_H
#define FPSWEEP_STORE_FORMAT_INTERNAL_H

#include "store/check.h"
#include "store/format.h"
#include "store/variable.h"

/* What a variable is there for: decides which attributes it has. */
typedef enum fps_format_kind {
    FPS_FORMAT_GUARD,
    FPS_FORMAT_COORDINATE,
    FPS_FORMAT_PARAMETER,
    FPS_FORMAT_SCALAR,
    FPS_FORMAT_LIVE,
    FPS_FORMAT_RESULT
} fps_format_kind;

/* One line of the format's tables. */
typedef struct fps_format_entry {
    const char *name;
    fps_format_kind kind;
    unsigned types;                           /* admissible element types: bits 1 << fps_stored */
    int dimensions;                           /* without textN */
    const char *dimension[FPS_VARIABLE_RANK]; /* slowest first */
    bool may_lack_first;                      /* the first dimension, task, is there only where tasks differ */
    const char *unit;
    bool fill_zero;
    bool required;
    const char *flags; /* meanings of the codes 0, 1, ...; later programs may know more. NULL: none */
} fps_format_entry;

enum { FPS_FORMAT_ENTRIES = 256, FPS_FORMAT_OBJECTS = 256 };

typedef struct fps_format_dimension {
    char name[FPS_VARIABLE_NAME];
    hsize_t size;
} fps_format_dimension;

/* A variable of the file. */
typedef struct fps_format_found {
    char name[FPS_VARIABLE_NAME];
    int rank;
    char dimension[H5S_MAX_RANK][FPS_VARIABLE_NAME]; /* "?" where it has no dimension of the file */
    const fps_format_entry *entry;                   /* NULL: unknown */
} fps_format_found;

typedef struct fps_format_checker {
    hid_t file;
    void (*each)(void *context, const char *sentence);
    void *context;
    int entries, dimensions, variables;
    fps_format_entry entry[FPS_FORMAT_ENTRIES];
    fps_format_dimension dimension[FPS_FORMAT_OBJECTS];
    fps_format_found variable[FPS_FORMAT_OBJECTS];
} fps_format_checker;

/* Fill in the tables for a version of the format. */
void fps_format_entries(fps_format_checker *checker, int version);
const fps_format_entry *fps_format_entry_find(const fps_format_checker *checker, const char *name);
/* Is it a dimension of the format? textN is. */
bool fps_format_is_dimension(const char *name);

/* Tell of a violation: "WHERE: ...". */
void fps_format_tell(const fps_format_checker *checker, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Attributes of the file; of one variable, whose dimensions and those of all others are known. */
void fps_format_check_file(const fps_format_checker *checker);
void fps_format_check_attributes(const fps_format_checker *checker, const fps_format_found *found, hid_t dataset);

#endif
