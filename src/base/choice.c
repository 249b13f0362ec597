#include "fpsweep/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fps_choice_count(const fps_choice_table *table) {
    return table->count + (table->added ? *table->added : 0);
}

int fps_choice_find(const fps_choice_table *table, const char *name, int length) {
    size_t n = length < 0 ? strlen(name) : (size_t)length;
    for (int code = 0; code < fps_choice_count(table); code++)
        if (strlen(table->entry[code].name) == n && memcmp(table->entry[code].name, name, n) == 0)
            return code;
    return -1;
}

int fps_number_format(double value, char *buffer, size_t size) {
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) { /* 15 digits always survive; 17 always suffice */
        length = snprintf(buffer, size, "%.*g", digits, value);
        if ((size_t)length < size && strtod(buffer, NULL) == value)
            break;
    }
    return length;
}

int fps_choice_format(const fps_choice_table *table, const fps_choice *choice, char *buffer, size_t size) {
    if (choice->text)
        return snprintf(buffer, size, "%s", choice->text);
    const fps_choice_entry *entry = &table->entry[choice->code];
    char number[FPS_CHOICE_ARGUMENTS][32];
    for (int i = 0; i < entry->arguments; i++)
        fps_number_format(choice->argument[i], number[i], sizeof number[i]);
    if (strcmp(entry->name, "value") == 0) /* a bare number */
        return snprintf(buffer, size, "%s", number[0]);
    switch (entry->arguments) {
    case 0:
        return snprintf(buffer, size, "%s", entry->name);
    case 1:
        return snprintf(buffer, size, "%s(%s)", entry->name, number[0]);
    default:
        return snprintf(buffer, size, "%s(%s, %s)", entry->name, number[0], number[1]);
    }
}
