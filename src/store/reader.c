/* reader.c: reading a results file, by any process, also while a run writes it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"
#include "store/check.h"
#include "store/layout.h"
#include "store/row_check.h"

struct fps_reader {
    char *path;
    fps_checked checked;
    fps_file_plan sweep;
    fps_shard shard;
    fps_variables variables;
    fps_row_check check;
    unsigned char *verified; /* a bit per task: its row was compared with its checksum */
    char *text;              /* the attribute asked for last */
    int8_t kernel_class;     /* what the file's attributes say, for rows that do not */
    uint32_t self_test;
};

/* ---- open ---- */

/* Format 1 has no kernels per row: the file's. */
static void read_makers(fps_reader *reader) {
    const char *name = fps_reader_attribute(reader, "kernel_class");
    for (int class = 0; class < FPS_KERNEL_CLASS_COUNT; class ++)
        if (strcmp(name, fps_kernel_class_name((fps_kernel_class) class)) == 0)
            reader->kernel_class = (int8_t) class;
    reader->self_test = (uint32_t)strtoull(fps_reader_attribute(reader, "self_test"), NULL, 16);
}

static fps_status open_all(fps_reader *reader) {
    FPS_TRY(fps_check_open(reader->path, &reader->checked));
    FPS_TRY(fps_file_plan_create(reader->checked.file, reader->path, &reader->sweep));
    FPS_TRY(fps_check_shard(reader->checked.file, reader->path, &reader->shard));
    int64_t tasks = fps_plan_count(reader->sweep.plan);
    FPS_TRY(fps_variables_open(&reader->variables, reader->checked.file, reader->path, reader->checked.format,
                               reader->checked.bytes, tasks, reader->sweep.plan, false));
    FPS_TRY(fps_row_check_create(&reader->variables, reader->sweep.plan, &reader->check));
    FPS_TRY(FPS_ALLOC(reader->verified, tasks / 8 + 1));
    read_makers(reader);
    return FPS_OK;
}

fps_status fps_reader_open(const char *path, fps_reader **out) {
    fps_reader *reader = NULL;
    FPS_TRY(FPS_ALLOC(reader, 1));
    reader->checked.file = H5I_INVALID_HID;
    fps_variables_init(&reader->variables);
    reader->path = fps_strdup(path);
    fps_status status = reader->path ? open_all(reader) : FPS_ERROR_MEMORY;
    if (status != FPS_OK) {
        fps_reader_close(&reader);
        return status;
    }
    *out = reader;
    return FPS_OK;
}

void fps_reader_close(fps_reader **out) {
    fps_reader *reader = *out;
    if (!reader)
        return;
    fps_row_check_release(&reader->check);
    fps_variables_close(&reader->variables);
    fps_hdf5_close(&reader->checked.file);
    fps_file_plan_release(&reader->sweep);
    fps_free(reader->verified);
    fps_free(reader->text);
    fps_free(reader->path);
    fps_free(reader);
    *out = NULL;
}

const fps_plan *fps_reader_plan(const fps_reader *reader) {
    return reader->sweep.plan;
}

fps_shard fps_reader_shard(const fps_reader *reader) {
    return reader->shard;
}

const char *fps_reader_attribute(fps_reader *reader, const char *name) {
    size_t length;
    int64_t number;
    fps_free(reader->text);
    reader->text = NULL;
    if (H5Aexists(reader->checked.file, name) <= 0)
        return "";
    if (fps_attribute_read_text(reader->checked.file, name, FPS_SWEEP_LIMIT, &reader->text, &length) == FPS_OK)
        return reader->text;
    if (fps_attribute_read_integer(reader->checked.file, name, &number) == FPS_OK &&
        (reader->text = fps_alloc(24, 1)) != NULL) {
        snprintf(reader->text, 24, "%" PRId64, number);
        return reader->text;
    }
    return "";
}

/* ---- scalars ---- */

typedef struct damaged_rows {
    fps_reader *reader;
    fps_row *row;
    int64_t count, first;
} damaged_rows;

