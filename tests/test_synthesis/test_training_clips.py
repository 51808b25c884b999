from dataclasses import replace

import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.synthesis import (
    FREE_PICTURES,
    DegradationSettings,
    SceneSettings,
    TrainingClipRenderer,
    TrainingClipSettings,
    VariedRainSettings,
    free_picture,
)
from mmderain.synthesis.degradation import degrade
from mmderain.synthesis.generated_pictures import (
    GENERATORS,
    generated_picture,
)
from mmderain.synthesis.negatives import NEGATIVES
from mmderain.synthesis.scenes import DISTRACTORS, SceneRenderer
from mmderain.synthesis.training_clips import luma_psnr, settings_from
from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT, write_image

SMALL = TrainingClipSettings(size=(64, 80))
NOTHING = DegradationSettings(blur_share=0, noise_share=0, jpeg_share=0)


def clips(count, settings=SMALL, seed=0, split='train'):
    renderer = TrainingClipRenderer(settings, seed, split)
    return [renderer.render(index) for index in range(count)]


@pytest.fixture(scope='module')
def many():
    return clips(300, TrainingClipSettings(size=(32, 32)))


def test_clip_is_the_same_for_seed_split_and_index():
    renderer = TrainingClipRenderer(SMALL, 3)
    fourth = renderer.render(4)
    for index in range(3):
        renderer.render(index)  # what was rendered before does not matter
    again = renderer.render(4)
    assert (fourth.rainy == again.rainy).all()
    assert (fourth.truth == again.truth).all()
    assert fourth.facts == again.facts
    assert fourth.rainy.shape == (5, 64, 80, 3)
    assert fourth.truth.shape == (64, 80, 3)
    assert fourth.rainy.dtype == fourth.truth.dtype == np.uint8
    for other in (TrainingClipRenderer(SMALL, 3).render(5),
                  TrainingClipRenderer(SMALL, 4).render(4),
                  TrainingClipRenderer(SMALL, 3, 'val').render(4)):
        assert (other.truth != fourth.truth).any()


def test_truth_is_unaffected_by_rain_and_by_what_comes_after():
    # Nothing is drawn anew, so that the same scenes are compared.
    wet = clips(12, replace(SMALL, lowest_psnr=0, no_rain_share=0))
    dry = clips(12, replace(SMALL, no_rain_share=1))
    worse = clips(12, replace(
        SMALL, lowest_psnr=0, no_rain_share=0,
        after=DegradationSettings(blur_share=1, noise_share=1, jpeg_share=1)))
    for rainy, clean, bad in zip(wet, dry, worse, strict=True):
        assert (rainy.truth == clean.truth).all()
        assert (rainy.truth == bad.truth).all()
        assert (clean.rainy[2] == clean.truth).all()
        assert (rainy.rainy[2] != rainy.truth).any()


def test_statistics_are_those_of_the_settings(many):
    facts = [clip.facts for clip in many]
    dry = [clip for clip in many if 'rain' not in clip.facts]
    assert len(dry) / 300 == pytest.approx(0.07, abs=0.035)
    assert all((clip.rainy[2] == clip.truth).all() for clip in dry)
    distracted = [item['distractor'] for item in facts
                  if 'distractor' in item]
    assert len(distracted) / 300 == pytest.approx(0.22, abs=0.06)
    assert set(distracted) == set(DISTRACTORS)
    backgrounds = [item['background'] for item in facts]
    generated = np.mean([name in GENERATORS for name in backgrounds])
    assert generated == pytest.approx(0.3, abs=0.07)
    held_out = set(TrainingClipSettings().val_pictures)
    assert set(backgrounds) == (set(FREE_PICTURES) - held_out
                                | set(GENERATORS))
    assert {len(item['objects']) for item in facts} == {0, 1, 2}
    assert {rain['composition'] for rain in
            (item['rain'] for item in facts if 'rain' in item)} == {
                'alpha', 'additive', 'screen'}


def test_too_heavy_rain_is_drawn_anew(many):
    quality = [luma_psnr(clip.rainy[2], clip.truth) for clip in many]
    assert min(quality) >= 13.5
    assert [clip.facts['psnr'] for clip in many] == [
        round(value, 2) for value in quality]
    anew = [clip.facts for clip in many if clip.facts['attempt']]
    assert 0 < len(anew) < 60
    for facts in anew[:3]:  # what was thrown away was too heavy
        kept = clips(facts['index'] + 1, TrainingClipSettings(
            size=(32, 32), lowest_psnr=0))[facts['index']]
        assert kept.facts['psnr'] < 13.5


