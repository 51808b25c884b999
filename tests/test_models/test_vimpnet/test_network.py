import urllib.error

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from mmengine.registry import DefaultScope
from torch import nn

from mmderain.checkpoints.conversion import convert_state_dict
from mmderain.errors import UserError
from mmderain.models import ViMPNet
from mmderain.models.vimpnet.conversion import CONVERSION
from mmderain.models.vimpnet.dual_transformer import SoftComposition
from mmderain.models.vimpnet.layers import SpatioTemporalConv
from tests.helpers import vimpnet_reference as reference

SMALL = dict(
    mid_channels=16, num_blocks=1, extraction_blocks=1,
    reconstruction_blocks=1, deform_groups=4, spynet_channels=(8, 16, 8, 4),
    encoder_channels=(8, 16, 16), transformer_channels=32,
    transformer_heads=2, transformer_ffn_channels=64)
FIELDS = dict(restored=3, streak_free=3, drop_mask=1, streak_map=1)


@pytest.fixture(scope='module')
def official() -> ViMPNet:
    """The released size with the reference's weights."""
    network = ViMPNet().eval()
    network.load_state_dict(
        convert_state_dict('vimpnet', reference.official_weights()))
    return network


@pytest.fixture
def small() -> ViMPNet:
    torch.manual_seed(0)
    network = ViMPNet(**SMALL)
    # as after training: offsets and everything else matter
    for name, parameter in network.named_parameters():
        nn.init.normal_(parameter, std=0.1)
        if name.startswith('spynet') and name.endswith('bias'):
            # or a ReLU layer of 4 channels dies
            parameter.data.add_(0.5)
    return network


def _clip(n: int, t: int, h: int, w: int) -> torch.Tensor:
    return torch.rand(n, t, 3, h, w,
                      generator=torch.Generator().manual_seed(1))


def _run(network: ViMPNet, case: str) -> tuple:
    with torch.no_grad():
        return network(torch.from_numpy(reference.make_clip(case)))


# ---------------------------------------------------- the official outputs


def test_equals_the_official_code(official):
    # Three frames, 64 x 80 features: no multiple of 32, so SPyNet resizes.
    reference.check_outputs(_run(official, 'b'), 'b')


@pytest.mark.slow
def test_equals_the_official_code_on_a_mirrored_clip(official):
    reference.check_outputs(_run(official, 'm'), 'm')


@pytest.mark.slow
def test_equals_the_official_code_inside(official):
    calls: dict[str, list] = {}
    hooks = [
        module.register_forward_hook(
            lambda _, inputs, output, name=name: calls.setdefault(
                name, []).append((inputs, output)))
        for name, module in official.named_modules()]
    # after the mirrored clip, which must not change how others are treated
    _run(official, 'm')
    calls.clear()
    output = _run(official, 'a')
    for hook in hooks:
        hook.remove()
    reference.check_outputs(output, 'a')

    def volume(frames):
        # (t, c, h, w) -> (1, c, t, h, w)
        return frames.transpose(0, 1)[None]

    def out(name, call=0):
        return calls[name][call][1]

    check = reference.check_intermediate
    check('feat_extract', out('feature_extractor'))
    check('streak_lowres', volume(out('streak_head')))
    # both directions at once, the backward branch's first
    (first, second), flows = calls['spynet'][0]
    check('lq_down_frames0to3', first[:4])
    check('lq_down_frames1to4', second[:4])
    check('spynet_call0', flows[:4])
    check('spynet_call1', flows[4:])
    for direction in ('backward', 'forward'):
        branch = f'{direction}_branch'
        for call in (0, 1):
            for theirs, ours in (
                    ('conv_offset', f'{branch}.alignment.offset_head'),
                    ('deform_align', f'{branch}.alignment'),
                    ('backbone', f'{branch}.backbone')):
                check(f'{direction}_1_{theirs}_call{call}', out(ours, call))
        check(f'{direction}_1_feats', out(branch).transpose(0, 1))
    check('reconstruction_in', volume(calls['reconstruction'][0][0][0]))
    check('reconstruction', volume(out('reconstruction')))
    check('S_mask_drop_logits', volume(out('drop_head')))
    check('conv_last', volume(out('streak_free_head')))
    dual = 'raindrop_transformer'
    check('dual_downdropbg', volume(out(f'{dual}.guided_encoder')))
    check('dual_downdrop1', volume(out(f'{dual}.frame_encoder')))
    check('dual_downdrop2', volume(out(f'{dual}.masked_encoder')))
    for call in range(3):
        # (t, c, gh, gw) -> (1, t * gh * gw, c)
        tokens = out(f'{dual}.soft_split', call).permute(0, 2, 3, 1)
        check(f'dual_ss_call{call}', tokens.reshape(1, -1, 512))
    check('dual_TokenLearner', out(f'{dual}.token_mixer'))
    for block, theirs in enumerate(('transformer', 'transformer1')):
        for call in (0, 1):
            for stream in (0, 1):
                check(f'dual_{theirs}_call{call}_{stream}',
                      out(f'{dual}.blocks.{block}', call)[stream])
    check('dual_Fusion_Transformer_attention',
          out(f'{dual}.fusion.attention'))
    check('dual_Fusion_Transformer', out(f'{dual}.fusion'))
    check('dual_sc', out(f'{dual}.soft_composition'))
    check('dual_conv_last', volume(out(f'{dual}.head')))


