/* merge.c: `fpsweep merge`: shards of one sweep into one results file.
 *
 * The file is built under a temporary name and published when it is complete, so that a merge that fails, or is killed,
 * leaves no half of it under the name that somebody waits for.
 */
#include <inttypes.h>
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/files.h"
#include "app/stop.h"
#include "app/terminal.h"
#include "fpsweep/memory.h"
#include "fpsweep/results.h"
#include "fpsweep/transfer.h"
#include "store/lock.h"
#include "store/publish.h"

const fps_option fps_options_merge[] = {
    {"output", 'o', "OUT.h5", "The results file to write; it must not exist yet."},
    {"force", '\0', NULL, "Join parts that were made by different kernels or libraries; each row records its own."},
    {.name = NULL},
};

enum { NAMED = 20 };

typedef struct merge {
    const char *output;
    const char **file;
    int files;
    bool force;
    fps_glance *glance; /* glance[files] */
    fps_reader *first;  /* of the first file: the plan */
    const fps_plan *plan;
    char temporary[PATH_MAX];
    bool made;
    fps_lock *lock; /* of `output` */
    fps_results *results;
    int64_t taken, same, damaged, pending;
} merge;

/* ---- do they belong together? ---- */

typedef struct differences {
    int64_t count;
    char first[1200];
} differences;

static void name_difference(void *context, const char *sentence) {
    differences *d = context;
    if (d->count++ == 0)
        snprintf(d->first, sizeof d->first, "%s", sentence);
    else if (d->count <= NAMED)
        fps_message("  %s", sentence);
}

static fps_status compare_sweep(const merge *m, int f) {
    if (m->glance[f].sweep_hash == m->glance[0].sweep_hash && fps_plan_datasets(m->plan) == 0)
        return FPS_OK;
    fps_reader *reader = NULL;
    differences d = {0};
    FPS_TRY(fps_reader_open(m->file[f], &reader));
    fps_plan_compare(m->plan, fps_reader_plan(reader), name_difference, &d);
    fps_reader_close(&reader);
    if (d.count == 0)
        return FPS_OK;
    char more[64] = "";
    if (d.count > 1)
        snprintf(more, sizeof more, ", and %" PRId64 " differences more", d.count - 1);
    return fps_fail(FPS_ERROR_MISMATCH, "%s is of another sweep than %s (here \"the file\"): %s%s", m->file[f],
                    m->file[0], d.first, more);
}

static fps_status compare_kernels(const merge *m, int f) {
    const fps_glance *a = &m->glance[0], *b = &m->glance[f];
    if (a->numerics_version != b->numerics_version)
        return fps_fail(FPS_ERROR_MISMATCH, "%s has numerics version %d, %s has %d: their rows cannot be compared",
                        m->file[0], a->numerics_version, m->file[f], b->numerics_version);
    if (strcmp(a->extensions, b->extensions) != 0 && !m->force)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "%s and %s were made with other versions or values of an activation or target of a plug-in: "
                        "make them by the same one",
                        m->file[0], m->file[f]);
    if (a->self_test == b->self_test || m->force)
        return FPS_OK;
    return fps_fail(FPS_ERROR_MISMATCH,
                    "%s was made with kernel class %s and OpenBLAS core %s (self-test %016" PRIx64 "), %s with %s and "
                    "%s (%016" PRIx64 "): their rows differ in the last bits; --force joins them all the same",
                    m->file[0], a->kernel_class, a->blas_core, a->self_test, m->file[f], b->kernel_class, b->blas_core,
                    b->self_test);
}

static fps_status look(merge *m) {
    FPS_TRY(FPS_ALLOC(m->glance, m->files));
    for (int f = 0; f < m->files; f++)
        FPS_TRY(fps_results_glance(m->file[f], &m->glance[f]));
    FPS_TRY(fps_reader_open(m->file[0], &m->first));
    m->plan = fps_reader_plan(m->first);
    for (int f = 1; f < m->files; f++) {
        FPS_TRY(compare_sweep(m, f));
        FPS_TRY(compare_kernels(m, f));
    }
    return FPS_OK;
}

/* Parts that nobody gave. */
static void warn_of_missing(const merge *m) {
    int32_t count = m->glance[0].shard.count;
    char missing[256] = "";
    int named = 0;
    size_t used = 0;
    for (int32_t index = 1; index <= count; index++) {
        bool there = false;
        for (int f = 0; f < m->files; f++)
            there = there || m->glance[f].shard.count == 0 ||
                    (m->glance[f].shard.count == count && m->glance[f].shard.index == index);
        if (!there && named++ < NAMED)
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%d", named > 1 ? ", " : "", index);
    }
    if (named > 0)
        fps_message("warning: of %d parts %d %s not given: %s%s", count, named, named == 1 ? "was" : "were", missing,
                    named > NAMED ? ", ..." : "");
}

/* ---- the new file ---- */

