"""Packets of what is damaged, and what a decoder still holds then."""

import av
import pytest

from mmderain.errors import NoMemoryError
from mmderain.media.damage import find_damage
from mmderain.media.packets import last_packet, packets_of
from mmderain.media.video_decoder import read_frames
from mmderain.media.video_info import read_info, readable_video
from tests.helpers.videos import marks, pictures, times, write_video


@pytest.fixture
def zeros_at_the_end(tmp_path):
    """A recording whose end was reserved, and never written."""
    path = write_video(tmp_path / 'a.ts', pictures(40))
    content = path.read_bytes()
    for lost in range(200, len(content) // 2, 500):
        path.write_bytes(content[:-lost] + bytes(30_000))
        try:
            with av.open(str(path)) as container:
                for _ in container.demux():
                    pass
        except av.error.BlockingIOError:
            return path
    pytest.skip('this FFmpeg says it of none of them')


def test_zeros_at_the_end_are_damage_and_no_lack_of_memory(zeros_at_the_end):
    assert 'packet' in find_damage(zeros_at_the_end)[0].reason
    info, bad = read_info(zeros_at_the_end), []
    frames = list(read_frames(zeros_at_the_end, info, on_bad=bad.append))
    assert 20 <= len(frames) < 40


def test_all_of_it_is_derained_but_what_is_damaged(
        zeros_at_the_end, tmp_path):
    from mmderain.apis import DerainInferencer
    from mmderain.jobs.options import DerainOptions

    DerainInferencer(model_name='light_median', device='cpu')(
        zeros_at_the_end, tmp_path / 'b.mkv',
        DerainOptions(skip_bad_frames=True))
    assert 20 <= len(times(tmp_path / 'b.mkv')) < 40


class _NeverReady:

    def demux(self, *streams):
        raise av.error.BlockingIOError(11, 'again')


def test_it_is_not_tried_for_ever():
    with pytest.raises(av.error.BlockingIOError):
        next(packets_of(_NeverReady()))


def test_a_decoder_hands_out_all_that_it_holds(tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(9))  # with B-frames
    count = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size:
                count += len(packet.decode())
        assert count < 9
        assert count + len(last_packet(stream).decode()) == 9


def test_frames_before_an_unreadable_rest_are_whole(tmp_path, monkeypatch):
    """Also those that are shown later than they are stored."""
    path = write_video(tmp_path / 'a.mkv', pictures(9))
    info, bad = read_info(path), []

    def spoilt(container, *streams):
        for packet in container.demux(*streams):
            if not packet.size:
                raise av.error.InvalidDataError(1094995529, 'spoilt')
            yield packet

    monkeypatch.setattr('mmderain.media.video_decoder.packets_of', spoilt)
    assert len(list(read_frames(path, info, on_bad=bad.append))) == 9
    assert 'cannot be read on' in bad[0] and marks(path) == list(range(9))


def test_what_asks_for_too_much_memory_is_named(tmp_path):
    """FFmpeg says so of a size that a damaged file claims, too."""
    path = tmp_path / 'a.ivf'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libvpx', rate=30)
        stream.height, stream.width = 48, 64
        for image in pictures(9):
            container.mux(stream.encode(
                av.VideoFrame.from_ndarray(image, format='rgb24')))
        container.mux(stream.encode())
    content = bytearray(path.read_bytes())
    first = int.from_bytes(content[32:36], 'little')
    content[44 + first:48 + first] = b'\xff' * 4  # a frame of 4 GiB
    path.write_bytes(content)
    with (pytest.raises(NoMemoryError, match='a.ivf: .* is damaged'),
          readable_video(path) as container):
        for _ in container.demux():
            pass
