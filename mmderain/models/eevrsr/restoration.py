"""How EEVRSR restores the centre frame of five, on luma."""

from torch import Tensor

from mmderain.models.luma import clip_to_luma, replace_luma
from mmderain.models.restoration import WindowRestoration

CENTRE = 2
CONVENTION = 'pil'


class EEVRSRRestoration(WindowRestoration):
    """Restores the luma of the centre frame; its chroma stays.

    Args:
        generator: An :class:`EEVRSRNet`.
        test_cfg: As for :class:`WindowRestoration`.
    """

    window = 5
    valid = (CENTRE, CENTRE + 1)

    @property
    def divisor(self) -> int:
        """4 for the motion network's strides."""
        return 1 if self.generator.motion is None else 4

    def restore_luma(self, clip: Tensor) -> Tensor:
        """Restore the luma of the centre frame.

        Args:
            clip: Shape (n, 5, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: Shape (n, 1, h, w), Pillow's luma over 255, not rounded.
        """
        return self.generator(clip_to_luma(clip, CONVENTION)).restored

    def restore_window(self, clip: Tensor) -> Tensor:
        """Restore the centre frame.

        Args:
            clip: Shape (n, 5, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: Shape (n, 1, 3, h, w), RGB in [0, 1], in steps of 8 bits.
        """
        restored = replace_luma(clip[:, CENTRE], self.restore_luma(clip),
                                CONVENTION)
        return restored[:, None]
