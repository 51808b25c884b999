"""What the documents tell a user to type exists and is understood."""

import importlib
import re
import shlex

import pytest

from tests.tiny import ROOT

DOCUMENTS = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md')),
             *sorted((ROOT / 'configs').rglob('README.md'))]
COMMANDS = sorted({
    line for path in DOCUMENTS
    for block in re.findall(r'```bash\n(.*?)```', path.read_text(), re.S)
    for line in block.replace('\\\n', ' ').splitlines()
    for line in [re.sub(r'^(\w+=\S+ )+', '', line)]
    if re.match(r'(python tools/|mmderain )', line)})
PARSERS = dict(convert_checkpoint='convert', synthesize_rain='synthesize')


@pytest.mark.parametrize('command', COMMANDS)
def test_the_parser_understands_the_command(command):
    words = shlex.split(command, comments=True)
    if words[0] == 'mmderain':
        name, arguments = words[1].replace('-', '_'), words[2:]
    else:
        script = ROOT / words[1]
        assert script.is_file()
        name, arguments = PARSERS.get(script.stem, script.stem), words[2:]
    module = importlib.import_module(f'mmderain.cli.{name}')
    module.build_parser().parse_args(arguments)


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


@pytest.mark.parametrize('start', [
    'python tools/train.py', 'python tools/test.py',
    'python tools/convert_checkpoint.py', 'python tools/synthesize_rain.py',
    'mmderain derain', 'mmderain evaluate'])
def test_the_commands_are_found_in_the_documents(start):
    """An expression that finds none would make the tests above pass."""
    assert any(command.startswith(start) for command in COMMANDS)
