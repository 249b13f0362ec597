/* format_attributes.c: attributes of a results file and of its variables, against the format. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "store/format_internal.h"

enum { CODES = 16 };

/* The text of an attribute (owned by the caller; NULL if it is missing or no text as the format wants it, which is
 * told). A text is one scalar of fixed length. */
static char *take_text(const fps_format_checker *c, hid_t object, const char *where, const char *name, bool required) {
    char *text = NULL;
    size_t length;
    if (H5Aexists(object, name) <= 0) {
        if (required)
            fps_format_tell(c, where, "attribute %s is missing", name);
        return NULL;
    }
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = H5Aget_space(attribute);
    bool scalar = space >= 0 && H5Sget_simple_extent_type(space) == H5S_SCALAR;
    fps_hdf5_close(&space);
    fps_hdf5_close(&attribute);
    if (!scalar || fps_attribute_read_text(object, name, FPS_SWEEP_LIMIT, &text, &length) != FPS_OK || length == 0) {
        fps_format_tell(c, where, "attribute %s is no scalar text of fixed length", name);
        fps_free(text);
        return NULL;
    }
    return text;
}

static void check_text(const fps_format_checker *c, hid_t object, const char *where, const char *name,
                       const char *wanted) {
    char *text = take_text(c, object, where, name, true);
    if (text && wanted && strcmp(text, wanted) != 0)
        fps_format_tell(c, where, "attribute %s is \"%.40s\", not \"%.60s\"", name, text, wanted);
    fps_free(text);
}

void fps_format_check_file(const fps_format_checker *c) {
    static const char *const required[] = {"title", "sweep_hash", "source", "created", "self_test", "sweep_file"};
    static const char *const others[] = {"about",        "data_files", "commit",    "machine",
                                         "kernel_class", "blas_core",  "libraries", "shard"};
    static const char *const numbers[] = {"format_version", "numerics_version", "ranks"};
    check_text(c, c->file, "attributes", "Conventions", "CF-1.8");
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        check_text(c, c->file, "attributes", required[i], NULL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        fps_free(take_text(c, c->file, "attributes", others[i], false));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t value;
        hid_t attribute = H5I_INVALID_HID, type = H5I_INVALID_HID, space = H5I_INVALID_HID;
        if (H5Aexists(c->file, numbers[i]) > 0)
            attribute = H5Aopen(c->file, numbers[i], H5P_DEFAULT);
        type = attribute >= 0 ? H5Aget_type(attribute) : H5I_INVALID_HID;
        space = attribute >= 0 ? H5Aget_space(attribute) : H5I_INVALID_HID;
        if (attribute < 0 || H5Tequal(type, H5T_STD_I32LE) <= 0 || H5Sget_simple_extent_type(space) != H5S_SCALAR ||
            fps_attribute_read_integer(c->file, numbers[i], &value) != FPS_OK || value < (i < 2))
            fps_format_tell(c, "attributes", "attribute %s is missing or no int32 that makes sense", numbers[i]);
        fps_hdf5_close(&space);
        fps_hdf5_close(&type);
        fps_hdf5_close(&attribute);
    }
}

/* ---- of variables ---- */

/* 0, 1, ... in the variable's own type, and a word for each. */
static void check_flags(const fps_format_checker *c, const fps_format_found *found, hid_t dataset) {
    const char *wanted = found->entry->flags;
    char *meanings = take_text(c, dataset, found->name, "flag_meanings", true);
    size_t length = strlen(wanted);
    if (meanings && (strncmp(meanings, wanted, length) != 0 || (meanings[length] && meanings[length] != ' ')))
        fps_format_tell(c, found->name, "attribute flag_meanings does not begin with \"%s\"", wanted);
    int codes = 1;
    for (const char *m = meanings ? meanings : ""; *m; m++)
        codes += *m == ' ';
    int8_t value[CODES] = {0};
    bool right = H5Aexists(dataset, "flag_values") > 0 && codes <= CODES;
    hid_t attribute = right ? H5Aopen(dataset, "flag_values", H5P_DEFAULT) : H5I_INVALID_HID;
    hid_t type = right ? H5Aget_type(attribute) : H5I_INVALID_HID, own = H5Dget_type(dataset);
    hid_t space = right ? H5Aget_space(attribute) : H5I_INVALID_HID;
    right = right && H5Tequal(type, own) > 0 && H5Sget_simple_extent_npoints(space) == codes &&
            H5Aread(attribute, H5T_NATIVE_INT8, value) >= 0;
    for (int code = 0; right && code < codes; code++)
        right = value[code] == code;
    if (meanings && !right)
        fps_format_tell(c, found->name, "attribute flag_values is not 0, 1, ... in the variable's own type");
    fps_hdf5_close(&space);
    fps_hdf5_close(&own);
    fps_hdf5_close(&type);
    fps_hdf5_close(&attribute);
    fps_free(meanings);
}

