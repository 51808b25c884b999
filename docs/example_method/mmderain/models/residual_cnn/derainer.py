"""ResidualCNN as an MMagic model: its loss."""

from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor

from mmderain.models.base import BaseDerainer


@MODELS.register_module()
class ResidualCNNDerainer(BaseDerainer):
    """Rain streaks from video, with one loss, ``loss_pix``."""

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compare the restored with the clean clip.

        Args:
            inputs: Rainy clips (n, t, 3, h, w), RGB in [0, 1].
            data_samples: ``gt_img``, of the same shape.

        Returns:
            dict[str, Tensor]: ``loss_pix``.
        """
        restored = self.generator(inputs).restored
        return dict(loss_pix=self.pixel_loss(restored, data_samples.gt_img))
