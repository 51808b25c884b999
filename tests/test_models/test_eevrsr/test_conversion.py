"""EEVRSR's checkpoints: made up ones, the released ones, and others."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from mmderain.checkpoints import convert_file, convert_state_dict, load_network
from mmderain.checkpoints.rules import ConversionError
from mmderain.cli.convert import main
from mmderain.models import EEVRSRNet
from mmderain.models.eevrsr import conversion
from mmderain.models.eevrsr.conversion import CONVERSION
from tests.helpers import eevrsr_reference as reference
from tests.tiny import ROOT


@pytest.fixture(params=reference.VARIANTS)
def variant(request):
    return request.param


def official(variant: str) -> dict[str, np.ndarray]:
    """What inference reads, each variable of one value."""
    return {name: np.full(shape, index + 1, np.float32)
            for index, (name, shape) in enumerate(
                reference.official_shapes(variant).items())}


def with_leftovers(variables: dict) -> dict:
    """As a training checkpoint: optimiser slots and the biased sums."""
    result = dict(variables, Variable=np.int32(7), beta1_power=np.float32(0),
                  beta2_power=np.float32(0))
    for name, value in variables.items():
        if 'moving_' in name:
            scope, kind = name.rsplit('/', 1)
            result[f'{scope}/{scope}/{kind}/biased'] = value * 100
            result[f'{scope}/{scope}/{kind}/local_step'] = np.full(
                1, 5000, np.float32)
        else:
            result[f'{name}/Adam'] = result[f'{name}/Adam_1'] = value * 200
    return result


def test_every_official_variable_has_a_place(variant):
    network = EEVRSRNet(motion_compensation=variant == 'all')
    ours = {CONVERSION.sources(name)[0][0] for name in network.state_dict()
            if not name.endswith('num_batches_tracked')}
    assert ours == set(reference.official_shapes(variant))
    assert len(ours) == dict(all=128, derain_only=86)[variant]


def test_values_arrive_where_they_belong(variant):
    variables = official(variant)
    state = convert_state_dict(reference.METHODS[variant], variables)
    for name, value in state.items():
        source, _ = CONVERSION.sources(name)
        if name.endswith('num_batches_tracked'):
            assert value.dtype == torch.int64 and int(value) == 0
        else:
            assert value.unique().tolist() == [variables[source[0]].flat[0]]


def test_kernels_are_turned_from_hwio_to_oihw():
    variables = official('all')
    name = 'MCNet/Large/a1/weights'
    variables[name] = np.random.default_rng(0).random(
        variables[name].shape, np.float32)
    state = convert_state_dict('eevrsr', variables)
    np.testing.assert_array_equal(state['motion.stages.0.0.weight'][3, 1],
                                  variables[name][:, :, 1, 3])


def test_leftovers_of_training_are_left_out(variant):
    """The biased sums look like the statistics; only whole names count."""
    method, variables = reference.METHODS[variant], official(variant)
    clean = convert_state_dict(method, variables)
    full = convert_state_dict(method, with_leftovers(variables))
    for name, value in clean.items():
        if name.endswith('num_batches_tracked'):
            # goes on where the official training stopped
            assert int(full[name]) == 5000
        else:
            assert torch.equal(value, full[name])


def test_a_statistic_under_its_biased_name_does_not_count():
    variables = official('derain_only')
    scope = 'DerainNet/DerainNet_BN1'
    value = variables.pop(f'{scope}/moving_mean')
    variables[f'{scope}/{scope}/moving_mean/biased'] = value
    with pytest.raises(ConversionError,
                       match=f'missing: {scope}/moving_mean'):
        convert_state_dict('eevrsr_derain_only', variables)


def test_the_other_network_is_told_apart():
    with pytest.raises(ConversionError, match='unknown: MCNet'):
        convert_state_dict('eevrsr_derain_only', official('all'))
    with pytest.raises(ConversionError, match='missing: MCNet'):
        convert_state_dict('eevrsr', official('derain_only'))


def release(tmp_path, monkeypatch, variant):
    """A made-up release: a data file, and the table that knows it."""
    variables = with_leftovers(official(variant))
    data, table = b'', []
    for name in sorted(variables):
        value = np.atleast_1d(variables[name])
        if value.dtype == np.float32 and 'Adam' not in name \
                and 'biased' not in name and 'beta' not in name.split('_')[0]:
            table.append([name, list(value.shape), len(data)])
        data += value.tobytes()
    path = tmp_path / 'model.ckpt'
    (tmp_path / 'model.ckpt.data-00000-of-00001').write_bytes(data)
    releases = tmp_path / 'releases.json'
    releases.write_text(json.dumps({hashlib.sha256(data).hexdigest(): dict(
        release='made up', variables=table)}))
    monkeypatch.setattr(conversion, 'RELEASES', releases)
    return path, variables


@pytest.mark.parametrize('name', [
    'model.ckpt', 'model.ckpt.index', 'model.ckpt.meta',
    'model.ckpt.data-00000-of-00001', '.'])
def test_a_known_release_is_read_without_tensorflow(
        name, tmp_path, monkeypatch, variant):
    path, variables = release(tmp_path, monkeypatch, variant)
    method = reference.METHODS[variant]
    output = tmp_path / 'eevrsr.pth'
    assert main([method, str(path.parent / name), str(output)]) == 0
    network = load_network(str(output))
    assert (network.motion is None) == (variant == 'derain_only')
    expected = convert_state_dict(method, variables)
    for key, value in network.state_dict().items():
        assert torch.equal(value, expected[key])


def test_the_current_folder_is_one(tmp_path, monkeypatch, variant, capsys):
    path, _ = release(tmp_path, monkeypatch, variant)
    monkeypatch.chdir(path.parent)
    assert main([reference.METHODS[variant], '.', 'eevrsr.pth']) == 0
    (tmp_path / 'empty').mkdir()
    monkeypatch.chdir(tmp_path / 'empty')
    for name in '.', '/':
        assert main(['eevrsr', name, 'no.pth']) == 2
        assert 'model.ckpt.data-00000' in capsys.readouterr().err


def test_another_checkpoint_is_explained(tmp_path, capsys):
    (tmp_path / 'mine.data-00000-of-00001').write_bytes(b'1234')
    assert main(['eevrsr', str(tmp_path / 'mine'),
                 str(tmp_path / 'out.pth')]) != 0
    message = capsys.readouterr().err
    assert 'tensorflow_to_npz.py' in message and 'tensorflow-cpu' in message
    assert not (tmp_path / 'out.pth').exists()


@pytest.mark.parametrize(('content', 'word'), [
    (None, 'model.ckpt.data-00000-of-00001'),
    (b'version https://git-lfs.github.com/spec/v1\noid sha256:1', 'git lfs')])
def test_missing_and_unfetched_files(content, word, tmp_path):
    if content:
        (tmp_path / 'model.ckpt.data-00000-of-00001').write_bytes(content)
    with pytest.raises(ConversionError, match=word):
        convert_file('eevrsr', tmp_path / 'model.ckpt', tmp_path / 'o.pth')


def test_npz_of_another_checkpoint(tmp_path):
    variables = official('all')
    np.savez(tmp_path / 'variables.npz', **with_leftovers(variables))
    convert_file('eevrsr', tmp_path / 'variables.npz', tmp_path / 'o.pth')
    state = load_network(str(tmp_path / 'o.pth')).state_dict()
    convert_file('eevrsr', tmp_path / 'variables.npz',
                 tmp_path / 'o.safetensors')
    assert state.keys() == load_network(
        str(tmp_path / 'o.safetensors')).state_dict().keys()
    expected = convert_state_dict('eevrsr', variables)
    assert torch.equal(state['derain.conv_in.weight'],
                       expected['derain.conv_in.weight'])


def test_an_npz_cannot_bring_code(tmp_path):
    np.savez(tmp_path / 'bad.npz', a=np.array([print], dtype=object))
    with pytest.raises(ConversionError, match='bad.npz'):
        convert_file('eevrsr', tmp_path / 'bad.npz', tmp_path / 'o.pth')
    (tmp_path / 'torn.npz').write_bytes(b'PK\x03\x04torn')
    with pytest.raises(ConversionError, match='torn.npz'):
        convert_file('eevrsr', tmp_path / 'torn.npz', tmp_path / 'o.pth')


def test_the_script_explains_that_tensorflow_is_missing(tmp_path):
    # a module of that name without its content, whether it is here or not
    (tmp_path / 'tensorflow.py').write_text('raise ImportError\n')
    result = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / 'tensorflow_to_npz.py'), 'a',
         'b.npz'], env=dict(PYTHONPATH=str(tmp_path)), capture_output=True,
        text=True)
    assert result.returncode == 2
    assert 'pip install tensorflow-cpu' in result.stderr
    assert 'Traceback' not in result.stderr


def test_the_table_fits_the_networks():
    releases = json.loads(conversion.RELEASES.read_text()).values()
    assert [entry['release'] for entry in releases] == [
        'EEVRSR_all', 'EEVRSR_derain_only']
    for entry, variant in zip(releases, reference.VARIANTS, strict=True):
        shapes = {name: tuple(shape)
                  for name, shape, _ in entry['variables']}
        for name, shape in reference.official_shapes(variant).items():
            assert shapes[name] == shape


def test_the_released_checkpoints(shared, tmp_path):
    for variant, method in reference.METHODS.items():
        source = shared / 'data' / 'weights' / f'EEVRSR_{variant}'
        output = tmp_path / f'{variant}.pth'
        convert_file(method, source / 'model.ckpt', output)
        network = load_network(str(output))
        table = json.loads(
            (shared / 'reference' / 'eevrsr' / f'variables_{variant}.json'
             ).read_text())
        recorded = {entry['name']: entry for entry in table['variables']}
        steps = dict(all=112000, derain_only=82000)[variant]
        for name, value in network.state_dict().items():
            source_name, = CONVERSION.sources(name)[0]
            if name.endswith('num_batches_tracked'):
                assert abs(int(value) - steps) <= 1
                continue
            value = value.permute(2, 3, 1, 0) if value.ndim == 4 else value
            digest = hashlib.sha256(value.numpy().tobytes()).hexdigest()
            assert digest == recorded[source_name]['sha256']
