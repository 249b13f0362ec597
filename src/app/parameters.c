/* parameters.c: `fpsweep parameters`, the reference of all parameters, from the table that parses them. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/reference.h"
#include "app/terminal.h"
#include "fpsweep/extension.h"
#include "fpsweep/task.h"

const fps_option fps_options_parameters[] = {FPS_OPTION_PLUGIN, {.name = NULL}};

static const char *parameter_name(const void *context, int i) {
    (void)context;
    return i < fps_parameter_count ? fps_parameters[i].name : NULL;
}

/* Words that expressions of the coordinates know besides. */
static void print_targets(void) {
    for (int i = 0; i < fps_extension_count(); i++) {
        const fps_extension *e = fps_extension_at(i);
        char text[512];
        if (e->kind != FPS_EXTENSION_TARGET)
            continue;
        snprintf(text, sizeof text, "in an expression: %s (version %s, %s)", e->sentence, e->version, e->origin);
        printf("    %-16s ", e->name);
        fps_text_wrap(stdout, text, 21, 80);
    }
}

static void print_line(const char *label, const char *before, const char *text) {
    enum { INDENT = 11 };
    char line[512];
    snprintf(line, sizeof line, "%s%s", before, text);
    printf("  %-9s", label);
    fps_text_wrap(stdout, line, INDENT, 80);
}

static void print_one(const fps_parameter *p) {
    char kind[256];
    fps_reference_kind(p, kind, sizeof kind);
    printf("%s: ", p->name);
    fps_text_wrap(stdout, p->sentence, (int)strlen(p->name) + 2, 80);
    print_line("group", "", fps_reference_group((int)p->group));
    print_line("value", "", kind);
    print_line("default", "", fps_reference_default(p));
    if (strcmp(p->unit, "1") != 0)
        print_line("unit", "", p->unit);
    print_line("used", p->used_when[0] ? "when " : "always", p->used_when);
    for (int c = 0; p->choices && c < fps_choice_count(p->choices); c++) {
        char entry[64];
        fps_reference_entry(&p->choices->entry[c], entry, sizeof entry);
        printf("    %-16s ", entry);
        fps_text_wrap(stdout, p->choices->entry[c].sentence, 21, 80);
    }
    if (p->choices == &fps_table_target)
        print_targets();
}

static void print_all(void) {
    printf("Parameters of a sweep file; fpsweep parameters NAME tells everything about one.\n");
    for (int group = 0; fps_reference_group(group); group++) {
        printf("\n%s\n", fps_reference_group(group));
        for (int i = 0; i < fps_parameter_count; i++) {
            const fps_parameter *p = &fps_parameters[i];
            if ((int)p->group != group)
                continue;
            char text[512];
            snprintf(text, sizeof text, "%s [%s]", p->sentence, fps_reference_default(p));
            printf("  %-17s ", p->name);
            fps_text_wrap(stdout, text, 20, 80);
        }
    }
    printf("\nIn brackets: the default.\n");
}

int fps_verb_parameters(const fps_command *command) {
    fps_status loaded = fps_command_plugin(command);
    if (loaded != FPS_OK)
        return fps_report(loaded);
    if (command->operands == 0) {
        print_all();
        return 0;
    }
    const char *name = command->operand[0];
    int i = fps_parameter_find(name, -1);
    if (i < 0) {
        const char *near = fps_command_nearest(name, parameter_name, NULL);
        return fps_report(fps_fail(FPS_ERROR_USAGE, "there is no parameter '%s'%s%s%s", name,
                                   near ? "; did you mean '" : "; fpsweep parameters lists them", near ? near : "",
                                   near ? "'?" : ""));
    }
    print_one(&fps_parameters[i]);
    return 0;
}
