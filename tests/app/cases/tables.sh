# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets program, here and work
# What the verbs print.

# The whole way, and that running is the same as planning says.
path() {
    run_tiny
    has out "^tasks     12: done 12, diverged 0, failed 0"
    has out "^wall time "
    has out "^all done tasks  *12 "
    has out "^depth=2  *6 "
    has_not out "^seed=0 "
    has err "12 of 12 tasks"
    call 0 status tiny.h5
    has out "^state     finished "
    has out "^done      12 (100.0 %)"
    # a second run of the same sweep has the same numbers
    call 0 run "$here/tiny.yaml" -o again.h5
    call 0 show tiny.h5 7 --csv
    mv out first.log
    call 0 show again.h5 7 --csv
    cmp -s out first.log || fail "two runs differ"
    # a diverged task is a result: exit status 0
    sed 's/learning_rate: 0.01/learning_rate: 1e30\n  optimizer: gd/' "$here/tiny.yaml" >diverges.yaml
    call 0 run diverges.yaml -o diverged.h5
    has out "done 0, diverged 12, failed 0"
    call 0 analyze diverged.h5
    has out "diverged 3, failed 0, pending 0: nothing to derive"
    call 2 plot diverged.h5 axes -o a.png
    has err "nothing to draw yet"
}

tables() {
    run_tiny
    call 0 show tiny.h5
    [ "$(wc -l <out)" = 13 ] || fail "not one line per task"
    awk 'length > 80 { exit 1 }' out || fail "the list is wider than 80 columns"
    call 0 show tiny.h5 --where "activation == relu && seed > 0"
    [ "$(wc -l <out)" = 5 ] || fail "--where does not select 4 tasks"
    call 0 show tiny.h5 4
    has out "^task 4 of tiny"
    has out "^  activation  *relu"
    has out "^outcome done: [0-9]* records"
    has out "^   0.1592 |"
    has_not out "$(printf '\033')"
    [ "$(grep -cE '^ .* \|[ .:=+*#%@-]+$' out)" = 2 ] || fail "not two rows of characters"
    call 0 show tiny.h5 4 --residual
    [ "$(grep -cE '^ .* \|[ .:=+*#%@-]+$' out)" = 8 ] || fail "not eight rows of characters"
    call 0 run "$here/plane.yaml" -o plane.h5
    call 0 show plane.h5 0
    has out ", x1 (cycles"
    has out ", x2 (cycles"
    has out "radial (cycles"
    call 0 show plane.h5 0 --csv
    has out "^step,training_loss,test_loss,frequency_error\[x1\]\[0\],.*,frequency_error\[x2\]\[4\],frequency_error\[radial\]\[0\],"
    call 0 analyze plane.h5
    has out "order of learning"
    call 0 analyze tiny.h5
    has out "^depth=1 activation=tanh (3 tasks)"
    [ "$(grep -c '^depth=' out)" = 4 ] || fail "not four groups"
    call 0 analyze tiny.h5 --threshold 1e-9
    has out "not reached"
}

csv() {
    run_tiny
    call 0 show tiny.h5 --csv
    has out "^task,seed,depth,activation,outcome,records,training_loss,test_loss,seconds,rank,attempts$"
    [ "$(wc -l <out)" = 13 ] || fail "not one line per task"
    awk -F, 'NF != 11 { exit 1 }' out || fail "a line has not 11 columns"
    call 0 show tiny.h5 0 --csv
    awk -F, 'NF != 19 { exit 1 } NR > 1 && !($1 >= 0 && $2 > 0 && $5 != "") { exit 1 }' out || fail "wrong columns"
    has out "^step,training_loss,test_loss,frequency_error\[0\],"
    [ "$(awk -F, 'NR == 2 { print $1 }' out)" = 0 ] || fail "the first record is not step 0"
    [ "$(awk -F, 'END { print $1 }' out)" = 300 ] || fail "the last record is not the last step"
}

