"""Nothing that a user has is removed or replaced unasked."""

import json
import os

import cv2
import numpy as np
import pytest

from mmderain.jobs import derain_job
from mmderain.media.frame_folder import MARKER
from mmderain.media.images import read_image
from tests.helpers.videos import pictures, times, write_video


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / 'in.mp4', pictures(4))


def write_frames(folder, names=('0.png', '1.png', '2.png')):
    folder.mkdir(parents=True)
    for name, frame in zip(names, pictures(len(names)), strict=True):
        cv2.imwrite(str(folder / name), frame[..., ::-1])
    return folder


def content(folder):
    """Each file below a folder and what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


@pytest.mark.parametrize('options', [(), ('--overwrite', ),
                                     ('--overwrite', '--resume')])
def test_a_folder_that_holds_the_input_stays(derain, tmp_path, options):
    album = tmp_path / 'album'
    album.mkdir()
    video = write_video(album / 'in.mp4', pictures(4))
    before = content(tmp_path)
    status, said = derain(video, album, *options)
    assert status == 2 and content(tmp_path) == before
    assert '--overwrite' not in said


@pytest.mark.parametrize('options', [(), ('--overwrite', )])
@pytest.mark.parametrize('name, remedy', [('d.mp4', 'd.mp4/in.mp4'),
                                          ('photos', 'photos/in.mp4')])
def test_a_folder_is_never_replaced_by_a_file_or_frames(
        derain, video, tmp_path, name, remedy, options):
    folder = write_frames(tmp_path / name)
    before = content(tmp_path)
    status, said = derain(video, folder, *options)
    assert status == 2 and content(tmp_path) == before
    assert '--overwrite' not in said
    if not options or '.' in name:
        assert remedy in said
        # and that spelling works
        assert derain(video, tmp_path / remedy)[0] == 0


def test_a_folder_of_frames_that_we_made_is_made_again(derain, tmp_path):
    source = write_frames(tmp_path / 'frames')
    clean = tmp_path / 'clean'
    assert derain(source, clean)[0] == 0
    first = content(clean)
    status, said = derain(source, clean)
    assert status == 2 and content(clean) == first
    status, said = derain(source, clean, '--overwrite', '--strength', 0)
    assert status == 0
    np.testing.assert_array_equal(read_image(clean / '1.png'),
                                  read_image(source / '1.png'))
    assert not list(tmp_path.glob('*.parts'))
    # but not with a file of somebody else in it
    (clean / 'notes.txt').write_text('precious')
    before = content(clean)
    status, said = derain(source, clean, '--overwrite')
    assert status == 2 and 'notes.txt' in said and content(clean) == before
    (clean / 'notes.txt').unlink()
    # nor without our mark
    (clean / MARKER).unlink()
    before = content(clean)
    status, said = derain(source, clean, '--overwrite')
    assert status == 2 and content(clean) == before


def test_a_frame_of_a_folder_of_ours_is_no_input_for_it(derain, tmp_path):
    clean = tmp_path / 'clean'
    assert derain(write_frames(tmp_path / 'frames'), clean)[0] == 0
    before = content(clean)
    status, said = derain(clean / '1.png', clean, '--overwrite')
    assert status == 2 and 'outside the input' in said
    assert content(clean) == before


@pytest.mark.parametrize('options', [(), ('--overwrite', ), ('--resume', )])
@pytest.mark.parametrize('files', [
    {'thesis.txt': 'x'}, {'state.json': '{"thesis": 1}', 'a.txt': 'x'},
    {'state.json': '[1]'}, {'state.json': 'no json'},
    {'state.json': '{}', 'output/00000.mp4': 'x'}])
def test_a_folder_of_parts_that_is_not_ours_stays(derain, video, tmp_path,
                                                  files, options):
    parts = tmp_path / 'o.mp4.parts'
    parts.mkdir()
    (parts / 'output').mkdir()
    for name, text in files.items():
        (parts / name).write_text(text)
    status, said = derain(video, tmp_path / 'o.mp4', *options)
    assert status == 2 and 'o.mp4.parts' in said
    assert {str(path.relative_to(parts)): path.read_text()
            for path in parts.rglob('*') if path.is_file()} == files
    assert not (tmp_path / 'o.mp4').exists()


def test_a_file_in_the_way_of_the_parts_stays(derain, video, tmp_path):
    (tmp_path / 'o.mp4.parts').write_text('precious')
    status, said = derain(video, tmp_path / 'o.mp4', '--overwrite')
    assert status == 2 and 'o.mp4.parts' in said
    assert (tmp_path / 'o.mp4.parts').read_text() == 'precious'


def test_what_was_put_into_our_parts_stays(derain, video, tmp_path,
                                           monkeypatch):
    def add(*arguments):
        parts = tmp_path / 'o.mp4.parts'
        (parts / 'notes.txt').write_text('precious')
        (parts / 'output' / 'mine.mp4').write_text('precious')
        raise KeyboardInterrupt

    monkeypatch.setattr(derain_job, 'place', add)
    assert derain(video, tmp_path / 'o.mp4')[0] == 130
    monkeypatch.undo()
    for options in (['--overwrite'], ['--overwrite']):
        status, said = derain(video, tmp_path / 'o.mp4', *options)
        parts = tmp_path / 'o.mp4.parts'
        assert (parts / 'notes.txt').read_text() == 'precious'
        assert (parts / 'output' / 'mine.mp4').read_text() == 'precious'


def test_unfinished_work_is_no_input_of_its_own_output(derain, video,
                                                       tmp_path):
    parts = tmp_path / 'o.mp4.parts' / 'output'
    parts.mkdir(parents=True)
    source = write_video(parts / '00000.unfinished.mp4', pictures(4))
    status, said = derain(source, tmp_path / 'o.mp4', '--overwrite')
    assert status == 2 and 'outside the input' in said and source.exists()


def test_what_comes_into_being_meanwhile_stays(derain, video, tmp_path,
                                               monkeypatch):
    output = tmp_path / 'o.mp4'
    original = derain_job.place

    def late(*arguments):
        if not output.exists():
            output.write_text('precious')
        return original(*arguments)

    monkeypatch.setattr(derain_job, 'place', late)
    status, said = derain(video, output)
    assert status == 2 and output.read_text() == 'precious'
    monkeypatch.undo()
    status, said = derain(video, output, '--resume')
    assert status == 2 and output.read_text() == 'precious'
    output.rename(tmp_path / 'mine.mp4')
    status, said = derain(video, output, '--resume')
    assert status == 0 and '0 of them now' in said
    assert len(times(output)) == 4


@pytest.mark.parametrize('rows, said_of', [
    # one's output is the other's input
    (['a.mp4,b.mp4', 'b.mp4,c.mp4'], 'outside the input'),
    (['a.mp4,{dir}/a.mp4'], 'outside the input'),
    # two outputs of one name, or of one but for case
    (['a.mp4,x.mp4', 'b.mp4,x.mp4'], 'written to'),
    (['a.mp4,x.mp4', 'b.mp4,X.mp4'], 'one name'),
    # a preview is an output, and so are maps and unfinished work
    (['a.mp4,x.mp4', 'b.mp4,x.preview.mp4'], 'one name'),
    (['a.mp4,x.mp4', 'b.mp4,x.removed.mp4'], 'one name'),
    (['a.mp4,x.mp4', 'b.mp4,x.mp4.parts/y.mp4'], 'outside the output'),
    (['a.mp4,x', 'b.mp4,x/y.mp4'], 'outside the output'),
    # an output within a folder of frames that is read
    (['frames,x.mp4', 'a.mp4,frames/y.mp4'], 'outside the input'),
])
def test_a_list_that_destroys_itself_is_refused(derain, tmp_path, rows,
                                                said_of):
    for name in ('a', 'b'):
        write_video(tmp_path / f'{name}.mp4', pictures(4))
    write_frames(tmp_path / 'frames')
    listed = tmp_path / 'list.csv'
    listed.write_text('\n'.join(
        ','.join(f'{tmp_path}/{cell}' for cell in row.format(
            dir='.').split(',')) for row in rows))
    before = content(tmp_path)
    status, said = derain('--list', listed, '--overwrite', '--preview',
                          'side', '--save-maps')
    assert status == 2 and said_of in said, said
    assert content(tmp_path) == before


def test_a_mask_is_an_input(derain, tmp_path):
    frames = write_frames(tmp_path / 'frames')
    mask = tmp_path / 'mask.png'
    cv2.imwrite(str(mask), np.zeros((48, 64, 3), np.uint8))
    before = content(tmp_path)
    status, said = derain(frames / '0.png', mask, '--mask', mask,
                          '--overwrite')
    assert status == 2 and content(tmp_path) == before


def test_a_summary_replaces_a_summary_only(derain, video, tmp_path):
    summary = tmp_path / 'results.json'
    summary.write_text('{"precious": 1}')
    command = [video, '--output-dir', tmp_path / 'out', '--summary', summary]
    status, said = derain(*command)
    assert status == 2 and '--summary' in said
    assert summary.read_text() == '{"precious": 1}'
    summary.unlink()
    assert derain(*command)[0] == 0
    assert derain(*command)[0] == 0  # the second replaces the first


@pytest.mark.parametrize('names', [
    ('a1.png', 'a1.jpg'), ('a1.png', 'a1.PNG'), ('A1.png', 'a1.png')])
def test_frames_of_one_name_are_refused(derain, tmp_path, names):
    folder = write_frames(tmp_path / 'frames', names)
    status, said = derain(folder, tmp_path / 'clean')
    assert status == 2 and all(name in said for name in names)
    assert not (tmp_path / 'clean').exists()
    # nothing is wrong with a video of them
    assert derain(folder, tmp_path / 'clean.mp4')[0] == 0
    assert len(times(tmp_path / 'clean.mp4')) == 2


@pytest.mark.parametrize('name', ['.', '/', '..', 'x' * 252 + '.mp4'])
def test_outputs_without_a_usable_name(derain, video, monkeypatch, tmp_path,
                                       name):
    monkeypatch.chdir(tmp_path)
    before = content(tmp_path)
    status, said = derain(video, name)
    assert status == 2 and 'error: ' in said and 'Traceback' not in said
    assert content(tmp_path) == before


def test_links_that_lead_in_a_circle(derain, video, tmp_path):
    (tmp_path / 'a.mp4').symlink_to(tmp_path / 'b.mp4')
    (tmp_path / 'b.mp4').symlink_to(tmp_path / 'a.mp4')
    status, said = derain(video, tmp_path / 'a.mp4', '--overwrite')
    assert status == 2 and 'circle' in said
    # unfinished work is not put where a link of somebody else leads
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'o.mp4.parts').symlink_to(tmp_path / 'elsewhere')
    status, said = derain(video, tmp_path / 'o.mp4')
    assert status == 2 and 'in the way' in said
    assert not list((tmp_path / 'elsewhere').iterdir())


def test_shards_do_not_destroy_each_other(derain, tmp_path):
    for name in ('a', 'b'):
        write_video(tmp_path / f'{name}.mp4', pictures(4))
    listed = tmp_path / 'l.csv'
    listed.write_text(''.join(
        f'{tmp_path}/{one}.mp4,{tmp_path}/{other}.mp4\n'
        for one, other in ('ab', 'bc')))
    before = content(tmp_path)
    for index in range(8):
        status, said = derain('--list', listed, '--shard', f'{index}/8',
                              '--overwrite')
        assert status == 2 and 'outside the input' in said
    assert content(tmp_path) == before


@pytest.mark.parametrize('name', ['out/in.mp4', 'out/in.mp4.done.json',
                                  'in.mp4', 'list.txt'])
def test_a_summary_is_an_output_too(derain, video, tmp_path, name):
    (tmp_path / 'list.txt').write_text(f'{video}\n')
    before = content(tmp_path)
    status, said = derain('--list', tmp_path / 'list.txt', '--output-dir',
                          tmp_path / 'out', '--overwrite', '--summary',
                          tmp_path / name)
    assert status == 2 and content(tmp_path) == before


@pytest.mark.parametrize('change', [
    dict(segments={'a': [1]}), dict(segments={'0': [1]}),
    dict(segments={'0': ['x'] * 6}), dict(files=[]), dict(placed=[]),
    dict(tile='x'), dict(settings=[])])
def test_a_state_of_another_shape_is_named(derain, video, tmp_path, change):
    parts = tmp_path / 'o.mp4.parts'
    parts.mkdir()
    (parts / 'state.json').write_text(json.dumps(
        {'mmderain': '0.2', 'settings': {}, **change}))
    status, said = derain(video, tmp_path / 'o.mp4', '--resume')
    assert status == 2 and 'state.json' in said and 'cannot be used' in said


def test_names_that_are_not_utf_8(derain, video, tmp_path):
    folder = tmp_path / 'in'
    folder.mkdir()
    name = os.fsdecode(b'f\xff.mp4')
    video.rename(folder / name)
    (write_frames(folder / 'frames') / '0.png').rename(
        folder / 'frames' / os.fsdecode(b'f\xfe.png'))
    status, said = derain(folder / name, folder / 'frames', '--output-dir',
                          tmp_path / 'out')
    assert status == 0 and '2 done' in said, said
    assert len(times(tmp_path / 'out' / name)) == 4


@pytest.mark.parametrize('more', [(), ('--overwrite', )])
def test_a_pipe_as_output_is_refused_before_the_work(derain, video, tmp_path,
                                                     more):
    output = tmp_path / 'out.mp4'
    os.mkfifo(output)
    status, said = derain(video, output, *more)
    assert status == 2 and 'a pipe is there. Choose another name' in said
    assert output.is_fifo()
    assert sorted(item.name for item in tmp_path.iterdir()) == [
        'in.mp4', 'out.mp4']


@pytest.mark.parametrize('place', ['a.mp4', 'DCIM/day/a.mp4'])
def test_videos_beside_a_picture_are_not_left_out(derain, tmp_path, place):
    """Cameras write one for each video; as frames they were all it took."""
    cards = write_frames(tmp_path / 'cards' / '1')
    (cards / place).parent.mkdir(parents=True, exist_ok=True)
    write_video(cards / place, pictures(4))
    write_video(tmp_path / 'cards' / 'b.mp4', pictures(4))
    status, said = derain(tmp_path / 'cards', f'{tmp_path}/out/')
    assert status == 1 and '1 done, 0 done before, 1 failed' in said
    assert 'expected frames of one clip, or videos' in said
    assert f'{place}. Name the videos themselves' in said
    for output in (tmp_path / 'o', tmp_path / 'o.mp4', f'{tmp_path}/o/'):
        status, said = derain(cards, output)
        assert status == 2 and 'Name the videos themselves (' in said
    assert not (tmp_path / 'o').exists()
    status, said = derain(f'{cards}/**/*.mp4', '--output-dir', tmp_path / 'o')
    assert status == 0 and '1 done' in said


def test_pictures_in_folders_of_frames_are_not_left_out_silently(
        derain, tmp_path):
    frames = write_frames(tmp_path / 'set' / 'a')
    write_frames(frames / 'small')
    told = f'passed over: {frames}/small/0.png and 2 more'
    for source, output in ((frames, 'out'), (frames.parent, 'all/')):
        status, said = derain(source, f'{tmp_path}/{output}')
        assert status == 0 and told in said
    (frames / '3.heic').write_bytes(b'a frame')
    status, said = derain(frames, tmp_path / 'other')
    assert status == 2 and '3.heic' in said and 'Convert it to PNG' in said
    # an archive of videos and a telephone's pictures
    (tmp_path / 'phone').mkdir()
    write_video(tmp_path / 'phone' / 'a.mp4', pictures(3))
    (tmp_path / 'phone' / 'b.heic').write_bytes(b'a picture')
    status, said = derain(tmp_path / 'phone', f'{tmp_path}/clean/')
    assert status == 0 and 'b.heic, a picture of a kind that is not' in said


@pytest.mark.parametrize('output', ['.', '/', '..', '.mp4'])
def test_names_of_outputs_that_nobody_can_mean(derain, video, monkeypatch,
                                               output):
    monkeypatch.chdir(video.parent)
    before = content(video.parent)
    status, said = derain(video, output)
    assert status == 2 and 'clean.mp4' in said
    assert content(video.parent) == before


def test_what_frames_cannot_replace_is_found_before_the_work(
        derain, video, tmp_path):
    """A file, or a link that leads nowhere, in the place of a folder."""
    (tmp_path / 'notes').write_text('precious')
    (tmp_path / 'link').symlink_to('/nowhere/frames')
    for name, what in (('notes', 'a file'), ('link', 'a link')):
        status, said = derain(video, tmp_path / name, '--overwrite')
        assert status == 2 and f'{what} ' in said
        assert not (tmp_path / f'{name}.parts').exists()
    assert (tmp_path / 'notes').read_text() == 'precious'


def test_what_is_anothers_is_found_before_the_work(
        derain, video, tmp_path, monkeypatch):
    """As in /tmp, where everybody writes."""
    shared = tmp_path / 'shared'
    shared.mkdir()
    assert derain(video, shared / 'frames')[0] == 0
    (shared / 'a.mp4').write_text('precious')
    shared.chmod(0o1777)
    before = content(shared)
    monkeypatch.setattr('os.geteuid', lambda: shared.stat().st_uid + 1)
    for name in ('a.mp4', 'frames'):
        status, said = derain(video, shared / name, '--overwrite')
        assert status == 2 and "another user's" in said
    assert content(shared) == before


def test_an_archive_of_which_nothing_comes_leaves_nothing(derain, tmp_path):
    status, said = derain(tmp_path / 'no.mp4', '--output-dir',
                          tmp_path / 'out')
    assert status == 1 and '1 failed' in said
    assert not any(tmp_path.iterdir())


def test_a_frame_that_leads_nowhere_is_named(derain, tmp_path):
    folder = tmp_path / 'frames'
    folder.mkdir()
    cv2.imwrite(str(folder / '1.png'), pictures(1)[0])
    (folder / '2.png').symlink_to('nowhere.png')
    status, said = derain(folder, tmp_path / 'out')
    assert status == 2 and f'{folder / "2.png"}: expected an input' in said
