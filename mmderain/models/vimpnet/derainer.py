"""ViMP-Net as an MMagic model: its losses and its window."""


from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor

from mmderain.models.base import BaseDerainer
from mmderain.models.vimpnet.restoration import ViMPRestoration


@MODELS.register_module()
class ViMPDerainer(ViMPRestoration, BaseDerainer):
    """Rain streaks and raindrops from video (Wu et al., ACM MM 2023).

    Trains with the five losses of the official code (``derainer.py`` of
    github.com/TonyHongtaoWu/ViMP-Net), under their official names:

    * ``loss_pix``: streak-free stage against the drop-only frame
    * ``loss_mask``: raindrop mask
    * ``loss_reconstruct``: restored against clean frame
    * ``loss_hole``: the same inside the raindrop mask
    * ``loss_streak``: streak map

    Differs from the official code:

    * SPyNet is frozen by ``FreezeHook``, which counts optimiser steps, not by
      a buffer that counts forward passes.
    * Testing works: the official ``test_clip`` treats the network's tuple as
      a tensor.

    Args:
        generator: Config of the network.
        pixel_loss: Of the restored frame.
        streak_free_loss: Of the streak-free stage.
        drop_mask_loss: Of the raindrop mask.
        hole_loss: Of the restored frame inside the mask.
        streak_map_loss: Of the streak map.
        **kwargs: As for :class:`BaseDerainer`.
    """

    restoration = ViMPRestoration

    def __init__(self, generator: dict, pixel_loss: dict,
                 streak_free_loss: dict, drop_mask_loss: dict,
                 hole_loss: dict, streak_map_loss: dict, **kwargs) -> None:
        super().__init__(generator, pixel_loss, **kwargs)
        self.streak_free_loss = MODELS.build(streak_free_loss)
        self.drop_mask_loss = MODELS.build(drop_mask_loss)
        self.hole_loss = MODELS.build(hole_loss)
        self.streak_map_loss = MODELS.build(streak_map_loss)


    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the losses.

        Args:
            inputs: Rainy clips (n, t, 3, h, w), RGB in [0, 1].
            data_samples: ``gt_img`` and ``drop`` (n, t, 3, h, w),
                ``drop_mask`` and ``streak_map`` (n, t, 1, h, w), all in
                [0, 1].

        Returns:
            dict[str, Tensor]: The five losses.
        """
        output = self.generator(inputs)
        target = data_samples
        return dict(
            loss_pix=self.streak_free_loss(output.streak_free, target.drop),
            loss_mask=self.drop_mask_loss(output.drop_mask, target.drop_mask),
            loss_reconstruct=self.pixel_loss(output.restored, target.gt_img),
            loss_hole=self.hole_loss(output.restored, target.gt_img,
                                     target.drop_mask),
            loss_streak=self.streak_map_loss(output.streak_map,
                                             target.streak_map))


