#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "store/format_internal.h"

void fps_format_tell(const fps_format_checker *c, const char *where, const char *format, ...) {
    char sentence[600];
    int used = snprintf(sentence, sizeof sentence, "%s: ", where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence + used, sizeof sentence - (size_t)used, format, arguments);
    va_end(arguments);
    c->each(c->context, sentence);
}

/* ---- dimensions ---- */

/* By netCDF-4's convention: one axis, and a scale's name that tells its length. */
static void take_dimension(fps_format_checker *c, const char *name, hid_t dataset) {
    char label[96] = "", wanted[96];
    hsize_t size = 0;
    hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    bool flat = H5Sget_simple_extent_ndims(space) == 1 && H5Sget_simple_extent_dims(space, &size, NULL) == 1;
    H5DSget_scale_name(dataset, label, sizeof label);
    snprintf(wanted, sizeof wanted, "This is a netCDF dimension but not a netCDF variable.%10" PRIu64, (uint64_t)size);
    if (!fps_format_is_dimension(name))
        fps_format_tell(c, name, "is no dimension of the format");
    else if (!flat || strcmp(label, wanted) != 0 || H5Tequal(type, H5T_IEEE_F32BE) <= 0)
        fps_format_tell(c, name, "is not a dimension as netCDF-4 writes one that has no variable");
    else if (strncmp(name, "text", 4) == 0 &&
             (snprintf(wanted, sizeof wanted, "text%" PRIu64, (uint64_t)size), strcmp(name, wanted) != 0))
        fps_format_tell(c, name, "has the length %" PRIu64, (uint64_t)size);
    else {
        fps_format_dimension *dimension = &c->dimension[c->dimensions++];
        snprintf(dimension->name, sizeof dimension->name, "%s", name);
        dimension->size = size;
    }
    fps_hdf5_close(&type);
    fps_hdf5_close(&space);
}

