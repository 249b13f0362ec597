/* version.h: the version of the library, and of everything that decides bits. */
#ifndef FPSWEEP_VERSION_H
#define FPSWEEP_VERSION_H

#define FPSWEEP_VERSION_MAJOR 0
#define FPSWEEP_VERSION_MINOR 1
#define FPSWEEP_VERSION_PATCH 0
#define FPSWEEP_VERSION_STRING "0.1.0"

/* Raised only when the bits of some task's results change. */
#define FPSWEEP_NUMERICS_VERSION 1

/* Version of the results file's layout. */
#define FPSWEEP_FORMAT_VERSION 1

/* "0.1.0" as linked, and the commit it was built from ("unknown" outside a checkout). */
const char *fps_version(void);
const char *fps_commit(void);

#endif
