"""Varied rain over one clean clip of any length."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mmderain.synthesis.renderer import checked_frames, sequence_rng
from mmderain.synthesis.varied_rain import VariedRain, VariedRainSettings


class RainyPair(NamedTuple):
    """A frame with varied rain, and without it.

    There are no maps of the rain: it adds to the frame in several ways, one
    of them a veil that is everywhere.
    """

    lq: np.ndarray  # (h, w, 3) uint8 RGB, rainy
    gt: np.ndarray  # (h, w, 3) uint8 RGB, clean


class VariedRainRenderer:
    """Renders varied rain over clean clips, one frame at a time.

    Args:
        settings: How varied it is.
        seed: Same seed and sequence, same rain to the byte.
        sequence: Index of the clip in its set.

    Raises:
        UserError: A negative seed or index.
    """

    def __init__(self, settings: VariedRainSettings, seed: int = 0,
                 sequence: int = 0) -> None:
        self.settings, self.seed, self.sequence = settings, seed, sequence
        sequence_rng(seed, sequence, 'streaks')

    def render(self, frames: Iterable[np.ndarray]) -> Iterator[RainyPair]:
        """Rain over a clip. Every call starts the same rain anew.

        Args:
            frames: As for :func:`checked_frames`, which raises its errors.

        Yields:
            A :class:`RainyPair` for each frame.
        """
        rain = None
        for gt in checked_frames(frames):
            rain = rain or VariedRain(
                self.settings, gt.shape[:2],
                sequence_rng(self.seed, self.sequence, 'streaks'))
            yield RainyPair(np.rint(rain.add_to(gt)).astype(np.uint8), gt)
            rain.advance()
