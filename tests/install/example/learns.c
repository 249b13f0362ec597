/* learns.c: a program of one's own that runs a sweep through libfpsweep on a communicator of its own, and reads what
 * came out. It brings an activation and a target of its own.
 *
 *   mpirun -n 3 ./learns OUT.h5
 *
 * Errors: every function that can fail returns an fps_status, and fps_error_message() has the sentence for people.
 */
#include <fpsweep/fpsweep.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* snake: z + sin(z)^2. */
#define SNAKE(name, real, SIN, COS)                                                                                    \
    static void name(void *context, int64_t count, const real *z, real *a, real *slope) {                              \
        (void)context;                                                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            real s = SIN(z[i]);                                                                                        \
            a[i] = z[i] + s * s;                                                                                       \
            if (slope)                                                                                                 \
                slope[i] = 1 + 2 * s * COS(z[i]);                                                                      \
        }                                                                                                              \
    }
SNAKE(snake_single, float, sinf, cosf)
SNAKE(snake_double, double, sin, cos)

/* sin(x) + amplitude sin(5 x), the amplitude being the program's. */
static double two_tones(void *context, int dimension, const double *x) {
    const double *amplitude = context;
    (void)dimension;
    return sin(x[0]) + *amplitude * sin(5 * x[0]);
}

/* The same on every rank, before the plan. Versions are ours: raised when values change. */
static fps_status register_mine(void) {
    static double amplitude = 1;
    const fps_activation_extension snake = {.name = "snake",
                                            .sentence = "x + sin(x)^2",
                                            .version = "1",
                                            .evaluate_single = snake_single,
                                            .evaluate_double = snake_double};
    const fps_target_extension target = {.name = "two_tones",
                                         .sentence = "sin x + sin 5x",
                                         .version = "1",
                                         .dimension = 1,
                                         .value = two_tones,
                                         .context = &amplitude};
    FPS_TRY(fps_register_activation(&snake));
    return fps_register_target(&target);
}

static const char sweep[] = "sweep: learns\n"
                            "fixed:\n"
                            "  target: two_tones\n"
                            "  domain: [-pi, pi]\n"
                            "  width: 40\n"
                            "  optimizer: adam\n"
                            "  learning_rate: 0.002\n"
                            "  steps: 300\n"
                            "  grid_points: 64\n"
                            "  samples: 64\n"
                            "grid:\n"
                            "  activation: [snake, relu]\n"
                            "  seed: {from: 0, to: 2}\n"
                            "record: {count: 20, frequencies: 8}\n";

/* Run the sweep on all ranks of `comm`. Collective. */
static fps_status run_sweep(MPI_Comm comm, const char *path) {
    fps_plan *plan = NULL;
    fps_results *results = NULL;
    fps_calibration calibration = {0};
    fps_farm_options options = {.sync_every_s = 1};
    fps_status status;
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    FPS_TRY_GOTO(status, register_mine(), done);
    FPS_TRY_GOTO(status, fps_plan_create("learns", sweep, strlen(sweep), &plan), done);
    FPS_TRY_GOTO(status, fps_farm_agree(comm, &options.self_test), done);
    if (rank == 0) {
        const fps_run_facts facts = {.kernel_class = fps_kernel_class_name(fps_kernel_class_current()),
                                     .libraries = fps_version(),
                                     .ranks = ranks,
                                     .self_test = options.self_test};
        status = fps_results_create(path, plan, &facts);
        if (status == FPS_OK)
            status = fps_calibrate(&calibration);
    }
    MPI_Bcast(&status, 1, MPI_INT, 0, comm);
    if (status != FPS_OK)
        goto done;
    MPI_Bcast(&calibration, sizeof calibration, MPI_BYTE, 0, comm);
    FPS_TRY_GOTO(status, fps_results_open(comm, path, plan, &results), done);
    status = fps_farm_run(comm, plan, results, &calibration, &options, NULL);
    fps_status closed = fps_results_close(&results);
    if (status == FPS_OK)
        status = closed;
done:
    fps_plan_destroy(&plan);
    return status;
}

/* Print, of every task, the last frequency errors at the two frequencies of the target. */
static fps_status print_tasks(const char *path) {
    fps_reader *reader = NULL;
    fps_trajectory trajectory = {0};
    fps_status status;
    FPS_TRY(fps_reader_open(path, &reader));
    const fps_plan *plan = fps_reader_plan(reader);
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        char label[256];
        FPS_TRY_GOTO(status, fps_reader_trajectory(reader, i, &trajectory), done);
        fps_plan_label(plan, i, label, sizeof label);
        int64_t frequencies = trajectory.extent.size[FPS_FREQUENCY];
        const double *last = trajectory.value[FPS_RESULT_FREQUENCY_ERROR] + (trajectory.records - 1) * frequencies;
        printf("%s: %s, %lld records, error %.3f at mode 1, %.3f at mode 5\n", label,
               fps_outcome_name(trajectory.outcome), (long long)trajectory.records, last[1], last[5]);
    }
done:
    fps_trajectory_release(&trajectory);
    fps_reader_close(&reader);
    return status;
}

/* Say what went wrong, on the rank that knows. */
static int fail(int rank, fps_status status) {
    if (fps_error_message()[0])
        fprintf(stderr, "rank %d: %s (%s)\n", rank, fps_error_message(), fps_status_name(status));
    return fps_status_exit(status);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: learns OUT.h5\n");
        return 2;
    }
    if (fps_version_number() != FPSWEEP_VERSION_NUMBER) {
        fprintf(stderr, "compiled with fpsweep %s, linked with %s\n", FPSWEEP_VERSION_STRING, fps_version());
        return 1;
    }
    setenv("OMPI_MCA_io", "^ompio", 0); /* HDF5 over Open MPI: its other implementation of MPI-IO, ROMIO */
    MPI_Init(&argc, &argv);
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);

    /* The last rank is kept for other work: the sweep sees the others alone. */
    MPI_Comm comm;
    int sweeps = ranks == 1 || rank < ranks - 1;
    MPI_Comm_split(MPI_COMM_WORLD, sweeps ? 0 : MPI_UNDEFINED, rank, &comm);
    fps_status status = FPS_OK;
    if (sweeps) {
        status = run_sweep(comm, argv[1]);
        if (status == FPS_OK && rank == 0)
            status = print_tasks(argv[1]);
        MPI_Comm_free(&comm);
    }
    int exit_status = status == FPS_OK ? 0 : fail(rank, status);
    MPI_Finalize();
    return exit_status;
}
