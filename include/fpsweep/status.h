/* status.h: how functions report errors.
 *
 * Every function that can fail returns an fps_status. On failure the sentence that a user should read is kept per
 * thread and returned by fps_error_message(). Nothing in the library prints or exits.
 */
#ifndef FPSWEEP_STATUS_H
#define FPSWEEP_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* The one list of errors: X(name, exit status of the program, meaning). */
#define FPS_STATUS_LIST(X)                                                                                             \
    X(OK, 0, "success")                                                                                                \
    X(ERROR_MEMORY, 1, "not enough memory")                                                                            \
    X(ERROR_USAGE, 2, "wrong command line")                                                                            \
    X(ERROR_SWEEP, 2, "a mistake in the sweep file")                                                                   \
    X(ERROR_INPUT, 2, "an input file is missing, foreign or damaged")                                                  \
    X(ERROR_IO, 1, "reading or writing a file failed")                                                                 \
    X(ERROR_LOCKED, 1, "another run holds the results file")                                                           \
    X(ERROR_MISMATCH, 2, "two things that must agree do not")                                                          \
    X(ERROR_NUMERIC, 1, "a computation cannot be carried out")                                                         \
    X(ERROR_MPI, 1, "the message layer failed")                                                                        \
    X(ERROR_SYSTEM, 1, "the operating system refused")                                                                 \
    X(STOPPED, 75, "stopped early in good order")

/* What a function reports. */
typedef enum fps_status {
#define X(name, code, text) FPS_##name,
    FPS_STATUS_LIST(X)
#undef X
        FPS_STATUS_COUNT
} fps_status;

/* Name of a status ("ERROR_IO"), its general meaning, and the program's exit status for it. */
const char *fps_status_name(fps_status status);
const char *fps_status_text(fps_status status);
int fps_status_exit(fps_status status);

/* Keep a formatted message for this thread and return `status`, so that callers write `return fps_fail(...)`. */
fps_status fps_fail(fps_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put words in front of the message kept so far ("while opening a.h5: ...") and return `status`. */
fps_status fps_fail_context(fps_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Return the message of this thread's last failure; empty if there was none. Borrowed, valid until the next failure. */
const char *fps_error_message(void);

/* Return from the calling function if `call` fails; for functions that own nothing yet. */
#define FPS_TRY(call)                                                                                                  \
    do {                                                                                                               \
        fps_status fps_try_status_ = (call);                                                                           \
        if (fps_try_status_ != FPS_OK)                                                                                 \
            return fps_try_status_;                                                                                    \
    } while (0)

/* Set `status` and jump to `label` if `call` fails; for functions with one exit label that releases in reverse. */
#define FPS_TRY_GOTO(status, call, label)                                                                              \
    do {                                                                                                               \
        (status) = (call);                                                                                             \
        if ((status) != FPS_OK)                                                                                        \
            goto label;                                                                                                \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
