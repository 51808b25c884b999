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
from mmderain.windows.tiles import TileSpec, restore_tiled
from mmderain.windows.windows import WindowSpec
from tests.helpers import vimpnet_reference as reference
from tests.helpers.streams import restore_stream

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
def test_the_config_tests_as_the_official_code_does(monkeypatch):
    """Through the derainer, before it rounds to 8 bits.

    The recorded run went through an instance that had seen a mirrored clip
    before, after which the official network uses the backward flows in
    reversed order as forward flows (the bug that ours does not have). The
    comparison needs the network in that state, and the flows of a whole
    window, which windows do not share.
    """
    cfg = Config.fromfile(mmderain.config_path('ViMPNet/ViMPNet.py'))
    cfg.model.test_cfg.share = False
    model = MODELS.build(cfg.model).eval()
    network = model.generator
    network.load_state_dict(
        convert_state_dict('vimpnet', reference.official_weights()))
    compute_flows, calls = network.compute_flows, []

    def after_a_mirrored_clip(frames, length):
        calls.append(frames.shape)
        to_next, _ = compute_flows(frames, length)
        return to_next, to_next.flip(0)

    monkeypatch.setattr(network, 'compute_flows', after_a_mirrored_clip)
    monkeypatch.setattr(model, 'to_uint8', lambda frame: frame)
    with torch.no_grad():
        got = model.restore_clip(
            torch.from_numpy(reference.make_levels(7, 288, 320)))
    with np.load(reference.DATA / 'tiled.npz') as recorded:
        expected = recorded['tiled_output_s15'][0]
        statistics = recorded['tiled_output_stats']
        assert len(calls) == int(recorded['tiled_calls'])
    error = np.abs(got[..., ::15, ::15].numpy() - expected)
    assert error.max() <= 1e-4
    assert error.mean() <= 1e-5
    frames = got.double().flatten(1).numpy()
    error = np.abs(np.stack([frames.mean(1), frames.std(1), frames.min(1),
                             frames.max(1)], axis=1) - statistics)
    assert error[:, :2].max() <= 1e-5
    assert error[:, 2:].max() <= 1e-4
