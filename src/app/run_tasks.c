/* run_tasks.c: which tasks a run is about, and whether memory and disk suffice for them. */
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "app/memory.h"
#include "app/run.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"

/* ---- which ---- */

/* Does the run include the task? */
static bool includes(const fps_run_options *options, int64_t task) {
    return fps_shard_holds(options->shard, task) && (options->task < 0 || options->task == task);
}

fps_status fps_run_tasks_choose(const fps_run_options *options, const fps_plan *plan, fps_run_tasks *out) {
    int64_t all = fps_plan_count(plan);
    *out = (fps_run_tasks){.count = all};
    if (options->task >= all)
        return fps_fail(FPS_ERROR_USAGE, "--task %" PRId64 ": this sweep has tasks 0 to %" PRId64, options->task,
                        all - 1);
    if (options->task >= 0 && !fps_shard_holds(options->shard, options->task))
        return fps_fail(FPS_ERROR_USAGE, "--task %" PRId64 ": it belongs to part %" PRId64 " of %d, not to part %d",
                        options->task, options->task % options->shard.count + 1, options->shard.count,
                        options->shard.index);
    if (options->task < 0 && options->shard.count > all)
        return fps_fail(FPS_ERROR_USAGE, "--shard %d/%d: this sweep has only %" PRId64 " tasks", options->shard.index,
                        options->shard.count, all);
    if (options->task < 0 && options->shard.count == 0)
        return FPS_OK;
    FPS_TRY(FPS_ALLOC(out->task, options->task < 0 ? fps_shard_tasks(options->shard, all) : 1));
    out->count = 0;
    for (int64_t i = 0; i < all; i++)
        if (includes(options, i))
            out->task[out->count++] = i;
    return FPS_OK;
}

void fps_run_tasks_release(fps_run_tasks *tasks) {
    fps_free(tasks->task);
    *tasks = (fps_run_tasks){0};
}

/* ---- memory ---- */

/* Besides its task every rank needs the program: code, libraries, MPI's buffers. */
static const double program_bytes = 100e6;

static fps_status check_one(const fps_plan *plan, const fps_need *need, const fps_memory *memory, const char *host) {
    double room = fmin(memory->node_bytes, memory->process_bytes);
    if (need->memory_bytes <= room)
        return FPS_OK;
    char label[300], needed[32], there[32];
    fps_plan_label(plan, need->task, label, sizeof label);
    return fps_fail(FPS_ERROR_MEMORY,
                    "task %" PRId64 " (%.200s) needs %s of memory, but %s has %s (%s): run it where there is more, or "
                    "leave it out by `where`",
                    need->task, label, fps_text_bytes(need->memory_bytes, needed), host, fps_text_bytes(room, there),
                    memory->process_bytes < memory->node_bytes ? "ulimit -v" : memory->limit);
}

/* Ranks of this node. */
static int ranks_here(MPI_Comm comm) {
    MPI_Comm node;
    int ranks = 1;
    if (MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node) != MPI_SUCCESS)
        return 1;
    MPI_Comm_size(node, &ranks);
    MPI_Comm_free(&node);
    return ranks;
}

static void warn_of_all(const fps_need *need, const fps_memory *memory, int ranks, const char *host) {
    char each[32], there[32];
    int fit = (int)(memory->node_bytes / (need->memory_bytes + program_bytes));
    fps_message("warning: the %d ranks on %s may need %s each, more than the %s that are there (%s): if they run out, "
                "use %d ranks per node",
                ranks, host, fps_text_bytes(need->memory_bytes + program_bytes, each),
                fps_text_bytes(memory->node_bytes, there), memory->limit, fit > 1 ? fit : 1);
}

/* Collective. Warn once, for the node that is the worst off. */
static void check_all(MPI_Comm comm, const fps_need *need, const fps_memory *memory, const char *host) {
    int rank, ranks = ranks_here(comm);
    MPI_Comm_rank(comm, &rank);
    struct {
        double share;
        int rank;
    } mine = {memory->node_bytes / (ranks * (need->memory_bytes + program_bytes)), rank}, worst;
    MPI_Allreduce(&mine, &worst, 1, MPI_DOUBLE_INT, MPI_MINLOC, comm);
    if (worst.share < 1 && worst.rank == rank)
        warn_of_all(need, memory, ranks, host);
}

/* ---- disk ---- */

/* Two slots per rank, while a task is saved. */
static void check_disk(const fps_run_options *options, const fps_need *need, int ranks) {
    double wanted = 2 * need->checkpoint_bytes * ranks, there = fps_disk_room(options->output);
    char bytes[32], room[32];
    if (wanted > there)
        fps_message("warning: checkpoints may need %s, but the disk of %s has %s: without room tasks start over when "
                    "the run is killed",
                    fps_text_bytes(wanted, bytes), options->output, fps_text_bytes(there, room));
}

fps_status fps_run_check_room(MPI_Comm comm, const fps_run_options *options, const fps_plan *plan,
                              const fps_run_tasks *tasks) {
    fps_need need;
    fps_memory memory;
    char host[128] = "this machine";
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    gethostname(host, sizeof host - 1);
    fps_need_estimate(plan, tasks->task, tasks->count, &need);
    fps_memory_look(&memory);
    FPS_TRY(fps_run_agree(comm, check_one(plan, &need, &memory, host)));
    check_all(comm, &need, &memory, host);
    if (rank == 0)
        check_disk(options, &need, ranks);
    return FPS_OK;
}