/* What a row of format 1 does not say, the file does. */
static void add_makers(const fps_reader *reader, fps_row *row) {
    if (row->outcome == FPS_PENDING || reader->checked.format >= fps_scalar_since(FPS_SCALAR_KERNEL_CLASS))
        return;
    row->kernel_class = reader->kernel_class;
    row->self_test = reader->self_test;
}

/* A row that does not match may only have been reset while it was read; otherwise it has no numbers. */
static fps_status hide_damaged(void *context, int64_t number) {
    damaged_rows *damaged = context;
    fps_reader *reader = damaged->reader;
    fps_row *row = &damaged->row[number];
    fps_task task;
    bool right;
    fps_plan_task(reader->sweep.plan, number, &task);
    FPS_TRY(fps_row_check_scalars(&reader->check, &task, &right));
    if (right && reader->check.scalars.records[0] <= fps_plan_extent(reader->sweep.plan)->size[FPS_RECORD]) {
        fps_scalars_get(&reader->check.scalars, 0, row);
        return FPS_OK;
    }
    *row = (fps_row){.task = number, .damaged = true, .seconds = NAN};
    for (int n = 0; n < FPS_ROW_NUMBERS; n++)
        row->number[n] = NAN;
    if (damaged->count++ == 0)
        damaged->first = number;
    return FPS_OK;
}

fps_status fps_reader_rows(fps_reader *reader, fps_row *rows) {
    enum { BLOCK = 65536 };
    int64_t tasks = fps_plan_count(reader->sweep.plan), most = fps_plan_extent(reader->sweep.plan)->size[FPS_RECORD];
    damaged_rows damaged = {.reader = reader, .row = rows};
    fps_scalars scalars;
    fps_status status = FPS_OK;
    FPS_TRY(fps_scalars_create(&reader->variables, tasks < BLOCK ? tasks : BLOCK, &scalars));
    fps_live live;
    int64_t interrupted = 0;
    for (int64_t first = 0; first < tasks; first += BLOCK) {
        int64_t count = tasks - first < BLOCK ? tasks - first : BLOCK;
        FPS_TRY_GOTO(status, fps_scalars_read(&scalars, &reader->variables, first, count, 0), done);
        for (int64_t i = 0; i < count; i++) {
            rows[first + i] = (fps_row){.task = first + i};
            fps_scalars_get(&scalars, i, &rows[first + i]);
            interrupted += fps_scalars_interrupted(&scalars, i);
        }
        FPS_TRY_GOTO(status,
                     fps_scalars_check(&scalars, &reader->variables, reader->sweep.plan, first, count, 0, hide_damaged,
                                       &damaged),
                     done);
    }
    for (int64_t i = 0; i < tasks; i++) {
        if (rows[i].outcome != FPS_PENDING && rows[i].records > most)
            FPS_TRY_GOTO(status, hide_damaged(&damaged, i), done);
        add_makers(reader, &rows[i]);
    }
    FPS_TRY_GOTO(status, fps_reader_live(reader, &live), done);
    fps_scalars_tell_interrupted(reader->path, interrupted, &live);
    if (damaged.count > 0)
        fps_log(FPS_LOG_WARNING,
                "%s is damaged: the numbers of %" PRId64 " task%s, the first is %" PRId64
                ", are not those that were committed and are left out; `fpsweep verify` lists them, --resume runs them "
                "again",
                reader->path, damaged.count, damaged.count == 1 ? "" : "s", damaged.first);
done:
    fps_scalars_release(&scalars);
    return status;
}

fps_status fps_reader_live(fps_reader *reader, fps_live *live) {
    return fps_variables_live(&reader->variables, live);
}

/* ---- rows ---- */

static fps_status check_task(const fps_reader *reader, int64_t i) {
    int64_t tasks = fps_plan_count(reader->sweep.plan);
    return i >= 0 && i < tasks ? FPS_OK
                               : fps_fail(FPS_ERROR_USAGE, "%s has no task %" PRId64 ": they count from 0 to %" PRId64,
                                          reader->path, i, tasks - 1);
}

/* Compare the row of a task with its checksums. */
static fps_status check_row(fps_reader *reader, const fps_task *task, bool *right) {
    FPS_TRY(fps_row_check_all(&reader->check, task, right));
    if (*right && reader->check.scalars.outcome[0] != FPS_PENDING)
        reader->verified[task->index / 8] |= (unsigned char)(1u << (task->index % 8));
    return FPS_OK;
}

