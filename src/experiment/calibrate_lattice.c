/* calibrate_lattice.c: the speed of lattice sums. */
#include <math.h>

#include "base/clock.h"
#include "experiment/cost_direct.h"
#include "experiment/speed.h"
#include "fpsweep/lattice.h"
#include "fpsweep/memory.h"

enum { TURNS = 3, FEW = 2, MANY = 64, MOST_RUNGS = 6 };

/* Times of one lattice, s: to sum for the first time, when its tables are made, and to sum again. */
typedef struct times {
    double first, again;
} times;

static fps_status measure(int dimension, int rungs, const int64_t *ladder, int displacements, double alpha,
                          times *out) {
    double x[MANY * 2], shell[MANY * MOST_RUNGS];
    *out = (times){INFINITY, INFINITY};
    for (int i = 0; i < displacements * dimension; i++)
        x[i] = 0.3 + 0.002 * i;
    const fps_lattice_spec spec = {.dimension = dimension,
                                   .frequency_step = 0.25,
                                   .rungs = rungs,
                                   .band_limit = ladder,
                                   .displacements = displacements,
                                   .displacement = x};
    for (int turn = 0; turn < TURNS; turn++) {
        fps_lattice *lattice = NULL;
        FPS_TRY(fps_lattice_create(&spec, &lattice));
        double made = fps_clock_thread_s();
        fps_status status = fps_lattice_shells(lattice, alpha, shell);
        double first = fps_clock_thread_s();
        if (status == FPS_OK)
            status = fps_lattice_shells(lattice, alpha, shell);
        double again = fps_clock_thread_s();
        fps_lattice_destroy(&lattice);
        FPS_TRY(status);
        out->first = fmin(out->first, first - made);
        out->again = fmin(out->again, again - first);
    }
    return FPS_OK;
}

/* Plain terms alone; then none but boundary terms are added. */
static fps_status measure_line(fps_lattice_speed *speed) {
    static const int64_t near[] = {500}, far[MOST_RUNGS] = {2000, 6001, 18004, 54013, 162040, 486121};
    times few, many, rungs;
    FPS_TRY(measure(1, 1, near, FEW, 1, &few));
    FPS_TRY(measure(1, 1, near, MANY, 1, &many));
    FPS_TRY(measure(1, MOST_RUNGS, far, MANY, 1, &rungs));
    double terms = (MANY - FEW) * (double)near[0];
    speed->cosine = fmax((many.first - many.again) - (few.first - few.again), 0) / terms;
    speed->product = fmax(many.again - few.again, 0) / terms;
    speed->boundary = fmax(rungs.again - many.again, 0) / (MANY * MOST_RUNGS);
    return FPS_OK;
}

/* One rung, alpha = 2: 462 nodes, of which every term needs nearly all. */
static fps_status measure_theta(fps_lattice_speed *speed) {
    static const int64_t ladder[] = {1023};
    const double nodes = 416, all_nodes = 432; /* whole chunks; those summed over */
    times few, many;
    FPS_TRY(measure(2, 1, ladder, FEW, 2, &few));
    FPS_TRY(measure(2, 1, ladder, MANY, 2, &many));
    double terms = nodes * (double)ladder[0], distinct_few = 2 * FEW, distinct_many = 2 * MANY;
    double table_few = few.first - few.again - distinct_few * (double)ladder[0] * speed->cosine;
    double table_many = many.first - many.again - distinct_many * (double)ladder[0] * speed->cosine;
    speed->matrix = fmax(table_many - table_few, 0) / (terms * (distinct_many - distinct_few));
    speed->decay = fmax(table_few - terms * distinct_few * speed->matrix, 0) / terms;
    speed->node = fmax(many.again - few.again, 0) / (all_nodes * (MANY - FEW));
    return FPS_OK;
}

fps_status fps_calibrate_lattice(fps_lattice_speed *speed) {
    FPS_TRY(measure_line(speed));
    return measure_theta(speed);
}
