import json
import re
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmderain.cli import synthesize as synthesize_command
from mmderain.cli.synthesize import main
from mmderain.datasets import RainSynDataset
from mmderain.folder_lock import alone_in

PARTS = ('lq', 'gt', '01drop', 'drop', 'mstreak')


@pytest.fixture
def clips(tmp_path):
    """Two folders of three frames each."""
    rng = np.random.default_rng(0)
    for name in ('park', 'street'):
        folder = tmp_path / 'clips' / name
        folder.mkdir(parents=True)
        for index in range(3):
            image = rng.integers(0, 256, (64, 80, 3), np.uint8)
            image = cv2.GaussianBlur(image, (0, 0), 3)
            cv2.imwrite(str(folder / f'{index}.png'), image)
    return tmp_path / 'clips'


def synthesize(*arguments):
    return main([str(argument) for argument in arguments])


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(int)


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob('*.png')}


def error_of(capsys, *arguments):
    assert synthesize(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ''
    line = captured.err.strip().splitlines()[-1]
    assert line.startswith('error: ')
    return line


def test_set_is_consistent_on_the_written_files(clips, tmp_path, capsys):
    output = tmp_path / 'set'
    assert synthesize(clips, output) == 0
    assert capsys.readouterr().out.startswith(
        f'wrote 2 sequences, 6 frames to {output} in ')
    for sequence in ('park', 'street'):
        for index in range(3):
            lq, gt, mask, drop, streaks = (
                read(output / part / sequence / f'{index:08d}.png')
                for part in PARTS)
            assert (gt == read(clips / sequence / f'{index}.png')).all()
            added = drop + streaks[..., None]
            assert (lq == np.minimum(added, 255)).all()
            differs = (drop != gt).any(axis=2)
            assert (mask == np.where(differs, 255, 0)).all()
            assert differs.any() and streaks.any()


def test_seed_decides_the_bytes(clips, tmp_path):
    for name, seed in (('one', 0), ('same', 0), ('other', 1)):
        assert synthesize(clips, tmp_path / name, '--seed', seed) == 0
    one = contents(tmp_path / 'one')
    assert len(one) == 30
    assert one == contents(tmp_path / 'same')
    assert one != contents(tmp_path / 'other')
    # the first sequence does not depend on the second
    assert synthesize(clips / 'park', tmp_path / 'alone') == 0
    alone = contents(tmp_path / 'alone')
    assert alone == {path: one[path] for path in alone} and len(alone) == 15


def test_test_split_size_and_frames(clips, tmp_path):
    output = tmp_path / 'set'
    assert synthesize(clips / 'park', output, '--split', 'test', '--size',
                      '48x56', '--start', 1, '--num-frames', 1, '--preset',
                      'light') == 0
    files = {path.relative_to(output).as_posix()
             for path in output.rglob('*') if path.is_file()}
    assert files == {'rain.json', *(f'test{part}/park/00000000.png'
                                    for part in PARTS)}
    assert read(output / 'testlq/park/00000000.png').shape == (48, 56, 3)


def test_streaks_or_drops_alone(clips, tmp_path):
    assert synthesize(clips / 'park', tmp_path / 'dry', '--no-drops') == 0
    assert synthesize(clips / 'park', tmp_path / 'wet', '--no-streaks') == 0
    frame = 'park/00000000.png'
    assert read(tmp_path / 'dry/01drop' / frame).max() == 0
    assert read(tmp_path / 'dry/mstreak' / frame).max() > 0
    assert read(tmp_path / 'wet/01drop' / frame).max() == 255
    assert read(tmp_path / 'wet/mstreak' / frame).max() == 0


def test_record_says_how_to_make_it_again(clips, tmp_path):
    output = tmp_path / 'set'
    assert synthesize(clips, output, '--seed', 5, '--no-drops') == 0
    record = json.loads((output / 'rain.json').read_text())['train']['street']
    assert record['input'] == 'street' and record['frames'] == 3
    assert (record['seed'], record['sequence']) == (5, 1)
    assert record['streaks']['rain_rate'] == 50 and record['drops'] is None
    assert record['camera']['fps'] == 25 and record['version']


def test_from_still(clips, tmp_path):
    output = tmp_path / 'set'
    assert synthesize(clips / 'park' / '0.png', output, '--from-still',
                      '--num-frames', 2, '--size', '40x40') == 0
    frames = [read(output / 'gt' / '0' / f'{index:08d}.png')
              for index in range(2)]
    assert frames[0].shape == (40, 40, 3) and (frames[0] != frames[1]).any()
    assert not (output / 'gt' / '0' / '00000002.png').exists()


@pytest.mark.parametrize('preset', ['rainsyn_light', 'rainsyn_complex'])
@pytest.mark.parametrize('split', ['train', 'test'])
def test_rainsyn_layout_follows_the_preset(clips, tmp_path, preset, split):
    output = tmp_path / 'set'
    assert synthesize(clips, output, '--preset', preset, '--split', split,
                      '--seed', 4) == 0
    occluded = []
    for sequence in ('park', 'street'):
        for number in (1, 2, 3):
            lq, gt, streak, occlusion, reliance = (
                read(output / split / part / sequence / f'{number}.png')
                for part in ('input', 'gt', 'streak', 'occlusion',
                             'reliance'))
            assert (gt == read(clips / sequence / f'{number - 1}.png')).all()
            assert streak.ndim == occlusion.ndim == reliance.ndim == 2
            assert streak.any() and set(np.unique(occlusion)) <= {0, 255}
            # the hybrid rain model, on the files
            a = occlusion[..., None] / 255
            added = (1 - a) * (gt + streak[..., None])
            rainy = added + a * reliance[..., None]
            assert (lq == np.rint(np.clip(rainy, 0, 255))).all()
            occluded.append(occlusion.any())
    assert any(occluded) == (preset == 'rainsyn_complex')
    record = json.loads((output / 'rain.json').read_text())[split]['park']
    assert (record['layout'], record['preset']) == ('rainsyn', preset)
    assert record['streaks']['density'] and record['drops'] is None
    assert (record['occlusions'] is None) == (preset == 'rainsyn_light')


def test_varied_rain_is_written_as_pairs(clips, tmp_path, capsys):
    output = tmp_path / 'set'
    assert synthesize(clips, output, '--preset', 'varied_heavy', '--split',
                      'test', '--seed', 4) == 0
    for sequence in ('park', 'street'):
        for number in (1, 2, 3):
            lq, gt = (read(output / 'test' / part / sequence / f'{number}.png')
                      for part in ('input', 'gt'))
            assert (gt == read(clips / sequence / f'{number - 1}.png')).all()
            assert (lq != gt).any()
    assert {path.name for path in (output / 'test').iterdir()} == {
        'input', 'gt'}
    record = json.loads((output / 'rain.json').read_text())['test']['park']
    assert record['layout'] == 'rainsyn_pairs'
    assert record['varied']['strength'] == [0.7, 0.9]
    # what the set's dataset makes of it
    dataset = RainSynDataset(str(output), test_mode=True, pipeline=[])
    assert len(dataset) == 2
    assert synthesize(clips, tmp_path / 'same', '--preset', 'varied_heavy',
                      '--split', 'test', '--seed', 4) == 0
    assert contents(output) == contents(tmp_path / 'same')
    capsys.readouterr()
    for arguments, word in ((('--layout', 'vrds'), '--layout vrds'),
                            (('--no-streaks',), 'got neither')):
        message = error_of(capsys, clips, tmp_path / 'other', '--preset',
                           'varied_light', *arguments)
        assert word in message


def test_layout_can_be_chosen(clips, tmp_path, capsys):
    assert synthesize(clips / 'park', tmp_path / 'one', '--preset',
                      'rainsyn_light', '--layout', 'vrds') == 0
    assert read(tmp_path / 'one/01drop/park/00000000.png').max() == 0
    assert synthesize(clips / 'park', tmp_path / 'two', '--no-drops',
                      '--layout', 'rainsyn') == 0
    assert read(tmp_path / 'two/train/streak/park/3.png').max() > 0
    capsys.readouterr()
    message = error_of(capsys, clips, tmp_path / 'three', '--layout',
                       'rainsyn')
    assert '--layout rainsyn' in message and '--no-drops' in message
    message = error_of(capsys, clips, tmp_path / 'three', '--layout', 'vrds',
                       '--preset', 'rainsyn_complex')
    assert '--layout vrds' in message and 'occlusions' in message
    assert not (tmp_path / 'three').exists()


def test_stills_in_the_layout_of_rainsyn(clips, tmp_path):
    still = clips / 'park' / '0.png'
    for name, seed in (('one', 0), ('same', 0), ('other', 1)):
        assert synthesize(still, tmp_path / name, '--from-still', '--size',
                          '40x40', '--num-frames', 2, '--seed', seed,
                          '--preset', 'rainsyn_light') == 0
    one = contents(tmp_path / 'one')
    assert {Path(path).name for path in one} == {'1.png', '2.png'}
    assert one == contents(tmp_path / 'same') != contents(tmp_path / 'other')


def test_existing_output_is_refused_before_any_work(clips, tmp_path, capsys):
    output = tmp_path / 'set'
    (output / 'lq' / 'street').mkdir(parents=True)
    message = error_of(capsys, clips, output)
    assert 'lq/street' in message and '--overwrite' in message
    assert not (output / 'lq' / 'park').exists()
    assert synthesize(clips, output, '--overwrite') == 0
    assert len(contents(output)) == 30


def test_two_at_once_do_not_write_one_set(clips, tmp_path, capsys):
    with alone_in(tmp_path / 'set'):
        line = error_of(capsys, clips, tmp_path / 'set')
    assert 'set: another process is writing into this folder' in line
    assert not any((tmp_path / 'set').iterdir())
    assert synthesize(clips, tmp_path / 'set') == 0


def test_input_in_the_output_is_kept(clips, tmp_path, capsys):
    output = tmp_path / 'set'
    assert synthesize(clips, output) == 0
    before = contents(output)
    capsys.readouterr()
    message = error_of(capsys, output / 'gt', output, '--overwrite')
    assert 'outside the output' in message
    assert contents(output) == before


@pytest.mark.parametrize('arguments, message', [
    (['nowhere'], 'nowhere: .*does not exist'),
    (['.', '--no-drops', '--no-streaks'], 'got neither'),
    (['.', '--preset', 'rainsyn_light', '--no-streaks'], 'got neither'),
    (['.', '--size', '8x64'], '--size: expected at least 32 .* got 8x64'),
    (['.', '--start', '9'], 'from number 9 on'),
    (['park', '--from-still', '--size', '64x64'], 'expected at least'),
    (['park', '--from-still', '--start', '1'], '--start: a still image')])
def test_errors_are_one_line(clips, tmp_path, capsys, arguments, message):
    line = error_of(capsys, clips / arguments[0], tmp_path / 'set',
                    *arguments[1:])
    assert re.search(message, line)
    assert contents(tmp_path / 'set') == {}


def test_ctrl_c_is_no_traceback(clips, tmp_path, capsys, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(synthesize_command, 'SequenceWriter', stop)
    assert synthesize(clips, tmp_path / 'set') == 130
    assert 'stopped' in capsys.readouterr().err


@pytest.mark.parametrize('options, record', [
    ([], 'rain.json'), (['--layout', 'raindrop'], 'train/raindrops.json')])
def test_a_record_that_cannot_be_written_is_named(clips, tmp_path, capsys,
                                                  options, record):
    (tmp_path / 'set' / record).mkdir(parents=True)
    line = error_of(capsys, clips, tmp_path / 'set', *options)
    assert f'set/{record}' in line


def test_unreadable_frame_is_named(clips, tmp_path, capsys):
    (clips / 'street' / '1.png').write_bytes(b'no image')
    assert 'street/1.png' in error_of(capsys, clips, tmp_path / 'set')
    # the sequence before it is complete, nothing is there of this one
    assert (tmp_path / 'set' / 'lq' / 'park').is_dir()
    assert not (tmp_path / 'set' / 'lq' / 'street').exists()


@pytest.mark.parametrize('option', [
    ['--size', '64'], ['--num-frames', '0'], ['--seed', '-1'],
    ['--preset', 'drizzle'], ['--layout', 'rain100']])
def test_wrong_options(clips, tmp_path, capsys, option):
    with pytest.raises(SystemExit) as stop:
        synthesize(clips, tmp_path / 'set', *option)
    assert stop.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_script(monkeypatch, capsys):
    script = Path(__file__).parents[2] / 'tools' / 'synthesize_rain.py'
    monkeypatch.setattr(sys, 'argv', [str(script), '--help'])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(script), run_name='__main__')
    assert stop.value.code == 0
    assert 'VRDS' in capsys.readouterr().out


def test_pictures_that_are_not_rendered_over_are_named(clips, tmp_path,
                                                       capsys):
    inner = clips / 'park' / 'small'
    inner.mkdir()
    (inner / '0.png').write_bytes((clips / 'park' / '0.png').read_bytes())
    assert synthesize(clips, tmp_path / 'set') == 0
    assert f'passed over: {inner}/0.png' in capsys.readouterr().err


@pytest.mark.parametrize('layout', ['vrds', 'raindrop'])
def test_a_set_of_which_nothing_comes_leaves_nothing(clips, tmp_path, layout):
    (clips / 'park' / '0.png').write_bytes(b'no picture')
    for there in (False, True):
        output = tmp_path / f'set{there}'
        if there:
            output.mkdir()
        assert synthesize(clips, output, '--layout', layout) == 2
        assert output.exists() == there
        assert not there or not any(output.iterdir())
