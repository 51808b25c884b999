"""LensDropNet as an MMagic model: it learns where drops are."""

from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor

from mmderain.models.base import BaseDerainer
from mmderain.models.lens_drops.restoration import LensDropRestoration


@MODELS.register_module()
class LensDropDerainer(LensDropRestoration, BaseDerainer):
    """Drops on the lens, seen by time and filled from neighbours.

    A method of our own. A network finds drops in statistics of many frames;
    what they hide is taken from frames in which it stands beside them, or from
    around them where that is plain, and nothing of that is learned. Where it
    is not known, drops stay.

    Args:
        **kwargs: As for :class:`BaseDerainer`. ``pixel_loss`` is between the
            network's logits, the cover, and where the cover counts.
    """

    restoration = LensDropRestoration

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the loss.

        Args:
            inputs: Planes (n, p, h, w), in [0, 1].
            data_samples: ``gt_img``: (n, 2, h, w) in [0, 1], how much of each
                pixel a drop covers, and where that counts.

        Returns:
            dict[str, Tensor]: ``loss_cover``.
        """
        cover, counts = data_samples.gt_img.split(1, dim=1)
        return dict(loss_cover=self.pixel_loss(
            self.generator(inputs), cover, counts))
