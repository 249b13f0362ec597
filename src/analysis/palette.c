/* palette.c: the colours of all figures. */
#include "analysis/palette.h"

#include <stdio.h>

enum { STOPS = 11 };

/* Viridis at 0, 0.1 .. 1. */
static const unsigned char viridis[STOPS][3] = {{68, 1, 84},    {72, 36, 117},  {65, 68, 135},  {53, 95, 141},
                                                {42, 120, 142}, {33, 145, 140}, {34, 168, 132}, {68, 191, 112},
                                                {122, 209, 81}, {189, 223, 38}, {253, 231, 37}};

void fps_palette_viridis(double share, int rgb[3]) {
    double at = (share < 0 ? 0 : share > 1 ? 1 : share) * (STOPS - 1);
    int low = at < STOPS - 1 ? (int)at : STOPS - 2;
    for (int c = 0; c < 3; c++)
        rgb[c] = (int)(viridis[low][c] + (at - low) * (viridis[low + 1][c] - viridis[low][c]) + 0.5);
}

const char *fps_palette_curve(int i, int n, char buffer[8]) {
    int rgb[3];
    fps_palette_viridis(n > 1 ? 0.82 * i / (n - 1) : 0.1, rgb);
    snprintf(buffer, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
    return buffer;
}

const char *fps_palette_gnuplot(void) {
    static char text[STOPS * 24];
    int used = snprintf(text, sizeof text, "defined (");
    for (int i = 0; i < STOPS; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%.1f '#%02x%02x%02x'", i ? ", " : "",
                         (double)i / (STOPS - 1), viridis[i][0], viridis[i][1], viridis[i][2]);
    snprintf(text + used, sizeof text - (size_t)used, ")");
    return text;
}
