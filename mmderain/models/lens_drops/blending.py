"""What goes into the place of a drop: each source by how little it errs."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.models.lens_drops.fill import (
    Hidden,
    push_pull,
    values_at,
)

_TRUST = 0.9  # in what is a frame farther away

# squared levels: where what is around a drop varies less, it will do
_PLAIN = 400.0
_FLOOR = 4.0  # squared levels of variance that there are anyway
# squared levels by which a candidate errs, and how many more it is a frame up
# to ten; measured on four clips behind drops that were known
_NEAR, _FARTHER, _FARTHEST = 150.0, 75.0, 10
# a filling counts if it differs by so many times what it may err, and wholly
# a half more
_DOUBT, _RAMP = 0.8, 0.5
_NEIGHBOURHOOD = 20  # of a pixel, as a part of the frame's shorter side


def quarter(image: np.ndarray) -> np.ndarray:
    """A picture of a quarter of the sides, but of one pixel at least."""
    size = [max(1, round(side / 4)) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


class Around(NamedTuple):
    """What is around hidden pixels, k of them.

    Args:
        pixels: (k, 3) float32.
        variance: (k, ) float32, in squared levels: how much it varies there.
    """

    pixels: np.ndarray
    variance: np.ndarray


def beside(frame: np.ndarray, hidden: Hidden) -> Around:
    """Look around drops, in a small picture."""
    small = quarter(frame).astype(np.float32)
    covered = cv2.resize(hidden.mask.astype(np.uint8), small.shape[1::-1],
                         interpolation=cv2.INTER_AREA) > 0
    # the soft edge of a drop is not its surroundings
    covered = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8))
    found = values_at(push_pull(np.concatenate([small, small ** 2], 2),
                          1 - covered.astype(np.float32)), hidden)
    variance = found[:, 3:] - found[:, :3] ** 2
    return Around(found[:, :3], np.maximum(variance.mean(1), 0))


class Filling(NamedTuple):
    """What hidden pixels would show, k of them.

    Args:
        pixels: (k, 3) float32.
        trust: (k, ) float32, that of the best candidate, 0 to 1.
        variance: (k, ) float32, in squared levels: how much it may err, by
            what its candidates are known to and by how they differ.
    """

    pixels: np.ndarray
    trust: np.ndarray
    variance: np.ndarray


def blend(candidates: Sequence[tuple[np.ndarray, np.ndarray]],
          around: Around) -> Filling:
    """One picture of all candidates, each weighted by how little it errs.

    What is around a drop is trusted where it hardly varies: in the sky, on a
    wall.

    Args:
        candidates: Pixels (k, 3) float32, and how many frames away they were
            seen, (k, ); 0 or less where nothing is known.
        around: Of :func:`beside`.
    """
    known = [(around.pixels, 1 / (around.variance + _FLOOR))]
    best = np.where(around.variance < _PLAIN, _TRUST, 0).astype(np.float32)
    for pixels, age in candidates:
        is_known = age > 0
        known.append((pixels, is_known / _variance(age)))
        best = np.maximum(best, is_known * _TRUST ** age.astype(np.float32))
    weights = sum(weight for _, weight in known)
    mean = sum(weight[:, None] * pixels for pixels, weight in known
               ) / weights[:, None]
    spread = sum(weight * ((pixels - mean) ** 2).mean(1)
                 for pixels, weight in known) / weights
    return Filling(mean, best, 1 / weights + spread)


def _variance(age: np.ndarray) -> np.ndarray:
    """Squared levels by which what is found errs, as measured."""
    return _NEAR + _FARTHER * np.clip(age, 0, _FARTHEST).astype(np.float32)


def share_of(filling: Filling, pixels: np.ndarray,
             hidden: Hidden) -> np.ndarray:
    """How much of a filling goes into a frame.

    Nothing where it may err as much as it differs from what is there: what
    was taken for a drop may be none, what is behind it may not be known, and
    then a drop is better than a guess.

    Args:
        filling: Of :func:`blend`.
        pixels: (k, 3), what the frame shows there.
        hidden: The pixels.

    Returns:
        (k, ) float32 in [0, 1].
    """
    size = 2 * (min(hidden.mask.shape) // _NEIGHBOURHOOD) + 1
    planes = np.zeros((*hidden.mask.shape, 3), np.float32)
    planes[hidden.rows, hidden.columns] = np.stack([
        ((filling.pixels - pixels) ** 2).mean(1), filling.variance,
        filling.trust > 0], 1)
    # of what is hidden there
    count = np.maximum(cv2.blur(hidden.mask.astype(np.float32),
                                (size, size)), 1e-6)
    difference, variance, known = (
        cv2.blur(planes, (size, size)) / count[..., None])[
            hidden.rows, hidden.columns].T
    evidence = (difference / (_DOUBT * variance) - 1) / _RAMP
    return np.clip(evidence, 0, 1) * np.minimum(2 * known, 1)
