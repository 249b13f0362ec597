#!/usr/bin/env bash
# tidy.sh ROOT [BUILD]: clang-tidy finds nothing (checks: .clang-tidy in the root).
#
# Flags come from BUILD/compile_commands.json; each file is looked at once, although some are compiled several times.
# Without BUILD the files are compiled with plain flags (for the self-test).
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
build=${2:-}
tool=$(command -v clang-tidy-14 || command -v clang-tidy) || skip "clang-tidy is not installed"
[[ $("$tool" --version) == *"version 14."* ]] || skip "needs clang-tidy 14, as other versions know other checks"
settings=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.clang-tidy

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=()
if [ -n "$build" ]; then
    # One entry per file, without the flags that only gcc knows.
    awk 'BEGIN { RS = "{"; printf "[" }
         match($0, /"file": "[^"]*"/) { file = substr($0, RSTART, RLENGTH)
             if (file ~ /\/src\// && !seen[file]++) { sub(/}[^}]*$/, "}"); printf "%s{%s", sep, $0; sep = "," } }
         END { print "]" }' "$build/compile_commands.json" |
        sed 's/ -fno-trapping-math//; s/ -mprefer-vector-width=[0-9]*//' >"$work/compile_commands.json"
    mapfile -t files < <(grep -o '"file": "[^"]*"' "$work/compile_commands.json" | cut -d'"' -f4)
    flags=(-p "$work")
else
    mapfile -t files < <(project_files "$root" 'src/*.c' | sed "s,^,$root/,")
fi
[ "${#files[@]}" -gt 0 ] || skip "no sources"

check() { # FILE
    "$tool" --quiet --config-file="$settings" "${flags[@]}" --extra-arg=-Wno-unknown-warning-option \
        --extra-arg=-Wno-unknown-attributes "$1" >"$work/out.$BASHPID" 2>&1 || true
}
# One file per call: clang-tidy 14 mistakes every va_list of a second file for an uninitialised one.
for file in "${files[@]}"; do
    while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n; done
    check "$file" &
done
wait
cat "$work"/out.* >"$work/out"
while IFS= read -r line; do
    complain "${line#"$root"/}"
done < <(grep -E '^[^ ]+:[0-9]+:[0-9]+: (warning|error): ' "$work/out" | sort -u)
# Complaints about the flags themselves have no place in a file.
grep -E '^error: ' "$work/out" | sort -u >"$work/flags" || true
while IFS= read -r line; do complain "$line"; done <"$work/flags"
finish
