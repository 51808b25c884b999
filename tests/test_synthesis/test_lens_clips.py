"""Samples of drops on the lens, and real footage behind them."""

import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.models.lens_drops.statistics import PLANES
from mmderain.synthesis.footage import Footage
from mmderain.synthesis.lens_clips import (
    NUM_FRAMES,
    LensClipRenderer,
    LensClipSettings,
    moved_by,
)
from tests.helpers.videos import pictures, write_video
from tests.tiny import write_image

SIZE = (32, 48)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('footage')
    write_video(folder / 'street.mp4', pictures(9, size=(64, 96)))
    write_image(folder / 'yard_1.png', pictures(1, size=(120, 160))[0])
    (folder / 'notes.txt').write_text('from a friend')
    return folder


def test_a_sample_is_what_a_network_sees():
    renderer = LensClipRenderer(LensClipSettings(size=SIZE), 0)
    clip = renderer.render(5)
    planes, target = clip.arrays
    assert planes.shape == (PLANES, *SIZE) and planes.dtype == np.uint8
    assert target.shape == (2, *SIZE) and target.dtype == np.uint8
    assert clip.facts['index'] == 5
    again = LensClipRenderer(LensClipSettings(size=SIZE), 0).render(5)
    np.testing.assert_array_equal(planes, again.planes)
    other = LensClipRenderer(LensClipSettings(size=SIZE), 1).render(5)
    assert (planes != other.planes).any()


def test_with_and_without_drops():
    for share in (0, 1):
        renderer = LensClipRenderer(LensClipSettings(
            size=SIZE, drops_share=share, still_share=0, photos_share=0), 0)
        covered = []
        for index in range(6):
            cover, counts = renderer.render(index).target
            covered.append((cover > 128).any())
            # nobody could tell a drop that changes nothing
            assert (counts[cover == 0] == 255).all()
        assert sum(covered) >= 4 if share else not any(covered)


def test_short_still_and_overlaid_clips():
    plain = dict(size=SIZE, drops_share=0, still_share=0, overlay_share=0,
                 short_share=0)
    for name, kept in (('still_share', True), ('overlay_share', False),
                       ('short_share', False)):
        clip = LensClipRenderer(
            LensClipSettings(**{**plain, name: 1.0}), 3).render(0)
        assert not clip.target[0].any(), name
        # nothing changes from frame to frame but noise
        still = clip.planes[17].mean() < 60
        assert still == kept, name


def test_footage_is_read_and_held_out(folder):
    footage = Footage((folder, ))
    assert [path.name for path in footage.videos] == ['street.mp4']
    assert [path.name for path in footage.pictures] == ['yard_1.png']
    rng = np.random.default_rng(0)
    for draw in footage.kinds().values():
        frames = draw(SIZE, NUM_FRAMES, rng)
        assert frames.shape == (NUM_FRAMES, *SIZE, 3)
        assert frames.dtype == np.uint8 and frames.std() > 5
        assert (frames != frames[0]).any()
    assert set(Footage((folder, ), ('yard', )).kinds()) == {'video'}
    with pytest.raises(DataError, match='expected videos or images'):
        Footage((folder, ), ('yard', 'street'))
    scenes = {LensClipRenderer(
        LensClipSettings(size=SIZE, footage_share=1), 0, (folder, )).render(
            index).facts['scene'] for index in range(6)}
    assert scenes == {'video', 'picture', 'forward'}


def test_driving_forward_the_goal_stands_still(folder):
    rng = np.random.default_rng(2)
    frames = Footage((folder, )).forward_clip((64, 96), 9, rng)
    moved = moved_by(frames)
    assert moved.max() > 3 * moved.min()
    np.testing.assert_array_equal(frames, Footage((folder, )).forward_clip(
        (64, 96), 9, np.random.default_rng(2)))


def test_odd_sides_are_refused_where_they_cannot_be():
    with pytest.raises(UserError, match='even sides'):
        LensClipSettings(size=(33, 48))
    LensClipSettings(size=(33, 48), coded_share=0)


def test_how_far_a_scene_moves():
    wide = pictures(1, size=(64, 300))[0]
    pan = np.stack([wide[:, 2 * time:][:, :96] for time in range(57)])
    # 24 frames of 2 pixels
    assert np.median(moved_by(pan)) == pytest.approx(48, abs=6)
    assert moved_by(np.repeat(pan[:1], 57, 0)).max() < 0.5


def test_what_nobody_can_know_is_not_asked_for():
    settings = LensClipSettings(size=SIZE, drops_share=1, still_share=1)
    for index in range(4):
        cover, counts = LensClipRenderer(settings, 0).render(index).target
        assert not cover.any() and (counts == 255).all()


def test_near_a_cut_no_drop_is_asked_for():
    found = []
    for index in range(24):
        settings = dict(size=SIZE, drops_share=1, still_share=0)
        covers = []
        for share in (0, 1):
            clip = LensClipRenderer(LensClipSettings(
                **settings, cut_share=share), 0).render(index)
            assert ('other' in clip.facts) == bool(share)
            covers.append(clip.target[0].any())
        found.append(covers)
    without, with_cuts = zip(*found, strict=True)
    # a third to a half of the places are near the block
    assert 0 < sum(with_cuts) < sum(without)


def test_photos_that_do_not_follow_each_other_have_no_drops(folder):
    settings = LensClipSettings(size=SIZE, photos_share=1, drops_share=1,
                                cut_share=0)
    for folders in ((), (folder, )):
        for index in range(4):
            clip = LensClipRenderer(settings, 0, folders).render(index)
            assert clip.facts['scene'] == 'photos'
            assert not clip.target[0].any()
            # change from frame to frame, but for those that are held long
            assert clip.planes[17].mean() > 60


def test_coded_clips_are_the_same_each_time():
    """Two of six were not, with all of x264's tools."""
    settings = LensClipSettings(size=(32, 64), coded_share=1)
    first, *others = (LensClipRenderer(settings, 4).render(0).planes
                      for _ in range(8))
    for other in others:
        np.testing.assert_array_equal(first, other)
