/* floor: store */
/* The user's own points: CSV and HDF5 files, right and wrong ones. */
#include "results_files.h"

#include <hdf5.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char *write_text(const char *name, const char *text) {
    const char *path = test_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* ---- text ---- */

/* One set of points in the shapes that people and programs write it in. */
static void csv_files_are_read_in_every_usual_shape(void **state) {
    (void)state;
    static const char *const same[] = {
        "x1,x2,y\n1,-2,3\n0.5,1e-3,-4\n",
        "x1,x2,y\r\n1,-2,3\r\n0.5,1e-3,-4\r\n",
        "\xef\xbb\xbfx1,x2,y\n1,-2,3\n0.5,1e-3,-4",
        "# my points\n\n  x1 ,\tx2 , y  # the header\n 1 , -2 ,+3.0\n   \n# between\n0.5,0.001, -4e0 # last\n\n",
        "\"x1\",\"x2\",\"y\"\n1,-2,3\n\"0.5\",1e-3,-4\n",
        "y,x2,x1\n3,-2,1\n-4,1e-3,0.5\n",
    };
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        fps_dataset dataset;
        assert_ok(fps_dataset_read(write_text("points.csv", same[k]), &dataset));
        static const double x[4] = {1, -2, 0.5, 1e-3}, y[2] = {3, -4};
        static const int64_t sizes[2] = {2, 2};
        assert_int_equal(dataset.dimension, 2);
        assert_int_equal(dataset.samples, 2);
        assert_memory_equal(dataset.x, x, sizeof x);
        assert_memory_equal(dataset.y, y, sizeof y);
        unsigned char all[sizeof sizes + sizeof x + sizeof y]; /* the hash as its definition says */
        memcpy(all, sizes, sizeof sizes);
        memcpy(all + sizeof sizes, x, sizeof x);
        memcpy(all + sizeof sizes + sizeof x, y, sizeof y);
        assert_true(dataset.hash == XXH3_64bits(all, sizeof all));
        fps_dataset_release(&dataset);
        assert_null(dataset.x);
    }
}

static void one_dimension_may_be_called_x(void **state) {
    (void)state;
    fps_dataset a, b;
    assert_ok(fps_dataset_read(write_text("x.csv", "x,y\n1,2\n"), &a));
    assert_ok(fps_dataset_read(write_text("x1.csv", "x1,y\n1,2\n"), &b));
    assert_int_equal(a.dimension, 1);
    assert_true(a.hash == b.hash);
    fps_dataset_release(&a);
    fps_dataset_release(&b);
}

static void csv_mistakes_are_told_by_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "bad.csv: empty; it should start with a line x1,y"},
        {"# only a comment\n", "bad.csv: empty"},
        {"x1,y\n", "bad.csv: no points below the header"},
        {"1,2\n3,4\n", "bad.csv:1: \"1\" is no column: a first line must name them, as in x,y or x1,x2,y"},
        {"1e-3;2\n3;4\n", "bad.csv:1: \"1e-3;2\" is no column: a first line must name them"},
        {"x1;y\n1;2\n", "bad.csv:1: \"x1;y\": columns are separated by commas"},
        {"x y\n1 2\n", "bad.csv:1: \"x y\": columns are separated by commas"},
        {"x,z\n1,2\n", "bad.csv:1: column \"z\" is none of x (or x1), x2, x3, y"},
        {"x1,x1,y\n1,2,3\n", "bad.csv:1: column x1 is there twice"},
        {"x,x1,y\n1,2,3\n", "bad.csv:1: column x1 is there twice"},
        {"x1,x2\n1,2\n", "bad.csv:1: there is no column y"},
        {"x1,x3,y\n1,2,3\n", "bad.csv:1: there is no column x2"},
        {"y\n1\n", "bad.csv:1: there is no column x1"},
        {"x1,y\n1,2\n3,abc\n", "bad.csv:3: \"abc\" in column y is not a number"},
        {"x1,y\n1,2\n\n3,4 5\n", "bad.csv:4: \"4 5\" in column y is not a number"},
        {"x1,y\n,2\n", "bad.csv:2: \"\" in column x1 is not a number"},
        {"x1,y\n1,nan\n", "bad.csv:2: nan in column y is not a finite number"},
        {"x1,y\n1e999,1\n", "bad.csv:2: 1e999 in column x1 is not a finite number"},
        {"x1,y\n1\n", "bad.csv:2: 1 value where the header names 2 columns"},
        {"x1,y\n1,2,3\n", "bad.csv:2: 3 values where the header names 2 columns"},
        {"x1,y\n1,2,\n", "bad.csv:2: 3 values where the header names 2 columns"},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        fps_dataset dataset;
        assert_refused(fps_dataset_read(write_text("bad.csv", wrong[k].text), &dataset), FPS_ERROR_INPUT,
                       wrong[k].message);
        assert_null(dataset.x);
        assert_null(dataset.y);
    }
}

