/* figure.c: from the name of a figure to a file. */
#include "fpsweep/figure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/drawing.h"
#include "fpsweep/direction.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

enum { WHOLE = false, DIRECTED = true };
const fps_figure fps_figures[] = {
#define X(word, about, extent, words)                                                                                  \
    {.name = #word, .sentence = words, .kind = FPS_FIGURE_##about, .directed = extent},
    FPS_FIGURE_LIST(X)
#undef X
        {.name = NULL},
};

static fps_status (*const draw_functions[])(fps_drawing *) = {
#define X(word, about, extent, words) fps_figure_##word,
    FPS_FIGURE_LIST(X)
#undef X
};

/* ---- the endings ---- */

/* Commands that choose the terminal for a page of width x height points. */
static void terminal_png(FILE *out, int width, int height) {
    fprintf(out,
            "if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) { set terminal pngcairo size %d,%d fontscale 1.6 linewidth "
            "1.6 pointscale 1.6 font 'Sans,10' enhanced background '#ffffff' } else { set terminal png size %d,%d "
            "enhanced }\n",
            width * 8 / 5, height * 8 / 5, width, height);
}

static void terminal_svg(FILE *out, int width, int height) {
    fprintf(out, "set terminal svg size %d,%d dynamic enhanced font 'Sans,12' background '#ffffff'\n", width, height);
}

static void terminal_pdf(FILE *out, int width, int height) {
    fprintf(out,
            "if (strstrt(GPVAL_TERMINALS, 'pdfcairo') == 0) { exit error 'this gnuplot cannot write pdf (Debian: "
            "install gnuplot-nox); .svg works' }\nset terminal pdfcairo size %.3fin,%.3fin enhanced font 'Sans,10' "
            "linewidth 1 background '#ffffff'\n",
            width / 96.0, height / 96.0);
}

typedef struct format {
    const char *name;
    void (*terminal)(FILE *out, int width, int height); /* NULL: data */
    bool draws;                                         /* gnuplot draws; else the script is the file */
} format;

static const format formats[] = {
    {".png", terminal_png, true}, {".svg", terminal_svg, true}, {".pdf", terminal_pdf, true},
    {".gp", terminal_png, false}, {".txt", NULL, false},
};

static const format *find_format(const char *path) {
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t n = strlen(formats[i].name);
        if (length > n && strcmp(path + length - n, formats[i].name) == 0)
            return &formats[i];
    }
    return NULL;
}

/* ---- writing ---- */

