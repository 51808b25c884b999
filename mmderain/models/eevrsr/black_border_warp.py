"""The warp of EEVRSR, with its black border."""

import torch
from torch import Tensor


def warp_black_border(image: Tensor, flow: Tensor) -> Tensor:
    """Pull pixels of an image along a flow, bilinearly.

    ``warp`` of the official ``net_final.py``. What lies outside of the image
    is black, and the image is half open: a position of exactly the last column
    or row is outside of it, so that with zero flow the last row and column are
    black. The flow's gradient is that of the weights; at whole pixels it is
    the one towards larger positions.

    Differs from the official code: single precision is more exact here, since
    a position is never one number (the official 64 dx + x). Where the official
    one rounds across the edge of the image, and only there, values differ.

    It is a gather and not ``grid_sample`` under a mask: outputs would agree,
    but not the gradients at whole pixels.

    Args:
        image: Shape (n, c, h, w).
        flow: Shape (n, 2, h, w), in pixels: columns to the right, then rows
            down.

    Returns:
        Tensor: Shape (n, c, h, w), of the flow's type, float32 at least.
    """
    # half precision cannot tell positions of a large image apart
    flow = flow.float() if flow.dtype.itemsize < 4 else flow
    image = image.to(flow.dtype)
    height, width = image.shape[-2:]
    left, right_share, inside_columns = _split(flow[:, 0], width, dim=-1)
    top, bottom_share, inside_rows = _split(flow[:, 1], height, dim=-2)
    inside = (inside_columns & inside_rows)[:, None]
    corner = torch.where(inside[:, 0], top * width + left, 0).flatten(1)
    pixels = image.flatten(2)

    def at(down: int, right: int) -> Tensor:
        index = (corner + (down * width + right))[:, None]
        return pixels.gather(2, index.expand(-1, image.shape[1], -1)
                             ).view_as(image)

    x, y = right_share[:, None], bottom_share[:, None]
    upper = (1 - x) * at(0, 0) + x * at(0, 1)
    lower = (1 - x) * at(1, 0) + x * at(1, 1)
    return ((1 - y) * upper + y * lower) * inside


def _split(flow: Tensor, size: int,
           dim: int) -> tuple[Tensor, Tensor, Tensor]:
    """Where a flow along one dimension leads to.

    Whole pixels and the rest are told apart before a pixel's own place is
    added, which would cost the rest its last digits.

    Returns:
        tuple: The pixel before that position, the share of the pixel after
        it, and whether both are in the image.
    """
    whole = flow.detach().floor()
    place = torch.arange(size, device=flow.device)
    before = whole.long() + (place if dim == -1 else place[:, None])
    return before, flow - whole, (before >= 0) & (before < size - 1)
