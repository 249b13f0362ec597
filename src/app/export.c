/* export.c: numbers and texts for other programs: CSV and JSON. */
#include "app/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void fps_csv_number(FILE *stream, double value) {
    char text[64] = "";
    if (!isnan(value))
        fps_number_format(value, text, sizeof text);
    fprintf(stream, ",%s", text);
}

void fps_csv_parameter(FILE *stream, const fps_parameter *parameter, const fps_task *task) {
    char text[512];
    fps_parameter_format(parameter, task, text, sizeof text);
    fputc(',', stream);
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            fputc('"', stream);
        fputc(*c, stream);
    }
    fputc('"', stream);
}

void fps_json_number(FILE *stream, double value) {
    char text[64] = "null";
    if (isfinite(value))
        fps_number_format(value, text, sizeof text);
    fputs(text, stream);
}

void fps_json_text(FILE *stream, const char *text) {
    fputc('"', stream);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(stream, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(stream, "\\u%04x", *c);
        else
            fputc(*c, stream);
    }
    fputc('"', stream);
}

void fps_json_parameter(FILE *stream, const fps_parameter *parameter, const fps_task *task) {
    char text[512], *end;
    fps_parameter_format(parameter, task, text, sizeof text);
    fps_json_text(stream, parameter->name);
    fputs(": ", stream);
    double value = strtod(text, &end);
    bool number =
        parameter->kind == FPS_KIND_INTEGER || parameter->kind == FPS_KIND_REAL || parameter->kind == FPS_KIND_WIDTH;
    if (number && text[0] && !*end && isfinite(value))
        fputs(text, stream); /* the canonical text of a number is JSON's */
    else
        fps_json_text(stream, text);
}
