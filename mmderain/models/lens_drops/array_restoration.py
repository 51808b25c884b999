"""LensDrops by an exported network, which finds the drops."""

from collections.abc import Iterable, Iterator

import numpy as np

from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
from mmderain.models.lens_drops import stream
from mmderain.windows.stream import StreamSpec


class LensDropArrays(ArrayRestoration):
    """What :class:`LensDropRestoration` does but for the network."""

    options = frozenset({'padding'})

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        images = (np.ascontiguousarray(frame.transpose(1, 2, 0))
                  for frame in frames)
        for filled in stream.fill_frames(images, self._find_drops):
            image = filled.image.transpose(2, 0, 1).astype(np.float32) / 255
            yield JudgedFrame(
                np.concatenate([image, filled.cover[None],
                                filled.trust[None]]),
                drops=filled.drops,
                covered=float(filled.cover.mean()) if filled.drops else 0.0)

    def _find_drops(self, planes: np.ndarray) -> np.ndarray:
        return self.run(planes[None].astype(np.float32) / 255)[0, 0]

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        return stream.restart_frame(frame)
