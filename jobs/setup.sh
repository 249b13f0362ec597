# shellcheck shell=bash
# setup.sh: what fpsweep needs to be built, run and tested, and how to install what is missing.
#
# Sourced by jobs/local.sh and tests/run.sh:
#   setup_install build            libraries and tools for building, running and drawing
#   setup_install build tests      the same and what the tests use
#   setup_optional slurm readers packages   what some tests use, where it disturbs nobody; they are skipped without it
#   setup_python                   prints the Python that has the modules the tests need (or python3)
#   setup_environment              exports what Open MPI, OpenBLAS and Python need on any machine
#   setup_cores                    prints the number of processor cores that may be used
#
# Nothing is installed that is there already: every line of the table below says how to find it. Packages are installed
# by apt only (as root, or by sudo); elsewhere the missing things are listed by their names for dnf, spack and modules.
# FPSWEEP_SETUP=skip trusts the machine and checks nothing; FPSWEEP_SETUP=print only says what would be installed.

# group | what it is | how it is found | Debian and Ubuntu (a/b: the first that exists) | Fedora and RHEL | spack
setup_table() {
    cat <<'TABLE'
build | C compiler                    | compiles             | gcc libc6-dev                 | gcc glibc-devel             | gcc
build | CMake 3.22 or newer           | cmake 3.22           | cmake                         | cmake                       | cmake
build | make or ninja                 | one ninja make       | ninja-build                   | ninja-build                 | ninja
build | pkg-config                    | tool pkg-config      | pkg-config                    | pkgconf-pkg-config          | pkgconf
build | Open MPI                      | tools mpicc mpirun   | openmpi-bin libopenmpi-dev    | openmpi-devel               | openmpi
build | HDF5 with MPI                 | parallel_hdf5        | libhdf5-openmpi-dev           | hdf5-openmpi-devel          | hdf5+mpi+hl
build | OpenBLAS                      | module openblas      | libopenblas-dev               | openblas-devel              | openblas
build | FFTW 3, single and double     | module fftw3 fftw3f  | libfftw3-dev                  | fftw-devel                  | fftw~mpi
build | libyaml                       | module yaml-0.1      | libyaml-dev                   | libyaml-devel               | libyaml
build | muParser                      | module muparser      | libmuparser-dev               | muParser-devel              | muparser
build | xxHash                        | module libxxhash     | libxxhash-dev                 | xxhash-devel                | xxhash
build | Random123                     | header Random123/philox.h | librandom123-dev         | Random123-devel             | random123
build | gnuplot, which draws          | gnuplot              | gnuplot-nox fonts-dejavu-core | gnuplot dejavu-sans-fonts   | gnuplot
tests | cmocka                        | module cmocka        | libcmocka-dev                 | libcmocka-devel             | cmocka
tests | C++ compiler, for the headers | tool c++             | g++                           | gcc-c++                     | gcc
tests | clang                         | tool clang           | clang                         | clang                       | llvm
tests | clang's fuzzer and sanitizers | fuzzer               | libclang-rt-dev/libclang-rt-14-dev | compiler-rt            | llvm
tests | clang-format 14               | clang_format         | clang-format-14/clang-format  | clang-tools-extra           | llvm
tests | clang-tidy                    | tool clang-tidy      | clang-tidy                    | clang-tools-extra           | llvm
tests | cppcheck                      | tool cppcheck        | cppcheck                      | cppcheck                    | cppcheck
tests | shellcheck                    | tool shellcheck      | shellcheck                    | ShellCheck                  | shellcheck
tests | valgrind                      | valgrind             | valgrind libc6-dbg            | valgrind                    | valgrind
tests | Doxygen                     | tool doxygen         | doxygen                       | doxygen                     | doxygen
tests | nm, objdump                   | tools nm objdump     | binutils                      | binutils                    | binutils
tests | groff, for the man pages      | tool groff           | groff-base                    | groff-base                  | groff
tests | h5repack                      | tool h5repack        | hdf5-tools                    | hdf5                        | hdf5
tests | ncdump                        | tool ncdump          | netcdf-bin                    | netcdf                      | netcdf-c
tests | Python 3                      | tool python3         | python3                       | python3                     | python
tests | NumPy                         | python numpy         | python3-numpy                 | python3-numpy               | py-numpy
tests | h5py                          | python h5py          | python3-h5py                  | python3-h5py                | py-h5py
tests | xarray                        | python xarray        | python3-xarray                | python3-xarray              | py-xarray
tests | netCDF4 for Python            | python netCDF4       | python3-netcdf4               | python3-netcdf4             | py-netcdf4
tests | h5netcdf                      | python h5netcdf      | python3-h5netcdf              | python3-h5netcdf            | py-h5netcdf
tests | xxhash for Python             | python xxhash        | python3-xxhash                | python3-xxhash              | py-xxhash
tests | PyYAML                        | python yaml          | python3-yaml                  | python3-pyyaml              | py-pyyaml
readers | matplotlib                  | python matplotlib    | python3-matplotlib            | python3-matplotlib          | py-matplotlib
readers | R with ncdf4                | r_library ncdf4      | r-base-core r-cran-ncdf4      | R-core R-ncdf4              | r-ncdf4
readers | Octave with netcdf, drawing | octave_package netcdf | octave octave-netcdf fonts-freefont-otf | octave gnu-free-sans-fonts | octave
readers | Fortran compiler            | tools gfortran h5pfc | gfortran                      | gcc-gfortran                | gcc
packages | dpkg-shlibdeps, for the .deb | tool dpkg-shlibdeps | dpkg-dev                      | dpkg-dev                    | dpkg
packages | file, for cpack           | tool file            | file                          | file                        | file
packages | Lmod, for the module       | lmod                 | lmod                          | Lmod                        | lmod
slurm | Slurm, for the tests of jobs  | tools slurmctld slurmd sbatch | slurmctld slurmd slurm-client | slurm-slurmctld slurm-slurmd | slurm
slurm | munge                         | tool munged          | munge                         | munge                       | munge
slurm | PMIx                          | library libpmix.so.2 | libpmix2                      | pmix                        | pmix
slurm | unshare, nsenter, pgrep       | tools unshare nsenter pgrep | util-linux procps      | util-linux procps-ng        | util-linux procps
TABLE
}

