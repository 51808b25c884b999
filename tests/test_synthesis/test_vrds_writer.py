import json

import cv2
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.synthesis import RainRenderer
from mmderain.synthesis.vrds_writer import VRDSWriter

FOLDERS = {'lq', 'gt', '01drop', 'drop', 'mstreak'}


def rainy(count=3):
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    return list(RainRenderer.from_preset('heavy').render([frame] * count))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def read(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return image[..., ::-1] if image.ndim == 3 else image


@pytest.mark.parametrize('split, prefix', [('train', ''), ('test', 'test')])
def test_layout_and_content(tmp_path, split, prefix):
    writer = VRDSWriter(tmp_path / 'set', split)
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
        split: {'street': {'seed': 3, 'frames': 3}}}


def test_record_gathers_runs(tmp_path):
    VRDSWriter(tmp_path).write('a', rainy(1), dict(seed=1))
    VRDSWriter(tmp_path).write('b', rainy(1), dict(seed=2))
    VRDSWriter(tmp_path, 'test').write('a', rainy(1), dict(seed=3))
    record = json.loads((tmp_path / 'rain.json').read_text())
    assert [record['train']['a']['seed'], record['train']['b']['seed'],
            record['test']['a']['seed']] == [1, 2, 3]


@pytest.mark.parametrize('folder', sorted(FOLDERS))
def test_existing_sequence_is_named(tmp_path, folder):
    (tmp_path / folder / 'street').mkdir(parents=True)
    VRDSWriter(tmp_path).check(['park'])
    with pytest.raises(DataError, match=f'{folder}/street: .*--overwrite'):
        VRDSWriter(tmp_path).check(['park', 'street'])
    VRDSWriter(tmp_path, overwrite=True).check(['street'])


def test_overwriting_leaves_nothing_of_the_old(tmp_path):
    VRDSWriter(tmp_path).write('street', rainy(3), {})
    VRDSWriter(tmp_path).write('park', rainy(1), {})
    VRDSWriter(tmp_path, overwrite=True).write('street', rainy(2), {})
    for folder in FOLDERS:
        assert len(names(tmp_path / folder / 'street')) == 2
        assert len(names(tmp_path / folder / 'park')) == 1


def test_nothing_is_left_of_a_sequence_that_fails(tmp_path):
    def frames():
        yield from rainy(2)
        raise UserError('street/2.png: expected an image')

    with pytest.raises(UserError, match='2.png'):
        VRDSWriter(tmp_path).write('street', frames(), {})
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
        VRDSWriter(tmp_path).write('street', frames(), {})
    # nothing that a data set would read was there meanwhile
    assert set(seen) == {'.unfinished'}
    # what a kill leaves
    left = tmp_path / '.unfinished' / 'train' / 'street' / 'lq'
    left.mkdir(parents=True)
    (left / '00000009.png').write_bytes(b'')
    VRDSWriter(tmp_path).check(['street'])
    VRDSWriter(tmp_path).write('street', rainy(2), {})
    assert names(tmp_path / 'lq' / 'street') == ['00000000.png',
                                                 '00000001.png']
    assert '.unfinished' not in names(tmp_path)


def test_output_that_is_a_file(tmp_path):
    path = tmp_path / 'set'
    path.write_text('')
    with pytest.raises(DataError, match='set: expected a folder to write to'):
        VRDSWriter(path).check(['street'])


def test_disk_that_fails_meanwhile(tmp_path):
    (tmp_path / 'mstreak').write_text('a file where a folder should be')
    with pytest.raises(DataError, match='writing fails'):
        VRDSWriter(tmp_path).write('street', rainy(1), {})


def test_damaged_record_is_named(tmp_path):
    (tmp_path / 'rain.json').write_text('{')
    with pytest.raises(DataError, match=r'rain\.json: .* damaged'):
        VRDSWriter(tmp_path).check(['street'])
