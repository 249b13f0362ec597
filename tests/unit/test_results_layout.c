/* floor: store */
/* The results file's variables and attributes: every parameter of every task, names, sizes, a very long sweep file. */
#include "results_files.h"

#include <ctype.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include "fpsweep/version.h"
#include "store/guard.h"
#include "store/layout.h"

/* ---- names ---- */

/* All names in one file, results that no `keep` asked for included, are different, and none is a dimension's. */
static void names_are_distinct(void **state) {
    (void)state;
    fps_plan *plan = make_plan(mixed);
    fps_text_memo *memo = NULL;
    fps_survey survey;
    fps_layout *layout = calloc(1, sizeof *layout);
    const char *name[256];
    int names = 0;
    assert_ok(fps_text_memo_create(&memo));
    assert_ok(fps_survey_create(plan, memo, &survey));
    assert_ok(fps_layout_build(plan, &survey, layout));
    name[names++] = "task";
    name[names++] = FPS_GUARD_NAME;
    name[names++] = FPS_GUARD_DIMENSION;
    for (int d = 0; d < FPS_DIMENSION_COUNT; d++)
        name[names++] = fps_dimension_name((fps_dimension)d);
    for (int c = 0; c < layout->columns; c++)
        name[names++] = layout->column[c].variable.name;
    name[names++] = "domain"; /* stored as its two ends, but the word is taken */
    for (int s = 0; s < FPS_SCALAR_COUNT; s++)
        name[names++] = layout->scalar[s].name;
    for (int l = 0; l < FPS_LIVE_COUNT; l++)
        name[names++] = layout->live[l].name;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        name[names++] = fps_result_fields[r].name;
    for (int p = 0; p < fps_parameter_count; p++) {
        int found = 0;
        for (int k = 0; k < names; k++)
            found += strcmp(name[k], fps_parameters[p].name) == 0;
        if (found != 1)
            fail_msg("parameter %s has %d variables", fps_parameters[p].name, found);
    }
    for (int a = 0; a < names; a++) {
        for (int b = 0; b < a; b++)
            if (strcmp(name[a], name[b]) == 0)
                fail_msg("%s is there twice", name[a]);
        if (strncmp(name[a], "text", 4) == 0 && isdigit((unsigned char)name[a][4]))
            fail_msg("%s looks like the dimension of a text", name[a]);
    }
    assert_true(names > 60);
    fps_survey_release(&survey);
    fps_text_memo_destroy(&memo);
    free(layout);
    fps_plan_destroy(&plan);
}

/* ---- values ---- */

