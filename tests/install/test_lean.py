"""The package as it is without [train]: from a wheel, in a bare environment.

It fetches packages; `make test-install` runs it, the other tests do not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from tests.helpers.build import build
from tests.helpers.videos import decoded, pictures, write_video

pytestmark = pytest.mark.install
_LIMIT = 400 << 20  # bytes that an installation adds
_HEAVY = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmagic', 'skimage',
          'scipy', 'PIL')


def run(*command, **options):
    """Run a program, without what this environment knows."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ('PYTHONPATH', 'VIRTUAL_ENV')}
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False,
        env={**environment, **options.pop('env', {})}, **options)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob('*')
               if not path.is_symlink())


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """Wheel and source archive, of a copy of what git knows."""
    return build(tmp_path_factory.mktemp('built'))


@pytest.fixture(scope='module')
def bare(built, tmp_path_factory):
    """An environment with the wheel, and how many bytes that took."""
    folder = tmp_path_factory.mktemp('bare') / 'venv'
    done = run(sys.executable, '-m', 'venv', folder)
    assert done.returncode == 0, done.stdout
    before = size_of(folder)
    done = run(folder / 'bin' / 'pip', 'install', '-q', built[0])
    assert done.returncode == 0, done.stderr
    return folder / 'bin', size_of(folder) - before


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / 'rainy.mp4', pictures(12, (96, 128)),
                       extras=True)


def test_it_is_small_and_whole(bare):
    programs, size = bare
    assert size < _LIMIT, f'{size >> 20} MiB'
    done = run(programs / 'pip', 'check')
    assert done.returncode == 0, done.stdout
    done = run(programs / 'python', '-c', (
        'from importlib.util import find_spec\n'
        f'print([name for name in {_HEAVY!r} if find_spec(name)])'))
    assert done.stdout.strip() == '[]'


@pytest.mark.parametrize('options', [
    ['--remove', 'streaks'], ['--remove', 'streaks,drops'],
    ['--model', 'fast']])
def test_the_command_derains_with_sound(bare, video, tmp_path, options):
    clean = tmp_path / 'clean.mp4'
    done = run(programs := bare[0] / 'mmderain', 'derain', video, clean,
               *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(decoded(clean)) == 12
    with av.open(str(clean)) as container:
        assert len(container.streams.audio) == 1
    for words in (['--help'], ['--version'], ['models'],
                  ['derain', '--help']):
        done = run(programs, *words, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, '')


@pytest.mark.parametrize('protocol', ['vrds', 'rainsyn', 'raindrop'])
def test_frames_are_scored(bare, video, tmp_path, protocol):
    done = run(bare[0] / 'mmderain', 'evaluate', video, video, '--protocol',
               protocol, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'inf' in done.stdout and '1.0000' in done.stdout


def test_python_derains(bare, video, tmp_path):
    code = ('import sys, json, numpy as np\n'
            'from mmderain.apis import DerainInferencer\n'
            'derain = DerainInferencer()\n'
            'frames = np.zeros((6, 40, 56, 3), np.uint8)\n'
            f'report = derain({str(video)!r}, "clean.mp4")\n'
            'print(json.dumps([derain(frames).shape, report.frames,\n'
            '                  "torch" in sys.modules]))\n')
    done = run(bare[0] / 'python', '-c', code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # the clip is too short for drops to be found, which is said before
    said = done.stdout.splitlines()[-1]
    assert json.loads(said) == [[6, 40, 56, 3], 12, False]


def test_the_frames_are_those_of_pytorch(bare, tmp_path):
    from mmderain.apis import DerainInferencer
    from tests.test_models.test_aligned_median.test_derainer import rainy_pan

    frames = np.stack(list(rainy_pan(9, (53, 71))))
    np.save(tmp_path / 'frames.npy', frames)
    code = ('import numpy as np\n'
            'from mmderain.apis import DerainInferencer\n'
            'np.save("ours.npy", DerainInferencer()(np.load("frames.npy")))')
    done = run(bare[0] / 'python', '-c', code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    theirs = DerainInferencer(device='cpu', dtype='float32',
                              backend='torch')(frames)
    ours = np.load(tmp_path / 'ours.npy')
    assert (theirs != frames).any()
    # optical flow is of another OpenCV
    error = np.abs(ours.astype(int) - theirs)
    assert (error > 1).mean() < 1e-3 and error.max() < 8


@pytest.mark.parametrize(('words', 'missing', 'extra'), [
    (['train', 'CONFIG'], 'torch', 'train'),
    (['test', 'CONFIG', 'FILE'], 'torch', 'train'),
    (['check-data', 'CONFIG'], 'torch', 'train'),
    (['convert', 'vimpnet', 'FILE', 'b.pth'], 'torch', 'train'),
    (['ship-weights', 'FILE', 'name'], 'torch', 'export,train'),
    (['export', 'lens_drops', 'b.onnx'], 'onnxscript', 'export,train'),
    (['benchmark', 'vimpnet'], 'mmagic', 'train'),
    (['serve'], 'starlette, uvicorn', 'serve'),
    (['derain', 'VIDEO', 'b.mp4', '--checkpoint', 'FILE'], 'torch', 'train'),
    (['derain', 'VIDEO', 'b.mp4', '--backend', 'torch'], 'torch', 'train'),
    (['derain', 'VIDEO', 'b.mp4', '--device', 'cuda'], 'torch', 'train'),
    (['derain', 'VIDEO', 'b.mp4', '--dtype', 'bfloat16'], 'torch', 'train'),
])
def test_what_needs_more_says_so_in_one_line(bare, video, tmp_path, words,
                                             missing, extra):
    (tmp_path / 'a.pth').write_text('something')
    config, = bare[0].parent.rglob('.mim/configs/**/ViMPNet_small.py')
    names = dict(CONFIG=config, FILE=tmp_path / 'a.pth', VIDEO=video)
    done = run(bare[0] / 'mmderain', *(names.get(word, word)
                                       for word in words), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith('error: ') and missing in done.stderr
    assert done.stderr.count('\n') == 1
    assert done.stderr.endswith(f"pip install 'mmderain[{extra}]'\n")
