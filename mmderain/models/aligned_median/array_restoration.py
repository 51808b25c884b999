"""AlignedMedian by an exported network: aligned, restored, guarded."""

from collections.abc import Iterable, Iterator
from functools import partial
from types import MappingProxyType

import numpy as np

from mmderain.models.aligned_median import streak_guard
from mmderain.models.aligned_median.alignment import prepare_window
from mmderain.models.aligned_median.composed_flows import (
    ALIGNMENTS,
    flow_finder,
)
from mmderain.models.aligned_median.own_frames import without_other_scenes
from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec, restore_frames


class AlignedMedianArrays(ArrayRestoration):
    """What :class:`AlignedMedianRestoration` does but for the network.

    Two passes, and alignment on a device, are a matter of PyTorch's.
    """

    options = ArrayRestoration.options | {'alignment'}
    choices = MappingProxyType(dict(alignment=ALIGNMENTS))

    @property
    def _is_guarded(self) -> bool:
        return self.exported.get('guard', True)

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        prepare = partial(prepare_window, find_flows=flow_finder(
            self.settings.get('alignment', ALIGNMENTS[0])))
        if self._is_guarded:
            prepare = without_other_scenes(prepare)
        restored = restore_frames(frames, self.run, spec,
                                  prepare_window=prepare)
        return (streak_guard.guarded_frames(restored) if self._is_guarded
                else map(JudgedFrame, restored))

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self._is_guarded else 0
        return super().restart_frame(max(0, frame - reach), spec)
