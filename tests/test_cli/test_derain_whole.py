"""Nothing half is called whole: segments, outputs, records."""

import json
import os
import resource
import shutil
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mmderain.jobs import archive_work, derain_job
from mmderain.media import video_encoder, video_sink
from tests.helpers.videos import (
    decoded,
    pictures,
    times,
    write_video,
)
from tests.tiny import ROOT


@pytest.fixture
def derain(derain):
    """Lossless: what the encoder does is not always the same to the bit."""
    def run(*arguments):
        # images have no such option
        is_video = (str(arguments[1]).endswith(('.mp4', '.mkv', '.mov'))
                    or '--output-dir' in arguments)
        return derain(*arguments, *(['--crf', '0'] if is_video else []))
    return run


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'in.mp4',
                       pictures(20))


def stop(*arguments):
    raise KeyboardInterrupt


def full_disk(folder):
    return SimpleNamespace(total=1 << 40, used=1 << 40, free=0)


def now_derained(said):
    return int(said.split('frames, ')[1].split(' of them')[0])


# ------------------------------------------------------------------- segments

def test_a_file_that_may_not_grow_is_no_finished_segment(derain, video,
                                                         tmp_path):
    output = tmp_path / 'o.mp4'
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores the signal, so that writing fails
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, before[1]))
    try:
        status, said = derain(video, output, '--segment-frames', 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 2 and '9000 bytes at most' in said
    assert 'ulimit -f unlimited' in said and '--resume' in said
    assert 'space' not in said
    assert not output.exists()
    status, said = derain(video, output, '--segment-frames', 5, '--resume')
    assert status == 0
    assert derain(video, tmp_path / 'whole.mp4')[0] == 0
    np.testing.assert_array_equal(decoded(output),
                                  decoded(tmp_path / 'whole.mp4'))


@pytest.mark.parametrize('share', [0.99, 0.6, 0])
def test_a_segment_that_is_cut_while_closing_is_not_recorded(
        derain, video, tmp_path, monkeypatch, share):
    """As on a disk that is full, of which FFmpeg says nothing."""
    closed = []

    class Cut(video_encoder.VideoEncoder):
        def close(self):
            super().close()
            closed.append(self.path)
            if len(closed) == 2:
                os.truncate(self.path, int(self.path.stat().st_size * share))

    monkeypatch.setattr('mmderain.media.video_sink.VideoEncoder', Cut)
    monkeypatch.setattr('shutil.disk_usage', full_disk)
    output = tmp_path / 'o.mp4'
    status, said = derain(video, output, '--segment-frames', 5)
    assert status == 2 and 'No space left' in said
    state = json.loads((tmp_path / 'o.mp4.parts' / 'state.json').read_text())
    assert list(state['segments']) == ['0']
    monkeypatch.undo()
    status, said = derain(video, output, '--segment-frames', 5, '--resume')
    assert status == 0 and now_derained(said) == 15
    assert times(output) == times(video)


def cut(path):
    os.truncate(path, path.stat().st_size - 1)


def turn_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace_by_another(path):
    shutil.copy(path.with_name('00000.mp4'), path)


def remove(path):
    path.unlink()


@pytest.mark.parametrize('track', ['output', 'removed'])
@pytest.mark.parametrize('damage', [cut, turn_a_bit, replace_by_another,
                                    remove])
def test_finished_segments_are_looked_at_again(derain, video, tmp_path,
                                               monkeypatch, damage, track):
    monkeypatch.setattr(derain_job, 'place', stop)
    output = tmp_path / 'o.mp4'
    command = [video, output, '--segment-frames', 5, '--save-maps']
    assert derain(*command)[0] == 130
    monkeypatch.undo()
    damage(tmp_path / 'o.mp4.parts' / track / '00002.mp4')
    status, said = derain(*command, '--resume')
    assert status == 0 and now_derained(said) == 5
    assert derain(video, tmp_path / 'whole.mp4', '--save-maps')[0] == 0
    for name in ('', '.removed'):
        np.testing.assert_array_equal(
            decoded(tmp_path / f'o{name}.mp4'),
            decoded(tmp_path / f'whole{name}.mp4'))


@pytest.mark.parametrize('damage', [cut, turn_a_bit, remove])
def test_segments_of_images_are_looked_at_again(derain, video, tmp_path,
                                                monkeypatch, damage):
    monkeypatch.setattr(derain_job, 'place_folder', stop)
    command = [video, tmp_path / 'o', '--segment-frames', 5]
    assert derain(*command)[0] == 130
    monkeypatch.undo()
    damage(tmp_path / 'o.parts' / 'output' / '00002' / '00000011.png')
    status, said = derain(*command, '--resume')
    assert status == 0 and now_derained(said) == 5
    names = sorted(path.name for path in (tmp_path / 'o').glob('[!.]*'))
    assert names == [f'{index:08d}.png' for index in range(20)]
    assert all(cv2.imread(str(path)) is not None
               for path in (tmp_path / 'o').glob('*.png'))


def test_another_tile_is_said_where_frames_are_finished(
        derain, video, tmp_path, monkeypatch):
    """It was passed over without a word."""
    monkeypatch.setattr(derain_job, 'place', stop)
    output = tmp_path / 'o.mp4'
    command = [video, output, '--segment-frames', 5]
    assert derain(*command)[0] == 130
    monkeypatch.undo()
    goes_on = 'goes on in whole frames, as it was begun, not in tiles of 48x40'
    resume = [*command, '--tile', '40x48', '--resume']
    status, said = derain(*resume, '--dry-run')
    assert status == 0 and goes_on in said
    # what is left to the machine is as it was
    status, said = derain(*command, '--resume', '--dry-run')
    assert status == 0 and 'goes on' not in said
    status, said = derain(*resume)
    assert status == 0 and goes_on in said and now_derained(said) == 0


def test_another_tile_is_taken_where_no_frames_are_finished(
        derain, video, tmp_path, monkeypatch):
    """A device whose memory is full asks for it."""
    output, then = tmp_path / 'o.mp4', tmp_path / 'then'

    def killed(*arguments):
        shutil.copytree(tmp_path / 'o.mp4.parts', then)
        raise KeyboardInterrupt

    monkeypatch.setattr(derain_job.DerainJob, '_make_segments', killed)
    assert derain(video, output, '--tile', '48')[0] == 130
    monkeypatch.undo()
    then.rename(tmp_path / 'o.mp4.parts')
    status, said = derain(video, output, '--tile', 'none', '--resume',
                          '--dry-run')
    assert status == 0 and 'whole frames' in said and 'goes on' not in said


def test_leave_to_skip_may_be_given_later(derain, tmp_path):
    """What is finished without it has skipped nothing."""
    (tmp_path / 'in').mkdir()
    damaged = write_video(tmp_path / 'in' / 'b.avi', pictures(20), 'ffv1')
    content = bytearray(damaged.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 200] = b'\xff' * 200
    damaged.write_bytes(content)
    whole = write_video(tmp_path / 'in' / 'a.avi', pictures(20), 'ffv1')
    command = [whole, damaged, '--output-dir', tmp_path / 'out',
               '--segment-frames', 5, '--resume']
    status, said = derain(*command)
    assert status == 1 and '--skip-bad-frames' in said
    status, said = derain(*command, '--skip-bad-frames')
    assert status == 0 and 'a.mkv' not in said
    assert 0 < len(times(tmp_path / 'out' / 'b.mkv')) < 20
    # what was left out is not called whole
    status, said = derain(*command)
    assert status == 1 and 'skip_bad_frames was True and is False' in said


@pytest.mark.parametrize('moment', ['plan_copies', 'workers_on'])
def test_a_kill_before_any_segment_can_be_resumed(derain, video, tmp_path,
                                                  monkeypatch, moment):
    output = tmp_path / 'o.mkv'

    def killed(*arguments):
        parts = tmp_path / 'o.mkv.parts'
        shutil.copytree(parts, tmp_path / 'then')
        # a container is being tried
        (tmp_path / 'then' / 'trial.mkv').write_bytes(b'')
        raise KeyboardInterrupt

    monkeypatch.setattr(derain_job, moment, killed)
    assert derain(video, output)[0] == 130
    monkeypatch.undo()
    shutil.rmtree(tmp_path / 'o.mkv.parts', ignore_errors=True)
    (tmp_path / 'then').rename(tmp_path / 'o.mkv.parts')
    assert derain(video, output, '--resume')[0] == 0
    assert len(times(output)) == 20
    assert not (tmp_path / 'o.mkv.parts').exists()


def test_unfinished_work_of_0_1_is_resumed(derain, video, tmp_path,
                                           monkeypatch):
    """It noted no digests: its segments are decoded instead."""
    monkeypatch.setattr(derain_job, 'place', stop)
    output = tmp_path / 'o.mp4'
    command = [video, output, '--segment-frames', 5]
    assert derain(*command)[0] == 130
    monkeypatch.undo()
    path = tmp_path / 'o.mp4.parts' / 'state.json'
    state = json.loads(path.read_text())
    for name in ('mmderain', 'files', 'placed'):
        del state[name]
    del state['settings']['input_known_by']
    assert state['settings']['dtype'] == 'float32'
    state['settings']['dtype'] = 'None'
    del state['settings']['backend']
    # nor any guard or drops
    state['segments'] = {number: known[:5]
                         for number, known in state['segments'].items()}
    path.write_text(json.dumps(state))
    # the last byte is of an index that nobody needs
    segment = path.parent / 'output' / '00001.mp4'
    os.truncate(segment, segment.stat().st_size * 2 // 3)
    status, said = derain(*command, '--resume')
    assert status == 0 and now_derained(said) == 5
    assert times(output) == times(video)
    assert not path.parent.exists()


def test_an_output_that_is_cut_while_joining_takes_no_place(
        derain, video, tmp_path, monkeypatch):
    join = video_sink.join_segments

    def cut_short(segments, starts, target, *arguments):
        written = join(segments, starts, target, *arguments)
        os.truncate(target, target.stat().st_size * 9 // 10)
        return written

    monkeypatch.setattr(video_sink, 'join_segments', cut_short)
    output = tmp_path / 'o.mkv'
    status, said = derain(video, output)
    assert status == 2 and not output.exists()
    # advice to free space would lead nowhere
    assert 'joined.mkv is not what was written' in said
    assert 'the disk is not full' in said and 'report it' in said
    monkeypatch.setattr('shutil.disk_usage', full_disk)
    status, said = derain(video, output, '--resume')
    assert status == 2 and 'No space left' in said and not output.exists()
    monkeypatch.undo()
    status, said = derain(video, output, '--resume')
    assert status == 0 and now_derained(said) == 0
    assert len(times(output)) == 20


@pytest.mark.parametrize('begin', [0, 40])
@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_an_output_that_begins_late_is_whole(derain, tmp_path, begin, suffix):
    """As recordings of a broadcast do, with key frames at cuts."""
    rng = np.random.default_rng(0)
    scenes = rng.integers(0, 255, (2, 48, 64, 3), np.uint8)
    # the encoder makes a second key frame of the cut
    source = write_video(
        tmp_path / 'in.mkv', [scenes[index // 30] for index in range(35)],
        pts=[90000 * begin + 3000 * index for index in range(35)])
    output = tmp_path / f'o{suffix}'
    assert derain(source, output)[0] == 0
    assert len(times(output)) == 35


# -------------------------------------------------------------------- records

@pytest.fixture
def done(derain, tmp_path):
    """An archive of one video that is done: its command, input and output."""
    source = write_video(tmp_path / 'a.mp4', pictures(4))
    write_video(tmp_path / 'z.mp4', pictures(4))
    out = tmp_path / 'out'
    command = [tmp_path / '*.mp4', '--output-dir', out]
    status, said = derain(*command)
    assert status == 0 and '2 done, 0 done before' in said
    return command, source, out / 'a.mp4'


def test_a_record_that_holds_counts(derain, done):
    command, source, output = done
    before = output.stat().st_mtime_ns
    status, said = derain(*command)
    assert status == 0 and '0 done, 2 done before, 0 failed' in said
    assert output.stat().st_mtime_ns == before


def other_input(source, output):
    write_video(source, pictures(4, seed=1))


def touched_input(source, output):
    stat = source.stat()
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))


def same_size_and_time(source, output):
    stat = source.stat()
    turn_a_bit(source)
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def other_output(source, output):
    write_video(output, pictures(3))


def cut_output(source, output):
    cut(output)


def garbage_record(source, output):
    output.with_name('a.mp4.done.json').write_text('{"frames": ')


def list_record(source, output):
    output.with_name('a.mp4.done.json').write_text('[]')


@pytest.mark.parametrize('change', [
    other_input, touched_input, same_size_and_time, other_output, cut_output,
    garbage_record, list_record])
def test_a_record_that_does_not_hold_is_refused(derain, done, change):
    command, source, output = done
    change(source, output)
    before = output.read_bytes()
    status, said = derain(*command)
    assert status == 1 and '0 done, 1 done before, 1 failed' in said
    assert '--overwrite' in said and output.read_bytes() == before
    if change is not same_size_and_time:
        status, said = derain(*command, '--overwrite')
        assert status == 0 and '2 done, 0 done before' in said
        assert len(times(output)) == 4


@pytest.mark.parametrize('options, name', [
    (['--strength', '0.5'], 'strength'), (['--codec', 'hevc'], 'encoding'),
    (['--dtype', 'bfloat16'], 'dtype')])
def test_a_record_of_other_settings_is_refused(derain, done, options, name):
    command, _, output = done
    before = output.read_bytes()
    status, said = derain(*command, *options)
    assert status == 1 and '0 done, 0 done before, 2 failed' in said
    assert f'{name} was' in said and output.read_bytes() == before


def test_what_does_not_change_the_output_does_not_matter(derain, done):
    command, _, _ = done
    status, said = derain(*command, '--segment-frames', '2', '--tile', '64')
    assert status == 0 and '0 done, 2 done before' in said


@pytest.mark.parametrize('change', [
    lambda source, output: None, other_input, garbage_record])
def test_what_is_not_there_is_done_again(derain, done, change):
    command, source, output = done
    change(source, output)
    output.unlink()
    status, said = derain(*command)
    assert status == 0 and '1 done, 1 done before, 0 failed' in said
    assert len(times(output)) == 4
    status, said = derain(*command)
    assert '0 done, 2 done before' in said


@pytest.mark.parametrize('content', ['my notes', '{"mine": 1}', None])
def test_what_is_in_a_records_place_is_kept(derain, tmp_path, content):
    """A file of the user's, or a folder."""
    source = write_video(tmp_path / 'a.mp4', pictures(4))
    out = tmp_path / 'out'
    out.mkdir()
    path, kept = (out / f'a.mp4.done.json{end}' for end in ('', '.kept1'))
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    command = [source, '--output-dir', out]
    status, said = derain(*command)
    assert status == 0 and 'will be kept as a.mp4.done.json.kept1' in said
    assert kept.is_dir() if content is None else kept.read_text() == content
    status, said = derain(*command)
    assert status == 0 and '0 done, 1 done before' in said


def test_records_of_0_1_are_trusted_by_their_frames(derain, done):
    command, _, output = done
    for name in ('a', 'z'):
        path = output.with_name(f'{name}.mp4.done.json')
        record = json.loads(path.read_text())
        for key in ('settings', 'input_known_by', 'output_known_by'):
            del record[key]
        path.write_text(json.dumps(record))
    status, said = derain(*command, '--summary', output.parent / 's.json')
    assert status == 0 and '0 done, 2 done before' in said
    assert '2 of those done before have records of mmderain 0.1' in said
    assert json.loads((output.parent / 's.json').read_text())[
        'done_before_by_0_1'] == 2
    write_video(output, pictures(3))
    status, said = derain(*command)
    assert status == 1 and '1 done before, 1 failed' in said
    assert '3 frames' in said and '--overwrite' in said


def test_a_kill_between_output_and_record_leaves_both_known(
        derain, tmp_path, monkeypatch):
    write_video(tmp_path / 'a.mp4', pictures(4))
    command = [tmp_path / 'a.mp4', '--output-dir', tmp_path / 'out']
    monkeypatch.setattr(archive_work, 'write_record', stop)
    assert derain(*command)[0] == 130
    monkeypatch.undo()
    output = tmp_path / 'out' / 'a.mp4'
    before = output.stat().st_mtime_ns
    # somebody else's file under the name is not taken for ours
    kept = output.read_bytes()
    output.write_text('precious')
    status, said = derain(*command)
    assert status == 1 and output.read_text() == 'precious'
    output.write_bytes(kept)
    os.utime(output, ns=(before, before))
    status, said = derain(*command)
    assert status == 0 and '1 done' in said
    assert output.stat().st_mtime_ns == before  # nothing was joined again


def test_an_input_that_changes_meanwhile_is_not_recorded(
        derain, tmp_path, monkeypatch):
    source = write_video(tmp_path / 'a.mp4', pictures(6))
    made = derain_job.DerainJob._make_segments

    def replaced_then(self, *arguments):
        made(self, *arguments)
        write_video(source, pictures(9))

    monkeypatch.setattr(derain_job.DerainJob, '_make_segments', replaced_then)
    command = [source, '--output-dir', tmp_path / 'out']
    status, said = derain(*command)
    assert status == 1 and 'has changed while' in said
    assert not (tmp_path / 'out' / 'a.mp4').exists()
    monkeypatch.undo()
    status, said = derain(*command, '--overwrite')
    assert status == 0 and len(times(tmp_path / 'out' / 'a.mp4')) == 9


@pytest.mark.parametrize(('limit', 'codec'), [
    (0, 'h264'), (1000, 'h264'), (1000, 'av1')])
def test_where_nothing_can_be_written_no_codec_is_blamed(video, tmp_path,
                                                         limit, codec):
    """As under a quota, and with no space for temporary files."""
    code = ('import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, '
            f'({limit}, {limit})); from mmderain.cli.main import main; '
            'sys.exit(main(sys.argv[1:]))')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code, 'derain', str(video),
         str(tmp_path / 'o.mp4'), '--device', 'cpu', '--codec', codec],
        cwd=ROOT,
        capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 2, done.stderr
    assert 'ulimit -f' in said or 'No usable temporary' in said
    assert '--codec' not in said and 'Ask for another file' not in said
    assert not (tmp_path / 'o.mp4').exists()


@pytest.mark.parametrize('output', ['o.mp4', 'o.mkv', 'frames'])
@pytest.mark.parametrize('number', [0, 1, 3])
@pytest.mark.parametrize('damage', ['removed', 'cut', 'shorter'])
def test_a_segment_that_is_changed_before_it_is_joined(
        derain, video, tmp_path, monkeypatch, output, number, damage):
    """By another program, while the others are being made."""
    target = tmp_path / output
    real = derain_job.DerainJob._finish

    def finish(*arguments):
        segments = target.with_name(f'{output}.parts') / 'output'
        found = sorted(segments.glob(f'{number:05d}*'))[0]
        if found.is_dir():
            first = sorted(found.iterdir())[0]
            shutil.rmtree(found) if damage == 'removed' else first.unlink()
        elif damage == 'removed':
            found.unlink()
        elif damage == 'cut':
            os.truncate(found, 100)
        else:
            write_video(found, pictures(3))
        real(*arguments)

    monkeypatch.setattr(derain_job.DerainJob, '_finish', finish)
    status, said = derain(video, target, '--segment-frames', '5')
    assert status == 2 and not target.exists()
    assert f'{number:05d}' in said.splitlines()[-1]
    assert 'during the work' in said and 'Add --resume' in said
    monkeypatch.undo()
    status, said = derain(video, target, '--segment-frames', '5', '--resume')
    assert status == 0 and now_derained(said) == 5
