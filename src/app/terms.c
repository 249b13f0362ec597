/* terms.c: the words of tables, explained: for the help of a verb and its man page. */
#include <stddef.h>

#include "app/command.h"

const fps_term fps_terms_plan[] = {
    {"The table of ranks:", NULL},
    {"wall time", "From the first task to the last, in a simulation of the run."},
    {"idle tail", "From the first rank that is out of work to the end."},
    {"useful", "Share of all ranks' time that goes into tasks."},
    {"The command to submit:", NULL},
    {"--mem-per-cpu", "Memory of the largest task and of the program, and a fifth more."},
    {"--time", "1.2 times the predicted wall time and 5 minutes; a day at most: the job then goes on by itself."},
    {NULL, NULL},
};

const fps_term fps_terms_analyze[] = {
    {"The order of learning, by group:", NULL},
    {"along", "In more than one dimension: the axis, or radial."},
    {"xi", "Frequency, cycles per unit length."},
    {"amplitude", "|F|/max|F| of the target; frequencies below --amplitude are left out."},
    {"tau",
     "First step, interpolated between records, at which the frequency error |H-F|/|F| is below --threshold. Its "
     "mean, if all tasks get there; its median, in which those that do not are later than all others."},
    {"censored", "Tasks that never get there, of those that are done."},
    {"error at the end", "Frequency error of the last record."},
    {"order of learning",
     "Kendall's rank correlation of xi and tau: 1 if low frequencies come first, without exception; "
     "of each task, then of the medians, with p of a chance order; pairs of medians that violate it."},
    {"Its rate, where three frequencies were learnt:", NULL},
    {"alpha_eff",
     "Exponent of tau ~ xi^alpha_eff, over all learnt frequencies and over windows of four; expected: of wide "
     "networks of one hidden layer of relu^s."},
    {"of the tangent",
     "The same of the task with linearised: yes, and its tau; tau / that: how much later the network is."},
    {"The critical decay rate alpha_c (model: direct, or networks beside it):", NULL},
    {"from M", "Lowest of three rungs; *: its points are not resolved in some data sets."},
    {"alpha_c - d", "Where theta, the exponent of the energy's fall over three rungs, crosses 0; less the dimension."},
    {"u", "Its uncertainty: 95 % over data sets, and the systematic deviation c_d/X0^2 of the lowest cut-off X0."},
    {"sd, sd X0/n",
     "Standard deviation over data sets; times X0 over samples, which is the same on all rungs if the spread "
     "comes from the lowest cut-off."},
    {"slope + 1", "Slope of theta over alpha, plus 1: 0 by theory."},
    {"Richardson", "alpha_c - d without its term in 1/X^2, from this and the line above."},
    {"n", "Data sets."},
    {"theta, E, norm",
     "By decay rate alpha: theta; exponents with which energy and norm fall between the last two rungs, each "
     "with its limit."},
    {"off data, spike", "The same of the interpolant far from the data, and of the width of its spikes."},
    {"naive alpha_c", "Zero of a line through the energy's exponents: what a fit without theta would say."},
    {"width's exponent",
     "Decay rate at which that of the spike is 1/2; deviation from collapse: of the kink from its law."},
    {"The retained share (axes decay_rate and band_limit):", NULL},
    {"V",
     "Share of the target that the network has on the grid: 1 the target, 0 spikes at the samples; by band limit M."},
    {"theta", "Exponent with which 1/V grows over three band limits; alpha_c: its zero."},
    {"loss left", "Largest training loss at the end, as a share of the first."},
    {"Stages (keep: stages, variation or update), by group and stage:", NULL},
    {"of",
     "L+ power of the residual above eta, V+ of dh/dt, R share in dL/dt, R_CS its Cauchy-Schwarz bound, TV variation "
     "of L+ by the fall of the loss."},
    {"exponent", "Of eta^-exponent, fitted from --eta-low to --eta-high."},
    {"expected, proved", "Of networks of relu^s; what the theory proves: at least 2 s - 1."},
    {"least", "Smallest exponent of any single record."},
    {"eta", "Range that was fitted, cycles per unit length."},
    {"p/s/u", "Tasks with a power law, steeper than any power, not resolved."},
    {NULL, NULL},
};
