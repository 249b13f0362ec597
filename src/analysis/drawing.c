/* drawing.c: panels on a page, data blocks, gnuplot commands. */
#include "analysis/drawing.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "analysis/palette.h"
#include "fpsweep/direction.h"
#include "fpsweep/log.h"

/* Sizes in points of 1/96 inch. */
enum {
    PANEL_WIDTH = 330,
    PANEL_HEIGHT = 230,
    ALONE_WIDTH = 720, /* of a figure with one panel */
    ALONE_HEIGHT = 430,
    LEFT = 78,
    RIGHT = 24,
    BOTTOM = 56,
    TOP = 78,
    GAP_X = 52,
    GAP_Y = 56,
    LEGEND_ROW = 20,
    LONGEST_VALUE = 20 /* characters of a value in a short title */
};

void fps_drawing_quote(FILE *stream, const char *text) {
    fputc('\'', stream);
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            fputc('\'', stream);
        fputc(*c == '\n' || *c == '\t' ? ' ' : *c, stream);
    }
    fputc('\'', stream);
}

/* Write a quoted text cut to `most` bytes, at a character's border. */
static void quote_cut(FILE *stream, const char *text, size_t most) {
    char cut[512];
    snprintf(cut, sizeof cut, "%s", text);
    if (strlen(text) > most && most + 4 < sizeof cut) {
        while (most > 0 && ((unsigned char)cut[most] & 0xc0) == 0x80)
            most--;
        strcpy(cut + most, "...");
    }
    fps_drawing_quote(stream, cut);
}

static double panel_width(const fps_drawing *d) {
    return d->panel_width ? d->panel_width : d->panels == 1 ? ALONE_WIDTH : PANEL_WIDTH;
}

/* Characters that fit above a panel. */
static size_t title_room(const fps_drawing *d, int panels) {
    int width = d->panel_width ? d->panel_width : PANEL_WIDTH;
    return (size_t)((panels == 1 ? ALONE_WIDTH : width + GAP_X - 16) / 7.3);
}

static double panel_height(const fps_drawing *d) {
    return d->panel_height ? d->panel_height : d->panels == 1 ? ALONE_HEIGHT : PANEL_HEIGHT;
}

static int usual_columns(int panels) {
    return panels <= 3 ? panels : panels == 4 ? 2 : panels <= 9 ? 3 : 4;
}

void fps_drawing_begin(fps_drawing *d, int panels, const char *subtitle) {
    char whole[1024] = "";
    if (d->partial)
        snprintf(whole, sizeof whole, "%lld of %lld tasks are done. ", (long long)d->done, (long long)d->tasks);
    strncat(whole, subtitle, sizeof whole - strlen(whole) - 1);
    d->panels = panels;
    d->bottom = d->bottom ? d->bottom : BOTTOM;
    d->row_gap = d->row_gap ? d->row_gap : GAP_Y;
    if (d->columns == 0)
        d->columns = usual_columns(panels);
    d->rows = (panels + d->columns - 1) / d->columns;
    double w = panel_width(d), h = panel_height(d);
    d->width = (int)(LEFT + d->columns * w + (d->columns - 1) * GAP_X + RIGHT + d->right);
    d->height = (int)(TOP + d->rows * h + (d->rows - 1) * d->row_gap + d->bottom + d->legend_height);
    const char *about = fps_plan_about(d->plan), *name = fps_plan_name(d->plan);
    fprintf(d->script,
            "set encoding utf8\n"
            "set border 3 lc rgb '#444444'\n"
            "set tics nomirror scale 0.5 textcolor rgb '#444444'\n"
            "set grid xtics ytics lt 1 lc rgb '#e2e2e2' lw 0.7\n"
            "unset key\n"
            "set palette maxcolors 0 %s\n"
            "set multiplot\n",
            fps_palette_gnuplot());
    /* A long title is set smaller, a very long one is cut. Widths of a character: 0.68 of the size. */
    const char *title = about[0] ? about : name;
    double size = (d->width - 60) / (0.68 * (double)(strlen(title) + 1));
    size = size > 14 ? 14 : size < 9.5 ? 9.5 : size;
    fprintf(d->script, "set label 1 ");
    quote_cut(d->script, title, (size_t)((d->width - 60) / (0.68 * size)));
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',%.1f' noenhanced\n", LEFT * 0.35 / d->width,
            1 - 20.0 / d->height, size);
    fprintf(d->script, "set label 2 ");
    quote_cut(d->script, whole, (size_t)((d->width - 50) / 6.6));
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',9.5' textcolor rgb '#666666' noenhanced\n",
            LEFT * 0.35 / d->width, 1 - 42.0 / d->height);
}

