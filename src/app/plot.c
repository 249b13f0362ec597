/* plot.c: `fpsweep plot`: figures of a results file. */
#include <stdio.h>
#include <string.h>

#include "app/files.h"
#include "app/selection.h"
#include "app/terminal.h"
#include "fpsweep/direction.h"
#include "fpsweep/figure.h"
#include "fpsweep/memory.h"

const fps_option fps_options_plot[] = {
    {"output", 'o', "OUT.png", "The file to write: .png, .svg, .pdf; .txt for the data, .gp for the gnuplot script."},
    FPS_OPTION_WHERE,
    {"along", '\0', "DIRECTION",
     "In more than one dimension, the direction of the frequencies that trajectories, heatmap, axes, tau and decay "
     "show: "
     "x1 (without this option), x2, x3, or radial, which joins all frequency vectors of one length."},
    {.name = NULL},
};

void fps_verb_plot_more(void) {
    static const char *const heading[FPS_FIGURE_KINDS] = {[FPS_FIGURE_NETWORK] = "figures",
                                                          [FPS_FIGURE_STAGES] = "figures of sweeps that keep stages",
                                                          [FPS_FIGURE_LADDER] =
                                                              "figures of networks with axes decay_rate and band_limit",
                                                          [FPS_FIGURE_DIRECT] = "figures of sweeps with model: direct"};
    for (int kind = 0; kind < FPS_FIGURE_KINDS; kind++) {
        printf("\n%s:\n", heading[kind]);
        for (const fps_figure *figure = fps_figures; figure->name; figure++) {
            if ((int)figure->kind != kind)
                continue;
            printf("  %-13s ", figure->name);
            fps_text_wrap(stdout, figure->sentence, 16, 80);
        }
    }
}

static const char *figure_name(const void *context, int i) {
    (void)context;
    return fps_figures[i].name;
}

static bool is_figure(const char *word) {
    for (const fps_figure *figure = fps_figures; figure->name; figure++)
        if (strcmp(figure->name, word) == 0)
            return true;
    return false;
}

/* Is the second operand a figure? */
static fps_status check_figure(const char *file, const char *name) {
    if (is_figure(name))
        return FPS_OK;
    const char *near = fps_command_nearest(name, figure_name, NULL);
    if (is_figure(file))
        return fps_fail(FPS_ERROR_USAGE, "the results file comes first: fpsweep plot %s %s -o OUT.png", name, file);
    return fps_fail(FPS_ERROR_USAGE, "there is no figure '%s'; %s%s%s", name,
                    near ? "did you mean '" : "fpsweep plot --help lists them", near ? near : "", near ? "'?" : "");
}

static const char *direction_name(const void *context, int i) {
    (void)context;
    return fps_direction_names[i];
}

/* Is what --along names a direction? Whether the tasks have it the figure says. */
static fps_status check_direction(const char *name) {
    for (int i = 0; name && fps_direction_names[i]; i++)
        if (strcmp(fps_direction_names[i], name) == 0)
            return FPS_OK;
    if (!name)
        return FPS_OK;
    const char *near = fps_command_nearest(name, direction_name, NULL);
    return fps_fail(FPS_ERROR_USAGE, "--along %s: there is no such direction; %s%s%s", name,
                    near ? "did you mean '" : "give x1, x2, x3 or radial", near ? near : "", near ? "'?" : "");
}

static fps_status plot(const fps_command *command) {
    const char *along = fps_command_option(command, "along");
    const char *output = fps_command_option(command, "output"), *name = command->operand[1];
    fps_reader *reader = NULL;
    bool *selected = NULL;
    int64_t count;
    fps_status status;
    FPS_TRY(check_figure(command->operand[0], name)); /* before a file of a figure's name is missed */
    FPS_TRY(check_direction(along));
    FPS_TRY(fps_files_look(command->operand[0], "FILE.h5"));
    FPS_TRY(fps_files_look_output(output, "OUT.png"));
    FPS_TRY_GOTO(status, fps_reader_open(command->operand[0], &reader), done);
    FPS_TRY_GOTO(status, fps_selection_read(command, fps_reader_plan(reader), &selected, &count), done);
    status = fps_figure_draw_along(reader, name, selected, along, output);
done:
    fps_free(selected);
    fps_reader_close(&reader);
    return status;
}

int fps_verb_plot(const fps_command *command) {
    fps_status status = plot(command);
    return status == FPS_OK ? 0 : fps_report(status);
}
