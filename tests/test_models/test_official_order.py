"""The official orders of work: what they give, and how much they compute."""

import pytest
import torch
from torch import nn

from mmderain.errors import UserError
from mmderain.methods import METHODS, get_method
from mmderain.models.j4rnet import official_order as j4r_order
from mmderain.models.official_order import in_contiguous_layout
from mmderain.models.vimpnet import official_order as vimp_order

HAVING = [name for name, method in METHODS.items() if method.official_order]
# tiles for small frames
SMALLER = dict(vimpnet=dict(tile=(32, 32), tile_overlap=8))
# or its attention is a mean, whatever its scale
GAINS = dict(vimpnet=1.5)


def restoration(name, settings):
    """Of a tiny network all of whose weights count."""
    method = get_method(name)
    torch.manual_seed(0)
    network = method.build_network(**method.tiny)
    for parameter in network.parameters():
        fan_in = parameter[0].numel() if parameter.ndim > 1 else 100
        nn.init.normal_(parameter, std=GAINS.get(name, 1) * fan_in**-0.5)
    return method.derainer_class().for_inference(network, settings)


def levels(count, height, width):
    return torch.randint(0, 256, (count, 3, height, width),
                         dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(1))


def count_calls(network, monkeypatch):
    """Shapes of what a network is given in the official order."""
    shapes = []

    def spied(function):
        def spy(network, clip):
            shapes.append(tuple(clip.shape))
            return function(network, clip)
        return spy

    for place, name in ((type(network), 'forward'), (vimp_order, 'restored')):
        monkeypatch.setattr(place, name, spied(getattr(place, name)))
    return shapes


def test_the_four_papers_have_one():
    assert {'vimpnet', 'eevrsr', 'attentive_gan',
            'j4rnet_released_brcn'} == set(HAVING)


def test_a_method_without_one_says_which_have():
    with pytest.raises(UserError, match='lens_drops has no .*vimpnet'):
        get_method('lens_drops').found_official_order()


@pytest.fixture(autouse=True)
def _narrow_border(monkeypatch):
    """Around J4R-Net's frames, of whose patches most are in the border."""
    monkeypatch.setattr(j4r_order, '_BORDER', 32)


@pytest.mark.parametrize(('name', 'size', 'calls'), [
    # 2 starts of windows, 2 tiles
    ('vimpnet', (6, 32, 40), [(1, 5, 3, 32, 32)] * 4),
    ('eevrsr', (6, 24, 32), None),
    ('attentive_gan', (2, 24, 32), [(1, 3, 24, 32)] * 2),
    # one frame; 1 + 4 origins, 16 pixels apart, in either direction
    ('j4rnet_released_brcn', (9, 16, 16), [(1, 9, 1, 32, 32)] * 25)])
def test_ours_gives_the_same_frames_by_less_work(name, size, calls,
                                                 monkeypatch):
    order = get_method(name).found_official_order()
    ours = restoration(name, {**order.settings, **SMALLER.get(name, {})})
    clip = levels(*size)
    run = order.prepare(ours)
    seen = count_calls(ours.generator, monkeypatch)
    official = run(clip)
    assert calls is None or seen == calls
    assert official.shape == (len(clip) - 2 * order.left_out, *clip.shape[1:])
    assert official.std() > 1e-3
    monkeypatch.undo()
    restored = torch.stack(list(ours.restored_frames(clip)))
    first = ours.window_spec.covered_frames(len(clip)).start or 0
    kept = slice(order.left_out - first, len(clip) - order.left_out - first)
    error = (restored[kept] - official).abs()
    # what goes through 8 bits may fall to the other side
    assert error.mean() < 2e-6 * official.abs().max()
    assert (error > 1e-4 * official.abs().max()).float().mean() < 1e-3


def test_j4r_computes_2000_patches_of_a_frame_of_640x480():
    assert len(j4r_order._origins(480 + 160)) * len(
        j4r_order._origins(640 + 160)) == 2000
    # the last one is moved back, onto the one before
    assert j4r_order._origins(64) == [0, 16, 32, 32]


@pytest.mark.parametrize('name', ['vimpnet', 'attentive_gan',
                                  'j4rnet_released_brcn'])
def test_kernels_are_in_the_default_layout(name):
    copied = in_contiguous_layout(restoration(name, {}).generator)
    assert all(parameter.is_contiguous() for parameter in copied.parameters())
