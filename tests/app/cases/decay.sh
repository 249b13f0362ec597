# shellcheck shell=bash disable=SC2154  # sourced by run.sh, which sets program, here and work
# The effective decay rate of a trained network and of its tangent, from a sweep that really runs.

decay() {
    call 0 run "$here/decay.yaml" -o decay.h5
    call 0 analyze decay.h5 --threshold 0.5
    has out "^effective decay rate, tau ~ xi^alpha_eff: 2\.0"
    has out "expected 2"
    [ -n "${PYTHON:-}" ] || { echo "skipped: no python"; exit 77; }
    call 0 analyze decay.h5 --json --threshold 0.5
    "$PYTHON" - out <<'PYTHON' || fail "analyze --json"
import json, sys

def only_once(pairs):
    keys = [key for key, value in pairs]
    assert len(keys) == len(set(keys)), f"repeated key in {keys}"
    return dict(pairs)

found = json.load(open(sys.argv[1]), object_pairs_hook=only_once)
assert found["threshold"] == 0.5, found["threshold"]
entries = found["effective_decay"]
keys = {"linearised", "xi_low", "xi_high", "value", "uncertainty", "n", "expected", "tangent", "tangent_uncertainty"}
for entry in entries:
    whole = entry["xi_low"] is None
    assert set(entry) == keys | ({"frequencies", "censored"} if whole else set()), entry
    assert entry["n"] == 3 and entry["expected"] == 2 and abs(entry["value"] - 2) < 0.15, entry
    assert 0 < entry["uncertainty"] < 0.3, entry
trained, tangent = ([e for e in entries if e["linearised"] == word] for word in ("no", "yes"))
assert [e["xi_low"] for e in trained] == [e["xi_low"] for e in tangent] == [None, 2], (trained, tangent)
assert trained[1]["xi_high"] == 6 and trained[0]["frequencies"] == 12 and trained[0]["censored"] == 0, trained
for e, prediction in zip(trained, tangent):
    assert abs(e["tangent"] - prediction["value"]) < 1e-12 and prediction["tangent"] is None, (e, prediction)
    assert abs(e["value"] - e["tangent"]) < 1e-6 and e["tangent_uncertainty"] > 0, e
ahead = found["tau_linearised"]
assert [e["mode"] for e in ahead] == [4, 6, 8, 12] and [e["xi"] for e in ahead] == [2, 3, 4, 6], ahead
tau = {(e["linearised"], e["mode"]): e["value"] for e in found["tau"]}
for e in ahead:
    assert set(e) == {"linearised", "mode", "xi", "value", "uncertainty", "n", "ratio", "ratio_uncertainty"}, e
    assert e["linearised"] == "no" and e["n"] == 3 and abs(e["ratio"] - 1) < 1e-6, e
    assert abs(e["value"] / tau["yes", e["mode"]] - 1) < 1e-12, (e, tau)
PYTHON
}
