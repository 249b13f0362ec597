#!/usr/bin/env bash
# reference.sh ROOT: Doxygen makes the reference of the public headers without a warning: everything is documented.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$(cd "$1" && pwd)
command -v doxygen >/dev/null || skip "doxygen is not installed"
command -v awk >/dev/null || skip "awk is not installed"
settings=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
while IFS= read -r line; do
    [ -n "$line" ] && complain "${line#"$root/"}"
done < <({
    cat "$settings/Doxyfile"
    printf 'INPUT_FILTER = "awk -f %s/doxygen.awk"\nOUTPUT_DIRECTORY = %s\n' "$settings" "$work"
} | doxygen - 2>&1 >/dev/null)
[ -f "$work/html/index.html" ] || complain "include/Doxyfile:1: no reference was made"
finish
