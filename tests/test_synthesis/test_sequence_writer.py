import json
import os
import shutil
from functools import partial

import cv2
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.synthesis import RainRenderer
from mmderain.synthesis.layouts import RAINSYN, VRDS
from mmderain.synthesis.sequence_writer import SequenceWriter

FOLDERS = {'lq', 'gt', '01drop', 'drop', 'mstreak'}


def rainy(count=3, preset='heavy'):
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    return list(RainRenderer.from_preset(preset).render([frame] * count))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def read(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return image[..., ::-1] if image.ndim == 3 else image


@pytest.mark.parametrize('split', ['train', 'test'])
def test_layout_of_rainsyn(tmp_path, split):
    writer = SequenceWriter(tmp_path, RAINSYN, split)
    writer.check(['7'])
    frames = rainy(11, 'rainsyn_complex')
    assert writer.write('7', iter(frames), {}) == 11
    parts = dict(input='lq', gt='gt', streak='streak_map',
                 occlusion='occlusion_mask', reliance='reliance')
    assert names(tmp_path) == ['rain.json', split]
    assert names(tmp_path / split) == sorted(parts)
    for folder, part in parts.items():
        sequence = tmp_path / split / folder / '7'
        # from 1, without zeros in front
        assert set(names(sequence)) == {f'{n}.png' for n in range(1, 12)}
        for number, frame in enumerate(frames, 1):
            assert (read(sequence / f'{number}.png')
                    == getattr(frame, part)).all()
    with pytest.raises(DataError, match=f'{split}/gt/7: .*--overwrite'):
        SequenceWriter(tmp_path, RAINSYN, split).check(['7'])
    # replaced as a whole
    SequenceWriter(tmp_path, RAINSYN, split, overwrite=True).write(
        '7', frames[:2], {})
    assert names(tmp_path / split / 'input' / '7') == ['1.png', '2.png']


def test_a_set_keeps_its_layout(tmp_path):
    SequenceWriter(tmp_path, VRDS).write('street', rainy(1), {})
    for overwrite in (False, True):
        with pytest.raises(DataError, match=r"rain\.json: .*layout rainsyn, "
                           r"got 'street' in the layout vrds"):
            SequenceWriter(tmp_path, RAINSYN, 'test', overwrite).check(['a'])


@pytest.mark.parametrize('split, prefix', [('train', ''), ('test', 'test')])
def test_layout_and_content(tmp_path, split, prefix):
    writer = SequenceWriter(tmp_path / 'set', VRDS, split)
    writer.check(['street'])
    frames = rainy()
    assert writer.write('street', iter(frames), dict(seed=3)) == 3
    assert set(names(tmp_path / 'set')) == {
        *(prefix + folder for folder in FOLDERS), 'rain.json'}
    for index, frame in enumerate(frames):
        for folder, part in (('lq', frame.lq), ('gt', frame.gt),
                             ('drop', frame.drop),
                             ('01drop', frame.drop_mask),
                             ('mstreak', frame.streak_map)):
            written = read(tmp_path / 'set' / (prefix + folder) / 'street'
                           / f'{index:08d}.png')
            assert written.shape == part.shape and (written == part).all()
    assert json.loads((tmp_path / 'set' / 'rain.json').read_text()) == {
        split: {'street': {'seed': 3, 'layout': 'vrds', 'frames': 3}}}


def test_record_gathers_runs(tmp_path):
    SequenceWriter(tmp_path).write('a', rainy(1), dict(seed=1))
    SequenceWriter(tmp_path).write('b', rainy(1), dict(seed=2))
    SequenceWriter(tmp_path, VRDS, 'test').write('a', rainy(1), dict(seed=3))
    record = json.loads((tmp_path / 'rain.json').read_text())
    assert [record['train']['a']['seed'], record['train']['b']['seed'],
            record['test']['a']['seed']] == [1, 2, 3]


@pytest.mark.parametrize('folder', sorted(FOLDERS))
def test_existing_sequence_is_named(tmp_path, folder):
    (tmp_path / folder / 'street').mkdir(parents=True)
    SequenceWriter(tmp_path).check(['park'])
    with pytest.raises(DataError, match=f'{folder}/street: .*--overwrite'):
        SequenceWriter(tmp_path).check(['park', 'street'])
    SequenceWriter(tmp_path, overwrite=True).check(['street'])


@pytest.mark.parametrize('overwrite', [False, True])
def test_what_we_did_not_render_stays(tmp_path, overwrite):
    SequenceWriter(tmp_path).write('street', rainy(1), {})
    for name in ('lq/street/mine.png', 'gt/walk/00000000.png'):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('precious')
        writer = SequenceWriter(tmp_path, overwrite=overwrite)
        with pytest.raises(DataError, match='did not render') as error:
            writer.check([path.parent.name])
        assert '--overwrite' not in str(error.value)
        assert path.read_text() == 'precious'


def test_a_file_in_the_place_of_a_sequence_stays(tmp_path):
    (tmp_path / 'lq').mkdir()
    (tmp_path / 'lq' / 'street').write_text('precious')
    with pytest.raises(DataError, match='did not render: street'):
        SequenceWriter(tmp_path, overwrite=True).check(['street'])


def test_overwriting_leaves_nothing_of_the_old(tmp_path):
    SequenceWriter(tmp_path).write('street', rainy(3), {})
    SequenceWriter(tmp_path).write('park', rainy(1), {})
    SequenceWriter(tmp_path, overwrite=True).write('street', rainy(2), {})
    for folder in FOLDERS:
        assert len(names(tmp_path / folder / 'street')) == 2
        assert len(names(tmp_path / folder / 'park')) == 1


def test_nothing_is_left_of_a_sequence_that_fails(tmp_path):
    def frames():
        yield from rainy(2)
        raise UserError('street/2.png: expected an image')

    with pytest.raises(UserError, match='2.png'):
        SequenceWriter(tmp_path).write('street', frames(), {})
    assert names(tmp_path) == []


def test_a_kill_leaves_no_half_sequence_and_a_rerun_finishes(tmp_path):
    class Killed(BaseException):
        pass

    seen = []

    def frames():
        for frame in rainy(2):
            yield frame
            seen.extend(names(tmp_path))
        raise Killed

    with pytest.raises(Killed):
        SequenceWriter(tmp_path).write('street', frames(), {})
    # nothing that a data set would read was there meanwhile
    assert set(seen) == {'.unfinished'}
    # what a kill leaves
    left = tmp_path / '.unfinished' / 'train' / 'street' / 'lq'
    left.mkdir(parents=True)
    (left / '00000009.png').write_bytes(b'')
    SequenceWriter(tmp_path).check(['street'])
    SequenceWriter(tmp_path).write('street', rainy(2), {})
    assert names(tmp_path / 'lq' / 'street') == ['00000000.png',
                                                 '00000001.png']
    assert '.unfinished' not in names(tmp_path)


@pytest.mark.parametrize('earlier', [0, 1, 4])
@pytest.mark.parametrize('where', ['lq', 'mstreak', 'rain.json'])
def test_killed_while_a_sequence_is_put_in_its_place(tmp_path, monkeypatch,
                                                     where, earlier):
    class Killed(BaseException):
        pass

    def kill(source, target, change):
        # the record is written before, too
        if where in str(target) and (tmp_path / 'gt/street').exists():
            raise Killed
        change(source, target)

    if earlier:
        SequenceWriter(tmp_path).write('street', rainy(earlier), {})
        shutil.rmtree(tmp_path / 'gt')
    with monkeypatch.context() as patch:
        for name in ('rename', 'replace'):
            patch.setattr(os, name, partial(kill, change=getattr(os, name)))
        with pytest.raises(Killed):
            SequenceWriter(tmp_path, overwrite=True).write(
                'street', rainy(2), {})
    record = json.loads((tmp_path / 'rain.json').read_text())
    assert record['train']['street']['is_whole'] is False
    again = SequenceWriter(tmp_path, overwrite=True)
    again.check(['street'])
    again.write('street', rainy(2), {})
    for folder in FOLDERS:
        assert len(names(tmp_path / folder / 'street')) == 2
    assert json.loads((tmp_path / 'rain.json').read_text()) == {
        'train': {'street': {'layout': 'vrds', 'frames': 2}}}


def test_output_that_is_a_file(tmp_path):
    path = tmp_path / 'set'
    path.write_text('')
    with pytest.raises(UserError, match='set cannot be written'):
        SequenceWriter(path).check(['street'])


def test_disk_that_fails_meanwhile(tmp_path):
    (tmp_path / 'mstreak').write_text('a file where a folder should be')
    with pytest.raises(UserError, match='mstreak is no folder, so nothing'):
        SequenceWriter(tmp_path).write('street', rainy(1), {})


@pytest.mark.parametrize('content', [
    '{', '[]', '{"train": []}', '{"train": {"street": 3}}'])
def test_damaged_record_is_named(tmp_path, content):
    (tmp_path / 'rain.json').write_text(content)
    with pytest.raises(DataError, match=r'rain\.json: .* damaged'):
        SequenceWriter(tmp_path).check(['street'])
