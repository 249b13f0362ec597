/* read_c.c: three results of a results file with HDF5's C library.
 *
 *   h5cc read_c.c -o read_c -lm && ./read_c FILE.h5 [ACTIVATION SEED]      (h5pcc does as well)
 *
 * error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
 * order     for every activation, modes in the order in which they are learnt (median step over its tasks)
 * alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
 */
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 1 };
static const double THRESHOLD = 0.5, AMPLITUDE = 0.01; /* learnt below this; not asked of smaller shares of the target */

static void stop(const char *name) {
    fprintf(stderr, "read_c: %s cannot be read (more than one direction, or no results file?)\n", name);
    exit(1);
}

/* All of a variable as numbers of a type in memory, and its sizes; the caller frees. */
static void *read_all(hid_t file, const char *name, hid_t type, int rank, hsize_t *size) {
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    hid_t stored = H5Dget_type(dataset); /* letters are read as they are */
    if (dataset < 0 || H5Sget_simple_extent_ndims(space) != rank)
        stop(name);
    H5Sget_simple_extent_dims(space, size, NULL);
    void *value = malloc((size_t)H5Sget_simple_extent_npoints(space) * 8);
    if (!value || H5Dread(dataset, type < 0 ? stored : type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        stop(name);
    H5Tclose(stored);
    H5Sclose(space);
    H5Dclose(dataset);
    return value;
}

/* A text of every task as C strings: text[tasks][*size + 1]. */
static char *read_text(hid_t file, const char *name, hsize_t *length) {
    hsize_t size[2];
    char *letters = read_all(file, name, H5I_INVALID_HID, 2, size), *text = calloc(size[0], size[1] + 1);
    if (!text)
        stop(name);
    for (hsize_t i = 0; i < size[0]; i++)
        memcpy(text + i * (size[1] + 1), letters + i * size[1], size[1]);
    free(letters);
    *length = size[1] + 1;
    return text;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, int n) {
    qsort(value, (size_t)n, sizeof *value, by_value);
    return n % 2 ? value[n / 2] : 0.5 * (value[n / 2 - 1] + value[n / 2]);
}

/* First step with an error below the threshold, interpolated between records on a logarithmic scale; error[r * K]. */
static double crossing(const int64_t *step, const double *error, int records, hsize_t stride) {
    for (int r = 0; r < records; r++)
        if (error[(hsize_t)r * stride] < THRESHOLD) {
            if (r == 0)
                return (double)step[0];
            double above = log(error[(hsize_t)(r - 1) * stride]), below = log(error[(hsize_t)r * stride]);
            return (double)step[r - 1] + (double)(step[r] - step[r - 1]) * (above - log(THRESHOLD)) / (above - below);
        }
    return INFINITY;
}

typedef struct learnt {
    double tau;
    int mode, tasks;
} learnt;

static int by_tau(const void *a, const void *b) {
    const learnt *x = a, *y = b;
    return x->tau != y->tau ? (x->tau > y->tau) - (x->tau < y->tau) : x->mode - y->mode;
}

static void print_networks(hid_t file, const char *wanted, int64_t seed_wanted) {
    hsize_t size[3], one[1], two[2], letters;
    int8_t *outcome = read_all(file, "outcome", H5T_NATIVE_INT8, 1, one);
    int32_t *records = read_all(file, "records", H5T_NATIVE_INT32, 1, one);
    int32_t *mode = read_all(file, "mode", H5T_NATIVE_INT32, 1, one);
    int64_t *seed = read_all(file, "seed", H5T_NATIVE_INT64, 1, one);
    int64_t *step = read_all(file, "step", H5T_NATIVE_INT64, 2, two);
    double *error = read_all(file, "frequency_error", H5T_NATIVE_DOUBLE, 3, size); /* [tasks, records, K] */
    double *residual = read_all(file, "residual_relative", H5T_NATIVE_DOUBLE, 3, size);
    char *activation = read_text(file, "activation", &letters);
    const hsize_t tasks = size[0], row = size[1] * size[2], K = size[2];
    double *tau = malloc(tasks * sizeof *tau);
    learnt *order = malloc(K * sizeof *order);
    if (!tau || !order)
        stop("memory");

    for (hsize_t i = 0; i < tasks; i++)
        if (outcome[i] == DONE && seed[i] == seed_wanted && strcmp(activation + i * letters, wanted) == 0) {
            for (int r = 0; r < records[i]; r++)
                for (hsize_t k = 0; k < K; k++)
                    printf("error %lld %d %.8e\n", (long long)step[i * size[1] + (hsize_t)r], (int)mode[k],
                           error[i * row + (hsize_t)r * K + k]);
            break;
        }

    for (hsize_t a = 0; a < tasks; a++) {
        const char *name = activation + a * letters;
        hsize_t before = 0;
        while (strcmp(activation + before * letters, name) != 0)
            before++;
        if (before < a) /* its turn has been */
            continue;
        int learnable = 0;
        for (hsize_t k = 0; k < K; k++) {
            int n = 0;
            for (hsize_t i = a; i < tasks; i++) {
                const double *e = error + i * row + k, *u = residual + i * row + k;
                double largest = 0, share = 0; /* of the target, where the error is largest */
                if (outcome[i] != DONE || strcmp(activation + i * letters, name) != 0)
                    continue;
                for (int r = 0; r < records[i]; r++)
                    if (e[(hsize_t)r * K] > largest) {
                        largest = e[(hsize_t)r * K];
                        share = u[(hsize_t)r * K] / largest;
                    }
                if (share >= AMPLITUDE)
                    tau[n++] = crossing(step + i * size[1], e, records[i], K);
            }
            if (n > 0)
                order[learnable++] = (learnt){median(tau, n), mode[k], n};
        }
        qsort(order, (size_t)learnable, sizeof *order, by_tau);
        for (int k = 0; k < learnable; k++)
            printf("order %s %d %.8e %d\n", name, order[k].mode, order[k].tau, order[k].tasks);
    }
    free(order);
    free(tau);
    free(activation);
    free(residual);
    free(error);
    free(step);
    free(seed);
    free(mode);
    free(records);
    free(outcome);
}

static void print_alpha_c(hid_t file) {
    hsize_t one[1], size[2];
    int8_t *outcome = read_all(file, "outcome", H5T_NATIVE_INT8, 1, one);
    int32_t *records = read_all(file, "records", H5T_NATIVE_INT32, 1, one);
    double *alpha = read_all(file, "decay_rate", H5T_NATIVE_DOUBLE, 1, one);
    int64_t *limit = read_all(file, "rung_band_limit", H5T_NATIVE_INT64, 2, size);
    double *drop = read_all(file, "energy_drop", H5T_NATIVE_DOUBLE, 2, size);
    double *product = read_all(file, "multiplier_product", H5T_NATIVE_DOUBLE, 2, size);
    double last = -INFINITY, x = 0, y = 0, xx = 0, xy = 0;
    int rates = 0, rungs = 0;
    for (hsize_t i = 0; i < size[0]; i++)
        rungs = records[i] > rungs ? records[i] : rungs;
    for (;; rates++) { /* decay rates, increasing */
        double rate = INFINITY, sum = 0;
        int n = 0;
        for (hsize_t i = 0; i < size[0]; i++)
            if (outcome[i] == DONE && alpha[i] > last && alpha[i] < rate)
                rate = alpha[i];
        if (isinf(rate))
            break;
        for (hsize_t i = 0; i < size[0]; i++) {
            hsize_t low = i * size[1] + (hsize_t)rungs - 3, middle = low + 1; /* of the last three rungs */
            if (outcome[i] != DONE || alpha[i] != rate)
                continue;
            sum += log(drop[middle] / product[middle] / (drop[low] / product[low])) /
                   log(((double)limit[middle] + 0.5) / ((double)limit[low] + 0.5));
            n++;
        }
        printf("theta %.8e %.8e %d\n", rate, sum / n, n);
        x += rate;
        y += sum / n;
        xx += rate * rate;
        xy += rate * sum / n;
        last = rate;
    }
    double slope = (rates * xy - x * y) / (rates * xx - x * x);
    printf("alpha_c %.8e %.8e\n", (x - y / slope) / rates, slope);
    free(product);
    free(drop);
    free(limit);
    free(alpha);
    free(records);
    free(outcome);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: read_c FILE.h5 [ACTIVATION SEED]\n");
        return 2;
    }
    hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return 1;
    if (H5Lexists(file, "frequency_error", H5P_DEFAULT) > 0)
        print_networks(file, argc > 2 ? argv[2] : "tanh", argc > 3 ? atoll(argv[3]) : 0);
    if (H5Lexists(file, "energy_drop", H5P_DEFAULT) > 0)
        print_alpha_c(file);
    H5Fclose(file);
    return 0;
}
