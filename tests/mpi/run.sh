#!/usr/bin/env bash
# One case of the tests that need several ranks: run.sh CASE TOOL [LIBRARY], in a folder of its own.
#   TOOL: farm_tool; LIBRARY: fail_io, to preload. MPIEXEC: the launcher (default mpirun).
# Prints what it compares; exit status 77: skipped, with the reason.
set -u
case_name=$1 tool=$2 library=${3:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mpiexec=${MPIEXEC:-mpirun}
work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-mpi-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# More ranks than cores, as root in containers too.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_io=^ompio OPENBLAS_NUM_THREADS=1

fail() {
    echo "FAILED: $*"
    for log in *.log; do
        [ -f "$log" ] && { echo "--- $log"; tail -n 30 "$log"; }
    done
    exit 1
}
# launch LOG RANKS ARGUMENTS...: run farm_tool; its exit status.
launch() {
    local log=$1 ranks=$2
    shift 2
    timeout -k 5 120 "$mpiexec" -n "$ranks" "$tool" "$@" >"$log" 2>&1
}
# expect WANTED GOT WHAT
expect() { [ "$1" = "$2" ] || fail "$3: expected '$1', got '$2'"; }
same() { "$tool" compare "$1" "$2" || fail "$1 and $2 differ"; }
field() { sed -n "s/.*\\b$2 \\([0-9]*\\).*/\\1/p" <<<"$1"; }

same_bits() {
    local n
    for n in 1 2 3 5; do
        launch "n$n.log" "$n" run "$here/bits.yaml" "n$n.h5" || fail "$n ranks: status $?"
    done
    "$tool" check n1.h5 || fail "checksums of n1.h5"
    for n in 2 3 5; do same n1.h5 "n$n.h5"; done
    for n in 1 3; do
        launch "shuffled$n.log" "$n" run "$here/bits.yaml" "shuffled$n.h5" "$n" || fail "shuffled, $n ranks: status $?"
        same n1.h5 "shuffled$n.h5"
    done
    launch subset.log 2 run "$here/subset.yaml" subset.h5 || fail "subset: status $?"
    same subset.h5 n1.h5
    # The comparison itself must be able to fail.
    "$tool" compare n1.h5 subset.h5 && fail "a sweep was found in its own subset"
    return 0
}

# A rank of another kernel class with the same BLAS core is noticed, and all use the lower class; bits are then those of a
# job that used it from the start.
lower_class() {
    grep -qw avx512dq /proc/cpuinfo || { echo "skipped: this processor has no avx512, so only one class to choose"; exit 77; }
    export OPENBLAS_CORETYPE=Haswell
    timeout 120 "$mpiexec" -n 2 -x FPSWEEP_KERNELS=avx512 "$tool" agree : -n 1 -x FPSWEEP_KERNELS=avx2 "$tool" agree \
        >mixed.log 2>&1 || fail "mixed classes: status $?"
    FPSWEEP_KERNELS=avx2 timeout 120 "$mpiexec" -n 1 "$tool" agree >alone.log 2>&1 || fail "avx2 alone: status $?"
    cat mixed.log
    expect 3 "$(grep -c "class avx2 hash" mixed.log)" "ranks lowered to avx2"
    expect 1 "$(grep -c "rank 0 log: ranks 2 (.*) only use avx2 kernels" mixed.log)" "warnings"
    expect 1 "$(sed -n 's/.*class avx2 //p' mixed.log alone.log | sort -u | wc -l)" "different hashes"
    timeout 120 "$mpiexec" -n 2 -x FPSWEEP_KERNELS=avx512 "$tool" run "$here/subset.yaml" mixed.h5 : \
        -n 1 -x FPSWEEP_KERNELS=avx2 "$tool" run "$here/subset.yaml" mixed.h5 >mixed_run.log 2>&1 || fail "mixed run: status $?"
    FPSWEEP_KERNELS=avx2 launch low.log 1 run "$here/subset.yaml" low.h5 || fail "avx2 run: status $?"
    same low.h5 mixed.h5
    # Without lowering the bits would differ: the comparison must see that.
    FPSWEEP_KERNELS=avx512 launch high.log 1 run "$here/subset.yaml" high.h5 || fail "avx512 run: status $?"
    "$tool" compare low.h5 high.h5 >difference.txt && fail "avx2 and avx512 give the same bits: the test shows nothing"
    tail -n 1 difference.txt
}

# Another BLAS core gives other bits: refused on all ranks, with the remedy.
other_core() {
    grep -qw avx512dq /proc/cpuinfo || { echo "skipped: this processor has no avx512, so only one BLAS core"; exit 77; }
    timeout 120 "$mpiexec" -n 2 -x OPENBLAS_CORETYPE=SkylakeX -x FPSWEEP_KERNELS=avx512 "$tool" agree : \
        -n 1 -x OPENBLAS_CORETYPE=Haswell -x FPSWEEP_KERNELS=avx2 "$tool" agree >mixed.log 2>&1
    expect 2 $? "exit status"
    cat mixed.log
    expect 3 "$(grep -c "ERROR_MISMATCH: ranks 0, 1 (.*) use OpenBLAS core SkylakeX, ranks 2 (.*) use Haswell: .*set FPSWEEP_KERNELS=avx2 for the whole job" mixed.log)" \
        "ranks that say what to do"
}

# broken_io CALL RANK AFTER WORDS: one rank cannot write (or sync) any more: all ranks end with that rank's message, no row
# is wrong, and a second run completes the file.
broken_io() {
    local call=$1 rank=$2 after=$3 words=$4 line
    rm -f broken.h5*
    LD_PRELOAD=$library FAIL_CALL=$call FAIL_RANK=$rank FAIL_AFTER=$after launch "broken.log" 3 run "$here/bits.yaml" broken.h5
    expect 1 $? "$call fails on rank $rank after $after: exit status"
    grep -o "ERROR_IO: .*" broken.log | sort | uniq -c
    expect 3 "$(grep -c "of 3: ERROR_IO: rank $rank: .*$words" broken.log)" "ranks with the message"
    line=$("$tool" check broken.h5) || fail "wrong rows: $line"
    echo "$line"
    [ "$(field "$line" "pending")" -gt 0 ] || fail "nothing was left undone"
    launch again.log 2 run "$here/bits.yaml" broken.h5 || fail "second run: status $?"
    same reference.h5 broken.h5
}

failing_io() {
    launch reference.log 2 run "$here/bits.yaml" reference.h5 || fail "reference: status $?"
    broken_io write 1 60 "writing"
    broken_io write 0 20 "writing"
    broken_io sync 2 0 "syncing"
    broken_io sync 0 1 "syncing"
}

# SIGUSR1 to a single rank stops all; what is finished is kept, a second run completes.
stop_signal() {
    local pid line launcher i
    launch reference.log 3 run "$here/long.yaml" reference.h5 || fail "reference: status $?"
    timeout -k 5 120 "$mpiexec" -n 3 "$tool" run "$here/long.yaml" stopped.h5 >stopped.log 2>&1 &
    launcher=$!
    for ((i = 0; i < 600; i++)); do
        grep -qs "progress [1-9]" stopped.log && break
        sleep 0.05
    done
    pid=$(sed -n 's/.*rank 2 has pid \([0-9]*\).*/\1/p' stopped.log)
    kill -USR1 "$pid"
    wait "$launcher"
    expect 75 $? "exit status"
    expect 3 "$(grep -c "of 3: STOPPED" stopped.log)" "ranks that say they stopped"
    line=$("$tool" check stopped.h5) || fail "wrong rows: $line"
    echo "$line"
    [ "$(field "$line" "done")" -gt 0 ] || fail "nothing was kept"
    [ "$(field "$line" "pending")" -gt 0 ] || fail "it was not stopped"
    launch again.log 2 run "$here/long.yaml" stopped.h5 || fail "second run: status $?"
    same reference.h5 stopped.h5
}

# kill -9 of one rank: whatever the launcher does, no row is wrong and a second run completes.
killed_rank() {
    local pid line launcher i
    launch reference.log 3 run "$here/long.yaml" reference.h5 || fail "reference: status $?"
    timeout -k 5 120 "$mpiexec" -n 3 "$tool" run "$here/long.yaml" killed.h5 >killed.log 2>&1 &
    launcher=$!
    for ((i = 0; i < 600; i++)); do
        grep -qs "progress [1-9]" killed.log && break
        sleep 0.05
    done
    pid=$(sed -n 's/.*rank 1 has pid \([0-9]*\).*/\1/p' killed.log)
    kill -KILL "$pid"
    wait "$launcher" && fail "the launcher did not notice"
    sleep 2 # ranks outlive a launcher a little, and hold the lock
    line=$("$tool" check killed.h5) || fail "wrong rows: $line"
    echo "$line"
    [ "$(field "$line" "done")" -gt 0 ] || fail "nothing was kept"
    [ "$(field "$line" "pending")" -gt 0 ] || fail "it was not killed in time"
    launch again.log 3 run "$here/long.yaml" killed.h5 || fail "second run: status $?"
    same reference.h5 killed.h5
}

case $case_name in
same_bits | lower_class | other_core | failing_io | stop_signal | killed_rank) "$case_name" ;;
*) fail "unknown case $case_name" ;;
esac && echo "ok: $case_name"
