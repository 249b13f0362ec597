# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# Going on with a file: --resume and what belongs to it.

need_h5py() { [ -n "${H5PYTHON:-}" ] || { echo "skipped: no Python with h5py"; exit 77; }; }
# same A B: the two files hold the same results, bit by bit.
same() { "$H5PYTHON" "$here/same.py" "$1" "$2" >same.log 2>&1 || fail "$1 and $2 differ"; }
damage() { "$H5PYTHON" "$here/damage.py" "$@" || fail "damage $*"; }

# wait_for_saved PID FILE: until the run has saved a task that this run has begun or taken up.
wait_for_saved() {
    local before slot
    before=$(date +%s%N)
    for _ in $(seq 1200); do
        for slot in "$2".checkpoint/*; do
            [ -e "$slot" ] && [ "$(date +%s%N -r "$slot" 2>/dev/null || echo 0)" -gt "$before" ] && return
        done
        kill -0 "$1" 2>/dev/null || fail "the run ended by itself"
        sleep 0.02
    done
    fail "nothing is saved"
}

resume_creates() {
    call 0 run "$here/tiny.yaml" -o tiny.h5 --resume
    has err "tiny.h5 is not there yet: --resume begins it"
    has out "done 12, diverged 0, failed 0"
    [ -e tiny.h5.checkpoint ] && fail "checkpoints are left"
    cp tiny.h5 before.h5
    call 0 run "$here/tiny.yaml" -o tiny.h5 --resume
    has err "tiny.h5 is complete: done 12, diverged 0, failed 0"
    cmp -s tiny.h5 before.h5 || fail "a complete file was changed"
    refuse 2 "tiny.h5 exists and is never overwritten: go on with it by --resume" run "$here/tiny.yaml" -o tiny.h5
    # words that do not change the tasks are no other sweep
    sed 's/^about: .*/about: Something else/; 1i # another remark' "$here/tiny.yaml" >words.yaml
    call 0 run words.yaml -o tiny.h5 --resume
    has err "is complete"
}

resume_refusals() {
    call 0 run "$here/tiny.yaml" -o part.h5 --task 3
    has out "done 1"
    sed 's/width: 16/width: 17/' "$here/tiny.yaml" >width.yaml
    refuse 2 "part.h5 holds another sweep: width is 16 in the file, 17 now; .*--reuse part.h5" \
        run width.yaml -o part.h5 --resume
    sed 's/width: 16/width: 17/; s/to: 2/to: 3/' "$here/tiny.yaml" >both.yaml
    call 2 run both.yaml -o part.h5 --resume
    has err "^fpsweep:   width is 16 in the file, 17 now$"
    has err "^fpsweep:   seed has 3 values in the file, 4 values now$"
    has err "2 differences, above"
    refuse 2 "part.h5 holds the whole sweep, not part 1 of 3" run "$here/tiny.yaml" -o part.h5 --resume --shard 1/3
    echo "not a results file" >text.h5
    refuse 2 "text.h5" run "$here/tiny.yaml" -o text.h5 --resume
    refuse 2 "missing.h5" run "$here/tiny.yaml" -o new.h5 --reuse missing.h5
    refuse 2 "that is the file to be written" run "$here/tiny.yaml" -o part.h5 --resume --reuse part.h5
    ls new.h5* 2>/dev/null && fail "a refused run left a file"
    # other kernels
    call 0 --version
    grep -q "^kernel class baseline" out && return 0
    export FPSWEEP_KERNELS=baseline
    refuse 2 "part.h5 was made with kernel class avx.*, now baseline.*set FPSWEEP_KERNELS=avx.*--force" \
        run "$here/tiny.yaml" -o part.h5 --resume
    call 0 run "$here/tiny.yaml" -o part.h5 --resume --force
    has err "warning: part.h5 was made with kernel class"
    call 0 show part.h5 0
    has out "^made by baseline kernels"
    unset FPSWEEP_KERNELS
    call 0 show part.h5 3
    has out "^made by avx"
}

