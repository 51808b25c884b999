#!/usr/bin/env bash
# usage: train_shipped_weights.sh FOLDER [NAME] [key=value ...]
# From nothing to a file of shipped weights: render clips, align them, train,
# export. The same command goes on where it was stopped. The file is
# FOLDER/weights/NAME.pth (aligned_median by default); copying it, its line of
# the table and its card into mmderain/weights ships it.
# From the environment: CLIPS (4800), STEPS (12800), BATCH (12, of all
# processes), PROCESSES (2; on a GPU 1), SEED (0). key=value: settings of the
# config, as for --cfg-options of train.py.
set -euo pipefail
if [ $# -lt 1 ]; then
    sed -n 2,9p "$0" >&2
    exit 2
fi
folder=$1
name=${2:-aligned_median}
shift $(($# < 2 ? $# : 2))
tools=$(cd "$(dirname "$0")" && pwd)
python=$tools/python.sh
config=$tools/../configs/derainers/AlignedMedian/AlignedMedian.py
clips=${CLIPS:-4800} steps=${STEPS:-12800} batch=${BATCH:-12} seed=${SEED:-0}
gpus=$("$python" -c 'import torch; print(torch.cuda.device_count())')
processes=${PROCESSES:-$((gpus > 0 ? 1 : 2))}
if [ $((batch % processes)) -ne 0 ]; then
    echo "error: BATCH=$batch is no multiple of PROCESSES=$processes" >&2
    exit 2
fi
mkdir -p "$folder"

say() { printf '\n== %s\n' "$1"; }

say "1/5: $clips clips in rain"
"$python" "$tools/render_clips.py" "$folder/clips" --train "$clips" --val 0 \
    --seed "$seed"

say '2/5: their alignment'
"$python" "$tools/align_clips.py" "$folder/clips/train"

say '3/5: clips to validate on: other pictures, rain by other formulas'
if [ ! -f "$folder/held_out.done" ]; then
    rm -rf "$folder/pictures" "$folder/held_out"
    "$python" - "$folder/pictures" <<'PYTHON'
import sys
from pathlib import Path

import cv2

from mmderain.synthesis.free_pictures import free_picture
from mmderain.synthesis.training_clips import TrainingClipSettings

for strength in ('light', 'complex'):
    folder = Path(sys.argv[1]) / strength
    folder.mkdir(parents=True)
    for name in TrainingClipSettings().val_pictures:
        picture = free_picture(name)[..., ::-1]
        cv2.imwrite(str(folder / f'{name}_{strength}.png'), picture)
PYTHON
    for strength in light complex; do
        "$python" "$tools/synthesize_rain.py" "$folder/pictures/$strength" \
            "$folder/held_out" --preset "rainsyn_$strength" --from-still \
            --split test --num-frames 12 --size 240x320 --seed 7
    done
    touch "$folder/held_out.done"
fi

say "4/5: $steps steps on $processes process(es)"
# absolute: the launcher may start elsewhere
root=$(cd "$folder" && pwd)
ALIGNED_CLIPS_ROOT=$root/clips/train HELD_OUT_ROOT=$root/held_out \
    ALIGNED_MEDIAN_STEPS=$steps "$tools/dist_train.sh" "$config" "$processes" \
    --work-dir "$root/work" --resume --cfg-options \
    randomness.seed="$seed" \
    train_dataloader.batch_size=$((batch / processes)) "$@"

say '5/5: the file'
"$python" "$tools/ship_weights.py" "$root/work/iter_$steps.pth" "$name" \
    --folder "$root/weights" --overwrite