fps_status fps_reader_check(fps_reader *reader, int64_t i, bool *right) {
    fps_task task;
    FPS_TRY(check_task(reader, i));
    fps_plan_task(reader->sweep.plan, i, &task);
    return check_row(reader, &task, right);
}

/* The scalars of a row, right ones, into reader->check; the first time the whole row is compared with its checksums. */
static fps_status take_row(fps_reader *reader, const fps_task *task) {
    bool right = reader->verified[task->index / 8] >> (task->index % 8) & 1;
    if (right)
        FPS_TRY(fps_row_check_scalars(&reader->check, task, &right));
    if (!right)
        FPS_TRY(check_row(reader, task, &right));
    if (!right)
        return fps_fail(FPS_ERROR_INPUT,
                        "%s is damaged: task %" PRId64
                        ": its checksum is wrong; `fpsweep verify` lists all such tasks, "
                        "--resume runs them again",
                        reader->path, task->index);
    return FPS_OK;
}

/* How many records of the row taken last are valid: none while it is pending. */
static int64_t valid_records(const fps_reader *reader) {
    return reader->check.scalars.outcome[0] == FPS_PENDING ? 0 : reader->check.scalars.records[0];
}

/* The valid part of one result of one task into value (dense, at its start). */
static fps_status read_result(fps_reader *reader, int64_t i, fps_result result, const fps_extent *extent,
                              double *value) {
    fps_row_part part =
        fps_row_valid(&fps_result_fields[result], extent, valid_records(reader), reader->variables.directions);
    if (part.elements == 0)
        return FPS_OK;
    hsize_t start[FPS_VARIABLE_RANK] = {(hsize_t)i}, size[FPS_VARIABLE_RANK] = {1};
    for (int d = 0; d < part.rank; d++)
        size[d + 1] = part.size[d];
    return fps_variables_read(&reader->variables, &reader->variables.result[result], H5T_NATIVE_DOUBLE, start, size,
                              (hsize_t)part.elements, value);
}

fps_status fps_reader_trajectory(fps_reader *reader, int64_t i, fps_trajectory *trajectory) {
    fps_task task;
    FPS_TRY(check_task(reader, i));
    fps_plan_task(reader->sweep.plan, i, &task);
    FPS_TRY(take_row(reader, &task));
    FPS_TRY(fps_trajectory_prepare(trajectory, &task, fps_plan_record(reader->sweep.plan)));
    trajectory->outcome = (fps_outcome)reader->check.scalars.outcome[0];
    trajectory->records = valid_records(reader);
    trajectory->seconds = trajectory->outcome == FPS_PENDING ? 0 : reader->check.scalars.seconds[0];
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (trajectory->value[r] && reader->variables.result[r].dataset >= 0)
            FPS_TRY(read_result(reader, i, (fps_result)r, &trajectory->extent, trajectory->value[r]));
    return FPS_OK;
}

fps_status fps_reader_result(fps_reader *reader, int64_t i, fps_result result, double *value) {
    fps_task task;
    fps_extent extent;
    FPS_TRY(check_task(reader, i));
    if (reader->variables.result[result].dataset < 0)
        return fps_fail(FPS_ERROR_INPUT, "%s does not hold %s: it was not asked for by `record: keep`", reader->path,
                        fps_result_fields[result].name);
    fps_plan_task(reader->sweep.plan, i, &task);
    FPS_TRY(take_row(reader, &task));
    fps_task_extent(&task, fps_plan_record(reader->sweep.plan), &extent);
    int64_t elements = fps_result_elements(&fps_result_fields[result], &extent);
    for (int64_t e = 0; e < elements; e++)
        value[e] = NAN;
    return read_result(reader, i, result, &extent, value);
}

fps_status fps_reader_frequencies(fps_reader *reader, int64_t i, double *xi) {
    fps_task task;
    FPS_TRY(check_task(reader, i));
    fps_plan_task(reader->sweep.plan, i, &task);
    fps_layout_frequencies(&task, fps_plan_record(reader->sweep.plan), 0, xi);
    return FPS_OK;
}
