"""Time stamps as recorders write them."""

import av
import pytest

from mmderain.cli.derain import main
from mmderain.media.frame_times import count_steps_back
from tests.helpers.videos import (
    copy_pictures,
    decoded,
    pictures,
    times,
    write_video,
)


def with_times(folder, changed):
    """A Matroska file of pictures each 33 ms, some at other milliseconds."""
    path, changed_path = folder / 'source.mkv', folder / 'a.mkv'
    write_video(path, pictures(12), 'mjpeg', 'yuvj420p')
    copy_pictures(path, changed_path, write_crc32='0')
    with av.open(str(changed_path)) as container:
        blocks = [(packet.pos, packet.pts)
                  for packet in container.demux(video=0)]
    content = bytearray(changed_path.read_bytes())
    for number, milliseconds in changed.items():
        place, before = blocks[number]
        # since the beginning of the cluster, behind the number of the track
        place = slice(place + 1, place + 3)
        since = int.from_bytes(content[place], signed=True)
        content[place] = (since + milliseconds - before).to_bytes(
            2, signed=True)
    changed_path.write_bytes(content)
    return changed_path


def test_times_that_go_back_are_counted(tmp_path):
    assert count_steps_back(with_times(tmp_path, {})) == 0
    path = with_times(tmp_path, {5: 50, 9: 20})
    assert times(path)[5] < times(path)[4]
    assert count_steps_back(path) == 2


def test_times_that_go_back_are_said(tmp_path, capsys):
    path = with_times(tmp_path, {5: 50, 9: 20})
    output = tmp_path / 'b.mkv'
    main([str(path), str(output), '--strength', '0', '--codec', 'ffv1',
          '--device', 'cpu'])
    assert 'its time stamps go back 2 time(s)' in capsys.readouterr().err
    assert len(decoded(output)) == 12
    assert times(output) == sorted({*times(output)})


@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.ts', 'a.flv', 'a.avi',
                                  'a.mov', 'a.nut'])
@pytest.mark.parametrize('options', [
    {'bf': '3', 'g': '8'}, {'bf': '0'}, {'bf': '2', 'x264-params': 'open-gop=1'
                                         ':keyint=6:min-keyint=1'}])
def test_an_order_of_storing_is_none(tmp_path, name, options):
    path = write_video(tmp_path / name, pictures(30), options=options)
    assert count_steps_back(path) == 0


def test_a_time_that_is_there_twice_is_none(tmp_path):
    assert count_steps_back(with_times(tmp_path, {5: 133})) == 0
