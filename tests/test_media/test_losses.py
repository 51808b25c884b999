"""What is named of images that cannot be kept."""

from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from mmderain.cli.derain import main
from mmderain.media.frame_source import info_of_images
from mmderain.media.losses import image_losses, turn_losses
from tests.helpers.videos import pictures

ONE, HALF = 1 << 16, 1 << 15
UPRIGHT, TURNED = (ONE, 0, 0, ONE), (0, ONE, -ONE, 0)
MIRRORED, ASKEW = (-ONE, 0, 0, ONE), (56756, 32768, -32768, 56756)
WIDER, SHEARED = (2 * ONE, 0, 0, ONE), (ONE, HALF, 0, ONE)


@pytest.mark.parametrize('turn', [1, 6])
def test_a_tiff_of_16_bits_that_is_turned(tmp_path, capfd, turn):
    path = tmp_path / 'a.tif'
    levels = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    Image.fromarray(levels).save(path, tiffinfo={274: turn})
    assert image_losses(path) == ['not kept: more than 8 bits']
    assert not capfd.readouterr().err


def test_what_cannot_be_read_is_told_elsewhere(tmp_path):
    (tmp_path / 'empty.png').touch()
    for name in ('none.png', 'empty.png'):
        assert image_losses(tmp_path / name) == []


@pytest.mark.parametrize(('kept_by', 'matrices'), [
    # what each muxer of FFmpeg was seen to write
    ('mp4', [UPRIGHT, TURNED, MIRRORED, ASKEW, WIDER, SHEARED]),
    ('mov', [UPRIGHT, TURNED, MIRRORED, ASKEW, WIDER, SHEARED]),
    ('matroska', [UPRIGHT, TURNED, MIRRORED, ASKEW]),
    ('webm', [UPRIGHT, TURNED, MIRRORED, ASKEW]),
    ('mpegts', [UPRIGHT]), ('flv', [UPRIGHT]),
    (None, [UPRIGHT, TURNED])])
def test_what_is_lost_of_how_players_turn_pictures(kept_by, matrices):
    plain = info_of_images((48, 64), 3)
    assert turn_losses(plain, kept_by) == []
    for matrix in (UPRIGHT, TURNED, MIRRORED, ASKEW, WIDER, SHEARED):
        a, b, c, d = matrix
        info = replace(plain, matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30))
        lost = turn_losses(info, kept_by)
        assert bool(lost) != (matrix in matrices), matrix


def test_a_matrix_that_a_container_cannot_say_is_named(tmp_path, capsys):
    path = tmp_path / 'a.mp4'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        stream.set_display_matrix((2 * ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30))
        for image in pictures(3):
            frame = av.VideoFrame.from_ndarray(image, 'rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    for name, is_named in (('b.mkv', True), ('b.ts', True), ('b.mp4', False),
                           ('b', True)):
        main([str(path), str(tmp_path / name), '--strength', '0',
              '--device', 'cpu', '--remove', 'streaks'])
        said = capsys.readouterr().err
        assert ('how players stretch the pictures' in said) == is_named, name