def test_rain_that_is_always_too_heavy_is_refused():
    with pytest.raises(UserError, match='Lower lowest_psnr'):
        clips(1, replace(SMALL, lowest_psnr=60, no_rain_share=0))


def test_splits_show_other_pictures():
    settings = TrainingClipSettings()
    train, val = (set(settings.pictures(split)) for split in
                  ('train', 'val'))
    assert train and val and not train & val
    assert train | val == set(FREE_PICTURES)
    shown = {name for clip in clips(40, SMALL, split='val')
             for name in (clip.facts['background'], *clip.facts['objects'])}
    assert shown - set(GENERATORS) == val
    with pytest.raises(UserError, match='val_pictures'):
        TrainingClipSettings(val_pictures=())


@pytest.mark.parametrize('name', FREE_PICTURES)
def test_pictures_are_there_with_their_licence(name):
    picture = free_picture(name)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    assert min(picture.shape[:2]) >= 300 and picture.std() > 10
    assert FREE_PICTURES[name].licence in ('CC0', 'CC BY 2.0',
                                           'public domain')


def test_unknown_picture_is_refused():
    with pytest.raises(DataError, match='lena'):
        free_picture('lena')
    with pytest.raises(UserError, match='SceneSettings.pictures'):
        SceneSettings(pictures=('lena',))


@pytest.mark.parametrize('kind', GENERATORS)
def test_generated_pictures_differ_from_draw_to_draw(kind):
    rng = np.random.default_rng(0)
    one, other = (generated_picture(kind, (70, 90), rng) for _ in range(2))
    assert one.shape == (70, 90, 3) and one.dtype == np.uint8
    assert one.std() > 1 and np.abs(one.astype(int) - other).mean() > 3


def test_scene_moves_as_the_settings_say():
    still = SceneSettings(still_share=1, layers=(0, 0), distractor_share=0)
    moving = replace(still, still_share=0, shake=0.0)

    def change(settings):
        scenes = SceneRenderer(settings, (64, 64), 5)
        return [np.abs(np.diff(scenes.render(np.random.default_rng(seed))[0]
                               .astype(int), axis=0)).mean()
                for seed in range(10)]

    assert max(change(still)) == 0
    assert np.median(change(moving)) > 2
    # the background stands still, what is before it moves
    assert np.median(change(replace(still, layers=(2, 2)))) > 0.2


def test_distractors_are_part_of_the_truth():
    settings = replace(
        SMALL, no_rain_share=1, before=NOTHING,
        scene=SceneSettings(distractor_share=1))
    plain = replace(settings, scene=SceneSettings(distractor_share=0))
    differ = [np.abs(one.truth.astype(int) - other.truth).max() for one, other
              in zip(clips(12, settings), clips(12, plain), strict=True)]
    assert np.mean(np.array(differ) > 20) > 0.6


def test_negatives_are_part_of_the_truth():
    settings = replace(SMALL, no_rain_share=1, before=NOTHING)
    plain = clips(12, settings)
    others = clips(12, replace(settings, negative_share=1))
    assert not any('negative' in clip.facts for clip in plain)
    assert all(clip.facts['negative'] in NEGATIVES for clip in others)
    for clip in others:
        assert (clip.rainy[2] == clip.truth).all()
    assert np.mean([(one.truth != other.truth).any() for one, other
                    in zip(plain, others, strict=True)]) > 0.6


def test_a_cut_leaves_the_frame_in_the_middle():
    settings = replace(SMALL, no_rain_share=1, before=NOTHING)
    whole = clips(20, settings)
    cut = clips(20, replace(settings, cut_share=1))
    starts, ends = 0, 0
    for one, other in zip(whole, cut, strict=True):
        assert (one.truth == other.truth).all()
        strange = (one.rainy != other.rainy).any((1, 2, 3))
        starts += strange[0]
        ends += strange[-1]
        assert not (strange[0] and strange[-1])
    assert starts > 3 and ends > 3


@pytest.fixture
def footage(tmp_path):
    write_video(tmp_path / 'street.mp4', pictures(9, size=(96, 128)))
    write_image(tmp_path / 'yard.png', pictures(1, size=(160, 200))[0])
    return (tmp_path, )


