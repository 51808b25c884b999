"""An archive is restored by one network, also where weights are replaced."""

import json

import pytest

from mmderain.cli.derain import main
from tests.helpers.videos import pictures, write_video


@pytest.fixture
def archive(tmp_path):
    for name in 'ab':
        write_video(tmp_path / f'{name}.mp4', pictures(6, (48, 64)))
    return tmp_path


def derain(folder, names, *options):
    return main([*(str(folder / f'{name}.mp4') for name in names),
                 '--output-dir', str(folder / 'out'), *options])


def method_of(folder, name):
    record = json.loads((folder / 'out' / f'{name}.mp4.done.json').read_text())
    return record['settings']['checkpoint']


def test_it_goes_on_with_what_it_was_begun_with(archive, capsys):
    assert derain(archive, 'a', '--model', 'aligned_median_1',
                  '--remove', 'streaks') == 0
    capsys.readouterr()
    assert derain(archive, 'ab', '--remove', 'streaks') == 0
    said = ''.join(capsys.readouterr())
    assert 'going on with aligned_median_1' in said
    assert '1 done before' in said
    assert method_of(archive, 'a') == method_of(archive, 'b')
    # what is asked for by name is done
    assert derain(archive, 'ab', '--remove', 'streaks', '--overwrite') == 0
    assert 'going on' not in ''.join(capsys.readouterr())
