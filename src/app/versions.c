/* versions.c: which versions of everything are in use, and on what machine. */
#include <cblas.h>
#include <fftw3.h>
#include <hdf5.h>
#include <mpi.h>
#include <muParserDLL.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <yaml.h>

#include "app/command.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/version.h"

/* The second word of OpenBLAS's description: "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...". */
static const char *openblas_version(char buffer[32]) {
    if (sscanf(openblas_get_config(), "%*s %31s", buffer) != 1)
        snprintf(buffer, 32, "unknown");
    return buffer;
}

/* "fftw-3.3.10-sse2-avx" without its name. */
static const char *fftw_version_number(char buffer[32]) {
    if (sscanf(fftw_version, "fftw-%31[0-9.]", buffer) != 1)
        snprintf(buffer, 32, "unknown");
    return buffer;
}

/* First word of muParser's "2.3.3 (20220614; 64BIT; RELEASE)". */
static const char *muparser_version(char buffer[32]) {
    muParserHandle_t parser = mupCreate(0);
    if (!parser || sscanf(mupGetVersion(parser), "%31s", buffer) != 1)
        snprintf(buffer, 32, "unknown");
    if (parser)
        mupRelease(parser);
    return buffer;
}

/* "Open MPI 4.1.4" from "Open MPI v4.1.4, package: ..."; MPI_Get_library_version may be called before MPI_Init. */
static const char *mpi_version(char buffer[64]) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, ",\n")] = '\0';
    char *v = strstr(text, " v");
    if (v)
        memmove(v + 1, v + 2, strlen(v + 2) + 1);
    snprintf(buffer, 64, "%.63s", text);
    return buffer;
}

static const char *hdf5_version(char buffer[32]) {
    unsigned major, minor, release;
    if (H5get_libversion(&major, &minor, &release) < 0)
        return strcpy(buffer, "unknown");
    snprintf(buffer, 32, "%u.%u.%u", major, minor, release);
    return buffer;
}

static const char *xxhash_version(char buffer[32]) {
    unsigned v = XXH_versionNumber();
    snprintf(buffer, 32, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
    return buffer;
}

const char *fps_versions_libraries(void) {
    static char text[512];
    char hdf5[32], openblas[32], fftw[32], mpi[64], muparser[32], xxhash[32];
    snprintf(text, sizeof text, "HDF5 %s, OpenBLAS %s, FFTW %s, %s, libyaml %s, muParser %s, xxHash %s",
             hdf5_version(hdf5), openblas_version(openblas), fftw_version_number(fftw), mpi_version(mpi),
             yaml_get_version_string(), muparser_version(muparser), xxhash_version(xxhash));
    return text;
}

const char *fps_versions_machine(void) {
    static char text[320];
    char host[128] = "unknown host", line[256], model[160] = "unknown processor";
    gethostname(host, sizeof host - 1);
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name : %159[^\n]", model) == 1)
            break;
    if (file)
        fclose(file);
    snprintf(text, sizeof text, "%s, %s, %ld processors", host, model, sysconf(_SC_NPROCESSORS_ONLN));
    return text;
}

void fps_versions_print(void) {
    char buffer[64];
    printf("fpsweep %s (commit %s, numerics %d, file format %d)\n", fps_version(), fps_commit(),
           FPSWEEP_NUMERICS_VERSION, FPSWEEP_FORMAT_VERSION);
    printf("HDF5         %s\n", hdf5_version(buffer));
    printf("FFTW         %s\n", fftw_version_number(buffer));
    printf("OpenBLAS     %s, core %s, %d thread%s (%s)\n", openblas_version(buffer), openblas_get_corename(),
           openblas_get_num_threads(), openblas_get_num_threads() == 1 ? "" : "s", openblas_get_config());
    printf("MPI          %s\n", mpi_version(buffer));
    printf("libyaml      %s\n", yaml_get_version_string());
    printf("muParser     %s\n", muparser_version(buffer));
    printf("xxHash       %s\n", xxhash_version(buffer));
    printf("kernel class %s\n", fps_kernel_class_name(fps_kernel_class_current()));
}
