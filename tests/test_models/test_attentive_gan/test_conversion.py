"""The official ``gen.pkl``: its names, its channels, its old file format."""

import pickle

import pytest
import torch

from mmderain.checkpoints import (
    ConversionError,
    convert_file,
    convert_state_dict,
)
from mmderain.checkpoints.description import load_network
from mmderain.checkpoints.safe_loading import UnsafeCheckpointError
from mmderain.cli.convert import main
from mmderain.models import AttentiveGANGenerator
from mmderain.models.attentive_gan.conversion import CONVERSION
from tests.helpers import attentive_gan_reference as reference


@pytest.fixture(scope='module')
def official() -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in
            reference.official_weights('generator', 'default').items()}


def test_every_official_variable_has_a_place():
    with torch.device('meta'):
        network = AttentiveGANGenerator()
    sources = [CONVERSION.sources(name)[0] for name in network.state_dict()]
    assert sorted(name for names in sources for name in names) == sorted(
        reference.official_shapes('generator'))


def test_values_arrive_where_they_belong(official):
    converted = convert_state_dict('attentive_gan', official)
    for theirs, ours in (
            ('det_conv3.2.weight', 'attention.blocks.2.conv2.weight'),
            ('conv_f.0.bias', 'attention.lstm.forget_gate.bias'),
            ('conv_g.0.weight', 'attention.lstm.cell_gate.weight'),
            ('diconv3.0.weight', 'autoencoder.context.4.weight'),
            ('conv6.0.bias', 'autoencoder.encode_quarter.4.bias'),
            ('deconv2.0.weight', 'autoencoder.upsample_full.conv.weight')):
        assert torch.equal(converted[ours], official[theirs]), ours


def test_channels_are_turned_where_an_image_goes_in_or_out(official):
    converted = convert_state_dict('attentive_gan', official)
    turned = {
        'attention.conv_in.weight': 'det_conv0.0.weight',
        'autoencoder.encode_full.0.weight': 'conv1.0.weight'}
    for ours, theirs in turned.items():
        assert torch.equal(converted[ours][:, :3],
                           official[theirs][:, :3].flip(1))
        # the attention map stays the last one
        assert torch.equal(converted[ours][:, 3], official[theirs][:, 3])
    for ours, theirs in (('full_head', 'output.0'),
                         ('half_head.0', 'outframe2.0'),
                         ('quarter_head.0', 'outframe1.0')):
        for kind in ('weight', 'bias'):
            assert torch.equal(converted[f'autoencoder.{ours}.{kind}'],
                               official[f'{theirs}.{kind}'].flip(0))


class _OldPickle:
    """A pickle module that writes tensors as PyTorch 0.3 did."""

    class Pickler(pickle._Pickler):

        def reducer_override(self, value):
            if isinstance(value, torch.Tensor):
                return torch._utils._rebuild_tensor, (
                    value._typed_storage(), value.storage_offset(),
                    tuple(value.shape), value.stride())
            return NotImplemented

    dumps, dump = pickle.dumps, staticmethod(
        lambda *args, **kwargs: pickle.dump(*args, **kwargs))


def _save_as_then(value, path) -> None:
    """The file format before PyTorch 1.6, tensors before 0.4."""
    torch.save(value, path, pickle_module=_OldPickle, pickle_protocol=2,
               _use_new_zipfile_serialization=False)


def test_a_file_of_an_old_pytorch_is_converted_safely(official, tmp_path,
                                                      capsys):
    source, output = tmp_path / 'gen.pkl', tmp_path / 'attentive_gan.pth'
    _save_as_then(official, source)
    content = source.read_bytes()
    assert b'_rebuild_tensor\n' in content and content[:2] != b'PK'
    assert main(['attentive_gan', str(source), str(output)]) == 0
    said = capsys.readouterr().out
    assert '70 tensors of attentive_gan' in said
    assert said.endswith(f'--checkpoint {output}\n')
    network = load_network(str(output))
    assert isinstance(network, AttentiveGANGenerator)
    assert torch.equal(network.autoencoder.full_head.bias,
                       official['output.0.bias'].flip(0))


def test_an_old_file_that_asks_for_more_is_refused(tmp_path):
    class Payload:

        def __reduce__(self):
            return eval, ('1 + 1', )

    source = tmp_path / 'gen.pkl'
    torch.save({'det_conv0.0.weight': Payload()}, source,
               _use_new_zipfile_serialization=False)
    with pytest.raises(UnsafeCheckpointError, match='gen.pkl'):
        convert_file('attentive_gan', source, tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()


def test_another_network_is_named(official):
    discriminator = {
        name: torch.from_numpy(value) for name, value in
        reference.official_weights('discriminator', 'default').items()}
    with pytest.raises(ConversionError) as caught:
        convert_state_dict('attentive_gan', discriminator)
    assert 'unknown: conv_mask.0.bias' in str(caught.value)
    assert 'missing: det_conv0.0.weight' in str(caught.value)
    narrow = dict(official)
    narrow['det_conv0.0.weight'] = narrow['det_conv0.0.weight'][:, :3]
    with pytest.raises(ConversionError, match=r'det_conv0\.0\.weight has the '
                       r'shape \(32, 3, 3, 3\)'):
        convert_state_dict('attentive_gan', narrow)
