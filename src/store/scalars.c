#include "store/scalars.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

enum { IDENTITY_DIGITS = 16, BLOCK = 65536 };

void *fps_scalars_array(fps_scalars *scalars, fps_scalar scalar) {
    switch (scalar) {
#define X(NAME, name, ...)                                                                                             \
    case FPS_SCALAR_##NAME:                                                                                            \
        return scalars->name;
        FPS_SCALAR_LIST(X)
#undef X
    case FPS_SCALAR_COUNT:
        break;
    }
    return NULL;
}

fps_status fps_scalars_create(fps_variables *variables, int64_t rows, fps_scalars *out) {
    fps_status status = FPS_OK;
    memset(out, 0, sizeof *out);
#define X(NAME, name, ...) FPS_TRY_GOTO(status, FPS_ALLOC(out->name, rows), fail);
    FPS_SCALAR_LIST(X)
#undef X
    int n = 0;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        fps_open_variable *open = &variables->result[r];
        if (fps_result_fields[r].dimensions > 0)
            continue;
        if (open->dataset >= 0 && !(out->number[n] = fps_alloc((size_t)rows, fps_stored_size(open->variable.type)))) {
            status = FPS_ERROR_MEMORY;
            goto fail;
        }
        out->source[n++] = open;
    }
    out->rows = rows;
    return FPS_OK;
fail:
    fps_scalars_release(out);
    return status;
}

void fps_scalars_release(fps_scalars *scalars) {
#define X(NAME, name, ...) fps_free(scalars->name);
    FPS_SCALAR_LIST(X)
#undef X
    for (int n = 0; n < FPS_ROW_NUMBERS; n++)
        fps_free(scalars->number[n]);
    memset(scalars, 0, sizeof *scalars);
}

fps_status fps_scalars_read(fps_scalars *scalars, fps_variables *variables, int64_t first, int64_t count, int64_t at) {
    const hsize_t start = (hsize_t)first, size = (hsize_t)count;
    for (int s = 0; s < FPS_SCALAR_COUNT; s++) {
        fps_open_variable *open = &variables->scalar[s];
        size_t bytes = fps_stored_size(open->variable.type);
        if (open->dataset >= 0)
            FPS_TRY(fps_variables_read(variables, open, fps_stored_hdf5(open->variable.type), &start, &size, size,
                                       (char *)fps_scalars_array(scalars, (fps_scalar)s) + (size_t)at * bytes));
    }
    for (int n = 0; n < FPS_ROW_NUMBERS; n++) {
        fps_open_variable *open = scalars->source[n];
        if (scalars->number[n])
            FPS_TRY(fps_variables_read(variables, open, fps_stored_hdf5(open->variable.type), &start, &size, size,
                                       (char *)scalars->number[n] + (size_t)at * fps_stored_size(open->variable.type)));
    }
    return FPS_OK;
}

/* ---- checks ---- */

uint32_t fps_scalars_checksum(const fps_scalars *scalars, int64_t k, uint64_t identity) {
    unsigned char bytes[64 + 8 * FPS_ROW_NUMBERS];
    size_t used = 0;
#define X(NAME, name, ctype, ...)                                                                                      \
    if (FPS_SCALAR_##NAME != FPS_SCALAR_SCALARS_CHECKSUM) {                                                            \
        memcpy(bytes + used, &scalars->name[k], sizeof(ctype));                                                        \
        used += sizeof(ctype);                                                                                         \
    }
    FPS_SCALAR_LIST(X)
#undef X
    for (int n = 0; n < FPS_ROW_NUMBERS; n++)
        if (scalars->number[n]) {
            size_t size = fps_stored_size(scalars->source[n]->variable.type);
            memcpy(bytes + used, (const char *)scalars->number[n] + (size_t)k * size, size);
            used += size;
        }
    return (uint32_t)XXH3_64bits_withSeed(bytes, used, identity);
}

bool fps_scalars_right(const fps_scalars *scalars, int64_t k, int format, uint64_t identity) {
    int8_t outcome = scalars->outcome[k];
    if (outcome < 0 || outcome >= FPS_OUTCOME_COUNT)
        return false;
    if (outcome == FPS_PENDING)
        return true;
    if (format < fps_scalar_since(FPS_SCALAR_SCALARS_CHECKSUM))
        return scalars->records[k] >= 0;
    return scalars->scalars_checksum[k] == fps_scalars_checksum(scalars, k, identity);
}

/* 16 hexadecimal digits; anything else gives some number. */
static uint64_t parse_identity(const char *digits) {
    uint64_t identity = 0;
    for (int d = 0; d < IDENTITY_DIGITS; d++) {
        unsigned char c = (unsigned char)digits[d];
        identity = identity << 4 | (uint64_t)((c & 15) + (c > '9' ? 9 : 0));
    }
    return identity;
}

