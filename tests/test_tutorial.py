"""docs/tutorial.ipynb runs from its first cell to its last."""

import json
import os
import subprocess
import sys

import pytest

from tests.tiny import ROOT

NOTEBOOK = ROOT / 'docs' / 'tutorial.ipynb'
CELLS = json.loads(NOTEBOOK.read_text())['cells']


def code() -> str:
    """What a kernel runs, cell after cell."""
    return '\n'.join(''.join(cell['source']) for cell in CELLS
                     if cell['cell_type'] == 'code')


@pytest.fixture(scope='module')
def printed(tmp_path_factory):
    """What the notebook prints; its pictures are counted."""
    folder = tmp_path_factory.mktemp('tutorial')
    checks = '''
shown = plt.get_fignums()
print('pictures:', len(shown))
psnr = cv2.PSNR
print('gain:', psnr(shipped[5], clean[5]) - psnr(rainy[5], clean[5]))
print('learned:', steps[0]['loss'] - steps[-1]['loss'])
'''
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code() + checks],
        cwd=folder, capture_output=True, text=True, check=False,
        env=dict(os.environ, PYTHONPATH=str(ROOT), MPLBACKEND='agg',
                 TMPDIR=str(folder)))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_trains_derains_and_compares(printed):
    figures = dict(line.split(': ') for line in printed.splitlines()
                   if line.startswith(('pictures: ', 'gain: ', 'learned: ')))
    # each cell of pictures made one; nobody closes them without a screen
    assert int(figures['pictures']) == sum(
        'show(' in ''.join(cell['source'])
        for cell in CELLS[2:] if cell['cell_type'] == 'code')
    assert float(figures['gain']) > 2
    assert float(figures['learned']) > 0
    for said in ('no problems', 'Saving checkpoint at 60 iterations',
                 '| tiny', '| shipped'):
        assert said in printed


def test_it_is_a_notebook_without_outputs():
    notebook = json.loads(NOTEBOOK.read_text())
    assert (notebook['nbformat'], notebook['nbformat_minor']) == (4, 5)
    names = [cell['id'] for cell in CELLS]
    assert len(set(names)) == len(names)
    for cell in CELLS:
        assert cell['cell_type'] in ('code', 'markdown')
        if cell['cell_type'] == 'code':
            assert cell['outputs'] == [] and cell['execution_count'] is None


def test_its_links_are_there():
    for cell in CELLS:
        for link in ''.join(cell['source']).split('](')[1:]:
            assert (NOTEBOOK.parent / link.partition(')')[0]).is_file()
