"""The network that blends a frame with its aligned median."""

import inspect

import pytest
import torch

from mmderain.models import AlignedMedianNet
from mmderain.models.aligned_median.network import median_of_five

SMALL = dict(width=8, bottleneck=8, growth=4, dilations=(1, 2), tail=8)


def clips(channels=1, size=(12, 16), batch=2):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, batch, 5, channels, *size, generator=generator)


def test_the_default_is_the_prototype_with_an_estimate_of_the_scene():
    network = AlignedMedianNet()
    count = sum(item.numel() for item in network.parameters())
    # 11 planes of half the size, six dense layers, tail of 2 planes
    head = 44 * 48 * 9 + 48
    dense = sum((48 + 32 * index) * 64 + 64 + 64 * 32 * 9 + 32
                for index in range(6))
    tail = 240 * 64 + 64 + 64 * 8 * 9 + 8
    scene = 240 * 16 + 16 + 16 * 128 + 128
    assert head + dense + tail == 199416
    assert count == 199416 + scene == 205448


def test_the_median_is_exact():
    values = torch.randint(0, 4, (5, 4000)).float()
    assert torch.equal(median_of_five(*values), values.median(0).values)
    values = torch.randn(5, 4000)
    assert torch.equal(median_of_five(*values), values.median(0).values)


@pytest.mark.parametrize('channels', [1, 3])
@pytest.mark.parametrize('scene', [None, 'gain', 'film'])
def test_shapes_and_gradients(channels, scene):
    network = AlignedMedianNet(channels=channels, scene=scene, **SMALL)
    frames, aligned = clips(channels)
    output = network(frames, aligned)
    assert output.restored.shape == (2, channels, 12, 16)
    assert output.residual.shape == (2, channels, 12, 16)
    assert output.blend.shape == (2, 1, 12, 16)
    output.restored.square().mean().backward()
    # an estimate of the scene starts as none: its first layer has no
    # gradient yet
    still = [name for name, item in network.named_parameters()
             if not item.grad.abs().sum() > 0]
    assert all('.reduce.' in name for name in still), still
    assert all(name.startswith(f'{scene}.') for name in still), still


def test_restored_is_the_blend_and_the_residual():
    network = AlignedMedianNet(**SMALL)
    frames, aligned = clips()
    output = network(frames, aligned)
    centre = frames[:, 2]
    median = aligned.median(dim=1).values
    expected = centre + output.blend * (median - centre) + output.residual
    torch.testing.assert_close(output.restored, expected)
    assert output.blend.min() > 0 and output.blend.max() < 1
    with torch.no_grad():
        network.last.weight.zero_()
        # the last of each four is the blend's
        network.last.bias.view(2, 4)[1] = 10
    torch.testing.assert_close(network(frames, aligned).restored, median)


@pytest.mark.parametrize('scene', ['gain', 'film'])
def test_a_scene_estimate_starts_as_none(scene):
    torch.manual_seed(0)
    plain = AlignedMedianNet(scene=None, **SMALL)
    network = AlignedMedianNet(scene=scene, **SMALL)
    network.load_state_dict(plain.state_dict(), strict=False)
    frames, aligned = clips()
    torch.testing.assert_close(network(frames, aligned).restored,
                               plain(frames, aligned).restored)
    estimate = network.gain or network.film
    with torch.no_grad():
        estimate.expand.bias[:1] = 1
    assert not torch.allclose(network(frames, aligned).restored,
                              plain(frames, aligned).restored)


def test_every_frame_and_its_alignment_counts():
    network = AlignedMedianNet(**SMALL)
    frames, aligned = clips(batch=1)
    before = network(frames, aligned).restored
    for index in range(5):
        other = aligned.clone()
        other[:, index] += 0.1
        assert not torch.equal(network(frames, other).restored, before)
        other = frames.clone()
        other[:, index] += 0.1
        assert not torch.equal(network(other, aligned).restored, before)


def test_half_precision_keeps_the_frame_exact():
    """What passes through is not rounded to eight bits of mantissa."""
    network = AlignedMedianNet(**SMALL)
    with torch.no_grad():
        network.last.weight.zero_()
        network.last.bias.view(2, 4)[1] = -30
    frames, aligned = clips()
    with torch.autocast('cpu', torch.bfloat16):
        restored = network(frames, aligned).restored
    assert restored.dtype == torch.float32
    assert torch.equal(restored, frames[:, 2])


def test_wrong_shapes_are_named():
    network = AlignedMedianNet(**SMALL)
    frames, aligned = clips(size=(13, 16))
    with pytest.raises(ValueError, match=r'multiples of 2, got \(2, 5, 1, 13'):
        network(frames, aligned)
    with pytest.raises(ValueError, match='scene has to be one of'):
        AlignedMedianNet(scene='veil')


def test_every_width_and_depth_is_an_argument():
    assert set(inspect.signature(AlignedMedianNet).parameters) == {
        'channels', 'width', 'bottleneck', 'growth', 'dilations', 'tail',
        'scene', 'sees_guide', 'median_pretrained'}
