#!/usr/bin/env bash
# cppcheck.sh ROOT: cppcheck finds no error, warning, performance or portability problem.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
command -v cppcheck >/dev/null || skip "cppcheck is not installed"

mapfile -t files < <(project_files "$root" 'src/*.c')
[ "${#files[@]}" -gt 0 ] || skip "no sources"
cd "$root"
# Once is enough for files that are compiled per precision and instruction set. Library headers are not looked into.
# Uninitialised values and null pointers are looked for by gcc, the sanitizers and valgrind, with fewer false alarms: cppcheck
# does not see that fps_fail() returns the failure.
while IFS= read -r line; do
    complain "$line"
done < <(cppcheck --quiet --enable=warning,performance,portability --inline-suppr --std=c11 --language=c -j "$(nproc)" \
    -Iinclude -Isrc -D_GNU_SOURCE -DFPS_PRECISION=64 -DFPS_KERNEL_CLASS=baseline -D__x86_64__ -D__GNUC__=12 \
    --suppress=uninitvar --suppress=nullPointer --suppress=arrayIndexThenCheck     --suppress=missingIncludeSystem --suppress=preprocessorErrorDirective --suppress=unknownMacro \
    --template='{file}:{line}: {message} [{id}]' "${files[@]}" 2>&1)
finish
