"""`make setup` on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tiny import ROOT


@pytest.fixture
def setup(tmp_path):
    """Runs tools/setup.sh in a copy, with the programs that are named."""
    checkout, programs = tmp_path / 'checkout', tmp_path / 'bin'
    (checkout / 'tools').mkdir(parents=True)
    programs.mkdir()
    for name in ('tools/setup.sh', 'setup.py'):
        shutil.copy(ROOT / name, checkout / name)
    shutil.copytree(ROOT / 'requirements', checkout / 'requirements')
    for name in ('bash', 'cat', 'cksum', 'dirname', 'sh', 'rm', 'grep',
                 'sed', 'tail'):
        (programs / name).symlink_to(shutil.which(name))

    def run(python=None, index='', **scripts):
        scripts.setdefault('df', free_space(100))
        for name, script in scripts.items():
            path = programs / name.replace('_', '.')
            path.write_text(f'#!/bin/sh\n{script}\n')
            path.chmod(0o755)
        return subprocess.run(
            ['bash', 'tools/setup.sh'], cwd=checkout, text=True,
            env=dict(PATH=str(programs), TORCH='2.15.0',
                     TORCHVISION='0.29.2', TORCH_INDEX=index,
                     PYTHON=python or ''),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    run.checkout = checkout
    return run


# What setup.sh asks of a Python: its version fits, its version, venv.
def python(fits, version='3.11.7', venv=True):
    return (f'case "$2" in *version_info*) exit {0 if fits else 1};; '
            f'*platform*) echo {version};; '
            f'*venv*) exit {0 if venv else 1};; esac; '
            f'[ "$1" = -V ] && echo Python {version}; exit 0')


def free_space(gigabytes, temporary='/dev/a'):
    """What stands for `df`: here, on /dev/a, and for temporary files."""
    return (f'[ "$2" = . ] && echo "/dev/a 1 1 {gigabytes}000000 1% /" || '
            f'echo "{temporary} 1 1 9000000 1% /tmp"')


def first_line(done):
    return done.stdout.splitlines()[0]


def test_without_python_the_first_line_says_so(setup):
    done = setup()
    assert done.returncode == 1
    assert 'needs Python 3.11 or 3.12' in first_line(done)
    assert 'none was found' in first_line(done)
    assert 'make setup PYTHON=' in done.stdout


@pytest.mark.parametrize('version', ['3.10.14', '3.13.0'])
def test_another_python_is_named_with_its_version(setup, version):
    done = setup(python3=python(False, version))
    assert done.returncode == 1
    assert f'python3 is {version}' in first_line(done)
    done = setup(python='python3')
    assert f'python3 is Python {version}' in first_line(done)


def test_a_python_that_is_not_there_is_named(setup):
    assert 'there is no PYTHON=python9' in first_line(setup(python='python9'))


def test_a_python_without_venv_says_what_to_install(setup):
    done = setup(python3=python(True, venv=False))
    assert done.returncode == 1
    assert 'python3 has no venv' in first_line(done)
    assert 'apt-get install python3-venv' in done.stdout


def test_a_fitting_one_is_found_behind_others(setup):
    done = setup(python3_11=python(False), python3_12='exit 1',
                 python3=python(True))
    assert 'Installing into .venv' in done.stdout


@pytest.mark.parametrize('free, temporary, needed', [
    (11, '/dev/a', 12), (7, '/dev/b', 8), (12, '/dev/a', None),
    (8, '/dev/b', None)])
def test_too_small_a_disk_is_told_before_the_work(setup, free, temporary,
                                                  needed):
    done = setup(python3_11=python(True), df=free_space(free, temporary))
    if needed:
        assert done.returncode == 1
        assert f'need {needed} GB of disk, and {free} GB' in first_line(done)
        assert 'docs/install.md' in done.stdout
        assert not (setup.checkout / '.venv').exists()
    else:
        assert 'Installing into .venv' in first_line(done)


def test_without_cuda_a_small_disk_is_enough(setup):
    done = setup(python3_11=python(True), df=free_space(5),
                 index='https://torch/cpu')
    assert 'Installing into .venv' in first_line(done)


def test_a_second_call_finds_the_work_done(setup):
    stamp = setup.checkout / '.venv' / '.mmderain'
    stamp.parent.mkdir()
    sums = subprocess.run('cat requirements/*.txt setup.py | cksum',
                          shell=True, cwd=setup.checkout, text=True,
                          capture_output=True, check=True).stdout.strip()
    stamp.write_text(f'torch==2.15.0 torchvision==0.29.2  {sums}\n')
    done = setup(python3_11=python(True))
    assert (done.returncode, done.stdout) == (0, '')
    stamp.write_text(f'torch==2.8.0 torchvision==0.23.0  {sums}\n')
    assert 'Installing into .venv' in setup().stdout


def test_pytorch_of_another_index_comes_first(setup):
    """The rest finds it installed."""
    programs = setup.checkout / '.venv' / 'bin'
    programs.mkdir(parents=True)
    pip = programs / 'python'
    pip.write_text(f'#!/bin/sh\necho "$@" >> {setup.checkout}/calls\n')
    pip.chmod(0o755)
    done = setup(python3_11=python(True), index='https://torch/cpu')
    assert done.returncode == 0, done.stdout
    first, second, *_ = (setup.checkout / 'calls').read_text().splitlines()
    assert '--index-url https://torch/cpu torch==2.15.0 torchvision' in first
    assert 'requirements' not in first
    assert '--index-url' not in second and '-r requirements/train' in second


def test_opencv_needs_no_libgl():
    import cv2
    if not shutil.which('ldd'):
        pytest.skip('this machine has no ldd')
    library = next(Path(cv2.__file__).parent.glob('cv2*.so'))
    linked = subprocess.run(['ldd', str(library)], capture_output=True,
                            text=True, check=True).stdout
    assert 'libGL.' not in linked
    assert 'Qt' not in linked


def test_the_mim_folder_is_there_after_an_editable_install():
    folder = ROOT / 'mmderain' / '.mim'
    if not folder.is_dir():
        pytest.skip('mmderain is not installed from this checkout')
    assert sorted(os.listdir(folder)) == ['configs', 'model-index.yml',
                                          'tools']
    assert (folder / 'configs' / 'derainers' / 'ViMPNet').is_dir()
