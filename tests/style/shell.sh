#!/usr/bin/env bash
# shell.sh ROOT: shellcheck finds nothing in any script.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
command -v shellcheck >/dev/null || skip "shellcheck is not installed"

while IFS= read -r file; do
    while IFS=: read -r _ line _ text; do
        complain "$file:$line:$text"
    done < <(shellcheck --external-sources --source-path=SCRIPTDIR --source-path="$root" --format=gcc "$root/$file" 2>&1)
done < <(project_files "$root" '*.sh' '*.sbatch' '*.pbs' '.ci/run')
finish
