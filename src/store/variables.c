#include "store/variables.h"

#include <inttypes.h>
#include <string.h>

enum { IDENTITY_DIGITS = 16 };

static void init(fps_open_variable *open) {
    open->dataset = open->space = H5I_INVALID_HID;
}

void fps_variables_init(fps_variables *variables) {
    memset(variables, 0, sizeof *variables);
    variables->memory = H5I_INVALID_HID;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        init(&variables->scalar[s]);
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        init(&variables->live[l]);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        init(&variables->result[r]);
    init(&variables->identity);
}

static void close_variable(fps_open_variable *open) {
    fps_hdf5_close(&open->space);
    fps_hdf5_close(&open->dataset);
}

void fps_variables_close(fps_variables *variables) {
    close_variable(&variables->identity);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        close_variable(&variables->result[r]);
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        close_variable(&variables->live[l]);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        close_variable(&variables->scalar[s]);
    fps_hdf5_close(&variables->memory);
}

/* ---- open ---- */

/* Does the open dataset have the variable's element type and sizes? */
static bool same_shape(const fps_open_variable *open) {
    hid_t type = H5Dget_type(open->dataset);
    hsize_t size[H5S_MAX_RANK];
    bool same = type >= 0 && open->space >= 0 && H5Tequal(type, fps_stored_hdf5(open->variable.type)) > 0 &&
                H5Sget_simple_extent_ndims(open->space) == open->variable.rank &&
                H5Sget_simple_extent_dims(open->space, size, NULL) >= 0;
    for (int d = 0; same && d < open->variable.rank; d++)
        same = size[d] == (hsize_t)open->variable.size[d];
    fps_hdf5_close(&type);
    return same;
}

static fps_status open_variable(fps_variables *variables, hid_t file, int64_t file_bytes, bool writable,
                                fps_open_variable *open) {
    const fps_variable *variable = &open->variable;
    if (H5Lexists(file, variable->name, H5P_DEFAULT) <= 0 ||
        (open->dataset = H5Dopen2(file, variable->name, H5P_DEFAULT)) < 0)
        return fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: variable %s cannot be opened", variables->path,
                             variable->name);
    open->space = H5Dget_space(open->dataset);
    if (!same_shape(open))
        return fps_fail(FPS_ERROR_INPUT, "%s is damaged: variable %s has not the type or size that its sweep asks for",
                        variables->path, variable->name);
    haddr_t offset = H5Dget_offset(open->dataset);
    if (offset == HADDR_UNDEF && writable)
        return fps_hdf5_fail(FPS_ERROR_INPUT,
                             "%s was repacked (variable %s is not stored in one piece): it can be read, not continued",
                             variables->path, variable->name);
    if (offset != HADDR_UNDEF && (double)offset + fps_variable_bytes(variable) > (double)file_bytes)
        return fps_fail(FPS_ERROR_INPUT, "%s is truncated: variable %s ends behind the file's %" PRId64 " bytes",
                        variables->path, variable->name, file_bytes);
    return FPS_OK;
}

/* Results that are one number per task belong to the scalars: without a plan their type is what the file has. */
static fps_status open_number(fps_variables *variables, hid_t file, int64_t file_bytes, int64_t tasks, fps_result r) {
    static const fps_stored types[] = {FPS_STORED_FLOAT32, FPS_STORED_FLOAT64, FPS_STORED_INT64};
    const fps_result_field *field = &fps_result_fields[r];
    fps_open_variable *open = &variables->result[r];
    if (field->dimensions > 0 || H5Lexists(file, field->name, H5P_DEFAULT) <= 0)
        return FPS_OK;
    hid_t dataset = H5Dopen2(file, field->name, H5P_DEFAULT), type = H5Dget_type(dataset);
    fps_variable_name(&open->variable, field->name, FPS_STORED_FLOAT64, field->unit, field->long_name);
    fps_variable_add(&open->variable, "task", tasks);
    for (size_t t = 0; type >= 0 && t < sizeof types / sizeof *types; t++)
        if (H5Tequal(type, fps_stored_hdf5(types[t])) > 0)
            open->variable.type = types[t];
    fps_hdf5_close(&type);
    fps_hdf5_close(&dataset);
    return open_variable(variables, file, file_bytes, false, open);
}

