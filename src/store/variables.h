/* variables.h: the variables of an open file that a run writes, ready for reading and writing without allocation.
 *
 * Readers and the ranks of a run open the same set, derived from the plan and compared with the file.
 */
#ifndef FPSWEEP_STORE_VARIABLES_H
#define FPSWEEP_STORE_VARIABLES_H

#include "fpsweep/results.h"
#include "store/row.h"
#include "store/variable.h"

/* An open variable; the dataspace is reused. */
typedef struct fps_open_variable {
    fps_variable variable;
    hid_t dataset, space; /* dataset is invalid if the file has no such variable */
} fps_open_variable;

typedef struct fps_variables {
    const char *path; /* borrowed, for messages */
    int format;       /* version of the file's format */
    bool directions;  /* results have the dimension `direction` */
    hid_t memory;     /* one-dimensional dataspace of `memory_size` elements */
    hsize_t memory_size;
    fps_open_variable scalar[FPS_SCALAR_COUNT], live[FPS_LIVE_COUNT], result[FPS_RESULT_COUNT];
    fps_open_variable identity; /* char(task, 16), seed of the checksums */
    size_t row_bytes;           /* of the largest row of a result */
} fps_variables;

/* Set everything to closed; fps_variables_close is then safe. */
void fps_variables_init(fps_variables *variables);

/* Open task scalars and identities of a file of `tasks` tasks, live scalars, and the results that the plan wants (plan
 * NULL: those without dimensions); compare element types and sizes. FPS_ERROR_INPUT, in words that name PATH, if one is
 * absent, different, or reaches beyond `file_bytes`, the size of the file. `writable` also refuses a variable that is
 * not stored in one piece (a repacked, compressed file can be read, not continued). Scalars that came with a later
 * format are absent. */
fps_status fps_variables_open(fps_variables *variables, hid_t file, const char *path, int format, int64_t file_bytes,
                              int64_t tasks, const fps_plan *plan, bool writable);
void fps_variables_close(fps_variables *variables);

/* Prepare an access: the block of the variable that starts at start[rank] and is size[rank] large, `elements` in
 * memory. */
fps_status fps_variables_select(fps_variables *variables, fps_open_variable *open, const hsize_t *start,
                                const hsize_t *size, hsize_t elements);
/* Read that block as numbers of the HDF5 type `type`. FPS_ERROR_INPUT, "PATH is damaged: ...". */
fps_status fps_variables_read(fps_variables *variables, fps_open_variable *open, hid_t type, const hsize_t *start,
                              const hsize_t *size, hsize_t elements, void *value);

/* Signs of life. They are rewritten all the time, without checksum: what is not possible is 0. */
fps_status fps_variables_live(fps_variables *variables, fps_live *live);

#endif