static fps_status create_output(merge *m) {
    fps_run_facts facts = {
        .machine = fps_versions_machine(),
        .kernel_class = m->glance[0].kernel_class,
        .blas_core = m->glance[0].blas_core,
        .libraries = m->glance[0].libraries,
        .ranks = atoi(fps_reader_attribute(m->first, "ranks")),
        .self_test = m->glance[0].self_test,
    };
    FPS_TRY(fps_publish_name(m->output, m->temporary, sizeof m->temporary));
    FPS_TRY(fps_lock_take(m->output, 2.0, &m->lock));
    fps_publish_clean(m->output); /* of merges that were killed */
    m->made = true;
    FPS_TRY(fps_results_create(m->temporary, m->plan, &facts));
    return fps_results_open(MPI_COMM_SELF, m->temporary, m->plan, &m->results);
}

static void print_note(void *context, const char *sentence) {
    int64_t *notes = context;
    if ((*notes)++ < NAMED)
        fps_message("warning: %s", sentence);
    else if (*notes == NAMED + 1)
        fps_message("warning: more rows are damaged; fpsweep verify names them");
}

static fps_status take_rows(merge *m) {
    int64_t notes = 0;
    for (int f = 0; f < m->files; f++) {
        fps_transfer moved = {0};
        if (*fps_stop_flag())
            return fps_fail(FPS_STOPPED, "stopped by a signal");
        FPS_TRY(
            fps_transfer_rows(m->results, m->file[f], m->glance[0].self_test, m->force, print_note, &notes, &moved));
        m->taken += moved.taken;
        m->same += moved.same;
        m->damaged += moved.damaged;
    }
    int8_t *outcome;
    int64_t tasks = fps_plan_count(m->plan);
    FPS_TRY(FPS_ALLOC(outcome, tasks));
    fps_status status = fps_results_outcomes(m->results, outcome);
    for (int64_t i = 0; status == FPS_OK && i < tasks; i++)
        m->pending += outcome[i] == FPS_PENDING;
    fps_free(outcome);
    return status;
}

static void remove_temporary(merge *m) {
    char side[PATH_MAX + 8];
    if (!m->made)
        return;
    snprintf(side, sizeof side, "%s.lock", m->temporary);
    unlink(m->temporary);
    unlink(side);
}

/* The temporary name means nothing to the user: say the name that the file was to have. */
static fps_status name_output(const merge *m, fps_status status) {
    const char *at = m->temporary[0] ? strstr(fps_error_message(), m->temporary) : NULL;
    if (status == FPS_OK || !at)
        return status;
    char before[2048];
    snprintf(before, sizeof before, "%.*s", (int)(at - fps_error_message()), fps_error_message());
    return fps_fail(status, "%s%s%s", before, m->output, at + strlen(m->temporary));
}

static fps_status build(merge *m) {
    fps_status status;
    FPS_TRY_GOTO(status, create_output(m), done);
    FPS_TRY_GOTO(status, take_rows(m), done);
    FPS_TRY_GOTO(status, fps_results_close(&m->results), done);
    status = fps_publish(m->temporary, m->output, true);
done:
    if (m->results)
        fps_results_close(&m->results);
    status = name_output(m, status);
    remove_temporary(m);
    struct stat there;
    if (m->lock && status != FPS_OK && lstat(m->output, &there) != 0)
        fps_lock_remove(m->lock);
    fps_lock_release(&m->lock);
    return status;
}

/* ---- the verb ---- */

static fps_status run_merge(const fps_command *command) {
    merge m = {.output = fps_command_option(command, "output"),
               .file = command->operand,
               .files = command->operands,
               .force = fps_command_option(command, "force") != NULL};
    struct stat there;
    if (lstat(m.output, &there) == 0)
        return fps_fail(FPS_ERROR_INPUT, "%s exists and is never overwritten: choose another name", m.output);
    fps_status status = fps_files_look_output(m.output, "OUT.h5");
    for (int f = 0; status == FPS_OK && f < m.files; f++)
        status = fps_files_look(m.file[f], "FILE.h5");
    if (status == FPS_OK)
        status = look(&m);
    if (status == FPS_OK)
        status = build(&m);
    if (status == FPS_OK) {
        fps_text_entry(FPS_GOOD, "merged", "%d file%s into %s: %" PRId64 " finished tasks", m.files,
                       m.files == 1 ? "" : "s", m.output, m.taken);
        if (m.same > 0)
            fps_text_entry(FPS_HEADING, "overlap", "%" PRId64 " tasks stood in several files, with the same results",
                           m.same);
        warn_of_missing(&m);
        if (m.pending > 0)
            fps_message("warning: %" PRId64 " tasks are pending%s: fpsweep run SWEEP.yaml -o %s --resume runs them",
                        m.pending, m.damaged > 0 ? ", damaged ones among them" : "", m.output);
    }
    fps_reader_close(&m.first);
    fps_free(m.glance);
    return status;
}

int fps_verb_merge(const fps_command *command) {
    int rank, exit_status = 0;
    fps_stop_install();
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return fps_report(fps_fail(FPS_ERROR_MPI, "MPI cannot be started"));
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0) { /* more ranks have nothing to do */
        fps_status status = run_merge(command);
        exit_status = status == FPS_OK ? 0 : fps_report(status);
    }
    MPI_Bcast(&exit_status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return exit_status;
}
