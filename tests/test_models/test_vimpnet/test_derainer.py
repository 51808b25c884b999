"""ViMP-Net's five losses, and clips through windows and tiles."""

import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.config import Config

from mmderain import config_path
from mmderain.errors import ConfigError
from mmderain.models.losses import HoleLoss, MapBCELoss
from tests.test_configs import SMALL


@pytest.fixture
def model():
    cfg = Config.fromfile(config_path('ViMPNet/ViMPNet.py')).model
    cfg.generator = dict(type='TinyClipNet')
    cfg.test_cfg = dict(window=3, stride=1)
    torch.manual_seed(0)
    return MODELS.build(cfg).eval()


def batch(n=2, t=3, size=(12, 16)):
    generator = torch.Generator().manual_seed(0)

    def clip(channels):
        return torch.randint(0, 256, (t, channels, *size),
                             generator=generator, dtype=torch.uint8)

    inputs, samples = [], []
    for _ in range(n):
        sample = DataSample(metainfo=dict(key='000'))
        mask = (clip(1) > 128).byte() * 255
        sample.set_tensor_data(dict(gt_img=clip(3), drop=clip(3),
                                    drop_mask=mask, streak_map=clip(1)))
        inputs.append(clip(3))
        samples.append(sample)
    return dict(inputs=inputs, data_samples=samples)


def test_the_five_losses_are_the_formulas(model):
    data = model.data_preprocessor(batch(), training=True)
    losses = model(**data, mode='loss')
    with torch.no_grad():
        out = model.generator(data['inputs'])
    target = data['data_samples']

    def charbonnier(a, b):
        return float(((a - b)**2 + 1e-12).sqrt().mean())

    mask, probability = target.drop_mask, out.drop_mask
    entropy = -(mask * probability.log()
                + (1 - mask) * (1 - probability).log()).mean()
    hole = (out.restored * mask - target.gt_img * mask).abs().mean() / (
        mask.mean() + 1e-8)
    expected = dict(
        loss_pix=charbonnier(out.streak_free, target.drop),
        loss_mask=0.8 * float(entropy),
        loss_reconstruct=1.2 * charbonnier(out.restored, target.gt_img),
        loss_hole=0.5 * float(hole),
        loss_streak=0.5 * float(
            ((out.streak_map - target.streak_map)**2).mean()))
    assert list(losses) == list(expected)
    for name, value in expected.items():
        assert float(losses[name]) == pytest.approx(value, rel=1e-5), name


def test_training_data_are_scaled_to_one(model):
    raw = batch()
    data = model.data_preprocessor(raw, training=True)
    assert data['inputs'].shape == (2, 3, 3, 12, 16)
    assert data['inputs'].dtype == torch.float32
    assert torch.equal(data['inputs'][1] * 255, raw['inputs'][1].float())
    assert set(data['data_samples'].drop_mask.unique().tolist()) == {0., 1.}


def test_test_clips_stay_bytes_until_their_window(model):
    raw = batch(n=1)
    data = model.data_preprocessor(raw, training=False)
    assert data['inputs'][0] is raw['inputs'][0]
    assert data['data_samples'][0].gt_img.dtype == torch.uint8


@pytest.mark.parametrize(('frames', 'size'), [
    (1, (12, 16)), (2, (13, 15)), (3, (12, 16)), (7, (17, 10))])
def test_any_length_and_size_comes_out_as_it_went_in(model, frames, size):
    seen = []

    def restore(clip):
        seen.append(tuple(clip.shape))
        return clip

    model.restore_window = restore
    data = batch(n=1, t=frames, size=size)
    result = model(**data, mode='predict')[0]
    assert torch.equal(result.output.pred_img, data['inputs'][0])
    assert torch.equal(result.input, data['inputs'][0])
    # the network gets sizes that 4 divides, and windows of 3 frames
    assert all(shape[3] % 4 == shape[4] % 4 == 0 for shape in seen)
    assert all(shape[1] == min(3, frames) for shape in seen)
    assert len(seen) == max(1, frames - 2)


def test_results_are_clipped_and_rounded_as_saving_would(model):
    model.restore_window = lambda clip: clip * 0 + torch.tensor(
        [-0.1, 0.5, 1.2])[:, None, None]
    result = model.restore_clip(batch(n=1)['inputs'][0])
    assert result[0, :, 0, 0].tolist() == [0, round(127.5), 255]


def test_tiles_give_the_same_for_a_network_of_small_reach(model):
    clip = batch(n=1, t=4, size=(40, 44))['inputs'][0]
    with torch.no_grad():
        whole = model.restore_clip(clip)
        model.test_cfg.update(tile=(24, 24), tile_overlap=8)
        tiled = model.restore_clip(clip)
    assert np.abs(whole.int() - tiled.int()).max() == 0


