/* reader.c: reading a results file, by any process, also while a run writes it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/results.h"
#include "store/check.h"
#include "store/layout.h"
#include "store/row.h"

struct fps_reader {
    char *path;
    hid_t file;
    int64_t bytes; /* of the file, when it was opened */
    fps_plan *plan;
    int datasets;
    fps_dataset *dataset; /* [datasets] size and hash of the sweep's data files, without points */
    hid_t scalar[FPS_SCALAR_COUNT], live[FPS_LIVE_COUNT], result[FPS_RESULT_COUNT]; /* invalid: not in the file */
    char *text;                                                                     /* the attribute asked for last */
};

/* ---- open ---- */

/* Give the plan the sizes and hashes of its data files as they were at creation (the files may be gone since): extents
 * and identities then come out as they were. The list has one line per file: hash, dimension, samples, path. */
static fps_status restore_datasets(fps_reader *reader) {
    char *list = NULL;
    size_t length;
    reader->datasets = fps_plan_datasets(reader->plan);
    if (reader->datasets == 0)
        return FPS_OK;
    fps_status status = FPS_ALLOC(reader->dataset, reader->datasets);
    if (status == FPS_OK)
        status = fps_attribute_read_text(reader->file, "data_files", FPS_SWEEP_LIMIT, &list, &length);
    const char *line = list;
    for (int k = 0; status == FPS_OK && k < reader->datasets; k++) {
        fps_dataset *dataset = &reader->dataset[k];
        int used = 0;
        if (sscanf(line, "%16" SCNx64 " %d %" SCNd64 "%n", &dataset->hash, &dataset->dimension, &dataset->samples,
                   &used) != 3 ||
            dataset->dimension < 1 || dataset->dimension > FPS_MAX_DIMENSION || dataset->samples < 1)
            status = fps_fail(FPS_ERROR_INPUT, "attribute data_files is not as it was written");
        else
            status = fps_plan_set_dataset(reader->plan, k, dataset);
        if (status == FPS_OK) {
            line = strchr(line + used, '\n');
            line = line ? line + 1 : "";
        }
    }
    fps_free(list);
    return status == FPS_OK ? status : fps_fail_context(FPS_ERROR_INPUT, "%s is damaged", reader->path);
}

static fps_status rebuild_plan(fps_reader *reader) {
    char *text = NULL;
    size_t length;
    uint64_t hash;
    FPS_TRY(fps_check_text(reader->file, reader->path, &text, &length, &hash));
    fps_status status = fps_plan_create(reader->path, text, length, &reader->plan);
    fps_free(text);
    if (status != FPS_OK)
        return fps_fail_context(FPS_ERROR_INPUT, "the sweep file inside is not understood (another version made it?)");
    return restore_datasets(reader);
}

static fps_status open_variables(fps_reader *reader) {
    fps_variable variable;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_variable_scalar(reader->plan, (fps_scalar)s, &variable);
        FPS_TRY(fps_variable_open(reader->file, reader->path, &variable, reader->bytes, false, &reader->scalar[s]));
    }
    for (int l = 0; l < FPS_LIVE_COUNT; l++) {
        fps_variable_live((fps_live_scalar)l, &variable);
        FPS_TRY(fps_variable_open(reader->file, reader->path, &variable, reader->bytes, false, &reader->live[l]));
    }
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (fps_variable_result(reader->plan, (fps_result)r, &variable))
            FPS_TRY(fps_variable_open(reader->file, reader->path, &variable, reader->bytes, false, &reader->result[r]));
    return FPS_OK;
}

fps_status fps_reader_open(const char *path, fps_reader **out) {
    fps_reader *reader = NULL;
    fps_status status = FPS_OK;
    FPS_TRY(FPS_ALLOC(reader, 1));
    reader->file = H5I_INVALID_HID;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        reader->scalar[s] = H5I_INVALID_HID;
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        reader->live[l] = H5I_INVALID_HID;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        reader->result[r] = H5I_INVALID_HID;
    reader->path = fps_strdup(path);
    status = reader->path ? FPS_OK : FPS_ERROR_MEMORY;
    if (status == FPS_OK)
        status = fps_check_open(path, &reader->file, &reader->bytes);
    if (status == FPS_OK)
        status = rebuild_plan(reader);
    if (status == FPS_OK)
        status = open_variables(reader);
    if (status != FPS_OK) {
        fps_reader_close(&reader);
        return status;
    }
    *out = reader;
    return FPS_OK;
}