static void strange_files_are_refused(void **state) {
    (void)state;
    fps_dataset dataset;
    assert_refused(fps_dataset_read(test_path("absent.csv"), &dataset), FPS_ERROR_INPUT, "No such file or directory");
    assert_refused(fps_dataset_read(test_directory, &dataset), FPS_ERROR_INPUT, "is not a regular file");
    assert_refused(fps_dataset_read("/dev/zero", &dataset), FPS_ERROR_INPUT, "is not a regular file");
    const char *path = test_path("strange.csv");
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 100000; i++)
        fputc('1', file);
    fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "strange.csv:1: the line is longer than");
    file = fopen(path, "wb");
    fwrite("x1,y\n1,2\n3\0,4\n5,6\n", 1, 19, file);
    fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "strange.csv:3: a zero byte");
}

static void many_points_are_read(void **state) {
    (void)state;
    enum { POINTS = 5000 };
    const char *path = test_path("many.csv");
    FILE *file = fopen(path, "wb");
    fputs("x1,x2,x3,y\n", file);
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "%d,%.17g,%d.5,%d\n", i, 1.0 / (i + 3), i, i * i);
    fclose(file);
    fps_dataset dataset;
    assert_ok(fps_dataset_read(path, &dataset));
    assert_int_equal(dataset.samples, POINTS);
    for (int i = 0; i < POINTS; i++) {
        assert_true(dataset.x[3 * i] == i);
        assert_true(dataset.x[3 * i + 1] == 1.0 / (i + 3));
        assert_true(dataset.x[3 * i + 2] == i + 0.5);
        assert_true(dataset.y[i] == (double)i * i);
    }
    fps_dataset_release(&dataset);
}

/* ---- HDF5 ---- */

static void add(hid_t file, const char *name, hid_t type, int rank, hsize_t count, const double *value) {
    hsize_t size[2] = {count, 1};
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static hid_t new_file(const char *path) {
    unlink(path);
    return H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
}

static void hdf5_files_give_the_same_points(void **state) {
    (void)state;
    static const double x1[2] = {1, 0.5}, x2[2] = {-2, 1e-3}, y[2] = {3, -4};
    fps_dataset csv, hdf5;
    assert_ok(fps_dataset_read(write_text("same.csv", "x1,x2,y\n1,-2,3\n0.5,1e-3,-4\n"), &csv));
    const char *path = test_path("same.h5");
    hid_t file = new_file(path);
    add(file, "x1", H5T_IEEE_F32LE, 1, 2, x1);
    add(file, "x2", H5T_IEEE_F64BE, 1, 2, x2);
    add(file, "y", H5T_STD_I16LE, 1, 2, y);
    H5Fclose(file);
    assert_ok(fps_dataset_read(path, &hdf5));
    assert_int_equal(hdf5.dimension, 2);
    assert_int_equal(hdf5.samples, 2);
    assert_true(hdf5.hash == csv.hash);
    fps_dataset_release(&csv);
    fps_dataset_release(&hdf5);
}

static void hdf5_mistakes_are_told(void **state) {
    (void)state;
    static const double value[3] = {1, 2, 3}, bad[3] = {1, NAN, 3};
    fps_dataset dataset;
    const char *path = test_path("bad.h5");
    hid_t file = new_file(path);
    add(file, "x", H5T_IEEE_F64LE, 1, 3, value);
    H5Fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "bad.h5: there is no dataset y");
    file = new_file(path);
    add(file, "y", H5T_IEEE_F64LE, 1, 3, value);
    H5Fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "bad.h5: there is no dataset x1");
    file = new_file(path);
    add(file, "x", H5T_IEEE_F64LE, 1, 3, value);
    add(file, "y", H5T_IEEE_F64LE, 1, 2, value);
    H5Fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT,
                   "dataset y has 2 values, the ones before it have 3");
    file = new_file(path);
    add(file, "x", H5T_IEEE_F64LE, 2, 3, value);
    add(file, "y", H5T_IEEE_F64LE, 1, 3, value);
    H5Fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "dataset x is not a one-dimensional array");
    file = new_file(path);
    add(file, "x", H5T_IEEE_F64LE, 1, 3, bad);
    add(file, "y", H5T_IEEE_F64LE, 1, 3, value);
    H5Fclose(file);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "dataset x: value 1 is not a finite number");
    assert_int_equal(truncate(path, 600), 0);
    assert_refused(fps_dataset_read(path, &dataset), FPS_ERROR_INPUT, "bad.h5 is damaged: truncated file");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_files_are_read_in_every_usual_shape),
        cmocka_unit_test(one_dimension_may_be_called_x),
        cmocka_unit_test(csv_mistakes_are_told_by_line),
        cmocka_unit_test(strange_files_are_refused),
        cmocka_unit_test(many_points_are_read),
        cmocka_unit_test(hdf5_files_give_the_same_points),
        cmocka_unit_test(hdf5_mistakes_are_told),
    };
    return cmocka_run_group_tests_name("dataset", tests, make_directory, remove_directory);
}
