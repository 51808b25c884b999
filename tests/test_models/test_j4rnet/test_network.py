import pytest
import torch
from mmagic.registry import MODELS
from mmengine.registry import DefaultScope
from torch import nn

from mmderain.models import J4RNet
from mmderain.models.j4rnet.recurrence import FusionUnit

CHANNELS = dict(restored=1, streaks=1, occlusion_logits=2, detail=1)
RECURRENT = ('degradation_net.', 'fusion_unit.', 'detail_net.', 'join.')


@pytest.fixture
def network():
    return build()


def build(**options):
    torch.manual_seed(0)
    network = J4RNet(channels=8, extractor_blocks=2, **options).eval()
    # as after training: nothing is zero
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    return network


def clips(n, t, h=12, w=10):
    return torch.rand(n, t, 1, h, w,
                      generator=torch.Generator().manual_seed(1))


def same(got, expected):
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


# ------------------------------------------------- the paper's equations


def hidden_by_hand(unit, features, state, degradation):
    """The equations of the talk, one convolution a term."""
    def conv(value, weight):
        return nn.functional.conv2d(value, weight, padding=1)

    w_z, w_r, w_h = unit.from_frame.weight.chunk(3)
    b_z, b_r, b_h = unit.from_frame.bias.view(3, 1, -1, 1, 1)
    u_z, u_r = unit.from_state.weight.chunk(2)
    v_z, v_r = unit.from_degradation.weight.chunk(2)
    u_h = unit.from_read_state.weight
    z = torch.sigmoid(conv(features, w_z) + b_z + conv(state, u_z)
                      + conv(degradation, v_z))
    r = torch.relu(conv(features, w_r) + b_r + conv(state, u_r)
                   + conv(degradation, v_r))
    candidate = torch.tanh(conv(features, w_h) + b_h + conv(r * state, u_h))
    return (1 - z) * state + z * candidate


def test_the_gated_unit_follows_the_equations():
    torch.manual_seed(0)
    unit = FusionUnit(8, 2)
    features, state = torch.randn(2, 3, 8, 5, 6)
    degradation = torch.randn(3, 2, 5, 6)
    got = unit(unit.from_frame(features), state, degradation)
    same(got, hidden_by_hand(unit, features, state, degradation))


def test_an_open_update_gate_and_a_closed_read_gate_forget_the_past():
    unit = FusionUnit(8, 2)
    with torch.no_grad():
        # z = 1 and r = 0 whatever the features, the state and the map
        unit.from_frame.weight[:16] = 0
        unit.from_state.weight[:] = 0
        unit.from_degradation.weight[:] = 0
        unit.from_frame.bias[:8], unit.from_frame.bias[8:16] = 50, -1
    features, state = torch.randn(2, 1, 8, 5, 6)
    frame = unit.from_frame(features)
    got = unit(frame, state, torch.randn(1, 2, 5, 6))
    same(got, frame[:, 16:].tanh())


def test_the_map_and_the_gates_feature_come_from_layers_two_and_four(
        network):
    """The gates' feature lies downstream of the logits, only of them."""
    net = network.degradation_net
    features, state = torch.randn(2, 1, 8, 5, 6)
    logits, feature = net(features, state)
    assert logits.shape == (1, 2, 5, 6)
    again = torch.relu(net.layer4(torch.relu(net.layer3(logits))))
    same(feature, again)


def test_what_each_part_sees(network):
    """Streaks come from the frame, detail from the past."""
    clip = clips(1, 3)
    before = network(clip)
    other = clip.clone()
    other[0, 1] += 0.3
    after = network(other)

    def moved(name):
        change = (getattr(after, name) - getattr(before, name)).abs()
        return [bool(value > 1e-6) for value in change[0].amax((1, 2, 3))]

    assert moved('streaks') == [False, True, False]
    assert moved('detail') == [False, False, True]
    assert moved('occlusion_logits') == [False, True, True]
    assert moved('restored') == [False, True, True]


# ------------------------------------------------- any clip, any state


@pytest.mark.parametrize('length', [1, 2, 5])
@pytest.mark.parametrize('recurrent', [True, False])
def test_takes_any_length_and_size(length, recurrent):
    output = build(recurrent=recurrent)(clips(2, length, 5, 8))
    assert output._fields[0] == 'restored'
    for name, channels in CHANNELS.items():
        value = getattr(output, name)
        if value is None:
            assert not recurrent and name in ('occlusion_logits', 'detail')
        else:
            assert value.shape == (2, length, channels, 5, 8)
            assert value.isfinite().all()
    assert (output.state is None) == (not recurrent)