void fps_reader_close(fps_reader **out) {
    fps_reader *reader = *out;
    if (!reader)
        return;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        fps_hdf5_close(&reader->result[r]);
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        fps_hdf5_close(&reader->live[l]);
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        fps_hdf5_close(&reader->scalar[s]);
    fps_hdf5_close(&reader->file);
    fps_plan_destroy(&reader->plan);
    fps_free(reader->dataset);
    fps_free(reader->text);
    fps_free(reader->path);
    fps_free(reader);
    *out = NULL;
}

const fps_plan *fps_reader_plan(const fps_reader *reader) {
    return reader->plan;
}

const char *fps_reader_attribute(fps_reader *reader, const char *name) {
    size_t length;
    int64_t number;
    fps_free(reader->text);
    reader->text = NULL;
    if (H5Aexists(reader->file, name) <= 0)
        return "";
    if (fps_attribute_read_text(reader->file, name, FPS_SWEEP_LIMIT, &reader->text, &length) == FPS_OK)
        return reader->text;
    if (fps_attribute_read_integer(reader->file, name, &number) == FPS_OK &&
        (reader->text = fps_alloc(24, 1)) != NULL) {
        snprintf(reader->text, 24, "%" PRId64, number);
        return reader->text;
    }
    return "";
}

/* ---- scalars ---- */

fps_status fps_reader_rows(fps_reader *reader, fps_row *rows) {
    fps_status status = FPS_OK;
    int64_t tasks = fps_plan_count(reader->plan);
    int64_t most = fps_plan_extent(reader->plan)->size[FPS_RECORD];
    double *value = NULL; /* HDF5 converts: exact for all these types */
    FPS_TRY(FPS_ALLOC(value, tasks));
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        if (H5Dread(reader->scalar[s], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) {
            status =
                fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: the numbers of the tasks cannot be read", reader->path);
            goto done;
        }
        for (int64_t i = 0; i < tasks; i++) {
            fps_row *row = &rows[i];
            row->task = i;
            switch ((fps_scalar)s) {
            case FPS_SCALAR_OUTCOME:
                row->outcome = (fps_outcome)value[i];
                break;
            case FPS_SCALAR_CHECKSUM:
                row->checksum = (uint32_t)value[i];
                break;
            case FPS_SCALAR_RECORDS:
                row->records = (int32_t)value[i];
                break;
            case FPS_SCALAR_SECONDS:
                row->seconds = value[i];
                break;
            case FPS_SCALAR_RANK:
                row->rank = (int32_t)value[i];
                break;
            case FPS_SCALAR_ATTEMPTS:
                row->attempts = (int32_t)value[i];
                break;
            case FPS_SCALAR_VERSION:
            case FPS_SCALAR_COUNT:
                break;
            }
        }
    }
    for (int64_t i = 0; i < tasks; i++)
        if ((unsigned)rows[i].outcome >= FPS_OUTCOME_COUNT || rows[i].records < 0 || rows[i].records > most) {
            status = fps_fail(FPS_ERROR_INPUT, "%s is damaged: task %" PRId64 " has outcome %d and %d records",
                              reader->path, i, (int)rows[i].outcome, (int)rows[i].records);
            goto done;
        }
done:
    fps_free(value);
    return status;
}

fps_status fps_reader_live(fps_reader *reader, fps_live *live) {
    if (H5Dread(reader->live[FPS_LIVE_HEARTBEAT], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &live->heartbeat) <
            0 ||
        H5Dread(reader->live[FPS_LIVE_RUNNING], H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &live->running) < 0 ||
        H5Dread(reader->live[FPS_LIVE_RATE], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &live->rate) < 0)
        return fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: the signs of life cannot be read", reader->path);
    return FPS_OK;
}

/* ---- rows ---- */

/* Read one block of a variable as numbers of the given type of memory. */
static fps_status read_block(const fps_reader *reader, hid_t dataset, const char *name, hid_t type,
                             const hsize_t *start, const hsize_t *size, hsize_t elements, void *value) {
    fps_status status = FPS_OK;
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, &elements, NULL);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
        H5Dread(dataset, type, memory, space, H5P_DEFAULT, value) < 0)
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: %s cannot be read", reader->path, name);
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    return status;
}

