"""LensDrops over NumPy's arrays, whoever finds the drops."""

from collections.abc import Iterable, Iterator

import numpy as np

from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
from mmderain.models.lens_drops.stream import (
    FindDrops,
    fill_frames,
    restart_frame,
)
from mmderain.windows.stream import StreamSpec


def judged_frames(frames: Iterable[np.ndarray], find: FindDrops
                  ) -> Iterator[JudgedFrame]:
    """Frames without drops, before rounding.

    Args:
        frames: Each (3, h, w), uint8 RGB.
        find: Finds drops.

    Yields:
        JudgedFrame: Planes (5, h, w) in [0, 1], with cover and trust.
    """
    images = (np.ascontiguousarray(frame.transpose(1, 2, 0))
              for frame in frames)
    for filled in fill_frames(images, find):
        image = filled.image.transpose(2, 0, 1).astype(np.float32) / 255
        yield JudgedFrame(
            np.concatenate([image, filled.cover[None], filled.trust[None]]),
            drops=filled.drops,
            covered=float(filled.cover.mean()) if filled.drops else 0.0)


class LensDropArrays(ArrayRestoration):
    """What :class:`LensDropRestoration` does but for the network."""

    options = frozenset({'padding'})

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        return judged_frames(frames, self._find_drops)

    def _find_drops(self, planes: np.ndarray) -> np.ndarray:
        return self.run(planes[None].astype(np.float32) / 255)[0, 0]

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        return restart_frame(frame)
