/* features.c: what does not depend on the precision of Fourier features. */
#include "fpsweep/features.h"

int64_t fps_features_count(const fps_features *features) {
    int64_t count = 1, side = 2 * (int64_t)features->band_limit + 1;
    for (int k = 0; k < features->dimension; k++)
        if (__builtin_mul_overflow(count, side, &count))
            return INT64_MAX; /* more than any memory holds */
    return count;
}
