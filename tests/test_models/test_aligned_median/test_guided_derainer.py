"""A model that is tested with a guide, as ``mmderain derain`` restores."""

import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.config import Config

from mmderain import config_path
from mmderain.checkpoints import load_network
from mmderain.errors import ConfigError
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import choose_restorer
from tests.helpers.videos import write_checkpoint
from tests.test_models.test_aligned_median.test_derainer import (
    SMALL,
    rainy_pan,
    to_clip,
)

FRAMES = rainy_pan(12)


def derainer(guide, sees_guide, **test_cfg):
    torch.manual_seed(0)
    return MODELS.build(dict(
        type='AlignedMedianDerainer', guide=guide,
        generator=dict(type='AlignedMedianNet', sees_guide=sees_guide,
                       **SMALL),
        pixel_loss=dict(type='LogMSELoss'),
        test_cfg=dict(padding='reflect', alignment='composed', **test_cfg)))


@pytest.mark.parametrize('tile', [None, (48, 48)])
@pytest.mark.parametrize('sees_guide', [True, False])
def test_it_restores_as_the_command_does(tmp_path, sees_guide, tile):
    path = write_checkpoint(tmp_path / 'a.pth', 'aligned_median',
                            sees_guide=sees_guide, **SMALL)
    restorer = choose_restorer(
        str(path), device='cpu', dtype='float32', tile=tile, test_cfg=dict(
            guide='light_median', alignment='composed'))
    expected = [item.image for item in restorer.stream(
        (TimedFrame(image, index, 1, index)
         for index, image in enumerate(FRAMES)),
        restorer.spec(tile, *FRAMES.shape[1:3]))]
    model = derainer('light_median', sees_guide, tile=tile, tile_overlap=32)
    model.generator.load_state_dict(load_network(str(path)).state_dict())
    sample, = model.eval().forward_inference(
        [to_clip(FRAMES)], [DataSample(metainfo=dict(key='a'))])
    np.testing.assert_array_equal(
        sample.pred_img.permute(0, 2, 3, 1), np.stack(expected))
    # without it others come of it
    object.__setattr__(model, 'guide', None)
    assert not torch.equal(model.restore_clip(to_clip(FRAMES)),
                           sample.pred_img)


def test_the_weights_of_the_guide_are_no_part_of_it():
    model, alone = derainer('light_median', True), derainer(None, True)
    assert model.state_dict().keys() == alone.state_dict().keys()
    assert len([*model.parameters()]) == len([*alone.parameters()])
    assert not model.guide.training and not model.train().guide.training


@pytest.mark.parametrize('guide', ['snow', 'realtime', 'lens_drops', 3, ''])
def test_what_cannot_guide(guide):
    with pytest.raises(ConfigError, match=(
            'model.guide: expected .*light_median.* got '
            f'{guide!r}. Choose one of them')):
        derainer(guide, True)


def test_the_config_of_the_default_has_its_guide():
    config = Config.fromfile(config_path('AlignedMedian/GuidedMedian.py'))
    assert config.model.guide == 'light_median'
