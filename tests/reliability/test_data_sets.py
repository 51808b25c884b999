"""Data sets: check-data, write-masks, align-clips, evaluate, compare."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.reliability.bad_input import BadInput, all_of, write
from tests.tiny import write_clips, write_config, write_pairs, write_vrds

_CHECK = 'check-data config.py'
_EVALUATE = 'evaluate a b --protocol vrds '


def _set(change=None):
    """A good set and its config, changed in one way."""
    def make(folder: Path) -> None:
        write_config(folder / 'config.py', Path('set'))
        write_vrds(folder / 'set', 1, 6, 1, 4)
        if change is not None:
            change(folder / 'set')
    return make


def _without(name: str):
    def change(root: Path) -> None:
        path = root / name
        for item in sorted(path.rglob('*')) if path.is_dir() else ():
            item.unlink()
        path.rmdir() if path.is_dir() else path.unlink()
    return change


def _replaced(name: str, content: bytes | np.ndarray):
    def change(root: Path) -> None:
        if isinstance(content, bytes):
            (root / name).write_bytes(content)
        else:
            cv2.imwrite(str(root / name), content)
    return change


def _pipe(name: str):
    def change(root: Path) -> None:
        (root / name).unlink()
        os.mkfifo(root / name)
    return change


def _all_cut(root: Path) -> None:
    """Three hundred images that cannot be decoded, and one of another size."""
    for index in range(60):
        for key in ('lq', 'gt', 'drop', 'mstreak', '01drop'):
            path = root / key / '000' / f'{index + 6:08d}.png'
            path.write_bytes(b'rain')
    cv2.imwrite(str(root / 'lq' / '000' / '00000001.png'),
                np.zeros((8, 8, 3), np.uint8))


def _mask(value: float, dtype: type = np.uint8):
    return np.full((36, 44), value, dtype)


def _pairs(change=None):
    def make(folder: Path) -> None:
        write_pairs(folder / 'set' / 'train', count=3)
        if change is not None:
            change(folder / 'set' / 'train')
    return make


def _clips(change=None):
    def make(folder: Path) -> None:
        write_clips(folder / 'clips', 2)
        if change is not None:
            change(folder / 'clips')
    return make


def _frames(*names: str, side: int = 48):
    def make(folder: Path) -> None:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.zeros((side, side, 3), np.uint8))
    return make


CASES = [
    BadInput('a number where a set is described',
             _CHECK + ' --cfg-options train_dataloader=5',
             'train_dataloader has to be a dict', make=_set()),
    BadInput('a set without a folder', _CHECK, 'no such folder', status=1,
             make=_set(
                 lambda root: (root / 'gt').rename(root / 'gtt'))),
    BadInput('a set without a sequence', _CHECK, 'gt/000: no such sequence',
             status=1, make=_set(_without('gt/000'))),
    BadInput('a set without a frame', _CHECK, 'missing 00000003', status=1,
             make=_set(_without('gt/000/00000003.png'))),
    BadInput('hundreds of damaged frames', _CHECK, 'more', status=1,
             make=_set(_all_cut)),
    BadInput('a frame that is a pipe', _CHECK, 'a pipe', status=1,
             make=_set(_pipe('lq/000/00000003.png'))),
    BadInput('a frame that is a folder', _CHECK, 'a folder', status=1,
             make=_set(lambda root: (
                 (root / 'lq/000/00000003.png').unlink(),
                 (root / 'lq/000/00000003.png').mkdir()))),
    BadInput('an empty frame', _CHECK, 'it is empty', status=1,
             make=_set(_replaced('lq/000/00000003.png', b''))),
    BadInput('a frame of another size', _CHECK, '8x8 pixels', status=1,
             make=_set(_replaced('lq/000/00000003.png',
                                 np.zeros((8, 8, 3), np.uint8)))),
    BadInput('masks of 16 bits', _CHECK, 'expected 8 bits', status=1,
             make=_set(_replaced('01drop/000/00000003.png',
                                 _mask(40000, np.uint16)))),
    BadInput('masks of 0 and 1', _CHECK, 'should use 0 to 255', status=1,
             make=_set(_replaced('01drop/000/00000003.png', _mask(1)))),
    BadInput('masks that are grey', _CHECK, 'black and white', status=1,
             make=_set(_replaced('01drop/000/00000003.png', _mask(100)))),
    BadInput('masks in colour', _CHECK, 'has colours', status=1,
             make=_set(_replaced('01drop/000/00000003.png', np.full(
                 (36, 44, 3), (0, 0, 255), np.uint8)))),
    # write-masks
    BadInput('pairs that are not there', 'write-masks no', 'no'),
    BadInput('pairs of a split that is not there',
             'write-masks set --split test', 'test', make=_pairs()),
    BadInput('a threshold that is none', 'write-masks set --threshold nan',
             'threshold', make=_pairs()),
    BadInput('a threshold above all differences',
             'write-masks set --threshold 300', 'threshold', make=_pairs()),
    BadInput('specks below nothing', 'write-masks set --morphology=-3',
             '--morphology', make=_pairs()),
    BadInput('specks a thousand million wide',
             'write-masks set --morphology 1000000000', 'morphology',
             make=_pairs()),
    BadInput('a picture of no rows', 'write-masks set --pairs 0 --picture '
             'p.png', '--pairs', make=_pairs()),
    BadInput('a picture of no kind of image', 'write-masks set --picture '
             'p.xyz', '.png', make=_pairs(), makes=('set/*', )),
    BadInput('a picture alone without a name', 'write-masks set '
             '--picture-only', '--picture', make=_pairs()),
    BadInput('a pair that is damaged', 'write-masks set', '1_rain.png',
             make=_pairs(_replaced('data/1_rain.png', b'rain'))),
    BadInput('a pair of two sizes', 'write-masks set', '1_', make=_pairs(
        _replaced('data/1_rain.png', np.zeros((8, 8, 3), np.uint8)))),
    BadInput('masks that are there', 'write-masks set', '--overwrite',
             make=_pairs(lambda root: write('mask/0_mask.png')(root))),
    # align-clips
    BadInput('clips that are not there', 'align-clips no', 'no'),
    BadInput('clips that are a file', 'align-clips photo.png', 'photo.png'),
    BadInput('a folder without clips', 'align-clips in', 'clips.npy',
             make=write('in/a.txt')),
    BadInput('clips without truth', 'align-clips clips', 'truth.npy',
             make=_clips(_without('truth.npy'))),
    BadInput('clips that are a text', 'align-clips clips', 'clips.npy',
             make=_clips(_replaced('clips.npy', b'rain'))),
    BadInput('empty clips', 'align-clips clips', 'clips.npy',
             make=_clips(_replaced('clips.npy', b''))),
    BadInput('clips of decimals', 'align-clips clips', 'clips.npy',
             make=_clips(lambda root: np.save(root / 'clips.npy',
                                              np.zeros((2, 5, 8, 8, 3))))),
    BadInput('clips of objects', 'align-clips clips', 'clips.npy',
             make=_clips(lambda root: np.save(
                 root / 'clips.npy', np.array([{}, []], object)))),
    BadInput('clips of two dimensions', 'align-clips clips', 'clips.npy',
             make=_clips(lambda root: np.save(
                 root / 'clips.npy', np.zeros((2, 5), np.uint8)))),
    BadInput('no workers to align', 'align-clips clips --workers 0',
             '--workers', make=_clips()),
    BadInput('a million workers to align', 'align-clips clips --workers '
             '1000000', '--workers', make=_clips()),
    # evaluate
    BadInput('a protocol that is not there', 'evaluate a b --protocol best',
             'vrds'),
    BadInput('results that are not there', _EVALUATE, 'a:', make=_frames(
        'b/1.png')),
    BadInput('results without frames', _EVALUATE, 'a', make=all_of(
        _frames('b/1.png'), write('a/notes.txt'))),
    BadInput('frames of other numbers', _EVALUATE, '2', make=_frames(
        'a/1.png', 'a/2.png', 'b/3.png', 'b/4.png')),
    BadInput('frames of two sizes to score', _EVALUATE, '48', make=all_of(
        _frames('a/1.png'), _frames('b/1.png', side=64))),
    BadInput('a frame to score that is damaged', _EVALUATE, 'a/1.png',
             make=all_of(_frames('b/1.png'), write('a/1.png', 'rain'))),
    BadInput('frames too small to score', _EVALUATE, 'pixels',
             make=_frames('a/1.png', 'b/1.png', side=3)),
    BadInput('scores into a folder', _EVALUATE + '--json in', 'in',
             make=all_of(_frames('a/1.png', 'b/1.png'), write('in/a.txt'))),
    BadInput('scores into a pipe', _EVALUATE + '--json p.json --overwrite',
             'a pipe is there', make=all_of(
                 _frames('a/1.png', 'b/1.png'),
                 lambda folder: os.mkfifo(folder / 'p.json'))),
    BadInput('scores into a file that is there',
             _EVALUATE + '--json photo.png',
             'Add --overwrite', make=_frames('a/1.png', 'b/1.png')),
    BadInput('curves into a folder of others', _EVALUATE + '--plot in',
             'Add --overwrite',
             make=all_of(_frames('a/1.png', 'b/1.png'), write('in/a.txt'))),
    BadInput('scores into a file that is a folder',
             _EVALUATE + '--csv photo.png/scores.csv', 'photo.png',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('curves into a file', _EVALUATE + '--plot photo.png',
             'photo.png', make=_frames('a/1.png', 'b/1.png')),
    BadInput('an empty name of scores', _EVALUATE + "--json ''", 'empty text',
             make=_frames('a/1.png', 'b/1.png')),
    # compare
    BadInput('a comparison into a folder of others',
             'compare b in --protocol vrds --input a', 'Add --overwrite',
             make=all_of(_frames('a/1.png', 'b/1.png'), write('in/a.txt'))),
    BadInput('nothing to compare', 'compare b out --protocol vrds',
             'nothing to compare', make=_frames('b/1.png')),
    BadInput('two of one name', 'compare b out --protocol vrds '
             '--result x a --result x a', 'each name once',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('a method with a slash', 'compare b out --protocol '
             'vrds --result ../x a', 'cannot be the name',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('a model without an input', 'compare b out --protocol '
             'vrds --model x config.py no.pth', '--input',
             make=_frames('b/1.png')),
    BadInput('a picture without rows', 'compare b out --protocol '
             'vrds --input a --rows 0', '--rows',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('a comparison into a file', 'compare b photo.png --protocol '
             'vrds --input a', 'photo.png',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('a result that is not there', 'compare b out --protocol '
             'vrds --input a --result x no', 'no',
             make=_frames('a/1.png', 'b/1.png')),
    BadInput('a config that is not there to compare', 'compare b out '
             '--protocol vrds --input a --model x no.py model.pth',
             'no.py', make=_frames('a/1.png', 'b/1.png')),
    BadInput('a checkpoint that is not there to compare', 'compare b out '
             '--protocol vrds --input a --model x config.py no.pth',
             'no.pth', make=all_of(_frames('a/1.png', 'b/1.png'), _set())),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
