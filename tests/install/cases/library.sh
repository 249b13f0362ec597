# shellcheck shell=bash disable=SC2154,SC2034
# library.sh: the installed library, used by programs outside the tree. Sourced by run.sh.

# Everything is where people look for it, and nothing of the build tree is left in it.
layout() {
    install_it
    local path
    for path in bin/fpsweep include/fpsweep/fpsweep.h share/fpsweep/sweeps/quickstart.yaml \
        share/fpsweep/jobs/sweep.sbatch share/doc/fpsweep/LICENSE; do
        [ -f "$prefix/$path" ] || fail "$path is not installed"
    done
    [ -e "$prefix/share/fpsweep/jobs/packaging" ] && fail "files that only build packages are installed"
    [ "$("$prefix/bin/fpsweep" --version | sed -n '1s/^fpsweep \([0-9.]*\) .*/\1/p')" = \
        "$(sed -n 's/^#define FPSWEEP_VERSION_STRING "\(.*\)"/\1/p' "$top/include/fpsweep/version.h")" ] ||
        fail "the installed program tells another version"
    grep -rlIF "$build" "$prefix" && fail "the files above name the folder of the build"
    ldd "$prefix/bin/fpsweep" >log 2>&1 && grep -q 'not found' log && fail "the installed program misses a library"
    # It runs from where it lies, on an installed sweep.
    sed 's/^  steps: .*/  steps: 20/; s/seed: .*/seed: [0]/' "$prefix/share/fpsweep/sweeps/quickstart.yaml" >small.yaml
    step "$prefix/bin/fpsweep" run small.yaml -o small.h5
    step "$prefix/bin/fpsweep" verify small.h5
}

# The example builds by find_package and by pkg-config, also after the tree was moved; both print the same.
example() {
    local libdir one two
    install_it
    mv "$prefix" "$work/moved"
    prefix=$work/moved
    libdir=$(folder_of libfpsweep.so)
    cp -r "$here/example" by_cmake
    cp -r "$here/example" by_make
    step "$cmake" -S by_cmake -B by_cmake/build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS="-Wall -Wextra -Werror"
    step "$cmake" --build by_cmake/build
    step env PKG_CONFIG_PATH="$libdir/pkgconfig" make -C by_make
    timeout 100 "$mpiexec" -n 3 by_cmake/build/learns one.h5 >one 2>log </dev/null || fail "the example made by CMake fails"
    timeout 100 by_make/learns two.h5 >two 2>log </dev/null || fail "the example made by make fails"
    [ "$(wc -l <one)" -ge 6 ] || fail "the example printed $(wc -l <one) lines"
    grep -vq ': done, ' one && fail "the example did not finish its tasks: $(cat one)"
    cmp one two || fail "3 ranks and 1 rank print different numbers"
    step "$prefix/bin/fpsweep" verify one.h5
    # What a caller must not get: another version.
    sed -i 's/find_package(fpsweep 0.1/find_package(fpsweep 99.0/' by_cmake/CMakeLists.txt
    "$cmake" -S by_cmake -B by_cmake/other -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1 && fail "version 99.0 was found"
    return 0
}

# The shared library exports what the public headers declare, and nothing else.
symbols() {
    need nm
    install_it
    nm -D --defined-only "$(folder_of libfpsweep.so)/libfpsweep.so" | awk '$2 ~ /[TDBR]/ {sub(/@.*/, "", $3); print $3}' |
        sort >exported
    # Functions and variables that the headers declare, as the compiler sees them, in both precisions.
    for precision in 32 64; do
        for header in "$prefix"/include/fpsweep/*.h; do printf '#include "fpsweep/%s"\n' "${header##*/}"; done |
            mpicc -E -P -DFPS_PRECISION=$precision -I"$prefix/include" -x c - 2>log || fail "the headers do not compile"
    done | tr '\n' ' ' | sed ':a; s/{[^{}]*}/;/; ta; s/;/\n/g' | grep -v 'typedef\|static inline' >statements
    {
        sed -nE 's/^[^(]*[ *](fps_[a-z0-9_]+) *\(.*/\1/p' statements
        grep 'extern const' statements | tr ',' '\n' | sed -nE 's/.*[ *](fps_[a-z0-9_]+)(\[.*)? *$/\1/p'
    } | sort -u >declared
    [ "$(wc -l <exported)" -gt 100 ] || fail "only $(wc -l <exported) symbols are exported"
    comm -23 exported declared >beyond
    [ -s beyond ] && fail "exported, but in no public header: $(paste -sd' ' beyond)"
    # shellcheck disable=SC2046  # one word per name
    set -- $(comm -13 exported declared)
    [ $# = 0 ] || fail "declared in a public header, but not exported: $*"
}
