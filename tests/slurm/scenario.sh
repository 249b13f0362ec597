#!/usr/bin/env bash
# scenario.sh CASE PROGRAM TOOL REFERENCE: one way in which a job is interrupted, on a Slurm cluster of its own.
#
#   reference    the sweep undisturbed, without Slurm: REFERENCE.h5, and the sweep files for this machine's speed
#   limit        time limits: the jobs stop, queue themselves again and go on; by srun and by mpirun
#   preemption   a more urgent job takes the nodes away
#   array        shards, then the job that merges and analyzes them; and what follows a shard that fails
#   node         power failures: first the node without, then the node with the batch script
#   rank         a rank is killed; by srun and by mpirun
#
# PROGRAM: fpsweep; TOOL: farm_tool of tests/mpi, which compares files. Every scenario ends with results that are those
# of the reference to the bit, no process, lock, shared memory or checkpoint left, and the cluster gone. No times are
# asserted.
# Exit status 77: skipped, with the reason.
set -u
case_name=$1 program=$2 tool=$3 reference=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jobs=$(cd "$here/../../jobs" && pwd)
# shellcheck source=cluster.sh
. "$here/cluster.sh"
# shellcheck source=../../jobs/setup.sh
. "$jobs/setup.sh"
setup_environment

cluster_check || exit 77

work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-slurm-XXXXXX")
lab=$work/cluster
clean_up() {
    local pid
    for pid in $(jobs -p); do kill "$pid" 2>/dev/null; done
    [ ! -d "$lab" ] || cluster_down "$lab" 2>/dev/null
    rm -rf "$work"
}
trap clean_up EXIT
trap 'fail "ended from outside"' TERM INT HUP
cd "$work" || exit 1
unset TMPDIR OPENBLAS_NUM_THREADS

say() { printf '%(%T)T %s\n' -1 "$*"; }
fail() {
    echo "FAILED: $*"
    on_cluster timeout 10 squeue 2>/dev/null
    for log in *.log "$lab"/log/*.log; do
        [ -f "$log" ] && { echo "--- $log"; tail -n 25 "$log"; }
    done
    exit 1
}
on_cluster() { cluster_env "$lab" "$@"; }

# ---- jobs -----------------------------------------------------------------------------------------------------------

# submit [OPTIONS of sbatch] SCRIPT ARGUMENTS...: the job's number.
submit() { on_cluster timeout 30 sbatch --parsable --output=%x-%j.log "$@" || fail "sbatch $*"; }
# sweep long|short NAME LAUNCHER [OPTIONS of sbatch]: submit the sweep on both nodes, a rank on each, into NAME.h5.
sweep() {
    local file=$reference.yaml
    [ "$1" = long ] || file=$reference-short.yaml
    FPSWEEP=$program FPSWEEP_LAUNCHER=$3 submit --job-name="$2" --nodes=2 --ntasks=2 --mem-per-cpu=500M \
        "${@:4}" "$jobs/sweep.sbatch" "$file" "$2.h5" --checkpoint-every 1s
}
field() { on_cluster timeout 10 scontrol -o show job "$1" 2>/dev/null | tail -n 1 | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; }
# What SLURM_JOB_ID says in the job: other than the name of an array's task.
job_id() { on_cluster timeout 10 scontrol -o show job "$1" | tail -n 1 | sed -n 's/^JobId=\([0-9]*\).*/\1/p'; }
in_state() { case " ${*:2} " in *" $(field "$1" JobState) "*) return 0 ;; esac && return 1; }
# saves JOB NAME: the job runs, and has written a checkpoint since it was waited for.
saves() { in_state "$1" RUNNING && [ -n "$(find "$2.h5.checkpoint" -type f -newer "$2.waiting" 2>/dev/null)" ]; }
restarted() { [ "$(field "$1" Restarts)" -ge "$2" ] 2>/dev/null; }

# Under srun about one start of two hundred hangs before MPI is there (Slurm 22.05 with PMIx), which a job script cannot
# notice. If a running job writes nothing for a minute, its launcher is killed, which the script takes for a crash.
declare -A last_sign
revive() {
    local job=$1 name=$2 node now
    printf -v now '%(%s)T' -1
    if in_state "$job" RUNNING && [ "$(stat -c %Y "$name.h5" 2>/dev/null || echo 0)" -lt "$((now - 10))" ]; then
        if [ "$((now - ${last_sign[$job]:=$now}))" -gt 60 ]; then
            say "job $job hangs: killing its launcher"
            for node in "${cluster_nodes[@]}"; do
                # shellcheck disable=SC2046  # one word each
                kill -KILL $(cluster_pids "$lab" "$node" srun "$(job_id "$job")") 2>/dev/null
            done
            last_sign[$job]=$now
        fi
    else
        last_sign[$job]=$now
    fi
}

