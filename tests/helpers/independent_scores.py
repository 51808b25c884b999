"""PSNR and SSIM by other means than the package's.

scikit-image where it has a protocol's SSIM; MATLAB's ``ssim`` is written down
from its documentation, with SciPy.
"""

import cv2
import numpy as np
from scipy import ndimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def matlab_y(frame):
    """rgb2ycbcr(im2double(frame)), its first channel, times 255."""
    weights = np.array([65.481, 128.553, 24.966])
    return frame / 255.0 @ weights + 16


def matlab_ssim(a, b):
    """ssim(a, b) of MATLAB for values up to 255: default radius of 1.5."""
    position = np.arange(-5, 6)
    square = position[:, None]**2 + position[None]**2
    kernel = np.exp(-square / (2 * 1.5**2))
    kernel /= kernel.sum()

    def smooth(x):
        return ndimage.convolve(x, kernel, mode='nearest')

    c1, c2 = (0.01 * 255)**2, (0.03 * 255)**2
    mu_a, mu_b = smooth(a), smooth(b)
    var_a, var_b = smooth(a * a) - mu_a**2, smooth(b * b) - mu_b**2
    cov = smooth(a * b) - mu_a * mu_b
    return np.mean(
        (2 * mu_a * mu_b + c1) * (2 * cov + c2)
        / ((mu_a**2 + mu_b**2 + c1) * (var_a + var_b + c2)))


def gaussian_ssim(a, b, sigma):
    """scikit-image's map, windows of 11 pixels that lie within the frame."""
    _, scores = structural_similarity(
        a, b, data_range=255, gaussian_weights=True, sigma=sigma,
        use_sample_covariance=False, full=True,
        channel_axis=-1 if a.ndim == 3 else None)
    return scores[5:-5, 5:-5].mean()


def score(name, restored, clean):
    """(PSNR, SSIM) of RGB frames (h, w, 3), uint8, by a protocol's name."""
    if name == 'vrds':
        a, b = restored.astype(float), clean.astype(float)
        ssim = gaussian_ssim(a, b, 1.5)
    elif name in ('rainsyn', 'ntu'):
        a, b = matlab_y(restored), matlab_y(clean)
        ssim = matlab_ssim(a, b)
    elif name == 'rainsyn_vdmamba':
        a, b = (np.rint(matlab_y(frame)) for frame in (restored, clean))
        ssim = gaussian_ssim(a, b, 0.5)
    elif name == 'raindrop':
        height, width = (size // 4 * 4 for size in clean.shape[:2])
        a, b = (cv2.cvtColor(np.ascontiguousarray(
            frame[:height, :width, ::-1]), cv2.COLOR_BGR2YCR_CB)[..., 0]
            for frame in (restored, clean))
        ssim = structural_similarity(a, b)
    return peak_signal_noise_ratio(b, a, data_range=255), ssim
