/* figure_share.c: the share of high frequencies in the loss's rate, and its bound, against the threshold eta. */
#include <math.h>
#include <string.h>

#include "analysis/figure_stage.h"

static const double lowest_share = 1e-16; /* below is rounding of double precision */

/* Block of one stage: eta, R_CS, R. */
static void write_curves(fps_drawing *d, const fps_stages *s, fps_stage stage, const char *block, const char *label) {
    char comment[400];
    snprintf(comment, sizeof comment, "%.250s, %s stage; eta, R_CS, R: geometric means over %lld tasks", label,
             fps_stage_name(stage), (long long)s->present[stage]);
    fps_drawing_block_begin(d, block, comment);
    for (int64_t e = 0; e < s->thresholds; e++) {
        fprintf(d->data, "%.7g", s->threshold[e]);
        fps_drawing_number(d, s->law[stage][FPS_CURVE_BOUND].curve[e]);
        fps_drawing_number(d, s->law[stage][FPS_CURVE_SHARE].curve[e]);
        fputc('\n', d->data);
    }
    fps_drawing_block_end(d);
}

/* Value at the ends of the window of the line with this exponent that runs through the middle of a curve's points
 * there; false without points. */
static bool find_line(const fps_stages *s, const double *curve, double exponent, double at[2], double value[2]) {
    double log_eta = 0, log_curve = 0, n = 0;
    for (int64_t e = 0; e < s->thresholds; e++) {
        if (s->threshold[e] < s->low || s->threshold[e] > s->high || !(curve[e] > 0))
            continue;
        at[n > 0] = s->threshold[e];
        log_eta += log(s->threshold[e]);
        log_curve += log(curve[e]);
        n++;
    }
    for (int i = 0; i < 2; i++)
        value[i] = exp(log_curve / n - exponent * (log(at[i]) - log_eta / n));
    return n > 1;
}

/* The fitted line of the bound. */
static bool write_fit(fps_drawing *d, const fps_stages *s, fps_stage stage, const char *block) {
    const fps_stage_law *law = &s->law[stage][FPS_CURVE_BOUND];
    double at[2], value[2];
    if (law->power == 0 || law->power < law->steeper || !find_line(s, law->curve, law->exponent.value, at, value))
        return false;
    fps_drawing_block_begin(d, block, "the power law fitted to R_CS: eta, value");
    fprintf(d->data, "%.7g %.7g\n%.7g %.7g\n", at[0], value[0], at[1], value[1]);
    fps_drawing_block_end(d);
    return true;
}

/* The provable slope, from the highest of the bound's curves at the window's low end on. */
static bool write_proved(fps_drawing *d, const fps_stages *s, const char *block) {
    double at[2], value[2], from = 0;
    for (int stage = 0; stage < FPS_STAGE_COUNT && s->smoothness > 0; stage++)
        if (find_line(s, s->law[stage][FPS_CURVE_BOUND].curve, 2 * s->smoothness, at, value))
            from = fmax(from, value[0]);
    if (!(from > 0))
        return false;
    fps_drawing_block_begin(d, block, "slope that is proved, 2 s - 1: eta, value");
    fprintf(d->data, "%.7g %.7g\n%.7g %.7g\n", at[0], from, at[1],
            from * pow(at[1] / at[0], 1 - 2 * (double)s->smoothness));
    fps_drawing_block_end(d);
    return true;
}

/* What the bound's law is, written into the corner that its curves leave free. */
static void write_verdict(fps_drawing *d, const fps_stages *s, fps_stage stage, int line) {
    const fps_stage_law *law = &s->law[stage][FPS_CURVE_BOUND];
    char text[96], color[8];
    if (law->power > 0 && law->power >= law->steeper)
        snprintf(text, sizeof text,
                 isnan(law->exponent.uncertainty) ? "%s: slope %.2f" : "%s: slope %.2f \xc2\xb1 %.2f",
                 fps_stage_name(stage), law->exponent.value, law->exponent.uncertainty);
    else
        snprintf(text, sizeof text, "%s: %s", fps_stage_name(stage), law->steeper ? "no power law" : "not resolved");
    fprintf(d->script, "set label %d ", 11 + line);
    fps_drawing_quote(d->script, text);
    if (s->smoothness > 0)
        fprintf(d->script, " at graph 0.03, graph %.3f left", 0.06 + 0.075 * line);
    else
        fprintf(d->script, " at graph 0.97, graph %.3f right", 0.7 + 0.075 * line);
    fprintf(d->script, " font ',8.5' textcolor rgb '%s' front\n", fps_figure_stage_colour(stage, color));
}

