#!/usr/bin/env bash
# floors.sh ROOT: includes point down the floors only, and each library is used on its own floor only.
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1

# Lowest first.
floors=(base numeric experiment sweep store analysis parallel app)
declare -A level header library
for i in "${!floors[@]}"; do level[${floors[i]}]=$i; done

# The floor of every public header. fpsweep.h collects them all for programs.
while read -r floor names; do
    for name in $names; do header[$name]=$floor; done
done <<'TABLE'
base        status log memory random kernel_class precision version choice nearest pulse
numeric     network activation loss optimizer initializer features spectrum sampling expression lattice extension
experiment  task trajectory trainer
sweep       plan
store       results checkpoint transfer
analysis    analysis figure grouping learning quantities ladders critical critical_quantities stages decay direction twins retention verify
parallel    farm schedule simulate
app         fpsweep
TABLE

# The floors that may include a library's headers. The program asks libraries for their versions.
while read -r name allowed; do library[$name]=$allowed; done <<'TABLE'
mpi.h           store parallel app
hdf5.h          store app
hdf5_hl.h       store
yaml.h          sweep app
muParserDLL.h   numeric app
fftw3.h         numeric app
cblas.h         numeric app
xxhash.h        experiment sweep store app
Random123/*     base
TABLE

# Headers of C and POSIX, free for everybody.
system='assert complex ctype dirent dlfcn errno fcntl fenv float getopt inttypes limits locale malloc math poll pthread
sched setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib string strings sys/* termios time
unistd wchar immintrin cpuid gnu/libc-version'

# floor_of PATH: the floor that a file of the tree belongs to; empty if none.
floor_of() {
    case "$1" in
    include/fpsweep/*)
        local name=${1##*/}
        echo "${header[${name%.h}]:-}"
        ;;
    src/*/*)
        local rest=${1#src/}
        [ -n "${level[${rest%%/*}]:-}" ] && echo "${rest%%/*}"
        ;;
    esac
    return 0
}

# resolve FILE NAME: the path in the tree of `#include "NAME"` in FILE; empty if it is not there.
resolve() {
    local candidate
    for candidate in "$(dirname "$1")/$2" "include/$2" "src/$2"; do
        candidate=$(realpath -m --relative-to="$root" "$root/$candidate")
        if [ -f "$root/$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
    return 0
}

check_library() {
    local where=$1 floor=$2 name=$3 pattern word
    for pattern in "${!library[@]}"; do
        # shellcheck disable=SC2053  # the table holds patterns
        if [[ $name == $pattern ]]; then
            for word in ${library[$pattern]}; do [ "$word" = "$floor" ] && return; done
            complain "$where: $floor may not include <$name>: it belongs to ${library[$pattern]// /, }"
            return
        fi
    done
    for pattern in $system; do
        # shellcheck disable=SC2053
        [[ ${name%.h} == $pattern ]] && return
    done
    complain "$where: <$name> is not in the table of libraries (tests/style/floors.sh)"
}

set -f
while IFS= read -r file; do
    floor=$(floor_of "$file")
    if [ -z "$floor" ]; then
        complain "$file:1: belongs to no floor: add it to the table in tests/style/floors.sh"
        continue
    fi
    while IFS=: read -r line text; do
        if [[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\<([^\>]+)\> ]]; then
            check_library "$file:$line" "$floor" "${BASH_REMATCH[1]}"
        elif [[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]*\"([^\"]+)\" ]]; then
            name=${BASH_REMATCH[1]}
            target=$(resolve "$file" "$name")
            if [ -z "$target" ]; then
                complain "$file:$line: \"$name\" is not a file of the project: libraries are included with <>"
                continue
            fi
            other=$(floor_of "$target")
            if [ -z "$other" ]; then
                complain "$file:$line: \"$name\" belongs to no floor"
            elif [ "${level[$other]}" -gt "${level[$floor]}" ]; then
                complain "$file:$line: $floor may not include \"$name\", which is of the higher floor $other"
            fi
        fi
    done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "$root/$file" || true)
done < <(project_files "$root" 'src/*.c' 'src/*.h' 'include/*.h')
finish
