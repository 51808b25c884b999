"""The attentive discriminator: is an image clean, and where is it not?"""

from typing import NamedTuple

import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn


class AttentiveGANDiscriminatorOutput(NamedTuple):
    """What :class:`AttentiveGANDiscriminator` returns.

    Args:
        logits: How clean the image looks, (n, 1), before the sigmoid.
        attention: Where it looks restored, (n, 1, h, w), not limited.
    """

    logits: Tensor
    attention: Tensor


@MODELS.register_module()
class AttentiveGANDiscriminator(nn.Module):
    """Tells clean from restored images, guided by a map of its own.

    "Attentive Generative Adversarial Network for Raindrop Removal from a
    Single Image", Qian et al., CVPR 2018 (arXiv 1711.10098), section 4.2;
    official code: github.com/rui1996/DeRaindrop, ``models/discriminator.py``.
    With the default arguments and crops of 224 pixels the layers and their
    weights are those of that file.

    Differs from the official code:

    * It runs. The official ``forward`` applies its seventh convolution (128
      to 64 channels) to its own result, which raises for every input; here it
      is applied once.
    * Crops of any size from 11 pixels on: the features of the last
      convolution are averaged over (or repeated on) the 14 x 14 grid that the
      linear layers ask for. On crops of 224 pixels that changes nothing; the
      official file takes 219 to 234 pixels only.
    * It returns logits. The official sigmoid belongs to the loss, which then
      stays finite however sure the discriminator is.
    * It sees RGB in [0, 1]. No weights were ever published, so nothing has to
      be converted.

    Args:
        channels: Of the six convolutions before the map, and of the two after
            it.
        hidden: Width of the first linear layer. As officially, there is no
            nonlinearity behind it.
        grid: Side of the grid of features that the linear layers see.
    """

    # two convolutions of 5 pixels, stride 4 and padding 1 leave a pixel
    min_size = 11

    def __init__(self,
                 *,
                 channels: tuple[int, ...] = (8, 16, 64, 128, 128, 128, 64,
                                              32),
                 hidden: int = 1024,
                 grid: int = 14) -> None:
        super().__init__()
        if len(channels) != 8:
            raise ValueError('channels has to name 8 convolutions, but has '
                             f'{len(channels)} entries')
        widths = (3, *channels[:6])
        self.features = nn.Sequential(*(
            layer for before, after in zip(widths[:-1], widths[1:],
                                           strict=True)
            for layer in (nn.Conv2d(before, after, 5, padding=2),
                          nn.ReLU(inplace=True))))
        self.map_head = nn.Conv2d(channels[5], 1, 5, padding=2)
        self.reduction = nn.Sequential(
            nn.Conv2d(channels[5], channels[6], 5, stride=4, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels[6], channels[7], 5, stride=4, padding=1),
            nn.ReLU(inplace=True))
        self.grid = grid
        self.classifier = nn.Sequential(
            nn.Linear(channels[7] * grid**2, hidden), nn.Linear(hidden, 1))

    def forward(self, image: Tensor) -> AttentiveGANDiscriminatorOutput:
        """Judge images.

        Args:
            image: Shape (n, 3, h, w), RGB in [0, 1]; 11 pixels or more.

        Returns:
            AttentiveGANDiscriminatorOutput: See there.

        Raises:
            ValueError: The shape is another.
        """
        if image.ndim != 4 or image.shape[1] != 3 or min(
                image.shape[2:]) < self.min_size:
            raise ValueError(
                'AttentiveGANDiscriminator takes images (n, 3, h, w) of '
                f'{self.min_size} pixels or more, but got '
                f'{tuple(image.shape)}')
        features = self.features(image)
        attention = self.map_head(features)
        reduced = self.reduction(features * attention)
        on_grid = F.adaptive_avg_pool2d(reduced, self.grid)
        return AttentiveGANDiscriminatorOutput(
            self.classifier(on_grid.flatten(1)), attention)
