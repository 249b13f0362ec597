#include "store/columns.h"

#include <string.h>

#include "fpsweep/memory.h"
#include "store/check.h"
#include "store/layout.h"

enum { BLOCK_TASKS = 8192 };

/* One column while the tasks are visited. */
typedef struct checked_column {
    const fps_column *column;
    hid_t dataset; /* invalid: told already */
    size_t row;    /* bytes */
    char *wanted, *found;
    int64_t first, rows; /* that differ */
} checked_column;

typedef struct columns {
    fps_text_memo *memo;
    fps_survey survey;
    fps_layout *layout;
    checked_column *column;
    fps_column_context context;
} columns;

/* Is the file older than the parameter? Its tasks have the default then, or their identities would differ. */
static bool is_older(hid_t file, const checked_column *c) {
    return c->column->parameter >= 0 && fps_parameters[c->column->parameter].added &&
           H5Lexists(file, c->column->variable.name, H5P_DEFAULT) == 0;
}

/* Does the dataset exist with the column's shape? */
static bool open_column(hid_t file, checked_column *c) {
    const fps_variable *variable = &c->column->variable;
    hsize_t size[H5S_MAX_RANK];
    if (H5Lexists(file, variable->name, H5P_DEFAULT) <= 0)
        return false;
    c->dataset = H5Dopen2(file, variable->name, H5P_DEFAULT);
    hid_t space = c->dataset >= 0 ? H5Dget_space(c->dataset) : H5I_INVALID_HID;
    bool fits = space >= 0 && H5Sget_simple_extent_ndims(space) == variable->rank &&
                (variable->rank == 0 || H5Sget_simple_extent_dims(space, size, NULL) == variable->rank);
    for (int d = 0; fits && d < variable->rank; d++)
        fits = size[d] == (hsize_t)variable->size[d];
    fps_hdf5_close(&space);
    return fits;
}

typedef enum transfer { READ, WRITE } transfer;

/* Rows first .. first + count - 1 (all of a column without tasks): read into c->found, or c->wanted written. */
static bool move_rows(checked_column *c, int64_t first, int64_t count, transfer way) {
    const fps_variable *variable = &c->column->variable;
    const hid_t type = fps_stored_hdf5(variable->type);
    hsize_t start[FPS_VARIABLE_RANK] = {0}, size[FPS_VARIABLE_RANK];
    for (int d = 0; d < variable->rank; d++)
        size[d] = (hsize_t)variable->size[d];
    if (c->column->per_task) {
        start[0] = (hsize_t)first;
        size[0] = (hsize_t)count;
    }
    hid_t space = H5Dget_space(c->dataset), memory = H5Screate_simple(variable->rank, size, NULL);
    bool good = space >= 0 && memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0;
    if (good && way == READ)
        good = H5Dread(c->dataset, type, memory, space, H5P_DEFAULT, c->found) >= 0;
    else if (good)
        good = H5Dwrite(c->dataset, type, memory, space, H5P_DEFAULT, c->wanted) >= 0;
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    return good;
}

/* Compare `count` rows; with `way` WRITE, write them if they differ. False ends the column. */
static bool compare_rows(checked_column *c, int64_t first, int64_t count, transfer way) {
    const int64_t before = c->rows;
    if (!move_rows(c, first, count, READ))
        return false;
    for (int64_t i = 0; i < count; i++)
        if (memcmp(c->wanted + (size_t)i * c->row, c->found + (size_t)i * c->row, c->row) != 0 && c->rows++ == 0)
            c->first = first + i;
    return way == READ || c->rows == before || move_rows(c, first, count, WRITE);
}

static fps_status prepare(columns *all, const fps_plan *plan) {
    FPS_TRY(FPS_ALLOC(all->layout, 1));
    FPS_TRY(fps_text_memo_create(&all->memo));
    FPS_TRY(fps_survey_create(plan, all->memo, &all->survey));
    FPS_TRY(fps_layout_build(plan, &all->survey, all->layout));
    FPS_TRY(FPS_ALLOC(all->column, all->layout->columns));
    all->context = (fps_column_context){fps_plan_record(plan), fps_plan_extent(plan), all->memo};
    for (int k = 0; k < all->layout->columns; k++)
        all->column[k] = (checked_column){.column = &all->layout->column[k], .dataset = H5I_INVALID_HID};
    return FPS_OK;
}

