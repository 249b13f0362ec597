/* floor: numeric */
/* The tests of test_features.c in single precision. */
#define FPS_PRECISION 32
#include "test_features.c"
