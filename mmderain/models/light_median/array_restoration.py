"""LightMedian by an exported network: what is around it, on bytes."""

from collections.abc import Iterable, Iterator
from functools import partial
from types import MappingProxyType

import numpy as np

from mmderain.models.aligned_median import removal, streak_guard
from mmderain.models.aligned_median.composed_flows import (
    ALIGNMENTS,
    flow_finder,
)
from mmderain.models.aligned_median.own_frames import without_other_scenes
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.models.array_restoration import ArrayRestoration
from mmderain.models.judged_frame import JudgedFrame
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
_DEFAULT = 'quick'


class LightMedianArrays(ArrayRestoration):
    """What :class:`LightMedianRestoration` does but for the network.

    Luma and colour differences are bytes here, so that results differ from
    PyTorch's by what their rounding does.
    """

    options = ArrayRestoration.options | {'alignment', 'guard'}
    # those that find no flow to frames farther away by itself
    choices = MappingProxyType(dict(alignment=ALIGNMENTS[1:]))

    @property
    def _is_guarded(self) -> bool:
        return bool(self.settings.get('guard', True))

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        prepare = partial(window_planes, find_flows=flow_finder(
            self.settings.get('alignment', _DEFAULT)))
        if self._is_guarded:
            prepare = without_other_scenes(prepare)
        restored = restore_frames(
            map(frame_planes, frames), self._restore, spec,
            load=lambda clips: clips, prepare_window=prepare)
        return (streak_guard.guarded_frames(restored) if self._is_guarded
                else (JudgedFrame(frame[:4]) for frame in restored))

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
        if self._is_guarded:
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

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self._is_guarded else 0
        return super().restart_frame(max(0, frame - reach), spec)
