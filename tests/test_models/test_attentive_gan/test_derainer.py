"""Attentive GAN's losses, its two steps, and images of any size."""

import math

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.config import Config
from mmengine.optim import OptimWrapper, OptimWrapperDict

from mmderain import config_path
from mmderain.errors import ConfigError, DivergedError
from mmderain.models import VGG16FeatureLoss

SMALL = dict(channels=8, attention_channels=8, attention_blocks=1)
SMALL_DISCRIMINATOR = dict(channels=(4, 4, 8, 8, 8, 8, 8, 8), hidden=8, grid=2)


def build(**changes):
    cfg = Config.fromfile(
        config_path('AttentiveGAN/AttentiveGAN_no_perceptual.py')).model
    cfg.generator.update(SMALL)
    cfg.discriminator.update(SMALL_DISCRIMINATOR)
    cfg.update(changes)
    torch.manual_seed(0)
    return MODELS.build(cfg)


@pytest.fixture
def model():
    return build()


@pytest.fixture
def one_thread():
    """Threads that wait for each other cost tiny networks most of the time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def batch(n=2, size=(24, 32), seed=0):
    """Smooth dark images with a bright drop, as the data loader's."""
    rng = np.random.default_rng(seed)
    inputs, samples = [], []
    for _ in range(n):
        clean = cv2.resize(rng.integers(0, 160, (4, 4, 3), np.uint8),
                           size[::-1], interpolation=cv2.INTER_CUBIC)
        mask = np.zeros((*size, 1), np.uint8)
        y, x = rng.integers(0, 12, 2)
        mask[y:y + 8, x:x + 8] = 255
        rainy = np.where(mask, 255 - clean[::-1, ::-1] // 4, clean)
        clip = {name: torch.from_numpy(image.transpose(2, 0, 1).copy())[None]
                for name, image in dict(
                    rainy=rainy, clean=clean, mask=mask).items()}
        sample = DataSample(metainfo=dict(key='0'))
        sample.set_tensor_data(dict(gt_img=clip['clean'],
                                    drop_mask=clip['mask']))
        inputs.append(clip['rainy'])
        samples.append(sample)
    return dict(inputs=inputs, data_samples=samples)


def optimisers(model, generator=0.1, discriminator=0.1):
    return OptimWrapperDict(**{
        name: OptimWrapper(torch.optim.SGD(getattr(model, name).parameters(),
                                           lr=rate))
        for name, rate in dict(generator=generator,
                               discriminator=discriminator).items()})


def prepared(model):
    """Rainy, clean and mask as the losses get them."""
    data = model.data_preprocessor(batch(), training=True)
    sample = data['data_samples']
    return (value.flatten(0, 1) for value in (
        data['inputs'], sample.gt_img, sample.drop_mask))


# ------------------------------------------------------------- the losses


def test_losses_of_the_generator_are_the_formulas(model):
    rainy, clean, mask = prepared(model)
    with torch.no_grad():
        output = model.generator(rainy)
        losses = model.generator_losses(output, clean, mask)

    def mse(a, b):
        return ((a - b)**2).mean().item()

    def smaller(image, by):
        n, c, h, w = image.shape
        return image.view(n, c, h // by, by, w // by, by).mean((3, 5))

    score = torch.sigmoid(model.discriminator(output.restored).logits)
    expected = dict(
        loss_attention=sum(
            weight * mse(output.attention[:, step], mask)
            for step, weight in enumerate((0.512, 0.64, 0.8, 1.0))),
        loss_quarter=0.6 * mse(output.quarter, smaller(clean, 4)),
        loss_half=0.8 * mse(output.half, smaller(clean, 2)),
        loss_pix=mse(output.restored, clean),
        loss_gan=0.01 * -score.log().mean().item())
    assert list(losses) == list(expected)
    for name, value in expected.items():
        assert losses[name].item() == pytest.approx(value, rel=1e-5), name
    assert mask.unique().tolist() == [0, 1] and clean.max() <= 1


def test_losses_of_the_discriminator_are_the_formulas(model):
    rainy, clean, mask = prepared(model)
    with torch.no_grad():
        output = model.generator(rainy)
        attention = output.attention[:, -1]
        losses = model.discriminator_losses(output.restored, clean, attention)
        fake = model.discriminator(output.restored)
        real = model.discriminator(clean)
    expected = dict(
        loss_d_real=-torch.sigmoid(real.logits).log().mean(),
        loss_d_fake=-(1 - torch.sigmoid(fake.logits)).log().mean(),
        loss_d_map=0.05 * (((fake.attention - attention)**2).mean()
                           + (real.attention**2).mean()))
    assert list(losses) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value, rtol=1e-5, atol=1e-7)


def test_a_sure_discriminator_keeps_the_losses_finite(model):
    rainy, clean, mask = prepared(model)
    output = model.generator(rainy)
    for sure in (1e4, -1e4):
        model.discriminator.classifier[1].bias.data.fill_(sure)
        losses = {**model.generator_losses(output, clean, mask),
                  **model.discriminator_losses(
                      output.restored.detach(), clean, mask)}
        assert all(loss.isfinite() for loss in losses.values())
    # and it can still be corrected
    assert losses['loss_d_real'].item() == pytest.approx(1e4, rel=0.01)
    losses['loss_gan'].backward()
    assert all(parameter.grad.isfinite().all()
               for parameter in model.generator.parameters()
               if parameter.grad is not None)


def test_the_perceptual_loss_is_a_term_where_it_is_wanted(
        model, tmp_path, monkeypatch):
    seen = []

    def compare(self, pred, target):
        seen.append((pred, target))
        return F.mse_loss(pred, target)

    monkeypatch.setattr(VGG16FeatureLoss, 'forward', compare)
    with_term = build(perceptual_loss=dict(type='VGG16FeatureLoss'))
    rainy, clean, mask = prepared(with_term)
    output = with_term.generator(rainy)
    losses = with_term.generator_losses(output, clean, mask)
    assert torch.equal(losses['loss_perceptual'], losses['loss_pix'])
    assert seen[0][0] is output.restored and seen[0][1] is clean
    assert 'loss_perceptual' not in model.generator_losses(output, clean, mask)


# ------------------------------------------------------------ the two steps


def copy(network):
    return {name: value.clone() for name, value in
            network.state_dict().items()}


def differs(network, before):
    return any(not torch.equal(value, before[name])
               for name, value in network.state_dict().items())


@pytest.mark.parametrize('trained', ['generator', 'discriminator'])
def test_each_optimiser_moves_its_own_network(model, trained):
    still = {'generator', 'discriminator'} - {trained}
    before = {name: copy(getattr(model, name)) for name in (trained, *still)}
    log = model.train_step(batch(), optimisers(
        model, **dict.fromkeys(still, 0.0)))
    assert set(log) == {
        'loss_attention', 'loss_quarter', 'loss_half', 'loss_pix', 'loss_gan',
        'loss_d_real', 'loss_d_fake', 'loss_d_map'}
    assert differs(getattr(model, trained), before[trained])
    for name in still:
        assert not differs(getattr(model, name), before[name])


def test_the_generator_step_leaves_no_gradient_in_the_discriminator(model):
    """Its step is that of its own losses alone."""
    rainy, clean, _ = prepared(model)
    before = copy(model.discriminator)
    model.train_step(batch(), optimisers(model, generator=0.0))
    moved = copy(model.discriminator)
    model.discriminator.load_state_dict(before)
    with torch.no_grad():
        output = model.generator(rainy)
    sum(model.discriminator_losses(
        output.restored, clean, output.attention[:, -1]).values()).backward()
    for name, parameter in model.discriminator.named_parameters():
        torch.testing.assert_close(
            before[name] - 0.1 * parameter.grad, moved[name])


def test_a_loss_that_is_not_finite_stops_training(model):
    weights = copy(model.generator)
    data = batch()
    model.discriminator.classifier[1].bias.data.fill_(math.nan)
    with pytest.raises(DivergedError, match='loss_gan is no longer finite'):
        model.train_step(data, optimisers(model))
    # nothing is ruined
    assert not differs(model.generator, weights)


def test_stable_from_scratch_over_hundreds_of_iterations(one_thread):
    """The config's optimisers and limits, on tiny networks."""
    model = build()
    cfg = Config.fromfile(config_path('AttentiveGAN/AttentiveGAN_small.py'))
    wrappers = OptimWrapperDict(**{
        name: OptimWrapper(
            torch.optim.Adam(
                getattr(model, name).parameters(),
                lr=cfg.optim_wrapper[name].optimizer.lr,
                betas=cfg.optim_wrapper[name].optimizer.betas),
            clip_grad=dict(cfg.optim_wrapper[name].clip_grad))
        for name in ('generator', 'discriminator')})
    history = [
        {name: value.item() for name, value in
         model.train_step(batch(seed=seed), wrappers).items()}
        for seed in range(200)]
    assert np.isfinite([list(log.values()) for log in history]).all()
    assert all(value.isfinite().all() for value in
               model.state_dict().values())

    def mean(name, logs):
        return np.mean([log[name] for log in logs])

    for name in ('loss_attention', 'loss_half', 'loss_pix'):
        assert mean(name, history[-20:]) < 0.5 * mean(name, history[:5]), name
    # neither network has won for good
    assert 0.05 < mean('loss_d_fake', history[-20:]) < 3


@pytest.mark.parametrize('names', [(), ('generator', ),
                                   ('generator', 'network')])
def test_two_optimisers_are_needed(model, names):
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    given = OptimWrapperDict(**dict.fromkeys(names, wrapper)) if names \
        else wrapper
    with pytest.raises(ConfigError, match='MultiOptimWrapperConstructor'):
        model.train_step(batch(), given)


def test_the_usual_wrapper_is_refused(model):
    data = model.data_preprocessor(batch(), training=True)
    with pytest.raises(ConfigError, match='mmagic.SeparateDistributed'):
        model(**data, mode='loss')


def test_runs_in_bfloat16(model):
    from mmderain.engine import CPUAmpOptimWrapper
    wrappers = OptimWrapperDict(**{
        name: CPUAmpOptimWrapper(optimizer=torch.optim.SGD(
            getattr(model, name).parameters(), lr=0.1))
        for name in ('generator', 'discriminator')})
    before = copy(model.generator)
    log = model.train_step(batch(), wrappers)
    assert all(value.isfinite() for value in log.values())
    assert differs(model.generator, before)


# --------------------------------------------------------- images and clips


@pytest.mark.parametrize(('frames', 'size'), [
    (1, (24, 32)), (1, (21, 30)), (3, (9, 13))])
def test_images_and_video_of_any_size(model, frames, size):
    """A video is restored frame by frame."""
    clip = torch.randint(0, 256, (frames, 3, *size), dtype=torch.uint8)
    model.eval()
    with torch.no_grad():
        restored = model.restore_clip(clip)
        alone = model.restore_clip(clip[-1:])
    assert restored.shape == clip.shape and restored.dtype == torch.uint8
    assert torch.equal(restored[-1:], alone)


def test_tiles_give_the_same_for_a_network_of_small_reach(model):
    clip = batch(n=1, size=(40, 48))['inputs'][0]
    # what reaches beyond the overlap: the dilated middle, and where the drops
    # are looked for four times
    autoencoder = model.generator.autoencoder
    for part in (autoencoder.context, autoencoder.decode_quarter):
        for parameter in part.parameters():
            parameter.data.zero_()
    autoencoder.decode_quarter[-2].bias.data.fill_(0.3)
    autoencoder.encode_full[0].weight.data[:, 3].zero_()
    with torch.no_grad():
        whole = model.restore_clip(clip)
        model.test_cfg.update(tile=(32, 32), tile_overlap=24)
        tiled = model.restore_clip(clip)
    assert (whole.int() - tiled.int()).abs().max() <= 1


VALUES = [-30.7, -1.2, -0.9, -0.4, 254.9, 255.9, 256.5, 300.2, 511.9]


@pytest.mark.parametrize('official, expected', [
    (False, [0, 0, 0, 0, 255, 255, 255, 255, 255]),
    # recorded from the official script's cast
    (True, [226, 255, 0, 0, 254, 255, 0, 44, 255])])
def test_the_cast_to_bytes(official, expected):
    model = build(test_cfg=dict(window=1, official_cast=official))
    model.restore_window = lambda clip: (
        torch.tensor(VALUES) / 255).expand(1, 1, 3, 4, -1)
    clip = torch.zeros(1, 3, 4, len(VALUES), dtype=torch.uint8)
    assert model.restore_clip(clip)[0, 2, 1].tolist() == expected


def test_unknown_test_options_are_named():
    with pytest.raises(ConfigError, match=r"\['cast'\].*official_cast"):
        build(test_cfg=dict(cast='official'))


def test_real_photos(shared, model):
    """Sizes alone; there are no official weights to compare with."""
    photos = sorted(
        (shared / 'data' / 'real_rain' / 'raindrop').glob('*_input.jpg'))
    assert len(photos) == 3
    model.eval()
    for path in photos:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        clip = torch.from_numpy(image).permute(2, 0, 1)[None]
        with torch.no_grad():
            assert model.restore_clip(clip).shape == clip.shape
