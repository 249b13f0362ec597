#include "fpsweep/version.h"

#ifndef FPSWEEP_COMMIT
#define FPSWEEP_COMMIT "unknown"
#endif

const char *fps_version(void) {
    return FPSWEEP_VERSION_STRING;
}

int fps_version_number(void) {
    return FPSWEEP_VERSION_NUMBER;
}

const char *fps_commit(void) {
    return FPSWEEP_COMMIT;
}
