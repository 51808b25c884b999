"""Clips that are rendered and aligned before training."""

import shutil

import numpy as np
import pytest
import torch

from mmderain.cli.align_clips import main
from mmderain.datasets import AlignedClipsDataset, aligned_clips
from mmderain.datasets.aligned_clips import align_clips
from mmderain.errors import DataError
from mmderain.models.aligned_median.alignment import align_neighbours
from mmderain.models.aligned_median.composed_flows import flow_finder
from tests.tiny import write_clips


@pytest.fixture
def folder(tmp_path):
    return write_clips(tmp_path / 'clips')


@pytest.fixture
def small_parts(monkeypatch):
    """Two clips at a time."""
    monkeypatch.setattr(aligned_clips, '_PART', 2)


def test_the_command_aligns_in_processes(folder, capsys):
    assert main([str(folder), '--workers', '2']) == 0
    assert '5 clips aligned' in capsys.readouterr().out
    clips, truth = (np.load(folder / f'{name}.npy')
                    for name in ('clips', 'truth'))
    aligned, scores = (np.load(folder / f'{name}.npy')
                       for name in ('aligned', 'psnr'))
    for index in range(5):
        np.testing.assert_array_equal(
            aligned[index], align_neighbours(clips[index]))
        error = np.square(clips[index, 2].astype(float) - truth[index])
        assert scores[index] == pytest.approx(
            10 * np.log10(255**2 / error.mean()), abs=1e-3)
    assert main([str(folder)]) == 0
    assert 'aligned already' in capsys.readouterr().out
    assert not list(folder.glob('*.partial.npy'))


def test_a_stopped_run_goes_on(folder, small_parts, monkeypatch):
    whole = aligned_clips._align_part
    done = []

    def stopped(folder, partial, alignment, start):
        if start == 4 and not done.count(4):
            done.append(4)
            raise KeyboardInterrupt
        done.append(start)
        return whole(folder, partial, alignment, start)

    monkeypatch.setattr(aligned_clips, '_align_part', stopped)
    with pytest.raises(KeyboardInterrupt):
        align_clips(folder)
    assert not (folder / 'aligned.npy').exists()
    # what is not whole is not trained on
    with pytest.raises(DataError, match='mmderain align-clips'):
        AlignedClipsDataset(folder)
    assert align_clips(folder) == 1
    assert done == [0, 2, 4, 4]
    clips, aligned = (np.load(folder / f'{name}.npy')
                      for name in ('clips', 'aligned'))
    for index in range(5):
        np.testing.assert_array_equal(
            aligned[index], align_neighbours(clips[index]))


def test_each_network_has_its_alignment(folder, small_parts):
    assert align_clips(folder) == 5
    with pytest.raises(DataError, match="'quick' of its 5 .* 'direct' is"):
        AlignedClipsDataset(folder, alignment='quick')
    direct = np.load(folder / 'aligned.npy')
    assert align_clips(folder, alignment='quick', overwrite=True) == 5
    assert align_clips(folder, alignment='quick', overwrite=True) == 0
    assert align_clips(folder, alignment='quick') == 0
    clips, aligned = (np.load(folder / f'{name}.npy')
                      for name in ('clips', 'aligned'))
    np.testing.assert_array_equal(aligned[3], align_neighbours(
        clips[3], find_flows=flow_finder('quick')))
    assert (aligned != direct).any()
    assert len(AlignedClipsDataset(folder, 48, alignment='quick')) == 5
    with pytest.raises(DataError, match="'direct' of its 5 clips, but 'qui"):
        AlignedClipsDataset(folder)


def test_a_finished_alignment_of_another_kind_is_kept(folder, small_parts,
                                                      capsys):
    assert main([str(folder)]) == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main([str(folder), '--alignment', 'quick']) == 2
    said = capsys.readouterr().err
    assert "no alignment of its clips, or 'quick', got 'direct'" in said
    assert 'another folder' in said and '--overwrite' in said
    assert before == {path.name: path.read_bytes()
                      for path in folder.iterdir()}
    assert main([str(folder), '--alignment', 'quick', '--overwrite']) == 0
    assert len(AlignedClipsDataset(folder, 48, alignment='quick')) == 5


