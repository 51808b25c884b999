"""PSNR and SSIM on luma.

MMagic's metrics have ``convert_to='Y'``, but take every image for BGR, so that
red and blue change places in the luma of our RGB frames: 0.05 dB here, more
where rain has a colour.
"""

import numpy as np
from mmagic.evaluation.metrics import PSNR, SSIM
from mmagic.registry import METRICS
from torch import Tensor

from mmderain.color import rgb_to_luma


class _OnLuma:
    """Scores frames by their luma.

    Args:
        convention: Of ``mmderain.color``: 'matlab' for the RainSyn sets,
            whose scripts use ``rgb2ycbcr`` of 8 bits.
        **kwargs: As for MMagic's metric.
    """

    def __init__(self, convention: str = 'matlab', **kwargs) -> None:
        super().__init__(**kwargs)
        self.convention = convention

    def process_image(self, gt: Tensor | np.ndarray,
                      pred: Tensor | np.ndarray, mask: Tensor) -> float:
        """Score one frame.

        Args:
            gt: Clean frame (3, h, w), RGB from 0 to 255.
            pred: Restored frame, the same.
            mask: Not used.
        """
        return super().process_image(self._luma(gt), self._luma(pred), mask)

    def _luma(self, frame: Tensor | np.ndarray) -> np.ndarray:
        levels = np.clip(np.rint(np.asarray(frame)), 0, 255).astype(np.uint8)
        luma = rgb_to_luma(levels.transpose(1, 2, 0), self.convention)
        return luma.transpose(2, 0, 1)


@METRICS.register_module()
class LumaPSNR(_OnLuma, PSNR):
    """MMagic's PSNR, on luma of 8 bits; the peak is 255."""


@METRICS.register_module()
class LumaSSIM(_OnLuma, SSIM):
    """MMagic's SSIM (Gaussian window of 11 pixels), on luma of 8 bits."""
