"""What is behind a drop, from the frames in which it stands beside it.

For each hidden pixel of a frame it is known where, in which other frame, the
same thing was last seen. That place is carried along optical flow from frame
to frame, the pixels themselves are not: however far they come, they are
resampled once. Only hidden pixels are computed.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

# frames that a thing may be hidden and still be found again
REACH = 24
_PATCH = 6  # pixels of the flow's picture around drops without their own flow
_UNSEEN = -1


class Hidden:
    """The hidden pixels of a frame.

    Args:
        mask: (h, w) bool.
    """

    def __init__(self, mask: np.ndarray) -> None:
        self.mask = mask
        self.rows, self.columns = np.nonzero(mask)
        self.places = np.full(mask.shape, _UNSEEN, np.int32)
        self.places[self.rows, self.columns] = np.arange(len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)


class Sight(NamedTuple):
    """Where what a frame's hidden pixels would show was last seen.

    Args:
        hidden: The pixels, k of them.
        age: (k, ) int8, in which frame: 1 the one before (or behind) this
            one, and so on; -1 unknown.
        shift: (2, k) float32, columns and rows to its place there.
    """

    hidden: Hidden
    age: np.ndarray
    shift: np.ndarray

    @classmethod
    def of_first(cls, hidden: Hidden) -> 'Sight':
        """Of a frame with none before it."""
        return cls(hidden, np.full(len(hidden), _UNSEEN, np.int8),
                   np.zeros((2, len(hidden)), np.float32))

    def carried(self, flow: np.ndarray, hidden: Hidden) -> 'Sight':
        """Of the next frame.

        Args:
            flow: (k, 2), where the next frame's hidden pixels are in this one.
            hidden: Of the next frame.
        """
        height, width = hidden.mask.shape
        shift = flow.T.copy()
        x = np.rint(hidden.columns + shift[0]).astype(np.intp)
        y = np.rint(hidden.rows + shift[1]).astype(np.intp)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        age = np.where(inside, 1, _UNSEEN).astype(np.int8)
        place = np.full(len(age), _UNSEEN, np.int32)
        place[inside] = self.hidden.places[y[inside], x[inside]]
        # hidden there as well: where was it seen before?
        still = np.flatnonzero(place >= 0)
        place = place[still]
        before = self.age[place]
        age[still] = np.where((before == _UNSEEN) | (before >= REACH),
                              _UNSEEN, before + 1)
        shift[:, still] += self.shift[:, place]
        return Sight(hidden, age, shift)

    def look_up(self, frame_of_age: Callable[[int], np.ndarray]
                ) -> np.ndarray:
        """The pixels that it leads to.

        Args:
            frame_of_age: Gives frames (h, w, 3) uint8.

        Returns:
            Pixels (k, 3) float32; they are black where nothing is known.
        """
        pixels = np.zeros((len(self.age), 3), np.float32)
        x, y = self.hidden.columns + self.shift[0], (
            self.hidden.rows + self.shift[1])
        for age in np.unique(self.age[self.age > 0]):
            chosen = np.flatnonzero(self.age == age)
            pixels[chosen] = _sampled(frame_of_age(int(age)), x[chosen],
                                      y[chosen])
        return pixels


def _sampled(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values (k, c) of an image at k places."""
    # OpenCV's images have fewer than 2 ** 15 columns and rows
    values = [cv2.remap(image, x[part].astype(np.float32),
                        y[part].astype(np.float32), cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_REPLICATE)[:, 0]
              for part in _parts_of(len(x))]
    return np.concatenate(values)


def _parts_of(count: int, size: int = 30_000) -> list[slice]:
    return [slice(first, first + size) for first in range(0, count, size)]


class FlowFinder:
    """Optical flow of the scene, behind drops, too.

    DIS (Kroeger et al., ECCV 2016), OpenCV's. What it finds on drops is
    replaced from around them.
    """

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow_create(
            cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def find(self, luma: np.ndarray, other: np.ndarray,
             hidden: np.ndarray) -> np.ndarray:
        """Where each pixel of a frame is in another one.

        Args:
            luma: (h, w) uint8, of the frame.
            other: The same, of the other one.
            hidden: (h, w) bool, what is hidden in either.

        Returns:
            (h, w, 2) float32, in pixels.
        """
        flow = self._dis.calc(luma, other, None)
        # of a patch that reaches into a drop it is that of the drop
        hidden = cv2.dilate(hidden.astype(np.uint8), np.ones(
            (2 * _PATCH + 1, ) * 2, np.uint8)) > 0
        around = push_pull(flow, 1 - hidden.astype(np.float32))
        return np.where(hidden[..., None], around, flow)


def flow_at(flow: np.ndarray, hidden: Hidden) -> np.ndarray:
    """Flow of a smaller picture, in a frame's pixels: (k, 2) float32."""
    return values_at(flow, hidden) / _scale(flow, hidden)


def values_at(small: np.ndarray, hidden: Hidden) -> np.ndarray:
    """Values of a smaller picture at hidden pixels, (k, c)."""
    x, y = ((places + 0.5) * scale - 0.5 for places, scale in zip(
        (hidden.columns, hidden.rows), _scale(small, hidden), strict=True))
    return _sampled(small, x, y)


def _scale(small: np.ndarray, hidden: Hidden) -> np.ndarray:
    sides = np.array([small.shape[:2], hidden.mask.shape], np.float32)
    return (sides[0] / sides[1])[::-1]


def push_pull(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill what is unknown smoothly from around.

    By a pyramid of weighted means (Gortler et al. 1996).

    Args:
        image: (h, w, c) float32.
        known: (h, w) float32, how much a pixel is known, from 0 to 1.
    """
    known = known[..., None]
    weighted = image * known
    levels: list[tuple[np.ndarray, np.ndarray]] = []
    while min(weighted.shape[:2]) > 1 and (not levels or known.min() < 0.1):
        levels.append((weighted, known))
        weighted, known = (np.atleast_3d(cv2.pyrDown(plane))
                           for plane in (weighted, known))
    filled = weighted / np.maximum(known, 1e-6)
    for weighted, known in reversed(levels):
        coarse = np.atleast_3d(cv2.resize(
            filled, weighted.shape[1::-1], interpolation=cv2.INTER_LINEAR))
        # weights fade from level to level; a tenth is enough to be known
        share = np.minimum(10 * known, 1)
        filled = coarse + share * (weighted / np.maximum(known, 1e-6)
                                   - coarse)
    return filled
