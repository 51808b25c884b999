import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmengine.registry import DefaultScope

from mmderain.checkpoints.conversion import convert_state_dict
from mmderain.checkpoints.readers.caffe import read_caffemodel
from mmderain.models import J4RReleasedBRCNNet, J4RReleasedGRUNet
from mmderain.windows.tiles import TileSpec, restore_tiled, restore_whole
from tests.helpers import j4rnet_reference as reference

NETWORKS = dict(brcn=J4RReleasedBRCNNet, gru=J4RReleasedGRUNet)
LOGITS = dict(brcn='motion_logits', gru='occlusion_logits')


def build(name, filler='strong', **arguments):
    network = NETWORKS[name](**arguments).eval()
    reference.load_weights(network, name, filler)
    return network


@pytest.fixture(scope='module', params=NETWORKS)
def network(request):
    return build(request.param)


def clips(n, t, h=12, w=10):
    return torch.rand(n, t, 1, h, w,
                      generator=torch.Generator().manual_seed(1))


def outside(network, clip):
    """Every field that is returned, without gradients."""
    with torch.no_grad():
        return network(clip)


# ------------------------------------------------- the recorded outputs


@pytest.mark.parametrize('filler', reference.FILLERS)
def test_the_brcn_network_equals_the_official_definition(filler):
    network = build('brcn', filler)
    expand = []
    network.expand.register_forward_hook(
        lambda _, inputs, output: expand.append(inputs[0]))
    output = outside(network, reference.make_clip())
    reference.check(dict(output=output.restored[0],
                         motion_logits=output.motion_logits[0],
                         temporal=expand[0]), 'brcn', filler)


@pytest.mark.parametrize('filler', reference.FILLERS)
def test_the_gru_network_equals_the_official_definition(filler, monkeypatch):
    network = build('gru', filler)
    gated, states = network._gated, []
    monkeypatch.setattr(network, '_gated', lambda *inputs: states.append(
        gated(*inputs)) or states[-1])
    output = outside(network, reference.make_clip())
    first, second, third = states
    reference.check(dict(output=output.restored[0],
                         occlusion_logits=output.occlusion_logits[0],
                         hidden1=first, hidden2=second, hidden3=third),
                    'gru', filler)


@pytest.mark.parametrize(('name', 'mistake'), [
    ('brcn', 'swapped neighbours'), ('brcn', 'unturned'),
    ('gru', 'paper gate'), ('gru', 'unturned')])
def test_the_reference_shows_mistakes(name, mistake):
    network = build(name)
    clip = reference.make_clip()
    if mistake == 'swapped neighbours':
        network.from_before, network.from_after = (
            network.from_after, network.from_before)
    elif mistake == 'paper gate':
        network.paper_gate = True
    else:
        clip = clip.mT
    output = outside(network, clip)
    with pytest.raises(AssertionError, match="'output'"):
        reference.check_output(output.restored[0], name, 'strong')


# ------------------------------------------------- with official weights


@pytest.fixture(scope='module')
def official_brcn():
    def load(shared):
        path = (shared / 'data' / 'weights'
                / 'rain_removal_BRCN_type_iter_90000.caffemodel')
        network = J4RReleasedBRCNNet().eval()
        network.load_state_dict(convert_state_dict(
            'j4rnet_released_brcn', read_caffemodel(path)))
        return network
    return load


def test_the_official_weights_on_real_patches(shared, official_brcn):
    network = official_brcn(shared)
    with np.load(shared / 'reference/j4rnet/golden_brcn_patch.npz') as data:
        # (n, t, h, w) -> (n, t, 1, h, w)
        restored = outside(network, torch.from_numpy(
            data['input'])[:, :, None]).restored[:, :, 0]
        assert np.abs(restored.numpy() - data['output_official']).max() < 1e-5


@pytest.fixture(scope='module')
def frame():
    """A recorded result of the official test: studio luma and its output."""
    def load(shared):
        path = shared / 'reference/j4rnet/golden_brcn_frame.npz'
        with np.load(path) as data:
            # the frame in the middle depends on its neighbours alone
            clip = torch.from_numpy(data['y_in'][3:6] / np.float32(255))
            return clip[None, :, None], dict(data)
    return load


def test_the_official_tiling_of_a_real_frame(shared, official_brcn, frame):
    network = official_brcn(shared)
    clip, recorded = frame(shared)
    with torch.no_grad():
        restored = restore_tiled(
            clip, lambda tile: network(tile).restored[:, 1:2],
            TileSpec((32, 32), overlap=16, margin=16))[0, 0, 0].numpy()
    assert np.abs(restored - recorded['y_float']).max() < 1e-5
    levels = np.floor(restored.clip(0, 1) * 255 + 0.5)
    different = levels != recorded['y_uint8']
    assert np.abs(levels - recorded['y_uint8']).max() <= 1
    assert different.mean() <= 1e-3


