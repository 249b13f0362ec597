/* terminal.h: what the screen can do, and numbers and tables as people read them. */
#ifndef FPSWEEP_APP_TERMINAL_H
#define FPSWEEP_APP_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fpsweep/analysis.h"
#include "fpsweep/status.h"
#include "fpsweep/trajectory.h"

/* ---- the screen ---- */

typedef enum fps_colors { FPS_COLORS_NONE, FPS_COLORS_256, FPS_COLORS_24_BIT } fps_colors;

/* Columns of the terminal that `stream` is; 80 if it is none. */
int fps_terminal_width(FILE *stream);
bool fps_terminal_is(FILE *stream);
/* What colours may be written to `stream`: none unless it is a terminal, TERM is not dumb and NO_COLOR is not set. */
fps_colors fps_terminal_colors(FILE *stream);

/* What a word is to the reader. Emphasis adds to what the words say: nothing is told by colour alone. */
typedef enum fps_emphasis { FPS_PLAIN, FPS_HEADING, FPS_GOOD, FPS_CAUTION, FPS_BAD } fps_emphasis;
/* Codes that begin and end an emphasis on `stream`; "" where fps_terminal_colors has none. */
const char *fps_emphasis_begin(FILE *stream, fps_emphasis emphasis);
const char *fps_emphasis_end(FILE *stream, fps_emphasis emphasis);
/* Print a word with its emphasis; returns the columns it fills. */
int fps_emphasis_print(FILE *stream, fps_emphasis emphasis, const char *word);
/* That of the name of an outcome: done, diverged, failed; pending, and what is none, is plain. */
fps_emphasis fps_emphasis_outcome(const char *name);

/* Rank that the launcher gave this process, known before MPI_Init; 0 without a launcher. */
int fps_launcher_rank(void);
/* Ranks on this node as the launcher tells; 1 without a launcher. */
int fps_launcher_local_ranks(void);

/* ---- messages ---- */

/* Print "fpsweep: message" to stderr for a failure and return the exit status that belongs to it. */
int fps_report(fps_status status);
/* The same before MPI starts, where every rank has the same failure: rank 0 prints, the others wait a moment, because a
 * launcher ends all ranks as soon as one of them has failed. */
int fps_report_once(fps_status status);
/* Print one formatted line "fpsweep: ..." to stderr. A progress line on the terminal is cleared first. */
void fps_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Let the library's log come out on stderr, with the rank if it is not 0. */
void fps_message_install(int rank);
/* Say that stderr holds an unfinished progress line. */
void fps_message_progress_line(bool present);

/* ---- text ---- */

/* Columns that the first `length` bytes of a text fill on the screen: bytes that do not continue a UTF-8 character. */
int fps_text_columns(const char *text, int length);

/* Print words broken at `width`, lines after the first indented; ends the line. "\n" in the text begins a new line. */
void fps_text_wrap(FILE *stream, const char *text, int indent, int width);

/* Print words to stdout, broken at the width of the terminal; lines after the first are indented. */
void fps_text_paragraph(int indent, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print an entry to stdout: a label of up to 9 letters with its emphasis, and words that begin in column 10, broken at
 * the width of the terminal. */
void fps_text_entry(fps_emphasis emphasis, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "340 ms", "12.3 s", "4 min 05 s", "3 h 12 min", "2 d 04 h". */
const char *fps_text_duration(double seconds, char buffer[32]);
/* "512 B", "1.23 kB", "45.6 MB" (powers of 1000). */
const char *fps_text_bytes(double bytes, char buffer[32]);
/* "done 8, diverged 0, failed 0, pending 4" of outcome[FPS_OUTCOME_COUNT]. */
const char *fps_text_outcomes(const int64_t *outcome, char buffer[128]);
/* Three significant digits: "0.00123", "1.2e-05"; the whole part in full from 1000 to a million: "12345"; "-" for NAN.
 */
const char *fps_text_number(double value, char buffer[32]);
/* "123 +- 4"; the value alone where there is no uncertainty. */
const char *fps_text_estimate(fps_estimate e, char buffer[64]);

/* ---- tables ---- */

/* Rows of cells, printed with columns as wide as needed. Plain struct, zero-initialised. */
enum { FPS_TABLE_COLUMNS = 16 };
typedef struct fps_table {
    int columns;
    bool left[FPS_TABLE_COLUMNS]; /* align to the left */
    /* How the cells below the heading are emphasised; NULL: plainly. */
    fps_emphasis (*emphasis[FPS_TABLE_COLUMNS])(const char *cell);
    int64_t rows, capacity;
    char **cell; /* cell[rows * columns]; owned */
} fps_table;

/* Begin a table with its headings; a heading that starts with '<' marks a column aligned to the left. */
fps_status fps_table_begin(fps_table *table, int columns, const char *const *heading);
/* Add a row of formatted cells, separated by tabs. */
fps_status fps_table_add(fps_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Print within `width` columns: the widest left-aligned column is cut if need be; columns that still do not fit follow
 * below, behind the first one again. The heading is emphasised. */
void fps_table_print(const fps_table *table, FILE *stream, int width);
void fps_table_release(fps_table *table);

#endif
