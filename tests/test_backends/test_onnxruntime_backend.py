"""Exported networks restore as PyTorch does."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import onnx
import pytest
import torch

from mmderain.backends import find_backend
from mmderain.backends.export import export_network
from mmderain.backends.exported_file import KEY
from mmderain.backends.interface import Backend
from mmderain.checkpoints.description import load_network
from mmderain.cli.export import main
from mmderain.errors import CheckpointError, ConfigError, UserError
from mmderain.media.video_info import TimedFrame
from mmderain.methods import METHODS
from mmderain.restorer import Restorer
from mmderain.weights import SHIPPED, checked_path
from tests.helpers.videos import (
    decoded,
    pictures,
    write_checkpoint,
    write_video,
)
from tests.test_models.test_aligned_median.test_alignment import (
    pan as smooth_pan,
)
from tests.test_models.test_lens_drops.helpers import pan
from tests.test_shipped_drops import moving, with_drops
from tests.tiny import ROOT

# what rounds inside of the network may fall on the other side of a half
ROUNDING = {'j4rnet', 'j4rnet_released_brcn', 'j4rnet_released_gru'}
QUICK = ('aligned_median', 'attentive_gan', 'lens_drops')
SIZE = (40, 56)  # of tiles


@pytest.fixture(scope='module')
def exported(tmp_path_factory):
    """Method -> checkpoint and the network exported of it, made once.

    Shipped weights where there are some: random ones find no drops, and what
    they do to rain is given back by the guard.
    """
    folder, made = tmp_path_factory.mktemp('onnx'), {}

    def export(name):
        if name not in made:
            shipped = [checked_path(item) for item in SHIPPED
                       if item.method == name and item.is_checkpoint]
            checkpoint = shipped[0] if shipped else write_checkpoint(
                folder / f'{name}.pth', name, **METHODS[name].tiny)
            output = folder / f'{name}.onnx'
            said = export_network(checkpoint, output)
            made[name] = checkpoint, output, said
        return made[name]
    return export


def by_pytorch(network, packed):
    """What the exported network of a ``LightMedianNet`` computes."""
    with torch.no_grad():
        return network.packed_maps(torch.from_numpy(packed)).numpy()


def clip_for(name):
    """Frames of odd sides in which the method changes something."""
    if name in ('aligned_median', 'light_median'):
        return drizzle(9, (53, 71))
    if name == 'lens_drops':
        return list(with_drops(moving('astronaut'))[0][:40])
    height, width = (261, 259) if name == 'vimpnet' else (53, 71)
    return [frame[:height, :width] for frame in np.pad(
        pan(10), ((0, 0), (0, 200), (0, 200), (0, 0)), mode='reflect')]


def drizzle(count, size):
    """Short streaks: lines from edge to edge are no rain to the guard."""
    frames = smooth_pan(size=size, frames=count)
    rng = np.random.default_rng(0)
    for frame in frames:
        for row, column, length in zip(
                rng.integers(0, size[0], 25), rng.integers(0, size[1], 25),
                rng.integers(4, 12, 25), strict=True):
            streak = frame[row:row + length, column]
            streak[:] = np.minimum(streak.astype(int) + (90, 60, 40), 255)
    return list(frames)


def restored(restorer, frames, tile=None):
    spec = restorer.spec(tile, *frames[0].shape[:2])
    return list(restorer.stream(
        [TimedFrame(frame, index, 1, index)
         for index, frame in enumerate(frames)], spec, True))


@pytest.mark.parametrize('name', [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in METHODS])
@pytest.mark.parametrize('tile', [None, SIZE])
def test_equal_to_pytorch(exported, name, tile):
    checkpoint, output, said = exported(name)
    if name == 'lens_drops' and tile:
        pytest.skip('it has no tiles')
    frames = clip_for(name)
    one, other = (Restorer(str(path), device='cpu', dtype='float32')
                  for path in (checkpoint, output))
    assert other.computing.names == ('onnxruntime', )
    assert other.map_names == one.map_names
    assert other.method is one.method and other.dtype == 'float32'
    tile = said.size or tile
    if name == 'light_median':
        # on bytes by PyTorch's network, too; what bytes change, see
        # tests/test_models/test_light_median
        one = Restorer(str(output), device='cpu')
        one.backend.restoration.run = partial(
            by_pytorch, load_network(str(checkpoint)))
    expected_frames = restored(one, frames, tile)
    assert all((theirs.image != frame).any() for theirs, frame in zip(
        expected_frames, frames, strict=True))
    for ours, theirs in zip(restored(other, frames, tile), expected_frames,
                            strict=True):
        assert ours.guarded == pytest.approx(theirs.guarded, abs=1e-3)
        pairs = [(ours.image, theirs.image), *(
            (ours.maps[key], theirs.maps[key]) for key in theirs.maps)]
        for found, expected in pairs:
            error = np.abs(found.astype(int) - expected)
            assert error.max() <= (4 if name in ROUNDING else 1)
            assert error.mean() < 0.02


def test_a_file_does_not_tell_where_it_was_made(exported):
    content = exported('aligned_median')[1].read_bytes()
    assert str(ROOT).encode() not in content and b'.py' not in content
    assert [item.key for item in onnx.load_from_string(
        content).metadata_props] == [KEY]


def test_both_are_backends(exported):
    """They have all that the interface names."""
    names = {*Backend.__annotations__, *(
        name for name in vars(Backend) if not name.startswith('_'))}
    assert {'settings', 'stream', 'margin'} <= names
    for path in exported('attentive_gan')[:2]:
        restorer = Restorer(str(path), device='cpu')
        assert not [name for name in names
                    if not hasattr(restorer.backend, name)]
        module, = (find_backend(name) for name in restorer.computing.names)
        assert 'cpu' in module.devices() and module.threads() > 0


def test_a_stream_from_the_middle(exported):
    restorer = Restorer(str(exported('aligned_median')[1]))
    frames = [TimedFrame(image, index, 1, index)
              for index, image in enumerate(pan(24))]
    spec = restorer.spec(None, *frames[0].image.shape[:2])
    whole = [item.image for item in restorer.stream(frames, spec)]
    later = [item.image for item in restorer.stream_from(
        15, lambda entry: (frame for frame in frames[entry:]), spec)]
    np.testing.assert_array_equal(later, whole[15:])


def test_what_an_exported_network_does_not_do(exported, tmp_path):
    checkpoint, output, _ = exported('attentive_gan')
    for options, words in (
            (dict(device='cuda'), 'computes on the CPU'),
            (dict(dtype='bfloat16'), 'in float32'),
            (dict(backend='torch'), 'Name the checkpoint instead'),
            (dict(backend='tensorflow'), 'backend has to be one of'),
            (dict(model_name='eevrsr'), "is of the method 'attentive_gan'")):
        with pytest.raises(UserError, match=words):
            Restorer(str(output), **options)
    with pytest.raises(UserError, match=r'mmderain export .*\.onnx'):
        Restorer(str(checkpoint), backend='onnxruntime')
    with pytest.raises(ConfigError, match='decided when it was exported'):
        Restorer(str(output), test_cfg=dict(official_cast=True))
    # nor is a number of windows nothing, of which no frame would come
    with pytest.raises(ConfigError, match='window_batch has to be'):
        Restorer(str(output), test_cfg=dict(window_batch=0))


@pytest.mark.parametrize('content', [b'', b'rain', b'\x08\x0a' * 400, None])
def test_a_file_that_is_no_network(exported, tmp_path, content):
    path = tmp_path / 'a.onnx'
    whole = exported('attentive_gan')[1].read_bytes()
    # None: one that says nothing of itself
    path.write_bytes(whole.replace(b'mmderain', b'someone!')
                     if content is None else content)
    with pytest.raises(CheckpointError, match='a.onnx.* Export it anew'):
        Restorer(str(path))
    path.write_bytes(whole[:len(whole) // 2])
    with pytest.raises(CheckpointError, match='Export it anew'):
        Restorer(str(path))
    with pytest.raises(CheckpointError, match='Fix the path'):
        Restorer(str(tmp_path / 'no.onnx'))


@pytest.mark.parametrize('wrong', [
    dict(method='drizzle'), dict(network=None), dict(size=[64]),
    dict(size=[64, 'a']), dict(settings=dict(tile='ab')),
    dict(settings=dict(stride=0)), dict(map_names=3)])
def test_a_file_that_says_what_cannot_be(exported, tmp_path, wrong):
    model = onnx.load(str(exported('attentive_gan')[1]))
    entry, = (item for item in model.metadata_props if item.key == KEY)
    entry.value = json.dumps(dict(json.loads(entry.value), **wrong))
    path = tmp_path / 'a.onnx'
    onnx.save(model, str(path))
    with pytest.raises(CheckpointError, match='a.onnx'):
        Restorer(str(path))


@pytest.mark.parametrize('part', [.3, .6, .9])
def test_a_bit_that_has_turned_over(exported, tmp_path, part):
    path = tmp_path / 'a.onnx'
    content = bytearray(exported('aligned_median')[1].read_bytes())
    path.write_bytes(content)
    Restorer(str(path))
    # in the weights
    content[int(part * len(content))] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match='a.onnx is damaged'):
        Restorer(str(path))


def test_windows_that_the_network_does_not_take(exported, tmp_path):
    model = onnx.load(str(exported('aligned_median')[1]))
    entry, = (item for item in model.metadata_props if item.key == KEY)
    said = json.loads(entry.value)
    del said['digest']  # of files that were exported before there was one
    said['network'].update(window=7, valid=[3, 4])
    entry.value = json.dumps(said)
    path = tmp_path / 'a.onnx'
    onnx.save(model, str(path))
    restorer = Restorer(str(path))
    frames = [TimedFrame(image, index, 1, index)
              for index, image in enumerate(pan(12))]
    with pytest.raises(CheckpointError, match='a.onnx: its network takes'):
        list(restorer.stream(
            iter(frames), restorer.spec(None, *frames[0].image.shape[:2])))


def test_it_restores_without_pytorch(exported, tmp_path):
    code = ('import sys; from mmderain.cli.main import main; '
            'status = main(sys.argv[1:]); '
            'print(sorted({"torch", "mmagic", "mmengine", "mmcv"} '
            '& set(sys.modules))); sys.exit(status)')
    video = write_video(tmp_path / 'a.mkv', pictures(6))
    done = subprocess.run(
        [sys.executable, '-c', code, 'derain', str(video),
         str(tmp_path / 'b.mkv'), '--device', 'cpu', '--checkpoint',
         str(exported('aligned_median')[1])], cwd=ROOT,
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == '[]'
    assert len(decoded(tmp_path / 'b.mkv')) == 6


def test_the_command(tmp_path, capsys):
    checkpoint = write_checkpoint(tmp_path / 'a.pth', 'attentive_gan',
                                  **METHODS['attentive_gan'].tiny)
    output = tmp_path / 'new' / 'a.onnx'
    arguments = [str(checkpoint), str(output)]
    assert main([*arguments, '--size', '64x96']) == 0
    assert '64x96' in capsys.readouterr().out
    small = [np.zeros((40, 60, 3), np.uint8)]
    with pytest.raises(UserError, match='exported for 64x96 pixels'):
        restored(Restorer(str(output)), small)
    for wrong, words in (
            (arguments, 'Add --overwrite'),
            ([*arguments, '--overwrite', '--size', '63x96'],
             'multiples of 4'),
            ([arguments[0], str(tmp_path / 'a.pt')], 'ends in .onnx'),
            ([str(tmp_path / 'no.pth'), str(tmp_path / 'b.onnx')],
             'no.pth')):
        assert main(wrong) == 2
        assert words in capsys.readouterr().err
    assert not (tmp_path / 'b.onnx').exists()


def test_weights_that_have_diverged_are_named(tmp_path):
    path = write_checkpoint(tmp_path / 'file.pth', 'light_median',
                            **METHODS['light_median'].tiny)
    content = torch.load(path)
    content['state_dict']['generator.head.weight'][0] = float('nan')
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=r'file.pth: expected finite '
                       r'weights, but head.weight is not\..*take an earlier'):
        export_network(path, tmp_path / 'file.onnx')
    assert not (tmp_path / 'file.onnx').exists()