@pytest.mark.slow
def test_losses_and_gradients_equal_the_official_ones(official):
    recorded = reference.load_losses()
    target = {name: torch.from_numpy(value)
              for name, value in reference.make_targets().items()}
    output = official(torch.from_numpy(reference.make_clip('a')))

    def charbonnier(pred, true):
        return ((pred - true)**2 + 1e-12).sqrt().mean()

    losses = dict(
        loss_pix=charbonnier(output.streak_free, target['drop']),
        loss_mask=0.8 * F.binary_cross_entropy(
            output.drop_mask, target['mask']),
        loss_reconstruct=1.2 * charbonnier(output.restored, target['gt']),
        loss_hole=0.5 * F.l1_loss(
            output.restored * target['mask'], target['gt'] * target['mask'])
        / (target['mask'].mean() + 1e-8),
        loss_streak=0.5 * F.mse_loss(output.streak_map, target['streak']))
    for name, value in losses.items():
        assert value.item() == pytest.approx(
            recorded['losses'][name], rel=1e-5), name
    sum(losses.values()).backward()
    squares: dict[str, float] = {}
    for ours, parameter in official.named_parameters():
        name = CONVERSION.sources(ours)[0][0]
        norm = parameter.grad.norm().item()
        module = name.split('.')[0]
        squares[module] = squares.get(module, 0) + norm**2
        if name.endswith('key_embedding.bias'):
            # softmax does not change with it: zero in theory
            assert norm <= 1e-6, name
        else:
            assert norm == pytest.approx(
                recorded['parameters'][name], rel=5e-3), name
    official.zero_grad()
    for module, square in squares.items():
        assert square**0.5 == pytest.approx(
            recorded['modules'][module], rel=2e-3), module


def test_has_the_official_number_of_parameters():
    with torch.device('meta'):
        network = ViMPNet()
    assert sum(p.numel() for p in network.parameters()) == 36_932_204
    assert len(network.state_dict()) == 312


# --------------------------------------------------- any clip of any size


@pytest.mark.parametrize('size', [(4, 4), (16, 16), (20, 36), (36, 28)])
@pytest.mark.parametrize('length', [1, 2, 3])
def test_takes_any_length_and_multiple_of_four(small, size, length):
    output = small(_clip(1, length, *size))
    assert output._fields == tuple(FIELDS)
    for name, channels in FIELDS.items():
        value = getattr(output, name)
        assert value.shape == (1, length, channels, *size), name
        assert value.isfinite().all(), name
    assert 0 <= output.drop_mask.min() <= output.drop_mask.max() <= 1


@pytest.mark.parametrize('shape, message', [
    ((1, 3, 3, 16, 18), r'4 divides, but got 16 x 18'),
    ((1, 3, 3, 15, 16), r'4 divides, but got 15 x 16'),
    ((1, 3, 4, 16, 16), r'\(n, t, 3, h, w\), but got \(1, 3, 4, 16, 16\)'),
    ((3, 3, 16, 16), r'\(n, t, 3, h, w\), but got \(3, 3, 16, 16\)'),
    ((1, 0, 3, 16, 16), r'\(n, t, 3, h, w\), but got \(1, 0, 3, 16, 16\)'),
])
def test_refuses_other_shapes(small, shape, message):
    with pytest.raises(ValueError, match=message):
        small(torch.zeros(shape))


