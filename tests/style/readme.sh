#!/usr/bin/env bash
# readme.sh ROOT: what README.md says is true as far as a program can tell.
#
# Its YAML blocks, and those of all other pages, are sweeps whose first task runs; all files of sweeps/ are accepted by
# `fpsweep plan`; its Python blocks run on the results of quickstart.yaml (with few steps); its verbs and options are
# those of the program, all of them (its links: links.sh). FPSWEEP is the program, PYTHON a Python with h5py and xarray.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$(cd "$1" && pwd)
fpsweep=${FPSWEEP:?is the path of the program}
python=${PYTHON:-python3}
readme=$root/README.md
[ -x "$fpsweep" ] || { echo "$fpsweep is not there"; exit 1; }
[ -f "$readme" ] || { echo "README.md:1: is missing"; exit 1; }
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Every fenced block in a file of its own: LINE.LANGUAGE
awk -v work="$work" '
    /^```/ { if (file != "") { close(file); file = ""; next }
             language = substr($0, 4); sub(/ .*/, "", language); if (language == "") language = "text"
             file = sprintf("%s/%04d.%s", work, NR, language); printf "" > file; next }
    file != "" { print > file }' "$readme"

# ---- sweep files: of all pages ----
while IFS= read -r page; do
    [ "$page" = README.md ] || awk -v work="$work" -v page="$page" '
        BEGIN { gsub("/", "%", page) }
        /^```/ { if (file != "") { close(file); file = ""; next }
                 if ($0 == "```yaml") { file = sprintf("%s/%s@%d.page", work, page, NR); printf "" > file } next }
        file != "" { print > file }' "$root/$page"
done < <(project_files "$root" '*.md')
blocks=0
for file in "$work"/*.yaml "$work"/*.page; do
    [ -f "$file" ] || continue
    case "$file" in
    *.yaml) blocks=$((blocks + 1)) line=$(basename "$file" .yaml) && place=README.md:$((10#$line)) ;;
    *) place=$(basename "$file" .page | tr %@ /:) ;;
    esac
    if ! message=$(timeout 60 "$fpsweep" plan "$file" 2>&1 >/dev/null); then
        complain "$place: plan refuses this block: ${message##*"$work/"}"
    elif ! message=$(timeout 120 "$fpsweep" run "$file" -o "$file.h5" --task 0 2>&1 >/dev/null </dev/null); then
        complain "$place: the first task of this block fails: $(grep -v "^fpsweep: [0-9]* of" <<<"$message" | tail -n 1)"
    fi
done
[ "$blocks" -gt 0 ] || complain "README.md:1: has no YAML block"
for file in "$root"/sweeps/*.yaml; do
    [ -f "$file" ] || continue
    message=$(timeout 60 "$fpsweep" plan "$file" 2>&1 >/dev/null) || complain "plan refuses: ${message##*"$root/"}"
done

# ---- Python ----
if compgen -G "$work/*.python" >/dev/null; then
    sed 's/^  steps: .*/  steps: 30/' "$root/sweeps/quickstart.yaml" >quickstart.yaml
    if ! message=$(timeout 120 "$fpsweep" run quickstart.yaml -o quickstart.h5 2>&1 </dev/null); then
        complain "sweeps/quickstart.yaml:1: does not run: $message"
    fi
    for file in "$work"/*.python; do
        message=$(timeout 120 "$python" "$file" 2>&1 >/dev/null) ||
            complain "README.md:$((10#$(basename "$file" .python))): this Python fails: $(tail -n 1 <<<"$message")"
    done
fi

# ---- the command line: the block after the line "## Command line"; indented lines continue the one before ----
usage=$(awk '/^## /{on = ($0 == "## Command line")} on && /^```/{fence = !fence; next}
    on && fence { if (/^ /) { sub(/^ +/, " "); printf "%s", $0 } else printf "%s%s", first++ ? "\n" : "", $0 }
    END { print "" }' "$readme")
[ -n "$usage" ] || [ ! -d "$root/src" ] || complain "README.md:1: has no section Command line"
while read -r verb; do
    [ -n "$usage" ] || break
    grep -qE "^fpsweep $verb( |$)" <<<"$usage" || complain "README.md: the command line lacks the verb $verb"
done < <("$fpsweep" --help 2>/dev/null | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
while read -r verb; do
    if ! help=$("$fpsweep" "$verb" --help 2>/dev/null); then
        complain "README.md: fpsweep has no verb $verb"
        continue
    fi
    while read -r option; do
        grep -qE -- "(^|[^a-z-])$option([^a-z-]|$)" <<<"$help" || complain "README.md: fpsweep $verb has no option $option"
    done < <(grep -E "^fpsweep $verb( |$)" <<<"$usage" | grep -oE -- '--[a-z][a-z-]*' | sort -u)
    line=$(grep -E "^fpsweep $verb( |$)" <<<"$usage")
    while read -r letter option; do
        [ "$option" = --help ] && continue
        [[ $line == *" $option"* || $line == *"[$option"* ]] || { [ "$letter" != - ] && [[ $line == *[\ \[]"$letter "* ]]; } ||
            complain "README.md: the command line of $verb lacks its option $option"
    done < <(sed -n '/^options:/,$s/^  \(-[a-z]\), \(--[a-z-]*\).*/\1 \2/p; /^options:/,$s/^      \(--[a-z-]*\).*/- \1/p' <<<"$help")
done < <(sed -n 's/^fpsweep \([a-z]*\).*/\1/p' <<<"$usage" | sort -u)

finish
