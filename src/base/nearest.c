#include "fpsweep/nearest.h"

#include <string.h>

static int least(int a, int b) {
    return a < b ? a : b;
}

/* ASCII alone, whatever the locale. */
static int small(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int fps_nearest_edits(const char *word, size_t length, const char *name) {
    int row[3][FPS_NEAREST_LONGEST + 1]; /* rows i - 2, i - 1, i, in turn */
    const size_t other = strlen(name);
    if (length > FPS_NEAREST_LONGEST || other > FPS_NEAREST_LONGEST)
        return FPS_NEAREST_FAR;
    const int n = (int)length, m = (int)other;
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            const int a = small(word[i - 1]), b = small(name[j - 1]);
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a != b));
            if (i > 1 && j > 1 && a == small(name[j - 2]) && small(word[i - 2]) == b)
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}
