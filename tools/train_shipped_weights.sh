#!/usr/bin/env bash
# usage: train_shipped_weights.sh FOLDER [NAME] [key=value ...]
# From nothing to a file of shipped weights: render clips, align them, train,
# fine-tune on other clips in four parts, average, show the network its guide,
# export. The same command resumes where it was stopped. The file is
# FOLDER/weights/NAME.pth (guided_median if not named); it, its line of the
# table and its card belong into mmderain/weights. From the environment: CLIPS
# (4800) and STEPS (12800), FINETUNE_CLIPS (6400), FINETUNE_STEPS (12800) and
# LAST_STEPS (4000), FOOTAGE_CLIPS (9000) and FOOTAGE_STEPS (6400), HEAVY_CLIPS
# (2600) and HEAVY_STEPS (1400), GUIDED_CLIPS (3200, of each of five kinds) and
# GUIDED_STEPS (14000), FOOTAGE (folders of real videos and pictures without
# rain; none) and HOLD_OUT (beginnings of names that are left out of them), SEED
# (0), PROCESSES (2; on a GPU 1). key=value: settings of all configs, as for
# --cfg-options of train.py.
set -euo pipefail
if [ $# -lt 1 ]; then
    sed -n 2,15p "$0" >&2
    exit 2
fi
mkdir -p "$1"
# absolute: the launcher may start elsewhere
folder=$(cd "$1" && pwd)
name=${2:-guided_median}
shift $(($# < 2 ? $# : 2))
tools=$(cd "$(dirname "$0")" && pwd)
python=$tools/python.sh
configs=$tools/../configs/derainers/AlignedMedian
clips=${CLIPS:-4800} steps=${STEPS:-12800} seed=${SEED:-0}
finetune_clips=${FINETUNE_CLIPS:-6400} finetune_steps=${FINETUNE_STEPS:-12800}
last_steps=${LAST_STEPS:-4000}
footage_clips=${FOOTAGE_CLIPS:-9000} footage_steps=${FOOTAGE_STEPS:-6400}
heavy_clips=${HEAVY_CLIPS:-2600} heavy_steps=${HEAVY_STEPS:-1400}
guided_clips=${GUIDED_CLIPS:-3200} guided_steps=${GUIDED_STEPS:-14000}
gpus=$("$python" -c 'import torch; print(torch.cuda.device_count())')
processes=${PROCESSES:-$((gpus > 0 ? 1 : 2))}
# clips of a step, of all processes
batch=12 finetune_batch=6
if [ $((finetune_batch % processes)) -ne 0 ]; then
    echo "error: PROCESSES=$processes does not divide" \
        "$finetune_batch, the clips of a step" >&2
    exit 2
fi
# parts of the folder are made anew: it has to be our own
if [ ! -f "$folder/recipe.txt" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "error: $folder holds what this command did not make. Take a new" \
        "folder." >&2
    exit 2
fi
# checkpoints of another recipe would be resumed
recipe="CLIPS=$clips STEPS=$steps FINETUNE_CLIPS=$finetune_clips \
FINETUNE_STEPS=$finetune_steps LAST_STEPS=$last_steps \
FOOTAGE_CLIPS=$footage_clips FOOTAGE_STEPS=$footage_steps \
HEAVY_CLIPS=$heavy_clips HEAVY_STEPS=$heavy_steps \
GUIDED_CLIPS=$guided_clips GUIDED_STEPS=$guided_steps \
FOOTAGE=${FOOTAGE:-} HOLD_OUT=${HOLD_OUT:-} SEED=$seed $*"
if [ "$(cat "$folder/recipe.txt" 2>/dev/null || echo "$recipe")" != "$recipe" ]
then
    echo "error: $folder was begun with '$(cat "$folder/recipe.txt")', not" \
        "with '$recipe'. Use the same settings, or take another folder." >&2
    exit 2
fi
echo "$recipe" > "$folder/recipe.txt"

say() { printf '\n== %s\n' "$1"; }

# render FOLDER CLIPS SEED [options]: clips in rain, and their alignment, with
# the options in $alignment, if set
render() {
    "$python" -m mmderain render-clips "$1" --train "$2" --val 0 \
        --seed "$3" "${@:4}"
    # several words
    # shellcheck disable=SC2086
    "$python" -m mmderain align-clips "$1/train" ${alignment:-}
}

# train CONFIG CLIPS WORK STEPS BATCH [key=value ...]; from $start, if set
train() {
    ALIGNED_MEDIAN_START=${start:-} ALIGNED_CLIPS_ROOT=$2/train \
        HELD_OUT_ROOT=$folder/held_out ALIGNED_MEDIAN_STEPS=$4 \
        "$tools/dist_train.sh" "$configs/$1" \
        "$processes" --work-dir "$3" --resume --cfg-options \
        randomness.seed="$seed" \
        train_dataloader.batch_size=$(($5 / processes)) "${@:6}"
}

say '1/14: clips in rain'
render "$folder/clips" "$clips" "$seed"

say '2/14: other clips in rain, to fine-tune on'
render "$folder/finetuning_clips" "$finetune_clips" $((seed + 1)) \
    --settings "$configs/finetuning_clips.json"

say '3/14: clips to validate on: other pictures, rain by other formulas'
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
        "$python" -m mmderain synthesize "$folder/pictures/$strength" \
            "$folder/held_out" --preset "rainsyn_$strength" --from-still \
            --split test --num-frames 12 --size 240x320 --seed 7
    done
    touch "$folder/held_out.done"
fi

say "4/14: $steps steps on $processes process(es)"
train AlignedMedian.py "$folder/clips" "$folder/work" "$steps" "$batch" "$@"

say "5/14: $finetune_steps steps of fine-tuning"
start=$folder/work/iter_$steps.pth \
    train AlignedMedian_finetune.py "$folder/finetuning_clips" \
    "$folder/work_finetune" "$finetune_steps" "$finetune_batch" "$@"

say "6/14: $last_steps more, with an estimate of the scene"
start=$folder/work_finetune/iter_$finetune_steps.pth \
    train AlignedMedian_shipped.py "$folder/finetuning_clips" \
    "$folder/work_shipped" "$last_steps" "$finetune_batch" "$@"

say '7/14: clips of real footage, and of what is no rain'
footage=()
# several folders, several names
# shellcheck disable=SC2206
if [ -n "${FOOTAGE:-}" ]; then
    footage=(--footage $FOOTAGE)
    [ -z "${HOLD_OUT:-}" ] || footage+=(--hold-out $HOLD_OUT)
fi
render "$folder/footage_clips" "$footage_clips" $((seed + 3)) \
    --settings "$configs/footage_clips.json" "${footage[@]}"

say "8/14: $footage_steps steps on them"
start=$folder/work_shipped/iter_$last_steps.pth \
    train AlignedMedian_footage.py "$folder/footage_clips" \
    "$folder/work_footage" "$footage_steps" "$finetune_batch" "$@"

say '9/14: clips in heavier rain'
render "$folder/heavy_clips" "$heavy_clips" $((seed + 5)) \
    --settings "$configs/heavy_clips.json" "${footage[@]}"

# between what training on real footage has made and what it began with lies
# what keeps the good of both
average() { rm -f "$1"; "$python" "$tools/average_weights.py" "$@"; }
first=$folder/work_shipped/iter_$last_steps.pth
average "$folder/footage.pth" "0.3:$first" \
    "0.7:$folder/work_footage/iter_$footage_steps.pth"

say "10/14: $heavy_steps steps on them"
start=$folder/footage.pth train AlignedMedian_footage.py \
    "$folder/heavy_clips" "$folder/work_heavy" "$heavy_steps" \
    "$finetune_batch" optim_wrapper.optimizer.lr=1.2e-4 \
    train_dataloader.dataset.min_psnr=11 "$@"

say '11/14: what the network without a guide comes to'
average "$folder/average.pth" "0.35:$first" \
    "0.2:$folder/work_footage/iter_$footage_steps.pth" \
    "0.45:$folder/work_heavy/iter_$heavy_steps.pth"

say '12/14: clips of nine frames, and what a guide makes of them'
number=5
for kind in finetuning footage heavy clean dense; do
    number=$((number + 1))
    sets=$folder/guided_clips
    mkdir -p "$sets"
    "$python" - "$configs/${kind}_clips.json" > "$sets/$kind.json" <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as settings:
    print(json.dumps({**json.load(settings), 'num_frames': 9}))
PYTHON
    alignment='--alignment composed --guide light_median' \
        render "$sets/$kind" "$guided_clips" $((seed + number)) \
        --settings "$sets/$kind.json" "${footage[@]}"
done

say "13/14: $guided_steps steps on them, with the guide"
GUIDED_CLIPS_ROOT=$folder/guided_clips \
    GUIDED_MEDIAN_START=$folder/average.pth start=$folder/average.pth \
    train GuidedMedian.py "$folder/guided_clips" "$folder/work_guided" \
    "$guided_steps" "$finetune_batch" "$@"

say '14/14: the file'
"$python" -m mmderain ship-weights \
    "$folder/work_guided/iter_$guided_steps.pth" \
    "$name" --folder "$folder/weights" --overwrite
