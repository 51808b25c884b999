"""J4R-Net's BRCN-type network: the layers of the released caffemodel.

``rain_removal_BRCN_type_iter_90000.caffemodel`` of
github.com/flyywh/J4RNet-Deep-Video-Deraining-CVPR-2018. MATLAB hands images
to Caffe transposed, so every kernel is turned here.
"""

from mmderain.checkpoints.readers.caffe import (
    read_caffemodel,
    turned_convolutions,
)
from mmderain.checkpoints.rules import Conversion

CONVERSION = Conversion(rules=turned_convolutions({
    'extractor.first': 'Convolution1',
    'extractor.blocks.0.conv1': 'Convolution2',
    'extractor.blocks.0.conv2': 'Convolution3',
    'extractor.blocks.1.conv1': 'Convolution4',
    'extractor.blocks.1.conv2': 'Convolution5',
    'extractor.blocks.2.conv1': 'Convolution6',
    'extractor.blocks.2.conv2': 'Convolution7',
    'shrink': 'Eltwise3_shrink',
    'motion.0': 'motion_seg_conv1',
    'motion.1': 'motion_seg_conv2',
    'from_before': 'BRCN_L1_pre_res_two',
    'from_after': 'BRCN_L1_tail_res_two',
    'expand': 'Eltwise_BRCN_L1_expand',
    'temporal_block.conv1': 'Convolution8',
    'temporal_block.conv2': 'Convolution9',
    'last_block.conv1': 'Convolution10',
    'last_block.conv2': 'Convolution11',
    'last': 'Convolution12',
}))

read = read_caffemodel
