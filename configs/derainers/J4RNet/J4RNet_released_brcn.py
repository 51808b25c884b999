"""The official test on real clips: the released BRCN-type network in tiles.

Tiles of 32 pixels every 16, of which the inner 16 count, over frames extended
by replication. Of a window of nine frames those restored are the seven that
see both of their neighbours; the official script restores the middle one, to
the same result.
"""

_base_ = ['../_base_/default_runtime.py',
          '../_base_/datasets/rainpractical.py']

model = dict(
    type='J4RDerainer',
    generator=dict(type='J4RReleasedBRCNNet'),
    pixel_loss=dict(type='MSELoss', loss_weight=1.0),
    test_cfg=dict(
        window=9, stride=7, tile=(32, 32), tile_overlap=16, margin=16))
