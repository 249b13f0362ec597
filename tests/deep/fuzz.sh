#!/usr/bin/env bash
# fuzz.sh SOURCE BUILD [OPTIONS of cmake]: clang's libFuzzer on every target of tests/fuzz, with the address and undefined sanitizers.
# FPSWEEP_FUZZ_SECONDS (60) is shared among the targets. New inputs are kept in BUILD/fuzz/corpus.
set -euo pipefail
source=$1 build=$2/fuzz
shift 2
command -v clang >/dev/null || { echo "skipped: clang is not installed"; exit 77; }
[ -f "$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")" ] ||
    { echo "skipped: clang's fuzzer library is not installed (Debian: libclang-rt-dev)"; exit 77; }

targets=()
for file in "$source"/tests/fuzz/fuzz_*.c; do targets+=("$(basename "$file" .c)"); done
mkdir -p "$build"
if ! { cmake -S "$source" -B "$build" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFPSWEEP_FUZZ=ON \
    -DFPSWEEP_TESTS=OFF -DFPSWEEP_BENCHMARKS=OFF "$@" >"$build.log" 2>&1 &&
    cmake --build "$build" --target "${targets[@]}" --parallel "$(nproc)" >>"$build.log" 2>&1; }; then
    tail -n 40 "$build.log"
    exit 1
fi

seconds=$((${FPSWEEP_FUZZ_SECONDS:-60} / ${#targets[@]}))
for target in "${targets[@]}"; do
    mkdir -p "$build/corpus/$target"
    seeds=("$source/sweeps" "$source/tests/bad")
    [ -d "$source/tests/fuzz/seeds" ] && seeds=("$source/tests/fuzz/seeds" "${seeds[@]}")
    dictionary=()
    [ -f "$source/tests/fuzz/$target.dict" ] && dictionary=(-dict="$source/tests/fuzz/$target.dict")
    echo "== $target, $seconds s"
    # A failing input is written to BUILD/fuzz, and its path printed.
    (cd "$build" && timeout $((seconds + 120)) "$build/tests/fuzz/$target" -max_total_time="$seconds" -timeout=5 -max_len=8192 \
        "${dictionary[@]}" -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 "corpus/$target" "${seeds[@]}" 2>&1 | tail -n 30)
done
