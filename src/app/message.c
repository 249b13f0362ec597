/* message.c: everything that goes to stderr, one line each. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "app/terminal.h"
#include "fpsweep/log.h"

static bool progress_line; /* the cursor stands behind an unfinished line */
static int own_rank;

void fps_message_progress_line(bool present) {
    progress_line = present;
}

/* Write one line at once, so that lines of several ranks do not mix. */
static void write_line(fps_emphasis emphasis, const char *text) {
    fprintf(stderr, "%s%sfpsweep:%s %s\n", progress_line ? "\r\033[K" : "", fps_emphasis_begin(stderr, emphasis),
            fps_emphasis_end(stderr, emphasis), text);
    fflush(stderr);
    progress_line = false;
}

void fps_message(const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(strncmp(text, "warning: ", strlen("warning: ")) == 0 ? FPS_CAUTION : FPS_PLAIN, text);
}

int fps_report(fps_status status) {
    const char *message = fps_error_message();
    write_line(FPS_BAD, message[0] ? message : fps_status_text(status));
    return fps_status_exit(status);
}

int fps_report_once(fps_status status) {
    if (fps_launcher_rank() == 0)
        return fps_report(status);
    nanosleep(&(struct timespec){.tv_sec = 2}, NULL); /* ended early when rank 0 has gone */
    return fps_status_exit(status);
}

/* Has the same been said before? A file that is opened again and again is described once. */
static bool was_said(fps_log_level level, const char *message) {
    enum { KEPT = 16 };
    static uint64_t said[KEPT];
    static int count;
    if (level == FPS_LOG_DEBUG)
        return false;
    uint64_t hash = XXH3_64bits_withSeed(message, strlen(message), (XXH64_hash_t)level);
    for (int k = 0; k < count && k < KEPT; k++)
        if (said[k] == hash)
            return true;
    said[count++ % KEPT] = hash;
    return false;
}

static void sink(void *context, fps_log_level level, const char *message) {
    (void)context;
    const char *debug = getenv("FPSWEEP_DEBUG");
    if (level == FPS_LOG_DEBUG && !(debug && *debug && strcmp(debug, "0") != 0))
        return;
    if (was_said(level, message))
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
