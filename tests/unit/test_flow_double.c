/* floor: numeric */
#define FPS_PRECISION 64
#include "test_flow_body.h"
