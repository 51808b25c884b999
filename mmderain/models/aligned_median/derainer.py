"""AlignedMedianNet as an MMagic model: alignment, luma, passes."""

from collections.abc import Iterable, Iterator
from itertools import tee

import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.models.aligned_median import streak_guard
from mmderain.models.aligned_median.alignment import align_neighbours
from mmderain.models.aligned_median.network import (
    AlignedMedianOutput,
    median_of_five,
)
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.models.base import BaseDerainer, JudgedFrame, to_uint8
from mmderain.models.luma import (
    colour_differences,
    full_range_luma,
    join_luma,
)
from mmderain.windows.stream import StreamSpec

# where the aligned frames stand in a prepared window, in time order
_ALIGNED = [5, 6, CENTRE, 7, 8]
# settings of test_cfg and their values, the default first
_CHOICES = dict(chroma=('blend', 'rainy'), passes=(1, 2), guard=(True, False))


@MODELS.register_module()
class AlignedMedianDerainer(BaseDerainer):
    """Rain streaks from video, by a network of our own.

    Five frames come in and the one in the middle is restored. Its neighbours
    are aligned to it by :func:`align_neighbours`, outside the network and on
    the CPU. The network sees full-range luma as ``split_luma`` has it, or
    RGB where it has three channels.

    A clip is mirrored at its ends: repeated, the first frame would be three
    of the five, and their median with all of its rain.

    Args:
        **kwargs: As for :class:`BaseDerainer`. Of ``test_cfg`` it knows also
            ``chroma``, of a network on luma: 'blend' takes as much of the
            aligned median's as the network takes of its luma, 'rainy' keeps
            that of the rainy frame; and ``passes``: with 2, flow is found
            again in the restored frames, and the rainy ones, moved along it,
            are restored again, at twice the cost; and ``guard``: with True,
            what rain does not explain is given back after every pass, by
            :mod:`~mmderain.models.aligned_median.streak_guard`; False leaves
            the network's result as it is.

    Raises:
        ConfigError: A setting of ``test_cfg`` has no such value.
    """

    window = FRAMES
    valid = (CENTRE, CENTRE + 1)
    divisor = 2
    map_names = ('blend', )
    test_options = BaseDerainer.test_options | set(_CHOICES)

    def check_test_cfg(self) -> None:
        """Refuse what ``test_cfg`` cannot hold; see the base class."""
        super().check_test_cfg()
        for name, values in _CHOICES.items():
            if self._option(name) not in values:
                raise ConfigError(
                    f'test_cfg.{name} has to be one of {values}, got '
                    f'{self._option(name)!r}.')
        if (self._option('passes') == 2
                and self.test_cfg.get('padding', 'replicate') is None):
            raise ConfigError(
                'test_cfg.passes=2 needs the frames at the ends of a clip, '
                "which padding=None leaves out: set padding='reflect' or "
                'passes=1.')

    def _option(self, name: str) -> str | int | bool:
        return self.test_cfg.get(name, _CHOICES[name][0])

    # ------------------------------------------------------------ training

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the loss.

        Args:
            inputs: Five rainy frames and, moved to the one in the middle, its
                four neighbours, (n, 9, 3, h, w), RGB in [0, 1].
            data_samples: ``gt_img``, the clean frame of the middle,
                (n, 1, 3, h, w), RGB in [0, 1].

        Returns:
            dict[str, Tensor]: ``loss_pix``.
        """
        target = data_samples.gt_img[:, 0]
        if self._on_luma:
            inputs, target = map(full_range_luma, (inputs, target))
        output = self._restore(inputs)
        return dict(loss_pix=self.pixel_loss(output.restored, target))

    @property
    def _on_luma(self) -> bool:
        return self.generator.channels == 1

    def _restore(self, prepared: Tensor) -> AlignedMedianOutput:
        return self.generator(prepared[:, :FRAMES], _aligned(prepared))

    # ------------------------------------------------------------- testing

    def prepare_window(self, window: Tensor,
                       guide: Tensor | None = None) -> Tensor:
        """Align a window, on the CPU.

        Args:
            window: Shape (5, 3, h, w), uint8 RGB.
            guide: Frames of the same shape in which flow is found instead.

        Returns:
            Tensor: The rainy frames and the moved neighbours, (9, 3, h, w),
            uint8 RGB.
        """
        frames, guide = (None if clip is None else
                         clip.permute(0, 2, 3, 1).numpy()
                         for clip in (window, guide))
        moved = torch.from_numpy(align_neighbours(frames, guide))
        return torch.cat([window, moved.permute(0, 3, 1, 2)])

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore the centre frame.

        Args:
            clip: Shape (n, 9, 3, h, w), RGB in [0, 1], as
                :meth:`prepare_window` returns it.

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
        output = self._restore(luma if self._on_luma else clip)
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
            Tensor: Shape (n, 1, 9, h, w), of ``streak_guard.planes``.
        """
        luma = full_range_luma(clip)
        output = self._restore(luma if self._on_luma else clip)
        factor, offset = output.scene or (1.0, 0.0)
        without_scene = (output.restored - offset) / factor
        streakless = (without_scene if self._on_luma
                      else full_range_luma(without_scene))
        brighter = streak_guard.brightening(streakless, luma[:, CENTRE])
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
        return streak_guard.planes(
            result, kept - result[:, :3],
            streak_guard.undercut(streakless, luma),
            luma[:, CENTRE] - streakless)[:, None]

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      spec: StreamSpec | None = None
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        guides = None
        if self._option('passes') == 2:
            # no more than a window lies between the two
            frames, first = tee(frames)
            guides = (to_uint8(frame.planes[:3])
                      for frame in self._one_pass(first, dtype, spec))
        for frame in self._one_pass(frames, dtype, spec, guides):
            yield frame if with_maps else frame._replace(
                planes=frame.planes[:3])

    def _one_pass(self, frames: Iterable[Tensor], dtype: torch.dtype | None,
                  spec: StreamSpec | None,
                  guides: Iterable[Tensor] | None = None
                  ) -> Iterator[JudgedFrame]:
        """Frames with their maps, and the guard's verdict."""
        is_guarded = self._option('guard')
        restored = self._restore_by(
            self._restore_to_judge if is_guarded else self.restore_window_maps,
            frames, dtype, spec, guides)
        return (streak_guard.guarded_frames(restored) if is_guarded
                else map(JudgedFrame, restored))

    def restart_frame(self, frame: int, spec: StreamSpec | None = None
                      ) -> int:
        """Where a stream has to begin; see the base class."""
        reach = streak_guard.REACH if self._option('guard') else 0
        for _ in range(self._option('passes')):
            frame = super().restart_frame(max(0, frame - reach), spec)
        return frame


def _aligned(prepared: Tensor) -> Tensor:
    """Of (n, 9, c, h, w) the aligned frames, centre included, (n, 5, ...)."""
    return prepared[:, _ALIGNED]
