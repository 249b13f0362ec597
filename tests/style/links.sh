#!/usr/bin/env bash
# links.sh ROOT: every link and every image in every *.md leads somewhere.
#
# A relative path must be a file or folder of the project, as seen from the page, spelt as it is there; what follows a #
# must be a heading of the page that it leads to, in the form which GitHub gives its anchor. Addresses elsewhere are
# looked at for their form alone, no network is needed. A path in backticks that begins with a folder of the project
# must exist too, as seen from ROOT. Fenced blocks are not looked at, and code spans only for such paths.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# One line per finding: "anchor TAB 0 TAB NAME", "link TAB LINE TAB TARGET", "path TAB LINE TAB PATH", "wrong TAB LINE TAB WHAT".
cat >"$work/page.awk" <<'AWK'
function say(kind, line, text) { print kind "\t" line "\t" text }

# What GitHub makes of a heading: the text of links alone, small letters, no punctuation, a - for every blank.
function anchor(heading,   name) {
    while (match(heading, /\]\([^)]*\)/)) heading = substr(heading, 1, RSTART - 1) substr(heading, RSTART + RLENGTH)
    name = tolower(heading)
    gsub(/[^a-z0-9_ \200-\377-]/, "", name)
    gsub(/ /, "-", name)
    if (name in headings) return name "-" headings[name]++
    headings[name] = 1
    return name
}

function defined_as(label) { label = tolower(label); gsub(/[ \t]+/, " ", label); return label }

/^ *(```|~~~)/ { fence = !fence; if (fence) opened = NR; next }
fence { next }
match($0, /^#+ +/) { say("anchor", 0, anchor(substr($0, RLENGTH + 1))) }
{
    text = ""
    rest = $0
    while (match(rest, /`[^`]+`/)) {
        span = substr(rest, RSTART + 1, RLENGTH - 2)
        if (span ~ /^(src|include|sweeps|tests|jobs)\/[A-Za-z0-9_.\/-]*$/) say("path", NR, span)
        text = text substr(rest, 1, RSTART - 1) "CODE"
        rest = substr(rest, RSTART + RLENGTH)
    }
    text = text rest
}
match(text, /^ *\[[^]^]+\]: */) {                        # [label]: target
    label = text
    sub(/^ *\[/, "", label); sub(/\]:.*/, "", label)
    labels[defined_as(label)] = 1
    target = substr(text, RLENGTH + 1); sub(/[ \t].*/, "", target); gsub(/[<>]/, "", target)
    say("link", NR, target)
    next
}
{
    rest = text
    while (match(rest, /\]\(/)) {                        # [text](target), ![text](target "title")
        rest = substr(rest, RSTART + 2)
        if (!match(rest, /^[^()]*(\([^()]*\)[^()]*)*\)/)) { say("wrong", NR, "a link has no end: put all of its address on one line"); break }
        target = substr(rest, 1, RLENGTH - 1)
        rest = substr(rest, RLENGTH + 1)
        sub(/ +"[^"]*"$/, "", target)
        gsub(/^<|>$/, "", target)
        say("link", NR, target)
    }
    rest = text
    while (match(rest, /(src|href)="[^"]*"/)) {          # <img src="target">, <a href="target">
        target = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        sub(/^[a-z]*="/, "", target); sub(/"$/, "", target)
        say("link", NR, target)
    }
    rest = text
    while (match(rest, /\]\[[^]]*\]/)) {                 # [text][label], [label][]
        label = substr(rest, RSTART + 2, RLENGTH - 3)
        if (label == "") { label = substr(rest, 1, RSTART - 1); sub(/.*\[/, "", label) }
        uses[++used] = defined_as(label); at[used] = NR
        rest = substr(rest, RSTART + RLENGTH)
    }
    rest = text
    while (match(rest, /<https?:[^>]*>/)) {              # <https://...>
        say("link", NR, substr(rest, RSTART + 1, RLENGTH - 2))
        rest = substr(rest, RSTART + RLENGTH)
    }
}
END {
    for (i = 1; i <= used; i++) if (!(uses[i] in labels)) say("wrong", at[i], "there is no line [" uses[i] "]: ADDRESS")
    if (fence) say("wrong", opened, "this fenced block has no end")
}
AWK

mapfile -t pages < <(project_files "$root" '*.md')
[ "${#pages[@]}" -gt 0 ] || complain "no page *.md was found"
# What the project has, folders too: a file that git ignores is there on this machine alone.
project_files "$root" '*' | awk '{ print; while (sub(/\/[^\/]*$/, "")) print }' | sort -u >"$work/files"
for page in "${pages[@]}"; do
    mkdir -p "$work/found/$(dirname "$page")"
    awk -f "$work/page.awk" "$root/$page" >"$work/found/$page"
done

# has_anchor PAGE NAME
has_anchor() { grep -qxF "anchor	0	$2" "$work/found/$1"; }

# Is there such a file or folder? PATH as seen from ROOT.
exists() { [ "$1" = . ] || grep -qxF -- "$1" "$work/files"; }

links=0
# follow PAGE LINE TARGET
follow() {
    local page=$1 line=$2 target=$3 path fragment file
    links=$((links + 1))
    case "$target" in
    http://* | https://*)
        [[ $target =~ ^https?://[A-Za-z0-9.-]+\.[a-z]+(:[0-9]+)?(/[^[:space:]\<\>\"]*)?(#[^[:space:]]*)?$ ]] ||
            complain "$page:$line: $target is no address: expected https://HOST/PATH"
        return
        ;;
    mailto:*)
        [[ $target =~ ^mailto:[^@[:space:]]+@[^@[:space:]]+\.[a-z]+$ ]] || complain "$page:$line: $target is no address"
        return
        ;;
    '') complain "$page:$line: a link leads nowhere: its address is empty" && return ;;
    /* | *://*) complain "$page:$line: $target: expected a path relative to this page, or https://" && return ;;
    esac
    path=${target%%#*}
    fragment=
    [ "$path" = "$target" ] || fragment=${target#*#}
    file=$page
    if [ -n "$path" ]; then
        file=$(realpath -m --relative-to="$root" "$root/$(dirname "$page")/$path")
        exists "$file" || { complain "$page:$line: $path does not exist in the project" && return; }
    fi
    [ "$path" != "$target" ] || return 0
    if [ ! -f "$work/found/$file" ]; then
        complain "$page:$line: $target: only pages have headings"
    elif ! has_anchor "$file" "$fragment"; then
        complain "$page:$line: $target: $file has no heading with the anchor #$fragment"
    fi
}

for page in "${pages[@]}"; do
    while IFS=$'\t' read -r kind line text; do
        case "$kind" in
        link) follow "$page" "$line" "$text" ;;
        path) exists "${text%/}" || complain "$page:$line: $text does not exist in the project" ;;
        wrong) complain "$page:$line: $text" ;;
        esac
    done <"$work/found/$page"
done
printf '%d links in %d pages\n' "$links" "${#pages[@]}"
finish
