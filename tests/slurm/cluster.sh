#!/usr/bin/env bash
# cluster.sh: a real Slurm cluster of two virtual nodes on this machine, private to one folder.
#
#   cluster.sh check                        can this machine do that? Says why not, and exits with 77
#   cluster.sh up DIR                       start it, from an empty state
#   cluster.sh down DIR                     end it and everything that ran on it; what is left behind is an error
#   cluster.sh guard DIR PID                wait for the end of process PID, then down
#   cluster.sh shell DIR                    a shell in which srun, sbatch, squeue ... speak to it
#   cluster.sh pids DIR NODE [NAME [JOB]]   processes on a node (of that program, of that job)
#   cluster.sh cut DIR NODE                 power failure: slurmd and everything else on the node is gone at once
#   cluster.sh restore DIR NODE             power is back: the node starts with empty disks
#
# Also to be sourced: then each word is a function, cluster_up DIR ...
#
# Nodes are n1 and n2, of four processors each, whatever the machine has. A node is a slurmd in namespaces of its own:
# host name, processes, shared memory, /dev/shm and a folder for temporary files (DIR/tmp), as on a machine of its own;
# network and disks are shared. Partitions: main (default), and urgent, whose jobs requeue those of main.
# No systemd, /etc/slurm, cgroups, database, and no port that is in use. As root with CAP_SYS_ADMIN.
#
# FPSWEEP_CLUSTER_KILL_WAIT=N   seconds between SIGTERM and SIGKILL, 10 unless given (Slurm's own: 30)

PATH=$PATH:/usr/sbin:/sbin # the daemons
cluster_nodes=(n1 n2)

cluster_say() { printf 'cluster: %s\n' "$*" >&2; }

cluster_check() {
    local tool missing=()
    for tool in slurmctld slurmd sbatch srun scontrol munged unshare nsenter; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "skipped: ${missing[*]}: not installed (Debian: slurmctld slurmd slurm-client munge libpmix2)"
    elif [ -z "$(find /usr/lib /usr/lib64 -path '*slurm*' -name 'mpi_pmix*.so' -print -quit 2>/dev/null)" ]; then
        echo "skipped: Slurm is installed without its PMIx plug-in, by which srun starts Open MPI"
    elif [ "$(id -u)" -ne 0 ]; then
        echo "skipped: two virtual nodes need root"
    elif ! unshare --uts --mount --pid --ipc --fork --mount-proc mount -t tmpfs none /dev/shm 2>/dev/null; then
        echo "skipped: two virtual nodes need namespaces, which this container may not make (CAP_SYS_ADMIN)"
    else
        return 0
    fi
    return 77
}

# Is the process with this id, which started then, still the same one? Ids are used again.
cluster_alive() { [ -n "${2:-}" ] && [ "$(cluster_started "$1")" = "$2" ]; }
cluster_started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" { print $20 }'; }
# Note a process in DIR/run/NAME.
cluster_note() { printf '%s %s\n' "$3" "$(cluster_started "$3")" >"$1/run/$2"; }
# Print the id of the process noted as NAME, if it is alive.
cluster_pid() {
    local pid='' started=''
    read -r pid started 2>/dev/null <"$1/run/$2" || return 1
    cluster_alive "$pid" "$started" && echo "$pid"
}

cluster_ended() { ! cluster_pid "$1" "$2"; }

# Four ports in a row that nobody uses.
cluster_ports() {
    local first try
    for try in $(seq 100); do
        first=$((20000 + (RANDOM + try) % 10000))
        awk -v first="$first" 'FNR > 1 { split($2, at, ":"); port = strtonum16(at[2])
                if (port >= first && port < first + 4) exit 1 }
            function strtonum16(text,   i, n) {
                for (i = 1; i <= length(text); i++) n = 16 * n + index("0123456789ABCDEF", substr(text, i, 1)) - 1
                return n }' /proc/net/tcp /proc/net/tcp6 2>/dev/null && echo "$first" && return
    done
    return 1
}

