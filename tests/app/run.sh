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

usage() {
    refuse 2 "say what to do"
    refuse 2 "unknown verb 'rum'; did you mean 'run'?" rum
    refuse 2 "unknown verb 'frobnicate'; fpsweep --help" frobnicate
    refuse 2 "unknown option '--outptu' of run; did you mean '--output'?" run --outptu a.h5 "$here/tiny.yaml"
    refuse 2 "unknown option '--resume' of run" run "$here/tiny.yaml" -o a.h5 --resume
    refuse 2 "unknown option '-z' of plan" plan -z "$here/tiny.yaml"
    refuse 2 "option --csv takes no value" show --csv=yes a.h5
    refuse 2 "option --where needs a value" show a.h5 --where
    refuse 2 "option -n needs a value" plan "$here/tiny.yaml" -n
    refuse 2 "option --json is given twice" analyze --json --json a.h5
    refuse 2 "run needs --output" run "$here/tiny.yaml"
    refuse 2 "plot needs --output" plot a.h5 axes
    refuse 2 "run needs to be told what to work on" run -o a.h5
    refuse 2 "'b.yaml' is one word too many" plan a.yaml b.yaml
    refuse 2 "plot needs more than that" plot a.h5 -o a.png
    refuse 2 "ranks many: expected a whole number" plan "$here/tiny.yaml" --ranks many
    refuse 2 "ranks 0: expected a whole number" plan "$here/tiny.yaml" -n 0
    refuse 2 "threshold none: expected a number" analyze a.h5 --threshold none
    refuse 2 "amplitude 2: expected a number" analyze a.h5 --amplitude 2
    refuse 2 "there is no parameter 'dept'; did you mean 'depth'?" parameters dept
}

refusals() {
    export FPSWEEP_KERNELS=sse
    refuse 2 "FPSWEEP_KERNELS=sse is not a kernel class" run "$here/tiny.yaml" -o a.h5
    unset FPSWEEP_KERNELS
    refuse 2 "missing.yaml" run missing.yaml -o a.h5
    refuse 2 "missing.yaml" plan missing.yaml
    refuse 2 "missing.h5" status missing.h5
    refuse 2 "missing.h5" show missing.h5
    refuse 2 "missing.h5" analyze missing.h5
    refuse 2 "missing.h5" plot missing.h5 axes -o a.png
    echo "not a results file" >text.h5
    refuse 2 "text.h5" show text.h5
    sed 's/depth:/dept:/' "$here/tiny.yaml" >bad.yaml
    refuse 2 "bad.yaml:13:3: .*depth" run bad.yaml -o a.h5
    refuse 2 "bad.yaml:13:3: .*depth" plan bad.yaml
    echo old >old.h5
    refuse 2 "old.h5 exists and is never overwritten" run "$here/tiny.yaml" -o old.h5
    [ "$(cat old.h5)" = old ] || fail "old.h5 was changed"
    refuse 1 "nowhere/a.h5" run "$here/tiny.yaml" -o nowhere/a.h5
    run_tiny
    refuse 2 "there is no task '12': tasks are numbered from 0 to 11" show tiny.h5 12
    refuse 2 "there is no task '-1x'" show tiny.h5 -- -1x
    refuse 2 "give a task or --where, not both" show tiny.h5 3 --where "depth == 1"
    refuse 2 "is true for none of the 12 tasks" show tiny.h5 --where "depth == 3"
    refuse 2 "dept" show tiny.h5 --where "dept == 3"
    refuse 2 "there is no figure 'heatmpa'; did you mean 'heatmap'?" plot tiny.h5 heatmpa -o a.png
    refuse 2 "a.jpg: the name of a figure ends with" plot tiny.h5 axes -o a.jpg
    ls a.* 2>/dev/null && fail "a refused command left a file"
    return 0
}

# Under a launcher a message comes once.
launcher_refusals() {
    launch 2 3 run missing.yaml -o a.h5
    [ "$(grep -c '^fpsweep: ' err)" = 1 ] || fail "missing sweep file: not one message"
    launch 2 3 run "$here/tiny.yaml" --outptu a.h5
    [ "$(grep -c '^fpsweep: ' err)" = 1 ] || fail "wrong option: not one message"
    sed 's/tanh/tanhh/' "$here/tiny.yaml" >bad.yaml
    launch 2 3 run bad.yaml -o a.h5
    [ "$(grep -c '^fpsweep: ' err)" = 1 ] || fail "wrong sweep file: not one message"
    echo old >old.h5
    launch 2 3 run "$here/tiny.yaml" -o old.h5
    [ "$(grep -c '^fpsweep: ' err)" = 1 ] || fail "existing file: not one message"
}

