"""Names that no output can have."""

from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.jobs.output_name import check_name


@pytest.mark.parametrize(('name', 'said'), [
    ('.', 'such as clean.mp4, or ./ to write'),
    ('..', 'such as ../clean.mp4, or ../ to write'),
    ('/', 'such as /clean.mp4'),
    # as of a variable of the shell that is not set
    ('out/.mp4', 'such as out/clean.mp4'), ('.PNG', 'such as clean.PNG'),
    ('a.mp4.', 'such as clean.mp4')])
def test_names_that_nobody_can_mean(name, said):
    with pytest.raises(UserError) as error:
        check_name(Path(name))
    assert said in str(error.value)


@pytest.mark.parametrize('name', ['a.mp4', '.a.mp4', 'frames', '.frames',
                                  'a.b', 'v1.', '.mp4/a'])
def test_names_of_files_and_folders(name):
    check_name(Path(name))
