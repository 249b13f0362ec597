#!/usr/bin/env bash
# format.sh ROOT: every source file is as clang-format 14 writes it. Another version writes other things: skipped.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1

tool=$(command -v clang-format-14 || command -v clang-format) || skip "clang-format 14 is not installed"
version=$("$tool" --version)
[[ $version == *"version 14."* ]] || skip "needs clang-format 14, found: $version"

# Samples of the self-test have no settings of their own.
settings=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.clang-format
while IFS= read -r file; do
    # --dry-run names line and column of what it would change.
    while IFS=: read -r _ line _; do
        complain "$file:$line: clang-format 14 writes this line differently: clang-format-14 -i $file"
        break
    done < <("$tool" --style="file:$settings" --dry-run "$root/$file" 2>&1 | grep ': warning: ')
done < <(project_files "$root" 'src/*.c' 'src/*.h' 'include/*.h' 'tests/*.c' 'tests/*.h')
finish
