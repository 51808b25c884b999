"""The command: what a camera recorded comes out with the rain removed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from mmderain.cli.derain import main
from mmderain.jobs import archive_work, segments
from mmderain.jobs.archive_list import find_entries
from mmderain.media import video_encoder
from mmderain.media.images import read_image
from mmderain.media.video_info import read_info
from mmderain.models.eevrsr.restoration import EEVRSRRestoration
from tests.helpers.videos import (
    TIME_BASE,
    decoded,
    marks,
    packets,
    pictures,
    times,
    write_video,
)
from tests.tiny import ROOT

VARIABLE = [977 + 3000 * index + 700 * (index % 3) for index in range(30)]


@pytest.fixture(scope='module')
def camera(tmp_path_factory):
    """A video with a variable rate, turned, with sound, titles and GPS."""
    return write_video(tmp_path_factory.mktemp('camera') / 'road.mp4',
                       pictures(30), pts=VARIABLE, rotation=90, extras=True,
                       tags=dict(colorspace=1, color_range=1,
                                 color_primaries=1, color_trc=1))


def test_everything_but_the_rain_stays(derain, camera, tmp_path):
    output = tmp_path / 'clean.mp4'
    status, said = derain(camera, output, '--segment-frames', 7)
    assert status == 0 and '30 frames' in said and 'frames/s' in said
    assert times(output) == times(camera)
    assert [stamp / TIME_BASE for stamp in times(output)] == VARIABLE
    ours, theirs = packets(output), packets(camera)
    assert set(ours) == {'audio', 'subtitle', 'data'}
    assert ours == theirs
    before, after = read_info(camera), read_info(output)
    assert after == before
    with av.open(str(output)) as container, av.open(str(camera)) as source:
        assert container.duration == source.duration
        assert container.metadata['title'] == 'a rainy road'
        assert container.chapters() == source.chapters()
        assert len(container.streams) == len(source.streams)
    assert marks(output) == marks(camera)
    change = np.abs(np.stack(decoded(output)).astype(int)
                    - np.stack(decoded(camera)))
    assert change.mean() > 0.5  # it was derained
    assert list(tmp_path.iterdir()) == [output]  # nothing is left over


@pytest.mark.parametrize('arguments', [
    ('--codec', 'hevc'), ('--codec', 'av1'), ('--codec', 'ffv1')])
def test_other_codecs_are_joined_as_well(derain, camera, tmp_path, arguments):
    output = tmp_path / 'clean.mkv'
    source = write_video(tmp_path / 'a.mkv', pictures(12))
    status, said = derain(source, output, '--segment-frames', 5, *arguments)
    assert status == 0, said
    assert times(output) == times(source)
    assert marks(output) == marks(source)


def test_batches_are_of_windows_and_tiles(derain, camera, tmp_path,
                                          monkeypatch):
    sizes = []
    original = EEVRSRRestoration.restore_window

    def spy(self, clip):
        sizes.append(len(clip))
        return original(self, clip)

    monkeypatch.setattr(EEVRSRRestoration, 'restore_window', spy)
    for name, arguments in (('whole', []), ('tiled', ['--tile', '40x48'])):
        videos = {}
        for batch in (1, 4):
            sizes.clear()
            output = tmp_path / f'{name}_{batch}.mp4'
            status, said = derain(camera, output, '--batch', batch, '--crf',
                                  0, *arguments)
            assert status == 0, said
            assert max(sizes) == batch
            videos[batch] = np.stack(decoded(output)).astype(int)
        # but for rounding; --crf 0 is lossless
        assert np.abs(videos[4] - videos[1]).mean() < 0.02


def test_crf_decides_the_size(derain, camera, tmp_path):
    sizes = []
    for crf in (10, 40):
        output = tmp_path / f'{crf}.mp4'
        assert derain(camera, output, '--crf', crf)[0] == 0
        sizes.append(sum(len(item[2]) for item in packets(
            output, without_video=False)['video']))
    assert sizes[0] > 2 * sizes[1]


def test_folders_and_images(derain, tmp_path):
    frames = pictures(5)
    folder = tmp_path / 'frames'
    folder.mkdir()
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / f'shot_{index * 5}.png'), frame[..., ::-1])
    assert derain(folder, tmp_path / 'clean')[0] == 0
    assert sorted(path.name for path in (tmp_path / 'clean').glob('[!.]*')
                  ) == ['shot_0.png', 'shot_10.png', 'shot_15.png',
                        'shot_20.png', 'shot_5.png']
    assert derain(folder, tmp_path / 'clean.mp4', '--fps', '30000/1001')[0] \
        == 0
    gaps = np.diff([float(stamp) for stamp in times(tmp_path / 'clean.mp4')])
    np.testing.assert_allclose(gaps, 1001 / 30000)
    # an image is derained as a clip of one frame
    image = folder / 'shot_0.png'
    assert derain(image, tmp_path / 'one.png')[0] == 0
    assert derain(image, tmp_path / 'one.jpg')[0] == 0
    assert read_image(tmp_path / 'one.png').shape == frames[0].shape
    status, said = derain(folder, tmp_path / 'one.gif')
    assert status == 2 and 'suffixes' in said


def test_a_video_method_says_that_it_needs_neighbours(derain, tmp_path):
    folder = tmp_path / 'frames'
    folder.mkdir()
    for index, frame in enumerate(pictures(5)):
        cv2.imwrite(str(folder / f'{index}.png'), frame[..., ::-1])
    status, said = derain(folder / '0.png', tmp_path / 'one.png')
    assert status == 0 and 'there is 1: little or no rain will go' in said
    assert 'attentive_gan' in said
    status, said = derain(folder, tmp_path / 'five')
    assert status == 0 and 'neighbours' not in said
    status, said = derain(folder, tmp_path / 'both', '--remove', 'drops')
    assert status == 0 and 'in 25 frames in all, but there are 5' in said
    # where nothing could be found nothing was looked for
    assert 'drops stay' in said and 'no drops found' not in said


def test_a_part(derain, camera, tmp_path):
    output = tmp_path / 'part.mp4'
    assert derain(camera, output, '--start', '10f', '--end', '20f')[0] == 0
    stamps = times(output)
    assert stamps[0] == 0 and len(stamps) == 10
    whole = times(camera)
    assert stamps == [stamp - whole[10] for stamp in whole[10:20]]
    kept = packets(output)['audio']
    assert kept and all(packet[0] < stamps[-1] + 1 for packet in kept)
    all_sound = [packet[2] for packet in packets(camera)['audio']]
    assert 0 < len(kept) < len(all_sound)
    assert [packet[2] for packet in kept] == [
        data for data in all_sound if data in [item[2] for item in kept]]
    seconds = tmp_path / 'seconds.mp4'
    assert derain(camera, seconds, '--start', '0.5', '--end', '0:0.8')[0] == 0
    assert 8 <= len(times(seconds)) <= 10


@pytest.mark.parametrize('part', [
    ('--start', '9:00'), ('--start', '9000f'),
    ('--start', '0.51', '--end', '0.52')])
def test_an_empty_part_is_told_before_the_work(derain, camera, tmp_path,
                                               monkeypatch, part):
    monkeypatch.setattr('mmderain.restorer.Restorer.stream', None)
    status, said = derain(camera, tmp_path / 'x.mp4', *part)
    assert status == 2 and 'no frames between' in said
    assert not (tmp_path / 'x.mp4.parts').exists()


def test_strength_and_mask(derain, tmp_path):
    folder = tmp_path / 'frames'
    folder.mkdir()
    frame = pictures(1)[0]
    cv2.imwrite(str(folder / '0.png'), frame[..., ::-1])
    mask = np.zeros((48, 64, 3), np.uint8)
    mask[:10] = 255
    cv2.imwrite(str(tmp_path / 'mask.png'), mask)

    def result(name, *arguments):
        assert derain(folder, tmp_path / name, *arguments)[0] == 0
        return read_image(tmp_path / name / '0.png').astype(int)

    full, half = result('full'), result('half', '--strength', '0.5')
    np.testing.assert_array_equal(result('none', '--strength', 0), frame)
    assert np.abs(half - (full + frame.astype(int)) / 2).max() <= 0.5
    masked = result('masked', '--mask', tmp_path / 'mask.png')
    np.testing.assert_array_equal(masked[:10], frame[:10])
    np.testing.assert_array_equal(masked[10:], full[10:])
    cv2.imwrite(str(tmp_path / 'mask.png'), mask[:20])
    status, said = derain(folder, tmp_path / 'x', '--mask',
                          tmp_path / 'mask.png')
    assert status == 2 and '48x64' in said


def test_scenes_without_rain_are_left(derain, tmp_path):
    folder = tmp_path / 'frames'
    folder.mkdir()
    cv2.imwrite(str(folder / '0.png'), pictures(1)[0][..., ::-1])
    status, said = derain(folder, tmp_path / 'a', '--leave-below', 200)
    assert status == 0 and '1 frames left as they are' in said
    assert 'mean change 0.00' in said
    np.testing.assert_array_equal(read_image(tmp_path / 'a' / '0.png'),
                                  pictures(1)[0])
    status, said = derain(folder, tmp_path / 'b', '--leave-below', 0.01)
    assert status == 0 and 'left' not in said


def test_what_the_guard_keeps_is_said(tmp_path, capsys):
    """By the shipped weights, which a moving grid turns black."""
    picture = np.full((128, 200, 3), 230, np.uint8)
    picture[::8] = 20
    picture[:, ::8] = 20
    folder = tmp_path / 'frames'
    folder.mkdir()
    for step in range(9):
        cv2.imwrite(str(folder / f'{step}.png'),
                    picture[:, 2 * step:2 * step + 160])
    assert main([str(folder), str(tmp_path / 'a'), '--device', 'cpu',
                 '--segment-frames', '4']) == 0
    assert ('; 9 frames kept as they came, wholly or in part: the result '
            'left what rain can explain (--no-guard '
            'takes it all the same)' in capsys.readouterr().out)
    for step in range(9):
        np.testing.assert_array_equal(
            read_image(tmp_path / 'a' / f'{step}.png'),
            picture[:, 2 * step:2 * step + 160])


def test_a_segment_of_before_the_guard_is_read():
    assert segments.Segment(4, 0.5, 0, 0, 4000).guarded == 0


@pytest.mark.parametrize('kind', ['side', 'split'])
def test_previews_and_maps(derain, camera, tmp_path, kind):
    output = tmp_path / 'clean.mp4'
    assert derain(camera, output, '--preview', kind, '--save-maps')[0] == 0
    shown = decoded(tmp_path / 'clean.preview.mp4')
    # upright, as a player shows the camera's frames
    assert len(shown) == 30
    assert shown[0].shape == (64, 96 if kind == 'side' else 48, 3)
    assert times(tmp_path / 'clean.preview.mp4') == times(camera)
    removed = decoded(tmp_path / 'clean.removed.mp4')
    assert removed[0].shape == (64, 48, 3)


def test_odd_sizes_keep_every_pixel(derain, tmp_path):
    source = write_video(tmp_path / 'a.mkv', pictures(3, (45, 61)), 'ffv1')
    assert derain(source, tmp_path / 'b.mp4')[0] == 0
    assert decoded(tmp_path / 'b.mp4')[0].shape == (45, 61, 3)


def test_nothing_is_overwritten(derain, camera, tmp_path):
    output = tmp_path / 'clean.mp4'
    output.write_text('precious')
    status, said = derain(camera, output)
    assert status == 2 and '--overwrite' in said
    assert output.read_text() == 'precious'
    assert derain(camera, output, '--overwrite')[0] == 0
    assert len(times(output)) == 30
    status, said = derain(camera, camera, '--overwrite')
    assert status == 2 and 'outside the input' in said


def test_sound_that_does_not_fit_is_no_silent_loss(derain, tmp_path):
    source = tmp_path / 'a.mkv'
    with av.open(str(source), 'w') as container:
        video = container.add_stream('libx264', rate=30)
        video.height, video.width = 48, 64
        sound = container.add_stream('pcm_u8', rate=8000, layout='mono')
        for image in pictures(3):
            container.mux(video.encode(
                av.VideoFrame.from_ndarray(image, format='rgb24')))
        container.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 800), np.uint8), format='u8', layout='mono')
        frame.sample_rate = 8000
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    status, said = derain(source, tmp_path / 'b.mp4')
    assert status == 2 and 'pcm_u8' in said
    assert 'Write another kind (.mov, .mkv, .m4v, .webm, .ts)' in said
    assert derain(source, tmp_path / 'b.mkv')[0] == 0
    assert packets(tmp_path / 'b.mkv') == packets(source)
    status, said = derain(source, tmp_path / 'b.mp4', '--leave-out-streams')
    assert status == 0 and 'not copied: audio' in said


def test_damage_is_an_error_or_left_out(derain, tmp_path):
    source = write_video(tmp_path / 'a.avi', pictures(20), 'ffv1')
    content = bytearray(source.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 200] = b'\xff' * 200
    source.write_bytes(content)
    status, said = derain(source, tmp_path / 'b.mkv')
    assert status == 2 and '--skip-bad-frames' in said
    assert not (tmp_path / 'b.mkv').exists()
    status, said = derain(source, tmp_path / 'b.mkv', '--skip-bad-frames',
                          '--overwrite')
    assert status == 0 and 'left out' in said
    assert 0 < len(times(tmp_path / 'b.mkv')) < 20


def test_what_is_missing_is_named(derain, camera, tmp_path, monkeypatch):
    assert derain(tmp_path / 'no.mp4', tmp_path / 'b.mp4')[0] == 2
    status, said = derain(camera)
    assert status == 2 and 'INPUT OUTPUT' in said
    monkeypatch.setitem(video_encoder.ENCODERS, 'h264', 'libnone')
    status, said = derain(camera, tmp_path / 'b.mp4')
    assert status == 2 and 'no encoder libnone' in said


def test_a_full_disk_keeps_what_is_finished(derain, camera, tmp_path,
                                            monkeypatch):
    written = []

    class Full(video_encoder.VideoEncoder):
        def write(self, frame):
            with video_encoder.writing(self.path):
                written.append(frame)
                if len(written) > 20:
                    raise OSError(28, 'No space left on device')
            super().write(frame)

    monkeypatch.setattr('mmderain.media.video_sink.VideoEncoder', Full)
    output = tmp_path / 'clean.mp4'
    status, said = derain(camera, output, '--segment-frames', 8)
    assert status == 2 and 'No space left' in said
    finished = tmp_path / 'clean.mp4.parts' / 'output'
    assert len(times(finished / '00001.mp4')) == 8
    monkeypatch.undo()
    status, said = derain(camera, output, '--segment-frames', 8)
    assert status == 2 and '--resume' in said
    status, said = derain(camera, output, '--segment-frames', 9, '--resume')
    assert status == 2 and 'segment_frames was 8' in said
    status, said = derain(camera, output, '--segment-frames', 8, '--resume')
    assert status == 0 and '14 of them now' in said
    assert times(output) == times(camera)


def test_killed_and_resumed_it_is_the_same_video(derain, checkpoint,
                                                 tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(150, (96, 128)))
    # lossless: what the encoder does with equal frames is not always the same
    options = ['--segment-frames', '10', '--save-maps', '--crf', '0']
    whole, broken = tmp_path / 'whole.mp4', tmp_path / 'broken.mp4'
    assert derain(source, whole, *options)[0] == 0
    process = subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-m', 'mmderain', 'derain',
         str(source), str(broken), '--checkpoint', str(checkpoint),
         '--device', 'cpu', *options], cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    output = tmp_path / 'broken.mp4.parts' / 'output'
    # the ones before it are then known to be whole
    segment = output / '00002.mp4'
    end = time.monotonic() + 120
    while not (output / '00003.mp4').exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not broken.exists()
    # what was finished can be played
    assert len(times(segment)) == 10
    status, said = derain(source, broken, *options, '--resume')
    assert status == 0
    now = int(said.split('frames, ')[1].split(' of them')[0])
    assert now <= 120
    for name in ('', '.removed'):
        ours = decoded(tmp_path / f'broken{name}.mp4')
        theirs = decoded(tmp_path / f'whole{name}.mp4')
        assert len(ours) == 150
        np.testing.assert_array_equal(ours, theirs)
    assert times(broken) == times(whole)


def test_a_stopped_segment_can_be_played(derain, camera, tmp_path,
                                         monkeypatch):
    original = segments.Mixer.mix
    mixed = []

    def stop(self, *frames):
        mixed.append(1)
        if len(mixed) == 12:
            raise KeyboardInterrupt
        return original(self, *frames)

    monkeypatch.setattr(segments.Mixer, 'mix', stop)
    status, said = derain(camera, tmp_path / 'b.mp4', '--segment-frames', 8)
    assert status == 130
    left = tmp_path / 'b.mp4.parts' / 'output' / '00001.unfinished.mp4'
    assert len(times(left)) == 3


def test_an_archive_is_done_once_whatever_fails(derain, tmp_path):
    for name in ('a', 'b', 'c'):
        write_video(tmp_path / f'{name}.mp4', pictures(4))
    (tmp_path / 'bad.mp4').write_text('no video')
    out, summary = tmp_path / 'out', tmp_path / 'summary.json'
    command = [tmp_path / '*.mp4', '--output-dir', out, '--summary', summary]
    status, said = derain(*command)
    assert status == 1 and '3 done, 0 done before, 1 failed' in said
    told = json.loads(summary.read_text())
    assert told['frames'] == 12 and told['failed'] == 1
    assert told['failures'][0]['input'].endswith('bad.mp4')
    assert 'cannot be decoded' in told['failures'][0]['reason']
    record = json.loads((out / 'a.mp4.done.json').read_text())
    assert record['frames'] == 4 and record['method'] == 'eevrsr_derain_only'
    write_video(tmp_path / 'bad.mp4', pictures(4))
    before = (out / 'a.mp4').stat().st_mtime_ns
    status, said = derain(*command)
    assert status == 0 and '1 done, 3 done before, 0 failed' in said
    assert (out / 'a.mp4').stat().st_mtime_ns == before


def test_a_kill_at_the_very_end_is_mended(derain, tmp_path, monkeypatch):
    write_video(tmp_path / 'a.mp4', pictures(4))
    command = [tmp_path / 'a.mp4', '--output-dir', tmp_path / 'out']

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(archive_work, 'write_record', killed)
    assert derain(*command)[0] == 130
    assert (tmp_path / 'out' / 'a.mp4').exists()
    monkeypatch.undo()
    status, said = derain(*command)
    assert status == 0 and '1 done, 0 done before' in said
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {
        'a.mp4', 'a.mp4.done.json'}


def test_neighbouring_names_are_spread_over_shards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [Path(f'{number:03}.mp4') for number in range(64)]
    for path in paths:
        path.touch()
    counts = [len(find_entries(paths, None, Path('out'), (index, 8)))
              for index in range(8)]
    assert sum(counts) == 64
    assert min(counts) >= 3 and max(counts) <= 16


def test_lists_and_shards(derain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a path's shard is always the same
    names = [f'{index}.mp4' for index in range(12)]
    listed = tmp_path / 'videos.txt'
    listed.write_text('# all of them\n' + '\n'.join(names) + '\n')
    shards = [find_entries([], listed, Path('out'), (index, 3))
              for index in range(3)]
    found = [entry.source.name for shard in shards for entry in shard]
    assert sorted(found) == sorted(names) and all(shards)
    source = write_video(tmp_path / 'a.mp4', pictures(3))
    table = tmp_path / 'videos.csv'
    table.write_text(f'input,output\n{source},deep/x.mp4\n{source},y.mkv\n')
    status, said = derain('--list', table, '--output-dir', tmp_path / 'o')
    assert status == 0, said
    assert len(times(tmp_path / 'o' / 'deep' / 'x.mp4')) == 3
    assert len(times(tmp_path / 'o' / 'y.mkv')) == 3
    table.write_text(f'{source},x.mp4\n{listed},x.mp4\n')
    status, said = derain('--list', table, '--output-dir', tmp_path / 'o')
    assert status == 2 and 'both be written' in said


_MEMORY = '''
import ctypes, gc, sys
from pathlib import Path
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.cli.derain import main
from mmderain.models.eevrsr.restoration import EEVRSRRestoration

def tell(self, number, segment):
    # what is held counts, not what the allocator keeps for later
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = Path('/proc/self/statm').read_text().split()[1]
    print('MEMORY', int(pages) * 4096)
    add(self, number, segment)

add, PartsFolder.add_segment = PartsFolder.add_segment, tell
# the network's own memory does not depend on the length
EEVRSRRestoration.restore_window = lambda self, clip: clip[:, 2:3]
assert main(sys.argv[1:]) == 0
'''


@pytest.mark.skipif(not Path('/proc/self/statm').exists(),
                    reason='asks Linux for the memory')
def test_memory_does_not_grow_with_the_length(checkpoint, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(720, (128, 160)),
                         extras=True)
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', _MEMORY, str(source),
         str(tmp_path / 'b.mp4'), '--checkpoint', str(checkpoint),
         '--device', 'cpu', '--segment-frames', '60', '--preview', 'side'],
        cwd=ROOT, env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True, text=True, check=True)
    memory = [int(line.split()[1]) for line in done.stdout.splitlines()
              if line.startswith('MEMORY')]
    assert len(memory) == 12
    # the last 8 segments are 29 MB of RGB bytes, and 118 MB as floats
    assert max(memory[4:]) - max(memory[:4]) < 5e6


def test_hardware_that_is_not_there_is_said_and_changes_nothing(
        derain, camera, tmp_path):
    plain, asked = tmp_path / 'a.mp4', tmp_path / 'b.mp4'
    assert derain(camera, plain)[0] == 0
    # a device that no machine has
    status, said = derain(camera, asked, '--hwaccel', 'cuda:99')
    assert status == 0
    assert '--hwaccel cuda:99 does not decode it here (' in said
    assert '): the CPU does' in said
    assert plain.read_bytes() == asked.read_bytes()


@pytest.mark.parametrize(('words', 'says'), [
    (('--hwaccel', 'voodoo'), 'expected what the FFmpeg of this PyAV'),
    (('--hwaccel', 'cuda', '--skip-bad-frames'), 'hardware does not tell '
     'which frames are damaged')])
def test_hardware_that_cannot_be(derain, camera, tmp_path, words, says):
    status, said = derain(camera, tmp_path / 'a.mp4', *words)
    assert status == 2 and says in said
