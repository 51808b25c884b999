"""The official tiled test of ViMP-Net (`test_video`), recorded.

Five shapes of zeros with a fake model that shows where its tiles lay, and a
clip of 7 frames of 288x320 through the network with the reference's weights.
"""

import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmengine.config import Config

import mmderain
from mmderain.checkpoints import convert_state_dict
from mmderain.inference.tiles import TileSpec, restore_tiled
from mmderain.inference.windows import WindowSpec, restore_stream
from tests.helpers import vimpnet_reference as reference

TILE, WINDOW = TileSpec((256, 256), 32), WindowSpec(length=5)


def fake_model(clip):
    """Depends on the position in the tile only."""
    t, h, w = clip.shape[1], *clip.shape[3:]
    return clip + (32. * torch.arange(t).view(t, 1, 1, 1)
                   + 2. * torch.arange(h).view(h, 1)
                   + torch.arange(w)) / 1024


@pytest.mark.parametrize('case', range(5))
def test_tiles_lie_where_the_official_ones_do(case):
    with np.load(reference.DATA / 'tiled.npz') as recorded:
        shape = recorded[f'fake{case}_output_shape']
        expected = recorded[f'fake{case}_output_s5']
        calls = int(recorded[f'fake{case}_calls'])
    seen = []

    def restore(window):
        def spy(tile):
            seen.append(tile.shape)
            return fake_model(tile)
        return restore_tiled(window[None], spy, TILE)[0]

    clip = torch.zeros(*shape)[0]
    out = torch.stack(list(restore_stream(clip, restore, WINDOW)))
    assert len(seen) == calls
    got = out[None, ..., ::5, ::5].numpy()
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1e-6 * np.abs(expected).max()


@pytest.mark.slow
def test_the_config_tests_as_the_official_code_does():
    """Through the derainer; within what rounding to 8 bits leaves open."""
    cfg = Config.fromfile(mmderain.config_path('ViMPNet/ViMPNet.py'))
    model = MODELS.build(cfg.model).eval()
    model.generator.load_state_dict(
        convert_state_dict('vimpnet', reference.official_weights()))
    with np.load(reference.DATA / 'tiled.npz') as recorded:
        expected = recorded['tiled_output_s15']
        calls = int(recorded['tiled_calls'])
    clip = torch.from_numpy(reference.make_levels(7, 288, 320))
    windows = []
    restore_window = model.restore_window

    def spy(window):
        windows.append(window.shape)
        return restore_window(window)

    model.restore_window = spy
    floats = []
    with torch.no_grad():
        stream = restore_stream(
            clip, lambda window: restore_tiled(
                window[None].float() / 255, model.restore_window,
                model.tile_spec, model.divisor)[0], model.window_spec)
        floats = torch.stack(list(stream))
        assert len(windows) == calls
        rounded = model.restore_clip(clip)
    assert len(windows) == 2 * calls
    got = floats[None, ..., ::15, ::15].numpy()
    assert np.abs(got - expected).max() <= 1e-4
    assert np.abs(got - expected).mean() <= 1e-5
    as_saved = (floats.clamp(0, 1) * 255).round().byte()
    assert torch.equal(rounded, as_saved)
