"""Average checkpoints of one network, which went apart from one beginning.

Between a network and what further training made of it lie networks that have
the good of both (WiSE-FT, Wortsman et al., CVPR 2022).
"""

import argparse
import io
import math
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.cli.common import run
from mmderain.errors import CheckpointError
from mmderain.files import write_whole


class Part(NamedTuple):
    """A checkpoint, and how much of it."""

    share: float
    file: str


def part(text: str) -> Part:
    """Read SHARE:FILE.pth."""
    match = re.fullmatch(r'(-?\d*\.?\d+):(.+)', text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f'expected SHARE:FILE.pth, such as 0.5:work/iter_1000.pth, got '
            f'{text!r}')
    return Part(float(match[1]), match[2])


def main(argv: list[str] | None = None) -> int:
    """Average; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('output', type=Path, metavar='OUTPUT.pth')
    parser.add_argument('parts', nargs='+', metavar='SHARE:FILE.pth',
                        type=part, help='shares sum up to 1')
    args = parser.parse_args(argv)
    shares = [item.share for item in args.parts]
    if not math.isclose(sum(shares), 1) or os.path.lexists(args.output):
        parser.error(f'expected shares that sum up to 1, got {shares}, and '
                     f'an output that is not there yet, {args.output}')
    return run(lambda: average(args))


def average(args: argparse.Namespace) -> None:
    """Write the average.

    Raises:
        UserError: A file cannot be read or written, or they do not fit.
    """
    read = [load_checkpoint_file(item.file) for item in args.parts]
    for item, checkpoint in zip(args.parts, read, strict=True):
        if not _shapes(checkpoint) or (
                _shapes(checkpoint) != _shapes(read[0])):
            raise CheckpointError(
                f'{item.file}: expected the weights of the network of '
                f'{args.parts[0].file}, got others. Average checkpoints that '
                'a training of mmderain wrote of one network.')
    weights = {name: sum(
        item.share * checkpoint['state_dict'][name].float()
        for item, checkpoint in zip(args.parts, read, strict=True))
        for name in read[0]['state_dict']}
    content = io.BytesIO()
    torch.save(dict(meta=dict(mmderain=read[0]['meta']['mmderain']),
                    state_dict=weights), content)
    write_whole(args.output, content.getvalue(), parents=True)


def _shapes(checkpoint: object) -> dict:
    """Names and shapes of weights, and what network they are of.

    Nothing where it is not described.
    """
    try:
        return dict(
            network=checkpoint['meta']['mmderain'], shapes={
                name: value.shape if isinstance(value, Tensor) else None
                for name, value in checkpoint['state_dict'].items()})
    except (KeyError, TypeError, AttributeError):
        return {}


if __name__ == '__main__':
    sys.exit(main())
