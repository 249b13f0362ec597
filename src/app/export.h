/* export.h: numbers and texts for other programs: CSV and JSON. */
#ifndef FPSWEEP_APP_EXPORT_H
#define FPSWEEP_APP_EXPORT_H

#include <stdio.h>

#include "fpsweep/task.h"

/* Write a comma and a value: numbers as the shortest text that reads back equal, nothing for NAN; texts in quotes where
 * they need them. */
void fps_csv_number(FILE *stream, double value);
void fps_csv_parameter(FILE *stream, const fps_parameter *parameter, const fps_task *task);

/* Write a JSON number (null where it is not finite) or string. */
void fps_json_number(FILE *stream, double value);
void fps_json_text(FILE *stream, const char *text);
/* Write "name": value of a parameter: a number for numbers, else a string. A word that stands for a number (none) is a
 * string. */
void fps_json_parameter(FILE *stream, const fps_parameter *parameter, const fps_task *task);

#endif
