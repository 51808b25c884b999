"""The metafiles say what MMagic's say, of every config, and nothing false."""

import re

import pytest
import yaml

from mmderain.methods import METHODS
from mmderain.paths import our_configs
from mmderain.weights import SHIPPED
from tests.tiny import ROOT

METAFILES = sorted((ROOT / 'configs').rglob('metafile.yml'))
FOLDERS = {path.parent: yaml.safe_load(path.read_text())
           for path in METAFILES}
MODELS = {model['Name']: (folder, model)
          for folder, content in FOLDERS.items()
          for model in content['Models']}


def results_section(readme: str) -> str:
    return readme.partition('## Results and models\n')[2].partition(
        '\n## ')[0]


def test_the_index_names_every_metafile():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    imported = {path for pattern in index['Import']
                for path in ROOT.glob(pattern)}
    assert imported == set(METAFILES)
    assert {folder.name for folder in FOLDERS} == {
        method.config.partition('/')[0] for method in METHODS.values()}


def test_every_config_is_a_model_under_its_name():
    assert {name: ROOT / model['Config']
            for name, (_, model) in MODELS.items()} == our_configs()


@pytest.mark.parametrize('folder', FOLDERS, ids=lambda folder: folder.name)
def test_the_collection_is_whole(folder):
    collection, = FOLDERS[folder]['Collections']
    assert set(collection) - {'Paper'} == {'Name', 'README', 'Task', 'Year'}
    assert ROOT / collection['README'] == folder / 'README.md'
    if 'Paper' in collection:  # ours have none
        assert set(collection['Paper']) == {'Title', 'URL'}


@pytest.mark.parametrize('name', MODELS)
def test_a_model_has_what_mmagics_have(name):
    folder, model = MODELS[name]
    collection, = FOLDERS[folder]['Collections']
    assert set(model) - {'Weights'} == {
        'Name', 'In Collection', 'Config', 'Metadata', 'Results'}
    assert model['In Collection'] == collection['Name']
    assert model['Metadata']['Training Data']
    for result in model['Results']:
        assert set(result) == {'Task', 'Dataset', 'Metrics'}
        assert [result['Task']] == collection['Task']
        assert all(isinstance(value, float)
                   for value in result['Metrics'].values())


@pytest.mark.parametrize('name', MODELS)
def test_figures_are_those_of_the_documents(name):
    """Each stands where it is said how it was made."""
    folder, model = MODELS[name]
    text = (folder / 'README.md').read_text()
    text = text.replace(results_section(text), '') + (
        ROOT / 'README.md').read_text()
    known = {float(number) for number in re.findall(
        r'(?<![\w.])\d*\.\d+|(?<![\w.])\d+(?![\w.])', text)}
    for result in model['Results']:
        for metric, value in result['Metrics'].items():
            assert value in known, f'{metric} {value}'


@pytest.mark.parametrize('folder', FOLDERS, ids=lambda folder: folder.name)
def test_the_table_of_results_is_that_of_the_metafile(folder):
    section = results_section((folder / 'README.md').read_text())
    rows = [[cell.strip() for cell in line.strip('|').split('|')]
            for line in section.splitlines() if line.startswith('| [')]
    listed = {}
    for config, dataset, *figures, _ in rows:
        stem = re.match(r'\[(\w+)\]\((\w+)\.py\)', config)
        assert stem[1] == stem[2]
        listed[stem[1], dataset] = [
            float(figure) for figure in figures if figure != '-']
    assert listed == {
        (model['Name'], result['Dataset']): list(result['Metrics'].values())
        for model in FOLDERS[folder]['Models'] for result in model['Results']
        if result['Metrics'] or 'Weights' in model}


def test_weights_are_addresses_or_in_the_package():
    ours = {f'mmderain/weights/{item.file}' for item in SHIPPED
            if item.file.endswith('.pth') and item.replaced_by is None}
    found = set()
    for _, model in MODELS.values():
        weights = model.get('Weights', [])
        for item in [weights] if isinstance(weights, str) else weights:
            if '://' in item:
                assert item.startswith('https://')
            else:
                assert (ROOT / item).is_file()
                found.add(item)
    assert found == ours
