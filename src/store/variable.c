#include "store/variable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define X(NAME, name, ctype, stored, since, unit, long_name) {#name, FPS_STORED_##stored, since, unit, long_name},
static const struct {
    const char *name;
    fps_stored type;
    int since;
    const char *unit, *long_name;
} scalars[FPS_SCALAR_COUNT] = {FPS_SCALAR_LIST(X)};
#undef X

#define X(NAME, name, stored, unit, long_name) {#name, FPS_STORED_##stored, unit, long_name},
static const struct {
    const char *name;
    fps_stored type;
    const char *unit, *long_name;
} lives[FPS_LIVE_COUNT] = {FPS_LIVE_LIST(X)};
#undef X

void fps_variable_name(fps_variable *variable, const char *name, fps_stored type, const char *unit,
                       const char *long_name) {
    memset(variable, 0, sizeof *variable);
    snprintf(variable->name, sizeof variable->name, "%s", name);
    variable->type = type;
    variable->unit = unit && *unit ? unit : "1";
    variable->long_name = long_name;
}

void fps_variable_add(fps_variable *variable, const char *dimension, int64_t size) {
    snprintf(variable->dimension[variable->rank], FPS_DIMENSION_NAME, "%s", dimension);
    variable->size[variable->rank++] = size;
}

void fps_variable_scalar(int64_t tasks, fps_scalar scalar, fps_variable *variable) {
    fps_variable_name(variable, scalars[scalar].name, scalars[scalar].type, scalars[scalar].unit,
                      scalars[scalar].long_name);
    fps_variable_add(variable, "task", tasks);
}

int fps_scalar_since(fps_scalar scalar) {
    return scalars[scalar].since;
}

void fps_variable_live(fps_live_scalar live, fps_variable *variable) {
    fps_variable_name(variable, lives[live].name, lives[live].type, lives[live].unit, lives[live].long_name);
}

bool fps_variable_result(const fps_plan *plan, fps_result result, fps_variable *variable) {
    const fps_result_field *field = &fps_result_fields[result];
    const fps_extent *extent = fps_plan_extent(plan);
    if (!fps_result_kept(field, fps_plan_record(plan)->keep) || fps_result_elements(field, extent) == 0)
        return false;
    fps_stored type = field->type == FPS_TYPE_INT64 ? FPS_STORED_INT64
                      : fps_plan_all_single(plan)   ? FPS_STORED_FLOAT32
                                                    : FPS_STORED_FLOAT64;
    fps_variable_name(variable, field->name, type, field->unit, field->long_name);
    variable->fill_zero = field->fill_zero;
    fps_variable_add(variable, "task", fps_plan_count(plan));
    for (int d = 0; d < field->dimensions; d++)
        if (field->dimension[d] != FPS_DIRECTION || extent->size[FPS_DIRECTION] > 1)
            fps_variable_add(variable, fps_dimension_name(field->dimension[d]), extent->size[field->dimension[d]]);
    return true;
}

int64_t fps_variable_elements(const fps_variable *variable) {
    int64_t elements = 1;
    for (int d = 0; d < variable->rank; d++)
        elements *= variable->size[d];
    return elements;
}

double fps_variable_bytes(const fps_variable *variable) {
    double bytes = (double)fps_stored_size(variable->type);
    for (int d = 0; d < variable->rank; d++)
        bytes *= (double)variable->size[d];
    return bytes;
}