def test_unknown_settings_of_the_test_are_refused():
    cfg = Config.fromfile(config_path('ViMPNet/ViMPNet.py')).model
    cfg.generator = dict(type='TinyClipNet')
    cfg.test_cfg = dict(tiles=(256, 256))
    with pytest.raises(ConfigError, match="unknown keys .*'tiles'.*'tile'"):
        MODELS.build(cfg)


@pytest.mark.parametrize('threads', [0, 2])
def test_what_a_derainer_prepares_goes_through_its_tiles(model, threads):
    """The clip, and after it the same backwards."""
    model.test_cfg.update(tile=(24, 24), tile_overlap=8,
                          prepare_threads=threads)
    model.prepare_window = lambda window: torch.cat([window, window.flip(0)])
    model.restore_window = lambda clip: clip[:, :3] - clip[:, 3:].flip(1)
    got = list(model.restored_frames(batch(n=1, t=5, size=(40, 44))
                                     ['inputs'][0]))
    assert len(got) == 5
    assert not torch.stack(got).any()


@pytest.fixture
def whole_model():
    """With a network that has all parts, as after training."""
    cfg = Config.fromfile(config_path('ViMPNet/ViMPNet.py')).model
    cfg.generator = dict(type='ViMPNet', **SMALL['ViMPNet'])
    cfg.test_cfg = dict(window=4)
    torch.manual_seed(0)
    model = MODELS.build(cfg).eval()
    for name, parameter in model.generator.named_parameters():
        torch.nn.init.normal_(parameter, std=0.1)
        if name.startswith('spynet') and name.endswith('bias'):
            # or a ReLU layer of 2 channels dies
            parameter.data.add_(0.5)
    return model


@pytest.mark.parametrize(('frames', 'settings'), [
    (1, dict()), (3, dict()), (4, dict()), (9, dict()), (9, dict(stride=3)),
    (9, dict(window_batch=3)), (9, dict(stride=2, window_batch=2)),
    (6, dict(tile=(24, 24), tile_overlap=8)),
    (6, dict(tile=(24, 24), tile_overlap=8, window_batch=2, tile_batch=3))])
def test_features_and_flows_of_overlapping_windows_are_computed_once(
        whole_model, frames, settings):
    clip = batch(n=1, t=frames, size=(34, 45))['inputs'][0]
    whole_model.test_cfg.update(settings)
    flows = []
    whole_model.generator.spynet.register_forward_pre_hook(
        lambda network, inputs: flows.append(len(inputs[0])))

    def restored(**options):
        flows.clear()
        return torch.stack(list(whole_model.restored_frames(clip, **options)))

    for with_maps in (False, True):
        whole_model.test_cfg['share'] = False
        expected = restored(with_maps=with_maps)
        apart = sum(flows)
        del whole_model.test_cfg['share']
        got = restored(with_maps=with_maps)
        assert len(got) == frames
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
        tiles = 2 * 3 if 'tile' in settings else 1
        # both directions of each pair, in each tile
        assert sum(flows) == 2 * (frames - 1) * tiles
        # up to 4 frames there is one window, which shares nothing
        assert (sum(flows) < apart) == (frames > 4)
    # it is about the pictures, and about the pairs of them
    assert (expected[:, :3] * 255 - clip).abs().mean() > 1
    whole_model.generator.compute_flows = lambda frames, length: tuple(
        torch.zeros(length - 1, len(frames) // length, 2,
                    *(side // 4 for side in frames.shape[2:]))
        for _ in range(2))
    if frames > 1:
        assert (restored(with_maps=True) - got).abs().max() > 1e-3


def test_sharing_under_autocast_is_as_exact_as_without(whole_model):
    clip = batch(n=1, t=7, size=(32, 40))['inputs'][0]

    def restored(share, dtype):
        whole_model.test_cfg['share'] = share
        return torch.stack(list(whole_model.restored_frames(
            clip, dtype=dtype)))

    exact = restored(False, None)
    apart, together = (
        (restored(share, torch.bfloat16) - exact).abs().mean()
        for share in (False, True))
    assert 0 < together < 1.2 * apart


@pytest.mark.parametrize(('name', 'least'), [
    ('prepare_threads', 0), ('window_batch', 1), ('tile_batch', 1)])
def test_settings_that_are_no_number_are_refused(model, name, least):
    for value in (least - 1, 1.5, '2'):
        model.test_cfg[name] = value
        with pytest.raises(ConfigError, match=f'{name}.*from {least} on'):
            model.check_test_cfg()


def test_the_mask_loss_works_under_autocast():
    mask = torch.rand(2, 3)
    expected = MapBCELoss()(mask, mask.round())
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert torch.equal(MapBCELoss()(mask, mask.round()), expected)


def test_a_frame_without_drops_has_a_finite_hole_loss():
    clip = torch.rand(1, 1, 3, 4, 4)
    assert HoleLoss()(clip, clip + 1, torch.zeros(1, 1, 1, 4, 4)) == 0
