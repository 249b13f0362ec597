/* emphasis.c: sparing colours for headings and for words that tell good from bad. */
#include <string.h>

#include "app/terminal.h"
#include "fpsweep/trajectory.h"

/* Codes that every terminal with colours knows, from its own palette: readable on light and dark. */
static const char *const code[] = {
    [FPS_PLAIN] = "",           [FPS_HEADING] = "\033[1m", [FPS_GOOD] = "\033[32m",
    [FPS_CAUTION] = "\033[33m", [FPS_BAD] = "\033[1;31m",
};

static const struct {
    fps_outcome outcome;
    fps_emphasis emphasis;
} outcomes[] = {{FPS_DONE, FPS_GOOD}, {FPS_DIVERGED, FPS_CAUTION}, {FPS_FAILED, FPS_BAD}};

static bool has_colors(FILE *stream, fps_emphasis emphasis) {
    return emphasis != FPS_PLAIN && fps_terminal_colors(stream) != FPS_COLORS_NONE;
}

const char *fps_emphasis_begin(FILE *stream, fps_emphasis emphasis) {
    return has_colors(stream, emphasis) ? code[emphasis] : "";
}

const char *fps_emphasis_end(FILE *stream, fps_emphasis emphasis) {
    return has_colors(stream, emphasis) ? "\033[0m" : "";
}

int fps_emphasis_print(FILE *stream, fps_emphasis emphasis, const char *word) {
    fprintf(stream, "%s%s%s", fps_emphasis_begin(stream, emphasis), word, fps_emphasis_end(stream, emphasis));
    return (int)strlen(word);
}

fps_emphasis fps_emphasis_outcome(const char *name) {
    for (size_t k = 0; k < sizeof outcomes / sizeof *outcomes; k++)
        if (strcmp(name, fps_outcome_name(outcomes[k].outcome)) == 0)
            return outcomes[k].emphasis;
    return FPS_PLAIN;
}
