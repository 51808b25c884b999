"""Every layout in which RainSyn circulates, and what can be wrong."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmagic.registry import DATASETS

from mmderain.datasets import RainSynDataset
from mmderain.errors import DataError
from tests.tiny import write_image

SEQUENCES, FRAMES = ('1', '2', '10'), 9


def image(sequence: int, frame: int, rainy: bool) -> np.ndarray:
    value = 10 * sequence + 2 * frame + (100 if rainy else 0)
    return np.full((8, 12, 3), value, np.uint8)


def write(folder: Path, rainy: str, clean: str, names=SEQUENCES) -> None:
    """``rainy`` and ``clean``: file of a sequence and a frame."""
    for number, sequence in enumerate(names):
        for frame in range(FRAMES):
            for template, is_rainy in ((rainy, True), (clean, False)):
                path = folder / template.format(s=sequence, n=frame)
                write_image(path, image(number, frame, is_rainy))


# folder of the split, file of a rainy and of a clean frame
RELEASES = {
    'flat set': ('', 'input/{s}/{n}.png', 'gt/{s}/{n}.png'),
    'VDMamba': ('RainSynLight25/video_rain_light/{split}',
                'input/{s}/{n}.png', 'processed/{s}/{n}.png'),
    'RMFD': ('', 'input/{s}/{n}.png', 'processed/{s}/{n}.png'),
    'ESTINet light': ('{split}', 'input/{s}/{n:03d}.png', 'gt/{s}/{n}.png'),
    'ESTINet heavy': ('frames_heavy_{split}_JPEG', '{s}/rfc-{n}.jpg',
                      '{s}/gtc-{n}.jpg'),
    'grey': ('frames_heavy_{split}_JPEG', '{s}/rf-{n}.jpg',
             '{s}/gt-{n}.jpg'),
    'NTURain': ('Dataset_{split}ing_Synthetic', '{s}_Rain/{n:05d}.jpg',
                '{s}_GT/{n:05d}.jpg'),
    'Stripformer': ('{split}', 'Rain/{s}/{n:05d}.png', 'GT/{s}/{n}.png'),
}


@pytest.mark.parametrize('split', ['train', 'test'])
@pytest.mark.parametrize('name', RELEASES)
def test_every_layout_is_recognised(name, split, tmp_path):
    folder, rainy, clean = RELEASES[name]
    write(tmp_path / folder.format(split=split), rainy, clean)
    root = tmp_path / 'RainSynLight25' if name == 'VDMamba' else tmp_path
    dataset = RainSynDataset(data_root=str(root), test_mode=split == 'test')
    assert [sample['key'] for sample in dataset] == list(SEQUENCES)
    for number, sample in enumerate(dataset):
        assert len(sample['img_path']) == len(sample['gt_path']) == FRAMES
        for frame in range(FRAMES):
            for key, rainy in (('img', True), ('gt', False)):
                got = cv2.imread(sample[f'{key}_path'][frame])
                # JPEG is not exact
                assert np.abs(got.astype(int)
                              - image(number, frame, rainy)).max() <= 2


def test_numbers_from_one_in_natural_order(tmp_path):
    for frame in range(1, 32):
        for key in ('input', 'gt'):
            write_image(tmp_path / 'test' / key / '3' / f'{frame}.png',
                        image(0, frame, key == 'input'))
    sample, = RainSynDataset(data_root=str(tmp_path), test_mode=True)
    numbers = [int(Path(path).stem) for path in sample['img_path']]
    assert numbers == list(range(1, 32))


def test_splits_are_apart(tmp_path):
    for split, names in (('train', ['a', 'b']), ('test', ['c'])):
        write(tmp_path / split, 'input/{s}/{n}.png', 'gt/{s}/{n}.png', names)
    for split, names in (('train', ['a', 'b']), ('test', ['c'])):
        dataset = RainSynDataset(data_root=str(tmp_path),
                                 test_mode=split == 'test')
        assert [sample['key'] for sample in dataset] == names


def test_colour_is_preferred_and_grey_can_be_asked_for(tmp_path):
    folder = tmp_path / 'frames_heavy_train_JPEG'
    write(folder, '{s}/rfc-{n}.jpg', '{s}/gtc-{n}.jpg')
    write(folder, '{s}/rf-{n}.jpg', '{s}/gt-{n}.jpg')
    for layout, prefix in ((None, 'rfc-'), ('rf/gt', 'rf-')):
        dataset = RainSynDataset(data_root=str(tmp_path), layout=layout)
        assert Path(dataset[0]['img_path'][0]).name.startswith(prefix)
        assert len(dataset[0]['img_path']) == FRAMES


def test_nturain_has_other_folders_beside_the_test_set(tmp_path):
    names = ['a1', 'a4', 'b2']
    write(tmp_path / 'Dataset_Testing_Synthetic', '{s}_Rain/{n:05d}.jpg',
          '{s}_GT/{n:05d}.jpg', names)
    # three rainy versions of one clean sequence; and no clean sequence
    write(tmp_path / 'Dataset_Training_Synthetic', 't1_Rain_{s}/{n:05d}.jpg',
          't1_GT/{n:05d}.jpg', ['01', '02', '03'])
    write(tmp_path / 'Dataset_Testing_RealRain', '{s}_Rain/{n:05d}.jpg',
          '{s}_Rain/{n:05d}.jpg', ['ra1', 'rb1'])
    dataset = RainSynDataset(data_root=str(tmp_path), test_mode=True)
    assert [sample['key'] for sample in dataset] == names
    for key, ending in (('img', '_Rain'), ('gt', '_GT')):
        assert [Path(sample[f'{key}_path'][0]).parent.name
                for sample in dataset] == [name + ending for name in names]
    with pytest.raises(DataError, match='expected the train split'):
        RainSynDataset(data_root=str(tmp_path))


@pytest.mark.parametrize(('missing', 'said'), [
    ('a4_GT', r'a4_GT: no such sequence \(gt\)'),
    ('a4_Rain', 'a4_GT: no such sequence in ')])
def test_sequences_told_apart_by_suffix_have_to_be_whole(
        missing, said, tmp_path):
    write(tmp_path / 'test', '{s}_Rain/{n}.jpg', '{s}_GT/{n}.jpg',
          ['a1', 'a4', 'b2'])
    shutil.rmtree(tmp_path / 'test' / missing)
    with pytest.raises(DataError, match=said):
        RainSynDataset(data_root=str(tmp_path), test_mode=True)


def test_folders_can_be_named(tmp_path):
    write(tmp_path, 'rainy/{s}/{n}.png', 'clean/{s}/{n}.png')
    dataset = RainSynDataset(data_root=str(tmp_path),
                             data_prefix=dict(img='rainy', gt='clean'))
    assert len(dataset) == len(SEQUENCES)


def test_an_empty_sequence_is_reported_and_left_out(tmp_path, caplog):
    write(tmp_path / 'test', 'input/{s}/{n}.png', 'gt/{s}/{n}.png')
    for key in ('input', 'gt'):
        (tmp_path / 'test' / key / '7').mkdir()
    import logging

    from mmengine.logging import MMLogger
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.WARNING, logger.name):
            dataset = RainSynDataset(data_root=str(tmp_path), test_mode=True)
    finally:
        logger.removeHandler(caplog.handler)
    assert [sample['key'] for sample in dataset] == list(SEQUENCES)
    assert f'{tmp_path / "test" / "input" / "7"}: no images' in caplog.text


def spoil_half_empty(root):
    shutil.rmtree(root / 'gt' / '2')
    (root / 'gt' / '2').mkdir()
    return 'gt/2', 'no images in it'


def spoil_missing_frame(root):
    (root / 'gt' / '10' / '4.png').unlink()
    return 'gt/10', '8 frames where img has 9; missing 4'


def spoil_doubled_frame(root):
    shutil.copy(root / 'input' / '1' / '3.png', root / 'input' / '1'
                / '003.png')
    return 'input/1/3.png', 'another file has the same frame number'


def spoil_length(root):
    for key in ('input', 'gt'):
        for frame in range(3, FRAMES):
            (root / key / '1' / f'{frame}.png').unlink()
    return 'input/1', '3 frames, a clip needs 5'


def spoil_everything(root):
    for key in ('input', 'gt'):
        for path in (root / key).rglob('*.png'):
            path.unlink()
    return 'input', 'all 3 sequences are empty'


@pytest.mark.parametrize('spoil', [
    spoil_half_empty, spoil_missing_frame, spoil_doubled_frame, spoil_length,
    spoil_everything])
def test_each_problem_is_named_with_its_path(spoil, tmp_path):
    write(tmp_path / 'train', 'input/{s}/{n}.png', 'gt/{s}/{n}.png')
    path, said = spoil(tmp_path / 'train')
    with pytest.raises(DataError) as error:
        RainSynDataset(data_root=str(tmp_path), clip_length=5)
    assert f'{tmp_path / "train" / path}: {said}' in str(error.value)


def test_no_layout_is_answered_with_what_was_looked_for(tmp_path):
    (tmp_path / 'train' / 'rainy').mkdir(parents=True)
    with pytest.raises(DataError) as error:
        RainSynDataset(data_root=str(tmp_path))
    for word in (str(tmp_path / 'train'), 'input/processed', 'rfc/gtc',
                 'data_prefix'):
        assert word in str(error.value)
    with pytest.raises(DataError, match='no such folder'):
        RainSynDataset(data_root=str(tmp_path / 'nowhere'))
    with pytest.raises(DataError, match='is not a layout'):
        RainSynDataset(data_root=str(tmp_path), layout='rain')
    write(tmp_path / 'train', 'input/{s}/{n}.png', 'gt/{s}/{n}.png')
    with pytest.raises(DataError, match='Rain/GT'):
        RainSynDataset(data_root=str(tmp_path), layout='Rain/GT')


def test_it_is_registered():
    assert DATASETS.get('RainSynDataset') is RainSynDataset