setup_say() { printf '%s\n' "$*" >&2; }

# ---- how things are found -------------------------------------------------------------------------------------------

setup_find_tool() { command -v "$1" >/dev/null 2>&1; }

setup_find_tools() {
    local tool
    for tool in "$@"; do setup_find_tool "$tool" || return 1; done
}

setup_find_one() {
    local tool
    for tool in "$@"; do setup_find_tool "$tool" && return 0; done
    return 1
}

setup_find_compiles() {
    setup_find_tool cc && printf '#include <stdio.h>\nint main(void){return 0;}\n' | cc -x c - -o /dev/null 2>/dev/null
}

setup_find_cmake() {
    local have
    have=$(cmake --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
    [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$1" "$have" | sort -V | head -n 1)" = "$1" ]
}

setup_find_module() { setup_find_tool pkg-config && pkg-config --exists "$@" 2>/dev/null; }

# A header where the compiler looks, or under CMAKE_PREFIX_PATH, where CMake looks too.
setup_find_header() {
    local prefix include=()
    while IFS= read -r prefix; do
        [ -n "$prefix" ] && include+=("-I$prefix/include")
    done < <(printf '%s\n' "${CMAKE_PREFIX_PATH:-}" | sed 's/[:;]/\n/g')
    setup_find_tool cc && printf '#include <%s>\n' "$1" | cc "${include[@]}" -E -x c - >/dev/null 2>&1
}

setup_find_parallel_hdf5() {
    setup_find_tool h5pcc && h5pcc -showconfig 2>/dev/null | grep -qi 'parallel hdf5: *\(yes\|on\|true\)'
}

setup_find_r_library() { setup_find_tool Rscript && Rscript -e "library($1)" >/dev/null 2>&1; }

# Without a font Octave cannot make axes.
setup_find_octave_package() {
    setup_find_tool octave-cli && octave-cli --eval "pkg load $1; graphics_toolkit('gnuplot'); axes();" >/dev/null 2>&1
}

setup_find_library() { PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -qF "$1"; }

setup_find_gnuplot() { gnuplot -e 'set terminal pngcairo' >/dev/null 2>&1 </dev/null; }

setup_find_fuzzer() {
    setup_find_tool clang && [ -f "$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")" ]
}

setup_find_clang_format() { setup_find_tool clang-format-14 || clang-format --version 2>/dev/null | grep -q ' 14\.'; }

setup_find_lmod() { [ -d /usr/share/lmod ]; }

setup_find_valgrind() { valgrind -q --error-exitcode=1 /bin/true >/dev/null 2>&1; }

setup_find_python() { "$(setup_python)" -c "import $1" >/dev/null 2>&1; }

# The first Python that has every module of the table; distributions keep theirs in /usr/bin, whatever PATH says.
setup_python() {
    local modules candidate
    modules=$(setup_table | sed -n 's/^tests .*| python \([A-Za-z0-9_]*\) .*/\1/p' | paste -sd, -)
    for candidate in "${FPSWEEP_PYTHON:-python3}" /usr/bin/python3; do
        if "$candidate" -c "import $modules" >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else echo python3; fi
}

# ---- what is missing, and getting it --------------------------------------------------------------------------------

# Print the lines of the table, of the named groups, whose thing is not found.
setup_missing() {
    local group what how apt dnf spack wanted
    while IFS='|' read -r group what how apt dnf spack <&3; do
        for wanted in "$@"; do
            [ "$group" = "$wanted" ] || continue
            # shellcheck disable=SC2086  # the words of `how` are a function's name and its arguments
            setup_find_$how </dev/null || printf '%s|%s|%s|%s\n' "$what" "$apt" "$dnf" "$spack"
        done
    done 3< <(setup_table | sed 's/ *| */|/g; s/ *$//')
}

# Column of the missing lines on stdin, as one line of distinct words.
setup_words() { cut -d'|' -f"$1" | tr ' ' '\n' | awk 'NF && !seen[$0]++' | paste -sd' ' -; }

# Say exactly what is missing and how it is called elsewhere.
setup_explain() {
    local missing=$1
    setup_say "missing: $(printf '%s\n' "$missing" | cut -d'|' -f1 | paste -sd';' - | sed 's/;/; /g')"
    setup_say "  Debian, Ubuntu: sudo apt-get install $(printf '%s\n' "$missing" | setup_words 2 | sed 's,/[^ ]*,,g')"
    setup_say "  Fedora, RHEL with EPEL: sudo dnf install $(printf '%s\n' "$missing" | setup_words 3)"
    setup_say "      then: module load mpi/openmpi-$(uname -m)"
    setup_say "  spack: spack install $(printf '%s\n' "$missing" | setup_words 4)   then: spack load (the same names)"
    setup_say "  cluster modules: module load $(printf '%s\n' "$missing" | setup_words 4 |
        sed 's/+[a-z+]*//g; s/~[a-z]*//g')   (names vary: module avail)"
    setup_say "Libraries in unusual places are found through PATH (mpicc, h5pcc), PKG_CONFIG_PATH and CMAKE_PREFIX_PATH."
    setup_say "FPSWEEP_SETUP=skip builds without this check."
}

