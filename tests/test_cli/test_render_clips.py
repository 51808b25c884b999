import json
import shutil
import sys

import cv2
import numpy as np
import pytest

from mmderain.cli import rendering
from mmderain.cli.render_clips import main
from mmderain.folder_lock import alone_in
from mmderain.synthesis import TrainingClipRenderer, TrainingClipSettings
from tests.helpers.videos import pictures, write_video

SETTINGS = dict(size=[40, 48], num_frames=3)
FILES = ('clips.npy', 'truth.npy', 'clips.jsonl', 'meta.json')


@pytest.fixture
def render(tmp_path):
    path = tmp_path / 'settings.json'
    path.write_text(json.dumps(SETTINGS))

    def run(name='set', *arguments, train=20, val=3, workers=1):
        return main([str(item) for item in (
            tmp_path / name, '--train', train, '--val', val, '--settings',
            path, '--workers', workers, *arguments)])

    return run


def contents(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def test_set_holds_the_clips_of_the_renderer(render, tmp_path, capsys):
    assert render() == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f'{tmp_path / "set/train"}: 20 clips, 20 of ')
    for split, count in (('train', 20), ('val', 3)):
        folder = tmp_path / 'set' / split
        clips = np.load(folder / 'clips.npy', mmap_mode='r')
        truth = np.load(folder / 'truth.npy', mmap_mode='r')
        assert clips.shape == (count, 3, 40, 48, 3)
        assert truth.shape == (count, 40, 48, 3)
        renderer = TrainingClipRenderer(
            TrainingClipSettings(size=(40, 48), num_frames=3), 0, split)
        for index in (0, count - 1):
            clip = renderer.render(index)
            assert (clips[index] == clip.rainy).all()
            assert (truth[index] == clip.truth).all()
        lines = [json.loads(line) for line in
                 (folder / 'clips.jsonl').read_text().splitlines()]
        assert [line['index'] for line in lines] == list(range(count))
        meta = json.loads((folder / 'meta.json').read_text())
        assert meta['settings']['size'] == [40, 48]
        assert meta['opencv'] == cv2.__version__ and meta['seed'] == 0
        assert meta['summary']['clips'] == count
        shown = {line['background'] for line in lines}
        assert all(entry['licence'] for entry in meta['pictures'].values())
        assert not shown & ({'chelsea', 'rocket'} if split == 'train'
                            else {'china', 'coffee'})
        # pairs of a rainy and a clean frame, six in a row
        sheet = cv2.imread(str(folder / 'sheet.png'))[..., ::-1]
        assert sheet.shape == (-(-count // 6) * 40, 6 * 2 * 48, 3)
        assert (sheet[:40, 96:144] == clips[1, 1]).all()
        assert (sheet[:40, 144:192] == truth[1]).all()


def test_stopped_run_goes_on_to_the_same_bytes(
        render, tmp_path, monkeypatch, capsys):
    assert render('whole', train=40, val=0) == 0
    expected = contents(tmp_path / 'whole/train')

    real, calls = rendering._render_chunk, []

    def stop_at_the_second(indices):
        calls.append(indices)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(indices)

    monkeypatch.setattr(rendering, '_render_chunk', stop_at_the_second)
    assert render('set', train=40, val=0) == 130
    assert 'resumes from here' in capsys.readouterr().err
    folder = tmp_path / 'set/train'
    assert contents(folder) != expected
    # a kill may cut off a line, too
    facts = folder / 'clips.jsonl'
    assert len(facts.read_text().splitlines()) == 16
    facts.write_bytes(facts.read_bytes()[:-20])

    calls.clear()
    monkeypatch.setattr(
        rendering, '_render_chunk',
        lambda indices: calls.append(indices) or real(indices))
    assert render('set', train=40, val=0) == 0
    assert sum(calls, []) == list(range(15, 40))
    assert contents(folder) == expected
    assert '25 of them rendered' in capsys.readouterr().out

    calls.clear()
    assert render('set', train=40, val=0) == 0
    assert calls == [] and contents(folder) == expected


@pytest.mark.slow
def test_two_at_once_do_not_write_one_set(render, tmp_path, capsys):
    with alone_in(tmp_path / 'set' / 'train'):
        assert render() == 2
    said = capsys.readouterr().err
    assert 'train: another process is writing into this folder' in said
    assert not any((tmp_path / 'set' / 'train').iterdir())


def test_processes_do_not_change_a_byte(render, tmp_path):
    assert render('one', train=40) == render('two', train=40, workers=2) == 0
    for split in ('train', 'val'):
        assert (contents(tmp_path / 'one' / split)
                == contents(tmp_path / 'two' / split))


def test_meta_of_a_set_makes_it_again(render, tmp_path):
    assert render() == 0
    assert main([str(item) for item in (
        tmp_path / 'again', '--train', 20, '--val', 0, '--workers', 1,
        '--settings', tmp_path / 'set/train/meta.json')]) == 0
    assert (contents(tmp_path / 'again/train')
            == contents(tmp_path / 'set/train'))


def error_of(capsys, status):
    assert status == 2
    captured = capsys.readouterr()
    line = captured.err.strip().splitlines()[-1]
    assert line.startswith('error: ')
    return line


def test_other_clips_are_not_mixed_nor_replaced(render, tmp_path, capsys):
    assert render(val=0) == 0
    before = contents(tmp_path / 'set/train')
    line = error_of(capsys, render('set', '--seed', 1, val=0))
    assert 'seed is 0 there and 1 here' in line and '--overwrite' in line
    assert contents(tmp_path / 'set/train') == before
    assert render('set', '--seed', 1, '--overwrite', val=0) == 0
    assert contents(tmp_path / 'set/train') != before

    other = tmp_path / 'other/train'
    other.mkdir(parents=True)
    (other / 'thesis.txt').write_text('mine')
    line = error_of(capsys, render('other', '--overwrite', val=0))
    assert 'other files are there' in line
    assert [path.name for path in other.iterdir()] == ['thesis.txt']


@pytest.mark.parametrize('content', ['{"title": "thesis"}', '[]', 'text'])
def test_somebody_elses_meta_file_stays(render, tmp_path, capsys, content):
    folder = tmp_path / 'set/train'
    folder.mkdir(parents=True)
    for name in ('meta.json', 'clips.npy'):
        (folder / name).write_text(content)
    error_of(capsys, render('set', '--overwrite', val=0))
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        'meta.json': content, 'clips.npy': content}


def test_an_aligned_set_is_replaced_with_its_alignment(render, tmp_path):
    assert render(val=0) == 0
    folder = tmp_path / 'set/train'
    for name in ('aligned.npy', 'psnr.npy', 'aligned.txt',
                 'aligned_0123456789abcdef.partial.npy'):
        (folder / name).write_text('of other clips')
    assert render('set', '--seed', 1, '--overwrite', val=0) == 0
    assert {path.name for path in folder.iterdir()} == {*FILES, 'sheet.png'}


def test_what_others_have_put_beside_it_stays_with_it(
        render, tmp_path, capsys):
    assert render() == 0
    folder = tmp_path / 'set' / 'train'
    before = contents(folder)
    for name in ('notes.txt', 'planes.npy'):
        (folder / name).write_text('mine')
        assert render('set', '--overwrite') == 2
        assert f'such as {name}' in capsys.readouterr().err
        assert contents(folder) == before
        (folder / name).unlink()
    assert render('set', '--overwrite') == 0


def test_stopped_while_it_replaces(render, tmp_path, monkeypatch, capsys):
    assert render(train=40, val=0) == 0
    real = rendering._render_chunk

    def stop(indices):
        if 16 in indices:
            raise KeyboardInterrupt
        return real(indices)

    with monkeypatch.context() as patched:
        patched.setattr(rendering, '_render_chunk', stop)
        again = ('set', '--seed', 1)
        assert render(*again, '--overwrite', train=40, val=0) == 130
    assert 'without --overwrite resumes' in capsys.readouterr().err
    assert render(*again, train=40, val=0) == 0
    assert '24 of them rendered' in capsys.readouterr().out


@pytest.mark.parametrize('options', [(), ('--overwrite', )])
def test_an_array_of_somebody_else_stays(render, tmp_path, capsys, options):
    mine = tmp_path / 'set/train/clips.npy'
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b'mine')
    line = error_of(capsys, render('set', *options, val=0))
    assert 'other files are there' in line
    assert mine.read_bytes() == b'mine'


