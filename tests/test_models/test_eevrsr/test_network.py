"""EEVRSR against the recorded official network."""

import numpy as np
import pytest
import torch

from mmderain.models import EEVRSRNet
from mmderain.models.eevrsr import network as eevrsr_network
from mmderain.models.eevrsr.bands import in_bands
from mmderain.models.eevrsr.batch_norm import DebiasedBatchNorm2d
from mmderain.models.eevrsr.black_border_warp import warp_black_border
from mmderain.models.eevrsr.conversion import CONVERSION
from tests.helpers import eevrsr_reference as reference

# A recorded value is compared in its own precision. In float64 nothing but
# a mistake is left; the float32 limits are 10 to 25 times the noise between
# faithful implementations and below what any mistake tried makes.
FLOAT64 = 1e-9


@pytest.fixture(scope='module')
def random():
    return reference.recorded('random')


@pytest.fixture(scope='module')
def units():
    return reference.recorded('units')


@pytest.fixture(params=reference.VARIANTS)
def variant(request):
    return request.param


def error(ours: torch.Tensor, expected: np.ndarray) -> float:
    ours = ours.detach().numpy().astype(np.float64)
    assert ours.shape == expected.shape
    return float(np.abs(ours - expected).max())


def to_uint8(luma: torch.Tensor) -> torch.Tensor:
    return (luma * 255).round().clamp(0, 255).byte()


def test_the_clip_is_the_recorded_one(random):
    np.testing.assert_array_equal(reference.make_levels(), random['clip'])


@pytest.mark.parametrize(('dtype', 'suffix', 'limit'), [
    (torch.float64, '_f64', FLOAT64), (torch.float32, '', 1e-5)])
def test_output(random, variant, dtype, suffix, limit):
    network = reference.make_network(variant, dtype)
    with torch.no_grad():
        restored = network(reference.make_clip(dtype)).restored
    assert error(restored[0, 0], random[f'{variant}/out{suffix}']) <= limit
    levels = to_uint8(restored[0, 0]).numpy()
    differing = levels != random[f'{variant}/u8']
    assert differing.mean() <= 5e-4
    assert np.abs(levels.astype(int) - random[f'{variant}/u8']).max() <= 1


def test_warped_frames_and_flows(random):
    network = reference.make_network('all', torch.float32)
    clip = reference.make_clip(torch.float32)
    step = reference.STEP
    with torch.no_grad():
        warped = network(clip).warped[0, :, 0, ::step, ::step]
        final, first = [], None
        for index in (0, 1, 3, 4):
            flows = network.motion(clip[:, 2], clip[:, index]).flows
            final.append(flows[-1][0])
            first = flows if index == 1 else first
    assert error(warped, random['all/warp']) <= 3e-5

    def strided(flow):
        return flow.movedim(-3, -1)[..., ::step, ::step, :]

    assert error(strided(torch.stack(final)), random['all/flow_final']) <= 3e-6
    for index, flow in enumerate(first[:2], 1):
        assert error(strided(flow[0]),
                     random[f'all/flow_m1_stage{index}']) <= 3e-6


def test_every_layer(random, variant, monkeypatch):
    # by themselves, not together with what follows them
    monkeypatch.setattr(eevrsr_network, 'normalised_conv',
                        lambda conv, norm, x: norm(conv(x)))
    network = reference.make_network(variant, torch.float32)
    seen = {}

    def record(name):
        return lambda module, inputs, output: seen.setdefault(
            name, []).append(output)

    for name, module in reference.taps(network).items():
        module.register_forward_hook(record(name))
    with torch.no_grad():
        network(reference.make_clip(torch.float32))
    expected = {name.split('/tap/')[1]: value
                for name, value in random.items()
                if name.startswith(f'{variant}/tap/')}
    assert set(expected) <= set(seen)
    assert len(expected) == (30 if variant == 'all' else 0)
    for name, value in expected.items():
        # neighbour t-1 is the second that the motion network sees
        output = seen[name][1 if name.startswith('MCNet') else 0][0]
        corners = torch.stack([output[:, :6, :6], output[:, -6:, -6:]])
        limit = 2e-5 * max(1e-3, np.abs(value).max())
        assert error(corners.movedim(1, -1), value) <= limit, name


