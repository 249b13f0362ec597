/* log.h: messages of the library. The library prints nothing; the program installs a sink. */
#ifndef FPSWEEP_LOG_H
#define FPSWEEP_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

/* How urgent a message is, the most urgent first. */
typedef enum fps_log_level { FPS_LOG_WARNING, FPS_LOG_NOTE, FPS_LOG_DEBUG } fps_log_level;

/* Takes one message, without a newline. */
typedef void (*fps_log_sink)(void *context, fps_log_level level, const char *message);

/* Install the sink for this process (NULL: drop messages, the default). */
void fps_log_set(fps_log_sink sink, void *context);

/* Send one line (no newline) to the sink. */
void fps_log(fps_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif
#endif
