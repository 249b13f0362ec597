/* terminal.c: what the screen and the launcher tell about themselves. */
#include "app/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

bool fps_terminal_is(FILE *stream) {
    /* mpirun reads the output of its ranks through pseudo-terminals, wherever its own goes */
    return isatty(fileno(stream)) && !is_set("OMPI_COMM_WORLD_RANK");
}

int fps_terminal_width(FILE *stream) {
    struct winsize size;
    if (fps_terminal_is(stream) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

fps_colors fps_terminal_colors(FILE *stream) {
    const char *kind = getenv("TERM"), *color = getenv("COLORTERM");
    if (!fps_terminal_is(stream) || is_set("NO_COLOR") || !kind || !*kind || strcmp(kind, "dumb") == 0)
        return FPS_COLORS_NONE;
    if (color && (strcmp(color, "truecolor") == 0 || strcmp(color, "24bit") == 0))
        return FPS_COLORS_24_BIT;
    return FPS_COLORS_256;
}

/* First of several environment variables that is set, as a number; `fallback` if none is. */
static int first_number(const char *const *name, int fallback) {
    for (; *name; name++)
        if (is_set(*name))
            return atoi(getenv(*name));
    return fallback;
}

int fps_launcher_rank(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID", NULL};
    return first_number(names, 0);
}

int fps_launcher_local_ranks(void) {
    /* Slurm writes "4" or "4(x2),3": the first is this node's or as large. */
    static const char *const names[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_STEP_TASKS_PER_NODE", NULL};
    return first_number(names, 1);
}