def test_an_alignment_of_another_kind_that_is_not_needed_any_more(
        folder, small_parts):
    """Of clips that are no longer there, or one that is not whole."""
    align_clips(folder)
    np.save(folder / 'clips.npy', 255 - np.load(folder / 'clips.npy'))
    assert align_clips(folder, alignment='quick') == 5
    (folder / 'psnr.npy').unlink()
    assert align_clips(folder) == 5


def test_other_clips_are_aligned_anew(folder, small_parts):
    assert align_clips(folder) == 5
    clips = np.load(folder / 'clips.npy')
    np.save(folder / 'clips.npy', 255 - clips)
    assert align_clips(folder) == 5
    np.testing.assert_array_equal(
        np.load(folder / 'aligned.npy')[3], align_neighbours(255 - clips[3]))


def test_killed_at_its_very_end(folder, small_parts, monkeypatch):
    """All was aligned and not yet in place: nothing is done again."""
    for name in ('copyfile', 'replace'):
        aligned_clips.forget_alignment(folder)
        with monkeypatch.context() as broken:
            owner = aligned_clips.shutil if name == 'copyfile' \
                else aligned_clips.Path
            broken.setattr(owner, name, lambda *arguments: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                align_clips(folder)
        with pytest.raises(DataError, match='mmderain align-clips'):
            AlignedClipsDataset(folder)
        assert align_clips(folder) == 0
        assert len(AlignedClipsDataset(folder, crop_size=16)) == 5


def test_nothing_stays_of_what_was_killed_after_it(folder, small_parts):
    align_clips(folder)
    shutil.copy(folder / 'psnr.npy',
                folder / 'psnr_0123456789abcdef.partial.npy')
    assert align_clips(folder) == 0
    assert not list(folder.glob('*.partial.npy'))


def test_an_alignment_of_other_clips_is_not_trained_on(folder, small_parts):
    align_clips(folder)
    truth = np.load(folder / 'truth.npy')
    np.save(folder / 'truth.npy', truth + 1)
    with pytest.raises(DataError, match='made of others. Run mmderain align'):
        AlignedClipsDataset(folder, crop_size=16)
    assert align_clips(folder) == 5
    AlignedClipsDataset(folder, crop_size=16)


def test_clips_that_are_not_all_rendered(folder, small_parts):
    record = folder / 'meta.json'
    record.write_text('{"seed": 3}')
    with pytest.raises(DataError, match='render-clips again'):
        align_clips(folder)
    record.write_text('{"seed": 3, "summary": {}}')
    assert align_clips(folder) == 5
    # the renderer's record says of which clips the alignment is
    record.write_text('{"seed": 4, "summary": {}}')
    with pytest.raises(DataError, match='made of others'):
        AlignedClipsDataset(folder, crop_size=16)


@pytest.mark.parametrize('workers', [1, 2])
def test_a_folder_that_cannot_be_written(folder, monkeypatch, workers,
                                         capsys):
    def full(*arguments):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(aligned_clips.np, 'save', full)
    assert main([str(folder), '--workers', str(workers)]) == 2
    said = capsys.readouterr().err
    assert 'No space left' in said and 'Traceback' not in said


def test_a_crop_is_of_one_place_in_all_frames(folder, small_parts):
    align_clips(folder)
    dataset = AlignedClipsDataset(folder, crop_size=16, augment=False)
    clips, aligned, truth = (
        np.load(folder / f'{name}.npy')
        for name in ('clips', 'aligned', 'truth'))
    np.random.seed(3)
    sample = dataset[1]
    np.random.seed(3)
    top, left = np.random.randint(33), np.random.randint(33)
    place = (slice(None), slice(top, top + 16), slice(left, left + 16))
    frames = sample['inputs'].permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(frames[:5], clips[1][place])
    np.testing.assert_array_equal(frames[5:], aligned[1][place])
    np.testing.assert_array_equal(
        sample['data_samples'].gt_img.permute(0, 2, 3, 1).numpy(),
        truth[1:2][place])
    assert sample['inputs'].dtype == torch.uint8


def test_flips_and_time_are_those_of_all_frames(folder, small_parts):
    align_clips(folder)
    plain = AlignedClipsDataset(folder, crop_size=None, augment=False)[0]
    dataset = AlignedClipsDataset(folder, crop_size=None)
    frames, truth = plain['inputs'], plain['data_samples'].gt_img
    order = [4, 3, 2, 1, 0, 8, 7, 6, 5]
    wanted = {}
    for axes in ((), (2, ), (3, ), (2, 3)):
        for reverse in (False, True):
            moved = frames[order] if reverse else frames
            wanted[axes, reverse] = moved.flip(axes), truth.flip(axes)
    np.random.seed(0)
    seen = set()
    for _ in range(60):
        sample = dataset[0]
        fitting = [name for name, (x, y) in wanted.items()
                   if torch.equal(x, sample['inputs'])
                   and torch.equal(y, sample['data_samples'].gt_img)]
        assert len(fitting) == 1
        seen.update(fitting)
    assert seen == set(wanted)


def test_clips_that_are_left_out(folder, small_parts):
    align_clips(folder)
    scores = np.load(folder / 'psnr.npy')
    limit = float(np.sort(scores)[2])
    dataset = AlignedClipsDataset(folder, crop_size=16, min_psnr=limit)
    assert len(dataset) == 3
    assert (scores[dataset.indices] >= limit).all()
    assert len(AlignedClipsDataset(folder, crop_size=16, max_clips=2)) == 2
    with pytest.raises(DataError, match='clips of 90 dB or more, got'):
        AlignedClipsDataset(folder, crop_size=16, min_psnr=90)


def test_what_does_not_fit_is_named(folder, small_parts):
    align_clips(folder)
    with pytest.raises(DataError, match='have no crops of 96'):
        AlignedClipsDataset(folder)
    np.save(folder / 'aligned.npy', np.zeros((2, 4, 48, 48, 3), np.uint8))
    with pytest.raises(DataError, match=r'aligned.npy \(2, 4'):
        AlignedClipsDataset(folder, crop_size=16)
    (folder / 'truth.npy').write_bytes(b'no array')
    with pytest.raises(DataError, match='truth.npy cannot be read'):
        align_clips(folder)
    (folder / 'truth.npy').unlink()
    with pytest.raises(DataError, match='truth.npy: no such file'):
        align_clips(folder)


@pytest.mark.parametrize('name', ['aligned.npy', 'psnr.npy'])
def test_an_array_of_somebody_else_stays(folder, small_parts, name):
    (folder / name).write_bytes(b'mine')
    with pytest.raises(DataError, match=f'{name}.*Move it away'):
        align_clips(folder)
    assert (folder / name).read_bytes() == b'mine'


def test_an_alignment_that_is_cut_is_made_again(folder):
    assert align_clips(folder) == 5
    whole = (folder / 'aligned.npy').read_bytes()
    (folder / 'aligned.npy').write_bytes(whole[:200])
    assert align_clips(folder) == 5
    assert (folder / 'aligned.npy').read_bytes() == whole
    assert align_clips(folder) == 0


def test_files_of_others_stay(folder):
    """Whatever they are called."""
    other = folder / 'mine.partial.npy'
    other.write_text('precious')
    for options in (dict(), dict(), dict(alignment='quick', overwrite=True)):
        align_clips(folder, **options)
        assert other.read_text() == 'precious'


def test_a_link_in_the_place_of_an_alignment_stays(folder):
    link = folder / 'aligned.npy'
    link.symlink_to('/nowhere/aligned.npy')
    with pytest.raises(DataError, match='aligned.npy: .* Move it away'):
        align_clips(folder)
    assert link.is_symlink()
    link.unlink()
    assert align_clips(folder) == 5
