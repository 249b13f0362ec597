/* entry.c: the JSON of `analyze`. */
#include "app/entry.h"

#include "app/export.h"

void fps_entry_list_begin(fps_entry_writer *w, const char *quantity) {
    fprintf(w->stream, ",\n  \"%s\": [", quantity);
    w->first = true;
}

void fps_entry_list_end(fps_entry_writer *w) {
    fputs("]", w->stream);
}

void fps_entry_begin(fps_entry_writer *w, int64_t g) {
    fps_task task;
    fps_plan_task(w->grouping->plan, fps_grouping_task(w->grouping, g, 0), &task);
    fputs(w->first ? "\n    {" : ",\n    {", w->stream);
    w->first = false;
    for (int a = 0; a < w->grouping->axes; a++) {
        fps_json_parameter(w->stream, &fps_parameters[w->grouping->axis[a]], &task);
        fputs(", ", w->stream);
    }
}

void fps_entry_number(fps_entry_writer *w, const char *name, double value, const char *after) {
    fprintf(w->stream, "\"%s\": ", name);
    fps_json_number(w->stream, value);
    fputs(after, w->stream);
}

void fps_entry_estimate(fps_entry_writer *w, fps_estimate e, const char *after) {
    fps_entry_number(w, "value", e.value, ", ");
    fps_entry_number(w, "uncertainty", e.uncertainty, ", ");
    fprintf(w->stream, "\"n\": %lld%s", (long long)e.n, after);
}
