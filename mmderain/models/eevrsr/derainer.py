"""EEVRSR as an MMagic model: luma, its losses and its window."""

from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor, nn

from mmderain.errors import ConfigError
from mmderain.models.base import BaseDerainer
from mmderain.models.eevrsr.restoration import (
    CENTRE,
    CONVENTION,
    EEVRSRRestoration,
)
from mmderain.models.luma import clip_to_luma


@MODELS.register_module()
class EEVRSRDerainer(EEVRSRRestoration, BaseDerainer):
    """Rain streaks from video, on luma (EEVRSR, ICIP 2019).

    The network sees Pillow's luma of five frames; the restored one gets the
    chroma of the rainy frame. No training code was published. These losses
    and their weights are our choice, on the luma of the centre frame:

    * ``loss_pix``: restored against clean frame
    * ``loss_motion``: the neighbours, moved to the centre frame, against the
      clean centre frame. Their rain is in it as noise that no flow removes.
    * ``loss_l2``: half the squared weights of the motion network. The
      official code registers it with a weight of 0.05; whether its training
      used it is unknown.

    Differs from the official code (``test_main.py``):

    * Every frame is restored. The official test has no output for the first
      and the last two; ``test_cfg=dict(padding=None)`` has none, too.
    * Sizes that 4 does not divide are padded, not cropped.
    * Frames are written as they are, not as JPEG.

    Args:
        generator: Config of the network.
        pixel_loss: Of the restored frame. None trains motion alone.
        motion_loss: Of the moved neighbours; None leaves it out.
        motion_l2: Weight of ``loss_l2``, 0 leaves it out.
        **kwargs: As for :class:`BaseDerainer`.

    Raises:
        ConfigError: Nothing is left to train, or the network has no motion
            compensation to train.
    """

    restoration = EEVRSRRestoration

    def __init__(self,
                 generator: dict,
                 pixel_loss: dict | None,
                 motion_loss: dict | None = None,
                 motion_l2: float = 0,
                 **kwargs) -> None:
        if not (pixel_loss or motion_loss):
            raise ConfigError('EEVRSRDerainer: pixel_loss and motion_loss are '
                              'both None; nothing is left to train.')
        # MMagic's base wants a loss in any case
        super().__init__(generator, pixel_loss or motion_loss, **kwargs)
        if pixel_loss is None:
            self.pixel_loss = None
        self.motion_loss = motion_loss and MODELS.build(motion_loss)
        self.motion_l2 = motion_l2
        if self.generator.motion is None and (motion_loss or motion_l2):
            raise ConfigError(
                'EEVRSRDerainer: motion_loss and motion_l2 need a network '
                'with motion_compensation=True; leave them out.')


    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the losses.

        Args:
            inputs: Rainy clips (n, 5, 3, h, w), RGB in [0, 1].
            data_samples: ``gt_img`` (n, 5, 3, h, w), RGB in [0, 1].

        Returns:
            dict[str, Tensor]: Those of the losses that are not left out.
        """
        clip = clip_to_luma(inputs, CONVENTION)
        target = clip_to_luma(data_samples.gt_img[:, CENTRE], CONVENTION)
        losses = {}
        if self.pixel_loss is None:
            warped = self.generator.compensate(clip)
        else:
            output = self.generator(clip)
            warped = output.warped
            losses['loss_pix'] = self.pixel_loss(output.restored, target)
        if self.motion_loss is not None:
            losses['loss_motion'] = self.motion_loss(
                warped, target[:, None].expand_as(warped))
        if self.motion_l2:
            losses['loss_l2'] = self.motion_l2 * sum(
                module.weight.square().sum() / 2
                for module in self.generator.motion.modules()
                if isinstance(module, nn.Conv2d))
        return losses
