#include "experiment/grid_loss.h"

#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/kernels.h"
#include "numeric/real/loss_sobolev.h"

/* Points per call of the kernel: what its scratch holds. */
#define BLOCK 4096

struct fps_grid_loss {
    const fps_kernels *kernels;
    fps_choice loss;
    fps_sobolev *sobolev; /* NULL unless it is the loss */
    int64_t count;        /* G */
    int64_t room;         /* columns of the arrays below: BLOCK, or for sobolev all of FPS_PADDED(G) */
    real *weight;         /* 1/G */
    real *tail;           /* the same for the last block, 0 behind the last point */
    real *slope, *term;   /* scratch */
};

static fps_status create_sobolev(fps_grid_loss *l, const fps_points *grid) {
    fps_stepper_spec spec = {.loss = l->loss, .samples = grid->count, .dimension = grid->dimension, .side = grid->side};
    memcpy(spec.domain, grid->domain, sizeof spec.domain);
    FPS_TRY(fps_sobolev_create(&spec, &l->sobolev));
    fps_sobolev_set_weights(l->sobolev, l->tail);
    return FPS_OK;
}

fps_status fps_grid_loss_create(const fps_choice *loss, const fps_points *grid, fps_grid_loss **out) {
    fps_grid_loss *l;
    fps_status status;
    FPS_TRY(FPS_ALLOC(l, 1));
    l->kernels = fps_kernels_current();
    l->loss = *loss;
    l->count = grid->count;
    l->room = loss->code == FPS_LOSS_SOBOLEV ? FPS_PADDED(grid->count) : BLOCK;
    real **blocks[] = {&l->weight, &l->tail, &l->slope, &l->term};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        FPS_TRY_GOTO(status, FPS_ALLOC(*blocks[i], l->room), failed);
    int64_t last = (l->count - 1) % l->room + 1;
    for (int64_t i = 0; i < l->room; i++) {
        l->weight[i] = (real)(1.0 / (double)l->count);
        l->tail[i] = i < last ? l->weight[i] : 0;
    }
    if (loss->code == FPS_LOSS_SOBOLEV)
        FPS_TRY_GOTO(status, create_sobolev(l, grid), failed);
    *out = l;
    return FPS_OK;
failed:
    fps_grid_loss_destroy(&l);
    return status;
}

void fps_grid_loss_destroy(fps_grid_loss **loss) {
    fps_grid_loss *l = *loss;
    if (!l)
        return;
    fps_sobolev_destroy(&l->sobolev);
    real *blocks[] = {l->weight, l->tail, l->slope, l->term};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fps_free(blocks[i]);
    fps_free(l);
    *loss = NULL;
}

double fps_grid_loss_value(fps_grid_loss *l, const real *h, const real *y) {
    if (l->sobolev)
        return fps_sobolev_evaluate(l->sobolev, l->kernels, h, y, l->slope, l->term);
    double total = 0;
    for (int64_t first = 0; first < l->count; first += BLOCK) {
        int64_t left = l->count - first, columns = left > BLOCK ? BLOCK : FPS_PADDED(left);
        l->kernels->loss[l->loss.code](columns, (real)l->loss.argument[0], h + first, y + first,
                                       left > BLOCK ? l->weight : l->tail, l->slope, l->term);
        total += l->kernels->sum(columns, l->term);
    }
    return total;
}
