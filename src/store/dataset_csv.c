/* dataset_csv.c: points from a text file: a header that names the columns, then one point per line.
 *
 *     # comments and blank lines anywhere
 *     x1, x2, y
 *     0.5, -1, 2e-3
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "store/dataset.h"

enum { LINE = 4096, COLUMNS = 4, SHOWN = 40 };

typedef struct csv {
    const char *path;
    FILE *file;
    locale_t numbers; /* "C": a point in every locale */
    int64_t line;
    char text[LINE];
    int columns;         /* in the file */
    int column[COLUMNS]; /* which one the file's k-th is */
    int64_t room;
} csv;

/* Next line that is neither blank nor a comment, without end of line and comment; *more false at the end. */
static fps_status next_line(csv *c, bool *more) {
    while (fgets(c->text, LINE, c->file)) {
        c->line++;
        size_t length = strlen(c->text);
        if (length == LINE - 1 && c->text[length - 1] != '\n')
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": the line is longer than %d characters", c->path, c->line,
                            LINE - 2);
        if ((length == 0 || c->text[length - 1] != '\n') && !feof(c->file))
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": a zero byte: this is no text file", c->path, c->line);
        c->text[strcspn(c->text, "#\r\n")] = '\0';
        if (c->text[strspn(c->text, " \t")] != '\0') {
            *more = true;
            return FPS_OK;
        }
    }
    *more = false;
    return ferror(c->file) ? fps_fail(FPS_ERROR_INPUT, "%s: reading failed: %s", c->path, strerror(errno)) : FPS_OK;
}

/* Cut the next field off *rest: without blanks around it, and without one pair of double quotes. NULL at the end. */
static char *next_field(char **rest) {
    char *field = *rest;
    if (!field)
        return NULL;
    char *comma = strchr(field, ',');
    *rest = comma ? comma + 1 : NULL;
    char *end = comma ? comma : field + strlen(field);
    while (field < end && (*field == ' ' || *field == '\t'))
        field++;
    while (end > field && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (end - field >= 2 && *field == '"' && end[-1] == '"') {
        field++;
        end--;
    }
    *end = '\0';
    return field;
}

/* What is wrong with a word of the header that names no column: another separator, no header at all, or the word. */
static fps_status fail_column(const csv *c, const char *field) {
    size_t other = strcspn(field, ";\t ");
    char *end;
    (void)strtod_l(field, &end, c->numbers);
    if (end != field && (*end == '\0' || strchr(";\t ", *end)))
        return fps_fail(FPS_ERROR_INPUT,
                        "%s:%" PRId64 ": \"%.*s\" is no column: a first line must name them, as in x,y or x1,x2,y",
                        c->path, c->line, SHOWN, field);
    if (field[other] != '\0')
        return fps_fail(FPS_ERROR_INPUT,
                        "%s:%" PRId64 ": \"%.*s\": columns are separated by commas, as in x,y or x1,x2,y", c->path,
                        c->line, SHOWN, field);
    return fps_fail(FPS_ERROR_INPUT,
                    "%s:%" PRId64 ": column \"%.*s\" is none of x (or x1), x2, x3, y: the first line names the columns",
                    c->path, c->line, SHOWN, field);
}

static fps_status read_header(csv *c, fps_dataset *out) {
    bool more, seen[COLUMNS] = {false};
    FPS_TRY(next_line(c, &more));
    if (!more)
        return fps_fail(FPS_ERROR_INPUT, "%s: empty; it should start with a line x1,y (or x1,x2,y ...)", c->path);
    char *rest = c->text;
    if (c->line == 1 && strncmp(rest, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        rest += 3;
    for (char *field; (field = next_field(&rest));) {
        int column = fps_dataset_column(field);
        if (column < 0)
            return fail_column(c, field);
        if (seen[column])
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": column %s is there twice", c->path, c->line, field);
        seen[column] = true;
        c->column[c->columns++] = column;
    }
    int dimension = seen[2] ? 3 : seen[1] ? 2 : 1;
    for (int column = 0; column < dimension; column++)
        if (!seen[column])
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": there is no column %s", c->path, c->line,
                            fps_dataset_column_name(column));
    if (!seen[3])
        return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": there is no column y", c->path, c->line);
    out->dimension = dimension;
    return FPS_OK;
}

static fps_status grow(csv *c, fps_dataset *out) {
    if (out->samples < c->room)
        return FPS_OK;
    if (out->samples == FPS_DATASET_LIMIT)
        return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": more than %" PRId64 " points", c->path, c->line,
                        FPS_DATASET_LIMIT);
    int64_t room = c->room ? 2 * c->room : 256;
    size_t old = (size_t)c->room, dimension = (size_t)out->dimension;
    double *x = fps_realloc(out->x, old * dimension, (size_t)room * dimension, sizeof *x);
    if (!x)
        return FPS_ERROR_MEMORY;
    out->x = x;
    double *y = fps_realloc(out->y, old, (size_t)room, sizeof *y);
    if (!y)
        return FPS_ERROR_MEMORY;
    out->y = y;
    c->room = room;
    return FPS_OK;
}

static fps_status read_point(csv *c, fps_dataset *out) {
    FPS_TRY(grow(c, out));
    double *x = out->x + out->samples * out->dimension;
    int fields = 0;
    char *rest = c->text;
    for (char *field; (field = next_field(&rest)); fields++) {
        if (fields >= c->columns)
            continue; /* counted for the message */
        char *end;
        double value = strtod_l(field, &end, c->numbers);
        const char *name = fps_dataset_column_name(c->column[fields]);
        if (end == field || *end != '\0')
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": \"%.*s\" in column %s is not a number", c->path, c->line,
                            SHOWN, field, name);
        if (!isfinite(value))
            return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": %.*s in column %s is not a finite number", c->path,
                            c->line, SHOWN, field, name);
        *(c->column[fields] == 3 ? &out->y[out->samples] : &x[c->column[fields]]) = value;
    }
    if (fields != c->columns)
        return fps_fail(FPS_ERROR_INPUT, "%s:%" PRId64 ": %d value%s where the header names %d columns", c->path,
                        c->line, fields, fields == 1 ? "" : "s", c->columns);
    out->samples++;
    return FPS_OK;
}

fps_status fps_dataset_read_csv(const char *path, fps_dataset *out) {
    fps_status status = FPS_OK;
    bool more;
    csv c = {.path = path};
    c.numbers = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    c.file = fopen(path, "r");
    if (!c.file || !c.numbers) {
        status = fps_fail(FPS_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
        goto done;
    }
    FPS_TRY_GOTO(status, read_header(&c, out), done);
    for (;;) {
        FPS_TRY_GOTO(status, next_line(&c, &more), done);
        if (!more)
            break;
        FPS_TRY_GOTO(status, read_point(&c, out), done);
    }
    if (out->samples == 0)
        status = fps_fail(FPS_ERROR_INPUT, "%s: no points below the header", path);
done:
    if (c.file)
        fclose(c.file);
    if (c.numbers)
        freelocale(c.numbers);
    return status;
}
