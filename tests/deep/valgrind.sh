#!/usr/bin/env bash
# valgrind.sh SOURCE BUILD: a small run of many kinds of task on two ranks, and the verbs that read its file, in valgrind.
#
# valgrind does not know AVX-512: kernels and BLAS core are those of AVX2.
set -euo pipefail
source=$1
fpsweep=$2/fpsweep
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
grep -qw avx2 /proc/cpuinfo || { echo "skipped: this processor has no AVX2"; exit 77; }
. "$source/jobs/setup.sh"
setup_environment
export FPSWEEP_KERNELS=avx2 OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
suppressions=(--suppressions="$source/tests/deep/valgrind.supp")
theirs=$(dirname "$(command -v mpirun)")/../share/openmpi/openmpi-valgrind.supp
[ -f "$theirs" ] && suppressions+=(--suppressions="$theirs")
check=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
    --num-callers=30 "${suppressions[@]}")

cp "$source/tests/deep/small.yaml" "$work/small.yaml"
cd "$work"
# Not `fpsweep run`: its calibration would take minutes here, as valgrind emulates fused multiply-adds by calls.
# The rest of the path is the same; with a shuffle seed the order needs no calibration.
timeout 600 mpirun -n 2 "${check[@]}" "$2/tests/mpi/farm_tool" run small.yaml small.h5 shuffle=1 </dev/null
timeout 120 "${check[@]}" "$fpsweep" status small.h5
timeout 120 "${check[@]}" "$fpsweep" show small.h5
timeout 120 "${check[@]}" "$fpsweep" show small.h5 0 >/dev/null
timeout 120 "${check[@]}" "$fpsweep" analyze small.h5 --json >/dev/null
echo "valgrind found nothing"
