/* Transposition in square blocks of registers.
 *
 * Number the elements of a block of L rows and L columns by r L + c, L = 2^m. Interleaving row i with row i + L/2 into
 * rows 2i and 2i + 1 rotates that number's 2m bits left by one; after m such rounds row and column have changed places.
 */
#include "kernel.h"

#define LOW(unused, l) ((l) / 2 + (l) % 2 * LANES)
#define HIGH(unused, l) (LOW(unused, l) + LANES / 2)

/* One block: rows `from` + i stride, i < rows <= LANES (zeros below), to LANES rows of `to`. */
static inline __attribute__((always_inline)) void transpose_block(int64_t rows, const real *from, int64_t from_stride,
                                                                  real *to, int64_t to_stride) {
    const indices low = EACH_LANE(LOW, 0), high = EACH_LANE(HIGH, 0);
    vector row[LANES], next[LANES];
    for (int i = 0; i < LANES; i++) {
        row[i] = (vector){0};
        if (i < rows)
            row[i] = *(const vector_unaligned *)(from + i * from_stride);
    }
    for (int round = LANES; round > 1; round /= 2) {
        for (int i = 0; i < LANES / 2; i++) {
            next[2 * i] = shuffle(row[i], row[i + LANES / 2], low);
            next[2 * i + 1] = shuffle(row[i], row[i + LANES / 2], high);
        }
        for (int i = 0; i < LANES; i++)
            row[i] = next[i];
    }
    for (int i = 0; i < LANES; i++)
        *(vector *)(to + i * to_stride) = row[i];
}

void FPS_KERNEL(fps_transpose)(int64_t rows, int64_t columns, const real *a, int64_t stride, real *out) {
    columns = whole(columns);
    const int64_t padded = FPS_PADDED(rows);
    for (int64_t p = 0; p < columns; p += LANES) {
        int64_t j = 0;
        for (; j + LANES <= rows; j += LANES)
            transpose_block(LANES, a + j * stride + p, stride, out + p * padded + j, padded);
        for (; j < padded; j += LANES)
            transpose_block(rows > j ? rows - j : 0, a + j * stride + p, stride, out + p * padded + j, padded);
    }
}