static void release(columns *all) {
    for (int k = 0; all->column && k < all->layout->columns; k++) {
        fps_hdf5_close(&all->column[k].dataset);
        fps_free(all->column[k].wanted);
        fps_free(all->column[k].found);
    }
    fps_free(all->column);
    fps_free(all->layout);
    fps_survey_release(&all->survey);
    fps_text_memo_destroy(&all->memo);
}

/* The rows that tasks first .. first + count - 1 should have. */
static void fill_block(columns *all, const fps_plan *plan, int64_t first, int64_t count) {
    fps_task task;
    for (int k = 0; k < all->layout->columns; k++)
        memset(all->column[k].wanted, 0, (size_t)(all->column[k].column->per_task ? count : 1) * all->column[k].row);
    for (int64_t i = 0; i < count; i++) {
        fps_plan_task(plan, first + i, &task);
        for (int k = 0; k < all->layout->columns; k++) {
            checked_column *c = &all->column[k];
            if (c->column->per_task || i == 0)
                c->column->fill(c->column, &all->context, &task, c->wanted + (size_t)i * c->row);
        }
    }
}

typedef void visitor(void *context, const char *variable, int64_t task, int64_t rows);

/* Tell `each` what is not as the plan has it; with `way` WRITE it is so afterwards, except for what is told as
 * unreadable (rows 0). */
static fps_status visit(hid_t file, const fps_plan *plan, transfer way, visitor *each, void *context) {
    columns all = {0};
    const int64_t tasks = fps_plan_count(plan), block = tasks < BLOCK_TASKS ? tasks : BLOCK_TASKS;
    fps_status status;
    FPS_TRY_GOTO(status, prepare(&all, plan), done);
    for (int k = 0; k < all.layout->columns; k++) {
        checked_column *c = &all.column[k];
        size_t rows = c->column->per_task ? (size_t)block : 1;
        c->row = (size_t)fps_column_row(c->column) * fps_stored_size(c->column->variable.type);
        FPS_TRY_GOTO(status, FPS_ALLOC(c->wanted, rows * c->row), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(c->found, rows * c->row), done);
        if (!open_column(file, c)) {
            fps_hdf5_close(&c->dataset);
            if (is_older(file, c))
                continue;
            each(context, c->column->variable.name, -1, 0);
        }
    }
    for (int64_t first = 0; first < tasks; first += block) {
        int64_t count = tasks - first < block ? tasks - first : block;
        fill_block(&all, plan, first, count);
        for (int k = 0; k < all.layout->columns; k++) {
            checked_column *c = &all.column[k];
            if (c->dataset < 0 || (!c->column->per_task && first > 0))
                continue;
            if (!compare_rows(c, first, c->column->per_task ? count : 1, way)) {
                fps_hdf5_close(&c->dataset);
                each(context, c->column->variable.name, -1, 0);
            }
        }
    }
    for (int k = 0; k < all.layout->columns; k++)
        if (all.column[k].rows > 0)
            each(context, all.column[k].column->variable.name,
                 all.column[k].column->per_task ? all.column[k].first : -1, all.column[k].rows);
done:
    release(&all);
    return status;
}

fps_status fps_columns_check(const char *path, const fps_plan *plan, visitor *each, void *context) {
    fps_checked checked;
    FPS_TRY(fps_check_open(path, &checked));
    fps_status status = visit(checked.file, plan, READ, each, context);
    fps_hdf5_close(&checked.file);
    return status;
}

typedef struct mending {
    visitor *each; /* or NULL */
    void *context;
    const char *lost; /* could not be read or written */
} mending;

static void note_mended(void *context, const char *variable, int64_t task, int64_t rows) {
    mending *m = context;
    if (rows == 0)
        m->lost = variable;
    else if (m->each)
        m->each(m->context, variable, task, rows);
}

fps_status fps_columns_mend(hid_t file, const char *path, const fps_plan *plan, visitor *each, void *context) {
    mending m = {each, context, NULL};
    FPS_TRY(visit(file, plan, WRITE, note_mended, &m));
    return m.lost ? fps_hdf5_fail(FPS_ERROR_IO, "%s: variable %s cannot be written again", path, m.lost) : FPS_OK;
}