void fps_drawing_panel(fps_drawing *d, int i, const char *title, const char *x_label, const char *y_label) {
    double w = panel_width(d), h = panel_height(d);
    int column = i % d->columns, row = i / d->columns;
    double left = LEFT + column * (w + GAP_X);
    double bottom = d->height - TOP - h - row * (h + d->row_gap);
    if (d->started)
        fprintf(d->script, "unset label 1\nunset label 2\n");
    d->started = true;
    fprintf(d->script,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\nset bmargin at screen %.5f\nset tmargin at screen "
            "%.5f\n",
            left / d->width, (left + w) / d->width, bottom / d->height, (bottom + h) / d->height);
    fprintf(d->script, "unset label 4\nset label 3 ");
    quote_cut(d->script, title, title_room(d, d->panels));
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',10' noenhanced\n", left / d->width,
            (bottom + h + 11) / d->height);
    bool lowest = i + d->columns >= d->panels;
    fprintf(d->script, "set xlabel ");
    fps_drawing_quote(d->script, lowest ? x_label : "");
    fprintf(d->script, " noenhanced textcolor rgb '#222222'\nset ylabel ");
    fps_drawing_quote(d->script, column == 0 ? y_label : "");
    fprintf(d->script, " noenhanced textcolor rgb '#222222'\n");
}

void fps_drawing_panel_empty(fps_drawing *d) {
    fprintf(d->script, "set label 4 '%s' at graph 0.5, graph 0.5 center font ',9.5' textcolor rgb '#888888'\n",
            d->partial ? "nothing yet" : "no task is done");
}

void fps_drawing_reserve_legend(fps_drawing *d, const fps_legend_entry *entry, int entries) {
    size_t longest = 0;
    for (int i = 0; i < entries; i++)
        longest = strlen(entry[i].text) > longest ? strlen(entry[i].text) : longest;
    double width = d->columns * (panel_width(d) + GAP_X) + LEFT, column = 6.6 * (double)longest + 48;
    int per_row = width > column ? (int)(width / column) : 1;
    d->legend_rows = (entries + per_row - 1) / per_row;
    d->legend_height = 14 + LEGEND_ROW * d->legend_rows;
}

void fps_drawing_legend(fps_drawing *d, const fps_legend_entry *entry, int entries) {
    if (entries == 0)
        return;
    fprintf(d->script,
            "unset label\nset lmargin at screen %.5f\nset rmargin at screen %.5f\nset bmargin at screen 0\nset tmargin "
            "at screen %.5f\n"
            "unset logscale\nunset border\nunset tics\nunset grid\nset xlabel ''\nset ylabel ''\nset xrange "
            "[0:1]\nset yrange [0:1]\n"
            "set key at screen 0.5, screen %.5f center center horizontal Left reverse maxrows %d samplen 1.6 width -1 "
            "font ',9.5' noenhanced "
            "textcolor rgb '#222222'\nplot ",
            10.0 / d->width, 1 - 10.0 / d->width, (double)d->legend_height / d->height,
            0.5 * d->legend_height / d->height, d->legend_rows ? d->legend_rows : 1);
    for (int i = 0; i < entries; i++) {
        fprintf(d->script, "%sNaN %s title ", i ? ", " : "", entry[i].style);
        fps_drawing_quote(d->script, entry[i].text);
    }
    fprintf(d->script, "\n");
}

void fps_drawing_block_begin(fps_drawing *d, const char *name, const char *comment) {
    fprintf(d->data, d->text ? "# %s: " : "$%s << EOD\n# ", name);
    for (const char *c = comment; *c; c++) /* a comment is one line */
        fputc(*c == '\n' ? ' ' : *c, d->data);
    fputc('\n', d->data);
}

void fps_drawing_block_end(fps_drawing *d) {
    fprintf(d->data, d->text ? "\n\n" : "EOD\n");
}

void fps_drawing_number(fps_drawing *d, double value) {
    if (isfinite(value))
        fprintf(d->data, " %.7g", value);
    else
        fprintf(d->data, " NaN");
}

static int group_panels(const fps_drawing *d) {
    return d->grouping->groups < FPS_DRAWING_PANELS ? (int)d->grouping->groups : FPS_DRAWING_PANELS;
}

/* Is the full label of some group too long for its panel? Then all panels have short titles. */
static bool needs_short_titles(const fps_drawing *d) {
    int panels = group_panels(d);
    for (int g = 0; g < panels; g++)
        if ((size_t)fps_grouping_label(d->grouping, g, true, NULL, 0) > title_room(d, panels))
            return true;
    return false;
}

void fps_drawing_group_title(const fps_drawing *d, int64_t group, char *buffer, size_t size) {
    if (!needs_short_titles(d)) {
        fps_grouping_label(d->grouping, group, true, buffer, size);
        return;
    }
    fps_task task;
    fps_plan_task(d->plan, fps_grouping_task(d->grouping, group, 0), &task);
    size_t used = 0;
    buffer[0] = '\0';
    for (int a = 0; a < d->grouping->axes; a++) {
        const fps_parameter *parameter = &fps_parameters[d->grouping->axis[a]];
        char value[128] = "-";
        if (!d->grouping->varies[a])
            continue;
        if (fps_parameter_used(parameter, &task))
            fps_parameter_format(parameter, &task, value, sizeof value);
        if (strlen(value) > LONGEST_VALUE) /* a target, say: what tells panels apart must not push the rest out */
            strcpy(value + LONGEST_VALUE - 2, "..");
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "", value);
        used = used < size ? used : size - 1;
    }
}

