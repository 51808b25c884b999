"""Writes raindrop images in the layout of the Raindrop set."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from mmderain.errors import DataError
from mmderain.files import parse_json, write_whole
from mmderain.media.images import write_rgb
from mmderain.synthesis.raindrops import RaindropSettings
from mmderain.synthesis.renderer import RainRenderer, RainyFrame
from mmderain.synthesis.unfinished import unfinished

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
        ours = {number for clip in self._read_record() for number in range(
            clip['first'], clip['first'] + clip['frames'])}
        for number, path in self._images():
            if number not in ours:
                raise DataError(
                    f'{path}: expected no image of that name, but there is '
                    f'one, which mmderain did not render ({_RECORD} does not '
                    'tell of it). Move it away, or choose another output.')
            if not self.overwrite:
                raise DataError(
                    f'{path}: expected no image of that name, but there is '
                    'one. Add --overwrite to replace it, or choose another '
                    'output.')

    def _images(self) -> list[tuple[int, Path]]:
        """What is there under names of the layout, by its numbers."""
        found = []
        for folder, ending in PARTS.values():
            for path in (self._root / folder).glob(f'*{ending}.png'):
                number = path.name.removesuffix(f'{ending}.png')
                if number.isdecimal():
                    found.append((int(number), path))
        return sorted(found)

    def write(self, name: str, frames: Iterable[RainyFrame],
              settings: dict) -> int:
        """Write the frames of one clip, and their settings as JSON.

        They appear when all of them are written.

        Args:
            name: Of the clip, for the record.
            frames: Taken one at a time.
            settings: What made them, fit for JSON.

        Returns:
            The number of frames.

        Raises:
            UserError: The folder cannot be written.
        """
        first, files = self._count, []
        with unfinished(self.root, self.split) as place:
            for number, frame in enumerate(frames, first):
                for part, (folder, ending) in PARTS.items():
                    files.append(Path(folder, f'{number}{ending}.png'))
                    write_rgb(place / files[-1], getattr(frame, part))
            count = len(files) // len(PARTS)
            clip = dict(settings, name=name, first=first, frames=count)
            # first of all: after a kill all that is there is known as ours
            self._record(dict(clip, is_whole=False))
            for file in files:
                (self._root / file).parent.mkdir(exist_ok=True)
                (place / file).replace(self._root / file)
            self._count += count
            self._clips.append(clip)
            self._record()
        return count

    @property
    def _root(self) -> Path:
        return self.root / self.split

    def _record(self, *clips: dict) -> None:
        """One line a clip: of this run, and of earlier ones what is left."""
        clips = (*self._clips, *clips,
                 *_beyond(self._read_record(), self._count))
        write_whole(self._root / _RECORD, ''.join(
            json.dumps(clip) + '\n' for clip in clips), parents=True)

    def _read_record(self) -> list[dict]:
        path = self._root / _RECORD
        if not path.exists():
            return []
        try:
            clips = [parse_json(line) for line in path.read_text(
                encoding='utf-8').splitlines()]
            for clip in clips:
                range(clip['first'], clip['frames'])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                f'{path}: expected the record of an earlier run, a line of '
                'JSON for each input, but it is damaged. Choose another '
                'output.') from error
        return clips


def _beyond(clips: Iterable[dict], count: int) -> Iterator[dict]:
    """What is left of clips whose first ``count`` images were replaced."""
    for clip in clips:
        end = clip['first'] + clip['frames']
        if end > count:
            first = max(clip['first'], count)
            yield dict(clip, first=first, frames=end - first)