# cluster_configure DIR PORT: short waits; no cgroups, database or trust in the hardware.
cluster_configure() {
    local dir=$1 port=$2 node
    printf 'CgroupAutomount=no\nCgroupMountpoint=%s/none\n' "$dir" >"$dir/etc/cgroup.conf" # read, though not used
    cat >"$dir/etc/slurm.conf" <<CONF
ClusterName=fpsweep
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# cred_expire is also what a requeued job waits before it starts again
AuthInfo=socket=$dir/munge/socket,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
TmpFS=$dir/tmp
SlurmctldPidFile=$dir/run/slurmctld.file
SlurmdPidFile=$dir/run/%n.file
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MinJobAge=3600
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,sched_min_interval=0,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MpiDefault=none
EnforcePartLimits=ALL
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=10
TCPTimeout=5
MessageTimeout=10
KillWait=${FPSWEEP_CLUSTER_KILL_WAIT:-10}
UnkillableStepTimeout=30
CompleteWait=0
JobRequeue=1
CONF
    for node in "${cluster_nodes[@]}"; do
        echo "NodeName=$node NodeHostname=$node NodeAddr=127.0.0.1 Port=$((++port)) CPUs=4 RealMemory=64000"
    done >>"$dir/etc/slurm.conf"
    cat >>"$dir/etc/slurm.conf" <<CONF
PartitionName=main Nodes=ALL Default=YES DefaultTime=10 MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes=ALL DefaultTime=10 MaxTime=INFINITE PriorityTier=2 PreemptMode=off
CONF
}