# Of alternatives a/b the first that apt knows; of the rest the name itself.
setup_candidate() {
    local name
    for name in ${1//\// }; do
        if apt-cache policy "$name" 2>/dev/null | grep -q 'Candidate: [^(]'; then
            echo "$name"
            return
        fi
    done
    echo "${1%%/*}"
}

# Run apt-get as root with a time limit, quietly; the log's end is shown if it fails.
setup_apt() {
    local log sudo=() rc=0
    log=$(mktemp "${TMPDIR:-/tmp}/fpsweep-apt.XXXXXX")
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    timeout 900 "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -y -qq \
        -o Acquire::Retries=4 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null || rc=$?
    [ "$rc" -eq 0 ] || { setup_say "apt-get $1 failed ($rc):"; tail -n 15 "$log" >&2; }
    rm -f "$log"
    return "$rc"
}

# May packages be installed here? As root, by sudo without a password, or by sudo at a terminal.
setup_may_install() {
    setup_find_tool apt-get || return 1
    [ "$(id -u)" -eq 0 ] && return 0
    setup_find_tool sudo || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] && setup_say "packages are missing: sudo may ask for your password" && sudo -v
}

# Install what the named groups miss. Fails, with everything said, where that is impossible.
setup_install() {
    local missing package packages=()
    [ "${FPSWEEP_SETUP:-}" = skip ] && return 0
    missing=$(setup_missing "$@")
    [ -n "$missing" ] || return 0
    if [ "${FPSWEEP_SETUP:-}" = print ] || ! setup_may_install; then
        setup_explain "$missing"
        return 1
    fi
    setup_say "installing: $(printf '%s\n' "$missing" | cut -d'|' -f1 | paste -sd';' - | sed 's/;/; /g')"
    setup_apt update || setup_say "going on with the package lists that are there"
    for package in $(printf '%s\n' "$missing" | setup_words 2); do packages+=("$(setup_candidate "$package")"); done
    if ! setup_apt install --no-install-recommends "${packages[@]}"; then
        setup_say "trying once more in 10 s"
        sleep 10
        setup_apt update
        setup_apt install --no-install-recommends "${packages[@]}" || { setup_explain "$missing"; return 1; }
    fi
    hash -r
    missing=$(setup_missing "$@")
    [ -z "$missing" ] && return 0
    setup_say "installed, but still not found:"
    setup_explain "$missing"
    return 1
}

