#include "store/layout.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/spectrum.h"

enum { DIRECTION_NAME = 6, IDENTITY_DIGITS = 16 };

/* ---- rows ---- */

void fps_layout_frequencies(const fps_task *task, const fps_record_spec *record, int direction, double *xi) {
    double side = NAN;
    if (direction < task->dimension) {
        side = task->domain[direction][1] - task->domain[direction][0];
    } else if (direction < fps_spectrum_directions((int)task->dimension)) {
        side = 0;
        for (int64_t axis = 0; axis < task->dimension; axis++)
            side = fmax(side, task->domain[axis][1] - task->domain[axis][0]);
    }
    if (task->model.code == FPS_MODEL_DIRECT && !isnan(side)) { /* modes are points of the lattice xi_j = j dxi */
        for (int32_t k = 0; k < record->frequencies; k++)
            xi[k] = record->mode[k] * task->frequency_step;
        return;
    }
    for (int32_t k = 0; k < record->frequencies; k++)
        xi[k] = record->mode[k] / side;
}

static void fill_xi(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    for (int direction = 0; direction < context->extent->size[FPS_DIRECTION]; direction++)
        fps_layout_frequencies(task, context->record, direction,
                               (double *)row + (int64_t)direction * context->record->frequencies);
}

static void fill_mode(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    (void)task;
    memcpy(row, context->record->mode, (size_t)context->record->frequencies * sizeof(int32_t));
}

static void fill_eta(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    (void)task;
    memcpy(row, context->record->threshold, (size_t)context->record->thresholds * sizeof(double));
}

static void fill_direction_name(const fps_column *column, const fps_column_context *context, const fps_task *task,
                                void *row) {
    static const char *const axes[FPS_MAX_DIMENSION] = {"x1", "x2", "x3"};
    (void)column;
    for (int direction = 0; direction < context->extent->size[FPS_DIRECTION]; direction++) {
        char *name = (char *)row + (size_t)direction * DIRECTION_NAME;
        if (direction < task->dimension)
            memcpy(name, axes[direction], strlen(axes[direction]));
        else if (direction < fps_spectrum_directions((int)task->dimension))
            memcpy(name, "radial", DIRECTION_NAME);
    }
}

static const char *field_of(const fps_column *column, const fps_task *task) {
    return (const char *)task + fps_parameters[column->parameter].offset;
}

static void fill_int64(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)context;
    memcpy(row, field_of(column, task), sizeof(int64_t));
}

static void fill_int32(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)context;
    int64_t value;
    memcpy(&value, field_of(column, task), sizeof value);
    *(int32_t *)row = (int32_t)value;
}

static void fill_real(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)context;
    memcpy(row, field_of(column, task), sizeof(double));
}

static void fill_text(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    int length;
    const char *text = fps_text_parameter(context->memo, column->parameter, task, &length);
    memcpy(row, text, (size_t)length);
}

static void fill_end(const fps_column_context *context, const fps_task *task, int end, double *row) {
    for (int64_t axis = 0; axis < context->extent->size[FPS_AXIS]; axis++)
        row[axis] = axis < task->dimension ? task->domain[axis][end] : (double)NAN;
}

static void fill_low(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    fill_end(context, task, 0, row);
}

static void fill_high(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    fill_end(context, task, 1, row);
}

static void fill_layers(const fps_column *column, const fps_column_context *context, const fps_task *task, void *row) {
    (void)column;
    (void)context;
    char text[FPS_LAYERS_SIZE];
    memcpy(row, text, (size_t)fps_text_layers(task, text));
}

static void fill_identity(const fps_column *column, const fps_column_context *context, const fps_task *task,
                          void *row) {
    (void)column;
    uint64_t identity = fps_text_identity(context->memo, task);
    for (int digit = 0; digit < IDENTITY_DIGITS; digit++)
        ((char *)row)[digit] = "0123456789abcdef"[identity >> (60 - 4 * digit) & 15];
}

/* ---- the list of variables ---- */

typedef void fill_function(const fps_column *, const fps_column_context *, const fps_task *, void *);

/* Append a column; with per_task its first dimension is task. */
static fps_column *append(fps_layout *layout, const fps_plan *plan, const char *name, fps_stored type, const char *unit,
                          const char *long_name, bool per_task, fill_function *fill) {
    if (layout->columns == FPS_LAYOUT_COLUMNS)
        return NULL;
    fps_column *column = &layout->column[layout->columns++];
    fps_variable_name(&column->variable, name, type, unit, long_name);
    column->per_task = per_task;
    column->varies = false;
    column->parameter = -1;
    column->fill = fill;
    if (per_task)
        fps_variable_add(&column->variable, "task", fps_plan_count(plan));
    return column;
}

