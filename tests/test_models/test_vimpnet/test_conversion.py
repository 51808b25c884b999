import numpy as np
import pytest
import torch

from mmderain.checkpoints import convert_file, convert_state_dict
from mmderain.checkpoints.description import load_network
from mmderain.checkpoints.rules import ConversionError
from mmderain.models import ViMPNet
from mmderain.models.vimpnet.conversion import CONVERSION
from tests.helpers import vimpnet_reference as reference


@pytest.fixture(scope='module')
def names() -> dict[str, str]:
    """From the official to our name."""
    with torch.device('meta'):
        network = ViMPNet()
    return {CONVERSION.sources(name)[0][0]: name
            for name in network.state_dict()}


@pytest.fixture
def official() -> dict[str, torch.Tensor]:
    """Official variables of the right shapes, each of one value."""
    return {name: torch.full(shape, index + 1.0)
            for index, (name, shape) in enumerate(
                reference.official_shapes().items())}


def test_every_official_variable_has_a_place(names):
    assert set(names) == set(reference.official_shapes())
    assert len(set(names.values())) == 312


def test_values_arrive_where_they_belong(official, names):
    converted = convert_state_dict('vimpnet', official)
    ViMPNet().load_state_dict(converted)
    for theirs, ours in names.items():
        assert (converted[ours] == official[theirs].flatten()[0]).all()
    # a sample of the names, by hand
    dual = 'Dual_Raindrop_gnostic_Transformer'
    for theirs, ours in (
            ('S_mask_drop.2.weight', 'drop_head.conv_mid.weight'),
            ('backbone.backward_1.main.2.3.conv1.bias',
             'backward_branch.backbone.main.2.3.conv1.bias'),
            ('deform_align.forward_1.weight',
             'forward_branch.alignment.weight'),
            (f'{dual}.downdrop2.conv1.weight',
             'raindrop_transformer.masked_encoder.down1.weight'),
            (f'{dual}.transformer1.ffn2.conv.3.bias',
             'raindrop_transformer.blocks.1.ffn2.2.bias'),
            (f'{dual}.transformer.attention.value_embedding.weight',
             'raindrop_transformer.blocks.0.attention.value.weight')):
        assert (converted[ours] == official[theirs].flatten()[0]).all()


def test_takes_a_training_checkpoint_and_arrays(official):
    arrays = {f'generator.{name}': value.numpy()
              for name, value in official.items()}
    arrays['step_counter'] = np.zeros(1, np.float32)
    converted = convert_state_dict('vimpnet', arrays)
    assert len(converted) == 312
    assert all(value.dtype == torch.float32 for value in converted.values())


def test_says_what_is_missing_unknown_and_misshapen(official):
    del official['S_mask_streak.2.bias']
    official['S_mask_rain.0.weight'] = torch.zeros(1)
    # would fit without the axis of time
    official['conv_last.weight'] = torch.zeros(3, 16, 3, 3)
    official['feat_extract.0.weight'] = torch.zeros(64, 1, 3, 3)
    with pytest.raises(ConversionError) as caught:
        convert_state_dict('vimpnet', official)
    text = str(caught.value)
    assert 'missing: S_mask_streak.2.bias' in text
    assert 'unknown: S_mask_rain.0.weight' in text
    assert 'conv_last.weight has the shape (3, 16, 3, 3)' in text
    assert ('feat_extract.0.weight has the shape (64, 1, 3, 3); the network '
            'needs (64, 3, 3, 3)') in text


def test_a_long_list_is_cut_but_counted(official):
    with pytest.raises(ConversionError, match='and 303 more missing'):
        convert_state_dict('vimpnet', dict(list(official.items())[:1]))


def test_refuses_what_is_not_an_array(official):
    official['conv_last.bias'] = 'text'
    with pytest.raises(ConversionError,
                       match='conv_last.bias: expected an array, got str'):
        convert_state_dict('vimpnet', official)


def test_converts_a_smaller_network():
    arguments = dict(mid_channels=32, num_blocks=1)
    network = ViMPNet(**arguments)
    official = {}
    for name, value in network.state_dict().items():
        source = CONVERSION.sources(name)[0][0]
        for undo in (lambda v: v, lambda v: v.unsqueeze(2),
                     lambda v: v.flatten(1), lambda v: v.flatten(1).t(),
                     lambda v: v.flatten()):
            official[source] = undo(value)
            if official[source].ndim == len(
                    reference.official_shapes()[source]):
                break
    # the two layers whose kernels are cut out of a matrix, told apart
    composition = 'Dual_Raindrop_gnostic_Transformer.sc.embedding.weight'
    official[composition] = official[composition].t()
    converted = convert_state_dict('vimpnet', official, **arguments)
    for name, value in network.state_dict().items():
        assert torch.equal(converted[name], value), name


def test_file_to_file(official, tmp_path):
    source, output = tmp_path / 'official.pth', tmp_path / 'ours.pth'
    torch.save(dict(meta={}, state_dict=dict(
        {f'generator.{name}': value for name, value in official.items()},
        step_counter=torch.zeros(1))), source)
    assert convert_file('vimpnet', source, output) == 312
    network = load_network(str(output))
    assert isinstance(network, ViMPNet)
    assert (network.streak_free_head.bias
            == official['conv_last.bias'][0]).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'official.pth', 'ours.pth']


def test_another_file_is_named(tmp_path):
    source = tmp_path / 'other.pth'
    torch.save(dict(layer=torch.zeros(2)), source)
    with pytest.raises(ConversionError, match='(?s)other.pth.*unknown: layer'):
        convert_file('vimpnet', source, tmp_path / 'out.pth')
    torch.save(torch.zeros(2), source)
    with pytest.raises(ConversionError, match='got a Tensor'):
        convert_file('vimpnet', source, tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()
