"""Losses, learning rate and metrics in TensorBoard, too."""

_base_ = 'ViMPNet.py'

vis_backends = [
    dict(type='LocalVisBackend'),
    dict(type='TensorboardVisBackend'),
]
visualizer = dict(vis_backends=vis_backends)