json() {
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    run_tiny
    call 0 analyze tiny.h5 --json
    "$PYTHON" - out <<'PYTHON' || fail "analyze --json"
import json, sys
text = open(sys.argv[1]).read()
found = json.loads(text, parse_constant=lambda word: sys.exit(f"{word} is not JSON"))
assert found["sweep"] == "tiny" and found["threshold"] == 0.5, found
tau = found["tau"]
assert len(tau) == 8, len(tau)  # four groups, two frequencies of the target
for entry in tau:
    assert set(entry) >= {"depth", "activation", "mode", "xi", "value", "uncertainty", "n", "median", "censored"}, entry
    assert entry["depth"] in (1, 2) and entry["activation"] in ("tanh", "relu"), entry
    assert entry["mode"] in (1, 3) and entry["n"] + entry["censored"] in (3, 6), entry
    assert (entry["value"] is None) == (entry["censored"] > 0), entry
low = {(e["depth"], e["activation"]): e["value"] for e in tau if e["mode"] == 1}
assert len(low) == 4 and all(v and 0 < v < 300 for v in low.values()), low
for key in ("order", "frequency_error", "target_amplitude", "training_loss", "test_loss", "diverged"):
    assert found[key] and all({"value", "uncertainty", "n"} <= set(e) for e in found[key]), key
assert all(e["value"] == 0 and e["n"] == 3 for e in found["diverged"])
PYTHON
    call 0 analyze tiny.h5 --json --where "depth == 2"
    "$PYTHON" -c 'import json; assert len(json.load(open("out"))["tau"]) == 4' || fail "--where and --json"
}

