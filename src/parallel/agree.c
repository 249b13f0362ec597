#include "fpsweep/farm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "fpsweep/extension.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/log.h"
#include "fpsweep/memory.h"

/* OpenBLAS's own; not declared by a BLAS-neutral header. */
extern char *openblas_get_corename(void);

/* What a rank is. */
typedef struct identity {
    int32_t class, unused; /* fps_kernel_class */
    uint64_t hash;
    uint64_t extensions; /* what is registered, with its values */
    char core[24], host[40];
} identity;

/* ---- words ------------------------------------------------------------------------------------------------------ */

static void add(char *text, size_t size, const char *more) {
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s", more);
}

/* "ranks 3, 5, 6 and 12 more (on node7)" for the ranks that differ from rank `like` in `part`. */
static void name_ranks(const identity *all, int ranks, int like, bool (*same)(const identity *, const identity *),
                       bool wanted, char *text, size_t size) {
    enum { NAMED = 8 };
    int count = 0, first = -1;
    char number[64];
    text[0] = '\0';
    for (int rank = 0; rank < ranks; rank++)
        if (same(&all[rank], &all[like]) == wanted) {
            first = first < 0 ? rank : first;
            if (count++ < NAMED) {
                snprintf(number, sizeof number, "%s%d", count > 1 ? ", " : "", rank);
                add(text, size, number);
            }
        }
    if (count > NAMED) {
        snprintf(number, sizeof number, " and %d more", count - NAMED);
        add(text, size, number);
    }
    if (first >= 0) {
        snprintf(number, sizeof number, " (%.40s)", all[first].host);
        add(text, size, number);
    }
}

static bool same_core(const identity *a, const identity *b) {
    return strcmp(a->core, b->core) == 0;
}

static bool same_class(const identity *a, const identity *b) {
    return a->class == b->class;
}

static bool same_hash(const identity *a, const identity *b) {
    return a->hash == b->hash;
}

static bool same_extensions(const identity *a, const identity *b) {
    return a->extensions == b->extensions;
}

/* First rank that differs from rank 0; -1 if none does. */
static int find_other(const identity *all, int ranks, bool (*same)(const identity *, const identity *)) {
    for (int rank = 1; rank < ranks; rank++)
        if (!same(&all[rank], &all[0]))
            return rank;
    return -1;
}

static fps_kernel_class lowest_class(const identity *all, int ranks) {
    int32_t lowest = all[0].class;
    for (int rank = 1; rank < ranks; rank++)
        lowest = all[rank].class < lowest ? all[rank].class : lowest;
    return (fps_kernel_class)lowest;
}

/* ---- verdicts of rank 0 ----------------------------------------------------------------------------------------- */

/* Do the BLAS cores agree, and if the classes do not, which is the common one? */
static fps_status judge_classes(const identity *all, int ranks, int32_t *common) {
    char some[256], others[256];
    int other = find_other(all, ranks, same_core);
    const fps_kernel_class lowest = lowest_class(all, ranks);
    *common = (int32_t)lowest;
    if (other >= 0) {
        name_ranks(all, ranks, 0, same_core, true, some, sizeof some);
        name_ranks(all, ranks, other, same_core, true, others, sizeof others);
        return fps_fail(
            FPS_ERROR_MISMATCH,
            "ranks %s use OpenBLAS core %s, ranks %s use %s: their results would differ in the last bits; set "
            "FPSWEEP_KERNELS=%s for the whole job",
            some, all[0].core, others, all[other].core, fps_kernel_class_name(lowest));
    }
    other = find_other(all, ranks, same_class);
    if (other >= 0) {
        int low = 0;
        while (all[low].class != (int32_t)lowest)
            low++;
        name_ranks(all, ranks, low, same_class, true, some, sizeof some);
        fps_log(FPS_LOG_WARNING, "ranks %s only use %s kernels: so do all now, that all give the same bits", some,
                fps_kernel_class_name(lowest));
    }
    return FPS_OK;
}

