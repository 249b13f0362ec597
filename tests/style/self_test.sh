#!/usr/bin/env bash
# self_test.sh NAME: show that checker NAME.sh can fail.
#
# tests/style/samples/NAME.txt holds small trees of files, each with what the checker must say about it:
#   === what the sample is about
#   expect: a part of the line that must be printed      (several are allowed; "expect: nothing" means: it must pass)
#   --- path/of/a/file
#   its text, up to the next marker
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v work="$work" '
    /^=== / { n++; file = ""; dir = sprintf("%s/%03d", work, n); system("mkdir -p " dir "/tree")
              print substr($0, 5) > (dir "/title"); next }
    /^expect: / && file == "" { print substr($0, 9) > (dir "/expect"); next }
    /^--- / { file = dir "/tree/" substr($0, 5); parent = file; sub("/[^/]*$", "", parent)
              system("mkdir -p " parent); printf "" > file; next }
    file != "" { print > file }' "$here/samples/$name.txt"

failed=0 samples=0 violating=0
for sample in "$work"/*/; do
    samples=$((samples + 1))
    title=$(cat "$sample/title")
    status=0
    output=$(bash "$here/$name.sh" "$sample/tree" 2>&1) || status=$?
    if [ "$status" -eq 77 ]; then
        printf '%s\n' "$output"
        exit 77
    fi
    if grep -qx nothing "$sample/expect"; then
        if [ "$status" -ne 0 ]; then
            printf 'sample "%s" must pass, but %s.sh ended with %d:\n%s\n' "$title" "$name" "$status" "$output"
            failed=1
        fi
        continue
    fi
    violating=$((violating + 1))
    if [ "$status" -ne 1 ]; then
        printf 'sample "%s" must fail, but %s.sh ended with %d:\n%s\n' "$title" "$name" "$status" "$output"
        failed=1
    fi
    while IFS= read -r expected; do
        if ! grep -qF -- "$expected" <<<"$output"; then
            printf 'sample "%s": expected "%s", got:\n%s\n' "$title" "$expected" "$output"
            failed=1
        fi
    done <"$sample/expect"
done
printf '%s.sh: %d samples, %d of them violating\n' "$name" "$samples" "$violating"
[ "$violating" -gt 0 ] || { echo "no violating sample"; failed=1; }
exit "$failed"
