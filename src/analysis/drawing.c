/* drawing.c: panels on a page, data blocks, gnuplot commands. */
#include "analysis/drawing.h"

#include <math.h>
#include <string.h>

#include "analysis/palette.h"
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
    LEGEND = 34
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

static double panel_height(const fps_drawing *d) {
    return d->panel_height ? d->panel_height : d->panels == 1 ? ALONE_HEIGHT : PANEL_HEIGHT;
}

void fps_drawing_begin(fps_drawing *d, int panels, const char *subtitle) {
    d->panels = panels;
    d->bottom = d->bottom ? d->bottom : BOTTOM;
    if (d->columns == 0)
        d->columns = panels <= 3 ? panels : panels == 4 ? 2 : panels <= 9 ? 3 : 4;
    d->rows = (panels + d->columns - 1) / d->columns;
    double w = panel_width(d), h = panel_height(d);
    d->width = (int)(LEFT + d->columns * w + (d->columns - 1) * GAP_X + RIGHT + d->right);
    d->height = (int)(TOP + d->rows * h + (d->rows - 1) * (GAP_Y - BOTTOM + d->bottom) + d->bottom + d->legend_height);
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
    fprintf(d->script, "set label 1 ");
    quote_cut(d->script, about[0] ? about : name, (size_t)d->width / 9);
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',14' noenhanced\n", LEFT * 0.35 / d->width,
            1 - 20.0 / d->height);
    fprintf(d->script, "set label 2 ");
    quote_cut(d->script, subtitle, (size_t)d->width / 6);
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',9.5' textcolor rgb '#666666' noenhanced\n",
            LEFT * 0.35 / d->width, 1 - 42.0 / d->height);
}

void fps_drawing_panel(fps_drawing *d, int i, const char *title, const char *x_label, const char *y_label) {
    double w = panel_width(d), h = panel_height(d);
    int column = i % d->columns, row = i / d->columns;
    double left = LEFT + column * (w + GAP_X);
    double bottom = d->height - TOP - h - row * (h + GAP_Y - BOTTOM + d->bottom);
    if (d->started)
        fprintf(d->script, "unset label 1\nunset label 2\n");
    d->started = true;
    fprintf(d->script,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\nset bmargin at screen %.5f\nset tmargin at screen "
            "%.5f\n",
            left / d->width, (left + w) / d->width, bottom / d->height, (bottom + h) / d->height);
    fprintf(d->script, "set label 3 ");
    quote_cut(d->script, title, (size_t)(w / 6.2));
    fprintf(d->script, " at screen %.5f, screen %.5f left font ',10' noenhanced\n", left / d->width,
            (bottom + h + 11) / d->height);
    bool lowest = i + d->columns >= d->panels;
    fprintf(d->script, "set xlabel ");
    fps_drawing_quote(d->script, lowest ? x_label : "");
    fprintf(d->script, " noenhanced textcolor rgb '#222222'\nset ylabel ");
    fps_drawing_quote(d->script, column == 0 ? y_label : "");
    fprintf(d->script, " noenhanced textcolor rgb '#222222'\n");
}

void fps_drawing_legend(fps_drawing *d, const fps_legend_entry *entry, int entries) {
    if (entries == 0)
        return;
    fprintf(d->script,
            "unset label\nset lmargin at screen %.5f\nset rmargin at screen %.5f\nset bmargin at screen 0\nset tmargin "
            "at screen %.5f\n"
            "unset logscale\nunset border\nunset tics\nunset grid\nset xlabel ''\nset ylabel ''\nset xrange "
            "[0:1]\nset yrange [0:1]\n"
            "set key at screen 0.5, screen %.5f center center horizontal Left reverse maxrows 1 samplen 1.6 width -1 "
            "font ',9.5' noenhanced "
            "textcolor rgb '#222222'\nplot ",
            10.0 / d->width, 1 - 10.0 / d->width, (double)LEGEND / d->height, 0.5 * LEGEND / d->height);
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

int fps_drawing_group_panels(const fps_drawing *d, char *remark, size_t size) {
    remark[0] = '\0';
    if (d->grouping->groups <= FPS_DRAWING_PANELS)
        return (int)d->grouping->groups;
    snprintf(remark, size, " - the first %d of %lld groups", FPS_DRAWING_PANELS, (long long)d->grouping->groups);
    fps_log(FPS_LOG_NOTE, "the figure shows the first %d of %lld groups: choose others with --where",
            FPS_DRAWING_PANELS, (long long)d->grouping->groups);
    return FPS_DRAWING_PANELS;
}