# await SECONDS JOB NAME WHAT COMMAND...: until the command succeeds. The job must not end before.
await() {
    local end=$((SECONDS + $1))
    while [ "$SECONDS" -lt "$end" ]; do
        "${@:5}" && return 0
        in_state "$2" COMPLETED FAILED CANCELLED TIMEOUT OUT_OF_MEMORY && break
        revive "$2" "$3"
        sleep 0.5
    done
    "${@:5}" && return 0 # it may have waited for this end
    fail "$3: $4 did not come; the job is $(field "$2" JobState)"
}
await_training() {
    touch "$2.waiting"
    await 150 "$1" "$2" "a checkpoint" saves "$1" "$2"
    say "$2 is training"
}
await_end() { await 400 "$1" "$2" "its end" in_state "$1" COMPLETED && say "$2 has ended"; }

# ---- what must be true at the end -----------------------------------------------------------------------------------

# check_job NAME JOB RESTARTS: it was interrupted at least so often; beside its file nothing is left.
check_job() {
    local name=$1 inode
    restarted "$2" "$3" || fail "$name: Restarts=$(field "$2" Restarts), not $3 or more: it was not interrupted"
    "$program" status "$name.h5" >status.log || fail "$name: status"
    grep -q "^state     finished" status.log || fail "$name is not finished"
    [ ! -e "$name.h5.checkpoint" ] || fail "$name.h5.checkpoint is left: $(ls "$name.h5.checkpoint")"
    for inode in $(stat -c %i "$name.h5" "$name.h5.lock" 2>/dev/null); do
        ! grep ":$inode " /proc/locks || fail "$name: a lock is held"
    done
    say "$name: restarts $(field "$2" Restarts), nothing is left"
}
# check_results NAME: to the bit those of the undisturbed run.
check_results() {
    "$program" verify "$1.h5" >verify.log 2>&1 || fail "$1: verify: status $?"
    "$tool" compare "$1.h5" "$reference.h5" || fail "$1 and the undisturbed run differ"
}
check() {
    check_job "$@"
    check_results "$1"
}
quiet() {
    local node
    for node in "${cluster_nodes[@]}"; do
        [ "$(cluster_pids "$lab" "$node" | wc -l)" = 2 ] || return 1 # the node's first process and slurmd
    done
}
# The nodes have no process, no shared memory and no folder of a job; the cluster ends without leftovers.
check_cluster() {
    local node pid left
    cluster_wait 30 quiet || fail "processes are left: $(ps -o pid,args -p "$(cluster_members "$lab" | paste -sd,)")"
    for node in "${cluster_nodes[@]}"; do
        pid=$(cluster_pid "$lab" "$node") || fail "node $node is not there"
        left=$(nsenter -t "$pid" -m ls -A /dev/shm) || fail "$node cannot be looked at"
        [ -z "$left" ] || fail "$node: left in /dev/shm: $left"
        ! compgen -G "$lab/node/$node/*fpsweep*" || fail "$node: a temporary folder is left"
        ! compgen -G "$lab/node/$node/*ompi*" || fail "$node: a folder of Open MPI is left"
    done
    cluster_down "$lab" || fail "the cluster left something behind"
    say "nothing is left"
}

# ---- the scenarios --------------------------------------------------------------------------------------------------

# night.yaml twice, with tasks of about six seconds on this machine. The long one is for time limits: Slurm looks every
# 30 s, so that a warning 25 s before the limit of a minute comes after 5 to 35 s; within these two ranks cannot do all
# tasks.
reference() {
    local steps=1000 seconds
    sed "s/STEPS/$steps/; s/LAST/0/" "$here/night.yaml" >measure.yaml
    seconds=$("$program" plan measure.yaml --list | awk '{ print $(NF - 1) }') || fail "plan"
    steps=$(awk -v s="$seconds" -v n=$steps 'BEGIN { print int(6 * n / s) }')
    rm -f "$reference".*
    sed "s/STEPS/$steps/; s/LAST/13/" "$here/night.yaml" >"$reference.yaml"
    sed "s/STEPS/$steps/; s/LAST/3/" "$here/night.yaml" >"$reference-short.yaml"
    timeout -k 5 500 mpirun -n 2 "$program" run "$reference.yaml" -o "$reference.h5" </dev/null >run.log 2>&1 &
    wait $! || fail "status $?" # in the background, so that a signal is heard at once
    grep -E "^(tasks|wall time) " run.log
}

limit() {
    local srun mpirun form
    srun=$(sweep long srun srun --time=1 --signal=B:USR1@25)
    mpirun=$(sweep long mpirun mpirun --time=1 --signal=B:USR1@25)
    # Two limits are enough, were the machine ever so busy.
    await 200 "$srun" srun "its second restart" twice "$srun"
    await 200 "$mpirun" mpirun "its second restart" twice "$mpirun"
    await_end "$srun" srun
    await_end "$mpirun" mpirun
    for form in srun mpirun; do
        grep -q "the time limit is near: asking the run to stop" $form-*.log || fail "$form: no warning"
        grep -q "stopped in good order: into the queue again" $form-*.log || fail "$form did not stop in good order"
        grep -q "saved half-way" $form-*.log || fail "$form: no task was saved half-way"
    done
    check srun "$srun" 1
    check mpirun "$mpirun" 1
}

