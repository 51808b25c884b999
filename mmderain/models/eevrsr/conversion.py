"""EEVRSR: the names of the official TensorFlow checkpoints."""

import os
from pathlib import Path

import numpy as np
from torch import Tensor

from mmderain.checkpoints.readers.tensorflow import read_tensorflow
from mmderain.checkpoints.rules import Conversion, Rule

RELEASES = Path(__file__).with_name('releases.json')


def read(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read a released file; see :func:`read_tensorflow`."""
    return read_tensorflow(path, RELEASES)


def _to_conv(value: Tensor) -> Tensor:
    """(kh, kw, in, out) -> (out, in, kh, kw)."""
    return value.permute(3, 2, 0, 1)


def _to_number(value: Tensor) -> Tensor:
    """(1, ) or () -> ()."""
    return value.reshape(())


def _motion_rules() -> list[Rule]:
    """A stage of ours is a sequence: convolution, activation, ..."""
    rules = []
    for stage, (scope, letter) in enumerate(
            (('Large', 'a'), ('X4', 'b'), ('X2', 'c'))):
        for index in range(5):
            official = f'MCNet/{scope}/{letter}{index + 1}'
            conv, activation = (rf'motion\.stages\.{stage}\.{2 * index + step}'
                                for step in range(2))
            rules += [
                Rule(rf'{conv}\.weight', f'{official}/weights', _to_conv),
                Rule(rf'{conv}\.bias', f'{official}/biases'),
                Rule(rf'{activation}\.weight', f'{official}/PReLU/alphas'),
            ]
    return rules


def _conv_rules(ours: str, official: str) -> list[Rule]:
    return [Rule(rf'derain\.{ours}\.weight', f'{official}/W', _to_conv),
            Rule(rf'derain\.{ours}\.bias', f'{official}/b')]


def _norm_rules(ours: str, official: str) -> list[Rule]:
    names = dict(weight='gamma', bias='beta', running_mean='moving_mean',
                 running_var='moving_variance')
    rules = [Rule(rf'derain\.{ours}\.{name}', f'{official}/{variable}')
             for name, variable in names.items()]
    # The counter of the debiasing; its scope stands in its name twice. What
    # was not trained has none.
    counter = f'{official}/{official}/moving_mean/local_step'
    return [*rules, Rule(rf'derain\.{ours}\.num_batches_tracked', counter,
                         _to_number, default=0)]


def _derain_rules() -> list[Rule]:
    scope = 'DerainNet/DerainNet_'
    rules = [*_conv_rules('conv_in', f'{scope}conv1'),
             *_norm_rules('norm1', f'{scope}BN1'),
             *_conv_rules('conv1', f'{scope}conv2'),
             *_norm_rules('norm2', f'{scope}BN2'),
             *_conv_rules('conv_out', f'{scope}conv3')]
    for index in range(6):
        name = f'DerainNet_DenseBlock_Dense_B_Layer{index + 1}'
        layer = f'{scope}DenseBlock/{name}/{name}_'
        for part, kernel in ((1, '1x1'), (2, '3x3')):
            rules += [
                *_norm_rules(rf'layers\.{index}\.norm{part}',
                             f'{layer}BN{part}'),
                *_conv_rules(rf'layers\.{index}\.conv{part}',
                             f'{layer}conv{kernel}')]
    return rules


# Optimiser slots, the powers of its betas, the step, and the biased sums that
# the moving statistics were computed from. Whole names: the sums' names end
# like those of the statistics.
CONVERSION = Conversion(
    rules=(*_motion_rules(), *_derain_rules()),
    left_out=(r'.*/Adam(_1)?', r'beta[12]_power', 'Variable',
              r'.*/moving_(mean|variance)/biased',
              r'.*/moving_variance/local_step'))
