/* document_bash.c: completion for bash, from the tables of verbs, options, figures and parameters. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/document.h"
#include "fpsweep/figure.h"
#include "fpsweep/task.h"

/* Words that an option takes, by what its argument is called. "" : file names. */
static const struct {
    const char *argument, *words;
} values[] = {{"WHICH", "recent all"}, {"OUTCOMES", "diverged failed diverged,failed"}};

/* Endings of the files that an argument or operand is: "h5", "yaml", "so"; several between spaces; NULL: no file. */
static const char *ending_of(const char *argument) {
    static const struct {
        const char *part, *ending;
    } files[] = {{".h5", "h5"}, {".yaml", "yaml"}, {".so", "so"}, {"OUT.png", "png svg pdf txt gp"}};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++)
        if (strstr(argument, files[f].part))
            return files[f].ending;
    return NULL;
}

static void print_value(FILE *stream, const fps_verb *verb, const fps_option *option) {
    const char *ending = ending_of(option->argument);
    fprintf(stream, "    '%s --%s'", verb->name, option->name);
    if (option->letter)
        fprintf(stream, " | '%s -%c'", verb->name, option->letter);
    fputs(") ", stream);
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        if (strcmp(values[v].argument, option->argument) == 0)
            fprintf(stream, "words='%s' ", values[v].words);
    if (ending)
        fprintf(stream, "files='%s' ", ending);
    fputs("value=1 ;;\n", stream);
}

static void print_operands(FILE *stream, const fps_verb *verb) {
    char first[64];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(verb->operands, " "), verb->operands);
    const char *ending = ending_of(strncmp(first, "-o", 2) == 0 ? "FILE.h5" : first);
    fprintf(stream, "    %s)\n        options='--help", verb->name);
    for (const fps_option *option = verb->option; option->name; option++)
        fprintf(stream, " --%s", option->name);
    fputs("'\n", stream);
    if (strcmp(verb->name, "parameters") == 0) {
        fputs("        words='", stream);
        for (int p = 0; p < fps_parameter_count; p++)
            fprintf(stream, "%s%s", p ? " " : "", fps_parameters[p].name);
        fputs("'\n", stream);
    } else if (ending) {
        fprintf(stream, "        files='%s'\n", ending);
    }
    if (strstr(verb->operands, "FIGURE")) {
        fputs("        figures='", stream);
        for (const fps_figure *figure = fps_figures; figure->name; figure++)
            fprintf(stream, "%s%s", figure == fps_figures ? "" : " ", figure->name);
        fputs("'\n", stream);
    }
    fputs("        ;;\n", stream);
}

void fps_document_bash(FILE *stream) {
    fputs("# bash completion for fpsweep; made by fpsweep --document bash\n"
          "_fpsweep() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}\n"
          "    local words='' files='' options='' figures='' value='' each\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        words='--help --version",
          stream);
    for (const fps_verb *verb = fps_verbs; verb->name; verb++)
        fprintf(stream, " %s", verb->name);
    fputs("'\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "        return\n"
          "    fi\n"
          "    case \"$verb $before\" in\n",
          stream);
    for (const fps_verb *verb = fps_verbs; verb->name; verb++)
        for (const fps_option *option = verb->option; option->name; option++)
            if (option->argument)
                print_value(stream, verb, option);
    fputs("    esac\n"
          "    if [ -z \"$value\" ]; then\n"
          "    case \"$verb\" in\n",
          stream);
    for (const fps_verb *verb = fps_verbs; verb->name; verb++)
        print_operands(stream, verb);
    fputs("    esac\n"
          "    fi\n"
          "    case \"$word\" in -*) words=$options files='' figures='' ;; esac\n"
          "    if [ -n \"$figures\" ]; then\n"
          "        for each in \"${COMP_WORDS[@]:2:COMP_CWORD-2}\"; do\n"
          "            case \"$each\" in *.h5) words=$figures files='' ;; esac\n"
          "        done\n"
          "    fi\n"
          "    [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    if [ -n \"$files\" ]; then\n"
          "        mapfile -t COMPREPLY < <(for each in $files; do compgen -f -X \"!*.$each\" -- \"$word\"; done\n"
          "            compgen -d -S / -- \"$word\")\n"
          "        compopt -o nospace 2>/dev/null\n"
          "        [ \"${#COMPREPLY[@]}\" -ne 1 ] || [[ ${COMPREPLY[0]} == */ ]] || compopt +o nospace 2>/dev/null\n"
          "    fi\n"
          "}\n"
          "complete -F _fpsweep fpsweep\n",
          stream);
}