/* Text of a char variable's row, or number of another's, as the task's parameter would be printed. */
static void read_cell(hid_t file, const char *name, int64_t i, char *text, double *number) {
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    hsize_t size[2] = {0, 1}, start[2] = {(hsize_t)i, 0}, count[2] = {1, 1};
    int rank = H5Sget_simple_extent_ndims(space);
    assert_in_range(rank, 1, 2);
    H5Sget_simple_extent_dims(space, size, NULL);
    count[1] = rank == 2 ? size[1] : 1;
    hid_t memory = H5Screate_simple(1, &count[1], NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    bool is_text = H5Tget_class(type) == H5T_STRING;
    memset(text, 0, 4096);
    assert_true(H5Dread(dataset, is_text ? H5T_C_S1 : H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT,
                        is_text ? (void *)text : (void *)number) >= 0);
    H5Sclose(memory);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
}

static void check_parameters(const char *name, const char *text) {
    fps_plan *plan = make_plan(text);
    const char *path = test_path(name);
    assert_ok(fps_results_create(path, plan, &test_facts));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        if (i > 100 && i % 37 != 0 && (i < 8180 || i > 8200)) /* all of a small file, a part of a large one */
            continue;
        fps_task task;
        char cell[4096], expected[4096];
        double number[FPS_MAX_DIMENSION] = {0};
        fps_plan_task(plan, i, &task);
        for (int p = 0; p < fps_parameter_count; p++) {
            const fps_parameter *parameter = &fps_parameters[p];
            if (parameter->kind == FPS_KIND_DOMAIN)
                continue;
            read_cell(file, parameter->name, i, cell, number);
            fps_parameter_format(parameter, &task, expected, sizeof expected);
            if (parameter->kind == FPS_KIND_CHOICE || parameter->kind == FPS_KIND_TEXT)
                assert_string_equal(cell, expected);
            else
                assert_true(number[0] == fps_parameter_value(parameter, &task));
        }
        for (int end = 0; end < 2; end++) {
            double *ends = number;
            read_cell(file, end ? "domain_high" : "domain_low", i, cell, ends);
            for (int64_t axis = 0; axis < fps_plan_extent(plan)->size[FPS_AXIS]; axis++)
                assert_same_number(ends[axis], axis < task.dimension ? task.domain[axis][end] : (double)NAN, "domain",
                                   i, axis);
        }
        int used = snprintf(expected, sizeof expected, "%lld", (long long)task.dimension);
        for (int64_t l = 0; l < task.depth; l++)
            used += snprintf(expected + used, sizeof expected - (size_t)used, "-%d", task.widths[l]);
        snprintf(expected + used, sizeof expected - (size_t)used, "-1");
        read_cell(file, "layers", i, cell, number);
        assert_string_equal(cell, expected);
        snprintf(expected, sizeof expected, "%016llx", (unsigned long long)fps_task_identity(&task));
        read_cell(file, "identity", i, cell, number);
        assert_string_equal(cell, expected);
    }
    H5Fclose(file);
    fps_plan_destroy(&plan);
}

static void parameters_are_stored_for_every_task(void **state) {
    (void)state;
    check_parameters("parameters-single.h5", one_dimensional);
    check_parameters("parameters-mixed.h5", mixed);
}

/* More tasks than one block of rows, and values that change within it. */
static void long_columns_are_complete(void **state) {
    (void)state;
    check_parameters("parameters-long.h5", "sweep: long\n"
                                           "fixed: {target: \"x\", width: 3, steps: 1}\n"
                                           "grid:\n"
                                           "  seed: {from: 1, to: 1500}\n"
                                           "  activation: [tanh, relu, softplus]\n"
                                           "  learning_rate: [0.1, \"stable(0.25)\"]\n"
                                           "record: {count: 2, frequencies: 2}\n");
}

/* Seeds beyond 32 bits need 64, others do not; what is stored is a netCDF-friendly type either way. */
static void integers_are_as_narrow_as_they_fit(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    const char *path = test_path("integers.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    const struct {
        const char *name;
        hid_t type;
    } expected[] = {{"seed", H5T_STD_I64LE},           {"depth", H5T_STD_I32LE},   {"outcome", H5T_STD_I8LE},
                    {"checksum", H5T_STD_U32LE},       {"step", H5T_STD_I64LE},    {"decay_rate", H5T_IEEE_F64LE},
                    {"training_loss", H5T_IEEE_F32LE}, {"mode", H5T_STD_I32LE},    {"xi", H5T_IEEE_F64LE},
                    {"heartbeat", H5T_IEEE_F64LE},     {"running", H5T_STD_I64LE}, {"activation", H5T_C_S1}};
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        hid_t dataset = H5Dopen2(file, expected[k].name, H5P_DEFAULT), type = H5Dget_type(dataset);
        if (H5Tequal(type, expected[k].type) <= 0)
            fail_msg("%s has another type", expected[k].name);
        H5Tclose(type);
        H5Dclose(dataset);
    }
    H5Fclose(file);
    fps_plan_destroy(&plan);
}

/* ---- netCDF conventions ---- */

