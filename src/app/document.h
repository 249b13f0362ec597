/* document.h: what is installed beside the program, made from the tables that parse the command line and sweep files.
 * `fpsweep --document KIND` prints it; the build calls that. */
#ifndef FPSWEEP_APP_DOCUMENT_H
#define FPSWEEP_APP_DOCUMENT_H

#include <stdio.h>

#include "fpsweep/status.h"

/* Print a document: man1 (fpsweep.1), man5 (fpsweep-sweep.5) or bash (completion). FPS_ERROR_USAGE for another kind. */
fps_status fps_document_print(const char *kind, FILE *stream);

/* The kinds, each in a file of its own. */
void fps_document_man1(FILE *stream);
void fps_document_man5(FILE *stream);
void fps_document_bash(FILE *stream);

/* ---- roff: document_roff.c ---- */

/* Heading of a page: ".TH fpsweep 1 ..." and its NAME section. */
void fps_roff_begin(FILE *stream, const char *name, int section, const char *sentence);
/* ".SH TITLE". */
void fps_roff_section(FILE *stream, const char *title);
/* A paragraph of running text; nothing for "". */
void fps_roff_paragraph(FILE *stream, const char *text);
/* A paragraph with a bold term in front of it. */
void fps_roff_term(FILE *stream, const char *term, const char *text);
/* Lines as they are, indented. */
void fps_roff_example(FILE *stream, const char *text);
/* Text with the letters escaped that roff would read. */
void fps_roff_text(FILE *stream, const char *text);

#endif
