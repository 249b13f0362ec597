#!/usr/bin/env bash
# sanitize.sh SOURCE BUILD [OPTIONS of cmake]: the tests again, under the address, leak and undefined-behaviour sanitizers.
set -euo pipefail
source=$1 build=$2/sanitize
shift 2

# -O1: at -O2 gcc 12 reports null and misaligned pointers in vectorised loops that have neither.
if ! { cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO="-O1 -g" \
    -DFPSWEEP_SANITIZE=address,undefined -DFPSWEEP_BENCHMARKS=OFF "$@" >"$build.log" 2>&1 &&
    cmake --build "$build" --parallel "$(nproc)" >>"$build.log" 2>&1; }; then
    tail -n 40 "$build.log"
    exit 1
fi

# Open MPI and what it loads keep memory until the process ends; ours must not. Its components are unloaded before the
# leaks are looked for, so that nobody could tell whose they are: dlclose is made to do nothing.
printf 'int dlclose(void *handle);\nint dlclose(void *handle) { (void)handle; return 0; }\n' |
    cc -shared -fPIC -x c - -o "$build/keep_loaded.so"
export LD_PRELOAD=$build/keep_loaded.so
export ASAN_OPTIONS=verify_asan_link_order=0:detect_stack_use_after_return=1:allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$source/tests/deep/leaks.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
# The tests of other programs as readers have nothing to sanitize; faults and long tests take their hours with
# FPSWEEP_SANITIZE_ALL=1.
skipped="readers|faults|long"
[ "${FPSWEEP_SANITIZE_ALL:-}" = 1 ] && skipped=readers
exec ctest --test-dir "$build" --label-exclude "$skipped" --parallel "$(nproc)" --output-on-failure --no-tests=error --no-label-summary
