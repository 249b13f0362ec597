/* heatmap.c: a matrix of errors on the terminal. */
#include "app/heatmap.h"

#include <math.h>
#include <string.h>

#include "analysis/palette.h"

enum { LABEL = 11 };                            /* columns left of the map: "%9.4g |" */
static const double lowest = 1e-3, highest = 1; /* ends of the scale */
static const char ramp[] = " .:-=+*#%@";        /* learnt to not learnt */
static const char missing = '?';                /* no number */

/* Place on the scale, 0 .. 1. */
static double shade(double value) {
    double share = log(value / lowest) / log(highest / lowest);
    return share < 0 || value <= 0 ? 0 : share > 1 ? 1 : share;
}

/* Geometric mean over records first .. last-1 of one frequency; NAN if there is no number. */
static double mean_of(const fps_heatmap *map, int64_t place, int64_t first, int64_t last) {
    double sum = 0;
    int64_t n = 0;
    for (int64_t r = first; r < last; r++) {
        double v = map->value[r * map->places + place];
        if (!isnan(v)) {
            sum += log(fmax(v, 1e-300));
            n++;
        }
    }
    return n ? exp(sum / (double)n) : NAN;
}

static void print_cell(FILE *stream, double value, fps_colors colors) {
    if (colors == FPS_COLORS_NONE || isnan(value)) {
        int step = (int)(shade(value) * (double)(sizeof ramp - 1));
        fputc(isnan(value) ? missing : ramp[step < (int)sizeof ramp - 1 ? step : (int)sizeof ramp - 2], stream);
        return;
    }
    int rgb[3];
    fps_palette_viridis(shade(value), rgb);
    if (colors == FPS_COLORS_24_BIT)
        fprintf(stream, "\033[48;2;%d;%d;%dm \033[0m", rgb[0], rgb[1], rgb[2]);
    else /* the 6 x 6 x 6 cube of the 256 colours */
        fprintf(stream, "\033[48;5;%dm \033[0m",
                16 + 36 * ((rgb[0] + 25) / 51) + 6 * ((rgb[1] + 25) / 51) + (rgb[2] + 25) / 51);
}

/* First record of column c of `columns`. */
static int64_t first_record(const fps_heatmap *map, int64_t c, int64_t columns) {
    return c * map->records / columns;
}

/* Steps of the first, middle and last column, below their columns. */
static void print_steps(const fps_heatmap *map, FILE *stream, int columns) {
    char first[32], middle[32], last[32];
    snprintf(first, sizeof first, "%.0f", map->step[0]);
    snprintf(middle, sizeof middle, "%.0f", map->step[first_record(map, columns / 2, columns)]);
    snprintf(last, sizeof last, "%.0f", map->step[map->records - 1]);
    int half = columns / 2, rest = columns - half;
    fprintf(stream, "%*s|%-*s%s%*s\n", LABEL - 1, "step ", half, first, middle, rest - (int)strlen(middle), last);
}

static void print_scale(FILE *stream, fps_colors colors) {
    fprintf(stream, "%*s scale 0.001 ", LABEL - 1, "");
    for (int i = 0; i < 30; i++)
        print_cell(stream, lowest * pow(highest / lowest, (i + 0.5) / 30), colors);
    fprintf(stream, " 1, logarithmic\n");
}

void fps_heatmap_print(const fps_heatmap *map, FILE *stream, int width, fps_colors colors) {
    int64_t columns = width - LABEL > 16 ? width - LABEL : 16;
    if (map->records < columns) /* whole columns per record */
        columns = columns / map->records * map->records;
    fprintf(stream, "%s\n%*s|\n", map->title, LABEL - 1, "xi ");
    for (int64_t row = map->rows - 1; row >= 0; row--) {
        fprintf(stream, "%*.4g |", LABEL - 2, map->xi[map->place[row]]);
        for (int64_t c = 0; c < columns; c++) {
            int64_t first = first_record(map, c, columns), last = first_record(map, c + 1, columns);
            print_cell(stream, mean_of(map, map->place[row], first, last > first ? last : first + 1), colors);
        }
        fputc('\n', stream);
    }
    print_steps(map, stream, (int)columns);
    print_scale(stream, colors);
}
