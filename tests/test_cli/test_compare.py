"""``mmderain compare``: several methods, one table, one picture."""

import json
import os
import re
import shutil

import cv2
import numpy as np
import pytest
import torch
from mmagic.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

import mmderain
from mmderain.cli.compare import main
from mmderain.evaluation.comparison import find_crop
from mmderain.media.pictures import caption
from tests.helpers.independent_scores import score
from tests.tiny import write_rainsyn

SMALL = ("_base_ = ['{}']\nmodel = dict(generator=dict(channels=4, "
         'extractor_blocks=1))\n')


@pytest.fixture(scope='module')
def rainsyn(tmp_path_factory):
    """Rainy and clean folders of one sequence."""
    root = write_rainsyn(tmp_path_factory.mktemp('rainsyn'))
    return root / 'test' / 'input', root / 'test' / 'gt'


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    """A small config and weights for it."""
    folder = tmp_path_factory.mktemp('model')
    config = folder / 'config.py'
    config.write_text(SMALL.format(
        mmderain.config_path('J4RNet/J4RNet_small.py')))
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmagic'):
        built = MODELS.build(Config.fromfile(config).model)
    torch.save(dict(state_dict=built.state_dict()), folder / 'weights.pth')
    return str(config), str(folder / 'weights.pth')


def table_rows(path):
    lines = [line.strip('| ').split(' | ') for line in
             path.read_text().splitlines() if line.startswith('|')]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def test_models_and_folders_in_one_table(rainsyn, model, tmp_path, capsys):
    rainy, clean = rainsyn
    out = tmp_path / 'out'
    assert main([str(clean), str(out), '--protocol', 'rainsyn',
                 '--input', str(rainy), '--result', 'blurred', str(clean),
                 '--model', 'ours', *model]) == 0
    given, perfect, ours = table_rows(out / 'table.md')
    images = [[cv2.imread(str(path))[..., ::-1] for path in sorted(
        (folder / '3').glob('*.png'), key=lambda path: int(path.stem))]
        for folder in (rainy, clean, out / 'ours' / 'restored')]
    assert [len(frames) for frames in images] == [10, 10, 10]
    for row, frames in ((given, images[0]), (ours, images[2])):
        psnr, ssim = np.mean([score('rainsyn', *pair) for pair in zip(
            frames, images[1], strict=True)], 0)
        assert float(row['PSNR']) == pytest.approx(psnr, abs=0.00501)
        assert float(row['SSIM']) == pytest.approx(ssim, abs=1e-4)
    assert (given['method'], perfect['PSNR']) == ('rainy', 'inf')
    assert given['parameters'] == given['memory'] == '-'
    weights = torch.load(model[1])['state_dict']
    count = sum(value.numel() for name, value in weights.items()
                if name.startswith('generator.'))
    assert ours['parameters'] == f'{count / 1e6:.2f} M'
    assert re.fullmatch(r'\d+ ms', ours['time per frame'])
    assert 0.1 < float(ours['memory'].split()[0]) < 20
    report = json.loads((out / 'ours' / 'scores.json').read_text())
    assert f'{report["figures"]["tOF"]:.4f}' == ours['tOF']
    height, width = images[0][0].shape[:2]
    grid = cv2.imread(str(out / 'grid.png'))
    # rainy, two methods and the clean frame; the frame and its crop
    assert grid.shape == (2 * height + 22, 4 * width, 3)
    assert np.array_equal(grid[22:22 + height, 3 * width:][:2, :2],
                          images[1][5][:2, :2, ::-1])
    assert 'Protocol rainsyn' in capsys.readouterr().out


def test_the_crop_is_where_methods_differ():
    clean = np.full((40, 80, 3), 100, np.uint8)
    one, two = clean.copy(), clean.copy()
    one[22:28, 50:60] = 0
    two[:10, :10] = one[:10, :10] = 0  # wrong alike
    top, left, height, width = find_crop([one, two, clean])
    assert (height, width) == (10, 20)
    assert top <= 22 and top + height >= 28
    assert left <= 50 and left + width >= 60
    # one method: where it differs from the clean frame
    two[:10, :10] = 0
    top, left, *_ = find_crop([two, clean])
    assert (top, left) == (0, 0)
    assert caption(clean, 'text').shape == (62, 80, 3)