def test_killed_while_arrays_are_reserved(render, tmp_path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr('mmderain.synthesis.clip_store.write_json',
                       lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            render(val=0)
    folder = tmp_path / 'set/train'
    assert (folder / 'clips.npy').exists()
    assert render(val=0) == 0
    assert {path.name for path in folder.iterdir()} == {*FILES, 'sheet.png'}


def test_killed_before_the_first_clip(render, tmp_path):
    folder = tmp_path / 'set/train'
    folder.mkdir(parents=True)
    for name in ('clips.npy', '.meta.json.4711.unfinished', '.reserving'):
        (folder / name).write_text('half')
    assert render(val=0) == 0


def test_missing_arrays_are_named(render, tmp_path, capsys):
    assert render(val=0) == 0
    (tmp_path / 'set/train/truth.npy').unlink()
    assert 'truth.npy' in error_of(capsys, render(val=0))


def test_small_disk_is_refused_before_any_work(
        render, tmp_path, monkeypatch, capsys):
    usage = shutil.disk_usage(tmp_path)._replace(free=10 * 2 ** 20)
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: usage)
    line = error_of(capsys, render())
    assert 'free disk space' in line
    assert not list((tmp_path / 'set/train').iterdir())


@pytest.mark.parametrize('text, message', [
    ('{', 'expected JSON'), ('{"size": [64]}', 'size'),
    ('{"rain": {"wind": 3}}', "got 'wind'"), ('[]', 'a mapping')])
def test_wrong_settings_are_refused(tmp_path, capsys, text, message):
    path = tmp_path / 'settings.json'
    path.write_text(text)
    line = error_of(capsys, main([str(tmp_path / 'set'), '--settings',
                                  str(path)]))
    assert message in line
    assert not (tmp_path / 'set').exists()


def test_footage_is_named_in_the_record(render, tmp_path, capsys):
    (tmp_path / 'real').mkdir()
    write_video(tmp_path / 'real/street.mp4', pictures(9, size=(64, 96)))
    assert render('set', '--footage', tmp_path / 'real', val=0) == 0
    meta = json.loads((tmp_path / 'set/train/meta.json').read_text())
    assert list(meta['footage']) == ['street.mp4']
    assert meta['summary']['backgrounds']['video'] > 3
    capsys.readouterr()
    # without it these are other clips
    assert render('set', val=0) == 2
    assert 'footage' in capsys.readouterr().err


def test_no_clips_at_all_are_refused(render, tmp_path, capsys):
    assert '--train 0 --val 0' in error_of(capsys, render(train=0, val=0))
    assert not (tmp_path / 'set').exists()


def test_options_of_an_engine(render, tmp_path, monkeypatch, capsys):
    """What cannot be done is told before anything is made."""
    assert render('set', '--address', '10.0.0.1:6379') == 2
    assert '--address is for --engine ray' in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, 'ray', None)
    assert render('set', '--engine', 'ray') == 2
    assert "pip install 'mmderain[ray]'" in capsys.readouterr().err
    assert not [*tmp_path.glob('set/*/*.npy')]


def test_what_is_refused_leaves_no_folder(render, tmp_path, capsys):
    assert render('set', '--address', '10.0.0.1:6379') == 2
    assert '--engine ray' in capsys.readouterr().err
    assert not (tmp_path / 'set').exists()
