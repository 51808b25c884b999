"""Lists, folders and patterns of an archive."""

import json
import os

import pytest

from tests.reliability.bad_input import BadInput, all_of, copy, write

_LIST = 'derain --list list.csv --output-dir out'
_TEXT = 'derain --list list.txt --output-dir out'
_DONE = ('out/clip.mp4', 'out/clip.mp4.done.json')


def _csv(*lines: str):
    return write('list.csv', '\n'.join(lines) + '\n')


CASES = [
    BadInput('no inputs', 'derain --output-dir out', 'no inputs'),
    BadInput('a list that is not there', _TEXT, 'list.txt'),
    BadInput('a list that is a folder', 'derain --list sub --output-dir out',
             'folder', make=write('sub/a.txt')),
    BadInput('an empty list', _TEXT, 'no inputs', make=write('list.txt')),
    BadInput('a list of comments', _TEXT, 'no inputs',
             make=write('list.txt', '# nothing\n\n')),
    BadInput('a video as a list', 'derain --list clip.mp4 --output-dir out',
             'text'),
    BadInput('a list that is a pipe', _TEXT, '--list -',
             make=lambda folder: os.mkfifo(folder / 'list.txt')),
    BadInput('a list in Latin-1', _TEXT, 'UTF-8',
             make=write('list.txt', 'stra\xdfe.mp4\n'.encode('latin-1'))),
    BadInput('a list in UTF-16', _TEXT, 'UTF-8',
             make=write('list.txt', 'clip.mp4\n'.encode('utf-16'))),
    BadInput('a list with bytes of nothing', _TEXT, 'NUL',
             make=write('list.txt', b'clip\0.mp4\n')),
    BadInput('a list without outputs', 'derain --list list.txt',
             '--output-dir', make=write('list.txt', 'clip.mp4\n')),
    BadInput('a mark of the byte order', _TEXT, '1 done', status=0,
             make=write('list.txt', '\ufeffclip.mp4\n'), makes=_DONE),
    BadInput('a mark of the byte order before a heading', _LIST, '1 done',
             status=0, make=_csv('\ufeffinput,output', 'clip.mp4,clip.mp4'),
             makes=_DONE),
    BadInput('a heading in capitals', _LIST, '1 done', status=0,
             make=_csv('Input,Output', 'clip.mp4,clip.mp4'), makes=_DONE),
    BadInput('semicolons', _LIST, '1 done', status=0,
             make=_csv('input;output', 'clip.mp4;clip.mp4'), makes=_DONE),
    BadInput('three columns', _LIST, 'input,output',
             make=_csv('clip.mp4,out.mp4,fast')),
    BadInput('a quote that does not end', _LIST, 'quote',
             make=_csv('"clip.mp4,out.mp4', 'clip.mp4,b.mp4')),
    BadInput('a line without input', _LIST, 'line 2',
             make=_csv('clip.mp4,a.mp4', ',b.mp4')),
    BadInput('a line of 300 characters', _TEXT, 'line 1',
             make=write('list.txt', 'a' * 300 + '.mp4\n')),
    BadInput('an output outside the folder', _LIST, 'line 1',
             make=_csv('clip.mp4,../x.mp4')),
    BadInput('an output elsewhere', _LIST, 'line 1',
             make=_csv('clip.mp4,/nowhere/x.mp4')),
    BadInput('two inputs for an output', _LIST, 'both',
             make=_csv('clip.mp4,a.mp4', 'photo.png,a.mp4')),
    BadInput('equal names in two folders',
             'derain a/clip.mp4 b/clip.mp4 --output-dir out', 'both',
             make=all_of(copy('clip.mp4', 'a/clip.mp4'),
                         copy('clip.mp4', 'b/clip.mp4'))),
    BadInput('a pattern of nothing', "derain '*.avi' --output-dir out",
             'nothing matches'),
    BadInput('a pattern of other files alone',
             "derain 'notes*' --output-dir out", 'no inputs',
             make=write('notes.txt', 'rain')),
    BadInput('a pattern that finds other files, too',
             "derain 'in/*' --output-dir out", 'notes.txt', status=0,
             make=all_of(copy('clip.mp4', 'in/clip.mp4'),
                         write('in/notes.txt', 'rain')), makes=_DONE),
    BadInput('a folder of videos', 'derain in --output-dir out', '1 done',
             status=0, make=copy('clip.mp4', 'in/day/clip.mp4'),
             makes=('out/day/clip.mp4*', )),
    BadInput('a folder of videos and one video', 'derain in out.mp4',
             'expected a folder', make=copy('clip.mp4', 'in/clip.mp4')),
    BadInput('an input that is not there', 'derain clip.mp4 no.mp4 '
             '--output-dir out', 'no.mp4', status=1, makes=_DONE),
    BadInput('outputs in a dangling link', 'derain clip.mp4 --output-dir disk',
             'a link that leads nowhere',
             make=lambda folder: (folder / 'disk').symlink_to('nowhere')),
    BadInput('a damaged video among good ones', 'derain clip.mp4 bad.mp4 '
             '--output-dir out', 'bad.mp4', status=1,
             make=write('bad.mp4', b'\0' * 999), makes=_DONE),
    BadInput('a text among good ones', 'derain clip.mp4 notes.txt '
             '--output-dir out', 'notes.txt', status=1,
             make=write('notes.txt', 'rain'), makes=_DONE),
    BadInput('an output folder that is a file', 'derain clip.mp4 '
             '--output-dir photo.png', 'photo.png', status=2),
    BadInput('a summary that is something else', 'derain clip.mp4 '
             '--output-dir out --summary photo.png', 'photo.png'),
    BadInput('a summary in a file', 'derain clip.mp4 --output-dir out '
             '--summary photo.png/sum.json', 'photo.png'),
    BadInput('a record that is not one', 'derain clip.mp4 --output-dir out',
             'clip.mp4.done.json', status=1,
             make=all_of(copy('clip.mp4', 'out/clip.mp4'),
                         write('out/clip.mp4.done.json', '[1'))),
    BadInput('a record of other things', 'derain clip.mp4 --output-dir out',
             'is no record of mmderain', status=1,
             make=all_of(copy('clip.mp4', 'out/clip.mp4'),
                         write('out/clip.mp4.done.json', json.dumps(
                             dict(settings=3))))),
    BadInput('a record of other types', 'derain clip.mp4 --output-dir out',
             'its record is of other settings', status=1,
             make=all_of(copy('clip.mp4', 'out/clip.mp4'),
                         write('out/clip.mp4.done.json', json.dumps(
                             dict(input=1, frames='x', settings=3))))),
    BadInput('an output without a record', 'derain clip.mp4 --output-dir out',
             'is there already', status=1,
             make=copy('clip.mp4', 'out/clip.mp4')),
    BadInput('a state that is not one', 'derain clip.mp4 out.mp4 --resume',
             'state.json', make=write('out.mp4.parts/state.json', '{"a"')),
    BadInput('a state of other types', 'derain clip.mp4 out.mp4 --resume',
             'state.json', make=write('out.mp4.parts/state.json', json.dumps(
                 dict(settings={'crf': 1}, segments={'0': 'x'}))),
             makes=('out.mp4.parts/lock', )),
    BadInput('a tile of a state that is none',
             'derain clip.mp4 out.mp4 --resume',
             'state.json', make=write('out.mp4.parts/state.json', json.dumps(
                 dict(mmderain='1', settings={'crf': 1}, tile=['a']))),
             makes=('out.mp4.parts/lock', )),
    BadInput('a folder of another under the name of ours',
             'derain clip.mp4 out.mp4', 'in the way',
             make=write('out.mp4.parts/thesis.tex')),
    BadInput('a file under the name of unfinished work',
             'derain clip.mp4 out.mp4', 'in the way',
             make=write('out.mp4.parts')),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
