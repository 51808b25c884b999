"""PSNR and SSIM of one frame, by a protocol."""

import cv2
import numpy as np

from mmderain.color import rgb_to_luma, unrounded_matlab_luma
from mmderain.errors import DataError
from mmderain.evaluation.protocols import Protocol, SSIMWindow
from mmderain.media.psnr import PEAK, psnr

_C1, _C2 = (0.01 * PEAK)**2, (0.03 * PEAK)**2


def to_levels(frame: np.ndarray) -> np.ndarray:
    """A frame as a PNG would hold it.

    Args:
        frame: Any shape, around [0, 255].

    Returns:
        The same as uint8, clipped and rounded; 0 for what is not a number.
    """
    if frame.dtype == np.uint8:
        return frame
    frame = np.nan_to_num(frame, posinf=PEAK, neginf=0)
    return np.clip(np.rint(frame), 0, PEAK).astype(np.uint8)


def score_frame(restored: np.ndarray, clean: np.ndarray,
                protocol: Protocol) -> dict[str, float]:
    """Score one frame.

    Args:
        restored: RGB (h, w, 3), uint8.
        clean: The same.
        protocol: How to score; its average and dropped ends are not this
            function's.

    Returns:
        ``PSNR`` in dB, infinite for equal frames, and ``SSIM``.

    Raises:
        DataError: The frames differ in size or are smaller than the window.
    """
    if restored.shape != clean.shape:
        raise DataError(
            f'A restored frame has {restored.shape[0]}x{restored.shape[1]} '
            f'pixels, the clean one {clean.shape[0]}x{clean.shape[1]}.')
    ours, theirs = (_planes(frame, protocol) for frame in (restored, clean))
    return dict(PSNR=psnr(ours - theirs),
                SSIM=_ssim(ours, theirs, protocol.window))


def _planes(frame: np.ndarray, protocol: Protocol) -> np.ndarray:
    """(h, w, 3) uint8 -> what counts of it, (h', w', c) float64."""
    height, width = (size - size % protocol.multiple
                     for size in frame.shape[:2])
    frame = frame[:height, :width]
    if protocol.luma == 'matlab_unrounded':
        return unrounded_matlab_luma(frame)
    if protocol.luma is not None:
        frame = rgb_to_luma(frame, protocol.luma)
    return frame.astype(np.float64)


def _ssim(ours: np.ndarray, theirs: np.ndarray, window: SSIMWindow) -> float:
    if min(ours.shape[:2]) < window.size:
        raise DataError(
            f'A frame of {ours.shape[0]}x{ours.shape[1]} pixels is smaller '
            f'than the window of SSIM, {window.size}x{window.size}.')
    if window.sigma is None:
        kernel = np.full(window.size, 1 / window.size)
    else:
        kernel = cv2.getGaussianKernel(window.size, window.sigma)
    rim = window.size // 2 if window.border == 'valid' else 0
    inner = (slice(rim, -rim or None), ) * 2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.sepFilter2D(values, cv2.CV_64F, kernel, kernel,
                               borderType=cv2.BORDER_REPLICATE)[inner]

    count = window.size**2
    factor = count / (count - 1) if window.unbiased else 1.0
    mean_ours, mean_theirs = mean(ours), mean(theirs)
    product = mean_ours * mean_theirs
    squares = mean_ours**2 + mean_theirs**2
    variances = factor * (mean(ours**2 + theirs**2) - squares)
    covariance = factor * (mean(ours * theirs) - product)
    scores = ((2 * product + _C1) * (2 * covariance + _C2)
              / ((squares + _C1) * (variances + _C2)))
    return float(scores.mean())
