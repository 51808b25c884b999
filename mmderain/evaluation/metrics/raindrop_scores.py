"""PSNR and SSIM as the Raindrop set is scored.

The protocol of ``metrics.py`` and ``predict.py`` of
github.com/rui1996/DeRaindrop:

* rows and columns are cut from the bottom and the right down to multiples of
  4;
* on 8 bits, the full-range luma of OpenCV's ``COLOR_BGR2YCR_CB``;
* PSNR with a peak of 255, SSIM with scikit-image's defaults: a uniform window
  of 7 pixels, unbiased covariances;
* the mean over the images.

MMagic's metrics of the same names take a luma of 16 to 235 and a Gaussian
window of 11 pixels: their figures are not comparable.

Differs from the official code: the image is clipped and rounded to 8 bits,
where the official one is cut off and wraps around; for that, use
``official_cast`` of :class:`AttentiveGANDerainer`.
"""

import numpy as np
from mmagic.evaluation.metrics.base_sample_wise_metric import (
    BaseSampleWiseMetric,
)
from mmagic.registry import METRICS
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from mmderain.color import rgb_to_luma

_MULTIPLE = 4


def _luma(image: Tensor | np.ndarray) -> np.ndarray:
    """(3, h, w) RGB in [0, 255] -> (h', w') uint8, cropped."""
    image = np.asarray(image).transpose(1, 2, 0)
    if image.dtype != np.uint8:
        image = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    height, width = image.shape[:2]
    image = image[:height - height % _MULTIPLE, :width - width % _MULTIPLE]
    return rgb_to_luma(image, 'opencv')[..., 0]


@METRICS.register_module()
class RaindropPSNR(BaseSampleWiseMetric):
    """PSNR by the protocol of the Raindrop set.

    Args:
        **kwargs: As for MMagic's ``BaseSampleWiseMetric``.
    """

    metric = 'PSNR'

    def process_image(self, gt: Tensor, pred: Tensor, mask: Tensor) -> float:
        """Score one image; both (3, h, w), RGB in [0, 255]."""
        truth, restored = _luma(gt), _luma(pred)
        if np.array_equal(truth, restored):
            return float('inf')
        return peak_signal_noise_ratio(truth, restored)


@METRICS.register_module()
class RaindropSSIM(BaseSampleWiseMetric):
    """SSIM by the protocol of the Raindrop set.

    Args:
        **kwargs: As for MMagic's ``BaseSampleWiseMetric``.
    """

    metric = 'SSIM'

    def process_image(self, gt: Tensor, pred: Tensor, mask: Tensor) -> float:
        """Score one image; both (3, h, w), RGB in [0, 255]."""
        return structural_similarity(_luma(gt), _luma(pred))
