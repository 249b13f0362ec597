/* run_resume.c: before a file that is there already is continued: is it the right one, made by the same kernels? */
#include <cblas.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/files.h"
#include "app/run.h"
#include "app/terminal.h"
#include "fpsweep/extension.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/version.h"

/* ---- without a plan ---- */

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static fps_status look_at_reused(const fps_run_options *options) {
    fps_glance glance;
    if (!options->reuse)
        return FPS_OK;
    if (same_file(options->reuse, options->output))
        return fps_fail(FPS_ERROR_USAGE, "--reuse %s: that is the file to be written; --resume continues it",
                        options->reuse);
    fps_status status = fps_files_look(options->reuse, "OLD.h5");
    if (status == FPS_OK)
        status = fps_results_glance(options->reuse, &glance);
    if (status != FPS_OK)
        return fps_fail_context(status, "--reuse");
    char what[1024];
    fps_extension_compare(glance.extensions, what, sizeof what);
    if (what[0] && !options->force)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "--reuse %s: it was made with %s: those rows are not what they would be now", options->reuse,
                        what);
    return FPS_OK;
}

static fps_status check_shard(const fps_run_options *options, const fps_glance *glance) {
    fps_shard wanted = options->shard, there = glance->shard;
    if (wanted.count == 0 || (wanted.count == there.count && wanted.index == there.index))
        return FPS_OK;
    if (there.count == 0)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "%s holds the whole sweep, not part %d of %d: leave out --shard, or choose another name",
                        options->output, wanted.index, wanted.count);
    return fps_fail(FPS_ERROR_MISMATCH, "%s holds part %d of %d, not part %d of %d: choose another name for each part",
                    options->output, there.index, there.count, wanted.index, wanted.count);
}

fps_status fps_run_look(const fps_run_options *options, fps_run_target *target) {
    *target = (fps_run_target){.exists = access(options->output, F_OK) == 0};
    FPS_TRY(fps_files_look(options->sweep, "SWEEP.yaml"));
    FPS_TRY(target->exists ? fps_files_look(options->output, "FILE.h5")
                           : fps_files_look_output(options->output, "FILE.h5"));
    FPS_TRY(look_at_reused(options));
    if (!target->exists)
        return FPS_OK;
    if (!options->resume)
        return fps_fail(FPS_ERROR_INPUT,
                        "%s exists and is never overwritten: go on with it by --resume, or choose another name",
                        options->output);
    FPS_TRY(fps_results_glance(options->output, &target->glance));
    FPS_TRY(check_shard(options, &target->glance));
    int64_t again = target->glance.outcome[FPS_PENDING];
    for (int o = 0; o < FPS_OUTCOME_COUNT; o++)
        if (options->retry & 1U << o)
            again += target->glance.outcome[o];
    target->complete = again == 0 && !options->check_all && !target->glance.truncated;
    return FPS_OK;
}

/* ---- the same sweep? ---- */

typedef struct differences {
    int64_t count;
    char first[1200];
} differences;

enum { NAMED = 20 };

/* The first is kept for the case that it is the only one. */
static void name_difference(void *context, const char *sentence) {
    differences *d = context;
    d->count++;
    if (d->count == 1)
        snprintf(d->first, sizeof d->first, "%s", sentence);
    if (d->count == 2)
        fps_message("  %s", d->first);
    if (d->count > 1 && d->count <= NAMED)
        fps_message("  %s", sentence);
}

fps_status fps_run_compare(const fps_run_options *options, const fps_run_target *target, const fps_plan *plan) {
    if (target->glance.sweep_hash == fps_plan_hash(plan) && fps_plan_datasets(plan) == 0)
        return FPS_OK;
    fps_reader *reader = NULL;
    differences d = {0};
    FPS_TRY(fps_reader_open(options->output, &reader));
    fps_plan_compare(fps_reader_plan(reader), plan, name_difference, &d);
    fps_reader_close(&reader);
    if (d.count == 0)
        return FPS_OK;
    char what[1300];
    if (d.count == 1)
        snprintf(what, sizeof what, ": %s", d.first);
    else
        snprintf(what, sizeof what, " (%" PRId64 " differences, above)", d.count);
    return fps_fail(FPS_ERROR_MISMATCH,
                    "%s holds another sweep%s; go on with the files that made it, or choose another name and add "
                    "--reuse %s, which takes over the tasks that both have",
                    options->output, what, options->output);
}

