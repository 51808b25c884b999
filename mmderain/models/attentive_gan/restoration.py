"""How Attentive GAN restores images."""

from types import MappingProxyType

import torch
from torch import Tensor

from mmderain.models.restoration import WindowRestoration


class AttentiveGANRestoration(WindowRestoration):
    """Restores every frame by itself.

    Args:
        generator: An :class:`AttentiveGANGenerator`.
        test_cfg: As for :class:`WindowRestoration`; and ``official_cast``, see
            :class:`AttentiveGANDerainer`.
    """

    divisor = 4
    map_names = ('attention', )
    choices = MappingProxyType(
        {**WindowRestoration.choices, 'official_cast': (False, True)})
    test_options = WindowRestoration.test_options | set(choices)

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore every frame by itself.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: Of the same shape, RGB, not clipped.
        """
        restored = self.generator(clip.flatten(0, 1)).restored
        return restored.unflatten(0, clip.shape[:2])

    def restore_window_maps(self, clip: Tensor) -> Tensor:
        """Restore every frame by itself, with the last attention map.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: Shape (n, t, 4, h, w).
        """
        output = self.generator(clip.flatten(0, 1))
        found = torch.cat([output.restored, output.attention[:, -1]], dim=1)
        return found.unflatten(0, clip.shape[:2])

    def to_uint8(self, frame: Tensor) -> Tensor:
        """Round, or do as the official script does."""
        if not self.test_cfg.get('official_cast', False):
            return super().to_uint8(frame)
        return ((frame * 255).trunc().long() & 255).byte().cpu()
