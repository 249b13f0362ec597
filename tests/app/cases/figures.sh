# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# Figures, and everything about model direct.

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
    call 0 plot plane.h5 trajectories -o x1.txt
    call 0 plot plane.h5 trajectories --along radial -o radial.txt
    cmp -s x1.txt radial.txt && fail "--along radial draws what x1 draws"
    refuse 2 "did you mean 'radial'" plot plane.h5 heatmap --along radail -o no.png
    refuse 2 "dimension 2 and x1, x2, radial" plot plane.h5 heatmap --along x3 -o no.png
    refuse 2 "x1 alone" plot tiny.h5 heatmap --along x2 -o no.png
    refuse 2 "no axis" plot plane.h5 axes -o plane_axes.png
    sed 's/, function//' "$here/tiny.yaml" >less.yaml
    call 0 run less.yaml -o less.h5
    refuse 2 "keep: \[function\]" plot less.h5 function -o less.png
    mkdir empty
    # shellcheck disable=SC2034  # call uses it
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