/* Write the whole script for a page: terminal, output, data, commands. */
static char *compose(const format *as, const fps_drawing *d, const char *output, const char *data, const char *script,
                     size_t *length) {
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    if (!out)
        return NULL;
    as->terminal(out, d->width, d->height);
    fprintf(out, "set output ");
    fps_drawing_quote(out, output);
    fprintf(out, "\n%s%sunset multiplot\nunset output\n", data, script);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Write a file in place of `path`, which is what a message names. */
static fps_status write_file(const char *temporary, const char *path, const char *text, size_t length) {
    FILE *file = fopen(temporary, "w");
    if (!file)
        return fps_fail(FPS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    bool good = fwrite(text, 1, length, file) == length;
    if (fclose(file) != 0 || !good)
        return fps_fail(FPS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    return FPS_OK;
}

/* "FIGURE.png" beside "FIGURE.gp". */
static void drawn_by_script(const char *path, char *buffer, size_t size) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    snprintf(buffer, size, "%.*s.png", (int)(strlen(name) - strlen(".gp")), name);
}

/* Write to a temporary name in the same folder, then replace `path` at once. */
static fps_status produce(const format *as, const fps_drawing *d, const char *path, const char *data,
                          const char *script) {
    char temporary[4200], drawn[512];
    char *text = NULL;
    size_t length = 0;
    fps_status status = FPS_OK;
    snprintf(temporary, sizeof temporary, "%.4000s.%ld.tmp", path, (long)getpid());
    if (as->draws) {
        /* gnuplot says nothing useful about a folder that is missing: try the name first */
        FPS_TRY(write_file(temporary, path, "", 0));
        text = compose(as, d, temporary, data, script, &length);
        status = text ? fps_gnuplot_run(text, length) : fps_fail(FPS_ERROR_MEMORY, "not enough memory for the figure");
    } else if (as->terminal) {
        drawn_by_script(path, drawn, sizeof drawn);
        text = compose(as, d, drawn, data, script, &length);
        status = text ? write_file(temporary, path, text, length)
                      : fps_fail(FPS_ERROR_MEMORY, "not enough memory for the figure");
    } else {
        status = write_file(temporary, path, data, strlen(data));
    }
    if (status == FPS_OK && rename(temporary, path) != 0)
        status = fps_fail(FPS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    if (status != FPS_OK)
        unlink(temporary);
    free(text);
    return status;
}

/* Count the selected tasks and those done, for the figure to say that a sweep is not complete. */
static void count_tasks(fps_drawing *d) {
    for (int64_t i = 0; i < fps_plan_count(d->plan); i++)
        if (!d->selected || d->selected[i]) {
            d->tasks++;
            d->done += d->learning->row[i].outcome == FPS_DONE;
            d->partial |= d->learning->row[i].outcome == FPS_PENDING;
        }
    if (d->partial)
        fps_log(FPS_LOG_NOTE, "%lld of %lld tasks are done", (long long)d->done, (long long)d->tasks);
}

/* Is the figure about the model of the sweep? */
static fps_status check_model(const fps_plan *plan, int which) {
    bool direct = fps_plan_record(plan)->keep & FPS_ONLY_DIRECT, wants = fps_figures[which].kind == FPS_FIGURE_DIRECT;
    if (direct == wants)
        return FPS_OK;
    char list[256] = "";
    for (int i = 0; fps_figures[i].name; i++)
        if ((fps_figures[i].kind == FPS_FIGURE_DIRECT) == direct) {
            size_t used = strlen(list);
            snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", fps_figures[i].name);
        }
    return fps_fail(FPS_ERROR_USAGE, "figure %s is about model %s; this sweep is of model %s, which has: %s",
                    fps_figures[which].name, wants ? "direct" : "network", direct ? "direct" : "network", list);
}

/* Does the figure show frequencies along one direction, and does every selected task have this one? */
static fps_status check_direction(const fps_plan *plan, int which, const bool *selected, const char *direction) {
    char list[256] = "";
    int name = 0;
    while (fps_direction_names[name] && strcmp(fps_direction_names[name], direction) != 0)
        name++;
    if (!fps_direction_names[name])
        return fps_fail(FPS_ERROR_USAGE, "there is no direction '%s': x1, x2, x3 or radial", direction);
    for (int i = 0; fps_figures[i].name && !fps_figures[which].directed; i++)
        if (fps_figures[i].directed)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "", fps_figures[i].name);
    if (*list)
        return fps_fail(FPS_ERROR_USAGE, "figure %s is not drawn along a direction; these are: %s",
                        fps_figures[which].name, list);
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_plan_task(plan, i, &task);
        if ((!selected || selected[i]) && fps_direction_find(&task, direction) < 0)
            return fps_fail(FPS_ERROR_USAGE, "there is no direction %s in task %lld: it has dimension %lld and %s",
                            direction, (long long)i, (long long)task.dimension,
                            task.dimension == 1   ? "x1 alone"
                            : task.dimension == 2 ? "x1, x2, radial"
                                                  : "x1, x2, x3, radial");
    }
    return FPS_OK;
}

fps_status fps_figure_draw(fps_reader *reader, const char *figure, const bool *selected, const char *path) {
    return fps_figure_draw_along(reader, figure, selected, NULL, path);
}

fps_status fps_figure_draw_along(fps_reader *reader, const char *figure, const bool *selected, const char *direction,
                                 const char *path) {
    int which = 0;
    while (fps_figures[which].name && strcmp(fps_figures[which].name, figure) != 0)
        which++;
    if (!fps_figures[which].name)
        return fps_fail(FPS_ERROR_USAGE, "there is no figure '%s'", figure);
    const format *as = find_format(path);
    if (!as)
        return fps_fail(FPS_ERROR_USAGE, "%s: the name of a figure ends with .png, .svg, .pdf, .txt or .gp", path);

    FPS_TRY(check_model(fps_reader_plan(reader), which));
    if (direction)
        FPS_TRY(check_direction(fps_reader_plan(reader), which, selected, direction));
    char *data = NULL, *script = NULL;
    size_t data_length = 0, script_length = 0;
    fps_status status;
    fps_drawing d = {.reader = reader,
                     .plan = fps_reader_plan(reader),
                     .selected = selected,
                     .text = !as->terminal,
                     .along = direction ? direction : fps_direction_names[0]};
    d.data = open_memstream(&data, &data_length);
    d.script = open_memstream(&script, &script_length);
    if (!d.data || !d.script) {
        status = fps_fail(FPS_ERROR_MEMORY, "not enough memory for the figure");
        goto done;
    }
    FPS_TRY_GOTO(status,
                 (fps_figures[which].kind == FPS_FIGURE_DIRECT ? fps_grouping_create_curves
                                                               : fps_grouping_create)(d.plan, selected, &d.grouping),
                 done);
    FPS_TRY_GOTO(status, fps_learning_create(reader, FPS_LEARNING_THRESHOLD, FPS_LEARNING_AMPLITUDE, &d.learning),
                 done);
    count_tasks(&d);
    FPS_TRY_GOTO(status, draw_functions[which](&d), done);
    if (fflush(d.data) != 0 || fflush(d.script) != 0) {
        status = fps_fail(FPS_ERROR_MEMORY, "not enough memory for the figure");
        goto done;
    }
    status = produce(as, &d, path, data, script);
done:
    fps_learning_destroy(&d.learning);
    fps_grouping_destroy(&d.grouping);
    if (d.data)
        fclose(d.data);
    if (d.script)
        fclose(d.script);
    free(data);
    free(script);
    return status;
}
