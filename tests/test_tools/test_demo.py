"""The demo clears its own folder alone. (``make demo`` runs all of it.)"""

import pytest

from tools.demo import clear


def test_a_folder_of_somebody_else_stays(tmp_path):
    (tmp_path / 'thesis.txt').write_text('precious')
    with pytest.raises(SystemExit, match='left alone'):
        clear(tmp_path)
    assert (tmp_path / 'thesis.txt').read_text() == 'precious'


def test_an_earlier_demo_is_cleared(tmp_path):
    folder = tmp_path / 'demo'
    clear(folder)
    (folder / 'picture.png').write_text('old')
    clear(folder)
    assert [path.name for path in folder.iterdir()] == ['.mmderain-demo']
