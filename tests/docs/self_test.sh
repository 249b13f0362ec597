#!/usr/bin/env bash
# self_test.sh: page.py runs what a page says, and finds every kind of page that is not true.
#
# samples.txt holds pages, each with what must be said about it:
#   === STATUS what the sample is about
#   expect: a part of what must be printed      (several are allowed)
#   ---
#   the page, in which ''' stands for ```, up to the next ===
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import sys' 2>/dev/null || { echo "skipped: no Python"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v work="$work" '
    /^=== / { n++; page = ""; dir = sprintf("%s/%03d", work, n); system("mkdir -p " dir "/home")
              print $2 > (dir "/status"); printf "" > (dir "/expect")
              sub(/^=== [0-9]+ /, ""); print > (dir "/title"); next }
    /^expect: / && page == "" { print substr($0, 9) > (dir "/expect"); next }
    /^---$/ && page == "" { page = dir "/PAGE.md"; next }
    page != "" { gsub(/\047\047\047/, "```"); print > page }' "$here/samples.txt"

failed=0 samples=0 wrong=0
for sample in "$work"/*/; do
    samples=$((samples + 1))
    title=$(cat "$sample/title") wanted=$(cat "$sample/status") status=0
    [ "$wanted" = 0 ] || wrong=$((wrong + 1))
    output=$("$python" "$here/page.py" "$sample/PAGE.md" "$sample/home" 2>&1) || status=$?
    if [ "$status" != "$wanted" ]; then
        printf 'sample "%s": exit status %d, not %d:\n%s\n' "$title" "$status" "$wanted" "$output"
        failed=1
    fi
    while IFS= read -r expected; do
        grep -qF -- "$expected" <<<"$output" && continue
        printf 'sample "%s": expected "%s", got:\n%s\n' "$title" "$expected" "$output"
        failed=1
    done <"$sample/expect"
done

# --update makes a page true, and leaves what is true alone.
# page SECONDS WORD: a page with one output
page() {
    printf "'''sh\necho 'took 1.5 s'; echo new\n'''\n\n'''text\ntook %s s\n%s\n'''\n\nThe end.\n" "$@" |
        sed "s/'''/\`\`\`/"
}
page 9.9 old >"$work/OLD.md"
page 1.5 new >"$work/TRUE.md"
mkdir "$work/first" "$work/second"
update() { "$python" "$here/page.py" "$work/OLD.md" "$1" --update >/dev/null; }
if update "$work/first"; then echo "--update hides a difference" && failed=1; fi
cmp "$work/OLD.md" "$work/TRUE.md" || failed=1
sed -i 's/^took 1.5/took 7.7/' "$work/OLD.md"
update "$work/second" || { echo "an updated page is not true"; failed=1; }
grep -q "^took 7.7 s" "$work/OLD.md" || { echo "--update changes what is true"; failed=1; }

printf 'page.py: %d samples, %d of them wrong\n' "$samples" "$wrong"
[ "$wrong" -gt 0 ] || failed=1
exit "$failed"
