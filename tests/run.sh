#!/usr/bin/env bash
# run.sh: all tests, from a fresh clone on a bare machine.
#
#   bash tests/run.sh [OPTIONS of ctest]      for example: bash tests/run.sh -L unit
#
# Installs what is missing (Debian, Ubuntu; elsewhere it says what to install), builds into build/ and runs ctest once.
# The sanitizers, the fuzzer, valgrind and the style checks are tests among the others, so that the summary at the end
# covers everything. The exit status is ctest's.
#
# FPSWEEP_FUZZ_SECONDS=N   how long the parser is fuzzed, 60 unless given
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=jobs/setup.sh
. "$top/jobs/setup.sh"

setup_install build tests
setup_optional slurm readers packages
setup_environment

build=$top/build
cores=$(setup_cores)
log=$build/tests.log
mkdir -p "$build"
generator=()
werror=OFF # a newer compiler may know new warnings: they fail our CI, not a user's tests
[ "${CI:-}" = true ] && werror=ON
if ! [ -f "$build/CMakeCache.txt" ] && setup_find_tool ninja; then generator=(-G Ninja); fi
setup_say "building (log: $log)"
if ! { cmake -S "$top" -B "$build" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DFPSWEEP_WERROR="$werror" -DFPSWEEP_TESTS=ON \
    -DFPSWEEP_BENCHMARKS=ON -DFPSWEEP_DEEP_TESTS=ON -DPython3_EXECUTABLE="$(setup_python)" &&
    cmake --build "$build" --parallel "$cores"; } >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    setup_say "run.sh: the build failed; all of it is in $log"
    exit 1
fi

# One more than there are cores: jobs of a batch system, and runs that are stopped, mostly wait.
exec ctest --test-dir "$build" --parallel "$((cores + 1))" --output-on-failure --no-tests=error --no-label-summary "$@" </dev/null
