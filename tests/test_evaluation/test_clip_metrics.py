"""What a test logs is what the frames score, whoever tests them."""

import logging
import math

import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from mmagic.structures import DataSample
from mmengine.registry import DefaultScope

from mmderain.errors import ConfigError, DataError
from mmderain.evaluation import PROTOCOLS
from mmderain.evaluation.metrics import ProtocolScores, clip_metric
from tests.helpers.independent_scores import score


def clip(length, seed, size=(24, 32)):
    generator = torch.Generator().manual_seed(seed)
    clean = torch.randint(0, 256, (length, 3, *size), generator=generator)
    strength = torch.arange(1, length + 1)[:, None, None, None]
    noise = torch.randint(-9, 10, clean.shape, generator=generator) * strength
    return (clean + noise).clamp(0, 255).byte(), clean.byte()


def sample(restored, clean, key='a'):
    # MMagic's evaluator hands data samples over as dicts
    return DataSample(gt_img=clean, output=DataSample(pred_img=restored),
                      metainfo=dict(key=key)).to_dict()


def frames(clip):
    return clip.permute(0, 2, 3, 1).numpy()


def figures(metric, *samples):
    metric.process(None, list(samples))
    return metric.compute_metrics(metric.results)


@pytest.mark.parametrize('name', PROTOCOLS)
def test_figures_are_the_means_of_independent_ones(name):
    clips = [clip(9, seed=0), clip(7, seed=1)]
    found = figures(ProtocolScores(name), *(sample(*pair) for pair in clips))
    dropped = 3 if name == 'rainsyn_vdmamba' else 0
    expected = [[score(name, a, b) for a, b in list(zip(
        frames(restored), frames(clean), strict=True)
        )[dropped:len(clean) - dropped]] for restored, clean in clips]
    if name == 'ntu':
        expected = [sum(expected, [])]
    psnr, ssim = np.mean([np.mean(scores, 0) for scores in expected], 0)
    assert found == dict(PSNR=pytest.approx(psnr, abs=1e-4),
                         SSIM=pytest.approx(ssim, abs=1e-4))


def test_floating_frames_and_single_images_are_scored_as_saved():
    restored, clean = clip(1, seed=0)
    as_clip = figures(ProtocolScores('vrds'), sample(restored, clean))
    as_image = figures(ProtocolScores('vrds'), sample(
        restored[0].float() + 0.4, clean[0].float()))
    assert as_clip == as_image


def test_what_is_not_finite_is_logged_with_its_sequence(monkeypatch):
    said = []
    monkeypatch.setattr(clip_metric, 'print_log',
                        lambda text, logger, level: said.append((text, level)))
    restored, clean = clip(3, seed=0)
    equal, broken = restored.clone(), restored.float()
    equal[1] = clean[1]
    broken[2, 0, 3, 4] = math.nan
    for clip_, word, value in ((equal, 'infinite', math.inf),
                               (broken, 'not a number', math.nan)):
        found = figures(ProtocolScores('vrds'),
                        sample(clip_, clean, key='003'))
        assert str(found['PSNR']) == str(value)
        text, level = next(item for item in said if 'PSNR' in item[0])
        assert f"sequence '003': PSNR is {word} for 1 of 3" in text
        assert level == logging.WARNING
        said.clear()


def test_clips_that_are_too_short_and_unknown_protocols_are_refused():
    with pytest.raises(DataError, match="'a' has 6 frames.*drops 3"):
        figures(ProtocolScores('rainsyn_vdmamba'), sample(*clip(6, seed=0)))
    with pytest.raises(ConfigError, match='no protocol'):
        ProtocolScores('Y')


def test_it_is_registered():
    with DefaultScope.overwrite_default_scope('mmagic'):
        metric = METRICS.build(dict(
            type='ProtocolScores', protocol='raindrop', prefix='test_a'))
    assert metric.prefix == 'test_a'
