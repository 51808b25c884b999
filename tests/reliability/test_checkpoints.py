"""Checkpoints."""

import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from tests.reliability.bad_input import BadInput, write

_CLIP = 'derain clip.mp4 out.mp4 --checkpoint bad.pth'
_SAID = dict(method='eevrsr_derain_only', arguments={})


def _saved(content: object, name: str = 'bad.pth'):
    def make(folder: Path) -> None:
        torch.save(content(folder) if callable(content) else content,
                   folder / name)
    return make


def _good(folder: Path) -> dict:
    return torch.load(folder / 'model.pth')


def _changed(change):
    """The good checkpoint, changed in one way."""
    def content(folder: Path) -> dict:
        good = _good(folder)
        change(good)
        return good
    return _saved(content)


def _first(change):
    """The good checkpoint with another first tensor."""
    def with_first(good: dict) -> None:
        name, value = next(
            (name, value) for name, value in good['state_dict'].items()
            if value.ndim > 1)
        good['state_dict'][name] = change(value)
    return _changed(with_first)


def _described(**arguments: object):
    """The good weights, described as those of a network with arguments."""
    return _changed(lambda good: good['meta'].update(mmderain=dict(
        method='aligned_median', arguments=arguments)))


def _cut(folder: Path) -> None:
    content = (folder / 'model.pth').read_bytes()
    (folder / 'bad.pth').write_bytes(content[:len(content) // 2])


def _one_bit_turned(folder: Path) -> None:
    content = bytearray((folder / 'model.pth').read_bytes())
    content[len(content) // 2] ^= 1
    (folder / 'bad.pth').write_bytes(content)


def _bomb(folder: Path) -> None:
    """A gigabyte of zeros, in a megabyte."""
    with zipfile.ZipFile(folder / 'bad.pth', 'w', zipfile.ZIP_DEFLATED,
                         compresslevel=9) as archive:
        archive.writestr('bad/data.pkl', b'\0' * (1 << 20))
        archive.writestr('bad/version', '3\n')


def _sliced_bomb(folder: Path) -> None:
    """A tensor that claims more numbers than are stored."""
    good = _good(folder)
    name = next(iter(good['state_dict']))
    good['state_dict'][name] = torch.zeros(1).expand(1 << 40)
    torch.save(good, folder / 'bad.pth')


class _Call:
    def __reduce__(self):
        return os.system, ('true', )


CASES = [
    BadInput('a checkpoint that is not there', _CLIP, 'does not exist'),
    BadInput('a checkpoint that is a folder', _CLIP, 'a folder',
             make=write('bad.pth/a.txt')),
    BadInput('a checkpoint that is a pipe', _CLIP, 'a pipe',
             make=lambda folder: os.mkfifo(folder / 'bad.pth')),
    BadInput('a checkpoint that is a device',
             'derain clip.mp4 out.mp4 --checkpoint /dev/zero', 'a device'),
    BadInput('an address of a checkpoint', 'derain clip.mp4 out.mp4 '
             '--checkpoint https://example.com/a.pth', 'curl'),
    BadInput('an empty checkpoint', _CLIP, 'empty', make=write('bad.pth')),
    BadInput('a text as a checkpoint', _CLIP, 'not a checkpoint',
             make=write('bad.pth', 'rain\n' * 9)),
    BadInput('a number as a checkpoint', _CLIP, 'not a checkpoint',
             make=write('bad.pth', '12345\n')),
    BadInput('a video as a checkpoint',
             'derain clip.mp4 out.mp4 --checkpoint clip.mp4',
             'not a checkpoint'),
    BadInput('an empty safetensors file', _CLIP, 'does not say', make=write(
        'bad.pth', b'\x02\0\0\0\0\0\0\0{}')),
    BadInput('a damaged safetensors file', _CLIP, 'damaged', make=write(
        'bad.pth', b'\x09\0\0\0\0\0\0\0{}')),
    BadInput('an HDF5 file', _CLIP, 'not a checkpoint', make=write(
        'bad.pth', b'\x89HDF\r\n\x1a\n' + b'\0' * 99)),
    BadInput('half a checkpoint', _CLIP, 'incomplete', make=_cut),
    BadInput('a checkpoint with a bit that has turned over', _CLIP,
             'checksum', make=_one_bit_turned),
    BadInput('a ZIP file of something else', _CLIP, 'bad.pth',
             make=_bomb),
    BadInput('a ZIP file whose tensors claim more than there is', _CLIP,
             'bad.pth', make=_sliced_bomb),
    BadInput('a checkpoint that would run a command', _CLIP, 'system',
             make=lambda folder: (folder / 'bad.pth').write_bytes(
                 pickle.dumps(_Call(), protocol=2))),
    BadInput('a pickle that ends early', _CLIP, 'bad.pth',
             make=write('bad.pth', b'\x80\x02}q\0X')),
    BadInput('a pickle of words it lacks', _CLIP, 'bad.pth',
             make=write('bad.pth', b'\x80\x02h\x07.')),
    BadInput('a list', _CLIP, 'does not say', make=_saved([1, 2])),
    BadInput('a tensor', _CLIP, 'does not say',
             make=_saved(torch.zeros(3))),
    BadInput('weights without a description', _CLIP, 'does not say',
             make=_changed(lambda good: good.pop('meta'))),
    BadInput('a description without weights', _CLIP, 'does not say',
             make=_changed(lambda good: good.pop('state_dict'))),
    BadInput('weights that are a list', _CLIP, 'state_dict',
             make=_changed(lambda good: good.update(state_dict=[1]))),
    BadInput('names of weights that are numbers', _CLIP, 'state_dict',
             make=_changed(lambda good: good.update(
                 state_dict={0: torch.zeros(1)}))),
    BadInput('weights that are texts', _CLIP, 'a str', make=_changed(
        lambda good: good.update(state_dict=dict.fromkeys(
            good['state_dict'], 'rain')))),
    BadInput('sparse weights', _CLIP, 'sparse',
             make=_first(lambda value: value.to_sparse())),
    BadInput('weights without values', _CLIP, 'meta',
             make=_first(lambda value: value.to('meta'))),
    BadInput('quantised weights', _CLIP, 'quint8',
             make=_first(lambda value: torch.quantize_per_tensor(
                 value, 0.1, 0, torch.quint8))),
    BadInput('complex weights', _CLIP, 'complex',
             make=_first(lambda value: value.to(torch.complex64))),
    BadInput('whole numbers as weights', _CLIP, 'int64',
             make=_first(lambda value: value.to(torch.int64))),
    BadInput('weights that are not finite', _CLIP, 'not finite',
             make=_first(lambda value: value * float('nan'))),
    BadInput('weights of another shape', _CLIP, 'of another shape',
             make=_first(lambda value: value[:1])),
    BadInput('weights that are missing', _CLIP, 'missing', make=_changed(
        lambda good: good['state_dict'].popitem())),
    BadInput('weights that are too many', _CLIP, 'unexpected', make=_changed(
        lambda good: good['state_dict'].update({
            'generator.rain': torch.zeros(1)}))),
    BadInput('a description that is a text', _CLIP, 'does not say',
             make=_changed(lambda good: good['meta'].update(mmderain='x'))),
    BadInput('a method that is not there', _CLIP, 'drizzle', make=_changed(
        lambda good: good['meta']['mmderain'].update(method='drizzle'))),
    BadInput('a method that is a list', _CLIP, 'bad.pth', make=_changed(
        lambda good: good['meta']['mmderain'].update(method=['drizzle']))),
    BadInput('arguments that are a list', _CLIP, 'a dict', make=_changed(
        lambda good: good['meta']['mmderain'].update(arguments=[1]))),
    BadInput('an argument that the network has not', _CLIP, 'takes no',
             make=_described(rain=1)),
    BadInput('a name of an argument that is a number', _CLIP, 'takes no',
             make=_changed(lambda good: good['meta']['mmderain'][
                 'arguments'].update({1: 1}))),
    BadInput('a network below no width', _CLIP, 'bad.pth',
             make=_described(width=-1)),
    BadInput('a network of no width', _CLIP, 'bad.pth',
             make=_described(width=0)),
    BadInput('a network a thousand million wide', _CLIP, 'bad.pth',
             make=_described(width=10**9)),
    BadInput('a network of 10^30 channels', _CLIP, 'bad.pth',
             make=_described(width=10**30)),
    BadInput('a network of a hundred thousand layers', _CLIP, 'bad.pth',
             make=_described(dilations=[1] * 10**5)),
    BadInput('a width in words', _CLIP, 'bad.pth',
             make=_described(width='wide')),
    BadInput('a width of no number', _CLIP, 'bad.pth',
             make=_described(width=float('nan'))),
    # ship-weights, convert
    BadInput('weights to ship that are not there', 'ship-weights no.pth name',
             'no.pth'),
    BadInput('a name to ship under with a slash',
             'ship-weights model.pth a/b', 'expected a name'),
    BadInput('weights to ship that are not finite',
             'ship-weights bad.pth name --folder .', 'finite',
             make=_first(lambda value: value * float('inf'))),
    BadInput('weights to ship in half precision that do not fit it',
             'ship-weights bad.pth name --folder . --half', 'half',
             make=_first(lambda value: value + 1e6)),
    BadInput('weights to ship in their own place',
             'ship-weights model.pth model --folder .', 'another name'),
    BadInput('weights to ship that are there',
             'ship-weights model.pth bad --folder .', '--overwrite',
             make=write('bad.pth', 'rain\n')),
    BadInput('weights to ship into a file',
             'ship-weights model.pth name --folder photo.png', 'photo.png'),
    BadInput('an empty folder to ship to', "ship-weights model.pth name "
             "--folder ''", 'empty'),
    BadInput('a method to convert that is not there',
             'convert drizzle bad.pth out.pth', 'vimpnet'),
    BadInput('a file to convert that is not there',
             'convert vimpnet no.pth out.pth', 'no.pth'),
    BadInput('a folder to convert', 'convert vimpnet in out.pth', 'a folder',
             make=write('in/a.txt')),
    BadInput('a text to convert', 'convert vimpnet bad.pth out.pth',
             'not a checkpoint', make=write('bad.pth', 'rain\n')),
    BadInput('a list to convert', 'convert vimpnet bad.pth out.pth',
             'state_dict', make=_saved([1])),
    BadInput('numbers to convert', 'convert vimpnet bad.pth out.pth',
             'bad.pth', make=_saved({1: 2})),
    BadInput('a checkpoint of another method to convert',
             'convert vimpnet model.pth out.pth', 'not the checkpoint of'),
    BadInput('sparse weights to convert', 'convert vimpnet bad.pth out.pth',
             'bad.pth', make=_saved({'a': torch.zeros(2, 2).to_sparse()})),
    BadInput('a TensorFlow file that is a text', 'convert attentive_gan '
             'bad.npz out.pth', 'bad.npz', make=write('bad.npz', 'rain')),
    BadInput('a Caffe file that is a text', 'convert j4rnet_released_gru '
             'bad.caffemodel out.pth', 'bad.caffemodel',
             make=write('bad.caffemodel', 'rain')),
    BadInput('a converted file that is there', 'convert vimpnet bad.pth '
             'model.pth', '--overwrite', make=_saved([1])),
    BadInput('a converted file in a folder that is not there',
             'convert vimpnet bad.pth no/out.pth', 'no',
             make=_saved({'a': torch.zeros(1)})),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