/* Registered activations and targets: the same ones, in the same order, of the same values? */
static fps_status judge_extensions(const identity *all, int ranks) {
    char some[256], others[256];
    int other = find_other(all, ranks, same_extensions);
    if (other < 0)
        return FPS_OK;
    name_ranks(all, ranks, 0, same_extensions, true, some, sizeof some);
    name_ranks(all, ranks, other, same_extensions, true, others, sizeof others);
    return fps_fail(FPS_ERROR_MISMATCH,
                    "ranks %s and ranks %s have other activations or targets of their own, or other values of them: "
                    "give all the same plug-in and libm",
                    some, others);
}

/* A number for all that is registered in this process; 0 if nothing is. */
static uint64_t hash_extensions(void) {
    uint64_t hash = 0;
    for (int i = 0; i < fps_extension_count(); i++) {
        const fps_extension *e = fps_extension_at(i);
        hash = (hash ^ e->fingerprint) * 0x9e3779b97f4a7c15;
        for (const char *c = e->name; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
        for (const char *c = e->version; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    }
    return hash;
}

static fps_status judge_hashes(const identity *all, int ranks) {
    char some[256], others[256];
    int other = find_other(all, ranks, same_hash);
    if (other < 0)
        return FPS_OK;
    const fps_kernel_class class = (fps_kernel_class)all[0].class;
    name_ranks(all, ranks, 0, same_hash, true, some, sizeof some);
    name_ranks(all, ranks, other, same_hash, true, others, sizeof others);
    return fps_fail(
        FPS_ERROR_MISMATCH,
        "the self-test gives %016llx on ranks %s but %016llx on ranks %s, all with %s kernels and OpenBLAS core %s: "
        "use the same libraries on all nodes, or set FPSWEEP_KERNELS=%s for the whole job",
        (unsigned long long)all[0].hash, some, (unsigned long long)all[other].hash, others,
        fps_kernel_class_name(class), all[0].core, fps_kernel_class_name(class > FPS_AVX2 ? FPS_AVX2 : FPS_BASELINE));
}

/* ---- the agreement ---------------------------------------------------------------------------------------------- */

fps_status fps_farm_agree(MPI_Comm comm, uint64_t *hash) {
    fps_channel *channel = NULL;
    identity *all = NULL, mine = {.class = (int32_t)fps_kernel_class_current(), .extensions = hash_extensions()};
    fps_status status;
    int32_t common = mine.class;
    *hash = 0;
    FPS_TRY(fps_channel_create(comm, &channel));
    const int ranks = fps_channel_ranks(channel);
    const bool root = fps_channel_rank(channel) == 0;
    snprintf(mine.core, sizeof mine.core, "%s", openblas_get_corename());
    if (gethostname(mine.host, sizeof mine.host - 1) != 0)
        snprintf(mine.host, sizeof mine.host, "unknown host");

    status = root ? FPS_ALLOC(all, ranks) : FPS_OK;
    FPS_TRY_GOTO(status, fps_channel_agree(channel, status, false), done);
    FPS_TRY_GOTO(status, fps_channel_gather(channel, &mine, (int)sizeof mine, all), done);
    status = root ? judge_extensions(all, ranks) : FPS_OK;
    if (status == FPS_OK && root)
        status = judge_classes(all, ranks, &common);
    FPS_TRY_GOTO(status, fps_channel_agree(channel, status, true), done);
    FPS_TRY_GOTO(status, fps_channel_broadcast(channel, &common, (int)sizeof common), done);
    if (common != mine.class) {
        mine.class = common;
        fps_kernel_class_set((fps_kernel_class)common);
    }

    /* Only now: with the class that will be used. */
    FPS_TRY_GOTO(status, fps_channel_agree(channel, fps_self_test(&mine.hash), false), done);
    FPS_TRY_GOTO(status, fps_channel_gather(channel, &mine, (int)sizeof mine, all), done);
    status = root ? judge_hashes(all, ranks) : FPS_OK;
    FPS_TRY_GOTO(status, fps_channel_agree(channel, status, true), done);
    *hash = mine.hash;
done:
    fps_free(all);
    fps_channel_destroy(&channel);
    return status;
}