@pytest.mark.parametrize('options, message', [
    (['--model', 'a', 'config.py', 'weights.pth'], '--model needs --input'),
    ([], 'nothing to compare'),
    (['--result', 'rainy', '.', '--input', '.'], "'rainy' cannot be the name"),
    (['--result', '../a', '.'], "'../a' cannot be the name"),
    (['--result', 'a', '/nowhere'], '/nowhere.*does not exist'),
])
def test_what_cannot_be_compared_is_explained(rainsyn, tmp_path, options,
                                              message, capsys):
    assert main([str(rainsyn[1]), str(tmp_path), '--protocol', 'rainsyn',
                 *options]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_a_checkpoint_that_does_not_fit_is_explained(rainsyn, model,
                                                     tmp_path, capsys):
    torch.save(dict(state_dict={}), tmp_path / 'other.pth')
    assert main([str(rainsyn[1]), str(tmp_path / 'out'), '--protocol',
                 'rainsyn', '--input', str(rainsyn[0]), '--model', 'ours',
                 model[0], str(tmp_path / 'other.pth')]) == 2
    assert 'missing' in capsys.readouterr().err


def test_a_config_of_data_alone_is_explained(rainsyn, model, tmp_path, capsys):
    config = mmderain.config_path('_base_/datasets/nturain.py')
    assert main([str(rainsyn[1]), str(tmp_path / 'out'), '--protocol',
                 'rainsyn', '--input', str(rainsyn[0]), '--model', 'ours',
                 str(config), model[1]]) == 2
    assert 'nturain.py has no model' in capsys.readouterr().err


def test_what_is_not_compared_is_named(rainsyn, tmp_path, capsys):
    _, truth = rainsyn
    copy = tmp_path / 'gt'
    shutil.copytree(truth, copy)
    video = next(path for path in copy.iterdir() if path.is_dir()) / 'x.mp4'
    video.write_bytes(b'a video')
    assert main([str(copy), str(tmp_path / 'out'), '--protocol', 'rainsyn',
                 '--result', 'same', str(truth)]) == 0
    assert f'passed over: {video}' in capsys.readouterr().err


@pytest.mark.parametrize(('there', 'make'), [
    ('grid.png', 'mkdir'), ('table.md', 'link'), ('mine', 'touch'),
    ('mine/scores.csv', 'mkdir'), ('mine/scores.json', 'link')])
def test_places_are_looked_at_before_the_work(rainsyn, tmp_path, capsys,
                                              there, make):
    place = tmp_path / 'out' / there
    place.parent.mkdir(parents=True)
    if make == 'link':
        place.symlink_to('/nowhere/a')
    else:
        getattr(place, make)()
    assert main([str(rainsyn[1]), str(tmp_path / 'out'), '--protocol',
                 'rainsyn', '--result', 'mine', str(rainsyn[0]),
                 '--overwrite']) == 2
    said = capsys.readouterr()
    assert str(place) in said.err and 'PSNR' not in said.out
    assert os.path.lexists(place) and [
        path for path in (tmp_path / 'out').rglob('*.*')
        if path != place] == []


@pytest.mark.parametrize('name', ['another/00000001.png', '{}/99999999.png'])
def test_frames_of_another_set_are_named_before_the_work(
        rainsyn, model, tmp_path, capsys, name):
    """They would be scored with those that are restored now."""
    rainy, clean = rainsyn
    sequence, = (path.name for path in rainy.iterdir())
    left = tmp_path / 'out' / 'ours' / 'restored' / name.format(sequence)
    left.parent.mkdir(parents=True)
    left.touch()
    assert main([str(clean), str(tmp_path / 'out'), '--protocol', 'rainsyn',
                 '--input', str(rainy), '--model', 'ours', *model,
                 '--overwrite']) == 2
    said = capsys.readouterr()
    assert f'{left}: ' in said.err and 'restored away' in said.err
    assert 'restoring' not in said.out and left.exists()
