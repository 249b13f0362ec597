/* bench_stages in single precision. */
#define FPS_PRECISION 32
#include "bench_stages.c"
