"""What the configs of luma methods report is the formula it is said to be."""

import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def luma(frame):
    """MATLAB's rgb2ycbcr; frame (3, h, w) of uint8."""
    weights = np.array([65.481, 128.553, 24.966]) / 255
    return np.rint(16 + np.tensordot(weights, frame.numpy().astype(float), 1))


def test_psnr_and_ssim_on_y_are_the_means_over_frames():
    generator = torch.Generator().manual_seed(0)
    clean = torch.randint(0, 256, (4, 3, 24, 32), generator=generator)
    noise = torch.randint(-20, 21, clean.shape, generator=generator)
    restored = (clean + noise * torch.tensor([1, 2, 3, 4])[:, None, None, None]
                ).clamp(0, 255).byte()
    clean = clean.byte()
    samples = [dict(output=dict(pred_img=restored), gt_img=clean)]
    scores = {}
    for name in ('PSNR', 'SSIM'):
        metric = METRICS.build(dict(type=f'Luma{name}'))
        metric.process(None, samples)
        scores[name] = metric.compute_metrics(metric.results)[name]
    pairs = [(luma(a), luma(b)) for a, b in zip(clean, restored, strict=True)]
    assert scores['PSNR'] == pytest.approx(np.mean([
        peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]),
        abs=1e-4)
    # MMagic's SSIM counts windows that lie within the frame
    assert scores['SSIM'] == pytest.approx(np.mean([
        structural_similarity(
            a, b, data_range=255, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False, full=True)[1][5:-5, 5:-5].mean()
        for a, b in pairs]), abs=1e-4)
