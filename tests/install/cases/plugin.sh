# shellcheck shell=bash disable=SC2154
# plugin.sh: activations and targets of one's own, by --plugin. Sourced by run.sh.

# make_plugin NAME SED: the example's plug-in, changed.
make_plugin() {
    sed "$2" "$here/example/mine.c" >"$1.c"
    cmp -s "$1.c" "$here/example/mine.c" && [ -n "$2" ] && fail "the change $2 changes nothing"
    step "${CC:-cc}" -O2 -shared -fPIC -I"$prefix/include" "$1.c" -o "$1.so" -lm
}

# refuse STATUS PATTERN WORDS...: one line on stderr with the pattern.
refuse() {
    local status=$1 pattern=$2 got
    shift 2
    timeout 60 "$program" "$@" >log 2>&1 </dev/null
    got=$?
    [ "$got" = "$status" ] || fail "fpsweep $*: exit status $got, not $status"
    grep -qe "$pattern" log || fail "fpsweep $*: no '$pattern' in the message"
}

plugin_sweep() {
    cat >mine.yaml <<'YAML'
sweep: mine
fixed: {target: "bump + 0.3*sin(5*x)", domain: [-1, 1], width: 20, steps: 40, samples: 32, grid_points: 32, optimizer: adam}
grid:
  activation: [mish, relu]
  precision: [single, double]
  seed: {from: 0, to: 1}
where: "activation == mish || seed == 0"
record: {count: 8, frequencies: 6}
YAML
}

# The way of a user: write, compile, plan, run, look, verify, and look again where the plug-in is not.
plugin() {
    install_it
    local program=$prefix/bin/fpsweep
    plugin_sweep
    make_plugin mine ''
    refuse 2 "mine.yaml:4:.*activation has no value 'mish'" plan mine.yaml
    step "$program" parameters activation --plugin mine.so
    grep -q '^    mish  *x tanh(log(1 + exp x))' log || fail "parameters does not list mish"
    step "$program" parameters target --plugin ./mine.so
    grep -q 'bump .*version 1.0, mine 1.0' log || fail "parameters does not list bump"
    step "$program" plan mine.yaml --plugin mine.so
    step "$mpiexec" -n 2 "$program" run mine.yaml -o mine.h5 --plugin mine.so
    grep -q 'done 6' log || fail "not all tasks are done"
    step "$program" verify mine.h5 --plugin mine.so --replay 6
    grep -q 'the same bits 6' log || fail "replayed tasks have other bits"
    # One rank gives the same rows; a resume knows that all is done.
    step "$program" run mine.yaml -o alone.h5 --plugin mine.so
    step "$program" merge -o merged.h5 mine.h5 alone.h5
    step "$program" run mine.yaml -o mine.h5 --plugin mine.so --resume
    grep -q 'is complete' log || fail "resume does not know that all is done"
    # Without the plug-in the file is read, not run.
    for verb in status show analyze verify; do step "$program" "$verb" mine.h5; done
    step "$program" show mine.h5 0
    grep -q mish log || fail "show without the plug-in does not tell the activation"
    refuse 2 "--plugin" verify mine.h5 --replay 6
}

# What must not pass for the same: other versions, other values.
plugin_versions() {
    install_it
    local program=$prefix/bin/fpsweep
    plugin_sweep
    make_plugin mine ''
    make_plugin newer 's/"1.0"/"1.1"/'
    make_plugin other 's/-8 \* square/-7 * square/'
    step "$program" run mine.yaml -o mine.h5 --plugin mine.so --task 0
    refuse 2 "'mish' version 1.0, now 1.1" run mine.yaml -o mine.h5 --plugin newer.so --resume
    refuse 2 "'bump' version 1.0 of other values" run mine.yaml -o mine.h5 --plugin other.so --resume
    refuse 2 "'bump' version 1.0 of other values" run mine.yaml -o new.h5 --plugin other.so --reuse mine.h5
    step "$program" verify mine.h5 --plugin other.so --replay 1
    grep -q 'by other kernels 1' log || fail "a replay with other values is not told from damage"
    refuse 2 "version 1.0, but version 1.1 is loaded" verify mine.h5 --plugin newer.so
    step "$program" run mine.yaml -o newer.h5 --plugin newer.so
    refuse 2 "other versions or values" merge -o all.h5 mine.h5 newer.h5
    [ -e all.h5 ] && fail "a refused merge left a file"
    # Ranks that load different things notice.
    cat >pick.sh <<SHELL
#!/bin/sh
exec "$program" run mine.yaml -o ranks.h5 --plugin "\$([ "\$OMPI_COMM_WORLD_RANK" = 1 ] && echo other.so || echo mine.so)"
SHELL
    chmod +x pick.sh
    timeout 60 "$mpiexec" -n 2 ./pick.sh >log 2>&1 && fail "ranks with different plug-ins ran together"
    grep -q 'other activations or targets' log || fail "ranks with different plug-ins are not told so"
    # Built-in rows keep their identity, whatever is loaded.
    sed 's/mish, relu/tanh, relu/; s/bump + //; /^where/d' mine.yaml >plain.yaml
    step "$program" run plain.yaml -o plain.h5
    step "$program" run plain.yaml -o same.h5 --plugin mine.so
    step "$program" merge -o both.h5 plain.h5 same.h5
}

