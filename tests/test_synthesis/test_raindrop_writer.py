import json
import os

import cv2
import numpy as np
import pytest

from mmderain.cli.synthesize import main
from mmderain.datasets import RaindropDataset
from mmderain.errors import DataError
from mmderain.media.images import write_rgb
from mmderain.synthesis import RainRenderer
from mmderain.synthesis.raindrop_writer import RaindropWriter


def rainy(count=2, seed=0):
    frame = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    renderer = RainRenderer.from_preset('heavy', seed=seed)
    return list(renderer.render([frame] * count))


def read(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return image[..., ::-1] if image.ndim == 3 else image


def lines(folder):
    record = (folder / 'raindrops.json').read_text()
    return [json.loads(line) for line in record.splitlines()]


def test_frames_of_all_clips_are_numbered_through(tmp_path):
    writer = RaindropWriter(tmp_path, 'test_a')
    writer.check(['a', 'b'])
    clips = rainy(2), rainy(1, seed=1)
    assert writer.write('a', iter(clips[0]), dict(seed=0)) == 2
    assert writer.write('b', iter(clips[1]), dict(seed=1)) == 1
    for index, frame in enumerate([*clips[0], *clips[1]]):
        folder = tmp_path / 'test_a'
        # drops alone: no streaks, though these frames have some
        assert (frame.lq != frame.drop).any()
        for file, part in ((f'data/{index}_rain.png', frame.drop),
                           (f'gt/{index}_clean.png', frame.gt),
                           (f'mask/{index}_mask.png', frame.drop_mask)):
            assert np.array_equal(read(folder / file), part)
    lines = (tmp_path / 'test_a/raindrops.json').read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        dict(seed=0, name='a', first=0, frames=2),
        dict(seed=1, name='b', first=2, frames=1)]


def test_images_that_are_there_are_kept(tmp_path):
    RaindropWriter(tmp_path).write('a', rainy(1), {})
    with pytest.raises(DataError, match='0_rain.png: .*--overwrite'):
        RaindropWriter(tmp_path).check(['a'])
    RaindropWriter(tmp_path, 'test_b').check(['a'])
    RaindropWriter(tmp_path, overwrite=True).check(['a'])


def test_a_set_of_others_that_begins_at_another_number_stays(tmp_path):
    # the writer asked for number 0 alone once, and replaced the others
    for name in ('data/1_rain.png', 'gt/1_clean.png'):
        write_rgb(tmp_path / 'train' / name, np.zeros((8, 8, 3), np.uint8))
        for overwrite in (False, True):
            writer = RaindropWriter(tmp_path, overwrite=overwrite)
            with pytest.raises(DataError, match='1_.*did not render'):
                writer.check(['a'])
    RaindropWriter(tmp_path, 'test_b').check(['a'])


def test_what_others_add_to_our_set_stays(tmp_path):
    RaindropWriter(tmp_path).write('a', rainy(2), {})
    write_rgb(tmp_path / 'train/data/2_rain.png',
              np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(DataError, match='2_rain.png.*did not render'):
        RaindropWriter(tmp_path, overwrite=True).check(['a'])


@pytest.mark.parametrize('earlier', [0, 3])
def test_killed_while_images_are_put_in_their_places(tmp_path, monkeypatch,
                                                     earlier):
    class Killed(BaseException):
        pass

    def kill(source, target, replace=os.replace):
        if target == tmp_path / 'train/data/1_rain.png':
            raise Killed
        replace(source, target)

    RaindropWriter(tmp_path).write('old', rainy(earlier, seed=3), {})
    with monkeypatch.context() as patch:
        patch.setattr(os, 'replace', kill)
        with pytest.raises(Killed):
            RaindropWriter(tmp_path, overwrite=True).write(
                'a', rainy(2), {})
    record = (tmp_path / 'train' / 'raindrops.json').read_text()
    assert json.loads(record.splitlines()[0])['is_whole'] is False
    again = RaindropWriter(tmp_path, overwrite=True)
    again.check(['a'])
    again.write('a', rainy(2), {})
    assert lines(tmp_path / 'train') == [
        dict(name='a', first=0, frames=2)] + [
        dict(name='old', first=2, frames=1)] * (earlier == 3)
    RaindropWriter(tmp_path, overwrite=True).check(['a'])


def test_images_appear_when_their_clip_is_complete(tmp_path):
    def frames():
        yield from rainy(2)
        assert not (tmp_path / 'train').exists()
        raise DataError('a/2.png: expected an image')

    with pytest.raises(DataError, match='2.png'):
        RaindropWriter(tmp_path).write('a', frames(), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('record', ['{', '[]', '{"first": 0}', '\xff'])
def test_a_record_that_is_none(tmp_path, record):
    RaindropWriter(tmp_path).write('a', rainy(1), {})
    (tmp_path / 'train/raindrops.json').write_bytes(record.encode('latin-1'))
    with pytest.raises(DataError, match='raindrops.json: .*damaged'):
        RaindropWriter(tmp_path, overwrite=True).check(['a'])


@pytest.fixture
def stills(tmp_path):
    rng = np.random.default_rng(0)
    for index in range(3):
        image = rng.integers(0, 256, (96, 112, 3), np.uint8)
        write_rgb(tmp_path / 'stills' / f'{index}.png',
                  cv2.GaussianBlur(image, (0, 0), 4))
    return tmp_path / 'stills'


def test_the_command_writes_a_set_that_the_data_set_reads(stills, tmp_path):
    output = tmp_path / 'set'
    for split in ('train', 'test_a'):
        assert main([str(stills), str(output), '--layout', 'raindrop',
                     '--split', split, '--from-still', '--num-frames', '2',
                     '--size', '64x64']) == 0
    dataset = RaindropDataset(data_root=str(output), split='test_a',
                              with_mask=True, pipeline=[])
    assert len(dataset) == 6
    masks = []
    for sample in (dataset[index] for index in range(6)):
        rain, clean, mask = (
            read(sample[f'{key}_path'][0])
            for key in ('img', 'gt', 'drop_mask'))
        assert np.array_equal(mask > 0, (rain != clean).any(-1))
        masks.append(mask)
    # every image has drops of its own, those of one picture, too
    assert len({mask.tobytes() for mask in masks}) == 6
    record = (output / 'test_a' / 'raindrops.json').read_text().splitlines()
    assert [(line['first'], line['frames'], line['streaks'])
            for line in map(json.loads, record)] == [
        (0, 2, None), (2, 2, None), (4, 2, None)]


def test_a_set_that_we_did_not_render_stays(tmp_path):
    write_rgb(tmp_path / 'train/data/0_rain.png',
              np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(DataError, match='did not render'):
        RaindropWriter(tmp_path, overwrite=True).check(['a'])


@pytest.mark.parametrize('options, message', [
    (['--layout', 'raindrop', '--split', 'test'], 'train or test_a or test_b'),
    (['--split', 'test_a'], 'expected train or test for the layout vrds'),
    (['--layout', 'raindrop', '--no-drops'], 'Leave out --no-drops')])
def test_options_that_do_not_fit_together(stills, tmp_path, capsys, options,
                                          message):
    assert main([str(stills), str(tmp_path / 'set'), '--from-still',
                 *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / 'set').exists()
