"""EEVRSR's losses, colours and windows; the official test on real frames."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from PIL import Image

from mmderain.checkpoints import convert_file, load_network
from mmderain.color import rgb_to_luma, rgb_to_ycbcr
from mmderain.errors import ConfigError, DataError
from mmderain.models.luma import clip_to_luma
from tests.helpers import eevrsr_reference as reference


def build(motion_compensation=True, **options):
    config = dict(
        type='EEVRSRDerainer',
        generator=dict(type='EEVRSRNet',
                       motion_compensation=motion_compensation),
        pixel_loss=dict(type='MSELoss'))
    torch.manual_seed(0)
    return MODELS.build({**config, **options}).eval()


def clip(count=5, size=(16, 20)) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(0, 256, (count, 3, *size), generator=generator,
                         dtype=torch.uint8)


def sample(levels: torch.Tensor) -> DataSample:
    paths = [f'{index}.png' for index in range(len(levels))]
    return DataSample(gt_img=levels, metainfo=dict(key='a', img_path=paths))


def pillow_luma(frame: torch.Tensor) -> np.ndarray:
    image = Image.fromarray(frame.permute(1, 2, 0).numpy())
    return np.asarray(image.convert('YCbCr'))[..., 0] / 255


def test_the_losses_are_the_formulas():
    motion = dict(type='MSELoss', loss_weight=0.5)
    model = build(motion_loss=motion, motion_l2=0.05)
    rainy, clean = clip(5), clip(5).flip(0)
    data = model.data_preprocessor(
        dict(inputs=[rainy], data_samples=[sample(clean)]), training=True)
    losses = model(**data, mode='loss')
    planes = torch.tensor(np.stack([pillow_luma(frame) for frame in rainy]))
    target = torch.tensor(pillow_luma(clean[2]))
    with torch.no_grad():
        output = model.generator(planes.float()[None, :, None])
    weights = [value for name, value in model.generator.named_parameters()
               if name.startswith('motion') and value.ndim == 4]
    assert len(weights) == 15
    expected = dict(
        loss_pix=((output.restored - target)**2).mean(),
        loss_motion=0.5 * ((output.warped - target)**2).mean(),
        loss_l2=0.05 * sum((value**2).sum() / 2 for value in weights))
    assert list(losses) == list(expected)
    for name, value in expected.items():
        assert losses[name].item() == pytest.approx(value.item(), rel=1e-5)


def test_l2_is_the_recorded_one():
    recorded = reference.recorded('random')
    model = build(motion_loss=dict(type='MSELoss'), motion_l2=0.05)
    model.generator = reference.make_network('all', torch.float32)
    data = model.data_preprocessor(
        dict(inputs=[clip()], data_samples=[sample(clip())]), training=True)
    assert model(**data, mode='loss')['loss_l2'].item() == pytest.approx(
        float(recorded['all/reg_loss_f64']), rel=1e-5)


def test_motion_can_be_trained_alone():
    model = build(pixel_loss=None, motion_loss=dict(type='MSELoss'))
    data = model.data_preprocessor(
        dict(inputs=[clip()], data_samples=[sample(clip())]), training=True)
    losses = model(**data, mode='loss')
    assert list(losses) == ['loss_motion']
    losses['loss_motion'].backward()
    gradients = {name.split('.')[1] for name, value
                 in model.named_parameters() if value.grad is not None}
    assert gradients == {'motion'}


@pytest.mark.parametrize('options', [
    dict(pixel_loss=None),
    dict(motion_compensation=False, motion_loss=dict(type='MSELoss')),
    dict(motion_compensation=False, motion_l2=0.1),
    dict(test_cfg=dict(frames=5))])
def test_what_cannot_be_trained_is_refused(options):
    with pytest.raises(ConfigError):
        build(**options)


def test_every_frame_comes_out_with_its_own_chroma():
    model = build()
    frames = clip(7, (18, 21))
    result, = model([frames], [sample(frames)], mode='predict')
    restored = result.output.pred_img
    assert restored.shape == frames.shape and restored.dtype == torch.uint8
    # black and white frames stay so, whatever the network does
    grey = frames[:, :1].expand(-1, 3, -1, -1)
    result, = model([grey], [sample(grey)], mode='predict')
    restored = result.output.pred_img
    assert torch.equal(restored[:, 0], restored[:, 2])


def test_the_network_sees_the_ends_continued():
    model, seen = build(), []

    def see(planes):
        seen.append((planes[0, :, 0, 0, 0] * 255).round().int().tolist())
        return torch.zeros_like(planes[:, 0])

    model.restore_luma = lambda window: see(clip_to_luma(window, 'pil'))
    frames = torch.arange(0, 70, 10, dtype=torch.uint8)[:, None, None, None]
    frames = frames.expand(-1, 3, 8, 8)
    model.restore_clip(frames)
    assert seen[0] == [0, 0, 0, 10, 20] and seen[-1] == [40, 50, 60, 60, 60]
    seen.clear()
    model.test_cfg['padding'] = 'reflect'
    model.restore_clip(frames)
    assert seen[0] == [20, 10, 0, 10, 20] and seen[-1] == [40, 50, 60, 50, 40]


def test_the_official_ends_have_no_output():
    model = build(test_cfg=dict(padding=None))
    frames = clip(7)
    result, = model([frames], [sample(frames)], mode='predict')
    assert len(result.output.pred_img) == 3
    assert torch.equal(result.gt_img, frames[2:5])
    assert torch.equal(result.input, frames[2:5])
    assert result.metainfo['img_path'] == ['2.png', '3.png', '4.png']
    full = build().restore_clip(frames)
    assert torch.equal(result.output.pred_img, full[2:5])
    with pytest.raises(DataError, match='4 frames'):
        model([clip(4)], [sample(clip(4))], mode='predict')


def official_frames(folder: Path) -> torch.Tensor:
    paths = sorted(folder.glob('*.jpg'))
    frames = [np.asarray(Image.open(path)) for path in paths]
    return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)


@pytest.mark.parametrize('variant', reference.VARIANTS)
def test_the_official_result_on_real_rain(variant, shared, tmp_path):
    recorded = np.load(shared / 'reference' / 'eevrsr'
                       / f'golden_{variant}_r1.npz')
    convert_file(reference.METHODS[variant],
                 shared / 'data' / 'weights' / f'EEVRSR_{variant}',
                 tmp_path / 'x.pth')
    model = build(motion_compensation=variant == 'all',
                  test_cfg=dict(padding=None))
    model.generator = load_network(str(tmp_path / 'x.pth'))
    frames = official_frames(shared / 'data' / 'real_rain' / 'eevrsr_r1')
    planes = rgb_to_luma(frames, 'pil')[:, 0].numpy()
    chosen = planes[recorded['plane_index']]
    digest = hashlib.sha256(chosen.tobytes()).hexdigest()
    assert digest == str(recorded['planes_sha256'])
    # frames 0 to 5, so that the two restored frames are the recorded ones
    restored = model.restore_clip(frames[:6])
    y, x = recorded['crop_yx']
    for index, centre in enumerate(recorded['centres']):
        window = frames[None, centre - 2:centre + 3].float() / 255
        with torch.no_grad():
            luma = model.restore_luma(window)[0, 0]
        expected = recorded[f'c{centre}/out_sub']
        difference = np.abs(luma[::4, ::4].numpy() - expected)
        assert np.quantile(difference, 0.999) <= 1e-5
        assert difference.max() <= 2e-2
        levels = (luma * 255).round().clamp(0, 255).byte().numpy()
        official = planes[centre] + recorded[f'c{centre}/u8_minus_centre']
        differing = np.abs(levels.astype(int) - official)
        assert differing.max() <= 1 and (differing > 0).mean() <= 5e-4
        crop = restored[index, :, y:y + 64, x:x + 64].permute(1, 2, 0)
        np.testing.assert_array_equal(crop, recorded[f'c{centre}/rgb_crop'])
        # the chroma is the rainy frame's
        own = rgb_to_ycbcr(frames[centre], 'pil')[1:].numpy()
        merged = np.dstack([levels, *own])
        image = Image.frombytes('YCbCr', merged.shape[1::-1],
                                merged.tobytes()).convert('RGB')
        np.testing.assert_array_equal(
            np.asarray(image), restored[index].permute(1, 2, 0))


@pytest.mark.parametrize('variant', reference.VARIANTS)
def test_official_weights_in_double_precision(variant, shared, tmp_path):
    recorded = np.load(shared / 'reference' / 'eevrsr'
                       / f'golden_{variant}_r1.npz')
    convert_file(reference.METHODS[variant],
                 shared / 'data' / 'weights' / f'EEVRSR_{variant}',
                 tmp_path / 'x.pth')
    network = load_network(str(tmp_path / 'x.pth')).double()
    frames = official_frames(shared / 'data' / 'real_rain' / 'eevrsr_r1')
    planes = rgb_to_luma(frames, 'pil').double() / 255
    y, x = recorded['crop_yx']
    centre = int(recorded['centres'][0])
    with torch.no_grad():
        restored = network(planes[None, centre - 2:centre + 3]).restored[0, 0]
    crop = restored[y:y + 64, x:x + 64].numpy()
    expected = recorded[f'c{centre}/out_crop_f64']
    assert np.abs(crop - expected).max() <= 1e-9
    mean, std, low, high = recorded[f'c{centre}/out_stats_f64']
    assert abs(restored.mean().item() - mean) <= 1e-9
    assert abs(restored.std(correction=0).item() - std) <= 1e-9
    assert abs(restored.min().item() - low) <= 1e-9
    assert abs(restored.max().item() - high) <= 1e-9


def test_opencv_reads_the_frames_as_pillow_does(shared):
    """The data set's loader is OpenCV's; the official one is Pillow's."""
    folder = shared / 'data' / 'real_rain' / 'eevrsr_r1'
    frames = official_frames(folder)
    for frame, path in zip(frames, sorted(folder.glob('*.jpg')), strict=True):
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(image, frame.permute(1, 2, 0))
