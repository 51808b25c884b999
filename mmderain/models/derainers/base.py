"""What all derainers share: from clips to restored clips."""

from collections.abc import Iterator

import torch
from mmagic.models.base_models import BaseEditModel
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.dist import is_main_process
from torch import Tensor
from tqdm import tqdm

from mmderain.errors import ConfigError
from mmderain.inference.tiles import TileSpec, restore_tiled, restore_whole
from mmderain.inference.windows import WindowSpec, restore_stream


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
        {'window', 'stride', 'padding', 'tile', 'tile_overlap', 'margin'})

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
        unknown = set(self.test_cfg) - self.test_options
        if unknown:
            raise ConfigError(f'test_cfg of {type(self).__name__} has unknown '
                              f'keys {sorted(unknown)}; known are '
                              f'{sorted(self.test_options)}.')

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

    def restore_clip(self, clip: Tensor, name: str = '') -> Tensor:
        """Restore a clip of any length and size.

        Args:
            clip: Shape (t, 3, h, w), uint8 RGB, on the CPU.
            name: For the progress bar.

        Returns:
            Tensor: Shape (t, 3, h, w), uint8 RGB, rounded as saving would;
            fewer frames where the ends of the clip are not padded.
        """
        bar = tqdm(self.restored_frames(clip), desc=name, total=len(clip),
                   unit='frame', mininterval=2, leave=False,
                   disable=not is_main_process())
        return torch.stack([self.to_uint8(frame) for frame in bar])

    def restored_frames(self, clip: Tensor) -> Iterator[Tensor]:
        """Restore a clip frame by frame.

        Args:
            clip: Shape (t, 3, h, w), uint8 RGB, on the CPU.

        Yields:
            Tensor: Shape (3, h, w), RGB, not rounded.
        """
        device = next(self.parameters()).device
        tile, spec = self.tile_spec, self.window_spec

        def restore(window: Tensor) -> Tensor:
            window = window.to(device)[None].float() / 255
            if tile is None:
                result = restore_whole(window, self.restore_window,
                                       self.divisor, spec.margin)
            else:
                result = restore_tiled(window, self.restore_window, tile,
                                       self.divisor)
            return result[0]

        return restore_stream(clip, restore, spec)

    def to_uint8(self, frame: Tensor) -> Tensor:
        """A restored frame as it is scored and saved.

        Args:
            frame: Shape (3, h, w), RGB, around [0, 1].

        Returns:
            Tensor: The same as uint8, rounded, on the CPU.
        """
        return _to_uint8(frame)

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


def _to_uint8(frame: Tensor) -> Tensor:
    return (frame.clamp(0, 1) * 255).round().byte().cpu()
