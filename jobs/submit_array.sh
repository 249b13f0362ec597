#!/usr/bin/env bash
# submit_array.sh: submit a sweep in shards, and a job that merges and analyzes them when all are done.
#
#   bash jobs/submit_array.sh SWEEP.yaml FILE.h5 SHARDS [OPTIONS of sbatch for every shard] [-- OPTIONS of fpsweep run]
#
# For example: bash jobs/submit_array.sh SWEEP.yaml FILE.h5 8 --ntasks-per-node=64 --time=12:00:00
# If a shard fails, the second job is taken out of the queue. Account, partition and the like for both jobs:
# SBATCH_ACCOUNT, SBATCH_PARTITION (see man sbatch). Variables: those of sweep.sbatch and analyze.sbatch.
set -eu

if [ $# -lt 3 ] || ! [[ $3 =~ ^[1-9][0-9]*$ ]]; then
    sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
sweep=$1 file=$2 shards=$3
shift 3
options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
done
[ $# -eq 0 ] || shift # the two dashes; the rest is for fpsweep run
jobs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -r "$sweep" ] || { echo "submit_array.sh: cannot read the sweep file $sweep" >&2; exit 2; }
[ ! -e "$file" ] || { echo "submit_array.sh: $file is there already: choose another name" >&2; exit 2; }
export FPSWEEP_JOBS=$jobs

array=$(sbatch --parsable --array="1-$shards" "${options[@]}" "$jobs/array.sbatch" "$sweep" "$file" "$shards" "$@")
array=${array%%;*} # of several clusters the name follows
parts=()
for ((shard = 1; shard <= shards; shard++)); do parts+=("${file%.h5}.shard-$shard-of-$shards.h5"); done
after=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes "$jobs/analyze.sbatch" \
    "$file" "${parts[@]}")
echo "shards: job $array, tasks 1 to $shards; merging and analyzing: job ${after%%;*}"
