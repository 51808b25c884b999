"""What the documents tell a user to type exists and is understood."""

import importlib
import re
import shlex

import pytest

from tests.tiny import ROOT

DOCUMENTS = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md')),
             *sorted((ROOT / 'docs' / 'notes').glob('*.md')),
             *sorted((ROOT / 'configs').rglob('README.md')),
             # not of the copies that `pip install .` leaves in .mim
             *sorted((ROOT / 'mmderain').glob('[!.]*/**/*.md'))]
# command -> places of the script's own arguments, which it does not pass on
SCRIPTS = {'dist_train': ('train', [1]), 'dist_test': ('test', [2]),
           'slurm_train': ('train', [0, 1, 3]), 'slurm_test': ('test', [0, 1])}


def commands(block: str) -> list[str]:
    """What is typed in a block; of a loop, its first round."""
    for name, value in re.findall(r'^for (\w+) in (\S+)', block, re.M):
        block = block.replace(f'${name}', value)
    lines = [re.sub(r'^\s*(\w+=\S+ +)*', '', part)
             for line in block.replace('\\\n', ' ').splitlines()
             for part in line.split(' | ')]
    return [line for line in lines if re.match(
        r'mmderain |\./tools/(dist|slurm)_', line)]


COMMANDS = sorted({
    line for path in DOCUMENTS
    for block in re.findall(r'```bash\n(.*?)```', path.read_text(), re.S)
    for line in commands(block)})


@pytest.mark.parametrize('command', COMMANDS)
def test_the_parser_understands_the_command(command):
    program, *words = shlex.split(
        command.replace('[options]', '').partition(' > ')[0], comments=True)
    if program == 'mmderain':
        name, arguments = words[0].replace('-', '_'), words[1:]
    else:
        assert (ROOT / program).is_file()
        name, own = SCRIPTS[program.removesuffix('.sh').split('/')[-1]]
        assert len(words) > max(own)
        arguments = [word for place, word in enumerate(words)
                     if place not in own]
    module = importlib.import_module(f'mmderain.cli.{name}')
    module.build_parser().parse_args(arguments)


def test_every_document_is_linked_in_the_readme():
    linked = re.findall(r'\]\((docs/[^)#]+)', (ROOT / 'README.md').read_text())
    assert {f'docs/{path.name}' for path in DOCUMENTS
            if path.parent == ROOT / 'docs'} <= {*linked}


@pytest.mark.parametrize('path', DOCUMENTS,
                         ids=lambda path: path.parent.name + path.name)
def test_links_and_configs_are_there(path):
    text = path.read_text()
    for link in re.findall(r'\]\((?!http)([^)#]+)\)', text):
        assert (path.parent / link).exists(), link
    for name in re.findall(r'configs/derainers/\S+?\.py', text):
        # of the method that docs/contributing.md adds
        places = (ROOT, ROOT / 'docs' / 'example_method')
        assert any((place / name).is_file() for place in places), name


@pytest.mark.parametrize('path', DOCUMENTS,
                         ids=lambda path: path.parent.name + path.name)
def test_sections_that_are_linked_are_there(path):
    for name, section in re.findall(r'\]\((?!http)([^)#]*)#([^)]+)\)',
                                    path.read_text()):
        text = (path.parent / name if name else path).read_text()
        headings = re.findall(r'^#+ (.+)$', text, re.M)
        assert section in {re.sub(r'[^\w -]', '', heading.lower())
                           .replace(' ', '-') for heading in headings}


def test_every_map_is_explained():
    found = {name for path in (ROOT / 'mmderain' / 'models').rglob('*.py')
             for names in re.findall(r"map_names = \(('.+)\)",
                                     path.read_text())
             for name in re.findall(r"'(\w+)'", names)}
    assert found >= {'drops', 'blend'}
    rows = [line.split('|')[1] for line in (
        ROOT / 'docs' / 'video.md').read_text().splitlines()
        if line.startswith('| `')]
    assert found <= {*re.findall(r'`(\w+)`', ' '.join(rows))}


@pytest.mark.parametrize('path', DOCUMENTS,
                         ids=lambda path: path.parent.name + path.name)
def test_a_command_has_one_spelling(path):
    """``mmderain X``; the scripts of tools/ are for what has no command."""
    scripts = set(re.findall(r'tools/(\w+\.py)', path.read_text()))
    assert scripts <= {'average_weights.py', 'scaling.py',
                       'score_lens_drops.py', 'score_streaks.py',
                       'tensorflow_to_npz.py'}


@pytest.mark.parametrize('start', [
    'mmderain train', 'mmderain test', 'mmderain convert',
    'mmderain synthesize', 'mmderain derain', 'mmderain evaluate',
    './tools/dist_train.sh', './tools/dist_test.sh'])
def test_the_commands_are_found_in_the_documents(start):
    """An expression that finds none would make the tests above pass."""
    assert any(command.startswith(start) for command in COMMANDS)
