"""LensDropDerainer: training, streams, maps, and what it refuses."""

import numpy as np
import pytest
import torch
from mmagic.structures import DataSample

from mmderain.errors import ConfigError
from mmderain.models import LensDropDerainer, LensDropNet
from mmderain.models.lens_drops.statistics import PLANES
from mmderain.models.losses import CoverLoss
from tests.test_models.test_lens_drops.helpers import (
    DROPS,
    SIZE,
    pan,
    with_drops,
)


class KnowsAll(torch.nn.Module):
    """Finds the drops of the helpers, in place of a trained network."""

    def __init__(self):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(20.0))

    def forward(self, planes):
        drops = torch.from_numpy(DROPS.astype(np.float32))
        return (self.gain * (drops - 0.5))[None, None]


def to_clip(frames):
    return torch.from_numpy(np.ascontiguousarray(
        frames.transpose(0, 3, 1, 2)))


@pytest.fixture
def derainer():
    return LensDropDerainer.for_inference(KnowsAll(), {})


def test_a_clip_is_restored(derainer):
    clean = pan(30)
    restored = derainer.restore_clip(to_clip(with_drops(clean)))
    assert restored.dtype == torch.uint8 and restored.shape == (30, 3, *SIZE)
    error, before = (
        np.abs(frames[:, DROPS].astype(int) - clean[:, DROPS]).mean()
        for frames in (restored.permute(0, 2, 3, 1).numpy(),
                       with_drops(clean)))
    assert error < before / 3


def test_maps_say_where_and_how_sure(derainer):
    frames = list(to_clip(with_drops(pan(30))))
    restored = list(derainer.stream(frames, with_maps=True))
    assert derainer.map_names == ('drops', 'trust')
    drops, trust = restored[10][3:].numpy()
    assert drops[DROPS].mean() > 200 and trust[DROPS].mean() > 80
    assert not drops[:10].any() and not trust[:10].any()
    plain = list(derainer.stream(frames))
    assert all(torch.equal(one, other[:3])
               for one, other in zip(plain, restored, strict=True))


def test_an_untrained_network_leaves_most_alone():
    torch.manual_seed(0)
    derainer = LensDropDerainer.for_inference(
        LensDropNet(widths=(4, 8)), {})
    clip = to_clip(pan(10))
    assert derainer.restore_clip(clip).shape == clip.shape


@pytest.mark.parametrize('name', ['tile', 'tile_overlap', 'window_batch'])
def test_there_are_no_tiles(name):
    with pytest.raises(ConfigError, match='leave out --tile'):
        LensDropDerainer.for_inference(KnowsAll(), {name: 64})
    with pytest.raises(ConfigError, match="unknown keys .'passes'"):
        LensDropDerainer.for_inference(KnowsAll(), dict(passes=2))


def test_the_network_learns_what_is_covered():
    """A square that its planes tell."""
    torch.manual_seed(0)
    derainer = LensDropDerainer(dict(type='LensDropNet', widths=(4, 8)),
                                dict(type='CoverLoss'))
    network = derainer.generator
    planes = torch.rand(4, PLANES, 32, 32)
    target = torch.zeros(4, 2, 32, 32)
    target[:, 1] = 1
    target[:, 0, 8:20, 10:22] = 1
    planes[:, 3] = target[:, 0]
    sample = DataSample(gt_img=target)
    optimizer = torch.optim.Adam(derainer.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        loss, = derainer.forward_train(planes, sample).values()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3
    found = network(planes).sigmoid()[:, 0] > 0.5
    assert (found == (target[:, 0] > 0.5)).float().mean() > 0.97


@pytest.mark.parametrize('size', [(30, 45), (1, 1), (17, 8)])
def test_any_size(size):
    network = LensDropNet(widths=(4, 8, 8))
    assert network(torch.rand(1, PLANES, *size)).shape == (1, 1, *size)
    with pytest.raises(ValueError, match='takes'):
        network(torch.rand(1, 3, *size))


def test_what_does_not_count_has_no_gradient():
    logits = torch.zeros(1, 1, 4, 4, requires_grad=True)
    target = torch.ones(1, 1, 4, 4)
    counts = torch.ones(1, 1, 4, 4)
    counts[..., 2:] = 0
    CoverLoss()(logits, target, counts).backward()
    assert logits.grad[..., :2].abs().min() > 0
    assert not logits.grad[..., 2:].any()


def test_the_loss_is_what_it_says():
    logits = torch.tensor([[[[0.0, 2.0]]]])
    target = torch.tensor([[[[0.0, 1.0]]]])
    counts = torch.ones_like(target)
    found = torch.sigmoid(logits)
    entropy = -(torch.log(1 - found[..., 0]) + torch.log(found[..., 1])) / 2
    dice = 1 - (2 * found[..., 1] + 50) / (found.sum() + 1 + 50)
    assert float(CoverLoss(dice_weight=0.3, smoothing=50)(
        logits, target, counts)) == pytest.approx(
            float(entropy + 0.3 * dice), abs=1e-6)


def test_the_whole_picture_is_looked_at():
    network = LensDropNet(widths=(4, 8))
    torch.nn.init.normal_(network.context.weight)
    planes = torch.rand(1, PLANES, 80, 80)
    other = planes.clone()
    other[..., :8, :8] += 0.5
    with torch.no_grad():
        assert (network(planes) != network(other))[..., -8:, -8:].any()
        network.context = None
        assert (network(planes) == network(other))[..., -8:, -8:].all()