# What some tests use and do without: installed only by root, in a container. Daemons come with it: on a machine of its
# own, run by systemd, it is its owner who decides about those. Here they are not started.
setup_optional() {
    local missing policy=/usr/sbin/policy-rc.d PATH=$PATH:/usr/sbin:/sbin
    [ "${FPSWEEP_SETUP:-}" = skip ] && return 0
    missing=$(setup_missing "$@")
    [ -n "$missing" ] || return 0
    if [ "${FPSWEEP_SETUP:-}" = print ] || [ "$(id -u)" -ne 0 ] || [ -d /run/systemd/system ] ||
        ! setup_find_tool apt-get; then
        setup_say "not installed, tests that need it are skipped: $(printf '%s\n' "$missing" | setup_words 2)"
        return 0
    fi
    [ -e "$policy" ] && policy=''
    [ -z "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; }
    setup_install "$@" || setup_say "tests that need it are skipped"
    [ -z "$policy" ] || rm -f "$policy"
    return 0
}

# ---- running --------------------------------------------------------------------------------------------------------

# Cores: processors that may be used, two hardware threads of a core counted once, a container's quota respected.
setup_cores() {
    local cores physical quota period
    cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
    physical=$(lscpu -p=Core,Socket 2>/dev/null | grep -v '^#' | sort -u | wc -l)
    if [ "$physical" -ge 1 ] && [ "$physical" -lt "$cores" ]; then cores=$physical; fi
    if read -r quota period 2>/dev/null </sys/fs/cgroup/cpu.max && [ "$quota" != max ]; then
        quota=$(((quota + period - 1) / period))
        [ "$quota" -lt "$cores" ] && cores=$quota
    fi
    echo $((cores > 0 ? cores : 1))
}

# Settings for mpirun on one machine; a value that is set already stays.
setup_environment() {
    # Root in a container is an ordinary case; Open MPI asks for it twice.
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    # More ranks than slots, sharing cores politely. Open MPI 4 reads the OMPI_MCA names, Open MPI 5 the PRTE ones.
    export OMPI_MCA_rmaps_base_oversubscribe=${OMPI_MCA_rmaps_base_oversubscribe:-1}
    export OMPI_MCA_mpi_yield_when_idle=${OMPI_MCA_mpi_yield_when_idle:-1}
    export OMPI_MCA_hwloc_base_binding_policy=${OMPI_MCA_hwloc_base_binding_policy:-none}
    export PRTE_MCA_rmaps_default_mapping_policy=${PRTE_MCA_rmaps_default_mapping_policy:-:oversubscribe}
    # Without ssh Open MPI 4 refuses to start even on one machine.
    setup_find_one ssh rsh || export OMPI_MCA_plm_rsh_agent=${OMPI_MCA_plm_rsh_agent:-/bin/false}
    export LC_ALL=${LC_ALL:-C.UTF-8}
}
