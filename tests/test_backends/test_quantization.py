"""Exported networks that convolve numbers of 8 bits."""

import re

import numpy as np
import onnx
import pytest

from mmderain.backends import quantization
from mmderain.cli.export import main
from mmderain.media.frame_source import open_source
from mmderain.media.psnr import psnr
from mmderain.media.video_info import TimedFrame
from mmderain.models.aligned_median.guide_planes import luma_of
from mmderain.restorer import Restorer
from mmderain.weights import checked_path, find_weights
from tests.helpers.videos import write_video
from tests.test_models.test_aligned_median.test_derainer import rainy_pan

RAIN = rainy_pan(12, (72, 96))


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    # lossless: what x264 makes of a clip varies with what memory held before
    return write_video(tmp_path_factory.mktemp('clips') / 'rain.mkv',
                       list(RAIN), 'ffv1')


def restored(path, frames=RAIN):
    restorer = Restorer(str(path), device='cpu')
    spec = restorer.spec(None, *frames[0].shape[:2])
    return np.stack([frame.image for frame in restorer.stream(
        [TimedFrame(image, index, 1, index)
         for index, image in enumerate(frames)], spec)])


def test_it_restores_nearly_as_before(tmp_path, clip, capsys):
    output = tmp_path / 'fast.onnx'
    assert main(['aligned_median', str(output), '--int8', str(clip)]) == 0
    assert re.search(r'8 bits, [4-6]\d\.\d dB', capsys.readouterr().out)
    assert output.stat().st_size < 400_000
    assert [path.name for path in tmp_path.iterdir()] == ['fast.onnx']
    exact = restored(checked_path(find_weights('aligned_median').exported))
    found = restored(output)
    assert (found != exact).any()
    near = psnr(found.astype(float) - exact)
    assert near > 40 > psnr(RAIN.astype(float) - exact)


def test_all_but_the_last_one_are_of_8_bits(tmp_path, clip):
    output = tmp_path / 'fast.onnx'
    other = write_video(tmp_path / 'other.mp4', list(RAIN[:6, :48, :64]))
    assert main(['aligned_median', str(output), '--int8', str(clip),
                 str(other)]) == 0
    graph = onnx.load(output).graph
    makers = {name: node.op_type for node in graph.node
              for name in node.output}
    inputs = [makers.get(node.input[1]) for node in graph.node
              if node.op_type == 'Conv']
    assert inputs == ['DequantizeLinear'] * 14 + [None]


def test_ranges_are_those_of_what_a_guide_shows(tmp_path, clip, monkeypatch):
    """What the network is made to see is not the rainy frames."""
    seen = []
    quantize = quantization._quantize
    monkeypatch.setattr(quantization, '_quantize', lambda *arguments: (
        seen.extend(arguments[2]), quantize(*arguments)))
    assert main(['aligned_median', str(tmp_path / 'a.onnx'), '--int8',
                 str(clip)]) == 0
    light = checked_path(find_weights('light_median').exported)
    guide = restored(light, list(open_source(clip).pictures()))
    # behind the five frames and the four that are moved
    shown = [window[0, 9, 0] for window in seen]
    assert len(shown) == len(guide)
    for plane, luma in zip(shown, luma_of(guide), strict=True):
        np.testing.assert_allclose(255 * plane, luma, atol=0.01)


def test_what_comes_out_otherwise_is_not_written(
        tmp_path, clip, capsys, monkeypatch):
    monkeypatch.setattr(quantization, '_LEAST_PSNR', 99)
    output = tmp_path / 'fast.onnx'
    assert main(['aligned_median', str(output), '--int8', str(clip)]) == 2
    assert 'expected 99 or more' in capsys.readouterr().err
    assert not output.exists()


def test_clips_in_which_it_does_nothing(tmp_path, clip, capsys):
    output = tmp_path / 'drops.onnx'
    assert main(['lens_drops', str(output), '--int8', str(clip)]) == 2
    assert 'too short' in capsys.readouterr().err
    assert not output.exists()
    assert main(['lens_drops', str(output), '--int8', 'no.mp4']) == 2
    assert 'no.mp4' in capsys.readouterr().err