static void check_fill(const fps_format_checker *c, const fps_format_found *found, hid_t dataset) {
    bool has = H5Aexists(dataset, "_FillValue") > 0;
    double value = 1;
    if (!found->entry->fill_zero) {
        if (has)
            fps_format_tell(c, found->name, "has a _FillValue, but an exact 0 is a value there");
        return;
    }
    hid_t attribute = has ? H5Aopen(dataset, "_FillValue", H5P_DEFAULT) : H5I_INVALID_HID;
    hid_t type = has ? H5Aget_type(attribute) : H5I_INVALID_HID, own = H5Dget_type(dataset);
    hid_t space = has ? H5Aget_space(attribute) : H5I_INVALID_HID;
    if (!has || H5Tequal(type, own) <= 0 || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0 || value != 0)
        fps_format_tell(c, found->name, "attribute _FillValue is not 0 in the variable's own type");
    fps_hdf5_close(&space);
    fps_hdf5_close(&own);
    fps_hdf5_close(&type);
    fps_hdf5_close(&attribute);
}

static const fps_format_found *find_variable(const fps_format_checker *c, const char *name) {
    for (int v = 0; v < c->variables; v++)
        if (strcmp(c->variable[v].name, name) == 0)
            return &c->variable[v];
    return NULL;
}

/* Has the variable all dimensions of a coordinate (textN aside)? */
static bool lies_along(const fps_format_found *coordinate, const fps_format_found *found) {
    for (int d = 0; d < coordinate->rank; d++) {
        bool has = strncmp(coordinate->dimension[d], "text", 4) == 0;
        for (int own = 0; own < found->rank; own++)
            has = has || strcmp(coordinate->dimension[d], found->dimension[own]) == 0;
        if (!has)
            return false;
    }
    return true;
}

static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if ((at == text || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* Names of parameters and coordinates along the variable's dimensions; all that tell where a number lies. */
static void check_coordinates(const fps_format_checker *c, const fps_format_found *found, hid_t dataset) {
    static const char *const places[] = {"mode", "xi", "direction_name", "eta", "step", "rung_band_limit"};
    char *listed = take_text(c, dataset, found->name, "coordinates", false), *rest = NULL;
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        const fps_format_found *place = find_variable(c, places[p]);
        if (place && place != found && lies_along(place, found) && !has_word(listed ? listed : "", places[p]))
            fps_format_tell(c, found->name, "attribute coordinates does not list %s", places[p]);
    }
    for (char *word = listed ? strtok_r(listed, " ", &rest) : NULL; word; word = strtok_r(NULL, " ", &rest)) {
        const fps_format_found *other = find_variable(c, word);
        if (!other || other == found || !lies_along(other, found))
            fps_format_tell(c, found->name,
                            "attribute coordinates lists %.60s, which is no variable along its dimensions", word);
    }
    fps_free(listed);
}

/* What one variable may have. */
typedef struct allowed {
    const fps_format_checker *c;
    const fps_format_found *found;
} allowed;

static herr_t check_known(hid_t dataset, const char *name, const H5A_info_t *info, void *context) {
    static const char *const always[] = {"long_name", "units", "DIMENSION_LIST", "_Netcdf4Dimid",
                                         "_Netcdf4Coordinates"};
    const allowed *a = context;
    const fps_format_entry *entry = a->found->entry;
    (void)dataset;
    (void)info;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(name, always[i]) == 0)
            return 0;
    bool result = entry->kind == FPS_FORMAT_RESULT, flags = entry->flags != NULL;
    bool checksum = entry->kind == FPS_FORMAT_SCALAR && strstr(entry->name, "checksum");
    if ((result && (strcmp(name, "coordinates") == 0 || strcmp(name, "_FillValue") == 0)) ||
        (flags && (strcmp(name, "flag_values") == 0 || strcmp(name, "flag_meanings") == 0)) ||
        (checksum && strcmp(name, "comment") == 0) ||
        ((entry->types & 1U << FPS_STORED_CHAR) && strcmp(name, "_Encoding") == 0))
        return 0;
    fps_format_tell(a->c, a->found->name, "attribute %s is not of the format", name);
    return 0;
}

void fps_format_check_attributes(const fps_format_checker *c, const fps_format_found *found, hid_t dataset) {
    const fps_format_entry *entry = found->entry;
    allowed context = {c, found};
    check_text(c, dataset, found->name, "long_name", NULL);
    check_text(c, dataset, found->name, "units", entry->unit);
    if (entry->types & 1U << FPS_STORED_CHAR)
        check_text(c, dataset, found->name, "_Encoding", "utf-8");
    if (entry->flags)
        check_flags(c, found, dataset);
    if (entry->kind == FPS_FORMAT_SCALAR && strstr(entry->name, "checksum"))
        check_text(c, dataset, found->name, "comment", NULL);
    if (entry->kind == FPS_FORMAT_RESULT) {
        check_fill(c, found, dataset);
        check_coordinates(c, found, dataset);
    }
    H5Aiterate2(dataset, H5_INDEX_NAME, H5_ITER_INC, NULL, check_known, &context);
}
