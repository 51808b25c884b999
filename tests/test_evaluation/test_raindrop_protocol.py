"""The protocol raindrop, against figures recorded with the official one."""

import numpy as np
import pytest

from mmderain.evaluation import get_protocol
from mmderain.evaluation.frame_scores import _planes, score_frame
from tests.helpers.attentive_gan_reference import DATA

PROTOCOL = get_protocol('raindrop')


@pytest.fixture(scope='module')
def recorded():
    with np.load(DATA / 'metrics.npz') as file:
        return dict(file)


@pytest.fixture
def pair(recorded):
    """RGB (h, w, 3)."""
    return [np.ascontiguousarray(recorded[f'bgr_{name}'][..., ::-1])
            for name in 'ab']


def test_luma_equals_the_recorded_one(recorded, pair):
    for name, frame in zip('ab', pair, strict=True):
        assert np.array_equal(_planes(frame, PROTOCOL)[..., 0],
                              recorded[f'y_{name}'])


def test_figures_equal_the_recorded_ones(recorded, pair):
    scores = score_frame(*pair, PROTOCOL)
    assert scores['PSNR'] == pytest.approx(float(recorded['psnr']), abs=1e-9)
    assert scores['SSIM'] == pytest.approx(float(recorded['ssim']), abs=1e-9)


def test_what_is_cropped_does_not_count(pair):
    clean, restored = pair
    cut = score_frame(restored[:60, :72], clean[:60, :72], PROTOCOL)
    spoilt = restored[:63, :75].copy()
    spoilt[60:], spoilt[:, 72:] = 0, 0
    assert score_frame(spoilt, clean[:63, :75], PROTOCOL) == cut
    assert score_frame(restored, clean, PROTOCOL) != cut
