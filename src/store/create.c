/* create.c: a complete, empty results file, made serially and published at once.
 *
 * Superblock 2 (bounds V18: version 3 can need h5clear after a kill), no object times, creation order tracked (netCDF-4
 * wants it), contiguous data allocated early and, where large, never filled: the file is sparse and nothing but data is
 * written during a run.
 */
#include <errno.h>
#include <hdf5_hl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"
#include "fpsweep/version.h"
#include "store/guard.h"
#include "store/layout.h"
#include "store/lock.h"
#include "store/publish.h"

enum {
    DIMENSIONS = 64,
    METADATA_FIXED = 12288,  /* room for attributes of the file besides the sweep's text */
    METADATA_VARIABLE = 640, /* and for the header and attributes of a variable */
    BLOCK_TASKS = 8192       /* rows of a column written at once */
};

/* Everything that creating one file needs. */
typedef struct creator {
    const fps_plan *plan;
    const fps_run_facts *facts;
    fps_text_memo *memo;
    fps_survey survey;
    fps_layout *layout;
    hid_t file, properties, bare; /* dataset creation: allocated early; a dimension without variable: never allocated */
    struct {
        char name[FPS_DIMENSION_NAME];
        hid_t scale;
    } dimension[DIMENSIONS];
    int dimensions;
} creator;

/* ---- the file and its properties ---- */

static int64_t count_variables(const fps_layout *layout) {
    int64_t variables = 1 + layout->columns + FPS_SCALAR_COUNT + FPS_LIVE_COUNT;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        variables += layout->has_result[r];
    return variables;
}

/* Room for all metadata in one block at the file's beginning, so that a file that loses its end keeps its structure. */
static hsize_t metadata_bytes(const creator *c) {
    char coordinates[FPS_LAYOUT_COORDINATES];
    size_t texts;
    fps_plan_text(c->plan, &texts);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (c->layout->has_result[r]) {
            fps_layout_coordinates(c->layout, (fps_result)r, coordinates, sizeof coordinates);
            texts += strlen(coordinates);
        }
    hsize_t bytes = METADATA_FIXED + METADATA_VARIABLE * (hsize_t)count_variables(c->layout) + texts;
    return (bytes + FPS_GUARD_ALIGNMENT - 1) / FPS_GUARD_ALIGNMENT * FPS_GUARD_ALIGNMENT;
}

