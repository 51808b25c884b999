"""VRDS: every problem of the folders is found before training."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmagic.registry import DATASETS

from mmderain.datasets import VRDSDataset
from mmderain.errors import DataError
from tests.tiny import write_vrds


@pytest.fixture
def root(vrds, tmp_path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(vrds, tmp_path / 'set'))


def build(root, **kwargs):
    return VRDSDataset(data_root=str(root), clip_length=3, pipeline=[],
                       **kwargs)


def test_training_samples_name_every_key(vrds):
    dataset = build(vrds)
    assert len(dataset) == 3
    sample = dataset[1]
    assert sample['key'] == '001'
    for key, folder in dict(img='lq', gt='gt', drop='drop',
                            drop_mask='01drop', streak_map='mstreak').items():
        assert sample[f'{key}_path'] == [
            str(vrds / folder / '001' / f'{i:08d}.png') for i in range(6)]


def test_testing_needs_no_maps(vrds):
    dataset = build(vrds, test_mode=True)
    assert len(dataset) == 3
    assert set(dataset[0]) >= {'img_path', 'gt_path'}
    assert 'drop_path' not in dataset[0]
    assert '/testlq/' in dataset[0]['img_path'][0]


def test_folders_can_be_named(root):
    (root / 'lq').rename(root / 'rainy')
    dataset = build(root, data_prefix=dict(img='rainy', gt='gt'))
    assert '/rainy/' in dataset[0]['img_path'][0]


def test_an_annotation_file_chooses_sequences(root):
    chosen = root / 'list.txt'
    chosen.write_text('002 6\n000\n')
    dataset = build(root, ann_file=str(chosen))
    assert [dataset[i]['key'] for i in range(2)] == ['002', '000']
    with pytest.raises(DataError, match='nothing.txt: no such file'):
        build(root, ann_file=str(root / 'nothing.txt'))


def test_frames_come_in_natural_order_in_any_format(root):
    for folder in ('lq', 'gt', 'drop', '01drop', 'mstreak'):
        for path in sorted((root / folder / '000').iterdir()):
            number = int(path.stem)
            image = cv2.imread(str(path))
            cv2.imwrite(str(path.with_name(f'{number * 5}.jpg')), image)
            path.unlink()
    names = [Path(path).name for path in build(root)[0]['img_path']]
    assert names == ['0.jpg', '5.jpg', '10.jpg', '15.jpg', '20.jpg', '25.jpg']


def test_a_superscript_in_a_name_is_no_number(root):
    for folder in ('lq', 'gt', 'drop', '01drop', 'mstreak'):
        path = root / folder / '000' / '00000001.png'
        path.rename(path.with_name('00000000².png'))
    names = [Path(path).name for path in build(root)[0]['img_path']]
    assert names[:3] == ['00000000.png', '00000000².png', '00000002.png']


def test_the_first_frames_can_be_chosen(vrds):
    dataset = build(vrds, test_mode=True, max_frames=2)
    assert len(dataset[0]['img_path']) == len(dataset[0]['gt_path']) == 2


def break_folder(root):
    shutil.rmtree(root / '01drop')
    return '01drop', 'no such folder (data_prefix.drop_mask)'


def break_sequence(root):
    shutil.rmtree(root / 'drop' / '001')
    return 'drop/001', 'no such sequence (drop)'


def break_extra_sequence(root):
    (root / 'gt' / '009').mkdir()
    return 'gt/009', 'no such sequence in'


def break_frame(root):
    (root / 'mstreak' / '002' / '00000003.png').unlink()
    return 'mstreak/002', '5 frames where img has 6; missing 00000003'


def break_name(root):
    path = root / 'gt' / '000' / '00000001.png'
    path.rename(path.with_name('frame1.png'))
    return 'gt/000', 'missing 00000001; not in img frame1'


def break_length(root):
    for folder in ('lq', 'gt', 'drop', '01drop', 'mstreak'):
        for index in range(2, 6):
            (root / folder / '001' / f'{index:08d}.png').unlink()
    return 'lq/001', '2 frames, a clip needs 3'


def break_size(root):
    path = root / 'drop' / '001' / '00000004.png'
    cv2.imwrite(str(path), np.zeros((10, 12, 3), np.uint8))
    return 'drop/001/00000004.png', '12x10 pixels, the first frame of its'


def break_image(root):
    path = root / 'lq' / '001' / '00000002.png'
    path.write_text('nothing')
    return 'lq/001/00000002.png', 'not an image'


def break_emptiness(root):
    shutil.rmtree(root / 'lq')
    (root / 'lq').mkdir()
    return 'lq', 'no sequences in it'


@pytest.mark.parametrize('spoil', [
    break_folder, break_sequence, break_extra_sequence, break_frame,
    break_name, break_length, break_size, break_image, break_emptiness])
def test_each_problem_is_named_with_its_path(root, spoil):
    path, said = spoil(root)
    with pytest.raises(DataError) as error:
        build(root)
    assert f'{root / path}: ' in str(error.value)
    assert said in str(error.value)


def test_all_problems_are_reported_together(root):
    said = [spoil(root) for spoil in (break_sequence, break_frame,
                                      break_name)]
    with pytest.raises(DataError, match=r'3 problem\(s\)') as error:
        build(root)
    assert all(text in str(error.value) for _, text in said)


def test_training_stops_before_it_starts(tiny_config, root):
    from tests.test_engine.helpers import train
    path, said = break_size(root)
    tiny_config.train_dataloader.dataset.data_root = str(root)
    with pytest.raises(DataError, match='12x10 pixels'):
        train(tiny_config)
    assert not list(Path(tiny_config.work_dir).glob('*.pth'))


def test_a_thousand_sequences_do_not_flood_the_screen(tmp_path):
    write_vrds(tmp_path, sequences=60, frames=3, test_sequences=0)
    shutil.rmtree(tmp_path / 'gt')
    (tmp_path / 'gt').mkdir()
    with pytest.raises(DataError, match=r'60 problem\(s\)') as error:
        build(tmp_path)
    assert '... and 57 more of this kind' in str(error.value)


def test_it_is_registered():
    assert DATASETS.get('VRDSDataset') is VRDSDataset
