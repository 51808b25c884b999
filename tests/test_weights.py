"""Weights that come with the package: found, checked, made."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from mmderain import config_path, weights
from mmderain.apis import DerainInferencer
from mmderain.backends import precision
from mmderain.backends.exported_file import ExportedNetwork
from mmderain.checkpoints import load_network
from mmderain.cli import derain, models, ship_weights
from mmderain.errors import CheckpointError, UserError
from mmderain.files import digest
from mmderain.methods import METHODS
from tests.helpers.videos import (
    decoded,
    pictures,
    write_checkpoint,
    write_video,
)
from tests.tiny import ROOT

SMALL = dict(width=8, bottleneck=8, growth=4, dilations=[1, 2], tail=8)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A table of three files in a folder of its own."""
    folder = tmp_path / 'weights'
    folder.mkdir()
    entries = []
    for name, method, arguments in (
            ('streaks', 'aligned_median', SMALL),
            ('other', 'eevrsr_derain_only', {}),
            ('lens_drops', 'lens_drops', dict(widths=(4, 8)))):
        path = write_checkpoint(folder / f'{name}.pth', method, **arguments)
        content = path.read_bytes()
        entries.append(weights.ShippedWeights(
            name, path.name, hashlib.sha256(content).hexdigest(),
            len(content), method, f'Good for {name} rain.', f'{name}.md'))
    for module in (weights, models):
        monkeypatch.setattr(module, 'FOLDER', folder)
        monkeypatch.setattr(module, 'SHIPPED', tuple(entries))
    return entries


def test_what_is_shipped_is_whole():
    """The package's own table."""
    names = [entry.name for entry in weights.SHIPPED]
    assert len(set(names)) == len(names)
    for entry in weights.SHIPPED:
        path = weights.checked_path(entry)
        assert path.stat().st_size == entry.size < 1_000_000
        assert (weights.FOLDER / entry.card).is_file()
        if entry.is_checkpoint:
            network = load_network(str(path))
            assert getattr(network, 'sees_guide', False) == entry.sees_guide
    listed = {item.file for entry in weights.SHIPPED for item in entry.files}
    assert {path.name for ending in ('*.pth', '*.onnx')
            for path in weights.FOLDER.glob(ending)} == listed


@pytest.mark.parametrize('entry', [
    entry for entry in weights.SHIPPED if entry.exported],
    ids=lambda entry: entry.name)
def test_both_files_hold_the_same_network(entry):
    """How it restores is compared in tests/test_backends."""
    exported = weights.checked_path(entry.exported)
    content = onnx.load(exported)
    said = ExportedNetwork.from_metadata(
        {item.key: item.value for item in content.metadata_props}, exported)
    assert said.method == entry.method
    assert said.weights == entry.sha256 == digest(entry.path)
    assert exported.stat().st_size == entry.exported.size < 1_000_000
    assert entry.exported.file in (weights.FOLDER / entry.card).read_text()
    # with all of the weights in it
    values = {onnx.numpy_helper.to_array(item).tobytes()
              for item in content.graph.initializer}
    kernels = [value.numpy().tobytes() for value in load_network(
        str(entry.path)).state_dict().values() if value.ndim == 4]
    assert len(kernels) > 4
    assert len([item for item in kernels if item in values]) == len(kernels)


def test_weights_are_found_by_name_and_by_method(shipped):
    assert weights.find_weights() is shipped[0]
    assert weights.find_weights('other') is shipped[1]
    assert weights.find_weights('eevrsr_derain_only') is shipped[1]
    with pytest.raises(UserError, match='it has streaks, other, lens_drops'):
        weights.find_weights('snow')


