"""Weights, inputs and recorded outputs of the official Attentive GAN.

The official code ran once, in float32, with the weights and inputs that the
functions here make again bit by bit; ``tests/data/attentive_gan`` holds a part
of what it returned: every third or fifth row and column (coprime to the
strides) and the statistics of whole images. Of the two sets of weights
``strong`` keeps the signal alive down to the output, so that a mistake of one
per cent in any layer shows there; ``default`` is close to an untrained net.

Channels are in the official order, BGR; random numbers know of none.
"""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor

DATA = Path(__file__).parents[1] / 'data' / 'attentive_gan'
# deviation of the weights times the root of the fan in, and of the biases
_SPREADS = dict(default=(0.7, 0.02), strong=(1.4, 0.1))
_RELATIVE = dict(default=2e-6, strong=1e-5)


def official_shapes(network: str) -> dict[str, tuple[int, ...]]:
    """Names and shapes of ``generator`` or ``discriminator``, in order."""
    entries = json.loads((DATA / 'official_state_dicts.json').read_text())
    return {name: tuple(shape) for name, shape in entries[network]}


def official_weights(network: str, case: str) -> dict[str, np.ndarray]:
    """The weights that the official code ran with."""
    gain, bias = _SPREADS[case]
    weights = {}
    for name, shape in official_shapes(network).items():
        random = np.random.RandomState(zlib.crc32(name.encode()))
        deviation = bias if len(shape) == 1 else gain * np.sqrt(
            1.0 / np.prod(shape[1:]))
        weights[name] = (random.standard_normal(shape)
                         * deviation).astype(np.float32)
    return weights


def make_input(*shape: int) -> np.ndarray:
    """The input of a recorded run: noise in [0, 1]."""
    random = np.random.RandomState(zlib.crc32(b'input'))
    return random.rand(*shape).astype(np.float32)


def check(case: str, name: str, value: Tensor,
          part: Callable[[np.ndarray], np.ndarray] = lambda v: v) -> None:
    """Compare with a recorded array.

    The tolerance is above the float32 noise of the official code (zero to
    3.4e-6 against float64) and far below the smallest effect of a mistake.

    Args:
        case: ``default`` or ``strong``.
        name: In the file.
        value: What we computed.
        part: What of it was recorded.
    """
    with np.load(DATA / f'{case}.npz') as recorded:
        expected = recorded[name]
    got = part(value.numpy())
    assert got.shape == expected.shape, name
    limit = 2e-6 + _RELATIVE[case] * np.abs(expected).max()
    error = np.abs(got.astype(np.float64) - expected).max()
    assert error <= limit, (name, error, limit)


def check_image(case: str, name: str, value: Tensor) -> None:
    """Compare an output (1, c, h, w) of the generator with the recorded."""
    name = f'generator_{name}'
    with np.load(DATA / f'{case}.npz') as recorded:
        step = int(recorded[f'{name}_step'])
    check(case, name, value, lambda v: v[..., ::step, ::step])

    def statistics(image: np.ndarray) -> np.ndarray:
        channels = image[0].reshape(image.shape[1], -1).astype(np.float64)
        return np.stack([channels.mean(1), channels.std(1), channels.min(1),
                         channels.max(1)], axis=1)

    check(case, f'{name}_statistics', value, statistics)
