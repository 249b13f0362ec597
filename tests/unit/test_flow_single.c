/* floor: numeric */
#define FPS_PRECISION 32
#include "test_flow_body.h"
