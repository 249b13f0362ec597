/* submit.h: the line that submits a sweep to Slurm. */
#ifndef FPSWEEP_APP_SUBMIT_H
#define FPSWEEP_APP_SUBMIT_H

#include <stdint.h>
#include <stdio.h>

#include "app/forecast.h"
#include "fpsweep/status.h"

/* What to ask the batch system for. */
typedef struct fps_submission {
    int ranks;
    int64_t memory_mib; /* per rank; MiB, which is Slurm's M */
    int64_t limit_s;    /* of one job */
    double jobs;        /* how often the job queues itself; 1: it ends within the limit */
    char *program;      /* absolute path, where the job script would not find it as `fpsweep`; else NULL; owned */
    char *script;       /* of jobs/sweep.sbatch, as installed or in the source tree; NULL: not there; owned */
} fps_submission;

/* Bytes that the program itself takes on every rank, besides its task: libraries, MPI, HDF5. */
#define FPS_SUBMIT_PROGRAM_BYTES 100e6

/* Ask for what a predicted run needs, with a reserve: of memory a fifth more than task and program, in steps of 100 M;
 * of time a fifth more than the prediction and five minutes for the start and the warning before the end (three
 * minutes, see sweep.sbatch), at least ten minutes and at most a day, after which the job goes on in another. */
fps_status fps_submit_prepare(const fps_forecast *forecast, const fps_forecast_run *run, fps_submission *out);
void fps_submit_release(fps_submission *submission);

/* Write the command, ready for a shell: [FPSWEEP=PROGRAM] sbatch --ntasks=N --mem-per-cpu=XM --time=HH:MM:SS SCRIPT
 * SWEEP FILE.h5 [--plugin FILE.so]; the script must have been found. FILE.h5 has the name of the sweep file and is in
 * the present folder. Lines end with a backslash where they would fill more than `width` columns, the two of an indent
 * included; 0: one line. */
void fps_submit_write(FILE *stream, const fps_submission *submission, const char *sweep, const char *plugin, int width);

#endif
