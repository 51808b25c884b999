"""LightMedian by an exported network: what is around it, on bytes."""

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType

import numpy as np

from mmderain.models.aligned_median import removal
from mmderain.models.aligned_median.alignment import FindFlows
from mmderain.models.aligned_median.array_restoration import (
    AlignedMedianArrays,
)
from mmderain.models.aligned_median.composed_flows import ALIGNMENTS
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.models.light_median.byte_planes import (
    CB_SCALE,
    CR_SCALE,
    WindowPlanes,
    frame_planes,
    packed,
    unpacked,
    window_planes,
)
from mmderain.windows.stream import StreamSpec, restore_frames

_BYTE = np.float32(1 / 255)
# BT.601
_RED, _GREEN, _BLUE = map(np.float32, (0.299, 0.587, 0.114))


class LightMedianArrays(AlignedMedianArrays):
    """What :class:`LightMedianRestoration` does but for the network.

    Luma and colour differences are bytes here, so that results differ from
    PyTorch's by what their rounding does.
    """

    options = AlignedMedianArrays.options | {'guard'}
    # those that find no flow to frames farther away by itself
    choices = MappingProxyType(dict(alignment=ALIGNMENTS[1:]))
    default_alignment = 'quick'
    takes_guide = False

    @property
    def is_guarded(self) -> bool:
        """As the setting says: exported is the network alone."""
        return bool(self.settings.get('guard', True))

    def prepare_window(self, window: np.ndarray,
                       guide: np.ndarray | None = None,
                       find_flows: FindFlows | None = None) -> np.ndarray:
        """Align a window and look at it, as bytes; see the base class."""
        return window_planes(window, find_flows)

    def restored(self, frames: Iterable[np.ndarray], spec: StreamSpec,
                 prepare: Callable[..., np.ndarray],
                 guides: Iterable[np.ndarray] | None = None
                 ) -> Iterator[np.ndarray]:
        """As of the base class; what the guard sees is always there."""
        return restore_frames(
            map(frame_planes, frames), self._restore, spec,
            load=lambda clips: clips, prepare_window=prepare)

    def _restore(self, clips: np.ndarray) -> np.ndarray:
        """(n, 19, 1, h, w), of ``window_planes``, to (n, 1, 9, h, w)."""
        return np.stack([self._restored(WindowPlanes.of(clip[:, 0]))[None]
                         for clip in clips])

    def _restored(self, seen: WindowPlanes) -> np.ndarray:
        """What the guard takes, of ``removal.planes``, (9, h, w)."""
        residual, blend = unpacked(self.run(packed(seen.network)[None])[0])
        luma, median = (seen.network[index] * _BYTE
                        for index in (CENTRE, FRAMES))
        streakless = luma + blend * (median - luma) + residual
        if self.is_guarded:
            streakless -= removal.brightening(streakless, luma)
        removed = luma - streakless
        red, blue = (
            blend * (other.astype(np.float32) - own) * np.float32(
                1 / (255 * scale))
            for own, other, scale in zip(
                seen.chroma, seen.median_chroma, (CR_SCALE, CB_SCALE),
                strict=True))
        green = (_RED * red + _BLUE * blue) / -_GREEN
        given_back = removed - np.stack([red, green, blue])
        result = np.concatenate([seen.rgb * _BYTE - given_back, blend[None]])
        below = np.maximum(seen.least * _BYTE - streakless, 0)
        return np.concatenate([result, given_back, below, removed[None]])
