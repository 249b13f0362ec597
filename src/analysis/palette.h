/* palette.h: the colours of all figures. */
#ifndef FPSWEEP_ANALYSIS_PALETTE_H
#define FPSWEEP_ANALYSIS_PALETTE_H

/* Viridis (S. van der Walt, N. Smith): perceptually even, readable in grey and for the colour-blind. share in [0, 1],
 * from dark violet to yellow; rgb[3] in 0 .. 255. */
void fps_palette_viridis(double share, int rgb[3]);

/* "#rrggbb" of curve i of n: from dark violet to green, without the yellow that white paper swallows. */
const char *fps_palette_curve(int i, int n, char buffer[8]);

/* The palette as gnuplot's `defined (...)` list. */
const char *fps_palette_gnuplot(void);

#endif