/* ---- the same kernels? ---- */

/* What would bring the kernels of the file back, in words. */
static void write_remedy(const fps_glance *then, char *buffer, size_t size) {
    const char *core = fps_kernel_class_blas_core(fps_kernel_class_current());
    fps_kernel_class class = FPS_BASELINE;
    while (class < FPS_KERNEL_CLASS_COUNT && strcmp(fps_kernel_class_name(class), then->kernel_class) != 0)
        class ++;
    if (then->numerics_version != FPSWEEP_NUMERICS_VERSION)
        snprintf(buffer, size, "use the fpsweep that made it");
    else if (class<FPS_KERNEL_CLASS_COUNT &&class> fps_kernel_class_best())
        snprintf(buffer, size, "run it where processors have %s", then->kernel_class);
    else if (class < FPS_KERNEL_CLASS_COUNT && class != fps_kernel_class_current())
        snprintf(buffer, size, "set FPSWEEP_KERNELS=%s", then->kernel_class);
    else if (strcasecmp(then->blas_core, openblas_get_corename()) != 0 && core &&
             strcasecmp(then->blas_core, core) == 0)
        snprintf(buffer, size, "unset OPENBLAS_CORETYPE");
    else if (strcasecmp(then->blas_core, openblas_get_corename()) != 0)
        snprintf(buffer, size, "set OPENBLAS_CORETYPE=%s", then->blas_core);
    else
        snprintf(buffer, size, "use the libraries that made it (%s)", then->libraries);
}

static void add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...) {
    va_list arguments;
    size_t used = strlen(text);
    va_start(arguments, format);
    snprintf(text + used, size - used, "%s", used ? ", " : "");
    used = strlen(text);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

fps_status fps_run_compare_kernels(const fps_run_options *options, const fps_run_target *target, uint64_t self_test) {
    const fps_glance *then = &target->glance;
    const char *class = fps_kernel_class_name(fps_kernel_class_current()), *core = openblas_get_corename();
    char what[1024] = "", remedy[1100];
    if (then->format_version < FPSWEEP_FORMAT_VERSION)
        return FPS_OK; /* it will be refused for good when it is opened */
    fps_extension_compare(then->extensions, what, sizeof what);
    if (what[0] && !options->force)
        return fps_fail(FPS_ERROR_MISMATCH,
                        "%s was made with %s: use the plug-in that made it, or choose another name (and --reuse)",
                        options->output, what);
    if (then->numerics_version != FPSWEEP_NUMERICS_VERSION)
        add(what, sizeof what, "numerics version %d, now %d", then->numerics_version, FPSWEEP_NUMERICS_VERSION);
    if (strcmp(then->kernel_class, class) != 0)
        add(what, sizeof what, "kernel class %s, now %s", then->kernel_class, class);
    if (strcasecmp(then->blas_core, core) != 0)
        add(what, sizeof what, "OpenBLAS core %s, now %s", then->blas_core, core);
    if (!what[0] && then->self_test != self_test)
        add(what, sizeof what, "self-test %016" PRIx64 ", now %016" PRIx64, then->self_test, self_test);
    if (!what[0])
        return FPS_OK;
    if (options->force) {
        fps_message("warning: %s was made with %s: --force goes on, and each row records its own", options->output,
                    what);
        return FPS_OK;
    }
    write_remedy(then, remedy, sizeof remedy);
    return fps_fail(
        FPS_ERROR_MISMATCH,
        "%s was made with %s: results would differ in the last bits; %s, or go on all the same with --force",
        options->output, what, remedy);
}
