"""Writes raindrop images in the layout of the Raindrop set."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from mmderain.errors import DataError
from mmderain.files import write_whole
from mmderain.media.images import write_rgb
from mmderain.synthesis.raindrops import RaindropSettings
from mmderain.synthesis.renderer import RainRenderer, RainyFrame

# (folder, ending) of each part of a frame. The rainy image has drops only;
# the clean one comes last, so that a pair is complete once it is there.
PARTS = dict(drop=('data', '_rain'), drop_mask=('mask', '_mask'),
             gt=('gt', '_clean'))
_RECORD = 'raindrops.json'


def render_images(frames: Iterable[np.ndarray], drops: RaindropSettings,
                  seed: int, first: int) -> Iterator[RainyFrame]:
    """Raindrops on images, other ones on each, where a clip would keep its.

    Args:
        frames: Clean images, (h, w, 3) uint8 RGB.
        drops: What drops.
        seed: Same seed and number, same drops.
        first: Number of the first image in its set.
    """
    for number, frame in enumerate(frames, first):
        yield from RainRenderer(
            None, drops, seed=seed, sequence=number).render([frame])


class RaindropWriter:
    """Writes frames as ``<split>/data/N_rain.png`` and ``gt/N_clean.png``.

    The renderer knows where its drops are, so there is ``mask/N_mask.png``,
    too. The frames of all clips are numbered through.

    Args:
        root: The set's folder; it is made where it is missing.
        split: 'train', 'test_a' or 'test_b'.
        overwrite: Replace images that are there. Pairs with higher numbers
            than those that are written stay.
    """

    def __init__(self, root: Path, split: str = 'train',
                 overwrite: bool = False) -> None:
        self.root = Path(root)
        self.split = split
        self.overwrite = overwrite
        self._count = 0
        self._clips: list[dict] = []

    def check(self, names: Iterable[str]) -> None:
        """Look whether images can be written, before any work.

        Args:
            names: Of the clips; the files are numbered instead.

        Raises:
            DataError: There are images that are not to be overwritten, or
                are not ours.
        """
        is_ours = (self.root / self.split / _RECORD).is_file()
        for folder, ending in PARTS.values():
            path = self.root / self.split / folder / f'0{ending}.png'
            if path.exists() and not is_ours:
                raise DataError(
                    f'{path}: expected no image of that name, but there is '
                    'one, which mmderain did not render. Choose another '
                    'output.')
            if path.exists() and not self.overwrite:
                raise DataError(
                    f'{path}: expected no image of that name, but there is '
                    'one. Add --overwrite to replace it, or choose another '
                    'output.')

    def write(self, name: str, frames: Iterable[RainyFrame],
              settings: dict) -> int:
        """Write the frames of one clip, and their settings as JSON.

        Args:
            name: Of the clip, for the record.
            frames: Taken one at a time.
            settings: What made them, fit for JSON.

        Returns:
            The number of frames.

        Raises:
            UserError: The folder cannot be written.
        """
        first = self._count
        for frame in frames:
            for part, (folder, ending) in PARTS.items():
                write_rgb(self.root / self.split / folder
                          / f'{self._count}{ending}.png',
                          getattr(frame, part))
            self._count += 1
        self._clips.append(dict(settings, name=name, first=first,
                                frames=self._count - first))
        # one line a clip of this run
        write_whole(self.root / self.split / _RECORD, ''.join(
            json.dumps(clip) + '\n' for clip in self._clips), parents=True)
        return self._count - first
