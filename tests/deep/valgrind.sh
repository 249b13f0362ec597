#!/usr/bin/env bash
# valgrind.sh SOURCE BUILD: a small run of every kind of task on two ranks, and the verbs that read its file, in valgrind.
#
# valgrind does not know AVX-512: kernels and BLAS core are those of AVX2.
set -euo pipefail
source=$1 fpsweep=$2/fpsweep
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
timeout 600 mpirun -n 2 "${check[@]}" "$fpsweep" run small.yaml -o small.h5 </dev/null
timeout 120 "${check[@]}" "$fpsweep" plan small.yaml -n 4 >/dev/null
timeout 120 "${check[@]}" "$fpsweep" status small.h5
timeout 120 "${check[@]}" "$fpsweep" show small.h5
timeout 120 "${check[@]}" "$fpsweep" show small.h5 0 >/dev/null
timeout 120 "${check[@]}" "$fpsweep" analyze small.h5 --json >/dev/null
echo "valgrind found nothing"
