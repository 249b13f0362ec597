/* quantities.c: what `analyze` derives from one group of tasks that differ only in their seeds. */
#include "fpsweep/quantities.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"

/* What the tasks of a group have, before it is averaged; NAN where a task does not count. Legend: S tasks, Q = R K
 * places (directions x frequencies). */
typedef struct collection {
    int64_t tasks, places, directions, frequencies, read; /* read: done tasks so far */
    int32_t *mode;                                        /* mode[K] */
    double *xi;                                           /* xi[Q] */
    double *share, *tau, *error;       /* [Q, S]: error is NAN where tau is none of a learnable one */
    bool *learnable;                   /* [Q, S] */
    double *training_loss, *test_loss; /* [S] */
    double *scratch, *scratch_xi;      /* [max(Q, S)] */
} collection;

static void release_collection(collection *c) {
    void *block[] = {c->mode,          c->xi,        c->share,   c->tau,       c->error, c->learnable,
                     c->training_loss, c->test_loss, c->scratch, c->scratch_xi};
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        fps_free(block[i]);
}

static fps_status reserve_collection(const fps_learning *l, int64_t tasks, collection *c) {
    c->tasks = tasks;
    c->directions = l->directions;
    c->frequencies = l->frequencies;
    c->places = l->directions * l->frequencies;
    int64_t cells = c->places * tasks, longest = c->places > tasks ? c->places : tasks;
    FPS_TRY(FPS_ALLOC(c->mode, c->frequencies));
    FPS_TRY(FPS_ALLOC(c->xi, c->places));
    FPS_TRY(FPS_ALLOC(c->share, cells));
    FPS_TRY(FPS_ALLOC(c->tau, cells));
    FPS_TRY(FPS_ALLOC(c->error, cells));
    FPS_TRY(FPS_ALLOC(c->learnable, cells));
    FPS_TRY(FPS_ALLOC(c->training_loss, tasks));
    FPS_TRY(FPS_ALLOC(c->test_loss, tasks));
    FPS_TRY(FPS_ALLOC(c->scratch, longest));
    FPS_TRY(FPS_ALLOC(c->scratch_xi, longest));
    memcpy(c->mode, l->mode, (size_t)c->frequencies * sizeof *c->mode);
    memcpy(c->xi, l->xi, (size_t)c->places * sizeof *c->xi);
    return FPS_OK;
}

/* Take in the task read last. */
static void collect(const fps_learning *l, collection *c) {
    int64_t s = c->read++;
    for (int64_t p = 0; p < c->places; p++) {
        int64_t cell = p * c->tasks + s;
        c->learnable[cell] = l->learnable[p];
        c->share[cell] = l->learnable[p] ? l->share[p] : NAN;
        c->tau[cell] = l->tau[p];
        c->error[cell] = l->learnable[p] ? l->error[p] : NAN;
    }
    c->training_loss[s] = l->training_loss;
    c->test_loss[s] = l->test_loss;
}

/* Average one frequency; false if it is learnable in no task. */
static bool derive_frequency(collection *c, int64_t place, fps_frequency_quantities *out) {
    const double *tau = c->tau + place * c->tasks;
    int64_t n = 0;
    *out = (fps_frequency_quantities){.direction = place / c->frequencies,
                                      .mode = c->mode[place % c->frequencies],
                                      .xi = c->xi[place],
                                      .share = fps_analysis_mean(c->share + place * c->tasks, c->read).value,
                                      .error = fps_analysis_mean(c->error + place * c->tasks, c->read)};
    for (int64_t s = 0; s < c->read; s++)
        if (c->learnable[place * c->tasks + s]) {
            c->scratch[n++] = tau[s];
            out->censored += isnan(tau[s]);
        }
    out->n = n;
    out->tau = fps_analysis_mean(c->scratch, n);
    if (out->censored)
        out->tau.value = out->tau.uncertainty = NAN;
    out->tau_median = fps_analysis_median_censored(c->scratch, n);
    return n > 0;
}