# Stopped three times in the middle of a task, on one and on two ranks: in the end the file is that of a quiet run.
stop_resume() {
    need_h5py
    call 0 run "$here/halves.yaml" -o quiet.h5
    local i pid status
    for i in 1 2 3; do
        "$mpiexec" -n $((i % 2 + 1)) "$program" run "$here/halves.yaml" -o halves.h5 --resume --checkpoint-every 0.1s \
            >run.log 2>&1 </dev/null &
        pid=$!
        wait_for_saved "$pid" halves.h5
        kill -USR1 "$pid"
        wait "$pid"
        status=$?
        [ "$status" = 75 ] || fail "attempt $i: exit status $status"
        has run.log "of them saved half-way"
        has run.log "the same command with --resume goes on"
        call 0 status halves.h5
        has out "^state     stopped in good order .*, before its end: run$"
        has out "^          --resume goes on$"
    done
    launch 0 2 run "$here/halves.yaml" -o halves.h5 --resume
    has out "done 4"
    [ -e halves.h5.checkpoint ] && fail "checkpoints are left"
    same quiet.h5 halves.h5
    call 0 verify halves.h5 --replay 1
}

# A time limit, and the end of a Slurm job, which is known without an option; nonsense is no end.
batch_end() {
    local start=$SECONDS
    call 75 run "$here/long.yaml" -o limited.h5 --stop-after 4s
    has out "not run 8 (stopped)"
    SLURM_JOB_END_TIME=$(($(date +%s) + 8)) call 75 run "$here/long.yaml" -o long.h5
    [ $((SECONDS - start)) -lt 40 ] || fail "stopped after $((SECONDS - start)) s"
    has out "not run 8 (stopped)"
    has out "^left      8, 1 of them saved half-way: "
    call 0 status long.h5
    has out "^saved     1 unfinished task: task [0-9] at [0-9]* %"
    SLURM_JOB_END_TIME=soon call 0 run "$here/tiny.yaml" -o tiny.h5
    SLURM_JOB_END_TIME=1000000000 call 0 run "$here/tiny.yaml" -o past.h5
}

# kill -9, then resume: finished rows stay, unfinished tasks go on.
kill_resume() {
    need_h5py
    call 0 run "$here/halves.yaml" -o quiet.h5
    "$program" run "$here/halves.yaml" -o halves.h5 --checkpoint-every 0.1s >run.log 2>&1 </dev/null &
    local pid=$!
    wait_for_saved "$pid" halves.h5
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    call 0 status halves.h5
    has out "^saved     1 unfinished task"
    call 0 run "$here/halves.yaml" -o halves.h5 --resume
    has out "done 4"
    same quiet.h5 halves.h5
}

# A second run of the same file is refused while the first lives.
second_run() {
    "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$!
    wait_for_start "$pid"
    refuse 1 "long.h5" run "$here/long.yaml" -o long.h5 --resume
    kill -USR1 "$pid"
    wait "$pid"
    [ $? = 75 ] || fail "the first run was disturbed"
}

retry() {
    sed 's/learning_rate: 0.01/learning_rate: 1e30\n  optimizer: gd/' "$here/tiny.yaml" >diverges.yaml
    call 0 run diverges.yaml -o diverged.h5
    has out "done 0, diverged 12, failed 0"
    call 0 run diverges.yaml -o diverged.h5 --resume
    has err "is complete"
    call 0 run diverges.yaml -o diverged.h5 --resume --retry failed
    has err "is complete"
    call 0 run diverges.yaml -o diverged.h5 --resume --retry diverged,failed
    has err "retry: tasks 0, 1, 2, .* run again"
    has out "done 0, diverged 12, failed 0"
    call 0 run diverges.yaml -o diverged.h5 --resume --retry diverged --task 4
    has err "retry: task 4 run again"
    call 0 status diverged.h5
    has out "diverged 12"
}

