/* drawing.h: a figure in the making: panels on a page, data blocks, gnuplot commands. */
#ifndef FPSWEEP_ANALYSIS_DRAWING_H
#define FPSWEEP_ANALYSIS_DRAWING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fpsweep/grouping.h"
#include "fpsweep/learning.h"
#include "fpsweep/results.h"
#include "fpsweep/status.h"

/* Most panels of one figure; of more groups the first are drawn, and the figure says so. */
enum { FPS_DRAWING_PANELS = 16 };

typedef struct fps_drawing {
    fps_reader *reader;
    const fps_plan *plan;
    const bool *selected; /* NULL: all tasks */
    fps_grouping *grouping;
    fps_learning *learning;
    FILE *data;                    /* data blocks, defined before the commands */
    FILE *script;                  /* commands */
    bool text;                     /* the data blocks are the output: no gnuplot syntax around them */
    int64_t tasks, done;           /* of those selected */
    bool partial;                  /* some are still pending */
    bool started;                  /* the page has its title */
    const char *along;             /* the direction of what is drawn (direction.h); NULL: it has none */
    int panels, columns, rows;     /* columns: 0 before fps_drawing_begin if it shall choose */
    int panel_width, panel_height; /* points; 0 before fps_drawing_begin if it shall choose */
    int width, height;             /* of the page, in points of 1/96 inch */
    int bottom, row_gap;           /* room below for the labels of the x axis, between rows; 0: the usual */
    int legend_rows;               /* 0: one */
    int legend_height, right;      /* room below for a legend, at the right for a colour scale */
} fps_drawing;

/* The figures: X(name, kind, extent, sentence); kind: FPS_FIGURE_... (figure.h); extent: DIRECTED if it shows
 * frequencies along one direction, else WHOLE. Each is a function fps_figure_NAME in figure_NAME.c. `grouping` is that
 * of fps_grouping_create for networks, of fps_grouping_create_curves for the others.
 */
#define FPS_FIGURE_LIST(X)                                                                                             \
    X(trajectories, NETWORK, DIRECTED,                                                                                 \
      "Frequency error |H-F|/|F| against the step, both logarithmic: one line per frequency of the "                   \
      "target, the median over seeds with a band from the 10 % to the 90 % quantile; one panel per "                   \
      "group of tasks that differ only in their seeds.")                                                               \
    X(heatmap, NETWORK, DIRECTED, "|H-F|/max|F| by frequency and step, medians over seeds; one panel per group.")      \
    X(function, NETWORK, WHOLE,                                                                                        \
      "Target and network at several records (needs record: {keep: [function]}); one panel per group.")                \
    X(axes, NETWORK, DIRECTED,                                                                                         \
      "Frequency error at the end by axis values: medians and quartiles; one panel per axis, which pools over all "    \
      "other axes, seeds included (--where holds them fixed).")                                                        \
    X(tau, NETWORK, DIRECTED,                                                                                          \
      "First step with frequency error below 0.5 by axis values: medians and quartiles; one panel per axis, which "    \
      "pools over all other axes, seeds included (--where holds them fixed).")                                         \
    X(decay, NETWORK, DIRECTED,                                                                                        \
      "First step with frequency error below 0.5 against frequency, both logarithmic, with the effective decay rate: " \
      "medians, 10 % to 90 % over seeds, and where the sweep has linearised: yes the prediction; one panel per "       \
      "group.")                                                                                                        \
    X(share, STAGES, WHOLE,                                                                                            \
      "Share R of the frequencies from eta on in the loss's rate, and its bound R_CS, against eta, by stage: with "    \
      "the "                                                                                                           \
      "fitted slope and the provable one; one panel per group.")                                                       \
    X(stages, NETWORK, WHOLE, "The loss of every task with its stages marked; one panel per group.")                   \
    X(verdict, STAGES, WHOLE,                                                                                          \
      "The exponents of L+, V+ and R_CS of all groups and stages as a table, coloured by how they agree with theory.") \
    X(trained, LADDER, WHOLE,                                                                                          \
      "alpha_c from trained networks of depth 0 with a decay_rate (needs record: {keep: [multipliers]}) beside that "  \
      "of the solved problem on the same points, by band limit.")                                                      \
    X(retained, LADDER, WHOLE,                                                                                         \
      "Share of the target that networks have away from their samples, by decay_rate and band_limit (needs both "      \
      "axes and record: {keep: [spectrum]}); one panel per group.")                                                    \
    X(interpolants, DIRECT, WHOLE,                                                                                     \
      "The solutions on the measuring grid by decay rate and band limit (needs record: {keep: [function]} "            \
      "and a target that is an expression): lines in 1-D, colours in 2-D; the first data set of each group.")          \
    X(kink, DIRECT, WHOLE,                                                                                             \
      "Exponent of the energy, -dlogE/dlogX, against the decay rate for several band limits; its rounded kink at "     \
      "alpha = d and the naive line that misses it; one panel per group.")                                             \
    X(collapse, DIRECT, WHOLE,                                                                                         \
      "One sample in 1-D: the kinks of all band limits on one curve without a free parameter, and what "               \
      "deviates.")                                                                                                     \
    X(theta, DIRECT, WHOLE,                                                                                            \
      "theta = log(D'/D)/log(X'/X) against the decay rate, zero at alpha_c, with error bars over data sets; and "      \
      "alpha_c - d with its uncertainty by band limit.")                                                               \
    X(exponents, DIRECT, WHOLE, "Exponents of energy and norm against the decay rate with the kinks at d/2 and d.")    \
    X(spikes, DIRECT, WHOLE,                                                                                           \
      "Exponent of the spikes' width against the decay rate: 1/2 at the critical one (needs record: {keep: "           \
      "[spike]}).")

