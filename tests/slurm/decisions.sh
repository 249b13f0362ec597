#!/usr/bin/env bash
# decisions.sh: what the job scripts decide, with stand-ins for srun, mpirun, scontrol, sbatch, qsub and fpsweep.
#
# The stand-in for the launcher ends with the status in the file `status`, or waits for SIGUSR1 if that says `wait`
# (then 75) or `deaf` (then it waits on). All stand-ins write their words into the file `calls`.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jobs=$(cd "$here/../../jobs" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-decisions-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset FPSWEEP FPSWEEP_LAUNCHER FPSWEEP_MODULES FPSWEEP_RESTARTS FPSWEEP_GRACE FPSWEEP_FIGURES FPSWEEP_JOBS
unset SLURM_MPI_TYPE
number=$((RANDOM + 100000)) # of the job: its folder in /dev/shm must be ours
export SLURM_JOB_ID=$number SLURM_JOB_NUM_NODES=2 TMPDIR=$work PATH=$work/bin:$PATH

mkdir bin
cat >bin/srun <<'FAKE'
#!/usr/bin/env bash
words=("$@")
while [[ ${words[0]} == --* ]]; do words=("${words[@]:1}"); done
case ${words[0]} in
sh | rm) # on every node: here, once
    echo "srun $*" >>calls
    [ ! -e slow ] || sleep 1
    exec "${words[@]}"
    ;;