def test_a_clip_in_two_halves_is_one_clip(network):
    clip = clips(2, 7)
    whole = network(clip)
    first = network(clip[:, :3])
    second = network(clip[:, 3:], first.state)
    for name in CHANNELS:
        same(torch.cat([getattr(first, name), getattr(second, name)], dim=1),
             getattr(whole, name))
    same(second.state, whole.state)
    # and it matters what was handed over
    forgetful = network(clip[:, 3:])
    assert (forgetful.restored - second.restored).abs().max() > 1e-3


@pytest.mark.parametrize('recurrent', [True, False])
def test_a_stream_of_frames_equals_the_clip(recurrent):
    network = build(recurrent=recurrent)
    clip = clips(2, 4)
    whole = network(clip)
    streamed = list(network.stream(clip.unbind(1)))
    assert len(streamed) == 4
    for index, output in enumerate(streamed):
        for name in CHANNELS:
            if getattr(whole, name) is not None:
                same(getattr(output, name), getattr(whole, name)[:, index])


def test_clips_of_a_batch_are_independent(network):
    batch, state = clips(2, 4), torch.randn(2, 8, 12, 10)
    together = network(batch, state)
    for index in range(2):
        alone = network(batch[index:index + 1], state[index:index + 1])
        for one, both in zip(alone, together, strict=True):
            same(one[0], both[index])


def test_every_parameter_learns(network):
    output = network(clips(1, 3))
    sum(getattr(output, name).square().sum() for name in CHANNELS).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.abs().max() > 0, name


def test_the_state_keeps_a_running_clip_bounded():
    """The state is a mean of values of tanh, however long the clip."""
    torch.manual_seed(0)
    network = J4RNet(channels=8)
    with torch.no_grad():
        output = network(clips(1, 60))
    assert output.state.abs().max() <= 1
    assert output.restored.abs().max() < 10


# ------------------------------------------------- two stages of training


def test_the_second_stage_starts_where_the_first_ended():
    single, whole = build(recurrent=False), J4RNet(
        channels=8, extractor_blocks=2)
    taken = whole.load_state_dict(single.state_dict(), strict=False)
    assert not taken.unexpected_keys
    assert all(name.startswith(RECURRENT) for name in taken.missing_keys)
    assert {name.partition('.')[0] + '.' for name in taken.missing_keys
            } == set(RECURRENT)
    clip = clips(1, 3)
    same(whole(clip).restored, single(clip).restored)
    same(whole(clip).streaks, single(clip).streaks)


def test_a_new_network_changes_a_frame_little():
    torch.manual_seed(0)
    clip = clips(1, 2, 32, 32)
    output = J4RNet()(clip)
    assert 0 < (output.restored - clip).abs().mean() < 0.2


def test_the_extractor_is_as_deep_as_asked():
    for blocks in (1, 4):
        network = J4RNet(extractor_blocks=blocks)
        count = sum(isinstance(module, nn.Conv2d)
                    for module in network.extractor.modules())
        assert count == 1 + 2 * blocks


# ------------------------------------------------- what it refuses


def test_says_which_shapes_it_takes(network):
    with pytest.raises(ValueError, match=r'J4RNet takes luma planes of shape '
                       r'\(n, t, 1, h, w\), but got \(1, 9, 3, 8, 8\)'):
        network(torch.zeros(1, 9, 3, 8, 8))
    with pytest.raises(ValueError, match=r'state has the shape \(2, 8, 12, 10'
                       r'\), but got \(1, 8, 12, 10\)'):
        network(clips(2, 1), torch.zeros(1, 8, 12, 10))
    with pytest.raises(ValueError, match='takes no state'):
        build(recurrent=False)(clips(1, 1), torch.zeros(1, 8, 12, 10))
    with pytest.raises(ValueError, match='multiple of 4, but is 6'):
        J4RNet(channels=6)


def test_is_registered_under_its_name():
    with DefaultScope.overwrite_default_scope('mmagic'):
        assert type(MODELS.build(dict(type='J4RNet', channels=4))) is J4RNet
