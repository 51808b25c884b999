"""Restored and clean sequences on disk, and which frames belong together."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np

from mmderain.errors import DataError
from mmderain.media.frame_source import FrameSource, find_sources
from mmderain.media.images import is_image, is_other_image
from mmderain.media.left_out import is_video, passed_over

# endings by which sets tell rainy from clean folders, as NTURain's
_ROLE = re.compile(r'[-_](rain|rainy|gt|clean)$', re.IGNORECASE)
_LISTED = 5


@dataclass(frozen=True)
class SequencePair:
    """Restored and clean frames that belong together.

    Args:
        name: Of the sequence.
        restored: Its frames.
        clean: As many; of videos this shows when they are read.
        dropped_ends: Frames that do not count at either end; those of folders
            are left out already.
    """

    name: str
    restored: FrameSource
    clean: FrameSource
    dropped_ends: int = 0

    @property
    def num_frames(self) -> int | None:
        """How many frames count; None where only reading tells."""
        return None if self._by_reading else len(self.clean.images)

    @property
    def can_reread(self) -> bool:
        """Whether :meth:`read` can be called more than once."""
        return self.restored.can_reread and self.clean.can_reread

    def read(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Name, restored and clean frame, one after the other.

        Raises:
            DataError: A file cannot be decoded; one sequence is longer.
        """
        with closing(self.restored.pictures()) as ours, \
                closing(self.clean.pictures()) as theirs:
            pairs = enumerate(zip_longest(ours, theirs))
            if not self._by_reading:
                names = [path.stem for path in self.restored.images]
                for index, (restored, clean) in pairs:
                    yield names[index], restored, clean
                return
            held: deque = deque()
            for index, pair in islice(self._complete(pairs),
                                      self.dropped_ends, None):
                held.append((str(index), *pair))
                if len(held) > self.dropped_ends:
                    yield held.popleft()

    @property
    def _by_reading(self) -> bool:
        """Whether only reading tells which frames belong together."""
        return self.restored.images is None or self.clean.images is None

    def _complete(self, pairs: Iterable[tuple]) -> Iterator[tuple]:
        for index, pair in pairs:
            for frame, sequence in zip(pair, (self.restored, self.clean),
                                       strict=True):
                if frame is None:
                    raise DataError(
                        f'{sequence.path} ends after {index} frames; the '
                        'other sequence continues. Expected as many frames in '
                        'both.')
            yield index, pair


def find_sequences(root: Path) -> list[FrameSource]:
    """The sequences of a folder, or the one that it is.

    Args:
        root: Folder of frames, folder of such folders and of videos, a video,
            or one image.

    Raises:
        DataError: There is nothing of the kind.
    """
    found = []
    if root.is_dir() or any(
            kind(root) for kind in (is_image, is_other_image, is_video)):
        found = find_sources(root)
    if not found:
        raise DataError(
            f'{root}: expected a folder of frames, a folder of such folders '
            f'or of videos, a video or an image, but it '
            f'{"is none of them" if root.exists() else "does not exist"}. '
            'Fix the path.')
    # images of several sizes are pairs for themselves
    return [source if source.is_video else replace(source, one_size=False)
            for source in found]


def left_out(root: Path) -> list[str]:
    """What is in a folder and not scored; see :func:`passed_over`."""
    return passed_over(root, [path for source in find_sequences(root)
                              for path in source.files])


def pair_sequences(results: Path, truth: Path, dropped_ends: int = 0,
                   by_order: bool = False) -> list[SequencePair]:
    """Which sequences and frames belong together.

    Sequences belong together by name (without endings such as ``_GT`` and
    ``_Rain``), or if there is only one on either side. Frames do by the
    numbers in their names, or by their names where those are not unique.

    Args:
        results: Restored sequences, as for :func:`find_sequences`.
        truth: Clean sequences.
        dropped_ends: Frames to leave out at either end; restored ones may be
            missing there.
        by_order: Pair frames in their order, whatever their names.

    Raises:
        DataError: Something has no counterpart; all of it is listed.
    """
    ours, theirs = find_sequences(results), find_sequences(truth)
    if len(ours) == len(theirs) == 1:
        matched = [(ours[0], theirs[0])]
    else:
        matched = _match_names(ours, theirs, results, truth)
    problems, pairs = [], []
    for restored, clean in matched:
        try:
            pairs.append(_pair(restored, clean, dropped_ends, by_order))
        except DataError as error:
            problems.append(str(error))
    _refuse(problems)
    return pairs


