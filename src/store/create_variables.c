/* create_variables.c: variables of a new file with their dimensions, as netCDF-4 wants them, and their attributes. */
#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "store/create_internal.h"

/* ---- dimensions ---- */

/* The scale of a named dimension, made at its first use. A dimension without variable is, by netCDF-4's convention, a
 * dataset of floats whose scale has this name; its numbers never exist. */
static fps_status find_dimension(fps_creator *c, const char *name, int64_t size, hid_t *scale) {
    for (int d = 0; d < c->dimensions; d++)
        if (strcmp(c->dimension[d].name, name) == 0) {
            *scale = c->dimension[d].scale;
            return FPS_OK;
        }
    if (c->dimensions == FPS_CREATE_DIMENSIONS)
        return fps_fail(FPS_ERROR_INPUT, "a results file has room for %d dimensions", FPS_CREATE_DIMENSIONS);
    char label[80];
    snprintf(label, sizeof label, "This is a netCDF dimension but not a netCDF variable.%10" PRId64, size);
    hsize_t extent = (hsize_t)size;
    hid_t space = H5Screate_simple(1, &extent, NULL);
    *scale = H5Dcreate2(c->file, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, c->bare, H5P_DEFAULT);
    fps_status status = FPS_OK;
    if (*scale < 0 || H5DSset_scale(*scale, label) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "dimension %s cannot be made", name);
    fps_hdf5_close(&space);
    if (status != FPS_OK) {
        fps_hdf5_close(scale);
        return status;
    }
    snprintf(c->dimension[c->dimensions].name, FPS_DIMENSION_NAME, "%s", name);
    c->dimension[c->dimensions++].scale = *scale;
    return FPS_OK;
}

/* ---- variables ---- */

/* Create the dataset with its dimensions, units and long_name; the caller closes *dataset. It gets its name (and its
 * place in the file's order) now, or with H5Olink. */
