"""RGB and the luma conventions of this field.

Rain removal works on luma, and each code base means something else by it.
Scores of one network differ by decibels, and a network trained on one luma
sees wrong inputs with another. Here the conventions equal their sources bit
for bit, for both NumPy and torch (:func:`unrounded_matlab_luma`, for the
protocols rainsyn and ntu, for NumPy alone):

========== ============= ======================= ==========================
convention range of Y    source                  used by
========== ============= ======================= ==========================
pil        0 to 255,     Pillow's                EEVRSR
           truncated     ``convert('YCbCr')``
matlab     16 to 235,    MATLAB's ``rgb2ycbcr``  J4R-Net; the protocol
           rounded       of uint8                rainsyn_vdmamba
opencv     0 to 255,     ``cv2.cvtColor``        the protocol raindrop
           rounded
========== ============= ======================= ==========================

194 of the 2^24 colours have a luma of exactly one half in MATLAB's convention
(12 a Cr). They are rounded up; what MATLAB itself makes of its own rounding
errors there is unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from mmderain.errors import DataError

# whole numbers, signed, of an array or a tensor; NumPy and torch share the
# operators used here, and scores need no PyTorch
Channel = TypeVar('Channel')
Channels = tuple[Channel, Channel, Channel]
Image = TypeVar('Image')  # an array or a tensor


@dataclass(frozen=True)
class _Convention:
    """Three functions of whole-numbered channels, not yet clipped."""

    luma: Callable[[Channel, Channel, Channel], Channel]
    chroma: Callable[[Channel, Channel, Channel, Channel],
                     tuple[Channel, Channel]]
    to_rgb: Callable[[Channel, Channel, Channel], Channels]


def rgb_to_luma(image: Image, convention: str) -> Image:
    """The luma of an image or a clip.

    Args:
        image: uint8 RGB; an array (..., h, w, 3) or a tensor (..., 3, h, w).
        convention: 'pil', 'matlab' or 'opencv'.

    Returns:
        The same with one channel, uint8.

    Raises:
        DataError: The image is not uint8 with three channels, or there is no
            such convention.
    """
    rule = _find(convention)
    return _join((rule.luma(*_split(image, 'RGB')), ), image)


def unrounded_matlab_luma(image: np.ndarray) -> np.ndarray:
    """MATLAB's luma of ``im2double``: as 'matlab', but not rounded.

    Args:
        image: uint8 RGB, an array (..., h, w, 3).

    Returns:
        The same with one channel, float64 from 16 to 235.

    Raises:
        DataError: The image is not uint8 with three channels.
    """
    weighted = sum(int(weight) * channel for weight, channel in zip(
        _MATLAB[0], _split(image, 'RGB'), strict=True))
    return 16 + weighted[..., None] / 255000


def rgb_to_ycbcr(image: Image, convention: str) -> Image:
    """Luma and chroma of an image or a clip.

    Args:
        image: uint8 RGB; an array (..., h, w, 3) or a tensor (..., 3, h, w).
        convention: 'pil', 'matlab' or 'opencv'.

    Returns:
        Y, Cb and Cr in this order, uint8, shaped as ``image``.

    Raises:
        DataError: As for :func:`rgb_to_luma`.
    """
    rule = _find(convention)
    rgb = _split(image, 'RGB')
    luma = rule.luma(*rgb)
    return _join((luma, *rule.chroma(*rgb, luma)), image)


def ycbcr_to_rgb(image: Image, convention: str) -> Image:
    """From luma and chroma back to RGB.

    Args:
        image: uint8 Y, Cb and Cr; an array (..., h, w, 3) or a tensor
            (..., 3, h, w).
        convention: 'pil', 'matlab' or 'opencv'.

    Returns:
        RGB, uint8, shaped as ``image``.

    Raises:
        DataError: As for :func:`rgb_to_luma`.
    """
    return _join(_find(convention).to_rgb(*_split(image, 'YCbCr')), image)


def _find(convention: str) -> _Convention:
    if convention not in _CONVENTIONS:
        raise DataError(f'{convention!r} is not a luma convention; expected '
                        f'one of {", ".join(_CONVENTIONS)}.')
    return _CONVENTIONS[convention]


def _is_tensor(image: Any) -> bool:
    return not isinstance(image, (np.ndarray, np.generic))


def _split(image: Image, expected: str) -> Channels:
    is_tensor = _is_tensor(image)
    axis = -3 if is_tensor else -1
    if (str(image.dtype).removeprefix('torch.') != 'uint8' or image.ndim < 3
            or image.shape[axis] != 3):
        layout = 'a tensor (..., 3, h, w)' if is_tensor \
            else 'an array (..., h, w, 3)'
        raise DataError(f'Expected {expected} as {layout} of uint8, got '
                        f'{tuple(image.shape)} of {image.dtype}.')
    if is_tensor:
        return image.int().unbind(axis)
    return tuple(np.moveaxis(image.astype(np.int32), axis, 0))


def _join(channels: tuple[Channel, ...], like: Image) -> Image:
    if _is_tensor(like):
        import torch
        return torch.stack(channels, -3).clamp(0, 255).byte()
    return np.stack(channels, -1).clip(0, 255).astype(np.uint8)


# Pillow, ConvertYCbCr.c: each product in 64ths, plus one half, cut off towards
# zero; their sum is cut off downwards. Coefficients are whole numbers of 1e-5,
# so nothing is inexact.

def _in_64ths(coefficient: int, channel: Channel) -> Channel:
    value = 64 * coefficient * channel + 50000
    return (value + 99999 * (value < 0)) // 100000


def _pil_luma(red: Channel, green: Channel, blue: Channel) -> Channel:
    return (_in_64ths(29900, red) + _in_64ths(58700, green)
            + _in_64ths(11400, blue)) >> 6


def _pil_chroma(red: Channel, green: Channel, blue: Channel,
                luma: Channel) -> tuple[Channel, Channel]:
    cb = (_in_64ths(-16874, red) + _in_64ths(-33126, green)
          + _in_64ths(50000, blue)) >> 6
    cr = (_in_64ths(50000, red) + _in_64ths(-41869, green)
          + _in_64ths(-8131, blue)) >> 6
    return cb + 128, cr + 128


def _pil_to_rgb(luma: Channel, cb: Channel, cr: Channel) -> Channels:
    cb, cr = cb - 128, cr - 128
    return (luma + (_in_64ths(140200, cr) >> 6),
            luma + ((_in_64ths(-34414, cb) + _in_64ths(-71414, cr)) >> 6),
            luma + (_in_64ths(177200, cb) >> 6))


# MATLAB: BT.601 in thousandths. Forward in whole numbers; backward in double
# precision as MATLAB, whose inverse matrix has no finite decimals.
_MATLAB = np.array([[65481, 128553, 24966], [-37797, -74203, 112000],
                    [112000, -93786, -18214]])
_MATLAB_INVERSE = 255000 * np.linalg.inv(_MATLAB)


def _matlab_channel(row: int, offset: int, channels: Channels) -> Channel:
    weights = [int(weight) for weight in _MATLAB[row]]
    total = sum(weight * channel
                for weight, channel in zip(weights, channels, strict=True))
    return (total + 255000 * offset + 127500) // 255000


def _matlab_luma(red: Channel, green: Channel, blue: Channel) -> Channel:
    return _matlab_channel(0, 16, (red, green, blue))


def _matlab_chroma(red: Channel, green: Channel, blue: Channel,
                   luma: Channel) -> tuple[Channel, Channel]:
    return (_matlab_channel(1, 128, (red, green, blue)),
            _matlab_channel(2, 128, (red, green, blue)))


def _matlab_to_rgb(luma: Channel, cb: Channel, cr: Channel) -> Channels:
    centred = [_to_double(channel)
               for channel in (luma - 16, cb - 128, cr - 128)]
    # halves up is MATLAB's rounding for what is not below zero; the rest is
    # clipped
    return tuple(
        sum(float(weight) * channel
            for weight, channel in zip(row, centred, strict=True)) + 0.5
        for row in _MATLAB_INVERSE)


def _to_double(channel: Channel) -> Channel:
    return (channel.double() if _is_tensor(channel)
            else channel.astype(np.float64))


# OpenCV, color_yuv.simd.hpp: fixed point with 14 bits, rounded.

def _rounded_14_bits(value: Channel) -> Channel:
    return (value + (1 << 13)) >> 14


def _opencv_luma(red: Channel, green: Channel, blue: Channel) -> Channel:
    return _rounded_14_bits(4899 * red + 9617 * green + 1868 * blue)


def _opencv_chroma(red: Channel, green: Channel, blue: Channel,
                   luma: Channel) -> tuple[Channel, Channel]:
    return (_rounded_14_bits(9241 * (blue - luma)) + 128,
            _rounded_14_bits(11682 * (red - luma)) + 128)


def _opencv_to_rgb(luma: Channel, cb: Channel, cr: Channel) -> Channels:
    cb, cr = cb - 128, cr - 128
    return (luma + _rounded_14_bits(22987 * cr),
            luma + _rounded_14_bits(-5636 * cb - 11698 * cr),
            luma + _rounded_14_bits(29049 * cb))


_CONVENTIONS = dict(
    pil=_Convention(_pil_luma, _pil_chroma, _pil_to_rgb),
    matlab=_Convention(_matlab_luma, _matlab_chroma, _matlab_to_rgb),
    opencv=_Convention(_opencv_luma, _opencv_chroma, _opencv_to_rgb))
