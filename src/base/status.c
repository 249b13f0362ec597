#include "fpsweep/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048 };
static _Thread_local char message[MESSAGE_SIZE];

static const struct {
    const char *name, *text;
    int exit_status;
} statuses[] = {
#define X(name, code, text) {#name, text, code},
    FPS_STATUS_LIST(X)
#undef X
};

const char *fps_status_name(fps_status status) {
    return (unsigned)status < FPS_STATUS_COUNT ? statuses[status].name : "unknown";
}

const char *fps_status_text(fps_status status) {
    return (unsigned)status < FPS_STATUS_COUNT ? statuses[status].text : "unknown status";
}

int fps_status_exit(fps_status status) {
    return (unsigned)status < FPS_STATUS_COUNT ? statuses[status].exit_status : 1;
}

fps_status fps_fail(fps_status status, const char *format, ...) {
    char text[MESSAGE_SIZE]; /* arguments may point into the message kept so far */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(message, text, sizeof text);
    return status;
}

fps_status fps_fail_context(fps_status status, const char *format, ...) {
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, ": %s", message);
    memcpy(message, text, sizeof text);
    return status;
}

const char *fps_error_message(void) {
    return message;
}
