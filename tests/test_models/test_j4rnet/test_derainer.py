"""J4RDerainer: luma in and out, the loss by hand, windows and the state."""

import math

import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.registry import DefaultScope
from torch import nn

from mmderain.color import rgb_to_ycbcr, ycbcr_to_rgb
from mmderain.errors import ConfigError, DataError
from mmderain.models.j4rnet import derainer as j4r_derainer
from mmderain.models.luma import clip_to_luma

TERMS = dict(
    occlusion_loss=dict(type='OcclusionLoss', loss_weight=0.001),
    detail_loss=dict(type='HighPassMSELoss', loss_weight=0.0001),
    streak_loss=dict(type='MSELoss', loss_weight=0.0001))


def build(generator=None, **options):
    torch.manual_seed(0)
    config = dict(
        type='J4RDerainer',
        generator=generator or dict(type='J4RNet', channels=4,
                                    extractor_blocks=1),
        pixel_loss=dict(type='MSELoss', loss_weight=1.0),
        **{'test_cfg': dict(window=3, stride=3), **options})
    with DefaultScope.overwrite_default_scope('mmagic'):
        model = MODELS.build(config)
    # as after training: nothing is zero, and outputs are not far from inputs
    for parameter in model.generator.parameters():
        fan_in = max(1, parameter[0].numel())
        nn.init.normal_(parameter, std=0.7 / fan_in**0.5 if fan_in > 1
                        else 0.02)
    return model.eval()


def to_luma(clip):
    return clip_to_luma(clip, 'matlab')


def levels(t, h=12, w=10, seed=1):
    return torch.randint(0, 256, (t, 3, h, w), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(seed))


def pair(n=2, t=3):
    """A rainy batch and its truths, in [0, 1]."""
    clean = torch.stack([levels(t, seed=seed) for seed in range(n)])
    rainy = torch.stack([levels(t, seed=seed + 9) for seed in range(n)])
    maps = torch.rand(2, n, t, 1, 12, 10,
                      generator=torch.Generator().manual_seed(3))
    sample = DataSample(gt_img=clean / 255)
    sample.set_tensor_data(dict(streak_map=maps[0],
                                occlusion_mask=(maps[1] > 0.8).float()))
    return rainy / 255, sample


# ------------------------------------------------------------- the loss


def test_the_four_terms_by_hand():
    model = build(**TERMS)
    inputs, sample = pair()
    output = model.generator(to_luma(inputs))
    losses = model.forward_train(inputs, sample)
    clean = to_luma(sample.gt_img)
    assert losses['loss_joint'].item() == pytest.approx(
        (output.restored - clean).square().mean().item(), rel=1e-5)
    # softmax cross-entropy, pixel by pixel
    classes = sample.occlusion_mask[:, :, 0].long()
    probabilities = output.occlusion_logits.softmax(2)
    true = torch.where(classes == 1, probabilities[:, :, 1],
                       probabilities[:, :, 0])
    assert losses['loss_detect'].item() == pytest.approx(
        -0.001 * true.log().mean().item(), rel=1e-5)
    # the streak layer was added to RGB; luma has 219 of 255 levels of it
    streaks = sample.streak_map * 219 / 255
    assert losses['loss_removal'].item() == pytest.approx(
        0.0001 * (output.streaks - streaks).square().mean().item(), rel=1e-5)
    assert set(losses) == {'loss_joint', 'loss_detect', 'loss_rect',
                           'loss_removal'}
    sum(losses.values()).backward()
    for name, parameter in model.generator.named_parameters():
        assert parameter.grad.isfinite().all(), name


def test_the_loss_of_the_detail_compares_high_frequencies():
    model = build(**TERMS)
    detail, clean = torch.rand(2, 2, 3, 1, 16, 14)
    radius = np.arange(-3, 4)
    line = np.exp(-radius**2 / (2 * 1.5**2))
    kernel = np.outer(line, line) / np.outer(line, line).sum()
    total = 0
    for plane in (detail - clean).double().flatten(0, 2).numpy():
        padded = np.pad(plane, 3, mode='edge')
        blurred = np.zeros_like(plane)
        for y in range(7):
            for x in range(7):
                blurred += kernel[y, x] * padded[y:y + 16, x:x + 14]
        total += np.square(plane - blurred).mean() / 6
    assert model.detail_loss(detail, clean).item() == pytest.approx(
        0.0001 * total, rel=1e-4)
    # a constant has no high frequencies
    assert model.detail_loss(clean + 0.4, clean).item() < 1e-10


