/* entry.h: the JSON of `analyze`: one list per quantity, its entries with their axis values. */
#ifndef FPSWEEP_APP_ENTRY_H
#define FPSWEEP_APP_ENTRY_H

#include <stdbool.h>
#include <stdio.h>

#include "fpsweep/analysis.h"
#include "fpsweep/grouping.h"

typedef struct fps_entry_writer {
    FILE *stream;
    const fps_grouping *grouping; /* borrowed */
    bool first;                   /* no entry of the present list was written yet */
} fps_entry_writer;

/* Begin and end the list of a quantity, behind another key of the object. */
void fps_entry_list_begin(fps_entry_writer *writer, const char *quantity);
void fps_entry_list_end(fps_entry_writer *writer);

/* Begin an entry with the axis values of group g; the caller writes the rest and the closing brace. */
void fps_entry_begin(fps_entry_writer *writer, int64_t g);
/* Write "name": value, and what comes after it. */
void fps_entry_number(fps_entry_writer *writer, const char *name, double value, const char *after);
/* Write "value", "uncertainty" and "n". */
void fps_entry_estimate(fps_entry_writer *writer, fps_estimate estimate, const char *after);

#endif
