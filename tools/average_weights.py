"""Average checkpoints of one network, which went apart from one beginning.

Between a network and what further training made of it lie networks that have
the good of both (WiSE-FT, Wortsman et al., CVPR 2022).
"""

import argparse
from pathlib import Path

import torch

from mmderain.checkpoints.safe_loading import load_checkpoint_file


def main() -> None:
    """Write the average."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('output', type=Path, metavar='OUTPUT.pth')
    parser.add_argument('parts', nargs='+', metavar='SHARE:FILE.pth',
                        help='shares sum up to 1')
    args = parser.parse_args()
    shares, files = zip(*(part.split(':', 1) for part in args.parts),
                        strict=True)
    shares = [float(share) for share in shares]
    if abs(sum(shares) - 1) > 1e-6 or args.output.exists():
        parser.error(f'expected shares that sum up to 1, got {shares}, and '
                     f'an output that is not there yet, {args.output}')
    read = [load_checkpoint_file(file) for file in files]
    weights = {name: sum(
        share * item['state_dict'][name].float()
        for share, item in zip(shares, read, strict=True))
        for name in read[0]['state_dict']}
    torch.save(dict(meta=dict(mmderain=read[0]['meta']['mmderain']),
                    state_dict=weights), args.output)


if __name__ == '__main__':
    main()
