"""What README and docs tell a user to type is typed, or it is said why not.

``tests/test_readme.py`` has the parser understand each command, those of the
methods' pages as well.
"""

import importlib
import re
import shlex
import shutil

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmderain.methods import METHODS
from mmderain.weights import FOLDER
from tests.helpers.videos import (
    decoded,
    pictures,
    write_checkpoint,
    write_video,
)
from tests.test_readme import commands
from tests.tiny import ROOT

DOCUMENTS = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]
BLOCKS = [(path.name, kind, text) for path in DOCUMENTS for kind, text in
          re.findall(r'^```(\w*)\n(.*?)^```', path.read_text(), re.S | re.M)]

# what a line looks like that is not typed here -> why
NOT_TYPED = {
    r'pip |python -m venv|.*/pip |docker |mim |kubectl |sbatch |make ':
        'it installs, or asks a network or a cluster; make setup and '
        'make demo: tests/test_tools, images: tests/test_container.py',
    r'mmderain (serve|derain - |derain rtsp:|derain v4l2:|derain http:)':
        'it does not end, or needs a camera or a pipe: tests/test_serve, '
        'tests/test_cli/test_derain_live.py',
    r'curl ': 'tests/test_serve/test_app.py reads these',
    r'mmderain convert ': "the authors' files are not at hand: "
                          'tests/test_checkpoints/test_conversion.py',
    r'\./tools/|mmderain (train|test|check-data) ':
        'it needs a data set: tests/test_engine, tests/test_cli/test_train.py '
        'and tests/test_cli/test_launch.py',
    r'mmderain (benchmark|render-clips|align-clips|render-lens-clips) ':
        'it takes minutes to hours: tests of the same name in tests/test_cli',
    r'mmderain derain .*(--engine ray|s3://)':
        'it needs a cluster or a store: tests/test_fleet, tests/test_stores',
    r'mmderain completion ': 'it writes into the home of who types it: '
                             'tests/test_cli/test_completion.py',
    r'mmderain write-masks ': 'it needs the pairs of a set: '
                              'tests/test_cli/test_write_masks.py',
    r'mmderain compare ': 'it needs a set and two checkpoints: '
                          'tests/test_cli/test_compare.py',
    r'mmderain derain .*work_dirs/ResidualCNN': 'tests/test_contributing.py',
    r'python tools/scaling.py': 'tests/test_tools/test_scaling.py',
    r'tf/bin/python ': 'it needs TensorFlow: '
                       'tests/test_tools/test_tensorflow_to_npz.py'}
# documents whose Python is run by other tests
ELSEWHERE = {'video.md': 'tests/test_apis/test_documented.py',
             'contributing.md': 'tests/test_contributing.py'}
LINES = list(dict.fromkeys(
    ' '.join(line.partition(' #')[0].split())
    for _, kind, text in BLOCKS if kind == 'bash'
    for line in commands(text)))
TYPED = [line for line in LINES
         if not any(re.match(pattern, line) for pattern in NOT_TYPED)]
PYTHON = [(name, text) for name, kind, text in BLOCKS
          if kind == 'python' and name not in ELSEWHERE]


@pytest.fixture(scope='module')
def belongings(tmp_path_factory):
    """What the documents' user has."""
    folder = tmp_path_factory.mktemp('belongings')
    frames = pictures(12)
    # frames that are ten seconds apart are a long clip
    video = write_video(folder / 'rainy.mp4', frames,
                        pts=[900_000 * index for index in range(12)])
    for name in ('dashcam.mp4', 'front.mp4', 'rear.mp4', 'cards/day/a.mp4',
                 'clean_videos/street.mp4', 'clips/park.mp4'):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(video, folder / name)
    for name in ('photos', 'inputs', 'test_data/r1', 'clips/street',
                 'clips/square'):
        (folder / name).mkdir(parents=True)
        large = cv2.resize(frames[0], (416, 312))
        for index in range(3):
            cv2.imwrite(str(folder / name / f'{index}.png'),
                        np.roll(large, index, 1))
    (folder / 'videos.csv').write_text(''.join(
        f'cards/day/a.mp4,{number}.mp4\n' for number in range(48)))
    write_checkpoint(folder / 'eevrsr.pth')
    for method, name in (('vimpnet', 'vimpnet'),
                         ('attentive_gan', 'attentive_gan'),
                         ('j4rnet_released_brcn', 'j4r_brcn')):
        write_checkpoint(folder / f'{name}.pth', method,
                         **METHODS[method].tiny)
    shutil.copy(folder / 'eevrsr.pth', folder / 'iter_300.pth')
    return folder


