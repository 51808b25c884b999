"""How windows of clips are restored by a network, without any training."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from mmengine.dist import is_main_process
from torch import Tensor, nn
from tqdm import tqdm

from mmderain.errors import ConfigError, DivergedError
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.arrays import as_float
from mmderain.windows.network_spec import (
    SETTINGS,
    NetworkSpec,
    check_counts,
)
from mmderain.windows.shared_work import Encode
from mmderain.windows.stream import StreamSpec, restore_frames
from mmderain.windows.tiles import TileSpec
from mmderain.windows.windows import WindowSpec


class ExportedPart(NamedTuple):
    """What of a restoration is a function of one array.

    Args:
        function: From (n, *planes, h, w), floating point in [0, 1].
        planes: The sides between the samples and the height.
    """

    function: Callable[[Tensor], Tensor]
    planes: tuple[int, ...]


class WindowRestoration(nn.Module):
    """A network, and how it restores windows of clips.

    A subclass says what window its network takes and how a window is restored;
    windows and tiles are the inference mechanism's. A derainer inherits it and
    adds training.

    Args:
        generator: The network.
        test_cfg: ``window`` and ``stride`` in frames, ``padding`` at the ends
            of a clip (as for ``WindowSpec``), ``tile`` (height and width;
            whole frames when None), ``tile_overlap`` in pixels, and
            ``margin``, pixels by which frames are extended by replication;
            tiles reach out of them as far, at least half of the overlap.
            ``window_batch`` and ``tile_batch``: how many windows, and how
            many tiles of each, go through the network at once; 1 by default.
            ``share``: do work once that overlapping windows share, for
            derainers that can; True by default.
            ``prepare_threads``: how many windows are prepared ahead, for
            derainers that prepare them; 2 by default.

    Raises:
        ConfigError: ``test_cfg`` has keys or values that cannot be.
    """

    # Height and width that the network takes are multiples of this.
    divisor = 1
    # Frames that go in, unless test_cfg says otherwise.
    window = 1
    # Pixels of replicated context that it needs around a frame.
    margin = 0
    # Which frames of its window it restores; all of them when None.
    valid: tuple[int, int] | None = None
    # Settings of test_cfg that have but a few values, the default first.
    choices: Mapping[str, tuple] = MappingProxyType(
        dict(share=(True, False)))
    # Keys of test_cfg.
    test_options = SETTINGS | set(choices)
    # What the network finds besides the restored frame, a plane for each.
    map_names: tuple[str, ...] = ()
    # Work that overlapping windows share: a method from frames (n, 3, h, w),
    # RGB in [0, 1], and those before them or None, to tensors (n, ...), which
    # `restore_window` then gets as (n, t, ...), after the clip. See
    # `mmderain.windows.shared_work`.
    encode: Encode | None = None
    # Work of the CPU on a window before it is restored, such as optical flow:
    # a method from (t, 3, h, w), uint8 RGB on the CPU, to (s, c, h, w), uint8
    # or floating point, of which `restore_window` then gets (n, s, c, h, w).
    # Called in several threads at once, ahead of the network.
    prepare_window: Callable[[Tensor], Tensor] | None = None
    # Whether it finds motion in other frames, where it is given some.
    takes_guide = False
    # Whether its network is made to see these, too.
    sees_guide = False
    # What makes these of a clip that comes without any.
    guide: 'WindowRestoration | None' = None

    def __init__(self, generator: nn.Module,
                 test_cfg: Mapping[str, Any]) -> None:
        super().__init__()
        self.generator = generator
        self.test_cfg = dict(test_cfg)
        self.check_test_cfg()

    def check_test_cfg(self) -> None:
        """Refuse what ``test_cfg`` cannot hold.

        Raises:
            ConfigError: A key is unknown, or settings exclude each other.
        """
        unknown = set(self.test_cfg) - self.test_options
        if unknown:
            raise ConfigError(f'test_cfg of {type(self).__name__} has unknown '
                              f'keys {sorted(unknown)}; known are '
                              f'{sorted(self.test_options)}.')
        for name, values in self.choices.items():
            if self.test_cfg.get(name, values[0]) not in values:
                raise ConfigError(
                    f'test_cfg.{name} has to be one of {values}, got '
                    f'{self.test_cfg[name]!r:.60}. Choose one of them.')
        check_counts(self.test_cfg)

    @property
    def network_spec(self) -> NetworkSpec:
        """What windows the network takes."""
        return NetworkSpec(self.window, self.valid, self.divisor, self.margin)

    @property
    def window_spec(self) -> WindowSpec:
        """The window of the network, with the strides of ``test_cfg``."""
        return self.network_spec.window_spec(self.test_cfg)

    @property
    def tile_spec(self) -> TileSpec | None:
        """The tiles of ``test_cfg``, or None for whole frames."""
        return self.network_spec.tile_spec(self.test_cfg,
                                           self.test_cfg.get('tile'))

    @property
    def stream_spec(self) -> StreamSpec:
        """How a clip goes through the network, as ``test_cfg`` says."""
        return self.stream_spec_of(self.test_cfg.get('tile'))

    def stream_spec_of(self, tile: Sequence[int] | None) -> StreamSpec:
        """The same with tiles of another height and width, or whole frames."""
        return self.network_spec.stream_spec(self.test_cfg, tile)

    def exported_part(self) -> ExportedPart:
        """What of it an exported network computes."""
        return ExportedPart(
            self.restore_window_maps, (self.window_spec.length, 3))

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore one window.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: The valid frames (n, v, 3, h, w), RGB, not clipped.
        """
        return self.generator(clip).restored

    def restore_window_maps(self, clip: Tensor) -> Tensor:
        """Restore one window, with the maps of ``map_names``.

        Args:
            clip: As for :meth:`restore_window`.

        Returns:
            Tensor: Shape (n, v, 3 + m, h, w): the restored frames and after
            them a plane in [0, 1] for each of ``map_names``.
        """
        return self.restore_window(clip)

    def restore_clip(self, clip: Tensor, name: str = '') -> Tensor:
        """Restore a clip of any length and size.

        Args:
            clip: Shape (t, 3, h, w), uint8 RGB, on the CPU.
            name: For the progress bar.

        Returns:
            Tensor: Shape (t, 3, h, w), uint8 RGB, rounded as saving would;
            fewer frames where the ends of the clip are not padded.

        Raises:
            DivergedError: As for :meth:`stream`.
        """
        frames = self.judged_stream(clip, name=name,
                                    guides=self._guides_of(clip))
        bar = tqdm(frames, desc=name, total=len(clip), unit='frame',
                   mininterval=2, leave=False, disable=not is_main_process())
        return torch.stack([frame.planes for frame in bar])

    def _guides_of(self, clip: Tensor) -> Iterator[Tensor] | None:
        """What the guide makes of a clip, in the same tiles."""
        if self.guide is None:
            return None
        guide = self.guide.to(next(self.parameters()).device)
        return guide.stream(clip, spec=replace(
            guide.stream_spec, tile=self.stream_spec.tile))

    def stream(self, frames: Iterable[Tensor], with_maps: bool = False,
               dtype: torch.dtype | None = None, name: str = '',
               spec: StreamSpec | None = None) -> Iterator[Tensor]:
        """Restore a clip frame by frame, without ever holding all of it.

        Args:
            frames: Each (3, h, w), uint8 RGB, on the CPU.
            with_maps: Add the planes of ``map_names``.
            dtype: Half precision of autocast, or None.
            name: Of the clip, for the error.
            spec: Windows, tiles and batches; those of ``test_cfg`` when None.

        Yields:
            Tensor: Shape (3, h, w), or (3 + m, h, w) with maps, uint8, on the
            CPU.

        Raises:
            DivergedError: A restored frame is not finite; as bytes it would
                look like any other, to metrics and in a video.
        """
        for frame in self.judged_stream(frames, with_maps, dtype, name, spec):
            yield frame.planes

    def judged_stream(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None, name: str = '',
                      spec: StreamSpec | None = None,
                      guides: Iterable[Tensor] | None = None
                      ) -> Iterator[JudgedFrame]:
        """The same, with the verdict of the derainer's guard.

        Args:
            frames: As for :meth:`stream`, like the others.
            with_maps: The same.
            dtype: The same.
            name: The same.
            spec: The same.
            guides: For each frame another one, in which motion is found
                instead; for derainers with ``takes_guide``.
        """
        guided = {} if guides is None else dict(guides=guides)
        window = self.window_spec
        first = window.covered_frames(window.length).start
        for index, judged in enumerate(
                self.judged_frames(frames, with_maps, dtype, spec, **guided),
                first):
            frame = judged.planes
            # the sum takes a thirtieth of the time of isfinite().all()
            if not frame.sum().isfinite():
                place = f'sequence {name!r}, frame' if name else 'frame'
                raise DivergedError.in_frame(f'{place} {index}')
            restored = self.to_uint8(frame[:3])
            yield judged._replace(planes=torch.cat(
                [restored, to_uint8(frame[3:])]) if with_maps else restored)

    def restored_frames(self, frames: Iterable[Tensor],
                        with_maps: bool = False,
                        dtype: torch.dtype | None = None,
                        spec: StreamSpec | None = None) -> Iterator[Tensor]:
        """The frames of :meth:`stream` before rounding."""
        for frame in self.judged_frames(frames, with_maps, dtype, spec):
            yield frame.planes

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      spec: StreamSpec | None = None
                      ) -> Iterator[JudgedFrame]:
        """The frames of :meth:`judged_stream` before rounding.

        For derainers without a guard every verdict is 0.
        """
        return map(JudgedFrame, self._restore_by(
            self.restore_window_maps if with_maps else self.restore_window,
            frames, dtype, spec))

    def _restore_by(self, restore_window: Callable[..., Tensor],
                    frames: Iterable[Tensor], dtype: torch.dtype | None,
                    spec: StreamSpec | None,
                    guides: Iterable[Tensor] | None = None,
                    prepare: Callable[..., Tensor] | None = None
                    ) -> Iterator[Tensor]:
        """Send windows through a method, prepared as always or otherwise."""
        device = next(self.parameters()).device

        def in_precision(function: Callable) -> Callable:
            def run(*clips: Tensor) -> Any:
                with torch.no_grad(), torch.autocast(
                        device.type, dtype, enabled=dtype is not None):
                    return function(*clips)
            return run

        def restore(*clips: Tensor) -> Tensor:
            return in_precision(restore_window)(*clips).float()

        def load(clips: Tensor) -> Tensor:
            # bytes travel to the device, not floats
            return as_float(clips.to(device))

        prepare = prepare or self.prepare_window
        shares = self.encode and self.test_cfg.get('share', True)
        return restore_frames(
            frames, restore, spec or self.stream_spec, load=load,
            encode=in_precision(self.encode) if shares else None,
            # the mode of gradients is a thread's own
            prepare_window=prepare and torch.no_grad()(prepare),
            guides=guides)

    def to_uint8(self, frame: Tensor) -> Tensor:
        """A restored frame as it is scored and saved.

        Args:
            frame: Shape (3, h, w), RGB, around [0, 1].

        Returns:
            Tensor: The same as uint8, rounded, on the CPU.
        """
        return to_uint8(frame)

    def restart_frame(self, frame: int, spec: StreamSpec | None = None
                      ) -> int:
        """Where a stream has to begin to give ``frame`` as if unbroken."""
        return (spec or self.stream_spec).restart_frame(frame)


def to_uint8(frame: Tensor) -> Tensor:
    """Values around [0, 1] as bytes, rounded, on the CPU."""
    return (frame.clamp(0, 1) * 255).round().byte().cpu()
