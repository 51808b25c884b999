"""What a name is of."""

import os

import pytest

from mmderain.errors import UserError
from mmderain.file_kinds import no_file, require_file, what_is_there


def test_names_of_all_kinds(tmp_path):
    (tmp_path / 'file').write_text('text')
    (tmp_path / 'empty').touch()
    (tmp_path / 'folder').mkdir()
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'lost').symlink_to('nowhere')
    (tmp_path / 'link').symlink_to('file')
    expected = dict(
        file=(None, 'a file'), link=(None, 'a file'),
        empty=('it is empty', 'a file'),
        folder=('it is a folder', 'a folder'), pipe=('it is a pipe', 'a pipe'),
        lost=('it is a link that leads nowhere', None),
        none=('it does not exist', None))
    for name, (why, there) in expected.items():
        assert no_file(tmp_path / name) == why
        assert what_is_there(tmp_path / name) == there
    with pytest.raises(UserError, match='expected the name of a file'):
        require_file(tmp_path / 'pipe')
    for name in expected.keys() - {'pipe'}:
        require_file(tmp_path / name)