def test_real_footage_and_its_shares(footage):
    def backgrounds(count=40, **settings):
        renderer = TrainingClipRenderer(
            replace(SMALL, **settings), 0, folders=footage)
        return [renderer.render(index).facts['background']
                for index in range(count)]

    assert set(backgrounds(8, footage_share=1, video_share=1)) == {'video'}
    assert set(backgrounds(20, footage_share=1, video_share=0)) == {
        'picture', 'forward'}
    assert not {*backgrounds(footage_share=0)} & {
        'video', 'picture', 'forward'}
    assert 4 < backgrounds().count('video') < 22


def test_footage_that_is_held_out_is_not_shown(footage):
    renderer = TrainingClipRenderer(replace(
        SMALL, footage_share=1), 0, folders=footage, held_out=('street', ))
    assert {renderer.render(index).facts['background']
            for index in range(12)} == {'picture', 'forward'}


def test_degradation_does_what_it_notes():
    frames = np.random.default_rng(0).integers(
        0, 256, (3, 40, 40, 3), dtype=np.uint8)
    same, done = degrade(frames, NOTHING, np.random.default_rng(0))
    assert (same == frames).all() and done == {}
    for name in ('blur', 'noise', 'jpeg'):
        settings = replace(NOTHING, **{f'{name}_share': 1.0})
        changed, done = degrade(frames, settings, np.random.default_rng(0))
        assert list(done) == [name] and changed.dtype == np.uint8
        low, high = getattr(settings, name)
        assert low <= done[name] <= high
        assert (changed != frames).any()
    grey = np.full((3, 64, 64, 3), 128, np.uint8)
    noisy, done = degrade(grey, replace(NOTHING, noise_share=1.0,
                                        noise=(3.0, 3.0)),
                          np.random.default_rng(0))
    assert noisy.std() == pytest.approx(3.0, rel=0.05)
    assert (noisy[0] != noisy[1]).any()
    # red stays red through the codec
    red = np.zeros((1, 32, 32, 3), np.uint8)
    red[..., 0] = 200
    coded, _ = degrade(red, replace(NOTHING, jpeg_share=1.0),
                       np.random.default_rng(0))
    assert np.abs(coded.astype(int) - red).max() < 12


def test_settings_can_be_changed_one_by_one():
    changed = settings_from(dict(
        size=[96, 64], no_rain_share=0,
        rain=dict(angle=10, length=[5, 30]), scene=dict(layers=[1, 1])))
    assert changed.size == (96, 64) and changed.no_rain_share == 0
    assert changed.rain == VariedRainSettings(angle=10, length=(5, 30))
    assert changed.scene.layers == (1, 1)
    assert changed.before == TrainingClipSettings().before


@pytest.mark.parametrize('values, message', [
    (dict(sise=[64, 64]), "got 'sise'"),
    (dict(rain=dict(angel=3)), "VariedRainSettings.*got 'angel'"),
    (dict(rain=3), 'VariedRainSettings: expected a mapping'),
    (dict(rain=dict(angle='steep')), 'VariedRainSettings.angle'),
    (dict(rain=dict(layers=[1.5, 2])), 'VariedRainSettings.layers'),
    (dict(scene=dict(pictures=[3])), 'SceneSettings.pictures'),
    (dict(size=[64]), 'TrainingClipSettings.size'),
    (dict(num_frames=4), 'odd'), (dict(size=[8, 8]), '32 pixels'),
    (dict(no_rain_share=2), 'no_rain_share')])
def test_wrong_settings_are_refused(values, message):
    with pytest.raises(UserError, match=message):
        settings_from(values)


def test_negative_seed_and_unknown_split_are_refused():
    for seed, split in ((-1, 'train'), (0, 'test')):
        with pytest.raises(UserError, match='seed from 0 on'):
            TrainingClipRenderer(SMALL, seed, split)


def test_document_lists_the_pictures():
    text = (ROOT / 'docs' / 'synthesis.md').read_text()
    for name, entry in FREE_PICTURES.items():
        rows = [line for line in text.splitlines()
                if line.startswith((f'| {name} |', f'| {name} (val) |'))]
        assert len(rows) == 1 and rows[0].split(' | ', 1)[1] == (
            f'{entry.licence} | {entry.author} | {entry.said_in} |')
        assert ('(val)' in rows[0]) == (
            name in TrainingClipSettings().val_pictures)
