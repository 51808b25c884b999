"""Benchmark, export, synthesize, render-clips and models."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.reliability.bad_input import BadInput, all_of, copy, write

_TIME = 'benchmark eevrsr_derain_only '


def _frames(side: int = 64):
    def make(folder: Path) -> None:
        (folder / 'clean').mkdir()
        for index in range(2):
            cv2.imwrite(str(folder / 'clean' / f'{index}.png'),
                        np.zeros((side, side, 3), np.uint8))
    return make


CASES = [
    BadInput('an argument of models', 'models all', 'all'),
    # benchmark
    BadInput('a method to time that is not there', 'benchmark drizzle',
             'vimpnet'),
    BadInput('a size of one number', _TIME + '--size 3', '5x256x256'),
    BadInput('a size of no frames', _TIME + '--size 0x64x64', '5x256x256'),
    BadInput('a size of a thousand million', _TIME +
             '--size 5x1000000000x1000000000', '--size'),
    BadInput('a size that the network refuses', _TIME + '--size 3x64x64',
             'takes clips'),
    BadInput('a network of other channels', _TIME + '--channels 7',
             'takes clips'),
    BadInput('no runs', _TIME + '--runs 0', 'from 1'),
    BadInput('no threads', _TIME + '--threads 0', 'from 1'),
    BadInput('a million threads', _TIME + '--threads 1000000', 'from 1'),
    BadInput('a device of another kind', _TIME + '--device tpu', 'cuda'),
    BadInput('an argument without a value', _TIME + '--network-args width',
             'KEY=VALUE'),
    BadInput('an argument that is no JSON', _TIME + '--network-args a=b',
             'JSON'),
    BadInput('arguments that are cut', _TIME + "--network-args '{\"a\"'",
             'JSON'),
    BadInput('an argument that the network has not', _TIME +
             '--network-args a=1', 'a'),
    BadInput('figures into a folder', _TIME + '--json in', '--json',
             make=write('in/a.txt')),
    BadInput('figures into a file as a folder', _TIME +
             '--json photo.png/a.json', '--json'),
    BadInput('two methods to time at once', 'benchmark eevrsr vimpnet',
             'Name one'),
    BadInput('no method to time', 'benchmark', 'Name one'),
    BadInput('two measurements at once',
             'benchmark --official --all --output out', 'Choose one'),
    BadInput('an official order that is not there',
             'benchmark lens_drops --official', 'vimpnet'),
    BadInput('an official order in half precision',
             'benchmark --official --dtype bfloat16', 'Leave it out'),
    BadInput('an official order of images alone',
             'benchmark eevrsr --official --size 64x64', '9x240x320'),
    BadInput('an official order of too few frames',
             'benchmark eevrsr --official --size 4x64x64', '5 frames'),
    BadInput('an official order of odd sides',
             'benchmark vimpnet --official --size 5x64x63', 'divides'),
    BadInput('arguments for four networks',
             'benchmark --official --network-args a=1', 'Name one'),
    BadInput('all methods, and no folder', 'benchmark --all', '--output'),
    BadInput('all methods into a file',
             'benchmark --all --output photo.png', '--output'),
    BadInput('all methods into a folder with something in it',
             'benchmark --all --output in', 'Add --overwrite',
             make=write('in/a.txt')),
    BadInput('all methods at a size that cannot be parted',
             'benchmark --all --output out --size 64x100', 'multiples of 32'),
    BadInput('all methods at a size with frames',
             'benchmark --all --output out --size 5x64x64', '256x256'),
    BadInput('a folder for one method alone',
             'benchmark eevrsr --output out', 'Add --all'),
    # export
    BadInput('an exported network of another ending',
             'export model.pth out.pt', 'ends in .onnx'),
    BadInput('an engine of TensorRT to export',
             'export model.pth out.engine',
             'trtexec --onnx=out.onnx --saveEngine=out.engine'),
    BadInput('a network of OpenVINO to export', 'export model.pth out.xml',
             'ovc out.onnx'),
    BadInput('a format to export into',
             'export model.pth --format tensorrt',
             'OUTPUT.onnx is the one format'),
    BadInput('an exported network that is there', 'export model.pth out.onnx',
             'Add --overwrite', make=write('out.onnx', 'mine')),
    BadInput('an exported network in the place of a dangling link',
             'export model.pth out.onnx', 'leads nowhere',
             make=lambda folder: (folder / 'out.onnx').symlink_to('no')),
    BadInput('weights to export that are not there', 'export no out.onnx',
             'no'),
    BadInput('weights to export that are a text', 'export notes.txt out.onnx',
             'notes.txt', make=write('notes.txt', 'rain')),
    BadInput('an exported network to export', 'export a.onnx out.onnx',
             'derain --checkpoint a.onnx takes it as it is',
             make=write('a.onnx', 'rain')),
    BadInput('the name of such a one', 'export realtime out.onnx',
             'derain --model realtime takes it as it is'),
    BadInput('an exported network for training', 'ship-weights a.onnx rain '
             '--folder out', 'a.onnx is an exported network, expected a '
             'checkpoint of PyTorch', make=write('a.onnx', 'rain')),
    BadInput('clips for 8 bits in the place of the output',
             'export model.pth clip.onnx --int8 clip.onnx --overwrite',
             'OUTPUT clip.onnx: expected another file than clip.onnx',
             make=write('clip.onnx', 'rain')),
    BadInput('a released file in the place of what becomes of it',
             'convert vimpnet model.pth model.pth --overwrite',
             'expected another file than model.pth'),
    BadInput('a comparison among what is compared',
             'compare in in --result a in --protocol raindrop --overwrite',
             'expected a place outside of in', make=write('in/a.png', 'x')),
    BadInput('figures in the place of a link to what is scored',
             'evaluate clip.mp4 clip.mp4 --protocol raindrop --json a.json '
             '--overwrite', 'expected another file than clip.mp4',
             make=lambda folder: (folder / 'a.json').symlink_to('clip.mp4')),
    BadInput('a size to export of one number',
             'export model.pth out.onnx --size 64', 'HEIGHTxWIDTH'),
    BadInput('an ONNX file that is none',
             'derain clip.mp4 out.mp4 --checkpoint bad.onnx',
             'Export it anew', make=write('bad.onnx', 'rain')),
    BadInput('an ONNX file in half precision',
             'derain clip.mp4 out.mp4 --checkpoint bad.onnx --dtype bfloat16',
             'Leave out', make=write('bad.onnx', 'rain')),
    BadInput('a checkpoint for ONNX Runtime',
             'derain clip.mp4 out.mp4 --backend onnxruntime',
             'mmderain export'),
    # synthesize
    BadInput('frames that are not there', 'synthesize no out', 'no'),
    BadInput('frames that are a text', 'synthesize notes.txt out',
             'notes.txt', make=write('notes.txt', 'rain')),
    BadInput('a folder without frames', 'synthesize in out', 'in',
             make=write('in/a.txt')),
    BadInput('a set that is a file', 'synthesize clean photo.png',
             'photo.png', make=_frames()),
    BadInput('an empty name of a set', "synthesize clean ''", 'empty text',
             make=_frames()),
    BadInput('a preset that is not there', 'synthesize clean out --preset '
             'hail', 'heavy', make=_frames()),
    BadInput('a layout that is not there', 'synthesize clean out --layout '
             'snow', 'raindrop', make=_frames()),
    BadInput('neither streaks nor drops', 'synthesize clean out --no-streaks '
             '--no-drops', 'neither', make=_frames()),
    BadInput('a seed below nothing to render', 'synthesize clean out '
             '--seed=-1', 'from 0', make=_frames()),
    BadInput('a first frame below nothing', 'synthesize clean out '
             '--start=-1', 'from 0', make=_frames()),
    BadInput('a first frame after the last', 'synthesize clean out '
             '--start 99', 'Start earlier', make=_frames()),
    BadInput('no frames to render', 'synthesize clean out --num-frames 0',
             'from 1', make=_frames()),
    BadInput('a size in words', 'synthesize clean out --size large',
             '720x1280', make=_frames()),
    BadInput('a size of nothing', 'synthesize clean out --size 0x0',
             '--size', make=_frames()),
    BadInput('a size of a thousand million to render', 'synthesize clean out '
             '--size 1000000000x1000000000', '--size', make=_frames()),
    BadInput('frames too small for rain', 'synthesize clean out', 'pixels',
             make=_frames(8)),
    BadInput('a damaged frame to render on', 'synthesize clean out',
             'clean/1.png', make=all_of(
                 _frames(), write('clean/1.png', 'rain'))),
    BadInput('a video as a still', 'synthesize clip.mp4 out --from-still',
             'clip.mp4'),
    BadInput('an array that is a text', 'synthesize bad.npy out --from-still',
             'bad.npy', make=write('bad.npy', 'rain')),
    BadInput('a set that is there', 'synthesize clean out',
             'Choose another output', make=all_of(_frames(), copy(
                 'photo.png', 'out/lq/clean/00000000.png'))),
    BadInput('a split that the layout has not', 'synthesize clean out '
             '--split test_a', '--split', make=_frames()),
    # render-lens-clips
    BadInput('a set of lens clips that is a file',
             'render-lens-clips photo.png', 'photo.png'),
    BadInput('footage that is not there', 'render-lens-clips out --footage f',
             'f'),
    BadInput('footage without any scene', 'render-lens-clips out --footage f',
             'expected videos or images', make=write('f/notes.txt')),
    BadInput('footage that cannot be read', 'render-lens-clips out --clips 2 '
             '--workers 1 --footage f', 'f/a.mp4', make=write(
                 'f/a.mp4', b'\0' * 5000)),
    BadInput('footage that is too small', 'render-lens-clips out --footage f',
             '180x180', make=copy('photo.png', 'f/a.png')),
    BadInput('no lens clips', 'render-lens-clips out --clips 0', 'from 1'),
    BadInput('settings of something else', 'render-lens-clips out --settings '
             's.json', 'rain', make=write('s.json', '{"rain": 3}')),
    # render-clips
    BadInput('a set of clips that is a file', 'render-clips photo.png',
             'photo.png'),
    BadInput('clips below nothing', 'render-clips out --train=-1', 'from 0'),
    BadInput('a million million clips', 'render-clips out --train '
             '1000000000000 --val 0', '--train'),
    BadInput('no workers to render', 'render-clips out --workers 0',
             'from 1'),
    BadInput('settings that are not there', 'render-clips out --settings '
             'no.json', 'no.json'),
    BadInput('settings that are a folder', 'render-clips out --settings in',
             'a folder', make=write('in/a.txt')),
    BadInput('settings that are cut', 'render-clips out --settings s.json',
             's.json', make=write('s.json', '{"size"')),
    BadInput('settings that are a list', 'render-clips out --settings s.json',
             'a mapping', make=write('s.json', '[1]')),
    BadInput('a setting that is not there', 'render-clips out --settings '
             's.json', 'hail', make=write('s.json', '{"hail": 1}')),
    BadInput('a size below nothing', 'render-clips out --settings s.json',
             'size', make=write('s.json', '{"size": [-1, 5]}')),
    BadInput('a size that is a text', 'render-clips out --settings s.json',
             'size', make=write('s.json', '{"size": "large"}')),
    BadInput('clips of no frames', 'render-clips out --settings s.json',
             'num_frames', make=write('s.json', '{"num_frames": 0}')),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
