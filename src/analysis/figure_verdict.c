/* figure_verdict.c: the exponents of all groups and stages as one table, coloured by how they agree with theory. */
#include <math.h>
#include <string.h>

#include "analysis/figure_stage.h"

enum { ROWS = 64, ROW_HEIGHT = 24, CELL_WIDTH = 100, CHARACTER = 7, NARROWEST = 760, CURVES = 3 };
static const fps_stage_curve shown[CURVES] = {FPS_CURVE_RESIDUAL, FPS_CURVE_VELOCITY, FPS_CURVE_BOUND};

/* How a cell agrees; in the block as a number. */
typedef enum agreement { AGREES, NEAR, DEVIATES, NO_LAW, STEEPER_THAN_EXPECTED, UNKNOWN, AGREEMENTS } agreement;
static const struct {
    const char *colour, *text;
} verdicts[AGREEMENTS] = {
    [AGREES] = {"#9fd6a5", "within 0.15 of theory"},
    [NEAR] = {"#d9edb8", "within 0.3"},
    [DEVIATES] = {"#f4b59a", "further off"},
    [NO_LAW] = {"#b9d3ea", "no power law, none expected"},
    [STEEPER_THAN_EXPECTED] = {"#f4d49a", "no power law, one expected"},
    [UNKNOWN] = {"#ebebeb", "not resolved"},
};

static agreement judge(const fps_stage_law *law, double expected) {
    if (law->steeper > law->power)
        return isnan(expected) ? NO_LAW : STEEPER_THAN_EXPECTED;
    if (law->power == 0 || isnan(expected))
        return law->power == 0 ? UNKNOWN : DEVIATES;
    double off = fabs(law->exponent.value - expected);
    return off <= 0.15 ? AGREES : off <= 0.3 ? NEAR : DEVIATES;
}

static void write_cell(const fps_stage_law *law, double expected, char *cell, size_t size) {
    if (law->steeper > law->power)
        snprintf(cell, size, "none");
    else if (law->power == 0)
        snprintf(cell, size, "?");
    else
        snprintf(cell, size, isnan(law->exponent.uncertainty) ? "%.2f" : "%.2f \xc2\xb1 %.2f", law->exponent.value,
                 law->exponent.uncertainty);
    size_t used = strlen(cell);
    if (!isnan(expected))
        snprintf(cell + used, size - used, " (%g)", expected);
}

/* Cells: column, row from the top, agreement, text. */
static void write_cells(fps_drawing *d, const fps_stages *stages, int rows, const int *stage, int columns) {
    fps_drawing_block_begin(d, "cells",
                            "column, row, agreement (0 within 0.15, 1 within 0.3, 2 further off, 3 no power "
                            "law as expected, 4 none though expected, 5 unknown), exponent with 95 % over "
                            "seeds (expected)");
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns * CURVES; column++) {
            const fps_stage s = (fps_stage)stage[column / CURVES];
            const fps_stage_curve curve = shown[column % CURVES];
            const fps_stage_law *law = &stages[row].law[s][curve];
            const double expected = fps_stage_curve_expected(curve, stages[row].smoothness);
            char cell[64];
            if (stages[row].present[s] == 0)
                continue;
            write_cell(law, expected, cell, sizeof cell);
            fprintf(d->data, "%d %d %d \"%s\"\n", column, row, (int)judge(law, expected), cell);
        }
    fps_drawing_block_end(d);
}

static void write_headings(fps_drawing *d, const int *stage, int columns) {
    int label = 20;
    for (int c = 0; c < columns * CURVES; c++)
        fprintf(d->script, "set label %d '%s' at first %d, first -0.75 center font ',9' noenhanced\n", label++,
                fps_stage_curve_name(shown[c % CURVES]), c);
    for (int s = 0; s < columns; s++)
        fprintf(d->script, "set label %d '%s' at first %d, first -1.55 center font ',10' noenhanced\n", label++,
                fps_stage_name((fps_stage)stage[s]), s * CURVES + CURVES / 2);
}