def test_clips_of_a_batch_are_independent(small):
    clips = _clip(3, 3, 20, 24)
    with torch.no_grad():
        together = small(clips)
        for index in range(3):
            alone = small(clips[index:index + 1])
            for name in FIELDS:
                torch.testing.assert_close(
                    getattr(together, name)[index:index + 1],
                    getattr(alone, name), atol=2e-5, rtol=1e-5)


def test_sees_the_frames_in_both_directions(small):
    clip = _clip(1, 3, 16, 16)
    changed = clip.clone()
    changed[:, 1] = 0.5
    with torch.no_grad():
        difference = (small(clip).streak_free - small(changed).streak_free)
    assert (difference.abs().amax((0, 2, 3, 4)) > 1e-6).all()


def test_remembers_nothing(small):
    clip, frames = _clip(1, 4, 16, 16), _clip(1, 2, 16, 16)
    with torch.no_grad():
        before = small(clip).restored
        small(frames[:, [0, 1, 1, 0]])
        assert torch.equal(small(clip).restored, before)


def test_gradients_reach_every_parameter(small):
    output = small(_clip(1, 3, 16, 16))
    sum(value.square().mean() for value in output).backward()
    for name, parameter in small.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if not name.endswith('key.bias'):
            assert parameter.grad.any(), name


def test_runs_in_bfloat16(small):
    clip = _clip(1, 3, 32, 32)
    exact = small(clip)
    with torch.autocast('cpu', torch.bfloat16):
        output = small(clip)
        # half precision would round it
        assert output.drop_mask.dtype == torch.float32
        sum(value.square().mean() for value in output).backward()
    for name in FIELDS:
        torch.testing.assert_close(
            getattr(output, name).float(), getattr(exact, name), atol=0.1,
            rtol=0.1)
    assert all(p.grad.isfinite().all() for p in small.parameters())


def test_state_dict_round_trip(small, tmp_path):
    torch.save(small.state_dict(), tmp_path / 'weights.pth')
    again = ViMPNet(**SMALL)
    again.load_state_dict(torch.load(tmp_path / 'weights.pth'))
    clip = _clip(1, 2, 16, 20)
    with torch.no_grad():
        assert torch.equal(again(clip).restored, small(clip).restored)


# ---------------------------------------------------------- construction


def test_is_registered():
    with DefaultScope.overwrite_default_scope('mmagic'):
        network = MODELS.build(dict(type='ViMPNet', **SMALL))
    assert isinstance(network, ViMPNet)


@pytest.mark.parametrize('options, message', [
    (dict(mid_channels=20), 'mid_channels has to be a multiple of 8, but is '
                            '20'),
    (dict(deform_groups=3), 'deform_groups has to be a multiple of 2'),
    (dict(deform_groups=10), '2 \\* mid_channels has to be a multiple of 10'),
    (dict(transformer_heads=3), 'transformer_channels has to be a multiple '
                                'of 3'),
    (dict(encoder_channels=(8, 6, 8)), r'encoder_channels\[1\] has to be'),
])
def test_refuses_sizes_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        ViMPNet(**{**SMALL, **options})


def test_is_initialised_as_officially():
    torch.manual_seed(0)
    network = ViMPNet(num_blocks=2, drop_mask_bias=-2.5)
    alignment = network.forward_branch.alignment
    assert not alignment.offset_head[-1].weight.any()
    assert alignment.weight.abs().max() <= (128 * 9)**-0.5
    block = network.forward_branch.backbone.main[2][0]
    assert block.conv1.weight.std().item() == pytest.approx(
        0.1 * (2 / (64 * 9))**0.5, rel=0.02)
    flow_conv = network.spynet.basic_module[0].basic_module[1].conv
    assert flow_conv.weight.std().item() == pytest.approx(
        (2 / (64 * 49))**0.5, rel=0.02)
    for layer in (network.raindrop_transformer.soft_composition,
                  network.raindrop_transformer.blocks[0].ffn1[0],
                  network.raindrop_transformer.guided_encoder.down1):
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.02)
        assert not layer.bias.any()
    norm = network.raindrop_transformer.fusion.norm1
    assert (norm.weight == 1).all() and not norm.bias.any()
    assert network.drop_head.conv_out.bias.item() == -2.5


