#!/usr/bin/env bash
# tutorial.sh PROGRAM [--update]: everything in sweeps/TUTORIAL.md works, and prints what the page shows (see page.py).
#
# The page runs in a folder of its own beside a copy of the project whose build/fpsweep is PROGRAM. Three things that a
# test cannot have are replaced, by programs of the same names on PATH; all else is real:
#   cmake         does nothing: the program is built already
#   sbatch        runs the script at once, an array task after task, as user of a cluster of one node
#   srun          mpirun on two ranks; commands for every node run once
# FPSWEEP_SETUP=skip: local.sh installs nothing. FPSWEEP_RANKS=2: it uses two ranks on any machine.
# Exit status 77: skipped, with the reason.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
program=$(realpath "$1")
shift
python=${PYTHON:-python3}
"$python" -c 'import h5py, xarray' 2>/dev/null || { echo "skipped: no Python with h5py and xarray"; exit 77; }
command -v gnuplot >/dev/null || { echo "skipped: gnuplot is not installed"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-tutorial-XXXXXX")
home=$(mktemp -d /tmp/fXXX) # as long as /home/you, so that lines are folded as on the page
trap 'rm -rf "$work" "$home"' EXIT

mkdir -p "$home/fpsweep/build" "$work/bin"
for folder in jobs sweeps include; do cp -r "$top/$folder" "$home/fpsweep/"; done
cp "$program" "$home/fpsweep/build/fpsweep"
ln -s ../jobs "$home/fpsweep/build/jobs" # as in every build folder
printf '#!/bin/sh\n' >"$work/bin/cmake"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v "$python")" >"$work/bin/python3"
cat >"$work/bin/sbatch" <<'STAND_IN'
#!/usr/bin/env bash
# sbatch: only the options that the page and the scripts use are known.
array=1 parsable='' count=$(cat "$STAND_IN_COUNT" 2>/dev/null || echo 100)
count=$((count + 1))
echo "$count" >"$STAND_IN_COUNT"
one=yes
while [ $# -gt 0 ]; do
    case $1 in
    --array=1-*) array=${1#--array=1-} one='' ;;
    --parsable) parsable=yes ;;
    --ntasks=[1-9]* | --ntasks-per-node=[1-9]* | --time=*:*:* | --mem-per-cpu=[1-9]*[MG]) ;;
    --dependency=afterok:[1-9]* | --kill-on-invalid-dep=yes) ;;
    -*) echo "sbatch: unrecognized option '$1'" >&2 && exit 1 ;;
    *) break ;;
    esac
    shift
done
grep -q '^#SBATCH' "$1" || { echo "sbatch: $1 is no batch script" >&2; exit 1; }
export SLURM_JOB_NUM_NODES=1
for ((task = 1; task <= array; task++)); do
    export SLURM_JOB_ID=$((STAND_IN_JOB + count * 10 + task))
    [ -n "$one" ] || export SLURM_ARRAY_JOB_ID=$count SLURM_ARRAY_TASK_ID=$task
    bash "$@" >>"$(basename "$1" .sbatch)-$count${one:-_$task}.log" 2>&1 || echo "sbatch: job $count ended with $?" >&2
done
if [ -n "$parsable" ]; then echo "$count"; else echo "Submitted batch job $count"; fi
STAND_IN
cat >"$work/bin/srun" <<'STAND_IN'
#!/usr/bin/env bash
while [[ $1 == --* ]]; do shift; done
case $1 in
sh | rm) exec "$@" ;;
*) exec mpirun -n 2 "$@" ;;
esac
STAND_IN
chmod +x "$work"/bin/*

export PATH=$work/bin:$PATH HOME=$home FPSWEEP_SETUP=skip FPSWEEP_RANKS=2
export STAND_IN_COUNT=$work/count STAND_IN_JOB=$((RANDOM * 10000)) # folders in /dev/shm are named after the job
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1
unset OPENBLAS_CORETYPE FPSWEEP FPSWEEP_LAUNCHER FPSWEEP_MODULES FPSWEEP_JOBS
unset FPSWEEP_FIGURE FPSWEEP_FIGURES "${!SLURM_@}"
"$python" "$here/page.py" "$top/sweeps/TUTORIAL.md" "$home" "$@"