static herr_t take_link(hid_t file, const char *name, const H5L_info_t *info, void *context) {
    fps_format_checker *c = context;
    hid_t object = info->type == H5L_TYPE_HARD ? H5Oopen(file, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (object < 0 || H5Iget_type(object) != H5I_DATASET)
        fps_format_tell(c, name, "is no dataset: the format has nothing but datasets in the root group");
    else if (strlen(name) >= FPS_VARIABLE_NAME)
        fps_format_tell(c, name, "is no variable of the format");
    else if (c->dimensions == FPS_FORMAT_OBJECTS || c->variables == FPS_FORMAT_OBJECTS)
        fps_format_tell(c, name, "is one object too many");
    else if (H5DSis_scale(object) > 0)
        take_dimension(c, name, object);
    else
        snprintf(c->variable[c->variables++].name, FPS_VARIABLE_NAME, "%s", name);
    fps_hdf5_close(&object);
    return 0;
}

/* ---- variables ---- */

static herr_t take_scale(hid_t dataset, unsigned axis, hid_t scale, void *context) {
    char path[FPS_VARIABLE_NAME + 1] = "";
    (void)dataset;
    (void)axis;
    if (H5Iget_name(scale, path, sizeof path) > 1)
        snprintf(context, FPS_VARIABLE_NAME, "%s", path + 1);
    return 0;
}

/* Names of the dimensions, one per axis. */
static void take_axes(fps_format_checker *c, fps_format_found *found, hid_t dataset) {
    hsize_t size[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    found->rank = H5Sget_simple_extent_dims(space, size, NULL);
    for (int axis = 0; axis < found->rank; axis++) {
        char *name = found->dimension[axis];
        const fps_format_dimension *dimension = NULL;
        snprintf(name, FPS_VARIABLE_NAME, "?");
        if (H5DSget_num_scales(dataset, (unsigned)axis) == 1)
            H5DSiterate_scales(dataset, (unsigned)axis, NULL, take_scale, name);
        for (int d = 0; d < c->dimensions && !dimension; d++)
            dimension = strcmp(c->dimension[d].name, name) == 0 ? &c->dimension[d] : NULL;
        if (!dimension) {
            snprintf(name, FPS_VARIABLE_NAME, "?");
            fps_format_tell(c, found->name, "axis %d has not exactly one dimension of the file", axis);
        } else if (dimension->size != size[axis]) {
            fps_format_tell(c, found->name, "has %" PRIu64 " elements along %s, which has %" PRIu64,
                            (uint64_t)size[axis], name, (uint64_t)dimension->size);
        }
    }
    fps_hdf5_close(&space);
}

/* Do the dimensions from the entry's dimension `first` on match? */
static bool same_dimensions(const fps_format_found *found, const fps_format_entry *entry, int first) {
    bool text = entry->types & 1U << FPS_STORED_CHAR;
    int wanted = entry->dimensions - first;
    if (found->rank != wanted + text || (text && strncmp(found->dimension[wanted], "text", 4) != 0))
        return false;
    for (int d = 0; d < wanted; d++)
        if (strcmp(found->dimension[d], entry->dimension[first + d]) != 0)
            return false;
    return true;
}

static void check_dimensions(const fps_format_checker *c, const fps_format_found *found) {
    const fps_format_entry *entry = found->entry;
    char has[200] = "", wants[200] = "";
    for (int d = 0; d < found->rank; d++)
        if (strcmp(found->dimension[d], "?") == 0)
            return; /* said already */
    if (same_dimensions(found, entry, 0) || (entry->may_lack_first && same_dimensions(found, entry, 1)))
        return;
    for (int d = 0; d < found->rank; d++)
        snprintf(has + strlen(has), sizeof has - strlen(has), "%s%s", d ? ", " : "", found->dimension[d]);
    for (int d = 0; d < entry->dimensions; d++)
        snprintf(wants + strlen(wants), sizeof wants - strlen(wants), "%s%s", d ? ", " : "", entry->dimension[d]);
    fps_format_tell(c, found->name, "has the dimensions (%s), not (%s%s)", has, wants,
                    entry->types & 1U << FPS_STORED_CHAR ? ", textN" : "");
}

static void check_type(const fps_format_checker *c, const fps_format_found *found, hid_t dataset) {
    static const char *const names[FPS_STORED_COUNT] = {
        [FPS_STORED_CHAR] = "char",       [FPS_STORED_INT8] = "int8",     [FPS_STORED_INT32] = "int32",
        [FPS_STORED_INT64] = "int64",     [FPS_STORED_UINT32] = "uint32", [FPS_STORED_FLOAT32] = "float32",
        [FPS_STORED_FLOAT64] = "float64",
    };
    char wants[80] = "";
    bool right = false;
    hid_t type = H5Dget_type(dataset);
    for (int t = 0; t < FPS_STORED_COUNT; t++) {
        if (!(found->entry->types & 1U << t))
            continue;
        bool character = t == FPS_STORED_CHAR && H5Tget_class(type) == H5T_STRING && H5Tget_size(type) == 1 &&
                         H5Tis_variable_str(type) == 0;
        right = right || character || H5Tequal(type, fps_stored_hdf5((fps_stored)t)) > 0;
        snprintf(wants + strlen(wants), sizeof wants - strlen(wants), "%s%s", *wants ? " or " : "", names[t]);
    }
    if (!right)
        fps_format_tell(c, found->name, "has not elements of type %s", wants);
    fps_hdf5_close(&type);
}

/* All floating-point results have one type. */
static void check_floats(const fps_format_checker *c) {
    size_t first = 0;
    for (int v = 0; v < c->variables; v++) {
        const fps_format_found *found = &c->variable[v];
        if (!found->entry || found->entry->kind != FPS_FORMAT_RESULT || found->entry->types == 1U << FPS_STORED_INT64)
            continue;
        hid_t dataset = H5Dopen2(c->file, found->name, H5P_DEFAULT), type = H5Dget_type(dataset);
        size_t size = H5Tget_size(type);
        if (first && size != first)
            fps_format_tell(c, found->name, "has another precision than the results before it");
        first = first ? first : size;
        fps_hdf5_close(&type);
        fps_hdf5_close(&dataset);
    }
}

static void check_order(const fps_format_checker *c) {
    const fps_format_entry *last = NULL;
    for (int v = 0; v < c->variables; v++) {
        const fps_format_entry *entry = c->variable[v].entry;
        if (entry && last && entry < last) {
            fps_format_tell(c, entry->name, "comes after %s: checksums take variables in the format's order",
                            last->name);
            return;
        }
        last = entry ? entry : last;
    }
}

static void check_presence(const fps_format_checker *c) {
    for (int e = 0; e < c->entries; e++) {
        bool found = !c->entry[e].required;
        for (int v = 0; v < c->variables && !found; v++)
            found = c->variable[v].entry == &c->entry[e];
        if (!found)
            fps_format_tell(c, c->entry[e].name, "is missing");
    }
}

/* ---- all of it ---- */

static fps_status check(fps_format_checker *c, const char *path, int version) {
    if (H5Literate(c->file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, take_link, c) < 0)
        return fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: its variables cannot be listed in the order of creation",
                             path);
    fps_format_entries(c, version);
    fps_format_check_file(c);
    for (int v = 0; v < c->variables; v++) {
        hid_t dataset = H5Dopen2(c->file, c->variable[v].name, H5P_DEFAULT);
        take_axes(c, &c->variable[v], dataset);
        c->variable[v].entry = fps_format_entry_find(c, c->variable[v].name);
        fps_hdf5_close(&dataset);
    }
    for (int v = 0; v < c->variables; v++) {
        const fps_format_found *found = &c->variable[v];
        if (!found->entry) {
            fps_format_tell(c, found->name, "is no variable of the format");
            continue;
        }
        hid_t dataset = H5Dopen2(c->file, found->name, H5P_DEFAULT);
        check_type(c, found, dataset);
        check_dimensions(c, found);
        fps_format_check_attributes(c, found, dataset);
        fps_hdf5_close(&dataset);
    }
    check_floats(c);
    check_order(c);
    check_presence(c);
    return FPS_OK;
}

fps_status fps_format_check(const char *path, void (*each)(void *context, const char *sentence), void *context) {
    fps_checked checked;
    fps_format_checker *checker = NULL;
    fps_status status;
    FPS_TRY(fps_check_open(path, &checked));
    FPS_TRY_GOTO(status, FPS_ALLOC(checker, 1), done);
    checker->file = checked.file;
    checker->each = each;
    checker->context = context;
    status = check(checker, path, checked.format);
done:
    fps_free(checker);
    fps_hdf5_close(&checked.file);
    return status;
}
