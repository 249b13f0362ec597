/* message.c: everything that goes to stderr, one line each. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/terminal.h"
#include "fpsweep/log.h"

static bool progress_line; /* the cursor stands behind an unfinished line */
static int own_rank;

void fps_message_progress_line(bool present) {
    progress_line = present;
}

/* Write one line at once, so that lines of several ranks do not mix. */
static void write_line(const char *text) {
    fprintf(stderr, "%sfpsweep: %s\n", progress_line ? "\r\033[K" : "", text);
    fflush(stderr);
    progress_line = false;
}

void fps_message(const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(text);
}

int fps_report(fps_status status) {
    const char *message = fps_error_message();
    write_line(message[0] ? message : fps_status_text(status));
    return fps_status_exit(status);
}

int fps_report_once(fps_status status) {
    if (fps_launcher_rank() == 0)
        return fps_report(status);
    nanosleep(&(struct timespec){.tv_sec = 2}, NULL); /* ended early when rank 0 has gone */
    return fps_status_exit(status);
}

static void sink(void *context, fps_log_level level, const char *message) {
    (void)context;
    const char *debug = getenv("FPSWEEP_DEBUG");
    if (level == FPS_LOG_DEBUG && !(debug && *debug && strcmp(debug, "0") != 0))
        return;
    const char *word = level == FPS_LOG_WARNING ? "warning: " : "";
    if (own_rank > 0)
        fps_message("rank %d: %s%s", own_rank, word, message);
    else
        fps_message("%s%s", word, message);
}

void fps_message_install(int rank) {
    own_rank = rank;
    fps_log_set(sink, NULL);
}
