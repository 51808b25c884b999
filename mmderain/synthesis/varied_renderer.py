"""Varied rain over one clean clip of any length."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mmderain.synthesis.renderer import check_frame, sequence_rng
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
            frames: Clean frames of one size, (h, w, 3) uint8 RGB each; a
                generator will do, one frame is held at a time.

        Yields:
            A :class:`RainyPair` for each frame.

        Raises:
            UserError: A frame of another kind or size, or under 32 pixels.
        """
        size = None
        for index, frame in enumerate(frames):
            check_frame(frame, size, index)
            if size is None:
                size = frame.shape[:2]
                rain = VariedRain(self.settings, size, sequence_rng(
                    self.seed, self.sequence, 'streaks'))
            yield RainyPair(np.rint(rain.add_to(frame)).astype(np.uint8),
                            np.ascontiguousarray(frame))
            rain.advance()