@pytest.fixture
def desk(belongings, tmp_path, monkeypatch):
    """A folder of its own with all that, as the current one."""
    shutil.copytree(belongings, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize('line', TYPED)
def test_the_command_does_what_it_says(line, desk):
    words = shlex.split(line)
    if words[1] == 'evaluate':
        for name in words[2:4]:  # what is restored, and what it should be
            if name.endswith('/'):
                shutil.copytree('photos', f'{name}000')
            else:
                shutil.copy('rainy.mp4', name)
    if '--checkpoint streaks.onnx' in line:
        shutil.copy(FOLDER / 'aligned_median_1.onnx', 'streaks.onnx')
    before = {*desk.rglob('*')}
    module = importlib.import_module(
        f'mmderain.cli.{words[1].replace("-", "_")}')
    assert module.main(words[2:]) == 0
    made = {*desk.rglob('*')} - before
    only_prints = '--dry-run' in words or (
        words[1] == 'evaluate' and '--json' not in words)
    assert bool(made) != only_prints
    for path in made:
        assert path.suffix != '.mp4' or decoded(path)


@pytest.mark.parametrize('name', sorted({name for name, _ in PYTHON}))
def test_python_runs(name, desk):
    """Block after block; one that is a config is read as one, too."""
    # networks of the configs' size, which the blocks name
    write_checkpoint(desk / 'vimpnet.pth', 'vimpnet')
    shown = []
    clip = np.stack(pictures(6))
    names = dict(frames=clip, clean_frames=list(clip),
                 show=lambda *given: shown.append(given))
    blocks = [text for document, text in PYTHON if document == name]
    for number, text in enumerate(blocks):
        for path in desk.glob('clean.mp4'):
            assert len(decoded(path)) == 12
            path.unlink()  # a later block writes it, too
        exec(text, names)
        if 'import ' not in text:
            (desk / f'{number}.py').write_text(text)
            assert len(Config.fromfile(f'{number}.py')) > 0
    if name == 'README.md':
        assert names['clean'].shape == clip.shape
        assert len(decoded(desk / 'clean.mp4')) == 12
    if name == 'evaluation.md':
        from mmagic.registry import METRICS
        assert all(METRICS.get(entry['type'])
                   for entry in names['val_evaluator'])
    if name == 'synthesis.md':
        assert len(shown) == 6


def test_every_block_is_run_or_it_is_said_why_not():
    """Layouts, figures and messages are no code."""
    for name, kind, text in BLOCKS:
        assert kind in ('bash', 'python', 'yaml', 'text', ''), name
        if kind == 'bash':
            lines = text.replace('\\\n', ' ').splitlines()
            for line in lines:
                bare = re.sub(r'^\s*(\w+=\S+ +)*', '', line)
                assert not bare or bare[0] == '#' or commands(line) or any(
                    re.match(pattern, bare) for pattern in NOT_TYPED), line
    for reason in (*NOT_TYPED.values(), *ELSEWHERE.values()):
        for path in re.findall(r'tests/[\w/.]*\w', reason):
            assert (ROOT / path).exists(), path
    assert len(TYPED) > 25, 'an expression that finds none hides all'
