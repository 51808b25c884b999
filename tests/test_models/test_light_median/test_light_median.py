"""LightMedian: by PyTorch, and on bytes around an exported network."""

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmderain.backends.export import export_network
from mmderain.errors import ConfigError
from mmderain.media.video_info import TimedFrame
from mmderain.methods import METHODS
from mmderain.models.aligned_median.alignment import align_neighbours
from mmderain.models.aligned_median.composed_flows import flow_finder
from mmderain.models.light_median.byte_planes import (
    WindowPlanes,
    frame_planes,
    packed,
    unpacked,
    window_planes,
)
from mmderain.models.light_median.network import LightMedianNet
from mmderain.restorer import Restorer
from tests.helpers.videos import write_checkpoint
from tests.test_models.test_aligned_median.test_derainer import rainy_pan

SMALL = METHODS['light_median'].tiny


def planes_of(clip):
    return np.stack([frame_planes(frame.transpose(2, 0, 1))
                     for frame in clip])


def test_what_is_seen_of_a_window():
    clip = rainy_pan(5, (40, 56))
    seen = WindowPlanes.of(window_planes(
        planes_of(clip), flow_finder('quick'))[:, 0])
    moved = align_neighbours(clip, find_flows=flow_finder('quick'))
    aligned = [*moved[:2], clip[2], *moved[2:]]
    ycrcb = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
                      for frame in aligned]).astype(int)
    # moved before or after the colours are taken apart: rounding differs
    assert (np.abs(seen.network[:5] - ycrcb[..., 0]) > 1).mean() < 0.01
    median = np.median(seen.network[:5].astype(int), axis=0)
    np.testing.assert_array_equal(seen.network[5], median)
    np.testing.assert_array_equal(seen.network[6], seen.network[:5].min(0))
    luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
                     for frame in clip])
    assert np.abs(seen.network[7:] - luma[[0, 1, 3, 4]].astype(int)).max() <= 1
    np.testing.assert_array_equal(seen.least[0], seen.network.min(0))
    np.testing.assert_array_equal(seen.rgb, clip[2].transpose(2, 0, 1))
    np.testing.assert_array_equal(seen.chroma[1], ycrcb[2, ..., 2])
    assert (np.abs(seen.median_chroma - np.median(
        ycrcb[..., 1:], axis=0).transpose(2, 0, 1)) > 1).mean() < 0.01


def test_pixels_are_packed_as_by_pytorch():
    planes = np.random.default_rng(0).integers(
        0, 256, (11, 12, 20), dtype=np.uint8)
    floats = torch.from_numpy(planes).float() / 255
    np.testing.assert_allclose(packed(planes), F.pixel_unshuffle(
        floats, 2).numpy(), rtol=1e-6)
    np.testing.assert_array_equal(
        unpacked(packed(planes)), planes * np.float32(1 / 255))


def test_it_is_small_and_starts_near_the_median():
    network = LightMedianNet()
    assert sum(item.numel() for item in network.parameters()) == 174_568
    frames = torch.rand(1, 5, 1, 16, 24)
    output = network(frames, frames)
    assert output.restored.shape == (1, 1, 16, 24)
    assert (output.blend - 0.5).abs().max() < 0.3
    with pytest.raises(ValueError, match='multiples of 4'):
        network(frames[..., :18], frames[..., :18])
    with pytest.raises(ValueError, match='two for each block'):
        LightMedianNet(dilations=(1, 2, 1))


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('light')
    checkpoint = write_checkpoint(folder / 'a.pth', 'light_median', **SMALL)
    export_network(checkpoint, folder / 'a.onnx')
    return checkpoint, folder / 'a.onnx'


def restored(restorer, clip, tile=None):
    spec = restorer.spec(tile, *clip.shape[1:3])
    return list(restorer.stream([TimedFrame(frame, index, 1, index)
                                 for index, frame in enumerate(clip)],
                                spec, True))


@pytest.mark.parametrize('guard', [True, False])
@pytest.mark.parametrize('tile', [None, (40, 56)])
def test_bytes_change_little(files, guard, tile):
    clip = rainy_pan(9, (53, 71))
    one, other = (restored(Restorer(
        str(path), device='cpu', dtype='float32',
        test_cfg=dict(guard=guard)), clip, tile) for path in files)
    for theirs, ours, frame in zip(one, other, clip, strict=True):
        assert (theirs.image != frame).mean() > 0.1
        assert ours.guarded == pytest.approx(theirs.guarded, abs=0.02)
        error = np.abs(ours.image.astype(int) - theirs.image)
        assert error.mean() < 0.5 and error.max() <= 4
        assert ours.maps.keys() == theirs.maps.keys()
        assert np.abs(ours.maps['blend'].astype(int)
                      - theirs.maps['blend']).max() <= 2


def test_other_alignments(files):
    restorer = Restorer(str(files[1]), test_cfg=dict(alignment='composed'))
    assert restorer.backend.settings['alignment'] == 'composed'
    with pytest.raises(ConfigError, match="'composed', 'quick'"):
        Restorer(str(files[1]), test_cfg=dict(alignment='direct'))


def test_a_stream_from_the_middle(files):
    restorer = Restorer(str(files[1]))
    clip = rainy_pan(24, (48, 64))
    frames = [TimedFrame(image, index, 1, index)
              for index, image in enumerate(clip)]
    spec = restorer.spec(None, *clip.shape[1:3])
    whole = [item.image for item in restorer.stream(frames, spec)]
    later = [item.image for item in restorer.stream_from(
        15, lambda entry: (frame for frame in frames[entry:]), spec)]
    np.testing.assert_array_equal(later, whole[15:])