task() {
    need_h5py
    run_tiny
    call 0 run "$here/tiny.yaml" -o one.h5 --task 5
    call 0 status one.h5
    has out "^done      1 "
    has out "^left      11$"
    call 0 show one.h5 5
    has out "^outcome done"
    call 0 run "$here/tiny.yaml" -o one.h5 --resume --task 5
    call 0 run "$here/tiny.yaml" -o one.h5 --resume
    has out "done 12"
    same tiny.h5 one.h5
    refuse 2 "task 12: this sweep has tasks 0 to 11" run "$here/tiny.yaml" -o a.h5 --task 12
    refuse 2 "it belongs to part 3 of 3, not to part 1" run "$here/tiny.yaml" -o a.h5 --task 5 --shard 1/3
}

# A larger sweep takes over what it shares with an older file.
reuse() {
    need_h5py
    run_tiny
    sed 's/to: 2/to: 3/' "$here/tiny.yaml" >larger.yaml
    call 0 run larger.yaml -o larger.h5
    call 0 run larger.yaml -o grown.h5 --reuse tiny.h5
    has err "took over 12 finished tasks from tiny.h5"
    has out "done 16"
    same larger.h5 grown.h5
    sed 's/count: 20/count: 21/' "$here/tiny.yaml" >other.yaml
    call 2 run other.yaml -o other.h5 --reuse tiny.h5
    has err "record.count"
}

# A rank that crashes says in which task, and a task that crashes twice is given up, until it is retried.
crash() {
    local i pid status
    for i in 1 2; do
        "$program" run "$here/long.yaml" -o long.h5 --resume --task 2 >run.log 2>&1 </dev/null &
        pid=$!
        for _ in $(seq 1200); do
            # a heartbeat so young is not that of the run before
            "$program" status long.h5 2>/dev/null >status.log
            grep -q "last heartbeat [0-9.]* ms ago" status.log && grep -q "running now 1" status.log && break
            kill -0 "$pid" 2>/dev/null || fail "the run ended by itself"
            sleep 0.05
        done
        kill -SEGV "$pid"
        wait "$pid" 2>/dev/null
        status=$?
        sleep 1.2
        [ "$status" = 139 ] || fail "exit status $status, not 139"
        has run.log "rank 0 crashed (SIGSEGV) in task 2: please report it"
        call 0 status long.h5
        has out "^crashed   task 2, $i time"
    done
    call 1 run "$here/long.yaml" -o long.h5 --resume --task 2
    has err "task 2.* has crashed its rank 2 times.*--retry failed"
    call 0 status long.h5
    has out "failed 1"
    call 75 run "$here/long.yaml" -o long.h5 --resume --task 2 --retry failed --stop-after 2s
    has out "not run 1 (stopped)"
}

# A rank that does not answer ends the run with its name.
hung() {
    "$mpiexec" -n 2 "$program" run "$here/long.yaml" -o long.h5 --patience 3s >run.log 2>&1 </dev/null &
    local launcher=$! rank1 status
    wait_for_start "$launcher"
    rank1=$(rank_pid "$launcher" 1)
    kill -STOP "$rank1"
    wait "$launcher"
    status=$?
    kill -KILL "$rank1" 2>/dev/null
    case $status in 0 | 75) fail "a hung rank: exit status $status" ;; esac
    has run.log "rank 1"
    has run.log "resume goes on"
}

# What cannot fit is refused before anything is written.
memory() {
    printf 'sweep: huge\nfixed: {target: "sin(x)", width: 4000, depth: 60, samples: 16000000, steps: 10}\n' >huge.yaml
    call 1 run huge.yaml -o huge.h5
    has err "task 0 .*needs .*of memory, but .* has"
    ls huge.h5* 2>/dev/null && fail "a refused run left a file"
    call 0 plan huge.yaml
    has out "^warning   the largest task needs"
}
