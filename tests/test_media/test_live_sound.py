"""The header of AAC by that of its packets."""

import av
import pytest

from mmderain.media.live_sound import sound_header
from tests.helpers.live import write_live


@pytest.mark.parametrize(('rate', 'layout'), [
    (48000, 'mono'), (44100, 'stereo'), (16000, '5.1')])
def test_as_the_encoder_says_it(tmp_path, rate, layout):
    with av.open(str(tmp_path / 'a.aac'), 'w', format='adts') as output:
        stream = output.add_stream('aac', rate=rate, layout=layout)
        frame = av.AudioFrame(format='fltp', layout=layout, samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = rate, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
        expected = stream.codec_context.extradata[:2]
    assert sound_header(
        'aac', (tmp_path / 'a.aac').read_bytes()) == expected


def test_where_nothing_is_said(tmp_path):
    path = write_live(tmp_path / 'a.mkv', 3)
    with av.open(str(path)) as container:
        packet = next(container.demux(audio=0))
        assert sound_header('aac', bytes(packet)) is None
    assert sound_header('mp3', b'\xff\xf1' + bytes(9)) is None
    assert sound_header('aac', b'\xff\xf1') is None
