"""Colour around the networks that see luma alone."""

import torch
from torch import Tensor

from mmderain.color import rgb_to_luma, rgb_to_ycbcr, ycbcr_to_rgb

# BT.601
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


def clip_to_luma(clip: Tensor, convention: str) -> Tensor:
    """The luma that a network of this field sees: of 8-bit colours.

    Args:
        clip: Shape (..., 3, h, w), RGB in [0, 1].
        convention: As for ``mmderain.color``.

    Returns:
        Tensor: Shape (..., 1, h, w), levels of the convention over 255.
    """
    return rgb_to_luma(_to_levels(clip), convention).float() / 255


def replace_luma(clip: Tensor, luma: Tensor, convention: str) -> Tensor:
    """Give frames another luma and keep their chroma.

    Args:
        clip: Shape (..., 3, h, w), RGB in [0, 1].
        luma: Shape (..., 1, h, w), of the convention, over 255.
        convention: As for ``mmderain.color``.

    Returns:
        Tensor: Shape (..., 3, h, w), RGB in [0, 1], in steps of 8 bits, since
        luma and colours are rounded as the official codes do; nan where luma
        is not finite.
    """
    chroma = rgb_to_ycbcr(_to_levels(clip), convention)[..., 1:, :, :]
    ycbcr = torch.cat([_to_levels(luma), chroma], dim=-3)
    restored = ycbcr_to_rgb(ycbcr, convention).float() / 255
    # levels of 8 bits would hide that a network has diverged: this adds 0, or
    # nan to what is not finite
    return restored + 0 * luma


def split_luma(clip: Tensor) -> tuple[Tensor, Tensor]:
    """Full-range luma and colour differences, exact and not rounded.

    For networks of our own, which have no official luma to match: the one of
    JPEG and of 'opencv' in ``mmderain.color``, before rounding. Its weights
    sum to one, so adding a change of luma to R, G and B keeps the colour
    differences, and no step of 8 bits stands between input and output.

    Args:
        clip: Shape (..., 3, h, w), RGB in [0, 1].

    Returns:
        tuple[Tensor, Tensor]: Y (..., 1, h, w) in [0, 1]; R - Y and B - Y
        (..., 2, h, w).
    """
    luma = full_range_luma(clip)
    return luma, colour_differences(clip, luma)


def full_range_luma(clip: Tensor) -> Tensor:
    """The luma of :func:`split_luma` alone."""
    red, green, blue = clip.split(1, dim=-3)
    return _RED * red + _GREEN * green + _BLUE * blue


def colour_differences(clip: Tensor, luma: Tensor) -> Tensor:
    """R - Y and B - Y of :func:`split_luma`, where luma is known."""
    return clip[..., ::2, :, :] - luma


def join_luma(luma: Tensor, differences: Tensor) -> Tensor:
    """The inverse of :func:`split_luma`.

    Args:
        luma: Shape (..., 1, h, w).
        differences: R - Y and B - Y, (..., 2, h, w).

    Returns:
        Tensor: Shape (..., 3, h, w), RGB, not clipped.
    """
    red, blue = differences.split(1, dim=-3)
    green = -(_RED * red + _BLUE * blue) / _GREEN
    return luma + torch.cat([red, green, blue], dim=-3)


def _to_levels(value: Tensor) -> Tensor:
    """[0, 1] -> 0 to 255, halves to even, out of range to its end."""
    return (value * 255).round().clamp(0, 255).byte()
