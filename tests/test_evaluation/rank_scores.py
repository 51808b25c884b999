"""Score a share of some clips in one of several processes: a script.

    python -m tests.test_evaluation.rank_scores RANK WORLD PORT OUTPUT WEIGHTS
"""

import json
import os
import sys
from pathlib import Path

import torch

from mmderain.compat import init_cpu_process_group
from mmderain.evaluation import PROTOCOLS
from mmderain.evaluation.metrics import (
    LPIPS,
    TOF,
    ClipNIQE,
    ProtocolScores,
    TemporalError,
)

# an odd number of clips, of different lengths: no split is even
LENGTHS = (10, 8, 9)
SIZE = (96, 192)  # the least that has a NIQE


def clip_sample(index):
    """A clip that moves, and a worse one; each by its number alone."""
    generator = torch.Generator().manual_seed(index)
    picture = torch.nn.functional.interpolate(
        torch.rand(1, 3, 12, 24, generator=generator), SIZE, mode='bicubic')
    clean = torch.cat([picture.roll(2 * k, 3) for k in range(LENGTHS[index])])
    noise = torch.randn(clean.shape, generator=generator) * 0.1
    restored, clean = ((255 * clip.clamp(0, 1)).byte()
                       for clip in (clean + noise, clean))
    return dict(output=dict(pred_img=restored), gt_img=clean, input=restored,
                key=str(index))


def figures(rank, world, weights):
    """Every metric of the package; what the first process reports."""
    metrics = [ProtocolScores(name, prefix=name) for name in PROTOCOLS]
    metrics += [TOF(name, prefix=name) for name in PROTOCOLS]
    metrics += [TemporalError('vrds', prefix='vrds'),
                LPIPS('vrds', pretrained=weights, prefix='vrds'),
                ClipNIQE(step=4, prefix='niqe')]
    found = {}
    for metric in metrics:
        metric.size = len(LENGTHS)
        for index in range(rank, len(LENGTHS), world):
            metric.process(None, [clip_sample(index)])
        found.update(metric.evaluate())
    return found


def main():
    rank, world, port, output, weights = sys.argv[1:]
    os.environ.update(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=world,
                      MASTER_ADDR='127.0.0.1', MASTER_PORT=port)
    torch.set_num_threads(1)
    init_cpu_process_group()
    found = figures(int(rank), int(world), weights)
    if rank == '0':
        Path(output).write_text(json.dumps(found))


if __name__ == '__main__':
    main()
