/* floor: numeric */
#define FPS_PRECISION 64
#include "test_network_body.h"
