#!/usr/bin/env bash
# usage: dist_test.sh CONFIG CHECKPOINT GPUS [options of test.py]
# Where there is no GPU, GPUS is the number of processes on the CPU. For several
# nodes set NNODES, NODE_RANK, MASTER_ADDR and PORT on each of them.
if [ $# -lt 3 ]; then
    sed -n 2,4p "$0" >&2
    exit 2
fi
tools=$(dirname "$0")
exec "$tools/python.sh" -m mmderain.cli.launch \
    "$tools/test.py" "$3" "$1" "$2" "${@:4}"