#define X(name, kind, extent, sentence) fps_status fps_figure_##name(fps_drawing *drawing);
FPS_FIGURE_LIST(X)
#undef X

typedef struct fps_legend_entry {
    char text[64], style[64]; /* style: "with lines lc rgb '#112233' lw 2" */
} fps_legend_entry;
/* Make room below for a legend of several rows, if it takes so many; `columns` (and the panels' size, if set) must be
 * known. Call before fps_drawing_begin. */
void fps_drawing_reserve_legend(fps_drawing *drawing, const fps_legend_entry *entry, int entries);

/* Lay out a page of so many panels, and write the title (from the sweep) and a subtitle, one line of plain text. */
void fps_drawing_begin(fps_drawing *drawing, int panels, const char *subtitle);
/* Place panel i on the page, titled; axis labels are written only at the left and lower edge. */
void fps_drawing_panel(fps_drawing *drawing, int i, const char *title, const char *x_label, const char *y_label);
/* Say in the panel placed last that there is nothing in it. */
void fps_drawing_panel_empty(fps_drawing *drawing);
/* Write the legend below the panels: one entry per curve. */
void fps_drawing_legend(fps_drawing *drawing, const fps_legend_entry *entry, int entries);

/* Begin and end a data block $NAME; the comment says in words what it holds and what the columns are. */
void fps_drawing_block_begin(fps_drawing *drawing, const char *name, const char *comment);
void fps_drawing_block_end(fps_drawing *drawing);
/* Write a number into a block: NaN as gnuplot reads it. */
void fps_drawing_number(fps_drawing *drawing, double value);

/* Ticks of a logarithmic x axis from `low` to `high`: gnuplot's, which are powers of ten, if there are two of these;
 * else at 1, 2, 3 and 5 times powers of ten. */
void fps_drawing_ticks(fps_drawing *drawing, double low, double high);

/* Write text into the script as a quoted gnuplot string. */
void fps_drawing_quote(FILE *stream, const char *text);

/* Say along which direction frequencies are shown: "along axis 1", "in the radial direction"; "" where there is one
 * alone, or none. */
const char *fps_drawing_direction(const fps_drawing *drawing, char buffer[32]);
/* First of the places r * K + k (learning.h) of the direction that is drawn, for a task, and for those of a group. */
int64_t fps_drawing_first_place(const fps_drawing *drawing, const fps_task *task);
int64_t fps_drawing_group_place(const fps_drawing *drawing, int64_t group);

/* Panels for groups: how many. Writes what the subtitle has to say about them: the axes with one value, which direction
 * is drawn, what the short titles of the panels are, that some are left out. */
int fps_drawing_group_panels(const fps_drawing *drawing, char *remark, size_t size);
/* Columns for panels of groups: one per value of the axis that varies fastest where these are 2 to 4 and every row gets
 * the same; else as many as look well. */
int fps_drawing_group_columns(const fps_drawing *drawing, int panels);
/* Title of the panel of a group: "depth=2 activation=tanh", or the values alone where that is too long. */
void fps_drawing_group_title(const fps_drawing *drawing, int64_t group, char *buffer, size_t size);

/* Run gnuplot on a script that writes `path`: FPS_ERROR_SYSTEM, with what to install, if it is missing or fails. */
fps_status fps_gnuplot_run(const char *script, size_t length);

#endif
