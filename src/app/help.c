/* help.c: the help of the program and of its verbs, from the tables that parse the command line. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/terminal.h"

static void print_option(const fps_option *option) {
    char left[64];
    int used =
        option->letter ? snprintf(left, sizeof left, "-%c, ", option->letter) : snprintf(left, sizeof left, "    ");
    snprintf(left + used, sizeof left - (size_t)used, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-24s", left);
    if (strlen(left) > 24)
        printf("\n  %-24s", "");
    fps_text_wrap(stdout, option->sentence, 26, 80);
}

void fps_command_help(void) {
    fps_text_wrap(stdout,
                  "fpsweep measures, over sweeps of hyperparameters, how fast neural networks learn each frequency.", 0,
                  80);
    printf(
        "\nusage: fpsweep VERB ...\n       mpirun -n RANKS fpsweep run ...\n       srun fpsweep run ...\n\nverbs:\n");
    for (const fps_verb *verb = fps_verbs; verb->name; verb++) {
        printf("  %-12s", verb->name);
        fps_text_wrap(stdout, verb->sentence, 14, 80);
    }
    printf("\nfpsweep VERB --help tells the options of a verb, fpsweep --version the versions\n"
           "of everything in use.\n"
           "\nexit status: 0 every task done or diverged; 1 a task failed, or a run-time\n"
           "             error; 2 wrong usage, sweep file or input file; 75 stopped early\n"
           "             in good order; 134 given up because a rank hung\n");
}

static void print_terms(const fps_term *term) {
    enum { INDENT = 20 };
    for (; term->name; term++) {
        if (!term->sentence) {
            printf("\n");
            fps_text_wrap(stdout, term->name, 0, 80);
            continue;
        }
        int column = printf("  %-17s ", term->name);
        if (column > INDENT)
            printf("\n%*s", INDENT, "");
        fps_text_wrap(stdout, term->sentence, INDENT, 80);
    }
}

void fps_command_help_verb(const fps_verb *verb) {
    printf("usage: fpsweep %s %s\n\n", verb->name, verb->operands);
    fps_text_wrap(stdout, verb->sentence, 0, 80);
    if (verb->details[0]) {
        printf("\n");
        fps_text_wrap(stdout, verb->details, 0, 80);
    }
    if (verb->more)
        verb->more();
    if (verb->term)
        print_terms(verb->term);
    printf("\noptions:\n");
    for (const fps_option *option = verb->option; option->name; option++)
        print_option(option);
    print_option(&(fps_option){"help", 'h', NULL, "Print this and exit."});
}
