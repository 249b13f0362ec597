#!/usr/bin/env bash
# gallery.sh ROOT: every sweep says what the gallery needs, and sweeps/README.md is what sweeps/gallery.py makes of it.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$(cd "$1" && pwd)
script=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../sweeps" && pwd)/gallery.py
command -v python3 >/dev/null || skip "python3 is not installed"

status=0
output=$(python3 "$script" --check --folder "$root/sweeps" 2>&1) || status=$?
[ "$status" -le 1 ] || output=$(tail -n 1 <<<"$output")
while IFS= read -r line; do
    [ -z "$line" ] || complain "$line"
done <<<"$output"
[ "$status" -eq 0 ] || [ "$violations" -gt 0 ] || complain "sweeps/gallery.py ended with $status and said nothing"
finish
