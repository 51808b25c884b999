"""What each method declares is there, and is found where it is needed."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from mmagic.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

import mmderain.models
from mmderain import config_path
from mmderain.checkpoints.rules import Conversion
from mmderain.errors import UserError
from mmderain.methods import METHODS, get_method
from tests.tiny import ROOT

# the contract's, and what else users' scripts may import
PUBLIC = [
    'ViMPNet', 'ViMPDerainer', 'EEVRSRNet', 'EEVRSRDerainer', 'J4RNet',
    'J4RReleasedGRUNet', 'J4RReleasedBRCNNet', 'J4RDerainer',
    'AttentiveGANGenerator', 'AttentiveGANDiscriminator',
    'AttentiveGANDerainer', 'AlignedMedianNet', 'AlignedMedianDerainer',
    'BaseDerainer', 'ClipPreprocessor', 'HighPassMSELoss', 'HoleLoss',
    'LogMSELoss', 'MapBCELoss', 'OcclusionLoss', 'VGG16FeatureLoss']


@pytest.fixture(params=METHODS)
def method(request):
    return get_method(request.param)


def test_the_methods_of_the_contract_are_declared():
    assert {'vimpnet', 'eevrsr', 'eevrsr_derain_only', 'j4rnet',
            'j4rnet_released_gru', 'j4rnet_released_brcn', 'attentive_gan',
            'aligned_median'} <= set(METHODS)
    assert all(method.name == name for name, method in METHODS.items())


def test_an_unknown_method_is_answered_with_the_known():
    for name in ('snow', ['vimpnet'], None):
        with pytest.raises(UserError, match='it has aligned_median, att'):
            get_method(name)


def test_its_classes_are_registered_and_public(method):
    for found in method.classes():
        with DefaultScope.overwrite_default_scope('mmagic'):
            assert MODELS.get(found.__name__) is found
        assert getattr(mmderain.models, found.__name__) is found


@pytest.mark.parametrize('name', PUBLIC)
def test_public_names_stay(name):
    assert getattr(mmderain.models, name).__name__ == name
    assert name == 'BaseDerainer' or name in MODELS.module_dict


def test_other_names_are_refused_as_of_any_module():
    with pytest.raises(AttributeError, match="'mmderain.models' has no att"):
        mmderain.models.SnowNet  # noqa: B018


def test_its_network_can_be_built_tiny(method):
    """For the tests of every method; so small that they take moments."""
    network = method.build_network(**method.tiny)
    assert sum(item.numel() for item in network.parameters()) < 1_000_000


def test_its_config_names_its_derainer_and_a_network_of_its_folder(method):
    model = Config.fromfile(config_path(method.config)).model
    assert model.type == method.derainer_class().__name__
    package = method.network.rsplit('.', 2)[0]
    assert model.generator.type in {
        other.network_class().__name__ for other in METHODS.values()
        if other.network.startswith(f'{package}.')}


def test_its_conversion_holds_rules(method):
    if method.conversion is None:
        pytest.skip('there is no official checkpoint')
    module = import_module(method.conversion)
    assert isinstance(module.CONVERSION, Conversion)


def test_its_metafile_names_what_is_there(method):
    folder = Path(config_path(method.config)).parent
    meta = yaml.safe_load((folder / 'metafile.yml').read_text())
    collections = {entry['Name'] for entry in meta['Collections']}
    for entry in meta['Collections']:
        assert (ROOT / entry['README']).is_file()
    for model in meta['Models']:
        assert (ROOT / model['Config']).is_file()
        assert model['In Collection'] in collections


def test_readme_has_a_row_for_it(method):
    folder = Path(config_path(method.config)).parent
    table = [line for line in (ROOT / 'README.md').read_text().splitlines()
             if line.startswith('| [')]
    link = f'(configs/derainers/{folder.name}/README.md)'
    assert [link in line for line in table].count(True) == 1


def test_the_model_index_finds_every_metafile():
    patterns = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    found = {path for pattern in patterns['Import']
             for path in ROOT.glob(pattern)}
    assert found == {Path(config_path(method.config)).parent / 'metafile.yml'
                     for method in METHODS.values()}


def test_looking_methods_up_imports_nothing_heavy():
    """Nor do the few numbers and stores that the renderer needs."""
    code = '''
import sys
import mmderain
from mmderain.methods import METHODS
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.datasets.aligned_clips import align_clips
assert len(METHODS) >= 8 and (CENTRE, FRAMES) == (2, 5)
heavy = [name for name in sys.modules if name.startswith((
    'mmagic.models', 'mmagic.datasets', 'mmderain.models.base',
    'mmderain.models.components', 'mmderain.datasets.components'))]
assert not heavy, heavy
'''
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code],
                          cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_a_declaration_itself_can_be_imported_first():
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c',
         'from mmderain.models.vimpnet.method import METHODS\n'
         'import mmderain.methods\n'
         "assert mmderain.methods.METHODS['vimpnet'] is METHODS[0]"],
        cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
