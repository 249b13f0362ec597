/* text_table.c: rows of cells, printed with columns as wide as needed. */
#include <stdarg.h>
#include <string.h>

#include "app/terminal.h"
#include "fpsweep/memory.h"

enum { GAP = 2, NARROWEST = 12 };

/* Bytes of the first `width` columns of a text. */
static int bytes_of(const char *text, int width) {
    int bytes = 0;
    while (text[bytes] && (width > 0 || ((unsigned char)text[bytes] & 0xc0) == 0x80))
        width -= ((unsigned char)text[bytes++] & 0xc0) != 0x80;
    return bytes;
}

static fps_status add_cells(fps_table *table, const char *const *cell) {
    if (table->rows == table->capacity) {
        int64_t larger = table->capacity ? 2 * table->capacity : 32;
        size_t columns = (size_t)table->columns;
        char **grown = fps_realloc(table->cell, (size_t)table->rows * columns, (size_t)larger * columns, sizeof *grown);
        if (!grown)
            return FPS_ERROR_MEMORY;
        table->cell = grown;
        table->capacity = larger;
    }
    char **row = table->cell + table->rows++ * table->columns;
    for (int c = 0; c < table->columns; c++)
        if (!(row[c] = fps_strdup(cell[c])))
            return FPS_ERROR_MEMORY;
    return FPS_OK;
}

fps_status fps_table_begin(fps_table *table, int columns, const char *const *heading) {
    const char *cell[FPS_TABLE_COLUMNS];
    *table = (fps_table){.columns = columns};
    for (int c = 0; c < columns; c++) {
        table->left[c] = heading[c][0] == '<';
        cell[c] = heading[c] + table->left[c];
    }
    return add_cells(table, cell);
}

fps_status fps_table_add(fps_table *table, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *cell[FPS_TABLE_COLUMNS];
    char *rest = text;
    for (int c = 0; c < table->columns; c++)
        cell[c] = rest ? strsep(&rest, "\t") : "";
    return add_cells(table, cell);
}

/* Print a cell in a column of `width`, cut with "~" where it is too long. */
static void print_cell(FILE *stream, const char *text, int width, bool left, bool last, fps_emphasis emphasis) {
    const char *begin = fps_emphasis_begin(stream, emphasis), *end = fps_emphasis_end(stream, emphasis);
    int length = fps_text_columns(text, (int)strlen(text));
    if (length > width)
        fprintf(stream, "%s%.*s~%s", begin, bytes_of(text, width - 1), text, end);
    else if (left)
        fprintf(stream, "%s%s%s%*s", begin, text, end, last ? 0 : width - length, "");
    else
        fprintf(stream, "%*s%s%s%s", width - length, "", begin, text, end);
    fputs(last ? "\n" : "  ", stream);
}

/* One block of rows: the first column, then columns first .. last-1. */
static void print_block(const fps_table *table, FILE *stream, const int *width, int first, int last) {
    for (int64_t r = 0; r < table->rows; r++) {
        char **row = table->cell + r * table->columns;
        int end = last - 1; /* empty cells at the end are not padded */
        while (end >= first && !row[end][0])
            end--;
        for (int c = 0; c <= end || c == 0; c = c == 0 ? first : c + 1) {
            fps_emphasis emphasis = r == 0 ? FPS_HEADING : table->emphasis[c] ? table->emphasis[c](row[c]) : FPS_PLAIN;
            print_cell(stream, row[c], width[c], table->left[c], c == end || end < first, emphasis);
        }
    }
}

void fps_table_print(const fps_table *table, FILE *stream, int width) {
    int column[FPS_TABLE_COLUMNS] = {0}, total = -GAP, widest = -1;
    for (int c = 0; c < table->columns; c++) {
        for (int64_t r = 0; r < table->rows; r++) {
            const char *cell = table->cell[r * table->columns + c];
            int length = fps_text_columns(cell, (int)strlen(cell));
            column[c] = length > column[c] ? length : column[c];
        }
        total += column[c] + GAP;
        if (table->left[c] && (widest < 0 || column[c] > column[widest]))
            widest = c;
    }
    if (total > width && widest >= 0) {
        column[widest] -= total - width;
        column[widest] = column[widest] < NARROWEST ? NARROWEST : column[widest];
    }
    for (int first = 1, last; first < table->columns || first == 1; first = last) {
        int filled = column[0];
        for (last = first; last < table->columns; last++) {
            filled += GAP + column[last];
            if (filled > width && last > first)
                break;
        }
        if (first > 1)
            fputc('\n', stream);
        print_block(table, stream, column, first, last);
        if (last == first) /* a single column */
            break;
    }
}

void fps_table_release(fps_table *table) {
    for (int64_t i = 0; i < table->rows * table->columns; i++)
        fps_free(table->cell[i]);
    fps_free(table->cell);
    *table = (fps_table){0};
}
