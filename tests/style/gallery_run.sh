#!/usr/bin/env bash
# gallery_run.sh ROOT: sweeps/gallery.py runs what is not finished, draws it, writes the page, and then has nothing to do.
#
# FPSWEEP is the program.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$(cd "$1" && pwd)
fpsweep=${FPSWEEP:?is the path of the program}
for tool in python3 gnuplot; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sweeps/figures"
cat >"$work/sweeps/tiny.yaml" <<'END'
# Question: does it run?
#
# Came out: yes.
#
# Time: 1 s.
#
# Theme: order
# Figure: trajectories --where "seed < 2"
sweep: tiny
fixed: {target: "sin(x)", domain: [-pi, pi], width: 8, samples: 16, grid_points: 32, steps: 20}
grid: {seed: [0, 1, 2]}
END
cp "$work/sweeps/tiny.yaml" "$work/sweeps/other.yaml"

gallery() {
    timeout 120 python3 "$root/sweeps/gallery.py" --folder "$work/sweeps" "$@" </dev/null >"$work/log" 2>&1
}
run() { gallery --fpsweep "$fpsweep" --results "$work/results" "$@"; }

run tiny || complain "gallery.py tiny fails: $(tail -n 1 "$work/log")"
page=$work/sweeps/README.md
# shellcheck disable=SC2016  # Markdown's backticks
for text in '](figures/tiny.png)' 'Measured: 3 tasks, ' 'not drawn yet; `python3 sweeps/gallery.py other`'; do
    grep -qF -- "$text" "$page" || complain "the page lacks: $text"
done
[ "$(head -c 4 "$work/sweeps/figures/tiny.png" | tail -c 3)" = PNG ] || complain "figures/tiny.png is not a picture"
gallery --check || complain "--check finds something in a fresh page: $(head -n 1 "$work/log")"

# The same again repeats no task, draws the same, and forgets no time.
measured=$(cksum <"$work/sweeps/figures/measured.csv")
results=$(cksum <"$work/results/tiny.h5")
figure=$(cksum <"$work/sweeps/figures/tiny.png")
run tiny || complain "a second gallery.py tiny fails: $(tail -n 1 "$work/log")"
[ "$(cksum <"$work/results/tiny.h5")" = "$results" ] || complain "a finished results file was written to"
[ "$(cksum <"$work/sweeps/figures/tiny.png")" = "$figure" ] || complain "the figure is not the same the second time"
[ "$(cksum <"$work/sweeps/figures/measured.csv")" = "$measured" ] || complain "the second time changes what was measured"

# Another sweep under the same name is not shown with the old numbers unsaid; a comment is no other sweep.
sed -i 's/^# Came out: yes/# Came out: yes, again/' "$work/sweeps/tiny.yaml"
gallery --page || complain "--page fails: $(tail -n 1 "$work/log")"
! grep -qF 'an earlier form' "$page" || complain "a comment makes another sweep"
sed -i 's/seed: \[0, 1, 2\]/seed: [0, 1, 3]/' "$work/sweeps/tiny.yaml"
gallery --page || complain "--page fails: $(tail -n 1 "$work/log")"
grep -qF 'an earlier form' "$page" || complain "the page hides that its figure belongs to another sweep"
if run tiny; then complain "results of another sweep are taken for this one's"; fi
grep -qF 'status 2' "$work/log" || complain "the refusal is not told: $(tail -n 1 "$work/log")"
finish
