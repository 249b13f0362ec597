# shellcheck shell=bash
# checker.sh: what all style checkers share. Sourced.
#
# A checker is called as `bash tests/style/NAME.sh ROOT`, looks at the tree below ROOT, prints one line per violation,
# "path:line: what is wrong, and what to do", and exits with 1 if there was one, 77 if it cannot run on this machine.

violations=0

complain() {
    printf '%s\n' "$*"
    violations=$((violations + 1))
}

# Exit 77, which ctest counts as skipped, saying why.
skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

finish() {
    if [ "$violations" -gt 0 ]; then
        printf '%d violations\n' "$violations"
        exit 1
    fi
    exit 0
}

# The project's files below ROOT whose names match one of the patterns: what git tracks or would track; all files where
# there is no repository or no git.
project_files() {
    local root=$1 pattern tests=()
    shift
    if [ -e "$root/.git" ] && git -C "$root" ls-files >/dev/null 2>&1; then
        git -C "$root" ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
            [ -f "$root/$file" ] && printf '%s\n' "$file"
        done | sort -u
    else
        for pattern in "$@"; do tests+=(-o -path "./$pattern"); done
        (cd "$root" && find . -type f ! -path './build*' ! -path './.git/*' \( "${tests[@]:1}" \) | sed 's,^\./,,' | sort)
    fi
}

# A checker that finds nothing to look at must not pass.
if [ -f "${1:-}/CMakePresets.json" ] && [ "$(project_files "$1" 'src/*.c' | wc -l)" -lt 10 ]; then
    complain "$1: the sources were not found"
fi
