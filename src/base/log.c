#include "fpsweep/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static fps_log_sink current_sink;
static void *current_context;

void fps_log_set(fps_log_sink sink, void *context) {
    current_sink = sink;
    current_context = context;
}

void fps_log(fps_log_level level, const char *format, ...) {
    if (!current_sink)
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    current_sink(current_context, level, text);
}
