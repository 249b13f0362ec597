#include "store/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "fpsweep/memory.h"

enum { VALUE = 4096, NAME = 64, LINE = NAME + VALUE }; /* VALUE: as long as fps_task_identity takes it */

struct fps_identity {
    fps_task last;
    int *length;    /* [fps_parameter_count] bytes of the line; 0: it does not belong to `last` */
    bool *left_out; /* [fps_parameter_count] the line does not enter the identity */
    char *line;     /* [fps_parameter_count][LINE] "name=value\n" */
    char *text;     /* all lines of a task */
};

fps_status fps_identity_create(fps_identity **out) {
    fps_identity *identity;
    FPS_TRY(FPS_ALLOC(identity, 1));
    fps_status status = FPS_ALLOC(identity->length, fps_parameter_count);
    if (status == FPS_OK)
        status = FPS_ALLOC(identity->left_out, fps_parameter_count);
    if (status == FPS_OK)
        status = FPS_ALLOC(identity->line, (size_t)fps_parameter_count * LINE);
    if (status == FPS_OK)
        status = FPS_ALLOC(identity->text, (size_t)(fps_parameter_count + 1) * LINE);
    if (status != FPS_OK) {
        fps_identity_destroy(&identity);
        return status;
    }
    *out = identity;
    return FPS_OK;
}

void fps_identity_destroy(fps_identity **identity) {
    if (!*identity)
        return;
    fps_free((*identity)->text);
    fps_free((*identity)->line);
    fps_free((*identity)->left_out);
    fps_free((*identity)->length);
    fps_free(*identity);
    *identity = NULL;
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_choice(const fps_choice *a, const fps_choice *b) {
    return a->code == b->code && memcmp(a->argument, b->argument, sizeof a->argument) == 0 &&
           same_text(a->text, b->text);
}

bool fps_identity_same(const fps_parameter *parameter, const fps_task *a, const fps_task *b) {
    const char *x = (const char *)a + parameter->offset, *y = (const char *)b + parameter->offset;
    switch (parameter->kind) {
    case FPS_KIND_INTEGER:
        return memcmp(x, y, sizeof(int64_t)) == 0;
    case FPS_KIND_REAL:
        return memcmp(x, y, sizeof(double)) == 0;
    case FPS_KIND_CHOICE:
        return same_choice((const fps_choice *)x, (const fps_choice *)y);
    case FPS_KIND_TEXT:
        return same_text(*(const char *const *)x, *(const char *const *)y);
    case FPS_KIND_WIDTH: /* the text may lie where the last one was */
        return a->width == b->width && a->depth == b->depth && same_text(a->width_text, b->width_text) &&
               memcmp(a->widths, b->widths, (size_t)a->depth * sizeof *a->widths) == 0;
    case FPS_KIND_DOMAIN:
        return a->dimension == b->dimension && memcmp(a->domain, b->domain, sizeof a->domain) == 0;
    }
    return false;
}

/* Format "name=value\n"; its length. */
static int write_line(const fps_parameter *parameter, const fps_task *task, char *line, bool *left_out) {
    int used = snprintf(line, NAME, "%s=", parameter->name);
    int value = fps_parameter_format(parameter, task, line + used, VALUE);
    *left_out = !fps_parameter_identifies(parameter, line + used);
    used += value < VALUE ? value : VALUE - 1;
    line[used++] = '\n';
    return used;
}

uint64_t fps_identity_of(fps_identity *identity, const fps_task *task) {
    char *end = identity->text;
    for (int p = 0; p < fps_parameter_count; p++) {
        const fps_parameter *parameter = &fps_parameters[p];
        char *line = identity->line + (size_t)p * LINE;
        int *length = &identity->length[p];
        if (!fps_parameter_used(parameter, task)) {
            *length = 0;
            continue;
        }
        if (*length == 0 || !fps_identity_same(parameter, &identity->last, task))
            *length = write_line(parameter, task, line, &identity->left_out[p]);
        if (identity->left_out[p])
            continue;
        memcpy(end, line, (size_t)*length);
        end += *length;
    }
    if (task->dataset)
        end += snprintf(end, LINE, "data_hash=%016" PRIx64 "\n", task->dataset->hash);
    identity->last = *task;
    return XXH3_64bits(identity->text, (size_t)(end - identity->text));
}
