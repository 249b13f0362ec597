# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# Command lines: what is refused, in which words; help.

usage() {
    : >a.h5
    refuse 2 "say what to do"
    refuse 2 "unknown verb 'rum'; did you mean 'run'?" rum
    refuse 2 "unknown verb 'frobnicate'; fpsweep --help" frobnicate
    refuse 2 "unknown option '--outptu' of run; did you mean '--output'?" run --outptu a.h5 "$here/tiny.yaml"
    refuse 2 "unknown option '--resum' of run; did you mean '--resume'?" run "$here/tiny.yaml" -o a.h5 --resum
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
    refuse 2 "threshold -1: expected a number above 0" analyze a.h5 --threshold -1
    refuse 2 "amplitude 2: expected a number" analyze a.h5 --amplitude 2
    refuse 2 "there is no parameter 'dept'; did you mean 'depth'?" parameters dept
}

# Options of run: every mistake in one line that says what would be right.
run_options() {
    local text
    for text in 90 15x 1m2h -5s 1e3s 1.5.s s "" 99999d; do
        refuse 2 "stop-after $text: " run "$here/tiny.yaml" -o a.h5 --stop-after "$text"
    done
    refuse 2 "90: expected a duration with its unit: 90s, 15m" run "$here/tiny.yaml" -o a.h5 --checkpoint-every 90
    refuse 2 "patience 5: expected a duration" run "$here/tiny.yaml" -o a.h5 --patience 5
    for text in 0/3 4/3 3 1/3x 1/ /3 -1/3 1/2/3; do
        refuse 2 "shard $text: expected I/N with I from 1 to N" run "$here/tiny.yaml" -o a.h5 --shard "$text"
    done
    refuse 2 "shard 7/13: this sweep has only 12 tasks" run "$here/tiny.yaml" -o a.h5 --shard 7/13
    refuse 2 "task x: expected a whole number" run "$here/tiny.yaml" -o a.h5 --task x
    refuse 2 "check some: expected recent or all" run "$here/tiny.yaml" -o a.h5 --resume --check some
    refuse 2 "check is about a file that is continued: add --resume" run "$here/tiny.yaml" -o a.h5 --check all
    refuse 2 "force is about a file" run "$here/tiny.yaml" -o a.h5 --force
    refuse 2 "retry done: there is no such outcome" run "$here/tiny.yaml" -o a.h5 --resume --retry "done"
    refuse 2 "retry : there is no such outcome" run "$here/tiny.yaml" -o a.h5 --resume --retry diverged,
    ls a.* 2>/dev/null && fail "a refused command left a file"
    # good ones
    call 0 run "$here/tiny.yaml" -o a.h5 --stop-after 1h30m --checkpoint-every 0s --patience 1.5m
    has out "done 12"
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
    refuse 2 "the results file comes first: fpsweep plot tiny.h5 axes -o OUT.png" plot axes tiny.h5 -o a.png
    refuse 2 "there is no file axes: is its name right" plot axes axes -o a.png
    refuse 2 "a.jpg: the name of a figure ends with" plot tiny.h5 axes -o a.jpg
    ls a.* 2>/dev/null && fail "a refused command left a file"
    return 0
}

