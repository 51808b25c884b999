"""Videos that cannot be encoded, stored or read as they are."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.helpers.videos import pictures, write_video
from tests.reliability.bad_input import BadInput


def _flat(folder):
    write_video(folder / 'flat.mkv', pictures(2, (8, 200)), 'ffv1')


def _pages(folder):
    first, *others = map(Image.fromarray, pictures(3))
    for name in ('scan.tif', 'moving.webp', 'moving.png'):
        first.save(folder / name, save_all=True, append_images=others)


def _float(folder):
    picture = np.full((48, 64, 3), 0.5, np.float32)
    exact = [cv2.IMWRITE_TIFF_COMPRESSION, 1]
    cv2.imwrite(str(folder / 'wide.tif'), picture * 3, exact)
    picture[3, 4] = np.nan
    cv2.imwrite(str(folder / 'holes.tif'), picture, exact)


def _cut_gif(folder):
    first, *others = map(Image.fromarray, pictures(8))
    first.save(folder / 'whole.gif', save_all=True, append_images=others)
    content = (folder / 'whole.gif').read_bytes()
    # behind the last frame of those that are there, so that no decoder
    # notices
    (folder / 'cut.gif').write_bytes(content[:-1])


CASES = [
    BadInput('a codec that the container cannot hold',
             'derain clip.mp4 out.mov --codec ffv1', '.mkv'),
    BadInput('a codec that FFmpeg puts into no .mov',
             'derain clip.mp4 out.mov --codec av1', '.mkv'),
    BadInput('frames too small for a codec',
             'derain flat.mkv out.mp4 --codec hevc', 'Choose another --codec',
             _flat),
    BadInput('a TIFF of several pages', 'derain scan.tif out.png',
             'holds 3 frames', _pages, status=3),
    BadInput('an animated WebP', 'derain moving.webp out.png',
             'holds 3 frames', _pages, status=3),
    BadInput('an animated PNG', 'derain moving.png out.png',
             'holds 3 frames', _pages, status=3),
    BadInput('a TIFF of floating point beyond 1', 'derain wide.tif out.png',
             'expected numbers from 0 to 1', _float, status=3),
    BadInput('a TIFF with values that are no numbers',
             'derain holes.tif out.png', 'NaN', _float, status=3),
    BadInput('a GIF that was cut', 'derain cut.gif out.mp4',
             'truncated', _cut_gif, status=3),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
