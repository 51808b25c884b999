"""How J4R-Net and the released networks restore windows or running clips."""

from collections import deque
from collections.abc import Iterable, Iterator
from types import MappingProxyType

import torch
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.models.judged_frame import JudgedFrame
from mmderain.models.luma import clip_to_luma, replace_luma
from mmderain.models.restoration import WindowRestoration
from mmderain.windows.stream import StreamSpec
from mmderain.windows.tiles import extend

CONVENTION = 'matlab'


class J4RRestoration(WindowRestoration):
    """Restores the luma of windows, or of a running clip; chroma stays.

    Args:
        generator: A :class:`J4RNet` or a released network.
        test_cfg: As for :class:`WindowRestoration`; and ``running``, see
            :class:`J4RDerainer`.

    Raises:
        ConfigError: ``test_cfg`` has keys or values that cannot be.
    """

    window = 9
    choices = MappingProxyType(
        {**WindowRestoration.choices, 'running': (False, True)})
    test_options = WindowRestoration.test_options | set(choices)

    def check_test_cfg(self) -> None:
        """Refuse what ``test_cfg`` cannot hold; see the base class."""
        super().check_test_cfg()
        if self.running and self.tile_spec is not None:
            raise ConfigError('test_cfg.running keeps a state of whole '
                              'frames: set test_cfg.tile=None.')
        if self.running and self.test_cfg.get('window_batch', 1) > 1:
            raise ConfigError('test_cfg.running goes from frame to frame and '
                              'has no windows to restore at once: set '
                              'test_cfg.window_batch=1.')

    @property
    def running(self) -> bool:
        """Whether the state runs over the whole clip."""
        return self.test_cfg.get('running', False)

    @property
    def valid(self) -> tuple[int, int] | None:
        """Frames of a window that see all of their neighbours."""
        before, after = self.generator.context
        length = self.test_cfg.get('window', self.window)
        if not before and not after:
            return None
        return before, length - after

    @property
    def margin(self) -> int:
        """Pixels of replicated context that the network needs."""
        return self.generator.margin

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore one window.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: The valid frames (n, v, 3, h, w), RGB in [0, 1], in levels
            of 8 bits.
        """
        spec = self.window_spec
        first, end = spec.valid_range
        # a short clip is a window of its own length
        end += clip.shape[1] - spec.length
        restored = self.generator(clip_to_luma(clip, CONVENTION)).restored
        return replace_luma(clip[:, first:end], restored[:, first:end],
                            CONVENTION)

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      spec: StreamSpec | None = None
                      ) -> Iterator[JudgedFrame]:
        """Restore a clip frame by frame; see :class:`BaseDerainer`."""
        if self.running:
            return map(JudgedFrame, self._run(frames, dtype))
        return super().judged_frames(frames, with_maps, dtype, spec)

    def restart_frame(self, frame: int, spec: StreamSpec | None = None
                      ) -> int:
        """A running state remembers everything: from the beginning."""
        return 0 if self.running else super().restart_frame(frame, spec)

    @torch.no_grad()
    def _run(self, frames: Iterable[Tensor],
             dtype: torch.dtype | None) -> Iterator[Tensor]:
        device = next(self.parameters()).device
        margin = self.window_spec.margin
        waiting: deque[Tensor] = deque()  # of frames that are not out yet

        def lumas() -> Iterator[Tensor]:
            for frame in frames:
                waiting.append(frame.to(device)[None, None].float() / 255)
                luma = clip_to_luma(waiting[-1], CONVENTION)
                yield extend(luma, (margin, ) * 4)[0]

        outputs = self.generator.stream(lumas())
        while True:
            # not around the yield: it would hold for the caller, too
            with torch.autocast(device.type, dtype,
                                enabled=dtype is not None):
                output = next(outputs, None)
            if output is None:
                return
            frame = waiting.popleft()
            height, width = frame.shape[-2:]
            restored = output.restored[None].float()[
                ..., margin:margin + height, margin:margin + width]
            yield replace_luma(frame, restored, CONVENTION)[0, 0]
