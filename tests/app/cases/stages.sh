# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# The three stages of training, from a sweep that really runs.

stages() {
    local figure
    call 0 run "$here/stages.yaml" -o stages.h5
    call 0 analyze stages.h5
    has out "^activation=relu: done 3, "
    has out "^initial  *L+ .* 3  *-  .*3/0/0$"
    has out "^  *V+ .* 1  *-  .*3/0/0$"
    has out "^  *R_CS .* 2  *1  .*3/0/0$"
    has out "^largest R_CS eta^1: .*: bounded$"
    has out "^initial  *L+  *no power law  *none .*0/3/0$"
    awk 'length > 100 { exit 1 }' out || fail "analyze: lines longer than 100 columns"
    # one seed has no uncertainty
    call 0 analyze stages.h5 --where "seed == 0"
    has out "power [0-9.-]*$"
    has_not out "+- -"
    # the order of learning, where it is asked for
    call 0 analyze stages.h5 --threshold 0.5
    has out "order of learning"
    # figures
    if command -v gnuplot >/dev/null; then
        for figure in share stages verdict decay; do
            call 0 plot stages.h5 "$figure" -o "$figure.png"
            [ "$(wc -c <"$figure.png")" -gt 20000 ] || fail "$figure.png is nearly empty"
        done
    fi
    # a window of its own
    call 0 analyze stages.h5 --eta-low 10 --eta-high 30
    has out "L+ .* 10 to 25.1  *3/0/0$"
    for figure in share stages verdict; do
        call 0 plot stages.h5 "$figure" -o "$figure.txt"
        [ -s "$figure.txt" ] || fail "figure $figure is empty"
    done
    refuse 2 "eta-low 40: expected a number" analyze stages.h5 --eta-low 40 --eta-high 30
    run_tiny
    refuse 2 "this sweep keeps none" analyze tiny.h5 --eta-low 10
    refuse 2 "this file has no stages" plot tiny.h5 share -o share.png
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    call 0 analyze stages.h5 --json
    "$PYTHON" - out <<'PYTHON' || fail "analyze --json"
import json, sys
found = json.load(open(sys.argv[1]))
assert found["sweep"] == "small-stages", found
laws = {(e["activation"], e["stage"], e["of"]): e for e in found["exponent"]}
relu = {of: laws["relu", "initial", of] for of in ("L+", "V+", "R", "R_CS", "TV")}
for of, expected in {"L+": 3, "V+": 1, "R_CS": 2}.items():
    e = relu[of]
    assert e["law"] == "power" and e["expected"] == expected and e["n"] == 3 == e["power"], e
    assert abs(e["value"] - expected) < 0.5 and e["uncertainty"] > 0, e
    assert e["eta_low"] > 5 and e["eta_high"] < 51, e
assert relu["R"]["expected"] is None and relu["R_CS"]["least"] > 0.9, relu
tanh = laws["tanh", "initial", "V+"]
assert tanh["law"] == "steeper" and tanh["steeper"] == 3 and tanh["value"] is None and tanh["n"] == 0, tanh
half = {e["half"]: e["value"] for e in found["bound_constant"] if e["activation"] == "relu"}
assert 0 < half["upper"] < half["lower"], half
ends = {(e["activation"], e["stage"]): e["value"] for e in found["stage_end"]}
assert ends["relu", "initial"] < ends["relu", "intermediate"] <= 60, ends
assert len(found["time_exponent"]) == 2, found["time_exponent"]
PYTHON
}
