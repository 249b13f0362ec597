/* distinct.c: the values of an axis, found among tasks. */
#include "analysis/distinct.h"

#include <stdlib.h>

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int64_t fps_distinct_sort(double *number, int64_t count) {
    int64_t left = 0;
    qsort(number, (size_t)count, sizeof *number, by_number);
    for (int64_t i = 0; i < count; i++)
        if (i == 0 || number[i] != number[left - 1])
            number[left++] = number[i];
    return left;
}

int64_t fps_distinct_place(const double *sorted, int64_t count, double value) {
    const double *found = bsearch(&value, sorted, (size_t)count, sizeof *sorted, by_number);
    return found - sorted;
}
