"""``MMagicInferencer`` with our models: as MMagic's users call it."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config

import mmderain
from mmderain.apis import DerainInferencer
from mmderain.errors import ConfigError, UserError
from mmderain.media.images import write_rgb
from mmderain.methods import METHODS
from mmderain.weights import FOLDER

CONFIG = 'AlignedMedian/AlignedMedian_shipped.py'


@pytest.fixture(scope='module')
def inferencer():
    from mmagic.apis import MMagicInferencer
    return MMagicInferencer


@pytest.fixture
def clip(tmp_path):
    """A folder of frames."""
    rng = np.random.default_rng(0)
    (tmp_path / 'clip').mkdir()
    for index in range(6):
        write_rgb(tmp_path / 'clip' / f'{index:08d}.png',
                  rng.integers(0, 256, (40, 48, 3), np.uint8))
    return tmp_path / 'clip'


@pytest.mark.parametrize('named', [
    dict(model_name='aligned_median'), dict(model_name='AlignedMedian'),
    dict(model_name='AlignedMedian_shipped', model_config=CONFIG),
    # the name of one of MMagic's, as its documents say for models of one's own
    dict(model_name='basicvsr', model_config=mmderain.config_path(CONFIG)),
    dict(model_config=mmderain.config_path(CONFIG)),
    dict(model_config=Config.fromfile(mmderain.config_path(CONFIG)))])
def test_a_clip_is_derained_as_by_ours(inferencer, clip, tmp_path, named):
    weights = str(FOLDER / 'aligned_median.pth')
    ours = DerainInferencer(weights, device='cpu')
    editor = inferencer(**named, device='cpu', model_ckpt=weights)
    report = editor.infer(video=str(clip), result_out_dir=str(
        tmp_path / 'out'))
    assert report.frames == 6
    for path, wanted in zip(sorted(clip.iterdir()), ours(str(clip)),
                            strict=True):
        found = cv2.imread(str(tmp_path / 'out' / path.name))
        assert np.array_equal(found[..., ::-1], wanted)


def test_who_asks_for_models_is_told_ours_as_well(inferencer):
    names = inferencer.get_inference_supported_models()
    assert {'basicvsr', *METHODS} <= {*names}
    # of which MMagic reads metafiles
    assert not {*METHODS} & {*inferencer.inference_supported_models}


def test_shipped_weights_need_no_checkpoint(inferencer, clip):
    editor = inferencer('aligned_median', device='cpu')
    assert len(editor.infer(video=str(clip))) == 6
    assert editor.inferencer.get_extra_parameters() == []
    with pytest.raises(UserError, match='not label'):
        editor.infer(video=str(clip), label=1)


def test_a_config_of_another_model_is_refused(inferencer, tmp_path):
    config = tmp_path / 'theirs.py'
    config.write_text("model = dict(type='BasicVSR')\n")
    with pytest.raises(ConfigError, match='has a BasicVSR'):
        inferencer('vimpnet', model_config=str(config), model_ckpt='no.pth')


def test_mmagics_own_models_stay_mmagics(inferencer):
    with pytest.raises(ValueError, match='Model nothing is not supported'):
        inferencer('nothing')


def test_a_config_that_is_not_there_is_called_that(inferencer):
    with pytest.raises(ConfigError, match='there is no config no.py: it does '
                       'not exist'):
        inferencer('vimpnet', model_config='no.py')


def test_a_video_of_an_image_is_a_file(inferencer, clip, tmp_path):
    """And not a folder of that name."""
    editor = inferencer('light_median', device='cpu')
    editor.infer(img=str(clip / '00000000.png'), result_out_dir=str(
        tmp_path / 'a.mp4'))
    assert (tmp_path / 'a.mp4').is_file()