def _refuse(problems: list[str]) -> None:
    if problems:
        more = len(problems) - _LISTED
        raise DataError('\n  '.join(
            problems[:_LISTED] + [f'and {more} more'] * (more > 0)))


def _match_names(
        ours: list[FrameSource], theirs: list[FrameSource], results: Path,
        truth: Path) -> list[tuple[FrameSource, FrameSource]]:
    sides = []
    for found, root in ((ours, results), (theirs, truth)):
        named: dict[str, FrameSource] = {}
        for sequence in found:
            name = _ROLE.sub('', sequence.name)
            if name in named:
                raise DataError(f'{root}: {named[name].path.name} and '
                                f'{sequence.path.name} are both sequence '
                                f'{name!r}. Move one of them away.')
            named[name] = sequence
        sides.append(named)
    restored, clean = sides
    _refuse([f'{truth / clean[name].path.name}: no restored sequence '
             f'{name!r} in {results}' for name in clean
             if name not in restored]
            + [f'{results / restored[name].path.name}: no clean sequence '
               f'{name!r} in {truth}' for name in restored
               if name not in clean])
    return [(restored[name], clean[name]) for name in clean]


def _pair(restored: FrameSource, clean: FrameSource, dropped: int,
          by_order: bool) -> SequencePair:
    """One pair; of folders, the frames that count."""
    name = _ROLE.sub('', clean.name)
    if restored.images is None or clean.images is None:
        return SequencePair(name, restored, clean, dropped)
    if len(clean.images) <= 2 * dropped:
        raise DataError(f'{clean.path}: {len(clean.images)} frames, but the '
                        f'protocol drops {dropped} at either end. Choose '
                        'another protocol.')
    counted = clean.images[dropped:len(clean.images) - dropped]
    if len(restored.images) == len(clean.images) == 1:
        files = restored.images
    elif by_order:
        files = _by_order(restored, clean, dropped)
    else:
        files = _by_name(restored, clean, counted)
    return SequencePair(name, replace(restored, images=tuple(files)),
                        replace(clean, images=counted))


def _by_order(restored: FrameSource, clean: FrameSource,
              dropped: int) -> tuple[Path, ...]:
    count, files = len(clean.images), restored.images
    if len(files) == count:
        return files[dropped:count - dropped]
    if len(files) == count - 2 * dropped:
        return files
    raise DataError(f'{restored.path}: {len(files)} frames, {clean.path} has '
                    f'{count}.')


def _by_name(restored: FrameSource, clean: FrameSource,
             counted: tuple[Path, ...]) -> list[Path]:
    ours, theirs = _frame_keys(restored.images, clean.images)
    by_key = dict(zip(ours, restored.images, strict=True))
    wanted = dict(zip(theirs, clean.images, strict=True))
    # a set: looking one up does not take longer with more frames
    counts = set(counted)
    missing = [path.name for key, path in wanted.items()
               if path in counts and key not in by_key]
    extra = [path.name for key, path in by_key.items() if key not in wanted]
    if missing or extra:
        parts = [f'no restored frame for {_some(missing)}'] * bool(missing)
        parts += [f'no clean frame for {_some(extra)}'] * bool(extra)
        raise DataError(
            f'{restored.path} and {clean.path}: {"; ".join(parts)}. If the '
            'frames are the same under other names, pair them by --by-order.')
    return [by_key[key] for key, path in wanted.items() if path in counts]


def _frame_keys(ours: tuple[Path, ...],
                theirs: tuple[Path, ...]) -> list[list]:
    """What frames of both sides are known by: numbers, or names."""
    numbers = [[tuple(map(int, re.findall(r'\d+', path.stem)))
                for path in side] for side in (ours, theirs)]
    if all(all(side) and len(set(side)) == len(side) for side in numbers):
        return numbers
    return [[path.stem for path in side] for side in (ours, theirs)]


def _some(names: list[str]) -> str:
    return ', '.join(names[:3]) + (
        f' and {len(names) - 3} more' if len(names) > 3 else '')
