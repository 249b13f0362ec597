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

# The library beside what is preloaded already (tests/deep/sanitize.sh).
preload=$library${LD_PRELOAD:+:$LD_PRELOAD}

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
    local n kind
    for n in 1 2 3 5; do
        launch "n$n.log" "$n" run "$here/bits.yaml" "n$n.h5" || fail "$n ranks: status $?"
    done
    "$tool" check n1.h5 || fail "checksums of n1.h5"
    for n in 2 3 5; do same n1.h5 "n$n.h5"; done
    for n in 1 3; do
        launch "shuffled$n.log" "$n" run "$here/bits.yaml" "shuffled$n.h5" "shuffle=$n" || fail "shuffled, $n ranks: status $?"
        same n1.h5 "shuffled$n.h5"
    done
    launch subset.log 2 run "$here/subset.yaml" subset.h5 || fail "subset: status $?"
    same subset.h5 n1.h5
    for kind in flow direct; do
        for n in 1 3; do
            launch "$kind$n.log" "$n" run "$here/$kind.yaml" "$kind$n.h5" || fail "$kind, $n ranks: status $?"
        done
        launch "$kind.log" 2 run "$here/$kind.yaml" "$kind.h5" shuffle=2 || fail "$kind, shuffled: status $?"
        "$tool" check "$kind.h5" || fail "checksums of $kind.h5"
        same "$kind.h5" "${kind}1.h5"
        same "$kind.h5" "${kind}3.h5"
        expect 0 "$(field "$("$tool" check "$kind.h5")" "failed")" "tasks of $kind that failed"
    done
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
    LD_PRELOAD=$preload FAIL_CALL=$call FAIL_RANK=$rank FAIL_AFTER=$after launch "broken.log" 3 run "$here/bits.yaml" broken.h5
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

