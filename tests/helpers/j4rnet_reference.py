"""Weights, inputs and recorded outputs of the two released J4R-Nets.

OpenCV evaluated the unmodified official definitions once, in float32, with
the weights and inputs that the functions here make again bit by bit;
``tests/data/j4rnet`` holds a part of the results: outputs in full, a part of
what lies between, and mean and deviation of every channel. Everything is in
Caffe's layout, which is transposed for a network of upright images.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmderain.checkpoints.conversion import convert_state_dict

DATA = Path(__file__).parents[1] / 'data' / 'j4rnet'

_TRUNK = {'Convolution1': (64, 1), 'Convolution12': (1, 64),
          **{f'Convolution{index}': (64, 64) for index in range(2, 12)}}
# Official layer -> channels out and in, of 3x3 kernels.
LAYERS = {
    'brcn': {
        **_TRUNK,
        'Eltwise3_shrink': (16, 64),
        'motion_seg_conv1': (8, 48),
        'motion_seg_conv2': (2, 8),
        'BRCN_L1_pre_res_two': (32, 16),
        'BRCN_L1_tail_res_two': (32, 16),
        'Eltwise_BRCN_L1_expand': (64, 16),
    },
    'gru': {
        **_TRUNK,
        **{f'GRUPre_timestep{step}_{name}': (64, 128)
           for name, steps in (('UG', 2), ('RG', 2), ('Candy', 3))
           for step in range(1, steps + 1)},
        'GRUPre_timestep3_mask_predict1': (64, 128),
        'GRUPre_timestep3_mask_predict2': (2, 64),
        'GRUPre_timestep3_UG': (64, 130),
        'GRUPre_timestep3_RG': (64, 130),
    },
}
# Gain of the weights and deviation of the biases. The default ones hide
# mistakes; with the strong ones every parameter shows at the output.
FILLERS = {'default': (0.7, 0.02), 'strong': (1.4, 0.1)}
# Relative part of the tolerance beside 2e-6, for the output and within;
# independent evaluations differ by a tenth of it.
_TOLERANCES = {'default': (4e-6, 0., 2e-6), 'strong': (2e-6, 1e-5, 1e-5)}


def _filler_key(layer: str, part: str) -> str:
    """Shared parameters are filled under the name that they share."""
    step, _, name = layer.removeprefix('GRUPre_timestep').partition('_')
    if name == 'Candy' or (name in ('UG', 'RG') and step in ('1', '2')):
        return f'{name}_{part[0]}'
    return f'{layer}/{part}'


def official_weights(network: str, filler: str) -> dict[str, np.ndarray]:
    """From official names to the weights that the reference ran with."""
    gain, deviation = FILLERS[filler]
    weights = {}
    for layer, (out_channels, in_channels) in LAYERS[network].items():
        for part, shape, scale in (
                ('weight', (out_channels, in_channels, 3, 3),
                 gain * np.sqrt(1 / (9 * in_channels))),
                ('bias', (out_channels, ), deviation)):
            seed = zlib.crc32(_filler_key(layer, part).encode())
            random = np.random.RandomState(seed).standard_normal(shape)
            weights[f'{layer}/{part}'] = (random * scale).astype(np.float32)
    return weights


def load_weights(model: torch.nn.Module, network: str, filler: str) -> None:
    """Give a network the weights of the reference."""
    model.load_state_dict(convert_state_dict(
        f'j4rnet_released_{network}', official_weights(network, filler)))


def make_clip() -> Tensor:
    """The input (1, 9, 1, 32, 32), turned for a network of upright images."""
    random = np.random.RandomState(zlib.crc32(b'input')).rand(9, 1, 32, 32)
    return torch.from_numpy(random.astype(np.float32))[None].mT


def check(values: dict[str, Tensor], network: str, filler: str) -> None:
    """Compare with what was recorded.

    Args:
        values: Tensors (9, c, 32, 32) of upright images by the name under
            which they were recorded; all of them have to be there.
        network: ``brcn`` or ``gru``.
        filler: A name of ``FILLERS``.
    """
    with np.load(DATA / f'{network}_{filler}.npz') as recorded:
        names = {name for name in recorded.files
                 if not name.endswith(('_mean', '_std'))}
        assert set(values) == names
        for name, value in values.items():
            _check(name, value.mT.numpy(), recorded, filler)


def check_output(value: Tensor, network: str, filler: str) -> None:
    """Compare the output alone."""
    with np.load(DATA / f'{network}_{filler}.npz') as recorded:
        _check('output', value.mT.numpy(), recorded, filler)


def _check(name: str, value: np.ndarray, recorded: Mapping[str, np.ndarray],
           filler: str) -> None:
    output, output_relative, relative = _TOLERANCES[filler]
    expected = recorded[name]
    step = -(-value.shape[2] // expected.shape[2])
    every = value.shape[1] // expected.shape[1]
    got = value[:, ::every, ::step, ::step]
    assert got.shape == expected.shape, name
    limit = 2e-6 + relative * np.abs(expected).max()
    if name == 'output':
        limit = output + output_relative * np.abs(expected).max()
    error = np.abs(got.astype(np.float64) - expected).max()
    assert error <= limit, (name, error)
    if f'{name}_mean' in recorded:
        planes = value.astype(np.float64)
        for part in ('mean', 'std'):
            error = np.abs(getattr(planes, part)((2, 3))
                           - recorded[f'{name}_{part}']).max()
            assert error <= limit, (name, part, error)
