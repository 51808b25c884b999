"""What stands still on the lens while the scene moves, as planes of bytes.

A drop stays where it is and blurs what passes behind it. So, in time: its
outline stays sharp in the mean of the frames, and inside of it things change
less and are smoother than around it (Einecke et al. 2014; Burdina and
Shipitko 2021; You et al. 2016). These statistics are made at one small size,
whatever the video's is, of blocks of frames; those of a longer window are sums
over its blocks, so that they do not depend on where a stream began.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

BLOCK = 8  # frames
# windows in blocks, all around the one in question
WINDOWS = (1, 3, 7)
# blocks before and behind that the longest needs
REACH = max(WINDOWS) // 2
# pixels a frame at which drops are followed that slide down, and blocks before
# and behind in which they are
SLIDE = 0.75
_SLIDE_REACH = 1
_STATISTICS = 6
# planes of a picture: statistics of each window, two pictures
PLANES = _STATISTICS * len(WINDOWS) + 6
# pixels of a picture; smaller videos are taken as they are
_AREA = 320 * 180
_BLUR = 3.0  # pixels; what is finer is a frame's detail
# of log(x + .5) for x from 0 to 255 levels
_LOWEST, _RANGE = np.log(0.5), np.log(255.5) - np.log(0.5)


@dataclass(frozen=True)
class Block:
    """Sums over the frames of a block.

    Args:
        frames: Each (h, w, 3) uint8 RGB.
        before: The frame before them, if there is one.
        sums: (9, h, w) float32: red, green, blue, luma, squared luma,
            steepness, detail, squared detail, change; levels of 255.
    """

    frames: Sequence[np.ndarray]
    before: np.ndarray | None
    sums: np.ndarray

    @property
    def count(self) -> int:
        """How many frames."""
        return len(self.frames)

    @property
    def steps(self) -> int:
        """How many of them have one before them."""
        return self.count - (self.before is None)

    @property
    def picture(self) -> np.ndarray:
        """The frame in the middle."""
        return self.frames[self.count // 2]

    @cached_property
    def slid(self) -> np.ndarray:
        """The sums as one sees them who slides, from where he is half way."""
        half = (BLOCK - 1) / 2
        return _sums(
            [_lifted(frame, SLIDE * (time - half))
             for time, frame in enumerate(self.frames)],
            None if self.before is None else _lifted(
                self.before, -SLIDE * (1 + half)))


def small_size(height: int, width: int) -> tuple[int, int]:
    """Height and width at which drops are looked for."""
    scale = min(1.0, (_AREA / (height * width)) ** 0.5)
    return max(1, round(height * scale)), max(1, round(width * scale))


class BlockMaker:
    """Turns frames into blocks."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None

    def block(self, frames: Sequence[np.ndarray]) -> Block:
        """Sum up.

        Args:
            frames: At least one and :data:`BLOCK` at most, each (h, w, 3)
                uint8 RGB of :func:`small_size`; they follow those of the call
                before.
        """
        before, self._last = self._last, frames[-1]
        return Block(frames, before, _sums(frames, before))


def _sums(frames: Sequence[np.ndarray],
          before: np.ndarray | None) -> np.ndarray:
    sums = np.zeros((9, *frames[0].shape[:2]), np.float32)
    last = None if before is None else _luma(before)
    for frame in frames:
        luma = _luma(frame)
        detail = luma - cv2.GaussianBlur(luma, (0, 0), _BLUR)
        for plane, channel in zip(sums, cv2.split(frame), strict=False):
            plane += channel
        sums[3] += luma
        sums[4] += luma * luma
        sums[5] += _steepness(luma)
        sums[6] += detail
        sums[7] += detail * detail
        if last is not None:
            sums[8] += cv2.absdiff(luma, last)
        last = luma
    return sums


def planes(blocks: Sequence[Block], centre: int) -> np.ndarray:
    """What the network sees of a block.

    Args:
        blocks: The block and those around it that there are, in time order.
        centre: Its place among them.

    Returns:
        (:data:`PLANES`, h, w) uint8: for each of :data:`WINDOWS` deviation,
        steepness, steepness of the mean, deviation of the detail, size of the
        mean detail and change, all logarithmic; then the mean colours of the
        longest window and the colours of the block's middle.
    """
    statistics = []
    for length in WINDOWS:
        reach = length // 2
        window = blocks[max(0, centre - reach):centre + reach + 1]
        count = sum(block.count for block in window)
        steps = max(1, sum(block.steps for block in window))
        sums = np.add.reduce([block.sums for block in window])
        mean = sums[:8] / count
        statistics += [
            _deviation(mean[4], mean[3]), mean[5], _steepness(mean[3]),
            _deviation(mean[7], mean[6]), np.abs(mean[6]), sums[8] / steps]
    logarithms = (np.log(np.stack(statistics) + 0.5) - _LOWEST) * (
        255 / _RANGE)
    picture = blocks[centre].picture.transpose(2, 0, 1)
    return np.concatenate([
        np.rint(logarithms).clip(0, 255).astype(np.uint8),
        np.rint(mean[:3]).astype(np.uint8), picture])


def slid_planes(blocks: Sequence[Block], centre: int) -> np.ndarray:
    """What the network sees by one who slides down, as a drop does.

    To it such a drop stands, and what stands slides up.

    Args:
        blocks: As for :func:`planes`.
        centre: The same.

    Returns:
        As of :func:`planes`, where things are in the middle of the block.
    """
    first = max(0, centre - _SLIDE_REACH)
    near = blocks[first:centre + _SLIDE_REACH + 1]
    return planes([
        replace(block, sums=_lifted(block.slid, SLIDE * BLOCK * number, 1))
        for number, block in enumerate(near, first - centre)], centre - first)


def _lifted(image: np.ndarray, rows: float, axis: int = 0) -> np.ndarray:
    """An image so many rows higher; those at its border are repeated."""
    height = image.shape[axis]
    return image.take((np.arange(height) + round(rows)).clip(0, height - 1),
                      axis)


def _luma(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _steepness(plane: np.ndarray) -> np.ndarray:
    return cv2.magnitude(cv2.Scharr(plane, cv2.CV_32F, 1, 0, scale=1 / 32),
                         cv2.Scharr(plane, cv2.CV_32F, 0, 1, scale=1 / 32))


def _deviation(mean_square: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(mean_square - mean * mean, 0))
