/* extension.c: what has been registered in this process. Entries are never moved nor removed: plans point to them. */
#include "numeric/extension.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct entry {
    fps_extension facts;
    fps_activation_extension activation;
    fps_target_extension target;
} entry;

static entry entries[2 * FPS_EXTENSION_LIMIT];
static int count;
static int place_of_activation[FPS_EXTENSION_LIMIT]; /* in entries, by code - FPS_ACTIVATION_COUNT */
static int activations;

int fps_extension_count(void) {
    return count;
}

const fps_extension *fps_extension_at(int i) {
    return &entries[i].facts;
}

static int find(const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(entries[i].facts.name, name) == 0)
            return i;
    return -1;
}

const fps_extension *fps_extension_find(const char *name) {
    int i = find(name);
    return i < 0 ? NULL : &entries[i].facts;
}

static int count_kind(fps_extension_kind kind) {
    int found = 0;
    for (int i = 0; i < count; i++)
        found += entries[i].facts.kind == kind;
    return found;
}

fps_status fps_extension_add(const fps_extension *facts, const fps_activation_extension *activation,
                             const fps_target_extension *target) {
    int i = find(facts->name);
    const bool known = i >= 0;
    if (!known && count_kind(facts->kind) >= FPS_EXTENSION_LIMIT)
        return fps_fail(FPS_ERROR_USAGE, "'%s' is one too many: at most %d activations and %d targets can be added",
                        facts->name, FPS_EXTENSION_LIMIT, FPS_EXTENSION_LIMIT);
    if (!known)
        i = count++;
    entry *e = &entries[i];
    e->facts = *facts;
    if (facts->loaded && facts->kind == FPS_EXTENSION_ACTIVATION)
        e->activation = *activation;
    if (facts->loaded && facts->kind == FPS_EXTENSION_TARGET)
        e->target = *target;
    if (!known && facts->kind == FPS_EXTENSION_ACTIVATION) {
        place_of_activation[activations++] = i;
        fps_activation_append(e->facts.name, e->facts.sentence);
    }
    return FPS_OK;
}

const fps_extension *fps_extension_of_activation(fps_activation activation) {
    return &entries[place_of_activation[(int)activation - FPS_ACTIVATION_COUNT]].facts;
}

const fps_activation_extension *fps_extension_activation(fps_activation activation) {
    return &entries[place_of_activation[(int)activation - FPS_ACTIVATION_COUNT]].activation;
}

double fps_extension_target(int i, int dimension, const double *x) {
    const entry *e = &entries[i];
    return e->facts.loaded ? e->target.value(e->target.context, dimension, x) : 1;
}

static bool is_letter(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

bool fps_extension_named_in(const fps_extension *extension, const char *text, size_t length) {
    const size_t name = strlen(extension->name);
    for (size_t at = 0; at + name <= length; at++)
        if (memcmp(text + at, extension->name, name) == 0 && (at == 0 || !is_letter(text[at - 1])) &&
            (at + name == length || !is_letter(text[at + name])))
            return true;
    return false;
}

const fps_extension *fps_extension_missing_in(const char *text) {
    for (int i = 0; i < count; i++)
        if (!entries[i].facts.loaded && fps_extension_named_in(&entries[i].facts, text, strlen(text)))
            return &entries[i].facts;
    return NULL;
}
