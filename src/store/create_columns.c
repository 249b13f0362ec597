/* create_columns.c: coordinates and parameters of all tasks, written when a file is created. */
#include <string.h>

#include "fpsweep/memory.h"
#include "store/create_internal.h"

enum { BLOCK_TASKS = 8192 }; /* rows of a column written at once */

typedef struct filled_column {
    hid_t dataset;
    size_t row; /* bytes per task */
    char *block;
} filled_column;

static fps_status write_rows(const fps_creator *c, int k, const filled_column *filled, int64_t first, int64_t count) {
    const fps_column *column = &c->layout->column[k];
    fps_status status = FPS_OK;
    hsize_t start[FPS_VARIABLE_RANK] = {0}, size[FPS_VARIABLE_RANK];
    for (int d = 0; d < column->variable.rank; d++)
        size[d] = (hsize_t)column->variable.size[d];
    if (column->per_task) {
        start[0] = (hsize_t)first;
        size[0] = (hsize_t)count;
    }
    hid_t space = H5Dget_space(filled->dataset), memory = H5Screate_simple(column->variable.rank, size, NULL);
    hid_t type = fps_stored_hdf5(column->variable.type);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
        H5Dwrite(filled->dataset, type, memory, space, H5P_DEFAULT, filled->block) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "variable %s cannot be written", column->variable.name);
    fps_hdf5_close(&memory);
    fps_hdf5_close(&space);
    return status;
}

/* Visit the tasks once, block by block; a column that does not vary is filled once and only written again. */
fps_status fps_create_columns(fps_creator *c) {
    fps_layout *layout = c->layout;
    fps_status status = FPS_OK;
    filled_column *filled = NULL;
    int64_t tasks = fps_plan_count(c->plan), block = tasks < BLOCK_TASKS ? tasks : BLOCK_TASKS;
    fps_column_context context = {fps_plan_record(c->plan), fps_plan_extent(c->plan), c->memo};
    FPS_TRY(FPS_ALLOC(filled, layout->columns));
    for (int k = 0; k < layout->columns; k++)
        filled[k].dataset = H5I_INVALID_HID;
    fps_task task;
    fps_plan_task(c->plan, 0, &task);
    for (int k = 0; k < layout->columns; k++) {
        const fps_column *column = &layout->column[k];
        filled_column *f = &filled[k];
        f->row = (size_t)fps_column_row(column) * fps_stored_size(column->variable.type);
        int64_t rows = column->per_task ? block : 1;
        FPS_TRY_GOTO(status, fps_create_variable(c, &column->variable, &f->dataset), done);
        FPS_TRY_GOTO(status, FPS_ALLOC(f->block, (size_t)rows * f->row), done);
        if (column->varies)
            continue;
        column->fill(column, &context, &task, f->block);
        for (int64_t i = 1; i < rows; i++)
            memcpy(f->block + (size_t)i * f->row, f->block, f->row);
        if (!column->per_task)
            FPS_TRY_GOTO(status, write_rows(c, k, f, 0, 1), done);
    }
    for (int64_t first = 0; first < tasks; first += block) {
        int64_t count = tasks - first < block ? tasks - first : block;
        for (int k = 0; k < layout->columns; k++)
            if (layout->column[k].varies)
                memset(filled[k].block, 0, (size_t)count * filled[k].row);
        for (int64_t i = 0; i < count; i++) {
            fps_plan_task(c->plan, first + i, &task);
            for (int k = 0; k < layout->columns; k++)
                if (layout->column[k].varies)
                    layout->column[k].fill(&layout->column[k], &context, &task,
                                           filled[k].block + (size_t)i * filled[k].row);
        }
        for (int k = 0; k < layout->columns; k++)
            if (layout->column[k].per_task)
                FPS_TRY_GOTO(status, write_rows(c, k, &filled[k], first, count), done);
    }
done:
    for (int k = 0; k < layout->columns; k++) {
        fps_hdf5_close(&filled[k].dataset);
        fps_free(filled[k].block);
    }
    fps_free(filled);
    return status;
}
