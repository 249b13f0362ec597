#!/usr/bin/env bash
# headers.sh ROOT: every public header can be included alone, and twice.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
compiler=$(command -v mpicc || command -v cc) || skip "no C compiler"

while IFS= read -r file; do
    name=${file#include/}
    if ! message=$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$compiler" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I"$root/include" -x c - 2>&1); then
        complain "$file:1: cannot be included alone: $(grep -m1 'error' <<<"$message" || head -n 1 <<<"$message")"
    fi
done < <(project_files "$root" 'include/*.h')
finish
