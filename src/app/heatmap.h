/* heatmap.h: a matrix of errors on the terminal. */
#ifndef FPSWEEP_APP_HEATMAP_H
#define FPSWEEP_APP_HEATMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/terminal.h"

/* What is drawn: value[records, places] of which the rows place[rows] are shown, the first at the bottom. */
typedef struct fps_heatmap {
    const double *value, *step; /* step[records] */
    int64_t records, places;
    const int64_t *place;
    int64_t rows;
    const double *xi;  /* xi[places] */
    const char *title; /* one line */
} fps_heatmap;

/* Draw within `width` columns: one row per frequency, records resampled to the width by their geometric mean, colours
 * or the ramp of characters logarithmic from 0.001 to 1. */
void fps_heatmap_print(const fps_heatmap *map, FILE *stream, int width, fps_colors colors);

#endif
