/* document_roff.c: writing the language of man pages. */
#include <stdbool.h>

#include "app/document.h"
#include "fpsweep/version.h"

void fps_roff_text(FILE *stream, const char *text) {
    bool first = true; /* of a line: a dot or an apostrophe would be a command */
    for (const char *c = text; *c; c++) {
        if (first && (*c == '.' || *c == '\''))
            fputs("\\&", stream);
        if (*c == '\\')
            fputs("\\e", stream);
        else if (*c == '-')
            fputs("\\-", stream);
        else if (*c == '^')
            fputs("\\(ha", stream);
        else if (*c == '~')
            fputs("\\(ti", stream);
        else if (*c == '`')
            fputs("\\(ga", stream);
        else
            fputc(*c, stream);
        first = *c == '\n';
    }
}

void fps_roff_begin(FILE *stream, const char *name, int section, const char *sentence) {
    fprintf(stream, ".\\\" made by fpsweep --document\n.TH %s %d \"\" \"fpsweep %s\" \"fpsweep\"\n.SH NAME\n", name,
            section, fps_version());
    fprintf(stream, "%s \\- ", name);
    fps_roff_text(stream, sentence);
    fputc('\n', stream);
}

void fps_roff_section(FILE *stream, const char *title) {
    fprintf(stream, ".SH %s\n", title);
}

void fps_roff_paragraph(FILE *stream, const char *text) {
    if (!text[0])
        return;
    fputs(".PP\n", stream);
    fps_roff_text(stream, text);
    fputc('\n', stream);
}

void fps_roff_term(FILE *stream, const char *term, const char *text) {
    fputs(".TP\n\\fB", stream);
    fps_roff_text(stream, term);
    fputs("\\fR\n", stream);
    fps_roff_text(stream, text);
    fputc('\n', stream);
}

void fps_roff_example(FILE *stream, const char *text) {
    fputs(".PP\n.RS\n.nf\n", stream);
    fps_roff_text(stream, text);
    fputs("\n.fi\n.RE\n", stream);
}