# Has the job been restarted twice, or come to its end before? Its limit is lifted then.
twice() {
    in_state "$1" COMPLETED && return
    restarted "$1" 2 && on_cluster timeout 10 scontrol update jobid="$1" timelimit=60
}

preemption() {
    local srun mpirun urgent
    srun=$(sweep short srun srun)
    mpirun=$(sweep short mpirun mpirun)
    await_training "$srun" srun
    await_training "$mpirun" mpirun
    urgent=$(submit --job-name=urgent --partition=urgent --nodes=2 --exclusive --wrap="sleep 1")
    await 60 "$srun" srun "its preemption" restarted "$srun" 1
    await 60 "$mpirun" mpirun "its preemption" restarted "$mpirun" 1
    await_end "$urgent" urgent
    await_end "$srun" srun
    await_end "$mpirun" mpirun
    check srun "$srun" 1
    check mpirun "$mpirun" 1
}

array() {
    local array after i bad
    bad=$work/bad.yaml
    sed 's/depth/dept/' "$reference-short.yaml" >"$bad"
    read -r array after < <(submit_array "$bad" bad.h5 2)
    await 60 "$array"_1 bad "its refusal" in_state "${array}_1" FAILED
    await 60 "$after" bad "the end of the job that depends on it" in_state "$after" CANCELLED
    [ "$(field "${array}_1" Restarts)" = 0 ] || fail "a wrong sweep file was tried again"

    read -r array after < <(submit_array "$reference-short.yaml" all.h5 3)
    # A task of an array is requeued under another name than a job.
    await_training "${array}_2" all.shard-2-of-3
    kill_rank "${array}_2" n1 n2
    for i in 1 2 3; do
        await_end "${array}_$i" "all.shard-$i-of-3"
        check_job "all.shard-$i-of-3" "${array}_$i" $((i == 2))
    done
    await_end "$after" all
    check_results all
    "$program" status all.h5 | grep -q "^sweep .*: 4 tasks" || fail "all.h5 has not all tasks"
    if [ ! -s all.txt ] || [ ! -s all.json ]; then fail "the analysis is missing"; fi
}
# submit_array SWEEP FILE SHARDS: the numbers of its two jobs.
submit_array() {
    FPSWEEP=$program on_cluster timeout 30 bash "$jobs/submit_array.sh" "$@" --ntasks-per-node=2 --mem-per-cpu=500M \
        -- --checkpoint-every 1s |
        sed -n 's/.*job \([0-9]*\), tasks.*job \([0-9]*\).*/\1 \2/p'
}

# Power failures. Jobs need both nodes, so they go on when it is back. The batch scripts are on n1.
node() {
    local srun mpirun lost times=0
    srun=$(sweep short srun srun)
    mpirun=$(sweep short mpirun mpirun)
    for lost in n2 n1; do
        times=$((times + 1))
        await_training "$srun" srun
        await_training "$mpirun" mpirun
        cluster_cut "$lab" "$lost"
        say "$lost has lost its power"
        await 90 "$srun" srun "its requeue" restarted "$srun" $times
        await 90 "$mpirun" mpirun "its requeue" restarted "$mpirun" $times
        cluster_wait 60 node_is_down "$lost" || fail "$lost is not noticed"
        cluster_restore "$lab" "$lost" || fail "$lost does not come back"
        say "$lost is back"
    done
    await_end "$srun" srun
    await_end "$mpirun" mpirun
    check srun "$srun" 2
    check mpirun "$mpirun" 2
}
node_is_down() { [[ $(on_cluster sinfo -h -N -n "$1" -p main -o %t) = down* ]]; }

# kill_rank JOB NODE...: one rank of the job, on the first of the nodes that has one.
kill_rank() {
    local node pid
    for node in "${@:2}"; do
        pid=$(cluster_pids "$lab" "$node" "$(basename "$program")" "$(job_id "$1")" | tail -n 1)
        [ -n "$pid" ] && kill -KILL "$pid" && say "rank $pid of job $1 on $node is killed" && return 0
    done
    fail "job $1 has no rank"
}

rank() {
    local srun mpirun
    srun=$(sweep short srun srun)
    mpirun=$(sweep short mpirun mpirun)
    await_training "$srun" srun
    kill_rank "$srun" n2
    await_training "$mpirun" mpirun
    kill_rank "$mpirun" n1
    await_end "$srun" srun
    await_end "$mpirun" mpirun
    check srun "$srun" 1
    check mpirun "$mpirun" 1
}

if [ "$case_name" != reference ]; then
    [ -f "$reference.h5" ] || fail "no reference: scenario.sh reference comes first"
    (setsid bash "$here/cluster.sh" guard "$lab" $$ >/dev/null 2>&1 </dev/null &) # should this script be killed
    cluster_up "$lab" || fail "the cluster does not start"
fi
"$case_name"
[ "$case_name" = reference ] || check_cluster
say "$case_name: good"
