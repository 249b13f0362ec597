#!/usr/bin/env bash
# Run every peer that is installed: the speed tables, and the step-by-step comparison with PyTorch.
#
#   run.sh install DIR            make DIR/torch and DIR/jax (virtual environments; several GB, needs the network)
#   run.sh [DIR] [FPSWEEP]        run; DIR as above, FPSWEEP the program whose training is compared (optional)
#
# Debian's PyTorch is used where /usr/bin/python3 has it (apt install python3-torch python3-h5py). All run on one thread,
# OpenBLAS with the core of the best kernel class unless OPENBLAS_CORETYPE says otherwise.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

if [ "${1:-}" = install ]; then
    directory=${2:?"run.sh install DIR: where to?"}
    python3 -m venv "$directory/torch" && "$directory/torch/bin/pip" install torch numpy h5py
    python3 -m venv "$directory/jax" && "$directory/jax/bin/pip" install jax
    exit
fi

directory=${1:-/nonexistent} fpsweep=${2:-}
if [ -z "${OPENBLAS_CORETYPE:-}" ]; then
    if grep -qw avx512vl /proc/cpuinfo 2>/dev/null; then
        export OPENBLAS_CORETYPE=SkylakeX
    elif grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
        export OPENBLAS_CORETYPE=Haswell
    fi
fi

# Run a script if that interpreter has the module; say so if not.
peer() { # name interpreter module script [arguments]
    local name=$1 interpreter=$2 module=$3 script=$4
    shift 4
    echo
    if ! [ -x "$interpreter" ] || ! "$interpreter" -c "import $module" 2>/dev/null; then
        echo "$name: not installed ($interpreter has no $module)"
        return
    fi
    echo "$name"
    "$interpreter" "$here/$script" "$@"
}

peer "Debian's PyTorch" /usr/bin/python3 torch speed_pytorch.py
peer "PyTorch from PyPI" "$directory/torch/bin/python" torch speed_pytorch.py
peer "JAX from PyPI" "$directory/jax/bin/python" jax speed_jax.py

if [ -n "$fpsweep" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$fpsweep" run "$here/trajectory.yaml" -o "$work/trajectory.h5" >/dev/null
    peer "every record of 54 trainings, PyTorch against fpsweep" /usr/bin/python3 torch trajectory_pytorch.py \
        "$work/trajectory.h5"
fi
