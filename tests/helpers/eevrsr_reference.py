"""Weights, inputs and recorded outputs of the official EEVRSR.

The official TensorFlow code ran once, in float32 and in float64, with the
weights and the clip that the functions here make again bit by bit;
``tests/data/eevrsr`` holds what it returned (warped frames and flows at every
third row and column, layers at two corners).
"""

import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmderain.checkpoints import convert_state_dict
from mmderain.models import EEVRSRNet

DATA = Path(__file__).parents[1] / 'data' / 'eevrsr'
STEP = 3
VARIANTS = ('all', 'derain_only')
METHODS = dict(all='eevrsr', derain_only='eevrsr_derain_only')
_SIZE = (64, 96)
_STAGES = (('Large', 'a', (7, 5, 7, 5, 3), 2, 32),
           ('X4', 'b', (5, 3, 5, 3, 3), 5, 32),
           ('X2', 'c', (5, 3, 3, 3, 3), 5, 8))
_DENSE = ('DerainNet/DerainNet_DenseBlock/DerainNet_DenseBlock_Dense_B_Layer'
          '{0}/DerainNet_DenseBlock_Dense_B_Layer{0}_')


def official_shapes(variant: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the variables that inference reads."""
    shapes = {}
    if variant == 'all':
        for scope, letter, kernels, first, last in _STAGES:
            channels = [first, 24, 24, 24, 24, last]
            for index, kernel in enumerate(kernels):
                name = f'MCNet/{scope}/{letter}{index + 1}'
                before, after = channels[index:index + 2]
                shapes[f'{name}/weights'] = (kernel, kernel, before, after)
                shapes[f'{name}/biases'] = (after, )
                if index < 4:
                    shapes[f'{name}/PReLU/alphas'] = (after, )

    def conv(name: str, kernel: int, before: int, after: int) -> None:
        shapes[f'{name}/W'] = (kernel, kernel, before, after)
        shapes[f'{name}/b'] = (after, )

    def norm(name: str, channels: int) -> None:
        for part in ('gamma', 'beta', 'moving_mean', 'moving_variance'):
            shapes[f'{name}/{part}'] = (channels, )

    conv('DerainNet/DerainNet_conv1', 7, 5, 24)
    for index in range(6):
        name = _DENSE.format(index + 1)
        norm(f'{name}BN1', 24 + 12 * index)
        conv(f'{name}conv1x1', 1, 24 + 12 * index, 48)
        norm(f'{name}BN2', 48)
        conv(f'{name}conv3x3', 3, 48, 12)
    norm('DerainNet/DerainNet_BN1', 12)
    conv('DerainNet/DerainNet_conv2', 1, 12, 6)
    norm('DerainNet/DerainNet_BN2', 6)
    conv('DerainNet/DerainNet_conv3', 5, 6, 1)
    return shapes


def official_weights(variant: str) -> dict[str, np.ndarray]:
    """The weights that the official code ran with."""
    return {name: _weight(name, shape).astype(np.float32)
            for name, shape in official_shapes(variant).items()}


def _weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    seed = zlib.crc32(name.encode())
    noise = np.random.RandomState(seed).standard_normal(shape)
    *_, scope, kind = name.split('/')
    if kind in ('weights', 'W'):
        # small flows and a small residual
        gain = dict.fromkeys(('a5', 'b5', 'c5'), 0.03).get(scope, 1.0)
        gain = 0.3 if scope == 'DerainNet_conv3' else gain
        return noise * (gain * np.sqrt(2.0 / np.prod(shape[:3])))
    return {'biases': 0.02 * noise, 'b': 0.02 * noise,
            'alphas': 0.25 + 0.05 * noise, 'gamma': 1 + 0.1 * noise,
            'beta': 0.1 * noise, 'moving_mean': 0.1 * noise,
            'moving_variance': 1 + 0.1 * np.abs(noise)}[kind]


def make_network(variant: str, dtype: torch.dtype) -> EEVRSRNet:
    """Our network with the official weights, in evaluation mode."""
    network = EEVRSRNet(motion_compensation=variant == 'all')
    network.load_state_dict(convert_state_dict(
        METHODS[variant], official_weights(variant)))
    return network.to(dtype).eval()


def make_levels() -> np.ndarray:
    """The clip (5, 64, 96) in 8 bits: drifting noise under streaks."""
    height, width = _SIZE
    noise = np.random.RandomState(2019).randint(
        0, 256, size=(height + 16, width + 16)).astype(np.int64)
    for _ in range(2):
        padded = np.pad(noise, 2, mode='edge')
        noise = sum(padded[i:i + height + 16, j:j + width + 16]
                    for i in range(5) for j in range(5)) // 25
    noise = np.clip((noise - 128) * 4 + 128, 0, 255)
    y, x = np.mgrid[:height, :width]
    frames = []
    for index in range(5):
        frame = noise[4 + index // 2:, 4 + index:][:height, :width].copy()
        streak = (((5 * x + y + 37 * index**2) % 83 < 5)
                  & ((y + 11 * index) // 9 % 3 == 0))
        frame[streak] += 70
        frames.append(np.clip(frame, 0, 255))
    return np.stack(frames).astype(np.uint8)


def make_clip(dtype: torch.dtype) -> Tensor:
    """The clip as the network takes it, (1, 5, 1, 64, 96)."""
    levels = torch.from_numpy(make_levels())
    return (levels.double() / 255).to(dtype)[None, :, None]


def recorded(name: str) -> dict[str, np.ndarray]:
    """A recording: 'random' or 'units'."""
    with np.load(DATA / f'{name}.npz') as file:
        return dict(file)


def taps(network: EEVRSRNet) -> dict[str, torch.nn.Module]:
    """The official name of a layer's output -> the module that returns it."""
    modules = {}
    if network.motion is not None:
        for stage, (scope, letter, *_) in zip(network.motion.stages, _STAGES,
                                              strict=True):
            for index in range(5):
                modules[f'MCNet/{scope}/{letter}{index + 1}'] = \
                    stage[2 * index + 1]
    derain = network.derain
    modules['DerainNet/DerainNet_conv1'] = derain.conv_in
    for index, layer in enumerate(derain.layers):
        name = _DENSE.format(index + 1)
        modules[f'{name}conv1x1'] = layer.conv1
        modules[f'{name}conv3x3'] = layer.conv2
    modules['DerainNet/DerainNet_conv2'] = derain.conv1
    modules['DerainNet/DerainNet_conv3'] = derain.conv_out
    return modules
