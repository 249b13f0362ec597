#!/usr/bin/env bash
# One case of the command line's tests: run.sh CASE PROGRAM, in a folder of its own.
# Prints what it compares; exit status 77: skipped, with the reason.
set -u
case_name=$1 program=$2 search=
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mpiexec=${MPIEXEC:-mpirun}
work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-app-XXXXXX")
# Whatever happens, nothing stays behind.
clean_up() {
    local pid
    for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null; done
    rm -rf "$work"
}
trap clean_up EXIT
cd "$work" || exit 1

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none
unset OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS FPSWEEP_KERNELS NO_COLOR COLORTERM OMPI_MCA_io

fail() {
    echo "FAILED: $*"
    for log in out err *.log; do
        [ -f "$log" ] && { echo "--- $log"; tail -n 30 "$log"; }
    done
    exit 1
}
# call STATUS ARGUMENTS...: run the program; stdout in `out`, stderr in `err`.
call() {
    local wanted=$1 got
    shift
    timeout -k 5 60 env ${search:+PATH=$search} "$program" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" = "$wanted" ] || fail "fpsweep $*: exit status $got, not $wanted"
    fits "$@" || fail "fpsweep $*: lines of more than 80 columns, above"
}
# fits ARGUMENTS...: does what people read, in `out`, fit 80 columns? Single words may be longer (paths); verify tells
# one finding per line.
fits() {
    case " $* " in *" --csv "* | *" --json "* | *" --list "* | *" --dropped "* | *" --document "*) return 0 ;; esac
    case ${1:-} in verify | --version) return 0 ;; esac
    LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length > 80 && NF > 2 { print; wide = 1 } END { exit wide }' out
}
# launch STATUS RANKS ARGUMENTS...: the same under the launcher.
launch() {
    local wanted=$1 ranks=$2 got
    shift 2
    timeout -k 5 90 "$mpiexec" -n "$ranks" "$program" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" = "$wanted" ] || fail "$ranks ranks, fpsweep $*: exit status $got, not $wanted"
}
# refuse STATUS PATTERN ARGUMENTS...: nothing on stdout, one line on stderr, "fpsweep: " and the pattern.
refuse() {
    local status=$1 pattern=$2
    shift 2
    call "$status" "$@"
    [ -s out ] && fail "fpsweep $*: something on stdout"
    [ "$(wc -l <err)" = 1 ] || fail "fpsweep $*: $(wc -l <err) lines on stderr, not one"
    grep -q "^fpsweep: .*$pattern" err || fail "fpsweep $*: no '$pattern' in the message"
}
has() { grep -qe "$2" "$1" || fail "no '$2' in $1"; }
has_not() { grep -qe "$2" "$1" && fail "'$2' in $1"; return 0; }
run_tiny() { call 0 run "$here/tiny.yaml" -o tiny.h5; }

# wait_for_start PID: until the run trains.
wait_for_start() {
    for _ in $(seq 1200); do
        [ -f long.h5 ] && "$program" status long.h5 2>/dev/null | grep -q "running now [1-9]" && return
        kill -0 "$1" 2>/dev/null || fail "the run ended by itself"
        sleep 0.05
    done
    fail "the run does not start"
}

# rank_pid LAUNCHER RANK: the process of a rank.
rank_pid() {
    local folder
    for folder in /proc/[0-9]*; do
        grep -qsx "PPid:[[:space:]]*$1" "$folder/status" || continue
        tr '\0' '\n' <"$folder/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$2" && echo "${folder#/proc/}" && return
    done
    fail "rank $2 has no process"
}

for subject in "$here"/cases/*.sh; do
    # shellcheck source=/dev/null
    . "$subject"
done
"$case_name"
echo "$case_name: good"
