"""The network that sees what a guide has made of the frames."""

import pytest
import torch

from mmderain.errors import CheckpointError
from mmderain.models.aligned_median.network import AlignedMedianNet

from .test_network import SMALL, clips

GUIDED = dict(SMALL, sees_guide=True)


def checkpoint(path, network, **arguments):
    torch.save({
        'meta': dict(mmderain=dict(method='aligned_median',
                                   arguments=arguments)),
        'state_dict': {f'generator.{name}': value for name, value
                       in network.state_dict().items()}}, path)
    return str(path)


def test_two_planes_more_are_seen_and_taken():
    """Of the head, and two maps more of the last convolution."""
    plain, guided = (sum(item.numel() for item in network.parameters())
                     for network in (AlignedMedianNet(),
                                     AlignedMedianNet(sees_guide=True)))
    assert guided - plain == 8 * 48 * 9 + 8 * (64 * 9 + 1)


def test_what_is_taken_of_the_guide():
    """All of the guide's frame where its share is 1, or of its median."""
    network = AlignedMedianNet(**GUIDED)
    frames, aligned = clips()
    aligned[:, 2] = frames[:, 2]
    guide = torch.rand(2, 2, 12, 16, generator=torch.Generator().manual_seed(
        1))
    with torch.no_grad():
        network.last.weight.zero_()
        network.last.bias.view(4, 4)[1] = -30  # nothing of the rainy median
        for index in range(2):
            network.last.bias.view(4, 4)[2:] = 0
            network.last.bias.view(4, 4)[2 + index] = 1
            restored = network(frames, aligned, guide).restored
            torch.testing.assert_close(restored, guide[:, index:index + 1])


def test_both_planes_of_the_guide_are_looked_at():
    network = AlignedMedianNet(**GUIDED)
    frames, aligned = clips(batch=1)
    guide = torch.rand(1, 2, 12, 16)
    before = network(frames, aligned, guide).restored
    for index in range(2):
        other = guide.clone()
        other[:, index] += 0.1
        assert not torch.equal(network(frames, aligned, other).restored,
                               before)


def test_it_begins_as_the_network_without_a_guide(tmp_path):
    plain = AlignedMedianNet(**SMALL)
    path = checkpoint(tmp_path / 'plain.pth', plain, **SMALL)
    network = AlignedMedianNet(median_pretrained=path, **GUIDED)
    network.init_weights()
    frames, aligned = clips()
    guide = torch.rand(2, 2, 12, 16)
    torch.testing.assert_close(network(frames, aligned, guide).restored,
                               plain(frames, aligned).restored)
    network(frames, aligned, guide).restored.square().mean().backward()
    assert network.last.weight.grad[8:].abs().sum() > 0


@pytest.mark.parametrize('other', ['wider', 'colour', 'guided'])
def test_another_network_to_begin_with_is_refused(tmp_path, other):
    arguments = dict(SMALL, **dict(wider=dict(width=10),
                                   colour=dict(channels=3),
                                   guided=dict(sees_guide=True))[other])
    path = checkpoint(tmp_path / 'other.pth', AlignedMedianNet(**arguments),
                      **arguments)
    with pytest.raises(CheckpointError, match='other.pth: expected an? Al'):
        AlignedMedianNet(median_pretrained=path, **GUIDED).init_weights()


def test_without_a_guide_the_rainy_frames_stand_in_its_place():
    network = AlignedMedianNet(**GUIDED)
    torch.nn.init.normal_(network.last.weight)
    frames, aligned = clips()
    own = torch.cat([frames[:, 2], aligned.median(1).values], dim=1)
    torch.testing.assert_close(network(frames, aligned).restored,
                               network(frames, aligned, own).restored)


def test_a_guide_is_seen_in_luma_alone():
    with pytest.raises(ValueError, match='sees_guide=True needs channels=1'):
        AlignedMedianNet(3, sees_guide=True)
