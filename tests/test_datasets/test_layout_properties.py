"""Whatever a set's frames are called, pairs are pairs or are refused."""

import shutil

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.errors import DataError

QUICK = settings(max_examples=60, deadline=None, derandomize=True,
                 database=None)
IMAGE = cv2.imencode('.png', np.zeros((4, 6, 3), np.uint8))[1].tobytes()
KEYS = dict(img='lq', gt='gt', drop='drop')
NAMES = st.text('ab01 _-.\u96e8', min_size=1, max_size=6).map(
    str.strip).filter(lambda name: name and not name.startswith('.'))
SEQUENCES = st.dictionaries(
    NAMES, st.sets(st.integers(0, 12000), min_size=1, max_size=5),
    min_size=1, max_size=3)
# how a key writes a frame's number
STYLES = st.fixed_dictionaries({key: st.tuples(
    st.integers(0, 8), st.sampled_from(['.png', '.PNG'])) for key in KEYS})


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return tmp_path_factory.mktemp('sets') / 'set'


def write(root, sequences, styles):
    shutil.rmtree(root, ignore_errors=True)
    for key, folder in KEYS.items():
        width, suffix = styles[key]
        for name, numbers in sequences.items():
            (root / folder / name).mkdir(parents=True)
            for number in numbers:
                path = root / folder / name / f'{number:0{width}d}{suffix}'
                path.write_bytes(IMAGE)
    # of file managers and notebooks
    (root / 'lq/.ipynb_checkpoints').mkdir()
    for name in sequences:
        (root / 'gt' / name / '._1.png').write_bytes(b'not an image')
        (root / 'gt' / name / 'notes.txt').write_bytes(b'mine')


def read(root):
    return ClipDataset(KEYS, data_root=str(root), pipeline=[])


def number_of(path):
    return int(path.rsplit('/', 1)[1].split('.')[0])


@QUICK
@given(SEQUENCES, STYLES)
def test_frames_of_one_number_are_together(root, sequences, styles):
    write(root, sequences, styles)
    samples = {sample['key']: sample for sample in read(root)}
    assert samples.keys() == sequences.keys()
    for name, numbers in sequences.items():
        for key, folder in KEYS.items():
            paths = samples[name][f'{key}_path']
            assert [number_of(path) for path in paths] == sorted(numbers)
            assert all(path.startswith(f'{root / folder / name}/')
                       for path in paths)


@QUICK
@given(SEQUENCES, STYLES, st.data())
def test_a_frame_that_is_missing_is_named(root, sequences, styles, data):
    write(root, sequences, styles)
    key = data.draw(st.sampled_from([*KEYS]))
    name = data.draw(st.sampled_from(sorted(sequences)))
    number = data.draw(st.sampled_from(sorted(sequences[name])))
    width, suffix = styles[key]
    lost = root / KEYS[key] / name / f'{number:0{width}d}{suffix}'
    lost.unlink()
    with pytest.raises(DataError, match='problem') as complaint:
        read(root)
    assert f'/{name}' in str(complaint.value)
