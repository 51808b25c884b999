"""Sound that is copied is heard from the same moment to the same moment."""

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.helpers.videos import pictures, times

RATE, SAMPLES, CLICK = 48000, 24000, 12000


def write_with_click(path, codec):
    """Half a second of picture and of sound, with a click in the middle."""
    sound = np.zeros(SAMPLES, np.float32)
    sound[CLICK:CLICK + 200] = np.sin(np.arange(200) * .5)
    with av.open(str(path), 'w') as container:
        video = container.add_stream('libx264', rate=30)
        video.height, video.width = 48, 64
        audio = container.add_stream(codec, rate=RATE, layout='mono')
        for index, image in enumerate(pictures(15)):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = index, Fraction(1, 30)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(sound[None], format='flt',
                                           layout='mono')
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(
            audio.format.name, 'mono', RATE,
            frame_size=audio.codec_context.frame_size or None)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(audio.encode(piece))
        container.mux(audio.encode())
    return path


def heard(path):
    """Samples, and the time of each in seconds."""
    samples, moments = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            values = frame.to_ndarray().reshape(-1)
            if values.dtype == np.int16:
                values = values / 32768
            samples.append(values)
            moments.append(frame.time + np.arange(len(values)) / RATE)
    return np.concatenate(samples), np.concatenate(moments)


@pytest.mark.parametrize('word', ['--no-sound', '-an'])
@pytest.mark.parametrize('name', ['b.mp4', 'b.mkv', 'b.webm'])
def test_sound_is_left_out(derain, tmp_path, name, word):
    """WebM could not hold it."""
    source = write_with_click(tmp_path / 'a.mkv', 'aac')
    status, said = derain(source, tmp_path / name, word, '--preview', 'side')
    assert status == 0 and 'not kept' not in said and 'not copied' not in said
    for path in tmp_path.glob('b*'):
        with av.open(str(path)) as container:
            assert [stream.type for stream in container.streams] == ['video']
        assert len(times(path)) == 15


def test_another_run_has_sound_again(derain, tmp_path):
    """What is there without it is not taken for the whole."""
    source = write_with_click(tmp_path / 'a.mkv', 'aac')
    folder = f'{tmp_path}/out/'
    assert derain(source, '-o', folder, '--no-sound')[0] == 0
    status, said = derain(source, '-o', folder)
    assert status == 2 and '--overwrite' in said


@pytest.mark.parametrize('target', ['.mp4', '.mkv'])
@pytest.mark.parametrize('kind', ['.mp4', '.mkv'])
@pytest.mark.parametrize('codec', ['libopus', 'libmp3lame', 'aac', 'ac3',
                                   'flac', 'pcm_s16le'])
def test_padding_is_taken_away(derain, tmp_path, codec, kind, target):
    if codec == 'pcm_s16le' and '.mp4' in (kind, target):
        kind, target = '.mov', '.mov'
    source = write_with_click(tmp_path / f'a{kind}', codec)
    output = tmp_path / f'b{target}'
    assert derain(source, output)[0] == 0
    samples, moments = heard(output)
    assert moments[0] == pytest.approx(0, abs=1e-3)
    assert times(output)[0] == 0
    click = moments[np.argmax(np.abs(samples) > 0.3)]
    assert click == pytest.approx(CLICK / RATE, abs=1e-3)
    # nobody says the length of AC-3, nor that of AAC in Matroska
    if codec == 'ac3' or (codec, kind) == ('aac', '.mkv'):
        return
    if target == '.mkv':
        assert len(samples) == SAMPLES
    else:
        with av.open(str(output)) as container:
            audio = container.streams.audio[0]
            assert audio.duration * audio.time_base == Fraction(SAMPLES, RATE)


def test_what_was_begun_with_sound_does_not_go_on_without(derain, tmp_path):
    source = write_with_click(tmp_path / 'a.mp4', 'aac')
    archive = '-o', f'{tmp_path}/clean/', '--list', tmp_path / 'list.txt'
    (tmp_path / 'list.txt').write_text(f'{source}\n')
    assert derain(*archive)[0] == 0
    status, said = derain(*archive, '--no-sound')
    assert status == 1 and 'leave_out_sound' in said, said
    status, said = derain(*archive)
    assert status == 0 and '1 done before' in said
