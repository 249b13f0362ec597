#include "store/row.h"

#include <float.h>
#include <math.h>
#include <xxhash.h>

#include "fpsweep/memory.h"
#include "fpsweep/plan.h"
#include "fpsweep/results.h"

fps_row_part fps_row_valid(const fps_result_field *field, const fps_extent *extent, int64_t records, bool directions) {
    fps_row_part part = {.elements = records > 0 ? 1 : 0};
    for (int d = 0; d < field->dimensions; d++) {
        int64_t size = field->dimension[d] == FPS_RECORD ? records : extent->size[field->dimension[d]];
        part.elements *= size;
        if (field->dimension[d] != FPS_DIRECTION || directions)
            part.size[part.rank++] = (hsize_t)size;
    }
    return part;
}

static void encode_single(bool fill_zero, const double *value, int64_t count, float *out) {
    const float zero = fill_zero ? FLT_MIN : 0.0f;
    for (int64_t i = 0; i < count; i++) {
        float v = (float)value[i];
        v = v != v ? NAN : v;
        out[i] = fill_zero && v == 0.0f ? zero : v;
    }
}

static void encode_double(bool fill_zero, const double *value, int64_t count, double *out) {
    const double zero = fill_zero ? DBL_MIN : 0.0;
    for (int64_t i = 0; i < count; i++) {
        double v = value[i];
        v = v != v ? (double)NAN : v;
        out[i] = fill_zero && v == 0.0 ? zero : v;
    }
}

static void encode_integer(const double *value, int64_t count, int64_t *out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = fabs(value[i]) < 0x1p63 ? (int64_t)value[i] : -1;
}

void fps_row_encode(fps_stored type, bool fill_zero, const double *value, int64_t count, void *out) {
    if (type == FPS_STORED_FLOAT32)
        encode_single(fill_zero, value, count, out);
    else if (type == FPS_STORED_FLOAT64)
        encode_double(fill_zero, value, count, out);
    else
        encode_integer(value, count, out);
}

struct fps_row_hash {
    XXH3_state_t *state;
};

fps_status fps_row_hash_create(fps_row_hash **out) {
    FPS_TRY(FPS_ALLOC(*out, 1));
    (*out)->state = XXH3_createState();
    if (!(*out)->state) {
        fps_row_hash_destroy(out);
        return fps_fail(FPS_ERROR_MEMORY, "not enough memory for a checksum");
    }
    return FPS_OK;
}

void fps_row_hash_destroy(fps_row_hash **hash) {
    if (!*hash)
        return;
    XXH3_freeState((*hash)->state);
    fps_free(*hash);
    *hash = NULL;
}

void fps_row_hash_begin(fps_row_hash *hash, uint64_t identity, fps_outcome outcome, int32_t records) {
    int8_t code = (int8_t)outcome;
    XXH3_64bits_reset_withSeed(hash->state, identity);
    XXH3_64bits_update(hash->state, &code, sizeof code);
    XXH3_64bits_update(hash->state, &records, sizeof records);
}

void fps_row_hash_add(fps_row_hash *hash, const void *bytes, size_t size) {
    XXH3_64bits_update(hash->state, bytes, size);
}

uint32_t fps_row_hash_end(const fps_row_hash *hash) {
    return (uint32_t)XXH3_64bits_digest(hash->state);
}

fps_status fps_results_checksum(const fps_plan *plan, const fps_task *task, const fps_trajectory *trajectory,
                                uint32_t *checksum) {
    enum { BLOCK = 1024 };
    double block[BLOCK]; /* room for either type */
    fps_row_hash *hash = NULL;
    FPS_TRY(fps_row_hash_create(&hash));
    fps_row_hash_begin(hash, fps_task_identity(task), trajectory->outcome, (int32_t)trajectory->records);
    unsigned keep = fps_plan_record(plan)->keep;
    fps_stored number = fps_plan_all_single(plan) ? FPS_STORED_FLOAT32 : FPS_STORED_FLOAT64;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        if (!fps_result_kept(field, keep) || !trajectory->value[r])
            continue;
        fps_stored type = field->type == FPS_TYPE_INT64 ? FPS_STORED_INT64 : number;
        int64_t elements = fps_row_valid(field, &trajectory->extent, trajectory->records, true).elements;
        for (int64_t done = 0; done < elements; done += BLOCK) {
            int64_t count = elements - done < BLOCK ? elements - done : BLOCK;
            fps_row_encode(type, field->fill_zero, trajectory->value[r] + done, count, block);
            fps_row_hash_add(hash, block, (size_t)count * fps_stored_size(type));
        }
    }
    *checksum = fps_row_hash_end(hash);
    fps_row_hash_destroy(&hash);
    return FPS_OK;
}