static herr_t check_dataset(hid_t file, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    int *variables = context;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    if (H5DSis_scale(dataset) > 0) { /* a dimension without variable */
        char label[128] = "";
        H5DSget_scale_name(dataset, label, sizeof label);
        assert_true(strncmp(label, "This is a netCDF dimension but not a netCDF variable.", 53) == 0);
        assert_true(H5Dget_storage_size(dataset) == 0);
    } else {
        for (int d = 0; d < H5Sget_simple_extent_ndims(space); d++)
            if (H5DSget_num_scales(dataset, (unsigned)d) != 1)
                fail_msg("%s: dimension %d has no name", name, d);
        assert_true(H5Aexists(dataset, "units") > 0);
        assert_true(H5Aexists(dataset, "long_name") > 0);
        int result = -1;
        for (int r = 0; r < FPS_RESULT_COUNT; r++)
            result = strcmp(name, fps_result_fields[r].name) == 0 ? r : result;
        assert_int_equal(H5Aexists(dataset, "_FillValue") > 0, result >= 0 && fps_result_fields[result].fill_zero);
        if (H5Dget_offset(dataset) == HADDR_UNDEF)
            fail_msg("%s is not allocated in one piece", name);
        ++*variables;
    }
    H5Sclose(space);
    H5Dclose(dataset);
    return 0;
}

static void variables_follow_netcdf(void **state) {
    (void)state;
    fps_plan *plan = make_plan(mixed);
    const char *path = test_path("netcdf.h5");
    int variables = 0;
    assert_ok(fps_results_create(path, plan, &test_facts));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(H5Literate(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, check_dataset, &variables) >= 0);
    assert_true(variables > 50);
    H5Fclose(file);
    fps_plan_destroy(&plan);
}

/* xi = mode / side; in d > 1 also radial: mode / longest side; NaN where a task has no such direction. */
static void frequencies_are_cycles_per_length(void **state) {
    (void)state;
    fps_plan *plan = make_plan(mixed);
    const char *path = test_path("xi.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "xi", H5P_DEFAULT);
    enum { DIRECTIONS = 4, K = 5 };
    double(*xi)[DIRECTIONS][K] = calloc((size_t)fps_plan_count(plan), sizeof *xi), first[K];
    assert_true(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, xi) >= 0);
    H5Dclose(dataset);
    H5Fclose(file);
    fps_reader *reader = NULL;
    assert_ok(fps_reader_open(path, &reader));
    static const double side[4][DIRECTIONS] = {{0}, {2, NAN, NAN, NAN}, {3, 4, 4, NAN}, {3, 3, 3, 3}};
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        fps_plan_task(plan, i, &task);
        assert_ok(fps_reader_frequencies(reader, i, first));
        for (int direction = 0; direction < DIRECTIONS; direction++)
            for (int k = 0; k < K; k++) {
                int32_t mode = fps_plan_record(plan)->mode[k];
                assert_same_number(xi[i][direction][k], mode / side[task.dimension][direction], "xi", i, direction);
            }
        for (int k = 0; k < K; k++)
            assert_true(first[k] == xi[i][0][k]);
    }
    free(xi);
    fps_reader_close(&reader);
    fps_plan_destroy(&plan);
}

/* ---- attributes ---- */

static void attributes_tell_the_run(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    fps_reader *reader = NULL;
    const char *path = test_path("attributes.h5");
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)fps_plan_hash(plan));
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_reader_open(path, &reader));
    assert_string_equal(fps_reader_attribute(reader, "title"), "one-dimensional");
    assert_string_equal(fps_reader_attribute(reader, "about"), "Twelve small tasks");
    assert_string_equal(fps_reader_attribute(reader, "sweep_file"), one_dimensional);
    assert_string_equal(fps_reader_attribute(reader, "sweep_hash"), hash);
    assert_string_equal(fps_reader_attribute(reader, "kernel_class"), "avx2");
    assert_string_equal(fps_reader_attribute(reader, "self_test"), "0000000000001234");
    assert_string_equal(fps_reader_attribute(reader, "ranks"), "3");
    assert_string_equal(fps_reader_attribute(reader, "commit"), fps_commit());
    assert_string_equal(fps_reader_attribute(reader, "nonsense"), "");
    assert_int_equal(strlen(fps_reader_attribute(reader, "created")), strlen("2026-01-01T00:00:00Z"));
    fps_reader_close(&reader);
    fps_plan_destroy(&plan);
}

