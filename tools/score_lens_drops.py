"""Score models on clips with drops on the lens, inside and outside of them.

Clips are scaled to the area of 640x360 pixels. Their drops are those of
``mmderain synthesize``, which training never uses. A line for each clip, in
Markdown: PSNR on RGB inside the drops, outside and of the whole frames, over
frames from the middle; then recall and precision of what was replaced, the
temporal error in levels, and the worst frame of the clip without any drops.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from named_clip import SPELLING, NamedClip, named_clip

from mmderain.cli.common import run
from mmderain.cli.option_types import whole
from mmderain.media.images import write_rgb
from mmderain.media.psnr import psnr
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import (
    DerainedFrame,
    Restorer,
    RestorerChain,
    choose_restorer,
)
from mmderain.synthesis.camera import Camera
from mmderain.synthesis.raindrops import Raindrops, RaindropSettings

_AREA = 640 * 360
_COVERED = 0.25  # of a pixel, from which it is inside
_CLEAR = 0.02  # below which it is outside
_NEAR = 6  # pixels around drops in which it is no fault to replace something


class Clip(NamedTuple):
    """A clip with and without drops; frames (h, w, 3) uint8 RGB."""

    name: str
    clean: list[np.ndarray]
    wet: list[np.ndarray]
    cover: list[np.ndarray]  # (h, w) float32, how much of each is covered


def main(argv: list[str] | None = None) -> int:
    """Score; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('clips', nargs='+', metavar=SPELLING,
                        type=named_clip(80),
                        help='a video or a folder of frames')
    parser.add_argument('--checkpoint')
    parser.add_argument('--model')
    parser.add_argument('--remove', default='drops', help='for the shipped '
                        'weights: drops, or streaks,drops (default: drops)')
    parser.add_argument('--frames', type=whole(1), default=12,
                        help='that are scored (default: 12)')
    parser.add_argument('--pictures', type=Path, metavar='FOLDER', help='also '
                        'write clean, wet and restored of the middle frame')
    args = parser.parse_args(argv)
    return run(lambda: score_all(args))


def score_all(args: argparse.Namespace) -> None:
    """Print a line for each clip."""
    if args.checkpoint is None and args.model is None:
        restorer = choose_restorer(remove=args.remove.split(','))
    else:
        restorer = choose_restorer(args.checkpoint, args.model)
    print('| clip | as it came in | after | recall | precision '
          '| temporal error | without drops, worst frame |\n'
          '| --- | --- | --- | --- | --- | --- | --- |')
    for number, clip in enumerate(args.clips):
        print(score(restorer, read(clip, 100 + number), args.frames,
                    args.pictures), flush=True)


def read(named: NamedClip, seed: int) -> Clip:
    """Read a clip and draw drops over it."""
    clean = []
    for image in named.frames():
        height, width = image.shape[:2]
        scale = (_AREA / (height * width)) ** 0.5 / 2
        clean.append(cv2.resize(
            image, (2 * round(width * scale), 2 * round(height * scale)),
            interpolation=cv2.INTER_AREA))
    drops = Raindrops(RaindropSettings(), Camera(fps=25), clean[0].shape[:2],
                      np.random.default_rng(seed))
    wet, cover = [], []
    for image in clean:
        wet.append(drops.draw(image))
        cover.append(1 - drops.clear)
        drops.advance()
    return Clip(named.path.stem, clean, wet, cover)


def restore(restorer: Restorer | RestorerChain, frames: list[np.ndarray],
            with_maps: bool = False) -> Iterator[DerainedFrame]:
    """Restore the frames of a clip."""
    size = frames[0].shape[:2]
    spec = restorer.spec(restorer.fit_tile(*size), *size)
    return restorer.stream(
        (TimedFrame(image, index, 1, index)
         for index, image in enumerate(frames)), spec, with_maps)


def score(restorer: Restorer | RestorerChain, clip: Clip, count: int,
          pictures: Path | None) -> str:
    """The line of a clip."""
    results = list(restore(restorer, clip.wet, True))
    images = [result.image for result in results]
    first = (len(images) - count) // 2
    chosen = slice(first, first + count)
    cover = np.stack(clip.cover[chosen])
    inside = cover > _COVERED
    clean, wet, after = (np.stack(frames[chosen]).astype(np.float32)
                         for frames in (clip.clean, clip.wet, images))
    # of a model without such a map, what it has changed
    found = np.stack([result.maps['drops'] > 127 if 'drops' in result.maps
                      else result.maps['removed'] > 8
                      for result in results[chosen]])
    near = np.stack([cv2.dilate((cover > 0.05).astype(np.uint8), np.ones(
        (2 * _NEAR + 1, ) * 2)) for cover in clip.cover[chosen]]) > 0
    dry = [psnr(result.image.astype(float) - image) for result, image in zip(
        restore(restorer, clip.clean), clip.clean, strict=True)]
    if pictures is not None:
        middle = len(images) // 2
        write_rgb(pictures / f'{clip.name}.png', np.concatenate(
            [clip.clean[middle], clip.wet[middle], images[middle]]))
    errors = [np.abs(np.diff(frames - clean, axis=0)).mean()
              for frames in (wet, after)]
    return (f'| {clip.name} | {_scores(wet, clean, cover)} '
            f'| {_scores(after, clean, cover)} '
            f'| {(found & inside).sum() / inside.sum():.2f} '
            f'| {(found & near).sum() / max(1, found.sum()):.2f} '
            f'| {errors[0]:.2f} to {errors[1]:.2f} | {min(dry):.1f} |')


def _scores(frames: np.ndarray, clean: np.ndarray,
            cover: np.ndarray) -> str:
    return ' / '.join(
        f'{psnr((frames - clean)[where]):.1f}'
        for where in (cover > _COVERED, cover < _CLEAR, cover >= 0))


if __name__ == '__main__':
    sys.exit(main())
