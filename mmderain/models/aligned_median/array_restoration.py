"""AlignedMedian by an exported network: aligned, restored, guarded."""

from collections.abc import Iterable, Iterator

import numpy as np

from mmderain.models.aligned_median import streak_guard
from mmderain.models.aligned_median.alignment import prepare_window
from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec, restore_frames


class AlignedMedianArrays(ArrayRestoration):
    """What :class:`AlignedMedianRestoration` does but for the network.

    Two passes are a matter of PyTorch's.
    """

    @property
    def _is_guarded(self) -> bool:
        return self.exported.get('guard', True)

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        restored = restore_frames(frames, self.run, spec,
                                  prepare_window=prepare_window)
        return (streak_guard.guarded_frames(restored) if self._is_guarded
                else map(JudgedFrame, restored))

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self._is_guarded else 0
        return super().restart_frame(max(0, frame - reach), spec)