static fps_status check_task(const fps_reader *reader, int64_t i) {
    return i >= 0 && i < fps_plan_count(reader->plan)
               ? FPS_OK
               : fps_fail(FPS_ERROR_USAGE, "%s has no task %" PRId64 ": they count from 0 to %" PRId64, reader->path, i,
                          fps_plan_count(reader->plan) - 1);
}

static fps_status read_scalar(const fps_reader *reader, fps_scalar scalar, int64_t i, double *value) {
    const hsize_t start = (hsize_t)i, one = 1;
    return read_block(reader, reader->scalar[scalar], "a task's number", H5T_NATIVE_DOUBLE, &start, &one, 1, value);
}

/* Outcome and records of one task, checked. */
static fps_status read_mask(const fps_reader *reader, int64_t i, const fps_extent *extent, fps_outcome *outcome,
                            int64_t *records) {
    double code, count;
    FPS_TRY(read_scalar(reader, FPS_SCALAR_OUTCOME, i, &code));
    FPS_TRY(read_scalar(reader, FPS_SCALAR_RECORDS, i, &count));
    if (code < 0 || code >= FPS_OUTCOME_COUNT || count < 0 || count > (double)extent->size[FPS_RECORD])
        return fps_fail(FPS_ERROR_INPUT, "%s is damaged: task %" PRId64 " has outcome %g and %g records", reader->path,
                        i, code, count);
    *outcome = (fps_outcome)code;
    *records = (int64_t)count;
    return FPS_OK;
}

/* The valid part of one result of one task into value (dense, at its start). */
static fps_status read_result(const fps_reader *reader, int64_t i, fps_result result, const fps_extent *extent,
                              int64_t records, double *value) {
    const fps_result_field *field = &fps_result_fields[result];
    bool directions = fps_plan_extent(reader->plan)->size[FPS_DIRECTION] > 1;
    fps_row_part part = fps_row_valid(field, extent, records, directions);
    if (part.elements == 0)
        return FPS_OK;
    hsize_t start[FPS_VARIABLE_RANK] = {(hsize_t)i}, size[FPS_VARIABLE_RANK] = {1};
    for (int d = 0; d < part.rank; d++)
        size[d + 1] = part.size[d];
    return read_block(reader, reader->result[result], field->name, H5T_NATIVE_DOUBLE, start, size,
                      (hsize_t)part.elements, value);
}

fps_status fps_reader_trajectory(fps_reader *reader, int64_t i, fps_trajectory *trajectory) {
    fps_task task;
    FPS_TRY(check_task(reader, i));
    fps_plan_task(reader->plan, i, &task);
    FPS_TRY(fps_trajectory_prepare(trajectory, &task, fps_plan_record(reader->plan)));
    FPS_TRY(read_mask(reader, i, &trajectory->extent, &trajectory->outcome, &trajectory->records));
    FPS_TRY(read_scalar(reader, FPS_SCALAR_SECONDS, i, &trajectory->seconds));
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (trajectory->value[r] && reader->result[r] >= 0)
            FPS_TRY(
                read_result(reader, i, (fps_result)r, &trajectory->extent, trajectory->records, trajectory->value[r]));
    return FPS_OK;
}

fps_status fps_reader_result(fps_reader *reader, int64_t i, fps_result result, double *value) {
    fps_task task;
    fps_extent extent;
    fps_outcome outcome;
    int64_t records;
    FPS_TRY(check_task(reader, i));
    if (reader->result[result] < 0)
        return fps_fail(FPS_ERROR_INPUT, "%s does not hold %s: it was not asked for by `record: keep`", reader->path,
                        fps_result_fields[result].name);
    fps_plan_task(reader->plan, i, &task);
    fps_task_extent(&task, fps_plan_record(reader->plan), &extent);
    FPS_TRY(read_mask(reader, i, &extent, &outcome, &records));
    int64_t elements = fps_result_elements(&fps_result_fields[result], &extent);
    for (int64_t e = 0; e < elements; e++)
        value[e] = NAN;
    return read_result(reader, i, result, &extent, records, value);
}

fps_status fps_reader_frequencies(fps_reader *reader, int64_t i, double *xi) {
    fps_task task;
    FPS_TRY(check_task(reader, i));
    fps_plan_task(reader->plan, i, &task);
    fps_layout_frequencies(&task, fps_plan_record(reader->plan), 0, xi);
    return FPS_OK;
}
