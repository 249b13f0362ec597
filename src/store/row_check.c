#include "store/row_check.h"

#include <string.h>

#include "fpsweep/memory.h"

fps_status fps_row_check_create(fps_variables *variables, const fps_plan *plan, fps_row_check *out) {
    memset(out, 0, sizeof *out);
    out->plan = plan;
    out->variables = variables;
    fps_status status = fps_scalars_create(variables, 1, &out->scalars);
    if (status == FPS_OK)
        status = fps_identity_create(&out->identity);
    if (status == FPS_OK)
        status = fps_row_hash_create(&out->hash);
    if (status == FPS_OK && !(out->buffer = fps_alloc(variables->row_bytes, 1)))
        status = FPS_ERROR_MEMORY;
    if (status != FPS_OK)
        fps_row_check_release(out);
    return status;
}

void fps_row_check_release(fps_row_check *check) {
    fps_free(check->buffer);
    fps_row_hash_destroy(&check->hash);
    fps_identity_destroy(&check->identity);
    fps_scalars_release(&check->scalars);
    memset(check, 0, sizeof *check);
}

fps_status fps_row_check_scalars(fps_row_check *check, const fps_task *task, bool *right) {
    *right = false;
    FPS_TRY(fps_scalars_read(&check->scalars, check->variables, task->index, 1, 0));
    *right = fps_scalars_right(&check->scalars, 0, check->variables->format, fps_identity_of(check->identity, task));
    return FPS_OK;
}

/* Are the results of the row those that its scalars, right ones, speak of? */
static fps_status compare_results(fps_row_check *check, const fps_task *task, bool *right) {
    fps_variables *variables = check->variables;
    const fps_scalars *scalars = &check->scalars;
    fps_extent extent;
    fps_task_extent(task, fps_plan_record(check->plan), &extent);
    *right = scalars->records[0] <= extent.size[FPS_RECORD];
    if (!*right)
        return FPS_OK;
    fps_row_hash_begin(check->hash, fps_identity_of(check->identity, task), (fps_outcome)scalars->outcome[0],
                       scalars->records[0]);
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &variables->result[r];
        if (open->dataset < 0)
            continue;
        fps_row_part part = fps_row_valid(&fps_result_fields[r], &extent, scalars->records[0], variables->directions);
        if (part.elements == 0)
            continue;
        hsize_t start[FPS_VARIABLE_RANK] = {(hsize_t)task->index}, size[FPS_VARIABLE_RANK] = {1};
        for (int d = 0; d < part.rank; d++)
            size[d + 1] = part.size[d];
        FPS_TRY(fps_variables_read(variables, open, fps_stored_hdf5(open->variable.type), start, size,
                                   (hsize_t)part.elements, check->buffer));
        fps_row_hash_add(check->hash, check->buffer, (size_t)part.elements * fps_stored_size(open->variable.type));
    }
    *right = fps_row_hash_end(check->hash) == scalars->checksum[0];
    return FPS_OK;
}

fps_status fps_row_check_all(fps_row_check *check, const fps_task *task, bool *right) {
    enum { TRIALS = 3 };
    *right = false;
    for (int trial = 0; trial < TRIALS && !*right; trial++) {
        FPS_TRY(fps_row_check_scalars(check, task, right));
        if (*right && check->scalars.outcome[0] != FPS_PENDING)
            FPS_TRY(compare_results(check, task, right));
    }
    return FPS_OK;
}