static void draw_panel(fps_drawing *d, int panel, const fps_stages *s, double low) {
    char label[256], block[32], color[8];
    bool fitted[FPS_STAGE_COUNT] = {false};
    int line = 0;
    fps_drawing_group_title(d, panel, label, sizeof label);
    fps_drawing_panel(d, panel, label, "\xce\xb7 (cycles per unit length)", "R, R_CS");
    fprintf(d->script,
            "set logscale xy\nset format x '%%g'\nset format y '10^{%%L}'\nset xrange [%.7g:%.7g]\nset yrange "
            "[%.4g:3]\nset object 1 rectangle from first %.7g, graph 0 to first %.7g, graph 1 fc rgb '#f1f1f1' fs "
            "noborder behind\n",
            s->threshold[0] / 1.1, s->threshold[s->thresholds - 1] * 1.1, low, s->low, s->high);
    fps_drawing_ticks(d, s->threshold[0] / 1.1, s->threshold[s->thresholds - 1] * 1.1);
    for (int stage = FPS_STAGE_COUNT - 1; stage >= 0; stage--) {
        if (s->present[stage] == 0)
            continue;
        snprintf(block, sizeof block, "g%d_s%d", panel, stage);
        write_curves(d, s, (fps_stage)stage, block, label);
        snprintf(block, sizeof block, "g%d_f%d", panel, stage);
        fitted[stage] = write_fit(d, s, (fps_stage)stage, block);
        write_verdict(d, s, (fps_stage)stage, line++);
    }
    snprintf(block, sizeof block, "g%d_p", panel);
    bool proved = write_proved(d, s, block);
    if (line == 0)
        fps_drawing_panel_empty(d);
    fprintf(d->script, "plot NaN notitle");
    if (proved)
        fprintf(d->script, ", $g%d_p using 1:2 with lines lw 1.8 dt 2 lc rgb '#555555' notitle", panel);
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++) {
        if (s->present[stage] == 0)
            continue;
        fps_figure_stage_colour((fps_stage)stage, color);
        fprintf(d->script,
                ", $g%d_s%d using 1:3 with points pt 6 ps 0.45 lw 0.9 lc rgb '%s' notitle, '' using 1:2 with points "
                "pt 7 ps 0.55 lc rgb '%s' notitle",
                panel, stage, color, color);
        if (fitted[stage])
            fprintf(d->script, ", $g%d_f%d using 1:2 with lines lw 1.8 lc rgb '%s' notitle", panel, stage, color);
    }
    fprintf(d->script, "\nunset object 1\nunset for [i=11:15] label i\n");
}

/* Lower end of the y axis: a decade below the smallest number of all panels, but not in the rounding. */
static double find_low(const fps_stages *stages, int groups) {
    double low = 1;
    for (int g = 0; g < groups; g++)
        for (int stage = 0; stage < FPS_STAGE_COUNT; stage++)
            for (int64_t e = 0; stages[g].present[stage] && e < stages[g].thresholds; e++)
                low = fmin(low, fmin(stages[g].law[stage][FPS_CURVE_BOUND].curve[e],
                                     stages[g].law[stage][FPS_CURVE_SHARE].curve[e])); /* passes over NaN */
    return fmax(low / 10, lowest_share);
}

static void add_entry(fps_legend_entry *entry, int *entries, const char *text, const char *style) {
    snprintf(entry[*entries].text, sizeof entry->text, "%s", text);
    snprintf(entry[(*entries)++].style, sizeof entry->style, "%s", style);
}

fps_status fps_figure_share(fps_drawing *d) {
    char remark[512], subtitle[768], color[8], style[64];
    d->along = NULL; /* thresholds are lengths of frequencies */
    int panels = fps_drawing_group_panels(d, remark, sizeof remark), entries = 0;
    fps_legend_entry entry[FPS_STAGE_COUNT + 4];
    fps_stages *stages;
    FPS_TRY(fps_figure_stages_read(d, panels, &stages));
    unsigned present = fps_figure_stages_present(stages, panels);
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++)
        if (present & (1U << stage)) {
            snprintf(style, sizeof style, "with points pt 7 ps 1 lc rgb '%s'",
                     fps_figure_stage_colour((fps_stage)stage, color));
            add_entry(entry, &entries, fps_stage_name((fps_stage)stage), style);
        }
    add_entry(entry, &entries, "R_CS, bound", "with points pt 7 ps 0.7 lc rgb '#555555'");
    add_entry(entry, &entries, "R", "with points pt 6 ps 0.7 lc rgb '#555555'");
    add_entry(entry, &entries, "fit of R_CS in the grey window", "with lines lw 1.8 lc rgb '#555555'");
    add_entry(entry, &entries, "proved slope 2s-1", "with lines lw 1.8 dt 2 lc rgb '#555555'");
    snprintf(subtitle, sizeof subtitle,
             "Share of the frequencies from \xce\xb7 on in dL/dt, by stage: mean over seeds and records%s", remark);
    d->columns = fps_drawing_group_columns(d, panels);
    fps_drawing_reserve_legend(d, entry, entries);
    fps_drawing_begin(d, panels, subtitle);
    double low = find_low(stages, panels);
    for (int g = 0; g < panels; g++)
        draw_panel(d, g, &stages[g], low);
    fps_drawing_legend(d, entry, entries);
    fps_figure_stages_release(stages, panels);
    return FPS_OK;
}
