#!/usr/bin/env bash
#SBATCH --job-name=mmderain
#SBATCH --array=0-15
#SBATCH --cpus-per-task=4
#SBATCH --requeue
# usage: sbatch [--array=0-99] archive_slurm.sh LIST OUTPUT_DIR [options]
# Each task of the array does its part of the list. A task that was ended is
# queued again by SLURM and goes on; to do what failed, submit the same again.
if [ $# -lt 2 ]; then
    sed -n 6,8p "$0" >&2
    exit 2
fi
if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "error: expected to be a task of an array, submitted by sbatch." >&2
    exit 2
fi
# arrays may begin at another number, and --requeue keeps it
first=${SLURM_ARRAY_TASK_MIN:-0}
shard=$((SLURM_ARRAY_TASK_ID - first))/${SLURM_ARRAY_TASK_COUNT:?}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-${SLURM_CPUS_PER_TASK:-1}}
exec mmderain derain --list "$1" --output-dir "$2" --shard "$shard" "${@:3}"
