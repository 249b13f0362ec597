/* gnuplot.c: running gnuplot. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/drawing.h"

/* First line of what gnuplot said that is not a picture of the mistake; for the message. */
static void read_complaint(FILE *file, char *buffer, size_t size) {
    char line[512];
    buffer[0] = '\0';
    rewind(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = line + strspn(line, " \t^");
        if (*text && (strstr(text, "line ") || !buffer[0]))
            snprintf(buffer, size, "%s", text);
    }
}

fps_status fps_gnuplot_run(const char *script, size_t length) {
    fps_status status = FPS_OK;
    FILE *input = tmpfile(), *complaints = tmpfile();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (!input || !complaints || fwrite(script, 1, length, input) != length || fflush(input) != 0) {
        status = fps_fail(FPS_ERROR_IO, "cannot write a temporary file for gnuplot: %s", strerror(errno));
        goto done;
    }
    rewind(input);
    posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints), STDERR_FILENO);
    char program[] = "gnuplot", dash[] = "-", *arguments[] = {program, dash, NULL};
    pid_t child;
    int failed = posix_spawnp(&child, program, &actions, NULL, arguments, environ), ended = 0;
    if (failed) {
        status = fps_fail(FPS_ERROR_SYSTEM,
                          "gnuplot cannot be started (%s): install it (Debian: gnuplot-nox), or write the data with "
                          "-o OUT.txt",
                          strerror(failed));
        goto done;
    }
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
        char complaint[400];
        read_complaint(complaints, complaint, sizeof complaint);
        status = WIFEXITED(ended) && WEXITSTATUS(ended) == 127
                     ? fps_fail(FPS_ERROR_SYSTEM, "gnuplot is missing: install it (Debian: gnuplot-nox), or write the "
                                                  "data with -o OUT.txt")
                     : fps_fail(FPS_ERROR_SYSTEM, "gnuplot could not draw: %s", complaint);
    }
done:
    posix_spawn_file_actions_destroy(&actions);
    if (input)
        fclose(input);
    if (complaints)
        fclose(complaints);
    return status;
}
