/* command.h: the command line as data. Each verb is one row of a table; parsing and help read the same rows. */
#ifndef FPSWEEP_APP_COMMAND_H
#define FPSWEEP_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "fpsweep/status.h"

enum { FPS_COMMAND_OPTIONS = 16 };

/* One option. A table of options ends with a NULL name. */
typedef struct fps_option {
    const char *name;     /* "output": given as --output FILE or --output=FILE */
    char letter;          /* 'o': also -o FILE; '\0': none */
    const char *argument; /* what follows, in capitals; NULL: a flag */
    const char *sentence;
} fps_option;

/* A word of a verb's output and what it means; without a sentence, the title of the terms that follow. A table of terms
 * ends with a NULL name. */
typedef struct fps_term {
    const char *name, *sentence;
} fps_term;

/* Of every verb that reads a sweep file or runs tasks. */
#define FPS_OPTION_PLUGIN                                                                                              \
    { "plugin", '\0', "FILE.so", "Load activations and targets of your own (fpsweep/extension.h); several: A.so:B.so." }

typedef struct fps_command fps_command;

/* One verb. */
typedef struct fps_verb {
    const char *name;
    const char *operands;                   /* "FILE.h5 [TASK]" */
    const char *sentence;                   /* starts with a capital letter, ends with a full stop */
    const char *details;                    /* further lines of its help; "" if none */
    void (*more)(void);                     /* prints the rest of its help; NULL: nothing */
    const fps_term *term;                   /* the words of its output; NULL: none */
    int least, most;                        /* number of operands */
    const char *input;                      /* the first operand is a file that must be there, so called; NULL: not so,
                                             * or looked at by the verb itself */
    bool computes;                          /* needs the kernels and OpenBLAS's core in order */
    bool tells;                             /* what it tells is the same on every rank: rank 0 is enough */
    const char *required;                   /* name of the option that must be given; NULL: none */
    const fps_option *option;               /* the table of its options */
    int (*run)(const fps_command *command); /* returns the exit status of the program */
} fps_verb;

/* All verbs, in the order of the help; ends with a NULL name. */
extern const fps_verb fps_verbs[];

/* A command line taken apart. Strings are borrowed from argv. */
struct fps_command {
    const fps_verb *verb;
    const char *value[FPS_COMMAND_OPTIONS]; /* by the place of the option in the verb's table; NULL: not given */
    const char **operand;                   /* operand[operands]; owned */
    int operands;
    bool help;
};

/* Take the words after the verb apart. FPS_ERROR_USAGE, with the nearest known name, on a mistake. */
fps_status fps_command_parse(const fps_verb *verb, int count, char **word, fps_command *out);
void fps_command_release(fps_command *command);

/* Argument of an option; "" for a flag that was given; NULL if it was not given. */
const char *fps_command_option(const fps_command *command, const char *name);

/* Argument of an option as an integer within bounds; `fallback` if it was not given. */
fps_status fps_command_integer(const fps_command *command, const char *name, int64_t minimum, int64_t maximum,
                               int64_t fallback, int64_t *out);
fps_status fps_command_real(const fps_command *command, const char *name, double minimum, double maximum,
                            double fallback, double *out);

/* Argument of an option as a duration, s: "90s", "15m", "1.5h", "1h30m", "2d". */
fps_status fps_command_duration(const fps_command *command, const char *name, double fallback_s, double *out);

/* Load what --plugin names, if it is given. */
fps_status fps_command_plugin(const fps_command *command);

/* Print the help of the program, of a verb. */
void fps_command_help(void);
void fps_command_help_verb(const fps_verb *verb);

/* Find a verb; NULL, with a message that names the nearest, if there is none. */
const fps_verb *fps_command_find(const char *name);

/* The candidate nearest to `name` (Damerau-Levenshtein distance), or NULL if none is near. `next` returns candidate i,
 * NULL after the last. */
const char *fps_command_nearest(const char *name, const char *(*next)(const void *context, int i), const void *context);

/* One function per verb, each in its own file. */
int fps_verb_run(const fps_command *command);
int fps_verb_plan(const fps_command *command);
int fps_verb_status(const fps_command *command);
int fps_verb_show(const fps_command *command);
int fps_verb_analyze(const fps_command *command);
int fps_verb_plot(const fps_command *command);
int fps_verb_verify(const fps_command *command);
int fps_verb_merge(const fps_command *command);
int fps_verb_parameters(const fps_command *command);
void fps_verb_plot_more(void);

extern const fps_option fps_options_run[], fps_options_plan[], fps_options_status[], fps_options_show[],
    fps_options_analyze[], fps_options_plot[], fps_options_verify[], fps_options_merge[], fps_options_parameters[];

extern const fps_term fps_terms_analyze[], fps_terms_plan[];

/* Print versions of everything, the kernel class and the BLAS core. */
void fps_versions_print(void);
/* "hdf5 1.10.8, openblas 0.3.21, ..."; borrowed. */
const char *fps_versions_libraries(void);
/* Host name and processor; borrowed. */
const char *fps_versions_machine(void);

/* Put the kernel class in force, and if OpenBLAS's core or number of threads does not fit, start the program again by
 * exec with the environment that makes them fit. Returns FPS_OK in the process that may go on. Call before MPI_Init. */
fps_status fps_restart_if_needed(char **argv);
/* Print, once, what is to be said about a core that does not fit; on rank 0, after what the user gave was found good.
 */
void fps_restart_remark(void);

#endif
