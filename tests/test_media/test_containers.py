"""Files that are whole though they look otherwise, and others that are not."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mmderain.errors import DataError
from mmderain.media.damage import find_damage
from mmderain.media.frame_source import open_source
from tests.helpers.videos import pictures

FRAMES, RATE = 60, 25


def write(path, codec='libx264', frames=FRAMES, start=0, sound=0.0,
          options=None, pixel_format='yuv420p'):
    """A noisy clip; ``sound`` in seconds."""
    rng = np.random.default_rng(0)
    with av.open(str(path), 'w', options=options or {}) as container:
        video = container.add_stream(codec, rate=RATE)
        video.height, video.width = 96, 128
        video.pix_fmt = pixel_format
        video.codec_context.gop_size = 12
        audio = container.add_stream(
            'aac', rate=48000, layout='mono') if sound else None
        for index, image in enumerate(pictures(frames, (96, 128))):
            image = np.clip(image + rng.integers(-8, 8, image.shape), 0, 255)
            frame = av.VideoFrame.from_ndarray(image.astype(np.uint8),
                                               format='rgb24')
            frame.pts, frame.time_base = index + start, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio:
            for index in range(int(sound * 48000 / 1024)):
                frame = av.AudioFrame.from_ndarray(
                    rng.normal(0, 0.1, (1, 1024)).astype(np.float32),
                    format='fltp', layout='mono')
                frame.sample_rate, frame.pts = 48000, 1024 * index
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


def trim(path):
    """Halve what the edit list says is shown, as phones trim."""
    content = bytearray(path.read_bytes())
    place = content.index(b'elst') + 12  # type, version, count
    shown = int.from_bytes(content[place:place + 4], 'big')
    content[place:place + 4] = (shown // 2).to_bytes(4, 'big')
    path.write_bytes(content)
    return path


def test_an_edit_list_may_trim_the_end(tmp_path):
    source = open_source(trim(write(tmp_path / 'a.mp4')))
    assert source.damage() == []
    assert len(list(source.read())) in range(25, 40)


@pytest.mark.parametrize('name, codec', [
    ('a.ts', 'libx264'), ('a.ts', 'mpeg2video'), ('a.mpg', 'mpeg2video')])
def test_recordings_joined_end_to_end_are_read_to_the_end(tmp_path, name,
                                                          codec):
    path = write(tmp_path / name, codec)
    path.write_bytes(3 * path.read_bytes())
    source = open_source(path)
    assert source.damage() == []
    # a decoder may hold back the last frames at a joint
    assert len(list(source.read())) >= 3 * (FRAMES - 3)


@pytest.mark.parametrize('name, codec', [
    ('a.wmv', 'wmv2'), ('a.flv', 'libx264'), ('a.mkv', 'libx264'),
    ('a.ts', 'libx264'), ('a.mp4', 'libx264'), ('a.avi', 'mpeg4')])
def test_a_late_start_is_no_damage(tmp_path, name, codec):
    path = write(tmp_path / name, codec, start=10 * RATE)
    assert find_damage(path) == []


@pytest.mark.parametrize('sound', [1.0, 5.0])
@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.ts', 'a.flv'])
def test_sound_may_be_shorter_or_longer(tmp_path, name, sound):
    assert find_damage(write(tmp_path / name, sound=sound)) == []


def test_sound_that_is_cut_off_is_damage_too(tmp_path):
    path = write(tmp_path / 'a.mp4', sound=6.0,
                 options=dict(movflags='+faststart'))
    content = path.read_bytes()
    path.write_bytes(content[:-len(content) // 4])
    assert any('truncated' in str(item) for item in find_damage(path))


def test_an_avi_may_not_lack_one_frame(tmp_path):
    path = write(tmp_path / 'a.avi', 'rawvideo')
    content = path.read_bytes()
    assert find_damage(path) == []
    frame = 96 * 128 * 3 // 2
    path.write_bytes(content[:-2 * frame])  # with the index behind it
    assert find_damage(path)


FRAGMENTS = dict(movflags='frag_keyframe+empty_moov+default_base_moof')


@pytest.mark.parametrize('change', [
    lambda content, at: content[:at[2]] + content[at[3]:],  # one is missing
    lambda content, at: content[:at[2]] + bytes(64) + content[at[2] + 64:],
    lambda content, at: content[:at[3] - 100]])  # cut within one
def test_fragments(tmp_path, change):
    path = write(tmp_path / 'a.mp4', options=FRAGMENTS)
    content = path.read_bytes()
    assert find_damage(path) == []
    places = [at - 4 for at in range(len(content))
              if content[at:at + 4] == b'moof']
    path.write_bytes(change(content, places))
    assert find_damage(path)


def test_what_a_decoder_would_make_up_is_an_error(tmp_path):
    """JPEG has no checksum; only a decoder told to be strict complains."""
    path = write(tmp_path / 'a.avi', 'mjpeg', pixel_format='yuvj420p')
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes(200) + content[middle + 200:])
    with pytest.raises(DataError, match='cannot be decoded'):
        list(open_source(path).read())