/* An attribute above 64 KB does not fit an object header. */
static void very_long_sweep_files_survive(void **state) {
    (void)state;
    size_t length = strlen(one_dimensional), comments = 300000;
    char *text = malloc(length + comments + 1);
    memcpy(text, one_dimensional, length);
    for (size_t i = 0; i < comments; i++)
        text[length + i] = i % 80 == 0 ? '#' : i % 80 == 79 ? '\n' : (char)('a' + i % 26);
    text[length + comments] = '\0';
    fps_plan *plan = make_plan(text);
    fps_reader *reader = NULL;
    const char *path = test_path("long-sweep.h5");
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_reader_open(path, &reader));
    assert_string_equal(fps_reader_attribute(reader, "sweep_file"), text);
    fps_reader_close(&reader);
    fps_plan_destroy(&plan);
    free(text);
}

/* ---- the user's data ---- */

/* A file made with data can be read after the data are gone: sizes and identities are in it. */
static void data_files_need_not_exist_for_reading(void **state) {
    (void)state;
    static const char text[] = "sweep: own data\nfixed: {data: points.csv, steps: 2, width: 2}\n"
                               "grid: {seed: [1, 2]}\nrecord: {count: 2, frequencies: 2, keep: [parameters]}\n";
    static double x[5] = {0.1, 0.2, 0.3, 0.4, 0.5}, y[5] = {1, 2, 3, 4, 5};
    fps_dataset dataset = {.samples = 5, .dimension = 1, .x = x, .y = y, .hash = UINT64_C(0xfedcba9876543210)};
    fps_plan *plan = make_plan(text), *bare = make_plan(text), *other = make_plan(text);
    fps_dataset changed = dataset;
    fps_reader *reader = NULL;
    fps_results *results = NULL;
    fps_task written, read;
    changed.hash++;
    const char *path = test_path("data.h5");
    assert_refused(fps_results_create(path, bare, &test_facts), FPS_ERROR_INPUT,
                   "points.csv: the data file was not read");
    assert_ok(fps_plan_set_dataset(plan, 0, &dataset));
    assert_ok(fps_plan_set_dataset(other, 0, &changed));
    assert_ok(fps_results_create(path, plan, &test_facts));
    assert_ok(fps_reader_open(path, &reader));
    assert_int_equal(fps_plan_extent(fps_reader_plan(reader))->size[FPS_SAMPLE], 5);
    fps_plan_task(plan, 1, &written);
    fps_plan_task(fps_reader_plan(reader), 1, &read);
    assert_true(fps_task_identity(&written) == fps_task_identity(&read));
    fps_reader_close(&reader);
    assert_refused(fps_results_open(MPI_COMM_WORLD, path, other, &results), FPS_ERROR_MISMATCH, "made with other data");
    assert_ok(fps_results_open(MPI_COMM_WORLD, path, plan, &results));
    assert_ok(fps_results_close(&results));
    fps_plan_destroy(&other);
    fps_plan_destroy(&bare);
    fps_plan_destroy(&plan);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    MPI_Init(&argc, &argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_distinct),
        cmocka_unit_test(parameters_are_stored_for_every_task),
        cmocka_unit_test(long_columns_are_complete),
        cmocka_unit_test(integers_are_as_narrow_as_they_fit),
        cmocka_unit_test(variables_follow_netcdf),
        cmocka_unit_test(frequencies_are_cycles_per_length),
        cmocka_unit_test(attributes_tell_the_run),
        cmocka_unit_test(very_long_sweep_files_survive),
        cmocka_unit_test(data_files_need_not_exist_for_reading),
    };
    int failed = cmocka_run_group_tests_name("results layout", tests, make_directory, remove_directory);
    MPI_Finalize();
    return failed;
}
