#!/usr/bin/env bash
# usage: slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR [options of train.py]
# GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5) and SRUN_ARGS come from the
# environment. With GPUS_PER_NODE=0 the tasks run on the CPU.
if [ $# -lt 4 ]; then
    sed -n 2,4p "$0" >&2
    exit 2
fi
tools=$(dirname "$0")
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-8}
export MASTER_PORT=${MASTER_PORT:-$((12000 + RANDOM % 20000))}
resources=(--ntasks="$gpus" --cpus-per-task="${CPUS_PER_TASK:-5}")
if [ "$per_node" -gt 0 ]; then
    resources+=(--gres="gpu:$per_node" --ntasks-per-node="$per_node")
fi
# SRUN_ARGS is split on purpose
# shellcheck disable=SC2086
exec srun -p "$1" --job-name="$2" "${resources[@]}" --kill-on-bad-exit=1 \
    ${SRUN_ARGS:-} "$tools/python.sh" -u "$tools/train.py" "$3" \
    --work-dir="$4" --launcher=slurm "${@:5}"
