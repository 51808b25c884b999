"""What is released: the wheel, the source archive, and what they say."""

import re
import tarfile
import zipfile

import pytest
import yaml

from mmderain.version import __version__
from tests.helpers.build import build, run_setup
from tests.tiny import ROOT


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    if not (ROOT / '.git').exists():
        pytest.skip('this is no checkout')
    return build(tmp_path_factory.mktemp('built'))


def content(wheel):
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()
                if '.dist-info/' not in name}


def test_the_wheel_holds_what_it_should(built):
    names = set(content(built[0]))
    for name in ('aligned_median', 'lens_drops'):
        for ending in ('pth', 'onnx', 'md'):
            assert f'mmderain/weights/{name}.{ending}' in names
    assert 'mmderain/.mim/configs/derainers/ViMPNet/ViMPNet.py' in names
    assert {f'mmderain/serve/page/{name}' for name in (
        'index.html', 'page.css', 'page.js', 'viewer.js', 'icon.svg')} < names
    assert 'mmderain/.mim/model-index.yml' in names
    assert not [name for name in names if not name.startswith('mmderain/')]


def test_the_source_archive_makes_the_same_wheel(built, tmp_path):
    wheel, archive = built
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter='data')
    folder, = tmp_path.iterdir()
    for name in ('LICENSE', 'README.md', 'CHANGELOG.md', 'CITATION.cff'):
        assert (folder / name).is_file()
    run_setup(folder, 'bdist_wheel', tmp_path / 'dist')
    again, = (tmp_path / 'dist').iterdir()
    assert content(again) == content(wheel)


def test_the_version_is_said_alike_everywhere(built):
    assert all(f'mmderain-{__version__}' in path.name for path in built)
    newest = re.search(r'^## (\S+?),', (ROOT / 'CHANGELOG.md').read_text(),
                       re.M)[1]
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text())
    assert newest == citation['version'] == __version__
    assert citation['license'] == 'Apache-2.0'


@pytest.mark.parametrize('package', [
    'av', 'protobuf', 'scikit-image', 'torchvision'])
def test_what_changed_its_interfaces_before_has_bounds(package):
    lines = {line for path in (ROOT / 'requirements').glob('*.txt')
             if path.stem != 'constraints'
             for line in path.read_text().splitlines()}
    found, = [line for line in lines
              if re.match(rf'{package}\b(?!-)', line)]
    assert '>=' in found
