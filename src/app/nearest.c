/* nearest.c: which known name was probably meant. */
#include <string.h>

#include "app/command.h"

enum { LONGEST = 63 };

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
static int distance(const char *a, const char *b) {
    int m = (int)strlen(a), n = (int)strlen(b);
    if (m > LONGEST || n > LONGEST)
        return LONGEST;
    int d[LONGEST + 1][LONGEST + 1];
    for (int i = 0; i <= m; i++)
        d[i][0] = i;
    for (int j = 0; j <= n; j++)
        d[0][j] = j;
    for (int i = 1; i <= m; i++)
        for (int j = 1; j <= n; j++) {
            d[i][j] = least(least(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[m][n];
}

const char *fps_command_nearest(const char *name, const char *(*next)(const void *context, int i),
                                const void *context) {
    const char *best = NULL, *candidate;
    int limit = (int)strlen(name) / 3 + 1, nearest = limit + 1;
    for (int i = 0; (candidate = next(context, i)); i++) {
        int d = distance(name, candidate);
        size_t length = strlen(name);
        if (length >= 3 && strncmp(candidate, name, length) == 0)
            d = least(d, 1); /* the beginning of a name */
        if (d < nearest) {
            nearest = d;
            best = candidate;
        }
    }
    return best;
}
