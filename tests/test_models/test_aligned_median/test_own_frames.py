"""Windows without frames of other scenes."""

import cv2
import numpy as np
import pytest
import torch

from mmderain.apis import DerainInferencer
from mmderain.models.aligned_median import streak_guard
from mmderain.models.aligned_median.own_frames import (
    own_scene,
    without_other_scenes,
)
from mmderain.synthesis.free_pictures import free_picture
from mmderain.synthesis.varied_rain import VariedRainSettings
from mmderain.synthesis.varied_renderer import VariedRainRenderer
from tests.test_models.test_aligned_median.test_derainer import make


def scene(name='coffee', frames=5, speed=3):
    """A picture that moves sideways, (t, 3, h, w) uint8 RGB."""
    picture = cv2.resize(free_picture(name), (400, 300))
    return np.stack([picture[60:180, 20 + speed * time:180 + speed * time]
                     for time in range(frames)]).transpose(0, 3, 1, 2).copy()


def cut(*lengths):
    """Of two scenes in turns."""
    scenes = scene(), scene('rocket')
    return np.concatenate([
        scenes[number % 2][:length] for number, length in enumerate(lengths)])


def in_rain(clip, strength):
    settings = VariedRainSettings(strength=(strength, strength))
    rendered = VariedRainRenderer(settings, 4, 0).render(
        list(clip.transpose(0, 2, 3, 1)))
    return np.stack([pair.lq for pair in rendered]).transpose(0, 3, 1, 2)


@pytest.mark.parametrize('lengths, expected', [
    ((5, ), [0, 1, 2, 3, 4]), ((4, 1), [0, 1, 2, 3, 2]),
    ((3, 2), [0, 1, 2, 1, 0]), ((2, 3), [4, 3, 2, 3, 4]),
    ((1, 4), [2, 1, 2, 3, 4]), ((1, 3, 1), [2, 1, 2, 3, 2]),
    ((1, 2, 2), [2, 2, 2, 2, 2]), ((2, 2, 1), [2, 2, 2, 2, 2]),
    ((2, 1, 2), [2, 2, 2, 2, 2])])
def test_what_is_taken_instead(lengths, expected):
    window = cut(*lengths)
    assert own_scene(window) == expected
    # whatever is counted as a colour
    assert own_scene(window[:, 1:2]) == expected


def test_light_of_one_frame_is_its_own():
    window = (0.4 * scene()).astype(np.uint8)
    for lit, expected in (([2], [2] * 5), ([1, 2], [2] * 5),
                          ([4], [0, 1, 2, 3, 2]), ([3], [0, 1, 2, 1, 4]),
                          ([0, 3], [2, 1, 2, 1, 4])):
        flash = window.copy()
        flash[lit] = 2 * window[lit] + 60
        assert own_scene(flash) == expected


@pytest.mark.parametrize('strength', [0, 0.3, 0.9])
@pytest.mark.parametrize('speed', [0, 1, 9, 25])
def test_neither_rain_nor_motion_is_a_cut(strength, speed):
    clip = in_rain(scene(frames=9, speed=speed), strength)
    for start in range(5):
        assert own_scene(clip[start:start + 5]) == [0, 1, 2, 3, 4]


def test_fades_and_frames_that_are_repeated_are_none():
    bright = scene() * np.linspace(0.3, 1, 5)[:, None, None, None]
    assert own_scene(bright.astype(np.uint8)) == [0, 1, 2, 3, 4]
    twice = scene(speed=25)[[0, 0, 1, 1, 2]]
    assert own_scene(twice) == [0, 1, 2, 3, 4]


def test_a_cut_is_seen_in_rain():
    clip = in_rain(cut(2, 3), 0.3)
    assert own_scene(clip) == [4, 3, 2, 3, 4]


def test_windows_are_prepared_without_the_other_scene():
    window = np.concatenate([cut(3, 2)] * 2, axis=1)  # not only its colours
    guide = np.arange(5)[:, None]

    def prepare(*clips):
        return clips

    for clip in (window, torch.from_numpy(window)):
        prepared = without_other_scenes(prepare)(clip, guide)
        np.testing.assert_array_equal(prepared[0], window[[0, 1, 2, 1, 0]])
        assert list(prepared[1][:, 0]) == [0, 1, 2, 1, 0]


def cut_to(name):
    """The same scene, before different ones."""
    return np.concatenate([scene(), scene(name)])


@pytest.mark.parametrize('alignment', ['direct', 'device'])
def test_no_scene_comes_into_another(monkeypatch, alignment):
    """But for doubts, which are held over a cut."""
    monkeypatch.setattr(streak_guard, 'doubts',
                        lambda seen: (0.0 for _ in seen))
    for guard in (True, False):
        derainer = make(blend=30, alignment=alignment, guard=guard)
        one, other = (
            derainer.restore_clip(torch.from_numpy(cut_to(name)))[:5]
            for name in ('rocket', 'chelsea'))
        assert torch.equal(one, other) is guard


@pytest.mark.parametrize('name', ['fast', 'realtime'])
def test_nor_by_exported_networks(name):
    pytest.importorskip('onnxruntime')
    derain = DerainInferencer(model_name=name)
    one, other = (derain(cut_to(name).transpose(0, 2, 3, 1))[:5]
                  for name in ('rocket', 'chelsea'))
    np.testing.assert_array_equal(one, other)


def test_small_frames_have_cuts_as_well():
    window = cut(3, 2)[:, :, 60:65, 40:47]
    assert own_scene(window) == [0, 1, 2, 1, 0]
    assert own_scene(window[:, :, :1, :1]) == [0, 1, 2, 1, 0]
