"""A set of clips with drops, rendered and resumed."""

import json

import numpy as np
import pytest

from mmderain.cli.render_lens_clips import main
from mmderain.folder_lock import alone_in
from mmderain.synthesis.lens_clips import LensClipRenderer, LensClipSettings


@pytest.fixture
def render(tmp_path):
    settings = tmp_path / 'settings.json'
    settings.write_text(json.dumps(dict(size=[32, 40])))

    def run(*arguments, clips=3):
        return main([str(item) for item in (
            tmp_path / 'set', '--clips', clips, '--settings', settings,
            '--workers', 1, *arguments)])
    return run


def test_the_set_holds_the_clips_of_the_renderer(render, tmp_path, capsys):
    assert render('--seed', 4) == 0
    assert capsys.readouterr().out.startswith(
        f'{tmp_path / "set"}: 3 clips, 3 of them rendered')
    folder = tmp_path / 'set'
    renderer = LensClipRenderer(LensClipSettings(size=(32, 40)), 4)
    for index in range(3):
        clip = renderer.render(index)
        for name, array in zip(('planes', 'target'), clip.arrays,
                               strict=True):
            stored = np.load(folder / f'{name}.npy')[index]
            np.testing.assert_array_equal(stored, array)
    meta = json.loads((folder / 'meta.json').read_text())
    assert sum(meta['summary']['drops'].values()) == 3
    assert (folder / 'sheet.png').is_file()
    # nothing is left to do
    assert render('--seed', 4) == 0
    assert '3 clips, 0 of them' in capsys.readouterr().out


def test_other_footage_is_another_set(render, tmp_path, capsys):
    assert render() == 0
    (tmp_path / 'empty').mkdir()
    assert render('--footage', tmp_path / 'empty') == 2
    assert 'expected videos or images' in capsys.readouterr().err
    assert render('--footage', tmp_path / 'missing') == 2
    said = capsys.readouterr().err
    assert 'missing' in said and 'Traceback' not in said


def test_two_at_once_do_not_write_one_set(render, tmp_path, capsys):
    with alone_in(tmp_path / 'set'):
        assert render() == 2
    said = capsys.readouterr().err
    assert 'set: another process is writing into this folder' in said
    assert not any((tmp_path / 'set').iterdir())


def test_what_is_refused_leaves_no_folder(render, tmp_path, capsys):
    assert render('--address', '10.0.0.1:6379') == 2
    assert '--engine ray' in capsys.readouterr().err
    assert not (tmp_path / 'set').exists()