fps_status fps_variables_open(fps_variables *variables, hid_t file, const char *path, int format, int64_t file_bytes,
                              int64_t tasks, const fps_plan *plan, bool writable) {
    variables->path = path;
    variables->format = format;
    variables->directions = plan && fps_plan_extent(plan)->size[FPS_DIRECTION] > 1;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(tasks, (fps_scalar)s, &variables->scalar[s].variable);
        if (fps_scalar_since((fps_scalar)s) <= format)
            FPS_TRY(open_variable(variables, file, file_bytes, writable, &variables->scalar[s]));
    }
    fps_variable_name(&variables->identity.variable, "identity", FPS_STORED_CHAR, "1", "");
    fps_variable_add(&variables->identity.variable, "task", tasks);
    fps_variable_add(&variables->identity.variable, "text", IDENTITY_DIGITS);
    FPS_TRY(open_variable(variables, file, file_bytes, writable, &variables->identity));
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        fps_variable_live((fps_live_scalar)l, &variables->live[l].variable);
        FPS_TRY(open_variable(variables, file, file_bytes, writable, &variables->live[l]));
    }
    for (int r = 0; !plan && r < FPS_RESULT_COUNT; r++)
        FPS_TRY(open_number(variables, file, file_bytes, tasks, (fps_result)r));
    variables->row_bytes = 1;
    for (int r = 0; plan && r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &variables->result[r];
        if (!fps_variable_result(plan, (fps_result)r, &open->variable))
            continue;
        FPS_TRY(open_variable(variables, file, file_bytes, writable, open));
        size_t bytes = (size_t)(fps_variable_elements(&open->variable) / tasks) * fps_stored_size(open->variable.type);
        variables->row_bytes = bytes > variables->row_bytes ? bytes : variables->row_bytes;
    }
    variables->memory_size = 1;
    variables->memory = H5Screate_simple(1, &variables->memory_size, NULL);
    return variables->memory < 0 ? fps_hdf5_fail(FPS_ERROR_IO, "%s: no dataspace", path) : FPS_OK;
}

/* ---- access ---- */

fps_status fps_variables_select(fps_variables *variables, fps_open_variable *open, const hsize_t *start,
                                const hsize_t *size, hsize_t elements) {
    if (elements != variables->memory_size) {
        if (H5Sset_extent_simple(variables->memory, 1, &elements, NULL) < 0)
            return fps_hdf5_fail(FPS_ERROR_IO, "%s: no dataspace", variables->path);
        variables->memory_size = elements;
    }
    if (open->variable.rank > 0 && H5Sselect_hyperslab(open->space, H5S_SELECT_SET, start, NULL, size, NULL) < 0)
        return fps_hdf5_fail(FPS_ERROR_IO, "%s: selecting in %s failed", variables->path, open->variable.name);
    return FPS_OK;
}

fps_status fps_variables_read(fps_variables *variables, fps_open_variable *open, hid_t type, const hsize_t *start,
                              const hsize_t *size, hsize_t elements, void *value) {
    FPS_TRY(fps_variables_select(variables, open, start, size, elements));
    if (H5Dread(open->dataset, type, variables->memory, open->space, H5P_DEFAULT, value) < 0)
        return fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: %s cannot be read", variables->path, open->variable.name);
    return FPS_OK;
}

/* A number in [0, limit], or 0. */
static double sane(double value, double limit) {
    return value >= 0 && value <= limit ? value : 0;
}

fps_status fps_variables_live(fps_variables *variables, fps_live *live) {
    const double far_future_s = 1e11, many = 1e12;
    double value[FPS_LIVE_COUNT];
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        FPS_TRY(fps_variables_read(variables, &variables->live[l], H5T_NATIVE_DOUBLE, NULL, NULL, 1, &value[l]));
    live->heartbeat = sane(value[FPS_LIVE_HEARTBEAT], far_future_s);
    live->running = (int64_t)sane(value[FPS_LIVE_RUNNING], many);
    live->rate = sane(value[FPS_LIVE_RATE], many);
    return FPS_OK;
}