def test_whole_frames_of_a_real_frame(shared, official_brcn, frame):
    network = official_brcn(shared)
    clip, recorded = frame(shared)
    # 16 pixels of context do what the 80 of the recorded run do
    for margin, name in ((0, 'onepass_zero_pad'),
                         (16, 'onepass_replicate80')):
        with torch.no_grad():
            restored = restore_whole(
                clip, lambda whole: network(whole).restored[:, 1:2],
                margin=margin)[0, 0, 0].numpy()
        assert np.abs(restored - recorded[name]).max() < 1e-5
    # not quite the official tiled result
    error = np.square(restored - recorded['y_float']).mean()
    assert 10 * np.log10(1 / error) == pytest.approx(56.7, abs=0.1)


# ------------------------------------------------- any clip of any size


@pytest.mark.parametrize('length', [1, 2, 3, 9])
def test_takes_any_length_and_size(network, length):
    clip = clips(2, length, 5, 8)
    output = outside(network, clip)
    assert output._fields[0] == 'restored'
    assert output.restored.shape == clip.shape
    assert output[1].shape == (2, length, 2, 5, 8)
    assert output._fields[1] in LOGITS.values()
    assert all(value.isfinite().all() for value in output)


@pytest.mark.parametrize('shape', [(1, 9, 3, 8, 8), (9, 1, 8, 8),
                                   (1, 0, 1, 8, 8)])
def test_refuses_other_shapes(network, shape):
    with pytest.raises(ValueError, match=r'planes of shape \(n, t, 1, h, w\)'):
        network(torch.zeros(shape))


def test_clips_of_a_batch_are_independent(network):
    batch = clips(2, 5)
    together = outside(network, batch)
    for index in range(2):
        alone = outside(network, batch[index:index + 1])
        for one, both in zip(alone, together, strict=True):
            torch.testing.assert_close(one[0], both[index],
                                       rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(('name', 'seen'), [('brcn', (-1, 0, 1)),
                                            ('gru', (0, 1, 2))])
def test_which_frames_a_frame_depends_on(name, seen):
    network = build(name)
    clip = clips(1, 7)
    before = outside(network, clip).restored[0]
    for changed in range(7):
        other = clip.clone()
        other[0, changed] += 0.1
        moved = (outside(network, other).restored[0] - before).abs()
        for index in range(7):
            # where a neighbour is missing, the end's own stands in
            depends = changed in {min(max(index + offset, 0), 6)
                                  for offset in seen}
            assert (moved[index].max() > 1e-4) == depends, (index, changed)


@pytest.mark.parametrize('length', [1, 2, 3, 6])
def test_a_stream_of_frames_equals_the_clip(network, length):
    clip = clips(2, length)
    whole = outside(network, clip)
    with torch.no_grad():
        streamed = list(network.stream(clip.unbind(1)))
    assert len(streamed) == length
    for field, expected in enumerate(whole):
        got = torch.stack([output[field] for output in streamed], dim=1)
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)


def test_a_stream_computes_features_once_and_does_not_wait(network,
                                                           monkeypatch):
    taken, calls = [], []
    encode = network.encode
    monkeypatch.setattr(network, 'encode', lambda frames: calls.append(
        frames) or encode(frames))

    def endless():
        while True:
            taken.append(1)
            yield clips(1, 1)[:, 0]

    with torch.no_grad():
        stream = network.stream(endless())
        for index in range(6):
            next(stream)
            assert len(taken) <= index + 3
    assert len(calls) == len(taken)


def test_no_frames_give_no_frames(network):
    assert list(network.stream([])) == []


def test_every_parameter_learns(network):
    network.zero_grad()
    output = network(clips(1, 3))
    (output[0].square().sum() + output[1].square().sum()).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize(('name', 'count'), [('brcn', 401_899),
                                             ('gru', 816_707)])
def test_has_the_official_number_of_parameters(name, count):
    network = NETWORKS[name]()
    assert sum(value.numel() for value in network.parameters()) == count


def test_the_papers_gate_keeps_what_is_not_updated():
    """With gates of 1 nothing of the old state is left: H = candidate."""
    deep, hidden = torch.rand(2, 1, 64, 4, 4)
    update, read = torch.full((1, 64, 4, 4), 50.), torch.zeros(1, 64, 4, 4)
    for paper_gate in (False, True):
        network = J4RReleasedGRUNet(paper_gate=paper_gate)
        with torch.no_grad():
            candidate = network.candidate(torch.cat(
                [torch.zeros_like(hidden), deep], dim=1)).tanh()
            got = network._gated(deep, hidden, update, read)
        expected = candidate + (
            0 if paper_gate else (1 - candidate) * hidden)
        torch.testing.assert_close(got, expected)


def test_are_registered_under_their_names():
    with DefaultScope.overwrite_default_scope('mmagic'):
        for kind in NETWORKS.values():
            assert type(MODELS.build(dict(type=kind.__name__))) is kind
