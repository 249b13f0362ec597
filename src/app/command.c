/* command.c: taking a command line apart. */
#include "app/command.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/extension.h"
#include "fpsweep/memory.h"

static const char *verb_name(const void *context, int i) {
    (void)context;
    return fps_verbs[i].name;
}

/* Verbs, and what stands in place of one. */
static const char *first_word(const void *context, int i) {
    static const char *const words[] = {"--help", "--version"};
    enum { WORDS = sizeof words / sizeof *words };
    return i < WORDS ? words[i] : verb_name(context, i - WORDS);
}

static const char *option_name(const void *context, int i) {
    return ((const fps_option *)context)[i].name;
}

const fps_verb *fps_command_find(const char *name) {
    for (const fps_verb *verb = fps_verbs; verb->name; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    const char *near = fps_command_nearest(name, first_word, NULL);
    fps_fail(FPS_ERROR_USAGE, "unknown verb '%s'; %s%s%s", name, near ? "did you mean '" : "fpsweep --help lists them",
             near ? near : "", near ? "'?" : "");
    return NULL;
}

/* Keep the value of option i; each may be given once. */
static fps_status keep(fps_command *out, int i, const char *value) {
    if (out->value[i])
        return fps_fail(FPS_ERROR_USAGE, "option --%s is given twice", out->verb->option[i].name);
    out->value[i] = value;
    return FPS_OK;
}

static fps_status unknown_option(const fps_verb *verb, const char *word, const char *name) {
    const char *near = fps_command_nearest(name, option_name, verb->option);
    if (near)
        return fps_fail(FPS_ERROR_USAGE, "unknown option '%s' of %s; did you mean '--%s'?", word, verb->name, near);
    return fps_fail(FPS_ERROR_USAGE, "unknown option '%s' of %s; see fpsweep %s --help", word, verb->name, verb->name);
}

/* "--name", "--name=value", "--name value". Advances *at over a value taken from the next word. */
static fps_status parse_long(fps_command *out, int count, char **word, int *at) {
    const char *text = word[*at] + 2, *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : strlen(text);
    const fps_option *table = out->verb->option;
    for (int i = 0; table[i].name; i++) {
        if (strlen(table[i].name) != length || strncmp(table[i].name, text, length) != 0)
            continue;
        if (!table[i].argument)
            return equals ? fps_fail(FPS_ERROR_USAGE, "option --%s takes no value", table[i].name) : keep(out, i, "");
        if (equals)
            return keep(out, i, equals + 1);
        if (*at + 1 >= count)
            return fps_fail(FPS_ERROR_USAGE, "option --%s needs a value: --%s %s", table[i].name, table[i].name,
                            table[i].argument);
        return keep(out, i, word[++*at]);
    }
    char name[64] = "";
    strncat(name, text, length < sizeof name - 1 ? length : sizeof name - 1);
    return unknown_option(out->verb, word[*at], name);
}

/* "-o value", "-ovalue". */
static fps_status parse_short(fps_command *out, int count, char **word, int *at) {
    const char *text = word[*at] + 1;
    const fps_option *table = out->verb->option;
    for (int i = 0; table[i].name; i++) {
        if (table[i].letter != text[0])
            continue;
        if (!table[i].argument)
            return text[1] ? unknown_option(out->verb, word[*at], text) : keep(out, i, "");
        if (text[1])
            return keep(out, i, text[1] == '=' ? text + 2 : text + 1);
        if (*at + 1 >= count)
            return fps_fail(FPS_ERROR_USAGE, "option -%c needs a value: -%c %s", text[0], text[0], table[i].argument);
        return keep(out, i, word[++*at]);
    }
    return unknown_option(out->verb, word[*at], text);
}

static fps_status check_complete(const fps_command *command) {
    const fps_verb *verb = command->verb;
    if (command->operands < verb->least)
        return fps_fail(FPS_ERROR_USAGE, "%s needs %s: fpsweep %s %s", verb->name,
                        command->operands ? "more than that" : "to be told what to work on", verb->name,
                        verb->operands);
    if (command->operands > verb->most)
        return fps_fail(FPS_ERROR_USAGE, "'%s' is one word too many: fpsweep %s %s", command->operand[verb->most],
                        verb->name, verb->operands);
    if (verb->required && !fps_command_option(command, verb->required))
        return fps_fail(FPS_ERROR_USAGE, "%s needs --%s: fpsweep %s %s", verb->name, verb->required, verb->name,
                        verb->operands);
    return FPS_OK;
}

fps_status fps_command_parse(const fps_verb *verb, int count, char **word, fps_command *out) {
    memset(out, 0, sizeof *out);
    out->verb = verb;
    FPS_TRY(FPS_ALLOC(out->operand, count));
    bool options_end = false;
    for (int i = 0; i < count; i++) {
        const char *text = word[i];
        if (options_end || text[0] != '-' || text[1] == '\0')
            out->operand[out->operands++] = text;
        else if (strcmp(text, "--") == 0)
            options_end = true;
        else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
            out->help = true;
        else if (text[1] == '-')
            FPS_TRY(parse_long(out, count, word, &i));
        else
            FPS_TRY(parse_short(out, count, word, &i));
    }
    return out->help ? FPS_OK : check_complete(out);
}

void fps_command_release(fps_command *command) {
    fps_free(command->operand);
    command->operand = NULL;
}

const char *fps_command_option(const fps_command *command, const char *name) {
    for (int i = 0; command->verb->option[i].name; i++)
        if (strcmp(command->verb->option[i].name, name) == 0)
            return command->value[i];
    return NULL;
}

fps_status fps_command_integer(const fps_command *command, const char *name, int64_t minimum, int64_t maximum,
                               int64_t fallback, int64_t *out) {
    const char *text = fps_command_option(command, name);
    *out = fallback;
    if (!text)
        return FPS_OK;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || value < minimum || value > maximum)
        return fps_fail(FPS_ERROR_USAGE, "--%s %s: expected a whole number from %lld to %lld", name, text,
                        (long long)minimum, (long long)maximum);
    *out = value;
    return FPS_OK;
}

fps_status fps_command_real(const fps_command *command, const char *name, double minimum, double maximum,
                            double fallback, double *out) {
    const char *text = fps_command_option(command, name);
    *out = fallback;
    if (!text)
        return FPS_OK;
    char *end;
    double value = strtod(text, &end);
    const bool good = end != text && *end == '\0' && value >= minimum && value <= maximum;
    if (!good && minimum > 0 && minimum <= 1e-300)
        return fps_fail(FPS_ERROR_USAGE, "--%s %s: expected a number above 0", name, text);
    if (!good)
        return fps_fail(FPS_ERROR_USAGE, "--%s %s: expected a number from %g to %g", name, text, minimum, maximum);
    *out = value;
    return FPS_OK;
}

fps_status fps_command_plugin(const fps_command *command) {
    const char *path = fps_command_option(command, "plugin");
    return path ? fps_plugin_load(path) : FPS_OK;
}
