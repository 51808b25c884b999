"""Where a set keeps the parts of its rainy frames."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SequenceLayout:
    """Frames lie in ``<folder>/<sequence>/<number>``.

    Args:
        name: What the command line calls it.
        train: Folder of each part of a training frame, by the field of
            :class:`~mmderain.synthesis.renderer.RainyFrame`. Only these parts
            are kept.
        test: The same for a test frame.
        frame: A frame's file name, a format with one field, its number.
        first: Number of a sequence's first frame.
    """

    name: str
    train: Mapping[str, str]
    test: Mapping[str, str]
    frame: str = '{:08d}.png'
    first: int = 0

    def folders(self, split: str) -> Mapping[str, str]:
        """The folders of a split, 'train' or 'test'."""
        return self.train if split == 'train' else self.test

    def frame_name(self, index: int) -> str:
        """The file name of a sequence's frame, counted from 0."""
        return self.frame.format(self.first + index)


_VRDS_FOLDERS = dict(gt='gt', drop='drop', drop_mask='01drop',
                     streak_map='mstreak', lq='lq')
# VRDS has lq and gt alone for testing; the others say there, too, where the
# rain is.
VRDS = SequenceLayout(
    'vrds', _VRDS_FOLDERS,
    {part: f'test{folder}' for part, folder in _VRDS_FOLDERS.items()})

_RAINSYN_FOLDERS = dict(
    gt='gt', streak_map='streak', occlusion_mask='occlusion',
    reliance='reliance', lq='input')
RAINSYN = SequenceLayout(
    'rainsyn',
    {part: f'train/{name}' for part, name in _RAINSYN_FOLDERS.items()},
    {part: f'test/{name}' for part, name in _RAINSYN_FOLDERS.items()},
    frame='{}.png', first=1)

# RainSyn's own folders, without any map of the rain.
RAINSYN_PAIRS = SequenceLayout(
    'rainsyn_pairs',
    dict(gt='train/gt', lq='train/input'), dict(gt='test/gt', lq='test/input'),
    frame='{}.png', first=1)

LAYOUTS = {layout.name: layout for layout in (VRDS, RAINSYN, RAINSYN_PAIRS)}
