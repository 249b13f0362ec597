#!/usr/bin/env bash
# sanitize.sh SOURCE BUILD [OPTIONS of cmake]: the tests again, under the address, leak and undefined-behaviour sanitizers.
set -euo pipefail
source=$1 build=$2/sanitize
shift 2

if ! { cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFPSWEEP_SANITIZE=address,undefined \
    -DFPSWEEP_BENCHMARKS=OFF "$@" >"$build.log" 2>&1 &&
    cmake --build "$build" --parallel "$(nproc)" >>"$build.log" 2>&1; }; then
    tail -n 40 "$build.log"
    exit 1
fi

# Open MPI and what it loads keep memory until the process ends; ours must not.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export LSAN_OPTIONS=suppressions=$source/tests/deep/leaks.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
exec ctest --test-dir "$build" --parallel "$(nproc)" --output-on-failure --no-tests=error --no-label-summary