help() {
    call 0 --help
    for verb in run plan status show analyze plot parameters; do
        has out "^  $verb "
        call 0 "$verb" --help
        has out "^usage: fpsweep $verb"
        has out "--help"
        awk 'length > 80 { exit 1 }' out || fail "help of $verb is wider than 80 columns"
        call 0 --help
    done
    for verb in verify merge; do has_not out "^  $verb "; done
    call 0 --version
    for word in fpsweep HDF5 FFTW OpenBLAS MPI libyaml muParser xxHash "kernel class"; do has out "^$word"; done
    grep -v '^fpsweep' out | grep unknown && fail "a version is unknown"
    call 0 parameters
    for name in target depth activation decay_rate grid_points; do has out "^  $name "; done
    awk 'length > 80 { exit 1 }' out || fail "parameters is wider than 80 columns"
    call 0 parameters density
    has out "normal(m, s)"
    has out "^  used     when "
}

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
    has out "axis 1 (cycles"
    has out "axis 2 (cycles"
    has out "radial (cycles"
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
}

figures() {
    command -v gnuplot >/dev/null || { echo "skipped: no gnuplot"; exit 77; }
    run_tiny
    call 0 plot --help
    local figure ending figures
    mapfile -t figures < <(sed -n '/^figures:/,/^$/s/^  \([a-z][a-z]*\)  .*/\1/p' out)
    for figure in "${figures[@]}"; do
        for ending in png svg pdf txt gp; do
            call 0 plot tiny.h5 "$figure" -o "$figure.$ending"
            [ "$(wc -c <"$figure.$ending")" -gt 400 ] || fail "$figure.$ending is nearly empty"
        done
        [ "$(wc -c <"$figure.png")" -gt 20000 ] || fail "$figure.png is nearly empty"
        rm "$figure.png"
        gnuplot "$figure.gp" >gnuplot.log 2>&1 || fail "gnuplot $figure.gp"
        [ -s "$figure.png" ] || fail "$figure.gp does not draw $figure.png"
        grep -i warning gnuplot.log && fail "gnuplot warns about $figure.gp"
    done
    for figure in trajectories heatmap function axes tau; do
        [ -f "$figure.svg" ] || fail "$figure is not in the help"
    done
    ls ./*.tmp 2>/dev/null && fail "a temporary file is left"
    call 0 plot tiny.h5 trajectories --where "depth == 1 && activation == tanh" -o one.png
    call 0 run "$here/plane.yaml" -o plane.h5
    for figure in trajectories heatmap function; do
        call 0 plot plane.h5 "$figure" -o "plane_$figure.png"
    done
    refuse 2 "no axis" plot plane.h5 axes -o plane_axes.png
    sed 's/, function//' "$here/tiny.yaml" >less.yaml
    call 0 run less.yaml -o less.h5
    refuse 2 "keep: \[function\]" plot less.h5 function -o less.png
    mkdir empty
    search=$work/empty # no gnuplot to be found
    refuse 1 "gnuplot" plot tiny.h5 axes -o axes2.png
    call 0 plot tiny.h5 axes -o axes2.txt
}

# The variational problem: every verb, on sweeps of a second.
direct() {
    call 0 run "$here/direct.yaml" -o direct.h5
    has out "done 66, diverged 0, failed 0"
    has out "^samples=1  *1 .* 1$"
    has out "^samples=4  *1 .* 5$"
    call 0 analyze direct.h5
    has out "alpha_c - d"
    has out "deviation from collapse"
    [ "$(awk 'length > 80' out | wc -l)" = 0 ] || fail "analyze: lines longer than 80 columns"
    refuse 2 "about networks" analyze direct.h5 --threshold 0.1
    refuse 2 "about networks" show direct.h5 3 --residual
    call 0 show direct.h5
    has out "last M"
    [ "$(wc -l <out)" = 67 ] || fail "show: not a line per task"
    call 0 show direct.h5 3
    has out "decay_rate  *0.8$"
    has out "^ *40 "
    call 0 show direct.h5 3 --csv
    [ "$(wc -l <out)" = 6 ] || fail "show 3 --csv: not a line per rung"
    call 0 show direct.h5 --csv --where "samples == 4 && data_seed == 2"
    [ "$(wc -l <out)" = 12 ] || fail "show --csv --where: not eleven tasks"
    call 0 plan "$here/direct.yaml"
    has out "^tasks     66 of 110 combinations"
    local figure ending
    if command -v gnuplot >/dev/null; then
        call 0 run "$here/interpolants.yaml" -o interpolants.h5
        call 0 run "$here/interpolants_plane.yaml" -o plane.h5
        call 0 plot --help
        mv out help.txt
        for figure in kink collapse theta exponents spikes; do
            has help.txt "^  $figure "
            for ending in png svg pdf txt gp; do
                call 0 plot direct.h5 "$figure" -o "$figure.$ending"
                [ "$(wc -c <"$figure.$ending")" -gt 400 ] || fail "$figure.$ending is nearly empty"
            done
            gnuplot "$figure.gp" >gnuplot.log 2>&1 || fail "gnuplot $figure.gp"
            grep -i warning gnuplot.log && fail "gnuplot warns about $figure.gp"
        done
        for ending in png svg txt; do
            call 0 plot interpolants.h5 interpolants -o "line.$ending"
            call 0 plot plane.h5 interpolants -o "plane.$ending"
        done
        refuse 2 "keep: \[function\]" plot direct.h5 interpolants -o no.png
        refuse 2 "about model network" plot direct.h5 heatmap -o no.png
        refuse 2 "no selected task has samples 1" plot direct.h5 collapse -o no.png --where "samples == 4"
    fi
    [ -n "${PYTHON:-}" ] || return 0
    call 0 analyze direct.h5 --json
    "$PYTHON" - out <<'PYTHON' || fail "analyze --json"
import json, math, sys
found = json.load(open(sys.argv[1]), parse_constant=lambda word: sys.exit(f"{word} is not JSON"))
keys = ("alpha_c slope alpha_c_richardson alpha_c_naive spread theta collapse_deviation energy_exponent norm_exponent "
        "off_data_exponent spike_exponent spike_crossing ill_conditioned unresolved").split()
for key in keys:
    assert found[key], key
    for entry in found[key]:
        assert entry["samples"] in (1, 4) and {"value", "uncertainty", "n"} <= set(entry), (key, entry)
one = [e for e in found["alpha_c"] if e["samples"] == 1]
assert [e["band_limit"] for e in one] == [40, 121, 364], one
for e in one:  # one point: the deviation is the systematic one
    assert 0 < e["value"] - 1 < 1.01 * e["systematic"], e
    assert abs(e["value"] - 1 - e["systematic"]) < 0.01 * e["systematic"], e
for e in found["alpha_c_richardson"]:
    assert e["samples"] == 4 or abs(e["value"] - 1) < 1e-6, e
for e in found["alpha_c"]:
    assert e["samples"] == 1 or e["n"] == 5 and e["uncertainty"] > e["sd"] / math.sqrt(5), e
for e in found["theta"]:
    assert e["samples"] == 4 or abs(e["decay_rate"] - 1) > 0.21 or abs(e["value"] - (1 - e["decay_rate"])) < 3e-3, e
assert all(e["value"] > 1.01 for e in found["alpha_c_naive"])
assert all(e["samples"] == 1 and e["value"] < 1e-2 for e in found["collapse_deviation"])
PYTHON
}

# wait_for_start PID: until the run trains.
wait_for_start() {
    local i
    for i in $(seq 1200); do
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

# While a run works: status and show read the file.
live() {
    "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$!
    wait_for_start "$pid"
    call 0 status long.h5
    has out "^state     alive: last heartbeat"
    has out "^left      8, running now 1"
    call 0 show long.h5
    has out "pending"
    call 0 show long.h5 3
    has out "^outcome pending"
    call 0 analyze long.h5
    has out "pending 8: nothing to derive"
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    call 0 status long.h5
    has out "^done      0"
}

# On a terminal: a progress line, colours, and none where NO_COLOR says so.
terminal() {
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    run_tiny
    "$PYTHON" "$here/terminal.py" "$program" "$here/tiny.yaml" || fail "terminal.py"
}

stop() {
    local signal pid status
    for signal in USR1 TERM INT; do
        rm -f long.h5*
        # a background process of a script ignores SIGINT: give it back
        (trap - INT; exec env --default-signal=INT "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null) &
        pid=$!
        wait_for_start "$pid"
        kill "-$signal" "$pid"
        wait "$pid"
        status=$?
        [ "$status" = 75 ] || fail "SIG$signal: exit status $status, not 75"
        has run.log "not run 8 (stopped)"
        call 0 status long.h5
        has out "^left      8$"
    done
}

stop_launcher() {
    "$mpiexec" -n 2 "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$! status
    wait_for_start "$pid"
    kill -USR1 "$pid"
    wait "$pid"
    status=$?
    [ "$status" = 75 ] || fail "SIGUSR1 to the launcher: exit status $status, not 75"
    has run.log "(stopped)"
}

# Two signals at once count as one: a launcher and a process group may both deliver the same.
two_signals() {
    "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local pid=$! status
    wait_for_start "$pid"
    kill -STOP "$pid" # both are there before it can answer the first
    kill -USR1 "$pid"
    kill -TERM "$pid"
    kill -CONT "$pid"
    wait "$pid"
    status=$?
    [ "$status" = 75 ] || fail "two signals at once: exit status $status, not 75"
}

# A later second signal ends a run that cannot stop in good order, here because one rank does not answer.
second_signal() {
    "$mpiexec" -n 2 "$program" run "$here/long.yaml" -o long.h5 >run.log 2>&1 </dev/null &
    local launcher=$! rank0 rank1 status
    wait_for_start "$launcher"
    rank0=$(rank_pid "$launcher" 0) rank1=$(rank_pid "$launcher" 1)
    kill -STOP "$rank1"
    kill -USR1 "$rank0"
    sleep 1.5
    kill -0 "$rank0" || fail "rank 0 did not wait for rank 1"
    kill -USR1 "$rank0"
    wait "$launcher"
    status=$?
    kill -KILL "$rank1" 2>/dev/null
    case $status in 0 | 75) fail "second signal: exit status $status" ;; esac
    call 0 status long.h5
    has out "^done      0"
}

# The core that belongs to a kernel class, after the restart.
core_of() { sed -n 's/^OpenBLAS .*, core \([A-Za-z0-9]*\), \([0-9]*\) thread.*/\1 \2/p' out; }

restart() {
    call 0 --version
    local best
    best=$(sed -n 's/^kernel class //p' out)
    [ -s err ] && fail "a restart says something"
    case $best in
    avx512) [ "$(core_of)" = "SkylakeX 1" ] || fail "avx512 with $(core_of)" ;;
    avx2) [ "$(core_of)" = "Haswell 1" ] || fail "avx2 with $(core_of)" ;;
    baseline) [ "$(core_of | cut -d' ' -f2)" = 1 ] || fail "more than one thread" ;;
    *) fail "kernel class '$best'" ;;
    esac
    if [ "$best" != baseline ]; then
        FPSWEEP_KERNELS=avx2 call 0 --version
        has out "^kernel class avx2"
        [ "$(core_of)" = "Haswell 1" ] || fail "avx2 with $(core_of)"
    fi
    FPSWEEP_KERNELS=baseline call 0 --version
    has out "^kernel class baseline"
    [ "$(core_of | cut -d' ' -f2)" = 1 ] || fail "baseline with several threads"
    # the user's own choice is respected, and told once
    OPENBLAS_CORETYPE=Nehalem call 0 --version
    if [ "$best" != baseline ]; then
        [ "$(core_of)" = "Nehalem 1" ] || fail "OPENBLAS_CORETYPE=Nehalem gave $(core_of)"
        [ "$(grep -c Nehalem err)" = 1 ] || fail "the user's core is not told once"
    fi
    # settings that fit already need no restart: the process stays the one that was started, and stdin is untouched
    echo "2 words" | OPENBLAS_NUM_THREADS=4 "$program" --version >/dev/null || fail "with stdin"
    FPSWEEP_KERNELS=baseline call 0 run "$here/tiny.yaml" -o baseline.h5
    [ "$best" = baseline ] || FPSWEEP_KERNELS=avx2 call 0 run "$here/tiny.yaml" -o avx2.h5
}

restart_launcher() {
    launch 0 2 run "$here/tiny.yaml" -o best.h5
    has out "^wall time .* on 2 ranks"
    has_not err "OpenBLAS"
    FPSWEEP_KERNELS=baseline launch 0 2 run "$here/tiny.yaml" -o baseline.h5
    has out "done 12"
    grep -qw avx2 /proc/cpuinfo || return 0
    FPSWEEP_KERNELS=avx2 launch 0 2 run "$here/tiny.yaml" -o avx2.h5
    has out "done 12"
    OPENBLAS_CORETYPE=Nehalem launch 0 2 run "$here/tiny.yaml" -o nehalem.h5
    [ "$(grep -c Nehalem err)" = 1 ] || fail "the user's core is not told once"
}

"$case_name"
echo "$case_name: good"