static fps_status create_file(creator *c, const char *path) {
    fps_status status = FPS_OK;
    unsigned ordered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    c->properties = H5Pcreate(H5P_DATASET_CREATE);
    c->bare = H5Pcreate(H5P_DATASET_CREATE);
    if (access < 0 || creation < 0 || c->properties < 0 || c->bare < 0 ||
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
        H5Pset_alignment(access, FPS_GUARD_ALIGNMENT, FPS_GUARD_ALIGNMENT) < 0 ||
        H5Pset_meta_block_size(access, metadata_bytes(c)) < 0 || H5Pset_link_creation_order(creation, ordered) < 0 ||
        H5Pset_attr_creation_order(creation, ordered) < 0 || H5Pset_obj_track_times(creation, false) < 0 ||
        H5Pset_obj_track_times(c->properties, false) < 0 || H5Pset_attr_creation_order(c->properties, ordered) < 0 ||
        H5Pset_obj_track_times(c->bare, false) < 0 || H5Pset_attr_creation_order(c->bare, ordered) < 0 ||
        H5Pset_layout(c->properties, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(c->properties, H5D_ALLOC_TIME_EARLY) < 0 ||
        H5Pset_fill_time(c->properties, H5D_FILL_TIME_NEVER) < 0 || H5Pset_layout(c->bare, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(c->bare, H5D_ALLOC_TIME_LATE) < 0 || H5Pset_fill_time(c->bare, H5D_FILL_TIME_NEVER) < 0 ||
        (c->file = H5Fcreate(path, H5F_ACC_EXCL, creation, access)) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: cannot be created", path);
    fps_hdf5_close(&creation);
    fps_hdf5_close(&access);
    return status;
}

/* ---- dimensions ---- */

/* The scale of a named dimension, made at its first use. A dimension without variable is, by netCDF-4's convention, a
 * dataset of floats whose scale has this name; its numbers never exist. */
static fps_status find_dimension(creator *c, const char *name, int64_t size, hid_t *scale) {
    for (int d = 0; d < c->dimensions; d++)
        if (strcmp(c->dimension[d].name, name) == 0) {
            *scale = c->dimension[d].scale;
            return FPS_OK;
        }
    if (c->dimensions == DIMENSIONS)
        return fps_fail(FPS_ERROR_INPUT, "a results file has room for %d dimensions", DIMENSIONS);
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

/* Create the dataset with its dimensions, units and long_name; the caller closes *dataset. */
static fps_status define(creator *c, const fps_variable *variable, hid_t *dataset) {
    fps_status status = FPS_OK;
    hsize_t size[FPS_VARIABLE_RANK];
    for (int d = 0; d < variable->rank; d++)
        size[d] = (hsize_t)variable->size[d];
    hid_t space = variable->rank ? H5Screate_simple(variable->rank, size, NULL) : H5Screate(H5S_SCALAR);
    *dataset = H5Dcreate2(c->file, variable->name, fps_stored_hdf5(variable->type), space, H5P_DEFAULT, c->properties,
                          H5P_DEFAULT);
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

/* ---- columns: coordinates and parameters, filled for all tasks ---- */

typedef struct filled_column {
    hid_t dataset;
    size_t row; /* bytes per task */
    char *block;
} filled_column;

static fps_status write_rows(const creator *c, int k, const filled_column *filled, int64_t first, int64_t count) {
    const fps_column *column = &c->layout->column[k];
    fps_status status = FPS_OK;
    hsize_t start[FPS_VARIABLE_RANK] = {0}, size[FPS_VARIABLE_RANK];
    for (int d = 0; d < column->variable.rank; d++)
        size[d] = (hsize_t)column->variable.size[d];
    if (column->per_task) {
        start[0] = (hsize_t)first;
        size[0] = (hsize_t)count;
    }
    hid_t space = H5Dget_space(filled->dataset), memory = H5Screate_simple(column->variable.rank, size, NULL);
    hid_t type = fps_stored_hdf5(column->variable.type);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
        H5Dwrite(filled->dataset, type, memory, space, H5P_DEFAULT, filled->block) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot be written", column->variable.name);
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    return status;
}

/* Visit the tasks once, block by block; a column that does not vary is filled once and only written again. */
static fps_status fill_columns(creator *c) {
    fps_layout *layout = c->layout;
    fps_status status = FPS_OK;
    filled_column *filled = NULL;
    int64_t tasks = fps_plan_count(c->plan), block = tasks < BLOCK_TASKS ? tasks : BLOCK_TASKS;
    fps_column_context context = {fps_plan_record(c->plan), fps_plan_extent(c->plan), c->memo};
    FPS_TRY(FPS_ALLOC(filled, layout->columns));
    for (int k = 0; k < layout->columns; k++)
        filled[k].dataset = H5I_INVALID_HID;
    fps_task task;
    fps_plan_task(c->plan, 0, &task);
    for (int k = 0; k < layout->columns; k++) {
        const fps_column *column = &layout->column[k];
        filled_column *f = &filled[k];
        f->row = (size_t)fps_column_row(column) * fps_stored_size(column->variable.type);
        int64_t rows = column->per_task ? block : 1;
        FPS_TRY_GOTO(status, define(c, &column->variable, &f->dataset), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(f->block, (size_t)rows * f->row), done);
        if (column->varies)
            continue;
        column->fill(column, &context, &task, f->block);
        for (int64_t i = 1; i < rows; i++)
            memcpy(f->block + (size_t)i * f->row, f->block, f->row);
        if (!column->per_task)
            FPS_TRY_GOTO(status, write_rows(c, k, f, 0, 1), done);
    }
    for (int64_t first = 0; first < tasks; first += block) {
        int64_t count = tasks - first < block ? tasks - first : block;
        for (int k = 0; k < layout->columns; k++)
            if (layout->column[k].varies)
                memset(filled[k].block, 0, (size_t)count * filled[k].row);
        for (int64_t i = 0; i < count; i++) {
            fps_plan_task(c->plan, first + i, &task);
            for (int k = 0; k < layout->columns; k++)
                if (layout->column[k].varies)
                    layout->column[k].fill(&layout->column[k], &context, &task,
                                           filled[k].block + (size_t)i * filled[k].row);
        }
        for (int k = 0; k < layout->columns; k++)
            if (layout->column[k].per_task)
                FPS_TRY_GOTO(status, write_rows(c, k, &filled[k], first, count), done);
    }
done:
    for (int k = 0; k < layout->columns; k++) {
        fps_hdf5_close(&filled[k].dataset);
        fps_free(filled[k].block);
    }
    fps_free(filled);
    return status;
}

/* ---- scalars and results ---- */

/* The first variable; its words are filled in when everything else is final. */
static fps_status define_guard(creator *c) {
    hid_t dataset;
    fps_variable guard;
    fps_variable_name(&guard, FPS_GUARD_NAME, FPS_STORED_INT64, "1",
                      "where the file's structure lies and its checksums: they tell damage from data");
    fps_variable_add(&guard, FPS_GUARD_DIMENSION, fps_guard_words(count_variables(c->layout)));
    FPS_TRY(define(c, &guard, &dataset));
    fps_hdf5_close(&dataset);
    return FPS_OK;
}

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

static fps_status define_scalars(creator *c) {
    for (int s = 0; s < FPS_SCALAR_COUNT + FPS_LIVE_COUNT; s++) {
        const fps_variable *variable =
            s < FPS_SCALAR_COUNT ? &c->layout->scalar[s] : &c->layout->live[s - FPS_SCALAR_COUNT];
        hid_t dataset = H5I_INVALID_HID;
        FPS_TRY(define(c, variable, &dataset));
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

static fps_status define_results(creator *c) {
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_variable *variable = &c->layout->result[r];
        if (!c->layout->has_result[r])
            continue;
        hid_t dataset = H5I_INVALID_HID;
        FPS_TRY(define(c, variable, &dataset));
        fps_status status = fps_result_fields[r].dimensions == 0 ? write_zeros(dataset, variable) : FPS_OK;
        char coordinates[FPS_LAYOUT_COORDINATES];
        fps_layout_coordinates(c->layout, (fps_result)r, coordinates, sizeof coordinates);
        if (status == FPS_OK && *coordinates)
            status = fps_attribute_write_text(dataset, "coordinates", coordinates, strlen(coordinates));
        if (status == FPS_OK && variable->fill_zero)
            status = fps_attribute_write(dataset, "_FillValue", variable->type, &(double){0}, 1);
        fps_hdf5_close(&dataset);
        FPS_TRY(status);
    }
    return FPS_OK;
}

/* ---- attributes of the file ---- */

static fps_status write_text(creator *c, const char *name, const char *text) {
    return text && *text ? fps_attribute_write_text(c->file, name, text, strlen(text)) : FPS_OK;
}

static fps_status write_attributes(creator *c) {
    char created[32], hash[20], self_test[20], shard[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(hash, sizeof hash, "%016" PRIx64, fps_plan_hash(c->plan));
    snprintf(self_test, sizeof self_test, "%016" PRIx64, c->facts->self_test);
    if (c->facts->shard.count > 0)
        snprintf(shard, sizeof shard, "%" PRId32 "/%" PRId32, c->facts->shard.index, c->facts->shard.count);
    const struct {
        const char *name, *text;
    } texts[] = {
        {"Conventions", "CF-1.8"},          {"title", fps_plan_name(c->plan)},
        {"about", fps_plan_about(c->plan)}, {"sweep_hash", hash},
        {"data_files", c->survey.datasets}, {"source", "fpsweep " FPSWEEP_VERSION_STRING},
        {"commit", fps_commit()},           {"created", created},
        {"machine", c->facts->machine},     {"kernel_class", c->facts->kernel_class},
        {"blas_core", c->facts->blas_core}, {"libraries", c->facts->libraries},
        {"self_test", self_test},           {"shard", shard},
    };
    const struct {
        const char *name;
        int32_t value;
    } numbers[] = {
        {"format_version", FPSWEEP_FORMAT_VERSION},
        {"numerics_version", FPSWEEP_NUMERICS_VERSION},
        {"ranks", c->facts->ranks},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        FPS_TRY(fps_attribute_write(c->file, numbers[i].name, FPS_STORED_INT32, &numbers[i].value, 0));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        FPS_TRY(write_text(c, texts[i].name, texts[i].text));
    size_t length;
    const char *sweep = fps_plan_text(c->plan, &length);
    return fps_attribute_write_text(c->file, "sweep_file", sweep, length);
}

/* ---- all of it ---- */

static fps_status build(creator *c, const char *path) {
    fps_status status = FPS_OK;
    FPS_TRY_GOTO(status, create_file(c, path), done);
    FPS_TRY_GOTO(status, define_guard(c), done);
    FPS_TRY_GOTO(status, write_attributes(c), done);
    FPS_TRY_GOTO(status, fill_columns(c), done);
    FPS_TRY_GOTO(status, define_scalars(c), done);
    FPS_TRY_GOTO(status, define_results(c), done);
done:
    for (int d = 0; d < c->dimensions; d++)
        fps_hdf5_close(&c->dimension[d].scale);
    fps_hdf5_close(&c->bare);
    fps_hdf5_close(&c->properties);
    if (c->file >= 0 && H5Fclose(c->file) < 0 && status == FPS_OK)
        status = fps_hdf5_fail(FPS_ERROR_IO, "closing failed");
    c->file = H5I_INVALID_HID;
    return status == FPS_OK ? fps_guard_write(path) : status;
}

fps_status fps_results_create(const char *path, const fps_plan *plan, const fps_run_facts *facts) {
    char temporary[PATH_MAX];
    struct stat existing;
    bool made = false;
    creator c = {plan, facts, .file = H5I_INVALID_HID, .properties = H5I_INVALID_HID, .bare = H5I_INVALID_HID};
    fps_lock *lock = NULL;
    fps_status status = FPS_OK;
    fps_hdf5_quiet();
    if (lstat(path, &existing) == 0)
        return fps_publish_exists(path);
    if (fps_plan_count(plan) < 1)
        return fps_fail(FPS_ERROR_SWEEP, "%s: the sweep has no tasks", path);
    FPS_TRY(fps_publish_name(path, temporary, sizeof temporary));
    FPS_TRY_GOTO(status, FPS_ALLOC(c.layout, 1), done);
    FPS_TRY_GOTO(status, fps_text_memo_create(&c.memo), done);
    FPS_TRY_GOTO(status, fps_survey_create(plan, c.memo, &c.survey), done);
    FPS_TRY_GOTO(status, fps_layout_build(plan, &c.survey, c.layout), done);
    FPS_TRY_GOTO(status, fps_publish_room(path, fps_layout_bytes(c.layout) + 2 * (double)metadata_bytes(&c)), done);
    FPS_TRY_GOTO(status, fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), done);
    fps_publish_clean(path);
    made = true;
    status = build(&c, temporary);
    if (status != FPS_OK) {
        status = fps_fail_context(status, "%s", path);
        goto done;
    }
    FPS_TRY_GOTO(status, fps_publish(temporary, path, true), done);
    made = false;
done:
    if (made)
        unlink(temporary);
    if (status != FPS_OK && lock && lstat(path, &existing) != 0)
        fps_lock_remove(lock);
    fps_lock_release(&lock);
    fps_survey_release(&c.survey);
    fps_text_memo_destroy(&c.memo);
    fps_free(c.layout);
    return status;
}
