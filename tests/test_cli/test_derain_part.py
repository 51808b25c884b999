"""A part is a cut of the full run, to the bit."""

import shutil

import cv2
import pytest

from mmderain.cli.derain import main
from mmderain.media.frame_source import open_source
from tests.helpers.videos import pictures, write_checkpoint, write_video

COUNT = 24
VARIABLE = [500 + 3000 * index + 700 * (index % 4) for index in range(COUNT)]
# a window of 5 frames, whose batches begin at certain frames; windows of 9
# that overlap by 2; two passes and a guard that looks back
METHODS = {
    'eevrsr_derain_only': ['--batch', '4'],
    'j4rnet_released_gru': [],
    'aligned_median': []}


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    """The same frames as a video, as one that cannot be entered, as files."""
    folder = tmp_path_factory.mktemp('clips')
    frames = pictures(COUNT, (24, 32))
    write_video(folder / 'clip.mp4', frames, pts=VARIABLE,
                options={'g': '12'})
    write_video(folder / 'clip.webm', frames, 'libvpx')
    (folder / 'images').mkdir()
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / 'images' / f'{index:03d}.png'), frame)
    return folder


def restored(source, target, checkpoint, *arguments):
    """The PNG files that come of it, in order."""
    assert main([str(source), str(target), '--checkpoint', str(checkpoint),
                 '--device', 'cpu', *arguments]) == 0
    return [path.read_bytes() for path in sorted(target.glob('*.png'))]


@pytest.mark.parametrize('method', METHODS)
def test_a_part_is_a_cut_of_the_full_run(method, clips, tmp_path):
    checkpoint = write_checkpoint(tmp_path / 'm.pth', method)
    options = METHODS[method]
    whole = restored(clips / 'clip.mp4', tmp_path / 'whole', checkpoint,
                     *options)
    assert len(whole) == COUNT
    part = restored(clips / 'clip.mp4', tmp_path / 'part', checkpoint,
                    *options, '--start', '13f', '--end', '20f',
                    '--segment-frames', '4')
    assert part == whole[13:20]


@pytest.mark.parametrize('words', [
    ('--start', '13f', '--duration', '7f'), ('-ss', '13f', '-to', '20f'),
    ('-ss', '13f', '-t', '7f')])
def test_a_part_by_its_length_and_as_ffmpeg_is_told(words, checkpoint, clips,
                                                    tmp_path):
    part = restored(clips / 'clip.mp4', tmp_path / 'part', checkpoint, *words)
    assert part == restored(clips / 'clip.mp4', tmp_path / 'same', checkpoint,
                            '--start', '13f', '--end', '20f')


def test_who_means_tiles_sees_that_it_was_a_length(derain, clips, tmp_path):
    """As Real-ESRGAN spells them, and the rest would be missed late."""
    status, said = derain(clips / 'clip.mp4', tmp_path / 'b.mp4', '-t', '256')
    assert status == 0
    assert 'no more than 256 of it (-t is --duration; tiles are --tile)' in (
        said)
    status, said = derain(clips / 'clip.mp4', tmp_path / 'c.mp4')
    assert status == 0 and 'no more than' not in said


@pytest.mark.parametrize(('words', 'says'), [
    (('--duration', '2', '--end', '3'), 'expected --end, a moment, or '
     '--duration, a length, not both'),
    (('--duration', '0'), '--duration: expected more than 0'),
    (('-t', '0f'), '--duration: expected more than 0'),
    (('-t', 'long'), "--duration: 'long' is not"),
    (('-t', '2', '--start', '5f'), '--duration: expected frames, as --start '
     'has, such as 250f'),
    (('-t', '9f', '--start', '0:01'), '--duration: expected a time, as '
     '--start has, such as 83.5')])
def test_a_length_that_is_none(words, says, clips, tmp_path, capsys):
    assert main([str(clips / 'clip.mp4'), str(tmp_path / 'b.mp4'),
                 *words]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope='module')
def wholes(clips, checkpoint, tmp_path_factory):
    """Name of a clip -> all of its frames, restored."""
    folder = tmp_path_factory.mktemp('wholes')
    return {name: restored(clips / name, folder / name.replace('.', '_'),
                           checkpoint)
            for name in ('clip.mp4', 'clip.webm', 'images')}


@pytest.mark.parametrize(('name', 'options'), [
    ('clip.mp4', ['--start', '0.35', '--end', '0.61']),
    ('clip.webm', ['--start', '0.35', '--end', '0.61']),
    ('clip.webm', ['--start', '20f']),
    ('images', ['--start', '0.35', '--end', '0.61']),
    ('images', ['--end', '0.3']),
    ('clip.mp4', ['--start', '0.35', '--skip-bad-frames'])])
def test_whatever_the_clip_and_the_moments(name, options, checkpoint, clips,
                                           wholes, tmp_path):
    source = open_source(clips / name)
    frames = list(source.read())
    unit = source.info.time_base

    def wanted(frame):
        time = (frame.pts - frames[0].pts) * unit
        moments = dict(zip(options[::2], options[1::2], strict=False))
        start, end = (moments.get(key) for key in ('--start', '--end'))
        if start and start.endswith('f'):
            return frame.index >= int(start[:-1])
        return (start is None or float(time) >= float(start)) and (
            end is None or float(time) < float(end))

    part = restored(clips / name, tmp_path / 'part', checkpoint, *options)
    assert 1 < len(part) < COUNT
    assert part == [image for frame, image in zip(
        frames, wholes[name], strict=True) if wanted(frame)]


def test_what_is_damaged_after_the_part_does_not_matter(
        checkpoint, clips, wholes, tmp_path):
    folder = shutil.copytree(clips / 'images', tmp_path / 'images')
    (folder / '017.png').write_bytes(b'no image')  # a neighbour of the last
    part = restored(folder, tmp_path / 'part', checkpoint, '--end', '16f')
    assert len(part) == 16
    assert part[:12] == wholes['images'][:12]


def test_a_running_state_is_run_up(clips, tmp_path, capsys):
    from mmderain.jobs.derain_job import DerainJob
    from mmderain.jobs.options import DerainOptions
    from mmderain.media.clip_part import Moment
    from mmderain.restorer import Restorer
    restorer = Restorer(str(write_checkpoint(tmp_path / 'j.pth', 'j4rnet')),
                        device='cpu', test_cfg=dict(running=True))
    results = []
    for name, options in (
            ('whole', DerainOptions()),
            ('part', DerainOptions(Moment(frame=5), Moment(frame=9)))):
        report = DerainJob(restorer, clips / 'images', tmp_path / name,
                           options).run()
        results.append([path.read_bytes() for path in
                        sorted((tmp_path / name).glob('*.png'))])
    assert results[1] == results[0][5:9]
    assert any('all frames before --start' in note for note in report.notes)
