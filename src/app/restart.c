/* restart.c: bring OpenBLAS in order before anything else happens.
 *
 * OpenBLAS picks its core and starts its threads when it is loaded, from the environment; nothing can change them
 * afterwards. The bits of a result depend on both. So the program compares, sets the environment and starts itself
 * again by exec: before MPI_Init this is invisible to mpirun and srun, which know the process by its number alone.
 */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/command.h"
#include "app/terminal.h"
#include "fpsweep/kernel_class.h"

/* Set in the environment between the two starts, so that there are never three; names who chose the core. */
static const char guard[] = "FPSWEEP_RESTARTED";

static char remark[256];

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* More ranks on this node than processors: ranks that wait must give way. Open MPI reads both settings in MPI_Init. */
static void set_environment_for_mpi(void) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    if (fps_launcher_local_ranks() > sysconf(_SC_NPROCESSORS_ONLN))
        setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
}

fps_status fps_restart_if_needed(char **argv) {
    fps_kernel_class class;
    FPS_TRY(fps_kernel_class_wanted(&class));
    fps_kernel_class_set(class);
    set_environment_for_mpi();

    const char *restarted = environment(guard);
    if (restarted) /* by way of /proc/self/exe: top and pgrep shall know it all the same */
        prctl(PR_SET_NAME, "fpsweep");
    const char *by_user = restarted && strcmp(restarted, "core") == 0 ? NULL : environment("OPENBLAS_CORETYPE");
    const char *wanted = fps_kernel_class_blas_core(class), *core = openblas_get_corename();
    bool core_fits = !wanted || strcasecmp(core, wanted) == 0;
    bool threads_fit = openblas_get_num_threads() == 1;
    if (!restarted && ((!core_fits && !by_user) || !threads_fit)) {
        bool choose = !core_fits && !by_user;
        if (choose)
            setenv("OPENBLAS_CORETYPE", wanted, 1);
        setenv("OPENBLAS_NUM_THREADS", "1", 1);
        setenv(guard, choose ? "core" : "threads", 1);
        execv("/proc/self/exe", argv);
        unsetenv(guard); /* exec is refused here (no /proc): go on with what there is, and say so below */
    }
    unsetenv(guard);
    if (openblas_get_num_threads() != 1)
        openblas_set_num_threads(1);
    if (!core_fits && by_user)
        snprintf(remark, sizeof remark, "note: OPENBLAS_CORETYPE=%s is respected; %s may be faster", by_user, wanted);
    else if (!core_fits)
        snprintf(remark, sizeof remark,
                 "warning: OpenBLAS uses core %s, not %s as kernel class %s wants; results may differ in the last bits "
                 "from machines where it does",
                 core, wanted, fps_kernel_class_name(class));
    return FPS_OK;
}

void fps_restart_remark(void) {
    if (remark[0])
        fps_message("%s", remark);
    remark[0] = '\0';
}
