"""Alignment by tensors alone: it does what OpenCV's does."""

import cv2
import numpy as np
import pytest
import torch

from mmderain.apis import DerainInferencer
from mmderain.backends import choice
from mmderain.errors import ConfigError
from mmderain.models.aligned_median import alignment, device_flow
from mmderain.models.aligned_median.device_flow import align_on_device
from tests.test_models.test_aligned_median.test_alignment import (
    difference,
    pan,
)
from tests.test_models.test_aligned_median.test_derainer import (
    make,
    rainy_pan,
    to_clip,
)


def aligned(frames):
    """The moved neighbours of (5, h, w, 3), as bytes."""
    moved = align_on_device(to_clip(frames)[None] / 255)[0, 5:]
    return (255 * moved).round().byte().permute(0, 2, 3, 1).numpy()


def test_a_pan_is_undone():
    window = pan()
    assert difference(window[[0, 1, 3, 4]], window[2]) > 5
    assert difference(aligned(window), window[2]) < 0.5


def test_the_flow_is_where_a_pixel_is_in_the_other():
    picture = cv2.GaussianBlur(np.random.default_rng(0).normal(
        128, 400, (80, 112)).astype(np.float32), (0, 0), 2)
    one, other = (torch.from_numpy(picture[rows, columns])[None]
                  for rows, columns in (
                      (slice(4, 68), slice(6, 102)),
                      (slice(2, 66), slice(3, 99))))
    flow = device_flow.find_flow(one, other)[0, :, 8:-8, 8:-8]
    assert (flow[0] - 3).abs().mean() < 0.1
    assert (flow[1] - 2).abs().mean() < 0.1


def test_pixels_are_pulled_as_opencv_does():
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (20, 30, 3), np.uint8)
    flow = rng.normal(0, 4, (20, 30, 2)).astype(np.float32)
    ours = device_flow.pull(
        torch.from_numpy(frame).permute(2, 0, 1)[None].float(),
        torch.from_numpy(flow).permute(2, 0, 1)[None])
    # it rounds places to a 32nd of a pixel, and values
    assert np.abs(ours[0].permute(1, 2, 0).numpy()
                  - alignment.pull(frame, flow)).max() < 255 / 32 * 2 + 1


def test_what_stands_still_is_left_alone():
    window = np.repeat(pan(frames=1), 5, 0)
    np.testing.assert_array_equal(aligned(window), window[:4])


def test_rain_does_not_lead_astray():
    """At most twice as far as OpenCV's flow."""
    window, clean = rainy_pan(frames=5), pan(size=(64, 96))
    flows = [alignment.find_flow(*(alignment.flow_plane(window[index])
                                   for index in (2, other)))
             for other in (0, 1, 3, 4)]
    opencv = np.stack([alignment.pull(clean[index], flow) for index, flow
                       in zip((0, 1, 3, 4), flows, strict=True)])
    luma = device_flow.full_range_luma(to_clip(window)[None].float())
    planes = device_flow._streakless(luma[:, :, 0])
    ours = device_flow.pull(
        to_clip(clean)[[0, 1, 3, 4]].float(), device_flow.find_flow(
            planes[0, [2, 2, 2, 2]], planes[0, [0, 1, 3, 4]]))
    ours = ours.round().byte().permute(0, 2, 3, 1).numpy()
    assert difference(ours, clean[2]) < 2 * difference(opencv, clean[2])


@pytest.mark.parametrize('size', [(1, 1), (1, 9), (23, 30), (48, 25)])
def test_any_size(size):
    window = torch.rand(2, 5, 3, *size)
    moved = align_on_device(window)
    assert moved.shape == (2, 9, 3, *size) and moved.isfinite().all()
    assert torch.equal(moved[:, :5], window)


def test_windows_do_not_know_of_each_other():
    windows = torch.rand(2, 5, 3, 32, 40)
    both = align_on_device(windows)
    torch.testing.assert_close(align_on_device(windows[1:]), both[1:])


def test_half_precision_is_not_for_places():
    window = to_clip(pan())[None] / 255
    with torch.autocast('cpu', torch.bfloat16):
        moved = align_on_device(window)
    assert torch.equal(moved, align_on_device(window))


def test_a_derainer_restores_with_it():
    clip = to_clip(rainy_pan())
    assert torch.equal(make(blend=-30, alignment='device').restore_clip(clip),
                       clip)
    clean = to_clip(pan(size=(64, 96), frames=7)).float()
    restored = make(blend=30, alignment='device').restore_clip(clip)
    inner = (slice(2, -2), slice(None), slice(8, -8), slice(12, -12))
    before, after = ((frames.float() - clean)[inner].abs().mean()
                     for frames in (clip, restored))
    assert after < before / 2


def test_flow_is_found_in_guides():
    """The rainy frames are moved by what these show."""
    window = to_clip(pan())[None] / 255
    still = window[:, 2:3].expand_as(window)
    moved = align_on_device(torch.cat([window, still], 1))
    torch.testing.assert_close(moved[:, :5], window)
    torch.testing.assert_close(moved[:, 5:], window[:, [0, 1, 3, 4]],
                               atol=1e-4, rtol=0)
    moved = align_on_device(torch.cat([still, window], 1))
    assert (moved[:, 5:] - still[:, :4]).abs().max() > 0.1
    clip = to_clip(rainy_pan())
    one, two = (make(blend=30, alignment='device', passes=passes)
                .restore_clip(clip) for passes in (1, 2))
    assert (one != two).any()


def test_what_does_not_go_with_it():
    with pytest.raises(ConfigError, match="alignment='composed'"):
        make(alignment='device').exported_part()


@pytest.mark.parametrize(('model', 'alignment', 'computes'), [
    ('aligned_median', 'device', 'torch'), ('light_median', 'device', 'torch'),
    ('light_median', 'direct', 'torch'),
    ('light_median', 'composed', 'onnxruntime')])
def test_pytorch_computes_what_exported_networks_cannot(
        monkeypatch, model, alignment, computes):
    """The shipped weights come in both forms."""
    monkeypatch.setattr(choice, '_fastest', lambda network: 'onnxruntime')
    derain = DerainInferencer(model_name=model, device='cpu',
                              test_cfg=dict(alignment=alignment))
    assert derain.restorer.computing.names == (computes, )
