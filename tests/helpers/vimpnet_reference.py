"""Weights, inputs and recorded outputs of the official ViMP-Net.

The official code ran once, in float32, with the weights and inputs that the
functions here make again bit by bit; ``tests/data/vimpnet`` holds a part of
what it returned: every fifth or fifteenth row and column (coprime to the
pixel shuffles) and the statistics of whole frames.
"""

import json
import re
import zlib
from pathlib import Path

import numpy as np
from torch import Tensor

DATA = Path(__file__).parents[1] / 'data' / 'vimpnet'

# The first rule that matches an official name holds: the deviation of its
# weights is gain / sqrt(fan in). One gain for all would let the signal die
# or explode, and then mistakes would not show.
_GAINS = (
    (r'^spynet\..*\.4\.conv\.weight$', 1.0),
    (r'^spynet\.', 1.4),
    (r'^backbone\..*\.conv2\.weight$', 0.3),
    (r'(main\.2|res_blocks)\.\d+\.conv2\.weight$', 0.4),
    (r'^backbone\..*\.main\.0\.weight$', 0.8),
    (r'^deform_align\..*conv_offset\.6\.weight$', 0.4),
    (r'^deform_align\.\w+\.weight$', 1.2),
    (r'^reconstruction\.input_conv', 0.8),
    (r'conv_before_upsample', 1.0),
    (r'^S_mask_streak\.4', 2.0),
    (r'^S_mask_drop\.4', 1.0),
    (r'^conv_last', 0.2),
    (r'(query|key)_embedding', 2.5),
    (r'(output_linear|ffn\d?\.conv\.3)\.weight$', 0.7),
    (r'\.ss\.embedding', 4.0),
    (r'\.TokenLearner\.', 1.0),
    (r'\.sc\.embedding', 0.5),
    (r'\.sc\.bias_conv', 0.7),
    (r'Transformer\.conv_last', 0.3),
    (r'', 1.4),
)
_CONSTANTS = {
    'spynet.mean': (0.485, 0.456, 0.406),
    'spynet.std': (0.229, 0.224, 0.225),
}


def official_shapes() -> dict[str, tuple[int, ...]]:
    """The names and shapes of the official state dict, in its order."""
    entries = json.loads((DATA / 'official_state_dict.json').read_text())
    return {name: tuple(shape) for name, shape in entries}


def official_weights() -> dict[str, np.ndarray]:
    """The weights that the official code ran with."""
    return {name: _weight(name, shape)
            for name, shape in official_shapes().items()}


def _weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    if name in _CONSTANTS:
        return np.array(_CONSTANTS[name], np.float32).reshape(shape)
    random = np.random.RandomState(zlib.crc32(name.encode()))
    value = random.standard_normal(shape).astype(np.float32)
    if len(shape) >= 2:
        gain = next(gain for pattern, gain in _GAINS
                    if re.search(pattern, name))
        return value * np.float32(gain / np.sqrt(float(np.prod(shape[1:]))))
    value = value * np.float32(0.05)
    if '.norm' in name and name.endswith('weight'):
        value = np.float32(1) + value
    return value


def _levels(length: int, h: int, w: int) -> tuple[np.ndarray, np.ndarray]:
    """A moving pattern (t, 3, h, w), clean and noisy, in 8 bits."""
    x = np.arange(w, dtype=np.float64)[None, None, None, :]
    y = np.arange(h, dtype=np.float64)[None, None, :, None]
    k = np.arange(length, dtype=np.float64)[:, None, None, None]
    c = np.arange(3, dtype=np.float64)[None, :, None, None]
    x = x - 2.0 * k
    y = y + 1.0 * k
    turn = 2.0 * np.pi
    clean = (0.5 + 0.20 * np.sin(turn * (x / (37 + 9 * c) + y / 71) + c)
             + 0.15 * np.sin(turn * (y / (23 + 5 * c) - x / 97) + 2 * c))
    noise = np.random.RandomState(0).standard_normal((length, 3, h, w))
    return _to_uint8(clean), _to_uint8(clean + 0.05 * noise)


def _to_uint8(value: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(value * 255.0), 0, 255).astype(np.uint8)


def _to_float(levels: np.ndarray) -> np.ndarray:
    return (levels.astype(np.float32) / np.float32(255))[None]


def make_clip(case: str) -> np.ndarray:
    """The input (1, t, 3, h, w) of case ``a``, ``b`` or ``m``."""
    if case == 'm':
        # the second half mirrors the first
        return np.ascontiguousarray(
            _to_float(_levels(2, 256, 256)[1])[:, [0, 1, 1, 0]])
    shape = dict(a=(5, 256, 256), b=(3, 256, 320))[case]
    return _to_float(_levels(*shape)[1])


def make_levels(length: int, h: int, w: int) -> np.ndarray:
    """An input (t, 3, h, w) of any size, in 8 bits."""
    return _levels(length, h, w)[1]


def make_targets() -> dict[str, np.ndarray]:
    """What the losses of case ``a`` compare with."""
    gt, lq = _levels(5, 256, 256)
    drop = ((gt.astype(np.int64) + lq) // 2).astype(np.uint8)
    x = np.arange(256)[None, None, None, :]
    y = np.arange(256)[None, None, :, None]
    k = np.arange(5)[:, None, None, None]
    mask = (((x + 2 * k) % 64 - 32)**2 + ((y + k) % 64 - 32)**2) < 18**2
    streak = (3 * x + y + 7 * k) % 31
    return dict(
        gt=_to_float(gt), drop=_to_float(drop),
        mask=mask.astype(np.float32)[None],
        streak=(streak.astype(np.float32) / np.float32(30))[None])


def check_outputs(output: tuple, case: str) -> None:
    """Compare a ``ViMPNetOutput`` with the official outputs.

    The tolerance is 10 to 80 times the float32 noise of the official code and
    75 times below the smallest effect of some 50 plausible mistakes.
    """
    with np.load(DATA / 'outputs.npz') as recorded:
        for name, value in output._asdict().items():
            value = value.numpy().astype(np.float64)
            step = int(recorded[f'{case}_step'])
            expected = recorded[f'{case}_{name}']
            got = value[..., ::step, ::step]
            assert got.shape == expected.shape, name
            error = np.abs(got - expected)
            assert error.max() <= 1e-4, (name, error.max())
            assert error.mean() <= 1e-5, (name, error.mean())
            frames = value[0].reshape(value.shape[1], -1)
            statistics = np.stack([
                frames.mean(1), frames.std(1), frames.min(1), frames.max(1)],
                axis=1)
            error = np.abs(statistics - recorded[f'{case}_{name}_statistics'])
            assert error[:, :2].max() <= 1e-5, (name, error)
            assert error[:, 2:].max() <= 1e-4, (name, error)


def check_intermediate(name: str, value: Tensor) -> None:
    """Compare a tensor from inside the network, case ``a``."""
    with np.load(DATA / 'intermediate.npz') as recorded:
        assert value.shape == tuple(recorded[f'{name}_shape']), name
        expected = recorded[name]
        got = value.reshape(-1)[::int(recorded[f'{name}_step'])].numpy()
        error = np.abs(got - expected).max() / max(1, np.abs(expected).max())
        assert error <= 1e-4, (name, error)


def load_losses() -> dict:
    """Losses and norms of gradients of case ``a``, computed in float64."""
    return json.loads((DATA / 'losses.json').read_text())
