/* dataset_hdf5.c: points from an HDF5 file: one-dimensional datasets x1 (or x), x2, x3 and y of equal length. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "store/dataset.h"
#include "store/hdf5_tools.h"

/* Open a one-dimensional dataset of numbers and tell its length. */
static fps_status open_column(hid_t file, const char *path, const char *name, hid_t *dataset, int64_t *length) {
    fps_status status = FPS_OK;
    hsize_t size = 0;
    hid_t type = H5I_INVALID_HID, space = H5I_INVALID_HID;
    *dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (*dataset < 0 || (type = H5Dget_type(*dataset)) < 0 || (space = H5Dget_space(*dataset)) < 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s: dataset %s cannot be opened", path, name);
        goto done;
    }
    H5T_class_t kind = H5Tget_class(type);
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || H5Sget_simple_extent_ndims(space) != 1 ||
        H5Sget_simple_extent_dims(space, &size, NULL) < 0) {
        status = fps_fail(FPS_ERROR_INPUT, "%s: dataset %s is not a one-dimensional array of numbers", path, name);
        goto done;
    }
    if (size < 1 || size > (hsize_t)FPS_DATASET_LIMIT)
        status = fps_fail(FPS_ERROR_INPUT, "%s: dataset %s has %" PRIu64 " values, allowed are 1 to %" PRId64, path,
                          name, (uint64_t)size, FPS_DATASET_LIMIT);
    *length = (int64_t)size;
done:
    fps_hdf5_close(&space);
    fps_hdf5_close(&type);
    if (status != FPS_OK)
        fps_hdf5_close(dataset);
    return status;
}

/* Read a column into value[samples * stride]; the first column decides `samples` and allocates. */
static fps_status read_column(hid_t file, const char *path, const char *name, int column, fps_dataset *out) {
    fps_status status = FPS_OK;
    hid_t dataset;
    int64_t length = 0;
    double *value = NULL;
    FPS_TRY(open_column(file, path, name, &dataset, &length));
    if (out->samples == 0) {
        FPS_TRY_GOTO(status, FPS_ALLOC(out->x, length * out->dimension), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(out->y, length), done);
        out->samples = length;
    }
    if (length != out->samples) {
        status = fps_fail(FPS_ERROR_INPUT, "%s: dataset %s has %" PRId64 " values, the ones before it have %" PRId64,
                          path, name, length, out->samples);
        goto done;
    }
    FPS_TRY_GOTO(status, FPS_ALLOC(value, length), done);
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0) {
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s: dataset %s cannot be read", path, name);
        goto done;
    }
    for (int64_t i = 0; i < length; i++) {
        if (!isfinite(value[i])) {
            status =
                fps_fail(FPS_ERROR_INPUT, "%s: dataset %s: value %" PRId64 " is not a finite number", path, name, i);
            goto done;
        }
        *(column == 3 ? &out->y[i] : &out->x[i * out->dimension + column]) = value[i];
    }
done:
    fps_free(value);
    fps_hdf5_close(&dataset);
    return status;
}

static bool has(hid_t file, const char *name) {
    return H5Lexists(file, name, H5P_DEFAULT) > 0;
}

fps_status fps_dataset_read_hdf5(const char *path, fps_dataset *out) {
    static const char *const axes[FPS_MAX_DIMENSION] = {"x1", "x2", "x3"};
    fps_hdf5_quiet();
    fps_status status = FPS_OK;
    hid_t file;
    FPS_TRY(fps_hdf5_open_read(path, &file));
    bool alone = !has(file, "x1") && has(file, "x");
    out->dimension = has(file, "x3") ? 3 : has(file, "x2") ? 2 : 1;
    for (int axis = 0; axis < out->dimension && !(axis == 0 && alone); axis++)
        if (!has(file, axes[axis])) {
            status =
                fps_fail(FPS_ERROR_INPUT, "%s: there is no dataset %s: coordinates are called x1 (x2, x3), values y",
                         path, axes[axis]);
            goto done;
        }
    if (!has(file, "y")) {
        status =
            fps_fail(FPS_ERROR_INPUT, "%s: there is no dataset y: coordinates are called x1 (x2, x3), values y", path);
        goto done;
    }
    for (int axis = 0; axis < out->dimension; axis++)
        FPS_TRY_GOTO(status, read_column(file, path, axis == 0 && alone ? "x" : axes[axis], axis, out), done);
    status = read_column(file, path, "y", 3, out);
done:
    fps_hdf5_close(&file);
    return status;
}
