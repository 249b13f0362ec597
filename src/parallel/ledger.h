/* ledger.h: rows that workers have made safe on disk and that the file does not call finished yet. On rank 0. */
#ifndef FPSWEEP_PARALLEL_LEDGER_H
#define FPSWEEP_PARALLEL_LEDGER_H

#include "channel.h"
#include "job.h"

typedef struct fps_ledger {
    fps_row *row;         /* [rows] by rising task once committed */
    uint64_t *checkpoint; /* [checkpoints] identities of those of their tasks that may have one */
    int64_t rows, checkpoints;
    double since_s, cost_s; /* when the first row came in; what the last commit took */
    bool warned;
} fps_ledger;

fps_status fps_ledger_create(fps_ledger *ledger);
void fps_ledger_release(fps_ledger *ledger);

/* Take in reports. False if there is no room for them: commit first. */
bool fps_ledger_enter(fps_ledger *ledger, const fps_report *report, int32_t count, double now_s);

/* Has the first row waited for the group commit long enough? */
bool fps_ledger_is_due(const fps_ledger *ledger, const fps_job *job, double now_s);

/* Commit the rows, then remove the checkpoints of their tasks: never the other way round. They stay in the ledger until
 * they are forgotten. */
fps_status fps_ledger_commit(fps_ledger *ledger, const fps_job *job);
void fps_ledger_forget(fps_ledger *ledger);

#endif
