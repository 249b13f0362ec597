/* format_table.c: the tables of the format: FORMAT.md says the same in words, and a test compares both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/format_internal.h"
#include "store/guard.h"

#define TYPE(NAME) (1U << FPS_STORED_##NAME)

static fps_format_entry *add(fps_format_checker *c, const char *name, fps_format_kind kind, unsigned types,
                             const char *unit) {
    if (c->entries == FPS_FORMAT_ENTRIES)
        return &c->entry[FPS_FORMAT_ENTRIES - 1];
    c->entry[c->entries] =
        (fps_format_entry){.name = name, .kind = kind, .types = types, .unit = unit && *unit ? unit : "1"};
    return &c->entry[c->entries++];
}

static void along(fps_format_entry *entry, const char *dimension) {
    entry->dimension[entry->dimensions++] = dimension;
}

static void add_coordinates(fps_format_checker *c, bool directions) {
    static const struct {
        const char *name;
        unsigned types;
        const char *unit, *dimension; /* the last one */
        bool may_vary, has_directions, required;
    } coordinates[] = {
        {"mode", TYPE(INT32), "1", "frequency", false, false, true},
        {"xi", TYPE(FLOAT64), "1/length", "frequency", true, true, true},
        {"direction_name", TYPE(CHAR), "1", "direction", true, false, false},
        {"eta", TYPE(FLOAT64), "1/length", "threshold", false, false, false},
    };
    for (size_t k = 0; k < sizeof coordinates / sizeof *coordinates; k++) {
        fps_format_entry *entry =
            add(c, coordinates[k].name, FPS_FORMAT_COORDINATE, coordinates[k].types, coordinates[k].unit);
        entry->required = coordinates[k].required;
        entry->may_lack_first = coordinates[k].may_vary;
        if (coordinates[k].may_vary)
            along(entry, "task");
        if (coordinates[k].has_directions && directions)
            along(entry, "direction");
        along(entry, coordinates[k].dimension);
    }
}

static void add_parameters(fps_format_checker *c) {
    static const unsigned types[] = {
        [FPS_KIND_INTEGER] = TYPE(INT32) | TYPE(INT64),
        [FPS_KIND_REAL] = TYPE(FLOAT64),
        [FPS_KIND_CHOICE] = TYPE(CHAR),
        [FPS_KIND_TEXT] = TYPE(CHAR),
        [FPS_KIND_WIDTH] = TYPE(INT32) | TYPE(INT64),
        [FPS_KIND_DOMAIN] = TYPE(FLOAT64),
    };
    static const char *const ends[] = {"domain_low", "domain_high"};
    static const char *const texts[] = {"layers", "identity"};
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_parameter *parameter = &fps_parameters[p];
        bool domain = parameter->kind == FPS_KIND_DOMAIN;
        for (int end = 0; end < (domain ? 2 : 1); end++) {
            fps_format_entry *entry = add(c, domain ? ends[end] : parameter->name, FPS_FORMAT_PARAMETER,
                                          types[parameter->kind], parameter->unit);
            along(entry, "task");
            if (domain)
                along(entry, "axis");
        }
    }
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        fps_format_entry *entry = add(c, texts[t], FPS_FORMAT_PARAMETER, TYPE(CHAR), "1");
        along(entry, "task");
        entry->required = true;
    }
}

static void add_scalars(fps_format_checker *c, int version) {
    fps_variable variable;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(1, (fps_scalar)s, &variable);
        if (fps_scalar_since((fps_scalar)s) > version)
            continue;
        static const char *const names[] = {
#define X(NAME, name, ...) #name,
            FPS_SCALAR_LIST(X)
#undef X
        };
        fps_format_entry *entry = add(c, names[s], FPS_FORMAT_SCALAR, 1U << variable.type, variable.unit);
        along(entry, "task");
        entry->required = true;
        if (s == FPS_SCALAR_OUTCOME)
            entry->flags = "pending done diverged failed";
        if (s == FPS_SCALAR_KERNEL_CLASS)
            entry->flags = "baseline avx2 avx512";
    }
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        static const char *const names[] = {
#define X(NAME, name, ...) #name,
            FPS_LIVE_LIST(X)
#undef X
        };
        fps_variable_live((fps_live_scalar)l, &variable);
        add(c, names[l], FPS_FORMAT_LIVE, 1U << variable.type, variable.unit)->required = true;
    }
}

static void add_results(fps_format_checker *c, bool directions) {
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        unsigned types = field->type == FPS_TYPE_INT64 ? TYPE(INT64) : TYPE(FLOAT32) | TYPE(FLOAT64);
        fps_format_entry *entry = add(c, field->name, FPS_FORMAT_RESULT, types, field->unit);
        along(entry, "task");
        for (int d = 0; d < field->dimensions; d++)
            if (field->dimension[d] != FPS_DIRECTION || directions)
                along(entry, fps_dimension_name(field->dimension[d]));
        entry->fill_zero = field->fill_zero;
    }
}

void fps_format_entries(fps_format_checker *c, int version) {
    bool directions = false;
    for (int d = 0; d < c->dimensions; d++)
        directions = directions || strcmp(c->dimension[d].name, "direction") == 0;
    c->entries = 0;
    if (version >= 2) {
        fps_format_entry *guard = add(c, FPS_GUARD_NAME, FPS_FORMAT_GUARD, TYPE(INT64), "1");
        along(guard, FPS_GUARD_DIMENSION);
        guard->required = true;
    }
    add_coordinates(c, directions);
    add_parameters(c);
    add_scalars(c, version);
    add_results(c, directions);
}

const fps_format_entry *fps_format_entry_find(const fps_format_checker *c, const char *name) {
    for (int e = 0; e < c->entries; e++)
        if (strcmp(c->entry[e].name, name) == 0)
            return &c->entry[e];
    return NULL;
}

bool fps_format_is_dimension(const char *name) {
    static const char *const others[] = {"task", "axis", "threshold", FPS_GUARD_DIMENSION};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        if (strcmp(name, fps_dimension_name((fps_dimension)d)) == 0)
            return true;
    char again[32];
    long length = strncmp(name, "text", 4) == 0 ? strtol(name + 4, NULL, 10) : 0;
    snprintf(again, sizeof again, "text%ld", length);
    return length > 0 && strcmp(name, again) == 0;
}
