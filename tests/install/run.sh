#!/usr/bin/env bash
# run.sh CASE BUILD: install what was built in the folder BUILD into a fresh prefix, and use it from outside the tree.
# Exit status 77: skipped, with the reason.
set -u
case_name=$1 build=$2
top=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
here=$top/tests/install
# shellcheck disable=SC2034  # used by the cases
cmake=${CMAKE:-cmake} mpiexec=${MPIEXEC:-mpirun}
work=$(mktemp -d "${TMPDIR:-/tmp}/fpsweep-install-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
prefix=$work/prefix

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1 OPENBLAS_NUM_THREADS=1
unset PKG_CONFIG_PATH CMAKE_PREFIX_PATH LD_LIBRARY_PATH OPENBLAS_CORETYPE FPSWEEP_KERNELS

fail() {
    echo "FAILED: $*"
    [ -f log ] && tail -n 30 log
    exit 1
}
skip() {
    echo "skipped: $*"
    exit 77
}
# step WORDS...: run it quietly; its output is shown if it fails.
step() { timeout -k 5 120 "$@" >log 2>&1 </dev/null || fail "$*"; }
need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

install_it() { step "$cmake" --install "$build" --prefix "$prefix"; }
folder_of() { dirname "$(find "$prefix" -name "$1" | head -n 1)"; }

for file in "$here"/cases/*.sh; do
    # shellcheck source=/dev/null
    . "$file"
done
"$case_name"
echo "$case_name: good"
