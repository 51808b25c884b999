"""The imports are those of the drawing in docs/architecture.md."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny import ROOT

PACKAGE = ROOT / 'mmderain'
# the face of the package, its door for `python -m`, and what registers all
FACES = {'__init__', '__main__', 'registration'}
LIGHT = ('windows', 'media', 'restorer', 'jobs')
HEAVY = {'torch', 'torchvision', 'mmagic', 'mmengine', 'mmcv'}


def drawing() -> dict[str, int]:
    """Room -> number of its line, from the bottom up."""
    text = (ROOT / 'docs' / 'architecture.md').read_text()
    block = re.search(r'```text\n(.*?)```', text, re.DOTALL)[1]
    return {room: number
            for number, line in enumerate(reversed(block.splitlines()))
            for room in line.split()}


def imports() -> list[tuple[str, str, str]]:
    """Room, file and what it imports, also within functions."""
    found = []
    for path in PACKAGE.rglob('*.py'):
        parts = path.relative_to(PACKAGE).with_suffix('').parts
        if parts[0] == '.mim':
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f'{path} imports relatively'
                names = ([f'mmderain.{alias.name}' for alias in node.names]
                         if node.module == 'mmderain' else [node.module])
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            found += [(parts[0], '/'.join(parts), name) for name in names]
    return found


def test_every_room_is_drawn_and_every_drawn_room_is_there():
    rooms = {path.stem for path in PACKAGE.iterdir()
             if path.suffix == '.py' or (path / '__init__.py').is_file()}
    assert rooms - FACES == set(drawing())


def test_imports_point_downwards():
    lines = drawing()
    wrong = {
        f'{file} imports {name}' for room, file, name in imports()
        if name.startswith('mmderain.') and room not in FACES
        and (target := name.split('.')[1]) != room
        and target != '__version__'
        and not lines[target] < lines[room]}
    assert not wrong


def test_nothing_is_hidden_from_the_drawing():
    """But in cli, at the top, where it hides no circle: complaints about
    arguments come before anything slow is imported."""
    assert not [path for path in PACKAGE.rglob('*.py')
                if 'TYPE_CHECKING' in path.read_text()
                and path.parent != PACKAGE / 'cli']


def test_light_rooms_name_no_heavy_package():
    wrong = {f'{file} imports {name}' for room, file, name in imports()
             if room in LIGHT and name.split('.')[0] in HEAVY}
    assert not wrong


@pytest.mark.parametrize('room', LIGHT)
def test_light_rooms_load_no_heavy_package(room):
    folder = PACKAGE / room
    modules = [f'mmderain.{room}.{path.stem}' for path in folder.glob('*.py')
               if path.stem != '__init__'] or [f'mmderain.{room}']
    # without the package's own face, which prepares MMagic
    code = (
        'import sys, types, importlib\n'
        'package = types.ModuleType("mmderain")\n'
        f'package.__path__ = [{str(PACKAGE)!r}]\n'
        'sys.modules["mmderain"] = package\n'
        f'for name in {modules!r}: importlib.import_module(name)\n'
        f'print(sorted({HEAVY!r} & set(sys.modules)))')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True,
                          text=True, check=True, cwd=Path('/'))
    assert done.stdout.strip() == '[]'