# Plug-ins that are none, and extensions that do not do what they say.
plugin_refusals() {
    install_it
    local program=$prefix/bin/fpsweep
    plugin_sweep
    refuse 2 'no.so cannot be read' plan mine.yaml --plugin no.so
    echo text >text.so
    refuse 2 'text.so cannot be loaded' plan mine.yaml --plugin text.so
    echo 'int nothing;' >empty.c
    step "${CC:-cc}" -shared -fPIC empty.c -o empty.so
    refuse 2 'empty.so is no plug-in of fpsweep: it has no line FPSWEEP_PLUGIN' plan mine.yaml --plugin empty.so
    make_plugin old 's/^FPSWEEP_PLUGIN("mine", "1.0");/FPSWEEP_PLUGIN_LINKAGE const fps_plugin_facts fpsweep_plugin_facts; const fps_plugin_facts fpsweep_plugin_facts = {99, "mine", "1.0"};/'
    refuse 2 'compiled for version 99 of the plug-in interface' plan mine.yaml --plugin old.so
    make_plugin taken 's/"mish"/"relu"/'
    refuse 2 "the name 'relu' is taken: it is a value of activation" plan mine.yaml --plugin taken.so
    make_plugin shape 's/"mish"/"Mish"/'
    refuse 2 "'Mish' cannot be a name" plan mine.yaml --plugin shape.so
    make_plugin slope 's/slope\[i\] = t + /slope[i] = t - /'
    refuse 2 'the slope is given as .* but values change by' plan mine.yaml --plugin slope.so
    make_plugin parity 's/\.name = "mish",/.name = "mish", .odd = true,/'
    refuse 2 'is said to be odd, but' plan mine.yaml --plugin parity.so
    make_plugin lanes 's/a\[i\] = z\[i\] \* t;/a[i] = z[i] * t * (i % 7 == 3 ? (real)1.0000002 : 1);/'
    refuse 2 'bits depend on the place of a number' plan mine.yaml --plugin lanes.so
    make_plugin nan 's/a\[i\] = z\[i\] \* t;/a[i] = z[i] == z[i] ? z[i] * t : 0;/'
    refuse 2 'NaN gives 0; it must stay' plan mine.yaml --plugin nan.so
    make_plugin version 's/"1.0"/""/'
    refuse 2 'has no version' plan mine.yaml --plugin version.so
    make_plugin error 's/return registry->target(&target);/return FPS_ERROR_USAGE;/'
    refuse 2 'fpsweep_plugin() reports an error' plan mine.yaml --plugin error.so
    make_plugin plane 's/\.name = "bump"/.dimension = 2, .name = "bump"/'
    refuse 2 "'bump' is a function of 2 coordinates, the task has 1" plan mine.yaml --plugin plane.so
    make_plugin mine ''
    refuse 2 "'mish' is registered already, by mine 1.0" plan mine.yaml --plugin mine.so:mine.so
    # The interface serves C++ too.
    command -v c++ >/dev/null || return 0
    sed 's/^#include <math.h>/#include <cmath>/; s/fps_activation_extension mish = {.*/fps_activation_extension mish = {"mish", "x tanh(log(1 + exp x))", nullptr, false, 0, mish_single, mish_double, nullptr};/
        s/fps_target_extension target = {.*/fps_target_extension target = {"bump", "exp(-8 |x|^2)", nullptr, 0, bump, nullptr};/
        /^ *\.\(sentence\|evaluate\|version\|odd\)/d' mine.c >plus.cpp
    step c++ -O2 -Wall -shared -fPIC -I"$prefix/include" plus.cpp -o plus.so
    step "$program" plan mine.yaml --plugin plus.so
}
