"""A file is read as itself, whatever its name or content asks FFmpeg for."""

import os
import threading

import pytest

from mmderain.errors import DataError
from mmderain.media.frame_source import open_source
from mmderain.media.video_info import read_info
from tests.helpers.videos import pictures, write_video


@pytest.mark.parametrize('name', [
    'concat:x.mp4', 'cache:x.mp4', 'subfile,,start,0,end,100,,:x.mp4',
    'async:x.mp4', 'file:x.mp4', 'pipe:0.mp4', '-x.mp4', '%03d.mp4'])
def test_names_that_ffmpeg_takes_for_protocols(tmp_path, monkeypatch, name):
    write_video(tmp_path / 'x.mp4', pictures(3))
    write_video(tmp_path / 'y.mp4', pictures(5, (32, 32))).rename(
        tmp_path / name)
    monkeypatch.chdir(tmp_path)
    info = read_info(type(tmp_path)(name))
    assert (info.num_frames, info.width) == (5, 32)


@pytest.mark.parametrize('content', [
    'ffconcat version 1.0\nfile x.mp4\n',
    '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nx.mp4\n#EXT-X-ENDLIST\n',
    'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 9 RTP/AVP 96\n'])
def test_scripts_open_no_other_file(tmp_path, content):
    write_video(tmp_path / 'x.mp4', pictures(3))
    script = tmp_path / 'script.mp4'
    script.write_text(content)
    with pytest.raises(DataError, match='script.mp4'):
        open_source(script)


def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    pipe = tmp_path / 'pipe.mp4'
    os.mkfifo(pipe)
    refused = []

    def read():
        try:
            open_source(pipe)
        except DataError as error:
            refused.append(str(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(20)
    assert refused and 'pipe.mp4' in refused[0]