/* Texts of equal length share a dimension: text4, text12, ... Never empty. */
static void add_text(fps_column *column, int length) {
    char dimension[FPS_DIMENSION_NAME];
    int size = length > 0 ? length : 1;
    snprintf(dimension, sizeof dimension, "text%d", size);
    fps_variable_add(&column->variable, dimension, size);
}

/* Thresholds of frequency, where some result has them. */
static bool append_thresholds(fps_layout *layout, const fps_plan *plan) {
    const int64_t thresholds = fps_plan_extent(plan)->size[FPS_THRESHOLD];
    if (thresholds == 0)
        return true;
    fps_column *eta = append(layout, plan, "eta", FPS_STORED_FLOAT64, "1/length",
                             "threshold of frequency in cycles per unit length", false, fill_eta);
    if (eta)
        fps_variable_add(&eta->variable, fps_dimension_name(FPS_THRESHOLD), thresholds);
    return eta != NULL;
}

static bool append_coordinates(fps_layout *layout, const fps_plan *plan, const fps_survey *survey) {
    const fps_extent *extent = fps_plan_extent(plan);
    int64_t directions = extent->size[FPS_DIRECTION], frequencies = fps_plan_record(plan)->frequencies;
    bool direct = fps_plan_record(plan)->keep & FPS_ONLY_DIRECT;
    bool step_varies = direct && survey->parameter[fps_parameter_find("frequency_step", -1)].varies;
    fps_column *mode = append(layout, plan, "mode", FPS_STORED_INT32, "1",
                              direct ? "index of the frequency on the lattice" : "periods over the side of the domain",
                              false, fill_mode);
    fps_column *xi = append(layout, plan, "xi", FPS_STORED_FLOAT64, "1/length", "frequency in cycles per unit length",
                            (!direct && survey->domain_varies) || survey->dimension_varies || step_varies, fill_xi);
    if (!mode || !xi)
        return false;
    fps_variable_add(&mode->variable, "frequency", frequencies);
    xi->varies = xi->per_task;
    if (directions > 1)
        fps_variable_add(&xi->variable, "direction", directions);
    fps_variable_add(&xi->variable, "frequency", frequencies);
    if (directions == 1)
        return true;
    fps_column *name = append(layout, plan, "direction_name", FPS_STORED_CHAR, "1",
                              "direction of frequencies: an axis, or all vectors of one length",
                              survey->dimension_varies, fill_direction_name);
    if (!name)
        return false;
    name->varies = name->per_task;
    fps_variable_add(&name->variable, "direction", directions);
    add_text(name, DIRECTION_NAME);
    return true;
}

static bool append_domain(fps_layout *layout, const fps_plan *plan, const fps_parameter *parameter, bool varies) {
    fps_column *low = append(layout, plan, "domain_low", FPS_STORED_FLOAT64, parameter->unit,
                             "lower end of the domain along each axis", true, fill_low);
    fps_column *high = append(layout, plan, "domain_high", FPS_STORED_FLOAT64, parameter->unit,
                              "upper end of the domain along each axis", true, fill_high);
    if (!low || !high)
        return false;
    low->varies = high->varies = varies;
    fps_variable_add(&low->variable, "axis", fps_plan_extent(plan)->size[FPS_AXIS]);
    fps_variable_add(&high->variable, "axis", fps_plan_extent(plan)->size[FPS_AXIS]);
    return true;
}

static bool append_parameter(fps_layout *layout, const fps_plan *plan, const fps_survey *survey, int p) {
    const fps_parameter *parameter = &fps_parameters[p];
    const fps_parameter_survey *seen = &survey->parameter[p];
    fps_stored type = FPS_STORED_CHAR;
    fill_function *fill = fill_text;
    switch (parameter->kind) {
    case FPS_KIND_DOMAIN:
        return append_domain(layout, plan, parameter, seen->varies || survey->dimension_varies);
    case FPS_KIND_INTEGER:
    case FPS_KIND_WIDTH: {
        bool small = seen->minimum >= INT32_MIN && seen->maximum <= INT32_MAX;
        type = small ? FPS_STORED_INT32 : FPS_STORED_INT64;
        fill = small ? fill_int32 : fill_int64;
        break;
    }
    case FPS_KIND_REAL:
        type = FPS_STORED_FLOAT64;
        fill = fill_real;
        break;
    case FPS_KIND_CHOICE:
    case FPS_KIND_TEXT:
        break;
    }
    fps_column *column = append(layout, plan, parameter->name, type, parameter->unit, parameter->sentence, true, fill);
    if (!column)
        return false;
    column->parameter = p;
    column->varies = seen->varies;
    if (type == FPS_STORED_CHAR)
        add_text(column, seen->text);
    if (column->varies && seen->used)
        snprintf(layout->varying + strlen(layout->varying), sizeof layout->varying - strlen(layout->varying), "%s ",
                 parameter->name);
    return true;
}