plan() {
    call 0 plan "$here/tiny.yaml" -n 3
    has out "^tasks     12 of 12 combinations"
    has out "^  depth  *2  1, 2$"
    has out "^  seed  *3  0, 1, 2$"
    has out "operations"
    has out "^ *3  .*%"
    has out "sensible"
    [ -s err ] && fail "plan says something on stderr"
    has_not out "at most"
    # what may end early is told as an upper bound, and records cost something without a step
    sed 's/steps: 300/steps: 3000000/; s/depth: \[1, 2\]/depth: [1, 2]\n  tolerance: [0, 0.5]/' "$here/tiny.yaml" >early.yaml
    call 0 plan early.yaml
    has out "^  all tasks  *at most "
    has out "wall time <="
    has out "^warning   12 tasks may end before"
    sed 's/steps: 300/steps: 300\n  optimizer: flow\n  precision: double/' "$here/tiny.yaml" >flow.yaml
    call 0 plan flow.yaml --where "depth == 2"
    has out "^  per task  *at most "
    has out "^warning   6 tasks of optimizer flow: times are upper bounds"
    sed 's/steps: 300/steps: 0/' "$here/tiny.yaml" >still.yaml
    call 0 plan still.yaml
    has out "^  all tasks  *[1-9][0-9.e+]* operations"
    call 0 plan "$here/tiny.yaml" --list --where "depth == 2"
    [ "$(wc -l <out)" = 6 ] || fail "--list --where: not 6 tasks"
    has out "^11	depth=2 activation=relu seed=2	.* s$"
    ls ./*.h5 2>/dev/null && fail "plan wrote a file"
    # How long that takes is printed, not asserted: builds with sanitizers and busy machines run this too.
    local TIMEFORMAT='%U %S' seconds
    seconds=$({ time call 0 plan "$here/million.yaml"; } 2>&1) || fail "plan of a million tasks: $seconds"
    has out "^tasks     1000000 of 1000000 combinations"
    echo "a million tasks planned in $seconds s (user, system)"
}

# What `plan` ends with can be given to a shell as it stands: a stand-in for sbatch writes down its words.
submit() {
    local jobs word
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    mkdir -p bin prefix/bin prefix/share/fpsweep/jobs "my sweeps"
    # shellcheck disable=SC2016  # for the shell that runs it
    # shellcheck disable=SC2016  # for the stand-in
    printf '#!/bin/sh\nprintf "%%s\\n" "FPSWEEP=$FPSWEEP" "$@" >words\n' >bin/sbatch
    chmod +x bin/sbatch
    cp "$here/tiny.yaml" "my sweeps/it's.yaml"
    # from the build folder, which links to the source tree's scripts
    call 0 plan "my sweeps/it's.yaml"
    jobs=$(cd "$here/../../jobs" && pwd)
    sed -n '/^submit/,$p' out | tail -n +2 >line
    [ "$(wc -l <line)" -ge 2 ] || fail "no line to submit"
    PATH="$work/bin:$PATH" sh ./line || fail "the line is not a shell's"
    printf '%s\n' "FPSWEEP=$(readlink -f "$program")" "--ntasks=$(awk '/ sensible:/ { print $1 }' out)" \
        --mem-per-cpu=200M --time=00:10:00 "$jobs/sweep.sbatch" "my sweeps/it's.yaml" "it's.h5" >wanted
    diff wanted words >diff.log || fail "other words for sbatch"
    # installed, on PATH, in the present folder; the number of ranks as asked
    cp "$program" prefix/bin/fpsweep
    cp "$jobs/sweep.sbatch" prefix/share/fpsweep/jobs
    # shellcheck disable=SC2034  # read by call
    search="$work/prefix/bin:$PATH" program=$work/prefix/bin/fpsweep
    call 0 plan "$here/long.yaml" -n 3 --json
    "$PYTHON" - out "$here/long.yaml" <<'PYTHON' || fail "plan --json"
import json, math, sys
text = open(sys.argv[1]).read()
found = json.loads(text, parse_constant=lambda word: sys.exit(f"{word} is not JSON"))
assert found["sweep"] == "long" and found["tasks"] == found["selected"] == 8, found
submit, cost, runs = found["submit"], found["cost"], {run["ranks"]: run for run in found["runs"]}
assert submit["ranks"] == 3 and 3 in runs, found
wanted = 1.2 * (cost["task_bytes"] + cost["program_bytes"]) / 2**20
assert wanted <= submit["memory_per_rank_mib"] <= wanted + 100, (wanted, submit)
wanted = min(max(1.2 * runs[3]["wall_seconds"] + 300, 600), 86400)
limit = submit["time_limit_seconds"]
assert limit % 300 == 0 and wanted <= limit < wanted + 3600, (wanted, limit)
time = f"{limit // 3600:02d}:{limit // 60 % 60:02d}:00"
assert submit["command"] == (f"sbatch --ntasks=3 --mem-per-cpu={submit['memory_per_rank_mib']}M --time={time} "
                             f"prefix/share/fpsweep/jobs/sweep.sbatch {sys.argv[2]} long.h5"), submit
PYTHON
    # a selection cannot be submitted; nor can anything without the script
    call 0 plan "$here/tiny.yaml" --where "depth == 2"
    has out "^submit    the whole sweep alone"
    rm prefix/share/fpsweep/jobs/sweep.sbatch
    call 0 plan "$here/tiny.yaml"
    has out "^submit    with sweep.sbatch, which is not where this program"
    for word in --list --dropped; do
        refuse 2 "$word and --json are different answers" plan "$here/tiny.yaml" --json $word
    done
}

dropped() {
    call 0 plan "$here/dropped.yaml"
    has out "^tasks     7 of 10 combinations; dropped by where: 2; the same task as another: 1"
    call 0 plan "$here/dropped.yaml" --dropped
    [ "$(wc -l <out)" = 3 ] || fail "not three dropped combinations"
    [ "$(grep -c 'depth=4' out)" = 2 ] || fail "depth 4 is not listed twice"
    [ "$(grep -c 'depth=0' out)" = 1 ] || fail "depth 0 is not listed once"
}

# The user's own points, beside the sweep file.
data() {
    mkdir sweeps
    { echo "x,y"; for i in 0 1 2 3 4 5 6 7; do echo "0.$i,$i.5"; done; } >sweeps/points.csv
    printf 'sweep: own\nfixed: {data: points.csv, domain: [0, 1], steps: 20}\nrecord: {count: 4, frequencies: 3}\n' >sweeps/own.yaml
    call 0 plan sweeps/own.yaml
    call 0 run sweeps/own.yaml -o own.h5
    call 0 show own.h5 0
    has out "^outcome done"
    launch 0 2 run sweeps/own.yaml -o own2.h5
    call 0 show own.h5 0 --csv
    mv out first.log
    call 0 show own2.h5 0 --csv
    cmp -s out first.log || fail "one and two ranks differ"
    rm sweeps/points.csv
    refuse 2 "sweeps/points.csv" run sweeps/own.yaml -o own3.h5
    # two labels at one point: the reason why a task fails is told whole, and where to find it again
    printf 'x,y\n0.25,1\n0.25,2\n0.5,1\n' >twice.csv
    printf '%s\n' 'sweep: twice' 'fixed: {model: direct, data: twice.csv, domain: [0, 1], frequency_step: 0.25}' \
        'grid: {decay_rate: [1, 2]}' 'record: {ladder: [40]}' >twice.yaml
    call 1 run twice.yaml -o twice.h5
    has err "task 1 .*failed: .*singular at band limit 40 .*: spread the samples or raise the ladder$"
    call 0 show twice.h5 1
    has out "^outcome failed"
    has out "^  fpsweep run SWEEP.yaml -o OTHER.h5 --task 1$"
}
