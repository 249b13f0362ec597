/* document_man1.c: the page fpsweep(1): verbs, options and figures from their tables. */
#include <stdio.h>

#include "app/command.h"
#include "app/document.h"
#include "fpsweep/figure.h"

static const struct {
    const char *name, *sentence;
} statuses[] = {{"0", "Every task is done or diverged."},
                {"1", "A task failed, a run-time error, or findings of verify."},
                {"2", "Wrong usage, sweep file or input file."},
                {"134", "Given up because a rank hung: the same command with --resume goes on."},
                {"75", "Stopped early in good order: the same command with --resume goes on."}},
  variables[] = {{"FPSWEEP_KERNELS", "Lowers the instruction set of the kernels: baseline, avx2 or avx512."},
                 {"OPENBLAS_CORETYPE",
                  "Is respected where it is set; else fpsweep starts itself again with the core that goes with "
                  "its kernels."},
                 {"FPSWEEP_DEBUG", "1: also tells what a start takes."},
                 {"NO_COLOR", "No colours, whatever the terminal can do."},
                 {"SLURM_JOB_END_TIME", "Set by Slurm: the run stops in good order before it."}},
  files[] = {
      {"FILE.h5", "The results: HDF5, which is netCDF-4 too; opens at any moment of a run and after any kill."},
      {"FILE.h5.lock", "Who writes; stays after a run and may be deleted then."},
      {"FILE.h5.checkpoint/", "Tasks that were running; goes when all is done."},
};

static void print_option(FILE *stream, const fps_option *option) {
    char term[96];
    int used = option->letter ? snprintf(term, sizeof term, "-%c, ", option->letter) : 0;
    snprintf(term + used, sizeof term - (size_t)used, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    fps_roff_term(stream, term, option->sentence);
}

static void print_verb(FILE *stream, const fps_verb *verb) {
    fprintf(stream, ".SS fpsweep %s ", verb->name);
    fps_roff_text(stream, verb->operands);
    fputc('\n', stream);
    fps_roff_text(stream, verb->sentence);
    fputc('\n', stream);
    fps_roff_paragraph(stream, verb->details);
    for (const fps_option *option = verb->option; option->name; option++)
        print_option(stream, option);
    for (const fps_term *term = verb->term; term && term->name; term++)
        if (term->sentence)
            fps_roff_term(stream, term->name, term->sentence);
        else
            fps_roff_paragraph(stream, term->name);
}

void fps_document_man1(FILE *stream) {
    fps_roff_begin(stream, "fpsweep", 1,
                   "measure, over sweeps of hyperparameters, how fast neural networks learn each frequency");
    fps_roff_section(stream, "SYNOPSIS");
    for (const fps_verb *verb = fps_verbs; verb->name; verb++) {
        fprintf(stream, "%s\\fBfpsweep %s\\fR ", verb == fps_verbs ? "" : ".br\n", verb->name);
        fps_roff_text(stream, verb->operands);
        fputs(verb->option->name ? " [options]\n" : "\n", stream);
    }
    fps_roff_section(stream, "DESCRIPTION");
    fps_roff_text(stream,
                  "A sweep file (YAML, see fpsweep-sweep(5)) names a grid of hyperparameters. fpsweep trains one "
                  "network for every point of it, on as many MPI ranks as there are, and writes the error at every "
                  "frequency over the steps of training into one HDF5 file.");
    fputc('\n', stream);
    fps_roff_example(stream,
                     "mpirun -n RANKS fpsweep run SWEEP.yaml -o FILE.h5\nsrun fpsweep run SWEEP.yaml -o FILE.h5");
    fps_roff_paragraph(stream,
                       "Results go to stdout, progress and messages to stderr. Durations are 90s, 15m, 1h30m, 2d. "
                       "--where takes expressions as in a sweep file. Every verb has --help; fpsweep --version "
                       "prints the versions of everything in use.");
    fps_roff_section(stream, "VERBS");
    for (const fps_verb *verb = fps_verbs; verb->name; verb++)
        print_verb(stream, verb);
    fps_roff_section(stream, "FIGURES");
    fps_roff_text(stream, "What fpsweep plot draws:\n");
    for (const fps_figure *figure = fps_figures; figure->name; figure++)
        fps_roff_term(stream, figure->name, figure->sentence);
    fps_roff_section(stream, "EXIT STATUS");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        fps_roff_term(stream, statuses[i].name, statuses[i].sentence);
    fps_roff_section(stream, "ENVIRONMENT");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        fps_roff_term(stream, variables[i].name, variables[i].sentence);
    fps_roff_section(stream, "FILES");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        fps_roff_term(stream, files[i].name, files[i].sentence);
    fps_roff_section(stream, "EXAMPLES");
    fps_roff_example(stream, "fpsweep plan sweep.yaml -n 64\n"
                             "mpirun -n 64 fpsweep run sweep.yaml -o f.h5\n"
                             "fpsweep status f.h5\n"
                             "fpsweep analyze f.h5 --where \"depth == 2\"\n"
                             "fpsweep plot f.h5 heatmap -o f.png");
    fps_roff_section(stream, "SEE ALSO");
    fputs("\\fBfpsweep\\-sweep\\fR(5), \\fBmpirun\\fR(1), \\fBsrun\\fR(1), \\fBncdump\\fR(1), \\fBgnuplot\\fR(1)\n",
          stream);
}
