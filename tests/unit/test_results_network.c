/* floor: store */
/* Several nodes and NFS: refused. statfs() and MPI_Comm_split_type() are this program's own, so that any machine is
 * several nodes over any file system; with the argument "rank" it is one of two ranks of a run. */
#include "results_files.h"

#include <spawn.h>
#include <sys/vfs.h>
#include <sys/wait.h>

extern char **environ;

static long file_system;
static bool node_per_rank;

int statfs(const char *path, struct statfs *out) {
    (void)path;
    memset(out, 0, sizeof *out);
    *(long *)&out->f_type = file_system;
    return 0;
}

int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *out) {
    int rank = 0;
    if (node_per_rank)
        PMPI_Comm_rank(comm, &rank);
    (void)type;
    (void)info;
    return PMPI_Comm_split(comm, rank, key, out);
}

enum { NFS = 0x6969, LUSTRE = 0x0BD00BD0 };

/* What opening says on the given file system. */
static fps_status open_on(long kind, bool several, const char *path, const fps_plan *plan) {
    fps_results *results = NULL;
    file_system = kind;
    node_per_rank = several;
    fps_status status = fps_results_open(MPI_COMM_WORLD, path, plan, &results);
    if (status == FPS_OK && fps_results_close(&results) != FPS_OK)
        status = FPS_ERROR_SYSTEM;
    return status;
}

/* One of two ranks: 0 if everything is refused and allowed as it should be. */
static int rank_main(const char *path) {
    int ranks;
    MPI_Init(NULL, NULL);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    fps_plan *plan = NULL;
    int verdict =
        ranks == 2 && fps_plan_create("test.yaml", one_dimensional, strlen(one_dimensional), &plan) == FPS_OK ? 0 : 1;
    if (verdict == 0 && open_on(NFS, false, path, plan) != FPS_OK) /* one node */
        verdict = 2;
    if (verdict == 0 && open_on(LUSTRE, true, path, plan) != FPS_OK)
        verdict = 3;
    if (verdict == 0 && (open_on(NFS, true, path, plan) != FPS_ERROR_USAGE ||
                         !strstr(fps_error_message(), "--shard 1/2 ... 2/2, then fpsweep merge")))
        verdict = 4;
    if (verdict)
        fprintf(stderr, "verdict %d: %s\n", verdict, fps_error_message());
    fps_plan_destroy(&plan);
    MPI_Finalize();
    return verdict;
}

static void several_nodes_on_nfs_are_refused(void **state) {
    (void)state;
    fps_plan *plan = make_plan(one_dimensional);
    const char *path = test_path("nfs.h5"), *launcher = getenv("MPIEXEC") ? getenv("MPIEXEC") : "mpirun";
    char self[512], count[] = "2", option[] = "-n", verb[] = "rank";
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    assert_ok(fps_results_create(path, plan, &test_facts));
    fps_plan_destroy(&plan);
    char *arguments[] = {(char *)launcher, option, count, self, verb, (char *)path, NULL};
    pid_t child;
    int status = 0;
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
    setenv("OMPI_MCA_hwloc_base_binding_policy", "none", 0);
    setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
    if (posix_spawnp(&child, launcher, NULL, NULL, arguments, environ) != 0) {
        print_message("skipped: there is no %s\n", launcher);
        skip();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv) {
    setenv("OMPI_MCA_io", "^ompio", 0);
    if (argc == 3 && strcmp(argv[1], "rank") == 0)
        return rank_main(argv[2]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(several_nodes_on_nfs_are_refused)};
    return cmocka_run_group_tests_name("results network", tests, make_directory, remove_directory);
}
