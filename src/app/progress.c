/* progress.c: one line that rewrites itself on a terminal, plain lines in a batch log. */
#include "app/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/terminal.h"

enum { BAR = 20 };

/* In a log: a line if so many percent of the tasks have ended since the last one, or so long ago was it. */
static const double log_percent = 5, log_silence_s = 600;

static struct {
    bool any;
    double percent, elapsed_s;
} last; /* line of the log */

double fps_progress_interval_s(void) {
    return fps_terminal_is(stderr) ? 0.2 : 30;
}

static int64_t ended_of(const fps_progress *p) {
    return p->done + p->diverged + p->failed;
}

/* "12 of 48 tasks (25 %), 1 diverged, 2 running, 3.4 tasks/s, 12.3 s left". */
static int format_progress(const fps_progress *p, char *buffer, size_t size) {
    char duration[32];
    int64_t ended = ended_of(p);
    int n = snprintf(buffer, size, "%lld of %lld tasks", (long long)ended, (long long)p->tasks);
    if (p->tasks > 0) /* 100 % is for the end */
        n += snprintf(buffer + n, size - (size_t)n, " (%.0f %%)", floor(100 * (double)ended / (double)p->tasks));
    if (p->diverged)
        n += snprintf(buffer + n, size - (size_t)n, ", %lld diverged", (long long)p->diverged);
    if (p->failed)
        n += snprintf(buffer + n, size - (size_t)n, ", %lld failed", (long long)p->failed);
    if (p->running)
        n += snprintf(buffer + n, size - (size_t)n, ", %lld running", (long long)p->running);
    if (p->rate > 0)
        n += snprintf(buffer + n, size - (size_t)n, ", %s tasks/s", fps_text_number(p->rate, duration));
    if (isfinite(p->eta_s) && ended < p->tasks)
        n += snprintf(buffer + n, size - (size_t)n, ", %s left", fps_text_duration(p->eta_s, duration));
    else if (ended < p->tasks && p->elapsed_s >= 1)
        n += snprintf(buffer + n, size - (size_t)n, ", after %s", fps_text_duration(p->elapsed_s, duration));
    return n;
}

/* Is this worth a line of a log? The first and the last always are. */
static bool is_news(const fps_progress *p) {
    double percent = p->tasks > 0 ? 100 * (double)ended_of(p) / (double)p->tasks : 100;
    bool news = !last.any || ended_of(p) == p->tasks || percent >= last.percent + log_percent ||
                p->elapsed_s >= last.elapsed_s + log_silence_s;
    if (news) {
        last.any = true;
        last.percent = percent;
        last.elapsed_s = p->elapsed_s;
    }
    return news;
}

static void print_bar(const fps_progress *p) {
    char bar[BAR + 1];
    int full = (int)((double)BAR * (double)ended_of(p) / (double)p->tasks);
    memset(bar, '#', (size_t)full);
    memset(bar + full, '.', (size_t)(BAR - full));
    bar[BAR] = '\0';
    fprintf(stderr, "[%s] ", bar);
}

void fps_progress_print(void *context, const fps_progress *p) {
    (void)context;
    char text[256];
    int length = format_progress(p, text, sizeof text);
    if (!fps_terminal_is(stderr)) {
        if (is_news(p))
            fps_message("%s", text);
        return;
    }
    int width = fps_terminal_width(stderr) - 1;
    fprintf(stderr, "\r");
    if (width >= length + BAR + 3 && p->tasks > 0)
        print_bar(p);
    fprintf(stderr, "%.*s\033[K", width, text);
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
