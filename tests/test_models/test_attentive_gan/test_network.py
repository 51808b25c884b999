import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmengine.registry import DefaultScope

from mmderain.checkpoints import convert_state_dict
from mmderain.models import (
    AttentiveGANDiscriminator,
    AttentiveGANGenerator,
)
from tests.helpers import attentive_gan_reference as reference

SMALL = dict(channels=4, attention_channels=4, attention_blocks=1)
SMALL_DISCRIMINATOR = dict(channels=(2, 2, 4, 4, 4, 4, 4, 4), hidden=8,
                           grid=2)
CASES = ('default', 'strong')


def _generator(case: str) -> AttentiveGANGenerator:
    network = AttentiveGANGenerator()
    network.load_state_dict(convert_state_dict(
        'attentive_gan', reference.official_weights('generator', case)))
    return network.eval()


def _discriminator(case: str) -> AttentiveGANDiscriminator:
    """Its layers under the official names, whose order is ours."""
    network = AttentiveGANDiscriminator()
    official = reference.official_weights('discriminator', case)
    ours = network.state_dict()
    assert [value.shape for value in official.values()] == [
        tuple(value.shape) for value in ours.values()]
    network.load_state_dict({
        name: torch.from_numpy(value)
        for name, value in zip(ours, official.values(), strict=True)})
    return network.eval()


def _image(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope='module')
def small() -> AttentiveGANGenerator:
    torch.manual_seed(0)
    return AttentiveGANGenerator(**SMALL)


# ---------------------------------------------------- the official outputs


@pytest.mark.parametrize('case', CASES)
def test_generator_equals_the_official_code(case):
    # The official network takes and gives BGR, the converted one RGB.
    bgr = torch.from_numpy(reference.make_input(1, 3, 96, 128))
    with torch.no_grad():
        output = _generator(case)(bgr.flip(1))
    reference.check_image(case, 'output', output.restored.flip(1))
    reference.check_image(case, 'frame2', output.half.flip(1))
    reference.check_image(case, 'frame1', output.quarter.flip(1))
    for step in range(4):
        reference.check_image(case, f'mask{step + 1}',
                              output.attention[:, step])


def test_the_channels_matter():
    """The comparison above would notice channels that are not turned."""
    bgr = torch.from_numpy(reference.make_input(1, 3, 96, 128))
    with torch.no_grad():
        output = _generator('strong')(bgr)
    for name, value in (('mask4', output.attention[:, 3]),
                        ('output', output.restored.flip(1))):
        with pytest.raises(AssertionError, match=name):
            reference.check_image('strong', name, value)


@pytest.mark.parametrize('case', CASES)
def test_discriminator_equals_the_official_layers(case):
    network = _discriminator(case)
    calls = {}
    for name in ('features', 'reduction'):
        getattr(network, name).register_forward_hook(
            lambda _, inputs, output, name=name: calls.update({name: output}))
    with torch.no_grad():
        any_size = network(torch.from_numpy(
            reference.make_input(1, 3, 48, 64)))
        reference.check(case, 'discriminator_conv6_mean', calls['features'],
                        lambda v: v.astype(np.float64).mean((2, 3)))
        official_size = network(torch.from_numpy(
            reference.make_input(1, 3, 224, 224)))
    reference.check(case, 'discriminator_mask_every3', any_size.attention,
                    lambda v: v[..., ::3, ::3])
    reference.check(case, 'discriminator224_conv8_every3',
                    calls['reduction'], lambda v: v[..., ::3, ::3])
    reference.check(case, 'discriminator224_mask_every12',
                    official_size.attention, lambda v: v[..., ::12, ::12])
    reference.check(case, 'discriminator224_mask_mean',
                    official_size.attention,
                    lambda v: v.astype(np.float64).mean((2, 3)))
    reference.check(case, 'discriminator224_score',
                    torch.sigmoid(official_size.logits))


def test_have_the_official_numbers_of_parameters():
    with torch.device('meta'):
        networks = AttentiveGANGenerator(), AttentiveGANDiscriminator()
    counts = [(sum(p.numel() for p in network.parameters()),
               len(network.state_dict())) for network in networks]
    assert counts == [(6_244_362, 70), (7_737_746, 22)]


# --------------------------------------------------- images of any size


