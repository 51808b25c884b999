"""AlignedMedian by an exported network: aligned, restored, guarded."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import MappingProxyType

import numpy as np

from mmderain.models.aligned_median import streak_guard
from mmderain.models.aligned_median.alignment import (
    FindFlows,
    prepare_window,
)
from mmderain.models.aligned_median.composed_flows import (
    ALIGNMENTS,
    flow_finder,
)
from mmderain.models.aligned_median.own_frames import without_other_scenes
from mmderain.models.aligned_median.window import GUIDED_ALIGNMENT
from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec, restore_frames

_RESULT = 4  # planes: RGB and blend


class AlignedMedianArrays(ArrayRestoration):
    """What :class:`AlignedMedianRestoration` does but for the network.

    Two passes, and alignment on a device, are a matter of PyTorch's.
    """

    options = ArrayRestoration.options | {'alignment'}
    choices = MappingProxyType(dict(alignment=ALIGNMENTS))
    takes_guide = True

    @property
    def sees_guide(self) -> bool:
        """Whether the network looks at the guide's frames, too."""
        # rainy and moved frames, and what stands in the centre's place
        return self.planes[:1] == (2 * self.network.window, )

    @property
    def default_alignment(self) -> str:
        """What is done where no setting says it."""
        return GUIDED_ALIGNMENT if self.sees_guide else ALIGNMENTS[0]

    @property
    def is_guarded(self) -> bool:
        """Whether what rain does not explain is given back."""
        return self.exported.get('guard', True)

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec,
                      guides: Iterable[np.ndarray] | None = None
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        prepare = partial(self.prepare_window, find_flows=flow_finder(
            self.settings.get('alignment', self.default_alignment)))
        if not self.is_guarded:
            # without what the guard would see, if that is there all the same
            return (JudgedFrame(frame[:_RESULT]) for frame in self.restored(
                frames, spec, prepare, guides))
        return streak_guard.guarded_frames(self.restored(
            frames, spec, without_other_scenes(prepare), guides))

    def prepare_window(self, window: np.ndarray,
                       guide: np.ndarray | None = None,
                       find_flows: FindFlows | None = None) -> np.ndarray:
        """What :meth:`restored` takes of a window."""
        return prepare_window(window, guide, find_flows, self.sees_guide)

    def restored(self, frames: Iterable[np.ndarray], spec: StreamSpec,
                 prepare: Callable[..., np.ndarray],
                 guides: Iterable[np.ndarray] | None = None
                 ) -> Iterator[np.ndarray]:
        """What the network makes of prepared windows, before rounding.

        Yields:
            np.ndarray: RGB and blend, (4, h, w), and behind them, where there
            is a guard, the others of ``removal.planes``.
        """
        return restore_frames(frames, self.run, spec, prepare_window=prepare,
                              guides=guides)

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self.is_guarded else 0
        return super().restart_frame(max(0, frame - reach), spec)