@pytest.mark.parametrize(('dtype', 'limit'), [
    (torch.float64, FLOAT64), (torch.float32, 1e-4)])
def test_batch_norm_statistics_of_two_steps(random, variant, dtype, limit):
    network = reference.make_network(variant, dtype).train()
    clip = reference.make_clip(dtype)
    ours = {CONVERSION.sources(name)[0][0]: value
            for name, value in network.state_dict().items()}
    for step, inputs in enumerate((clip, clip.flip(1)), 1):
        with torch.no_grad():
            restored = network(inputs).restored
        if step == 1:
            suffix = '_f64' if dtype == torch.float64 else ''
            assert error(restored[0, 0],
                         random[f'{variant}/train_out{suffix}']) <= limit
        prefix = f'{variant}/bn_after{step}:'
        expected = {name.removeprefix(prefix).removesuffix('_f64'): value
                    for name, value in random.items()
                    if name.startswith(prefix)}
        assert len(expected) == 28
        for name, value in expected.items():
            scale = max(1e-3, np.abs(value).max())
            assert error(ours[name], value) <= limit * scale, name


def test_gradients(random, variant):
    network = reference.make_network(variant, torch.float64).train()
    restored = network(reference.make_clip(torch.float64)).restored
    loss = ((restored - 0.5)**2).mean()
    loss.backward()
    assert loss.item() == pytest.approx(
        float(random[f'{variant}/loss_f64']), rel=1e-9)
    ours = {CONVERSION.sources(name)[0][0]: parameter.grad
            for name, parameter in network.named_parameters()}
    names = [name.decode() for name in random[f'{variant}/grad_names']]
    assert set(names) == set(ours)
    norms = random[f'{variant}/grad_l2_f64']
    sums = random[f'{variant}/grad_sum_f64']
    for name, norm, total in zip(names, norms, sums, strict=True):
        # a bias before a normalisation has no gradient but rounding
        limit = 1e-9 * max(norm, 1e-4)
        assert abs(float(ours[name].norm()) - norm) <= limit, name
        assert abs(float(ours[name].sum()) - total) <= 10 * limit, name
    for name, value in random.items():
        prefix = f'{variant}/grad:'
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            got = ours[name]
            got = got.permute(2, 3, 1, 0) if got.ndim == 4 else got
            # recorded in single precision
            assert error(got, value) <= 1e-6 * np.abs(value).max(), name


def test_motion_gradients_in_single_precision():
    """What a warp by masked sampling gets wrong.

    Of the motion network alone: behind it, one of a million activations that
    rounding takes across zero moves all gradients by 1e-3.
    """
    gradients = []
    for dtype in (torch.float64, torch.float32):
        network = reference.make_network('all', dtype).train()
        clip = reference.make_clip(dtype)
        warped = network.motion(clip[:, 2], clip[:, 1]).warped
        ((warped - 0.5)**2).mean().backward()
        gradients.append([parameter.grad.double()
                          for parameter in network.motion.parameters()])
    for exact, single in zip(*gradients, strict=True):
        assert float((exact - single).norm()) <= 1e-4 * float(exact.norm())


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_warp(units, dtype):
    image, flow = (torch.from_numpy(units[f'warp_{name}']).to(dtype)
                   .movedim(-1, 1).requires_grad_()
                   for name in ('img', 'flow'))
    output = warp_black_border(image, 64 * flow)
    suffix = '_f64' if dtype == torch.float64 else ''
    assert error(output.movedim(1, -1), units[f'warp_out{suffix}']) <= (
        FLOAT64 if suffix else 3e-5)
    if suffix:
        (0.5 * output**2).sum().backward()
        for name, value in (('img', image), ('flow', flow)):
            expected = units[f'warp_grad_{name}_f64']
            assert error(value.grad.movedim(1, -1), expected) <= (
                FLOAT64 * np.abs(expected).max())


def test_zero_flow_blackens_the_last_row_and_column():
    image = torch.ones(1, 1, 4, 6)
    warped = warp_black_border(image, torch.zeros(1, 2, 4, 6))
    assert torch.equal(warped[..., :3, :5], image[..., :3, :5])
    assert not warped[..., 3, :].any() and not warped[..., 5].any()


