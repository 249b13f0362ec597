/* blas.h (internal): OpenBLAS as a whole. */
#ifndef FPSWEEP_NUMERIC_BLAS_H
#define FPSWEEP_NUMERIC_BLAS_H

/* Let OpenBLAS compute on the calling thread alone: with more, sums are cut elsewhere and bits change. */
void fps_blas_use_one_thread(void);

#endif