def test_truths_can_be_derived_from_the_pair():
    model = build(**TERMS, streak_truth='pair', occlusion_truth='pair',
                  occlusion_threshold=0.3)
    inputs, sample = pair()
    rainy, clean = to_luma(inputs), to_luma(sample.gt_img)
    sample = DataSample(gt_img=sample.gt_img)
    output = model.generator(rainy)
    losses = model.forward_train(inputs, sample)
    streaks = (rainy - clean).clamp(min=0)
    assert losses['loss_removal'].item() == pytest.approx(
        0.0001 * (output.streaks - streaks).square().mean().item(), rel=1e-5)
    occluded = ((rainy - clean).abs() > 0.3).float()
    assert 0.05 < occluded.mean() < 0.95
    expected = model.occlusion_loss(output.occlusion_logits, occluded)
    assert losses['loss_detect'].item() == expected.item()


def test_terms_are_left_out_by_the_config_and_the_log_says_so(monkeypatch):
    said = []
    monkeypatch.setattr(j4r_derainer, 'print_log',
                        lambda text, logger: said.append(text))
    model = build(streak_loss=TERMS['streak_loss'])
    assert set(model.forward_train(*pair())) == {'loss_joint',
                                                 'loss_removal'}
    build(**TERMS)
    assert len(said) == 1
    assert 'without occlusion_loss, detail_loss; these' in said[0]


def test_a_missing_truth_is_named():
    inputs, sample = pair()
    sample = DataSample(gt_img=sample.gt_img)
    for name, term in (('streak_map', 'streak'),
                       ('occlusion_mask', 'occlusion')):
        model = build(**{f'{term}_loss': TERMS[f'{term}_loss']})
        with pytest.raises(DataError, match=f'no {name}.*{term}_truth'):
            model.forward_train(inputs, sample)


@pytest.mark.parametrize(('generator', 'term'), [
    (dict(type='J4RNet', channels=4, recurrent=False), 'occlusion_loss'),
    (dict(type='J4RNet', channels=4, recurrent=False), 'detail_loss'),
    (dict(type='J4RReleasedBRCNNet'), 'streak_loss')])
def test_a_term_that_the_network_knows_nothing_of_is_refused(generator, term):
    model = build(generator, **{term: TERMS[term]})
    with pytest.raises(ConfigError, match=f'set model.{term}=None'):
        model.forward_train(*pair())


@pytest.mark.parametrize(('options', 'message'), [
    (dict(streak_truth='derived'), "streak_truth .* but is 'derived'"),
    (dict(occlusion_truth='map'), "occlusion_truth .* but is 'map'"),
    (dict(test_cfg=dict(running=True, tile=(64, 64))), 'tile=None'),
    (dict(test_cfg=dict(running=True, window_batch=2)), 'window_batch=1')])
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        build(**options)


# ----------------------------------------------------------- luma and back


def test_luma_is_matlabs():
    clip = torch.tensor([[0, 0, 0], [255, 255, 255], [255, 0, 0]],
                        dtype=torch.float32).view(1, 3, 3, 1, 1) / 255
    got = to_luma(clip).flatten() * 255
    assert got.round().tolist() == [16, 235, 81]
    assert torch.equal(got, got.round())


class Shift(nn.Module):
    """Adds to the luma, in levels of 8 bits."""

    context = (0, 0)
    margin = 0

    def __init__(self, amount):
        super().__init__()
        self.amount = nn.Parameter(torch.tensor(amount / 255))

    def forward(self, clip):
        from mmderain.models.j4rnet.network import J4RNetOutput
        return J4RNetOutput(clip + self.amount, None, None, None, None)


