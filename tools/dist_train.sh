#!/usr/bin/env bash
# usage: dist_train.sh CONFIG GPUS [options of train.py]
# Where there is no GPU, GPUS is the number of processes on the CPU. For several
# nodes set NNODES, NODE_RANK, MASTER_ADDR and PORT on each of them.
if [ $# -lt 2 ]; then
    sed -n 2,4p "$0" >&2
    exit 2
fi
tools=$(dirname "$0")
exec "$tools/python.sh" -m mmderain.cli.launch \
    "$tools/train.py" "$2" "$1" "${@:3}"
