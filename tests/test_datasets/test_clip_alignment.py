"""Clips that a guide has seen before they are aligned."""

import numpy as np
import pytest

from mmderain.apis import DerainInferencer
from mmderain.cli.align_clips import main
from mmderain.datasets import AlignedClipsDataset, AlignedClipSets
from mmderain.datasets.aligned_clips import align_clips
from mmderain.datasets.clip_alignment import ClipAlignment
from mmderain.errors import DataError
from mmderain.models.aligned_median.alignment import prepare_window
from mmderain.models.aligned_median.composed_flows import flow_finder
from tests.tiny import write_clips

GUIDED = ClipAlignment('composed', 'light_median')


@pytest.fixture
def folder(tmp_path):
    return write_clips(tmp_path / 'clips', count=3, frames=9)


def planes(frames):
    return np.stack(frames).transpose(0, 3, 1, 2)


def test_the_guide_sees_nine_frames_and_shows_five(folder):
    clip = np.load(folder / 'clips.npy')[1]
    guide = DerainInferencer(model_name='light_median', device='cpu',
                             backend='torch', dtype='float32')
    restored = list(guide.stream(clip))
    expected = prepare_window(
        planes(clip[2:7]), planes(restored[2:7]),
        find_flows=flow_finder('composed'), sees_guide=True)
    np.testing.assert_array_equal(
        planes(GUIDED(clip)), expected[5:])


def test_the_command_and_what_is_trained_on(folder, capsys):
    options = ['--alignment', 'composed', '--guide', 'light_median']
    assert main([str(folder), *options, '--workers', '1']) == 0
    assert '3 clips aligned' in capsys.readouterr().out
    assert main([str(folder), *options]) == 0
    assert 'aligned already' in capsys.readouterr().out
    clips, aligned = (np.load(folder / f'{name}.npy')
                      for name in ('clips', 'aligned'))
    data = AlignedClipsDataset(folder, None, augment=False, min_psnr=0,
                               alignment='composed', guide='light_median')
    for index, clip in enumerate(clips):
        np.testing.assert_array_equal(aligned[index], GUIDED(clip))
        np.testing.assert_array_equal(
            data[index]['inputs'],
            planes([*clip[2:7], *aligned[index]]))
    with pytest.raises(DataError,
                       match="'composed' with the guide light_median is th"):
        AlignedClipsDataset(folder, alignment='quick', guide='light_median')


def test_in_reversed_time_the_guide_stays_what_it_is(folder, monkeypatch):
    align_clips(folder, alignment='composed', guide='light_median')
    data = AlignedClipsDataset(folder, None, min_psnr=0,
                               alignment='composed', guide='light_median')
    draws = iter([0.5, 0.9, 0.9, 0.1])  # the guide, no flips
    monkeypatch.setattr(np.random, 'rand', lambda: next(draws))
    inputs = data[0]['inputs'].numpy()
    clip, aligned = data.clips[0], data.aligned[0]
    np.testing.assert_array_equal(
        inputs, planes([*clip[::-1], *aligned[3::-1], aligned[4]]))


def test_the_rainy_frames_stand_for_the_guide_now_and_then(folder):
    """As ``prepare_window`` shows them where there is none."""
    align_clips(folder, alignment='composed', guide='light_median')
    data = AlignedClipsDataset(folder, None, augment=False, min_psnr=0,
                               alignment='composed', guide='light_median',
                               guide_share=0)
    clip, aligned = data.clips[2], data.aligned[2]
    still = planes(np.stack([*aligned[:2], clip[2], *aligned[2:4]]))
    expected = prepare_window(still, find_flows=lambda frames: [
        np.zeros((*frames.shape[1:3], 2), np.float32)] * 4, sees_guide=True)
    np.testing.assert_array_equal(data[2]['inputs'][9], expected[9])
    np.testing.assert_array_equal(data[2]['inputs'][:9],
                                  planes([*clip, *aligned[:4]]))


def test_several_folders_are_one_set(folder):
    other = write_clips(folder.parent / 'other', count=2, frames=9)
    options = dict(alignment='composed', guide='light_median')
    for root in (folder, other):
        align_clips(root, **options)
    data = AlignedClipSets([folder, other], crop_size=None, augment=False,
                           min_psnr=0, **options)
    assert len(data) == 5
    np.testing.assert_array_equal(
        data[3]['inputs'][:5], planes(np.load(other / 'clips.npy')[0, 2:7]))


def test_a_guide_needs_longer_clips(tmp_path):
    folder = write_clips(tmp_path / 'short')
    with pytest.raises(DataError, match=r'\(N, 9, h, w, 3\).*num_frames'):
        align_clips(folder, alignment='composed', guide='light_median')
    longer = write_clips(tmp_path / 'long', frames=9)
    with pytest.raises(DataError, match=r'\(N, 5, h, w, 3\)'):
        align_clips(longer)
