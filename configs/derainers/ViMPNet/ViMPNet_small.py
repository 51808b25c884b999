"""A small ViMP-Net that learns on two cores, for the demo and first tries.

2.8 M parameters instead of 36.9 M, clips of 3 frames, crops of 64 pixels. The
sizes, rates and the start of the drop mask are our choice; the losses are the
official ones. Test windows have the length of the training clips: a network
trained on 3 frames is worse on 5.
"""

_base_ = 'ViMPNet.py'

model = dict(
    generator=dict(
        mid_channels=32,
        num_blocks=1,
        spynet_pretrained=None,
    ),
    test_cfg=dict(window=3, stride=1, tile=None))
