"""Raindrop in every layout that circulates; problems before training."""

import shutil

import numpy as np
import pytest
from mmagic.registry import DATASETS, TRANSFORMS
from mmcv.transforms import Compose
from mmengine.registry import DefaultScope

from mmderain.datasets import RaindropDataset
from mmderain.errors import DataError
from tests.tiny import write_image, write_pairs


def build(root, **options):
    return RaindropDataset(data_root=str(root), pipeline=[], **options)


@pytest.mark.parametrize('rainy', ['data', 'input'])
@pytest.mark.parametrize('nested', ['', 'test_b'])
def test_layouts(tmp_path, rainy, nested):
    folder = write_pairs(tmp_path / 'test_b' / nested, rainy, ending='jpg')
    dataset = build(tmp_path, split='test_b')
    assert len(dataset) == 12
    # natural order: 2 before 10
    assert [dataset[index]['key'] for index in (2, 10)] == ['2', '10']
    sample = dataset[10]
    assert sample['img_path'] == [str(folder / rainy / '10_rain.jpg')]
    assert sample['gt_path'] == [str(folder / 'gt' / '10_clean.jpg')]
    assert sample['folder'] == 'test_b'


def test_whole_names_and_other_formats_pair_too(tmp_path):
    root = write_pairs(tmp_path / 'train', count=2)
    for index in range(2):
        (root / 'data' / f'{index}_rain.png').rename(
            root / 'data' / f'{index}.png')
        (root / 'gt' / f'{index}_clean.png').rename(
            root / 'gt' / f'{index}.bmp')
    assert build(tmp_path)[1]['gt_path'] == [str(root / 'gt' / '1.bmp')]


def test_the_first_images_can_be_chosen(tmp_path):
    write_pairs(tmp_path / 'train')
    assert len(build(tmp_path, max_images=3)) == 3


def break_partner(root):
    (root / 'gt' / '3_clean.png').unlink()
    return 'data/3_rain.png', f'no 3_clean in {root}/gt'


def break_rainy(root):
    (root / 'data' / '3_rain.png').unlink()
    return 'gt/3_clean.png', f'no 3_rain in {root}/data'


def break_name(root):
    (root / 'gt' / '5_clean.png').rename(root / 'gt' / '5_klean.png')
    return 'gt/5_klean.png', f'no 5_klean_rain in {root}/data'


def break_double(root):
    shutil.copy(root / 'data' / '4_rain.png', root / 'data' / '4_rain.tif')
    return 'data/4_rain.tif', 'the same pair as 4_rain.png'


def break_size(root):
    write_image(root / 'gt' / '7_clean.png', np.zeros((24, 30, 3), np.uint8))
    return 'gt/7_clean.png', '30x24 pixels, the first frame of its'


def break_image(root):
    (root / 'data' / '0_rain.png').write_text('nothing')
    return 'data/0_rain.png', 'not an image'


def break_folder(root):
    shutil.rmtree(root / 'gt')
    return 'gt', 'no such folder (gt; looked for gt in train and in train/t'


def break_folders(root):
    shutil.rmtree(root / 'data')
    return 'data', 'no such folder (img; looked for data or input in train'


def break_emptiness(root):
    shutil.rmtree(root / 'data')
    (root / 'data').mkdir()
    return 'data', 'no images in it'


@pytest.mark.parametrize('spoil', [
    break_partner, break_rainy, break_name, break_double, break_size,
    break_image, break_folder, break_folders, break_emptiness])
def test_each_problem_is_named_with_its_path(tmp_path, spoil):
    root = write_pairs(tmp_path / 'train')
    path, said = spoil(root)
    with pytest.raises(DataError) as error:
        build(tmp_path)
    assert f'{root / path}: ' in str(error.value)
    assert said in str(error.value)


def test_all_problems_are_reported_together(tmp_path):
    root = write_pairs(tmp_path / 'train')
    said = [spoil(root)[1] for spoil in (break_partner, break_double)]
    with pytest.raises(DataError, match=r'2 problem\(s\)') as error:
        build(tmp_path)
    assert all(text in str(error.value) for text in said)


def test_masks_are_read_where_asked_for(tmp_path):
    root = write_pairs(tmp_path / 'train', count=3)
    for index in range(2):
        write_image(root / 'mask' / f'{index}_mask.png',
                    np.zeros((24, 32), np.uint8))
    assert 'drop_mask_path' not in build(tmp_path)[0]
    with pytest.raises(DataError, match=r'2_rain.png: no 2_mask in .*/mask'):
        build(tmp_path, with_mask=True)
    write_image(root / 'mask' / '2_mask.png', np.zeros((24, 32), np.uint8))
    assert build(tmp_path, with_mask=True)[2]['drop_mask_path'] == [
        str(root / 'mask' / '2_mask.png')]


def test_the_training_pipeline_makes_clips_of_one_frame(tmp_path):
    write_pairs(tmp_path / 'train')
    keys = ['img', 'gt', 'drop_mask']
    pipeline = [
        dict(type='LoadFrames', key='img'), dict(type='LoadFrames', key='gt'),
        dict(type='RaindropMask'),
        dict(type='PairedClipCrop', keys=keys, size=20),
        dict(type='Flip', keys=keys, direction='horizontal'),
        dict(type='RandomTransposeHW', keys=keys),
        dict(type='StackFrames', keys=keys),
        dict(type='PackInputs', keys=['img'], meta_keys=['key', 'folder'],
             data_keys=['drop_mask'])]
    with DefaultScope.overwrite_default_scope('mmagic'):
        dataset = RaindropDataset(data_root=str(tmp_path), pipeline=pipeline)
    np.random.seed(0)
    for index in range(5):
        packed = dataset[index]
        sample = packed['data_samples']
        assert packed['inputs'].shape == (1, 3, 20, 20)
        assert sample.drop_mask.shape == (1, 1, 20, 20)
        differs = (packed['inputs'] != sample.gt_img).any(1, keepdim=True)
        assert differs.any()
        assert ((sample.drop_mask == 255) == differs).all()
        assert sample.metainfo['key'] == str(index)


def test_the_mask_of_the_transform_has_its_options():
    image = np.zeros((9, 9, 3), np.uint8)
    results = dict(img=[image + 20], gt=[image], img_path=['0_rain.png'])
    for threshold, expected in ((19, 255), (20, 0)):
        transform = Compose([TRANSFORMS.build(
            dict(type='RaindropMask', threshold=threshold))])
        assert (transform(dict(results))['drop_mask'][0] == expected).all()


def test_it_is_registered():
    assert DATASETS.get('RaindropDataset') is RaindropDataset
