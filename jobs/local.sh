#!/usr/bin/env bash
# local.sh: from a fresh clone to a result on this machine.
#
#   bash jobs/local.sh                              runs sweeps/quickstart.yaml on all cores
#   bash jobs/local.sh SWEEP.yaml [OPTIONS]         another sweep; OPTIONS are those of `fpsweep run`
#
# Installs what is missing (Debian, Ubuntu; elsewhere it says what to install), builds into build/, runs the sweep by
# mpirun, prints a table of results and draws a figure. Results go into the current folder under a name that is not
# taken yet: NAME.h5, NAME-2.h5, ...; but if the last of these is unfinished, it goes on with that.
#
# Ctrl-C stops it in good order: all that is done, and what is half-way, is saved; the same command goes on. A second
# Ctrl-C ends it at once; at most the last minute is lost.
#
# FPSWEEP_RANKS=N   ranks instead of one per core        FPSWEEP_FIGURE=NAME   another figure (see `fpsweep plot --help`)
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/setup.sh
. "$top/jobs/setup.sh"

case "${1:-}" in
-h | --help)
    sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "${BASH_SOURCE[0]}"
    exit 0
    ;;
-*)
    setup_say "local.sh: the sweep file comes first: bash jobs/local.sh SWEEP.yaml [OPTIONS of fpsweep run]"
    exit 2
    ;;
esac

sweep=$top/sweeps/quickstart.yaml
if [ $# -gt 0 ]; then
    sweep=$1
    shift
fi
[ -r "$sweep" ] || { setup_say "local.sh: cannot read the sweep file $sweep"; exit 2; }
for option in "$@"; do
    case "$option" in
    -o | --output | -o?* | --output=*)
        setup_say "local.sh: it picks a fresh name for the results itself; to choose one: fpsweep run SWEEP.yaml -o FILE.h5"
        exit 2
        ;;
    esac
done

setup_install build
setup_environment

# ---- build ----------------------------------------------------------------------------------------------------------

build=$top/build
cores=$(setup_cores)
log=$build/local.log
mkdir -p "$build"
generator=()
if ! [ -f "$build/CMakeCache.txt" ] && setup_find_tool ninja; then generator=(-G Ninja); fi
setup_say "building (log: $log)"
if ! { cmake -S "$top" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DFPSWEEP_TESTS=OFF \
    -DFPSWEEP_BENCHMARKS=OFF && cmake --build "$build" --target fpsweep --parallel "$cores"; } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    setup_say "local.sh: the build failed; all of it is in $log"
    exit 1
fi
fpsweep=$build/fpsweep

# ---- run ------------------------------------------------------------------------------------------------------------

# Is there a results file with tasks to do?
unfinished() { "$fpsweep" status "$1" 2>/dev/null | grep -q '^left  *[1-9]'; }

name=$(basename "$sweep")
name=${name%.*}
file=$name
last=''
number=1
while [ -e "$file.h5" ] || [ -e "$file.png" ]; do
    [ ! -e "$file.h5" ] || last=$file
    number=$((number + 1))
    file=$name-$number
done
resume=()
if [ -n "$last" ] && unfinished "$last.h5"; then
    file=$last
    resume=(--resume)
    setup_say "going on with $file.h5, which is unfinished (to begin anew, remove it or give it another name)"
fi

ranks=${FPSWEEP_RANKS:-$cores}
setup_say "running $name on $ranks ranks"
# In a session of its own mpirun does not hear Ctrl-C itself, upon which it would kill its ranks.
launcher='' interrupts=0
# shellcheck disable=SC2317  # called by the trap
interrupt() {
    interrupts=$((interrupts + 1))
    # The terminal may be gone: saying so may fail.
    case $interrupts in
    1)
        [ -z "$launcher" ] || kill -USR1 "$launcher" 2>/dev/null || true
        setup_say "stopping in good order; once more to end at once" 2>/dev/null || true
        ;;
    *) [ -z "$launcher" ] || kill -TERM "$launcher" 2>/dev/null || true ;;
    esac
}
trap interrupt INT TERM HUP
setsid mpirun -n "$ranks" "$fpsweep" run "$sweep" -o "$file.h5" "${resume[@]}" "$@" </dev/null &
launcher=$!
[ "$interrupts" = 0 ] || kill -USR1 "$launcher" 2>/dev/null || true
# A signal interrupts `wait`; the status of mpirun is the one of an uninterrupted one.
before=-1 status=0
while [ "$before" != "$interrupts" ]; do
    before=$interrupts status=0
    wait "$launcher" || status=$?
done
trap - INT TERM HUP
# 75: stopped early in good order; what is done is worth showing.
if [ ! -f "$file.h5" ] || { [ "$status" -ne 0 ] && [ "$status" -ne 1 ] && [ "$status" -ne 75 ]; }; then
    exit "$status"
fi

# ---- show -----------------------------------------------------------------------------------------------------------

if [ "$status" -eq 75 ]; then setup_say "stopped: the same command goes on with $file.h5"; fi
printf '\nresults: %s\n' "$PWD/$file.h5"
if "$fpsweep" plot "$file.h5" "${FPSWEEP_FIGURE:-trajectories}" -o "$file.png"; then
    printf 'figure:  %s\n' "$PWD/$file.png"
elif [ "$status" -eq 0 ]; then
    status=1
fi
exit "$status"