# Files and folders that are not there, or are something else: what to do about it, in one line.
files() {
    run_tiny
    mkdir folder
    cp "$here/tiny.yaml" .
    refuse 2 "there is no file tinny.yaml; did you mean tiny.yaml?" plan tinny.yaml
    refuse 2 "there is no file tinny.yaml; did you mean tiny.yaml?" run tinny.yaml -o a.h5
    refuse 2 "there is no file other/tiny.h5: is its name right" show other/tiny.h5
    for verb in status show analyze verify; do
        refuse 2 "there is no file tny.h5; did you mean tiny.h5?" "$verb" tny.h5
        refuse 2 "folder is a directory: give a file in it, as in folder/FILE.h5" "$verb" folder
        refuse 2 "tiny.yaml is a sweep file by its name.*fpsweep run tiny.yaml -o FILE.h5 makes one" "$verb" tiny.yaml
    done
    refuse 2 "folder/ is a directory: give a file in it, as in folder/SWEEP.yaml" plan folder/
    refuse 2 "folder is a directory: give a file in it" run tiny.yaml -o folder
    call 0 run tiny.yaml -o part.h5 --task 0
    mv part.h5 12:30.h5
    refuse 2 "b:a.h5: MPI takes what is before a colon for a kind of file system: choose" run tiny.yaml -o b:a.h5
    refuse 2 "b:a.h5: MPI takes what is before a colon" merge -o b:a.h5 tiny.h5
    refuse 2 "12:30.h5: MPI takes what is before a colon" run tiny.yaml -o 12:30.h5 --resume
    call 0 status 12:30.h5 # reading does without MPI
    refuse 2 "a results file; a sweep file is YAML" plan tiny.h5
    refuse 2 "there is no file tny.h5; did you mean tiny.h5?" run tiny.yaml -o a.h5 --reuse tny.h5
    refuse 2 "there is no file tny.h5; did you mean tiny.h5?" merge -o a.h5 tiny.h5 tny.h5
    refuse 1 "nowhere/a.h5 cannot be written: there is no folder nowhere/; make it" run tiny.yaml -o nowhere/a.h5
    refuse 1 "nowhere/a.h5 cannot be written: there is no folder nowhere/; make it" merge -o nowhere/a.h5 tiny.h5
    refuse 1 "nowhere/a.png cannot be written: there is no folder nowhere/; make it" plot tiny.h5 axes -o nowhere/a.png
    if [ "$(id -u)" != 0 ]; then # root may write anywhere
        chmod a-w folder
        refuse 1 "folder/a.h5 cannot be written: its folder folder/ lets nobody" run tiny.yaml -o folder/a.h5
    fi
    head -c 60000 tiny.h5 >cut.h5
    refuse 2 "cut.h5 is damaged: truncated file, 60000 of [0-9]* bytes are there: use a copy, or run its sweep" show cut.h5
    refuse 2 "true for none of the 12 tasks; they differ in depth, activation, seed" show tiny.h5 --where "depth == 7"
    refuse 2 "unknown verb '--hlep'; did you mean '--help'?" --hlep
    refuse 2 "this file has no stages: its sweep did not ask for record" plot tiny.h5 share -o a.png
    refuse 2 "figure theta is about model direct; this sweep is of model network, which has: " plot tiny.h5 theta -o a.png
    printf 'sweep: own\nfixed: {data: points.csv, domain: [0, 1], steps: 20}\n' >own.yaml
    printf '0.1,0.2\n' >points.csv
    refuse 2 "points.csv:1: \"0.1\" is no column: a first line must name them, as in x,y" plan own.yaml
    printf 'x,y\n0.1,0.2\n7,0.2\n' >points.csv
    for verb in "plan own.yaml" "run own.yaml -o a.h5"; do # shellcheck disable=SC2086  # two words and four
        refuse 2 "own.yaml:2:.*points.csv: x = 7 of point 2 is outside domain \[0, 1\]" $verb
    done
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
    for verb in run plan status show analyze plot verify merge parameters; do
        has out "^  $verb "
        call 0 "$verb" --help
        has out "^usage: fpsweep $verb"
        mv out verb.log
        call 0 help "$verb"
        cmp -s out verb.log || fail "fpsweep help $verb is not fpsweep $verb --help"
        has out "--help"
        awk 'length > 80 { exit 1 }' out || fail "help of $verb is wider than 80 columns"
        call 0 --help
    done
    has out "134 given up because a rank hung"
    refuse 2 "unknown verb 'rum'; did you mean 'run'?" help rum
    call 0 --version
    for word in fpsweep HDF5 FFTW OpenBLAS MPI libyaml muParser xxHash "kernel class"; do has out "^$word"; done
    grep -v '^fpsweep' out | grep unknown && fail "a version is unknown"
    call 0 parameters
    for name in target depth activation decay_rate grid_points; do has out "^  $name "; done
    awk 'length > 80 { exit 1 }' out || fail "parameters is wider than 80 columns"
    # the manual's page has every word of `keep`, and the other keys
    sed 's/^record:.*/record: {keep: [everything]}/' "$here/tiny.yaml" >everything.yaml
    call 2 plan everything.yaml
    sed -n 's/.*it is one of: //p' err | tr -d ' ' | tr ',' '\n' >words.log
    [ "$(wc -l <words.log)" -ge 9 ] || fail "no list of the words of keep"
    call 0 --document man5
    has out "thresholds: {from"
    sed -n '/keep: \[/,/^.TP/p' out >keep.log
    while read -r word; do has keep.log "\b$word\b"; done <words.log
    call 0 parameters density
    has out "normal(m, s)"
    has out "^  used     when "
}