esac
echo "srun $* TMPDIR=${TMPDIR##*/}" >>calls
[ -d "$TMPDIR" ] && [ -d "$OMPI_MCA_btl_vader_backing_directory" ] || echo "no folders" >>calls
status=$(cat status)
case $status in
wait) trap 'echo "USR1 received" >>calls; exit 75' USR1 ;;
deaf) trap 'echo "USR1 ignored" >>calls' USR1 ;;
*) exit "$status" ;;
esac
echo "launched" >>calls
for _ in $(seq 200); do sleep 0.05; done
FAKE
sed 's/echo "srun/echo "mpirun/' bin/srun >bin/mpirun
# Slurm ends the life of a job that it has requeued.
cat >bin/scontrol <<'FAKE'
#!/usr/bin/env bash
echo "scontrol $*" >>calls
[ ! -e refuse ] || exit 1
kill -TERM "$PPID"
FAKE
cat >bin/sbatch <<'FAKE'
#!/usr/bin/env bash
echo "sbatch $*" >>calls
echo "$((100 + $(grep -c sbatch calls)));cluster"
FAKE
cat >bin/qsub <<'FAKE'
#!/usr/bin/env bash
echo "qsub $*" >>calls
[ ! -e refuse ] || exit 1
echo 8.server
FAKE
cat >bin/fpsweep <<'FAKE'
#!/usr/bin/env bash
echo "fpsweep $*" >>calls
case $1 in
merge) touch "$3" ;;
plot) [ "$3" != nonsense ] || exit 2 ;;
verify) [ ! -e damaged ] || exit 1 ;;
status) cat "$2" ;;
esac
FAKE
chmod +x bin/*

tests=0
fail() {
    echo "FAILED: $*"
    for log in out calls; do [ -f "$log" ] && { echo "--- $log"; cat "$log"; }; done
    exit 1
}
fresh() { rm -f calls out slow refuse damaged; touch calls; tests=$((tests + 1)); }
has() { grep -qe "$2" "$1" || fail "$3: no '$2' in $1"; }
has_not() { ! grep -qe "$2" "$1" || fail "$3: '$2' in $1"; }
# expect STATUS WANTED WHAT: the exit status of the script, and that its folders are gone.
expect() {
    [ "$1" = "$2" ] || fail "$3: exit status $1, not $2"
    if [ -e "fpsweep-$number" ] || [ -e "/dev/shm/fpsweep-$number" ]; then fail "$3: a folder of the job is left"; fi
}
sweep() { timeout -k 1 30 bash "$jobs/sweep.sbatch" s.yaml f.h5 "$@" >out 2>&1; }
until_called() {
    for _ in $(seq 200); do grep -q "$1" calls && return; sleep 0.05; done
    fail "'$1' was not called"
}

# ---- what follows a status ----
for status in 0 1 2 126 127; do
    fresh
    echo $status >status
    sweep --patience 1m
    expect $? $status "status $status"
    has_not calls scontrol "status $status"
    has calls "srun .* fpsweep run s.yaml -o f.h5 --resume --patience 1m TMPDIR=fpsweep-$number" "status $status"
    has_not calls "no folders" "status $status"
done
for status in 75 134 137 139 205; do
    fresh
    echo $status >status
    sweep
    expect $? $status "status $status"
    has calls "^scontrol requeue $number$" "status $status"
done

# ---- bounds and names ----
fresh
echo 75 >status
SLURM_RESTART_COUNT=3 FPSWEEP_RESTARTS=4 sweep
has calls "^scontrol requeue" "below the bound"
fresh
SLURM_RESTART_COUNT=4 FPSWEEP_RESTARTS=4 sweep
expect $? 75 "at the bound"
has_not calls scontrol "at the bound"
has out "submit it again" "at the bound"
fresh
SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=3 sweep
has calls "^scontrol requeue 7_3$" "a task of an array"
fresh
touch refuse
sweep
expect $? 75 "scontrol fails"
has out "submit it again" "scontrol fails"
fresh
FPSWEEP_LAUNCHER=mpirun FPSWEEP=/opt/fpsweep sweep
has calls "^mpirun /opt/fpsweep run s.yaml -o f.h5 --resume" "mpirun"
fresh
FPSWEEP_LAUNCHER=rsh sweep
expect $? 2 "unknown launcher"
fresh
bash "$jobs/sweep.sbatch" s.yaml >out 2>&1
expect $? 2 "no results file"

# ---- signals ----
# signal NAME: to the script, once its launcher runs.
signal() {
    bash "$jobs/sweep.sbatch" s.yaml f.h5 >out 2>&1 &
    until_called "${2:-launched}"
    kill "-$1" $!
    wait $!
}
fresh
echo wait >status
signal USR1
expect $? 75 "SIGUSR1"
has calls "USR1 received" "SIGUSR1"
has calls "^scontrol requeue $number$" "SIGUSR1"
fresh
signal TERM
expect $? 75 "SIGTERM"
has calls "USR1 received" "SIGTERM"
has_not calls scontrol "SIGTERM"
fresh
touch slow
signal USR1 "srun .*mkdir"
expect $? 75 "SIGUSR1 before the start"
has_not calls "fpsweep run" "SIGUSR1 before the start"
has calls "^scontrol requeue $number$" "SIGUSR1 before the start"
fresh
echo deaf >status
export FPSWEEP_GRACE=1
signal USR1
expect $? 137 "a deaf run"
has calls "USR1 ignored" "a deaf run"
has calls "^scontrol requeue $number$" "a deaf run"
unset FPSWEEP_GRACE

# ---- arrays ----
fresh
echo 0 >status
FPSWEEP_JOBS=$jobs SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=3 \
    bash "$jobs/array.sbatch" s.yaml f.h5 4 --patience 1m >out 2>&1
expect $? 0 "array.sbatch"
has calls "fpsweep run s.yaml -o f.shard-3-of-4.h5 --resume --shard 3/4 --patience 1m " "array.sbatch"
fresh
SLURM_ARRAY_TASK_ID=3 bash "$jobs/array.sbatch" s.yaml f.h5 4 >out 2>&1
expect $? 2 "array.sbatch without its folder"
has out FPSWEEP_JOBS "array.sbatch without its folder"
fresh
touch s.yaml
bash "$jobs/submit_array.sh" s.yaml f.h5 2 --time=1 -- --patience 1m >out 2>&1
expect $? 0 "submit_array.sh"
has calls "^sbatch .*--array=1-2 --time=1 $jobs/array.sbatch s.yaml f.h5 2 --patience 1m$" "submit_array.sh"
has calls "^sbatch .*--dependency=afterok:101 .*analyze.sbatch f.h5 f.shard-1-of-2.h5 f.shard-2-of-2.h5$" \
    "submit_array.sh"
has out "job 101, .* job 102$" "submit_array.sh"
fresh
bash "$jobs/submit_array.sh" s.yaml f.h5 none >out 2>&1
expect $? 2 "submit_array.sh: not a number"
[ ! -s calls ] || fail "submit_array.sh: not a number, but something was submitted"

# ---- analysis ----
fresh
bash "$jobs/analyze.sbatch" f.h5 a.h5 b.h5 >out 2>&1
expect $? 0 "analyze.sbatch"
has calls "^fpsweep merge -o f.h5 a.h5 b.h5$" "analyze.sbatch"
has calls "^fpsweep plot f.h5 trajectories -o f-trajectories.png$" "analyze.sbatch"
fresh
bash "$jobs/analyze.sbatch" f.h5 a.h5 b.h5 >out 2>&1
expect $? 0 "analyze.sbatch again"
has_not calls "merge" "analyze.sbatch again"
fresh
touch damaged
bash "$jobs/analyze.sbatch" f.h5 >out 2>&1
expect $? 1 "analyze.sbatch of a damaged file"
has_not calls "^fpsweep analyze" "analyze.sbatch of a damaged file"
fresh
FPSWEEP_FIGURES="heatmap nonsense" bash "$jobs/analyze.sbatch" f.h5 >out 2>&1
expect $? 1 "analyze.sbatch: a figure that does not exist"
has calls "heatmap" "analyze.sbatch: a figure that does not exist"

# ---- PBS ----
export PBS_JOBID=7.server PBS_O_WORKDIR=$work FPSWEEP_SWEEP=s.yaml FPSWEEP_FILE=f.h5 FPSWEEP_JOBS=$jobs
export OMPI_MCA_btl_vader_backing_directory=$work # sweep.pbs leaves it alone
pbs() { timeout 20 bash "$jobs/sweep.pbs" >out 2>&1; }
for status in 0 1 2; do
    fresh
    echo $status >status
    pbs
    expect $? $status "PBS, status $status"
    has calls "^mpirun fpsweep run s.yaml -o f.h5 --resume --stop-after 230m " "PBS, status $status"
    has_not calls qsub "PBS, status $status"
done
for status in 75 137; do
    fresh
    echo $status >status
    FPSWEEP_RESTART=2 FPSWEEP_OPTIONS="--patience 1m" pbs
    expect $? 0 "PBS, status $status"
    has calls "^qsub -W depend=afterany:7.server -v FPSWEEP_RESTART=3,FPSWEEP_SWEEP=s.yaml,FPSWEEP_FILE=f.h5," \
        "PBS, status $status"
    has calls " $jobs/sweep.pbs$" "PBS, status $status"
    has calls "FPSWEEP_OPTIONS=--patience 1m" "PBS, status $status"
done
fresh
touch refuse
pbs
expect $? 137 "PBS: no successor"
fresh
FPSWEEP_RESTART=100 pbs
expect $? 137 "PBS: at the bound"
has_not calls qsub "PBS: at the bound"
[ ! -e fpsweep-7.server ] || fail "PBS: a folder of the job is left"

# ---- one machine ----
mkdir -p project/build
cp -r "$jobs" project/jobs
cp bin/fpsweep project/build/fpsweep
printf '#!/bin/sh\n' >bin/cmake
chmod +x bin/cmake
export FPSWEEP_SETUP=skip FPSWEEP_RANKS=3
fpsweep=$work/project/build/fpsweep
fresh
echo 0 >status
bash project/jobs/local.sh s.yaml --patience 1m >out 2>&1
expect $? 0 "local.sh"
has calls "^mpirun -n 3 $fpsweep run s.yaml -o s.h5 --patience 1m TMPDIR" "local.sh"
fresh
echo "left      0" >s.h5
bash project/jobs/local.sh s.yaml >out 2>&1
has calls "run s.yaml -o s-2.h5 TMPDIR" "local.sh beside finished results"
fresh
echo "left      3" >s-2.h5
bash project/jobs/local.sh s.yaml >out 2>&1
has calls "run s.yaml -o s-2.h5 --resume TMPDIR" "local.sh with unfinished results"
has calls "plot s-2.h5" "local.sh with unfinished results"
# interrupt SIGNAL...: to local.sh, once its launcher runs. Background processes ignore SIGINT: give it back.
interrupt() {
    local signal
    (trap - INT; exec env --default-signal=INT bash project/jobs/local.sh s.yaml >out 2>&1) &
    until_called launched
    for signal in "$@"; do
        kill "-$signal" $!
        sleep 0.5
    done
    wait $!
}
for signal in INT HUP; do
    fresh
    echo wait >status
    interrupt $signal
    expect $? 75 "local.sh: SIG$signal"
    has calls "USR1 received" "local.sh: SIG$signal"
done
fresh
echo deaf >status
interrupt INT INT
expect $? 143 "local.sh: a second Ctrl-C"
has calls "USR1 ignored" "local.sh: a second Ctrl-C"

echo "decisions: good, $tests cases"
