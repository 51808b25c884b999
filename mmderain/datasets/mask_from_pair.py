"""Where the raindrops are, told from a rainy image and its clean one."""

import cv2
import numpy as np

from mmderain.errors import UserError

REDUCTIONS = ('max', 'mean', 'sum')
# The paper's: |I - R| > 30 on 8 bits. See the table of `raindrop_mask`.
THRESHOLD = 30
_MOST_MORPHOLOGY = 1000  # pixels


def raindrop_mask(rainy: np.ndarray,
                  clean: np.ndarray,
                  threshold: float = THRESHOLD,
                  reduction: str = 'max',
                  morphology: int = 0) -> np.ndarray:
    """Threshold the difference of a pair.

    A pixel is a raindrop's if its difference, over the channels, is above the
    threshold. The default is the paper's threshold (Qian et al., CVPR 2018,
    section 4.1: 30 on 8 bits), with the largest channel, since the paper does
    not say what becomes of the three. Reimplementations disagree; theirs are

    ==================== ========= ========= ==========
    reimplementation     reduction threshold morphology
    ==================== ========= ========= ==========
    shleecs              max       29        0
    MaybeShewill (TF)    sum       34        5
    7568                 mean      28        0
    ==================== ========= ========= ==========

    (shleecs keeps a difference of 30, MaybeShewill a sum of 35; here a
    difference has to be above the threshold.)

    Args:
        rainy: (h, w, c) or (h, w), uint8.
        clean: Of the same shape.
        threshold: In levels of 8 bits; for 'sum' up to 3 times 255.
        reduction: 'max', 'mean' or 'sum' of the channels' differences.
        morphology: Diameter in pixels of the ellipse by which the mask is
            closed (holes are filled) and then opened (specks are removed);
            0 for neither.

    Returns:
        (h, w) uint8, 0 or 255.

    Raises:
        UserError: The images differ in shape or are not uint8, or an option
            is not as above.
    """
    check_options(threshold, reduction, morphology)
    if rainy.dtype != np.uint8 or clean.dtype != np.uint8:
        raise UserError('raindrop_mask takes uint8 images, got '
                        f'{rainy.dtype} and {clean.dtype}.')
    if rainy.shape != clean.shape or rainy.ndim not in (2, 3):
        raise UserError('raindrop_mask takes a rainy and a clean image of one '
                        f'shape, got {rainy.shape} and {clean.shape}.')
    difference = cv2.absdiff(rainy, clean)
    if difference.ndim == 3:
        difference = getattr(difference, reduction)(axis=2)
    mask = np.where(difference > threshold, 255, 0).astype(np.uint8)
    if morphology:
        ellipse = cv2.getStructuringElement(
            cv2.MORPH_ELLIPSE, (morphology, morphology))
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, ellipse)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, ellipse)
    return mask


def check_options(threshold: float, reduction: str, morphology: int) -> None:
    """Look at the options of :func:`raindrop_mask` before there are images.

    Raises:
        UserError: Names the option, its value and what would do.
    """
    if reduction not in REDUCTIONS:
        raise UserError(f'reduction: expected one of {", ".join(REDUCTIONS)}, '
                        f'got {reduction!r}.')
    most = 3 * 255 if reduction == 'sum' else 255
    if not 0 <= threshold <= most:  # nor what is no number
        raise UserError(f'threshold: expected levels of 8 bits from 0 to '
                        f'{most} for the reduction {reduction}, got '
                        f'{threshold}.')
    if not 0 <= morphology <= _MOST_MORPHOLOGY:
        raise UserError('morphology: expected a diameter of up to '
                        f'{_MOST_MORPHOLOGY} pixels, or 0, got {morphology}.')
