#include "numeric/blas.h"

#include <cblas.h>

void fps_blas_use_one_thread(void) {
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
}
