#!/usr/bin/env bash
# headers.sh ROOT: every public header can be included alone, and twice, by C and by C++, which sees C's linkage.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
compiler=$(command -v mpicc || command -v cc) || skip "no C compiler"
cxx=$(command -v mpicxx || command -v c++) || cxx=

while IFS= read -r file; do
    name=${file#include/}
    if ! message=$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$compiler" -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I"$root/include" -x c - 2>&1); then
        complain "$file:1: cannot be included alone: $(grep -m1 'error' <<<"$message" || head -n 1 <<<"$message")"
    fi
    [ -n "$cxx" ] || continue
    if ! message=$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" | "$cxx" -std=c++11 -Wall -Wextra -Werror \
        -DOMPI_SKIP_MPICXX -DMPICH_SKIP_MPICXX -fsyntax-only -I"$root/include" -x c++ - 2>&1); then
        complain "$file:1: C++ cannot include it: $(grep -m1 'error' <<<"$message" || head -n 1 <<<"$message")"
    fi
    grep -qE '^(extern )?[a-z].*\(' "$root/$file" && ! grep -q 'extern "C"' "$root/$file" &&
        complain "$file:1: declares functions outside of extern \"C\""
done < <(project_files "$root" 'include/*.h')
finish
