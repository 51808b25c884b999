"""``mmderain write-masks FOLDER``: raindrop masks of a set of pairs."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, path_text, whole
from mmderain.cli.places import require_outside, require_place
from mmderain.datasets.mask_from_pair import (
    REDUCTIONS,
    THRESHOLD,
    check_options,
    raindrop_mask,
)
from mmderain.errors import UserError
from mmderain.file_kinds import A_FILE, what_is_there
from mmderain.media.images import read_image, write_rgb
from mmderain.media.pictures import stack_rows

_OUTLINE = (255, 0, 0)
_MAX_WIDTH = 360  # of an image in the picture


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain write-masks',
        description='Find the raindrops of a set in the layout of Raindrop by '
        'the difference of its pairs. Writes mask/N_mask.png beside the '
        'images, which RaindropDataset(with_mask=True) reads.')
    parser.add_argument('data_root', type=path_text, help='folder of the set')
    parser.add_argument('--split', default='train',
                        help='folder of pairs in it (default: train)')
    parser.add_argument('--threshold', type=float, default=THRESHOLD,
                        help="difference above which a pixel is a drop's, in "
                        'levels of 8 bits (default: %(default)s, the '
                        "paper's)")
    parser.add_argument('--reduction', choices=REDUCTIONS, default='max',
                        help='of the channels (default: max)')
    parser.add_argument('--morphology', type=whole(0), default=0,
                        metavar='PIXELS', help='close holes and remove specks '
                        'of up to this size (default: 0, neither)')
    parser.add_argument('--picture', type=path, metavar='FILE.png',
                        help='also write pairs, masks and their outlines side '
                        'by side, to judge the masks by')
    parser.add_argument('--pairs', type=whole(1), default=4,
                        help='rows of the picture, spread over the set '
                        '(default: 4)')
    parser.add_argument('--picture-only', action='store_true',
                        help='write no masks, to try options')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace masks and a picture that are there')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: write_masks(args),
               'stopped; the same command with --overwrite makes all masks')


def write_masks(args: argparse.Namespace) -> None:
    """Write the masks of a set, a picture of some, or both.

    Raises:
        UserError: The pairs are not as they should be, masks are there
            already, or an option has no such value.
    """
    from mmderain.datasets.raindrop_dataset import (
        RaindropDataset,
        split_folder,
    )

    check_options(args.threshold, args.reduction, args.morphology)
    if args.picture_only and args.picture is None:
        raise UserError('--picture-only: expected --picture FILE.png, too.')
    require_place('--picture', args.picture, overwrite=args.overwrite)
    dataset = RaindropDataset(data_root=args.data_root, split=args.split,
                              pipeline=[])
    split = split_folder(args.data_root, args.split)
    require_outside('--picture', args.picture, split)
    folder = split / 'mask'
    pairs = [dataset.get_data_info(index) for index in range(len(dataset))]
    targets = [folder / f'{pair["key"]}_mask.png' for pair in pairs]
    if not args.picture_only:
        _require_free(targets, args.overwrite)
    shown = _spread(len(pairs), args.pairs) if args.picture else set()
    wanted = shown if args.picture_only else range(len(pairs))
    rows, covered = [], []
    for index in tqdm(sorted(wanted), desc='masks', unit='image',
                      mininterval=1, leave=False):
        rainy, clean = (read_image(Path(pairs[index][f'{key}_path'][0]))
                        for key in ('img', 'gt'))
        mask = raindrop_mask(rainy, clean, args.threshold, args.reduction,
                             args.morphology)
        covered.append(float(mask.mean()) / 255)
        if not args.picture_only:
            write_rgb(targets[index], mask)
        if index in shown:
            rows.append(_row(rainy, clean, mask))
    if args.picture:
        write_rgb(args.picture, stack_rows(rows))
    print(f'{len(covered)} masks, {100 * np.mean(covered):.1f} % of the '
          'pixels are drops; '
          + ', '.join([f'masks in {folder}'] * (not args.picture_only)
                      + [f'picture {args.picture}'] * bool(args.picture)))


def _require_free(targets: Sequence[Path], overwrite: bool) -> None:
    """Notice masks that cannot be written before any is."""
    require_place('The masks', targets[0].parent, is_folder=True)
    for target in filter(os.path.lexists, targets):
        there = what_is_there(target) or 'a link that leads nowhere'
        if there != A_FILE:
            raise UserError(f'{target}: expected the place of a mask, but '
                            f'{there} has this name. Move it away.')
        if not overwrite:
            raise UserError(f'{target}: expected no mask, but there is one. '
                            'Add --overwrite to replace it.')


def _spread(total: int, count: int) -> set[int]:
    """Up to ``count`` indices, spread over all."""
    return {round(position) for position in
            np.linspace(0, total - 1, max(1, min(count, total)))}


def _row(rainy: np.ndarray, clean: np.ndarray,
         mask: np.ndarray) -> np.ndarray:
    """Rainy, clean, mask, and the mask's outline on the rainy image."""
    outlined = rainy.copy()
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST,
                                   cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(outlined, contours, -1, _OUTLINE, 1)
    row = [rainy, clean, np.dstack([mask] * 3), outlined]
    height, width = mask.shape
    if width > _MAX_WIDTH:
        size = (_MAX_WIDTH, max(1, round(height * _MAX_WIDTH / width)))
        row = [cv2.resize(image, size, interpolation=cv2.INTER_AREA)
               for image in row]
    return np.concatenate(row, axis=1)