@pytest.mark.parametrize('scale', [2, 4])
def test_sub_pixel_units_are_pixel_shuffle(units, scale):
    flow = torch.from_numpy(units[f'shuffle{scale}_in']).movedim(-1, 1)
    shuffled = torch.nn.PixelShuffle(scale)(flow).movedim(1, -1)
    np.testing.assert_array_equal(shuffled, units[f'shuffle{scale}_out'])


def test_clips_of_a_batch_are_apart(variant):
    network = reference.make_network(variant, torch.float64)
    clip = reference.make_clip(torch.float64)
    other = clip.flip(1, 3)
    with torch.no_grad():
        both = network(torch.cat([clip, other])).restored
        single = torch.cat([network(clip).restored, network(other).restored])
    assert float((both - single).abs().max()) <= 1e-12


def test_without_motion_compensation_the_neighbours_stay():
    network = reference.make_network('derain_only', torch.float32)
    clip = reference.make_clip(torch.float32)
    with torch.no_grad():
        output = network(clip)
    assert torch.equal(output.warped, clip[:, [0, 1, 3, 4]])


def test_half_precision_keeps_positions_exact():
    network = reference.make_network('all', torch.float32)
    clip = reference.make_clip(torch.float32)
    with torch.no_grad():
        exact = network(clip)
        with torch.autocast('cpu', torch.bfloat16):
            half = network(clip)
    assert half.warped.dtype == half.restored.dtype == torch.float32
    # the warp of a flow that is exact itself; nothing jumps by pixels
    assert float((half.restored - exact.restored).abs().median()) < 5e-3


@pytest.mark.parametrize('shape', [
    (1, 5, 1, 6, 8), (1, 5, 1, 8, 6), (1, 3, 1, 8, 8), (1, 5, 3, 8, 8),
    (5, 1, 8, 8)])
def test_other_clips_are_refused(shape):
    with pytest.raises(ValueError, match='multiples of 4'):
        EEVRSRNet()(torch.zeros(shape))


@pytest.mark.parametrize('pixels', [1, 900, 2000, 10**6])
def test_bands_are_one_pass(pixels):
    torch.manual_seed(0)
    convs = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 5, padding=2),
                                torch.nn.Conv2d(3, 1, 3, padding=1)).double()
    x = torch.rand(2, 2, 67, 20, dtype=torch.float64)
    heights = []

    def convolve(band):
        heights.append(band.shape[2])
        return convs(band)

    with torch.no_grad():
        result = in_bands(convolve, x, reach=3, pixels=pixels)
        assert float((result - convs(x)).abs().max()) < 1e-12
    assert (len(heights) == 1) == (pixels == 10**6)
    assert max(heights) <= max(12, pixels // 40) + 6


def test_the_network_in_bands_is_the_network_at_once(monkeypatch):
    network = reference.make_network('derain_only', torch.float64)
    clip = reference.make_clip(torch.float64)
    results = []
    for pixels in (1, 10**9):
        monkeypatch.setattr(eevrsr_network, '_BAND_PIXELS', {False: pixels})
        with torch.no_grad():
            results.append(network(clip).restored)
    assert float((results[0] - results[1]).abs().max()) < 1e-12


def test_moving_statistics_are_the_debiased_weighted_mean():
    torch.manual_seed(0)
    norm = DebiasedBatchNorm2d(2).double()
    batches = [torch.randn(2, 2, 3, 4, dtype=torch.float64) + index
               for index in range(4)]
    for batch in batches:
        norm(batch)
    weights = 0.999**torch.arange(3, -1, -1, dtype=torch.float64)
    weights = (weights / weights.sum())[:, None]
    means = torch.stack([batch.mean((0, 2, 3)) for batch in batches])
    variances = torch.stack([batch.var((0, 2, 3), correction=0)
                             for batch in batches])
    assert torch.allclose(norm.running_mean, (weights * means).sum(0))
    assert torch.allclose(norm.running_var, (weights * variances).sum(0))


def test_parameter_counts():
    def count(network):
        return sum(parameter.numel() for parameter in network.parameters())

    assert count(EEVRSRNet()) == 176305
    assert count(EEVRSRNet(motion_compensation=False)) == 54409