@pytest.mark.parametrize('amount', [0., 3.4, 3.6, -300.])
def test_chroma_stays_and_luma_is_rounded_as_matlab_does(amount):
    model = build()
    model.generator = Shift(amount)
    clip = levels(3)
    planes = rgb_to_ycbcr(clip, 'matlab')
    level = math.floor(abs(amount) + 0.5) * (1 if amount > 0 else -1)
    planes[:, 0] = (planes[:, 0].int() + level).clamp(0, 255).byte()
    assert torch.equal(model.restore_clip(clip),
                       ycbcr_to_rgb(planes, 'matlab'))


def test_the_official_frame_in_rgb(shared, tmp_path):
    """The official test's RGB frame, through the derainer's own tiles."""
    from mmderain.checkpoints import load_network
    from mmderain.checkpoints.conversion import convert_file
    convert_file('j4rnet_released_brcn', shared / 'data' / 'weights'
                 / 'rain_removal_BRCN_type_iter_90000.caffemodel',
                 tmp_path / 'brcn.pth')
    model = build(dict(type='J4RReleasedBRCNNet'), test_cfg=dict(
        window=5, stride=3, tile=(32, 32), tile_overlap=16, margin=16))
    model.generator = load_network(str(tmp_path / 'brcn.pth'))
    with np.load(shared / 'reference/j4rnet/golden_brcn_frame.npz') as data:
        # (t, h, w, 3) -> (t, 3, h, w); the centre and its neighbours
        clip = torch.from_numpy(data['rgb_in'][3:6].transpose(0, 3, 1, 2))
        with torch.no_grad():
            got = list(model.restored_frames(clip))[1]
        expected = data['rgb_out'].transpose(2, 0, 1)
    levels_out = (got * 255).round().byte().numpy()
    assert (levels_out != expected).mean() <= 1e-3
    assert np.abs(levels_out.astype(int) - expected).max() <= 2


# ------------------------------------------------------ windows and state


@pytest.mark.parametrize('name', ['J4RReleasedBRCNNet', 'J4RReleasedGRUNet'])
@pytest.mark.parametrize('length', [1, 2, 5, 12])
def test_windows_and_a_running_pass_give_the_whole_clip(name, length):
    """What the released networks look at fits into the margins of windows."""
    clip = levels(length)
    with torch.no_grad():
        results = []
        for test_cfg in (dict(window=length + 2), dict(window=6, stride=4),
                         dict(running=True)):
            model = build(dict(type=name), test_cfg=dict(test_cfg, margin=2))
            results.append(model.restore_clip(clip).int())
    assert results[0].shape == (length, 3, 12, 10)
    assert (results[0] - clip.int()).abs().float().mean() < 60
    for result in results[1:]:
        # the last bits of floats may round to another level
        assert (result != results[0]).float().mean() < 0.01
        assert (result - results[0]).abs().max() <= 2


def test_the_state_runs_on_as_an_option():
    clip, results = levels(7), []
    for test_cfg in (dict(window=7, stride=7), dict(running=True),
                     dict(window=4, stride=3)):
        model = build(test_cfg=test_cfg)
        with torch.no_grad():
            # or the state would show in few levels
            model.generator.join.weight *= 10
            results.append(model.restore_clip(clip))
    whole, running, windows = results
    assert (running.int() - whole.int()).abs().max() <= 2
    assert torch.equal(windows[:3], whole[:3])
    assert (windows[4:].int() - whole[4:].int()).abs().max() > 2


def test_a_margin_changes_the_border_alone():
    clip = levels(2, 40, 44)
    with torch.no_grad():
        bare, extended = (
            build(test_cfg=dict(window=2, margin=margin)).restore_clip(clip)
            for margin in (0, 16))
        running = build(test_cfg=dict(running=True, margin=16)
                        ).restore_clip(clip)
    assert torch.equal(bare[..., 20:-20, 20:-20],
                       extended[..., 20:-20, 20:-20])
    assert not torch.equal(bare, extended)
    assert (running.int() - extended.int()).abs().max() <= 2