void fps_drawing_ticks(fps_drawing *d, double low, double high) {
    static const int step[] = {1, 2, 3, 5};
    const int first = (int)floor(log10(low)), last = (int)floor(log10(high));
    const char *before = "set xtics (";
    if (last - first >= 2 || (last > first && pow(10, first) >= low)) {
        fprintf(d->script, "set xtics autofreq\n");
        return;
    }
    for (int power = first; power <= last; power++)
        for (size_t s = 0; s < sizeof step / sizeof *step; s++) {
            const double at = step[s] * pow(10, power);
            if (at < low || at > high)
                continue;
            fprintf(d->script, "%s%.7g", before, at);
            before = ", ";
        }
    fprintf(d->script, *before == ',' ? ")\n" : "set xtics autofreq\n");
}

/* Add formatted text to the end of a string of at most `size` bytes. */
static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

const char *fps_drawing_direction(const fps_drawing *d, char buffer[32]) {
    const bool radial = d->along && strcmp(d->along, "radial") == 0;
    if (!d->along || fps_plan_extent(d->plan)->size[FPS_DIRECTION] == 1)
        buffer[0] = '\0';
    else
        snprintf(buffer, 32, radial ? "in the radial direction" : "along axis %s", d->along + 1);
    return buffer;
}

int64_t fps_drawing_first_place(const fps_drawing *d, const fps_task *task) {
    return fps_direction_find(task, d->along) * fps_plan_record(d->plan)->frequencies;
}

int64_t fps_drawing_group_place(const fps_drawing *d, int64_t group) {
    fps_task task;
    fps_plan_task(d->plan, fps_grouping_task(d->grouping, group, 0), &task);
    return fps_drawing_first_place(d, &task);
}

int fps_drawing_group_panels(const fps_drawing *d, char *remark, size_t size) {
    int panels = group_panels(d);
    char fixed[200], direction[32];
    remark[0] = '\0';
    if (fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed) > 0)
        append(remark, size, "; %s", fixed);
    if (*fps_drawing_direction(d, direction))
        append(remark, size, "; %s", direction);
    if (needs_short_titles(d)) {
        const char *before = "; panels: ";
        for (int a = 0; a < d->grouping->axes; a++)
            if (d->grouping->varies[a]) {
                append(remark, size, "%s%s", before, fps_parameters[d->grouping->axis[a]].name);
                before = ", ";
            }
    }
    if (d->grouping->groups > panels) {
        append(remark, size, "; the first %d of %lld groups", panels, (long long)d->grouping->groups);
        fps_log(FPS_LOG_NOTE, "the figure shows the first %d of %lld groups: choose others with --where", panels,
                (long long)d->grouping->groups);
    }
    return panels;
}

/* The factor that varies fastest from group to group; -1 if there are no two that vary. */
static int fastest_factor(const fps_drawing *d) {
    int fastest = -1, varying = 0;
    for (int f = 0; f < fps_plan_factors(d->plan); f++) {
        const int64_t first = fps_plan_coordinate(d->plan, fps_grouping_task(d->grouping, 0, 0), f);
        bool varies = false;
        for (int64_t g = 1; g < d->grouping->groups && !fps_grouping_is_seed(d->plan, f); g++)
            varies |= fps_plan_coordinate(d->plan, fps_grouping_task(d->grouping, g, 0), f) != first;
        fastest = varies ? f : fastest;
        varying += varies;
    }
    return varying > 1 ? fastest : -1;
}

static int64_t group_coordinate(const fps_drawing *d, int group, int factor) {
    return fps_plan_coordinate(d->plan, fps_grouping_task(d->grouping, group, 0), factor);
}

/* Do the panels, in rows of so many, have the same coordinates of a factor in every row, each once? */
static bool are_rows(const fps_drawing *d, int factor, int panels, int columns) {
    for (int g = 1; g < panels; g++) {
        const int64_t at = group_coordinate(d, g, factor);
        if (g < columns ? at <= group_coordinate(d, g - 1, factor) : at != group_coordinate(d, g % columns, factor))
            return false;
    }
    return panels % columns == 0;
}

int fps_drawing_group_columns(const fps_drawing *d, int panels) {
    const int factor = fastest_factor(d);
    for (int columns = 4; columns >= 2 && factor >= 0; columns--)
        if (columns <= panels && are_rows(d, factor, panels, columns))
            return columns;
    return usual_columns(panels);
}
