/* floor: numeric */
#define FPS_PRECISION 32
#include "test_stepper_body.h"