# cluster_wait SECONDS COMMAND...: until the command succeeds.
cluster_wait() {
    local i tries=$(($1 * 20))
    shift
    for ((i = 0; i < tries; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}

# Process 1 of the node is a shell that starts slurmd and buries the dead; with it everything on the node ends.
cluster_restore() {
    local dir=$1 node=$2 launcher
    cluster_pid "$dir" "$node" >/dev/null && return 0
    rm -rf "$dir/node/$node" "$dir/spool/$node"
    mkdir -p "$dir/node/$node" "$dir/spool/$node"
    : >"$dir/log/$node.log"
    # shellcheck disable=SC2016,SC2046  # for the node's shell; one word each
    env $(cluster_settings "$dir") unshare --uts --mount --pid --ipc --fork --kill-child --mount-proc \
        --propagation private bash -c '
        hostname "$1" && mount -t tmpfs -o mode=1777 none /dev/shm && mount --bind "$2/node/$1" "$2/tmp" || exit 1
        slurmd -D -N "$1" 2>/dev/null &
        while :; do wait -n 2>/dev/null || sleep 0.1; done' \
        node "$node" "$dir" >"$dir/log/$node.start" 2>&1 </dev/null &
    launcher=$!
    disown "$launcher"
    cluster_wait 5 pgrep -P "$launcher" -f "^bash -c" || return 1
    cluster_note "$dir" "$node" "$(pgrep -P "$launcher")"
    cluster_wait 10 grep -q 'slurmd started' "$dir/log/$node.log"
}

cluster_cut() {
    local pid
    pid=$(cluster_pid "$1" "$2") || return 0
    kill -KILL "$pid"
    cluster_wait 10 cluster_ended "$1" "$2"
}

cluster_pids() {
    local dir=$1 node=$2 name=${3:-} job=${4:-} init space pid process
    init=$(cluster_pid "$dir" "$node") || return 0
    space=$(readlink "/proc/$init/ns/pid")
    [ "$space" != "$(readlink /proc/self/ns/pid)" ] || return 1
    for process in /proc/[0-9]*; do
        pid=${process#/proc/}
        [ "$(readlink "$process/ns/pid" 2>/dev/null)" = "$space" ] || continue
        [ -z "$name" ] || [ "$(basename "$(readlink "$process/exe" 2>/dev/null)")" = "$name" ] || continue
        [ -z "$job" ] || { tr '\0' '\n' <"$process/environ"; } 2>/dev/null | grep -qx "SLURM_JOB_ID=$job" || continue
        [ -n "$(cluster_started "$pid")" ] && echo "$pid"
    done
    return 0
}

# Every process that was started with this cluster's settings, on a node or not.
cluster_members() {
    local process
    for process in /proc/[0-9]*; do
        { tr '\0' '\n' <"$process/environ"; } 2>/dev/null | grep -qx "FPSWEEP_CLUSTER=$1" || continue
        [ -n "$(cluster_started "${process#/proc/}")" ] && echo "${process#/proc/}"
    done
    return 0
}

# What daemons and jobs of the cluster have in their environment, one word each.
cluster_settings() {
    echo "SLURM_CONF=$1/etc/slurm.conf FPSWEEP_CLUSTER=$1 TMPDIR=$1/tmp" \
        OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
        OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1
}
# cluster_env DIR COMMAND...: run a command that speaks to the cluster.
cluster_env() {
    # shellcheck disable=SC2046
    env $(cluster_settings "$1") "${@:2}"
}

cluster_idle() { [ "$(cluster_env "$1" sinfo -h -N -p main -o %t | sort -u)" = idle ]; }

# cluster_daemon DIR NAME COMMAND...: start a daemon that stays in the foreground.
cluster_daemon() {
    local dir=$1 name=$2
    shift 2
    # shellcheck disable=SC2046
    env $(cluster_settings "$dir") "$@" >"$dir/log/$name.start" 2>&1 </dev/null &
    cluster_note "$dir" "$name" $!
    disown $!
}

cluster_try() {
    local dir=$1 port node
    rm -rf "$dir"
    mkdir -p "$dir"/{etc,state,spool,tmp,node,run,log,munge,key} || return 1
    chmod 755 "$dir" "$dir/munge" && chmod 700 "$dir/key" || return 1
    (umask 077 && head -c 1024 /dev/urandom >"$dir/key/munge.key")
    port=$(cluster_ports) || return 1
    cluster_configure "$dir" "$port"
    cluster_daemon "$dir" munged munged --foreground --force --socket="$dir/munge/socket" \
        --key-file="$dir/key/munge.key" --pid-file="$dir/run/munged.file" --log-file="$dir/key/munged.log" \
        --seed-file="$dir/key/seed"
    cluster_wait 10 test -S "$dir/munge/socket" || return 1
    cluster_daemon "$dir" slurmctld slurmctld -D -i -c
    for node in "${cluster_nodes[@]}"; do cluster_restore "$dir" "$node" || return 1; done
    cluster_wait 20 cluster_idle "$dir"
}

cluster_up() {
    local dir=$1 try
    case $dir in *[[:space:]]* | [!/]*) cluster_say "$dir: not an absolute path without blanks"; return 2 ;; esac
    [ -e "$dir/run/slurmctld" ] && cluster_down "$dir"
    for try in 1 2 3; do # another program may have taken a port meanwhile
        cluster_try "$dir" && return 0
        cluster_say "attempt $try failed"
        tail -q -n 5 "$dir"/log/* >&2
        cluster_down "$dir"
    done
    return 1
}

# Jobs and nodes end at once; then the daemons. What is thrown away needs no orderly end.
cluster_down() {
    local dir=$1 name pid left
    for name in "${cluster_nodes[@]}"; do cluster_cut "$dir" "$name"; done
    for name in slurmctld munged; do
        pid=$(cluster_pid "$dir" "$name") || continue
        # shellcheck disable=SC2046  # slurmctld has a helper, slurmscriptd, which would take its time
        kill -KILL "$pid" $(pgrep -P "$pid")
        cluster_wait 10 cluster_ended "$dir" "$name"
    done
    cluster_wait 5 cluster_empty "$dir" && return 0
    left=$(cluster_members "$dir")
    cluster_say "still running after its end:"
    # shellcheck disable=SC2086  # one word each
    ps -o pid,etime,stat,args -p "$(echo $left | tr ' ' ,)" >&2
    # shellcheck disable=SC2086
    kill -KILL $left
    return 1
}
# End the cluster when process PID is gone, however that came about; without being its child, which would end with it.
cluster_guard() {
    local dir=$1 pid=$2 started
    started=$(cluster_started "$pid")
    while cluster_alive "$pid" "$started"; do
        sleep 1
        [ -d "$dir" ] || return 0
    done
    cluster_down "$dir"
    rm -rf "$dir"
}
cluster_empty() { [ -z "$(cluster_members "$1")" ]; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case "${1:-}" in
    check) cluster_check ;;
    up | down | guard | pids | cut | restore) "cluster_$1" "${@:2}" ;;
    shell) cluster_env "$2" "${SHELL:-bash}" ;;
    *)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
fi