/* Kendall's tau of one task along a direction. */
static double task_order(collection *c, int64_t direction, int64_t s) {
    int64_t n = 0;
    for (int64_t k = 0; k < c->frequencies; k++) {
        int64_t place = direction * c->frequencies + k;
        if (!c->learnable[place * c->tasks + s])
            continue;
        c->scratch_xi[n] = c->xi[place];
        c->scratch[n++] = c->tau[place * c->tasks + s];
    }
    return fps_analysis_kendall(c->scratch_xi, c->scratch, n).tau;
}

/* Pairs of frequencies first .. last-1 whose medians are in the wrong order. */
static fps_status list_violations(const fps_frequency_quantities *f, int64_t count, fps_order_quantities *out) {
    FPS_TRY(FPS_ALLOC(out->violation, out->of_medians.violations));
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = i + 1; j < count; j++) {
            double low = f[i].tau_median, high = f[j].tau_median; /* NAN: later than all */
            if (!isnan(high) && (isnan(low) || low > high))
                out->violation[out->violations++] = (fps_violation){.earlier = f[j].xi, .later = f[i].xi};
        }
    return FPS_OK;
}

static fps_status derive_order(collection *c, int64_t direction, const fps_quantities *q, fps_order_quantities *out) {
    double *per_task = NULL;
    FPS_TRY(FPS_ALLOC(per_task, c->read));
    for (int64_t s = 0; s < c->read; s++)
        per_task[s] = task_order(c, direction, s);
    out->tau = fps_analysis_mean(per_task, c->read);
    fps_free(per_task);
    int64_t first = 0, n = 0;
    while (first < q->places && q->frequency[first].direction < direction)
        first++;
    for (; first + n < q->places && q->frequency[first + n].direction == direction; n++) {
        c->scratch_xi[n] = q->frequency[first + n].xi;
        c->scratch[n] = q->frequency[first + n].tau_median;
    }
    out->pairs = n * (n - 1) / 2;
    out->of_medians = fps_analysis_kendall(c->scratch_xi, c->scratch, n);
    return list_violations(q->frequency + first, n, out);
}

fps_status fps_quantities_derive(fps_learning *learning, const fps_grouping *grouping, int64_t g, fps_quantities *out) {
    collection c = {0};
    fps_status status = FPS_OK;
    int64_t tasks = fps_grouping_size(grouping, g);
    *out = (fps_quantities){0};
    for (int64_t j = 0; j < tasks; j++) {
        int64_t i = fps_grouping_task(grouping, g, j);
        out->outcome[learning->row[i].outcome]++;
        if (learning->row[i].outcome != FPS_DONE)
            continue;
        FPS_TRY_GOTO(status, fps_learning_read(learning, i), done);
        if (c.read == 0)
            FPS_TRY_GOTO(status, reserve_collection(learning, tasks, &c), done);
        collect(learning, &c);
        out->dimension = learning->task.dimension;
    }
    out->directions = c.directions;
    out->training_loss = fps_analysis_mean(c.training_loss, c.read);
    out->test_loss = fps_analysis_mean(c.test_loss, c.read);
    FPS_TRY_GOTO(status, FPS_ALLOC(out->frequency, c.places), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(out->order, c.directions), done);
    for (int64_t p = 0; p < c.places; p++)
        out->places += derive_frequency(&c, p, &out->frequency[out->places]);
    for (int64_t d = 0; d < c.directions; d++)
        FPS_TRY_GOTO(status, derive_order(&c, d, out, &out->order[d]), done);
done:
    release_collection(&c);
    if (status != FPS_OK)
        fps_quantities_release(out);
    return status;
}

void fps_quantities_release(fps_quantities *quantities) {
    for (int64_t d = 0; quantities->order && d < quantities->directions; d++)
        fps_free(quantities->order[d].violation);
    fps_free(quantities->order);
    fps_free(quantities->frequency);
    *quantities = (fps_quantities){0};
}
