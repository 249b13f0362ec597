#!/usr/bin/env bash
# flags.sh ROOT [COMPILE_COMMANDS]: nothing that lets the compiler change results or bind the program to one machine.
#
# -ffast-math and -ffinite-math-only fold isfinite() to 1, so that a diverged task would never be noticed; the others
# change bits or make a binary that a neighbouring node cannot execute.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
commands=${2:-$root/compile_commands.json}

forbidden='-ffast-math|-ffinite-math-only|-Ofast|-funsafe-math-optimizations|-fassociative-math|-freciprocal-math|-march=native|-mtune=native'
in_source='fast-math|finite-math-only|unsafe-math|associative-math|float_control|target_clones'

while IFS= read -r file; do
    while IFS=: read -r line text; do
        [[ ${text%%#*} =~ ($forbidden) ]] && complain "$file:$line: ${BASH_REMATCH[1]} is forbidden"
    done < <(grep -nE -- "$forbidden" "$root/$file" || true)
done < <(project_files "$root" '*CMakeLists.txt' '*.cmake' 'CMakePresets.json' 'jobs/*.sh' 'tests/*.sh' | grep -v '^tests/style/flags.sh$')

while IFS= read -r file; do
    while IFS=: read -r line text; do
        [[ $text =~ ($in_source) ]] && complain "$file:$line: ${BASH_REMATCH[1]} is forbidden"
    done < <(grep -nE '^[[:space:]]*#[[:space:]]*pragma|__attribute__|_Pragma' "$root/$file" || true)
done < <(project_files "$root" 'src/*.c' 'src/*.h' 'include/*.h')

if [ -f "$commands" ]; then
    while IFS=: read -r line text; do
        [[ $text =~ ($forbidden) ]] && complain "compile_commands.json:$line: ${BASH_REMATCH[1]} is forbidden"
    done < <(grep -nE -- "$forbidden" "$commands" || true)
fi
finish
