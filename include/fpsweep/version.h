/* version.h: the version of the library, and of everything that decides bits. */
#ifndef FPSWEEP_VERSION_H
#define FPSWEEP_VERSION_H

#define FPSWEEP_VERSION_MAJOR 0
#define FPSWEEP_VERSION_MINOR 1
#define FPSWEEP_VERSION_PATCH 0
#define FPSWEEP_VERSION_STRING "0.1.0"

/* Raised only when the bits of some task's results change. */
#define FPSWEEP_NUMERICS_VERSION 1

/* Version of the results file's layout. Version 2: who made a row and when, checksum over a row's scalars, shards,
 * checksum over the file's structure. Files of version 1 are read, not continued. */
#define FPSWEEP_FORMAT_VERSION 2

/* "0.1.0" as linked, and the commit it was built from ("unknown" outside a checkout). */
const char *fps_version(void);
const char *fps_commit(void);

#endif
