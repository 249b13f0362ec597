# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# Parts of a sweep, joined again; files checked.

shards() {
    need_h5py
    run_tiny
    local i
    for i in 1 2 3; do
        call 0 run "$here/tiny.yaml" -o "part$i.h5" --shard "$i/3"
        has out "^tasks     4: done 4"
        call 0 status "part$i.h5"
        has out "^sweep     tiny: part $i of 3, 4 tasks"
        has out "^state     finished"
    done
    refuse 2 "part1.h5 holds part 1 of 3, not part 2 of 3" run "$here/tiny.yaml" -o part1.h5 --resume --shard 2/3
    call 0 run "$here/tiny.yaml" -o part1.h5 --resume
    has err "is complete"
    call 0 merge -o all.h5 part1.h5 part2.h5 part3.h5
    has out "^merged    3 files into all.h5: 12 finished tasks"
    [ -s err ] && fail "merge warns"
    same tiny.h5 all.h5
    call 0 status all.h5
    has out "^sweep     tiny: 12 tasks"
    call 0 verify all.h5 --replay 2
    has out "^sound"
    # the same part twice is no harm; a missing part is told, and a resume runs it
    call 0 merge -o most.h5 part3.h5 part1.h5 part3.h5
    has out "^overlap   4 tasks"
    has err "of 3 parts 1 was not given: 2"
    has err "4 tasks are pending: fpsweep run SWEEP.yaml -o most.h5 --resume"
    call 0 run "$here/tiny.yaml" -o most.h5 --resume
    has out "done 12"
    same tiny.h5 most.h5
    ls ./*.tmp.* 2>/dev/null && fail "a temporary file is left"
    return 0
}

merge_refusals() {
    need_h5py
    run_tiny
    call 0 run "$here/tiny.yaml" -o part1.h5 --shard 1/3
    sed 's/width: 16/width: 17/' "$here/tiny.yaml" >width.yaml
    call 0 run width.yaml -o width.h5 --shard 2/3
    refuse 2 "part1.h5 exists and is never overwritten" merge -o part1.h5 tiny.h5
    refuse 2 "width.h5 is of another sweep than part1.h5.*width is 16 in the file, 17 now" \
        merge -o all.h5 part1.h5 width.h5
    refuse 2 "missing.h5" merge -o all.h5 part1.h5 missing.h5
    refuse 2 "merge needs --output" merge part1.h5
    # an overlap that differs: the same task by other kernels
    call 0 --version
    if ! grep -q "^kernel class baseline" out; then
        FPSWEEP_KERNELS=baseline call 0 run "$here/tiny.yaml" -o base.h5 --shard 1/3
        refuse 2 "part1.h5 was made with kernel class.*--force" merge -o all.h5 part1.h5 base.h5
        call 2 merge -o all.h5 part1.h5 base.h5 --force
        has err "all.h5.*base.h5\|base.h5.*all.h5"
    fi
    # a damaged row stays pending
    damage part1.h5 training_loss 3
    call 0 merge -o kept.h5 part1.h5
    has err "warning: .*task 3"
    has err "9 tasks are pending, damaged ones among them"
    ls all.h5* ./*.tmp.* 2>/dev/null && fail "a merge that failed left a file"
    return 0
}

verify() {
    need_h5py
    run_tiny
    cp tiny.h5 good.h5
    call 0 verify tiny.h5
    has out "^tasks     12: done 12, diverged 0, failed 0, pending 0"
    has out "^sound"
    call 0 verify tiny.h5 --replay 5 --seed 7
    has out "^replayed  5: the same bits 5; drawn with --seed 7"
    refuse 2 "seed is of the draw" verify tiny.h5 --seed 7
    refuse 2 "missing.h5" verify missing.h5
    damage tiny.h5 residual_relative 7
    call 1 verify tiny.h5
    has out "^finding   task 7 (depth=2 activation=tanh seed=1): its checksum is wrong"
    has out "^findings  1; damaged rows 1"
    has out "resume --check all"
    # no verb shows the damaged row, each says so in one line
    call 2 show tiny.h5 7
    [ "$(wc -l <err)" = 1 ] || fail "show: not one line"
    has err "task 7.*verify"
    call 2 analyze tiny.h5
    [ "$(wc -l <err)" = 1 ] || fail "analyze: not one line"
    has err "task 7.*verify"
    call 2 plot tiny.h5 trajectories -o a.txt
    has err "task 7.*verify"
    call 0 show tiny.h5 6
    # the task is run again
    call 0 run "$here/tiny.yaml" -o tiny.h5 --resume --check all
    has err "damaged: run again"
    has err "task 7"
    same good.h5 tiny.h5
    call 0 verify tiny.h5
    has out "^sound"
    # the end of the file is missing: said once, and mended
    head -c $(($(wc -c <good.h5) - 3000)) good.h5 >short.h5
    call 0 run "$here/tiny.yaml" -o short.h5 --resume
    [ "$(grep -c "is truncated" err)" = 1 ] || fail "truncated: not one warning"
    same good.h5 short.h5
    # recent rows are checked unasked
    damage tiny.h5 test_loss 2
    "$H5PYTHON" -c 'import h5py
with h5py.File("tiny.h5", "r+") as f: f["outcome"][4] = 0' || fail "h5py"
    call 0 run "$here/tiny.yaml" -o tiny.h5 --resume
    has err "task 2 .*damaged: run again\|damaged.*task 2"
    same good.h5 tiny.h5
}

verify_columns() {
    need_h5py
    run_tiny
    cp tiny.h5 good.h5
    damage tiny.h5 depth 4
    call 1 verify tiny.h5
    has out "^finding   variable depth is not what the sweep says in 1 rows, first of task 4"
    has out "NEW.h5 --reuse"
    cp good.h5 tiny.h5
    damage tiny.h5 records 9
    call 1 verify tiny.h5
    has out "^finding   task 9 .*its numbers"
    call 0 status tiny.h5
    has out "^damaged   1 row"
    call 0 run "$here/tiny.yaml" -o tiny.h5 --resume --check all
    same good.h5 tiny.h5
    # other kernels give other bits: told, no finding
    call 0 --version
    grep -q "^kernel class baseline" out && return 0
    FPSWEEP_KERNELS=baseline call 0 verify good.h5 --replay 2
    has out "^note      rows were made with avx"
    has out "by other kernels 2; "
    has out "^largest   relative difference between kernels: [0-9.e-]*$"
}

# What tells of life may be damaged, or be written at this moment: status believes nothing that makes no sense.
status_nonsense() {
    need_h5py
    run_tiny
    call 0 run "$here/tiny.yaml" -o part.h5 --task 0
    local value
    for value in "heartbeat float('nan')" "heartbeat float('inf')" "heartbeat -1e300" "heartbeat 4e18" "running -3" \
        "running 2**62" "rate float('nan')" "rate -1.0"; do
        cp tiny.h5 odd.h5
        "$H5PYTHON" -c 'import h5py, sys
with h5py.File("odd.h5", "r+") as f: f[sys.argv[1]][()] = eval(sys.argv[2])' "${value% *}" "${value#* }" || fail "h5py"
        call 0 status odd.h5
        has out "^state     finished"
        has out "^done      12 (100.0 %)"
        call 0 run "$here/tiny.yaml" -o odd.h5 --resume --check recent
        has err "is complete"
        # unfinished
        cp part.h5 odd.h5
        "$H5PYTHON" -c 'import h5py, sys
with h5py.File("odd.h5", "r+") as f: f[sys.argv[1]][()] = eval(sys.argv[2])' "${value% *}" "${value#* }" || fail "h5py"
        call 0 status odd.h5
        has_not out "^state     alive\|^state     finished\|^rate\|nan\|inf"
        has out "^left      11"
    done
    # what makes sense is believed, and said with what it is
    cp part.h5 odd.h5
    "$H5PYTHON" -c 'import h5py, time
with h5py.File("odd.h5", "r+") as f: f["heartbeat"][()], f["running"][()], f["rate"][()] = time.time(), 1, 2' || fail "h5py"
    call 0 status odd.h5
    has out "^rate      2 tasks/s on average so far; 5.5 s left at that rate$"
    mkdir tiny.h5.checkpoint
    head -c 5000 /dev/urandom >tiny.h5.checkpoint/0123456789abcdef.0
    call 0 status tiny.h5
    has_not out "^saved"
}

# within SECONDS LIMIT WHAT: processor time, which a busy machine hardly changes; FPSWEEP_SLOWER: how many times slower
# this build may be.
within() {
    awk -v t="$1" -v limit="$2" -v slower="${FPSWEEP_SLOWER:-1}" 'BEGIN { exit !(t > 0 && t < limit * slower) }' ||
        fail "$3 took $1 s of the processor, not below $2 s x ${FPSWEEP_SLOWER:-1}"
    echo "$3: $1 s of the processor"
}

# A million tasks: a start and a look at the file take no time that anybody would notice.
million() {
    local TIMEFORMAT='%U %S' seconds
    { cat "$here/million.yaml"; echo "record: {count: 4, frequencies: 4}"; } >million.yaml
    SLURM_JOB_END_TIME='' call 75 run million.yaml -o million.h5 --stop-after 1s
    FPSWEEP_DEBUG=1 call 75 run million.yaml -o million.h5 --resume --stop-after 6s
    sed -n 's/^fpsweep: \([0-9.]* s .*\)/resume: \1/p' err
    within "$(sed -n 's/^fpsweep: .*(\([0-9.]*\) s of the processor): calibrated$/\1/p' err)" 2 "resuming a million tasks"
    seconds=$({ time call 0 status million.h5; } 2>&1) || fail "status: $seconds"
    has out "^sweep     million: 1000000 tasks"
    within "$(awk '{ print $1 + $2 }' <<<"$seconds")" 0.2 "status of a million tasks"
}
