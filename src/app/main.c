/* main.c: fpsweep VERB ... The verbs are a table; each has a file of its own. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/document.h"
#include "app/files.h"
#include "app/terminal.h"

const fps_verb fps_verbs[] = {
    {.name = "run",
     .operands = "SWEEP.yaml -o FILE.h5",
     .sentence = "Run all tasks of a sweep, alone or on all ranks of mpirun or srun.",
     .details = "SIGUSR1 (and SIGTERM, where the launcher lets it through) stops in good order with exit status 75: "
                "tasks that run are saved, and the same command with --resume goes on. A second signal stops at once.",
     .least = 1,
     .most = 1,
     .computes = true,
     .required = "output",
     .option = fps_options_run,
     .run = fps_verb_run},
    {.name = "plan",
     .operands = "SWEEP.yaml",
     .sentence = "Tell what would run and what it would cost; nothing is trained, nothing is written.",
     .details =
         "Times are predicted from a calibration of this machine that takes under a second. The last lines are the "
         "command that submits the sweep to Slurm, ready for a shell.",
     .term = fps_terms_plan,
     .input = "SWEEP.yaml",
     .least = 1,
     .most = 1,
     .computes = true,
     .tells = true,
     .option = fps_options_plan,
     .run = fps_verb_plan},
    {.name = "status",
     .operands = "FILE.h5",
     .sentence = "Tell whether a run is alive, what is done, its rate and when it will end.",
     .details = "It only reads, and works from any machine that sees the file.",
     .input = "FILE.h5",
     .least = 1,
     .most = 1,
     .tells = true,
     .option = fps_options_status,
     .run = fps_verb_status},
    {.name = "show",
     .operands = "FILE.h5 [TASK]",
     .sentence = "List the tasks, or show one: parameters, outcome, trajectory as a heat map.",
     .details = "TASK is the number of a task, from 0, as the list without TASK shows it.",
     .input = "FILE.h5",
     .least = 1,
     .most = 2,
     .tells = true,
     .option = fps_options_show,
     .run = fps_verb_show},
    {.name = "analyze",
     .operands = "FILE.h5",
     .sentence = "Derive when each frequency was learnt and in what order, with uncertainties over seeds.",
     .details =
         "Tasks that differ only in seed or data_seed form a group; only done tasks count, and +- is the half-width of "
         "a "
         "95 % Student interval over the tasks of a group. What is derived follows from the sweep: the critical decay "
         "rate of sweeps with model: direct, or with such tasks beside trained ones; the retained share of networks "
         "with "
         "axes decay_rate and band_limit; the stages of sweeps that keep stages; else the order of learning, which "
         "--threshold or --amplitude ask for in any sweep of networks.",
     .term = fps_terms_analyze,
     .input = "FILE.h5",
     .least = 1,
     .most = 1,
     .tells = true,
     .option = fps_options_analyze,
     .run = fps_verb_analyze},
    {.name = "plot",
     .operands = "FILE.h5 FIGURE -o OUT.{png,svg,pdf,txt,gp}",
     .sentence = "Draw a figure with gnuplot, or write its data (.txt) or its script (.gp).",
     .details = "",
     .more = fps_verb_plot_more,
     .least = 2,
     .most = 2,
     .required = "output",
     .option = fps_options_plot,
     .run = fps_verb_plot},
    {.name = "verify",
     .operands = "FILE.h5",
     .sentence = "Check everything in a results file against its checksums and its sweep.",
     .details = "Exit status 0: sound; 1: findings, each told in one line; 2: the file cannot be read.",
     .input = "FILE.h5",
     .least = 1,
     .most = 1,
     .computes = true,
     .option = fps_options_verify,
     .run = fps_verb_verify},
    {.name = "merge",
     .operands = "-o OUT.h5 FILE.h5...",
     .sentence = "Join the parts of a sweep that were run with --shard into one results file.",
     .details = "Tasks that are in no file stay pending. Files of different sweeps, and tasks that two files tell "
                "differently, are refused; nothing is left behind then.",
     .least = 1,
     .most = 1000000,
     .required = "output",
     .option = fps_options_merge,
     .run = fps_verb_merge},
    {.name = "parameters",
     .operands = "[NAME]",
     .sentence = "Tell all parameters of a sweep file, or everything about one.",
     .details = "",
     .least = 0,
     .most = 1,
     .option = fps_options_parameters,
     .run = fps_verb_parameters},
    {.name = NULL},
};

/* Would this rank of a launcher only repeat what rank 0 prints? One whose output goes to a file of its own does not. */
static bool would_repeat(const fps_verb *verb) {
    struct stat output;
    return verb->tells && fps_launcher_rank() > 0 && fstat(STDOUT_FILENO, &output) == 0 && !S_ISREG(output.st_mode);
}

static int run_verb(const fps_verb *verb, int count, char **word, char **argv) {
    fps_command command;
    fps_status status = fps_command_parse(verb, count, word, &command);
    int exit_status = 0;
    if (status != FPS_OK)
        goto done;
    if (command.help) {
        fps_command_help_verb(verb);
        goto done;
    }
    if (would_repeat(verb))
        goto done;
    if (verb->input)
        status = fps_files_look(command.operand[0], verb->input);
    if (status == FPS_OK && verb->computes)
        status = fps_restart_if_needed(argv);
    if (status == FPS_OK)
        exit_status = verb->run(&command);
done:
    fps_command_release(&command);
    if (status == FPS_OK)
        return exit_status;
    return fps_report_once(status);
}

int main(int argc, char **argv) {
    setlocale(LC_ALL, "C"); /* numbers have points everywhere */
    fps_message_install(0);
    if (argc < 2)
        return fps_report_once(fps_fail(FPS_ERROR_USAGE, "say what to do: fpsweep --help lists the verbs"));
    const char *word = argv[1];
    if (strcmp(word, "help") == 0 && argc == 3) { /* help VERB */
        const fps_verb *verb = fps_command_find(argv[2]);
        if (!verb)
            return fps_report_once(FPS_ERROR_USAGE);
        fps_command_help_verb(verb);
        return 0;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        fps_command_help();
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        fps_status status = fps_restart_if_needed(argv);
        if (status != FPS_OK)
            return fps_report(status);
        fps_versions_print();
        fps_restart_remark();
        return 0;
    }
    if (strcmp(word, "--document") == 0) {
        fps_status status = fps_document_print(argv[2], stdout);
        return status == FPS_OK ? 0 : fps_report(status);
    }
    const fps_verb *verb = fps_command_find(word);
    if (!verb)
        return fps_report_once(FPS_ERROR_USAGE);
    int exit_status = run_verb(verb, argc - 2, argv + 2, argv);
    if (fflush(stdout) != 0) {
        fps_message("cannot write the output: the disk is full, or nobody reads it");
        return 1;
    }
    return exit_status;
}
