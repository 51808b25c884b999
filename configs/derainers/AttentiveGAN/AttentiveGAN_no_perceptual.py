"""Without the perceptual loss, where VGG16's weights cannot be had."""

_base_ = 'AttentiveGAN.py'

model = dict(perceptual_loss=None)
