"""Recordings in ASF that are cut or damaged."""

import av
import pytest

from mmderain.media.asf import read_header
from mmderain.media.damage import find_damage
from tests.helpers.videos import pictures

FRAMES, RATE = 60, 25


@pytest.fixture(scope='module')
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp('asf') / 'a.wmv'
    with av.open(str(path), 'w', format='asf') as container:
        stream = container.add_stream('wmv2', rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 96, 64, 'yuv420p'
        stream.bit_rate = 1_000_000
        for picture in pictures(FRAMES, (64, 96)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return path.read_bytes()


@pytest.fixture
def damaged(tmp_path):
    def write(content):
        path = tmp_path / 'a.wmv'
        path.write_bytes(content)
        return [str(item) for item in find_damage(path)]
    return write


def test_a_whole_one(content, damaged, tmp_path):
    assert damaged(content) == []
    header = read_header(tmp_path / 'a.wmv')
    assert header.duration == pytest.approx(FRAMES / RATE)
    end = header.begin + header.packets * header.packet_size
    assert len(content) - 1000 < end <= len(content)


@pytest.mark.parametrize('share', [0.3, 0.6])
def test_a_cut_one(content, damaged, share):
    """FFmpeg takes what is left for the whole."""
    damage, = damaged(content[:int(share * len(content))])
    assert 'says it lasts 2.40 s' in damage and 'truncated' in damage


def test_a_live_one_does_not_say_how_long_it_is(content, damaged):
    at = content.index(bytes.fromhex('a1dcab8c47a9cf118ee400c00c205365')) + 88
    live = bytearray(content)
    live[at] |= 1
    assert damaged(live[:len(live) // 2]) == []


def test_zeros(content, damaged):
    zeros = bytearray(content)
    middle = len(zeros) // 2
    zeros[middle:middle + 4000] = bytes(4000)
    said = damaged(zeros)
    assert any('a packet of the stream is damaged' in item for item in said)


def test_packets_without_correction_are_no_damage(content, damaged, tmp_path):
    damaged(content)
    header = read_header(tmp_path / 'a.wmv')
    unmarked = bytearray(content)
    for number in range(header.packets):
        unmarked[header.begin + number * header.packet_size] &= 0x7f
    path = tmp_path / 'unmarked.wmv'
    path.write_bytes(unmarked)
    assert list(header.lost_packets(path)) == []
    unmarked[header.begin] |= 0x80
    path.write_bytes(unmarked)
    assert list(header.lost_packets(path)) == []


@pytest.mark.parametrize('length', [0, 10, 29, 30, 60, 200])
def test_a_header_that_ends(content, length, tmp_path):
    path = tmp_path / 'a.wmv'
    path.write_bytes(content[:length])
    assert read_header(path) is None or length > 133
