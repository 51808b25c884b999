"""What of a guide's frames a guided network sees."""

import cv2
import numpy as np
import pytest
import torch

from mmderain.models.aligned_median.alignment import (
    align_neighbours,
    prepare_window,
)
from mmderain.models.aligned_median.derainer import AlignedMedianDerainer
from mmderain.models.aligned_median.device_flow import align_on_device
from mmderain.models.aligned_median.guide_planes import byte_median
from mmderain.models.aligned_median.network import AlignedMedianNet
from mmderain.models.luma import full_range_luma

from .test_network import SMALL


def pan(seed=0, size=(48, 64)):
    rng = np.random.default_rng(seed)
    picture = cv2.resize(rng.integers(0, 256, (12, 20, 3), np.uint8),
                         (size[1] + 8, size[0]))
    return np.stack([picture[:, 2 * index:2 * index + size[1]]
                     for index in range(5)])


def to_planes(frames):
    return np.ascontiguousarray(frames.transpose(0, 3, 1, 2))


def test_the_median_of_bytes_is_exact():
    values = np.random.default_rng(0).integers(0, 9, (5, 40, 50), np.uint8)
    np.testing.assert_array_equal(byte_median(*values), np.median(values, 0))


@pytest.mark.parametrize('has_guide', [True, False])
def test_luma_of_the_guide_and_of_its_moved_neighbours(has_guide):
    window, guide = pan(), pan(1)
    shown = guide if has_guide else window
    prepared = prepare_window(
        to_planes(window), to_planes(guide) if has_guide else None,
        sees_guide=True)
    assert prepared.shape == (10, 3, 48, 64)
    np.testing.assert_array_equal(prepared[:9], prepare_window(
        to_planes(window), to_planes(guide) if has_guide else None))
    luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
                     for frame in shown])
    np.testing.assert_array_equal(prepared[9, 0], luma[2])
    moved = align_neighbours(
        np.repeat(luma[..., None], 3, axis=3), guide=shown)[..., 0]
    np.testing.assert_array_equal(
        prepared[9, 1], np.median([luma[2], *moved], axis=0))


def test_on_the_device_it_is_the_same():
    """Of what stands still, whose flow is none, but for rounding."""
    window, guide = (np.repeat(pan(seed)[:1], 5, axis=0) for seed in (0, 1))
    expected = prepare_window(*map(to_planes, (window, guide)),
                              sees_guide=True)
    both = torch.from_numpy(to_planes(np.concatenate([window, guide])))
    shown = align_on_device(both[None].float() / 255, sees_guide=True)[0]
    assert shown.shape == (10, 3, 48, 64)
    torch.testing.assert_close(shown[9], torch.from_numpy(expected[9]) / 255,
                               atol=0.6 / 255, rtol=0)


@pytest.mark.parametrize('alignment', ['composed', 'direct', 'device'])
def test_what_the_guide_shows_reaches_the_result(alignment):
    """A share of 1 gives its luma."""
    network = AlignedMedianNet(sees_guide=True, **SMALL)
    with torch.no_grad():
        network.last.weight.zero_()
        network.last.bias.zero_()
        network.last.bias.view(4, 4)[1] = -30
        network.last.bias.view(4, 4)[2] = 1
    model = AlignedMedianDerainer.for_inference(network, dict(
        padding='reflect', tile=None, guard=False, alignment=alignment))
    rainy, guide = (torch.from_numpy(to_planes(pan(seed)))
                    for seed in (0, 1))
    for guides, shown in ((iter(guide), guide), (None, rainy)):
        frames = list(model.judged_frames(iter(rainy), guides=guides))
        got = torch.stack([frame.planes for frame in frames])
        error = full_range_luma(got) - full_range_luma(shown.float() / 255)
        assert error.abs().max() < 0.6 / 255
