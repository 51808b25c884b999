"""How ViMP-Net restores windows, with what they share."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmderain.models.restoration import WindowRestoration
from mmderain.windows.shared_work import Encode


class ViMPRestoration(WindowRestoration):
    """Restores all frames of a window, with raindrop mask and streak map.

    Args:
        generator: A :class:`ViMPNet`.
        test_cfg: As for :class:`WindowRestoration`.
    """

    divisor = 4
    map_names = ('drop_mask', 'streak_map')

    @property
    def encode(self) -> Encode | None:
        """Features and flows, which the network computes once for a frame."""
        return getattr(self.generator, 'encode', None)

    def restore_window(self, clip: Tensor,
                       encoded: Sequence[Tensor] | None = None) -> Tensor:
        """Restore one window.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].
            encoded: What :attr:`encode` found about its frames.

        Returns:
            Tensor: Shape (n, t, 3, h, w).
        """
        return self._run(clip, encoded).restored

    def restore_window_maps(self, clip: Tensor,
                            encoded: Sequence[Tensor] | None = None
                            ) -> Tensor:
        """Restore one window, with raindrop mask and streak map.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1].
            encoded: What :attr:`encode` found about its frames.

        Returns:
            Tensor: Shape (n, t, 5, h, w).
        """
        output = self._run(clip, encoded)
        return torch.cat([output.restored, output.drop_mask,
                          output.streak_map], dim=2)

    def _run(self, clip: Tensor, encoded: Sequence[Tensor] | None) -> tuple:
        if encoded is None:
            return self.generator(clip)
        return self.generator(clip, encoded)
