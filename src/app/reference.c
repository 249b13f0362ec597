/* reference.c: a parameter of sweep files in words. */
#include "app/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const group_names[] = {
    [FPS_GROUP_PROBLEM] = "problem",
    [FPS_GROUP_NETWORK] = "network",
    [FPS_GROUP_TRAINING] = "training",
    [FPS_GROUP_MEASURING] = "measuring",
};

const char *fps_reference_group(int group) {
    return group < (int)(sizeof group_names / sizeof *group_names) ? group_names[group] : NULL;
}

/* Entries that no word stands for: what is written there is the thing itself. */
static const struct {
    const char *name, *written, *kind;
} bare[] = {{"value", "NUMBER", "a number or expression"}, {"expression", "EXPRESSION", "an expression"}};
enum { BARE = sizeof bare / sizeof *bare };

void fps_reference_kind(const fps_parameter *p, char *buffer, size_t size) {
    static const char *const words[] = {
        [FPS_KIND_INTEGER] = "whole number",
        [FPS_KIND_REAL] = "number",
        [FPS_KIND_CHOICE] = "one of the names below",
        [FPS_KIND_TEXT] = "text",
        [FPS_KIND_WIDTH] = "a whole number, or one for each layer as in \"200-200-100\"",
        [FPS_KIND_DOMAIN] = "one pair [low, high], or one pair per axis",
    };
    int used = 0;
    for (int b = 0; b < BARE && p->kind == FPS_KIND_CHOICE; b++)
        for (int c = 0; c < fps_choice_count(p->choices); c++)
            if (strcmp(p->choices->entry[c].name, bare[b].name) == 0)
                used = snprintf(buffer, size, "%s, or ", bare[b].kind);
    used += snprintf(buffer + used, size - (size_t)used, "%s", words[p->kind]);
    if (p->kind != FPS_KIND_INTEGER && p->kind != FPS_KIND_REAL && p->kind != FPS_KIND_WIDTH)
        return;
    char low[32], high[32];
    fps_number_format(p->minimum, low, sizeof low);
    fps_number_format(p->maximum, high, sizeof high);
    if (isfinite(p->minimum))
        used += snprintf(buffer + used, size - (size_t)used, " %s %s", p->open_minimum ? "above" : "from", low);
    if (isfinite(p->maximum))
        used += snprintf(buffer + used, size - (size_t)used, " to %s", high);
    if (p->choices)
        snprintf(buffer + used, size - (size_t)used, ", or one of the names below");
}

void fps_reference_entry(const fps_choice_entry *entry, char *buffer, size_t size) {
    int used = snprintf(buffer, size, "%s", entry->name);
    for (int b = 0; b < BARE; b++)
        if (strcmp(entry->name, bare[b].name) == 0) {
            snprintf(buffer, size, "%s", bare[b].written);
            return;
        }
    for (int i = 0; i < entry->arguments; i++)
        used += snprintf(buffer + used, size - (size_t)used, "%s%s", i ? ", " : "(",
                         entry->argument_name[i] ? entry->argument_name[i] : "?");
    if (entry->arguments)
        snprintf(buffer + used, size - (size_t)used, ")");
}

const char *fps_reference_default(const fps_parameter *p) {
    return !p->fallback ? "must be given" : p->fallback[0] ? p->fallback : "none";
}
