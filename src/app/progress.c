/* progress.c: one line that rewrites itself on a terminal, plain lines in a batch log. */
#include "app/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/terminal.h"

enum { BAR = 20 };

double fps_progress_interval_s(void) {
    return fps_terminal_is(stderr) ? 0.2 : 30;
}

/* "12 of 48 done, 1 diverged, 2 running, 3.4 tasks/s, 12.3 s left". */
static int format_progress(const fps_progress *p, char *buffer, size_t size) {
    char duration[32];
    int64_t ended = p->done + p->diverged + p->failed;
    int n = snprintf(buffer, size, "%lld of %lld tasks", (long long)ended, (long long)p->tasks);
    if (p->diverged)
        n += snprintf(buffer + n, size - (size_t)n, ", %lld diverged", (long long)p->diverged);
    if (p->failed)
        n += snprintf(buffer + n, size - (size_t)n, ", %lld failed", (long long)p->failed);
    n += snprintf(buffer + n, size - (size_t)n, ", %lld running", (long long)p->running);
    if (p->rate > 0)
        n += snprintf(buffer + n, size - (size_t)n, ", %.3g/s", p->rate);
    if (isfinite(p->eta_s) && ended < p->tasks)
        n += snprintf(buffer + n, size - (size_t)n, ", %s left", fps_text_duration(p->eta_s, duration));
    return n;
}

void fps_progress_print(void *context, const fps_progress *p) {
    (void)context;
    char text[256];
    int length = format_progress(p, text, sizeof text);
    if (!fps_terminal_is(stderr)) {
        fps_message("%s", text);
        return;
    }
    int width = fps_terminal_width(stderr) - 1;
    if (width >= length + BAR + 3 && p->tasks > 0) {
        char bar[BAR + 1];
        int full = (int)((double)BAR * (double)(p->done + p->diverged + p->failed) / (double)p->tasks);
        memset(bar, '#', (size_t)full);
        memset(bar + full, '.', (size_t)(BAR - full));
        bar[BAR] = '\0';
        fprintf(stderr, "\r[%s] %s\033[K", bar, text);
    } else {
        fprintf(stderr, "\r%.*s\033[K", width, text);
    }
    fflush(stderr);
    fps_message_progress_line(true);
}

void fps_progress_end(void) {
    if (!fps_terminal_is(stderr))
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    fps_message_progress_line(false);
}