static fps_status define_as(fps_creator *c, const fps_variable *variable, bool named, hid_t *dataset) {
    fps_status status = FPS_OK;
    hsize_t size[FPS_VARIABLE_RANK];
    for (int d = 0; d < variable->rank; d++)
        size[d] = (hsize_t)variable->size[d];
    hid_t space = variable->rank ? H5Screate_simple(variable->rank, size, NULL) : H5Screate(H5S_SCALAR);
    hid_t type = fps_stored_hdf5(variable->type);
    *dataset = named ? H5Dcreate2(c->file, variable->name, type, space, H5P_DEFAULT, c->properties, H5P_DEFAULT)
                     : H5Dcreate_anon(c->file, type, space, c->properties, H5P_DEFAULT);
    if (*dataset < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot be made", variable->name);
    fps_hdf5_close(&space);
    if (status != FPS_OK)
        return status;
    for (int d = 0; d < variable->rank; d++) {
        hid_t scale = H5I_INVALID_HID;
        FPS_TRY_GOTO(status, find_dimension(c, variable->dimension[d], variable->size[d], &scale), fail);
        if (H5DSattach_scale(*dataset, scale, (unsigned)d) < 0) {
            status = fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot get its dimensions", variable->name);
            goto fail;
        }
    }
    FPS_TRY_GOTO(status,
                 fps_attribute_write_text(*dataset, "long_name", variable->long_name, strlen(variable->long_name)),
                 fail);
    FPS_TRY_GOTO(status, fps_attribute_write_text(*dataset, "units", variable->unit, strlen(variable->unit)), fail);
    if (variable->type == FPS_STORED_CHAR)
        FPS_TRY_GOTO(status, fps_attribute_write_text(*dataset, "_Encoding", "utf-8", 5), fail);
    return FPS_OK;
fail:
    fps_hdf5_close(dataset);
    return status;
}

fps_status fps_create_variable(fps_creator *c, const fps_variable *variable, hid_t *dataset) {
    return define_as(c, variable, true, dataset);
}

/* ---- scalars and results ---- */

/* Explicit zeros: what a kill leaves is then surely "pending", and what the coordinator will write has its room. */
static fps_status write_zeros(hid_t dataset, const fps_variable *variable) {
    char *zeros = NULL;
    FPS_TRY(FPS_ALLOC(zeros, (size_t)fps_variable_elements(variable) * fps_stored_size(variable->type)));
    herr_t failed = H5Dwrite(dataset, fps_stored_hdf5(variable->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
    fps_free(zeros);
    return failed < 0 ? fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot be written", variable->name) : FPS_OK;
}

/* Codes 0 .. count - 1 and their names. */
static fps_status describe_codes(hid_t dataset, int count, const char *(*name)(int code)) {
    int8_t values[16];
    char meanings[256] = "";
    for (int code = 0; code < count; code++) {
        values[code] = (int8_t)code;
        snprintf(meanings + strlen(meanings), sizeof meanings - strlen(meanings), "%s%s", code ? " " : "", name(code));
    }
    FPS_TRY(fps_attribute_write(dataset, "flag_values", FPS_STORED_INT8, values, count));
    return fps_attribute_write_text(dataset, "flag_meanings", meanings, strlen(meanings));
}

static const char *outcome_name(int code) {
    return fps_outcome_name((fps_outcome)code);
}

static const char *class_name(int code) {
    return fps_kernel_class_name((fps_kernel_class)code);
}

static const char checksum_recipe[] =
    "XXH3-64, seeded with identity (hexadecimal), over outcome as int8, records as int32, then the valid part of each "
    "result variable of the row in the file's order, all little-endian in the file's types; valid are the first "
    "`records` "
    "records of what the task's own sizes span, and nothing if records is 0. Stored are the low 32 bits.";

static const char scalars_recipe[] =
    "XXH3-64, seeded with identity (hexadecimal), over outcome (int8), checksum (uint32), records (int32), seconds "
    "(float64), rank, attempts, version (int32), kernel_class (int8), self_test (uint32), finished (float64), then the "
    "result variables with the dimension task alone in the file's order and types, all little-endian without gaps. "
    "Stored are the low 32 bits; 0 while the task is pending.";

fps_status fps_create_scalars(fps_creator *c) {
    for (int s = 0; s < FPS_SCALAR_COUNT + FPS_LIVE_COUNT; s++) {
        const fps_variable *variable =
            s < FPS_SCALAR_COUNT ? &c->layout->scalar[s] : &c->layout->live[s - FPS_SCALAR_COUNT];
        hid_t dataset = H5I_INVALID_HID;
        FPS_TRY(fps_create_variable(c, variable, &dataset));
        fps_status status = write_zeros(dataset, variable);
        if (status == FPS_OK && s == FPS_SCALAR_OUTCOME)
            status = describe_codes(dataset, FPS_OUTCOME_COUNT, outcome_name);
        if (status == FPS_OK && s == FPS_SCALAR_KERNEL_CLASS)
            status = describe_codes(dataset, FPS_KERNEL_CLASS_COUNT, class_name);
        if (status == FPS_OK && s == FPS_SCALAR_CHECKSUM)
            status = fps_attribute_write_text(dataset, "comment", checksum_recipe, strlen(checksum_recipe));
        if (status == FPS_OK && s == FPS_SCALAR_SCALARS_CHECKSUM)
            status = fps_attribute_write_text(dataset, "comment", scalars_recipe, strlen(scalars_recipe));
        fps_hdf5_close(&dataset);
        FPS_TRY(status);
    }
    return FPS_OK;
}

/* Results that are one number per task belong to the scalars, which the coordinator writes: they lie beside them,
 * before all large arrays, so that a file which loses its end loses few rows. Their names come in the results' order.
 */
static fps_status allocate_numbers(fps_creator *c) {
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (c->layout->has_result[r] && fps_result_fields[r].dimensions == 0) {
            FPS_TRY(define_as(c, &c->layout->result[r], false, &c->number[r]));
            FPS_TRY(write_zeros(c->number[r], &c->layout->result[r]));
        }
    return FPS_OK;
}

/* The dataset of a result, named. */
static fps_status open_result(fps_creator *c, int r, hid_t *dataset) {
    const fps_variable *variable = &c->layout->result[r];
    if (c->number[r] < 0)
        return fps_create_variable(c, variable, dataset);
    *dataset = c->number[r];
    c->number[r] = H5I_INVALID_HID;
    if (H5Olink(*dataset, c->file, variable->name, H5P_DEFAULT, H5P_DEFAULT) < 0) {
        fps_hdf5_close(dataset);
        return fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot be made", variable->name);
    }
    return FPS_OK;
}

fps_status fps_create_results(fps_creator *c) {
    FPS_TRY(allocate_numbers(c));
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_variable *variable = &c->layout->result[r];
        if (!c->layout->has_result[r])
            continue;
        hid_t dataset = H5I_INVALID_HID;
        FPS_TRY(open_result(c, r, &dataset));
        fps_status status = FPS_OK;
        char coordinates[FPS_LAYOUT_COORDINATES];
        fps_layout_coordinates(c->layout, (fps_result)r, coordinates, sizeof coordinates);
        if (*coordinates)
            status = fps_attribute_write_text(dataset, "coordinates", coordinates, strlen(coordinates));
        if (status == FPS_OK && variable->fill_zero)
            status = fps_attribute_write(dataset, "_FillValue", variable->type, &(double){0}, 1);
        fps_hdf5_close(&dataset);
        FPS_TRY(status);
    }
    return FPS_OK;
}
