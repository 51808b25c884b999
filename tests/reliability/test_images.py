"""Inputs and outputs of derain."""

import os
import socket
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.reliability.bad_input import BadInput, all_of, copy, write


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (struct.pack('>I', len(content)) + kind + content
            + struct.pack('>I', zlib.crc32(kind + content)))


def _png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims a size."""
    return (b'\x89PNG\r\n\x1a\n'
            + _chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0,
                                          0, 0))
            + _chunk(b'IDAT', zlib.compress(b'\0' * 99))
            + _chunk(b'IEND', b''))


def _pipe(name: str):
    return lambda folder: os.mkfifo(folder / name)


def _socket(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # paths of sockets are short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind('mask.png')
    os.chdir(here)


def _cut_photo(folder: Path) -> None:
    content = (folder / 'photo.png').read_bytes()
    (folder / 'cut.png').write_bytes(content[:len(content) // 2])


def _jpeg_with_zeros(folder: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    content = cv2.imencode('.jpg', noise)[1].tobytes()
    middle = len(content) // 2
    write('frames/7.jpg', content[:middle] + bytes(900)
          + content[middle + 900:])(folder)


def _two_sizes(folder: Path) -> None:
    (folder / 'frames').mkdir()
    for number, side in enumerate((48, 48, 64)):
        cv2.imwrite(str(folder / 'frames' / f'{number}.png'),
                    np.zeros((side, 64, 3), np.uint8))


def _transparent_mask(folder: Path) -> None:
    mask = np.zeros((48, 64, 4), np.uint8)
    mask[10:20, 10:20, 3] = 255
    cv2.imwrite(str(folder / 'mask.png'), mask)


def _small_mask(folder: Path) -> None:
    cv2.imwrite(str(folder / 'mask.png'), np.zeros((8, 8), np.uint8))


CASES = [
    BadInput('an input that is not there', 'derain no.mp4 out.mp4',
             'does not exist'),
    BadInput('a text called a video', 'derain bad.mp4 out.mp4', 'a video',
             make=write('bad.mp4', 'rain\n' * 99)),
    BadInput('an empty video', 'derain bad.mp4 out.mp4', 'empty',
             make=write('bad.mp4')),
    BadInput('a text called an image', 'derain bad.png out.png', 'an image',
             make=write('bad.png', 'rain\n' * 99)),
    BadInput('an empty image', 'derain bad.png out.png', 'empty',
             make=write('bad.png')),
    BadInput('half an image', 'derain cut.png out.png', 'cut.png',
             make=_cut_photo),
    BadInput('a JPEG with zeros in the middle, in a folder of frames',
             'derain frames out', '7.jpg', make=_jpeg_with_zeros),
    BadInput('an image that claims 100000x100000 pixels',
             'derain bad.png out.png', 'too large',
             make=write('bad.png', _png(100000, 100000))),
    BadInput('an image that claims 30000x30000 pixels',
             'derain bad.png out.png', 'bad.png',
             make=write('bad.png', _png(30000, 30000))),
    BadInput('an image of no size', 'derain bad.png out.png', 'bad.png',
             make=write('bad.png', _png(0, 0))),
    BadInput('a folder without images', 'derain in out', 'no images',
             make=write('in/notes.txt', 'rain')),
    BadInput('a picture of a telephone', 'derain a.heic out.png',
             'Convert it to PNG', make=write('a.heic', 'picture')),
    BadInput('a folder of such pictures', 'derain in out',
             'in/a.heic', make=write('in/a.heic', 'picture')),
    BadInput('such a picture among frames', 'derain in out',
             'in/1.heic', make=all_of(copy('photo.png', 'in/0.png'),
                                      write('in/1.heic', 'picture'))),
    BadInput('a raw picture beside each frame', 'derain in out',
             'passed over: in/0.dng', status=0, makes=('out*', ),
             make=all_of(copy('photo.png', 'in/0.png'),
                         write('in/0.dng', 'picture'))),
    BadInput('pictures in a folder among frames', 'derain in out',
             'passed over: in/small/0.png', status=0, makes=('out*', ),
             make=all_of(copy('photo.png', 'in/0.png'),
                         copy('photo.png', 'in/small/0.png'))),
    BadInput('frames of two sizes', 'derain frames out', 'one size',
             make=_two_sizes),
    BadInput('a damaged frame', 'derain in out', 'in/1.png',
             make=all_of(copy('photo.png', 'in/0.png'),
                         write('in/1.png', 'rain'))),
    BadInput('an image that is a folder', 'derain in/a.png out',
             'no images', make=write('in/a.png/notes.txt')),
    BadInput('a link to nothing', 'derain gone.png out.png',
             'leads nowhere',
             make=lambda folder: (folder / 'gone.png').symlink_to('nowhere')),
    BadInput('links in a circle', 'derain a.png out.png', 'links',
             make=lambda folder: (folder / 'a.png').symlink_to('a.png')),
    BadInput('a name of 300 letters', f'derain {"a" * 300}.mp4 out.mp4',
             'shorter name'),
    BadInput('a path through a file', 'derain photo.png/a.mp4 out.mp4',
             'Not a directory'),
    BadInput('a pipe as an image', 'derain pipe.png out.png', 'a pipe',
             make=_pipe('pipe.png')),
    BadInput('a checkpoint as an input', 'derain model.pth out.mp4',
             'a video'),
    # masks
    BadInput('a mask that is not there', 'derain clip.mp4 out.mp4 '
             '--mask no.png', 'no.png'),
    BadInput('a mask that is a folder', 'derain clip.mp4 out.mp4 '
             '--mask in', 'a folder', make=write('in/a.txt')),
    BadInput('a mask that is a pipe', 'derain clip.mp4 out.mp4 '
             '--mask pipe.png', 'a pipe', make=_pipe('pipe.png')),
    BadInput('a mask that is a socket', 'derain clip.mp4 out.mp4 '
             '--mask mask.png', 'a socket', make=_socket),
    BadInput('a mask that is a device', 'derain clip.mp4 out.mp4 '
             '--mask /dev/zero', 'a device'),
    BadInput('a mask that is a video', 'derain clip.mp4 out.mp4 '
             '--mask clip.mp4', 'an image'),
    BadInput('a mask of another size', 'derain clip.mp4 out.mp4 '
             '--mask mask.png', 'expected a mask of 48x64', make=_small_mask),
    BadInput('a mask of transparency alone', 'derain clip.mp4 out.mp4 '
             '--mask mask.png', 'transparency', make=_transparent_mask),
    # outputs
    BadInput('an output that is the input', 'derain clip.mp4 clip.mp4',
             'outside the input'),
    BadInput('an output that is there', 'derain clip.mp4 out.mp4',
             '--overwrite', make=copy('clip.mp4', 'out.mp4')),
    BadInput('an output that is a folder', 'derain clip.mp4 in',
             'is a folder', make=write('in/a.txt')),
    BadInput('a folder of others that would be replaced',
             'derain clip.mp4 in --overwrite', 'in',
             make=write('in/a.txt', 'mine')),
    BadInput('the current folder as an output', 'derain clip.mp4 .', './'),
    BadInput('the root of all folders as an output', 'derain clip.mp4 /',
             '/clean.mp4'),
    BadInput('an ending without a name, as of a variable that is not set',
             'derain clip.mp4 .mp4', 'clean.mp4'),
    BadInput('frames in the place of a file',
             'derain clip.mp4 notes --overwrite', 'a file is there',
             make=write('notes', 'mine')),
    BadInput('frames in the place of a dangling link',
             'derain clip.mp4 link --overwrite', 'a link that leads nowhere',
             make=lambda folder: (folder / 'link').symlink_to('nowhere')),
    BadInput('an output in a folder that is a dangling link',
             'derain clip.mp4 disk/out.mp4', 'a link that leads nowhere',
             make=lambda folder: (folder / 'disk').symlink_to('nowhere')),
    BadInput('an output of an unknown kind', 'derain clip.mp4 out.avi',
             'write out.mkv'),
    BadInput('a video as an image', 'derain clip.mp4 out.png', '.mkv'),
    BadInput('an output within a file', 'derain clip.mp4 photo.png/out.mp4',
             'photo.png'),
    BadInput('an output with a name of 300 letters',
             f'derain clip.mp4 {"a" * 300}.mp4', '240 bytes'),
    BadInput('an output in a folder with a name of 300 letters',
             f'derain clip.mp4 {"a" * 300}/a.mp4', 'shorter name'),
    BadInput('an output that is a device', 'derain clip.mp4 /dev/null',
             'a device is there'),
    BadInput('an output in /proc', 'derain clip.mp4 /proc/out.mp4',
             'cannot be written'),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
