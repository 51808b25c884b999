"""What all derainers share: a network as an MMagic model."""

from collections.abc import Mapping
from typing import Any

from mmagic.models.base_models import BaseEditModel
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor, nn

from mmderain.models.restoration import WindowRestoration


class BaseDerainer(WindowRestoration, BaseEditModel):
    """An MMagic model around a network that removes rain from clips.

    It trains the network; how windows are restored is a
    :class:`~mmderain.models.restoration.WindowRestoration`'s matter, which it
    is, too. A subclass inherits its method's first, and names it::

        class MyDerainer(MyRestoration, BaseDerainer):
            restoration = MyRestoration

    Args:
        generator: Config of the network.
        pixel_loss: Config of the loss between restored and clean frames.
        test_cfg: As for the restoration.
        data_preprocessor: Config; ``ClipPreprocessor`` by default.
        **kwargs: As for MMagic's ``BaseEditModel``.
    """

    # How windows are restored, without what training needs.
    restoration: type[WindowRestoration] = WindowRestoration

    def __init_subclass__(cls, **kwargs) -> None:
        """Notice what would hold in training and be lost in inference."""
        super().__init_subclass__(**kwargs)
        apart = [name for name in vars(WindowRestoration)
                 if not name.startswith('__')
                 and getattr(cls, name) is not getattr(cls.restoration, name)]
        if apart:
            raise TypeError(
                f'{cls.__name__} says otherwise than its restoration, '
                f'{cls.restoration.__name__}, about {", ".join(apart)}. '
                'Write it into a subclass of WindowRestoration, inherit that '
                'first and name it: restoration = ...')

    def __init__(self,
                 generator: dict,
                 pixel_loss: dict,
                 test_cfg: dict | None = None,
                 data_preprocessor: dict | None = None,
                 **kwargs) -> None:
        # what restores windows needs no more than the network and test_cfg
        BaseEditModel.__init__(
            self, generator, pixel_loss, test_cfg=dict(test_cfg or {}),
            data_preprocessor=MODELS.build(
                data_preprocessor or dict(type='ClipPreprocessor')),
            **kwargs)
        self.check_test_cfg()

    @classmethod
    def for_inference(cls, network: nn.Module,
                      test_cfg: Mapping[str, Any]) -> WindowRestoration:
        """What restores windows by a network: no losses, no configs of them.

        Args:
            network: Takes the place of ``generator``.
            test_cfg: As for the class.

        Raises:
            ConfigError: ``test_cfg`` has keys or values that cannot be.
        """
        return cls.restoration(network, test_cfg).eval()

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
            restored = self.window_spec.covered_frames(len(clip))
            sample.set_tensor_data({'input': clip[restored]})
            if 'gt_img' in sample:
                sample.gt_img = sample.gt_img[restored]
            for key, value in sample.metainfo.items():
                if key.endswith('_path') and isinstance(value, list):
                    sample.set_metainfo({key: value[restored]})
            sample.output = prediction
        return data_samples