static void write_rows(fps_drawing *d, int rows) {
    char label[256], block[300];
    fps_drawing_block_begin(d, "rows", "row, group");
    for (int row = 0; row < rows; row++) {
        fps_grouping_label_short(d->grouping, row, label, sizeof label);
        snprintf(block, sizeof block, "%s", label[0] ? label : "all tasks");
        fprintf(d->data, "%d \"%s\"\n", row, block);
    }
    fps_drawing_block_end(d);
}

/* Width of the column of labels. */
static int find_label_width(const fps_drawing *d, int rows, int columns) {
    int width = NARROWEST - columns * CURVES * CELL_WIDTH;
    for (int row = 0; row < rows; row++) {
        char label[256];
        if (fps_grouping_label_short(d->grouping, row, label, sizeof label) == FPS_OK)
            width = (int)strlen(label) * CHARACTER + 24 > width ? (int)strlen(label) * CHARACTER + 24 : width;
    }
    return width;
}

static void draw_table(fps_drawing *d, const fps_stages *stages, int rows, const int *stage, int columns) {
    const double label_cells = (double)d->panel_width / CELL_WIDTH - columns * CURVES;
    write_cells(d, stages, rows, stage, columns);
    write_rows(d, rows);
    fps_drawing_panel(d, 0, "", "", "");
    fprintf(d->script,
            "unset border\nunset tics\nunset grid\nunset logscale\nset xrange [%.4f:%.2f]\nset yrange [%.2f:-2]\nset "
            "style fill solid 1 noborder\n",
            -0.5 - label_cells, columns * CURVES - 0.5, rows - 0.5);
    write_headings(d, stage, columns);
    fprintf(d->script, "plot ");
    for (int a = 0; a < AGREEMENTS; a++)
        fprintf(d->script, "%s using ($3==%d ? $1 : NaN):2:(0.485):(0.46) with boxxyerror fc rgb '%s' notitle, ",
                a ? "''" : "$cells", a, verdicts[a].colour);
    fprintf(d->script,
            "'' using 1:2:4 with labels center font ',8' textcolor rgb '#222222' notitle, $rows using (%.4f):1:2 with "
            "labels left font ',9' textcolor rgb '#222222' noenhanced notitle\nunset for [i=20:80] label i\n",
            -0.5 - label_cells + 0.02);
}

fps_status fps_figure_verdict(fps_drawing *d) {
    char fixed[256], subtitle[768];
    int rows = d->grouping->groups < ROWS ? (int)d->grouping->groups : ROWS, columns = 0, stage[FPS_STAGE_COUNT];
    fps_legend_entry entry[AGREEMENTS] = {0};
    fps_stages *stages;
    FPS_TRY(fps_figure_stages_read(d, rows, &stages));
    unsigned present = fps_figure_stages_present(stages, rows);
    for (int s = 0; s < FPS_STAGE_COUNT; s++)
        if (present & (1U << s))
            stage[columns++] = s;
    for (int a = 0; a < AGREEMENTS; a++) {
        snprintf(entry[a].text, sizeof entry->text, "%s", verdicts[a].text);
        snprintf(entry[a].style, sizeof entry->style, "with points pt 5 ps 1.6 lc rgb '%s'", verdicts[a].colour);
    }
    fps_grouping_label(d->grouping, 0, false, fixed, sizeof fixed);
    snprintf(subtitle, sizeof subtitle,
             "Exponents over \xce\xb7 = %.3g to %.3g: mean and 95 %% over seeds (expected)%s%s%s", stages[0].low,
             stages[0].high, fixed[0] ? "; " : "", fixed, d->grouping->groups > rows ? "; the first groups" : "");
    d->columns = 1;
    d->panel_width = find_label_width(d, rows, columns) + columns * CURVES * CELL_WIDTH;
    d->panel_height = (rows + 2) * ROW_HEIGHT;
    d->bottom = 12;
    fps_drawing_reserve_legend(d, entry, AGREEMENTS);
    fps_drawing_begin(d, 1, subtitle);
    draw_table(d, stages, rows, stage, columns);
    fps_drawing_legend(d, entry, AGREEMENTS);
    fps_figure_stages_release(stages, rows);
    return FPS_OK;
}