# start LOG RANKS ARGUMENTS...: the same in the background; sets launcher.
start() {
    local log=$1 ranks=$2
    shift 2
    timeout -k 5 120 "$mpiexec" -n "$ranks" "$tool" "$@" >"$log" 2>&1 &
    launcher=$!
}
# pause MILLISECONDS
pause() { sleep "$(($1 / 1000)).$(printf '%03d' $(($1 % 1000)))"; }
# running LOG [WHAT]: wait until a run tells that it goes.
running() {
    local i
    for ((i = 0; i < 1200; i++)); do
        grep -qs "${2:-progress}" "$1" && return
        kill -0 "$launcher" 2>/dev/null || return
        sleep 0.05
    done
    fail "$1: it does not start"
}
pid_of() { sed -n "s/.*rank $2 has pid \\([0-9]*\\).*/\\1/p" "$1"; }
# gone LOG: wait until no rank of a run is left; they outlive a launcher a little, and hold the lock.
gone() {
    local i pid
    sed -n 's/.*has pid \([0-9]*\).*/\1/p' "$1" | while read -r pid; do
        for ((i = 0; i < 200; i++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
    done
}
# total NAME: what runs told of NAME at their ends, summed over all logs.
total() { cat ./*.log | sed -n "s/^tasks .*\\b$1 \\([0-9]*\\).*/\\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }

# SIGUSR1 to a single rank stops all; what is finished is kept, a second run completes.
stop_signal() {
    local line
    launch reference.log 3 run "$here/long.yaml" reference.h5 || fail "reference: status $?"
    start stopped.log 3 run "$here/long.yaml" stopped.h5
    running stopped.log "progress [1-9]"
    kill -USR1 "$(pid_of stopped.log 2)"
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
    local line
    launch reference.log 3 run "$here/long.yaml" reference.h5 || fail "reference: status $?"
    start killed.log 3 run "$here/long.yaml" killed.h5
    running killed.log "progress [1-9]"
    kill -KILL "$(pid_of killed.log 1)"
    wait "$launcher" && fail "the launcher did not notice"
    gone killed.log
    line=$("$tool" check killed.h5) || fail "wrong rows: $line"
    echo "$line"
    [ "$(field "$line" "done")" -gt 0 ] || fail "nothing was kept"
    [ "$(field "$line" "pending")" -gt 0 ] || fail "it was not killed in time"
    launch again.log 3 run "$here/long.yaml" killed.h5 || fail "second run: status $?"
    same reference.h5 killed.h5
}

# A task is stopped twice: it goes on where it was, with the same bits, and trains no step twice.
continued() {
    local line i steps=0 now
    launch reference.log 1 run "$here/one.yaml" reference.h5 || fail "reference: status $?"
    for i in 1 2; do
        start "part$i.log" 1 run "$here/one.yaml" parts.h5 every=0
        running "part$i.log"
        pause 400
        kill -USR1 "$(pid_of "part$i.log" 0)"
        wait "$launcher"
        expect 75 $? "exit status of part $i"
        line=$(grep "^tasks" "part$i.log")
        echo "$line"
        expect 1 "$(field "$line" "saved")" "tasks saved"
        expect 0 "$(field "$line" "lost")" "tasks lost"
        expect 2 "$(find parts.h5.checkpoint -type f | wc -l | sed 's/^1$/2/')" "slots (1 or 2)"
        now=$(field "$line" "resumed_steps")
        expect "$((i - 1))" "$(field "$line" "resumed")" "tasks that part $i continued"
        [ "$i" -eq 1 ] || [ "$now" -gt "$steps" ] || fail "part $i goes on at step $now"
        steps=$now
    done
    launch last.log 2 run "$here/one.yaml" parts.h5 every=0 || fail "last part: status $?"
    line=$(grep "^tasks" last.log)
    echo "$line"
    [ "$(field "$line" "resumed_steps")" -gt "$steps" ] || fail "the last part did not go on from the second"
    same reference.h5 parts.h5
    expect 3 "$(field "$("$tool" check parts.h5)" "attempts")" "attempts of the task"
    [ -e parts.h5.checkpoint ] && fail "the checkpoints are still there"
    return 0
}

# A checkpoint that is not whole is refused: the user is told, and the task starts over.
damaged_checkpoint() {
    local slot
    launch reference.log 2 run "$here/one.yaml" reference.h5 || fail "reference: status $?"
    launch stopped.log 1 run "$here/one.yaml" damaged.h5 every=0.2 stop_after=0.6
    expect 75 $? "exit status"
    for slot in damaged.h5.checkpoint/*; do
        printf 'x' | dd of="$slot" bs=1 seek=$(($(stat -c %s "$slot") / 2)) conv=notrunc status=none
    done
    launch again.log 1 run "$here/one.yaml" damaged.h5 every=60 || fail "second run: status $?"
    grep -e "log: " -e "^tasks" again.log
    expect 1 "$(grep -c "log: task 0: its checkpoint cannot be used, it starts over: ." again.log)" "warnings"
    expect 0 "$(field "$(grep "^tasks" again.log)" "resumed")" "tasks continued"
    same reference.h5 damaged.h5
    expect 1 "$(field "$("$tool" check damaged.h5)" "attempts")" "attempts of the task"
    [ -e damaged.h5.checkpoint ] && fail "the checkpoints are still there"
    return 0
}

# Stopped and killed at random moments, by ranks that change in number: in the end the same bits.
resumed_at_random() {
    local i n victim mode status line
    RANDOM=${SEED:=$$}
    echo "seed $SEED"
    launch reference.log 2 run "$here/slow.yaml" reference.h5 || fail "reference: status $?"
    for ((i = 0; i < 40; i++)); do
        n=$((RANDOM % 4 + 1))
        [ "$n" -eq 4 ] && n=5
        victim=$((RANDOM % n)) mode=$((RANDOM % 3))
        start "run$i.log" "$n" run "$here/slow.yaml" random.h5 every=0.1
        running "run$i.log"
        pause $((RANDOM % 700 + 100))
        if kill -0 "$launcher" 2>/dev/null; then
            case $mode in
            0) kill -USR1 "$(pid_of "run$i.log" "$victim")" 2>/dev/null ;;
            1) kill -KILL "$(pid_of "run$i.log" "$victim")" 2>/dev/null ;;
            2) sed -n 's/.*has pid \([0-9]*\).*/\1/p' "run$i.log" | xargs kill -KILL 2>/dev/null ;;
            esac
        fi
        wait "$launcher" 2>/dev/null
        status=$?
        gone "run$i.log"
        line=$("$tool" check random.h5) || fail "run $i: wrong rows: $line"
        echo "run $i: $n ranks, mode $mode, status $status: $line"
        [ "$mode" -ne 0 ] || [ "$status" -eq 75 ] || [ "$status" -eq 0 ] || fail "run $i: status $status"
        [ "$status" -eq 0 ] && break
    done
    expect 0 "$status" "status of the last run"
    same reference.h5 random.h5
    echo "tasks continued in runs that told their end: $(total resumed), with $(total resumed_steps) steps"
    [ -e random.h5.checkpoint ] && fail "the checkpoints are still there"
    return 0
}

# The run ends by itself at the time that was set, all ranks have saved, and a later one goes on.
time_is_over() {
    local line
    launch reference.log 2 run "$here/slow.yaml" reference.h5 || fail "reference: status $?"
    launch over.log 3 run "$here/slow.yaml" over.h5 every=60 stop_after=0.8
    expect 75 $? "exit status"
    line=$(grep "^tasks" over.log)
    echo "$line"
    expect 3 "$(field "$line" "saved")" "tasks saved"
    expect 0 "$(field "$line" "lost")" "tasks lost"
    [ "$(field "$line" "seconds")" -lt 5 ] || fail "it ended late"
    launch rest.log 1 run "$here/slow.yaml" over.h5 every=60 || fail "second run: status $?"
    line=$(grep "^tasks" rest.log)
    echo "$line"
    expect 3 "$(field "$line" "resumed")" "tasks continued"
    same reference.h5 over.h5
}

# hang RANK MILLISECONDS SWEEP FILE WANTED: suspend a rank some time after a sweep begins to run: another one names it, with its host and its task.
hang() {
    local rank=$1 after=$2 sweep=$3 file=$4 wanted=$5 log="hung$1.log" line
    start "$log" 3 run "$here/$sweep" "$file" every=0.2 patience=2.5
    running "$log"
    pause "$after"
    kill -STOP "$(pid_of "$log" "$rank")"
    wait "$launcher" && fail "a run with a hung rank ended well"
    kill -KILL "$(pid_of "$log" "$rank")" 2>/dev/null # if the launcher has left it behind
    gone "$log"
    line=$(grep "^rank [0-9] gives up: " "$log" | head -n 1)
    echo "$line"
    grep -Eq "gives up: rank $rank \($(hostname)\) has not been heard of for 2.5 s; it was running $wanted" \
        <<<"$line" || fail "nobody names rank $rank"
}

# So it is with many small tasks, when the coordinator goes on sending to the others; and if it is rank 0 itself.
hung_rank() {
    local line pids
    hang 1 300 long.yaml many.h5 "task [0-9]+ \(activation="
    hang 2 1000 hung.yaml hung.h5 "task [0-7] \(optimizer="
    hang 0 1000 hung.yaml hung.h5 "task [0-7] \(optimizer="
    line=$("$tool" check hung.h5) || fail "wrong rows: $line"
    # One rank suspended for less than the patience, then all together for longer: nobody is given up.
    start again.log 3 run "$here/hung.yaml" hung.h5 every=1 patience=2.5
    running again.log
    kill -STOP "$(pid_of again.log 1)"
    sleep 1.2
    kill -CONT "$(pid_of again.log 1)"
    pids=$(sed -n 's/.*has pid \([0-9]*\).*/\1/p' again.log)
    xargs kill -STOP <<<"$pids"
    sleep 3.5
    xargs kill -CONT <<<"$pids"
    wait "$launcher" || fail "second run: status $?"
    [ "$(total resumed)" -gt 0 ] || fail "no checkpoint was used"
    launch reference.log 2 run "$here/hung.yaml" reference.h5 || fail "reference: status $?"
    same reference.h5 hung.h5
}

# A task that has taken its rank down twice is failed; it is forgiven when it is asked for again.
crashed_twice() {
    local i line
    for i in 1 2; do
        start "crash$i.log" 1 run "$here/one.yaml" crash.h5 every=0.2
        running "crash$i.log"
        pause 500
        kill -SEGV "$(pid_of "crash$i.log" 0)"
        wait "$launcher" && fail "it did not crash"
        gone "crash$i.log"
        expect 0 "$(grep -c "recorded as failed" "crash$i.log")" "tasks given up before crash $i"
    done
    launch third.log 2 run "$here/one.yaml" crash.h5 every=0.2 || fail "third run: status $?"
    grep "log: " third.log
    expect 1 "$(grep -c "task 0 has crashed its rank 2 times, last with signal 11 (Segmentation fault): it is recorded as failed" third.log)" \
        "tasks given up"
    expect 1 "$(field "$(grep ^tasks third.log)" failed)" "failed tasks"
    line=$("$tool" check crash.h5) || fail "wrong rows: $line"
    echo "$line"
    expect "1 2" "$(field "$line" failed) $(field "$line" attempts)" "failed tasks and their attempts"
    launch again.log 1 run "$here/one.yaml" crash.h5 every=0.2 again=0 || fail "again: status $?"
    launch reference.log 2 run "$here/one.yaml" reference.h5 || fail "reference: status $?"
    same reference.h5 crash.h5
    [ -e crash.h5.checkpoint ] && fail "the journal is still there"
    return 0
}

# No room for checkpoints: the user is told once, and the results are the same; at a stop he is told what is lost.
full_disk() {
    local line
    launch reference.log 2 run "$here/slow.yaml" reference.h5 || fail "reference: status $?"
    LD_PRELOAD=$preload FAIL_CALL=checkpoint FAIL_RANK=1 FAIL_AFTER=1 launch full.log 2 run "$here/slow.yaml" full.h5 \
        every=0.1 || fail "with a full disk: status $?"
    grep "log: " full.log
    expect 1 "$(grep -c "log: task .*its checkpoint cannot be written, it goes on without: .*No space" full.log)" "warnings"
    same reference.h5 full.h5
    [ -e full.h5.checkpoint ] && fail "the checkpoints are still there"
    LD_PRELOAD=$preload FAIL_CALL=checkpoint FAIL_RANK=1 FAIL_AFTER=0 launch stop.log 2 run "$here/slow.yaml" stop.h5 \
        every=60 stop_after=0.8
    expect 75 $? "exit status"
    grep -e "log: " -e "^tasks" stop.log
    expect 1 "$(grep -c "log: task .*it was stopped, and its checkpoint cannot be written: .*No space" stop.log)" "warnings"
    line=$(grep "^tasks" stop.log)
    expect "1 1" "$(field "$line" "saved") $(field "$line" "lost")" "tasks saved and lost"
    launch rest.log 2 run "$here/slow.yaml" stop.h5 every=60 || fail "second run: status $?"
    expect 1 "$(field "$(grep "^tasks" rest.log)" "resumed")" "tasks continued"
    same reference.h5 stop.h5
}

case $case_name in
same_bits | lower_class | other_core | failing_io | stop_signal | killed_rank | continued | damaged_checkpoint | \
    resumed_at_random | time_is_over | hung_rank | crashed_twice | full_disk) "$case_name" ;;
*) fail "unknown case $case_name" ;;
esac && echo "ok: $case_name"