fps_status fps_layout_build(const fps_plan *plan, const fps_survey *survey, fps_layout *layout) {
    memset(layout, 0, sizeof *layout);
    bool room = append_coordinates(layout, plan, survey) && append_thresholds(layout, plan);
    for (int p = 0; room && p < fps_parameter_count; p++)
        room = append_parameter(layout, plan, survey, p);
    fps_column *layers = append(layout, plan, "layers", FPS_STORED_CHAR, "1",
                                "widths of all layers from input to output", true, fill_layers);
    fps_column *identity =
        append(layout, plan, "identity", FPS_STORED_CHAR, "1",
               "hash of all parameters that the task uses, seed of its checksum", true, fill_identity);
    if (!room || !layers || !identity)
        return fps_fail(FPS_ERROR_INPUT, "a results file has room for %d parameters and coordinates",
                        FPS_LAYOUT_COLUMNS);
    layers->varies = identity->varies = true;
    if (survey->layers_vary)
        snprintf(layout->varying + strlen(layout->varying), sizeof layout->varying - strlen(layout->varying),
                 "layers ");
    add_text(layers, survey->layers);
    add_text(identity, IDENTITY_DIGITS);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        fps_variable_scalar(fps_plan_count(plan), (fps_scalar)s, &layout->scalar[s]);
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        fps_variable_live((fps_live_scalar)l, &layout->live[l]);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        layout->has_result[r] = fps_variable_result(plan, (fps_result)r, &layout->result[r]);
    return FPS_OK;
}

int64_t fps_column_row(const fps_column *column) {
    int64_t elements = 1;
    for (int d = column->per_task ? 1 : 0; d < column->variable.rank; d++)
        elements *= column->variable.size[d];
    return elements;
}

double fps_layout_bytes(const fps_layout *layout) {
    double bytes = 0;
    for (int c = 0; c < layout->columns; c++)
        bytes += fps_variable_bytes(&layout->column[c].variable);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        bytes += fps_variable_bytes(&layout->scalar[s]);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        bytes += layout->has_result[r] ? fps_variable_bytes(&layout->result[r]) : 0;
    return bytes;
}

/* Does `inner` use only dimensions of `outer` (texts' own dimension aside)? */
static bool fits(const fps_variable *inner, const fps_variable *outer) {
    for (int i = 0; i < inner->rank; i++) {
        bool found = inner->type == FPS_STORED_CHAR && i == inner->rank - 1;
        for (int o = 0; o < outer->rank; o++)
            found = found || strcmp(inner->dimension[i], outer->dimension[o]) == 0;
        if (!found)
            return false;
    }
    return true;
}

void fps_layout_coordinates(const fps_layout *layout, fps_result result, char *text, size_t size) {
    const fps_variable *variable = &layout->result[result];
    snprintf(text, size, "%s", layout->varying);
    for (int c = 0; c < layout->columns; c++) {
        const fps_column *column = &layout->column[c];
        bool coordinate = column->fill == fill_mode || column->fill == fill_xi || column->fill == fill_direction_name ||
                          column->fill == fill_eta;
        if (coordinate && fits(&column->variable, variable))
            snprintf(text + strlen(text), size - strlen(text), "%s ", column->variable.name);
    }
    static const fps_result place[] = {FPS_RESULT_STEP, FPS_RESULT_RUNG_BAND_LIMIT}; /* of a record, by model */
    for (size_t p = 0; p < sizeof place / sizeof *place; p++) {
        const fps_variable *at = &layout->result[place[p]];
        if (result != place[p] && layout->has_result[place[p]] && fits(at, variable))
            snprintf(text + strlen(text), size - strlen(text), "%s ", at->name);
    }
    size_t length = strlen(text);
    if (length > 0)
        text[length - 1] = '\0';
}
