"""AlignedMedianDerainer: colour, alignment, passes."""

import numpy as np
import pytest
import torch
from mmagic.structures import DataSample

from mmderain.errors import ConfigError
from mmderain.methods import METHODS
from mmderain.models import AlignedMedianDerainer, AlignedMedianNet
from mmderain.models.aligned_median.alignment import align_neighbours
from mmderain.models.losses import LogMSELoss
from mmderain.models.luma import join_luma, split_luma
from tests.test_models.test_aligned_median.test_alignment import pan

SMALL = dict(width=8, bottleneck=8, growth=4, dilations=(1, 2), tail=8)


def make(channels=1, blend=None, **test_cfg):
    """A derainer; with ``blend``, of a network that does nothing else."""
    torch.manual_seed(0)
    network = AlignedMedianNet(channels=channels, **SMALL)
    if blend is not None:
        with torch.no_grad():
            network.last.weight.zero_()
            network.last.bias.view(channels + 1, 4)[-1] = blend
    return AlignedMedianDerainer.for_inference(
        network, {**METHODS['aligned_median'].test_cfg, **test_cfg})


def to_clip(window):
    return torch.from_numpy(window).permute(0, 3, 1, 2)


def rainy_pan(frames=7, size=(64, 96)):
    """Coloured streaks over a picture that moves."""
    window = pan(size=size, frames=frames)
    rng = np.random.default_rng(0)
    for frame in window:
        columns = rng.integers(0, size[1], 4)
        frame[:, columns] = np.clip(
            frame[:, columns].astype(int) + (90, 60, 20), 0, 255)
    return window


def test_luma_comes_apart_and_together():
    clip = torch.rand(2, 3, 3, 8, 8, dtype=torch.float64)
    luma, differences = split_luma(clip)
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64)
    torch.testing.assert_close(
        luma[:, :, 0], torch.einsum('c,ntchw->nthw', weights, clip))
    torch.testing.assert_close(join_luma(luma, differences), clip)
    # a change of luma is one of R, G and B
    torch.testing.assert_close(join_luma(luma + 0.1, differences),
                               clip + 0.1)


def test_a_network_that_keeps_the_centre_keeps_the_clip():
    clip = to_clip(rainy_pan())
    for options in (dict(), dict(channels=3), dict(chroma='rainy'),
                    dict(passes=2)):
        derainer = make(blend=-30, **options)
        assert torch.equal(derainer.restore_clip(clip), clip)


def test_a_network_that_takes_the_median_removes_streaks():
    clean, rainy = pan(size=(64, 96), frames=7), rainy_pan()

    def error(restored):
        # away from borders and from the ends, which have fewer neighbours
        inner = (slice(2, -2), slice(8, -8), slice(12, -12))
        after = restored.permute(0, 2, 3, 1).numpy()[inner]
        return np.abs(after.astype(int) - clean[inner]).mean()

    before = error(to_clip(rainy))
    grey = error(make(blend=30, chroma='rainy').restore_clip(
        to_clip(rainy)))
    colours = error(make(blend=30).restore_clip(to_clip(rainy)))
    rgb = error(make(blend=30, channels=3).restore_clip(to_clip(rainy)))
    # luma alone leaves the colour of the streaks
    assert grey < 0.6 * before
    assert max(colours, rgb) < 0.5 * grey


def test_what_the_network_gets(monkeypatch):
    derainer = make()
    window = rainy_pan(frames=5)
    seen = []
    derainer.generator.register_forward_pre_hook(
        lambda module, inputs: seen.extend(inputs))
    prepared = derainer.prepare_window(to_clip(window))
    assert prepared.dtype == torch.uint8
    derainer.restore_window(prepared[None].float() / 255)
    frames, aligned = (item[0, :, 0].detach() for item in seen)
    expected = split_luma(to_clip(window).float() / 255)[0][:, 0]
    torch.testing.assert_close(frames, expected)
    moved = split_luma(to_clip(align_neighbours(window)).float() / 255)[0]
    torch.testing.assert_close(aligned[[0, 1, 3, 4]], moved[:, 0])
    torch.testing.assert_close(aligned[2], expected[2])


