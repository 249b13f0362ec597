/* extension_lines.c: extensions as results files keep them: one line each, fields separated by tabs. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/register.h"
#include "numeric/extension.h"

static const char *const kinds[] = {[FPS_EXTENSION_ACTIVATION] = "activation", [FPS_EXTENSION_TARGET] = "target"};
enum { FIELDS = 9, LINE = 512 };

int fps_extension_write(const char *text, size_t length, char *buffer, size_t size) {
    int used = 0;
    if (size > 0)
        buffer[0] = '\0';
    for (int i = 0; i < fps_extension_count(); i++) {
        const fps_extension *e = fps_extension_at(i);
        if (!fps_extension_named_in(e, text, length))
            continue;
        const bool room = (size_t)used < size;
        used += snprintf(room ? buffer + used : NULL, room ? size - (size_t)used : 0,
                         "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%016" PRIx64 "\t%s\n", kinds[e->kind], e->name, e->version,
                         e->origin, e->odd, e->kink, e->dimension, e->fingerprint, e->sentence);
    }
    return used;
}

/* Take the next line off *lines. False at the end; *status tells of a line that is none. */
static bool next_line(const char **lines, fps_extension *out, fps_status *status) {
    char line[LINE], *field[FIELDS], *rest = line;
    size_t length = strcspn(*lines, "\n");
    int fields = 0;
    *status = FPS_OK;
    if (length == 0)
        return false;
    snprintf(line, sizeof line, "%.*s", (int)(length < LINE ? length : LINE - 1), *lines);
    *lines += length + ((*lines)[length] == '\n');
    while (fields < FIELDS && rest)
        field[fields++] = strsep(&rest, "\t");
    *out = (fps_extension){0};
    if (fields == FIELDS && !rest && (strcmp(field[0], kinds[0]) == 0 || strcmp(field[0], kinds[1]) == 0)) {
        out->kind = strcmp(field[0], kinds[0]) == 0 ? FPS_EXTENSION_ACTIVATION : FPS_EXTENSION_TARGET;
        snprintf(out->name, sizeof out->name, "%s", field[1]);
        snprintf(out->version, sizeof out->version, "%s", field[2]);
        snprintf(out->origin, sizeof out->origin, "%s", field[3]);
        out->odd = strcmp(field[4], "1") == 0;
        out->kink = atoi(field[5]);
        out->dimension = atoi(field[6]);
        out->fingerprint = strtoull(field[7], NULL, 16);
        snprintf(out->sentence, sizeof out->sentence, "%s", field[8]);
        *status = fps_register_check_version(out->name, out->version);
    } else {
        *status = fps_fail(FPS_ERROR_INPUT, "its list of extensions holds a line that is none: '%.80s'", line);
    }
    return true;
}

fps_status fps_extension_declare(const char *lines) {
    fps_extension there;
    fps_status status;
    while (next_line(&lines, &there, &status)) {
        FPS_TRY(status);
        const fps_extension *here = fps_extension_find(there.name);
        if (here && (here->kind != there.kind || strcmp(here->version, there.version) != 0))
            return fps_fail(FPS_ERROR_MISMATCH,
                            "it was made with %s '%s' version %s, but version %s is loaded here: look at it without, "
                            "and give another run another file",
                            kinds[there.kind], there.name, there.version, here->version);
        if (!here)
            FPS_TRY(fps_extension_add(&there, NULL, NULL));
    }
    return FPS_OK;
}

static void say(char *what, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(char *what, size_t size, const char *format, ...) {
    size_t used = strlen(what);
    va_list arguments;
    va_start(arguments, format);
    if (used > 0 && used + 2 < size)
        used += (size_t)snprintf(what + used, size - used, ", ");
    vsnprintf(what + used, size - used, format, arguments);
    va_end(arguments);
}

void fps_extension_compare(const char *lines, char *what, size_t size) {
    fps_extension there;
    fps_status status;
    what[0] = '\0';
    while (next_line(&lines, &there, &status)) {
        const fps_extension *here = status == FPS_OK ? fps_extension_find(there.name) : NULL;
        if (!here || !here->loaded)
            continue;
        if (strcmp(here->version, there.version) != 0)
            say(what, size, "%s '%s' version %s, now %s", kinds[there.kind], there.name, there.version, here->version);
        else if (here->fingerprint != there.fingerprint)
            say(what, size, "%s '%s' version %s of other values (fingerprint %016" PRIx64 ", now %016" PRIx64 ")",
                kinds[there.kind], there.name, there.version, there.fingerprint, here->fingerprint);
    }
}