@pytest.mark.parametrize('size', [(4, 4), (8, 24), (36, 20)])
def test_takes_any_multiple_of_four(small, size):
    output = small(_image(2, 3, *size))
    assert output._fields[0] == 'restored'
    h, w = size
    assert [tuple(value.shape) for value in output] == [
        (2, 3, h, w), (2, 3, h // 2, w // 2), (2, 3, h // 4, w // 4),
        (2, 4, 1, h, w)]
    assert all(value.isfinite().all() for value in output)


@pytest.mark.parametrize('shape, message', [
    ((1, 3, 16, 18), '4 divides, but got 16 x 18'),
    ((1, 3, 15, 16), '4 divides, but got 15 x 16'),
    ((1, 4, 16, 16), r'\(n, 3, h, w\), but got \(1, 4, 16, 16\)'),
    ((3, 16, 16), r'\(n, 3, h, w\), but got \(3, 16, 16\)'),
    ((0, 3, 16, 16), r'\(n, 3, h, w\), but got \(0, 3, 16, 16\)'),
])
def test_generator_refuses_other_shapes(small, shape, message):
    with pytest.raises(ValueError, match=message):
        small(torch.zeros(shape))


@pytest.mark.parametrize('size', [(11, 11), (17, 40), (64, 64), (223, 230)])
def test_discriminator_takes_crops_of_any_size(size):
    network = AttentiveGANDiscriminator(**SMALL_DISCRIMINATOR)
    output = network(_image(2, 3, *size))
    assert output.logits.shape == (2, 1)
    assert output.attention.shape == (2, 1, *size)
    assert output.logits.isfinite().all()


@pytest.mark.parametrize('shape', [(1, 3, 10, 64), (1, 1, 64, 64), (3, 64, 64)
                                   ])
def test_discriminator_refuses_other_shapes(shape):
    network = AttentiveGANDiscriminator(**SMALL_DISCRIMINATOR)
    with pytest.raises(ValueError, match='11 pixels or more, but got'):
        network(torch.zeros(shape))


def test_images_of_a_batch_are_independent(small):
    images = _image(3, 3, 20, 24)
    with torch.no_grad():
        together = small(images)
        for index in range(3):
            alone = small(images[index:index + 1])
            for ours, theirs in zip(together, alone, strict=True):
                torch.testing.assert_close(ours[index:index + 1], theirs,
                                           atol=2e-6, rtol=1e-5)


def test_later_steps_refine_the_map(small):
    """Each step differs, and more steps leave the first ones alone."""
    more = AttentiveGANGenerator(**SMALL, attention_steps=6)
    more.load_state_dict(small.state_dict())
    with torch.no_grad():
        four = small(_image(1, 3, 16, 16)).attention
        six = more(_image(1, 3, 16, 16)).attention
    assert six.shape == (1, 6, 1, 16, 16)
    torch.testing.assert_close(six[:, :4], four)
    assert (six[:, 1:] != six[:, :-1]).any((0, 2, 3, 4)).all()


# ----------------------------------------------------------- training


def test_gradients_reach_every_parameter():
    torch.manual_seed(3)
    network = AttentiveGANGenerator(channels=8, attention_channels=8)
    for head in (network.autoencoder.half_head,
                 network.autoencoder.quarter_head):
        head[0].bias.data.fill_(0.5)  # their ReLUs may start closed
    output = network(_image(2, 3, 32, 32))
    sum(value.square().mean() for value in output).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


def test_gradients_of_the_discriminator():
    torch.manual_seed(0)
    network = AttentiveGANDiscriminator(**SMALL_DISCRIMINATOR)
    output = network(_image(2, 3, 40, 40))
    (output.logits.sum() + output.attention.square().mean()).backward()
    assert all(parameter.grad.isfinite().all()
               for parameter in network.parameters())
    assert network.features[0].weight.grad.any()


def test_runs_in_bfloat16(small):
    image = _image(1, 3, 32, 32)
    exact = small(image)
    with torch.autocast('cpu', torch.bfloat16):
        output = small(image)
    for ours, theirs in zip(output, exact, strict=True):
        torch.testing.assert_close(ours.float(), theirs, atol=0.05, rtol=0.05)


def test_state_dict_round_trip(small, tmp_path):
    torch.save(small.state_dict(), tmp_path / 'weights.pth')
    again = AttentiveGANGenerator(**SMALL)
    again.load_state_dict(torch.load(tmp_path / 'weights.pth'))
    with torch.no_grad():
        assert torch.equal(again(_image(1, 3, 16, 20)).restored,
                           small(_image(1, 3, 16, 20)).restored)


# ---------------------------------------------------------- construction


@pytest.mark.parametrize('network, options', [
    (AttentiveGANGenerator, SMALL),
    (AttentiveGANDiscriminator, SMALL_DISCRIMINATOR)])
def test_are_registered(network, options):
    with DefaultScope.overwrite_default_scope('mmagic'):
        built = MODELS.build(dict(type=network.__name__, **options))
    assert isinstance(built, network)


@pytest.mark.parametrize('options, message', [
    (dict(channels=5), 'channels has to be a multiple of 2, but is 5'),
    (dict(attention_channels=0), 'attention_channels has to be 1 or more'),
    (dict(attention_blocks=0), 'attention_blocks has to be 1 or more'),
    (dict(attention_steps=0), 'attention_steps has to be 1 or more'),
])
def test_refuses_sizes_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        AttentiveGANGenerator(**options)


def test_refuses_a_discriminator_of_other_depth():
    with pytest.raises(ValueError, match='8 convolutions, but has 2 entries'):
        AttentiveGANDiscriminator(channels=(8, 8))


def test_a_residual_generator_starts_at_the_image():
    torch.manual_seed(0)
    image = torch.rand(2, 3, 32, 32)
    options = dict(channels=8, attention_channels=4, attention_blocks=1)
    network = AttentiveGANGenerator(residual=True, **options)
    with torch.no_grad():
        far = (network(image).restored - image).abs().mean()
        plain = AttentiveGANGenerator(**options)
        plain.load_state_dict(network.state_dict())
        torch.testing.assert_close(
            network(image).restored, plain(image).restored + image)
    assert 0 < far < 0.1


def test_the_first_weights_let_the_image_through():
    """With PyTorch's default ones 2e-4 is left, most of it of the biases."""
    sizes = []
    for seed in range(5):
        torch.manual_seed(seed)
        network = AttentiveGANGenerator(
            channels=16, attention_channels=8, attention_blocks=2)
        network.autoencoder.context.register_forward_hook(
            lambda module, inputs, output: sizes.append(
                output.var().item()))
        with torch.no_grad():
            network(torch.rand(1, 3, 128, 128))
    assert 1e-3 < np.median(sizes) < 10