fps_status fps_scalars_check(const fps_scalars *scalars, fps_variables *variables, const fps_plan *plan, int64_t first,
                             int64_t count, int64_t at, fps_status (*each)(void *context, int64_t task),
                             void *context) {
    fps_status status = FPS_OK;
    char(*digits)[IDENTITY_DIGITS] = NULL;
    FPS_TRY(FPS_ALLOC(digits, count < BLOCK ? count : BLOCK));
    for (int64_t done = 0; done < count; done += BLOCK) {
        int64_t part = count - done < BLOCK ? count - done : BLOCK;
        const hsize_t start[2] = {(hsize_t)(first + done)}, size[2] = {(hsize_t)part, IDENTITY_DIGITS};
        FPS_TRY_GOTO(status,
                     fps_variables_read(variables, &variables->identity, fps_stored_hdf5(FPS_STORED_CHAR), start, size,
                                        size[0] * size[1], digits),
                     done);
        for (int64_t i = 0; i < part; i++) {
            int64_t k = at + done + i;
            if (fps_scalars_right(scalars, k, variables->format, parse_identity(digits[i])))
                continue;
            fps_task task;
            bool right = false;
            if (plan) {
                fps_plan_task(plan, first + done + i, &task);
                right = fps_scalars_right(scalars, k, variables->format, fps_task_identity(&task));
            }
            if (!right)
                FPS_TRY_GOTO(status, each(context, first + done + i), done);
        }
    }
done:
    fps_free(digits);
    return status;
}

bool fps_scalars_interrupted(const fps_scalars *scalars, int64_t k) {
    return scalars->outcome[k] == FPS_PENDING && scalars->scalars_checksum[k] != 0;
}

void fps_scalars_tell_interrupted(const char *path, int64_t count, const fps_live *live) {
    const double silence_s = 60;
    if (count == 0 || (live->running > 0 && fps_clock_date_s() - live->heartbeat < silence_s))
        return;
    fps_log(FPS_LOG_NOTE,
            "%s: %" PRId64
            " task%s pending although the other numbers are there: a run was broken off while it wrote them "
            "down, or outcomes are damaged; --resume runs them again",
            path, count, count == 1 ? " is" : "s are");
}

/* ---- rows ---- */

static double decode(fps_stored type, const void *array, int64_t k) {
    if (type == FPS_STORED_FLOAT32)
        return (double)((const float *)array)[k];
    if (type == FPS_STORED_FLOAT64)
        return ((const double *)array)[k];
    return (double)((const int64_t *)array)[k];
}

void fps_scalars_get(const fps_scalars *scalars, int64_t k, fps_row *row) {
    if (scalars->outcome[k] == FPS_PENDING) {
        *row = (fps_row){.task = row->task, .identity = row->identity};
        for (int n = 0; n < FPS_ROW_NUMBERS; n++)
            row->number[n] = NAN;
        return;
    }
    row->outcome = (fps_outcome)scalars->outcome[k];
    row->checksum = scalars->checksum[k];
    row->records = scalars->records[k];
    row->seconds = scalars->seconds[k];
    row->rank = scalars->rank[k];
    row->attempts = scalars->attempts[k];
    row->version = scalars->version[k];
    row->kernel_class = scalars->kernel_class[k];
    row->self_test = scalars->self_test[k];
    row->finished = scalars->finished[k];
    for (int n = 0; n < FPS_ROW_NUMBERS; n++)
        row->number[n] = scalars->number[n] && row->records > 0
                             ? decode(scalars->source[n]->variable.type, scalars->number[n], k)
                             : (double)NAN;
}

void fps_scalars_set(fps_scalars *scalars, int64_t k, const fps_row *row) {
    scalars->outcome[k] = (int8_t)row->outcome;
    scalars->checksum[k] = row->checksum;
    scalars->records[k] = row->records;
    scalars->seconds[k] = row->seconds;
    scalars->rank[k] = row->rank;
    scalars->attempts[k] = row->attempts;
    scalars->version[k] = row->version;
    scalars->kernel_class[k] = row->kernel_class;
    scalars->self_test[k] = row->self_test;
    scalars->finished[k] = row->finished;
    for (int n = 0; n < FPS_ROW_NUMBERS; n++) {
        const fps_open_variable *open = scalars->source[n];
        if (!scalars->number[n])
            continue;
        size_t bytes = fps_stored_size(open->variable.type);
        double number = row->records > 0 ? row->number[n] : 0;
        bool fill_zero = row->records > 0 && open->variable.fill_zero;
        fps_row_encode(open->variable.type, fill_zero, &number, 1, (char *)scalars->number[n] + (size_t)k * bytes);
    }
    scalars->scalars_checksum[k] = fps_scalars_checksum(scalars, k, row->identity);
}