# ---------------------------------------------------------- SPyNet's file


def _spynet_file(path, network: ViMPNet) -> dict:
    weights = {name: torch.full_like(value, 0.25)
               for name, value in network.spynet.state_dict().items()
               if name.startswith('basic_module.')}
    torch.save(dict(state_dict=weights), path)
    return weights


def test_constructor_reads_no_file():
    network = ViMPNet(**SMALL, spynet_pretrained='/nowhere/spynet.pth')
    with pytest.raises(UserError, match='/nowhere/spynet.pth'):
        network.init_weights()


def test_loads_spynet(tmp_path):
    path = tmp_path / 'spynet.pth'
    network = ViMPNet(**SMALL, spynet_pretrained=str(path))
    weights = _spynet_file(path, network)
    mean = network.spynet.mean.clone()
    network.init_weights()
    state = network.spynet.state_dict()
    assert all(torch.equal(state[name], value)
               for name, value in weights.items())
    assert torch.equal(network.spynet.mean, mean)


def test_an_unreachable_file_is_explained(monkeypatch, tmp_path):
    def unreachable(*args, **kwargs):
        raise urllib.error.URLError('no route')

    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', unreachable)
    url = 'https://example.org/models/spynet.pth'
    with pytest.raises(UserError) as caught:
        ViMPNet(**SMALL, spynet_pretrained=url).init_weights()
    text = str(caught.value)
    assert url in text
    assert str(tmp_path / 'hub' / 'checkpoints') in text
    assert 'model.generator.spynet_pretrained=/path/to/file' in text
    assert 'model.generator.spynet_pretrained=None' in text


def test_a_file_of_other_weights_is_refused(tmp_path):
    path = tmp_path / 'spynet.pth'
    _spynet_file(path, ViMPNet(**{**SMALL, 'spynet_channels': (4, 4, 4, 4)}))
    with pytest.raises(UserError, match=r'basic_module\.0\.basic_module'):
        ViMPNet(**SMALL, spynet_pretrained=str(path)).init_weights()
    torch.save(torch.zeros(2), path)
    with pytest.raises(UserError, match='does not hold the weights'):
        ViMPNet(**SMALL, spynet_pretrained=str(path)).init_weights()


# ----------------------------------- faster forms of PyTorch's operations


@pytest.mark.parametrize('length', [1, 2, 5])
def test_spatio_temporal_conv_equals_conv3d(length):
    torch.manual_seed(0)
    conv = SpatioTemporalConv(4, 6).double()
    clips = torch.randn(2, 4, length, 7, 9, dtype=torch.float64)
    # (n, c, t, h, w) -> (t * n, c, h, w)
    frames = clips.permute(2, 0, 1, 3, 4).flatten(0, 1)
    result = conv(frames, length).unflatten(0, (length, 2))
    expected = F.conv3d(clips, conv.weight, conv.bias, padding=1)
    torch.testing.assert_close(result.permute(1, 2, 0, 3, 4), expected)
    parameters = list(conv.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(result.square().sum(), parameters),
        torch.autograd.grad(expected.square().sum(), parameters))


@pytest.mark.parametrize('size', [(4, 4), (9, 5), (16, 11)])
def test_soft_composition_equals_linear_and_fold(size):
    torch.manual_seed(0)
    layer = SoftComposition(6, 4, (7, 3, 3))
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    grid = [(length - 1) // 3 + 1 for length in size]
    tokens = torch.randn(2, 6, *grid)
    patches = F.linear(tokens.flatten(2).transpose(1, 2),
                       layer.weight.flatten(1).t(), layer.bias.flatten())
    expected = layer.smoothing(F.fold(
        patches.transpose(1, 2), size, 7, padding=3, stride=3))
    torch.testing.assert_close(layer(tokens, size), expected, atol=1e-4,
                               rtol=1e-4)


def test_reference_inputs_are_the_recorded_ones():
    clip = np.rint(reference.make_clip('m') * 255).astype(np.uint8)
    assert (clip[:, 0] == clip[:, 3]).all() and clip.std() > 40
