"""Every protocol gives the figures of independent implementations."""

import math

import cv2
import numpy as np
import pytest

from mmderain.errors import ConfigError, DataError
from mmderain.evaluation import PROTOCOLS, get_protocol
from mmderain.evaluation.averages import average, find_non_finite
from mmderain.evaluation.frame_scores import score_frame, to_levels
from mmderain.media.images import read_image
from mmderain.synthesis.presets import preset_settings
from mmderain.synthesis.renderer import RainRenderer
from tests.helpers.independent_scores import score


def assert_equal_scores(name, restored, clean):
    ours = score_frame(restored, clean, get_protocol(name))
    psnr, ssim = score(name, restored, clean)
    assert ours['PSNR'] == pytest.approx(psnr, abs=1e-4)
    assert ours['SSIM'] == pytest.approx(ssim, abs=1e-4)
    return ours


@pytest.fixture(scope='module')
def pairs():
    """Smooth, noisy and coloured frames of an odd size."""
    rng = np.random.default_rng(0)
    found = []
    for strength in (3, 20, 80):
        clean = cv2.resize(rng.integers(0, 256, (7, 9, 3), np.uint8),
                           (77, 50), interpolation=cv2.INTER_CUBIC)
        noise = rng.normal(0, strength, clean.shape) * [1, 0.3, 2]
        found.append((np.clip(clean + noise, 0, 255).astype(np.uint8), clean))
    return found


def test_no_protocol_is_lost():
    """Those below are read from the table."""
    assert set(PROTOCOLS) >= {
        'vrds', 'rainsyn', 'rainsyn_vdmamba', 'raindrop', 'ntu'}


@pytest.mark.parametrize('name', PROTOCOLS)
def test_synthetic_frames(name, pairs):
    for pair in pairs:
        assert_equal_scores(name, *pair)


@pytest.mark.parametrize('name', PROTOCOLS)
def test_real_frames_with_rendered_rain(name, shared):
    paths = sorted((shared / 'data' / 'clean' / 'tennis').glob('*.jpg'))[:2]
    clean = [read_image(path)[::2, ::2] for path in paths]
    settings = preset_settings('heavy')
    renderer = RainRenderer(settings.streaks, settings.drops,
                            settings.occlusions, seed=0, sequence=0)
    for rendered, frame in zip(renderer.render(iter(clean)), clean,
                               strict=True):
        scores = assert_equal_scores(name, rendered.rainy, frame)
        assert 10 < scores['PSNR'] < 40


@pytest.mark.parametrize('name', PROTOCOLS)
def test_real_drops_against_the_official_output(name, shared):
    folder = shared / 'data' / 'real_rain' / 'raindrop'
    pairs = [[read_image(folder / f'case{index}_{kind}.jpg')
              for kind in ('official_output', 'input')]
             for index in (1, 2, 3)]
    for pair in pairs:
        assert_equal_scores(name, *pair)


def test_protocols_differ_from_each_other(pairs):
    scores = {name: tuple(score_frame(*pairs[1], protocol).values())
              for name, protocol in PROTOCOLS.items()}
    # ntu is rainsyn, averaged otherwise
    assert scores.pop('ntu') == scores['rainsyn']
    assert len(set(scores.values())) == len(scores)
    psnr = [values[0] for values in scores.values()]
    assert max(psnr) - min(psnr) > 0.5


def test_equal_frames_are_infinitely_good(pairs):
    _, clean = pairs[0]
    for protocol in PROTOCOLS.values():
        scores = score_frame(clean, clean, protocol)
        assert scores['PSNR'] == math.inf
        assert scores['SSIM'] == pytest.approx(1, abs=1e-12)


def test_frames_that_cannot_be_scored_are_refused(pairs):
    restored, clean = pairs[0]
    with pytest.raises(DataError, match='50x76 pixels, the clean one 50x77'):
        score_frame(restored[:, 1:], clean, get_protocol('vrds'))
    with pytest.raises(DataError, match='10x77 pixels is smaller'):
        score_frame(restored[:10], clean[:10], get_protocol('rainsyn'))


def test_levels_are_those_of_a_png():
    values = np.array([-3, 0.4, 0.6, 254.7, 300, np.inf])
    assert to_levels(values).tolist() == [0, 0, 1, 255, 255, 255]
    assert to_levels(values).dtype == np.uint8


def test_averages_over_sequences_and_over_frames_differ():
    scores = [dict(PSNR=[10.0, 20.0, 30.0]), dict(PSNR=[40.0])]
    assert average(scores, 'PSNR', 'sequences') == 30
    assert average(scores, 'PSNR', 'frames') == 25


def test_what_is_not_finite_is_not_averaged_away():
    for bad, words in ((math.inf, 'infinite'), (math.nan, 'not a number')):
        scores = dict(PSNR=[20.0, bad, 30.0], SSIM=[0.5, 0.5, 0.5])
        for rule in ('sequences', 'frames'):
            figure = average([dict(PSNR=[1.0]), scores], 'PSNR', rule)
            assert not math.isfinite(figure)
            assert average([scores], 'SSIM', rule) == 0.5
        problem, = find_non_finite(scores)
        assert problem.startswith(f'PSNR is {words} for 1 of 3 frames')
    assert math.isnan(average([dict(tOF=[]), dict(tOF=[1.0])], 'tOF',
                              'sequences'))
    assert find_non_finite(dict(tOF=[])) == ['tOF has no value']


def test_every_protocol_names_its_source_and_says_what_it_does():
    for name, protocol in PROTOCOLS.items():
        assert protocol.name == name
        assert '.com/' in protocol.source or 'rainsyn' in protocol.source
        assert 'SSIM' in protocol.describe()
    with pytest.raises(ConfigError, match="no protocol 'y'; there are vrds"):
        get_protocol('y')
