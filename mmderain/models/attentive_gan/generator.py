"""The generator of Attentive GAN: from an image to one without raindrops."""

import math
from typing import NamedTuple

import torch
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.attentive_gan.attention import RecurrentAttention
from mmderain.models.attentive_gan.autoencoder import (
    ContextualAutoencoder,
)

# of the first weights behind a residual
_RESIDUAL_GAIN = 0.05


class AttentiveGANOutput(NamedTuple):
    """What :class:`AttentiveGANGenerator` returns; nothing is clipped.

    Args:
        restored: Without raindrops, (n, 3, h, w), RGB.
        half: The same at half the size, (n, 3, h/2, w/2), RGB, for training.
        quarter: At a quarter of the size, (n, 3, h/4, w/4), RGB.
        attention: Where the drops are, after each step, (n, steps, 1, h, w);
            trained towards 0 and 1, not limited to that range.
    """

    restored: Tensor
    half: Tensor
    quarter: Tensor
    attention: Tensor


@MODELS.register_module()
class AttentiveGANGenerator(nn.Module):
    """Removes raindrops from an image.

    "Attentive Generative Adversarial Network for Raindrop Removal from a
    Single Image", Qian et al., CVPR 2018 (arXiv 1711.10098), section 4.1;
    official code: github.com/rui1996/DeRaindrop, ``models/generator.py``. The
    defaults are the released network.

    Differs from the official code:

    * It sees and returns RGB, the official one OpenCV's BGR; the converter
      turns the channels of the weights.
    * The state of the recurrence is made where the image is, the official one
      on a GPU.
    * The number of steps, of blocks and of channels are arguments.
    * Training starts from He's initialisation, since some twenty layers of
      PyTorch's default one let little through; the official start is not
      published.
    * With ``residual`` the image is added to the output.

    Args:
        channels: Channels of the autoencoder at full size; a multiple of 2.
        attention_channels: Channels of the recurrent attention.
        attention_blocks: Residual blocks of one of its steps.
        attention_steps: How often the attention map is refined.
        residual: Estimate the difference to the image instead of the image:
            a short training then starts at the image, not at a blur of it.

    Raises:
        ValueError: A number is too small, or ``channels`` is odd.
    """

    def __init__(self,
                 *,
                 channels: int = 64,
                 attention_channels: int = 32,
                 attention_blocks: int = 5,
                 attention_steps: int = 4,
                 residual: bool = False) -> None:
        super().__init__()
        if channels < 2 or channels % 2:
            raise ValueError('channels has to be a multiple of 2, but is '
                             f'{channels}')
        for name, value in (('attention_channels', attention_channels),
                            ('attention_blocks', attention_blocks),
                            ('attention_steps', attention_steps)):
            if value < 1:
                raise ValueError(f'{name} has to be 1 or more, but is '
                                 f'{value}')
        self.attention = RecurrentAttention(
            attention_channels, attention_blocks, attention_steps)
        self.autoencoder = ContextualAutoencoder(channels)
        self.residual = residual
        self._init_weights()
        # With weights in this layout a convolution is computed in it, the
        # fast one, whatever the layout of its input.
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                module.to(memory_format=torch.channels_last)

    def _init_weights(self) -> None:
        layers = [*self.attention.conv_in.modules(),
                  *self.attention.blocks.modules(),
                  *self.autoencoder.modules()]
        for layer in layers:
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                # how many products a value is the sum of
                fan_in = (layer.in_channels * math.prod(layer.kernel_size)
                          / (math.prod(layer.stride) if layer.transposed
                             else 1))
                nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_in))
                nn.init.zeros_(layer.bias)
        if self.residual:
            with torch.no_grad():
                self.autoencoder.full_head.weight.mul_(_RESIDUAL_GAIN)

    def forward(self, image: Tensor) -> AttentiveGANOutput:
        """Restore images.

        Args:
            image: Shape (n, 3, h, w), RGB in [0, 1]; 4 divides h and w.

        Returns:
            AttentiveGANOutput: See there.

        Raises:
            ValueError: The shape is another.
        """
        _check_image(image)
        maps = self.attention(image)
        restored, half, quarter = self.autoencoder(image, maps[-1])
        if self.residual:
            restored = restored + image
        return AttentiveGANOutput(
            restored, half, quarter, torch.stack(maps, dim=1))


def _check_image(image: Tensor) -> None:
    if image.ndim != 4 or image.shape[1] != 3 or 0 in image.shape:
        raise ValueError('AttentiveGANGenerator takes images of shape (n, 3, '
                         f'h, w), but got {tuple(image.shape)}')
    if image.shape[2] % 4 or image.shape[3] % 4:
        raise ValueError(
            'AttentiveGANGenerator takes heights and widths that 4 divides, '
            f'but got {image.shape[2]} x {image.shape[3]}. The inference of '
            'mmderain pads images of any size.')
