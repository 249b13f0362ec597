# shellcheck shell=bash disable=SC2154
# packages.sh: man pages, completion, the Debian package, the module file, the recipes. Sourced by run.sh.

# Man pages are understood, and have every verb, option and parameter; completion offers them.
documents() {
    install_it
    local program=$prefix/bin/fpsweep page1=$prefix/share/man/man1/fpsweep.1 page5=$prefix/share/man/man5/fpsweep-sweep.5
    local verb option name
    for path in "$page1" "$page5"; do [ -f "$path" ] || fail "$path is not installed"; done
    if command -v groff >/dev/null; then
        for page in "$page1" "$page5"; do
            groff -man -Tutf8 -ww "$page" >"${page##*/}.txt" 2>log
            [ -s log ] && fail "groff complains about ${page##*/}"
        done
    fi
    while read -r verb; do
        grep -q "^\.SS fpsweep $verb" "$page1" || fail "fpsweep.1 lacks the verb $verb"
        while read -r option; do
            grep -qF -- "\\-\\-${option//-/\\-}" "$page1" || fail "fpsweep.1 lacks the option --$option of $verb"
        done < <("$program" "$verb" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p' | grep -v '^help$')
    done < <("$program" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
    while read -r name; do
        grep -qx "\\\\fB$name\\\\fR" "$page5" || fail "fpsweep-sweep.5 lacks the parameter $name"
    done < <("$program" parameters | sed -n 's/^  \([a-z][a-z0-9_]*\)  *[A-Z].*/\1/p')

    complete_words() {
        bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _fpsweep; printf "%s\n" "${COMPREPLY[@]}"' \
            bash "$prefix/share/bash-completion/completions/fpsweep" "$@" 2>log | sort | paste -sd' ' -
    }
    expect() {
        local wanted=$1 got
        shift
        got=$(complete_words "$@")
        [ "$got" = "$wanted" ] || fail "completing '$*': '$got', not '$wanted'"
    }
    mkdir -p words/sub
    cd words || exit 1
    touch a.yaml b.h5 c.so
    expect 'parameters plan plot' fpsweep p
    expect '--resume --retry --reuse' fpsweep run a.yaml --re
    expect 'a.yaml sub/' fpsweep run ''
    expect 'b.h5 sub/' fpsweep status ''
    expect 'b.h5' fpsweep run a.yaml -o b
    expect 'c.so sub/' fpsweep run a.yaml --plugin ''
    expect 'all recent' fpsweep run a.yaml --check ''
    expect 'heatmap' fpsweep plot b.h5 heat
    expect 'decay_rate' fpsweep parameters decay
    expect '' fpsweep run a.yaml --shard ''
}

# The Debian package: its files and what it depends on.
deb() {
    need dpkg-deb
    need dpkg-shlibdeps
    need file
    [ -f "$build/CPackConfig.cmake" ] || fail "there is no CPackConfig.cmake"
    (cd "$work" && step cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/packages" -D CPACK_CMAKE_GENERATOR=Ninja \
        -D CPACK_INSTALL_CMAKE_PROJECTS="$build;fpsweep;ALL;/") || exit 1
    local package
    package=$(find packages -maxdepth 1 -name 'fpsweep_*.deb')
    [ -f "$package" ] || fail "no package was made"
    dpkg-deb -f "$package" Depends >depends
    for name in libhdf5 libopenblas libfftw3-double3 libfftw3-single3 libyaml libmuparser openmpi; do
        grep -q "$name" depends || fail "the package does not depend on $name: $(cat depends)"
    done
    dpkg-deb -c "$package" | awk '{print $6}' >list
    for name in bin/fpsweep bin/fpsweep share/man/man1/fpsweep.1 share/man/man5/fpsweep-sweep.5 include/fpsweep/extension.h \
        share/bash-completion/completions/fpsweep share/fpsweep/sweeps/quickstart.yaml share/fpsweep/jobs/sweep.sbatch; do
        grep -qx "./usr/$name" list || fail "the package lacks /usr/$name"
    done
    grep -v '^./usr/' list | grep -qv '^./$' && fail "the package writes outside of /usr"
    # It runs from where it is unpacked.
    step dpkg-deb -x "$package" unpacked
    step unpacked/usr/bin/fpsweep plan unpacked/usr/share/fpsweep/sweeps/quickstart.yaml
}

# Section %$1 of the Apptainer definition $2.
section() { sed -n "/^%$1\$/,/^%/{/^%/d;p}" "$2"; }

# What recipes say is true of what is installed, and their checks pass on it; Lmod, where it is, loads the module.
recipes() {
    local recipe=$top/jobs/packaging init file
    install_it
    version=$(sed -n 's/^#define FPSWEEP_VERSION_STRING "\(.*\)"/\1/p' "$top/include/fpsweep/version.h")
    for file in spack/package.py fpsweep-"$version"-foss-2023b.eb fpsweep.def; do
        grep -q "$version" "$recipe/$file" || fail "$file is of another version than $version"
    done
    if command -v python3 >/dev/null; then
        for file in spack/package.py fpsweep-"$version"-foss-2023b.eb; do
            step python3 "$here/recipe.py" "$recipe/$file" "$prefix"
        done
    fi
    # The test of the image, on what is installed here.
    { section environment "$recipe/fpsweep.def" && section test "$recipe/fpsweep.def"; } |
        sed "s,/usr/share/fpsweep,$prefix/share/fpsweep," >image.sh
    grep -q 'fpsweep verify' image.sh || fail "fpsweep.def has no test"
    step env PATH="$prefix/bin:$PATH" sh -e image.sh
    grep -q 'the same bits 3' log || fail "the test of fpsweep.def replays nothing"
    grep -q "^version: $version" "$top/CITATION.cff" || fail "CITATION.cff is of another version than $version"
    grep -q "^## $version" "$top/CHANGELOG.md" || fail "CHANGELOG.md has no section $version"
    init=$(find /usr/share/lmod -path '*/init/bash' 2>/dev/null | head -n 1)
    [ -n "$init" ] || return 0
    mkdir -p modules/fpsweep
    cp "$recipe/fpsweep.lua" "modules/fpsweep/$version.lua"
    cat >load.sh <<SHELL
. $init
module use $work/modules && module load fpsweep && command -v fpsweep && [ -f "\$FPSWEEP_SWEEPS/quickstart.yaml" ] &&
    pkg-config --exists fpsweep && module unload fpsweep && ! command -v fpsweep
SHELL
    step env FPSWEEP_PREFIX="$prefix" PATH=/usr/bin:/bin bash load.sh
}