def test_without_any_a_checkpoint_is_asked_for(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(weights, 'SHIPPED', ())
    monkeypatch.setattr(models, 'SHIPPED', ())
    with pytest.raises(UserError, match='Name a checkpoint'):
        DerainInferencer()
    assert derain.main([str(tmp_path / 'a.mp4'), str(tmp_path / 'b.mp4')]) == 2
    assert 'comes with no weights' in capsys.readouterr().err
    assert models.main([]) == 0
    said = capsys.readouterr().out
    assert 'no weights come' in said
    assert 'vimpnet are their authors' in said


@pytest.mark.parametrize('entry', weights.SHIPPED,
                         ids=lambda entry: entry.name)
def test_the_documents_know_of_it(entry):
    assert f'`{entry.name}`' in (ROOT / 'docs' / 'licences.md').read_text()
    folder = Path(config_path(METHODS[entry.method].config)).parent.name
    row, = [line for line in (ROOT / 'README.md').read_text().splitlines()
            if line.startswith('| [') and f'/{folder}/README.md)' in line]
    assert 'weights in the package' in row


def test_a_name_that_is_nearly_right(shipped):
    with pytest.raises(UserError, match='Did you mean streaks\\?'):
        weights.find_weights('streak')
    with pytest.raises(UserError, match='mmderain convert'):
        weights.find_weights('vimpnet')


def test_a_name_in_the_place_of_a_file(shipped, tmp_path, monkeypatch,
                                       capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="--model other, or model_name='othe"):
        DerainInferencer('other')
    assert derain.main(['a.mp4', 'b.mp4', '--checkpoint', 'other']) == 2
    assert '--model other' in capsys.readouterr().err
    # a file of that name is one
    (tmp_path / 'other').write_bytes(shipped[0].path.read_bytes())
    assert DerainInferencer('other', device='cpu').weights is None


def test_the_command_takes_the_default_and_says_so(
        shipped, tmp_path, capsys):
    video = write_video(tmp_path / 'rainy.mp4', pictures(6, (48, 64)))
    output = tmp_path / 'clean.mp4'
    assert derain.main([str(video), str(output), '--device', 'cpu']) == 0
    said = capsys.readouterr().err
    assert 'using the weights streaks: Good for streaks rain.' in said
    assert 'using the weights lens_drops: Good for lens_drops rain.' in said
    assert len(decoded(output)) == 6
    assert derain.main([str(video), str(tmp_path / 'other.mp4'), '--model',
                        'other', '--device', 'cpu']) == 0
    assert 'using the weights other' in capsys.readouterr().err
    # a file of one's own comes first
    assert derain.main([
        str(video), str(tmp_path / 'own.mp4'), '--device', 'cpu',
        '--checkpoint', str(shipped[1].path)]) == 0
    assert 'using the weights' not in capsys.readouterr().err


def test_python_takes_the_default(shipped):
    frames = np.stack(pictures(4, (32, 48)))
    ours = DerainInferencer(device='cpu')
    assert ours.weights is shipped[0]
    assert ours.method.name == 'aligned_median'
    theirs = DerainInferencer(str(shipped[0].path), device='cpu',
                              remove='drops')
    assert theirs.weights is None
    np.testing.assert_array_equal(ours(frames), theirs(frames))
    assert DerainInferencer(model_name='other').method.name == (
        'eevrsr_derain_only')


@pytest.mark.parametrize('damage', ['missing', 'cut off', 'changed'])
def test_damaged_weights_are_named(shipped, damage, capsys):
    path = shipped[0].path
    content = bytearray(path.read_bytes())
    if damage == 'missing':
        path.unlink()
    elif damage == 'cut off':
        path.write_bytes(content[:-10])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(CheckpointError) as error:
        DerainInferencer()
    assert str(path) in str(error.value)
    assert 'pip install --force-reinstall' in str(error.value)
    assert models.main([]) == 1
    said = capsys.readouterr().out
    assert 'streaks (default)' in said and 'damaged' in said


def test_the_list_says_what_they_are_good_for(shipped, capsys, monkeypatch):
    assert models.main([]) == 0
    said = capsys.readouterr().out
    for entry in shipped:
        assert entry.good_for in said and entry.method in said
        assert entry.sha256[:12] in said and entry.card in said
    assert 'guide' not in said
    monkeypatch.setattr(models, 'SHIPPED', (
        replace(shipped[0], guide='other'), ))
    assert models.main([]) == 0
    assert '  guide other, in whose frames' in capsys.readouterr().out
    assert said.count('(default)') == 2
    assert 'lens_drops (default)' in said


@pytest.mark.parametrize('half', [False, True])
def test_a_training_checkpoint_becomes_a_small_file(tmp_path, capsys, half):
    source = write_checkpoint(tmp_path / 'iter_8.pth', 'aligned_median',
                              **SMALL)
    content = torch.load(source, weights_only=False)
    # what training adds
    content.update(optimizer=dict(state=torch.zeros(300000)),
                   message_hub=dict(log=[1]))
    content['meta']['cfg'] = 'secret = 1'
    torch.save(content, source)
    folder = tmp_path / 'weights'
    arguments = [str(source), 'streaks', '--folder', str(folder)]
    assert ship_weights.main(arguments + ['--half'] * half) == 0
    target = folder / 'streaks.pth'
    said = capsys.readouterr().out
    # the printed line is one of the table
    line = re.search(r'ShippedWeights\(.*\)', said, re.S)[0]
    entry = eval(line, dict(ShippedWeights=weights.ShippedWeights,
                            ExportedFile=weights.ExportedFile))
    assert entry.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert entry.size == target.stat().st_size < source.stat().st_size / 10
    assert (entry.name, entry.method) == ('streaks', 'aligned_median')
    exported = folder / entry.exported.file
    assert entry.exported == weights.ExportedFile(
        'streaks.onnx', digest(exported), exported.stat().st_size)
    made = torch.load(target, weights_only=True)
    assert set(made) == {'meta', 'state_dict'}
    assert set(made['meta']) == {'mmderain'}
    ours, theirs = (load_network(str(path)).state_dict()
                    for path in (target, source))
    for name, value in theirs.items():
        assert ours[name].dtype == value.dtype
        torch.testing.assert_close(ours[name], value, rtol=1e-3 * half,
                                   atol=1e-6 * half)
    assert ship_weights.main(arguments) == 2
    assert 'Add --overwrite' in capsys.readouterr().err


def test_a_training_checkpoint_becomes_safetensors(tmp_path, capsys):
    source = write_checkpoint(tmp_path / 'iter_8.pth', 'aligned_median',
                              **SMALL)
    arguments = [str(source), 'streaks', '--folder', str(tmp_path)]
    assert ship_weights.main([*arguments, '--safetensors']) == 0
    assert "file='streaks.safetensors'" in capsys.readouterr().out
    ours, theirs = (load_network(str(path)).state_dict()
                    for path in (tmp_path / 'streaks.safetensors', source))
    assert all(torch.equal(ours[name], value)
               for name, value in theirs.items())
    video = write_video(tmp_path / 'rainy.mp4', pictures(6, (48, 64)))
    assert derain.main([
        str(video), str(tmp_path / 'clean.mp4'), '--device', 'cpu',
        '--checkpoint', str(tmp_path / 'streaks.safetensors')]) == 0
    assert len(decoded(tmp_path / 'clean.mp4')) == 6


def test_too_large_a_network_is_refused(tmp_path, capsys):
    source = write_checkpoint(tmp_path / 'iter_8.pth', 'aligned_median',
                              width=160)
    assert ship_weights.main([str(source), 'large', '--folder',
                              str(tmp_path / 'weights')]) == 2
    assert 'stay below 1000000' in capsys.readouterr().err
    assert not (tmp_path / 'weights').exists()


@pytest.mark.parametrize('fast', [False, True])
def test_bfloat16_where_the_device_is_fast_with_it(
        shipped, monkeypatch, tmp_path, fast):
    monkeypatch.setattr(precision, 'has_bfloat16', lambda device: True)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    dtype = 'bfloat16' if fast else 'float32'
    monkeypatch.setattr(precision, '_measured', lambda derainer: dtype)

    def taken(**options):
        restorer = DerainInferencer(device='cpu', **options).restorer
        return restorer.computing.way['dtype']

    # what was trained in float32 stays in it
    assert taken() == f'{dtype}, float32'
    assert taken(model_name='other') == 'float32'
    assert taken(dtype='float32') == 'float32, float32'


@pytest.mark.parametrize(('there', 'says'), [
    ('link', 'a link that leads nowhere has this name'),
    ('folder', 'expected the name of a file, but a folder is there')])
@pytest.mark.parametrize('suffix', ['.pth', '.onnx'])
def test_places_of_shipped_weights_are_looked_at_first(
        tmp_path, capsys, there, says, suffix):
    """So that never one of both files is there alone."""
    source = write_checkpoint(tmp_path / 'iter_8.pth', 'aligned_median',
                              **SMALL)
    folder = tmp_path / 'weights'
    folder.mkdir()
    place = folder / f'streaks{suffix}'
    if there == 'link':
        place.symlink_to('/nowhere/streaks')
    else:
        place.mkdir()
    assert ship_weights.main([str(source), 'streaks', '--folder', str(folder),
                              '--overwrite']) == 2
    assert says in capsys.readouterr().err
    assert [*folder.iterdir()] == [place]
    assert place.is_symlink() or place.is_dir()
