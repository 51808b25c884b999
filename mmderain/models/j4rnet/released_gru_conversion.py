"""J4R-Net's released GRU definition: its layers in Caffe.

``deploy_rain_removal_frame_GRU_SI_detection.prototxt`` of
github.com/flyywh/J4RNet-Deep-Video-Deraining-CVPR-2018. Weights for it were
not released; a caffemodel would repeat a shared parameter under every layer
that uses it. Kernels are turned as for the BRCN-type network.
"""

from mmderain.checkpoints.readers.caffe import (
    read_caffemodel,
    turned_convolutions,
)
from mmderain.checkpoints.rules import Conversion


def _steps(layer: str, count: int) -> tuple[str, ...]:
    return tuple(f'GRUPre_timestep{step}_{layer}'
                 for step in range(1, count + 1))


CONVERSION = Conversion(
    # constant maps, which Caffe computes with convolutions
    left_out=('(one|zeros)_map/(weight|bias)', ),
    rules=turned_convolutions({
        'extractor.first': 'Convolution1',
        'extractor.blocks.0.conv1': 'Convolution2',
        'extractor.blocks.0.conv2': 'Convolution3',
        'extractor.blocks.1.conv1': 'Convolution4',
        'extractor.blocks.1.conv2': 'Convolution5',
        'extractor.blocks.2.conv1': 'Convolution6',
        'extractor.blocks.2.conv2': 'Convolution7',
        'extractor.blocks.3.conv1': 'Convolution8',
        'extractor.blocks.3.conv2': 'Convolution9',
        'update_gate': _steps('UG', 2),
        'read_gate': _steps('RG', 2),
        'candidate': _steps('Candy', 3),
        'occlusion.0': 'GRUPre_timestep3_mask_predict1',
        'occlusion.1': 'GRUPre_timestep3_mask_predict2',
        'last_update_gate': 'GRUPre_timestep3_UG',
        'last_read_gate': 'GRUPre_timestep3_RG',
        'last_block.conv1': 'Convolution10',
        'last_block.conv2': 'Convolution11',
        'last': 'Convolution12',
    }))

read = read_caffemodel
