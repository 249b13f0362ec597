#include "store/hdf5_tools.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fpsweep/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows and checksums are little-endian as they lie in memory");

size_t fps_stored_size(fps_stored type) {
    static const size_t size[FPS_STORED_COUNT] = {
        [FPS_STORED_CHAR] = 1,   [FPS_STORED_INT8] = 1,    [FPS_STORED_INT32] = 4,   [FPS_STORED_INT64] = 8,
        [FPS_STORED_UINT32] = 4, [FPS_STORED_FLOAT32] = 4, [FPS_STORED_FLOAT64] = 8,
    };
    return size[type];
}

hid_t fps_stored_hdf5(fps_stored type) {
    switch (type) { /* the names are expressions that start HDF5, so no static table */
    case FPS_STORED_INT8:
        return H5T_STD_I8LE;
    case FPS_STORED_INT32:
        return H5T_STD_I32LE;
    case FPS_STORED_INT64:
        return H5T_STD_I64LE;
    case FPS_STORED_UINT32:
        return H5T_STD_U32LE;
    case FPS_STORED_FLOAT32:
        return H5T_IEEE_F32LE;
    case FPS_STORED_FLOAT64:
        return H5T_IEEE_F64LE;
    default:
        return H5T_C_S1; /* length 1: netCDF's char */
    }
}

void fps_hdf5_quiet(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* The first entry that a walk upward meets is the cause. */
static herr_t take_innermost(unsigned n, const H5E_error2_t *error, void *context) {
    char *text = context;
    unsigned long long there, all;
    if (n != 0 || !error->desc)
        return 0;
    if (sscanf(error->desc, "truncated file: eof = %llu, sblock->base_addr = %*u, stored_eof = %llu", &there, &all) ==
        2)
        snprintf(text, 512,
                 "truncated file, %llu of %llu bytes are there: use a copy, or run its sweep into a new file", there,
                 all);
    else
        snprintf(text, 512, "%s", error->desc);
    return 0;
}

static fps_status open_read(const char *path, bool truncated, hid_t *file) {
    /* What h5clear sets, too. Where HDF5 does not know it, truncated files stay closed. */
    static const char skip_length_check[] = "skip_eof_check";
    const hbool_t skip = true;
    fps_status status = FPS_OK;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (truncated && H5Pexist(access, skip_length_check) > 0)
        H5Pset(access, skip_length_check, &skip);
    H5Pset_sieve_buf_size(access, 0); /* else a file that stays open shows numbers of a while ago */
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, false, true);
#endif
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (*file < 0)
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged", path);
    fps_hdf5_close(&access);
    return status;
}

fps_status fps_hdf5_open_read(const char *path, hid_t *file) {
    return open_read(path, false, file);
}

fps_status fps_hdf5_open_truncated(const char *path, hid_t *file) {
    return open_read(path, true, file);
}

void fps_hdf5_close(hid_t *id) {
    if (*id >= 0 && H5Iis_valid(*id) > 0)
        H5Idec_ref(*id);
    *id = H5I_INVALID_HID;
}

fps_status fps_hdf5_fail(fps_status status, const char *format, ...) {
    char text[1024], cause[512] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, cause);
    H5Eclear2(H5E_DEFAULT);
    /* The plain driver wraps the system's words: "file write failed: time = ..., error message = 'No space ...', ..."
     */
    static const char mark[] = "error message = '";
    char *words = strstr(cause, mark);
    if (words) {
        words += sizeof mark - 1;
        words[strcspn(words, "'")] = '\0';
    } else {
        words = cause;
    }
    for (char *c = words; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    return *words ? fps_fail(status, "%s: %s", text, words) : fps_fail(status, "%s", text);
}

fps_status fps_attribute_write_text(hid_t object, const char *name, const char *text, size_t length) {
    fps_status status = FPS_OK;
    hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1), attribute = H5I_INVALID_HID;
    if (space < 0 || type < 0 || H5Tset_size(type, length) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
        H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
        (attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, type, text) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "writing attribute %s failed", name);
    fps_hdf5_close(&attribute);
    fps_hdf5_close(&type);
    fps_hdf5_close(&space);
    return status;
}

fps_status fps_attribute_write(hid_t object, const char *name, fps_stored type, const void *value, int count) {
    fps_status status = FPS_OK;
    hsize_t size = (hsize_t)count;
    hid_t space = count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR), attribute = H5I_INVALID_HID;
    hid_t stored = fps_stored_hdf5(type);
    if (space < 0 || (attribute = H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, stored, value) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "writing attribute %s failed", name);
    fps_hdf5_close(&attribute);
    fps_hdf5_close(&space);
    return status;
}

fps_status fps_attribute_read_text(hid_t object, const char *name, size_t limit, char **text, size_t *length) {
    fps_status status = FPS_OK;
    hid_t attribute = H5I_INVALID_HID, type = H5I_INVALID_HID, space = H5I_INVALID_HID, memory = H5I_INVALID_HID;
    char *buffer = NULL;
    if (H5Aexists(object, name) <= 0 || (attribute = H5Aopen(object, name, H5P_DEFAULT)) < 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "there is no attribute %s", name);
        goto done;
    }
    type = H5Aget_type(attribute);
    space = H5Aget_space(attribute);
    size_t size = type < 0 ? 0 : H5Tget_size(type);
    if (type < 0 || space < 0 || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 ||
        H5Sget_simple_extent_npoints(space) != 1 || size > limit) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "attribute %s is no text of reasonable length", name);
        goto done;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(buffer, size + 1), done);
    memory = H5Tcopy(type);
    if (memory < 0 || H5Tset_strpad(memory, H5T_STR_NULLPAD) < 0 || H5Aread(attribute, memory, buffer) < 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "attribute %s cannot be read", name);
        goto done;
    }
    *length = strnlen(buffer, size);
    *text = buffer;
    buffer = NULL;
done:
    fps_free(buffer);
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    fps_hdf5_close(&type);
    fps_hdf5_close(&attribute);
    return status;
}

fps_status fps_attribute_read_integer(hid_t object, const char *name, int64_t *value) {
    fps_status status = FPS_OK;
    hid_t attribute = H5I_INVALID_HID, type = H5I_INVALID_HID, space = H5I_INVALID_HID;
    if (H5Aexists(object, name) <= 0 || (attribute = H5Aopen(object, name, H5P_DEFAULT)) < 0 ||
        (type = H5Aget_type(attribute)) < 0 || (space = H5Aget_space(attribute)) < 0 ||
        H5Tget_class(type) != H5T_INTEGER || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, H5T_NATIVE_INT64, value) < 0)
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "attribute %s is missing or no whole number", name);
    fps_hdf5_close(&space);
    fps_hdf5_close(&type);
    fps_hdf5_close(&attribute);
    return status;
}
