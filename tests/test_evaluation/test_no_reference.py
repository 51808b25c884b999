"""NIQE of clips without ground truth."""

import math

import cv2
import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from mmengine.registry import DefaultScope

from mmderain.errors import ConfigError
from mmderain.evaluation.metrics import ClipNIQE


def scene(t=3, h=200, w=220, seed=0):
    """Noise with a falling spectrum, like a picture, in colours."""
    rng = np.random.default_rng(seed)
    total = sum(cv2.resize(rng.normal(size=(n, n, 3)), (w, h),
                           interpolation=cv2.INTER_CUBIC) * 60 / n**0.5
                for n in (4, 8, 16, 32, 64, 128))
    frame = np.clip(total + 128, 0, 255).astype(np.uint8)
    clip = np.stack([np.roll(frame, k, 1) for k in range(t)])
    return torch.from_numpy(clip).permute(0, 3, 1, 2)


def sample(restored, rainy):
    # MMagic's evaluator hands data samples over as dicts
    return dict(output=dict(pred_img=restored), input=rainy)


def test_scores_without_a_clean_clip_and_tells_noise():
    metric = ClipNIQE()
    clean = scene()
    noise = torch.randint(-60, 61, clean.shape,
                          generator=torch.Generator().manual_seed(0))
    rainy = (clean.int() + noise).clamp(0, 255).byte()
    metric.process([], [sample(clean, rainy)])
    result = metric.compute_metrics(metric.results)
    assert set(result) == {'NIQE', 'NIQE_input'}
    assert 0 < result['NIQE'] < result['NIQE_input'] - 1


def test_equals_mmagics_niqe_of_bgr_frames():
    from mmagic.evaluation.metrics.niqe import niqe
    clip = scene(t=2)
    metric = ClipNIQE(score_input=False)
    metric.process([], [sample(clip, None)])
    frames = clip.permute(0, 2, 3, 1).numpy()[..., ::-1]
    expected = np.mean([niqe(frame, 0, 'HWC', 'gray') for frame in frames])
    found = metric.compute_metrics(metric.results)
    assert found == dict(NIQE=pytest.approx(expected))


def test_a_step_leaves_frames_out():
    clip = scene(t=3)
    other = clip.clone()
    other[1] = other[1].flip(1) // 2
    for step in (1, 2):
        metric = ClipNIQE(step=step, score_input=False)
        metric.process([], [sample(clip, None), sample(other, None)])
        (_, first), (_, second) = metric.results
        assert (first == second) == (step == 2)
        assert len(first['NIQE']) == (3 if step == 1 else 2)


def test_frames_that_are_too_small_have_none():
    metric = ClipNIQE()
    small = scene(h=100, w=150)
    metric.process([], [sample(small, small)])
    assert math.isnan(metric.compute_metrics(metric.results)['NIQE'])


def test_a_wrong_step_is_refused_and_the_name_is_known():
    with pytest.raises(ConfigError, match='step has to be 1 or more'):
        ClipNIQE(step=0)
    with DefaultScope.overwrite_default_scope('mmagic'):
        assert isinstance(METRICS.build(dict(type='ClipNIQE')), ClipNIQE)
