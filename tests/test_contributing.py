"""The example of docs/contributing.md, copied into a checkout and used."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.videos import decoded, pictures, write_video
from tests.tiny import ROOT, write_rainsyn

EXAMPLE = ROOT / 'docs' / 'example_method'
CONFIG = 'configs/derainers/ResidualCNN/ResidualCNN.py'
# several in one process: importing MMagic takes longer than all of them
COMMANDS = '''
import json, sys
from mmderain.cli.main import main
for words in sys.argv[1:]:
    assert main(json.loads(words)) == 0, words
'''


def files() -> dict[str, str]:
    """Name in a checkout -> text."""
    return {path.relative_to(EXAMPLE).as_posix(): path.read_text()
            for path in EXAMPLE.rglob('*') if path.is_file()
            and path.suffix != '.pyc'}


@pytest.fixture(scope='module')
def checkout(tmp_path_factory) -> Path:
    """A copy of this one with the example in it."""
    folder = tmp_path_factory.mktemp('checkout')
    ignored = shutil.ignore_patterns('__pycache__', '.mim', 'data')
    for name in ('mmderain', 'configs', 'tests'):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / 'model-index.yml', folder)
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=ignored)
    return folder


def run(checkout: Path, *arguments: str, **variables: str) -> str:
    """Run Python in the copy; returns what it says."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', *arguments], cwd=checkout,
        env=dict(os.environ, PYTHONPATH=str(checkout), **variables),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_the_document_shows_the_files_as_they_are():
    shown = dict(re.findall(
        r'^`(\S+)`:\n\n```\w+\n(.*?)^```$',
        (ROOT / 'docs' / 'contributing.md').read_text(), re.M | re.S))
    example = files()
    assert set(example) - set(shown) == {
        'mmderain/models/residual_cnn/__init__.py',
        'configs/derainers/ResidualCNN/README.md'}
    for name, text in shown.items():
        assert text == example[name], name


def test_it_is_as_short_as_the_document_says():
    assert 50 < sum(text.count('\n') for name, text in files().items()
                    if not name.startswith('configs/')) < 100


def test_it_trains_tests_and_derains(checkout, tmp_path):
    data = str(write_rainsyn(tmp_path / 'set', size=(72, 80)))
    video = write_video(tmp_path / 'rainy.mp4', pictures(7))
    checkpoint, work = tmp_path / 'work' / 'iter_2.pth', tmp_path / 'work'
    small = ['--work-dir', work, '--cfg-options',
             'model.generator.channels=4']
    said = run(
        checkout, '-c', COMMANDS,
        *[json.dumps([str(word) for word in words]) for words in (
            ['train', CONFIG, *small, 'train_cfg.max_iters=2',
             'param_scheduler.T_max=2', 'train_cfg.val_interval=2',
             'default_hooks.checkpoint.interval=2',
             'train_dataloader.batch_size=1',
             'train_dataloader.num_workers=0',
             'train_dataloader.persistent_workers=False'],
            ['test', CONFIG, checkpoint, *small],
            ['derain', video, tmp_path / 'clean.mp4', '--checkpoint',
             checkpoint, '--model', 'residual_cnn', '--device', 'cpu'])],
        RAINSYN_LIGHT25_ROOT=data)
    # after training, and of the test
    assert len(re.findall(r'RainSynLight25/PSNR: \d', said)) >= 2
    rainy, clean = (np.stack(decoded(tmp_path / f'{name}.mp4'))
                    for name in ('rainy', 'clean'))
    assert clean.shape == rainy.shape and (clean != rainy).any()


def test_the_tests_of_every_method_take_it(checkout):
    """And its own; but for README's row, which is about this checkout."""
    said = run(checkout, '-m', 'pytest', '-p', 'no:cacheprovider', '-rA',
               'tests/test_models/test_residual_cnn.py',
               'tests/test_methods.py', '-k', 'residual and not readme')
    assert said.count('PASSED tests/test_methods.py') >= 4
    assert 'PASSED tests/test_models/test_residual_cnn.py' in said


def test_a_name_that_is_taken_is_refused(checkout, tmp_path):
    twice = tmp_path / 'twice'
    shutil.copytree(checkout / 'mmderain', twice / 'mmderain')
    models = twice / 'mmderain' / 'models'
    shutil.copytree(models / 'residual_cnn', models / 'another')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c',
         'from mmderain.methods import METHODS'], cwd=twice,
        env=dict(os.environ, PYTHONPATH=str(twice)), capture_output=True,
        text=True, check=False)
    assert done.returncode == 1
    assert "the name 'residual_cnn' is taken" in done.stderr
