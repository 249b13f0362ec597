/* learning.c: what one task learnt and when, read from its row of a results file. */
#include "fpsweep/learning.h"

#include <math.h>

#include "fpsweep/analysis.h"
#include "fpsweep/memory.h"

fps_status fps_learning_create(fps_reader *reader, double threshold, double amplitude, fps_learning **out) {
    fps_learning *learning = fps_alloc(1, sizeof *learning);
    *out = NULL;
    if (!learning)
        return FPS_ERROR_MEMORY;
    learning->reader = reader;
    learning->threshold = threshold;
    learning->amplitude = amplitude;
    fps_status status = FPS_ALLOC(learning->row, fps_plan_count(fps_reader_plan(reader)));
    if (status == FPS_OK)
        status = fps_reader_rows(reader, learning->row);
    if (status != FPS_OK)
        fps_learning_destroy(&learning);
    *out = learning;
    return status;
}

/* Release what grows with the task. */
static void release_arrays(fps_learning *l) {
    double **array[] = {&l->xi, &l->share, &l->tau, &l->error, &l->step, &l->frequency_error, &l->residual_relative};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++) {
        fps_free(*array[i]);
        *array[i] = NULL;
    }
    fps_free(l->learnable);
    l->learnable = NULL;
    l->record_capacity = l->frequency_capacity = 0;
}

void fps_learning_destroy(fps_learning **learning) {
    if (!learning || !*learning)
        return;
    release_arrays(*learning);
    fps_free((*learning)->row);
    fps_free(*learning);
    *learning = NULL;
}

/* Make room for `records` records of `places` = R K frequencies. */
static fps_status reserve(fps_learning *l, int64_t records, int64_t places) {
    if (l->xi && records <= l->record_capacity && places <= l->frequency_capacity)
        return FPS_OK;
    records = records > l->record_capacity ? records : l->record_capacity;
    places = places > l->frequency_capacity ? places : l->frequency_capacity;
    release_arrays(l);
    FPS_TRY(FPS_ALLOC(l->xi, places));
    FPS_TRY(FPS_ALLOC(l->share, places));
    FPS_TRY(FPS_ALLOC(l->tau, places));
    FPS_TRY(FPS_ALLOC(l->error, places));
    FPS_TRY(FPS_ALLOC(l->learnable, places));
    FPS_TRY(FPS_ALLOC(l->step, records));
    FPS_TRY(FPS_ALLOC(l->frequency_error, records * places));
    FPS_TRY(FPS_ALLOC(l->residual_relative, records * places));
    l->record_capacity = records;
    l->frequency_capacity = places;
    return FPS_OK;
}

/* Read a result of one number per record into `scratch` and return the last valid one. */
static fps_status read_last(fps_learning *l, int64_t i, fps_result result, double *scratch, double *last) {
    FPS_TRY(fps_reader_result(l->reader, i, result, scratch));
    *last = l->records > 0 ? scratch[l->records - 1] : NAN;
    return FPS_OK;
}

fps_status fps_learning_read(fps_learning *l, int64_t i) {
    const fps_plan *plan = fps_reader_plan(l->reader);
    const fps_record_spec *spec = fps_plan_record(plan);
    fps_extent extent;
    fps_plan_task(plan, i, &l->task);
    fps_task_extent(&l->task, spec, &extent);
    l->directions = extent.size[FPS_DIRECTION];
    l->frequencies = extent.size[FPS_FREQUENCY];
    l->mode = spec->mode;
    l->outcome = l->row[i].outcome;
    l->records = l->outcome == FPS_DONE || l->outcome == FPS_DIVERGED ? l->row[i].records : 0;
    l->training_loss = l->test_loss = NAN;
    int64_t places = l->directions * l->frequencies;
    FPS_TRY(reserve(l, extent.size[FPS_RECORD], places));
    if (l->records > 0) {
        FPS_TRY(read_last(l, i, FPS_RESULT_TRAINING_LOSS, l->step, &l->training_loss));
        FPS_TRY(read_last(l, i, FPS_RESULT_TEST_LOSS, l->step, &l->test_loss));
        FPS_TRY(fps_reader_result(l->reader, i, FPS_RESULT_STEP, l->step));
        FPS_TRY(fps_reader_result(l->reader, i, FPS_RESULT_FREQUENCY_ERROR, l->frequency_error));
        FPS_TRY(fps_reader_result(l->reader, i, FPS_RESULT_RESIDUAL_RELATIVE, l->residual_relative));
    }
    for (int64_t p = 0; p < places; p++) {
        const double *error = l->frequency_error + p;
        l->xi[p] = fps_analysis_xi(&l->task, p / l->frequencies, l->mode[p % l->frequencies]);
        l->share[p] = fps_analysis_target_share(error, l->residual_relative + p, l->records, places);
        l->learnable[p] = l->share[p] >= l->amplitude; /* false for NAN */
        l->tau[p] = l->learnable[p] ? fps_analysis_tau(l->step, error, l->records, places, l->threshold) : NAN;
        l->error[p] = l->records > 0 ? error[(l->records - 1) * places] : NAN;
    }
    return FPS_OK;
}

int fps_learning_choose(const fps_learning *l, int64_t direction, int most, int64_t *place) {
    const bool *learnable = l->learnable + direction * l->frequencies;
    int64_t there_are = 0;
    for (int64_t k = 0; k < l->frequencies; k++)
        there_are += learnable[k];
    int chosen = there_are < most ? (int)there_are : most;
    int64_t seen = 0;
    for (int64_t k = 0, c = 0; k < l->frequencies && c < chosen; k++) {
        if (!learnable[k])
            continue;
        int64_t wanted = chosen > 1 ? (c * (there_are - 1) + (chosen - 1) / 2) / (chosen - 1) : 0;
        if (seen++ == wanted)
            place[c++] = direction * l->frequencies + k;
    }
    return chosen;
}
