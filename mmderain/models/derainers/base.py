"""What all derainers share: from clips to restored clips."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from mmagic.models.base_models import BaseEditModel
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.dist import is_main_process
from mmengine.model import BaseModel
from torch import Tensor, nn
from tqdm import tqdm

from mmderain.errors import ConfigError, DivergedError
from mmderain.inference.shared import Encode
from mmderain.inference.stream import (
    restart_frame,
    restore_frames,
    to_uint8,
)
from mmderain.inference.tiles import TileSpec
from mmderain.inference.windows import WindowSpec


class JudgedFrame(NamedTuple):
    """A restored frame and the verdict of the derainer's guard.

    Args:
        planes: As of :meth:`BaseDerainer.stream`.
        guarded: The part of the rainy frame that the guard gave back, from 0
            to 1; 0 where there is no guard.
    """

    planes: Tensor
    guarded: float = 0.0


class BaseDerainer(BaseEditModel):
    """An MMagic model around a network that removes rain from clips.

    A subclass says what window its network takes and how a window is restored;
    windows and tiles are the inference mechanism's.

    Args:
        generator: Config of the network.
        pixel_loss: Config of the loss between restored and clean frames.
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
        data_preprocessor: Config; ``ClipPreprocessor`` by default.
        **kwargs: As for MMagic's ``BaseEditModel``.
    """

    # Height and width that the network takes are multiples of this.
    divisor = 1
    # Frames that go in, unless test_cfg says otherwise.
    window = 1
    # Pixels of replicated context that it needs around a frame.
    margin = 0
    # Which frames of its window it restores; all of them when None.
    valid: tuple[int, int] | None = None
    # Keys of test_cfg.
    test_options = frozenset(
        {'window', 'stride', 'padding', 'tile', 'tile_overlap', 'margin',
         'window_batch', 'share', 'tile_batch', 'prepare_threads'})
    # What the network finds besides the restored frame, a plane for each.
    map_names: tuple[str, ...] = ()
    # Work that overlapping windows share: a method from frames (n, 3, h, w),
    # RGB in [0, 1], and those before them or None, to tensors (n, ...), which
    # `restore_window` then gets as (n, t, ...), after the clip. See
    # `mmderain.inference.shared`.
    encode: Encode | None = None
    # Work of the CPU on a window before it is restored, such as optical flow:
    # a method from (t, 3, h, w), uint8 RGB on the CPU, to (s, c, h, w), uint8
    # or floating point, of which `restore_window` then gets (n, s, c, h, w).
    # Called in several threads at once, ahead of the network.
    prepare_window: Callable[[Tensor], Tensor] | None = None

    def __init__(self,
                 generator: dict,
                 pixel_loss: dict,
                 test_cfg: dict | None = None,
                 data_preprocessor: dict | None = None,
                 **kwargs) -> None:
        super().__init__(
            generator, pixel_loss, test_cfg=dict(test_cfg or {}),
            data_preprocessor=MODELS.build(
                data_preprocessor or dict(type='ClipPreprocessor')),
            **kwargs)
        self.check_test_cfg()

    @classmethod
    def for_inference(cls, network: nn.Module,
                      test_cfg: Mapping[str, Any]) -> 'BaseDerainer':
        """A derainer that can only restore: no losses, no configs of them.

        Args:
            network: Takes the place of ``generator``.
            test_cfg: As for the class.

        Raises:
            ConfigError: ``test_cfg`` has keys or values that cannot be.
        """
        derainer = cls.__new__(cls)
        BaseModel.__init__(
            derainer, MODELS.build(dict(type='ClipPreprocessor')))
        derainer.generator = network
        derainer.test_cfg = dict(test_cfg)
        derainer.check_test_cfg()
        return derainer.eval()

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
        for name, least in (('window_batch', 1), ('tile_batch', 1),
                            ('prepare_threads', 0)):
            value = self.test_cfg.get(name, least)
            if not isinstance(value, int) or value < least:
                raise ConfigError(f'test_cfg.{name} has to be a number from '
                                  f'{least} on, got {value!r}.')

    @property
    def window_spec(self) -> WindowSpec:
        """The window of the network, with the strides of ``test_cfg``."""
        return WindowSpec(
            length=self.test_cfg.get('window', self.window),
            valid=self.valid,
            stride=self.test_cfg.get('stride', 1),
            divisor=self.divisor,
            padding=self.test_cfg.get('padding', 'replicate'),
            margin=self.test_cfg.get('margin', self.margin))

    @property
    def window_batch(self) -> int:
        """Windows that go through the network at once."""
        return self.test_cfg.get('window_batch', 1)

    @property
    def tile_spec(self) -> TileSpec | None:
        """The tiles of ``test_cfg``, or None for whole frames."""
        size = self.test_cfg.get('tile')
        if size is None:
            return None
        overlap = self.test_cfg.get('tile_overlap', 32)
        margin = self.window_spec.margin
        return TileSpec(tuple(size), overlap,
                        max(margin, overlap // 2) if margin else 0)

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
        bar = tqdm(self.stream(clip, name=name), desc=name, total=len(clip),
                   unit='frame', mininterval=2, leave=False,
                   disable=not is_main_process())
        return torch.stack(list(bar))

    def stream(self, frames: Iterable[Tensor], with_maps: bool = False,
               dtype: torch.dtype | None = None,
               name: str = '') -> Iterator[Tensor]:
        """Restore a clip frame by frame, without ever holding all of it.

        Args:
            frames: Each (3, h, w), uint8 RGB, on the CPU.
            with_maps: Add the planes of ``map_names``.
            dtype: Half precision of autocast, or None.
            name: Of the clip, for the error.

        Yields:
            Tensor: Shape (3, h, w), or (3 + m, h, w) with maps, uint8, on the
            CPU.

        Raises:
            DivergedError: A restored frame is not finite; as bytes it would
                look like any other, to metrics and in a video.
        """
        for frame in self.judged_stream(frames, with_maps, dtype, name):
            yield frame.planes

    def judged_stream(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      name: str = '') -> Iterator[JudgedFrame]:
        """The same, with the verdict of the derainer's guard."""
        spec = self.window_spec
        first = spec.restored_frames(spec.length).start
        for index, (frame, guarded) in enumerate(
                self.judged_frames(frames, with_maps, dtype), first):
            # the sum takes a thirtieth of the time of isfinite().all()
            if not frame.sum().isfinite():
                place = f'sequence {name!r}, frame' if name else 'frame'
                raise DivergedError.in_frame(f'{place} {index}')
            restored = self.to_uint8(frame[:3])
            yield JudgedFrame(
                torch.cat([restored, to_uint8(frame[3:])]) if with_maps
                else restored, guarded)

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None
                      ) -> Iterator[tuple[Tensor, float]]:
        """:meth:`restored_frames`, each with its ``guarded``.

        For derainers with a guard; here it is always 0.
        """
        return ((frame, 0.0)
                for frame in self.restored_frames(frames, with_maps, dtype))

    def restored_frames(self, frames: Iterable[Tensor],
                        with_maps: bool = False,
                        dtype: torch.dtype | None = None) -> Iterator[Tensor]:
        """The frames of :meth:`stream` before rounding."""
        return self._restore_by(
            self.restore_window_maps if with_maps else self.restore_window,
            frames, dtype)

    def _restore_by(self, restore_window: Callable[..., Tensor],
                    frames: Iterable[Tensor],
                    dtype: torch.dtype | None) -> Iterator[Tensor]:
        """Send windows through a method, as ``test_cfg`` says."""
        return restore_frames(
            frames, restore_window, self.window_spec, self.tile_spec,
            next(self.parameters()).device, dtype,
            window_batch=self.window_batch,
            tile_batch=self.test_cfg.get('tile_batch', 1),
            encode=self.encode if self.test_cfg.get('share', True) else None,
            prepare_window=self.prepare_window,
            prepare_threads=self.test_cfg.get('prepare_threads', 2))

    def to_uint8(self, frame: Tensor) -> Tensor:
        """A restored frame as it is scored and saved.

        Args:
            frame: Shape (3, h, w), RGB, around [0, 1].

        Returns:
            Tensor: The same as uint8, rounded, on the CPU.
        """
        return to_uint8(frame)

    def restart_frame(self, frame: int) -> int:
        """Where a stream has to begin to go on at ``frame`` as if unbroken."""
        return restart_frame(self.window_spec, frame, self.window_batch)

    def forward_inference(self,
                          inputs: list[Tensor],
                          data_samples: list[DataSample],
                          **kwargs) -> list[DataSample]:
        """Restore whole clips.

        Args:
            inputs: Clips (t, 3, h, w), uint8 RGB.
            data_samples: Of the same length; ``key`` names a sequence.

        Returns:
            list[DataSample]: With ``pred_img`` (t, 3, h, w), uint8 RGB.
        """
        return [DataSample(pred_img=self.restore_clip(
                    clip, sample.metainfo.get('key', '')))
                for clip, sample in zip(inputs, data_samples, strict=True)]

    def convert_to_datasample(self, predictions: list[DataSample],
                              data_samples: list[DataSample],
                              inputs: list[Tensor]) -> list[DataSample]:
        """Attach inputs and predictions to the samples that came.

        Where frames were left out, a sample keeps the others alone.
        """
        for sample, prediction, clip in zip(
                data_samples, predictions, inputs, strict=True):
            restored = self.window_spec.restored_frames(len(clip))
            sample.set_tensor_data({'input': clip[restored]})
            if 'gt_img' in sample:
                sample.gt_img = sample.gt_img[restored]
            for key, value in sample.metainfo.items():
                if key.endswith('_path') and isinstance(value, list):
                    sample.set_metainfo({key: value[restored]})
            sample.output = prediction
        return data_samples

