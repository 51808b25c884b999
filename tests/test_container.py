"""The Dockerfile: what it names is there. Building it needs a network."""

import re
import shlex
import shutil
import subprocess

import pytest

from mmderain.cli import main as command
from tests.helpers.build import build, run_setup
from tests.test_packaging import content
from tests.tiny import ROOT

DOCKERFILE = (ROOT / 'Dockerfile').read_text()
DOCUMENT = (ROOT / 'docs' / 'install.md').read_text()
RUNS = re.findall(r'^docker run .*$', DOCUMENT, re.M)
BUILDS = re.findall(r'^docker build .*$', DOCUMENT, re.M)


def taken():
    """What is not ignored at the top of the checkout."""
    lines = (ROOT / '.dockerignore').read_text().splitlines()
    assert '*' in lines
    return [line[1:] for line in lines if line.startswith('!')]


def test_what_is_taken_makes_the_same_wheel(tmp_path):
    if not (ROOT / '.git').exists():
        pytest.skip('this is no checkout')
    wheel, _ = build(tmp_path)
    image = tmp_path / 'image'
    image.mkdir()
    for name in taken():
        path = tmp_path / 'checkout' / name
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, image / name)
    shutil.rmtree(image / 'mmderain' / '.mim')
    run_setup(image, 'bdist_wheel', tmp_path / 'again')
    again, = (tmp_path / 'again').iterdir()
    assert content(again) == content(wheel)


def test_what_it_names_is_there():
    for name in re.findall(r'/src/([\w./]+)', DOCKERFILE):
        assert (ROOT / name).exists() and name.split('/')[0] in taken()
    stages = re.findall(r'^FROM \S+ AS (\w+)$', DOCKERFILE, re.M)
    sources = re.findall(r'^FROM (\S+)|--from=(\w+)', DOCKERFILE, re.M)
    assert {a or b for a, b in sources} <= {*stages, 'debian:bookworm-slim'}
    assert stages[-1] == 'cpu'  # what is built where none is named


def test_it_asks_for_extras_and_versions_that_there_are():
    makefile = (ROOT / 'Makefile').read_text()
    for name in ('TORCH', 'TORCHVISION'):
        version, = re.findall(rf'^ARG {name}=(\S+)$', DOCKERFILE, re.M)
        assert f'\n{name} ?= {version}\n' in makefile
    setup = (ROOT / 'setup.py').read_text()
    for extras in re.findall(r'/src\[([\w,]+)\]', DOCKERFILE):
        assert all(f"'{extra}': " in setup for extra in extras.split(','))
    pinned, = re.findall(r"'(\^opencv[\w-]+==)'", DOCKERFILE)
    assert re.search(pinned, (ROOT / 'requirements' / 'constraints.txt')
                     .read_text(), re.M)


def test_the_document_builds_what_it_runs():
    assert len(RUNS) == 3 and len(BUILDS) == 2
    images = [re.search(r'-t (\S+)', line)[1] for line in BUILDS]
    stages = re.findall(r' AS (\w+)$', DOCKERFILE, re.M)
    for line in BUILDS:
        for target in re.findall(r'--target (\S+)', line):
            assert target in stages
    for line in RUNS:
        words = shlex.split(line)
        place = next(index for index, word in enumerate(words)
                     if word in images)
        name, *arguments = words[place + 1:]
        module = __import__(
            f'mmderain.cli.{command.COMMANDS[name][0]}', fromlist=['main'])
        module.build_parser().parse_args(arguments)


@pytest.mark.skipif(not shutil.which('hadolint'),
                    reason='hadolint is not installed')
def test_it_is_linted():
    done = subprocess.run(['hadolint', ROOT / 'Dockerfile'],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