def test_training_sees_what_testing_sees():
    derainer = AlignedMedianDerainer(
        generator=dict(type='AlignedMedianNet', **SMALL),
        pixel_loss=dict(type='LogMSELoss'), test_cfg=dict(padding='reflect'))
    window, target = rainy_pan(frames=5), pan(size=(64, 96), frames=5)[2]
    prepared = derainer.prepare_window(to_clip(window))[None].float() / 255
    truth = to_clip(target[None])[None].float() / 255
    loss = derainer.forward_train(
        prepared, DataSample(gt_img=truth))['loss_pix']
    restored = derainer.restore_window(prepared)[:, 0]
    # luma of the result is the network's
    error = (split_luma(restored)[0] - split_luma(truth[:, 0])[0]).square()
    assert loss.item() == pytest.approx(
        np.log10(error.mean().item() + 3e-5), abs=1e-5)


def test_the_loss_is_a_mean_over_samples():
    target = torch.zeros(2, 1, 4, 4)
    pred = torch.stack([torch.full((1, 4, 4), 0.1),
                        torch.full((1, 4, 4), 0.01)])
    expected = (np.log10(0.01 + 3e-5) + np.log10(1e-4 + 3e-5)) / 2
    assert LogMSELoss()(pred, target).item() == pytest.approx(expected)
    assert LogMSELoss(loss_weight=2)(pred, target).item() == pytest.approx(
        2 * expected)


def test_two_passes_align_on_the_first_result(monkeypatch):
    clip = to_clip(rainy_pan())
    first = make().restore_clip(clip)
    guides = []
    from mmderain.models.aligned_median import alignment as module

    def spy(window, guide=None, **options):
        if guide is not None:
            guides.append(guide)
        return align_neighbours(window, guide, **options)

    monkeypatch.setattr(module, 'align_neighbours', spy)
    second = make(passes=2).restore_clip(clip)
    assert second.shape == clip.shape and len(guides) == len(clip)
    assert not torch.equal(second, first)
    # in threads they may come in another order: the middle one is the frame
    centres = {guide[2].tobytes() for guide in guides}
    assert centres == {frame.permute(1, 2, 0).numpy().tobytes()
                       for frame in first}


def test_composed_flows_are_a_setting():
    clip = to_clip(rainy_pan())
    direct, composed = (make(alignment=name).restore_clip(clip).float()
                        for name in ('direct', 'composed'))
    assert torch.equal(make().restore_clip(clip).float(), direct)
    assert not torch.equal(composed, direct)
    assert (composed - direct).abs().mean() < 1
    with pytest.raises(ConfigError, match='alignment has to be one of'):
        make(alignment='none')


def test_a_stream_restarts_as_if_unbroken():
    clip = to_clip(rainy_pan(frames=30))
    for settings in (dict(passes=1), dict(passes=2),
                     dict(alignment='composed')):
        derainer = make(**settings)
        whole = derainer.restore_clip(clip)
        entry = derainer.restart_frame(27)
        assert 0 < entry < 27
        rest = derainer.restore_clip(clip[entry:])
        assert torch.equal(rest[27 - entry:], whole[27:])


def test_the_ends_of_a_clip_are_mirrored():
    """The first frame's median has two other frames, not its own rain."""
    clean, rainy = pan(frames=7, step=0), pan(frames=7, step=0)
    rainy[0, :, 40:42] = 255

    def error(**options):
        restored = make(blend=30, chroma='blend', **options).restore_clip(
            to_clip(rainy))[0].permute(1, 2, 0).numpy()
        return np.abs(restored.astype(int) - clean[0]).max()

    # but for what flow misses
    assert error() < 20
    assert error(padding='replicate') > 150


@pytest.mark.parametrize('size', [(37, 51), (9, 11)])
def test_odd_sizes_and_short_clips(size):
    clip = to_clip(rainy_pan(frames=2, size=size))
    assert make().restore_clip(clip).shape == clip.shape


def test_the_map_is_the_part_of_the_median():
    derainer = make(blend=-1)
    clip = to_clip(rainy_pan(frames=3))
    frame = next(derainer.stream(clip, with_maps=True))
    assert frame.shape[0] == 3 + len(derainer.map_names) == 4
    assert (frame[3] == round(255 / (1 + np.exp(4)))).all()


def test_settings_that_cannot_be():
    with pytest.raises(ConfigError, match='chroma has to be one of'):
        make(chroma='none')
    with pytest.raises(ConfigError, match='passes has to be one of'):
        make(passes=3)
    with pytest.raises(ConfigError, match='passes=2 needs'):
        make(passes=2, padding=None)
