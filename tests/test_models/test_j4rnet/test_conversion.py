import numpy as np
import pytest
import torch

from mmderain.checkpoints import (
    ConversionError,
    convert_file,
    convert_state_dict,
    load_network,
)
from mmderain.checkpoints.readers import caffe
from mmderain.models import J4RReleasedBRCNNet, J4RReleasedGRUNet
from tests.helpers import j4rnet_reference as reference

BRCN, GRU = 'j4rnet_released_brcn', 'j4rnet_released_gru'


def official(network):
    return reference.official_weights(network, 'strong')


def write_caffemodel(path, weights):
    """As Caffe does: the blobs of a layer in one message after another."""
    net = caffe._net_class()()
    layers = {}
    for name, value in weights.items():
        layer = name.rpartition('/')[0]
        if layer not in layers:
            layers[layer] = net.layer.add(name=layer)
        blob = layers[layer].blobs.add()
        blob.shape.dim.extend(value.shape)
        blob.data.extend(value.ravel().tolist())
    # a layer without weights, as a ReLU
    net.layer.add(name='ReLU1')
    path.write_bytes(net.SerializeToString())
    return path


@pytest.mark.parametrize(('method', 'network', 'count'), [
    (BRCN, 'brcn', 36), (GRU, 'gru', 38)])
def test_every_official_variable_has_a_place(method, network, count):
    converted = convert_state_dict(method, official(network))
    kind = dict(brcn=J4RReleasedBRCNNet, gru=J4RReleasedGRUNet)[network]
    assert len(converted) == count
    kind().load_state_dict(converted)


def test_values_arrive_turned_where_they_belong():
    weights = official('brcn')
    converted = convert_state_dict(BRCN, weights)
    for theirs, ours in (
            ('Convolution1', 'extractor.first'),
            ('Convolution6', 'extractor.blocks.2.conv1'),
            ('BRCN_L1_tail_res_two', 'from_after'),
            ('Convolution9', 'temporal_block.conv2'),
            ('Convolution12', 'last')):
        kernel = weights[f'{theirs}/weight']
        assert np.array_equal(converted[f'{ours}.weight'],
                              kernel.transpose(0, 1, 3, 2))
        assert np.array_equal(converted[f'{ours}.bias'],
                              weights[f'{theirs}/bias'])


def test_left_overs_of_weight_decay_become_zero():
    weights = official('brcn')
    weights['Convolution3/weight'][:] = 1e-21
    weights['Convolution3/weight'][0, 0, 0, 1] = -1e-19
    weights['shrink'] = weights.pop('Eltwise3_shrink/bias')
    weights['Eltwise3_shrink/bias'] = np.full_like(
        weights.pop('shrink'), -1e-40)
    converted = convert_state_dict(BRCN, weights)
    kernel = converted['extractor.blocks.0.conv2.weight']
    assert kernel.count_nonzero() == 1
    assert kernel[0, 0, 1, 0] == np.float32(-1e-19)
    assert converted['shrink.bias'].count_nonzero() == 0


def test_constant_maps_are_left_out_of_the_gru_network_alone():
    maps = {f'{name}_map/{part}': np.zeros(shape, np.float32)
            for name in ('one', 'zeros')
            for part, shape in (('weight', (64, 1, 1, 1)), ('bias', (64, )))}
    assert len(convert_state_dict(GRU, {**official('gru'), **maps})) == 38
    with pytest.raises(ConversionError, match='unknown: one_map/bias'):
        convert_state_dict(BRCN, {**official('brcn'), **maps})


def test_copies_of_a_shared_parameter_have_to_agree():
    weights = official('gru')
    weights['GRUPre_timestep2_Candy/bias'][5] += 1
    with pytest.raises(ConversionError, match='(?s)timestep1_Candy/bias.*'
                       'one parameter, but their values differ'):
        convert_state_dict(GRU, weights)


def test_says_what_is_missing_unknown_and_misshapen():
    weights = official('brcn')
    del weights['motion_seg_conv1/bias']
    weights['Convolution13/bias'] = np.zeros(2, np.float32)
    weights['Convolution12/weight'] = np.zeros((3, 64, 3, 3), np.float32)
    weights['Convolution11/weight'] = np.zeros((64, ), np.float32)
    with pytest.raises(ConversionError) as caught:
        convert_state_dict(BRCN, weights)
    text = str(caught.value)
    assert 'missing: motion_seg_conv1/bias' in text
    assert 'unknown: Convolution13/bias' in text
    assert ('Convolution12/weight has the shape (3, 64, 3, 3); the network '
            'needs (1, 64, 3, 3)') in text
    assert 'Convolution11/weight has the shape (64,)' in text


@pytest.mark.parametrize(('method', 'network'), [(BRCN, 'brcn'),
                                                 (GRU, 'gru')])
def test_file_to_file(method, network, tmp_path):
    source = write_caffemodel(tmp_path / 'official.caffemodel',
                              official(network))
    convert_file(method, source, tmp_path / 'ours.pth')
    ours = load_network(str(tmp_path / 'ours.pth'))
    with torch.no_grad():
        restored = ours(reference.make_clip()).restored
    reference.check_output(restored[0], network, 'strong')


def test_a_file_of_the_other_network_is_named(tmp_path):
    source = write_caffemodel(tmp_path / 'gru.caffemodel', official('gru'))
    with pytest.raises(ConversionError,
                       match='(?s)gru.caffemodel.*unknown: GRUPre_timestep1'):
        convert_file(BRCN, source, tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()


def test_damaged_and_other_files_are_refused(tmp_path):
    whole = write_caffemodel(tmp_path / 'whole.caffemodel',
                             official('brcn')).read_bytes()
    path = tmp_path / 'file.caffemodel'
    for content, message in (
            (whole[:len(whole) // 2], 'damaged or not a .caffemodel'),
            (b'\x89PNG\r\n\x1a\n' + bytes(60), 'damaged or not a .caffemodel'),
            (b'PK\x03\x04' + bytes(100), 'caffemodel'),
            (b'', 'holds no layers with weights'),
            # a valid message of another kind
            (b'\x0a\x03net', 'holds no layers with weights')):
        path.write_bytes(content)
        with pytest.raises(ConversionError, match=message):
            caffe.read_caffemodel(path)
    with pytest.raises(ConversionError, match='nowhere.*cannot be read'):
        caffe.read_caffemodel(tmp_path / 'nowhere')


def test_a_blob_that_is_not_full_is_refused(tmp_path):
    net = caffe._net_class()()
    blob = net.layer.add(name='Convolution1').blobs.add(data=[1., 2.])
    blob.shape.dim.extend((3, ))
    path = tmp_path / 'file.caffemodel'
    path.write_bytes(net.SerializeToString())
    with pytest.raises(ConversionError, match=r"'Convolution1' should .* "
                       r'shape \(3,\), but holds 2 numbers'):
        caffe.read_caffemodel(path)


def test_the_released_file(shared, tmp_path):
    source = (shared / 'data' / 'weights'
              / 'rain_removal_BRCN_type_iter_90000.caffemodel')
    assert convert_file(BRCN, source, tmp_path / 'ours.pth') == 36
    network = load_network(str(tmp_path / 'ours.pth'))
    values = torch.cat([value.flatten() for value in network.parameters()])
    assert isinstance(network, J4RReleasedBRCNNet)
    assert len(values) == 401_899
    # 68178 of the released ones are tiny, 17 %
    tiny = (values.abs() < 1e-20)
    assert tiny.sum() >= 68_178 and values[tiny].count_nonzero() == 0
