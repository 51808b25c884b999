"""The official protocol, against figures recorded with it."""

import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from mmagic.structures import DataSample
from mmengine.registry import DefaultScope

from mmderain.evaluation import RaindropPSNR, RaindropSSIM
from mmderain.evaluation.metrics.raindrop_scores import _luma
from tests.helpers.attentive_gan_reference import DATA


@pytest.fixture(scope='module')
def recorded():
    with np.load(DATA / 'metrics.npz') as file:
        return dict(file)


def to_rgb(bgr):
    """(h, w, 3) BGR -> (3, h, w) RGB."""
    return torch.from_numpy(bgr[..., ::-1].transpose(2, 0, 1).copy())


def score(metric, gt, pred):
    """Through the metric's own `process`, as clips of one frame."""
    sample = DataSample(gt_img=gt[None],
                        output=DataSample(pred_img=pred[None])).to_dict()
    metric.process({}, [sample])
    return metric.compute_metrics(metric.results)[metric.metric]


def test_luma_equals_the_recorded_one(recorded):
    for name in 'ab':
        assert np.array_equal(_luma(to_rgb(recorded[f'bgr_{name}'])),
                              recorded[f'y_{name}'])


def test_figures_equal_the_recorded_ones(recorded):
    pair = to_rgb(recorded['bgr_a']), to_rgb(recorded['bgr_b'])
    assert score(RaindropPSNR(), *pair) == pytest.approx(
        float(recorded['psnr']), abs=1e-9)
    assert score(RaindropSSIM(), *pair) == pytest.approx(
        float(recorded['ssim']), abs=1e-9)


@pytest.mark.parametrize('metric', [RaindropPSNR, RaindropSSIM])
def test_what_is_cropped_does_not_count(recorded, metric):
    gt, pred = to_rgb(recorded['bgr_a']), to_rgb(recorded['bgr_b'])
    cut = score(metric(), gt[:, :60, :72], pred[:, :60, :72])
    spoilt = pred[:, :63, :75].clone()
    spoilt[:, 60:], spoilt[:, :, 72:] = 0, 0
    assert score(metric(), gt[:, :63, :75], spoilt) == cut
    assert cut != score(metric(), gt, pred)


def test_the_mean_is_over_images(recorded):
    gt, pred = to_rgb(recorded['bgr_a']), to_rgb(recorded['bgr_b'])
    metric = RaindropSSIM()
    score(metric, gt, gt)
    assert score(metric, gt, pred) == pytest.approx(
        (1 + float(recorded['ssim'])) / 2)


def test_floating_point_images_are_clipped_and_rounded(recorded):
    gt = to_rgb(recorded['bgr_a'])
    assert score(RaindropSSIM(), gt, gt.float() + 0.4) == 1
    white = torch.full((3, 8, 8), 255, dtype=torch.uint8)
    assert score(RaindropPSNR(), white, white.float() + 9) == float('inf')


@pytest.mark.parametrize('name', ['RaindropPSNR', 'RaindropSSIM'])
def test_they_are_registered(name):
    with DefaultScope.overwrite_default_scope('mmagic'):
        metric = METRICS.build(dict(type=name, prefix='test_a'))
    assert metric.prefix == 'test_a'
