/* document_man5.c: the page fpsweep-sweep(5): the sweep file, with all parameters from the table that parses them. */
#include <stdio.h>
#include <string.h>

#include "app/document.h"
#include "app/reference.h"

static const struct {
    const char *name, *sentence;
} sections[] =
    {
        {"sweep", "The name of the sweep, kept in the results file."},
        {"about", "What it asks, in a sentence."},
        {"fixed", "A map of parameters with one value for all tasks."},
        {"grid", "A map of axes: all combinations of their values are tasks."},
        {"zip", "A list of maps of axes of equal length, whose parameters move together; each is one more factor of "
                "the grid."},
        {"where", "An expression: combinations for which it is false are dropped; fpsweep plan --dropped lists them."},
        {"record", "A map of what is measured and kept, and when: see RECORD."},
},
  axes[] =
      {
          {"[VALUE, ...]", "A list of values; ranges may stand among them."},
          {"{from: A, to: B}", "Whole numbers, ends included; step: S for another step than 1."},
          {"{from: A, to: B, count: N}", "N numbers at equal distances."},
          {"{from: A, to: B, factor: F}", "A, A F, A F^2, ... up to B."},
},
  record[] = {
      {"count: N", "At most N distinct moments; the first is step 0, the last the end."},
      {"spacing: log | linear", "How they lie."},
      {"frequencies: K | [k, ...]", "The lowest K modes, mode 0 included, or a list of modes."},
      {"keep: [...]",
       "spectrum (complex residuals), parameters (weights and samples), function (the network on the grid at "
       "every record), multipliers; of model network also final_function, stages (the loss and its rate by frequency), "
       "variation (the rate by its factors) and update (the change of the network by frequency); of model direct also "
       "spike."},
      {"thresholds: {from: A, to: B, factor: F} | [E, ...]",
       "With keep: stages, variation or update: the frequencies from which on the loss is summed, in cycles per unit "
       "length."},
      {"ladder: {from: M, rungs: N} | [M, ...]", "Model direct: band limits, instead of count and spacing."},
};

static void print_parameter(FILE *stream, const fps_parameter *p) {
    char kind[256], text[512];
    fps_reference_kind(p, kind, sizeof kind);
    fps_roff_term(stream, p->name, p->sentence);
    snprintf(text, sizeof text, "\nValue: %s. Default: %s. Used %s%s.%s%s%s\n", kind, fps_reference_default(p),
             p->used_when[0] ? "when " : "always", p->used_when,
             strcmp(p->unit, "1") == 0 ? "" : " Unit: ", strcmp(p->unit, "1") == 0 ? "" : p->unit,
             strcmp(p->unit, "1") == 0 ? "" : ".");
    fputs(".br", stream);
    fps_roff_text(stream, text);
    if (!p->choices)
        return;
    fputs(".RS\n", stream);
    for (int c = 0; c < p->choices->count; c++) {
        char entry[64];
        fps_reference_entry(&p->choices->entry[c], entry, sizeof entry);
        fps_roff_term(stream, entry, p->choices->entry[c].sentence);
    }
    fputs(".RE\n", stream);
}

void fps_document_man5(FILE *stream) {
    fps_roff_begin(stream, "fpsweep-sweep", 5, "the sweep file of fpsweep");
    fps_roff_section(stream, "DESCRIPTION");
    fps_roff_text(stream,
                  "A YAML file that names a sweep: parameters that all tasks share, and axes along which they differ. "
                  "Anything unknown, misspelt, out of range, repeated or used by no task is refused before anything "
                  "runs, as FILE:LINE:COLUMN: what is wrong.\n");
    fps_roff_example(stream, "sweep: first\n"
                             "fixed:\n"
                             "  target: \"sin(x) + sin(3*x) + sin(5*x)\"\n"
                             "  domain: [-pi, pi]\n"
                             "  learning_rate: \"0.05/width\"\n"
                             "grid:\n"
                             "  depth: [1, 2, 4]\n"
                             "  activation: [tanh, relu]\n"
                             "  width: {from: 25, to: 100, factor: 2}\n"
                             "  seed: {from: 0, to: 9}\n"
                             "where: \"depth * width <= 300\"\n"
                             "record: {count: 100, spacing: log, frequencies: 16, keep: [spectrum]}");
    fps_roff_section(stream, "SECTIONS");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        fps_roff_term(stream, sections[i].name, sections[i].sentence);
    fps_roff_section(stream, "AXES");
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++)
        fps_roff_term(stream, axes[i].name, axes[i].sentence);
    fps_roff_section(stream, "EXPRESSIONS");
    fps_roff_text(
        stream, "Every number may be an expression in the other parameters of the task; names of choices compare as "
                "constants (activation == relu). Targets and densities are expressions in x (x1, x2, x3 in more "
                "dimensions). Operators: + - * / ^ < > <= >= == != && || ?: and !. pi and e are constants; side is the "
                "longest side of the domain; a decay_rate none is -1.\n");
    fps_roff_section(stream, "RECORD");
    for (size_t i = 0; i < sizeof record / sizeof *record; i++)
        fps_roff_term(stream, record[i].name, record[i].sentence);
    fps_roff_section(stream, "PARAMETERS");
    for (int group = 0; fps_reference_group(group); group++) {
        fprintf(stream, ".SS %s\n", fps_reference_group(group));
        for (int p = 0; p < fps_parameter_count; p++)
            if ((int)fps_parameters[p].group == group)
                print_parameter(stream, &fps_parameters[p]);
    }
    fps_roff_section(stream, "SEE ALSO");
    fputs("\\fBfpsweep\\fR(1)\n", stream);
}
