/* version.h: the version of the library, and of everything that decides bits. */
#ifndef FPSWEEP_VERSION_H
#define FPSWEEP_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* Of these headers. Semantic versioning: before 1.0 a new minor version may change the library. */
#define FPSWEEP_VERSION_MAJOR 0
#define FPSWEEP_VERSION_MINOR 1
#define FPSWEEP_VERSION_PATCH 0
#define FPSWEEP_VERSION_STRING "0.1.0"

/* A version as one number that can be compared: FPSWEEP_VERSION_NUMBER >= FPSWEEP_VERSION_ENCODE(0, 2, 0). */
#define FPSWEEP_VERSION_ENCODE(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))
#define FPSWEEP_VERSION_NUMBER                                                                                         \
    FPSWEEP_VERSION_ENCODE(FPSWEEP_VERSION_MAJOR, FPSWEEP_VERSION_MINOR, FPSWEEP_VERSION_PATCH)

/* Raised only when the bits of some task's results change. */
#define FPSWEEP_NUMERICS_VERSION 1

/* Version of the results file's layout. Version 2: who made a row and when, checksum over a row's scalars, shards,
 * checksum over the file's structure. Files of version 1 are read, not continued. */
#define FPSWEEP_FORMAT_VERSION 2

/* "0.1.0" as linked. */
const char *fps_version(void);

/* FPSWEEP_VERSION_NUMBER as linked; a program compiled with other headers sees the difference. */
int fps_version_number(void);

/* The commit the library was built from ("unknown" outside a checkout). */
const char *fps_commit(void);

#ifdef __cplusplus
}
#endif
#endif
