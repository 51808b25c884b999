"""How the centre frame of five is aligned, restored and guarded."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import tee
from types import MappingProxyType

import torch
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.models.aligned_median import alignment, removal, streak_guard
from mmderain.models.aligned_median.alignment import FindFlows
from mmderain.models.aligned_median.composed_flows import (
    ALIGNMENTS,
    flow_finder,
)
from mmderain.models.aligned_median.device_flow import align_on_device
from mmderain.models.aligned_median.median_blend import (
    GUIDE_PLANES,
    AlignedMedianOutput,
    median_of_five,
)
from mmderain.models.aligned_median.own_frames import without_other_scenes
from mmderain.models.aligned_median.window import (
    CENTRE,
    FRAMES,
    GUIDED_ALIGNMENT,
    ON_DEVICE,
)
from mmderain.models.judged_frame import JudgedFrame
from mmderain.models.luma import (
    colour_differences,
    full_range_luma,
    join_luma,
)
from mmderain.models.restoration import (
    ExportedPart,
    WindowRestoration,
    to_uint8,
)
from mmderain.windows.stream import StreamSpec

# frames of a prepared window: five rainy ones, and the neighbours moved
_PREPARED = 2 * FRAMES - 1
# where the aligned frames stand in it, in time order
_ALIGNED = [5, 6, CENTRE, 7, 8]


class AlignedMedianRestoration(WindowRestoration):
    """Aligns a window, restores its centre frame, and guards the result.

    Args:
        generator: An :class:`AlignedMedianNet`.
        test_cfg: As for :class:`WindowRestoration`; and ``chroma``,
            ``passes``, ``guard`` and ``alignment``, see
            :class:`AlignedMedianDerainer`.

    Raises:
        ConfigError: A setting of ``test_cfg`` has no such value.
    """

    window = FRAMES
    valid = (CENTRE, CENTRE + 1)
    divisor = 2
    map_names = ('blend', )
    takes_guide = True
    choices = MappingProxyType(dict(
        WindowRestoration.choices, chroma=('blend', 'rainy'), passes=(1, 2),
        guard=(True, False), alignment=(*ALIGNMENTS, ON_DEVICE)))
    test_options = WindowRestoration.test_options | set(choices)

    def check_test_cfg(self) -> None:
        """Refuse what ``test_cfg`` cannot hold; see the base class."""
        super().check_test_cfg()
        if (self._option('passes') == 2
                and self.test_cfg.get('padding', 'replicate') is None):
            raise ConfigError(
                'test_cfg.passes=2 needs the frames at the ends of a clip, '
                "which padding=None leaves out: set padding='reflect' or "
                'passes=1.')

    @property
    def _on_device(self) -> bool:
        """Whether frames are aligned where they are restored."""
        return self._option('alignment') == ON_DEVICE

    def _option(self, name: str) -> str | int | bool:
        usual = (GUIDED_ALIGNMENT if name == 'alignment' and self.sees_guide
                 else self.choices[name][0])
        return self.test_cfg.get(name, usual)

    @property
    def _on_luma(self) -> bool:
        return self.generator.channels == 1

    @property
    def sees_guide(self) -> bool:
        """Whether the network looks at a guide's frames."""
        return self.generator.sees_guide

    def _restore(self, clip: Tensor, luma: Tensor) -> AlignedMedianOutput:
        """What the network makes of a clip, whose luma is known."""
        seen = (luma if self._on_luma else clip)[:, :_PREPARED]
        guide = ((clip[:, _PREPARED, :GUIDE_PLANES], ) if self.sees_guide
                 else ())
        return self.generator(seen[:, :FRAMES], seen[:, _ALIGNED], *guide)

    def prepare_window(self, window: Tensor, guide: Tensor | None = None,
                       find_flows: FindFlows | None = None) -> Tensor:
        """Align a window, on the CPU; see ``alignment.prepare_window``.

        Where it is aligned on the device, the guide goes there, too.
        """
        if self._on_device:
            return window if guide is None else torch.cat([window, guide])
        return torch.from_numpy(alignment.prepare_window(*(
            None if clip is None else clip.numpy()
            for clip in (window, guide)), find_flows=find_flows,
            sees_guide=self.sees_guide))

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore the centre frame.

        Args:
            clip: Shape (n, 9, 3, h, w), RGB in [0, 1], as
                :meth:`prepare_window` returns it; 10 for a guided network.

        Returns:
            Tensor: Shape (n, 1, 3, h, w), RGB, not clipped.
        """
        return self.restore_window_maps(clip)[:, :, :3]

    def restore_window_maps(self, clip: Tensor) -> Tensor:
        """Restore the centre frame, with the part of the median in it.

        The guard has its say on whole frames, in :meth:`judged_frames`.

        Args:
            clip: As for :meth:`restore_window`.

        Returns:
            Tensor: Shape (n, 1, 4, h, w).
        """
        luma = full_range_luma(clip)
        output = self._restore(clip, luma)
        return self._with_blend(clip, luma, output)[:, None]

    def _with_blend(self, clip: Tensor, luma: Tensor,
                    output: AlignedMedianOutput) -> Tensor:
        """RGB and blend, (n, 4, h, w)."""
        restored = output.restored
        if self._on_luma:
            chroma = colour_differences(clip[:, CENTRE], luma[:, CENTRE])
            if self._option('chroma') == 'blend':
                median = median_of_five(*(
                    colour_differences(clip[:, index], luma[:, index])
                    for index in _ALIGNED))
                chroma = chroma + output.blend * (median - chroma)
            restored = join_luma(restored, chroma)
        return torch.cat([restored, output.blend], dim=1)

    def _restore_to_judge(self, clip: Tensor) -> Tensor:
        """Restore the centre frame, with what the guard has to see.

        It judges the removal of streaks alone: not the factor and offset that
        the network may have estimated for the whole frame.

        Args:
            clip: As for :meth:`restore_window`.

        Returns:
            Tensor: Shape (n, 1, 9, h, w), of ``removal.planes``.
        """
        luma = full_range_luma(clip)
        output = self._restore(clip, luma)
        factor, offset = output.scene or (1.0, 0.0)
        without_scene = (output.restored - offset) / factor
        streakless = (without_scene if self._on_luma
                      else full_range_luma(without_scene))
        brighter = removal.brightening(streakless, luma[:, CENTRE])
        streakless = streakless - brighter
        output = output._replace(
            restored=factor * (without_scene - brighter) + offset)
        result = self._with_blend(clip, luma, output)
        if self._on_luma:
            kept = join_luma(
                factor * luma[:, CENTRE] + offset,
                colour_differences(clip[:, CENTRE], luma[:, CENTRE]))
        else:
            kept = factor * clip[:, CENTRE] + offset
        return removal.planes(
            result, kept - result[:, :3],
            removal.undercut(streakless, luma),
            luma[:, CENTRE] - streakless)[:, None]

    def exported_part(self) -> ExportedPart:
        """All but alignment and guard; see the base class.

        Raises:
            ConfigError: With two passes a network is not one function, and
                alignment is none of its own.
        """
        if self._option('passes') == 2:
            raise ConfigError('test_cfg.passes=2 cannot be exported, only 1.')
        if self._on_device:
            raise ConfigError("test_cfg.alignment='device' cannot be "
                              "exported: set alignment='composed'.")
        return ExportedPart(self._judged_or_not(),
                            (_PREPARED + self.sees_guide, 3))

    def _judged_or_not(self) -> Callable[[Tensor], Tensor]:
        """What restores a window, with what the guard has to see."""
        restore = (self._restore_to_judge if self._option('guard')
                   else self.restore_window_maps)
        if not self._on_device:
            return restore
        return lambda window: restore(
            align_on_device(window, self.sees_guide))

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      spec: StreamSpec | None = None,
                      guides: Iterable[Tensor] | None = None
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        if self._option('passes') == 2:
            # no more than a window lies between the two
            frames, first = tee(frames)
            guides = (to_uint8(frame.planes[:3]) for frame in self._one_pass(
                first, dtype, spec, guides))
        for frame in self._one_pass(frames, dtype, spec, guides):
            yield frame if with_maps else frame._replace(
                planes=frame.planes[:3])

    def _one_pass(self, frames: Iterable[Tensor], dtype: torch.dtype | None,
                  spec: StreamSpec | None,
                  guides: Iterable[Tensor] | None = None
                  ) -> Iterator[JudgedFrame]:
        """Frames with their maps, and the guard's verdict."""
        prepare = partial(
            self.prepare_window, find_flows=None if self._on_device
            else flow_finder(self._option('alignment')))
        if is_guarded := self._option('guard'):
            prepare = without_other_scenes(prepare)
        restored = self._restore_by(self._judged_or_not(), frames, dtype,
                                    spec, guides, prepare)
        return (streak_guard.guarded_frames(restored) if is_guarded
                else map(JudgedFrame, restored))

    def restart_frame(self, frame: int, spec: StreamSpec | None = None
                      ) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self._option('guard') else 0
        for _ in range(self._option('passes')):
            frame = super().restart_frame(max(0, frame - reach), spec)
        return frame
