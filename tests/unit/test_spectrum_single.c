/* floor: numeric */
/* The tests of test_spectrum.c in single precision. */
#define FPS_PRECISION 32
#include "test_spectrum.c"
